/* Nested DFs: SELECT of a child and of the parent, and what is in reach of the current DF (contract 5).
 *
 * A DF is known by the set of the DFs that it stands in, itself included: bit i - 1 for DF i, b8 always, for the AP's
 * own. The set of the current one is in `ram` (without b8 the AP's own DF, as a cleared byte is) and in the local
 * `here`. An EF or a data object is found in its own DF only: the sets are equal. A PIN or a key is in reach of its own
 * DF and of those inside it: the bit of its DF is in the set. References are unique among DFs that stand in one
 * another, so there is no nearest one to look for. */
#include "compiler/emit/javacard/jcg.h"

enum { OWN_DF = 0x80 };

bool jcg_nested(const struct jcg *g)
{
	return g->c->n_dfs > 1;
}

const char *jcg_df_beyond(const struct plan *p, struct srcloc *at)
{
	for (uint16_t i = 1; i < p->contract->n_dfs; i++) {
		/* The runtime selects by AID, and only what is installed under it. */
		*at = p->description->where->df[i].aid;
		if (p->contract->df[i].aid_len != 0)
			return "<aid> of a <df>";
	}
	return NULL;
}

static unsigned bit_of(uint16_t df)
{
	return df == 0 ? OWN_DF : 1u << (df - 1);
}

int32_t jcg_df_set(const struct jcg *g, uint16_t df)
{
	unsigned set = OWN_DF;
	for (; df != 0; df = g->c->df[df].parent)
		set |= bit_of(df);
	return (int8_t)set;
}

int32_t jcg_df_bit(uint16_t df)
{
	return (int8_t)bit_of(df);
}

static void layout(struct jcg *g)
{
	if (!jcg_nested(g))
		return;
	g->here = jcg_ram(g, 1);
	for (uint16_t i = 1; i < g->c->n_dfs; i++) {
		unsigned row = ++g->rows[JCG_DFS];
		jcg_cell(g, row, JCG_DF_FID, (int16_t)g->c->df[i].fid);
		jcg_cell(g, row, JCG_DF_PARENT, jcg_df_set(g, g->c->df[i].parent));
		jcg_cell(g, row, JCG_DF_SET, jcg_df_set(g, i));
	}
}

void jcg_load_here(struct jcg *g)
{
	if (jcg_nested(g))
		jcg_code(g, "getfield_a_this Ap.ram ; push %u ; baload ; push %d ; sor ; sstore here", g->here,
		    (int8_t)OWN_DF);
}

bool jcg_is_local(const struct jcg *g, enum jcg_column found)
{
	if (!jcg_nested(g) || found == JCG_DF_SET)
		return false;
	enum jcg_space space = jcg_space_of(found);
	enum jcg_column col = space == JCG_KEYS ? JCG_KEY_DF : JCG_PIN_DF;
	return space == JCG_EFS || space == JCG_DFS || space == JCG_OBJECTS || space == JCG_IEFS ||
	    !jcg_folded(g, col) || g->cell[col][1] != (int8_t)OWN_DF;
}

void jcg_require_local(struct jcg *g, enum jcg_column found, const char *missing)
{
	enum jcg_space space = jcg_space_of(found);
	if (!jcg_is_local(g, found))
		return;
	if (space == JCG_EFS || space == JCG_DFS || space == JCG_OBJECTS || space == JCG_IEFS) {
		jcg_load(g,
		    space == JCG_EFS        ? JCG_DF
			: space == JCG_DFS  ? JCG_DF_PARENT
			: space == JCG_IEFS ? JCG_IEF_DF
					    : JCG_OBJECT_DF);
		jcg_code(g, "sload here ; if_scmpne %s", missing);
	} else {
		jcg_load(g, space == JCG_KEYS ? JCG_KEY_DF : JCG_PIN_DF);
		jcg_code(g, "sload here ; sand ; ifeq %s", missing);
	}
}

/* The atoms of PINs and keys that are not the AP's own. */
static unsigned local_atoms(const struct jcg *g)
{
	unsigned set = 0;
	for (size_t i = 0; i < g->n_atoms; i++) {
		const struct jcg_atom *a = &g->atom[i];
		if ((a->op == RULE_PIN && g->c->pin[a->a].df != 0) || (a->op == RULE_AUTH && g->c->key[a->a].df != 0))
			set |= 1u << i;
	}
	return set;
}

/* The current EF and what was shown to a DF go with it, whichever DF comes. */
static void code(struct jcg *g)
{
	if (!jcg_nested(g))
		return;
	jcg_begin(g, "&child-df");
	jcg_search(g, JCG_DF_FID, "fid", "!6A82");
	jcg_load(g, JCG_DF_SET);
	jcg_code(g, "sstore here ; goto &enter-df");
	jcg_begin(g, "&parent-df");
	jcg_code(g, "sload lc ; ifne !6700");
	jcg_search(g, JCG_DF_SET, "here", "!6A82");
	jcg_load(g, JCG_DF_PARENT);
	jcg_code(g, "sstore here ; &enter-df: ; getfield_a_this Ap.ram ; push %u ; sload here ; bastore", g->here);
	jcg_code(g, "getfield_a_this Ap.ram ; push %u ; sconst_0 ; bastore", JCG_RAM_EF);
	jcg_clear_atoms(g, local_atoms(g));
	jcg_forget_challenge(g);
	jcg_code(g, "return");
}

const struct jcg_part jcg_df = {.layout = layout, .code = code};
