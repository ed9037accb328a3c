/* apc verify-cap FILE.cap: would anybody's package run on every card without harm? CAP files of packages that it
 * imports besides the platform's are given with --library. */
#include "compiler/apc.h"

#include <stdlib.h>

#include "runtime/base/file.h"
#include "runtime/base/json.h"
#include "runtime/cap/verify/verify.h"

struct package {
	struct cap cap;
	struct cap_model model;
};

/* NULL with diagnostics. */
static struct package *package_open(const char *path, struct diag_list *d)
{
	struct buf file = {0};
	struct package *p = calloc(1, sizeof *p);
	bool ok = p != NULL || diag_add(d, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	ok = ok && file_read(path, CAP_FILE_MAX, &file, d) && cap_open(&p->cap, file.p, file.n, path, d) &&
	    cap_read(&p->model, &p->cap, d);
	buf_reset(&file);
	if (ok)
		return p;
	if (p != NULL) {
		cap_model_reset(&p->model);
		cap_close(&p->cap);
	}
	free(p);
	return NULL;
}

static void package_close(struct package *p)
{
	cap_model_reset(&p->model);
	cap_close(&p->cap);
	free(p);
}

static void say(struct cli *c, const struct cap_model *m)
{
	struct json j = json_to(&c->result);
	cli_say(c,
	    cli_pick(c, "%s: verified: %zu classes, %zu methods, %zu constants\n",
		"%s:検証済み(クラス %zu、メソッド %zu、定数 %zu)\n"),
	    c->arg[0], m->n_classes, m->n_methods, m->n_constants);
	json_put_object(&j, NULL);
	json_put_text(&j, "file", c->arg[0]);
	json_put_number(&j, "classes", (int64_t)m->n_classes);
	json_put_number(&j, "methods", (int64_t)m->n_methods);
	json_put_number(&j, "constants", (int64_t)m->n_constants);
	json_put_end(&j);
}

bool apc_verify_cap(struct cli *c)
{
	struct package *library[VERIFY_LIBRARIES];
	const struct cap_model *model[VERIFY_LIBRARIES + 1] = {NULL};
	size_t n = 0, at = 0;
	bool ok = true;
	for (const char *path; ok && (path = cli_next(c, "library", &at)) != NULL;) {
		if (n == VERIFY_LIBRARIES)
			ok = diag_add(
			    &c->diags, (struct srcloc){0}, DIAG_CAP_LIBRARIES, diag_num(VERIFY_LIBRARIES), NULL);
		else if ((library[n] = package_open(path, &c->diags)) == NULL)
			ok = false;
		else {
			model[n] = &library[n]->model;
			n++;
		}
	}
	struct package *p = ok ? package_open(c->arg[0], &c->diags) : NULL;
	ok = p != NULL && cap_verify(&p->model, model, &c->diags);
	if (ok)
		say(c, &p->model);
	if (p != NULL)
		package_close(p);
	while (n > 0)
		package_close(library[--n]);
	return ok;
}
