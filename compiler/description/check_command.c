/* Instruction bytes of the AP's own commands and counters. */
#include "compiler/description/build.h"

/* Never 70 (MANAGE CHANNEL), 6x and 9x (ISO/IEC 7816-4, 5.4.2), A4 (SELECT): AP contract, 6. JIS X 6319-3 has CHANGE
 * KEY at 80 32. */
static bool reserved(const struct build *b, uint8_t ins)
{
	uint8_t high = ins & 0xf0;
	return ins == 0x70 || high == 0x60 || high == 0x90 || ins == 0xa4 ||
	    (ins == 0x32 && b->c->personality == PERSONALITY_JICSAP);
}

static void check_ins(struct build *b, const char *id, uint8_t ins, struct srcloc at)
{
	if (reserved(b, ins))
		diag_add(b->d, at, DIAG_INS_RESERVED, id, arena_printf(b->a, "%02X", ins), NULL);
}

static void repeated(struct build *b, uint16_t i, const char *other)
{
	const struct contract_command *c = &b->c->command[i];
	diag_add(b->d, b->w->command[i].ins, DIAG_INS_REPEATED, c->id, arena_printf(b->a, "%02X", c->ins), other, NULL);
}

/* The same INS in another command, or in a counter. */
static void check_repeated(struct build *b, uint16_t i)
{
	const struct contract *c = b->c;
	uint8_t ins = c->command[i].ins;
	for (uint16_t k = 0; k < i; k++)
		if (c->command[k].ins == ins && node_has(b->command[k], ATTR_COMMAND_INS)) {
			repeated(b, i, c->command[k].id);
			return;
		}
	for (uint16_t k = 0; k < c->n_files; k++)
		if (c->file[k].structure == FILE_COUNTER &&
		    (c->file[k].increase_ins == ins || c->file[k].decrease_ins == ins)) {
			repeated(b, i, c->file[k].id);
			return;
		}
}

static void check_counter(struct build *b, uint16_t i)
{
	const struct contract_file *f = &b->c->file[i];
	const struct node *n = b->file[i];
	if (node_has(n, ATTR_COUNTER_INCREASE_INS))
		check_ins(b, f->id, f->increase_ins, AT(n, COUNTER_INCREASE_INS));
	if (node_has(n, ATTR_COUNTER_DECREASE_INS))
		check_ins(b, f->id, f->decrease_ins, AT(n, COUNTER_DECREASE_INS));
	if (f->increase_ins == f->decrease_ins && node_has(n, ATTR_COUNTER_INCREASE_INS))
		diag_add(b->d, AT(n, COUNTER_DECREASE_INS), DIAG_INS_REPEATED, f->id,
		    arena_printf(b->a, "%02X", f->increase_ins), f->id, NULL);
}

/* What can never be fulfilled and is put together is a warning of rules. */
static void check_usable(struct build *b)
{
	for (const struct rule_row *r = b->rules; r != NULL && !b->rules_bad; r = r->next) {
		bool require = r->node->element == ELEMENT_REQUIRE;
		if ((!require && r->node->element != ELEMENT_COMMAND) || r->use.compound || r->use.rule != 0)
			continue;
		const struct xml_attr *id = xml_attr(require ? r->node->xml->parent : r->node->xml, "id");
		diag_add(b->d, node_at(r->node, r->attribute), DIAG_COMMAND_DEAD, id == NULL ? "-" : id->value, NULL);
	}
}

static void check_stop(struct build *b, uint16_t rule, struct srcloc at, const char *name)
{
	if (rule_open(b->c, rule))
		diag_add(b->d, at, DIAG_LIFE_ALWAYS, b->c->id, name, NULL);
}

static void check_life(struct build *b)
{
	const struct contract *c = b->c;
	if (b->rules_bad)
		return;
	check_stop(b, c->block, b->w->block, "block");
	check_stop(b, c->terminate, b->w->terminate, "terminate");
	if (c->unblock != 0 && c->block == 0)
		diag_add(b->d, b->w->unblock, DIAG_UNBLOCK_ALONE, c->id, NULL);
	if (c->block != 0 && c->unblock == 0)
		diag_add(b->d, b->w->block, DIAG_BLOCK_FOR_EVER, c->id, NULL);
}

/* Rules that can each be fulfilled, but not together. */
static void check_together(struct build *b, const struct contract_command *m, struct srcloc at)
{
	enum answer answer = answer_of_command(b->c, m);
	bool each = !rule_impossible(b->c, m->rule, answer);
	for (uint16_t i = 0; i < m->n_steps; i++) {
		const struct contract_step *s = &b->c->step[m->first_step + i];
		each = each && (s->op != STEP_REQUIRE || !rule_impossible(b->c, s->rule, answer));
	}
	if (each && command_dead(b->c, m))
		diag_add(b->d, at, DIAG_COMMAND_CONTRADICTS, m->id, NULL);
}

/* A value that has to be equal to one on the card may be a secret. */
static bool asks_for_value(const struct contract_step *s)
{
	return s->op == STEP_COMPARE && s->comparison == COMPARE_EQUAL &&
	    ((s->left.kind == OPERAND_INPUT && s->right.kind == OPERAND_FIELD) ||
		(s->left.kind == OPERAND_FIELD && s->right.kind == OPERAND_INPUT));
}

/* What the step changes, or NULL. */
static const char *changed_by(const struct contract *c, const struct contract_step *s)
{
	switch (s->op) {
	case STEP_INCREASE:
	case STEP_DECREASE:
		return s->left.kind == OPERAND_COUNTER ? c->file[s->left.index].id : NULL;
	case STEP_APPEND:
		return c->file[s->target].record_length != 0 ? c->file[s->target].id : NULL;
	case STEP_COPY:
		return s->right.kind == OPERAND_FIELD ? c->field[s->right.index].id : NULL;
	default:
		return NULL;
	}
}

static void check_open(struct build *b, const struct contract_command *m, struct srcloc at)
{
	const char *changed = NULL;
	if (!command_open(b->c, m))
		return;
	for (uint16_t i = 0; i < m->n_steps; i++) {
		const struct contract_step *s = &b->c->step[m->first_step + i];
		if (asks_for_value(s))
			return;
		if (changed == NULL)
			changed = changed_by(b->c, s);
	}
	if (changed != NULL)
		diag_add(b->d, at, DIAG_COMMAND_OPEN, m->id, changed, NULL);
}

void check_commands(struct build *b)
{
	check_usable(b);
	check_life(b);
	for (uint16_t i = 0; i < b->c->n_files; i++)
		if (b->c->file[i].structure == FILE_COUNTER)
			check_counter(b, i);
	for (uint16_t i = 0; i < b->c->n_commands; i++) {
		const struct contract_command *c = &b->c->command[i];
		if (!b->rules_bad) {
			check_together(b, c, b->w->command[i].when);
			check_open(b, c, b->w->command[i].when);
		}
		if (!node_has(b->command[i], ATTR_COMMAND_INS))
			continue;
		check_ins(b, c->id, c->ins, b->w->command[i].ins);
		check_repeated(b, i);
		if (c->n_steps == 0)
			diag_add(b->d, b->w->command[i].element, DIAG_COMMAND_EMPTY, c->id, NULL);
	}
}
