/* command: its inputs and its steps. */
#include "compiler/description/build.h"

#include <stdio.h>
#include <string.h>

enum {
	RESPONSE_MAX = 223, /* AP contract, 9: what a short protected response holds with any suite */
	DATA_MAX = 239      /* of grammar.def */
};

/* What is known of a command while its steps are read. */
struct procedure {
	struct build *b;
	const struct node *node;
	struct contract_command *command;
	uint32_t response; /* bytes of the steps so far */
};

/* --- inputs ------------------------------------------------------------------------------------------------------ */

/* Bytes of the command data that the card takes and no step can use. */
static void check_unnamed(struct procedure *p, const bool named[DATA_MAX])
{
	struct build *b = p->b;
	uint32_t unnamed = 0;
	if (!node_has(p->node, ATTR_COMMAND_DATA))
		return;
	for (uint32_t i = 0; i < p->command->data && i < DATA_MAX; i++)
		unnamed += !named[i];
	if (unnamed != 0)
		diag_add(b->d, AT(p->node, COMMAND_DATA), DIAG_COMMAND_DATA_UNNAMED, p->command->id, diag_num(unnamed),
		    diag_num(p->command->data), NULL);
}

static void check_inputs(struct procedure *p)
{
	bool named[DATA_MAX] = {0};
	struct build *b = p->b;
	uint32_t next = 0;
	for (const struct node *n = p->node->child; n != NULL; n = n->next) {
		if (n->element != ELEMENT_INPUT)
			continue;
		const char *id = node_text(n, ATTR_INPUT_ID);
		uint32_t at = node_slot(n, ATTR_INPUT_OFFSET)->src == NULL ? next : node_number(n, ATTR_INPUT_OFFSET);
		next = at + node_number(n, ATTR_INPUT_LENGTH);
		if (next > p->command->data && node_has(p->node, ATTR_COMMAND_DATA))
			diag_add(b->d, AT(n, INPUT_LENGTH), DIAG_INPUT_OUTSIDE, node_name(n, ATTR_INPUT_ID),
			    diag_num(next), p->command->id, diag_num(p->command->data), NULL);
		for (uint32_t i = at; i < next && i < DATA_MAX; i++)
			named[i] = true;
		for (const struct node *k = p->node->child; *id != 0 && k != n; k = k->next)
			if (k->element == ELEMENT_INPUT && strcmp(node_text(k, ATTR_INPUT_ID), id) == 0) {
				diag_add(b->d, AT(n, INPUT_ID), DIAG_INPUT_REPEATED, id, p->command->id, NULL);
				break;
			}
	}
	check_unnamed(p, named);
}

/* --- steps ------------------------------------------------------------------------------------------------------- */

/* A new step; NULL, reported, when there is no room. */
static struct contract_step *step_new(struct procedure *p, const struct node *n, enum step_op op)
{
	struct build *b = p->b;
	if (!room(b, n, b->c->n_steps, CONTRACT_STEPS))
		return NULL;
	b->w->step[b->c->n_steps] = n->xml->at;
	struct contract_step *s = &b->c->step[b->c->n_steps++];
	*s = (struct contract_step){.op = (uint8_t)op};
	p->command->n_steps++;
	return s;
}

static bool is_number(const struct node *n, enum attribute a)
{
	return node_has(n, a) && node_number(n, a) == WORD_NUMBER;
}

/* Two operands of one length; a number takes the length of the other side. */
static void pair(
    struct procedure *p, const struct node *n, enum attribute left, enum attribute right, struct contract_step *s)
{
	struct build *b = p->b;
	bool number_first = is_number(n, left);
	bool ok = number_first ? operand_read(b, n, right, p->node, 0, &s->right)
			       : operand_read(b, n, left, p->node, 0, &s->left);
	if (!ok)
		return;
	ok = number_first ? operand_read(b, n, left, p->node, s->right.length, &s->left)
			  : operand_read(b, n, right, p->node, s->left.length, &s->right);
	if (ok && s->left.length != s->right.length)
		diag_add(b->d, node_at(n, right), DIAG_OPERAND_LENGTH, node_slot(n, right)->src->value,
		    diag_num(s->right.length), node_slot(n, left)->src->value, diag_num(s->left.length), NULL);
}

static void build_require(struct procedure *p, const struct node *n)
{
	struct contract_step *s = step_new(p, n, STEP_REQUIRE);
	if (s != NULL)
		s->rule = rule_node(rule_compile(p->b, n, ATTR_REQUIRE_WHEN, 0));
}

static void build_compare(struct procedure *p, const struct node *n)
{
	struct contract_step *s = step_new(p, n, STEP_COMPARE);
	if (s == NULL)
		return;
	s->comparison = (uint8_t)node_number(n, ATTR_COMPARE_OP); /* the order of grammar.def is that of the enum */
	pair(p, n, ATTR_COMPARE_LEFT, ATTR_COMPARE_RIGHT, s);
}

/* increase, decrease */
static void build_change(struct procedure *p, const struct node *n, enum step_op op)
{
	struct build *b = p->b;
	struct contract_step *s = step_new(p, n, op);
	enum attribute counter = op == STEP_INCREASE ? ATTR_INCREASE_COUNTER : ATTR_DECREASE_COUNTER;
	enum attribute by = op == STEP_INCREASE ? ATTR_INCREASE_BY : ATTR_DECREASE_BY;
	uint16_t i = s == NULL ? CONTRACT_NONE : operand_file(b, n, counter, FILE_INCREASE);
	if (i == CONTRACT_NONE)
		return;
	uint16_t width = (uint16_t)b->c->file[i].size;
	s->left = (struct contract_operand){.kind = OPERAND_COUNTER, .index = i, .length = width};
	if (width != 0 && operand_read(b, n, by, p->node, width, &s->right) && s->right.length != width)
		diag_add(b->d, node_at(n, by), DIAG_OPERAND_LENGTH, node_slot(n, by)->src->value,
		    diag_num(s->right.length), b->c->file[i].id, diag_num(width), NULL);
}

static void build_append(struct procedure *p, const struct node *n)
{
	struct build *b = p->b;
	uint16_t i = operand_file(b, n, ATTR_APPEND_RECORDS, FILE_APPEND);
	uint32_t length = 0;
	bool ok = i != CONTRACT_NONE;
	for (const struct node *k = n->child; k != NULL; k = k->next) {
		struct contract_step *s = step_new(p, k, STEP_APPEND);
		if (s == NULL)
			return;
		s->target = i == CONTRACT_NONE ? 0 : i;
		s->more = k->next != NULL;
		ok = operand_read(b, k, ATTR_PART_FROM, p->node, 0, &s->left) && ok;
		length += s->left.length;
	}
	if (!ok || n->child == NULL || b->c->file[i].record_length == 0)
		return; /* reported */
	const struct contract_file *f = &b->c->file[i];
	if (length > f->record_length || (length < f->record_length && f->structure != FILE_LINEAR_VARIABLE))
		diag_add(b->d, AT(n, APPEND_RECORDS), DIAG_APPEND_LENGTH, f->id, diag_num(length),
		    diag_num(f->record_length), NULL);
}

static void build_copy(struct procedure *p, const struct node *n)
{
	struct contract_step *s = step_new(p, n, STEP_COPY);
	const struct slot *to = node_slot(n, ATTR_COPY_TO);
	if (s == NULL)
		return;
	if (to->ok && to->number != WORD_FIELD) {
		diag_add(p->b->d, AT(n, COPY_TO), DIAG_COPY_TARGET, to->src->value, NULL);
		return;
	}
	struct contract_step turned = {0}; /* the target's length is the measure, also for a number */
	pair(p, n, ATTR_COPY_TO, ATTR_COPY_FROM, &turned);
	s->left = turned.right;
	s->right = turned.left;
}

static void build_respond(struct procedure *p, const struct node *n)
{
	struct contract_step *s = step_new(p, n, STEP_RESPOND);
	if (s == NULL || !operand_read(p->b, n, ATTR_RESPOND_FROM, p->node, 0, &s->left))
		return;
	bool fitted = p->response <= RESPONSE_MAX;
	p->response += s->left.length;
	if (fitted && p->response > RESPONSE_MAX)
		diag_add(p->b->d, AT(n, RESPOND_FROM), DIAG_RESPONSE_LONG, p->command->id, diag_num(p->response),
		    diag_num(RESPONSE_MAX), NULL);
}

static void build_step(struct procedure *p, const struct node *n)
{
	switch (n->element) {
	case ELEMENT_REQUIRE:
		build_require(p, n);
		return;
	case ELEMENT_COMPARE:
		build_compare(p, n);
		return;
	case ELEMENT_INCREASE:
		build_change(p, n, STEP_INCREASE);
		return;
	case ELEMENT_DECREASE:
		build_change(p, n, STEP_DECREASE);
		return;
	case ELEMENT_APPEND:
		build_append(p, n);
		return;
	case ELEMENT_COPY:
		build_copy(p, n);
		return;
	case ELEMENT_RESPOND:
		build_respond(p, n);
		return;
	default:
		return;
	}
}

/* --- commands ---------------------------------------------------------------------------------------------------- */

static void build_command(struct build *b, const struct node *n)
{
	uint16_t i = b->c->n_commands++; /* the grammar allows no more */
	struct contract_command *c = &b->c->command[i];
	struct procedure p = {.b = b, .node = n, .command = c};
	b->command[i] = n;
	snprintf(c->id, sizeof c->id, "%s", node_name(n, ATTR_COMMAND_ID));
	c->ins = (uint8_t)node_number(n, ATTR_COMMAND_INS);
	c->data = (uint16_t)node_number(n, ATTR_COMMAND_DATA);
	c->first_step = b->c->n_steps;
	b->w->command[i].element = n->xml->at;
	b->w->command[i].ins = AT(n, COMMAND_INS);
	b->w->command[i].data = AT(n, COMMAND_DATA);
	b->w->command[i].when = AT(n, COMMAND_WHEN);
	c->rule = rule_node(rule_compile(b, n, ATTR_COMMAND_WHEN, 0));
	check_inputs(&p);
	for (const struct node *k = n->child; k != NULL; k = k->next)
		build_step(&p, k);
}

void commands_build(struct build *b)
{
	for (const struct node *n = b->root->child; n != NULL; n = n->next)
		if (n->element == ELEMENT_COMMAND)
			build_command(b, n);
}
