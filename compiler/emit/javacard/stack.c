#include <string.h>

#include "compiler/emit/javacard/inside.h"

/* How many words the stack has before each instruction: the same by whatever way it is reached (JCVM 7.1 asks for types
 * to agree, of which this is the part that max_stack needs). */

struct walk {
	struct asm_method *m;
	struct asm_insn **todo;
	size_t n;
	int deepest;
};

static bool reach(struct walk *w, struct asm_insn *i, int depth)
{
	if (depth > w->deepest)
		w->deepest = depth;
	if (i == NULL)
		return asm_fail(w->m->s, "the code of '%s' runs over its end", w->m->name);
	if (i->depth == depth)
		return true;
	w->m->s->line = i->line;
	if (i->depth != NOWHERE)
		return asm_fail(w->m->s, "%s in '%s' is reached with %d and with %d words on the stack",
		    op_info[i->op].name, w->m->name, i->depth, depth);
	i->depth = depth;
	w->todo[w->n++] = i;
	return true;
}

static int words(const char *types)
{
	int n = 0;
	for (; *types != 0; types++)
		n += *types == 'i' ? 2 : 1;
	return n;
}

static void effect(const struct asm_insn *i, int *pops, int *pushes)
{
	if (i->op == OP_dup_x) {
		int below = (int)(i->local & 0xf), of = (int)(i->local >> 4);
		*pops = below > of ? below : of;
		*pushes = *pops + of;
	} else if (i->op == OP_swap_x)
		*pops = *pushes = (int)((i->local >> 4) + (i->local & 0xf));
	else if (i->descriptor != NULL) {
		*pops = (int)asm_arguments(i->descriptor) + (i->op != OP_invokestatic);
		*pushes = (int)asm_words_of(asm_returned(i->descriptor));
	} else {
		*pops = words(op_info[i->op].pops);
		*pushes = words(op_info[i->op].pushes);
	}
}

static bool ends(enum op op)
{
	return (op >= OP_stableswitch && op <= OP_return) || op == OP_goto || op == OP_goto_w || op == OP_athrow ||
	    op == OP_ret;
}

static bool follow(struct walk *w, struct asm_insn *i)
{
	int pops = 0, pushes = 0;
	enum op_form form = op_info[i->op].form;
	effect(i, &pops, &pushes);
	w->m->s->line = i->line;
	if (i->depth < pops)
		return asm_fail(w->m->s, "%s in '%s' finds %d of %d words on the stack", op_info[i->op].name,
		    w->m->name, i->depth, pops);
	int after = i->depth - pops + pushes;
	if (form == OP_FORM_B1 || form == OP_FORM_B2 || form >= OP_FORM_STABLE)
		if (!reach(w, asm_at_label(w->m, i->label), after))
			return false;
	for (size_t k = 0; k < i->n_cases; k++)
		if (!reach(w, asm_at_label(w->m, i->cases[k].label), after))
			return false;
	return ends(i->op) || reach(w, i->next, i->op == OP_jsr ? after - 1 : after);
}

/* Local variables beyond the arguments, as far as instructions name them. */
static unsigned last_local(const struct asm_insn *i)
{
	enum op_form form = op_info[i->op].form;
	bool wide = i->op == OP_iload || i->op == OP_istore || i->op == OP_iinc || i->op == OP_iinc_w;
	if (form == OP_FORM_LOCAL || form == OP_FORM_LOCAL_S1 || form == OP_FORM_LOCAL_S2)
		return i->local + 1 + wide;
	if (i->op >= OP_aload_0 && i->op <= OP_iload_3)
		return (unsigned)(i->op - OP_aload_0) % 4 + 1 + (i->op >= OP_iload_0);
	if (i->op >= OP_astore_0 && i->op <= OP_istore_3)
		return (unsigned)(i->op - OP_astore_0) % 4 + 1 + (i->op >= OP_istore_0);
	return 0;
}

bool asm_compute_stack(struct asm_method *m)
{
	struct walk w = {.m = m};
	size_t n = 0;
	unsigned locals = m->nargs;
	for (struct asm_insn *i = m->first; i != NULL; i = i->next, n++) {
		i->depth = NOWHERE;
		if (last_local(i) > locals)
			locals = last_local(i);
	}
	w.todo = arena_alloc(m->s->a, n * sizeof(struct asm_insn *));
	m->s->line = m->line;
	if (!reach(&w, m->first, 0))
		return false;
	for (struct asm_handler *h = m->handlers; h != NULL; h = h->next)
		if (!reach(&w, asm_at_label(m, h->handler), 1))
			return false;
	while (w.n > 0)
		if (!follow(&w, w.todo[--w.n]))
			return false;
	m->stack = (unsigned)w.deepest;
	m->locals = locals - m->nargs;
	if (m->stack > 255 || m->nargs > 255 || m->locals > 255)
		return asm_fail(m->s, "'%s' needs more than 255 words", m->name);
	return true;
}
