#include <string.h>

#include "compiler/emit/javacard/inside.h"

static bool same_text(const char *x, const char *y)
{
	return x == y || (x != NULL && y != NULL && strcmp(x, y) == 0);
}

static struct asm_constant *intern(struct assembler *s, struct asm_constant want)
{
	for (struct asm_constant *c = s->constants; c != NULL; c = c->next)
		if (c->tag == want.tag && asm_same_class(c->class, want.class) && c->field == want.field &&
		    c->method == want.method && c->api == want.api && c->token == want.token &&
		    same_text(c->type, want.type))
			return c;
	struct asm_constant *c = ARENA_NEW(s->a, struct asm_constant);
	*c = want;
	if (s->last_constant == NULL)
		s->constants = c;
	else
		s->last_constant->next = c;
	s->last_constant = c;
	s->n_constants++;
	if (want.class.package != NULL) {
		asm_class_ref(s, want.class);
		if (want.api != NULL)
			asm_need(s, want.class.package, want.api->since);
	}
	return c;
}

/* The field in the class or its superclasses of this package. */
static struct asm_field *own_field(struct asm_name n, const char *name)
{
	for (; n.own != NULL; n = n.own->super)
		for (struct asm_field *f = n.own->fields; f != NULL; f = f->next)
			if (strcmp(f->name, name) == 0)
				return f;
	return NULL;
}

/* The letter of an instruction, _a _b _s _i, is that of the field's type. */
static bool check_letter(struct assembler *s, enum op op, const char *type)
{
	const char *letter = strchr(op_info[op].name, '_') + 1;
	char want = type[0] == '[' || type[0] == 'L' ? 'a' : type[0] == 'S' ? 's' : type[0] == 'I' ? 'i' : 'b';
	return *letter == want || asm_fail(s, "%s is for another type than '%s'", op_info[op].name, type);
}

static bool resolve_field(struct assembler *s, struct asm_insn *i, struct asm_name n)
{
	bool is_static = i->op <= OP_putstatic_i;
	struct asm_constant want = {
	    .tag = is_static ? CONSTANT_STATIC_FIELDREF : CONSTANT_INSTANCE_FIELDREF, .class = n};
	if (n.own != NULL) {
		struct asm_field *f = own_field(n, i->name);
		if (f == NULL || ((f->access & ACCESS_STATIC) != 0) != is_static)
			return asm_fail(
			    s, "'%s' has no %s field '%s'", i->class, is_static ? "static" : "such", i->name);
		want.class = (struct asm_name){.own = f->class};
		want.field = f;
		want.type = f->type;
	} else {
		want.api = api_member_named(n.api, API_STATIC_FIELD, i->name, NULL);
		if (want.api == NULL || !is_static)
			return asm_fail(s, "'%s' has no static field '%s'", i->class, i->name);
		want.type = want.api->descriptor;
	}
	if (!check_letter(s, i->op, want.type))
		return false;
	i->constant = intern(s, want);
	return true;
}

static bool no_method(struct assembler *s, const struct asm_insn *i)
{
	return asm_fail(s, "'%s' has no method '%s%s' for %s", i->class == NULL ? "the superclass" : i->class, i->name,
	    i->descriptor, op_info[i->op].name);
}

/* Of another package: by the table's token. */
static bool resolve_api(struct assembler *s, struct asm_insn *i, struct asm_constant want, struct asm_name at)
{
	enum api_kind kind = want.tag == CONSTANT_STATIC_METHODREF ? API_STATIC_METHOD : API_VIRTUAL_METHOD;
	const struct api_member *api = asm_api_method(at, kind, i->name, i->descriptor);
	if (api == NULL)
		return no_method(s, i);
	if (kind == API_STATIC_METHOD) {
		want.api = api;
		want.class = at;
	} else {
		want.token = api->token;
		asm_class_ref(s, at);
		asm_need(s, at.package, api->since);
	}
	i->constant = intern(s, want);
	return true;
}

static bool resolve_method(struct assembler *s, struct asm_insn *i, struct asm_name n)
{
	struct asm_name beyond = {0};
	struct asm_constant want = {.class = n, .type = i->descriptor};
	bool init = strcmp(i->name, "<init>") == 0;
	struct asm_method *own = asm_own_method(n, i->name, i->descriptor, &beyond);
	if (init && own != NULL && own->class != n.own)
		own = NULL; /* constructors are not inherited */
	if (own == NULL && (beyond.api == NULL || (init && n.own != NULL)))
		return no_method(s, i);
	bool direct = i->op == OP_invokestatic || init || (own != NULL && own->access & ACCESS_PRIVATE);
	want.tag = direct ? CONSTANT_STATIC_METHODREF : CONSTANT_VIRTUAL_METHODREF;
	if ((i->op == OP_invokespecial) != (direct && i->op != OP_invokestatic))
		return no_method(s, i);
	if (own == NULL)
		return resolve_api(s, i, want, beyond);
	if ((own->access & ACCESS_STATIC ? OP_invokestatic : i->op) != i->op ||
	    (i->op == OP_invokestatic && (own->access & ACCESS_STATIC) == 0))
		return no_method(s, i);
	if (direct) {
		want.class = (struct asm_name){.own = own->class};
		want.method = own;
	} else
		want.token = own->token;
	i->constant = intern(s, want);
	return true;
}

/* SuperMethodref names the class that has the instruction; the card begins at its superclass. */
static bool resolve_super(struct assembler *s, struct asm_insn *i, struct asm_class *c)
{
	struct asm_name beyond = {0};
	struct asm_method *own = asm_own_method(c->super, i->name, i->descriptor, &beyond);
	struct asm_constant want = {.tag = CONSTANT_SUPER_METHODREF,
	    .class = {.own = c},
	    .type = i->descriptor,
	    .token = own == NULL ? 0 : own->token};
	if (own == NULL)
		return resolve_api(s, i, want, beyond);
	if (!asm_is_virtual(own))
		return no_method(s, i);
	i->constant = intern(s, want);
	return true;
}

static bool interface_token(struct assembler *s, struct asm_insn *i, struct asm_name n)
{
	for (unsigned k = 0; n.own != NULL && k < n.own->n_interface; k++)
		if (strcmp(n.own->interface[k]->name, i->name) == 0 &&
		    strcmp(n.own->interface[k]->descriptor, i->descriptor) == 0) {
			i->token = k;
			return true;
		}
	const struct api_member *api = asm_api_method(n, API_INTERFACE_METHOD, i->name, i->descriptor);
	if (api == NULL)
		return no_method(s, i);
	i->token = api->token;
	asm_class_ref(s, n);
	asm_need(s, n.package, api->since);
	return true;
}

static bool resolve_insn(struct assembler *s, struct asm_method *m, struct asm_insn *i)
{
	struct asm_name n;
	s->line = i->line;
	if (i->class == NULL)
		return resolve_super(s, i, m->class);
	if (!asm_find(s, i->class, &n))
		return false;
	if (i->name != NULL && i->descriptor == NULL)
		return resolve_field(s, i, n);
	if (i->name != NULL && i->op != OP_invokeinterface)
		return resolve_method(s, i, n);
	i->constant = intern(s, (struct asm_constant){.tag = CONSTANT_CLASSREF, .class = n});
	if (i->op == OP_invokeinterface) {
		i->local = asm_arguments(i->descriptor) + 1;
		return interface_token(s, i, n);
	}
	return true;
}

/* Instance fields come first, so that their indices fit into one byte. */
static void number_constants(struct assembler *s)
{
	unsigned index = 0;
	for (int fields = 1; fields >= 0; fields--)
		for (struct asm_constant *c = s->constants; c != NULL; c = c->next)
			if ((c->tag == CONSTANT_INSTANCE_FIELDREF) == (fields == 1)) {
				if (c->field != NULL && fields == 1)
					c->token = c->field->token;
				c->index = index++;
			}
}

static bool resolve_code(struct assembler *s, struct asm_method *m)
{
	for (struct asm_insn *i = m->first; i != NULL; i = i->next) {
		const struct op_info *o = &op_info[i->op];
		s->uses_int |= strchr(o->pops, 'i') != NULL || strchr(o->pushes, 'i') != NULL;
		if (i->refers && !resolve_insn(s, m, i))
			return false;
	}
	for (struct asm_handler *h = m->handlers; h != NULL; h = h->next) {
		struct asm_name n;
		s->line = h->line;
		if (h->class != NULL && !asm_find(s, h->class, &n))
			return false;
		if (h->class != NULL)
			h->type = intern(s, (struct asm_constant){.tag = CONSTANT_CLASSREF, .class = n});
	}
	return true;
}

bool asm_resolve(struct assembler *s)
{
	s->constants = s->last_constant = NULL;
	s->n_constants = 0;
	for (struct asm_class *c = s->classes; c != NULL; c = c->next)
		for (struct asm_method *m = c->methods; m != NULL; m = m->next)
			if (!resolve_code(s, m))
				return false;
	number_constants(s);
	s->line = 0;
	return s->n_constants <= 0xffff || asm_fail(s, "%u constants are too many", s->n_constants);
}
