/* For the tests of suites: contracts of several kinds with the values of one card each, and reference cards of them
 * behind links. Include after cmocka.h. */
#ifndef IGATA_TESTS_SUITE_KIT_H
#define IGATA_TESTS_SUITE_KIT_H

#include "runtime/link/link_sim.h"
#include "runtime/suite/suite.h"
#include "tests/unit/support/reference_kit.h"

/* The AP of samples/entrance-card. */
static inline struct contract *kit_sample_contract(void)
{
	struct contract *c = kit_contract();
	uint16_t present = kit_rule(c, RULE_PIN, 0, 0);
	strcpy(c->id, "entrance-card");
	c->n_pins = 1;
	c->pin[0] = (struct contract_pin){.id = "holder",
	    .ref = 1,
	    .format = FORMAT_DIGITS,
	    .min = 4,
	    .max = 4,
	    .pad = -1,
	    .tries = 3,
	    .change = FORM_00,
	    .reset = FORM_00,
	    .puk_length = 8,
	    .puk_format = FORMAT_DIGITS,
	    .puk_tries = 10};
	c->pin[0].value = kit_value(c, "PIN", VALUE_PIN, 0, 4, 4, FORMAT_DIGITS);
	c->pin[0].puk_value = kit_value(c, "PUK", VALUE_PUK, 0, 8, 8, FORMAT_DIGITS);
	kit_file(c, "card", 0x0001, 1, 16, KIT_ALWAYS, KIT_NEVER, 0x20);
	kit_file(c, "zones", 0x0002, 2, 64, present, KIT_NEVER, 0x20);
	kit_file(c, "flag", 0x0003, 3, 1, KIT_ALWAYS, present, 0x00);
	memcpy(c->pool, "IGATA ", 6);
	kit_field(c, "CARD-NUMBER", 0, 6, 10, 10, FORMAT_DIGITS, -1);
	kit_field(c, "ZONES", 1, 0, 64, 0, FORMAT_TEXT, 0x20);
	return c;
}

static const struct reference_value kit_sample_values[] = {
    {"PIN", (const uint8_t *)"4711", 4},
    {"PUK", (const uint8_t *)"90817263", 8},
    {"CARD-NUMBER", (const uint8_t *)"0000000042", 10},
    {"ZONES", (const uint8_t *)"LOBBY,LAB-2", 11},
};
enum { KIT_SAMPLE_VALUES = sizeof kit_sample_values / sizeof kit_sample_values[0] };

/* An AP, the values of one card, and a reference card of it that is personalised. */
struct kit_ap {
	struct contract *contract;
	const struct reference_value *given;
	struct suite_value value[32];
	struct suite_values values;
	struct sim card;
};

static inline void kit_ap_open(struct kit_ap *ap, struct contract *c, const struct reference_value *given, size_t n)
{
	*ap = (struct kit_ap){.contract = c, .given = given, .values = {ap->value, n}};
	for (size_t i = 0; i < n; i++)
		ap->value[i] = (struct suite_value){given[i].name, given[i].p, given[i].n};
	kit_deliver(&ap->card, c);
	assert_int_equal(reference_personalise(&ap->card, given, n), SW_OK);
}

/* Values of the right form and length, no two alike, good until the next call. */
static inline const struct reference_value *kit_made_values(const struct contract *c)
{
	enum { VALUES = 64, LONGEST = 2048 };
	static uint8_t bytes[VALUES][LONGEST];
	static struct reference_value v[VALUES];
	assert_true(c->n_values <= VALUES);
	for (size_t i = 0; i < c->n_values; i++) {
		const struct contract_value *w = &c->value[i];
		size_t n = w->max < LONGEST ? w->max : LONGEST;
		if (w->kind == VALUE_KEY || w->kind == VALUE_KEY_MAC)
			n = c->key[w->target].algorithm == KEY_AES_256   ? 32
			    : c->key[w->target].algorithm == KEY_AES_192 ? 24
									 : 16;
		for (size_t at = 0; at < n; at++)
			bytes[i][at] =
			    (uint8_t)(w->format == FORMAT_BINARY ? i * 17 + at * 5 + 1 : '0' + (i + at * 3) % 10);
		v[i] = (struct reference_value){w->name, bytes[i], n};
	}
	return v;
}

/* What a suite does not cover cannot happen, is not in the AP, or (the probe) is covered by the full suite. */
static inline void kit_nothing_missed(const struct contract *c, enum suite_kind kind)
{
	struct suite_coverage cov = {0};
	struct buf text = {0};
	assert_true(suite_generate(c, kind, &text, &cov));
	buf_clear(&text);
	suite_coverage_text(&cov, &text);
	if (suite_coverage_count(&cov, -1, COVER_MISSED) != 0)
		print_error("%s", strstr(buf_cstr(&text), "missed:"));
	assert_int_equal(suite_coverage_count(&cov, -1, COVER_MISSED), 0);
	suite_coverage_reset(&cov);
	buf_reset(&text);
}

static inline void kit_sample_open(struct kit_ap *ap)
{
	kit_ap_open(ap, kit_sample_contract(), kit_sample_values, KIT_SAMPLE_VALUES);
}

static inline void kit_rich_open(struct kit_ap *ap)
{
	kit_ap_open(ap, kit_rich_contract(), kit_rich_values, KIT_RICH_VALUES);
}

static inline void kit_ap_close(struct kit_ap *ap)
{
	sim_close(&ap->card);
	free(ap->contract);
}

/* A program of text that must be good; what is wrong with it goes to standard error. */
static inline struct suite *kit_suite(const char *text, size_t n)
{
	struct diag_list d = {0};
	struct suite *s = suite_parse((const uint8_t *)text, n, "suite", &d);
	diag_print(stderr, &d, "en");
	diag_reset(&d);
	assert_non_null(s);
	return s;
}

static inline struct suite *kit_generate(const struct contract *c, enum suite_kind kind)
{
	struct buf text = {0};
	assert_true(suite_generate(c, kind, &text, NULL));
	struct suite *s = kit_suite((const char *)text.p, text.n);
	buf_reset(&text);
	return s;
}

/* Runs a program on a card; the report goes to standard error when it must pass and does not. */
static inline bool kit_run(const struct suite *s, struct link *l, const struct suite_values *values, bool must_pass)
{
	struct suite_report r = {0};
	struct diag_list d = {0};
	struct buf text = {0};
	bool good = suite_run(s, l, values, &r, &d);
	if (must_pass && !good) {
		suite_report_text(&r, "en", &text);
		fprintf(stderr, "%s", buf_cstr(&text));
		diag_print(stderr, &d, "en");
	}
	buf_reset(&text);
	suite_report_reset(&r);
	diag_reset(&d);
	return good;
}

#endif
