/* Fuzz target: a simulated native card gets any commands, resets, power failures, and bytes of its memory changed.
 *
 * input: | 1 what: b1 dialect, b3-b2 stage (delivered, in creation, activated), b4 memory is changed, b5 loading key |
 *        | if b4: 1 n, n times { 2 address, 1 value } | records: 1 n, n bytes of a command; n = 0 reset;
 *          n = FF: the power fails before the k-th byte written from now on, k in 1 byte
 *
 * Whatever comes, the card neither crashes nor hangs, and unless its memory was changed behind its back it is whole
 * when it gets power again. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/rd.h"
#include "runtime/crypto/aes.h"
#include "runtime/sim/native/card.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DIALECTS = 2, STAGES = 3, CUT = 0xff };

static struct sim card, stage[DIALECTS][STAGES];

static void number(struct chip *c, enum chip_fact_name f, uint32_t v)
{
	c->fact[f] = (struct chip_fact){.present = true, .number = v, .text = ""};
}

static sw_t send(const uint8_t *cmd, size_t n)
{
	struct buf rsp = {0};
	sim_apdu(&card, cmd, n, &rsp);
	assert(rsp.n >= 2 || card.nv.off);
	unsigned sw = rsp.n < 2 ? 0 : (unsigned)rsp.p[rsp.n - 2] << 8 | rsp.p[rsp.n - 1];
	buf_reset(&rsp);
	return (sw_t)sw;
}

static void expect_ok(const char *hex)
{
	uint8_t cmd[300];
	size_t n;
	bool good = hex_decode(hex, strlen(hex), cmd, sizeof cmd, &n);
	if (!good || send(cmd, n) != SW_OK)
		abort();
}

static void prove_key(void)
{
	static const uint8_t key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	uint8_t cmd[21] = {0x00, 0x82, 0x00, 0x01, 0x10};
	struct buf rsp = {0};
	sim_apdu(&card, (const uint8_t *)"\x00\x84\x00\x00\x10", 5, &rsp);
	if (rsp.n != 18 || !aes_encrypt_block(key, sizeof key, rsp.p, cmd + 5) || send(cmd, sizeof cmd) != SW_OK)
		abort();
	buf_reset(&rsp);
}

static void snapshot(int dialect, int n)
{
	if (!sim_copy(&stage[dialect][n], &card))
		abort();
}

static void start(const char *dialect)
{
	struct chip chip = {.name = "fuzz", .family = "native", .dialect = dialect};
	struct diag_list d = {0};
	number(&chip, CHIP_MEMORY, 3000);
	number(&chip, CHIP_FILE_OVERHEAD, 24);
	number(&chip, CHIP_PIN_MIN, 1);
	number(&chip, CHIP_PIN_MAX, 8);
	sim_close(&card);
	if (!sim_new_in_memory(&card, &chip, NULL, 1, &d))
		abort();
	sim_power_up(&card);
}

static void iso_stages(void)
{
	start("iso-compact");
	snapshot(0, 0);
	prove_key();
	expect_ok("00E0000021621F820138830201018405A000000001810203008A01018D027B008C0452212121");
	expect_ok("00E000001262108002004082010983027B008C03030000");
	expect_ok("00D60000277B0B800101A4068301019501807B0B800102A4068301819501087B0B800103A4068301A1950108");
	expect_ok("00DB3FFF267024BF810120A00B9A0103A1068C04700000137F4110800108810104820831323334FFFFFFFF");
	expect_ok("00DB3FFF1F701DBF812119A0089A0103A1038C01007F410C800104810104820435363738");
	expect_ok("00E0000015621380020020820101830200018801088C03031200");
	snapshot(0, 1);
	expect_ok("0044000000");
	snapshot(0, 2);
}

static void starcos_stages(void)
{
	start("starcos");
	snapshot(1, 0);
	expect_ok("002000010849474154412D534F");
	expect_ok("8052020008010105A000000001");
	expect_ok("80E0010019010105A0000000010000000000000000000000004001010000");
	expect_ok("80F400000EC10C8100089F0E9F3300000B0081");
	expect_ok("80F400000DC20B8100003132333400000000");
	expect_ok("80F400000EC10C8200049F0D01330000000002");
	expect_ok("80F4000009C20782000035363738");
	expect_ok("80E003001000019F1E5F5F5F5F5F00000000810020");
	snapshot(1, 1);
	expect_ok("80E00200020101");
	snapshot(1, 2);
}

static void change_memory(struct rd *r)
{
	for (unsigned n = rd_u8(r); n != 0 && rd_left(r) != 0; n--) {
		uint32_t at = rd_u16(r);
		card.nv.mem[at % card.nv.size] = rd_u8(r);
	}
}

static void one(struct rd *r)
{
	unsigned n = rd_u8(r);
	if (n == 0)
		sim_power_up(&card);
	else if (n == CUT)
		card.nv.cut = (int64_t)card.nv.written + rd_u8(r);
	else {
		if (n > rd_left(r))
			n = (unsigned)rd_left(r);
		const uint8_t *p = rd_bytes(r, n);
		if (p != NULL && n != 0)
			send(p, n);
	}
	if (card.nv.off)
		sim_power_up(&card);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_of(data, size);
	unsigned what = rd_u8(&r);
	if (stage[1][2].nv.mem == NULL) {
		iso_stages();
		starcos_stages();
	}
	int dialect = what & 1;
	const struct sim *from = &stage[dialect][(what >> 1 & 3) % STAGES];
	bool changed = (what & 8) != 0;
	sim_close(&card);
	if (!sim_copy(&card, from))
		return 0;
	if (changed)
		change_memory(&r);
	sim_power_up(&card);
	if (dialect == 0 && !changed && (what & 16) != 0)
		prove_key();
	while (rd_left(&r) != 0)
		one(&r);
	sim_power_up(&card);
	bool dead = ((const struct nat_session *)card.ram)->dead;
	assert(changed || !dead);
	return 0;
}
