/* The API of the simulated Java Card, token by token: the cases of tests/fixtures/javacard/table are made into packages
 * (tests/generate/calls.h) and run; test programs that run applets under the card manager tell which tokens those used;
 * every token that no card has is named by a package, which must be refused. What was executed makes the lines of
 * tests/golden/api; a token that nothing executed fails here, blessed or not.
 *
 * BLESS=1 build/tests/unit/golden_api rewrites the table: review the difference. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/generate/calls.h"
#include "tests/unit/support/api_table.h"
#include "tests/unit/support/cm_kit.h"
#include "tests/unit/support/jc_kit.h"

#include "compiler/emit/javacard/text.h"
#include "runtime/base/file.h"
#include "runtime/cap/cap.h"

#define CASES  "tests/fixtures/javacard/table"
#define GOLDEN "tests/golden/api"

static struct api_table table;
static const char *program; /* argv[0] */

/* ---- the card ---- */

static struct jc_chip full_chip(void)
{
	struct jc_chip c = kit_chip();
	c.persistent = 100000;
	c.reset = 4096;
	c.deselect = 2048;
	c.commit = 2048;
	c.extended = true;
	memset(c.algorithm, 0xff, sizeof c.algorithm);
	return c;
}

/* The load file of a package given as text. */
static void assemble(const char *name, const struct buf *text, bool with_header, struct buf *out)
{
	struct arena a = {0};
	struct buf cap = {0};
	struct diag_list d = {0};
	const char *message = NULL;
	static struct cap c;
	if (!asm_text_to_cap(&a, (const char *)text->p, text->n, API_VERSION(2, 1), &cap, &message))
		fail_msg("%s: %s", name, message);
	assert_true(cap_open(&c, cap.p, cap.n, name, &d));
	if (with_header)
		cap_load_file(&c, false, out);
	else
		cap_load_data(&c, false, out);
	cap_close(&c);
	arena_free(&a);
	buf_reset(&cap);
	diag_reset(&d);
}

static sw_t load(struct kit *k, const struct buf *file, uint8_t *package)
{
	enum { AID_AT = 13 };
	sw_t sw = jc_load_begin(k->jc, file->p + AID_AT, file->p[AID_AT - 1], 0);
	if (sw == SW_OK)
		sw = jc_load_bytes(k->jc, file->p, file->n);
	if (sw == SW_OK)
		sw = jc_load_end(k->jc, package);
	return sw;
}

/* ---- cases ---- */

static const uint8_t calls_aid[] = {0xf0, 0x49, 0x47, 0x41, 0x50, 0x01};

static uint16_t install(struct kit *k, const char *name, const struct buf *file)
{
	static const uint8_t params[] = {6, 0xf0, 0x49, 0x47, 0x41, 0x50, 0x01, 0, 0};
	uint8_t package;
	uint16_t applet;
	sw_t sw = load(k, file, &package);
	if (sw != SW_OK)
		fail_msg("%s: load %04X", name, sw);
	nv_begin(&k->sim.nv);
	jc_load_commit(k->jc);
	nv_commit(&k->sim.nv);
	jc_load_done(k->jc);
	sw = jc_install(k->jc, package, 0, calls_aid, sizeof calls_aid, params, sizeof params, &applet);
	if (sw != SW_OK)
		fail_msg("%s: install %04X", name, sw);
	nv_begin(&k->sim.nv);
	jc_install_commit(k->jc);
	nv_commit(&k->sim.nv);
	jc_install_done(k->jc);
	return applet;
}

static bool is_named(const struct jc_trace_call *c, const struct calls_named *n)
{
	if (strcmp(c->class->name, n->class->name) != 0)
		return false;
	return n->member == NULL ? c->of == JC_TRACE_CLASS
				 : (int)c->of == (int)n->member->kind && c->token == n->member->token;
}

/* What the case names itself counts; all of it must have been executed. */
static void note_case(const struct calls_case *c, const struct api_calls *calls, const char *test)
{
	char thrown[API_TEXT];
	for (unsigned i = 0; i < c->n_named; i++) {
		bool seen = false;
		for (unsigned j = 0; j < calls->n; j++) {
			const struct jc_trace_call *e = &calls->call[j];
			if (!is_named(e, &c->named[i]))
				continue;
			seen = true;
			thrown[0] = 0;
			if (e->thrown != NULL)
				api_thrown(thrown, e->thrown->name, e->reason);
			api_table_note(&table, e->class->name, (int)e->of, e->token, thrown, test);
		}
		if (!seen)
			fail_msg("%s: %s.%s was not executed", test, c->named[i].class->name,
			    c->named[i].member == NULL ? "class" : c->named[i].member->name);
	}
}

/* The answer is the one that must come, or say which line it was. */
static void check_answer(
    const char *test, const struct calls_case *c, const struct buf *rsp, const struct api_calls *calls)
{
	char got[2 * 4096 + 1];
	hex_encode(got, rsp->p, rsp->n < 4096 ? rsp->n : 4096);
	if (strcmp(got, c->answer) == 0)
		return;
	const struct jc_trace_call *l = calls->n == 0 ? NULL : &calls->call[calls->n - 1];
	unsigned sw = rsp->n < 2 ? 0 : (unsigned)(rsp->p[rsp->n - 2] << 8 | rsp->p[rsp->n - 1]);
	fail_msg("%s: line %u: %.200s; last new call: %s %d %d %s %u", test, sw >> 12 == 7 ? sw & 0xfff : 0, got,
	    l == NULL ? "" : l->class->name, l == NULL ? 0 : (int)l->of, l == NULL ? 0 : l->token,
	    l == NULL || l->thrown == NULL ? "" : l->thrown->name, l == NULL ? 0 : l->reason);
}

static void run_on_machine(const char *test, const struct calls_case *c, struct api_calls *calls)
{
	struct kit k;
	struct jc_chip chip = full_chip();
	struct buf image = {0}, cmd = {0};
	chip.t1 = !c->t0;
	chip.channels = c->one_channel ? 1 : 4;
	assemble(test, &c->text, false, &image);
	kit_new(&k, &chip);
	jc_trace_calls(k.jc, api_calls_note, calls);
	uint16_t applet = install(&k, test, &image);
	assert_true(jc_select(k.jc, applet, 0));
	kit_hex(&cmd, c->apdu);
	jc_process(k.jc, 0, c->select, cmd.p, cmd.n, &k.rsp);
	check_answer(test, c, &k.rsp, calls);
	buf_reset(&cmd);
	buf_reset(&image);
	kit_free(&k);
}

/* The same under a card manager, with the whole of org.globalplatform. */
static void run_under_manager(const char *test, const struct calls_case *c, struct api_calls *calls)
{
	static struct gp_kit k;
	struct buf image = {0}, cmd = {0}, rsp = {0};
	char fields[160];
	assemble(test, &c->text, true, &image);
	gpk_chip(&k, "nxp-jcop4-j3r180");
	gpk_make(&k);
	struct jc *jc = jc_of(&k.sim);
	jc->chip.minor[JC_ROM_org_globalplatform] = jc_rom[JC_ROM_org_globalplatform]->minor;
	jc_trace_calls(jc, api_calls_note, calls);
	snprintf(fields, sizeof fields, "05F049474150 06F04947415001 06F04947415001 %02X%s 02C900 00",
	    (unsigned)strlen(c->privileges) / 2, c->privileges);
	assert_int_equal(gpk_open(&k, 0, 0x01), SW_OK);
	assert_int_equal(gpk_install(&k, 0x02, "05F049474150 00 00 00 00"), SW_OK);
	sw_t sw = gpk_load(&k, image.p, image.n, 200);
	if (sw != SW_OK)
		fail_msg("%s: load %04X", test, sw);
	sw = gpk_install(&k, 0x0c, fields);
	if (sw != SW_OK)
		fail_msg("%s: install %04X", test, sw);
	assert_int_equal(gpk_select(&k, "F04947415001"), SW_OK);
	if (c->session >= 0)
		assert_int_equal(gpk_open(&k, 0, c->session), SW_OK);
	kit_hex(&cmd, c->apdu);
	gpk_bytes(&k, cmd.p, cmd.n);
	buf_add(&rsp, k.rsp, k.n);
	buf_u16(&rsp, k.sw);
	check_answer(test, c, &rsp, calls);
	buf_reset(&rsp);
	buf_reset(&cmd);
	buf_reset(&image);
	gpk_free(&k);
}

static void run_case(const char *file, const struct calls_case *c)
{
	static struct api_calls calls;
	char test[120];
	snprintf(test, sizeof test, "%s %s", file, c->name);
	calls.n = 0;
	if (strncmp(file, "org_", 4) == 0)
		run_under_manager(test, c, &calls);
	else
		run_on_machine(test, c, &calls);
	note_case(c, &calls, test);
}

static void run_file(const char *name)
{
	char path[320], base[64];
	struct buf text = {0};
	struct diag_list d = {0};
	struct calls_case *c = calloc(1, sizeof *c);
	const char *message = NULL;
	int more;
	snprintf(path, sizeof path, CASES "/%s", name);
	snprintf(base, sizeof base, "%.*s", (int)strcspn(name, "."), name);
	assert_true(file_read(path, 1 << 20, &text, &d));
	struct calls_file *f = calls_open((char *)(uintptr_t)buf_cstr(&text));
	assert_non_null(f);
	assert_non_null(c);
	while ((more = calls_next(f, c, &message)) == 1)
		run_case(base, c);
	if (more < 0)
		fail_msg("%s: %s", name, message);
	calls_close(f);
	buf_reset(&c->text);
	free(c);
	buf_reset(&text);
}

static int is_calls(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');
	return dot != NULL && strcmp(dot, ".calls") == 0;
}

static void cases(void **state)
{
	(void)state;
	struct dirent **list;
	int n = scandir(CASES, &list, is_calls, alphasort);
	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		run_file(list[i]->d_name);
		free(list[i]);
	}
	free(list);
}

/* ---- what other programs executed ---- */

static void programs(void **state)
{
	(void)state;
	static const char *const names[] = {"jc_api", "gp_api"};
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
		char told[] = "/tmp/igata-api-XXXXXX", command[600], class[120], thrown_class[120], thrown[API_TEXT];
		unsigned of, token, reason;
		int fd = mkstemp(told);
		assert_true(fd >= 0);
		close(fd);
		snprintf(command, sizeof command, "IGATA_API_CALLS=%s '%.*s%s' >/dev/null 2>&1", told,
		    (int)(api_last(program) - program), program, names[i]);
		assert_int_equal(system(command), 0);
		FILE *f = fopen(told, "r");
		assert_non_null(f);
		while (fscanf(f, "%119s %u %u %119s %u", class, &of, &token, thrown_class, &reason) == 5) {
			thrown[0] = 0;
			if (strcmp(thrown_class, "-") != 0)
				api_thrown(thrown, thrown_class, reason);
			api_table_note(&table, class, (int)of, token, thrown, names[i]);
		}
		fclose(f);
		unlink(told);
	}
}

/* ---- linking: a package that names one token ---- */

/* Push something for each argument, for code that is never run. */
static void push_arguments(struct buf *b, const char *descriptor)
{
	for (const char *d = descriptor + 1; *d != ')';) {
		bool ref = *d == '[' || *d == 'L';
		buf_str(b, ref ? "  aconst_null\n" : *d == 'I' ? "  iconst_0\n" : "  sconst_0\n");
		while (*d == '[')
			d++;
		d += *d == 'L' ? strcspn(d, ";") + 1 : 1;
	}
}

static void naming_package(const struct api_row *r, struct buf *image)
{
	static const char *const op[] = {"invokestatic", "invokevirtual", "invokeinterface"};
	struct buf b = {0};
	char line[300];
	buf_str(&b, "package tests/probe F049474151 1.0\nclass Probe\nmethod static probe()V\n");
	if (r->member == NULL) {
		snprintf(line, sizeof line, "  aconst_null\n  instanceof %s\n  pop\n  return\n", r->class->name);
		buf_str(&b, line);
	} else {
		const struct api_member *m = r->member;
		bool constructor = strcmp(m->name, "<init>") == 0;
		if (constructor || m->kind != API_STATIC_METHOD)
			buf_str(&b, "  aconst_null\n");
		push_arguments(&b, m->descriptor);
		snprintf(line, sizeof line, "  %s %s.%s%s\n", constructor ? "invokespecial" : op[m->kind],
		    r->class->name, m->name, m->descriptor);
		buf_str(&b, line);
		char result = strchr(m->descriptor, ')')[1];
		buf_str(&b, result == 'V' ? "" : result == 'I' ? "  pop2\n" : "  pop\n");
		buf_str(&b, "  return\n");
	}
	assemble(r->class->name, &b, false, image);
	buf_reset(&b);
}

static sw_t load_naming(struct kit *k, const struct api_row *r)
{
	struct buf image = {0};
	uint8_t package;
	naming_package(r, &image);
	sw_t sw = load(k, &image, &package);
	jc_load_abort(k->jc);
	buf_reset(&image);
	return sw;
}

/* Number of the package in the ROM; -1: not even known there. */
static int rom_number(const char *name)
{
	for (unsigned i = 0; i < JC_ROM_PACKAGES; i++)
		if (strcmp(jc_rom_name(i), name) == 0)
			return (int)i;
	return -1;
}

static void absent_tokens(void **state)
{
	(void)state;
	struct kit k;
	struct jc_chip chip = full_chip();
	kit_new(&k, &chip);
	for (unsigned i = 0; i < table.n; i++) {
		struct api_row *r = &table.row[i];
		sw_t sw = load_naming(&k, r);
		if (sw != SW_OK && sw != SW_WRONG_DATA)
			fail_msg("%s: load %04X", r->class->name, sw);
		r->absent = sw == SW_WRONG_DATA;
		if (r->absent)
			snprintf(r->test[1], sizeof r->test[1], "golden_api absent_tokens");
	}
	kit_free(&k);
}

/* A card whose package is of the version that first has the token takes it; one before that refuses it. */
static void versions(void **state)
{
	(void)state;
	struct kit k;
	for (unsigned i = 0; i < table.n; i++) {
		const struct api_row *r = &table.row[i];
		int rom = rom_number(r->package->name);
		if (r->absent || rom < 0)
			continue;
		api_version since = r->member == NULL ? r->class->since : r->member->since;
		for (int older = 0; older < 2; older++) {
			struct jc_chip chip = full_chip();
			uint8_t minor = (uint8_t)(since & 0xff);
			if (older == 1 && minor == 0 && (rom == JC_ROM_java_lang || rom == JC_ROM_javacard_framework))
				continue; /* no card is without */
			chip.minor[rom] = older == 0 ? minor : minor == 0 ? JC_ABSENT : (uint8_t)(minor - 1);
			kit_new(&k, &chip);
			sw_t sw = load_naming(&k, r), want = older == 0 ? SW_OK : SW_WRONG_DATA;
			if (sw != want)
				fail_msg("%s.%s on 1.%d: %04X", r->class->name,
				    r->member == NULL ? "class" : r->member->name, chip.minor[rom], sw);
			kit_free(&k);
		}
	}
}

/* ---- the table ---- */

static void check_file(const char *name, const struct buf *text)
{
	char path[160], base[80];
	struct buf want = {0};
	struct diag_list d = {0};
	snprintf(base, sizeof base, "%s", name);
	for (char *p = base; *p != 0; p++)
		if (*p == '/')
			*p = '_';
	snprintf(path, sizeof path, GOLDEN "/%s.txt", base);
	if (getenv("BLESS") != NULL)
		assert_true(file_write(path, text->p, text->n, 0644, &d));
	assert_true(file_read(path, 1 << 20, &want, &d));
	if (want.n != text->n || memcmp(want.p, text->p, text->n) != 0) {
		char *a = (char *)(uintptr_t)buf_cstr(&want),
		     *b = (char *)(uintptr_t)buf_cstr((struct buf *)(uintptr_t)text);
		while (*a != 0 && strcspn(a, "\n") == strcspn(b, "\n") && memcmp(a, b, strcspn(a, "\n")) == 0)
			a += strcspn(a, "\n") + 1, b += strcspn(b, "\n") + 1;
		fail_msg("%s: has\n%.*s\nnot\n%.*s", path, (int)strcspn(b, "\n"), b, (int)strcspn(a, "\n"), a);
	}
	buf_reset(&want);
	diag_reset(&d);
}

static void every_token_is_tested(void **state)
{
	(void)state;
	unsigned untested = 0;
	for (unsigned i = 0; i < table.n; i++) {
		const struct api_row *r = &table.row[i];
		if (r->returned || r->thrown[0] != 0 || r->absent)
			continue;
		untested++;
		print_error("no test executes %s %s%s\n", r->class->name,
		    r->member == NULL ? "(class)" : r->member->name, r->member == NULL ? "" : r->member->descriptor);
	}
	assert_int_equal(untested, 0);
}

static void golden(void **state)
{
	(void)state;
	struct buf text = {0};
	for (unsigned i = 0; i < table.n; i++) {
		api_row_text(&table.row[i], &text);
		if (i + 1 == table.n || table.row[i + 1].package != table.row[i].package) {
			check_file(table.row[i].package->name, &text);
			buf_clear(&text);
		}
	}
	buf_reset(&text);
}

int main(int argc, char **argv)
{
	(void)argc;
	program = argv[0];
	api_table_fill(&table);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cases),
	    cmocka_unit_test(programs),
	    cmocka_unit_test(absent_tokens),
	    cmocka_unit_test(versions),
	    cmocka_unit_test(every_token_is_tested),
	    cmocka_unit_test(golden),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
