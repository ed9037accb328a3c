/* The planner: every refusal and notice of plan.def is fired, at its place in the description, and has a neighbour that
 * differs in one thing and is carried; what an access rule comes to; the weakest witness. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "compiler/plan/inside.h"
#include "runtime/base/file.h"

static const char base[] =
    "<card-ap xmlns=\"urn:igata:card-ap:1\" id=\"base\" version=\"1.0\" area=\"extension\">\n"
    "  <title xml:lang=\"ja\">試験</title> <title xml:lang=\"en\">Test</title>\n"
    "  <aid rid=\"D392100031\" pix=\"0001FFFF01\"/>\n"
    "  <pin id=\"p\" ref=\"1\" format=\"digits\" length=\"4\" tries=\"3\" initial=\"personal\" source=\"csv:PIN\">\n"
    "    <puk format=\"digits\" length=\"8\" tries=\"10\" source=\"csv:PUK\" reset=\"with-new\"/>\n"
    "  </pin>\n"
    "  <file id=\"f\" fid=\"0001\" sfi=\"1\" size=\"16\" read=\"pin(p)\" update=\"pin(p)\"/>\n"
    "  <file id=\"g\" fid=\"0002\" sfi=\"2\" size=\"4\" read=\"always\"/>\n"
    "</card-ap>\n";

#define ISO  "iso-compact-32k"
#define STAR "starcos-like-8k"
#define END  "</card-ap>"
#define SECOND_PIN                                                                                                     \
	"<pin id=\"q\" ref=\"2\" format=\"digits\" length=\"6\" tries=\"3\" initial=\"personal\" source=\"csv:Q\"/>"
#define THIRD_PIN                                                                                                      \
	"<pin id=\"r\" ref=\"3\" format=\"digits\" length=\"6\" tries=\"3\" initial=\"personal\" source=\"csv:R\"/>"
#define PIN_END  "</pin>"
#define VARIABLE "min=\"4\" max=\"8\" stored=\"8\" pad=\"FF\""

/* One change of the description (from -> to, "" for none) and of the profile ("id=value"; "-id": the fact is left out;
 * "~id": it is assumed; "dialect=..."). '|' in mark stands before the character that the diagnostic points at. */
struct one {
	const char *from, *to, *fact;
};
struct row {
	enum diag_code code;
	const char *chip;
	struct one bad, good;
	const char *mark;
};

static const struct row table[] = {
    {DIAG_PLAN_BEYOND, ISO,
	{END, "<records id='r' fid='0003' structure='cyclic' length='4' count='2' read='pin(p)' append='pin(p)'/>" END,
	    ""},
	{"", "", ""}, "|<records"},
    {DIAG_PLAN_BEYOND, STAR, {END, "<data id='r' tag='DF21' max='4' read='pin(p)' update='pin(p)'/>" END, ""},
	{"", "", ""}, "|<data"},
    {DIAG_PLAN_BEYOND, ISO,
	{END, "<counter id='r' fid='0003' width='1' max='9' read='pin(p)' increase='pin(p)'/>" END, ""}, {"", "", ""},
	"|<counter"},
    {DIAG_PLAN_BEYOND, ISO, {END, "<key id='k' ref='1' algorithm='ec-p256' use='internal' source='csv:K'/>" END, ""},
	{"", "", ""}, "|<key"},
    {DIAG_PLAN_BEYOND, STAR, {END, "<df id='d' fid='1000'/>" END, ""}, {"", "", ""}, "|<df"},
    {DIAG_PLAN_BEYOND, ISO, {END, "<command id='c' ins='C0' when='pin(p)'><respond from='hex:00'/></command>" END, ""},
	{"", "", ""}, "|<command"},
    {DIAG_PLAN_BEYOND, ISO,
	{END,
	    "<pin id='u' ref='9' format='digits' length='4' tries='3' initial='unset' set='pin(p)' unblock='pin(p)'/>"
	    "<rule id='x' when='pin(u)'/>" END,
	    ""},
	{"", "", ""}, "initial='|unset"},
    {DIAG_PLAN_BEYOND, ISO,
	{"read=\"pin(p)\" update=\"pin(p)\"/>",
	    "read=\"pin(p)\" update=\"pin(p)\"><field id='n' length='4' format='digits' source='numbering:n1'/></file>"
	    "<numbering id='n1' from='1' to='9999' width='4'/>",
	    ""},
	{"", "", ""}, "source='|numbering"},
    {DIAG_PLAN_BEYOND, ISO, {"read=\"always\"", "read=\"contact\"", ""}, {"", "", ""}, "read=\"|contact"},
    {DIAG_PLAN_BEYOND, STAR, {"area=", "terminate=\"pin(p)\" area=", ""}, {"", "", ""}, "terminate=\"|pin(p)"},
    {DIAG_PLAN_DIALECT, ISO, {"", "", "dialect=acme"}, {"", "", ""}, "|<card-ap"},
    {DIAG_PLAN_CODING, ISO, {"", "", "ac.coding=state"}, {"", "", ""}, "|<card-ap"},
    {DIAG_PLAN_CODING, STAR, {"", "", "loading.authentication=external-aes"}, {"", "", ""}, "|<card-ap"},
    {DIAG_PLAN_EXTENDED, ISO, {"area=", "apdu=\"extended\" area=", ""},
	{"area=", "apdu=\"extended\" area=", "apdu.extended=yes"}, "apdu=\"|extended"},
    {DIAG_PLAN_UNKNOWN, ISO, {"", "", "-command.atomic"}, {"", "", ""}, "|<card-ap"},
    {DIAG_PLAN_UNKNOWN, ISO, {"", "", "-file.sfi"}, {"", "", ""}, "sfi=\"|1\""},
    {DIAG_PLAN_UNKNOWN, ISO, {"tries=\"3\"", "tries=\"4\"", "-pin.max-tries"}, {"", "", "-pin.max-tries"},
	"tries=\"|4\""},
    {DIAG_PLAN_MEMORY, ISO, {"", "", "memory.bytes=314"}, {"", "", "memory.bytes=315"}, "|<card-ap"},
    {DIAG_PLAN_DF_SIZE, ISO, {"", "", "memory.df-max-size=250"}, {"", "", "memory.df-max-size=251"}, "|<card-ap"},
    {DIAG_PLAN_COMMAND_DATA, ISO, {"", "", "apdu.command-data=127"}, {"", "", "apdu.command-data=128"}, "|<card-ap"},
    {DIAG_PLAN_ATOMIC, ISO, {"", "", "command.atomic=no"}, {"", "", ""}, "|<card-ap"},
    {DIAG_PLAN_GUARD, STAR, {"", "", "creation.guard=no"}, {"", "", ""}, "|<card-ap"},
    {DIAG_PLAN_EXISTS_FIRST, ISO, {"", "", "access.exists-first=no"}, {"", "", ""}, "|<card-ap"},
    {DIAG_PLAN_TRANSPARENT, ISO, {"sfi=\"2\" size=\"4\"", "sfi=\"2\" size=\"4\"", "file.transparent=no"}, {"", "", ""},
	"size=\"|16\""},
    {DIAG_PLAN_FILE_SIZE, ISO, {"", "", "file.max-size=15"}, {"", "", "file.max-size=16"}, "size=\"|16\""},
    {DIAG_PLAN_FILE_COUNT, STAR, {"", "", "file.max-count=1"}, {"", "", "file.max-count=2"}, "|<file id=\"g\""},
    {DIAG_PLAN_FILE_COUNT, ISO, {"", "", "file.max-count=2"}, {"", "", "file.max-count=3"}, "|<file id=\"g\""},
    {DIAG_PLAN_BOUNDS, ISO, {"", "", "file.bounds=no"}, {"", "", ""}, "size=\"|16\""},
    {DIAG_PLAN_SFI_NONE, ISO, {"sfi=\"2\" ", "", "file.sfi=none"}, {"sfi=\"2\" ", "", "file.sfi=free"}, "sfi=\"|1\""},
    {DIAG_PLAN_SFI_FIXED, STAR, {"sfi=\"2\"", "sfi=\"3\"", ""}, {"0002\" sfi=\"2\"", "0023\" sfi=\"3\"", ""},
	"sfi=\"|3\""},
    {DIAG_PLAN_SFI_FIXED, STAR, {"0002\"", "0020\"", ""}, {"0002\" sfi=\"2\"", "0020\"", ""}, "sfi=\"|2\""},
    {DIAG_PLAN_SFI_FIXED, STAR, {"0002\"", "001F\"", ""}, {"0002\" sfi=\"2\"", "001F\"", ""}, "sfi=\"|2\""},
    {DIAG_PLAN_SFI_FORCED, STAR, {"sfi=\"2\" ", "", ""}, {"0002\" sfi=\"2\" ", "0040\" ", ""}, "|<file id=\"g\""},
    {DIAG_PLAN_RESPONSE, ISO, {"", "", "apdu.response-data=15"}, {"", "", "apdu.response-data=16"}, "read=\"|pin(p)"},
    {DIAG_PLAN_RESPONSE, ISO, {"size=\"4\"", "size=\"300\"", "apdu.response-data=255"},
	{"size=\"4\"", "size=\"300\"", "apdu.response-data=256"}, "read=\"|always"},
    {DIAG_PLAN_COMMAND, STAR, {"size=\"16\"", "size=\"33\"", "apdu.command-data=32"},
	{"size=\"4\"", "size=\"33\"", "apdu.command-data=32"}, "update=\"|pin(p)"},
    {DIAG_PLAN_RULE, ISO,
	{"pin(p)\" update=\"pin(p)\"/>", "pin(p) and (pin(q) or pin(r))\"/>" SECOND_PIN THIRD_PIN, ""},
	{"pin(p)\" update=\"pin(p)\"/>", "pin(p) or (pin(q) or pin(r))\"/>" SECOND_PIN THIRD_PIN, ""},
	"read=\"|pin(p) and"},
    {DIAG_PLAN_COMBINE, ISO, {"update=\"pin(p)\"/>", "update=\"pin(p) and pin(q)\"/>" SECOND_PIN, "ac.combine=none"},
	{"update=\"pin(p)\"/>", "update=\"pin(q) and pin(q)\"/>" SECOND_PIN, "ac.combine=none"},
	"update=\"|pin(p) and"},
    {DIAG_PLAN_SE_COUNT, ISO, {"", "", "se.max-count=2"}, {"", "", "se.max-count=3"}, "length=\"|8\""},
    {DIAG_PLAN_SE_COUNT, ISO, {"read=\"always\"/>", "read=\"pin(q)\"/>" SECOND_PIN, "se.max-count=2"},
	{"read=\"always\"/>", "read=\"pin(q)\"/>" SECOND_PIN, "se.max-count=4"}, "read=\"|pin(q)"},
    {DIAG_PLAN_STATES, STAR, {PIN_END, PIN_END SECOND_PIN, ""}, {PIN_END, PIN_END, ""}, "|<pin id=\"q\""},
    {DIAG_PLAN_PIN_COUNT, ISO, {PIN_END, PIN_END SECOND_PIN, "pin.max-count=1"},
	{PIN_END, PIN_END SECOND_PIN, "pin.max-count=2"}, "|<pin id=\"q\""},
    {DIAG_PLAN_PIN_REF, STAR, {"ref=\"1\"", "ref=\"16\"", ""}, {"ref=\"1\"", "ref=\"15\"", ""}, "ref=\"|16"},
    {DIAG_PLAN_PIN_LONG, ISO, {"length=\"4\"", "length=\"17\"", ""}, {"length=\"4\"", "length=\"16\"", ""}, "\"|17"},
    /* the facts allow more than the coding does */
    {DIAG_PLAN_PIN_LONG, STAR, {"length=\"4\"", "length=\"9\"", "pin.max-length=12"},
	{"length=\"4\"", "length=\"8\"", "pin.max-length=12"}, "length=\"|9"},
    {DIAG_PLAN_PIN_SHORT, STAR, {"length=\"4\"", "length=\"3\"", ""}, {"", "", ""}, "length=\"|3\""},
    {DIAG_PLAN_PIN_TRIES, ISO, {"", "", "pin.max-tries=2"}, {"", "", "pin.max-tries=3"}, "tries=\"|3\""},
    {DIAG_PLAN_PIN_BYTES, STAR, {"digits\" length=\"4", "binary\" length=\"4", ""}, {"", "", ""}, "format=\"|binary"},
    {DIAG_PLAN_PIN_FORMAT, ISO, {"digits\" length=\"4\"", "digits\" length=\"4\" check=\"card\"", ""},
	{"digits\" length=\"4\"", "digits\" length=\"4\" check=\"card\"", "pin.checks-format=yes"}, "check=\"|card"},
    {DIAG_PLAN_PIN_VARIABLE, ISO, {"length=\"4\"", VARIABLE, "pin.pad=none"}, {"length=\"4\"", VARIABLE, ""},
	"stored=\"|8\""},
    {DIAG_PLAN_CHANGE_OLD, ISO, {"length=\"4\"", VARIABLE, "change.old-length=fixed"}, {"length=\"4\"", VARIABLE, ""},
	"stored=\"|8\""},
    {DIAG_PLAN_STORED, ISO, {"length=\"4\"", "min=\"4\" max=\"8\" stored=\"12\" pad=\"FF\"", ""},
	{"length=\"4\"", "min=\"4\" max=\"12\" stored=\"12\" pad=\"FF\"", ""}, "stored=\"|12\""},
    {DIAG_PLAN_PAD, STAR, {"length=\"4\"", VARIABLE, ""},
	{"length=\"4\"", "min=\"4\" max=\"8\" stored=\"8\" pad=\"00\"", ""}, "stored=\"|8\""},
    {DIAG_PLAN_TRANSPORT, ISO, {"personal", "transport", ""}, {"personal", "transport", "pin.transport=yes"},
	"initial=\"|transport"},
    {DIAG_PLAN_PIN_QUERY, ISO, {"", "", "pin.query=no"}, {"", "", ""}, "ref=\"|1\""},
    {DIAG_PLAN_LENGTH_FIRST, ISO, {"", "", "pin.length-first=no"}, {"", "", ""}, "ref=\"|1\""},
    {DIAG_PLAN_COUNT_FIRST, ISO, {"", "", "pin.counts-first=no"}, {"", "", ""}, "ref=\"|1\""},
    {DIAG_PLAN_WRONG_CLEARS, STAR, {"", "", "pin.wrong-clears-status=no"}, {"", "", ""}, "ref=\"|1\""},
    {DIAG_PLAN_SELECT_CLEARS, ISO, {"", "", "select.clears-status=no"}, {"", "", ""}, "ref=\"|1\""},
    {DIAG_PLAN_FORM_ABSENT, ISO, {"", "", "pin.absent-form=no"}, {"", "", ""}, "ref=\"|1\""},
    {DIAG_PLAN_CHANGE_FORM, ISO, {"csv:PIN\"", "csv:PIN\" change=\"both\"", ""},
	{"csv:PIN\"", "csv:PIN\" change=\"both\"", "change.forms=00 01"}, "change=\"|both"},
    {DIAG_PLAN_CHANGE_SAME, ISO, {"", "", "change.refuses-same=no"},
	{"csv:PIN\"", "csv:PIN\" change=\"never\"", "change.refuses-same=no"}, "|<pin"},
    {DIAG_PLAN_CHANGE_CLEARS, ISO, {"", "", "change.clears-status=no"},
	{"csv:PIN\"", "csv:PIN\" change=\"never\"", "change.clears-status=no"}, "|<pin"},
    {DIAG_PLAN_RESET_FORM, ISO, {"with-new", "keep", ""}, {"", "", ""}, "reset=\"|keep"},
    {DIAG_PLAN_RESET_CLEARS, ISO, {"", "", "reset.clears-status=no"}, {"", "", ""}, "reset=\"|with-new"},
    {DIAG_PLAN_PUK_LONG, STAR, {"length=\"8\"", "length=\"9\"", ""}, {"", "", ""}, "length=\"|9\""},
    {DIAG_PLAN_PUK_SHORT, ISO, {"length=\"8\"", "length=\"5\"", "pin.min-length=6"},
	{"length=\"8\"", "length=\"6\"", "pin.min-length=4"}, ""},
    {DIAG_PLAN_PUK_TRIES, ISO, {"", "", "puk.max-tries=9"}, {"", "", "puk.max-tries=10"}, "tries=\"|10\""},
    {DIAG_PLAN_PUK_COUNTER, ISO, {"", "", "puk.own-counter=no"}, {"", "", ""}, "length=\"|8\""},
    {DIAG_PLAN_PUK_HIDDEN, ISO, {"", "", "puk.hidden=no"}, {"", "", ""}, "length=\"|8\""},
    /* notices: the neighbour has none of this code */
    {DIAG_PLAN_NOTE_UNKNOWN, ISO, {"", "", "-pin.max-tries"}, {"", "", ""}, "|<card-ap"},
    {DIAG_PLAN_NOTE_HOST_FORMAT, ISO, {"", "", ""}, {"digits\" length=\"4", "binary\" length=\"4", ""},
	"format=\"|digits"},
    {DIAG_PLAN_NOTE_PADDED, ISO, {"length=\"4\"", VARIABLE, ""}, {"", "", ""}, "stored=\"|8\""},
    {DIAG_PLAN_NOTE_SE_FILE, ISO, {"", "", ""}, {"", "", "chip=" STAR}, "|<card-ap"},
    {DIAG_PLAN_NOTE_READBACK, STAR, {"", "", ""}, {"", "", "readback=fcp"}, "|<card-ap"},
    {DIAG_PLAN_NOTE_DELETE_LAST, STAR, {"", "", ""}, {"", "", "delete=reclaim"}, "|<card-ap"},
    {DIAG_PLAN_NOTE_NO_DELETE, STAR, {"", "", "delete=none"}, {"", "", "delete=reclaim"}, "|<card-ap"},
    {DIAG_PLAN_NOTE_ENUMERATE, STAR, {"", "", ""}, {"", "", "select.enumerate=yes"}, "|<card-ap"},
    {DIAG_PLAN_NOTE_DEVIATION, ISO, {"", "", "deviation"}, {"", "", ""}, "|<card-ap"},
    {DIAG_PLAN_NOTE_RESTS, ISO, {"", "", ""}, {"", "", "all-cited"}, "|<card-ap"},
};

struct bed {
	struct arena a;
	struct diag_list d;
	const char *text; /* of the description */
};

static void done(struct bed *b)
{
	arena_free(&b->a);
	diag_reset(&b->d);
}

/* The first `from` of text becomes `to`. */
static char *replaced(struct arena *a, const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	if (at == NULL)
		fail_msg("'%s' is not in\n%s", from, text);
	return arena_printf(a, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static char *without_fact(struct arena *a, const char *text, const char *id)
{
	const char *at = strstr(text, arena_printf(a, "<fact id=\"%s\"", id));
	assert_non_null(at);
	return arena_printf(a, "%.*s%s", (int)(at - text), text, strstr(at, "/>") + 2);
}

static char *with_fact(struct arena *a, const char *text, const char *assignment)
{
	char *id = arena_strdup(a, assignment), *value = strchr(id, '=');
	*value++ = 0;
	return replaced(a, without_fact(a, text, id), "</chip-profile>",
	    arena_printf(
		a, "<fact id=\"%s\" value=\"%s\" witness=\"cited\" source=\"test\"/></chip-profile>", id, value));
}

static char *all_cited(struct arena *a, char *text)
{
	for (char *at; (at = strstr(text, "\"assumed\"")) != NULL;)
		text = replaced(a, text, "\"assumed\"", "\"cited\"");
	return text;
}

/* The profile with one change, through the reader. */
static const struct chip *chip_with(struct bed *b, const char *name, const char *fact)
{
	struct buf file = {0};
	if (strncmp(fact, "chip=", 5) == 0)
		return chip_with(b, fact + 5, "");
	assert_true(file_read(arena_printf(&b->a, "chipprofiles/%s.xml", name), 1 << 20, &file, &b->d));
	char *text = arena_strndup(&b->a, (char *)file.p, file.n);
	buf_reset(&file);
	if (strncmp(fact, "dialect=", 8) == 0)
		text =
		    replaced(&b->a, text, "dialect=\"iso-compact\"", arena_printf(&b->a, "dialect=\"%s\"", fact + 8));
	else if (strcmp(fact, "deviation") == 0)
		text = replaced(&b->a, text, "</chip-profile>",
		    "<deviation command=\"VERIFY\" condition=\"blocked\" from=\"6983\" to=\"6984\" witness=\"cited\""
		    " source=\"test\"/></chip-profile>");
	else if (strcmp(fact, "all-cited") == 0)
		text = all_cited(&b->a, text);
	else if (fact[0] == '-')
		text = without_fact(&b->a, text, fact + 1);
	else if (fact[0] != 0)
		text = with_fact(&b->a, text, fact);
	char path[64];
	snprintf(path, sizeof path, "/tmp/plan-test-%d.xml", (int)getpid());
	assert_true(file_write(path, text, strlen(text), 0600, &b->d));
	const struct chip *chip = chip_read(&b->a, path, &b->d);
	diag_print(stderr, &b->d, "en");
	assert_non_null(chip);
	unlink(path);
	return chip;
}

static const struct description *description_with(struct bed *b, const char *from, const char *to)
{
	struct diag_list warnings = {0};
	b->text = *from == 0 && *to == 0 ? base : replaced(&b->a, base, from, to);
	const struct description *ap =
	    description_read(&b->a, (const uint8_t *)b->text, strlen(b->text), "ap.xml", &warnings);
	if (ap == NULL)
		diag_print(stderr, &warnings, "en");
	assert_non_null(ap);
	diag_reset(&warnings);
	return ap;
}

static struct plan *plan_of(struct bed *b, const char *chip, const struct one *x, bool allow)
{
	const struct description *ap = description_with(b, x->from, x->to);
	return plan_make(&b->a, ap, chip_with(b, chip, x->fact), allow, &b->d);
}

static const struct diag *find(const struct diag_list *d, enum diag_code code)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->row[i].code == code)
			return &d->row[i];
	return NULL;
}

/* Line and column of the character behind '|' in mark. */
static bool at_mark(const struct bed *b, const struct srcloc *at, const char *mark)
{
	char word[128], *bar;
	snprintf(word, sizeof word, "%s", mark);
	bar = strchr(word, '|');
	size_t skip = (size_t)(bar - word);
	memmove(bar, bar + 1, strlen(bar));
	const char *found = strstr(b->text, word);
	if (found == NULL)
		return false;
	unsigned line = 1, column = 1;
	for (const char *p = b->text; p < found + skip; p++) {
		column = *p == '\n' ? 1 : column + ((*p & 0xc0) != 0x80);
		line += *p == '\n';
	}
	return at->line == line && at->column == column;
}

static bool refused_well(const struct row *t)
{
	struct bed b = {0};
	struct plan *p = plan_of(&b, t->chip, &t->bad, true);
	const struct diag *g = find(&b.d, t->code);
	bool ok =
	    g != NULL && (g->severity == DIAG_ERROR) == (p == NULL) && (*t->mark == 0 || at_mark(&b, &g->at, t->mark));
	if (!ok)
		diag_print(stderr, &b.d, "en");
	done(&b);
	return ok;
}

static bool neighbour_carried(const struct row *t)
{
	struct bed b = {0};
	struct plan *p = plan_of(&b, t->chip, &t->good, true);
	bool ok = p != NULL && find(&b.d, t->code) == NULL && diag_worst(&b.d) == DIAG_NOTE;
	if (!ok)
		diag_print(stderr, &b.d, "en");
	done(&b);
	return ok;
}

static void test_refusals(void **state)
{
	(void)state;
	unsigned wrong = 0;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char code[8];
		if (!refused_well(&table[i])) {
			print_message("row %zu (%s) is not refused so\n", i, diag_code_text(table[i].code, code));
			wrong++;
		}
		if (!neighbour_carried(&table[i])) {
			print_message(
			    "row %zu (%s): the neighbour is not carried\n", i, diag_code_text(table[i].code, code));
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

/* Codes that are fired by the tests below, by native_check's or javacard_applets'. */
static bool elsewhere(enum diag_code code)
{
	return code == DIAG_PLAN_PERSONALITY || code == DIAG_PLAN_ASSUMED || code == DIAG_PLAN_NOTE_ASSUMED ||
	    code == DIAG_EMIT_CHECK || code == DIAG_PLAN_NOT_YET || code == DIAG_PLAN_IMPORT ||
	    code == DIAG_PLAN_COMMIT;
}

static void test_all_codes(void **state)
{
	(void)state;
	for (const enum diag_code *c = diag_all_codes(); *c != 0; c++) {
		bool found = elsewhere(*c);
		for (size_t i = 0; i < sizeof table / sizeof *table; i++)
			found = found || table[i].code == *c;
		if (*c >= 600 && *c < 700 && !found)
			fail_msg("nothing fires IG%04d", (int)*c);
	}
}

static void test_personality(void **state)
{
	(void)state;
	struct bed b = {0};
	const struct description *ap = description_with(&b, "", "");
	struct contract *c = arena_alloc(&b.a, ap->contract->size);
	memcpy(c, ap->contract, ap->contract->size);
	struct description other = *ap;
	other.contract = c;
	const struct chip *chip = chip_with(&b, ISO, "");
	assert_non_null(plan_make(&b.a, &other, chip, true, &b.d));
	c->personality = PERSONALITY_JICSAP;
	assert_null(plan_make(&b.a, &other, chip, true, &b.d));
	assert_non_null(find(&b.d, DIAG_PLAN_PERSONALITY));
	done(&b);
}

/* Assumed facts on which access rests: refused unless allowed, and then every one of them is in the manifest. */
static void test_assumed(void **state)
{
	(void)state;
	struct bed b = {0};
	const struct one same = {"", "", ""}, cited = {"", "", "all-cited"};
	assert_null(plan_of(&b, ISO, &same, false));
	assert_int_equal(b.d.n, 1);
	assert_int_equal(b.d.row[0].code, DIAG_PLAN_ASSUMED);
	assert_non_null(strstr(b.d.row[0].arg[3], "pin.wrong-clears-status"));
	assert_null(strstr(b.d.row[0].arg[3], "memory.bytes"));
	/* an AP without PINs rests on fewer */
	assert_null(strstr(b.d.row[0].arg[3], "ac.combine"));
	diag_reset(&b.d);

	struct plan *p = plan_of(&b, ISO, &same, true);
	assert_non_null(p);
	unsigned n = 0;
	for (size_t i = 0; i < p->n_notices; i++) {
		if (p->notice[i].code != DIAG_PLAN_NOTE_ASSUMED)
			continue;
		assert_true(p->notice[i].rests);
		assert_int_equal(p->notice[i].witness, WITNESS_ASSUMED);
		n++;
	}
	assert_int_equal(n, strtoul(find(&b.d, DIAG_PLAN_NOTE_RESTS)->arg[1], NULL, 10));
	assert_int_equal(plan_witness(p), WITNESS_ASSUMED);
	diag_reset(&b.d);

	p = plan_of(&b, ISO, &cited, false);
	assert_non_null(p);
	assert_int_equal(plan_witness(p), WITNESS_CITED);
	done(&b);
}

/* All refusals come at once. */
static void test_all_at_once(void **state)
{
	(void)state;
	struct bed b = {0};
	const struct one x = {"tries=\"3\" initial=\"personal\"", "tries=\"3\" initial=\"transport\" check=\"card\"",
	    "creation.guard=no"};
	assert_null(plan_of(&b, STAR, &x, true));
	assert_non_null(find(&b.d, DIAG_PLAN_GUARD));
	assert_non_null(find(&b.d, DIAG_PLAN_TRANSPORT));
	assert_non_null(find(&b.d, DIAG_PLAN_PIN_FORMAT));
	assert_int_equal(diag_count(&b.d, DIAG_ERROR), 3);
	done(&b);
}

/* ---- what a rule comes to ---- */

/* Rules over the PINs a, b, c in prefix form: '&' '|' and PIN letters, '0' never, '1' always. */
static uint16_t rule_of(struct contract *c, const char **t)
{
	char op = *(*t)++;
	if (op == '0' || op == '1')
		return (uint16_t)(op - '0');
	struct contract_rule r = {RULE_PIN, (uint16_t)(op - 'a'), 0};
	if (op == '&' || op == '|') {
		r.op = op == '&' ? RULE_AND : RULE_OR;
		r.a = rule_of(c, t);
		r.b = rule_of(c, t);
	}
	c->rule[c->n_rules] = r;
	return c->n_rules++;
}

static void test_forms(void **state)
{
	(void)state;
	static const struct {
		const char *rule;
		enum rule_form_kind kind;
		uint32_t pins;
	} form[] = {
	    {"0", RULE_FORM_NEVER, 0}, {"1", RULE_FORM_ALWAYS, 0}, {"a", RULE_FORM_ALL, 1}, {"&ab", RULE_FORM_ALL, 3},
	    {"|ab", RULE_FORM_ANY, 3}, {"&aa", RULE_FORM_ALL, 1}, {"|aa", RULE_FORM_ALL, 1},
	    {"&a&bc", RULE_FORM_ALL, 7}, {"||abc", RULE_FORM_ANY, 7}, {"&a|bc", RULE_FORM_OTHER, 7},
	    {"|a&bc", RULE_FORM_OTHER, 7}, {"|a&ab", RULE_FORM_ALL, 1}, /* absorbed: a */
	    {"&a|ab", RULE_FORM_ALL, 1},                                /* absorbed: a */
	    {"&|ab|ac", RULE_FORM_OTHER, 7},                            /* a or (b and c) */
	    {"|&ab&ab", RULE_FORM_ALL, 3}, {"&|ab|ba", RULE_FORM_ANY, 3}, {"|a1", RULE_FORM_ALWAYS, 0},
	    {"&a0", RULE_FORM_NEVER, 0}, {"|&ab|&bc&ac", RULE_FORM_OTHER, 7}, /* two of three */
	};
	struct contract *c = calloc(1, sizeof *c);
	for (size_t i = 0; i < sizeof form / sizeof *form; i++) {
		const char *t = form[i].rule;
		memset(c, 0, sizeof *c);
		c->n_pins = 3;
		c->n_rules = 2;
		c->rule[1].op = RULE_ALWAYS;
		struct rule_form f = plan_form(c, rule_of(c, &t));
		if (f.kind != form[i].kind || (f.kind != RULE_FORM_OTHER && f.pins != form[i].pins))
			fail_msg("%s comes to %d %x", form[i].rule, (int)f.kind, (unsigned)f.pins);
	}
	free(c);
}

/* Random rules: the form holds exactly when the rule does. */
static void test_forms_are_exact(void **state)
{
	(void)state;
	struct contract *c = calloc(1, sizeof *c);
	unsigned seed = 1, plain = 0;
	for (int round = 0; round < 20000; round++) {
		memset(c, 0, offsetof(struct contract, rule));
		c->n_pins = 5;
		c->n_rules = 2;
		c->rule[1].op = RULE_ALWAYS;
		for (int i = 0; i < 12; i++) {
			seed = seed * 1103515245u + 12345u;
			unsigned op = seed >> 16 & 7, a = seed >> 19 & 15, b = seed >> 23 & 15;
			c->rule[c->n_rules] = op < 4 || c->n_rules < 6
			    ? (struct contract_rule){RULE_PIN, (uint16_t)(a % 5), 0}
			    : (struct contract_rule){op < 6 ? RULE_AND : RULE_OR, (uint16_t)(2 + a % (c->n_rules - 2u)),
				  (uint16_t)(2 + b % (c->n_rules - 2u))};
			c->n_rules++;
		}
		uint16_t rule = c->n_rules - 1;
		struct rule_form f = plan_form(c, rule);
		plain += f.kind != RULE_FORM_OTHER;
		for (uint32_t v = 0; v < 32 && f.kind != RULE_FORM_OTHER; v++) {
			bool holds = f.kind == RULE_FORM_ALWAYS ||
			    (f.kind == RULE_FORM_ALL && (v & f.pins) == f.pins) ||
			    (f.kind == RULE_FORM_ANY && (v & f.pins) != 0);
			assert_int_equal(holds, contract_rule_holds(c, rule, v));
		}
	}
	assert_true(plain > 5000);
	free(c);
}

/* The FID of the DF depends on the AID alone, and never is one of the AP's files'. */
static void test_fids(void **state)
{
	(void)state;
	struct bed b = {0};
	const struct one same = {"", "", ""};
	struct plan *p = plan_of(&b, ISO, &same, true);
	assert_non_null(p);
	char fid[32];
	snprintf(fid, sizeof fid, "fid=\"%04X\"", (unsigned)p->df);
	const struct one clash = {"fid=\"0002\"", fid, ""};
	struct plan *q = plan_of(&b, ISO, &clash, true);
	assert_non_null(q);
	assert_int_equal(q->df, p->df + 1);
	const struct one se = {"fid=\"0002\"", "fid=\"7B00\"", ""};
	q = plan_of(&b, ISO, &se, true);
	assert_non_null(q);
	assert_int_equal(q->df, p->df);
	assert_int_equal(q->se_file, 0x7b01);
	done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_all_codes),
	    cmocka_unit_test(test_personality),
	    cmocka_unit_test(test_assumed),
	    cmocka_unit_test(test_all_at_once),
	    cmocka_unit_test(test_forms),
	    cmocka_unit_test(test_forms_are_exact),
	    cmocka_unit_test(test_fids),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
