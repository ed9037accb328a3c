/* From a contract to a suite: order of the parts, and the writing that they share. */
#include "runtime/suite/gen.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIALOGUE_NAME = 180 }; /* bytes of a name, which the language bounds */

static void put(struct buf *b, const char *fmt, va_list ap)
{
	char text[1024];
	int n = vsnprintf(text, sizeof text, fmt, ap);
	if (n >= 0 && (size_t)n < sizeof text) {
		buf_add(b, text, (size_t)n);
		return;
	}
	b->bad = true;
}

void gen_dialogue(struct gen *g, enum gen_clause clause, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	buf_str(&g->body, "\ndialogue \"");
	size_t from = g->body.n;
	put(&g->body, fmt, ap);
	if (g->body.n - from > DIALOGUE_NAME) { /* many PINs and keys */
		g->body.n = from + DIALOGUE_NAME;
		buf_str(&g->body, "...");
	}
	buf_printf(&g->body, "\" clause %s\n", gen_clause_id(clause));
	va_end(ap);
	g->clause = clause;
}

void gen_clause(struct gen *g, enum gen_clause clause)
{
	g->clause = clause;
}

void gen_reset(struct gen *g)
{
	gen_reset_by(g, false);
}

void gen_reset_by(struct gen *g, bool contactless)
{
	g->ef[0] = 0;
	g->secured = 0;
	g->contactless = contactless;
	buf_str(&g->body, "  reset");
	if (g->rules.contactless != 0)
		buf_str(&g->body, contactless ? " contactless" : " contact");
	buf_str(&g->body, "\n");
}

/* From the AP's own DF down to the one that the dialogue is about. */
static void enter(struct gen *g, uint16_t df)
{
	if (df == 0)
		return;
	enter(g, g->c->df[df].parent);
	gen_step(g, "9000", "00A4010C %04X", g->c->df[df].fid);
	gen_cover_clause(g, CLAUSE_DF);
}

void gen_select_ap(struct gen *g)
{
	g->ef[0] = 0;
	g->secured = 0;
	if (!g->blocked) {
		buf_str(&g->body, "  select\n");
		return;
	}
	buf_str(&g->body, "  send 00A4040C ");
	for (unsigned i = 0; i < g->c->aid_len; i++)
		buf_printf(&g->body, "%02X", g->c->aid[i]);
	buf_str(&g->body, "\n");
	gen_expect(g, "6283");
}

const char *gen_right(const struct gen *g)
{
	return g->blocked ? "9000 or end refused-access" : "9000";
}

void gen_enter(struct gen *g)
{
	enter(g, g->df);
}

void gen_select(struct gen *g)
{
	gen_select_ap(g);
	gen_enter(g);
}

void gen_select_fci(struct gen *g)
{
	g->ef[0] = 0;
	g->secured = 0;
	buf_str(&g->body, "  select fci\n");
	enter(g, g->df);
}

/* Whether one DF is the other or inside it. */
static bool inside(const struct gen *g, uint16_t from, uint16_t df)
{
	for (uint16_t at = from; at != df; at = g->c->df[at].parent)
		if (at == 0)
			return false;
	return true;
}

/* In jicsap what is in a DF is known there only. */
static bool known(const struct gen *g, uint16_t from, uint16_t df)
{
	return df == from || (g->c->personality == PERSONALITY_ISO && inside(g, from, df));
}

pin_set gen_visible(const struct gen *g)
{
	pin_set set = 0;
	for (unsigned p = 0; p < g->c->n_pins; p++)
		if (known(g, g->df, g->c->pin[p].df))
			set |= rules_bit(p);
	return set;
}

static uint16_t df_of(const struct gen *g, unsigned bit)
{
	return bit < g->c->n_pins ? g->c->pin[bit].df : g->c->key[g->rules.condition[bit].key].df;
}

pin_set gen_within_reach_of(const struct gen *g, uint16_t df)
{
	pin_set set = 0;
	for (unsigned bit = 0; bit < g->rules.bits; bit++)
		if (known(g, df, df_of(g, bit)) || df_of(g, bit) == 0)
			set |= rules_bit(bit);
	return set;
}

pin_set gen_within_reach(const struct gen *g)
{
	return gen_within_reach_of(g, g->df);
}

pin_set gen_far(const struct gen *g, pin_set set)
{
	pin_set far = 0;
	for (unsigned bit = 0; bit < g->rules.bits; bit++)
		if ((set >> bit & 1) != 0 && !known(g, g->df, df_of(g, bit)))
			far |= rules_bit(bit);
	return far & gen_within_reach(g);
}

bool gen_ef(const struct gen *g, uint16_t file)
{
	return g->c->file[file].df == g->df && g->c->file[file].structure != FILE_DATA_OBJECT;
}

bool gen_plain(const struct gen *g, uint16_t file)
{
	return g->c->file[file].df == g->df && g->c->file[file].structure == FILE_TRANSPARENT;
}

void gen_start(struct gen *g)
{
	gen_reset(g);
	gen_select(g);
}

void gen_finally(struct gen *g)
{
	buf_str(&g->body, "  finally\n");
}

void gen_expect(struct gen *g, const char *expect)
{
	buf_printf(&g->body, "    expect %s\n", expect);
	gen_cover_clause(g, g->clause);
}

/* Data that may be empty leaves blanks: one is enough between words, and none at the end. */
static void squeeze(struct buf *b, size_t from)
{
	size_t to = from;
	for (size_t i = from; i < b->n; i++)
		if (b->p[i] != ' ' || b->p[to - 1] != ' ')
			b->p[to++] = b->p[i];
	while (to > from && b->p[to - 1] == ' ')
		to--;
	b->n = to;
}

void gen_keep_ef(struct gen *g)
{
	if (g->c->personality == PERSONALITY_JICSAP && g->ef[0] != 0)
		buf_printf(&g->body, "  send 00A4020C %s\n    expect 9000\n", g->ef);
}

/* jicsap: a command on a PIN makes its IEF current (contract 7). */
static void keep_ef(struct gen *g, const char *command)
{
	static const char *const on_pin[] = {"0020", "0024", "002C", "8032"};
	for (size_t i = 0; i < sizeof on_pin / sizeof *on_pin; i++)
		if (strncmp(command, on_pin[i], 4) == 0)
			gen_keep_ef(g);
}

void gen_step(struct gen *g, const char *expect, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	buf_str(&g->body, "  send ");
	size_t from = g->body.n;
	put(&g->body, fmt, ap);
	squeeze(&g->body, from);
	if (strncmp(fmt, "00A4020C", 8) == 0 && strcmp(expect, "9000") == 0 && g->body.n >= from + 13)
		memcpy(g->ef, g->body.p + from + 9, 4);
	buf_str(&g->body, "\n");
	va_end(ap);
	gen_expect(g, expect);
	keep_ef(g, fmt);
}

static char *scratch(struct gen *g)
{
	return g->hole[g->holes++ % GEN_HOLES];
}

static const char *hole(struct gen *g, uint16_t value, enum suite_derivation d, bool stored)
{
	char *text = scratch(g);
	const char *colon = d == DERIVE_RAW ? "" : ":", *word = d == DERIVE_RAW ? "" : program_derivation_name(d);
	g->uses[value] = true;
	snprintf(text, GEN_HOLE_TEXT, "{%s%s%s%s}", g->c->value[value].name, colon, word, stored ? ":stored" : "");
	return text;
}

/* The same of the value that the suite gives a PIN which has none. */
static const char *first_hole(struct gen *g, unsigned pin, enum suite_derivation d, bool stored)
{
	char *text = scratch(g);
	g->uses_first[pin] = true;
	snprintf(text, GEN_HOLE_TEXT, "{first.%u%s%s%s}", pin + 1, d == DERIVE_RAW ? "" : ":",
	    d == DERIVE_RAW ? "" : program_derivation_name(d), stored ? ":stored" : "");
	return text;
}

static const char *pin_hole(struct gen *g, unsigned pin, enum suite_derivation d, bool stored)
{
	uint16_t value = g->c->pin[pin].value;
	return value == CONTRACT_NONE ? first_hole(g, pin, d, stored) : hole(g, value, d, stored);
}

const char *gen_hole(struct gen *g, uint16_t value, enum suite_derivation d)
{
	return hole(g, value, d, false);
}

const char *gen_pin(struct gen *g, unsigned pin, enum suite_derivation d)
{
	return pin_hole(g, pin, d, false);
}

const char *gen_old(struct gen *g, unsigned pin, enum suite_derivation d)
{
	const struct contract_pin *p = &g->c->pin[pin];
	return pin_hole(g, pin, d, p->min != p->max);
}

const char *gen_puk(struct gen *g, unsigned pin, enum suite_derivation d)
{
	return hole(g, g->c->pin[pin].puk_value, d, false);
}

const char *gen_tries(struct gen *g, unsigned tries)
{
	char *text = scratch(g);
	snprintf(text, GEN_HOLE_TEXT, "%04X", SW_TRIES_LEFT(tries & 15));
	return text;
}

const char *gen_length(struct gen *g, uint32_t n)
{
	char *text = scratch(g);
	snprintf(text, GEN_HOLE_TEXT, "9000 length %u", (unsigned)n);
	return text;
}

/* ---- the head ---- */

static void value_line(struct buf *out, const struct contract *c, const struct contract_value *v)
{
	unsigned min = v->min, max = v->max, stored = 0;
	int pad = -1;
	if (v->kind == VALUE_FIELD) {
		const struct contract_field *f = &c->field[v->target];
		stored = f->length;
		pad = f->pad;
	} else if (v->kind == VALUE_PIN) {
		const struct contract_pin *p = &c->pin[v->target];
		min = p->min;
		max = p->max;
		stored = p->stored;
		pad = p->pad;
	} else if (v->kind == VALUE_PUK)
		min = max = c->pin[v->target].puk_length;
	buf_printf(out, "value %s %s %u..%u", v->name, contract_format_name((enum contract_format)v->format), min, max);
	if (pad >= 0 && stored >= max)
		buf_printf(out, " pad %02X to %u", (unsigned)pad, stored);
	buf_str(out, v->secret ? " secret\n" : "\n");
}

/* The value that a PIN without one is given: digits, which are good in every format. */
static void first_line(struct buf *out, const struct contract_pin *p, unsigned pin)
{
	buf_printf(out, "value first.%u %s %u..%u", pin + 1, contract_format_name((enum contract_format)p->format),
	    p->min, p->max);
	if (p->pad >= 0 && p->stored >= p->max)
		buf_printf(out, " pad %02X to %u", (unsigned)p->pad, p->stored);
	buf_str(out, " is ");
	for (unsigned i = 0; i < p->min; i++)
		buf_printf(out, "3%u", (pin + 3 * i) % 10);
	buf_str(out, "\n");
}

static const char *algorithm_words(const struct contract_key *k)
{
	bool sha384 = k->suite == SUITE_ECDSA_SHA384;
	switch ((enum key_algorithm)k->algorithm) {
	case KEY_DES_EDE2:
		return "des";
	case KEY_AES_128:
	case KEY_AES_192:
	case KEY_AES_256:
		return "aes";
	case KEY_RSA_2048:
		return "rsa-2048 sha256";
	case KEY_RSA_3072:
		return "rsa-3072 sha256";
	case KEY_EC_P256:
		return sha384 ? "ec-p256 sha384" : "ec-p256 sha256";
	case KEY_EC_P384:
		return sha384 ? "ec-p384 sha384" : "ec-p384 sha256";
	}
	return "";
}

static void key_line(struct buf *out, const struct contract *c, const struct contract_key *k)
{
	static const char *const uses[] = {
	    [KEY_EXTERNAL] = "external", [KEY_INTERNAL] = "internal", [KEY_MUTUAL] = "mutual"};
	buf_printf(out, "key %s %02X %s %s %s", k->id, 0x80U | k->ref, uses[k->use], algorithm_words(k),
	    c->value[k->value].name);
	if (k->use == KEY_MUTUAL)
		buf_printf(out, " %s", c->value[k->value_mac].name);
	buf_str(out, "\n");
}

static void write_head(struct gen *g, const char *kind, struct buf *out)
{
	const struct contract *c = g->c;
	buf_printf(out, "igata-suite 1\n# %s %s\nkind %s\nap ", c->id, c->version, kind);
	for (size_t i = 0; i < c->aid_len; i++)
		buf_printf(out, "%02X", c->aid[i]);
	buf_str(out, "\n");
	for (uint16_t i = 0; i < c->n_values; i++)
		if (g->uses[i])
			value_line(out, c, &c->value[i]);
	for (uint16_t i = 0; i < c->n_pins; i++)
		if (g->uses_first[i])
			first_line(out, &c->pin[i], i);
	for (uint16_t i = 0; i < c->n_keys; i++)
		if (g->uses_key[i])
			key_line(out, c, &c->key[i]);
	if (c->sm_response == SM_MAC)
		buf_str(out, "sm-response mac\n");
}

/* ---- the parts in order ---- */

void gen_phase_parts(struct gen *g)
{
	gen_access_part(g);
	gen_binary_part(g);
	gen_reset_phase_part(g);
	gen_never_part(g);
	gen_data_part(g);
	gen_counter_part(g);
	gen_record_part(g);
	gen_command_part(g);
	gen_record_end_part(g);
	gen_command_full_part(g);
	gen_counter_end_part(g);
	gen_life_part(g);
}

/* What cannot be undone comes last: contract 7, PINs and PUKs without tries. */
static void full_parts(struct gen *g)
{
	g->full = true;
	gen_transport_part(g);
	gen_never_part(g);
	gen_select_part(g);
	gen_class_part(g);
	gen_administration_part(g);
	gen_access_part(g);
	gen_binary_part(g);
	gen_authenticate_part(g);
	gen_session_part(g);
	gen_data_part(g);
	gen_df_part(g);
	gen_verify_part(g);
	gen_change_part(g);
	gen_reset_part(g);
	gen_counter_part(g);
	gen_record_part(g);
	gen_command_part(g);
	gen_record_end_part(g);
	gen_command_full_part(g);
	gen_counter_end_part(g);
	gen_life_part(g);
	gen_exhaust_part(g);
	gen_blocked_part(g);
	gen_last_part(g);
	gen_key_exhaust_part(g);
	gen_terminate_part(g);
}

bool gen_program(const struct contract *c, const char *kind, void (*parts)(struct gen *g), struct buf *out,
    struct suite_coverage *cov)
{
	bool good = false;
	struct gen *g = calloc(1, sizeof *g);
	if (g == NULL)
		return false;
	g->c = c;
	g->cov = cov;
	if (!rules_init(&g->rules, c))
		goto out;
	gen_find_usable(g);
	if (!gen_cover_open(g))
		goto out;
	if (!gen_state_open(g))
		goto out;
	parts(g);
	gen_cover_close(g);
	write_head(g, kind, out);
	buf_add(out, g->body.p, g->body.n);
	good = !g->body.bad && !out->bad && !cov->lost;
out:
	gen_state_release(g);
	gen_cover_release(g);
	rules_reset(&g->rules);
	buf_reset(&g->body);
	free(g);
	return good;
}

static bool generate(const struct contract *c, enum suite_kind kind, struct buf *out, struct suite_coverage *cov)
{
	if (kind == SUITE_PROBE)
		return gen_program(c, "probe", gen_probe_parts, out, cov);
	return gen_program(c, "full", full_parts, out, cov);
}

/* Rows that the probe leaves out on purpose are those that the full suite covers: the two have the same rows. */
static bool mark_left_to_full(const struct contract *c, struct suite_coverage *probe)
{
	struct suite_coverage full = {0};
	struct buf text = {0};
	bool good = generate(c, SUITE_FULL, &text, &full) && full.n == probe->n;
	for (size_t i = 0; good && i < full.n; i++)
		if (probe->row[i].state == COVER_MISSED && full.row[i].state != COVER_MISSED)
			probe->row[i].state = full.row[i].state == COVER_HIT ? COVER_NOT_PROBED : full.row[i].state;
	suite_coverage_reset(&full);
	buf_reset(&text);
	return good;
}

bool suite_generate(const struct contract *c, enum suite_kind kind, struct buf *out, struct suite_coverage *cov)
{
	struct suite_coverage own = {0};
	bool good = generate(c, kind, out, cov == NULL ? &own : cov);
	if (good && cov != NULL && kind == SUITE_PROBE)
		good = mark_left_to_full(c, cov);
	suite_coverage_reset(&own);
	if (!good)
		out->bad = true;
	return good;
}
