/* What a loading terminal keeps: key files, the folder, journals, the memory of failed keys. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "runtime/base/file.h"
#include "runtime/load/journal.h"
#include "runtime/load/keys.h"
#include "runtime/load/tries.h"

static char dir[64];
static const uint8_t aid[] = {0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01};
static const char card[] = "sim:/cards/a b.card";

static int make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/igata-terminal-XXXXXX");
	return mkdtemp(dir) == NULL;
}

static int drop_dir(void **state)
{
	(void)state;
	char path[512];
	DIR *d = opendir(dir);
	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		if (e->d_name[0] != '.' && unlink(path) != 0)
			rmdir(path);
	}
	closedir(d);
	return rmdir(dir);
}

static const char *in_dir(const char *name)
{
	static char path[256];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

static bool fired(const struct diag_list *d, enum diag_code code)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->row[i].code == code)
			return true;
	diag_print(stderr, d, "en");
	return false;
}

static bool says(const struct diag_list *d, const char *text)
{
	for (size_t i = 0; i < d->n; i++)
		for (int k = 0; k < DIAG_ARGS; k++)
			if (d->row[i].arg[k] != NULL && strstr(d->row[i].arg[k], text) != NULL)
				return true;
	return false;
}

/* --- key files --- */

static void put_key_file(const char *text, mode_t mode)
{
	FILE *f = fopen(in_dir("keys"), "wb");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(in_dir("keys"), mode), 0);
}

static bool find_key(const char *chip, const char *dialect, struct loading_key *key, struct diag_list *d)
{
	char path[256];
	strcpy(path, in_dir("keys"));
	struct key_source s = {.file = path};
	return key_find(&s, chip, load_dialect_named(dialect), true, key, d);
}

static void key_file(void **state)
{
	(void)state;
	struct loading_key k;
	struct diag_list d = {0};
	put_key_file("# keys of the test\n\n"
		     "  chip-a\taes-128  000102030405060708090A0B0C0D0E0f  # of 2026\r\n"
		     "chip-b pin IGATA-SO\n"
		     "chip-c pin-hex 0011FF",
	    0600);
	assert_true(find_key("chip-a", "iso-compact", &k, &d));
	assert_int_equal(k.n, 16);
	assert_int_equal(k.bytes[15], 15);
	assert_false(k.test);
	assert_true(find_key("chip-b", "starcos", &k, &d));
	assert_memory_equal(k.bytes, "IGATA-SO", 8);
	assert_true(find_key("chip-c", "starcos", &k, &d));
	assert_int_equal(k.n, 3);
	assert_int_equal(d.n, 0);
	assert_false(find_key("chip-d", "starcos", &k, &d));
	assert_true(fired(&d, DIAG_KEY_MISSING));
	diag_reset(&d);
}

static void key_file_faults(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		mode_t mode;
		enum diag_code code;
	} row[] = {
	    {"c pin 12345678\n", 0640, DIAG_KEY_FILE_MODE},
	    {"c pin 12345678\n", 0604, DIAG_KEY_FILE_MODE},
	    {"c pin 12345678\n", 0620, DIAG_KEY_FILE_MODE},
	    {"c pin 1234 5678\n", 0600, DIAG_KEY_FILE_LINE},
	    {"c pin\n", 0600, DIAG_KEY_FILE_LINE},
	    {"c pin 12345678\nc pin 12345678\n", 0600, DIAG_KEY_TWICE},
	    {"c aes-128 000102030405060708090A0B0C0D0E0F\n", 0600, DIAG_KEY_FORM},
	    {"c pin-hex 12345678F\n", 0600, DIAG_KEY_FORM},
	    {"c pin 123456789012345678901234567890123\n", 0600, DIAG_KEY_FORM},
	    {"", 0600, DIAG_KEY_MISSING},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct loading_key k;
		struct diag_list d = {0};
		put_key_file(row[i].text, row[i].mode);
		assert_false(find_key("c", "starcos", &k, &d));
		assert_true(fired(&d, row[i].code));
		assert_false(says(&d, "5678"));
		assert_int_equal(k.n, 0);
		diag_reset(&d);
	}
	struct loading_key k;
	struct diag_list d = {0};
	put_key_file("c aes-128 000102030405060708090A0B0C0D0E\n", 0400);
	assert_false(find_key("c", "iso-compact", &k, &d));
	assert_true(fired(&d, DIAG_KEY_FORM));
	diag_reset(&d);
	struct key_source s = {.file = dir};
	assert_false(key_find(&s, "c", load_dialect_named("starcos"), true, &k, &d));
	assert_true(fired(&d, DIAG_KEY_FILE_KIND));
	s.file = "/nowhere/keys";
	assert_false(key_find(&s, "c", load_dialect_named("starcos"), true, &k, &d));
	assert_true(fired(&d, DIAG_FILE_OPEN));
	diag_reset(&d);
}

/* The published test keys: for simulated cards, and for others only when named. */
static void test_keys(void **state)
{
	(void)state;
	struct loading_key k;
	struct diag_list d = {0};
	struct key_source s = {0};
	const struct load_dialect *iso = load_dialect_named("iso-compact");
	assert_true(key_find(&s, "c", iso, true, &k, &d));
	assert_true(k.test);
	assert_int_equal(k.n, 16);
	assert_false(key_find(&s, "c", iso, false, &k, &d));
	assert_true(fired(&d, DIAG_KEY_NONE));
	s.test_keys = true;
	assert_true(key_find(&s, "c", iso, false, &k, &d));
	assert_null(load_dialect_named("other"));
	diag_reset(&d);
}

/* --- folder and journal --- */

static void folders(void **state)
{
	(void)state;
	struct diag_list d = {0};
	struct folder f, g;
	struct stat st;
	char path[256];
	snprintf(path, sizeof path, "%s/x/y", dir);
	assert_true(folder_open(&f, path, &d));
	assert_true(folder_open(&g, path, &d));
	assert_memory_equal(f.key, g.key, FOLDER_KEY);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	folder_close(&f);
	folder_close(&g);
	assert_int_equal(chmod(path, 0770), 0);
	assert_false(folder_open(&f, path, &d));
	assert_true(fired(&d, DIAG_JOURNAL_OPEN_TO_ALL));
	folder_close(&f);
	snprintf(path, sizeof path, "%s/x/y/journal.key", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, FOLDER_KEY);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_false(folder_open(&f, path, &d)); /* a file */
	assert_true(fired(&d, DIAG_JOURNAL_FOLDER));
	folder_close(&f);
	unsetenv("XDG_STATE_HOME");
	char *home = strdup(getenv("HOME") == NULL ? "" : getenv("HOME"));
	unsetenv("HOME");
	assert_false(folder_open(&f, NULL, &d));
	assert_true(fired(&d, DIAG_JOURNAL_NOWHERE));
	folder_close(&f);
	snprintf(path, sizeof path, "%s/x", dir);
	setenv("XDG_STATE_HOME", path, 1);
	assert_true(folder_open(&f, NULL, &d));
	folder_close(&f);
	setenv("HOME", home, 1);
	free(home);
	diag_reset(&d);
	static const char *const made[] = {"x/igata/journal.key", "x/igata", "x/y/journal.key", "x/y", "x"};
	for (size_t i = 0; i < sizeof made / sizeof *made; i++)
		assert_int_equal(remove(in_dir(made[i])), 0);
}

static struct folder open_folder(void)
{
	struct folder f;
	struct diag_list d = {0};
	assert_true(folder_open(&f, dir, &d));
	return f;
}

static void begin_install(struct journal *j, struct diag_list *d, const char *version)
{
	char image[65] = "1111111111111111111111111111111111111111111111111111111111111111";
	char values[65] = "2222222222222222222222222222222222222222222222222222222222222222";
	assert_true(journal_add(
	    j, d, "install-begin", "image", image, "values", values, "version", version, "df", "4D2A", NULL));
}

static void journal_states(void **state)
{
	(void)state;
	struct folder f = open_folder();
	struct diag_list d = {0};
	struct journal j;
	assert_true(journal_open(&j, &f, card, aid, sizeof aid, &d));
	assert_int_equal(j.state, JOURNAL_NOTHING);
	begin_install(&j, &d, "1.0 beta=%");
	assert_int_equal(j.state, JOURNAL_INSTALLING);
	journal_close(&j);

	assert_true(journal_open(&j, &f, card, aid, sizeof aid, &d));
	assert_int_equal(j.state, JOURNAL_INSTALLING);
	assert_int_equal(j.image[0], 0x11);
	assert_int_equal(j.values[31], 0x22);
	assert_int_equal(j.df, 0x4d2a);
	struct journal other;
	assert_false(journal_open(&other, &f, card, aid, sizeof aid, &d));
	assert_true(fired(&d, DIAG_JOURNAL_BUSY));
	journal_close(&other);
	assert_true(journal_open(&other, &f, card, NULL, 0, &d)); /* the card's own */
	journal_close(&other);
	assert_true(journal_add(&j, &d, "install-end", "result", "operational", NULL));
	assert_int_equal(j.state, JOURNAL_INSTALLED);
	assert_true(journal_add(&j, &d, "delete-begin", NULL));
	assert_int_equal(j.state, JOURNAL_DELETING);
	assert_true(journal_add(&j, &d, "delete-begin", NULL));
	assert_true(journal_add(&j, &d, "delete-refused", NULL));
	assert_int_equal(j.state, JOURNAL_INSTALLED);
	assert_true(journal_add(&j, &d, "delete-begin", NULL));
	assert_true(journal_add(&j, &d, "removed", NULL));
	assert_int_equal(j.state, JOURNAL_NOTHING);
	begin_install(&j, &d, "2");
	assert_true(journal_add(&j, &d, "install-end", "result", "failed", NULL));
	journal_close(&j);
	assert_true(journal_open(&j, &f, card, aid, sizeof aid, &d));
	assert_int_equal(j.state, JOURNAL_NOTHING);
	assert_int_equal(j.entries, 10);
	journal_close(&j);

	struct journal_aid found[4];
	size_t n;
	assert_true(journal_aids(&f, card, found, 4, &n));
	assert_int_equal(n, 1);
	assert_int_equal(found[0].len, sizeof aid);
	assert_memory_equal(found[0].aid, aid, sizeof aid);
	assert_int_equal(found[0].df, 0x4d2a);
	assert_true(journal_aids(&f, "sim:/cards/other", found, 4, &n));
	assert_int_equal(n, 0);
	folder_close(&f);
	diag_reset(&d);
}

/* A journal with three entries, as bytes. */
static void sample(const struct folder *f, struct buf *text, char path[256])
{
	struct diag_list d = {0};
	struct journal j;
	assert_true(journal_open(&j, f, card, aid, sizeof aid, &d));
	begin_install(&j, &d, "1.0");
	assert_true(journal_add(&j, &d, "install-end", "result", "operational", NULL));
	strcpy(path, buf_cstr(&j.path));
	journal_close(&j);
	assert_true(file_read(path, 65536, text, &d));
	diag_reset(&d);
}

/* Any change of any byte breaks the chain (one line kept apart: a cut line is a crash, not tampering). */
static void journal_tampered(void **state)
{
	(void)state;
	struct folder f = open_folder();
	struct buf text = {0};
	char path[256];
	sample(&f, &text, path);
	for (size_t i = 0; i < text.n; i += 7) {
		struct diag_list d = {0};
		struct journal j;
		struct buf changed = {0};
		buf_add(&changed, text.p, text.n);
		changed.p[i] = changed.p[i] == 'A' ? 'B' : 'A';
		assert_true(file_write(path, changed.p, changed.n, 0600, &d));
		assert_true(journal_open(&j, &f, card, aid, sizeof aid, &d));
		bool last_newline = i == text.n - 1;
		assert_true(last_newline || fired(&d, DIAG_JOURNAL_BROKEN));
		assert_int_equal(diag_exit(&d), 0);
		assert_int_equal(j.state, last_newline ? JOURNAL_INSTALLING : JOURNAL_NOTHING);
		assert_int_equal(j.entries, last_newline ? 2 : 1);
		journal_close(&j);
		diag_reset(&d);
		buf_reset(&changed);
	}
	/* a line taken out of the middle */
	struct diag_list d = {0};
	struct journal j;
	struct buf changed = {0};
	const char *first = strchr(buf_cstr(&text), '\n'), *second = strchr(first + 1, '\n');
	buf_add(&changed, text.p, (size_t)(first + 1 - (char *)text.p));
	buf_str(&changed, second + 1);
	assert_true(file_write(path, changed.p, changed.n, 0600, &d));
	assert_true(journal_open(&j, &f, card, aid, sizeof aid, &d));
	assert_true(fired(&d, DIAG_JOURNAL_BROKEN));
	journal_close(&j);
	diag_reset(&d);
	buf_reset(&changed);
	buf_reset(&text);
	folder_close(&f);
}

/* A crash cuts the last line at any byte: the entries before it hold, and the journal goes on. */
static void journal_cut(void **state)
{
	(void)state;
	struct folder f = open_folder();
	struct buf text = {0};
	char path[256];
	sample(&f, &text, path);
	for (size_t n = 0; n < text.n; n++) {
		struct diag_list d = {0};
		struct journal j;
		assert_true(file_write(path, text.p, n, 0600, &d));
		assert_true(journal_open(&j, &f, card, aid, sizeof aid, &d));
		begin_install(&j, &d, "3");
		journal_close(&j);
		assert_true(journal_open(&j, &f, card, aid, sizeof aid, &d));
		assert_true(journal_add(&j, &d, "install-end", "result", "operational", NULL));
		journal_close(&j);
		assert_true(journal_open(&j, &f, card, aid, sizeof aid, &d));
		assert_int_equal(j.state, JOURNAL_INSTALLED);
		assert_int_equal(d.n, 0);
		journal_close(&j);
		diag_reset(&d);
	}
	buf_reset(&text);
	folder_close(&f);
}

static void journal_full(void **state)
{
	(void)state;
	struct folder f = open_folder();
	struct diag_list d = {0};
	struct journal j;
	assert_true(journal_open(&j, &f, card, aid, sizeof aid, &d));
	close(j.fd);
	j.fd = open("/dev/full", O_WRONLY);
	assert_true(j.fd >= 0);
	assert_false(journal_add(&j, &d, "delete-begin", NULL));
	assert_true(fired(&d, DIAG_JOURNAL_FAILED));
	assert_int_equal(diag_exit(&d), 2);
	assert_int_equal(j.state, JOURNAL_NOTHING);
	journal_close(&j);
	folder_close(&f);
	diag_reset(&d);
}

/* --- failed keys --- */

static void tries(void **state)
{
	(void)state;
	struct folder f = open_folder();
	struct diag_list d = {0};
	struct loading_key a = {.bytes = {1}, .n = 16}, b = {.bytes = {2}, .n = 16};
	assert_true(tries_allow(&f, card, &a, TRIES_UNKNOWN, false, &d));
	assert_true(tries_failed(&f, card, &a, 2, &d));
	assert_false(tries_allow(&f, card, &a, TRIES_UNKNOWN, false, &d));
	assert_true(fired(&d, DIAG_KEY_KNOWN_WRONG));
	assert_true(tries_allow(&f, card, &a, TRIES_UNKNOWN, true, &d));
	assert_true(tries_allow(&f, card, &b, TRIES_UNKNOWN, false, &d));
	assert_true(tries_allow(&f, "sim:/cards/other", &a, TRIES_UNKNOWN, false, &d));
	assert_true(tries_failed(&f, card, &b, 1, &d));
	struct loading_key c = {.bytes = {3}, .n = 16};
	assert_false(tries_allow(&f, card, &c, TRIES_UNKNOWN, false, &d));
	assert_true(fired(&d, DIAG_KEY_LAST_TRY));
	assert_true(tries_allow(&f, card, &c, 9, false, &d)); /* the card knows better: someone was right since */
	assert_true(tries_allow(&f, card, &c, TRIES_UNKNOWN, true, &d));
	assert_false(tries_allow(&f, card, &c, 0, true, &d)); /* blocked is blocked */
	assert_true(fired(&d, DIAG_KEY_BLOCKED));
	assert_false(tries_allow(&f, card, &a, 9, false, &d)); /* known wrong whatever the count */
	tries_done(&f, card);
	assert_true(tries_allow(&f, card, &a, TRIES_UNKNOWN, false, &d));
	assert_false(tries_allow(&f, card, &a, 1, false, &d)); /* never seen here, and the card says: one left */
	struct buf path = {0};
	assert_true(folder_file(&f, card, ".tries", &path));
	assert_true(file_write(buf_cstr(&path), "igata-tries 1\nnonsense\n", 23, 0600, &d));
	diag_reset(&d);
	assert_false(tries_allow(&f, card, &a, TRIES_UNKNOWN, false, &d));
	assert_true(fired(&d, DIAG_TRIES_DAMAGED));
	assert_true(tries_failed(&f, card, &a, TRIES_UNKNOWN, &d)); /* begun anew */
	diag_reset(&d);
	assert_false(tries_allow(&f, card, &a, TRIES_UNKNOWN, false, &d));
	assert_true(fired(&d, DIAG_KEY_KNOWN_WRONG));
	/* nothing of a key is in the file */
	struct buf text = {0};
	assert_true(file_read(buf_cstr(&path), 65536, &text, &d));
	assert_null(strstr(buf_cstr(&text), "0100000000"));
	buf_reset(&text);
	buf_reset(&path);
	folder_close(&f);
	diag_reset(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(key_file, make_dir, drop_dir),
	    cmocka_unit_test_setup_teardown(key_file_faults, make_dir, drop_dir),
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test_setup_teardown(folders, make_dir, drop_dir),
	    cmocka_unit_test_setup_teardown(journal_states, make_dir, drop_dir),
	    cmocka_unit_test_setup_teardown(journal_tampered, make_dir, drop_dir),
	    cmocka_unit_test_setup_teardown(journal_cut, make_dir, drop_dir),
	    cmocka_unit_test_setup_teardown(journal_full, make_dir, drop_dir),
	    cmocka_unit_test_setup_teardown(tries, make_dir, drop_dir),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
