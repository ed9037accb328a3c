/* The reference card with every kind of object, in both personalities, under random commands, random power cuts, and
 * with random damage in its memory. Beside staying alive (sanitizers watch) it must keep what sections 2 to 4 of the AP
 * contract promise of every command: a refusal changes nothing, a wrong value one counter by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/sim/reference/card.h"
#include "tests/unit/support/objects_kit.h"

static uint64_t random_state;

static uint32_t pick(uint32_t n)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_state >> 33) % n;
}

static const char *const good[] = {
    SELECT_AP,
    "00A40400 0A D3921000310001FFFF01 00",
    "00A40400 07 D39210003100FF 00",
    "00A4020C 02 0001",
    "00A4020C 02 0004",
    "00A4020C 02 0041",
    "00A4010C 02 7001",
    "00A4010C 02 7002",
    "00A4030C",
    "00B2010C 00",
    "00B2010D 00",
    "00B2011D 00",
    "00B20115 00",
    "00DC010C 04 01020304",
    "00DC0214 03 010203",
    "00DC021C 03 010203",
    "00E20008 04 01020304",
    "00E20010 05 0102030405",
    "00E20018 03 0A0B0C",
    "00CA5F20 00",
    "00DA5F20 05 0102030405",
    "00CA005E 00",
    "80340004 02 0001 00",
    "80300004 02 0001 00",
    "80340000 02 00FF 00",
    "00B08400 00",
    "00B08500 00",
    "00D68500 04 01020304",
    "00200091 04 31323334",
    "00200091 04 31323335",
    "00200092 04 31323334",
    "00200080 04 31323334",
    "00200093",
    "00240193 04 31323334",
    "00240091 08 3132333431323335",
    "00240091 08 3132333531323334",
    "80320091 04 31323334",
    "002C0391",
    "00840000 10",
    "00820095 10 00000000000000000000000000000000",
    "00040000",
    "00440000",
    "00E60000",
};
enum { GOOD = sizeof good / sizeof good[0], LONGEST = 300 };

/* PINs p (17), q (18, in DF 7001), new (19, unset); key k (21). */
static struct contract *contract(bool jicsap)
{
	struct contract *c = kit_contract();
	uint16_t p = kit_rule(c, RULE_PIN, 0, 0), q = kit_rule(c, RULE_PIN, 1, 0),
		 unset = kit_rule(c, RULE_PIN_UNSET, 2, 0);
	uint16_t unset_or_p = kit_rule(c, RULE_OR, unset, p);
	if (jicsap)
		c->personality = PERSONALITY_JICSAP;
	uint16_t df = kit_df(c, "df", 0, 0x7001, ""), in = kit_df(c, "in", df, 0x7002, "D39210003100FF");
	c->block = c->unblock = p;
	c->terminate = kit_rule(c, RULE_AND, p, q);
	for (unsigned i = 0; i < 2; i++) {
		struct contract_pin pin = {.df = i == 0 ? 0 : df,
		    .ref = (uint8_t)(17 + i),
		    .fid = (uint16_t)(0x41 + i),
		    .min = 4,
		    .max = 4,
		    .tries = 15,
		    .change = FORM_00 | FORM_01,
		    .reset = FORM_03,
		    .unblock = unset_or_p};
		kit_name(pin.id, i == 0 ? "p" : "q");
		kit_pin(c, pin);
	}
	c->pin[c->n_pins++] = (struct contract_pin){.id = "new",
	    .ref = 19,
	    .fid = 0x43,
	    .min = 4,
	    .max = 4,
	    .pad = -1,
	    .tries = 15,
	    .initial = PIN_UNSET,
	    .set = p,
	    .value = CONTRACT_NONE,
	    .puk_value = CONTRACT_NONE};
	c->n_keys = 1;
	c->key[0] = (struct contract_key){.id = "k",
	    .ref = 21,
	    .fid = 0x45,
	    .algorithm = KEY_AES_128,
	    .use = KEY_EXTERNAL,
	    .tries = 15,
	    .value = kit_value(c, "k", VALUE_KEY, 0, 16, 16, FORMAT_BINARY),
	    .value_mac = CONTRACT_NONE};
	kit_records(c, "fixed", 1, 1, FILE_LINEAR_FIXED, 4, 6, KIT_ALWAYS);
	kit_record(c, "11111111");
	kit_records(c, "variable", 2, 2, FILE_LINEAR_VARIABLE, 6, 5, unset_or_p);
	kit_record(c, "AA");
	kit_record(c, "BBBBBBBBBBBB");
	kit_records(c, "cyclic", 3, 3, FILE_CYCLIC, 3, 4, KIT_ALWAYS);
	kit_record(c, "020202");
	kit_record(c, "010101");
	kit_counter(c, "n", 4, 4, 2, 1, 300, 200, KIT_ALWAYS);
	kit_file(c, "t", 5, 5, 8, KIT_ALWAYS, p, 0x55);
	kit_data(c, "d", 0x5f20, 8, "4142", KIT_ALWAYS, KIT_ALWAYS);
	c->file[kit_data(c, "e", 0x5e, 8, "", q, q)].df = df;
	c->file[kit_file(c, "i", 1, 1, 4, q, q, 0x66)].df = in;
	return c;
}

static void make_card(struct sim *s, bool jicsap)
{
	struct contract *c = contract(jicsap);
	const struct reference_value v[] = {{"p", (const uint8_t *)"1234", 4}, {"q", (const uint8_t *)"1234", 4},
	    {"k", (const uint8_t *)"0123456789abcdef", 16}};
	kit_deliver(s, c);
	free(c);
	assert_int_equal(reference_personalise(s, v, 3), SW_OK);
	kit_start(s);
}

static size_t random_command(uint8_t *cmd)
{
	size_t n = kit_bytes(good[pick(pick(4) == 0 ? GOOD : GOOD - 1)], cmd, LONGEST);
	switch (pick(14)) {
	case 0: /* another header */
		n = 4 + pick(20);
		for (size_t i = 0; i < n; i++)
			cmd[i] = (uint8_t)pick(256);
		cmd[0] &= 0x80;
		return n;
	case 1: /* another file, record, tag or reference */
		cmd[3] = (uint8_t)pick(256);
		return n;
	case 2:
		cmd[2] = (uint8_t)pick(12);
		return n;
	case 3: /* one bit changed */
		cmd[pick((uint32_t)n)] ^= (uint8_t)(1 << pick(8));
		return n;
	case 4: /* cut off */
		return pick((uint32_t)n + 1);
	case 5: /* longer, with a matching Lc */
		for (uint32_t more = pick(60); more > 0; more--)
			cmd[n++] = (uint8_t)pick(256);
		if (n > 5)
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
	for (size_t i = NV_HOME; i < nv->size; i++)
		if (before[i] != nv->mem[i]) {
			*where = i;
			n++;
		}
	return n;
}

static void check_answer(const uint8_t *before, struct sim *s, size_t n, const struct buf *rsp)
{
	size_t where = 0;
	assert_true(rsp->n >= 2);
	sw_t sw = (sw_t)(rsp->p[rsp->n - 2] << 8 | rsp->p[rsp->n - 1]);
	enum sw_class class = sw_class(sw);
	assert_int_not_equal(class, SW_CLASS_CARD_FAULT);
	if (class == SW_CLASS_GIVEN)
		return;
	if (class != SW_CLASS_SHORT_READ && class != SW_CLASS_DEACTIVATED)
		assert_int_equal(rsp->n, 2);
	if (memcmp(before + NV_HOME, s->nv.mem + NV_HOME, s->nv.size - NV_HOME) == 0)
		return;
	assert_true(class == SW_CLASS_MISMATCH && n > 5);
	assert_int_equal(bytes_changed(before, &s->nv, &where), 1);
	assert_int_equal(before[where] - s->nv.mem[where], 1);
	assert_int_equal(sw & 0x0f, s->nv.mem[where]);
}

/* What can be counted from outside always makes sense. */
static void check_objects(struct sim *s)
{
	struct session *session = s->ram;
	const struct card c = {.sim = s, .nv = &s->nv, .ap = reference_contract(s), .session = session};
	for (uint16_t i = 0; i < c.ap->n_files; i++) {
		const struct contract_file *f = &c.ap->file[i];
		if (f->structure == FILE_COUNTER) {
			uint32_t v = counter_value(s->nv.mem + session->at.files[i], f->size);
			assert_true(v >= f->min && v <= f->max);
		}
		if (!file_is_records(f))
			continue;
		uint16_t count = records_count(&c, i);
		assert_true(count >= f->records && count <= f->record_count);
		for (uint16_t n = 1; n <= count; n++)
			assert_true(records_length_fits(f, records_length(&c, i, n)));
	}
}

static void fuzz(struct sim *s, const struct sim *fresh, unsigned rounds)
{
	uint8_t cmd[LONGEST + 100], *before = malloc(s->nv.size);
	unsigned given = 0, cuts = 0;
	struct buf rsp = {0};
	assert_non_null(before);
	for (unsigned i = 0; i < rounds; i++) {
		if (pick(300) == 0)
			sim_restore(s, fresh);
		if (!s->powered || s->nv.off || pick(100) == 0) {
			s->contactless = pick(2) != 0;
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
		check_answer(before, s, n, &rsp);
		check_objects(s);
		given += rsp.p[rsp.n - 2] == 0x90;
	}
	assert_true(given > rounds / 50 && cuts > rounds / 2000);
	buf_reset(&rsp);
	free(before);
}

static void random_commands(void **state)
{
	(void)state;
	for (int jicsap = 0; jicsap < 2; jicsap++) {
		struct sim s, fresh;
		random_state = (uint64_t)jicsap;
		make_card(&s, jicsap != 0);
		assert_true(sim_copy(&fresh, &s));
		fuzz(&s, &fresh, 60000);
		sim_close(&s);
		sim_close(&fresh);
	}
}

/* A card file is somebody else's bytes: the card answers or declares a fault, and follows nothing blindly. */
static void damaged_memories(void **state)
{
	(void)state;
	struct sim s, fresh;
	unsigned alive = 0, dead = 0;
	uint8_t cmd[LONGEST + 100];
	random_state = 7;
	make_card(&fresh, true);
	assert_true(sim_copy(&s, &fresh));
	for (unsigned round = 0; round < 1500; round++) {
		sim_restore(&s, &fresh);
		const uint32_t contract_end = NV_HOME + 16 + reference_contract(&fresh)->size;
		for (uint32_t i = 1 + pick(6); i > 0; i--) {
			uint32_t at = pick(3) == 0 ? pick(s.nv.size) : contract_end + pick(s.nv.size - contract_end);
			s.nv.mem[at] = (uint8_t)pick(256);
		}
		sim_power_up(&s);
		if (strcmp(kit_send(&s, SELECT_AP), "6F00") == 0)
			dead++;
		else
			alive++;
		for (int i = 0; i < 30; i++)
			kit_send_bytes(&s, cmd, random_command(cmd));
	}
	assert_true(alive > 100 && dead > 10);
	sim_close(&s);
	sim_close(&fresh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_commands),
	    cmocka_unit_test(damaged_memories),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
