#include <stdio.h>

#include "runtime/cap/names.h"
#include "runtime/cap/parts.h"

/* Type descriptors: nibbles, high first (6.14.4). A method's are its parameters and, last, what it returns. */

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

static void one_type(const struct cap_model *m, struct nibbles *in, struct buf *out)
{
	static const char letter[] = "?VZBSI";
	unsigned type = next(in);
	if (type & TYPE_ARRAY)
		buf_str(out, "[");
	type &= ~(unsigned)TYPE_ARRAY;
	if (type != TYPE_REFERENCE) {
		buf_u8(out, type < sizeof letter - 1 ? (uint8_t)letter[type] : '?');
		return;
	}
	unsigned ref = 0;
	for (int i = 0; i < 4; i++)
		ref = ref << 4 | next(in);
	if (in->bad)
		return;
	buf_str(out, "L");
	cap_class_text(m, ref, out);
	buf_str(out, ";");
}

bool cap_type_text(const struct cap_model *m, unsigned type, bool method, struct buf *out)
{
	struct rd r = m->types;
	if (type >= r.n)
		return false;
	r.at = type;
	struct nibbles in = {.n = rd_u8(&r)};
	in.p = rd_bytes(&r, (in.n + 1) / 2);
	if (in.p == NULL || in.n == 0)
		return false;
	size_t last = 0; /* where the last type begins: what a method returns */
	struct buf all = {0};
	while (in.at < in.n && !in.bad) {
		last = all.n;
		one_type(m, &in, &all);
	}
	const char *text = buf_cstr(&all);
	if (method)
		buf_printf(out, "(%.*s)%s", (int)last, text, text + last);
	else
		buf_str(out, last == 0 ? text : "?");
	if (in.bad)
		buf_str(out, "?");
	out->bad |= all.bad;
	buf_reset(&all);
	return true;
}
