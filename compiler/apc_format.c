/* apc format FILE: the description in its canonical form, on standard output. */
#include "compiler/apc.h"

#include "compiler/description/description.h"
#include "runtime/base/file.h"
#include "runtime/base/json.h"
#include "runtime/base/xml.h"

bool apc_format(struct cli *c)
{
	struct arena a = {0};
	struct buf b = {0}, out = {0};
	struct json j = json_to(&c->result);
	bool ok = file_read(c->arg[0], XML_MAX, &b, &c->diags) &&
	    description_format(&a, b.p, b.n, c->arg[0], cli_has(c, "whole"), &out, &c->diags);
	if (ok) {
		buf_add(&c->text, out.p, out.n);
		json_put_object(&j, NULL);
		json_put_text(&j, "text", buf_cstr(&out));
		json_put_end(&j);
	}
	buf_reset(&out);
	buf_reset(&b);
	arena_free(&a);
	return ok;
}
