/* Access rules as lists of sets of atoms: see jcg.h. Lists of the rules that some column names stand in BYTES (up to 7
 * atoms) or SHORTS: the sets of one list, then -1. */
#include "compiler/emit/javacard/jcg.h"

#include <assert.h>
#include <string.h>

enum { SETS = JCG_SETS };

unsigned jcg_atom(struct jcg *g, enum rule_op op, uint16_t a, uint16_t b)
{
	size_t i = 0;
	while (i < g->n_atoms && (g->atom[i].op != op || g->atom[i].a != a || g->atom[i].b != b))
		i++;
	if (i == JCG_ATOMS) {
		g->too_many = "<rule>";
		return 0;
	}
	if (i == g->n_atoms)
		g->atom[g->n_atoms++] = (struct jcg_atom){(uint8_t)op, a, b};
	return 1u << i;
}

bool jcg_wide_status(const struct jcg *g)
{
	return g->n_atoms > 7;
}

/* ---- lists ---- */

static void add(struct jcg *g, struct jcg_list *l, uint16_t set)
{
	for (size_t i = 0; i < l->n; i++) {
		if ((l->set[i] & set) == l->set[i])
			return; /* a smaller set suffices already */
		if ((l->set[i] & set) == set)
			l->set[i--] = l->set[--l->n];
	}
	if (l->n == SETS)
		g->too_many = "<rule>";
	else
		l->set[l->n++] = set;
}

static void expand(struct jcg *g, uint16_t rule, struct jcg_list *out)
{
	const struct contract_rule *r = &g->c->rule[rule];
	struct jcg_list a = {0}, b = {0};
	out->n = 0;
	switch ((enum rule_op)r->op) {
	case RULE_NEVER:
		return;
	case RULE_ALWAYS:
		add(g, out, 0);
		return;
	case RULE_AND:
		expand(g, r->a, &a);
		expand(g, r->b, &b);
		for (size_t i = 0; i < a.n; i++)
			for (size_t k = 0; k < b.n; k++)
				add(g, out, a.set[i] | b.set[k]);
		return;
	case RULE_OR:
		expand(g, r->a, &a);
		expand(g, r->b, &b);
		*out = a;
		for (size_t k = 0; k < b.n; k++)
			add(g, out, b.set[k]);
		return;
	case RULE_PIN:
	case RULE_PIN_UNSET:
	case RULE_AUTH:
	case RULE_SM:
	case RULE_CONTACT:
	case RULE_CONTACTLESS:
		add(g, out, (uint16_t)jcg_atom(g, (enum rule_op)r->op, r->a, r->b));
		return;
	}
}

static bool same(const struct jcg_list *a, const struct jcg_list *b)
{
	size_t found = 0;
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++)
			found += a->set[i] == b->set[k];
	return a->n == b->n && found == a->n;
}

int32_t jcg_rule(struct jcg *g, uint16_t rule)
{
	struct jcg_list l;
	expand(g, rule, &l);
	size_t i = 0;
	while (i < g->n_lists && !same(&g->list[i], &l))
		i++;
	if (i == g->n_lists) {
		assert(g->n_lists < JCG_LISTS);
		g->list[g->n_lists++] = l;
	}
	return (int32_t)i;
}

/* Only lists that rows differ in. The same sequence, or the end of another, is written once. */
static int32_t put_list(struct jcg *g, const struct jcg_list *l)
{
	bool wide = jcg_wide_status(g);
	struct buf b = {0};
	for (size_t i = 0; i <= l->n; i++) {
		unsigned set = i < l->n ? l->set[i] : 0xffff;
		wide ? buf_u16(&b, set) : buf_u8(&b, set & 0xff);
	}
	struct buf *to = wide ? &g->shorts : &g->bytes;
	size_t width = wide ? 2 : 1, at = 0;
	while (at + b.n <= to->n && memcmp(to->p + at, b.p, b.n) != 0)
		at += width;
	if (at + b.n > to->n) {
		at = to->n;
		buf_add(to, b.p, b.n);
	}
	buf_reset(&b);
	return (int32_t)(at / width);
}

void jcg_rule_lists(struct jcg *g)
{
	for (int col = 0; col < JCG_COLUMNS; col++) {
		if (!jcg_is_rule((enum jcg_column)col) || jcg_folded(g, (enum jcg_column)col))
			continue;
		for (unsigned row = 1; row <= g->rows[jcg_space_of((enum jcg_column)col)]; row++)
			g->cell[col][row] = put_list(g, &g->list[g->cell[col][row]]);
	}
}

/* ---- code ---- */

static void require_set(struct jcg *g, uint16_t set, bool last)
{
	bool one = (set & (set - 1)) == 0;
	jcg_code(g, "sload status ; push %u ; sand", set);
	if (one)
		jcg_code(g, last ? "ifeq !6982" : "ifne .holds");
	else
		jcg_code(g, last ? "push %u ; if_scmpne !6982" : "push %u ; if_scmpeq .holds", set);
}

static void require_list(struct jcg *g, const struct jcg_list *l)
{
	if (l->n == 1 && l->set[0] == 0)
		return;
	jcg_begin(g, NULL);
	if (l->n == 0)
		jcg_code(g, "goto !6982");
	for (size_t i = 0; i < l->n; i++)
		require_set(g, l->set[i], i + 1 == l->n);
	if (l->n > 1)
		jcg_code(g, ".holds:");
}

void jcg_require(struct jcg *g, uint16_t rule)
{
	require_list(g, &g->list[jcg_rule(g, rule)]);
}

bool jcg_guard(struct jcg *g, enum file_op op)
{
	return jcg_guard_column(g, (enum jcg_column)(JCG_RULE + (int)op));
}

bool jcg_guard_column(struct jcg *g, enum jcg_column col)
{
	if (jcg_folded(g, col)) {
		const struct jcg_list *l = &g->list[g->cell[col][1]];
		require_list(g, l);
		return l->n != 0;
	}
	jcg_load(g, col);
	jcg_code(g, "sstore rule ; jsr @check");
	return true;
}

void jcg_keep_status(struct jcg *g)
{
	jcg_code(g,
	    jcg_wide_status(g) ? "getfield_a_this Ap.ram ; push %u ; sload status ; call setShort ; pop"
			       : "getfield_a_this Ap.ram ; push %u ; sload status ; bastore",
	    JCG_RAM_STATUS);
}

void jcg_clear_atom(struct jcg *g, enum jcg_column col)
{
	if (jcg_folded(g, col) && g->cell[col][1] == 0)
		return;
	jcg_code(g, "sload status");
	jcg_load(g, col);
	jcg_code(g, "sconst_m1 ; sxor ; sand ; sstore status");
	jcg_keep_status(g);
}

void jcg_clear_atoms(struct jcg *g, unsigned set)
{
	if (set == 0)
		return;
	jcg_code(g, "sload status ; push %d ; sand ; sstore status", (int)~set);
	jcg_keep_status(g);
}

void jcg_set_atom(struct jcg *g, enum jcg_column col)
{
	if (jcg_folded(g, col) && g->cell[col][1] == 0)
		return;
	jcg_code(g, "sload status");
	jcg_load(g, col);
	jcg_code(g, "sor ; sstore status");
	jcg_keep_status(g);
}

void jcg_routine_check(struct jcg *g)
{
	const char *table = jcg_wide_status(g) ? "getstatic_a Ap.shorts ; sload rule ; saload"
					       : "getstatic_a Ap.bytes ; sload rule ; baload";
	if (g->n_atoms == 0) { /* then there is no status, and only the empty set */
		jcg_code(g, "%s ; iflt !6982 ; ret ra-check", table);
		return;
	}
	jcg_code(g, ".next: ; %s ; sstore set ; sload set ; iflt !6982", table);
	jcg_code(g, "sinc rule 1 ; sload status ; sload set ; sand ; sload set ; if_scmpne .next ; ret ra-check");
}
