/* apc check FILE: is the description right? */
#include "compiler/apc.h"

#include "compiler/description/description.h"
#include "runtime/base/file.h"
#include "runtime/base/json.h"
#include "runtime/base/xml.h"

const struct description *apc_read(struct cli *c, struct arena *a, const char *path)
{
	struct buf b = {0};
	const struct description *ap = NULL;
	cli_trace(c, "read %s", path);
	if (file_read(path, XML_MAX, &b, &c->diags))
		ap = description_read(a, b.p, b.n, path, &c->diags);
	buf_reset(&b);
	return ap;
}

bool apc_check(struct cli *c)
{
	struct arena a = {0};
	const struct description *ap = apc_read(c, &a, c->arg[0]);
	if (ap != NULL) {
		description_policy(ap, &c->diags);
		diag_sort(&c->diags);
		const struct contract *k = ap->contract;
		unsigned n = (unsigned)diag_count(&c->diags, DIAG_WARNING);
		struct json j = json_to(&c->result);
		json_put_object(&j, NULL);
		json_put_text(&j, "id", k->id);
		json_put_text(&j, "version", k->version);
		json_put_hex(&j, "aid", k->aid, k->aid_len);
		json_put_number(&j, "files", k->n_files);
		json_put_number(&j, "fields", k->n_fields);
		json_put_number(&j, "pins", k->n_pins);
		json_put_number(&j, "values", k->n_values);
		json_put_number(&j, "warnings", n);
		json_put_end(&j);
		cli_say(c,
		    cli_pick(c, "%s %s: files %u, PINs %u, values of each card %u; no errors, warnings %u",
			"%s %s:ファイル %u、PIN %u、カードごとの値 %u。エラーなし、警告 %u"),
		    k->id, k->version, (unsigned)k->n_files, (unsigned)k->n_pins, (unsigned)k->n_values, n);
	}
	arena_free(&a);
	return ap != NULL;
}
