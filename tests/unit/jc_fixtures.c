/* Our own Java Card packages on the simulated machine, against the dialogues that the reference implementation of Java
 * Card 2.2.2 gave for them. NAME.apdus: "# load OTHER" and "# install AID [PARAMETERS]" lines, then "APDU => ANSWER"
 * and RESET. A package that imports what this machine has not yet is left out by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/support/jc_kit.h"

#include "compiler/emit/javacard/text.h"
#include "runtime/base/file.h"
#include "runtime/cap/cap.h"

#define FIXTURES "tests/fixtures/javacard"

static const char *const names[] = {"tiny", "echo", "counter", "pin", "exceptions", "interfaces", "statics", "several",
    "large", "client", "server", "guest", "import-1.0", "import-1.1", "import-1.2", "import-1.3", "import-1.4",
    "import-1.5", "import-1.6"};

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

static void load_file(const char *name, struct buf *out)
{
	char path[256];
	struct arena a = {0};
	struct buf text = {0}, cap = {0};
	struct diag_list d = {0};
	struct cap c;
	const char *message = NULL;
	snprintf(path, sizeof path, FIXTURES "/%s.jca", name);
	assert_true(file_read(path, 1 << 20, &text, &d));
	assert_true(asm_text_to_cap(&a, (const char *)text.p, text.n, API_VERSION(2, 1), &cap, &message));
	assert_true(cap_open(&c, cap.p, cap.n, name, &d));
	cap_load_data(&c, false, out);
	cap_close(&c);
	arena_free(&a);
	buf_reset(&text);
	buf_reset(&cap);
	diag_reset(&d);
}

static uint8_t load(struct kit *k, const char *name)
{
	enum { AID_AT = 13 };
	struct buf file = {0};
	uint8_t package = 0;
	load_file(name, &file);
	sw_t sw = jc_load_begin(k->jc, file.p + AID_AT, file.p[AID_AT - 1], 0);
	for (size_t at = 0; sw == SW_OK && at < file.n; at += 247)
		sw = jc_load_bytes(k->jc, file.p + at, file.n - at < 247 ? file.n - at : 247);
	if (sw == SW_OK)
		sw = jc_load_end(k->jc, &package);
	if (sw != SW_OK)
		fail_msg("%s: load %04X", name, sw);
	nv_begin(&k->sim.nv);
	jc_load_commit(k->jc);
	nv_commit(&k->sim.nv);
	jc_load_done(k->jc);
	buf_reset(&file);
	return package;
}

/* The module with this AID, wherever it is; the instance gets the same AID. */
static void install(struct kit *k, const char *text)
{
	struct buf aid = {0}, params = {0};
	char word[2][300] = {"", ""};
	uint8_t module_aid[JC_AID_MAX], n;
	uint16_t applet;
	sscanf(text, "%299s %299s", word[0], word[1]);
	kit_hex(&aid, word[0]);
	kit_hex(&params, word[1]);
	for (unsigned p = JC_LOADED; p < JC_LOADED + JC_PACKAGES_MAX; p++) {
		for (unsigned m = 0; jc_package_module(k->jc, (uint8_t)p, m, module_aid, &n); m++) {
			if (n != aid.n || memcmp(module_aid, aid.p, n) != 0)
				continue;
			assert_int_equal(jc_install(k->jc, (uint8_t)p, m, aid.p, aid.n,
					     params.n == 0 ? aid.p : params.p, params.n, &applet),
			    SW_OK);
			nv_begin(&k->sim.nv);
			jc_install_commit(k->jc);
			nv_commit(&k->sim.nv);
			jc_install_done(k->jc);
		}
	}
	buf_reset(&aid);
	buf_reset(&params);
}

/* SELECT by name as the reference implementation does it: 6999 when the applet declines. */
static void command(struct kit *k, const struct buf *cmd)
{
	bool select = cmd->n > 5 && (cmd->p[0] & 0xfc) == 0 && cmd->p[1] == 0xa4 && cmd->p[2] == 4;
	uint8_t channel = cmd->p[0] & 3;
	int applet = select ? jc_applet_by_aid(k->jc, cmd->p + 5, cmd->p[4]) : -1;
	buf_clear(&k->rsp);
	if (applet > 0) {
		jc_deselect(k->jc, channel);
		if (!jc_select(k->jc, (uint16_t)applet, channel)) {
			buf_u16(&k->rsp, 0x6999);
			return;
		}
	}
	if (jc_selected_on(k->jc, channel) == JC_NOBODY)
		buf_u16(&k->rsp, applet > 0 || !select ? 0x6985 : 0x6a82);
	else
		jc_process(k->jc, channel, applet > 0, cmd->p, cmd->n, &k->rsp);
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
	command(k, &cmd);
	hex_encode(got, k->rsp.p, k->rsp.n);
	if (want != NULL && strcmp(got, want) != 0)
		fail_msg("%s: %s => %s, wanted %s", name, line, got, want);
	free(got);
	buf_reset(&cmd);
}

static void line_of(struct kit *k, const char *name, char *line)
{
	if (strncmp(line, "# load ", 7) == 0)
		load(k, line + 7);
	else if (strncmp(line, "# install ", 10) == 0) {
		if (!k->loaded)
			load(k, name);
		k->loaded = true;
		install(k, line + 10);
	} else if (strcmp(line, "RESET") == 0)
		assert_true(kit_power_up(k, NV_NO_CUT));
	else if (line[0] != '#' && line[0] != 0)
		exchange(k, name, line);
}

static void play(const char *name)
{
	struct kit k;
	struct jc_chip chip = reference_chip();
	char path[256];
	struct buf text = {0};
	struct diag_list d = {0};
	snprintf(path, sizeof path, FIXTURES "/%s.apdus", name);
	assert_true(file_read(path, 1 << 20, &text, &d));
	kit_new(&k, &chip);
	for (char *line = strtok((char *)(uintptr_t)buf_cstr(&text), "\n"); line != NULL; line = strtok(NULL, "\n"))
		line_of(&k, name, line);
	buf_reset(&text);
	kit_free(&k);
}

static void dialogues(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
		play(names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(dialogues)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
