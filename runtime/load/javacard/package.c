#include "runtime/load/javacard/package.h"

#include "runtime/base/hex.h"
#include "runtime/load/javacard/load_file.h"
#include "runtime/load/javacard/receipt.h"
#include "runtime/load/loader.h"

enum { RELATED = 0x80, DOMAINS_DEEP = 16 };

const struct gp_entry *package_find(const struct gp_registry *r, const struct aid *package)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->row[i].scope == GP_SCOPE_LOAD_FILES && aid_equal(&r->row[i].aid, package))
			return &r->row[i];
	return NULL;
}

bool package_made(const struct gp_registry *r, const struct aid *package, const struct gp_entry *e)
{
	if (e->scope != GP_SCOPE_APPLICATIONS)
		return false;
	if (e->load_file.n != 0)
		return aid_equal(&e->load_file, package);
	const struct gp_entry *file = package_find(r, package);
	for (size_t i = 0; file != NULL && i < file->modules; i++)
		if (aid_equal(&file->module[i], &e->aid))
			return true;
	return e->aid.n > package->n && memcmp(e->aid.p, package->p, package->n) == 0;
}

bool package_usable(const struct gp_entry *e)
{
	return e->life_cycle != LIFE_INSTALLED;
}

void package_use(const struct gp_registry *r, const struct aid *package, struct package_use *u)
{
	*u = (struct package_use){0};
	for (size_t i = 0; i < r->n; i++) {
		if (!package_made(r, package, &r->row[i]))
			continue;
		u->n++;
		u->usable += package_usable(&r->row[i]);
	}
}

bool package_delete(struct loader *w, const struct aid *what, bool related, const struct gp_authority *by)
{
	struct buf data = {0}, covers = {0};
	receipt_covers(&covers, what);
	bool ok = delete_put(&data, what, related ? RELATED : 0, by, w->session.diags) &&
	    receipt_do(w, GP_STEP_DELETE, GP_DELETE | (related ? RELATED : 0), &data, &covers);
	buf_reset(&data);
	buf_reset(&covers);
	return ok;
}

/* Cards that do not delete related objects get one command for each. */
static bool one_by_one(struct loader *w, const struct aid *package, const struct gp_authority *by)
{
	struct gp_registry r = {0};
	bool ok = gp_registry_load(w, GP_SCOPE_APPLICATIONS | GP_SCOPE_LOAD_FILES, &r);
	for (size_t i = 0; ok && i < r.n; i++)
		if (package_made(&r, package, &r.row[i]))
			ok = package_delete(w, &r.row[i].aid, false, by);
	ok = ok && package_delete(w, package, false, by);
	gp_registry_reset(&r);
	return ok;
}

static bool refused_related(const struct session *s)
{
	return !s->lost && (s->sw == SW_WRONG_DATA || s->sw == SW_WRONG_P1P2 || s->sw == SW_CONDITIONS_OF_USE);
}

bool package_remove(struct loader *w, const struct aid *package, const struct gp_authority *by)
{
	struct session *s = &w->session;
	struct diag_list *said = s->diags, first = {0};
	struct gp_registry r = {0};
	char aid[2 * AID_MAX + 1];
	s->diags = &first;
	bool ok = package_delete(w, package, true, by);
	s->diags = said;
	if (!ok && refused_related(s)) {
		diag_reset(&first);
		ok = one_by_one(w, package, by);
	}
	diag_take(said, &first);
	diag_reset(&first);
	if (!ok || s->dry)
		return ok;
	ok = gp_registry_load(w, GP_SCOPE_LOAD_FILES, &r);
	if (ok && package_find(&r, package) != NULL)
		ok = diag_add(said, (struct srcloc){.file = s->name}, DIAG_AP_STATE,
		    hex_encode(aid, package->p, package->n), "still on the card", "まだカードにあります", NULL);
	gp_registry_reset(&r);
	return ok;
}

/* --- security domains --- */

static bool in_domain(const struct gp_entry *e, const struct aid *domain)
{
	return aid_equal(&e->domain, domain) && !aid_equal(&e->aid, domain);
}

size_t domain_use(const struct gp_registry *r, const struct aid *domain)
{
	size_t n = 0;
	for (size_t i = 0; i < r->n; i++)
		n += in_domain(&r->row[i], domain);
	return n;
}

static bool empty_domain(struct loader *w, const struct aid *domain, const struct gp_authority *by, unsigned depth);

/* What one entry of the domain needs to be gone; what went with another is passed over. */
static bool empty_of(struct loader *w, const struct aid *what, const struct gp_authority *by, unsigned depth)
{
	struct gp_registry r = {0};
	bool ok = gp_registry_load(w, GP_SCOPE_APPLICATIONS | GP_SCOPE_LOAD_FILES, &r);
	const struct gp_entry *e = ok ? gp_registry_find(&r, what) : NULL;
	if (e != NULL && e->scope == GP_SCOPE_LOAD_FILES)
		ok = package_remove(w, what, by);
	else if (e != NULL)
		ok = (!gp_entry_is_domain(e) || empty_domain(w, what, by, depth + 1)) &&
		    package_delete(w, what, false, by);
	gp_registry_reset(&r);
	return ok;
}

/* Packages with what was made from them first; applications and domains in it are what is left. */
static bool empty_domain(struct loader *w, const struct aid *domain, const struct gp_authority *by, unsigned depth)
{
	struct gp_registry r = {0};
	bool ok = depth < DOMAINS_DEEP && gp_registry_load(w, GP_SCOPE_APPLICATIONS | GP_SCOPE_LOAD_FILES, &r);
	for (int files = 1; files >= 0; files--)
		for (size_t i = 0; ok && i < r.n; i++)
			if (in_domain(&r.row[i], domain) && (r.row[i].scope == GP_SCOPE_LOAD_FILES) == files)
				ok = empty_of(w, &r.row[i].aid, by, depth);
	gp_registry_reset(&r);
	return ok;
}

bool domain_remove(struct loader *w, const struct aid *domain, const struct gp_authority *by)
{
	struct session *s = &w->session;
	struct diag_list *said = s->diags, first = {0};
	s->diags = &first;
	bool ok = package_delete(w, domain, true, by);
	s->diags = said;
	if (!ok && refused_related(s)) {
		diag_reset(&first);
		ok = empty_domain(w, domain, by, 0) && package_delete(w, domain, false, by);
	}
	diag_take(said, &first);
	diag_reset(&first);
	return ok;
}
