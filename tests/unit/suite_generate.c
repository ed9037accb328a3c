/* Generated suites on the reference card: they pass, cover everything, keep to what they promise, and are the same each
 * time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/base/sw.h"
#include "runtime/link/layer.h"
#include "runtime/suite/cut.h"
#include "tests/unit/support/suite_kit.h"

static bool run(struct kit_ap *ap, enum suite_kind kind)
{
	struct link l = {0};
	struct suite *s = kit_generate(ap->contract, kind);
	link_sim_of(&l, &ap->card);
	bool good = kit_run(s, &l, &ap->values, true);
	link_close(&l);
	suite_free(s);
	return good;
}

static void print_coverage(const struct suite_coverage *cov)
{
	struct buf text = {0};
	suite_coverage_text(cov, &text);
	print_error("%s", buf_cstr(&text));
	buf_reset(&text);
}

static void covers_all(const struct contract *c, enum suite_kind kind)
{
	struct buf text = {0};
	struct suite_coverage cov = {0};
	assert_true(suite_generate(c, kind, &text, &cov));
	if (suite_coverage_count(&cov, -1, COVER_MISSED) != 0)
		print_coverage(&cov);
	assert_int_equal(suite_coverage_count(&cov, -1, COVER_MISSED), 0);
	assert_int_not_equal(suite_coverage_count(&cov, COVER_OPERATION, COVER_HIT), 0);
	if (kind == SUITE_FULL) {
		assert_int_not_equal(suite_coverage_count(&cov, COVER_BRANCH, COVER_HIT), 0);
		assert_int_equal(suite_coverage_count(&cov, -1, COVER_NOT_PROBED), 0);
	}
	suite_coverage_reset(&cov);
	buf_reset(&text);
}

static void sample(void **state)
{
	struct kit_ap ap;
	(void)state;
	kit_sample_open(&ap);
	covers_all(ap.contract, SUITE_PROBE);
	covers_all(ap.contract, SUITE_FULL);
	assert_true(run(&ap, SUITE_PROBE));
	assert_true(run(&ap, SUITE_FULL));
	kit_ap_close(&ap);
}

static void rich(void **state)
{
	struct kit_ap ap;
	(void)state;
	kit_rich_open(&ap);
	covers_all(ap.contract, SUITE_PROBE);
	covers_all(ap.contract, SUITE_FULL);
	assert_true(run(&ap, SUITE_PROBE));
	assert_true(run(&ap, SUITE_FULL));
	kit_ap_close(&ap);
}

/* ---- the promises ---- */

/* A layer that looks at every command. */
struct watch {
	struct link_layer layer;
	size_t commands, secrets, writes_given;
};

static enum link_status watch_reset(struct link *l)
{
	return link_below_reset(l);
}

static bool carries_secret(const uint8_t *cmd, size_t n)
{
	bool pin_command =
	    cmd[1] == INS_VERIFY || cmd[1] == INS_CHANGE_REFERENCE_DATA || cmd[1] == INS_RESET_RETRY_COUNTER;
	return pin_command && n > 4;
}

static enum link_status watch_transmit(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	struct watch *w = l->state;
	w->commands++;
	w->secrets += carries_secret(cmd, n);
	enum link_status s = link_below_transmit(l, cmd, n, rsp);
	w->writes_given += s == LINK_OK && cmd[1] == INS_UPDATE_BINARY && rsp->p[rsp->n - 2] == 0x90;
	return s;
}

static void watch_close(struct link *l)
{
	link_below_close(l);
}

static const struct link_ops watch_ops = {watch_reset, watch_transmit, watch_close};

static void probe_harms_nothing(struct kit_ap *ap)
{
	struct link l = {0};
	struct watch w = {0};
	struct suite *s = kit_generate(ap->contract, SUITE_PROBE);
	uint64_t wear = sim_wear(&ap->card);
	link_sim_of(&l, &ap->card);
	link_push(&l, &watch_ops, &w.layer);
	assert_true(kit_run(s, &l, &ap->values, true));
	assert_int_not_equal(w.commands, 0);
	assert_int_equal(w.secrets, 0);
	assert_int_equal(w.writes_given, 0);
	assert_false(l.presented);
	assert_true(sim_wear(&ap->card) == wear);
	link_close(&l);
	suite_free(s);
}

/* The probe needs no PIN, so that it can be run with the values that a terminal has. */
static void probe_needs_no_secret(struct kit_ap *ap)
{
	struct suite_value public[32];
	struct suite_values values = {public, 0};
	struct link l = {0};
	struct suite *s = kit_generate(ap->contract, SUITE_PROBE);
	for (uint16_t i = 0; i < ap->contract->n_values; i++)
		if (!ap->contract->value[i].secret)
	public[values.n++] = ap->value[i];
	assert_true(values.n < ap->values.n);
	link_sim_of(&l, &ap->card);
	assert_true(kit_run(s, &l, &values, true));
	link_close(&l);
	suite_free(s);
}

static void probe_keeps_its_promise(void **state)
{
	struct kit_ap ap[2];
	(void)state;
	kit_sample_open(&ap[0]);
	kit_rich_open(&ap[1]);
	for (int i = 0; i < 2; i++) {
		probe_harms_nothing(&ap[i]);
		probe_needs_no_secret(&ap[i]);
		kit_ap_close(&ap[i]);
	}
}

/* Without its last dialogues the full suite leaves a card on which it passes again, and in the same memory. */
static void full_puts_back(struct kit_ap *ap)
{
	struct buf text = {0};
	struct link l = {0};
	assert_true(suite_generate(ap->contract, SUITE_FULL, &text, NULL));
	char *end = strstr(buf_cstr(&text), "for ever\"");
	assert_non_null(end);
	while (end > (char *)text.p && strncmp(end, "\ndialogue", 9) != 0)
		end--;
	/* Transport can be ended only once. */
	char *first = strstr((char *)text.p, "dialogue \"SELECT by AID without");
	struct buf again = {0};
	buf_add(&again, text.p, (size_t)(strstr((char *)text.p, "\ndialogue") - (char *)text.p) + 1);
	buf_add(&again, first, (size_t)(end - first));
	struct suite *once = kit_suite((char *)text.p, (size_t)(end - (char *)text.p));
	struct suite *more = kit_suite((char *)again.p, again.n);
	link_sim_of(&l, &ap->card);
	assert_true(kit_run(once, &l, &ap->values, true));
	uint8_t *memory = malloc(ap->card.nv.size);
	assert_non_null(memory);
	memcpy(memory, ap->card.nv.mem, ap->card.nv.size);
	assert_true(kit_run(more, &l, &ap->values, true));
	assert_memory_equal(memory + NV_HOME, ap->card.nv.mem + NV_HOME, ap->card.nv.size - NV_HOME);
	free(memory);
	link_close(&l);
	suite_free(once);
	suite_free(more);
	buf_reset(&text);
	buf_reset(&again);
}

static void full_leaves_the_card_as_it_was(void **state)
{
	struct kit_ap ap[2];
	(void)state;
	kit_sample_open(&ap[0]);
	kit_rich_open(&ap[1]);
	for (int i = 0; i < 2; i++) {
		full_puts_back(&ap[i]);
		kit_ap_close(&ap[i]);
	}
}

static void same_bytes_each_time(void **state)
{
	struct contract *c = kit_rich_contract();
	struct buf a = {0}, b = {0};
	(void)state;
	for (int kind = 0; kind < 2; kind++) {
		buf_clear(&a);
		buf_clear(&b);
		assert_true(suite_generate(c, (enum suite_kind)kind, &a, NULL));
		assert_true(suite_generate(c, (enum suite_kind)kind, &b, NULL));
		assert_int_equal(a.n, b.n);
		assert_memory_equal(a.p, b.p, a.n);
	}
	buf_reset(&a);
	buf_reset(&b);
	free(c);
}

/* The table names what is covered, what cannot happen, and what is missed. */
static void coverage_as_a_table(void **state)
{
	struct contract *c = kit_sample_contract();
	struct suite_coverage cov = {0};
	struct buf text = {0}, table = {0};
	(void)state;
	assert_true(suite_generate(c, SUITE_PROBE, &text, &cov));
	suite_coverage_text(&cov, &table);
	const char *t = buf_cstr(&table);
	assert_non_null(strstr(t, "rule branches: 2 covered 2 left to full\n"));
	assert_non_null(strstr(t, "  read zones: pin(holder)                      refused  covered              1\n"));
	assert_non_null(strstr(t, "  read zones: pin(holder)                      given    left to full         0\n"));
	assert_non_null(strstr(t, "  update zones                                 given    cannot happen        0\n"));
	assert_non_null(
	    strstr(t, "  7.4   not in this AP       0  a transport PIN gives no access until it is changed\n"));
	assert_null(strstr(t, "missed"));
	for (size_t i = 0; i < cov.n; i++)
		if (cov.row[i].state == COVER_NOT_PROBED)
			cov.row[i].state = COVER_MISSED;
	buf_clear(&table);
	suite_coverage_text(&cov, &table);
	t = strstr(buf_cstr(&table), "\nmissed:");
	assert_non_null(t);
	assert_non_null(strstr(t, " read zones: pin(holder) given;"));
	assert_non_null(strstr(t, " verify holder refused;"));
	assert_null(strstr(t, " read zones: pin(holder) refused;"));
	suite_coverage_reset(&cov);
	buf_reset(&text);
	buf_reset(&table);
	free(c);
}

/* ---- the largest contract ---- */

/* Fourteen PINs with all forms; 64 files with rules over all PINs and 256 KiB of content without any repetition. */
static struct contract *largest(void)
{
	struct contract *c = calloc(1, sizeof *c + CONTRACT_POOL), *small = kit_contract();
	uint16_t rule[CONTRACT_FILES];
	uint32_t r = 1;
	assert_non_null(c);
	*c = *small;
	free(small);
	for (unsigned i = 0; i < CONTRACT_PINS; i++) {
		struct contract_pin p = {.ref = (uint8_t)(i + 1),
		    .format = FORMAT_ALPHANUMERIC,
		    .card_checks_format = true,
		    .min = 4,
		    .max = 16,
		    .stored = 16,
		    .pad = 0xff,
		    .tries = 15,
		    .change = 3,
		    .reset = 15,
		    .puk_length = 8,
		    .puk_format = FORMAT_DIGITS,
		    .puk_tries = 15};
		snprintf(p.id, sizeof p.id, "pin%u", i);
		kit_pin(c, p);
	}
	for (unsigned f = 0; f < CONTRACT_FILES; f++) {
		enum rule_op inner = f & 1 ? RULE_AND : RULE_OR, outer = f & 1 ? RULE_OR : RULE_AND;
		rule[f] = KIT_NEVER;
		for (unsigned i = 0; i < CONTRACT_PINS; i += 2) {
			uint16_t a = kit_rule(c, RULE_PIN, i, 0), b = kit_rule(c, RULE_PIN, i + 1, 0);
			uint16_t pair = kit_rule(c, inner, a, b);
			rule[f] = i == 0 ? pair : kit_rule(c, outer, rule[f], pair);
		}
	}
	for (unsigned i = 0; i < CONTRACT_PINS; i++)
		c->pin[i].unblock = rule[i];
	for (unsigned f = 0; f < CONTRACT_FILES; f++) {
		struct contract_file *file = &c->file[c->n_files++];
		*file = (struct contract_file){.fid = (uint16_t)(f + 1),
		    .sfi = (uint8_t)(f < 30 ? f + 1 : 0),
		    .size = CONTRACT_POOL / CONTRACT_FILES,
		    .content = c->pool_len,
		    .rule = {rule[f], rule[(f + 1) % CONTRACT_FILES]}};
		snprintf(file->id, sizeof file->id, "file%u", f);
		for (uint32_t i = 0; i < file->size; i++)
			c->pool[c->pool_len++] = (uint8_t)((r = r * 1664525 + 1013904223) >> 24);
	}
	c->size = (uint32_t)sizeof *c + c->pool_len;
	assert_true(contract_valid(c, c->size));
	return c;
}

/* What is generated can be read, also for the largest contract; and still nothing is missed. */
static void the_largest_contract(void **state)
{
	struct contract *c = largest();
	(void)state;
	for (int kind = SUITE_PROBE; kind <= SUITE_FULL; kind++) {
		covers_all(c, (enum suite_kind)kind);
		suite_free(kit_generate(c, (enum suite_kind)kind));
	}
	struct buf text = {0};
	assert_true(suite_generate_cuts(c, &text));
	suite_free(kit_suite((char *)text.p, text.n));
	buf_reset(&text);
	free(c);
}

/* An AP with nothing in it has a suite, too. */
static void the_smallest_contract(void **state)
{
	struct kit_ap ap;
	(void)state;
	kit_ap_open(&ap, kit_contract(), NULL, 0);
	assert_true(run(&ap, SUITE_PROBE));
	assert_true(run(&ap, SUITE_FULL));
	kit_ap_close(&ap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sample),
	    cmocka_unit_test(rich),
	    cmocka_unit_test(probe_keeps_its_promise),
	    cmocka_unit_test(full_leaves_the_card_as_it_was),
	    cmocka_unit_test(same_bytes_each_time),
	    cmocka_unit_test(coverage_as_a_table),
	    cmocka_unit_test(the_largest_contract),
	    cmocka_unit_test(the_smallest_contract),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
