/* The off-card verifier: sound packages pass, and each row of tests/golden/javacard/mutants.txt, one byte of a fixture
 * changed, is judged as that file says. What verifiers of others said of the same file stands beside it there.
 *
 * CAP_MUTANTS=FOLDER writes every fixture and mutant as a CAP file, for these others (tests/oracle/mutants). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/emit/javacard/text.h"
#include "runtime/base/file.h"
#include "runtime/cap/verify/verify.h"

enum { FIXTURES = 64 };

struct fixture {
	char name[32];
	struct buf file;
};

static struct fixture fixture[FIXTURES];
static size_t n_fixtures;

static void assemble(struct fixture *f, const char *name)
{
	char path[256];
	struct arena a = {0};
	struct buf text = {0};
	struct diag_list d = {0};
	const char *message = NULL;
	snprintf(f->name, sizeof f->name, "%s", name);
	snprintf(path, sizeof path, "tests/fixtures/javacard/%s.jca", name);
	assert_true(file_read(path, 1 << 20, &text, &d));
	assert_true(asm_text_to_cap(&a, (const char *)text.p, text.n, 0x0201, &f->file, &message));
	arena_free(&a);
	buf_reset(&text);
}

static const struct fixture *fixture_named(const char *name)
{
	for (size_t i = 0; i < n_fixtures; i++)
		if (strcmp(fixture[i].name, name) == 0)
			return &fixture[i];
	assert_true(n_fixtures < FIXTURES);
	assemble(&fixture[n_fixtures], name);
	return &fixture[n_fixtures++];
}

/* Those that other fixtures import. */
static const char *const libraries[] = {"library", "server", NULL};

struct opened {
	struct cap cap;
	struct cap_model model;
};

static struct opened *open_fixture(const char *name, struct diag_list *d)
{
	const struct fixture *f = fixture_named(name);
	struct opened *o = calloc(1, sizeof *o);
	assert_non_null(o);
	assert_true(cap_open(&o->cap, f->file.p, f->file.n, name, d) && cap_read(&o->model, &o->cap, d));
	return o;
}

static void close_fixture(struct opened *o)
{
	cap_model_reset(&o->model);
	cap_close(&o->cap);
	free(o);
}

/* The code of the first diagnostic, 0 when the package passes. */
static unsigned verdict(struct cap *c, struct diag_list *d)
{
	struct opened *o[2];
	struct cap_model m;
	const struct cap_model *library[3] = {NULL};
	for (size_t i = 0; libraries[i] != NULL; i++) {
		o[i] = open_fixture(libraries[i], d);
		library[i] = &o[i]->model;
	}
	bool ok = cap_read(&m, c, d) && cap_verify(&m, library, d);
	assert_int_equal(ok, d->n == 0);
	unsigned code = d->n == 0 ? 0 : (unsigned)d->row[0].code;
	cap_model_reset(&m);
	close_fixture(o[0]);
	close_fixture(o[1]);
	return code;
}

static void write_cap(const struct cap *c, const char *name)
{
	char path[512];
	const char *folder = getenv("CAP_MUTANTS");
	if (folder == NULL)
		return;
	snprintf(path, sizeof path, "%s/%s.cap", folder, name);
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	for (unsigned tag = 1; tag < COMPONENT_TAGS; tag++)
		assert_int_equal(fwrite(c->component[tag].p, 1, c->component[tag].n, f), c->component[tag].n);
	fclose(f);
}

static void test_sound(void **state)
{
	static const char *const name[] = {"aes", "bignumber", "client", "counter", "ec", "echo", "exceptions",
	    "extended", "guest", "import-1.0", "import-1.1", "import-1.2", "import-1.3", "import-1.4", "import-1.5",
	    "import-1.6", "interfaces", "large", "library", "managed", "pin", "rsa", "server", "several", "statics",
	    "tiny"};
	(void)state;
	for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
		struct diag_list d = {0};
		const struct fixture *f = fixture_named(name[i]);
		struct cap *c = calloc(1, sizeof *c);
		assert_non_null(c);
		assert_true(cap_open(c, f->file.p, f->file.n, name[i], &d));
		write_cap(c, name[i]);
		unsigned code = verdict(c, &d);
		if (code != 0)
			diag_print(stderr, &d, "en");
		assert_int_equal(code, 0);
		cap_close(c);
		free(c);
		diag_reset(&d);
	}
}

static enum component_tag component_named(const char *name)
{
	for (unsigned tag = 1; tag < COMPONENT_TAGS; tag++)
		if (strcmp(component_name(tag), name) == 0)
			return tag;
	fail_msg("no component %s", name);
	return 0;
}

struct mutant {
	char fixture[32], component[32], others[8], note[16];
	unsigned at, value;
};

/* What others say: R when any of them rejects it; the note overrules them, with the clause behind it in the file. */
static bool must_pass(const struct mutant *m)
{
	if (m->note[0] == '!')
		return m->note[1] == 'A';
	return strchr(m->others, 'R') == NULL;
}

static unsigned judge(const struct mutant *m, size_t line)
{
	struct diag_list d = {0};
	const struct fixture *f = fixture_named(m->fixture);
	struct cap *c = calloc(1, sizeof *c);
	unsigned code;
	char name[64];
	assert_non_null(c);
	assert_true(cap_open(c, f->file.p, f->file.n, m->fixture, &d));
	struct buf info = cap_info(c, component_named(m->component));
	assert_true(m->at < info.n && info.p[m->at] != m->value);
	info.p[m->at] = (uint8_t)m->value;
	snprintf(name, sizeof name, "mutant-%zu", line);
	write_cap(c, name);
	/* From here on as a file: what names the package is read by cap_open. */
	struct buf file = {0};
	for (unsigned tag = 1; tag < COMPONENT_TAGS; tag++)
		buf_add(&file, c->component[tag].p, c->component[tag].n);
	cap_close(c);
	if (cap_open(c, file.p, file.n, m->fixture, &d))
		code = verdict(c, &d);
	else
		code = (unsigned)d.row[0].code;
	if (getenv("CAP_VERDICTS") != NULL)
		printf(
		    "%zu %s %s %u %02X %s IG%04u\n", line, m->fixture, m->component, m->at, m->value, m->others, code);
	cap_close(c);
	free(c);
	buf_reset(&file);
	diag_reset(&d);
	return code;
}

static void test_mutants(void **state)
{
	char text[256];
	size_t line = 0, n = 0, wrong = 0;
	FILE *f = fopen("tests/golden/javacard/mutants.txt", "r");
	(void)state;
	assert_non_null(f);
	while (fgets(text, sizeof text, f) != NULL) {
		struct mutant m = {.note = ""};
		line++;
		if (text[0] == '#')
			continue;
		int fields =
		    sscanf(text, "%31s %31s %u %x %7s %15s", m.fixture, m.component, &m.at, &m.value, m.others, m.note);
		assert_true(fields >= 5);
		n++;
		if ((judge(&m, line) == 0) != must_pass(&m)) {
			fprintf(stderr, "mutants.txt:%zu: %s", line, text);
			wrong++;
		}
	}
	fclose(f);
	assert_true(n >= 500);
	assert_int_equal(wrong, 0);
}

/* Programs that a compiler would not write, each with the diagnostic or 0. Word 0 of `method` is `this`. */
static void test_programs(void **state)
{
	static const struct {
		const char *method;
		enum diag_code code;
	} row[] = {
	    {"method private go()Ljava/lang/Object;\n sconst_0\n areturn\n", DIAG_CAP_TYPE},
	    {"method private go()Ljava/lang/Object;\n aconst_null\n areturn\n", 0},
	    {"method private go()Ljava/lang/Object;\n aload_0\n areturn\n", 0},
	    {"method private go()Ljavacard/framework/AID;\n aload_0\n areturn\n", DIAG_CAP_TYPE},
	    {"method private go()S\n aload_0\n areturn\n", DIAG_CAP_MEMBER_USE},
	    {"method private go(S)V\n sload_1\n ifeq out\n aconst_null\n astore_2\n goto on\nout:\n sconst_1\n "
	     "sstore_2\n"
	     "on:\n return\n",
		0}, /* a local that nobody uses */
	    {"method private go(S)S\n sload_1\n ifeq out\n aconst_null\n astore_2\n goto on\nout:\n sconst_1\n "
	     "sstore_2\n"
	     "on:\n sload_2\n sreturn\n",
		DIAG_CAP_TYPE},
	    {"method private go(S)V\n sload_1\n ifeq out\n aconst_null\n goto on\nout:\n sconst_1\non:\n pop\n "
	     "return\n",
		DIAG_CAP_TYPE},
	    {"method private go(I)S\n iload_1\n pop2\n sload_1\n sreturn\n", DIAG_CAP_TYPE}, /* half an int */
	    {"method private go(I)V\n iload_1\n pop\n pop\n return\n", DIAG_CAP_TYPE},
	    {"method private go(I)V\n iload_1\n pop2\n return\n", 0},
	    {"method private go(I)V\n sconst_0\n sconst_0\n iload_1\n dup_x 3 4\n pop2\n pop2\n pop2\n pop\n return\n",
		0},
	    {"method private go(I)V\n iload_1\n dup_x 1 2\n pop2\n pop\n return\n", DIAG_CAP_TYPE},
	    {"method private go(I)I\n sconst_0\n sstore_2\n iload_1\n ireturn\n", DIAG_CAP_TYPE},
	    {"method private go()V\nagain:\n new Tiny\n pop\n goto again\n", 0},
	    {"method private go()V\n aconst_null\n astore_1\nagain:\n new Tiny\n astore_1\n goto again\n",
		DIAG_CAP_UNFINISHED},
	    {"method private go()V\n new Tiny\n astore_1\nfrom:\n sconst_0\n pop\nto:\n return\nhandler:\n pop\n "
	     "return\n"
	     " catch any from to handler\n",
		DIAG_CAP_UNFINISHED},
	    {"method private go()V\nfrom:\n new Tiny\n pop\nto:\n return\nhandler:\n pop\n return\n catch any from to "
	     "handler\n",
		0},
	    {"method <init>(S)V\nagain:\n sload_1\n ifne again\n aload_0\n invokespecial "
	     "javacard/framework/Applet.<init>()V\n return\n",
		0},
	    {"method <init>(S)V\nfrom:\n sload_1\n pop\nto:\n aload_0\n invokespecial "
	     "javacard/framework/Applet.<init>()V\n return\n"
	     "handler:\n pop\n aload_0\n invokespecial javacard/framework/Applet.<init>()V\n return\n catch any from "
	     "to handler\n",
		DIAG_CAP_UNFINISHED},
	    {"method <init>(S)V\n return\n", DIAG_CAP_MEMBER_USE},
	    {"method <init>(S)V\n sload_1\n ifne out\n aload_0\n invokespecial "
	     "javacard/framework/Applet.<init>()V\nout:\n return\n",
		DIAG_CAP_MEMBER_USE},
	    {"method <init>(S)V\n aload_0\n dup\n invokespecial javacard/framework/Applet.<init>()V\n invokespecial "
	     "javacard/framework/Applet.<init>()V\n return\n",
		DIAG_CAP_TYPE},
	    {"method private go()V\n aload_0\n invokevirtual javacard/framework/Applet.register()V\n return\n", 0},
	    {"method private static go(Ljavacard/framework/Applet;)V\n aload_0\n invokevirtual "
	     "javacard/framework/Applet.register()V\n return\n",
		DIAG_CAP_TYPE},

	    {"method private go()Ljava/lang/Object;\n new Tiny\n areturn\n", DIAG_CAP_TYPE}, /* no constructor */
	    {"method private go()V\n jsr sub\n return\nsub:\n astore_1\n jsr sub\n ret 1\n", DIAG_CAP_SUBROUTINE},
	    {"method private go()S\n sconst_1\n sstore_2\n jsr sub\n sload_2\n sstore_3\n aconst_null\n astore_2\n jsr "
	     "sub\n sload_3\n sreturn\n"
	     "sub:\n astore_1\n ret 1\n",
		0}, /* each call keeps its own types */
	    {"method private go()V\n jsr sub\n return\nsub:\n pop\n return\n", 0},
	    {"method private go()V\n sconst_0\n sstore_1\n ret 1\n", DIAG_CAP_TYPE},
	    {"method private go([B)S\n aload_1\n sconst_0\n saload\n sreturn\n", DIAG_CAP_TYPE},
	    {"method private go([B)S\n aload_1\n sconst_0\n baload\n sreturn\n", 0},
	    {"method private go([BI)S\n aload_1\n iload_2\n pop2\n arraylength\n sreturn\n", 0},
	    {"method private go()S\n aload_0\n arraylength\n sreturn\n", DIAG_CAP_TYPE},
	    {"method private go()V\n aload_0\n athrow\n", DIAG_CAP_TYPE},
	    {"class Other public extends javacard/framework/Applet\n"
	     "method <init>()V\n aload_0\n invokespecial javacard/framework/Applet.<init>()V\n return\n",
		DIAG_CAP_NO_CODE}, /* process */
	};
	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		struct arena a = {0};
		struct buf text = {0}, file = {0};
		struct diag_list d = {0};
		const char *message = NULL;
		buf_printf(&text,
		    "package tests/program F049474199 1.0\napplet F04947419901 Tiny\nclass Tiny public extends "
		    "javacard/framework/Applet\n"
		    "method <init>()V\n aload_0\n invokespecial javacard/framework/Applet.<init>()V\n return\n"
		    "method public static install([BSB)V\n return\n"
		    "method public process(Ljavacard/framework/APDU;)V\n return\n%s",
		    row[i].method);
		if (!asm_text_to_cap(&a, (const char *)text.p, text.n, 0x0201, &file, &message))
			fail_msg("%s: %s", row[i].method, message);
		struct cap *c = calloc(1, sizeof *c);
		assert_non_null(c);
		assert_true(cap_open(c, file.p, file.n, "program", &d));
		char name[64];
		snprintf(name, sizeof name, "program-%zu-%c", i, row[i].code == 0 ? 'A' : 'R');
		write_cap(c, name);
		unsigned code = verdict(c, &d);
		if (code != (unsigned)row[i].code) {
			diag_print(stderr, &d, "en");
			fail_msg("%s", row[i].method);
		}
		cap_close(c);
		free(c);
		arena_free(&a);
		buf_reset(&text);
		buf_reset(&file);
		diag_reset(&d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sound), cmocka_unit_test(test_programs), cmocka_unit_test(test_mutants)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
