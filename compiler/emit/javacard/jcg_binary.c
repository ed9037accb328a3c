/* READ BINARY and UPDATE BINARY: contract 6. */
#include "compiler/emit/javacard/jcg.h"

#include "runtime/base/iso7816.h"

static bool any(const struct jcg *g, bool counters)
{
	for (unsigned row = 1; row <= g->rows[JCG_EFS]; row++)
		if (g->cell[JCG_STRUCTURE][row] == FILE_TRANSPARENT ||
		    (counters && g->cell[JCG_STRUCTURE][row] == FILE_COUNTER))
			return true;
	return false;
}

static void layout(struct jcg *g)
{
	bool none = g->rows[JCG_EFS] == 0;
	jcg_command(g, 0x00, INS_READ_BINARY, none ? "&binary" : "&read-binary");
	jcg_command(g, 0x00, INS_UPDATE_BINARY, none ? "&binary" : "&update-binary");
}

/* Refuse files of another structure. false: all are, no code can follow. */
static bool require_structure(struct jcg *g, bool counters)
{
	if (!any(g, counters)) {
		jcg_code(g, "goto !6981");
		return false;
	}
	if (jcg_folded(g, JCG_STRUCTURE))
		return true;
	jcg_begin(g, NULL);
	jcg_load(g, JCG_STRUCTURE);
	jcg_code(g,
	    counters && any(g, true) ? "sstore k ; sload k ; ifeq .fits ; sload k ; push %d ; if_scmpne !6981 ; .fits:"
				     : "ifne !6981",
	    FILE_COUNTER);
	return true;
}

/* Step 10: left: bytes from off to the end. */
static void require_offset(struct jcg *g)
{
	jcg_load(g, JCG_SIZE);
	jcg_code(g, "sload off ; ssub ; sstore left ; sload left ; sconst_0 ; if_scmple !6B00");
}

static void push_place(struct jcg *g)
{
	jcg_load(g, JCG_AT);
	jcg_code(g, "sload off ; sadd");
}

/* No Le counts as 00; 00 reads to the end, an explicit one beyond it gives the bytes there are and 6282. */
static void read_binary(struct jcg *g)
{
	jcg_begin(g, "&read-binary");
	jcg_code(g, "jsr @binary");
	if (!require_structure(g, true) || !jcg_guard(g, FILE_READ))
		return;
	require_offset(g);
	jcg_begin(g, NULL);
	jcg_code(g, "aload apdu ; call setOutgoing ; sstore le");
	jcg_code(g, "sload le ; ifne .given ; push 256 ; sstore le ; .given:");
	jcg_code(g, "sload left ; sstore n ; sload le ; sload left ; if_scmpge .all ; sload le ; sstore n ; .all:");
	jcg_code(g, "getfield_a_this Ap.data ; astore out");
	push_place(g);
	jcg_code(g, "sstore from ; jsr @send");
	jcg_code(g, "sload left ; sload le ; if_scmpge .end ; sload le ; push 256 ; if_scmpne !6282 ; .end: ; return");
}

static void update_binary(struct jcg *g)
{
	jcg_begin(g, "&update-binary");
	jcg_code(g, "jsr @receive ; sload lc ; ifeq !6700 ; jsr @binary");
	if (!require_structure(g, false) || !jcg_guard(g, FILE_UPDATE))
		return;
	require_offset(g);
	jcg_code(g, "sload lc ; sload left ; if_scmpgt !6A84");
	jcg_code(g, "aload buf ; sconst_5 ; getfield_a_this Ap.data");
	push_place(g);
	jcg_code(g, "sload lc ; call arrayCopy ; pop ; return");
}

static void code(struct jcg *g)
{
	if (g->rows[JCG_EFS] == 0) { /* no EF at all */
		jcg_begin(g, "&binary");
		jcg_code(g, "aload buf ; sconst_2 ; baload ; sstore k ; sload k ; ifge !6986");
		jcg_code(
		    g, "sload k ; push 0x60 ; sand ; ifne !6A86 ; sload k ; push 31 ; sand ; ifeq !6986 ; goto !6A82");
		return;
	}
	read_binary(g);
	update_binary(g);
}

const struct jcg_part jcg_binary = {.layout = layout, .code = code};

/* P1 b8: short identifier in b5-b1 (b7, b6 zero), P2 the offset; else P1-P2 is the offset in the current EF. */
void jcg_routine_binary(struct jcg *g)
{
	jcg_code(g, "aload buf ; sconst_2 ; call getShort ; sstore off ; sconst_0 ; sstore sfi");
	jcg_code(g, "sload off ; ifge .current ; sload off ; push 0x6000 ; sand ; ifne !6A86");
	jcg_code(g, "sload off ; push 8 ; sshr ; push 31 ; sand ; sstore sfi");
	jcg_code(g, "sload off ; push 255 ; sand ; sstore off");
	jcg_code(g, ".current: ; jsr @object ; ret ra-binary");
}
