#include "runtime/cap/verify/check.h"

/* Where a class stands among others (6.9, 6.14), and its instance fields. */

static bool rule(struct check *k, const struct class *c, const char *what, const char *is)
{
	return diag_add(k->d, cap_at(k->m->cap), DIAG_CAP_CLASS_RULE, c->name, what, is, NULL);
}

static bool check_super(struct check *k, const struct class *c)
{
	if (c->interface)
		return c->own->super == CLASSREF_NONE;
	if (c->super == NULL) /* java/lang/Object is the platform's */
		return rule(k, c, "super_class_ref", "none");
	if (c->super->interface || c->super->final)
		return rule(k, c, "super_class_ref", c->super->interface ? "interface" : "final");
	if (!c->super->public && c->super->package != c->package)
		return rule(k, c, "super_class_ref", "package");
	return true;
}

/* Both components name the same interfaces; an interface has all above it, a class those that it adds. */
static bool check_named(struct check *k, const struct class *c)
{
	const struct cap_class *own = c->own;
	bool described =
	    own->n_described_interfaces != 0 || !c->interface; /* converters leave those of interfaces out */
	if (described && own->n_described_interfaces != own->n_interfaces)
		return rule(k, c, "interface_count", "Descriptor");
	for (size_t i = 0; i < own->n_interfaces; i++) {
		if (described && cap_word(own->described_interface, i) != own->interface[i].class)
			return rule(k, c, "interfaces", "Descriptor");
		const struct class *one = c->interface_of[i];
		if (!one->interface)
			return rule(k, c, one->name, "class");
		if (!one->public && one->package != c->package)
			return rule(k, c, one->name, "package");
	}
	return true;
}

static bool named_again(const struct class *c, const struct class *interface)
{
	for (size_t i = 0; i < c->n_interfaces; i++)
		if (c->interface_of[i] == interface)
			return true;
	return !c->interface && c->super != NULL && class_implements(c->super, interface);
}

/* A card looks an interface up in the list of a class, not in the interfaces' own (6.9.2). */
static bool check_complete(struct check *k, const struct class *c)
{
	for (size_t i = 0; i < c->n_interfaces; i++) {
		const struct class *one = c->interface_of[i];
		for (size_t n = 0; n < one->n_interfaces; n++)
			if (!named_again(c, one->interface_of[n]))
				return rule(k, c, "interfaces", one->interface_of[n]->name);
	}
	return true;
}

static bool check_flags(struct check *k, const struct class *c)
{
	const struct cap_class *own = c->own;
	bool said = (own->access & ACCESS_INTERFACE) != 0;
	if (said != c->interface)
		return rule(k, c, "ACC_INTERFACE", "Descriptor");
	if (c->interface && !c->abstract)
		return rule(k, c, "ACC_ABSTRACT", "Descriptor");
	if (c->final && c->abstract)
		return rule(k, c, "ACC_FINAL", "abstract");
	const struct class *shareable = world_named(k->w, "javacard/framework/Shareable");
	if (c->shareable != class_implements(c, shareable))
		return rule(k, c, "ACC_SHAREABLE", c->shareable ? "Class" : shareable->name);
	return true;
}

/* Tokens go over public and protected ones first, of which those with references come last, then over the others, of
 * which they come first: so all references are in one piece (4.3.7.5). */
static unsigned rank(const struct field *one)
{
	bool reference = one->type.array || one->type.base == TYPE_REFERENCE;
	if (one->access & (ACCESS_PUBLIC | ACCESS_PROTECTED))
		return reference ? 1 : 0;
	return reference ? 2 : 3;
}

static bool check_order(struct check *k, const struct class *c)
{
	for (size_t i = 0; i < c->n_fields; i++)
		for (size_t n = 0; n < c->n_fields; n++)
			if (!c->field[i].is_static && !c->field[n].is_static &&
			    rank(&c->field[i]) < rank(&c->field[n]) && c->field[i].token > c->field[n].token)
				return rule(k, c, "token", "fields");
	return true;
}

/* The reference to an instance field repeats its token; static fields have one when other packages may use them, then
 * from 0 on (6.14.2, 4.3.7.4). */
static bool check_field_tokens(struct check *k, const struct class *c)
{
	uint8_t used[256] = {0};
	unsigned n = 0;
	for (size_t i = 0; i < c->own->n_fields; i++) {
		const struct cap_field *one = &c->own->field[i];
		bool visible = (one->access & (ACCESS_PUBLIC | ACCESS_PROTECTED)) != 0;
		if (!one->is_static && (one->token != one->number || one->class != c->own->offset))
			return rule(k, c, "token", "fields");
		if (!one->is_static)
			continue;
		if (visible != (one->token != API_NO_TOKEN) || (visible && used[one->token]++ != 0))
			return rule(k, c, "token", "fields");
		n += visible;
	}
	for (unsigned i = 0; i < n; i++)
		if (used[i] == 0)
			return rule(k, c, "token", "fields");
	return true;
}

/* The words of an object: none is part of two fields, and those with references are just where the card looks for them
 * when it collects garbage (6.9.2). */
static bool check_fields(struct check *k, const struct class *c)
{
	uint8_t used[256] = {0};
	const struct cap_class *own = c->own;
	unsigned words = 0, references = 0;
	for (size_t i = 0; i < c->n_fields; i++) {
		const struct field *one = &c->field[i];
		if (one->is_static)
			continue;
		bool reference = one->type.array || one->type.base == TYPE_REFERENCE;
		unsigned n = !reference && one->type.base == TYPE_INT ? 2 : 1;
		bool among = own->references != 0 && one->token >= own->first_reference &&
		    one->token < own->first_reference + own->references;
		if (one->token + n > own->size || used[one->token]++ != 0 || (n == 2 && used[one->token + 1]++ != 0))
			return rule(k, c, "declared_instance_size", "fields");
		if (reference != among)
			return rule(k, c, "first_reference_token", "fields");
		words += n;
		references += reference;
	}
	if (own->references == 0 && own->first_reference != API_NO_TOKEN)
		return rule(k, c, "first_reference_token", "fields");
	if (words != own->size)
		return rule(k, c, "declared_instance_size", "fields");
	return references == own->references || rule(k, c, "reference_count", "fields");
}

bool check_class(struct check *k, const struct class *c)
{
	if (!check_super(k, c) || !check_named(k, c) || !check_complete(k, c) || !check_flags(k, c))
		return false;
	if (!check_field_tokens(k, c))
		return false;
	return c->interface || (check_fields(k, c) && check_order(k, c));
}
