#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "compiler/emit/javacard/inside.h"

bool asm_fail(struct assembler *s, const char *fmt, ...)
{
	char text[512];
	if (s->error != NULL)
		return false;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	s->error = arena_strdup(s->a, text);
	s->error_line = s->line;
	return false;
}

const char *asm_error(const struct assembler *s, unsigned *line)
{
	if (line != NULL)
		*line = s->error_line;
	return s->error;
}

void asm_line(struct assembler *s, unsigned line)
{
	s->line = line;
}

struct assembler *asm_new(struct arena *a, const char *name, const uint8_t *aid, size_t aid_len, api_version version)
{
	struct assembler *s = ARENA_NEW(a, struct assembler);
	s->a = a;
	s->name = arena_strdup(a, name);
	s->version = version;
	if (aid_len < 5 || aid_len > sizeof s->aid)
		asm_fail(s, "the package's AID has %zu bytes, which must be 5 to 16", aid_len);
	else
		memcpy(s->aid, aid, s->aid_len = aid_len);
	asm_need(s, api_package_named("java/lang"), API_VERSION(1, 0));
	return s;
}

void asm_extern(struct assembler *s, const struct api_package *package)
{
	struct asm_extern *e = ARENA_NEW(s->a, struct asm_extern);
	e->package = package;
	e->next = s->externs;
	s->externs = e;
}

void asm_import(struct assembler *s, const char *package, api_version version)
{
	const struct api_package *p = api_package_named(package);
	for (const struct asm_extern *e = s->externs; e != NULL; e = e->next)
		if (strcmp(e->package->name, package) == 0)
			p = e->package;
	if (p == NULL)
		asm_fail(s, "no package '%s' is known", package);
	else
		asm_need(s, p, version);
}

void asm_export(struct assembler *s)
{
	s->export = true;
}

struct asm_class *asm_class(struct assembler *s, const char *name, unsigned access, const char *super)
{
	struct asm_class *c = ARENA_NEW(s->a, struct asm_class);
	for (const struct asm_class *o = s->classes; o != NULL; o = o->next)
		if (strcmp(o->name, name) == 0)
			asm_fail(s, "class '%s' is declared twice", name);
	c->s = s;
	c->name = arena_strdup(s->a, name);
	c->access = access | (access & ACCESS_INTERFACE ? ACCESS_ABSTRACT : 0);
	if ((access & ACCESS_INTERFACE) == 0)
		asm_find(s, super == NULL ? "java/lang/Object" : super, &c->super);
	if (s->last_class == NULL)
		s->classes = c;
	else
		s->last_class->next = c;
	s->last_class = c;
	return c;
}

void asm_implements(struct asm_class *c, const char *interface)
{
	struct asm_implemented *i = ARENA_NEW(c->s->a, struct asm_implemented);
	if (!asm_find(c->s, interface, &i->interface))
		return;
	if (!asm_is_interface(i->interface)) {
		asm_fail(c->s, "'%s' is no interface", interface);
		return;
	}
	if (c->last_interface == NULL)
		c->interfaces = i;
	else
		c->last_interface->next = i;
	c->last_interface = i;
}

static struct asm_field *add_field(struct asm_class *c, const char *name, const char *type, unsigned access)
{
	struct asm_field *f = ARENA_NEW(c->s->a, struct asm_field);
	for (const struct asm_field *o = c->fields; o != NULL; o = o->next)
		if (strcmp(o->name, name) == 0)
			asm_fail(c->s, "field '%s' is declared twice", name);
	f->class = c;
	f->name = arena_strdup(c->s->a, name);
	f->type = arena_strdup(c->s->a, type);
	f->access = access;
	f->token = NO_TOKEN;
	if (asm_words_of(type) == 0)
		asm_fail(c->s, "'%s' is no type of a field", type);
	if (type[0] == 'I' || strcmp(type, "[I") == 0)
		c->s->uses_int = true;
	if (c->last_field == NULL)
		c->fields = f;
	else
		c->last_field->next = f;
	c->last_field = f;
	return f;
}

void asm_field(struct asm_class *c, const char *name, const char *type, unsigned access)
{
	add_field(c, name, type, access & ~(unsigned)ACCESS_STATIC);
}

/* Bytes of a value of this type; 0 of references, whose contents are those of an array. */
static unsigned bytes_of(const char *type)
{
	switch (type[0]) {
	case 'Z':
	case 'B':
		return 1;
	case 'S':
		return 2;
	case 'I':
		return 4;
	default:
		return 0;
	}
}

void asm_static(
    struct asm_class *c, const char *name, const char *type, unsigned access, const uint8_t *value, size_t n)
{
	struct asm_field *f = add_field(c, name, type, access | ACCESS_STATIC);
	unsigned each = bytes_of(type[0] == '[' ? type + 1 : type);
	if ((access & ACCESS_FINAL) && bytes_of(type) != 0)
		asm_fail(c->s, "'%s' is a constant, which has no place in a package (JCVM 6.14)", name);
	if (n == 0)
		return;
	if (each == 0 || n % each != 0 || (type[0] != '[' && n != each) || n > 0xffff) {
		asm_fail(c->s, "static field '%s' cannot have %zu bytes", name, n);
		return;
	}
	uint8_t *copy = arena_alloc(c->s->a, n);
	memcpy(copy, value, n);
	f->value = copy;
	f->n = n;
}

struct asm_method *asm_method(struct asm_class *c, const char *name, const char *descriptor, unsigned access)
{
	struct asm_method *m = ARENA_NEW(c->s->a, struct asm_method);
	for (const struct asm_method *o = c->methods; o != NULL; o = o->next)
		if (strcmp(o->name, name) == 0 && strcmp(o->descriptor, descriptor) == 0)
			asm_fail(c->s, "method '%s%s' is declared twice", name, descriptor);
	m->class = c;
	m->s = c->s;
	m->line = c->s->line;
	m->name = arena_strdup(c->s->a, name);
	m->descriptor = arena_strdup(c->s->a, descriptor);
	m->access = access;
	m->token = NO_TOKEN;
	if (strcmp(name, "<init>") == 0)
		m->access |= ACCESS_METHOD_INIT;
	if (c->access & ACCESS_INTERFACE)
		m->access |= ACCESS_PUBLIC | ACCESS_METHOD_ABSTRACT;
	if (descriptor[0] != '(' || asm_returned(descriptor) == NULL)
		asm_fail(c->s, "'%s' is no descriptor of a method", descriptor);
	else
		m->nargs = asm_arguments(descriptor) + (access & ACCESS_STATIC ? 0 : 1);
	if (c->last_method == NULL)
		c->methods = m;
	else
		c->last_method->next = m;
	c->last_method = m;
	return m;
}

void asm_applet(struct assembler *s, const uint8_t *aid, size_t aid_len, const char *class)
{
	struct asm_applet *one = ARENA_NEW(s->a, struct asm_applet);
	struct asm_name n;
	if (aid_len < 5 || aid_len > sizeof one->aid) {
		asm_fail(s, "an applet's AID has %zu bytes, which must be 5 to 16", aid_len);
		return;
	}
	if (memcmp(aid, s->aid, 5) != 0)
		asm_fail(s, "the applet's AID does not begin with the RID of its package");
	memcpy(one->aid, aid, one->aid_len = aid_len);
	if (!asm_find(s, class, &n))
		return;
	one->class = n.own;
	if (one->class == NULL)
		asm_fail(s, "'%s' is of another package", class);
	if (s->last_applet == NULL)
		s->applets = one;
	else
		s->last_applet->next = one;
	s->last_applet = one;
}
