#include <stdlib.h>
#include <string.h>

#include "runtime/cap/code.h"
#include "runtime/cap/parts.h"

/* 6.10. What is behind a method's header is its code, without a length: the Descriptor has it, or the code itself. */

bool cap_read_handlers(struct cap_model *m, struct diag_list *d)
{
	struct cap_reader in = cap_reader_of(m->cap, COMPONENT_Method, d);
	m->n_handlers = rd_u8(&in.r);
	m->handler = arena_alloc(&m->arena, m->n_handlers * sizeof *m->handler);
	for (size_t i = 0; i < m->n_handlers; i++) {
		struct cap_handler *h = &m->handler[i];
		size_t at = in.r.at;
		h->start = rd_u16(&in.r);
		unsigned bits = rd_u16(&in.r);
		h->stop = bits >> 15;
		h->length = bits & 0x7fff;
		h->handler = rd_u16(&in.r);
		h->catch_type = rd_u16(&in.r);
		if (in.r.bad)
			return cap_ends(&in, "exception_handler_info");
		if ((size_t)h->start + h->length > in.r.n)
			return cap_beyond(
			    &in, at, "end of an exception handler", (size_t)h->start + h->length, in.r.n + 1);
	}
	return !in.r.bad || cap_ends(&in, "handler_count");
}

bool cap_read_method_header(struct cap_method *one, struct cap_reader *in, unsigned offset)
{
	one->offset = (uint16_t)offset;
	struct rd r = {.p = in->r.p, .n = in->r.n, .at = offset};
	if (offset >= in->r.n)
		return cap_beyond(in, offset, "offset of a method", offset, in->r.n);
	uint8_t first = rd_u8(&r);
	one->flags = first >> 4;
	if (one->flags & METHOD_EXTENDED) {
		one->max_stack = rd_u8(&r);
		one->nargs = rd_u8(&r);
		one->max_locals = rd_u8(&r);
	} else {
		uint8_t second = rd_u8(&r);
		one->max_stack = first & 0xf;
		one->nargs = second >> 4;
		one->max_locals = second & 0xf;
	}
	one->code = (uint16_t)r.at;
	return !r.bad || cap_ends(in, "method_header_info");
}

/* ---- without a Descriptor ---- */

static void add_table(uint8_t *known, const uint8_t *table, size_t n)
{
	for (size_t i = 0; i < n; i++)
		known[cap_word(table, i)] = 1;
}

/* Whatever refers to methods of the package. FFFF in a table of virtual methods means an inherited one. */
static void mark_known(const struct cap_model *m, uint8_t *known)
{
	for (size_t i = 0; i < m->n_classes; i++) {
		add_table(known, m->class[i].public_table, m->class[i].public_count);
		add_table(known, m->class[i].package_table, m->class[i].package_count);
	}
	known[0xffff] = 0;
	for (size_t i = 0; i < m->n_constants; i++)
		if (m->constant[i].tag == CONSTANT_STATIC_METHODREF && m->constant[i].internal)
			known[m->constant[i].offset] = 1;
	for (size_t i = 0; i < m->cap->n_applets; i++)
		known[m->cap->applet[i].install] = 1;
	for (size_t i = 0; i < m->n_exported; i++)
		add_table(known, m->exported[i].method, m->exported[i].n_methods);
}

struct walk {
	const uint8_t *p;
	size_t end; /* where the next method begins */
	uint8_t *seen;
	uint16_t *todo;
	size_t n_todo;
};

static void go(struct walk *w, int64_t target, size_t from)
{
	if (target < (int64_t)from || target >= (int64_t)w->end || w->seen[target])
		return;
	w->seen[target] = 1;
	w->todo[w->n_todo++] = (uint16_t)target;
}

static bool falls_through(uint8_t op)
{
	return !((op >= OP_stableswitch && op <= OP_return) || op == OP_goto || op == OP_goto_w || op == OP_athrow ||
	    op == OP_ret);
}

/* The length of the code that can be reached from its first instruction and its exception handlers. */
static size_t reach(const struct cap_model *m, struct walk *w, size_t code)
{
	size_t last = code;
	go(w, (int64_t)code, code);
	for (size_t i = 0; i < m->n_handlers; i++)
		if (m->handler[i].start >= code && m->handler[i].start < w->end)
			go(w, m->handler[i].handler, code);
	while (w->n_todo > 0) {
		struct cap_instruction i;
		size_t at = w->todo[--w->n_todo];
		if (cap_decode(w->p, w->end, at, &i) != CAP_DECODED)
			i.length = 1, i.op = OP_return; /* what is wrong is said when the code is checked */
		if (at + i.length > last)
			last = at + i.length;
		if (i.target != 0)
			go(w, i.target, code);
		for (uint32_t k = 0; k < i.pairs; k++) {
			int32_t match;
			int64_t target;
			cap_switch_case(&i, k, &match, &target);
			go(w, target, code);
		}
		if (falls_through(i.op))
			go(w, (int64_t)(at + i.length), code);
	}
	return last - code;
}

bool cap_find_methods(struct cap_model *m, struct diag_list *d)
{
	struct cap_reader in = cap_reader_of(m->cap, COMPONENT_Method, d);
	uint8_t *known = arena_alloc(&m->arena, 0x10000), *seen = arena_alloc(&m->arena, 0x10000);
	uint16_t *todo = arena_alloc(&m->arena, 0x10000 * sizeof *todo);
	mark_known(m, known);
	size_t n = 0;
	for (size_t offset = 0; offset < 0x10000; offset++)
		n += known[offset];
	m->method = arena_alloc(&m->arena, n * sizeof *m->method);
	for (size_t offset = 0; offset < 0x10000; offset++) {
		if (!known[offset])
			continue;
		struct cap_method *one = &m->method[m->n_methods++];
		if (offset < 1 + 8 * m->n_handlers)
			return cap_bad(&in, offset, "offset of a method", offset);
		if (!cap_read_method_header(one, &in, (unsigned)offset))
			return false;
		size_t end = one->code;
		while (end < in.r.n && !known[end])
			end++;
		struct walk w = {.p = in.r.p, .end = end, .seen = seen, .todo = todo};
		if ((one->flags & METHOD_ABSTRACT) == 0)
			one->length = (uint16_t)reach(m, &w, one->code);
	}
	return true;
}

const struct cap_method *cap_method_at(const struct cap_model *m, unsigned offset)
{
	size_t low = 0, high = m->n_methods;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (m->method[middle].offset == offset)
			return &m->method[middle];
		if (m->method[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
