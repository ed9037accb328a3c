#include <string.h>

#include "compiler/emit/javacard/inside.h"

static bool find_extern(const struct assembler *s, const char *name, struct asm_name *out)
{
	for (const struct asm_extern *e = s->externs; e != NULL; e = e->next)
		for (const struct api_class *c = e->package->class; c->name != NULL; c++)
			if (strcmp(c->name, name) == 0) {
				out->api = c;
				out->package = e->package;
				return true;
			}
	out->api = api_class_named(name, &out->package);
	return out->api != NULL;
}

bool asm_find(struct assembler *s, const char *name, struct asm_name *out)
{
	*out = (struct asm_name){0};
	for (struct asm_class *c = s->classes; c != NULL; c = c->next)
		if (strcmp(c->name, name) == 0) {
			out->own = c;
			return true;
		}
	return find_extern(s, name, out) || asm_fail(s, "no class '%s' is known", name);
}

void asm_need(struct assembler *s, const struct api_package *p, api_version since)
{
	size_t i = 0;
	while (i < s->n_imports && s->import[i].package != p)
		i++;
	if (i == sizeof s->import / sizeof s->import[0]) {
		asm_fail(s, "more than 128 packages are imported");
		return;
	}
	if (i == s->n_imports)
		s->import[s->n_imports++].package = p;
	if (s->import[i].version < since)
		s->import[i].version = since;
}

/* The version of a package whose members are all of its first one; an import of it names at least this. */
static api_version first_version(const struct api_package *p)
{
	api_version first = 0xffff;
	for (const struct api_class *c = p->class; c->name != NULL; c++)
		if (c->since < first)
			first = c->since;
	return first;
}

unsigned asm_class_ref(struct assembler *s, struct asm_name n)
{
	if (n.own != NULL)
		return n.own->offset;
	api_version first = first_version(n.package);
	asm_need(s, n.package, n.api->since > first ? n.api->since : first);
	for (size_t i = 0; i < s->n_imports; i++)
		if (s->import[i].package == n.package)
			return CLASSREF_EXTERNAL | (unsigned)i << 8 | n.api->token;
	return CLASSREF_NONE; /* after a mistake */
}

const char *asm_next_type(const char *type)
{
	while (*type == '[')
		type++;
	if (*type != 'L')
		return *type == 0 ? NULL : type + 1;
	type = strchr(type, ';');
	return type == NULL ? NULL : type + 1;
}

unsigned asm_words_of(const char *type)
{
	switch (type[0]) {
	case 'Z':
	case 'B':
	case 'S':
	case '[':
	case 'L':
		return 1;
	case 'I':
		return 2;
	default:
		return 0;
	}
}

unsigned asm_arguments(const char *descriptor)
{
	unsigned words = 0;
	for (const char *t = descriptor + 1; t != NULL && *t != ')' && *t != 0; t = asm_next_type(t))
		words += asm_words_of(t);
	return words;
}

const char *asm_returned(const char *descriptor)
{
	const char *t = descriptor + 1;
	while (t != NULL && *t != ')' && *t != 0) {
		if (asm_words_of(t) == 0)
			return NULL;
		t = asm_next_type(t);
	}
	return t == NULL || *t != ')' || (t[1] != 'V' && asm_words_of(t + 1) == 0) ? NULL : t + 1;
}

bool asm_is_interface(struct asm_name n)
{
	return n.own != NULL ? (n.own->access & ACCESS_INTERFACE) != 0 : (n.api->flags & API_IS_INTERFACE) != 0;
}

bool asm_same_class(struct asm_name x, struct asm_name y)
{
	return x.own == y.own && x.api == y.api;
}

const struct api_member *asm_api_method(struct asm_name n, enum api_kind kind, const char *name, const char *descriptor)
{
	return n.api == NULL ? NULL : api_member_named(n.api, kind, name, descriptor);
}

/* The nearest method of this name in the class or its superclasses of this package; NULL and the first class beyond
 * these when there is none. */
struct asm_method *asm_own_method(struct asm_name n, const char *name, const char *descriptor, struct asm_name *beyond)
{
	for (; n.own != NULL; n = n.own->super)
		for (struct asm_method *m = n.own->methods; m != NULL; m = m->next)
			if (strcmp(m->name, name) == 0 && strcmp(m->descriptor, descriptor) == 0)
				return m;
	*beyond = n;
	return NULL;
}

/* Tokens that a later version of the package added are behind those of the version that is imported, so that a class
 * that is extended counts what the imported version has. */
unsigned asm_api_virtuals(struct assembler *s, struct asm_name n)
{
	unsigned count = 0;
	api_version version = n.api->since;
	for (size_t i = 0; i < s->n_imports; i++)
		if (s->import[i].package == n.package && s->import[i].version > version)
			version = s->import[i].version;
	for (const struct api_member *m = n.api->member; m->name != NULL; m++)
		if (m->kind == API_VIRTUAL_METHOD && m->since <= version && m->token >= count)
			count = m->token + 1u;
	return count;
}
