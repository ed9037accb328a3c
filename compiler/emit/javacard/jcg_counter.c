/* INCREASE and DECREASE: contract 6. A counter is `width` bytes of `data`, big-endian. Without `int`, it is counted
 * byte by byte from the right: what does not fit a byte is carried to the next, and in the same loop the new value is
 * taken from max, or min from it, of which only the last borrow is of interest. The new value takes the amount's place
 * in buf and goes to `data` in one atomic copy. */
#include "compiler/emit/javacard/jcg.h"

/* ---- what the AP has ---- */

static bool is_counter(const struct contract_file *f)
{
	return f->structure == FILE_COUNTER;
}

/* The first one, NULL when there is none. */
static const struct contract_file *first(const struct contract *c)
{
	uint16_t i = 0;
	while (i < c->n_files && !is_counter(&c->file[i]))
		i++;
	return i < c->n_files ? &c->file[i] : NULL;
}

/* Whether an INS is the same command for all of them. */
static bool same_ins(const struct contract *c)
{
	for (uint16_t i = 0; i < c->n_files; i++)
		if (is_counter(&c->file[i]) &&
		    (c->file[i].increase_ins != first(c)->increase_ins ||
			c->file[i].decrease_ins != first(c)->decrease_ins))
			return false;
	return true;
}

/* Nothing on the card compares a delivered value with the bounds: they have to be all that the width holds. */
const char *jcg_counter_beyond(const struct plan *p, struct srcloc *at)
{
	const struct contract *c = p->contract;
	for (uint16_t i = 0; i < c->n_values; i++) {
		if (c->value[i].kind != VALUE_FIELD)
			continue;
		uint16_t field = c->value[i].target;
		const struct contract_file *f = &c->file[c->field[field].file];
		*at = p->description->where->field[field].value;
		if (is_counter(f) && (f->min != 0 || f->max != UINT32_MAX >> 8 * (4 - f->size)))
			return "source=";
	}
	return NULL;
}

/* ---- layout ---- */

static void offer(struct jcg *g, uint8_t ins, const char *label)
{
	for (size_t i = 0; i < g->n_commands; i++)
		if (g->command[i].cla == 0x80 && g->command[i].ins == ins)
			return;
	jcg_command(g, 0x80, ins, label);
}

static uint16_t number(struct jcg *g, uint32_t v, uint32_t width)
{
	uint8_t p[4];
	for (uint32_t i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> 8 * (width - 1 - i));
	return jcg_bytes(g, p, width);
}

static void layout_row(struct jcg *g, unsigned row, const struct contract_file *f)
{
	jcg_cell(g, row, JCG_INCREASE, (int8_t)f->increase_ins);
	jcg_cell(g, row, JCG_DECREASE, (int8_t)f->decrease_ins);
	jcg_cell(g, row, JCG_MAX, number(g, f->max, f->size));
	jcg_cell(g, row, JCG_MIN, number(g, f->min, f->size));
	for (enum file_op op = FILE_INCREASE; op <= FILE_DECREASE; op++)
		jcg_cell(g, row, (enum jcg_column)(JCG_RULE + (int)op), jcg_rule(g, f->rule[op]));
}

/* Other files get what the first counter has, so that more columns fold: their structure is refused before. */
static void layout(struct jcg *g)
{
	if (first(g->c) == NULL)
		return;
	bool same = same_ins(g->c);
	for (unsigned row = 1; row <= g->rows[JCG_EFS]; row++) {
		const struct contract_file *f = &g->c->file[g->row_file[row]];
		layout_row(g, row, is_counter(f) ? f : first(g->c));
		if (!is_counter(f))
			continue;
		offer(g, f->increase_ins, same ? "&increase" : "&counter");
		offer(g, f->decrease_ins, same ? "&decrease" : "&counter");
	}
}

/* ---- commands ---- */

/* The value, or the part of the answer that an explicit Le below the width would be, is refused before it is kept. */
static void effect(struct jcg *g)
{
	jcg_begin(g, "&counted");
	jcg_code(g, "aload apdu ; call setOutgoing ; sstore le ; sload le ; ifeq .room ; sload le ; sload n");
	jcg_code(g, "if_scmplt !6700 ; .room: ; getfield_a_this Ap.data ; astore out");
	jcg_load(g, JCG_AT);
	jcg_code(g, "sstore from ; aload buf ; sconst_5 ; aload out ; sload from ; sload n ; call arrayCopy ; pop");
	jcg_code(g, "jsr @send ; return");
}

/* One of the two; false: nobody may. */
static bool command(struct jcg *g, enum file_op op)
{
	bool up = op == FILE_INCREASE;
	jcg_begin(g, up ? "&increase" : "&decrease");
	if (same_ins(g->c))
		jcg_code(g, "jsr @counter");
	if (!jcg_guard(g, op))
		return false;
	jcg_load(g, up ? JCG_MAX : JCG_MIN);
	jcg_code(g, "sstore limit ; %s ; sstore sign ; jsr @count", up ? "sconst_1" : "sconst_m1");
	return true;
}

static void code(struct jcg *g)
{
	if (first(g->c) == NULL)
		return;
	if (!same_ins(g->c)) {
		jcg_begin(g, "&counter");
		jcg_code(g, "jsr @counter ; aload buf ; sconst_1 ; baload");
		jcg_load(g, JCG_INCREASE);
		jcg_code(g, "if_scmpeq &increase ; aload buf ; sconst_1 ; baload");
		jcg_load(g, JCG_DECREASE);
		jcg_code(g, "if_scmpeq &decrease ; goto !6981");
	}
	bool up = command(g, FILE_INCREASE);
	if (up)
		jcg_code(g, "goto &counted");
	bool down = command(g, FILE_DECREASE);
	if (up || down)
		effect(g);
}

const struct jcg_part jcg_counter = {.layout = layout, .code = code};

/* ---- routines ---- */

void jcg_routine_counter(struct jcg *g)
{
	jcg_code(g, "aload buf ; sconst_2 ; call getShort ; sstore sfi ; sload sfi ; push -32 ; sand ; ifne !6A86");
	jcg_code(g, "jsr @receive ; sload lc ; ifeq !6700 ; jsr @object");
	if (!jcg_folded(g, JCG_STRUCTURE)) {
		jcg_load(g, JCG_STRUCTURE);
		jcg_code(g, "push %d ; if_scmpne !6981", FILE_COUNTER);
	}
	jcg_load(g, JCG_SIZE);
	jcg_code(g, "sstore n ; ret ra-counter");
}

/* Of three bytes and the two last carries: sum, carry = its bits above 8, borrow likewise. */
void jcg_routine_count(struct jcg *g)
{
	jcg_code(g, "sload lc ; sload n ; if_scmpne !6700 ; sload n ; sstore i ; sconst_0 ; sstore carry");
	jcg_code(g, "sconst_0 ; sstore borrow ; .next: ; sinc i -1");
	jcg_code(g, "aload buf ; sload i ; sconst_5 ; sadd ; getfield_a_this Ap.data");
	jcg_load(g, JCG_AT);
	jcg_code(g, "sload i ; sadd ; baload ; push 255 ; sand");
	jcg_code(g, "aload buf ; sload i ; sconst_5 ; sadd ; baload ; push 255 ; sand ; sload sign ; smul");
	jcg_code(
	    g, "sadd ; sload carry ; sadd ; sstore k ; sload k ; bastore ; sload k ; push 8 ; sshr ; sstore carry");
	jcg_code(g, "getstatic_a Ap.bytes ; sload limit ; sload i ; sadd ; baload ; push 255 ; sand");
	jcg_code(g, "sload k ; push 255 ; sand ; ssub ; sload sign ; smul ; sload borrow ; sadd ; push 8 ; sshr");
	jcg_code(g, "sstore borrow ; sload i ; ifne .next");
	jcg_code(g, "sload carry ; sload borrow ; sor ; ifne !6985 ; ret ra-count");
}
