/* The reference card under random commands, random power cuts, and with random damage in its memory. Beside staying
 * alive (sanitizers watch) it must keep what sections 2 to 4 of the AP contract promise of every command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/sim/reference/card.h"
#include "tests/unit/support/reference_kit.h"

static uint64_t random_state;

static uint32_t pick(uint32_t n)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_state >> 33) % n;
}

static const char *const good[] = {
    SELECT_AP,
    "00A40400 0A D3921000310001FFFF01 00",
    "00A4020C 02 0001",
    "00A4020C 02 0004",
    "00B08100 00",
    "00B08200 40",
    "00B00000 00",
    "00D68100 04 01020304",
    "00D68300 08 0102030405060708",
    "00D600F0 10 000102030405060708090A0B0C0D0E0F",
    "00B2010C 00",
    "00DC010C 04 01020304",
    "00200081",
    V_HOLDER,
    V_HOLDER,
    V_HOLDER_NO,
    V_ADMIN,
    V_ADMIN_NO,
    V_TRANSIT,
    "00200084 02 00FF",
    "00240081 08 3132333435363738",
    "00240081 08 3536373831323334",
    "00240181 04 31323334",
    "00240082 0E 41646D316E30FFFF 41646D316E31",
    "00240083 08 3030303031313131",
    ("002C0081 0C " PUK "31323334"),
    ("002C0181 08 " PUK),
    "002C0281 04 31323334",
    "002C0381",
    "002C0082 0C 363534333231 41646D316E30",
    "002C0083 0C 3837363534333231 30303030",
    "80E20000 04 31323334",
    "80E20007 0A 30313233343536373839",
    "80E40000",
};
enum { GOOD = sizeof good / sizeof good[0], LONGEST = 300 };

static size_t random_command(uint8_t *cmd)
{
	static const uint8_t ins[] = {0x20, 0x24, 0x2c, 0xa4, 0xb0, 0xb2, 0xd6, 0xdc, 0xe2, 0xe4};
	size_t n = kit_bytes(good[pick(GOOD)], cmd, LONGEST);
	switch (pick(12)) {
	case 0: /* nothing but noise */
		n = pick(40);
		for (size_t i = 0; i < n; i++)
			cmd[i] = (uint8_t)pick(256);
		return n;
	case 1: /* another header */
		cmd[1] = ins[pick(sizeof ins)];
		return n;
	case 2: /* one byte changed */
		cmd[pick((uint32_t)n)] = (uint8_t)pick(256);
		return n;
	case 3: /* one bit changed */
		cmd[pick((uint32_t)n)] ^= (uint8_t)(1 << pick(8));
		return n;
	case 4: /* cut off */
		return pick((uint32_t)n + 1);
	case 5: /* longer, with or without a matching Lc */
		for (uint32_t more = pick(60); more > 0; more--)
			cmd[n++] = (uint8_t)pick(256);
		if (pick(2) != 0 && n > 5)
			cmd[4] = (uint8_t)(n - 5);
		return n;
	default:
		return n;
	}
}

/* What the AP keeps is behind the log. */
static size_t bytes_changed(const uint8_t *before, const struct nv *nv, size_t *where)
{
	size_t n = 0;
	if (memcmp(before + NV_HOME, nv->mem + NV_HOME, nv->size - NV_HOME) == 0)
		return 0;
	for (size_t i = NV_HOME; i < nv->size; i++) {
		if (before[i] == nv->mem[i])
			continue;
		*where = i;
		n++;
	}
	return n;
}

static bool is_verify(const uint8_t *cmd, size_t n)
{
	return n > 5 && cmd[0] == 0 && cmd[1] == 0x20;
}

static void check_answer(const uint8_t *before, struct sim *s, const uint8_t *cmd, size_t n, const struct buf *rsp)
{
	size_t where = 0;
	assert_true(rsp->n >= 2);
	sw_t sw = (sw_t)(rsp->p[rsp->n - 2] << 8 | rsp->p[rsp->n - 1]);
	enum sw_class class = sw_class(sw);
	assert_int_not_equal(class, SW_CLASS_CARD_FAULT);
	if (class == SW_CLASS_GIVEN)
		return;
	if (class == SW_CLASS_SHORT_READ)
		assert_true(cmd[1] == 0xb0);
	else
		assert_int_equal(rsp->n, 2);
	size_t changed = bytes_changed(before, &s->nv, &where);
	if (class == SW_CLASS_MISMATCH && n > 5) {
		assert_int_equal(changed, 1);
		assert_int_equal(before[where] - s->nv.mem[where], 1);
		assert_int_equal(sw & 0x0f, s->nv.mem[where]);
	} else if (sw == SW_CONDITIONS_OF_USE && is_verify(cmd, n)) /* a transport PIN: tries restored */
		assert_true(changed <= 1);
	else
		assert_int_equal(changed, 0);
}

static void fuzz(struct sim *s, const struct sim *fresh, unsigned rounds)
{
	uint8_t cmd[LONGEST + 100], *before = malloc(s->nv.size);
	unsigned given = 0, cuts = 0;
	struct buf rsp = {0};
	assert_non_null(before);
	for (unsigned i = 0; i < rounds; i++) {
		if (pick(500) == 0)
			sim_restore(s, fresh);
		if (!s->powered || s->nv.off || pick(100) == 0) {
			sim_power_up_cut(s, pick(4) == 0 ? (int64_t)pick(80) : NV_NO_CUT);
			cuts += s->nv.off;
			if (pick(3) != 0)
				kit_send(s, SELECT_AP);
		}
		size_t n = random_command(cmd);
		memcpy(before, s->nv.mem, s->nv.size);
		buf_clear(&rsp);
		sim_apdu(s, cmd, n, &rsp);
		if (s->nv.off) {
			assert_int_equal(rsp.n, 0);
			cuts++;
			continue;
		}
		check_answer(before, s, cmd, n, &rsp);
		given += rsp.p[rsp.n - 2] == 0x90;
	}
	assert_true(given > rounds / 50 && cuts > rounds / 2000);
	buf_reset(&rsp);
	free(before);
}

static void random_commands_on_an_operational_card(void **state)
{
	struct sim fresh;
	random_state = 1;
	assert_true(sim_copy(&fresh, *state));
	fuzz(*state, &fresh, 200000);
	sim_close(&fresh);
}

static void random_commands_before_it_is_operational(void **state)
{
	(void)state;
	struct contract *c = kit_rich_contract();
	struct sim s, fresh;
	random_state = 2;
	kit_deliver(&s, c);
	free(c);
	assert_true(sim_copy(&fresh, &s));
	fuzz(&s, &fresh, 20000);
	sim_close(&s);
	sim_close(&fresh);
}

/* A card file is somebody else's bytes: the card answers or declares a fault, and follows nothing blindly. */
static void damaged_memories(void **state)
{
	struct sim *s = *state, fresh;
	unsigned alive = 0, dead = 0;
	uint8_t cmd[LONGEST + 100];
	random_state = 3;
	assert_true(sim_copy(&fresh, s));
	for (unsigned round = 0; round < 1500; round++) {
		sim_restore(s, &fresh);
		uint32_t contract_end = NV_HOME + 16 + reference_contract(&fresh)->size;
		for (uint32_t i = 1 + pick(4); i > 0; i--) {
			/* anywhere; or in the header and the beginning of the contract; or behind the contract */
			uint32_t kind = pick(4), at = pick(s->nv.size);
			if (kind == 0)
				at = NV_HOME + pick(700);
			else if (kind == 1)
				at = contract_end + pick(s->nv.size - contract_end);
			s->nv.mem[at] = (uint8_t)pick(256);
		}
		sim_power_up(s);
		if (strcmp(kit_send(s, SELECT_AP), "6F00") == 0)
			dead++;
		else
			alive++;
		for (int i = 0; i < 20; i++)
			kit_send_bytes(s, cmd, random_command(cmd));
	}
	assert_true(alive > 100 && dead > 10);
	sim_close(&fresh);
}

/* A mark that says "a long change is pending" is followed only inside the bodies of the files. */
static void a_false_mark_of_a_pending_change(void **state)
{
	(void)state;
	struct contract *c = kit_rich_contract();
	struct sim s, fresh;
	struct layout at;
	unsigned applied = 0;
	c->extended = true;
	kit_file(c, "long", 0x0007, 7, 6000, KIT_ALWAYS, KIT_ALWAYS, 0x77);
	kit_deliver(&s, c);
	free(c);
	assert_int_equal(reference_personalise(&s, kit_rich_values, KIT_RICH_VALUES), SW_OK);
	layout_of(reference_contract(&s), &at);
	assert_true(at.scratch_size == 6000 && sim_copy(&fresh, &s));
	random_state = 4;
	for (unsigned round = 0; round < 3000; round++) {
		uint32_t n = pick(2) != 0 ? pick(7000) : pick(20),
			 to = pick(2) != 0 ? pick(s.nv.size) : at.bodies + pick(7000);
		sim_restore(&s, &fresh);
		s.nv.mem[NV_HOME + 6] = 1;
		memcpy(s.nv.mem + NV_HOME + 8, &to, 4);
		memcpy(s.nv.mem + NV_HOME + 12, &n, 4);
		sim_power_up(&s);
		applied += s.nv.mem[NV_HOME + 6] == 0;
		assert_memory_equal(s.nv.mem + NV_HOME + 16, fresh.nv.mem + NV_HOME + 16, at.bodies - NV_HOME - 16);
		EXPECT(&s, SELECT_AP, "9000");
	}
	assert_true(applied > 300 && applied < 2700);
	sim_close(&s);
	sim_close(&fresh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CARD_TEST(random_commands_on_an_operational_card),
	    cmocka_unit_test(random_commands_before_it_is_operational),
	    CARD_TEST(damaged_memories),
	    cmocka_unit_test(a_false_mark_of_a_pending_change),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
