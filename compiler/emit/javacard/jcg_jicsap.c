/* Personality jicsap (contract 7): PINs and keys are IEFs, with FID and short identifier in one name space with EFs.
 *
 * An IEF is a row of its own: the PINs, then the keys. Where the current EF is kept it has a number behind those of the
 * EFs. Commands on PINs and keys name it in P2: 80 the current one, 80 | short identifier. */
#include "compiler/emit/javacard/jcg.h"

enum { INS_CHANGE_KEY = 0x32 };

bool jcg_jicsap(const struct contract *c)
{
	return c->personality == PERSONALITY_JICSAP;
}

bool jcg_has_iefs(const struct jcg *g)
{
	return jcg_jicsap(g->c) && g->c->n_pins + g->c->n_keys != 0;
}

const char *jcg_blocked(const struct jcg *g)
{
	return jcg_jicsap(g->c) ? "!6984" : "!6983";
}

/* ---- layout ---- */

static void layout_ief(struct jcg *g, uint16_t fid, uint8_t sfi, uint16_t df)
{
	unsigned row = ++g->rows[JCG_IEFS];
	jcg_cell(g, row, JCG_IEF_FID, (int16_t)fid);
	jcg_cell(g, row, JCG_IEF_SFI, sfi);
	jcg_cell(g, row, JCG_IEF_DF, jcg_df_set(g, df));
}

static void layout(struct jcg *g)
{
	if (!jcg_jicsap(g->c))
		return;
	for (uint16_t i = 0; i < g->c->n_pins; i++)
		layout_ief(g, g->c->pin[i].fid, g->c->pin[i].ref, g->c->pin[i].df);
	for (uint16_t i = 0; i < g->c->n_keys; i++)
		layout_ief(g, g->c->key[i].fid, g->c->key[i].ref, g->c->key[i].df);
	jcg_command(g, 0x80, INS_CHANGE_KEY, g->c->n_pins != 0 ? "&change-key" : jcg_no_pin(g));
}

/* ---- finding them ---- */

const char *jcg_no_pin(const struct jcg *g)
{
	return jcg_jicsap(g->c) ? "&no-pin" : "!6A88";
}

void jcg_make_ief_current(struct jcg *g)
{
	if (jcg_jicsap(g->c))
		jcg_code(g, "getfield_a_this Ap.ram ; push %u ; sload ief ; push %u ; sadd ; bastore", JCG_RAM_EF,
		    g->rows[JCG_EFS]);
}

void jcg_find_pin(struct jcg *g)
{
	if (!jcg_jicsap(g->c)) {
		jcg_search(g, JCG_PIN_P2, "p2", "!6A88");
		return;
	}
	jcg_code(
	    g, "jsr @reference ; sload ief ; sstore pin ; sload pin ; push %u ; if_scmpgt &other-ief", g->c->n_pins);
}

/* Whether some key has no P2 in this column. */
static bool some_without(const struct jcg *g, enum jcg_column col)
{
	for (unsigned row = 1; row <= g->rows[JCG_KEYS]; row++)
		if (g->cell[col][row] == 0)
			return true;
	return false;
}

/* 0 stands in the column of a use that the key does not have; no reference is 0. */
void jcg_find_key(struct jcg *g, enum jcg_column col, const char *missing)
{
	bool none = jcg_folded(g, col) && g->cell[col][1] == 0;
	if (jcg_jicsap(g->c)) {
		jcg_code(g,
		    "jsr @reference ; sload ief ; push %u ; ssub ; sstore key ; sload key ; sconst_0 ; "
		    "if_scmple &other-ief",
		    g->c->n_pins);
		jcg_make_ief_current(g);
	}
	if (none)
		jcg_code(g, "goto %s", missing);
	else if (jcg_jicsap(g->c)) {
		if (!some_without(g, col))
			return;
		jcg_load(g, col);
		jcg_code(g, "ifeq %s", missing);
	} else {
		if (some_without(g, col))
			jcg_code(g, "sload p2 ; ifge !6A88");
		jcg_search(g, col, "p2", missing);
	}
}

/* Short identifiers are unique among EFs and IEFs of a DF. An EF that is named becomes current all the same. */
void jcg_routine_reference(struct jcg *g)
{
	const unsigned efs = g->rows[JCG_EFS];
	const char *missing = efs != 0 ? "&ef-reference" : "!6A88";
	jcg_code(g, "sload p2 ; push -128 ; if_scmpne &reference-by-sfi");
	jcg_code(g, "getfield_a_this Ap.ram ; push %u ; baload ; sstore ief ; sload ief ; ifeq !6986", JCG_RAM_EF);
	jcg_code(g,
	    "sload ief ; push %u ; ssub ; sstore ief ; sload ief ; sconst_0 ; if_scmple !6981 ; ret ra-reference", efs);
	jcg_code(g, "&reference-by-sfi: ; sload p2 ; push -32 ; sand ; push -128 ; if_scmpne !6A88");
	jcg_code(g, "sload p2 ; push 31 ; sand ; sstore sfi");
	if (g->rows[JCG_IEFS] != 0) {
		jcg_search(g, JCG_IEF_SFI, "sfi", missing);
		jcg_code(g, "ret ra-reference");
	} else if (efs == 0)
		jcg_code(g, "goto !6A88");
	if (efs == 0)
		return;
	jcg_code(g, "&ef-reference:");
	jcg_search(g, JCG_SFI, "sfi", "!6A88");
	jcg_code(g, "getfield_a_this Ap.ram ; push %u ; sload row ; bastore ; goto !6981", JCG_RAM_EF);
}

/* ---- code ---- */

/* CHANGE KEY is CHANGE REFERENCE DATA with P1 = 01. */
static void code(struct jcg *g)
{
	if (!jcg_jicsap(g->c))
		return;
	if (g->c->n_pins != 0) {
		jcg_begin(g, "&change-key");
		jcg_code(g,
		    "jsr @receive ; aload buf ; sconst_2 ; baload ; ifne !6A86 ; sconst_1 ; sstore p1 ; "
		    "goto &change-form");
	} else {
		jcg_begin(g, "&no-pin");
		jcg_code(g, "aload buf ; sconst_3 ; baload ; sstore p2 ; jsr @reference");
	}
	jcg_begin(g, "&other-ief");
	jcg_make_ief_current(g);
	jcg_code(g, "goto !6981");
}

const struct jcg_part jcg_jicsap_part = {.layout = layout, .code = code};
