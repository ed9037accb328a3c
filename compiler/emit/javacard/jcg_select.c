/* SELECT (contract 5) and the current EF. By AID the runtime selects, and has cleared the session; what is left is the
 * FCI. Other AIDs are the runtime's, and come here when there is no application of that name. */
#include "compiler/emit/javacard/jcg.h"

#include <assert.h>

#include "runtime/base/iso7816.h"
#include "runtime/base/tlv.h"

static bool is_ef(const struct contract_file *f)
{
	return f->structure != FILE_DATA_OBJECT;
}

static void layout_row(struct jcg *g, uint16_t i)
{
	const struct contract_file *f = &g->c->file[i];
	unsigned row = ++g->rows[JCG_EFS];
	g->row_file[row] = i;
	jcg_cell(g, row, JCG_FID, (int16_t)f->fid);
	jcg_cell(g, row, JCG_SFI, f->sfi);
	jcg_cell(g, row, JCG_DF, jcg_df_set(g, f->df));
	jcg_cell(g, row, JCG_STRUCTURE, f->structure);
	jcg_cell(g, row, JCG_AT, g->file_at[i]);
	jcg_cell(g, row, JCG_SIZE, (int32_t)f->size);
	for (int op = 0; op < FILE_OPS; op++)
		jcg_cell(g, row, (enum jcg_column)(JCG_RULE + op), jcg_rule(g, f->rule[op]));
}

static void layout(struct jcg *g)
{
	for (uint16_t i = 0; i < g->c->n_files; i++)
		if (is_ef(&g->c->file[i]))
			layout_row(g, i);
	jcg_command(g, 0x00, INS_SELECT, "&select");
}

/* 6F { 84 AID, A5 empty } */
static void fci(const struct jcg *g, struct buf *out)
{
	struct buf in = {0};
	tlv_put(&in, TAG_DF_NAME, g->c->aid, g->c->aid_len);
	tlv_put(&in, TAG_PROPRIETARY, NULL, 0);
	tlv_put(out, TAG_FCI, in.p, in.n);
	buf_reset(&in);
}

void jcg_selected(struct jcg *g)
{
	struct buf b = {0};
	fci(g, &b);
	uint16_t at = jcg_bytes(g, b.p, b.n);
	jcg_begin(g, "&selected");
	jcg_code(g, "aload buf ; sconst_3 ; baload ; ifne .plain");
	jcg_code(g, "aload apdu ; call setOutgoing ; pop");
	jcg_code(
	    g, "getstatic_a Ap.bytes ; astore out ; push %u ; sstore from ; push %zu ; sstore n ; jsr @send", at, b.n);
	jcg_code(g, ".end:");
	jcg_life_selected(g);
	jcg_code(g, "return");
	jcg_code(g, ".plain: ; aload buf ; sconst_3 ; baload ; push 12 ; if_scmpeq .end ; goto !6A86");
	buf_reset(&b);
}

static void code(struct jcg *g)
{
	bool nested = jcg_nested(g);
	jcg_begin(g, "&select");
	jcg_code(g, "jsr @receive ; aload buf ; sconst_2 ; call getShort");
	if (nested) {
		jcg_code(g, "sstore k ; sload k ; push 0x030C ; if_scmpeq &parent-df");
		jcg_code(g, "sload k ; push 0x010C ; if_scmpeq .fid ; sload k");
	}
	jcg_code(g, "push 0x020C ; if_scmpne !6A86 ; .fid: ; sload lc ; sconst_2 ; if_scmpne !6700");
	if (nested)
		jcg_code(g,
		    "aload buf ; sconst_5 ; call getShort ; sstore fid ; sload k ; push 0x010C ; if_scmpeq &child-df");
	else if (g->rows[JCG_EFS] != 0 || jcg_has_iefs(g))
		jcg_code(g, "aload buf ; sconst_5 ; call getShort ; sstore fid");
	if (g->rows[JCG_EFS] == 0 && !jcg_has_iefs(g)) {
		jcg_code(g, "goto !6A82");
		return;
	}
	jcg_code(g, "jsr @by_fid");
	jcg_forget_challenge(g);
	jcg_code(g, "getfield_a_this Ap.ram ; push %u ; sload row ; bastore ; return", JCG_RAM_EF);
}

const struct jcg_part jcg_select = {.layout = layout, .code = code};

/* ---- routines ---- */

void jcg_routine_by_fid(struct jcg *g)
{
	const bool iefs = jcg_has_iefs(g);
	if (g->rows[JCG_EFS] != 0) {
		jcg_search(g, JCG_FID, "fid", iefs ? "&ief-by-fid" : "!6A82");
		jcg_code(g, "ret ra-by_fid");
	}
	if (!iefs)
		return;
	jcg_code(g, "&ief-by-fid:");
	jcg_search(g, JCG_IEF_FID, "fid", "!6A82");
	jcg_code(g, "sload ief ; push %u ; sadd ; sstore row ; ret ra-by_fid", g->rows[JCG_EFS]);
}

void jcg_routine_object(struct jcg *g)
{
	const bool iefs = jcg_has_iefs(g);
	jcg_code(g, "sload sfi ; ifne &by-sfi");
	jcg_code(g, "getfield_a_this Ap.ram ; push %u ; baload ; sstore row ; sload row ; ifeq !6986", JCG_RAM_EF);
	if (iefs)
		jcg_code(g, "sload row ; push %u ; if_scmpgt !6981", g->rows[JCG_EFS]);
	jcg_code(g, "ret ra-object ; &by-sfi:");
	jcg_search(g, JCG_SFI, "sfi", iefs ? "&ief-by-sfi" : "!6A82");
	jcg_code(g, "getfield_a_this Ap.ram ; push %u ; sload row ; bastore ; ret ra-object", JCG_RAM_EF);
	if (!iefs)
		return;
	jcg_code(g, "&ief-by-sfi:");
	jcg_search(g, JCG_IEF_SFI, "sfi", "!6A82");
	jcg_code(g, "goto &other-ief");
}
