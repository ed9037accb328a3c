/* READ, UPDATE and APPEND RECORD: contract 6.
 *
 * A file of records in `data`:
 *
 *   | [1 how many] [1 slot of the newest] | slots: [1 length] record_length bytes … |
 *
 * What is in brackets is there when some file of the AP needs it, and then in all of them, so that one code serves all:
 * how many, when records are appended; the slot of the newest, when that happens to a cyclic file; the length, when
 * there is a linear variable file. Record n is slot n - 1 behind the newest, in a ring. A cyclic file has one slot more
 * than records: what APPEND writes, nothing reads before the header names it, and the header is one atomic write of one
 * or two bytes. UPDATE writes length and record in one array copy, because buf has Lc before the data. */
#include "compiler/emit/javacard/jcg.h"

#include "runtime/base/iso7816.h"

enum { SLOT_HEAD = 2 /* of the contract's content */ };

static bool is_records(const struct contract_file *f)
{
	return f->structure == FILE_LINEAR_FIXED || f->structure == FILE_LINEAR_VARIABLE || f->structure == FILE_CYCLIC;
}

/* ---- what the AP needs ---- */

static bool any(const struct contract *c, enum file_structure structure)
{
	for (uint16_t i = 0; i < c->n_files; i++)
		if (c->file[i].structure == structure)
			return true;
	return false;
}

static bool any_records(const struct contract *c)
{
	return any(c, FILE_LINEAR_FIXED) || any(c, FILE_LINEAR_VARIABLE) || any(c, FILE_CYCLIC);
}

static bool grows(const struct contract *c, uint16_t i)
{
	const struct contract_file *f = &c->file[i];
	bool by_command = false;
	for (uint16_t s = 0; s < c->n_steps; s++)
		by_command = by_command || (c->step[s].op == STEP_APPEND && c->step[s].target == i);
	return is_records(f) && (f->rule[FILE_APPEND] != 0 || by_command || f->records != f->record_count);
}

/* Bytes before the slots. */
static unsigned header(const struct contract *c)
{
	unsigned n = 0;
	for (uint16_t i = 0; i < c->n_files; i++)
		if (grows(c, i))
			n = c->file[i].structure == FILE_CYCLIC || n == 2 ? 2 : 1;
	return n;
}

static bool turns(const struct contract *c)
{
	return header(c) == 2;
}

/* Bytes of a slot before the record. */
static unsigned length_byte(const struct contract *c)
{
	return any(c, FILE_LINEAR_VARIABLE) ? 1 : 0;
}

static size_t slot_size(const struct contract *c, const struct contract_file *f)
{
	return f->record_length + length_byte(c);
}

/* ---- layout ---- */

uint16_t jcg_record_store(struct jcg *g, uint16_t file)
{
	const struct contract_file *f = &g->c->file[file];
	unsigned slots = f->record_count + (turns(g->c) && f->structure == FILE_CYCLIC ? 1u : 0u);
	uint16_t at = jcg_data(g, header(g->c) + slots * slot_size(g->c, f));
	if (g->too_many != NULL)
		return at;
	g->file_at[file] = at;
	if (header(g->c) != 0)
		jcg_initial(g, at, &(uint8_t){(uint8_t)f->records}, 1);
	for (uint16_t r = 1; r <= f->records; r++) {
		const uint8_t *slot = g->c->pool + f->content + (r - 1u) * (SLOT_HEAD + (size_t)f->record_length);
		uint16_t to = jcg_record_at(g, file, r);
		if (length_byte(g->c) != 0)
			jcg_initial(g, (uint16_t)(to - 1), slot + 1, 1);
		jcg_initial(g, to, slot + SLOT_HEAD, f->record_length);
	}
	return at;
}

uint16_t jcg_record_at(const struct jcg *g, uint16_t file, uint16_t record)
{
	size_t slot = slot_size(g->c, &g->c->file[file]) * (record - 1u);
	return (uint16_t)(g->file_at[file] + header(g->c) + slot + length_byte(g->c));
}

/* What only records have: other files get a value that some file of records has, so that more columns fold. Their
 * structure is refused before anything looks there. */
static void layout_columns(struct jcg *g)
{
	unsigned first = 0;
	for (unsigned row = g->rows[JCG_EFS]; row >= 1; row--)
		if (is_records(&g->c->file[g->row_file[row]]))
			first = row;
	for (unsigned row = 1; row <= g->rows[JCG_EFS]; row++) {
		bool records = is_records(&g->c->file[g->row_file[row]]);
		const struct contract_file *f = &g->c->file[g->row_file[records ? row : first]];
		jcg_cell(g, row, JCG_COUNT, f->record_count);
		jcg_cell(g, row, (enum jcg_column)(JCG_RULE + FILE_APPEND), jcg_rule(g, f->rule[FILE_APPEND]));
		if (records)
			jcg_cell(g, row, JCG_SIZE, f->record_length);
	}
}

static void layout(struct jcg *g)
{
	bool records = any_records(g->c);
	jcg_command(g, 0x00, INS_READ_RECORD, records ? "&read-record" : "&record");
	jcg_command(g, 0x00, INS_UPDATE_RECORD, records ? "&update-record" : "&record");
	if (!records)
		return;
	jcg_command(g, 0x00, INS_APPEND_RECORD, "&append-record");
	layout_columns(g);
}

/* ---- commands ---- */

/* Mode 04 only, or 05 too; the record, from 1 on. */
static void record_form(struct jcg *g, bool to_the_last)
{
	jcg_code(g, "aload buf ; sconst_2 ; baload ; push 255 ; sand ; sstore rec ; sload rec ; ifeq !6A86");
	jcg_code(g, "aload buf ; sconst_3 ; baload ; push %d ; sand ; sconst_4 ; if_scmpne !6A86", to_the_last ? 6 : 7);
}

static void send_protected(struct jcg *g)
{
	jcg_code(g, "sload sm ; ifeq .plain ; .aside: ; jsr @record ; sload len ; sstore n");
	jcg_code(g, "getfield_a_this Ap.data ; astore out");
	jcg_secure_aside(g);
	jcg_code(g, "sinc rec 1 ; sload rec ; sload end ; if_scmplt .aside ; return ; .plain:");
}

/* The records that fit are measured, then sent one by one: a file has no place where they stand together. A record
 * fits always. */
static void read_record(struct jcg *g)
{
	jcg_begin(g, "&read-record");
	record_form(g, true);
	jcg_code(g, "jsr @records");
	if (!jcg_guard(g, FILE_READ))
		return;
	jcg_begin(g, NULL);
	jcg_code(g, "sload count ; sload rec ; if_scmplt !6A83");
	jcg_code(g, "aload buf ; sconst_3 ; baload ; sconst_1 ; sand ; ifne .several ; sload rec ; sstore count");
	jcg_code(g, ".several: ; sload rec ; sstore first ; sconst_0 ; sstore n");
	if (jcg_secure(g))
		jcg_code(
		    g, "push 256 ; sstore most ; sload sm ; ifeq .measure ; push %u ; sstore most", jcg_secure_room(g));
	jcg_code(g, ".measure: ; jsr @record ; sload len ; sload n ; sadd ; sstore len");
	jcg_code(g, "sload len ; %s ; if_scmpgt .measured ; sload len ; sstore n",
	    jcg_secure(g) ? "sload most" : "push 256");
	jcg_code(g, "sinc rec 1 ; sload rec ; sload count ; if_scmple .measure ; .measured: ; sload rec ; sstore end");
	if (jcg_secure(g)) /* not even one fits */
		jcg_code(g, "sload n ; ifeq !6700");
	jcg_code(g, "aload apdu ; call setOutgoing ; sstore le ; sload le ; ifeq .right");
	jcg_code(g, "sload le ; push 256 ; if_scmpeq .right ; sload le ; sload n ; if_scmpne !6700 ; .right:");
	jcg_code(g, "sload first ; sstore rec");
	if (jcg_secure(g))
		send_protected(g);
	jcg_code(g, "aload apdu ; sload n ; call setOutgoingLength");
	jcg_code(g, ".send: ; jsr @record ; aload apdu ; getfield_a_this Ap.data ; sload from ; sload len");
	jcg_code(g, "call sendBytesLong ; sinc rec 1 ; sload rec ; sload end ; if_scmplt .send ; return");
}

/* Lc and the data, or the data, to the slot at `from`. */
static void write_record(struct jcg *g, const char *copy)
{
	bool length = length_byte(g->c) != 0;
	jcg_code(g, "aload buf ; %s ; getfield_a_this Ap.data", length ? "sconst_4" : "sconst_5");
	jcg_code(g, length ? "sload from ; sconst_1 ; ssub ; sload lc ; sconst_1 ; sadd" : "sload from ; sload lc");
	jcg_code(g, "call %s ; pop", copy);
}

static void update_record(struct jcg *g)
{
	jcg_begin(g, "&update-record");
	record_form(g, false);
	jcg_code(g, "jsr @receive ; sload lc ; ifeq !6700 ; jsr @records");
	if (!jcg_guard(g, FILE_UPDATE))
		return;
	jcg_code(g, "sload count ; sload rec ; if_scmplt !6A83 ; jsr @record_fits ; jsr @record");
	write_record(g, "arrayCopy");
	jcg_code(g, "return");
}

/* The slot before the newest, and one record more, unless they are all there. */
static void turn(struct jcg *g)
{
	jcg_code(g, "getfield_a_this Ap.data");
	jcg_load(g, JCG_AT);
	jcg_code(g, "sconst_1 ; sadd ; baload ; push 255 ; sand ; sstore slot ; sload slot ; ifne .back");
	jcg_load(g, JCG_COUNT);
	jcg_code(g, "sconst_1 ; sadd ; sstore slot ; .back: ; sinc slot -1 ; sload slot ; sstore newest");
	jcg_code(g, "sload count");
	jcg_load(g, JCG_COUNT);
	jcg_code(g, "if_scmpeq .room");
}

static void push_header(struct jcg *g)
{
	jcg_code(g, "getfield_a_this Ap.data");
	jcg_load(g, JCG_AT);
	if (turns(g->c))
		jcg_code(g, "sload count ; push 8 ; sshl ; sload newest ; sor ; call setShort ; pop");
	else
		jcg_code(g, "sload count ; bastore");
}

static void append_record(struct jcg *g)
{
	bool linear = any(g->c, FILE_LINEAR_FIXED) || any(g->c, FILE_LINEAR_VARIABLE), cyclic = turns(g->c);
	jcg_begin(g, "&append-record");
	jcg_code(g, "aload buf ; sconst_2 ; call getShort ; push 0xFF07 ; sand ; ifne !6A86");
	jcg_code(g, "jsr @receive ; sload lc ; ifeq !6700 ; jsr @records");
	if (!jcg_guard(g, FILE_APPEND))
		return;
	jcg_begin(g, NULL);
	if (linear && cyclic) {
		jcg_load(g, JCG_STRUCTURE);
		jcg_code(g, "push %d ; if_scmpne .linear", FILE_CYCLIC);
	}
	if (cyclic)
		turn(g);
	if (linear && cyclic)
		jcg_code(g, "goto .more ; .linear: ; sconst_0 ; sstore newest");
	if (linear) {
		jcg_code(g, "sload count ; sstore slot ; sload count");
		jcg_load(g, JCG_COUNT);
		jcg_code(g, "if_scmpeq !6A84");
	}
	jcg_code(g, ".more: ; sinc count 1 ; .room: ; jsr @record_fits ; jsr @slot");
	write_record(g, "arrayCopyNonAtomic");
	push_header(g);
	jcg_code(g, "return");
}

static void object(struct jcg *g)
{
	jcg_code(g, "aload buf ; sconst_3 ; baload ; sconst_3 ; sshr ; push 31 ; sand ; sstore sfi ; jsr @object");
}

static void code(struct jcg *g)
{
	if (any_records(g->c)) {
		read_record(g);
		update_record(g);
		append_record(g);
		return;
	}
	jcg_begin(g, "&record"); /* what is there has another structure */
	if (g->rows[JCG_EFS] == 0) {
		jcg_code(g, "aload buf ; sconst_3 ; baload ; push -8 ; sand ; ifeq !6986 ; goto !6A82");
		return;
	}
	object(g);
	jcg_code(g, "goto !6981");
}

const struct jcg_part jcg_record = {.layout = layout, .code = code};

/* ---- routines ---- */

static void require_records(struct jcg *g)
{
	bool other = any(g->c, FILE_TRANSPARENT) || any(g->c, FILE_COUNTER);
	if (!other)
		return;
	jcg_load(g, JCG_STRUCTURE);
	jcg_code(g, "sstore k ; sload k ; ifeq !6981 ; sload k ; push %d ; if_scmpgt !6981", FILE_CYCLIC);
}

void jcg_routine_records(struct jcg *g)
{
	object(g);
	require_records(g);
	if (header(g->c) != 0) {
		jcg_code(g, "getfield_a_this Ap.data");
		jcg_load(g, JCG_AT);
		jcg_code(g, "baload ; push 255 ; sand");
	} else
		jcg_load(g, JCG_COUNT);
	jcg_code(g, "sstore count ; ret ra-records");
}

void jcg_routine_record_fits(struct jcg *g)
{
	bool exact = any(g->c, FILE_LINEAR_FIXED) || any(g->c, FILE_CYCLIC), most = any(g->c, FILE_LINEAR_VARIABLE);
	jcg_load(g, JCG_SIZE);
	jcg_code(g, "sload lc ; ssub ; sstore k ; sload k ; %s",
	    exact && most ? "ifeq .fits"
		: exact   ? "ifne !6700"
			  : "iflt !6700");
	if (exact && most) {
		jcg_code(g, "sload k ; iflt !6700");
		jcg_load(g, JCG_STRUCTURE);
		jcg_code(g, "push %d ; if_scmpne !6700 ; .fits:", FILE_LINEAR_VARIABLE);
	}
	jcg_code(g, "ret ra-record_fits");
}

void jcg_routine_record(struct jcg *g)
{
	jcg_code(g, "sload rec ; sconst_1 ; ssub ; sstore slot");
	if (turns(g->c)) {
		jcg_code(g, "getfield_a_this Ap.data");
		jcg_load(g, JCG_AT);
		jcg_code(g, "sconst_1 ; sadd ; baload ; push 255 ; sand ; sload slot ; sadd ; sstore slot");
		jcg_load(g, JCG_COUNT);
		jcg_code(g, "sload slot ; if_scmpge .in ; sload slot");
		jcg_load(g, JCG_COUNT);
		jcg_code(g, "ssub ; sconst_1 ; ssub ; sstore slot ; .in:");
	}
	jcg_code(g, "jsr @slot");
	if (length_byte(g->c) != 0)
		jcg_code(g, "getfield_a_this Ap.data ; sload from ; sconst_1 ; ssub ; baload ; push 255 ; sand");
	else
		jcg_load(g, JCG_SIZE);
	jcg_code(g, "sstore len ; ret ra-record");
}

void jcg_routine_slot(struct jcg *g)
{
	jcg_code(g, "sload slot");
	jcg_load(g, JCG_SIZE);
	if (length_byte(g->c) != 0)
		jcg_code(g, "sconst_1 ; sadd");
	jcg_code(g, "smul");
	jcg_load(g, JCG_AT);
	jcg_code(g, "sadd");
	if (header(g->c) + length_byte(g->c) != 0)
		jcg_code(g, "push %u ; sadd", header(g->c) + length_byte(g->c));
	jcg_code(g, "sstore from ; ret ra-slot");
}
