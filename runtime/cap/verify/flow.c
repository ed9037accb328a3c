#include "runtime/cap/verify/flow.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/cap/names.h"
#include "runtime/cap/parts.h"

struct srcloc flow_at(const struct flow *f)
{
	return cap_at(f->model->cap);
}

const char *flow_place(struct flow *f)
{
	return arena_printf(
	    &f->arena, "%s @%zu %s", f->method->name, f->i.at, f->i.info == NULL ? "" : f->i.info->name);
}

static struct frame *copy(struct flow *f, const struct frame *from)
{
	size_t n = sizeof *from + (f->locals + f->max_stack) * sizeof(word);
	struct frame *to = arena_alloc(&f->arena, n);
	memcpy(to, from, n);
	return to;
}

static void add_way(struct flow *f, size_t call, size_t at)
{
	if (f->n_todo == f->room) {
		size_t room = f->room * 2 + 64;
		struct way *more = arena_alloc(&f->arena, room * sizeof *more);
		if (f->n_todo != 0)
			memcpy(more, f->todo, f->n_todo * sizeof *more);
		f->todo = more;
		f->room = room;
	}
	f->todo[f->n_todo++] = (struct way){call, at};
}

/* Locals that hold different things hold nothing; on the stack there is no such word (4.9.2). */
static bool merge(struct flow *f, struct frame *into, const struct frame *from, bool *changed)
{
	if (into->depth != from->depth)
		return diag_add(f->d, flow_at(f), DIAG_CAP_DEPTHS, flow_place(f), diag_num(from->depth),
		    diag_num(into->depth), NULL);
	for (unsigned i = 0; i < f->locals + into->depth; i++) {
		word both = types_merge(&f->types, into->word[i], from->word[i]);
		if (i >= f->locals && both == WORD_NONE && into->word[i] != WORD_NONE) {
			struct buf text = {0};
			types_put(&f->types, into->word[i], &text);
			bool ok = flow_type_error(f, from->word[i], buf_cstr(&text));
			buf_reset(&text);
			return ok;
		}
		*changed = *changed || both != into->word[i];
		into->word[i] = both;
	}
	if (into->made && !from->made) {
		into->made = false;
		*changed = true;
	}
	return true;
}

/* An object without constructor call is neither kept over a branch backwards, where the same `new` could make another
 * one that nothing tells from it, nor in a local variable of code with a handler, which could not tell either (4.9.4).
 */
static bool no_unfinished(struct flow *f, const struct frame *with, unsigned words, enum word_kind also)
{
	for (unsigned i = 0; i < words; i++)
		if (WORD_KIND(with->word[i]) == WORD_NEW || WORD_KIND(with->word[i]) == also)
			return diag_add(f->d, flow_at(f), DIAG_CAP_UNFINISHED, flow_place(f),
			    diag_num(WORD_NUMBER(with->word[i])), NULL);
	return true;
}

/* f->i goes on at this offset of the Method component. */
static bool reach(struct flow *f, size_t call, size_t target, const struct frame *with)
{
	size_t at = target - f->own->code;
	if (at >= f->own->length)
		return diag_add(f->d, flow_at(f), DIAG_CAP_RUNS_OUT, flow_place(f), NULL);
	if (target <= f->i.at && f->now != NULL && !no_unfinished(f, with, f->locals + with->depth, WORD_NEW))
		return false;
	struct frame **known = &f->call[call].at[at];
	bool changed = *known == NULL;
	if (*known == NULL)
		*known = copy(f, with);
	else if (!merge(f, *known, with, &changed))
		return false;
	if (changed)
		add_way(f, call, at);
	return true;
}

/* ---- subroutines ---- */

static bool refuse_call(struct flow *f)
{
	return diag_add(f->d, flow_at(f), DIAG_CAP_SUBROUTINE, flow_place(f), NULL);
}

static size_t call_of(struct flow *f, size_t entry)
{
	for (size_t k = 0; k < f->n_calls; k++)
		if (k != 0 && f->call[k].caller == f->in && f->call[k].from == f->i.at)
			return k;
	for (size_t k = f->in; k != 0; k = f->call[k].caller)
		if (f->call[k].entry == entry)
			return 0; /* it calls itself */
	if (f->n_calls == CALLS_MAX || f->call[f->in].nested == NESTED_MAX)
		return 0;
	f->call[f->n_calls] = (struct call){.caller = f->in,
	    .from = f->i.at,
	    .entry = entry,
	    .nested = f->call[f->in].nested + 1,
	    .at = arena_alloc(&f->arena, f->own->length * sizeof(struct frame *))};
	return f->n_calls++;
}

static bool jump_subroutine(struct flow *f)
{
	size_t k = call_of(f, (size_t)f->i.target);
	if (k == 0)
		return refuse_call(f);
	return stack_push(f, WORD(WORD_RETURN, k)) && reach(f, k, (size_t)f->i.target, f->now);
}

/* Only the call that is followed, or one around it, can be returned from. */
static bool return_subroutine(struct flow *f)
{
	word w = f->now->word[f->i.local];
	if (WORD_KIND(w) != WORD_RETURN)
		return flow_type_error(f, w, "returnAddress");
	size_t k = f->in;
	while (k != 0 && k != WORD_NUMBER(w))
		k = f->call[k].caller;
	if (k == 0)
		return refuse_call(f);
	size_t back = f->call[k].from;
	return reach(f, f->call[k].caller, back + op_info[OP_jsr].length, f->now);
}

/* ---- */

static bool go_on(struct flow *f)
{
	enum op_form form = f->i.info->form;
	size_t next = f->i.at + f->i.length;
	switch (f->i.op) {
	case OP_jsr:
		return jump_subroutine(f);
	case OP_ret:
		return return_subroutine(f);
	case OP_goto:
	case OP_goto_w:
		return reach(f, f->in, (size_t)f->i.target, f->now);
	case OP_areturn:
	case OP_sreturn:
	case OP_ireturn:
	case OP_return:
	case OP_athrow:
		return true;
	default:
		break;
	}
	bool is_switch = form >= OP_FORM_STABLE;
	if ((form == OP_FORM_B1 || form == OP_FORM_B2 || is_switch) && !reach(f, f->in, (size_t)f->i.target, f->now))
		return false;
	for (uint32_t k = 0; k < f->i.pairs; k++) {
		int32_t match;
		int64_t target;
		cap_switch_case(&f->i, k, &match, &target);
		if (!reach(f, f->in, (size_t)target, f->now))
			return false;
	}
	return is_switch || reach(f, f->in, next, f->now);
}

static bool handler_type(struct flow *f, const struct cap_handler *h, word *w)
{
	const struct class *c = f->world->throwable;
	if (h->catch_type != 0)
		c = world_class(f->world, f->world->package, f->model->constant[h->catch_type].class);
	if (c == NULL || !class_extends(c, f->world->throwable))
		return flow_class_error(f, c, "catch_type");
	*w = types_one(&f->types, (struct type){.base = TYPE_REFERENCE, .class = c->index});
	return true;
}

/* Wherever an exception comes from here, its handler begins with these locals and the exception on the stack. */
static bool reach_handlers(struct flow *f)
{
	for (size_t k = 0; k < f->model->n_handlers; k++) {
		const struct cap_handler *h = &f->model->handler[k];
		if (f->i.at < h->start || f->i.at >= (size_t)h->start + h->length)
			continue;
		if (!no_unfinished(f, f->now, f->locals, WORD_THIS))
			return false;
		struct frame *with = copy(f, f->now);
		with->depth = 0;
		struct frame *now = f->now;
		word w = WORD_NONE;
		f->now = with;
		bool ok = handler_type(f, h, &w) && stack_push(f, w) && reach(f, f->in, h->handler, with);
		f->now = now;
		if (!ok)
			return false;
	}
	return true;
}

static struct frame *begin(struct flow *f)
{
	const struct signature *s = &f->method->type;
	struct frame *first = arena_alloc(&f->arena, sizeof *first + (f->locals + f->max_stack) * sizeof(word));
	unsigned at = 0;
	if (!f->method->is_static) {
		struct type self = {.base = TYPE_REFERENCE, .class = f->method->class->index};
		first->word[at++] = f->method->init ? WORD(WORD_THIS, 0) : types_one(&f->types, self);
	}
	first->made = !f->method->init;
	for (size_t i = 0; i < s->n; i++) {
		struct type t = s->param[i];
		if (t.array || t.base == TYPE_REFERENCE)
			first->word[at++] = types_one(&f->types, t);
		else if (t.base == TYPE_INT) {
			first->word[at++] = WORD(WORD_INT_HIGH, 0);
			first->word[at++] = WORD(WORD_INT_LOW, 0);
		} else
			first->word[at++] = WORD(WORD_SHORT, 0);
	}
	return first;
}

static bool follow(struct flow *f)
{
	size_t end = (size_t)f->own->code + f->own->length;
	while (f->n_todo > 0) {
		struct way way = f->todo[--f->n_todo];
		f->in = way.call;
		f->now = copy(f, f->call[way.call].at[way.at]);
		cap_decode(f->code, end, f->own->code + way.at, &f->i); /* cap_check_code has done it before */
		if (!reach_handlers(f) || !step(f) || !go_on(f))
			return false;
	}
	return true;
}

bool flow_method(struct flow *f, struct world *w, const struct method *method, struct diag_list *d)
{
	const struct cap_model *m = w->package->model;
	const struct cap_method *own = method->own;
	f->world = w;
	f->model = m;
	f->method = method;
	f->own = own;
	f->types = (struct types){.arena = &f->arena, .world = w};
	f->code = cap_info(m->cap, COMPONENT_Method).p;
	f->d = d;
	f->i = (struct cap_instruction){.at = own->code};
	unsigned nargs = method->type.words + (method->is_static ? 0u : 1u);
	struct cap_reader in = cap_reader_of(m->cap, COMPONENT_Method, d);
	if (own->nargs != nargs)
		return cap_wrong(&in, own->offset, "nargs", own->nargs, nargs);
	f->locals = (unsigned)own->nargs + own->max_locals;
	f->max_stack = own->max_stack;
	f->now = NULL;
	f->n_todo = f->room = f->n_calls = 0;
	f->call[f->n_calls++] = (struct call){.at = arena_alloc(&f->arena, own->length * sizeof(struct frame *))};
	bool ok = reach(f, 0, own->code, begin(f)) && follow(f);
	arena_free(&f->arena);
	return ok;
}
