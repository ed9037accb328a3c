/* Records of every length at which a command or its answer just carries them or does not, in clear and under each form
 * of secure messaging, in short and extended APDUs: what the compiler accepts passes its own full suite on the
 * reference card, which misses no branch of a rule and no clause; and no length that one command can carry is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/description/description.h"
#include "runtime/link/link_sim.h"
#include "runtime/sim/reference/reference.h"
#include "runtime/suite/suite.h"
#include "tests/generate/value.h"

static const unsigned lengths[] = {1, 128, 200, 201, 223, 224, 231, 232, 239, 240, 247, 248, 255};

/* Who reads and who writes; the longest records of a short AP that the compiler must accept (AP contract, 9). */
static const struct {
	const char *name, *read, *write;
	unsigned longest;
} rules[] = {
    {"in clear", "always", "always", 255},
    {"clear with a PIN", "pin(holder)", "pin(holder)", 255},
    {"both protected", "%s", "%s", 223},
    {"writing protected", "always", "%s", 239},
    {"reading protected", "%s", "pin(holder)", 223},
    {"either", "pin(holder) or %s", "pin(holder) or %s", 255},
    {"writing by either", "always", "%s or pin(holder)", 255},
};

static const struct {
	const char *rule, *response;
} forms[] = {
    {"sm(mac, reader)", "enc+mac"},
    {"sm(mac, reader)", "mac"},
    {"sm(enc+mac, reader)", "enc+mac"},
    {"sm(enc, reader)", "enc+mac"},
    {"(sm(enc, reader) or sm(mac, reader))", "enc+mac"},
};

static unsigned aps, accepted;

static void file(
    struct buf *xml, const char *structure, unsigned fid, unsigned length, const char *read, const char *write)
{
	buf_printf(xml, "<records id=\"%s\" fid=\"%04X\" sfi=\"%u\" structure=\"%s\" length=\"%u\" count=\"3\" read=\"",
	    structure, fid, fid, structure, length);
	buf_str(xml, read);
	buf_printf(xml, "\" update=\"%s\" append=\"%s\" fill=\"%02X\"><record n=\"1\"/><record n=\"2\"/></records>\n",
	    write, write, fid);
}

/* A rule with the form of secure messaging in its place. */
static const char *rule(const char *pattern, const char *form, char out[128])
{
	const char *at = strstr(pattern, "%s");
	if (at == NULL)
		return pattern;
	snprintf(out, 128, "%.*s%s%s", (int)(at - pattern), pattern, form, at + 2);
	return out;
}

static void description(
    struct buf *xml, const char *algorithm, const char *suite, size_t form, bool extended, size_t r, unsigned length)
{
	char read[128], write[128];
	const char *reads = rule(rules[r].read, forms[form].rule, read),
		   *writes = rule(rules[r].write, forms[form].rule, write);
	buf_printf(xml,
	    "<card-ap xmlns=\"urn:igata:card-ap:1\" id=\"lengths\" version=\"1.0\" area=\"extension\" apdu=\"%s\""
	    " sm-response=\"%s\">\n<aid rid=\"D392100031\" pix=\"0001FFFF70\"/>\n"
	    "<pin id=\"holder\" ref=\"1\" format=\"digits\" length=\"4\" tries=\"3\" initial=\"personal\" "
	    "source=\"csv:PIN\"/>\n"
	    "<key id=\"reader\" ref=\"1\" algorithm=\"%s\" use=\"mutual\" suite=\"%s\" source=\"csv:K\"/>\n",
	    extended ? "extended" : "short", forms[form].response, algorithm, suite);
	file(xml, "linear-fixed", 1, length, reads, writes);
	file(xml, "linear-variable", 2, length, reads, writes);
	file(xml, "cyclic", 3, length, reads, writes);
	buf_printf(xml,
	    "<data id=\"object\" tag=\"5F20\" max=\"%u\" read=\"%s\" update=\"%s\">"
	    "<field id=\"all\" length=\"%u\" format=\"binary\" value=\"5A\" pad=\"00\"/></data>\n",
	    length, reads, writes, length);
	buf_str(xml, "</card-ap>\n");
}

static bool covers_all(const struct suite_coverage *cov)
{
	struct buf text = {0};
	bool all = suite_coverage_count(cov, -1, COVER_MISSED) == 0;
	if (!all) {
		suite_coverage_text(cov, &text);
		fputs(strstr(buf_cstr(&text), "\nmissed:") + 1, stderr);
	}
	buf_reset(&text);
	return all;
}

static bool passes(const struct contract *c, struct arena *a)
{
	static struct generated_values v;
	struct diag_list d = {0};
	struct buf text = {0}, said = {0};
	struct link l = {0};
	struct suite_report r = {0};
	struct suite_coverage cov = {0};
	struct sim s;
	generate_values(c, 1, a, &v);
	assert_true(sim_new_in_memory(&s, NULL, c, 1, &d));
	assert_int_equal(reference_personalise(&s, v.card, v.n), SW_OK);
	assert_true(suite_generate(c, SUITE_FULL, &text, &cov));
	struct suite *suite = suite_parse(text.p, text.n, "lengths", &d);
	assert_non_null(suite);
	link_sim_of(&l, &s);
	bool good = suite_run(suite, &l, &(struct suite_values){v.terminal, v.n}, &r, &d) && r.not_run == 0;
	suite_report_text(&r, "en", &said);
	if (!good)
		fputs(buf_cstr(&said), stderr);
	good = covers_all(&cov) && good;
	suite_coverage_reset(&cov);
	suite_report_reset(&r);
	link_close(&l);
	suite_free(suite);
	sim_close(&s);
	buf_reset(&text);
	buf_reset(&said);
	diag_reset(&d);
	return good;
}

static bool good_ap(const char *algorithm, const char *suite, size_t form, bool extended, size_t r, unsigned length)
{
	struct arena a = {0};
	struct diag_list d = {0};
	struct buf xml = {0};
	description(&xml, algorithm, suite, form, extended, r, length);
	const struct description *ap = description_read(&a, xml.p, xml.n, "lengths.xml", &d);
	bool wanted = extended || length <= rules[r].longest, good = (ap != NULL) == wanted;
	if (!good)
		diag_print(stderr, &d, "en");
	aps++;
	accepted += ap != NULL;
	good = good && (ap == NULL || passes(ap->contract, &a));
	if (!good)
		print_error("%s, %s, response %s, %s, %s, %u bytes\n", algorithm, forms[form].rule,
		    forms[form].response, extended ? "extended" : "short", rules[r].name, length);
	buf_reset(&xml);
	diag_reset(&d);
	arena_free(&a);
	return good;
}

static void every_length(const char *algorithm, const char *suite)
{
	unsigned bad = 0;
	for (size_t form = 0; form < sizeof forms / sizeof *forms; form++)
		for (size_t r = form == 0 ? 0 : 2; r < sizeof rules / sizeof *rules; r++)
			for (size_t n = 0; n < sizeof lengths / sizeof *lengths; n++)
				for (int extended = 0; extended <= (lengths[n] > 200); extended++)
					bad += !good_ap(algorithm, suite, form, extended != 0, r, lengths[n]);
	print_message("%u APs, %u accepted\n", aps, accepted);
	assert_int_equal(bad, 0);
	assert_true(accepted > 400);
}

static void c9_records_with_des(void **state)
{
	(void)state;
	aps = accepted = 0;
	every_length("des-ede2", "bac-3des");
}

static void c9_records_with_aes(void **state)
{
	(void)state;
	aps = accepted = 0;
	every_length("aes-128", "bac-aes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(c9_records_with_aes),
	    cmocka_unit_test(c9_records_with_des),
	};
	return cmocka_run_group_tests_name("suite_lengths", tests, NULL, NULL);
}
