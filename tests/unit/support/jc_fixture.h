/* Our own Java Card packages (tests/fixtures/javacard/NAME.jca) on the bare machine of jc_kit.h. */
#ifndef IGATA_TEST_JC_FIXTURE_H
#define IGATA_TEST_JC_FIXTURE_H

#include "tests/unit/support/jc_kit.h"

#include <stdio.h>

#include "compiler/emit/javacard/text.h"
#include "runtime/base/file.h"
#include "runtime/cap/cap.h"

#define FIXTURES "tests/fixtures/javacard"

/* The load file data block. */
static inline void fixture_bytes(const char *name, struct buf *out)
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

static inline uint8_t fixture_load(struct kit *k, const char *name)
{
	enum { AID_AT = 13 };
	struct buf file = {0};
	uint8_t package = 0;
	fixture_bytes(name, &file);
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
static inline void fixture_install(struct kit *k, const char *text)
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
static inline void fixture_command(struct kit *k, const struct buf *cmd)
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

#endif
