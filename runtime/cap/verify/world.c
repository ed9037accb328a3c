#include "runtime/cap/verify/world.h"

#include <assert.h>
#include <string.h>

#include "runtime/cap/names.h"

enum { ANY_VERSION = 0xffff };

/* A class is known as soon as somebody names it, its members later: they may name it in turn. */

static struct class *add_class(struct world *w, const struct package *p, const char *name)
{
	if (w->n_classes == w->room) {
		size_t room = w->room * 2 + 64;
		struct class **more = arena_alloc(w->arena, room * sizeof(struct class *));
		if (w->n_classes != 0)
			memcpy(more, w->class, w->n_classes * sizeof(struct class *));
		w->class = more;
		w->room = room;
	}
	struct class *c = ARENA_NEW(w->arena, struct class);
	c->index = (uint16_t)w->n_classes;
	c->package = p;
	c->name = name;
	w->class[w->n_classes++] = c;
	return c;
}

static struct package *add_package(struct world *w, size_t n_classes)
{
	struct package *p = ARENA_NEW(w->arena, struct package);
	assert(w->n_packages < sizeof w->all / sizeof w->all[0]);
	p->n_classes = n_classes;
	p->class = arena_alloc(w->arena, n_classes * sizeof(struct class *));
	w->all[w->n_packages++] = p;
	return p;
}

/* ---- packages of the platform ---- */

static struct package *api_package(struct world *w, const struct api_package *api)
{
	for (size_t i = 0; i < w->n_packages; i++)
		if (w->all[i]->api == api)
			return w->all[i];
	size_t n = 0;
	while (api->class[n].name != NULL)
		n++;
	struct package *p = add_package(w, n);
	p->api = api;
	p->version = ANY_VERSION; /* until an import says otherwise */
	return p;
}

static const struct class *api_class(struct world *w, struct package *p, const struct api_class *api);

static const struct class *filled(struct world *w, const struct class *c);

const struct class *world_named(struct world *w, const char *name)
{
	const struct api_package *package;
	const struct api_class *c = api_class_named(name, &package);
	return c == NULL ? NULL : filled(w, api_class(w, api_package(w, package), c));
}

static void api_interfaces(struct world *w, struct class *c, const char *names)
{
	c->interface_of = arena_alloc(w->arena, (strlen(names) / 2 + 1) * sizeof(struct class *));
	while (*names != '\0') {
		size_t n = strcspn(names, " ");
		const struct class *one = world_named(w, arena_strndup(w->arena, names, n));
		if (one != NULL)
			c->interface_of[c->n_interfaces++] = one;
		names += n + strspn(names + n, " ");
	}
}

static const struct class *api_class(struct world *w, struct package *p, const struct api_class *api)
{
	struct class **slot = &p->class[api - p->api->class];
	if (*slot != NULL)
		return *slot;
	struct class *c = *slot = add_class(w, p, api->name);
	c->token = api->token;
	c->public = true;
	c->interface = (api->flags & API_IS_INTERFACE) != 0;
	c->shareable = (api->flags & API_SHAREABLE) != 0;
	c->final = (api->flags & API_FINAL) != 0;
	c->abstract = (api->flags & API_ABSTRACT) != 0;
	c->super = api->superclass[0] == '\0' ? NULL : world_named(w, api->superclass);
	api_interfaces(w, c, api->interfaces);
	return c;
}

static void api_method(struct world *w, struct class *c, const struct api_member *from)
{
	struct method *one = &c->method[c->n_methods];
	*one = (struct method){.class = c,
	    .kind = from->kind,
	    .token = from->token,
	    .access = from->flags,
	    .is_static = (from->flags & API_STATIC) != 0,
	    .init = from->name[0] == '<',
	    .abstract = (from->flags & API_ABSTRACT) != 0};
	one->name = arena_printf(w->arena, "%s%s", from->name, from->descriptor);
	if (type_of_signature_text(w, from->descriptor, &one->type))
		c->n_methods++;
}

static void api_field(struct world *w, struct class *c, const struct api_member *from)
{
	struct field *one = &c->field[c->n_fields];
	*one = (struct field){.class = c, .token = from->token, .access = from->flags, .is_static = true};
	if (type_of_text(w, from->descriptor, &one->type))
		c->n_fields++;
}

static void api_members(struct world *w, struct class *c)
{
	const struct api_class *from = api_class_by_token(c->package->api, c->token);
	size_t n = 0;
	while (from->member[n].name != NULL)
		n++;
	c->method = arena_alloc(w->arena, n * sizeof *c->method);
	c->field = arena_alloc(w->arena, n * sizeof *c->field);
	for (size_t i = 0; i < n; i++) {
		const struct api_member *one = &from->member[i];
		if (one->since > c->package->version || one->token == API_NO_TOKEN)
			continue;
		if (one->kind == API_STATIC_FIELD)
			api_field(w, c, one);
		else
			api_method(w, c, one);
	}
}

/* ---- packages of CAP files ---- */

static const struct class *cap_class(struct world *w, struct package *p, const struct cap_class *from);

static struct package *library_package(struct world *w, const struct cap_import *import);

/* A package of the platform in a version that api.def has. Those of GlobalPlatform go by their members alone. */
static bool is_known(const struct cap_import *import)
{
	return import->api != NULL &&
	    (import->api->version[API_RELEASES - 1] == 0 || api_release(import->api, import->version) != NULL);
}

static bool fill_imports(struct world *w, struct package *p)
{
	const struct cap *cap = p->model->cap;
	for (size_t i = 0; i < cap->n_imports; i++) {
		const struct cap_import *one = &cap->import[i];
		struct package *is = is_known(one) ? api_package(w, one->api) : library_package(w, one);
		p->import[i] = is;
		if (is == NULL && w->missing == NULL)
			w->missing = one;
		if (is != NULL && is->api != NULL && (is->version == ANY_VERSION || one->version > is->version))
			is->version = one->version;
	}
	return w->missing == NULL;
}

static struct package *cap_package(struct world *w, const struct cap_model *m)
{
	struct package *p = add_package(w, m->n_classes);
	p->model = m;
	p->version = m->cap->version;
	return fill_imports(w, p) ? p : NULL;
}

/* The same package, of the same major and at least the same minor version (JCVM 4.5.2). */
static struct package *library_package(struct world *w, const struct cap_import *import)
{
	for (size_t i = 0; w->library != NULL && w->library[i] != NULL; i++) {
		const struct cap *c = w->library[i]->cap;
		if (c->aid.n != import->aid.n || memcmp(c->aid.p, import->aid.p, c->aid.n) != 0 ||
		    c->version >> 8 != import->version >> 8 || c->version < import->version)
			continue;
		for (size_t k = 0; k < w->n_packages; k++)
			if (w->all[k]->model == w->library[i])
				return w->all[k];
		return cap_package(w, w->library[i]);
	}
	return NULL;
}

static const struct class *find_class(struct world *w, const struct package *p, unsigned ref)
{
	if ((ref & CLASSREF_EXTERNAL) == 0) {
		const struct cap_class *own = cap_class_at(p->model, ref);
		return own == NULL ? NULL : cap_class(w, (struct package *)p, own); /* ours: see add_package */
	}
	unsigned token = ref & 0xff, package = ref >> 8 & 0x7f;
	if (ref == CLASSREF_NONE || package >= p->model->cap->n_imports || p->import[package] == NULL)
		return NULL;
	struct package *from = (struct package *)p->import[package];
	if (from->api != NULL) {
		const struct api_class *c = api_class_by_token(from->api, token);
		return c == NULL || c->since > from->version ? NULL : api_class(w, from, c);
	}
	if (token >= from->model->n_exported)
		return NULL;
	const struct cap_class *exported = cap_class_at(from->model, from->model->exported[token].class);
	return exported == NULL ? NULL : cap_class(w, from, exported);
}

static const struct class *cap_class(struct world *w, struct package *p, const struct cap_class *from)
{
	struct class **slot = &p->class[from - p->model->class];
	struct buf name = {0};
	if (*slot != NULL)
		return *slot;
	cap_class_text(p->model, from->offset, &name);
	struct class *c = *slot = add_class(w, p, arena_strdup(w->arena, buf_cstr(&name)));
	buf_reset(&name);
	c->own = from;
	c->token = from->token;
	c->interface = (from->flags & CLASS_INTERFACE) != 0;
	c->shareable = (from->flags & CLASS_SHAREABLE) != 0;
	c->public = (from->access & ACCESS_PUBLIC) != 0;
	c->final = (from->access & ACCESS_FINAL) != 0;
	c->abstract = (from->access & ACCESS_ABSTRACT) != 0;
	if (from->super != CLASSREF_NONE) {
		c->super = world_class(w, p, from->super);
		if (c->super == NULL)
			w->bad = c->name;
	} else if (c->interface)
		c->super = w->object;
	c->interface_of = arena_alloc(w->arena, from->n_interfaces * sizeof(struct class *));
	for (size_t i = 0; i < from->n_interfaces; i++) {
		const struct class *one = world_class(w, p, from->interface[i].class);
		if (one == NULL)
			w->bad = c->name;
		else
			c->interface_of[c->n_interfaces++] = one;
	}
	return c;
}

static const char *method_name(struct world *w, const struct cap_model *m, const struct cap_method *one)
{
	struct buf text = {0};
	if (one->offset != 0)
		cap_method_text(m, one, &text);
	else {
		cap_class_text(m, m->class[one->class].offset, &text);
		buf_printf(&text, ".method%u", one->token);
		cap_type_text(m, one->type, true, &text);
	}
	const char *name = arena_strdup(w->arena, buf_cstr(&text));
	buf_reset(&text);
	return name;
}

static void cap_method(struct world *w, struct class *c, const struct cap_method *from)
{
	struct method *one = &c->method[c->n_methods++];
	const struct cap_model *m = c->package->model;
	*one = (struct method){.class = c,
	    .token = from->token,
	    .access = from->access,
	    .is_static = (from->access & ACCESS_STATIC) != 0,
	    .init = (from->access & ACCESS_METHOD_INIT) != 0,
	    .abstract = (from->access & ACCESS_METHOD_ABSTRACT) != 0};
	one->access &= ACCESS_PUBLIC | ACCESS_PRIVATE | ACCESS_PROTECTED | ACCESS_FINAL;
	one->kind = c->interface                                          ? API_INTERFACE_METHOD
	    : one->is_static || one->init || one->access & ACCESS_PRIVATE ? API_STATIC_METHOD
									  : API_VIRTUAL_METHOD;
	one->own = from->offset == 0 ? NULL : from;
	one->name = method_name(w, m, from);
	if (!type_of_method(w, c->package, from->type, &one->type))
		w->bad = one->name;
}

static void cap_members(struct world *w, struct class *c)
{
	const struct cap_model *m = c->package->model;
	size_t index = (size_t)(c->own - m->class);
	c->method = arena_alloc(w->arena, (m->n_methods + m->n_declared) * sizeof *c->method);
	for (size_t i = 0; i < m->n_methods; i++)
		if (m->method[i].described && m->method[i].class == index)
			cap_method(w, c, &m->method[i]);
	for (size_t i = 0; i < m->n_declared; i++)
		if (m->declared[i].class == index)
			cap_method(w, c, &m->declared[i]);
	c->field = arena_alloc(w->arena, c->own->n_fields * sizeof *c->field);
	for (; c->n_fields < c->own->n_fields; c->n_fields++) {
		const struct cap_field *from = &c->own->field[c->n_fields];
		struct field *one = &c->field[c->n_fields];
		*one = (struct field){.class = c, .access = from->access, .is_static = from->is_static};
		one->token = from->is_static ? from->token : from->number;
		one->offset = from->offset;
		if (!type_of_field(w, c->package, from->type, &one->type))
			w->bad = c->name;
	}
}

/* ---- */

/* Members name classes, which are then added behind. */
static void fill_members(struct world *w)
{
	w->filling = true;
	for (; w->n_filled < w->n_classes; w->n_filled++) {
		struct class *c = w->class[w->n_filled];
		if (c->package->api != NULL)
			api_members(w, c);
		else
			cap_members(w, c);
	}
	w->filling = false;
}

/* All packages have to be known before the first member is: its type may be of any. */
static const struct class *filled(struct world *w, const struct class *c)
{
	if (w->ready && !w->filling)
		fill_members(w);
	return c;
}

const struct class *world_class(struct world *w, const struct package *p, unsigned ref)
{
	return filled(w, find_class(w, p, ref));
}

bool world_of(struct world *w, const struct cap_model *m, const struct cap_model *const *library, struct arena *a)
{
	*w = (struct world){.arena = a, .library = library};
	w->object = world_named(w, "java/lang/Object");
	w->throwable = world_named(w, "java/lang/Throwable");
	struct package *p = cap_package(w, m);
	if (p == NULL)
		return false;
	w->package = p;
	w->applet = world_named(w, "javacard/framework/Applet");
	for (size_t i = 0; i < m->n_classes; i++)
		cap_class(w, p, &m->class[i]);
	w->ready = true;
	fill_members(w);
	return w->bad == NULL;
}

const struct class *world_own(const struct world *w, const struct cap_class *c)
{
	return w->package->class[c - w->package->model->class];
}

static const struct method *by_token(const struct class *c, enum api_kind kind, unsigned token)
{
	for (size_t i = 0; i < c->n_methods; i++)
		if (c->method[i].kind == kind && c->method[i].token == token && token != API_NO_TOKEN)
			return &c->method[i];
	return NULL;
}

const struct method *class_virtual(const struct class *c, unsigned token)
{
	const struct method *found = NULL;
	for (const struct package *p = c->package; c != NULL && found == NULL; c = c->super)
		if ((token & 0x80) == 0 || c->package == p) /* package-visible ones are numbered in each package */
			found = by_token(c, API_VIRTUAL_METHOD, token);
	return found;
}

const struct method *class_static(const struct class *c, unsigned token)
{
	const struct cap_model *m = c->package->model;
	if (m == NULL)
		return by_token(c, API_STATIC_METHOD, token);
	for (size_t i = 0; i < m->n_exported; i++)
		if (m->exported[i].class == c->own->offset && token < m->exported[i].n_methods) {
			const uint8_t *at = m->exported[i].method + 2 * (size_t)token;
			const struct cap_method *own = cap_method_at(m, (unsigned)at[0] << 8 | at[1]);
			return own == NULL ? NULL : class_method_at(c, own);
		}
	return NULL;
}

const struct method *class_interface_method(const struct class *c, unsigned token)
{
	const struct method *found = by_token(c, API_INTERFACE_METHOD, token);
	for (size_t i = 0; i < c->n_interfaces && found == NULL; i++)
		found = class_interface_method(c->interface_of[i], token);
	return found;
}

const struct method *class_method_at(const struct class *c, const struct cap_method *own)
{
	for (size_t i = 0; i < c->n_methods; i++)
		if (c->method[i].own == own)
			return &c->method[i];
	return NULL;
}

const struct field *class_field(const struct class *c, unsigned token, bool is_static)
{
	for (; c != NULL; c = is_static ? NULL : c->super)
		for (size_t i = 0; i < c->n_fields; i++)
			if (c->field[i].is_static == is_static && c->field[i].token == token && token != API_NO_TOKEN)
				return &c->field[i];
	return NULL;
}
