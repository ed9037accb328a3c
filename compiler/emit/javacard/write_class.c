#include <string.h>

#include "compiler/emit/javacard/inside.h"

/* Class (JCVM 6.9): interfaces, then classes, at the offsets that asm_number gave them. */

static void put_interface(struct assembler *s, const struct asm_class *c, struct buf *out)
{
	unsigned flags = CLASS_INTERFACE | (c->shareable ? CLASS_SHAREABLE : 0u);
	buf_u8(out, flags << 4 | c->n_all);
	for (const struct asm_implemented *i = c->all; i != NULL; i = i->next)
		buf_u16(out, asm_class_ref(s, i->interface));
}

static void put_table(struct buf *out, struct asm_method *const *method, unsigned base, unsigned n)
{
	for (unsigned i = base; i < base + n; i++)
		buf_u16(out, method[i] == NULL ? 0xffff : (unsigned)method[i]->offset);
}

/* The virtual token under which the class has a method of an interface. */
static bool put_index(
    struct assembler *s, struct asm_class *c, const char *name, const char *descriptor, struct buf *out)
{
	struct asm_name beyond = {0};
	const struct asm_method *own = asm_own_method((struct asm_name){.own = c}, name, descriptor, &beyond);
	const struct api_member *api =
	    own != NULL ? NULL : asm_api_method(beyond, API_VIRTUAL_METHOD, name, descriptor);
	if (own != NULL && (own->access & ACCESS_PUBLIC))
		buf_u8(out, own->token);
	else if (api != NULL)
		buf_u8(out, api->token);
	else
		return asm_fail(s, "'%s' has no public method '%s%s' of its interface", c->name, name, descriptor);
	return true;
}

static unsigned api_methods(const struct api_class *c)
{
	unsigned n = 0;
	for (const struct api_member *m = c->member; m->name != NULL; m++)
		n += m->kind == API_INTERFACE_METHOD;
	return n;
}

static bool put_implemented(struct assembler *s, struct asm_class *c, struct asm_name interface, struct buf *out)
{
	buf_u16(out, asm_class_ref(s, interface));
	unsigned n = interface.own != NULL ? interface.own->n_interface : api_methods(interface.api);
	buf_u8(out, n);
	for (unsigned i = 0; i < n; i++) {
		const struct asm_method *own = interface.own != NULL ? interface.own->interface[i] : NULL;
		const struct api_member *api =
		    own != NULL ? NULL : api_member_by_token(interface.api, API_INTERFACE_METHOD, i);
		if (own == NULL && api == NULL)
			return asm_fail(s, "'%s' has no method with token %u", interface.api->name, i);
		if (!put_index(s, c, own != NULL ? own->name : api->name,
			own != NULL ? own->descriptor : api->descriptor, out))
			return false;
	}
	return true;
}

/* 2.3: which token of the superclass each is, FF for new ones (6.9.2). */
static void put_mapping(struct assembler *s, const struct asm_class *c, struct buf *out)
{
	unsigned inherited = c->super.own != NULL ? c->super.own->public_total : asm_api_virtuals(s, c->super);
	unsigned n = c->public_base + c->public_count;
	for (unsigned i = 0; i < n; i++)
		buf_u8(out, i < inherited ? i : NO_TOKEN);
	buf_u8(out, n);
}

static bool put_class(struct assembler *s, struct asm_class *c, struct buf *out)
{
	buf_u8(out, (c->shareable ? CLASS_SHAREABLE << 4 : 0u) | c->n_all);
	buf_u16(out, asm_class_ref(s, c->super));
	buf_u8(out, c->size);
	buf_u8(out, c->first_reference);
	buf_u8(out, c->references);
	buf_u8(out, c->public_base);
	buf_u8(out, c->public_count);
	buf_u8(out, c->package_base);
	buf_u8(out, c->package_count);
	put_table(out, c->virtuals, c->public_base, c->public_count);
	put_table(out, c->packages, c->package_base, c->package_count);
	for (const struct asm_implemented *i = c->all; i != NULL; i = i->next)
		if (!put_implemented(s, c, i->interface, out))
			return false;
	if (s->format >= 0x0203)
		put_mapping(s, c, out);
	return true;
}

bool asm_write_class(struct assembler *s, struct buf *out)
{
	if (s->format >= 0x0202)
		buf_u16(out, 0); /* signature pool: for remote methods */
	for (unsigned pass = 0; pass < 2; pass++)
		for (struct asm_class *c = s->classes; c != NULL; c = c->next) {
			bool interface = (c->access & ACCESS_INTERFACE) != 0;
			if (interface && pass == 0)
				put_interface(s, c, out);
			else if (!interface && pass == 1 && !put_class(s, c, out))
				return false;
		}
	return true;
}

static void export_class(const struct asm_class *c, struct buf *out)
{
	bool interface = (c->access & ACCESS_INTERFACE) != 0;
	unsigned fields = 0, methods = 0;
	for (const struct asm_field *f = c->fields; f != NULL; f = f->next)
		fields += (f->access & ACCESS_STATIC) && f->token != NO_TOKEN;
	for (const struct asm_method *m = c->methods; m != NULL && !interface; m = m->next)
		methods += !asm_is_virtual(m) && m->token != NO_TOKEN;
	buf_u16(out, c->offset);
	buf_u8(out, fields);
	buf_u8(out, methods);
	for (const struct asm_field *f = c->fields; f != NULL; f = f->next)
		if ((f->access & ACCESS_STATIC) && f->token != NO_TOKEN)
			buf_u16(out, f->offset);
	for (const struct asm_method *m = c->methods; m != NULL && !interface; m = m->next)
		if (!asm_is_virtual(m) && m->token != NO_TOKEN)
			buf_u16(out, (unsigned)m->offset);
}

/* 6.13: by class token. Interfaces have neither static fields nor methods. */
void asm_write_export(struct assembler *s, struct buf *out)
{
	buf_u8(out, s->n_exported);
	for (unsigned token = 0; token < s->n_exported; token++)
		for (const struct asm_class *c = s->classes; c != NULL; c = c->next)
			if (c->token == token)
				export_class(c, out);
}
