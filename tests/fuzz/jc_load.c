/* Fuzz target: a simulated Java Card gets any load file, and runs what it lets in; or its memory is changed behind its
 * back while the power is off.
 *
 * input: | 1 what | if b1 of it is set: 1 n, n times { 2 address, 1 value }: changes of the memory after installing |
 *        | load file data block, split where `what` says |
 *
 * Whatever comes, the card neither crashes nor hangs. Unless its memory was changed it is whole when it gets power
 * again; and if the load file was refused, nothing is left of it. */
#include <assert.h>
#include <stdlib.h>

#include "runtime/base/rd.h"
#include "tests/unit/support/jc_kit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CHANGED = 1, ALLOWANCE = 3000, AID_AT = 13 };

static struct kit card;
static uint8_t *fresh;

static void begin(void)
{
	if (fresh == NULL) {
		struct jc_chip chip = kit_chip();
		chip.persistent = 8192;
		kit_new(&card, &chip);
		fresh = malloc(card.sim.nv.size);
		if (fresh == NULL)
			abort();
		memcpy(fresh, card.sim.nv.mem, card.sim.nv.size);
	}
	memcpy(card.sim.nv.mem, fresh, card.sim.nv.size);
	bool good = kit_power_up(&card, NV_NO_CUT);
	assert(good);
	(void)good;
	card.jc->allowance = ALLOWANCE;
}

static sw_t load(const uint8_t *p, size_t n, size_t block, uint8_t *package)
{
	/* the package's own AID, so that this is not what it is refused for */
	size_t aid_n = n > AID_AT ? p[AID_AT - 1] : 0;
	if (aid_n < 5 || aid_n > JC_AID_MAX || n < AID_AT + aid_n)
		return SW_WRONG_DATA;
	sw_t sw = jc_load_begin(card.jc, p + AID_AT, aid_n, 0);
	for (size_t at = 0; sw == SW_OK && at < n; at += block)
		sw = jc_load_bytes(card.jc, p + at, n - at < block ? n - at : block);
	return sw == SW_OK ? jc_load_end(card.jc, package) : sw;
}

static void use(uint16_t applet)
{
	if (!jc_select(card.jc, applet, 0))
		return;
	kit_send(&card, 0, "8001000000");
	kit_send(&card, 0, "8002010204AABBCCDD00");
	jc_deselect(card.jc, 0);
}

static void install_all(uint8_t package)
{
	struct jc_package_info info;
	uint16_t applet;
	jc_package_info(card.jc, package, &info);
	for (unsigned i = 0; i < info.modules && i < 3; i++) {
		uint8_t aid[JC_AID_MAX] = {0xa0, 0, 0, 0, 0, (uint8_t)i};
		if (jc_install(card.jc, package, i, aid, 8, (const uint8_t *)"\0\0\0", 3, &applet) != SW_OK)
			continue;
		nv_begin(&card.sim.nv);
		jc_install_commit(card.jc);
		nv_commit(&card.sim.nv);
		jc_install_done(card.jc);
		use(applet);
	}
}

static void use_all(void)
{
	uint8_t list[JC_APPLETS_MAX];
	unsigned n = jc_applets(card.jc, list);
	for (unsigned i = 0; i < n; i++)
		use(list[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_of(data, size);
	uint8_t what = rd_u8(&r), package = 0;
	struct rd changes = {0};
	if ((what & CHANGED) != 0)
		changes = rd_sub(&r, 3u * rd_u8(&r));
	if (r.bad)
		return 0;
	begin();
	uint32_t free_before = jc_memory_free(card.jc, JC_PERSISTENT);
	size_t n = rd_left(&r), block = (size_t)(what >> 1) + 1;
	if (load(rd_bytes(&r, n), n, block * 8, &package) != SW_OK) {
		jc_load_abort(card.jc);
		assert(jc_memory_free(card.jc, JC_PERSISTENT) == free_before);
		return 0;
	}
	nv_begin(&card.sim.nv);
	jc_load_commit(card.jc);
	nv_commit(&card.sim.nv);
	jc_load_done(card.jc);
	install_all(package);
	while (rd_left(&changes) != 0) {
		uint32_t at = NV_HOME + rd_u16(&changes);
		uint8_t v = rd_u8(&changes);
		if (at < card.sim.nv.size)
			card.sim.nv.mem[at] = v;
	}
	bool alive = kit_power_up(&card, NV_NO_CUT);
	assert(alive || (what & CHANGED) != 0);
	if (alive) {
		card.jc->allowance = ALLOWANCE;
		use_all();
	}
	return 0;
}
