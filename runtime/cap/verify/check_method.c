#include "runtime/cap/verify/check.h"

/* Headers of methods and the handlers that the Descriptor gives them (6.10, 6.14). */

static bool check_header(struct check *k, const struct class *c, const struct method *one)
{
	struct cap_reader in = cap_reader_of(k->m->cap, COMPONENT_Method, k->d);
	const struct cap_method *own = one->own;
	bool abstract = (own->flags & METHOD_ABSTRACT) != 0;
	if (abstract != one->abstract || (own->flags & ~(METHOD_ABSTRACT | METHOD_EXTENDED)) != 0)
		return cap_bad(&in, own->offset, "flags of a method", own->flags);
	if (abstract && (own->length != 0 || !c->abstract))
		return cap_bad(&in, own->offset, "flags of a method", own->flags);
	unsigned access = own->access & (ACCESS_PUBLIC | ACCESS_PRIVATE | ACCESS_PROTECTED);
	if ((access & (access - 1)) != 0)
		return cap_bad(&in, own->offset, "access of a method", own->access);
	if (one->init && (one->is_static || one->type.result.base != TYPE_VOID || one->type.result.array))
		return cap_bad(&in, own->offset, "ACC_INIT", own->access);
	return true;
}

/* Those whose range begins in the code, without a gap. */
static bool check_handlers(struct check *k, const struct cap_method *own)
{
	struct cap_reader in = cap_reader_of(k->m->cap, COMPONENT_Method, k->d);
	for (size_t i = 0; i < k->m->n_handlers; i++) {
		unsigned start = k->m->handler[i].start;
		bool inside = start >= own->code && start < (unsigned)own->code + own->length;
		bool said = i >= own->first_handler && i < (size_t)own->first_handler + own->handlers;
		if (inside != said)
			return cap_bad(&in, own->offset, "exception handlers of a method", i);
	}
	return true;
}

/* Static methods and constructors that other packages may use have the tokens from 0 on, the others none (4.3.7.3). */
static bool check_tokens(struct check *k, const struct class *c)
{
	struct cap_reader in = cap_reader_of(k->m->cap, COMPONENT_Descriptor, k->d);
	uint8_t used[256] = {0};
	unsigned n = 0;
	for (size_t i = 0; i < c->n_methods; i++) {
		const struct method *one = &c->method[i];
		bool visible = (one->access & (ACCESS_PUBLIC | ACCESS_PROTECTED)) != 0;
		if (one->kind != API_STATIC_METHOD)
			continue;
		if (visible != (one->token != API_NO_TOKEN) || (visible && used[one->token]++ != 0))
			return cap_bad(&in, 0, "token of a method", one->token);
		n += visible;
	}
	for (unsigned i = 0; i < n; i++)
		if (used[i] == 0)
			return cap_bad(&in, 0, "token of a method", n);
	return true;
}

bool check_methods(struct check *k, const struct class *c)
{
	if (!check_tokens(k, c))
		return false;
	for (size_t i = 0; i < c->n_methods; i++) {
		const struct method *one = &c->method[i];
		if (one->own == NULL)
			continue; /* of an interface */
		if (!check_header(k, c, one) || !check_handlers(k, one->own))
			return false;
	}
	return true;
}
