/* What a custom command does in a given state: contract 6, worked out beforehand. And which data make it succeed, or
 * fail at a step: found by trying the numbers that its steps compare and count with. */
#include "runtime/suite/custom.h"

#include <string.h>

/* ---- operands ---- */

size_t custom_operand_length(const struct gen *g, const struct contract_operand *o)
{
	switch ((enum operand_kind)o->kind) {
	case OPERAND_NONE:
		return 0;
	case OPERAND_INPUT:
	case OPERAND_LITERAL:
		return o->length;
	case OPERAND_FIELD:
		return g->c->field[o->index].length;
	case OPERAND_COUNTER:
		return g->c->file[o->index].size;
	}
	return 0;
}

static struct gen_byte *operand(struct gen *g, const struct custom_data *in, const struct contract_operand *o)
{
	size_t n = custom_operand_length(g, o);
	struct gen_byte *b = arena_alloc(&g->text, (n + 1) * sizeof *b);
	const struct contract_field *f = &g->c->field[o->index];
	switch ((enum operand_kind)o->kind) {
	case OPERAND_NONE:
		break;
	case OPERAND_INPUT:
		memcpy(b, in->b + o->at, n * sizeof *b);
		break;
	case OPERAND_LITERAL:
		for (size_t i = 0; i < n; i++)
			b[i] = (struct gen_byte){.value = CONTRACT_NONE, .byte = g->c->pool[o->at + i]};
		break;
	case OPERAND_FIELD:
		bytes_content(g, f->file, f->record, f->offset, f->length, b);
		break;
	case OPERAND_COUNTER:
		if (g->counting[o->index].known)
			bytes_number(g->counting[o->index].now, b, n);
		else
			bytes_content(g, o->index, 0, 0, (uint32_t)n, b);
		break;
	}
	return b;
}

/* ---- steps ---- */

/* By one, or not to be told. */
static bool is_near(const struct gen_byte *a, size_t n, const struct gen_byte *b, size_t m)
{
	uint64_t x, y;
	if (!bytes_value(a, n, &x) || !bytes_value(b, m, &y))
		return true;
	return x == y || x == y + 1 || y == x + 1;
}

static enum custom_result compare(
    struct gen *g, const struct custom_data *in, const struct contract_step *s, struct custom_run *r)
{
	size_t n = custom_operand_length(g, &s->left), m = custom_operand_length(g, &s->right);
	const struct gen_byte *a = operand(g, in, &s->left), *b = operand(g, in, &s->right);
	int order = bytes_compare(g, a, n, b, m);
	bool holds = false;
	if (r->goal != NULL && r->goal->step == r->at) {
		r->order = order;
		r->near = is_near(a, n, b, m);
	}
	if (order == BYTES_OPEN)
		return CUSTOM_OPEN;
	switch ((enum comparison)s->comparison) {
	case COMPARE_EQUAL:
		holds = order == 0;
		break;
	case COMPARE_NOT_EQUAL:
		holds = order != 0;
		break;
	case COMPARE_AT_LEAST:
		holds = order >= 0;
		break;
	case COMPARE_AT_MOST:
		holds = order <= 0;
		break;
	}
	return holds ? CUSTOM_DONE : CUSTOM_REFUSED;
}

static enum custom_result count(
    struct gen *g, const struct custom_data *in, const struct contract_step *s, struct custom_run *r)
{
	const struct contract_file *f = &g->c->file[s->left.index];
	struct gen_counting *k = &g->counting[s->left.index];
	const struct gen_byte *b = operand(g, in, &s->right);
	size_t n = custom_operand_length(g, &s->right);
	uint64_t by = UINT64_C(1) << 32;
	for (size_t i = 0; i < n; i++)
		if (b[i].value != CONTRACT_NONE)
			return CUSTOM_OPEN;
	if (!bytes_value(b, n, &by))
		by = UINT64_C(1) << 32;
	uint64_t left = s->op == STEP_INCREASE ? f->max - k->now : k->now - f->min;
	if (r->goal != NULL && r->goal->step == r->at)
		r->near = k->known && (by == left || by == left + 1);
	if (by > (uint64_t)f->max - f->min)
		return CUSTOM_REFUSED;
	if (!k->known)
		return by == 0 ? CUSTOM_DONE : CUSTOM_OPEN;
	if (by > left)
		return CUSTOM_REFUSED;
	k->now = s->op == STEP_INCREASE ? k->now + by : k->now - by;
	return CUSTOM_DONE;
}

static void gather(struct custom_run *r, const struct gen_byte *b, size_t n)
{
	for (size_t i = 0; i < n && r->n_record < CUSTOM_BYTES; i++)
		r->record[r->n_record++] = b[i];
}

static enum custom_result append(struct gen *g, struct custom_run *r, uint16_t file)
{
	const struct contract_file *f = &g->c->file[file];
	size_t n = r->n_record;
	struct custom_appended *a = &r->appended[r->n_appended];
	unsigned there = g->recording[file]->n;
	r->n_record = 0;
	for (size_t i = 0; i < r->n_appended; i++)
		there += r->appended[i].file == file;
	if (f->structure != FILE_CYCLIC && there >= f->record_count)
		return CUSTOM_FULL;
	if (r->n_appended == CUSTOM_APPENDED)
		return CUSTOM_OPEN;
	*a = (struct custom_appended){file, (uint16_t)n, arena_alloc(&g->text, (n + 1) * sizeof *a->b)};
	memcpy(a->b, r->record, n * sizeof *a->b);
	r->n_appended++;
	return CUSTOM_DONE;
}

static enum custom_result step(
    struct gen *g, const struct custom_data *in, const struct contract_step *s, struct custom_run *r)
{
	const struct contract_field *f = &g->c->field[s->right.index];
	size_t n = custom_operand_length(g, &s->left);
	switch ((enum step_op)s->op) {
	case STEP_REQUIRE: /* the state is that of the command's own rule and all that it requires */
		return CUSTOM_DONE;
	case STEP_COMPARE:
		return compare(g, in, s, r);
	case STEP_INCREASE:
	case STEP_DECREASE:
		return count(g, in, s, r);
	case STEP_APPEND:
		gather(r, operand(g, in, &s->left), n);
		return s->more ? CUSTOM_DONE : append(g, r, s->target);
	case STEP_COPY:
		bytes_put(g, f->file, f->record, f->offset, operand(g, in, &s->left), f->length);
		return CUSTOM_DONE;
	case STEP_RESPOND:
		for (size_t i = 0; i < n && r->n_response < CUSTOM_BYTES; i++)
			r->response[r->n_response++] = operand(g, in, &s->left)[i];
		return CUSTOM_DONE;
	}
	return CUSTOM_OPEN;
}

void custom_run(struct gen *g, const struct contract_command *k, const struct custom_data *in, struct custom_run *r)
{
	struct gen_counting before[CONTRACT_FILES];
	size_t patches = g->n_patches;
	memcpy(before, g->counting, sizeof before);
	r->n_record = r->n_response = r->n_appended = 0;
	r->order = CUSTOM_ANY_ORDER;
	r->near = false;
	r->result = CUSTOM_DONE;
	for (r->at = 0; r->at < k->n_steps; r->at++) {
		if (r->at == r->skip)
			continue;
		r->result = step(g, in, &g->c->step[k->first_step + r->at], r);
		if (r->result != CUSTOM_DONE)
			break;
	}
	memcpy(r->counting, g->counting, sizeof before);
	r->n_patches = g->n_patches;
	memcpy(g->counting, before, sizeof before);
	g->n_patches = patches;
}

/* ---- data ---- */

enum { POOL = 64, SLICES = 16 };

struct search {
	struct gen *g;
	const struct contract_command *k;
	struct custom_run *r;
	const struct custom_goal *goal;
	struct contract_operand slice[SLICES];
	size_t n_slices;
	struct contract_operand number[POOL]; /* operands whose contents are worth trying */
	size_t n_numbers;
	uint64_t extra[POOL];
	size_t n_extra;
};

static void add_slice(struct search *s, const struct contract_operand *o)
{
	for (size_t i = 0; i < s->n_slices; i++)
		if (s->slice[i].at == o->at && s->slice[i].length == o->length)
			return;
	if (o->kind == OPERAND_INPUT && s->n_slices < SLICES)
		s->slice[s->n_slices++] = *o;
}

static void add_operand(struct search *s, const struct contract_operand *o)
{
	add_slice(s, o);
	if (o->kind > OPERAND_INPUT && s->n_numbers < POOL)
		s->number[s->n_numbers++] = *o;
}

static void add_extra(struct search *s, uint64_t v)
{
	for (size_t i = 0; i < s->n_extra; i++)
		if (s->extra[i] == v)
			return;
	if (s->n_extra < POOL)
		s->extra[s->n_extra++] = v;
}

static void add_around(struct search *s, uint64_t v)
{
	add_extra(s, v);
	add_extra(s, v + 1);
	if (v != 0)
		add_extra(s, v - 1);
}

/* What lies between the numbers that are known: an amount that brings one to the other. */
static void add_differences(struct search *s)
{
	static const struct custom_data none;
	uint64_t v[POOL];
	size_t n = 0;
	for (size_t i = 0; i < s->n_numbers; i++) {
		const struct contract_operand *o = &s->number[i];
		n += o->kind != OPERAND_INPUT &&
		    bytes_value(operand(s->g, &none, o), custom_operand_length(s->g, o), &v[n]);
	}
	for (size_t i = 0; i < n && n <= 8; i++)
		for (size_t k = 0; k < n; k++)
			if (v[i] > v[k])
				add_around(s, v[i] - v[k]);
}

static void look(struct search *s)
{
	add_extra(s, 0);
	add_extra(s, 1);
	for (uint16_t i = 0; i < s->k->n_steps; i++) {
		const struct contract_step *step = &s->g->c->step[s->k->first_step + i];
		bool counts = step->op == STEP_INCREASE || step->op == STEP_DECREASE;
		if (step->op == STEP_COMPARE || counts) {
			add_operand(s, &step->left);
			add_operand(s, &step->right);
		}
		if (!counts || !s->g->counting[step->left.index].known)
			continue;
		const struct contract_file *f = &s->g->c->file[step->left.index];
		uint64_t now = s->g->counting[step->left.index].now;
		uint64_t left = step->op == STEP_INCREASE ? f->max - now : now - f->min;
		add_around(s, left);
	}
	add_differences(s);
}

/* Candidate c for n bytes: the numbers, what operands hold, that and one more or less, all ones. */
static bool candidate(struct search *s, const struct custom_data *in, size_t c, struct gen_byte *out, size_t n)
{
	uint64_t v;
	if (c < s->n_extra)
		return bytes_number(s->extra[c], out, n);
	c -= s->n_extra;
	if (c == 3 * s->n_numbers) {
		for (size_t i = 0; i < n; i++)
			out[i] = (struct gen_byte){.value = CONTRACT_NONE, .byte = 0xff};
		return true;
	}
	const struct contract_operand *o = &s->number[c / 3];
	const struct gen_byte *b = operand(s->g, in, o);
	size_t m = custom_operand_length(s->g, o);
	if (c % 3 == 0 && m <= n) {
		bytes_number(0, out, n);
		memcpy(out + n - m, b, m * sizeof *b);
		return true;
	}
	if (!bytes_value(b, m, &v) || (c % 3 == 2 && v == 0))
		return false;
	return bytes_number(c % 3 == 0 ? v : c % 3 == 1 ? v + 1 : v - 1, out, n);
}

static size_t candidates(const struct search *s)
{
	return s->n_extra + 3 * s->n_numbers + 1;
}

static void run(struct search *s, const struct custom_data *in)
{
	s->r->skip = -1;
	custom_run(s->g, s->k, in, s->r);
}

static bool is_alone(struct search *s, const struct custom_data *in)
{
	struct custom_run *r = arena_alloc(&s->g->text, sizeof *r);
	r->skip = s->goal->at;
	custom_run(s->g, s->k, in, r);
	return r->result == CUSTOM_DONE;
}

/* Whether the last run reached the goal. */
static bool reached(struct search *s, const struct custom_data *in)
{
	const struct custom_goal *w = s->goal;
	const struct custom_run *r = s->r;
	bool done = w->at == CUSTOM_DONE_WANTED;
	if (done ? r->result != CUSTOM_DONE : r->at != w->at || r->result == CUSTOM_DONE || r->result == CUSTOM_OPEN)
		return false;
	if ((w->order != CUSTOM_ANY_ORDER && r->order != w->order) || (w->near && !r->near))
		return false;
	return !w->alone || done || is_alone(s, in);
}

/* The same data with one slice changed: to the goal, or (goal == false) further than it was. */
static bool improve(struct search *s, struct custom_data *in, bool goal, int at)
{
	for (size_t slice = 0; slice < s->n_slices; slice++)
		for (size_t c = 0; c < candidates(s); c++) {
			struct custom_data next = *in;
			if (!candidate(s, in, c, next.b + s->slice[slice].at, s->slice[slice].length))
				continue;
			run(s, &next);
			if (goal ? !reached(s, &next) : s->r->at <= at)
				continue;
			*in = next;
			return true;
		}
	run(s, in);
	return false;
}

/* As far as it goes, and from each place on the way to the goal. */
bool custom_find(struct gen *g, const struct contract_command *k, const struct custom_goal *goal,
    struct custom_data *in, struct custom_run *r)
{
	struct search s = {.g = g, .k = k, .r = r, .goal = goal};
	r->goal = goal;
	look(&s);
	for (size_t i = 0; i < CUSTOM_BYTES; i++)
		in->b[i] = (struct gen_byte){.value = CONTRACT_NONE, .byte = (uint8_t)(0x41 + i % 26)};
	run(&s, in);
	while (!reached(&s, in) && !improve(&s, in, true, r->at))
		if (!improve(&s, in, false, r->at))
			return false;
	return true;
}
