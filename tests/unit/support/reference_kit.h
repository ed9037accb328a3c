/* For the tests of the reference card: contracts built by hand, cards made of them, and dialogues in hex.
 * Include after cmocka.h. */
#ifndef IGATA_TESTS_REFERENCE_KIT_H
#define IGATA_TESTS_REFERENCE_KIT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/apdu.h"
#include "runtime/base/buf.h"
#include "runtime/base/hex.h"
#include "runtime/contract/contract.h"
#include "runtime/sim/reference/reference.h"
#include "runtime/sim/sim.h"

/* ---- contracts ---- */

enum { KIT_POOL = 64 * 1024 };

/* An AP without files and PINs: D3921000310001FFFF01. Freed by the caller. */
static inline struct contract *kit_contract(void)
{
	static const uint8_t aid[] = {0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0xff, 0xff, 0x01};
	struct contract *c = calloc(1, sizeof *c + KIT_POOL);
	assert_non_null(c);
	c->size = sizeof *c;
	strcpy(c->id, "kit");
	strcpy(c->version, "1.0");
	memcpy(c->aid, aid, sizeof aid);
	c->aid_len = sizeof aid;
	c->n_rules = 2;
	c->rule[1].op = RULE_ALWAYS;
	return c;
}

enum { KIT_NEVER = 0, KIT_ALWAYS = 1 };

static inline void kit_name(char to[CONTRACT_NAME], const char *name)
{
	assert_true(strlen(name) < CONTRACT_NAME);
	memcpy(to, name, strlen(name) + 1);
}

static inline uint16_t kit_rule(struct contract *c, enum rule_op op, unsigned a, unsigned b)
{
	assert_true(c->n_rules < CONTRACT_RULES);
	c->rule[c->n_rules] = (struct contract_rule){(uint8_t)op, (uint16_t)a, (uint16_t)b};
	return c->n_rules++;
}

static inline uint16_t kit_value(struct contract *c, const char *name, enum value_kind kind, uint16_t target,
    unsigned min, unsigned max, enum contract_format format)
{
	struct contract_value *v = &c->value[c->n_values];
	*v = (struct contract_value){.kind = (uint8_t)kind,
	    .target = target,
	    .min = (uint16_t)min,
	    .max = (uint16_t)max,
	    .format = (uint8_t)format,
	    .secret = kind != VALUE_FIELD};
	kit_name(v->name, name);
	return c->n_values++;
}

/* A PIN and its per-card values: ID, and ID-puk. pad is -1 unless stored is given. */
static inline uint16_t kit_pin(struct contract *c, struct contract_pin p)
{
	uint16_t i = c->n_pins++;
	char puk[CONTRACT_NAME + 4];
	if (p.stored == 0)
		p.pad = -1;
	p.value =
	    p.initial == PIN_UNSET ? (uint16_t)CONTRACT_NONE : kit_value(c, p.id, VALUE_PIN, i, p.min, p.max, p.format);
	p.puk_value = CONTRACT_NONE;
	snprintf(puk, sizeof puk, "%s-puk", p.id);
	if (p.puk_length != 0)
		p.puk_value = kit_value(c, puk, VALUE_PUK, i, p.puk_length, p.puk_length, p.puk_format);
	c->pin[i] = p;
	return i;
}

/* A file of `size` bytes `fill`. */
static inline uint16_t kit_file(struct contract *c, const char *id, unsigned fid, unsigned sfi, unsigned size,
    unsigned read, unsigned update, int fill)
{
	uint16_t i = c->n_files++;
	assert_true(c->pool_len + size <= KIT_POOL);
	c->file[i] = (struct contract_file){.fid = (uint16_t)fid,
	    .sfi = (uint8_t)sfi,
	    .size = size,
	    .content = c->pool_len,
	    .rule = {(uint16_t)read, (uint16_t)update}};
	kit_name(c->file[i].id, id);
	memset(c->pool + c->pool_len, fill, size);
	c->pool_len += size;
	c->size += size;
	return i;
}

/* A field filled by a per-card value of the same name. */
static inline uint16_t kit_field(struct contract *c, const char *id, unsigned file, unsigned offset, unsigned length,
    unsigned min, enum contract_format format, int pad)
{
	uint16_t i = c->n_fields++;
	c->field[i] = (struct contract_field){.file = (uint16_t)file,
	    .offset = offset,
	    .length = length,
	    .format = (uint8_t)format,
	    .pad = (int16_t)pad,
	    .value = kit_value(c, id, VALUE_FIELD, i, min, length, format)};
	kit_name(c->field[i].id, id);
	return i;
}

/* ---- cards ---- */

static inline void kit_deliver(struct sim *s, const struct contract *c)
{
	struct diag_list d = {0};
	assert_true(contract_valid(c, c->size));
	assert_true(sim_new_in_memory(s, NULL, c, 1, &d));
	diag_reset(&d);
}

/* ---- dialogues ---- */

/* Hex digits with blanks between them. */
static inline size_t kit_bytes(const char *hex, uint8_t *out, size_t cap)
{
	size_t n = 0;
	while (*hex != 0) {
		if (*hex == ' ') {
			hex++;
			continue;
		}
		assert_true(n < cap && hex_digit(hex[0]) >= 0 && hex_digit(hex[1]) >= 0);
		out[n++] = (uint8_t)(hex_digit(hex[0]) << 4 | hex_digit(hex[1]));
		hex += 2;
	}
	return n;
}

/* Send a command; the response in hex, upper case, without blanks; "" when there is none. Valid until the next call. */
static inline const char *kit_send_bytes(struct sim *s, const uint8_t *cmd, size_t n)
{
	static char text[2 * RAPDU_MAX + 1];
	struct buf rsp = {0};
	sim_apdu(s, cmd, n, &rsp);
	assert_false(rsp.bad);
	assert_true(rsp.n <= RAPDU_MAX);
	hex_encode(text, rsp.p, rsp.n);
	buf_reset(&rsp);
	return text;
}

static inline const char *kit_send(struct sim *s, const char *hex)
{
	static uint8_t cmd[APDU_MAX];
	return kit_send_bytes(s, cmd, kit_bytes(hex, cmd, sizeof cmd));
}

static inline void kit_expect(struct sim *s, const char *cmd, const char *rsp, const char *file, int line)
{
	const char *got = kit_send(s, cmd);
	char want[2 * 300];
	size_t n = 0;
	for (; *rsp != 0; rsp++)
		if (*rsp != ' ' && n < sizeof want - 1)
			want[n++] = *rsp;
	want[n] = 0;
	if (strcmp(got, want) == 0)
		return;
	print_error("%s -> %s, not %s\n", cmd, got, want);
	_fail(file, line);
}

/* The card answers this command so, data and status word. */
#define EXPECT(s, cmd, rsp) kit_expect((s), (cmd), (rsp), __FILE__, __LINE__)

#define SELECT_AP "00A4040C 0A D3921000310001FFFF01"

/* Reset and select the AP. */
static inline void kit_start(struct sim *s)
{
	sim_power_up(s);
	EXPECT(s, SELECT_AP, "9000");
}

/* ---- the card of most tests ---- */

/* PINs, by reference:
 *   1 holder  4 digits, 3 tries, PUK of 8 with 10 tries; every form of CHANGE and RESET; unblock: pin(admin)
 *   2 admin   6 to 8 alphanumeric, stored 8 FF, 5 tries, checked by the card, PUK of 6 with 2 tries; CHANGE 00, RESET
 * 00 3 transit 4 digits, a transport PIN, 3 tries; as holder 4 plain   2 to 4 bytes of anything, 1 try, no PUK, never
 * changed, never unblocked Files: card 0001 (always, update holder) 16 bytes 20; zones 0002 (holder) 64 bytes AA; big
 * 0003 (always, always) 300 bytes 00; both 0004, no SFI, (holder and admin; holder or admin) 8 bytes 44; sealed 0005
 * (transit; holder and transit) 4 bytes 55; shut 0006 (never) 4 bytes 66. */
enum { HOLDER, ADMIN, TRANSIT, PLAIN };

static inline struct contract *kit_rich_contract(void)
{
	struct contract *c = kit_contract();
	uint16_t holder = kit_rule(c, RULE_PIN, HOLDER, 0), admin = kit_rule(c, RULE_PIN, ADMIN, 0);
	uint16_t transit = kit_rule(c, RULE_PIN, TRANSIT, 0);
	uint16_t all = kit_rule(c, RULE_AND, holder, admin), any = kit_rule(c, RULE_OR, holder, admin);
	uint16_t sealed = kit_rule(c, RULE_AND, holder, transit);
	struct contract_pin p = {.id = "holder",
	    .ref = 1,
	    .format = FORMAT_DIGITS,
	    .min = 4,
	    .max = 4,
	    .tries = 3,
	    .change = FORM_00 | FORM_01,
	    .reset = FORM_00 | FORM_01 | FORM_02 | FORM_03,
	    .unblock = admin,
	    .puk_length = 8,
	    .puk_format = FORMAT_DIGITS,
	    .puk_tries = 10};
	kit_pin(c, p);
	kit_pin(c,
	    (struct contract_pin){.id = "admin",
		.ref = 2,
		.format = FORMAT_ALPHANUMERIC,
		.card_checks_format = true,
		.min = 6,
		.max = 8,
		.stored = 8,
		.pad = 0xff,
		.tries = 5,
		.change = FORM_00,
		.reset = FORM_00,
		.puk_length = 6,
		.puk_format = FORMAT_DIGITS,
		.puk_tries = 2});
	strcpy(p.id, "transit");
	p.ref = 3;
	p.initial = PIN_TRANSPORT;
	p.resets_to_transport = true;
	kit_pin(c, p);
	kit_pin(
	    c, (struct contract_pin){.id = "plain", .ref = 4, .format = FORMAT_BINARY, .min = 2, .max = 4, .tries = 1});
	kit_file(c, "card", 0x0001, 1, 16, KIT_ALWAYS, holder, 0x20);
	kit_file(c, "zones", 0x0002, 2, 64, holder, KIT_NEVER, 0xaa);
	kit_file(c, "big", 0x0003, 3, 300, KIT_ALWAYS, KIT_ALWAYS, 0x00);
	kit_file(c, "both", 0x0004, 0, 8, all, any, 0x44);
	kit_file(c, "sealed", 0x0005, 5, 4, transit, sealed, 0x55);
	kit_file(c, "shut", 0x0006, 6, 4, KIT_NEVER, KIT_NEVER, 0x66);
	kit_field(c, "number", 0, 6, 10, 10, FORMAT_DIGITS, -1);
	return c;
}

/* holder 1234 (PUK 12345678), admin Adm1n0 (PUK 654321), transit 0000 (PUK 87654321), plain 00FF. */
static const struct reference_value kit_rich_values[] = {
    {"holder", (const uint8_t *)"1234", 4},
    {"holder-puk", (const uint8_t *)"12345678", 8},
    {"admin", (const uint8_t *)"Adm1n0", 6},
    {"admin-puk", (const uint8_t *)"654321", 6},
    {"transit", (const uint8_t *)"0000", 4},
    {"transit-puk", (const uint8_t *)"87654321", 8},
    {"plain", (const uint8_t *)"\x00\xff", 2},
    {"number", (const uint8_t *)"0123456789", 10},
};
enum { KIT_RICH_VALUES = sizeof kit_rich_values / sizeof kit_rich_values[0] };

#define V_HOLDER    "00200081 04 31323334"
#define V_HOLDER_NO "00200081 04 31323335"
#define V_ADMIN     "00200082 06 41646D316E30"
#define V_ADMIN_NO  "00200082 06 41646D316E31"
#define V_TRANSIT   "00200083 04 30303030"
#define PUK         "3132333435363738"
#define PUK_NO      "3132333435363737"

/* Delivered, personalised, powered up, the AP selected. */
static inline void kit_rich_card(struct sim *s)
{
	struct contract *c = kit_rich_contract();
	kit_deliver(s, c);
	free(c);
	assert_int_equal(reference_personalise(s, kit_rich_values, KIT_RICH_VALUES), SW_OK);
	kit_start(s);
}

/* For cmocka_unit_test_setup_teardown: *state is a rich card. */
static inline int kit_setup(void **state)
{
	struct sim *s = calloc(1, sizeof *s);
	assert_non_null(s);
	kit_rich_card(s);
	*state = s;
	return 0;
}

static inline int kit_teardown(void **state)
{
	sim_close(*state);
	free(*state);
	return 0;
}

#define CARD_TEST(f) cmocka_unit_test_setup_teardown(f, kit_setup, kit_teardown)

#endif
