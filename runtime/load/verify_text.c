/* A verification in words and as JSON. */
#include <string.h>

#include "runtime/load/verify.h"

static const char *result_text(enum verify_result r, bool ja)
{
	static const char *const text[][2] = {
	    [VERIFY_OK] = {"ok", "一致"},
	    [VERIFY_DIFFERS] = {"DIFFERS", "不一致"},
	    [VERIFY_NOT_TOLD] = {"not told by this chip", "このチップでは読み返せない"},
	};
	return text[r][ja];
}

static const char *or_empty(const char *s)
{
	return s == NULL ? "" : s;
}

static void row_text(const struct verify_row *row, bool ja, struct buf *out)
{
	buf_printf(out, "  %s: %s", or_empty(row->name), result_text(row->result, ja));
	if (row->result == VERIFY_DIFFERS)
		buf_printf(out, ja ? "(正 %s、カード %s)" : " (wanted %s, the card has %s)", or_empty(row->wanted),
		    or_empty(row->found));
	buf_str(out, "\n");
	if (or_empty(row->rules)[0] != 0)
		buf_printf(out, ja ? "    記述: %s\n" : "    described: %s\n", row->rules);
	if (or_empty(row->words[ja])[0] != 0)
		buf_printf(out, ja ? "    カード: %s\n" : "    the card: %s\n", row->words[ja]);
}

void verify_report_text(const struct verify_report *r, const char *lang, struct buf *out)
{
	bool ja = strcmp(lang, "ja") == 0;
	if (r->n != 0)
		buf_str(out, ja ? "カードの申告:\n" : "the card's own word:\n");
	for (size_t i = 0; i < r->n; i++)
		row_text(&r->row[i], ja, out);
	if (r->ran[VERIFY_CARD] && !r->rules_told)
		buf_str(out,
		    ja ? "  アクセス条件はこのチップでは読み返せません。probe と full の試験で確かめます。\n"
		       : "  This chip does not tell access rules; the suites probe and full prove them.\n");
	for (int l = VERIFY_PROBE; l < VERIFY_LEVELS; l++) {
		if (!r->ran[l])
			continue;
		buf_printf(out, ja ? "振る舞い(%s):\n" : "behaviour (%s):\n", verify_level_name((enum verify_level)l));
		suite_report_text(&r->suite[l], lang, out);
	}
}

static void row_json(const struct verify_row *row, struct json *j)
{
	static const char *const name[] = {
	    [VERIFY_OK] = "ok", [VERIFY_DIFFERS] = "differs", [VERIFY_NOT_TOLD] = "not-told"};
	json_put_object(j, NULL);
	json_put_text(j, "name", or_empty(row->name));
	json_put_text(j, "result", name[row->result]);
	json_put_text(j, "wanted", or_empty(row->wanted));
	json_put_text(j, "found", or_empty(row->found));
	json_put_text(j, "rules", or_empty(row->rules));
	json_put_text(j, "words", or_empty(row->words[0]));
	json_put_text(j, "words-ja", or_empty(row->words[1]));
	json_put_end(j);
}

void verify_report_json(const struct verify_report *r, struct json *j, const char *key)
{
	json_put_object(j, key);
	json_put_text(j, "level", verify_level_name(r->level));
	json_put_text(j, "state", ap_state_name(r->state));
	json_put_bool(j, "rules-told", r->rules_told);
	json_put_array(j, "objects");
	for (size_t i = 0; i < r->n; i++)
		row_json(&r->row[i], j);
	json_put_end(j);
	for (int l = VERIFY_PROBE; l < VERIFY_LEVELS; l++)
		if (r->ran[l])
			suite_report_json(&r->suite[l], j, verify_level_name((enum verify_level)l));
	json_put_end(j);
}
