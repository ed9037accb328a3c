/* Record files: contract 6. What a file holds is followed through the suite: records cannot be taken away again. */
#include "runtime/suite/gen.h"

#include <stdio.h>
#include <string.h>

enum { RESPONSE = 256, LENGTH_MOST = 255, P1_MOST = 254 };

static void record_items(struct gen *g, const struct gen_recording *k, const struct gen_record *r)
{
	if (r->items != NULL)
		buf_str(&g->body, r->items);
	else if (r->initial != 0)
		gen_record_content(g, k->file, r->initial, r->length, &g->body);
	else if (r->length != 0)
		buf_printf(&g->body, " %02X*%u", r->byte, r->length);
}

void gen_record_items(struct gen *g, const struct gen_recording *k, unsigned number)
{
	record_items(g, k, &k->r[number]);
}

/* ---- reading ---- */

static unsigned p2_of(unsigned sfi, unsigned mode)
{
	return sfi << 3 | mode;
}

/* Le of a protected command: of the extended form where it or the answer needs that. */
static const char *le_of(const struct gen *g, const char *le, size_t all, char out[8])
{
	if (g->secured == 0)
		return le;
	if (strcmp(le, "00") == 0)
		return gen_le(g, all);
	snprintf(out, 8, "%s%s", g->c->extended ? "00" : "", le);
	return out;
}

/* READ RECORD from one record to another gives what they hold. Of the first more than an answer carries is a wrong
 * length; how many of several a protected answer holds is the chip's affair. */
static void read_records(struct gen *g, const struct gen_recording *k, unsigned sfi, unsigned from, unsigned to,
    unsigned mode, const char *le)
{
	size_t n = 0, all = 0;
	char text[8];
	for (unsigned i = from; i <= to; i++)
		all += k->r[i].length;
	buf_printf(&g->body, "  send 00B2%02X%02X Le %s\n    expect ", from, p2_of(sfi, mode), le_of(g, le, all, text));
	bool carried = k->r[from].length <= gen_response_most(g, g->secured);
	if (!carried)
		buf_str(&g->body, "wrong-length");
	else if (g->secured != 0 && from != to && all > gen_reach(g, RESPONSE)) {
		buf_str(&g->body, "9000 *");
		carried = false;
	} else
		buf_str(&g->body, "9000");
	for (unsigned i = from; carried && i <= to; i++) {
		if (n + k->r[i].length > RESPONSE)
			break;
		if (n == 0 && k->r[i].length != 0)
			buf_str(&g->body, " data");
		n += k->r[i].length;
		record_items(g, k, &k->r[i]);
	}
	buf_str(&g->body, "\n");
	gen_cover_clause(g, g->clause);
	gen_cover_clause(g, CLAUSE_RECORD_READ);
}

static void read_one(struct gen *g, const struct gen_recording *k, unsigned sfi, unsigned number)
{
	if (number >= 1 && number <= k->n)
		read_records(g, k, sfi, number, number, 4, "00");
	else if (number >= 1 && number <= P1_MOST)
		gen_step(g, "not-found", "00B2%02X%02X Le 00", number, p2_of(sfi, 4));
}

static void select_ef(struct gen *g, const struct gen_recording *k)
{
	gen_step(g, "9000", "00A4020C %04X", k->f->fid);
}

/* The ends of the file, and that there is no more. */
static void ends(struct gen *g, const struct gen_recording *k)
{
	read_one(g, k, 0, 1);
	if (k->n > 1) {
		read_one(g, k, 0, 2);
		read_one(g, k, 0, k->n);
	}
	if (k->n != 0)
		read_one(g, k, 0, k->n + 1U);
}

static void show(struct gen *g, const struct gen_recording *k)
{
	pin_set set;
	if (!gen_carrying_set(g, k->file, FILE_READ, k->f->record_length, &set))
		return;
	gen_select(g);
	gen_verify_set(g, set);
	select_ef(g, k);
	ends(g, k);
}

void gen_show_records(struct gen *g, uint16_t file)
{
	show(g, g->recording[file]);
}

static void read_refused(struct gen *g, const struct gen_recording *k)
{
	if (k->f->sfi != 0)
		gen_step(g, "refused-access", "00B201%02X Le 00", p2_of(k->f->sfi, 4));
	select_ef(g, k);
	gen_step(g, "refused-access", "00B20104 Le 00");
	gen_step(g, "refused-access", "00B20105 Le 00");
	gen_step(g, "refused-access", "00B2FE04 Le 00");
}

static void read_given(struct gen *g, const struct gen_recording *k)
{
	if (k->f->sfi != 0)
		read_one(g, k, k->f->sfi, 1);
	select_ef(g, k);
	ends(g, k);
}

/* Modes and numbers that do not exist, and each Le but the right one. */
static void modes(struct gen *g, const struct gen_recording *k)
{
	static const unsigned other[] = {0, 1, 2, 3, 6, 7};
	pin_set set;
	char le[3];
	if (!gen_carrying_set(g, k->file, FILE_READ, k->f->record_length, &set))
		return;
	gen_dialogue(g, CLAUSE_RECORD_MODES, "READ RECORD of %s: numbers, modes and lengths", k->f->id);
	gen_start(g);
	gen_verify_set(g, set);
	select_ef(g, k);
	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		gen_step(g, "wrong-parameters", "00B201%02X Le 00", other[i]);
	gen_step(g, "wrong-parameters", "00B20004 Le 00");
	gen_step(g, "wrong-structure", "00B00000 Le 00");
	read_one(g, k, 0, k->n + 1U);
	for (unsigned i = 1; i <= k->n; i++)
		read_one(g, k, 0, i);
	if (k->n == 0)
		return;
	unsigned length = k->r[1].length;
	read_records(g, k, 0, 1, k->n, 5, "00");
	read_records(g, k, 0, k->n, k->n, 5, "00");
	snprintf(le, sizeof le, "%02X", length & 0xff);
	read_records(g, k, 0, 1, 1, 4, le);
	if (length < LENGTH_MOST)
		gen_step(g, "wrong-length", "00B20104 Le %02X", length + 1);
	if (length > 1)
		gen_step(g, "wrong-length", "00B20104 Le %02X", length - 1);
}

/* ---- updating ---- */

/* The longest record that one command carries to the card now. */
static unsigned longest(const struct gen *g, const struct gen_recording *k)
{
	uint32_t most = gen_command_most(g, g->secured);
	return k->f->record_length < most ? k->f->record_length : most;
}

/* To equal bytes that no record had. */
static void update(struct gen *g, struct gen_recording *k, unsigned sfi, unsigned number, unsigned length)
{
	gen_step(g, "9000", "00DC%02X%02X %02X*%u", number, p2_of(sfi, 4), k->next, length);
	k->r[number] = (struct gen_record){.byte = k->next++, .length = (uint16_t)length};
	gen_cover_clause(g, CLAUSE_RECORD_UPDATE);
}

static void restore(struct gen *g, struct gen_recording *k, unsigned number, struct gen_record first)
{
	if (first.length == 0)
		return;
	buf_printf(&g->body, "  send 00DC%02X04", number);
	record_items(g, k, &first);
	buf_str(&g->body, "\n");
	gen_expect(g, "9000");
	k->r[number] = first;
}

/* What no command carries in this state: given as far as the length, which the rule comes before. */
static void update_uncarried(struct gen *g, struct gen_recording *k)
{
	select_ef(g, k);
	if (k->f->structure != FILE_LINEAR_VARIABLE)
		gen_step(g, "wrong-length", "00DC0104 A5");
	else if (k->n < P1_MOST)
		gen_step(g, "not-found", "00DC%02X04 A5", k->n + 1U);
	show(g, k);
}

static void update_given(struct gen *g, struct gen_recording *k, pin_set set)
{
	unsigned last = k->n, length = longest(g, k);
	if (k->n == 0) {
		select_ef(g, k);
		gen_step(g, "not-found", "00DC0104 A5*%u", length);
		gen_cover_clause(g, CLAUSE_RECORD_UPDATE);
		return;
	}
	if (length < k->f->record_length) {
		update_uncarried(g, k);
		return;
	}
	struct gen_record a = k->r[1], b = k->r[last];
	if (k->f->sfi != 0)
		update(g, k, k->f->sfi, 1, length);
	select_ef(g, k);
	update(g, k, 0, 1, length);
	update(g, k, 0, last, length);
	show(g, k);
	gen_select(g);
	gen_verify_set(g, set);
	select_ef(g, k);
	if (last != 1)
		restore(g, k, last, b);
	restore(g, k, 1, a);
	show(g, k);
}

static void update_refused(struct gen *g, const struct gen_recording *k)
{
	unsigned length = longest(g, k);
	if (k->f->sfi != 0)
		gen_step(g, "refused-access", "00DC01%02X A5*%u", p2_of(k->f->sfi, 4), length);
	select_ef(g, k);
	gen_step(g, "refused-access", "00DC0104 A5*%u", length);
	gen_step(g, "refused-access", "00DCFE04 A5*%u", length);
	show(g, k);
}

/* Lengths that the file does not have. `command` is INS P1 P2. */
static void wrong_lengths(struct gen *g, const struct gen_recording *k, const char *command)
{
	unsigned length = k->f->record_length;
	if (length < LENGTH_MOST && length < gen_command_most(g, g->secured))
		gen_step(g, "wrong-length", "00%s A5*%u", command, length + 1);
	if (length > 1 && length <= gen_command_most(g, g->secured) + 1 && k->f->structure != FILE_LINEAR_VARIABLE)
		gen_step(g, "wrong-length", "00%s A5*%u", command, length - 1);
}

static void update_boundaries(struct gen *g, struct gen_recording *k)
{
	static const unsigned other[] = {0, 1, 2, 3, 5, 6, 7};
	pin_set set;
	if (!gen_carrying_set(g, k->file, FILE_UPDATE, k->f->record_length, &set))
		return;
	gen_dialogue(g, CLAUSE_RECORD_UPDATE, "UPDATE RECORD of %s: numbers, modes and lengths", k->f->id);
	gen_start(g);
	gen_verify_set(g, set);
	select_ef(g, k);
	unsigned length = longest(g, k);
	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		gen_step(g, "wrong-parameters", "00DC01%02X A5*%u", other[i], length);
	gen_step(g, "wrong-parameters", "00DC0004 A5*%u", length);
	if (k->n < P1_MOST)
		gen_step(g, "not-found", "00DC%02X04 A5*%u", k->n + 1U, length);
	if (k->n == 0)
		return;
	wrong_lengths(g, k, "DC0104");
	if (k->f->structure == FILE_LINEAR_VARIABLE && k->r[1].length != 0 && k->r[1].length <= length) {
		struct gen_record first = k->r[1];
		update(g, k, 0, 1, 1);
		show(g, k);
		gen_select(g);
		gen_verify_set(g, set);
		select_ef(g, k);
		restore(g, k, 1, first);
	}
	show(g, k);
}

/* ---- appending ---- */

static bool full(const struct gen_recording *k)
{
	return k->f->structure != FILE_CYCLIC && k->n == k->f->record_count;
}

/* A record of one length that no command carries in this state is refused for the length, which the rule comes before.
 */
static void append(struct gen *g, struct gen_recording *k, unsigned sfi)
{
	unsigned length = longest(g, k);
	if (length < k->f->record_length && k->f->structure != FILE_LINEAR_VARIABLE && !full(k)) {
		gen_step(g, "wrong-length", "00E200%02X A5", sfi << 3);
		return;
	}
	struct gen_record r = {.byte = k->next, .length = (uint16_t)length};
	gen_step(g, full(k) ? "wrong-data" : "9000", "00E200%02X %02X*%u", sfi << 3, r.byte, length);
	gen_cover_clause(g, full(k) ? CLAUSE_RECORD_FULL : CLAUSE_RECORD_APPEND);
	if (full(k))
		return;
	gen_appended(k, r);
	if (k->f->structure == FILE_CYCLIC)
		gen_cover_clause(g, CLAUSE_RECORD_CYCLIC);
}

static void append_given(struct gen *g, struct gen_recording *k)
{
	if (k->f->sfi != 0)
		append(g, k, k->f->sfi);
	else {
		select_ef(g, k);
		append(g, k, 0);
	}
	show(g, k);
}

static void append_refused(struct gen *g, const struct gen_recording *k)
{
	if (k->f->sfi != 0)
		gen_step(g, "refused-access", "00E200%02X A5*%u", k->f->sfi << 3, longest(g, k));
	select_ef(g, k);
	gen_step(g, "refused-access", "00E20000 A5*%u", longest(g, k));
	show(g, k);
}

/* Until the file is full, or the records of a cyclic one have all gone. */
static void fill(struct gen *g, struct gen_recording *k)
{
	pin_set set;
	unsigned more = k->f->structure == FILE_CYCLIC ? k->f->record_count : k->f->record_count - k->n;
	if (!gen_carrying_set(g, k->file, FILE_APPEND, k->f->record_length, &set))
		return;
	gen_dialogue(g, CLAUSE_RECORD_APPEND, "APPEND RECORD to %s", k->f->id);
	gen_start(g);
	gen_verify_set(g, set);
	select_ef(g, k);
	gen_step(g, "wrong-parameters", "00E20100 A5*%u", longest(g, k));
	gen_step(g, "wrong-parameters", "00E20004 A5*%u", longest(g, k));
	if (more != 0)
		wrong_lengths(g, k, "E20000");
	for (unsigned i = 0; i < more; i++)
		append(g, k, 0);
	append(g, k, 0);
	show(g, k);
}

/* ---- */

static void one_set(struct gen *g, struct gen_recording *k, enum file_op op, int outcome, pin_set set)
{
	gen_open_op(g, k->file, op, set, outcome);
	gen_cover_op(g, &g->file_op[k->file][op], outcome, set);
	if (op == FILE_READ && outcome == GEN_GIVEN)
		read_given(g, k);
	else if (op == FILE_READ)
		read_refused(g, k);
	else if (op == FILE_UPDATE && outcome == GEN_GIVEN)
		update_given(g, k, set);
	else if (op == FILE_UPDATE)
		update_refused(g, k);
	else if (outcome == GEN_GIVEN)
		append_given(g, k);
	else
		append_refused(g, k);
}

static void sets(struct gen *g, struct gen_recording *k, enum file_op op)
{
	for (int outcome = 0; outcome < GEN_OUTCOMES; outcome++) {
		const struct rules_sets *s = &g->file_op[k->file][op].rule.sets[outcome];
		for (size_t i = 0; i < s->n; i++)
			if (gen_now(g, s->set[i]))
				one_set(g, k, op, outcome, s->set[i]);
	}
}

/* A command of the AP appends to it, which a full file would refuse: the command has to come before. */
bool gen_filled_late(const struct gen *g, uint16_t file)
{
	if (g->c->file[file].structure == FILE_CYCLIC)
		return false;
	for (uint16_t i = 0; i < g->c->n_commands; i++)
		for (uint16_t s = 0; s < g->c->command[i].n_steps; s++) {
			const struct contract_step *step = &g->c->step[g->c->command[i].first_step + s];
			if (step->op == STEP_APPEND && step->target == file)
				return true;
		}
	return false;
}

void gen_record_part(struct gen *g)
{
	for (uint16_t f = 0; f < g->c->n_files; f++) {
		struct gen_recording *k = g->recording[f];
		if (k == NULL)
			continue;
		g->df = k->f->df;
		sets(g, k, FILE_READ);
		if (gen_last_turn(g, f, FILE_READ))
			modes(g, k);
		sets(g, k, FILE_UPDATE);
		if (gen_last_turn(g, f, FILE_UPDATE))
			update_boundaries(g, k);
		sets(g, k, FILE_APPEND);
		if (gen_last_turn(g, f, FILE_APPEND) && !gen_filled_late(g, f))
			fill(g, k);
	}
	g->df = 0;
}

void gen_record_end_part(struct gen *g)
{
	for (uint16_t f = 0; f < g->c->n_files; f++) {
		struct gen_recording *k = g->recording[f];
		if (k == NULL || !gen_filled_late(g, f) || !gen_last_turn(g, f, FILE_APPEND))
			continue;
		g->df = k->f->df;
		fill(g, k);
	}
	g->df = 0;
}
