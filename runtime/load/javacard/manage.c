/* What is done on a GlobalPlatform card besides installing: deleting, life cycles, data, security domains. */
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/load/javacard/load_file.h"
#include "runtime/load/javacard/package.h"
#include "runtime/load/javacard/receipt.h"
#include "runtime/load/loader.h"

enum { LAST_BLOCK = 0x80 };

static struct srcloc on_card(const struct loader *w)
{
	return (struct srcloc){.file = w->session.name};
}

/* --- an operation with its journal --- */

struct operation {
	struct loader *w;
	struct journal journal;
};

static bool op_begin(struct operation *x, struct loader *w, const struct aid *what)
{
	*x = (struct operation){.w = w, .journal = {.fd = -1}};
	return journal_open(&x->journal, &w->folder, w->card.identity, what->p, what->n, w->session.diags) &&
	    gp_open(w, &x->journal);
}

static bool op_end(struct operation *x, const char *event, bool ok)
{
	if (x->journal.fd >= 0 && !x->w->session.dry && !x->w->session.lost)
		ok = journal_add(&x->journal, x->w->session.diags, event, "result", ok ? "good" : "bad", NULL) && ok;
	journal_close(&x->journal);
	return ok;
}

/* --- deleting --- */

/* n: how many entries need it. */
static bool may_delete(struct loader *w, const struct gp_registry *r, const struct aid *what, bool force, size_t n)
{
	char text[2 * AID_MAX + 1];
	hex_encode(text, what->p, what->n);
	if (aid_equal(what, &w->gp.domain))
		return diag_add(w->session.diags, on_card(w), DIAG_GP_NOT_DELETABLE, text, NULL);
	if (w->session.dry)
		return true;
	if (gp_registry_find(r, what) == NULL)
		return diag_add(w->session.diags, on_card(w), DIAG_GP_ABSENT, text, NULL);
	if (n == 0 || force)
		return true;
	return diag_add(w->session.diags, on_card(w),
	    package_find(r, what) != NULL ? DIAG_GP_DEPENDENTS : DIAG_GP_DOMAIN_IN_USE, text, diag_num(n), NULL);
}

static bool is_gone(struct loader *w, const struct aid *what)
{
	struct gp_registry r = {0};
	char text[2 * AID_MAX + 1];
	if (w->session.dry)
		return true;
	bool ok = gp_registry_load(w, GP_SCOPE_APPLICATIONS | GP_SCOPE_LOAD_FILES, &r);
	if (ok && gp_registry_find(&r, what) != NULL)
		ok = diag_add(w->session.diags, on_card(w), DIAG_AP_STATE, hex_encode(text, what->p, what->n),
		    "still on the card", "まだカードにあります", NULL);
	gp_registry_reset(&r);
	return ok;
}

bool gp_remove(struct loader *w, const struct aid *what, bool force, const struct gp_authority *by, size_t *related)
{
	struct operation x;
	struct gp_registry r = {0};
	struct package_use u = {0};
	bool ok = op_begin(&x, w, what) && gp_registry_load(w, GP_SCOPE_APPLICATIONS | GP_SCOPE_LOAD_FILES, &r);
	bool was_deleting = x.journal.state == JOURNAL_DELETING;
	if (ok && was_deleting && gp_registry_find(&r, what) == NULL) {
		char text[2 * AID_MAX + 1];
		diag_add(w->session.diags, on_card(w), DIAG_DELETE_FINISHED, hex_encode(text, what->p, what->n), NULL);
		gp_registry_reset(&r);
		*related = 0;
		return op_end(&x, "removed", true);
	}
	bool package = package_find(&r, what) != NULL;
	package_use(&r, what, &u);
	*related = package ? u.n : domain_use(&r, what);
	ok = ok && may_delete(w, &r, what, force, *related);
	ok = ok &&
	    (w->session.dry || journal_add(&x.journal, w->session.diags, "delete-begin", "link", w->link.name, NULL));
	if (ok && package && u.n != 0)
		ok = package_remove(w, what, by);
	else if (ok && *related != 0)
		ok = domain_remove(w, what, by) && is_gone(w, what);
	else if (ok)
		ok = package_delete(w, what, force, by) && is_gone(w, what);
	gp_registry_reset(&r);
	return op_end(&x, ok ? "removed" : "delete-refused", ok);
}

/* --- life cycle --- */

bool gp_set_status(struct loader *w, const struct aid *what, bool associated, uint8_t status)
{
	struct operation x;
	struct buf data = {0};
	unsigned p1 = what->n == 0 ? GP_SCOPE_ISD : associated ? 0x60 : GP_SCOPE_APPLICATIONS;
	struct gp_registry r = {0};
	bool ok = op_begin(&x, w, what);
	const struct aid *named = what->n == 0 ? &w->gp.domain : what;
	buf_add(&data, named->p, named->n);
	if (ok && what->n == 0) /* from which state: a refusal is explained by it */
		ok = gp_registry_load(w, GP_SCOPE_ISD, &r);
	gp_registry_reset(&r);
	ok = ok && gp_do(w, GP_STEP_SET_STATUS, GP_SET_STATUS | p1 << 8 | status, &data, false);
	buf_reset(&data);
	return op_end(&x, "set-status", ok);
}

/* --- data --- */

static bool store(struct loader *w, struct bytes data, unsigned p1)
{
	bool extended;
	size_t room = gp_room(w, &extended);
	room = room > APDU_SHORT_DATA ? APDU_SHORT_DATA : room;
	size_t count = room == 0 ? SIZE_MAX : data.n == 0 ? 1 : (data.n + room - 1) / room;
	if (count > 256)
		return diag_add(w->session.diags, on_card(w), DIAG_GP_TOO_MANY_BLOCKS, diag_num(data.n),
		    diag_num(count), diag_num(room), NULL);
	for (size_t i = 0; i < count; i++) {
		struct buf part = {0};
		size_t at = i * room, n = data.n - at < room ? data.n - at : room;
		buf_add(&part, data.p + at, n);
		uint32_t header = GP_STORE_DATA | (p1 | (i + 1 == count ? LAST_BLOCK : 0u)) << 8 | (uint32_t)i;
		bool ok = gp_do(w, GP_STEP_STORE, header, &part, false);
		buf_reset(&part);
		if (!ok)
			return false;
	}
	return true;
}

bool gp_store_data(struct loader *w, const struct aid *target, struct bytes data, unsigned p1)
{
	struct operation x;
	struct buf select = {0};
	bool ok = op_begin(&x, w, target);
	if (ok && target->n != 0) {
		gp_install_for_personalization(&select, target);
		ok = gp_do(w, GP_STEP_FOR_PERSONALIZATION, GP_INSTALL | GP_FOR_PERSONALIZATION << 8, &select, false);
	}
	ok = ok && store(w, data, p1);
	buf_reset(&select);
	return op_end(&x, "stored", ok);
}

/* --- security domains --- */

static bool install_command(
    struct loader *w, enum gp_step step, unsigned p1, struct buf *data, struct bytes token, struct buf *covers)
{
	bool ok = token_put(data, p1, token, NULL, w->session.diags) &&
	    receipt_do(w, step, GP_INSTALL | p1 << 8, data, covers);
	buf_reset(data);
	return ok;
}

bool gp_extradite(struct loader *w, const struct aid *what, const struct aid *domain, struct bytes token)
{
	struct operation x;
	struct buf data = {0}, covers = {0};
	gp_install_for_extradition(&data, domain, what);
	bool ok = op_begin(&x, w, what);
	receipt_covers(&covers, &w->gp.domain); /* C.5.3 */
	receipt_covers(&covers, what);
	receipt_covers(&covers, domain);
	ok = ok && install_command(w, GP_STEP_EXTRADITE, GP_FOR_EXTRADITION, &data, token, &covers);
	buf_reset(&data);
	buf_reset(&covers);
	return op_end(&x, "moved", ok);
}

bool gp_update_registry(
    struct loader *w, const struct aid *what, const uint8_t privileges[GP_PRIVILEGES], struct bytes token)
{
	static const struct aid none;
	struct operation x;
	struct buf data = {0}, covers = {0};
	gp_install_for_registry(&data, &none, what, privileges, (struct bytes){0});
	buf_u8(&covers, 0); /* C.5.4: no domains; the fields from the AID on as in the command */
	receipt_covers(&covers, what);
	buf_u8(&covers, 0);
	buf_add(&covers, data.p + 3 + what->n, data.n - 3 - what->n);
	bool ok = op_begin(&x, w, what);
	ok = ok && install_command(w, GP_STEP_REGISTRY, GP_FOR_REGISTRY, &data, token, &covers);
	buf_reset(&data);
	buf_reset(&covers);
	return op_end(&x, "registry-updated", ok);
}

bool gp_make_domain(struct loader *w, const struct aid *package, const struct aid *module, const struct aid *instance,
    const uint8_t privileges[GP_PRIVILEGES], struct bytes parameters, struct bytes token)
{
	/* GPC 2.3.1, H.1.1: the RID of GlobalPlatform. */
	static const struct aid own_package = {{0xa0, 0, 0, 1, 0x51, 0x53, 0x50}, 7};
	static const struct aid own_module = {{0xa0, 0, 0, 1, 0x51, 0x53, 0x50, 0x41}, 8};
	struct operation x;
	struct buf data = {0}, c9 = {0}, covers = {0};
	gp_install_parameters(&c9, parameters, 0, 0);
	gp_install_for_install(&data, package->n != 0 ? package : &own_package, module->n != 0 ? module : &own_module,
	    instance, privileges, (struct bytes){c9.p, c9.n});
	bool ok = op_begin(&x, w, instance);
	receipt_covers(&covers, package->n != 0 ? package : &own_package);
	receipt_covers(&covers, instance);
	ok = ok && install_command(w, GP_STEP_FOR_INSTALL, GP_FOR_INSTALL | GP_FOR_SELECTABLE, &data, token, &covers);
	buf_reset(&data);
	buf_reset(&covers);
	buf_reset(&c9);
	return op_end(&x, "domain-made", ok);
}
