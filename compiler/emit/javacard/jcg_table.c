#include "compiler/emit/javacard/jcg.h"

#include <assert.h>
#include <string.h>

enum jcg_space jcg_space_of(enum jcg_column col)
{
	return col < JCG_KEY_EXTERNAL ? JCG_EFS
	    : col < JCG_PIN_P2        ? JCG_KEYS
	    : col < JCG_DF_FID        ? JCG_PINS
	    : col < JCG_OBJECT_TAG    ? JCG_DFS
	    : col < JCG_IEF_FID       ? JCG_OBJECTS
				      : JCG_IEFS;
}

static unsigned rows_of(const struct jcg *g, enum jcg_column col)
{
	return g->rows[jcg_space_of(col)];
}

static const char *const row_name[] = {[JCG_EFS] = "row",
    [JCG_KEYS] = "key",
    [JCG_PINS] = "pin",
    [JCG_DFS] = "df",
    [JCG_OBJECTS] = "object",
    [JCG_IEFS] = "ief"};

void jcg_cell(struct jcg *g, unsigned row, enum jcg_column col, int32_t value)
{
	assert(row >= 1 && row < JCG_ROWS);
	g->cell[col][row] = value;
}

bool jcg_folded(const struct jcg *g, enum jcg_column col)
{
	for (unsigned row = 2; row <= rows_of(g, col); row++)
		if (g->cell[col][row] != g->cell[col][1])
			return false;
	return true;
}

void jcg_load(struct jcg *g, enum jcg_column col)
{
	if (jcg_folded(g, col)) {
		jcg_code(g, "push %d", (int)g->cell[col][1]);
		return;
	}
	jcg_code(
	    g, "getstatic_a Ap.%s ; sload %s", g->column_wide[col] ? "shorts" : "bytes", row_name[jcg_space_of(col)]);
	if (g->column_at[col] != 0)
		jcg_code(g, "push %u ; sadd", g->column_at[col]);
	jcg_code(g, g->column_wide[col] ? "saload" : "baload");
}

void jcg_index(struct jcg *g, enum jcg_space space, unsigned base)
{
	if (g->rows[space] == 1)
		jcg_code(g, "push %u", base);
	else if (base == 1)
		jcg_code(g, "sload %s", row_name[space]);
	else
		jcg_code(g, "sload %s ; push %d ; sadd", row_name[space], (int)base - 1);
}

/* From the last row down. */
void jcg_search(struct jcg *g, enum jcg_column col, const char *wanted, const char *missing)
{
	const char *row = row_name[jcg_space_of(col)];
	jcg_begin(g, NULL);
	jcg_code(g, "push %u ; sstore %s", rows_of(g, col), row);
	if (rows_of(g, col) == 1) {
		jcg_load(g, col);
		jcg_code(g, "sload %s ; if_scmpne %s", wanted, missing);
		jcg_require_local(g, col, missing);
		return;
	}
	jcg_code(g, ".next:");
	jcg_load(g, col);
	if (jcg_is_local(g, col)) {
		jcg_code(g, "sload %s ; if_scmpne .other", wanted);
		jcg_require_local(g, col, ".other");
		jcg_code(g, "goto .found ; .other:");
	} else
		jcg_code(g, "sload %s ; if_scmpeq .found", wanted);
	jcg_code(g, "sinc %s -1 ; sload %s ; ifne .next ; goto %s ; .found:", row, row, missing);
}

uint16_t jcg_bytes(struct jcg *g, const void *p, size_t n)
{
	for (size_t i = 0; i + n <= g->bytes.n; i++)
		if (memcmp(g->bytes.p + i, p, n) == 0)
			return (uint16_t)i;
	size_t at = g->bytes.n;
	buf_add(&g->bytes, p, n);
	return (uint16_t)at;
}

/* Rows count from 1, so that a column behind one unused element is reached without an addition. */
static void place(struct jcg *g, enum jcg_column col)
{
	bool wide = false;
	for (unsigned row = 1; row <= rows_of(g, col); row++)
		wide = wide || g->cell[col][row] != (int8_t)g->cell[col][row];
	struct buf *b = wide ? &g->shorts : &g->bytes;
	size_t width = wide ? 2 : 1;
	if (b->n == 0)
		wide ? buf_u16(b, 0) : buf_u8(b, 0);
	g->column_wide[col] = wide;
	g->column_at[col] = (uint16_t)(b->n / width - 1);
	for (unsigned row = 1; row <= rows_of(g, col); row++)
		wide ? buf_u16(b, (unsigned)g->cell[col][row] & 0xffff) : buf_u8(b, (unsigned)g->cell[col][row] & 0xff);
}

bool jcg_is_rule(enum jcg_column col)
{
	return (col >= JCG_RULE && col < JCG_KEY_EXTERNAL) || col == JCG_PIN_UNBLOCK || col == JCG_OBJECT_READ ||
	    col == JCG_OBJECT_UPDATE;
}

void jcg_tables(struct jcg *g)
{
	for (int col = 0; col < JCG_COLUMNS; col++)
		if (!jcg_is_rule((enum jcg_column)col) && !jcg_folded(g, (enum jcg_column)col))
			place(g, (enum jcg_column)col);
	jcg_rule_lists(g);
	for (int col = 0; col < JCG_COLUMNS; col++)
		if (jcg_is_rule((enum jcg_column)col) && !jcg_folded(g, (enum jcg_column)col))
			place(g, (enum jcg_column)col);
}

void jcg_statics(struct jcg *g)
{
	const unsigned access = ACCESS_PRIVATE | ACCESS_STATIC;
	if (g->bytes.n != 0)
		asm_static(g->class, "bytes", "[B", access, g->bytes.p, g->bytes.n);
	if (g->shorts.n != 0)
		asm_static(g->class, "shorts", "[S", access, g->shorts.p, g->shorts.n);
}
