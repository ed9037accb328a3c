/* READ RECORD and UPDATE RECORD: contract 6. */
#include "compiler/emit/javacard/jcg.h"

#include "runtime/base/iso7816.h"

static void layout(struct jcg *g)
{
	if (g->rows[JCG_EFS] == 0)
		return;
	jcg_command(g, 0x00, INS_READ_RECORD, "&record");
	jcg_command(g, 0x00, INS_UPDATE_RECORD, "&record");
}

/* Without files of records: what is there has another structure. */
static void code(struct jcg *g)
{
	if (g->rows[JCG_EFS] == 0)
		return;
	jcg_begin(g, "&record");
	jcg_code(g, "aload buf ; sconst_3 ; baload ; sconst_3 ; sshr ; push 31 ; sand ; sstore sfi");
	jcg_code(g, "jsr @object ; goto !6981");
}

const struct jcg_part jcg_record = {.layout = layout, .code = code};
