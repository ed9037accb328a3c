#include <string.h>

#include "compiler/emit/javacard/inside.h"

/* Tokens (JCVM 4.3.7). A superclass is declared before its subclasses, a superinterface before what extends it. */

bool asm_is_virtual(const struct asm_method *m)
{
	return (m->access & (ACCESS_STATIC | ACCESS_PRIVATE | ACCESS_METHOD_INIT)) == 0 &&
	    (m->class->access & ACCESS_INTERFACE) == 0;
}

static bool is_visible(unsigned access)
{
	return (access & (ACCESS_PUBLIC | ACCESS_PROTECTED)) != 0;
}

/* ---- interfaces ---- */

static void add_interface(struct asm_class *c, struct asm_name n)
{
	struct asm_implemented **end = &c->all;
	for (; *end != NULL; end = &(*end)->next)
		if (asm_same_class((*end)->interface, n))
			return;
	*end = ARENA_NEW(c->s->a, struct asm_implemented);
	(*end)->interface = n;
	c->n_all++;
}

/* Superinterfaces of one of another package are listed in its row. */
static bool add_api_interfaces(struct asm_class *c, const struct api_class *of)
{
	char list[512], *save = NULL;
	size_t n = strlen(of->interfaces);
	if (n >= sizeof list)
		return asm_fail(c->s, "'%s' has too many superinterfaces", of->name);
	memcpy(list, of->interfaces, n + 1);
	for (char *word = strtok_r(list, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save)) {
		struct asm_name name;
		if (!asm_find(c->s, word, &name))
			return false;
		add_interface(c, name);
	}
	return true;
}

static bool collect_interfaces(struct asm_class *c)
{
	c->all = NULL;
	c->n_all = 0;
	for (const struct asm_implemented *i = c->interfaces; i != NULL; i = i->next) {
		const struct asm_class *own = i->interface.own;
		if (own == NULL && !add_api_interfaces(c, i->interface.api))
			return false;
		for (const struct asm_implemented *k = own == NULL ? NULL : own->all; k != NULL; k = k->next)
			add_interface(c, k->interface);
		add_interface(c, i->interface);
	}
	c->shareable = c->super.own != NULL && c->super.own->shareable;
	for (const struct asm_implemented *i = c->all; i != NULL; i = i->next)
		c->shareable |= i->interface.own != NULL ? i->interface.own->shareable
							 : (i->interface.api->flags & API_SHAREABLE) != 0;
	return c->n_all <= 15 || asm_fail(c->s, "'%s' has more than 15 interfaces", c->name);
}

/* Methods of superinterfaces come first, each once. */
static void take_method(struct asm_class *c, struct asm_method *m)
{
	for (unsigned i = 0; i < c->n_interface; i++)
		if (c->interface[i] != NULL && strcmp(c->interface[i]->name, m->name) == 0 &&
		    strcmp(c->interface[i]->descriptor, m->descriptor) == 0)
			return;
	c->interface[c->n_interface++] = m;
}

static bool number_interface(struct asm_class *c)
{
	size_t room = 0;
	unsigned of_api = 0;
	for (const struct asm_implemented *i = c->all; i != NULL; i = i->next) {
		if (i->interface.own != NULL)
			room += i->interface.own->n_interface;
		for (const struct api_member *m = i->interface.own != NULL ? NULL : i->interface.api->member;
		     m != NULL && m->name != NULL; m++)
			of_api += m->kind == API_INTERFACE_METHOD;
	}
	if (of_api != 0)
		return asm_fail(c->s, "'%s' extends an interface with methods of another package", c->name);
	for (const struct asm_method *m = c->methods; m != NULL; m = m->next)
		room++;
	c->interface = arena_alloc(c->s->a, room * sizeof(struct asm_method *));
	c->n_interface = 0;
	for (const struct asm_implemented *i = c->all; i != NULL; i = i->next)
		for (unsigned k = 0; i->interface.own != NULL && k < i->interface.own->n_interface; k++)
			take_method(c, i->interface.own->interface[k]);
	for (struct asm_method *m = c->methods; m != NULL; m = m->next) {
		m->token = c->n_interface;
		take_method(c, m);
	}
	return true;
}

/* ---- classes ---- */

/* Fields with references stand together: visible primitive ones, visible references, other references, other primitive
 * ones (4.3.7.5). An int takes two words and two numbers. */
static bool number_fields(struct asm_class *c)
{
	unsigned number = 0;
	c->first_reference = NO_TOKEN;
	c->references = 0;
	for (unsigned group = 0; group < 4; group++)
		for (struct asm_field *f = c->fields; f != NULL; f = f->next) {
			bool reference = f->type[0] == '[' || f->type[0] == 'L';
			if ((f->access & ACCESS_STATIC) || is_visible(f->access) != (group < 2) ||
			    reference != (group == 1 || group == 2))
				continue;
			if (reference && c->references++ == 0)
				c->first_reference = number;
			f->token = number;
			number += asm_words_of(f->type);
		}
	c->size = number;
	return number <= 255 || asm_fail(c->s, "the fields of '%s' take %u words of at most 255", c->name, number);
}

/* The method that a class inherits under this name, whatever its visibility. */
static unsigned inherited_token(struct asm_class *c, const struct asm_method *m)
{
	struct asm_name beyond = {0};
	const struct asm_method *above = asm_own_method(c->super, m->name, m->descriptor, &beyond);
	if (above != NULL)
		return asm_is_virtual(above) ? above->token : NO_TOKEN;
	const struct api_member *api = asm_api_method(beyond, API_VIRTUAL_METHOD, m->name, m->descriptor);
	return api == NULL ? NO_TOKEN : api->token;
}

/* A table begins with the lowest token that the class defines or overrides and goes on to the last one there is, also
 * over inherited methods; without any it is empty, and the base is where the superclass's ends (6.9.2). */
static bool number_virtuals(struct asm_class *c)
{
	struct asm_class *super = c->super.own;
	unsigned inherited = super != NULL ? super->public_total : asm_api_virtuals(c->s, c->super);
	unsigned inherited_package = super != NULL ? super->package_total : 0;
	unsigned low = inherited, package_low = inherited_package;
	c->public_total = inherited;
	c->package_total = inherited_package;
	for (struct asm_method *m = c->methods; m != NULL; m = m->next) {
		if (!asm_is_virtual(m))
			continue;
		m->token = inherited_token(c, m);
		if (m->token == NO_TOKEN)
			m->token = is_visible(m->access) ? c->public_total++ : 0x80 | c->package_total++;
		unsigned *lowest = m->token & 0x80 ? &package_low : &low;
		if ((m->token & 0x7f) < *lowest)
			*lowest = m->token & 0x7f;
	}
	if (c->public_total > 127 || c->package_total > 127)
		return asm_fail(c->s, "'%s' has more than 127 virtual methods", c->name);
	c->public_base = low;
	c->public_count = c->public_total - low;
	c->package_base = package_low;
	c->package_count = c->package_total - package_low;
	return true;
}

/* What each token leads to: its own method or that of the superclass. */
static void list_virtuals(struct asm_class *c)
{
	const struct asm_class *super = c->super.own;
	c->virtuals = arena_alloc(c->s->a, (c->public_total + 1) * sizeof(struct asm_method *));
	c->packages = arena_alloc(c->s->a, (c->package_total + 1) * sizeof(struct asm_method *));
	for (unsigned i = 0; super != NULL && i < super->public_total; i++)
		c->virtuals[i] = super->virtuals[i];
	for (unsigned i = 0; super != NULL && i < super->package_total; i++)
		c->packages[i] = super->packages[i];
	for (struct asm_method *m = c->methods; m != NULL; m = m->next) {
		if (!asm_is_virtual(m))
			continue;
		if (m->token & 0x80)
			c->packages[m->token & 0x7f] = m;
		else
			c->virtuals[m->token] = m;
	}
}

static unsigned class_bytes(const struct asm_class *c)
{
	const struct assembler *s = c->s;
	if (c->access & ACCESS_INTERFACE)
		return 1 + 2 * c->n_all;
	unsigned n = 10 + 2 * (c->public_count + c->package_count);
	for (const struct asm_implemented *i = c->all; i != NULL; i = i->next) {
		unsigned methods = 0;
		if (i->interface.own != NULL)
			methods = i->interface.own->n_interface;
		else
			for (const struct api_member *m = i->interface.api->member; m->name != NULL; m++)
				methods += m->kind == API_INTERFACE_METHOD;
		n += 3 + methods;
	}
	return s->format >= 0x0203 ? n + c->public_base + c->public_count + 1 : n;
}

/* ---- what others may use ---- */

static bool is_library(const struct assembler *s)
{
	return s->applets == NULL;
}

/* With applets only shareable interfaces are exported (JCVM 6.13). */
static bool is_exported(const struct asm_class *c)
{
	if ((c->access & ACCESS_PUBLIC) == 0)
		return false;
	return is_library(c->s) || (c->s->export && (c->access & ACCESS_INTERFACE) != 0 && c->shareable);
}

static void number_statics(struct asm_class *c)
{
	unsigned methods = 0, fields = 0;
	for (struct asm_method *m = c->methods; m != NULL; m = m->next)
		if (!asm_is_virtual(m) && (c->access & ACCESS_INTERFACE) == 0)
			m->token = c->token != NO_TOKEN && is_visible(m->access) ? methods++ : NO_TOKEN;
	for (struct asm_field *f = c->fields; f != NULL; f = f->next)
		if (f->access & ACCESS_STATIC)
			f->token = c->token != NO_TOKEN && is_visible(f->access) ? fields++ : NO_TOKEN;
}

/* Public classes have tokens whether exported or not; those of the Export component come first, interfaces before
 * classes. */
static void number_classes(struct assembler *s)
{
	unsigned token = 0;
	s->n_exported = 0;
	for (struct asm_class *c = s->classes; c != NULL; c = c->next)
		c->token = NO_TOKEN;
	for (unsigned pass = 0; pass < 4; pass++)
		for (struct asm_class *c = s->classes; c != NULL; c = c->next) {
			bool interface = (c->access & ACCESS_INTERFACE) != 0;
			if (interface != (pass % 2 == 0) || is_exported(c) != (pass < 2) ||
			    (c->access & ACCESS_PUBLIC) == 0)
				continue;
			c->token = token < NO_TOKEN ? token++ : NO_TOKEN;
			s->n_exported += pass < 2;
			number_statics(c);
		}
}

bool asm_number(struct assembler *s)
{
	unsigned offset = s->format >= 0x0202 ? 2 : 0;
	/* Interfaces stand before classes in the component, so that they are given their places first. */
	for (unsigned pass = 0; pass < 2; pass++)
		for (struct asm_class *c = s->classes; c != NULL; c = c->next) {
			bool interface = (c->access & ACCESS_INTERFACE) != 0;
			if (interface != (pass == 0))
				continue;
			if (!collect_interfaces(c))
				return false;
			if (interface ? !number_interface(c) : !number_fields(c) || !number_virtuals(c))
				return false;
			if (!interface)
				list_virtuals(c);
			c->offset = offset;
			offset += class_bytes(c);
		}
	number_classes(s);
	if (offset > 0x7fff)
		return asm_fail(s, "%u bytes of classes are too many", offset);
	return true;
}
