/* Fuzz target: the card manager of a simulated Java Card gets any commands in an authenticated session without secure
 * messaging, so that every handler is reached; resets; power failures; bytes of its memory changed.
 *
 * input: | 1 what: b1 memory is changed | if b1: 1 n, n times { 3 address, 1 value } | records: 1 n, n bytes of a
 * command; n = 0 reset; n = FF: the power fails before the k-th byte written from now on, k in 1 byte
 *
 * Whatever comes, the card neither crashes nor hangs, and unless its memory was changed behind its back it answers when
 * it gets power again. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/rd.h"
#include "runtime/chip/chip.h"
#include "runtime/sim/javacard/manager/registry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CUT = 0xff };

static struct sim card, fresh;

static void number(struct chip *c, enum chip_fact_name f, uint32_t v)
{
	c->fact[f] = (struct chip_fact){.present = true, .number = v, .text = ""};
}

static void make(void)
{
	static struct chip chip = {.name = "fuzz", .family = "javacard"};
	struct diag_list d = {0};
	number(&chip, CHIP_JC_PERSISTENT, 8192);
	number(&chip, CHIP_JC_CHANNELS, 3);
	number(&chip, CHIP_EXTENDED, 1);
	if (!sim_new_in_memory(&fresh, &chip, NULL, 1, &d))
		abort();
	sim_power_up(&fresh);
	sim_power_down(&fresh);
	if (!sim_copy(&card, &fresh))
		abort();
}

/* A session as EXTERNAL AUTHENTICATE with level 00 leaves it. */
static void authenticate(void)
{
	struct cm c = cm_of(&card);
	if (!card.powered || card.nv.off || c.s->dead)
		return;
	c.s->on[0].secure = 1;
	c.s->secure[0] =
	    (struct cm_secure){.state = CM_SECURE_OPEN, .scp = 2, .i = 0x15, .key_len = 16, .app = c.s->on[0].app};
	c.s->secure[0].sd = c.s->secure[0].app;
}

static void power_up(void)
{
	sim_power_up(&card);
	authenticate();
}

static bool change_memory(struct rd *r)
{
	unsigned n = rd_u8(r);
	for (unsigned i = 0; i < n && !r->bad; i++) {
		uint32_t at = (uint32_t)rd_u8(r) << 16;
		at |= rd_u16(r);
		uint8_t v = rd_u8(r);
		if (!r->bad)
			card.nv.mem[at % card.nv.size] = v;
	}
	return n != 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_of(data, size);
	bool changed = false;
	if (fresh.family == NULL)
		make();
	sim_restore(&card, &fresh);
	if ((rd_u8(&r) & 1) != 0)
		changed = change_memory(&r);
	power_up();
	while (rd_left(&r) != 0) {
		uint8_t n = rd_u8(&r);
		if (n == CUT)
			card.nv.cut = (int64_t)(card.nv.written + rd_u8(&r));
		else if (n == 0)
			power_up();
		else {
			size_t len = n < rd_left(&r) ? n : rd_left(&r);
			struct buf rsp = {0};
			sim_apdu(&card, rd_bytes(&r, len), len, &rsp);
			assert(rsp.n >= 2 || card.nv.off);
			buf_reset(&rsp);
		}
	}
	power_up();
	struct buf rsp = {0};
	sim_apdu(&card, (const uint8_t *)"\x00\xa4\x04\x00\x00", 5, &rsp);
	assert(rsp.n >= 2);
	assert(changed || rsp.p[rsp.n - 2] != 0x65);
	buf_reset(&rsp);
	return 0;
}
