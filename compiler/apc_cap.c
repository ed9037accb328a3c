/* apc inspect FILE.cap: anybody's CAP file, checked and disassembled. What names the package is shown even when
 * something behind it is wrong. */
#include "compiler/apc.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/file.h"
#include "runtime/base/json.h"
#include "runtime/cap/disassemble.h"

static bool show(struct cli *c, const struct cap *cap)
{
	struct cap_model m;
	struct json j = json_to(&c->result);
	bool japanese = strcmp(c->lang, "ja") == 0, ok = cap_read(&m, cap, &c->diags);
	cap_summary(cap, japanese, &c->text);
	if (ok)
		cap_disassemble(&m, japanese, &c->text);
	json_put_object(&j, NULL);
	cap_json(cap, ok ? &m : NULL, &j);
	json_put_end(&j);
	cap_model_reset(&m);
	return ok;
}

/* Neither entries nor signatures are in a CAP file. */
static bool refuse_option(struct cli *c, const char *option)
{
	if (!cli_has(c, option))
		return true;
	return diag_add(&c->diags, (struct srcloc){0}, DIAG_ARG_ELSEWHERE, option, "apc", "inspect FILE.cap", NULL);
}

bool apc_inspect_cap(struct cli *c)
{
	struct buf file = {0};
	if (!refuse_option(c, "entry") || !refuse_option(c, "trust") ||
	    !file_read(c->arg[0], CAP_FILE_MAX, &file, &c->diags))
		return false;
	struct cap *cap = calloc(1, sizeof *cap);
	if (cap == NULL) {
		buf_reset(&file);
		return diag_add(&c->diags, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	}
	bool ok = cap_open(cap, file.p, file.n, c->arg[0], &c->diags) && show(c, cap);
	cap_close(cap);
	free(cap);
	buf_reset(&file);
	return ok;
}
