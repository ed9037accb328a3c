/* Descriptions with a base: what they come to, compared with the same AP written out by hand; where their diagnostics
 * point; what an accept of the base is about; what base= does not read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "compiler/description/description.h"
#include "runtime/base/file.h"

#define CLUB "tests/golden/description/base/club.xml"
#define NS   "xmlns='urn:igata:card-ap:1'"
#define OWN  "<card-ap " NS " id='own' version='1.0' base='" CLUB "'><aid rid='D392100031' pix='0001FFFF61'/>"

struct result {
	struct arena a;
	struct diag_list d;
	const struct description *ap;
};

static void read_text(struct result *r, const char *name, const char *text)
{
	r->ap = description_read(&r->a, (const uint8_t *)text, strlen(text), name, &r->d);
}

static void done(struct result *r)
{
	arena_free(&r->a);
	diag_reset(&r->d);
}

static const struct diag *row(const struct result *r, enum diag_code code)
{
	for (size_t i = 0; i < r->d.n; i++)
		if (r->d.row[i].code == code)
			return &r->d.row[i];
	return NULL;
}

static size_t warnings(const struct result *r)
{
	return diag_count(&r->d, DIAG_WARNING);
}

/* --- what it comes to -------------------------------------------------------------------------------------------- */

static const char derived[] =
    OWN "<title xml:lang='en'>Our card</title>"
	"<pin id='holder' min='4' max='8' stored='8' pad='FF' tries='5'><puk tries='9'/></pin>" /* in place of length */
	"<key id='gate' source='csv:GATE'/>"
	"<rule id='present' when='pin(holder) and contact and auth(office)'/>"
	"<file id='card' size='32'><field id='issuer' value='TOWN'/><field id='number' source='numbering:members'/>"
	"<field id='extra' length='8' format='binary' value='0011223344556677'/></file>"
	"<file id='diary' fid='0006'/><remove id='diary' attribute='sfi'/>"
	"<records id='visits' count='7'><record n='1'><field id='first-visit' value='BIENVENU'/></record>"
	"<record n='2'><field id='second-visit' length='8' format='text' value='IRASSHAI'/></record></records>"
	"<remove id='board'/>"
	"<counter id='points' source='csv:POINTS'/>" /* in place of initial */
	"<df id='bar'><file id='drinks' size='16'/><file id='food' fid='0012' size='4' read='present'/></df>"
	"<command id='visit'><input id='when' length='4'/><append records='visits'><part from='input:when'/>"
	"<part from='input:when'/></append></command>" /* the steps are one thing */
	"<numbering id='members' from='1' to='99' width='8'/>"
	"<accept code='IG0322' reason='x'/></card-ap>";

/* The same, typed without the base: in the base's order, what is new behind. */
static const char whole[] =
    "<card-ap " NS " id='own' version='1.0' area='local' block='auth(office)' unblock='auth(office)'>"
    "<aid rid='D392100031' pix='0001FFFF61'/><title xml:lang='en'>Our card</title>"
    "<pin id='holder' ref='1' format='digits' min='4' max='8' stored='8' pad='FF' tries='5' initial='personal' "
    "source='csv:PIN' unblock='auth(office)'><puk format='digits' length='8' tries='9' source='csv:PUK'/></pin>"
    "<key id='office' ref='1' algorithm='aes-128' use='external' source='master:office'/>"
    "<key id='gate' ref='2' algorithm='aes-128' use='mutual' suite='bac-aes' source='csv:GATE'/>"
    "<rule id='present' when='pin(holder) and contact and auth(office)'/>"
    "<rule id='protected' when='sm(mac, gate)'/>"
    "<file id='card' fid='0001' sfi='1' size='32' read='always'>"
    "<field id='issuer' length='8' format='text' pad='20' value='TOWN'/>"
    "<field id='number' length='8' format='digits' source='numbering:members'/>"
    "<field id='kind' length='8' format='text' pad='20' value='REGULAR'/>"
    "<field id='extra' length='8' format='binary' value='0011223344556677'/></file>"
    "<file id='diary' fid='0006' size='64' read='present' update='auth(office)'/>"
    "<records id='visits' fid='0004' sfi='4' structure='cyclic' length='8' count='7' read='present' "
    "append='protected'><record n='1'><field id='first-visit' length='8' format='text' value='BIENVENU'/></record>"
    "<record n='2'><field id='second-visit' length='8' format='text' value='IRASSHAI'/></record></records>"
    "<counter id='points' fid='0005' sfi='5' width='2' max='1000' source='csv:POINTS' read='always' "
    "increase='auth(office)'/>"
    "<df id='bar' fid='0010'><file id='drinks' fid='0011' sfi='1' size='16' read='present' update='auth(office)'/>"
    "<file id='food' fid='0012' size='4' read='present'/></df>"
    "<command id='visit' ins='40' data='4' when='auth(office)'><input id='when' length='4'/>"
    "<append records='visits'><part from='input:when'/><part from='input:when'/></append></command>"
    "<numbering id='members' from='1' to='99' width='8'/>"
    "</card-ap>";

static void it_comes_to_the_ap_written_out(void **state)
{
	(void)state;
	struct result r = {0}, w = {0};
	read_text(&r, "own.xml", derived);
	read_text(&w, "whole.xml", whole);
	diag_print(stderr, &w.d, "en");
	assert_non_null(r.ap);
	assert_non_null(w.ap);
	assert_int_equal(r.ap->contract->size, w.ap->contract->size);
	assert_memory_equal(r.ap->contract, w.ap->contract, w.ap->contract->size);
	done(&r);
	done(&w);
}

/* "format --whole" writes a description that needs no base and is the same AP. */
static void the_whole_can_be_written(void **state)
{
	(void)state;
	struct result r = {0}, w = {0};
	struct buf text = {0};
	struct diag_list d = {0};
	assert_true(description_format(&r.a, (const uint8_t *)derived, strlen(derived), "own.xml", true, &text, &d));
	assert_null(strstr(buf_cstr(&text), "base="));
	assert_null(strstr(buf_cstr(&text), "<remove"));
	read_text(&r, "own.xml", derived);
	read_text(&w, "whole.xml", buf_cstr(&text));
	assert_non_null(w.ap);
	assert_memory_equal(r.ap->contract, w.ap->contract, r.ap->contract->size);
	buf_clear(&text);
	assert_true(description_format(&r.a, (const uint8_t *)derived, strlen(derived), "own.xml", false, &text, &d));
	assert_non_null(strstr(buf_cstr(&text), " base=\"" CLUB "\""));
	assert_null(strstr(buf_cstr(&text), "drinks\" fid"));
	buf_reset(&text);
	diag_reset(&d);
	done(&r);
	done(&w);
}

/* A base of a base: the file of each part is that part's own. */
static void bases_build_on_one_another(void **state)
{
	(void)state;
	struct result r = {0};
	read_text(&r, "own.xml",
	    "<card-ap " NS " id='own' version='1.0' base='tests/golden/description/base/deep-3.xml'>"
	    "<aid rid='D392100031' pix='0001FFFF61'/><file id='deep-4' fid='0001'/></card-ap>");
	const struct diag *g = row(&r, DIAG_FID_REPEATED);
	assert_non_null(g);
	assert_string_equal(g->at.file, "own.xml"); /* where the FID is written now */
	done(&r);
	read_text(&r, "own.xml",
	    "<card-ap " NS " id='own' version='1.0' base='tests/golden/description/base/deep-3.xml'>"
	    "<aid rid='D392100031' pix='0001FFFF61'/><remove id='office'/></card-ap>");
	g = row(&r, DIAG_RULE_KEY_UNKNOWN);
	assert_non_null(g);
	assert_string_equal(g->at.file, CLUB); /* the first that names the key, by file */
	done(&r);
}

static void what_an_ap_has_of_its_own(void **state)
{
	(void)state;
	struct result r = {0};
	read_text(&r, "own.xml", "<card-ap " NS " base='" CLUB "'></card-ap>");
	unsigned missing = 0;
	for (size_t i = 0; i < r.d.n; i++)
		missing += r.d.row[i].code == DIAG_ATTRIBUTE_MISSING || r.d.row[i].code == DIAG_ELEMENT_MISSING;
	assert_int_equal(missing, 3); /* id, version, aid; the area is the base's */
	assert_null(r.ap);
	done(&r);
	read_text(&r, "own.xml", OWN "</card-ap>");
	assert_string_equal(r.ap->contract->title[0], ""); /* the base's title is no name of this one */
	assert_string_equal(r.ap->contract->id, "own");
	done(&r);
}

/* More than there may be of an element, only when the two are put together. */
static void together_too_many(void **state)
{
	(void)state;
	struct result r = {0};
	read_text(&r, "own.xml", OWN "<df id='bar'><aid rid='F000000001' pix='01'/></df></card-ap>");
	assert_non_null(r.ap);
	done(&r);
	read_text(&r, "own.xml", OWN "<pin id='holder'><puk tries='3'/></pin><pin id='holder' tries='4'/></card-ap>");
	assert_non_null(row(&r, DIAG_ID_REPEATED));
	done(&r);
}

/* --- accepted warnings ------------------------------------------------------------------------------------------- */

static void an_accept_of_the_base_is_about_the_base(void **state)
{
	(void)state;
	static const struct {
		const char *change;
		size_t warnings;
	} at[] = {
	    {"", 0},                                   /* met where it was met before */
	    {"<remove id='board'/>", 0},               /* met no more: nobody's fault */
	    {"<file id='board' size='8'/>", 0},        /* its rule still stands there */
	    {"<file id='board' update='always'/>", 1}, /* written anew */
	    {"<file id='wall' fid='0006' size='8' read='always' update='always'/>", 1},
	    {"<file id='wall' fid='0006' size='8' read='always' update='always'/><accept code='IG0323' reason='x'/>",
		0},
	};
	for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
		struct result r = {0};
		char text[1000];
		snprintf(text, sizeof text, OWN "%s</card-ap>", at[i].change);
		read_text(&r, "own.xml", text);
		assert_non_null(r.ap);
		assert_int_equal(warnings(&r), at[i].warnings);
		done(&r);
	}
}

/* --- wider rules ------------------------------------------------------------------------------------------------- */

/* In place of pin(holder) and contact, of auth(office), and of sm(mac, gate). */
static void what_is_wider(void **state)
{
	(void)state;
	static const struct {
		const char *rule, *when;
		bool wider;
	} at[] = {
	    {"present", "contact and pin(holder)", false},
	    {"present", "pin(holder) and contact or pin(holder) and contact and auth(office)", false},
	    {"present", "(pin(holder) or auth(office)) and contact and pin(holder)", false},
	    {"present", "never", false},
	    {"present", "contact", true},
	    {"present", "pin(holder) and (contact or contactless)", true},
	    {"present", "pin(holder) and contact or contact and contactless", false}, /* no card is used both ways */
	    {"present", "sm(enc+mac, gate)", true},
	    {"protected", "sm(enc+mac, gate)", false},
	    {"protected", "sm(enc, gate)", true},
	    {"protected", "sm(mac)", false}, /* the only key that opens a session */
	    {"protected", "auth(gate)", true},
	    {"protected", "auth(gate) and sm(mac)", false},
	    {"protected", "always", true},
	};
	for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
		struct result r = {0};
		char text[1000];
		snprintf(text, sizeof text, OWN "<rule id='%s' when='%s'/></card-ap>", at[i].rule, at[i].when);
		read_text(&r, "own.xml", text);
		if ((row(&r, DIAG_BASE_WIDENED) != NULL) != at[i].wider)
			fail_msg("%s=\"%s\": %s", at[i].rule, at[i].when, at[i].wider ? "silent" : "reported");
		done(&r);
	}
}

/* A warning like any other: who means it says why. Standard APs can be reused where they stand. */
static void wider_and_meant(void **state)
{
	(void)state;
	struct result r = {0};
	read_text(&r, "own.xml",
	    "<card-ap " NS " id='own' version='1.0' base='samples/type-a/type-a.xml'>"
	    "<aid rid='D392100031' pix='0001FFFF61'/><rule id='present' when='pin(holder) and (auth(service) or "
	    "auth(admin))'/>"
	    "<accept code='IG0480' reason='The counter has no key.'/></card-ap>");
	assert_non_null(r.ap);
	assert_int_equal(warnings(&r), 0);
	const struct diag *g = row(&r, DIAG_BASE_WIDENED);
	assert_non_null(g);
	assert_int_equal(g->severity, DIAG_NOTE);
	assert_string_equal(g->arg[2], "pin(holder) and auth(service)");
	assert_string_equal(g->arg[3], "pin(holder) and (auth(service) or auth(admin))");
	done(&r);
}

/* Too many conditions to try: reported rather than passed over. */
static void what_cannot_be_compared(void **state)
{
	(void)state;
	struct result r = {0};
	struct buf text = {0};
	buf_str(&text, OWN);
	for (int i = 0; i < 13; i++)
		buf_printf(&text,
		    "<pin id='p%d' ref='%d' format='digits' length='4' tries='3' initial='personal' "
		    "source='csv:P%d' unblock='auth(office)'/>",
		    i, i + 2, i);
	buf_str(&text, "<rule id='present' when='pin(holder) and contact and (pin(p0)");
	for (int i = 1; i < 13; i++)
		buf_printf(&text, " or pin(p%d)", i);
	buf_str(&text, ")'/></card-ap>");
	read_text(&r, "own.xml", buf_cstr(&text));
	assert_non_null(r.ap);
	assert_non_null(row(&r, DIAG_BASE_WIDENED));
	buf_reset(&text);
	done(&r);
}

/* --- what base= does not read ------------------------------------------------------------------------------------ */

static void only_regular_files(void **state)
{
	(void)state;
	char dir[] = "/tmp/igata-reuse-XXXXXX", pipe[100], own[100];
	assert_non_null(mkdtemp(dir));
	snprintf(pipe, sizeof pipe, "%s/pipe", dir);
	snprintf(own, sizeof own, "%s/own.xml", dir);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	static const struct {
		const char *base;
		enum diag_code code;
	} at[] = {{"pipe", DIAG_BASE_NO_FILE}, {"-", DIAG_BASE_PATH}, {"/dev/zero", DIAG_BASE_PATH},
	    {"../../dev/zero", DIAG_BASE_NO_FILE}, {"nothing", DIAG_BASE_UNREADABLE}, {"own.xml", DIAG_BASE_CYCLE},
	    {"./own.xml", DIAG_BASE_CYCLE}, {"big.xml", DIAG_FILE_TOO_BIG}};
	struct diag_list d = {0};
	assert_true(file_write(own, "", 0, 0600, &d));
	char big[100];
	snprintf(big, sizeof big, "%s/big.xml", dir);
	assert_true(file_write(big, "", 0, 0600, &d));
	assert_int_equal(truncate(big, 1 << 21), 0);
	for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
		struct result r = {0};
		char text[300];
		snprintf(text, sizeof text,
		    "<card-ap " NS " id='own' version='1.0' base='%s'><aid rid='D392100031' pix='61'/></card-ap>",
		    at[i].base);
		read_text(&r, own, text);
		assert_null(r.ap);
		assert_non_null(row(&r, at[i].code));
		done(&r);
	}
	unlink(pipe);
	unlink(own);
	unlink(big);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_comes_to_the_ap_written_out),
	    cmocka_unit_test(the_whole_can_be_written),
	    cmocka_unit_test(bases_build_on_one_another),
	    cmocka_unit_test(what_an_ap_has_of_its_own),
	    cmocka_unit_test(together_too_many),
	    cmocka_unit_test(an_accept_of_the_base_is_about_the_base),
	    cmocka_unit_test(what_is_wider),
	    cmocka_unit_test(wider_and_meant),
	    cmocka_unit_test(what_cannot_be_compared),
	    cmocka_unit_test(only_regular_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
