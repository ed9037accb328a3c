/* Our own Java Card packages on the simulated machine, against the dialogues that the reference implementation of Java
 * Card 2.2.2 gave for them. NAME.apdus: "# load OTHER" and "# install AID [PARAMETERS]" lines, then "APDU => ANSWER"
 * and RESET. A package that imports what this machine has not yet is left out by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/support/jc_fixture.h"

static const char *const names[] = {"tiny", "echo", "counter", "pin", "exceptions", "interfaces", "statics", "several",
    "large", "client", "server", "guest", "import-1.0", "import-1.1", "import-1.2", "import-1.3", "import-1.4",
    "import-1.5", "import-1.6", "services"};

/* Limits of the reference implementation. */
static struct jc_chip reference_chip(void)
{
	struct jc_chip c = kit_chip();
	c.version = 0x0202;
	c.persistent = 200000;
	c.reset = 4096;
	c.deselect = 2048;
	c.apdu_buffer = 133;
	c.commit = 1024;
	c.receive_needs_data = true;
	return c;
}

static void exchange(struct kit *k, const char *name, char *line)
{
	struct buf cmd = {0};
	char *want = strstr(line, "=>"), *got = malloc(2 * 70000);
	assert_non_null(got);
	if (want != NULL) {
		*want = 0;
		want += 2 + strspn(want + 2, " ");
	}
	kit_hex(&cmd, line);
	fixture_command(k, &cmd);
	hex_encode(got, k->rsp.p, k->rsp.n);
	if (want != NULL && strcmp(got, want) != 0)
		fail_msg("%s: %s => %s, wanted %s", name, line, got, want);
	free(got);
	buf_reset(&cmd);
}

static void line_of(struct kit *k, const char *name, char *line)
{
	if (strncmp(line, "# load ", 7) == 0)
		fixture_load(k, line + 7);
	else if (strncmp(line, "# install ", 10) == 0) {
		if (!k->loaded)
			fixture_load(k, name);
		k->loaded = true;
		fixture_install(k, line + 10);
	} else if (strcmp(line, "RESET") == 0)
		assert_true(kit_power_up(k, NV_NO_CUT));
	else if (line[0] != '#' && line[0] != 0)
		exchange(k, name, line);
}

static void play(const char *name, const struct jc_chip *chip)
{
	struct kit k;
	char path[256];
	struct buf text = {0};
	struct diag_list d = {0};
	snprintf(path, sizeof path, FIXTURES "/%s.apdus", name);
	assert_true(file_read(path, 1 << 20, &text, &d));
	kit_new(&k, chip);
	for (char *line = strtok((char *)(uintptr_t)buf_cstr(&text), "\n"); line != NULL; line = strtok(NULL, "\n"))
		line_of(&k, name, line);
	buf_reset(&text);
	kit_free(&k);
}

static void dialogues(void **state)
{
	struct jc_chip chip = reference_chip();
	(void)state;
	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
		play(names[i], &chip);
}

/* Extended length APDUs reach an applet that takes them, through a buffer that is smaller than they are. */
static void extended(void **state)
{
	struct jc_chip chip = kit_chip();
	(void)state;
	chip.extended = true;
	play("extended", &chip);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(dialogues), cmocka_unit_test(extended)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
