#include <string.h>

#include "runtime/cap/verify/world.h"

/* Types as the Descriptor has them, in nibbles (JCVM 6.14.4), and as Java writes them, for the platform's packages. */

bool type_same(struct type a, struct type b)
{
	return a.base == b.base && a.array == b.array && (a.base != TYPE_REFERENCE || a.class == b.class);
}

bool signature_same(const struct signature *a, const struct signature *b)
{
	if (a->n != b->n || !type_same(a->result, b->result))
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!type_same(a->param[i], b->param[i]))
			return false;
	return true;
}

static unsigned words(struct type t)
{
	return t.base == TYPE_INT && !t.array ? 2 : 1;
}

/* The last of n types is the result. */
static bool to_signature(struct world *w, const struct type *all, size_t n, struct signature *out)
{
	*out = (struct signature){.n = (uint8_t)(n - 1), .result = all[n - 1]};
	out->param = arena_alloc(w->arena, n * sizeof *out->param);
	unsigned sum = 0;
	for (size_t i = 0; i + 1 < n; i++) {
		out->param[i] = all[i];
		if (all[i].base == TYPE_VOID)
			return false;
		sum += words(all[i]);
	}
	out->words = (uint8_t)sum;
	return sum < 255;
}

struct nibbles {
	const uint8_t *p;
	size_t n, at;
	bool bad;
};

static unsigned next(struct nibbles *in)
{
	if (in->at >= in->n) {
		in->bad = true;
		return 0;
	}
	uint8_t b = in->p[in->at / 2];
	return in->at++ % 2 == 0 ? b >> 4 : b & 0xfu;
}

static bool next_type(struct world *w, const struct package *p, struct nibbles *in, struct type *out)
{
	unsigned nibble = next(in);
	*out = (struct type){.base = (uint8_t)(nibble & 7), .array = (nibble & TYPE_ARRAY) != 0};
	if (out->base < TYPE_VOID || out->base > TYPE_REFERENCE || (out->array && out->base == TYPE_VOID))
		return false;
	if (out->base != TYPE_REFERENCE)
		return true;
	unsigned ref = 0;
	for (int i = 0; i < 4; i++)
		ref = ref << 4 | next(in);
	const struct class *c = in->bad ? NULL : world_class(w, p, ref);
	if (c != NULL)
		out->class = c->index;
	return c != NULL;
}

static bool open_nibbles(const struct package *p, unsigned type, struct nibbles *in)
{
	struct rd r = p->model->types;
	if (type >= r.n)
		return false;
	r.at = type;
	*in = (struct nibbles){.n = rd_u8(&r)};
	in->p = rd_bytes(&r, (in->n + 1) / 2);
	return in->p != NULL && in->n > 0 && (in->n % 2 == 0 || (in->p[in->n / 2] & 0xf) == 0);
}

bool type_of_field(struct world *w, const struct package *p, unsigned type, struct type *out)
{
	struct nibbles in;
	if (type >= 0x8002 && type <= 0x8005) { /* 6.14.2 */
		*out = (struct type){.base = (uint8_t)(type & 7)};
		return true;
	}
	return open_nibbles(p, type, &in) && next_type(w, p, &in, out) && in.at == in.n && out->base != TYPE_VOID;
}

bool type_of_method(struct world *w, const struct package *p, unsigned type, struct signature *out)
{
	struct nibbles in;
	struct type all[256];
	size_t n = 0;
	if (!open_nibbles(p, type, &in))
		return false;
	while (in.at < in.n)
		if (n == 256 || !next_type(w, p, &in, &all[n++]))
			return false;
	return to_signature(w, all, n, out);
}

static bool text_type(struct world *w, const char **at, struct type *out)
{
	static const char letter[] = "?VZBSI";
	*out = (struct type){.array = **at == '['};
	*at += out->array;
	if (**at != 'L') {
		const char *is = **at == '\0' ? NULL : strchr(letter + 1, **at);
		if (is == NULL)
			return false;
		out->base = (uint8_t)(is - letter);
		++*at;
		return true;
	}
	const char *end = strchr(*at, ';');
	if (end == NULL)
		return false;
	const struct class *c = world_named(w, arena_strndup(w->arena, *at + 1, (size_t)(end - *at - 1)));
	*at = end + 1;
	out->base = TYPE_REFERENCE;
	if (c != NULL)
		out->class = c->index;
	return c != NULL;
}

bool type_of_text(struct world *w, const char *text, struct type *out)
{
	return text_type(w, &text, out) && *text == '\0';
}

bool type_of_signature_text(struct world *w, const char *text, struct signature *out)
{
	struct type all[256];
	size_t n = 0;
	for (text++; *text != ')'; n++)
		if (n == 255 || !text_type(w, &text, &all[n]))
			return false;
	text++;
	return text_type(w, &text, &all[n]) && *text == '\0' && to_signature(w, all, n + 1, out);
}

void type_put(const struct world *w, struct type t, struct buf *out)
{
	static const char *const name[] = {"?", "void", "boolean", "byte", "short", "int"};
	buf_str(out, t.base == TYPE_REFERENCE ? w->class[t.class] -> name : name[t.base]);
	if (t.array)
		buf_str(out, "[]");
}

bool class_extends(const struct class *c, const struct class *super)
{
	for (; c != NULL; c = c->super)
		if (c == super)
			return true;
	return false;
}

bool class_implements(const struct class *c, const struct class *interface)
{
	for (; c != NULL; c = c->super) {
		if (c == interface)
			return true;
		for (size_t i = 0; i < c->n_interfaces; i++)
			if (class_implements(c->interface_of[i], interface))
				return true;
	}
	return false;
}

static bool class_fits(const struct world *w, const struct class *s, const struct class *t)
{
	return t == w->object || (t->interface ? class_implements(s, t) : class_extends(s, t));
}

bool type_fits(const struct world *w, struct type s, struct type t)
{
	if (!t.array && t.base == TYPE_REFERENCE && w->class[t.class] == w->object)
		return s.array || s.base == TYPE_REFERENCE;
	if (s.array != t.array)
		return false;
	if (s.base != TYPE_REFERENCE || t.base != TYPE_REFERENCE)
		return s.base == t.base;
	return class_fits(w, w->class[s.class], w -> class[t.class]);
}
