/* apc explain-code IGnnnn: what a diagnostic means, and what to do. */
#include "compiler/apc.h"

#include "runtime/base/json.h"

static const char *severity_of(enum diag_code code, bool ja)
{
	static const char *const name[][2] = {
	    [DIAG_NOTE] = {"note", "注記"},
	    [DIAG_WARNING] = {"warning", "警告"},
	    [DIAG_ERROR] = {"error", "エラー"},
	    [DIAG_SYSTEM] = {"system error", "システムエラー"},
	};
	return name[diag_severity_of(code)][ja];
}

static void put_json(struct cli *c, enum diag_code code, const char *text)
{
	struct json j = json_to(&c->result);
	json_put_object(&j, NULL);
	json_put_text(&j, "code", text);
	json_put_text(&j, "severity", severity_of(code, false));
	json_put_text(&j, "message", diag_message_template(code, c->lang));
	json_put_text(&j, "hint", diag_hint(code, c->lang));
	json_put_text(&j, "explanation", diag_explanation(code, c->lang));
	json_put_end(&j);
}

bool apc_explain_code(struct cli *c)
{
	char text[8];
	enum diag_code code = diag_code_named(c->arg[0]);
	if (code == 0)
		return diag_add(&c->diags, (struct srcloc){0}, DIAG_NO_SUCH_CODE, c->arg[0], NULL);
	bool ja = cli_pick(c, "en", "ja")[0] == 'j';
	diag_code_text(code, text);
	buf_printf(&c->text, "%s (%s): %s\n\n%s\n", text, severity_of(code, ja), diag_message_template(code, c->lang),
	    diag_explanation(code, c->lang));
	if (diag_hint(code, c->lang)[0] != 0)
		buf_printf(&c->text, "\n%s: %s\n", cli_pick(c, "What to do", "対処"), diag_hint(code, c->lang));
	buf_str(&c->text,
	    cli_pick(c, "\n{1}, {2} and so on stand for the names and numbers of the case.\n",
		"\n{1}・{2} などには、その場合の名前や数が入ります。\n"));
	put_json(c, code, text);
	return true;
}
