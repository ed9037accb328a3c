/* GET DATA and PUT DATA: contract 6. A data object in `data`:
 *
 *   | 1 or 2 length, big-endian | as many bytes as the longest value has |
 *
 * Two where some object of the AP may be longer than one counts. PUT DATA copies length and value at once, because buf
 * has Lc before the data. Objects have rows of their own: a tag is no identifier of a file. */
#include "compiler/emit/javacard/jcg.h"

#include "runtime/base/iso7816.h"

static bool is_object(const struct contract_file *f)
{
	return f->structure == FILE_DATA_OBJECT;
}

/* Bytes before the value. */
static unsigned header(const struct contract *c)
{
	unsigned n = 1;
	for (uint16_t i = 0; i < c->n_files; i++)
		if (is_object(&c->file[i]) && c->file[i].size > 0xff)
			n = 2;
	return n;
}

/* ---- layout ---- */

uint16_t jcg_data_store(struct jcg *g, uint16_t file)
{
	const struct contract_file *f = &g->c->file[file];
	const uint8_t length[2] = {(uint8_t)(f->length >> 8), (uint8_t)f->length};
	unsigned n = header(g->c);
	uint16_t at = jcg_data(g, n + f->size);
	if (g->too_many != NULL)
		return at;
	jcg_initial(g, at, length + 2 - n, n);
	jcg_initial(g, (uint16_t)(at + n), g->c->pool + f->content, f->size);
	return at;
}

uint16_t jcg_data_at(const struct jcg *g, uint16_t file)
{
	return (uint16_t)(g->file_at[file] + header(g->c));
}

static void layout_row(struct jcg *g, uint16_t i)
{
	const struct contract_file *f = &g->c->file[i];
	unsigned row = ++g->rows[JCG_OBJECTS];
	jcg_cell(g, row, JCG_OBJECT_TAG, (int16_t)f->tag);
	jcg_cell(g, row, JCG_OBJECT_DF, jcg_df_set(g, f->df));
	jcg_cell(g, row, JCG_OBJECT_AT, g->file_at[i]);
	jcg_cell(g, row, JCG_OBJECT_SIZE, (int32_t)f->size);
	jcg_cell(g, row, JCG_OBJECT_READ, jcg_rule(g, f->rule[FILE_READ]));
	jcg_cell(g, row, JCG_OBJECT_UPDATE, jcg_rule(g, f->rule[FILE_UPDATE]));
}

static void layout(struct jcg *g)
{
	for (uint16_t i = 0; i < g->c->n_files; i++)
		if (is_object(&g->c->file[i]))
			layout_row(g, i);
	if (g->rows[JCG_OBJECTS] == 0)
		return;
	jcg_command(g, 0x00, INS_GET_DATA, "&get-data");
	jcg_command(g, 0x00, INS_PUT_DATA, "&put-data");
}

/* ---- commands ---- */

/* A value is read whole or not at all. */
static void get_data(struct jcg *g)
{
	jcg_begin(g, "&get-data");
	jcg_code(g, "jsr @tagged");
	if (!jcg_guard_column(g, JCG_OBJECT_READ))
		return;
	jcg_begin(g, NULL);
	jcg_code(g, "getfield_a_this Ap.data ; astore out");
	jcg_load(g, JCG_OBJECT_AT);
	jcg_code(g, "sstore from ; aload out ; sload from ; %s ; sstore n ; sinc from %u",
	    header(g->c) == 1 ? "baload ; push 255 ; sand" : "call getShort", header(g->c));
	if (jcg_secure(g))
		jcg_code(
		    g, "sload sm ; ifeq .plain ; sload n ; push %d ; if_scmpgt !6700 ; .plain:", jcg_secure_room(g));
	jcg_code(g, "aload apdu ; call setOutgoing ; sstore le");
	jcg_code(g, "sload le ; ifeq .room ; sload le ; sload n ; if_scmplt !6700 ; .room: ; jsr @send ; return");
}

static void put_data(struct jcg *g)
{
	unsigned n = header(g->c);
	jcg_begin(g, "&put-data");
	jcg_code(g, "jsr @receive ; sload lc ; ifeq !6700 ; jsr @tagged");
	if (!jcg_guard_column(g, JCG_OBJECT_UPDATE))
		return;
	jcg_load(g, JCG_OBJECT_SIZE);
	jcg_code(g, "sload lc ; if_scmplt !6A84");
	if (n == 2 || jcg_secure(g)) /* what unwrapping leaves there is no Lc */
		jcg_code(g, "aload buf ; sconst_3 ; sload lc ; call setShort ; pop");
	jcg_code(g, "aload buf ; push %u ; getfield_a_this Ap.data", 5 - n);
	jcg_load(g, JCG_OBJECT_AT);
	jcg_code(g, "sload lc ; push %u ; sadd ; call arrayCopy ; pop ; return", n);
}

static void code(struct jcg *g)
{
	if (g->rows[JCG_OBJECTS] == 0)
		return;
	get_data(g);
	put_data(g);
}

const struct jcg_part jcg_data_objects = {.layout = layout, .code = code};

void jcg_routine_tagged(struct jcg *g)
{
	jcg_code(g, "aload buf ; sconst_2 ; call getShort ; sstore tag");
	jcg_search(g, JCG_OBJECT_TAG, "tag", "!6A88");
	jcg_code(g, "ret ra-tagged");
}
