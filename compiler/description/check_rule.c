/* Rules that say something else than they seem to, or name what is out of reach. */
#include "compiler/description/build.h"

#include <string.h>

/* Whether an operation or command under this rule answers with data. */
static enum answer answer_under(const struct rule_row *r)
{
	static const enum attribute op[] = {ATTR_FILE_READ, ATTR_RECORDS_READ, ATTR_DATA_READ, ATTR_COUNTER_READ,
	    ATTR_COUNTER_INCREASE, ATTR_COUNTER_DECREASE};
	for (size_t i = 0; i < sizeof op / sizeof *op; i++)
		if (r->attribute == op[i])
			return ANSWER_DATA;
	if (r->node->element == ELEMENT_COMMAND)
		for (const struct node *n = r->node->child; n != NULL; n = n->next)
			if (n->element == ELEMENT_RESPOND)
				return ANSWER_DATA;
	if (r->node->element == ELEMENT_REQUIRE)
		for (const struct xml_element *x = r->node->xml->parent->child; x != NULL; x = x->next)
			if (strcmp(x->name, grammar_element[ELEMENT_RESPOND].name) == 0)
				return ANSWER_DATA;
	return ANSWER_STATUS;
}

/* A rule that could be fulfilled, but not by a command that answers with data, and such a command it guards. */
static void check_answer(struct build *b, const struct rule_row *r)
{
	if (r->df == CONTRACT_NONE || r->use.rule == RULE_BAD || answer_under(r) != ANSWER_DATA ||
	    rule_impossible(b->c, r->use.rule, ANSWER_STATUS) || !rule_impossible(b->c, r->use.rule, ANSWER_DATA))
		return;
	diag_add(b->d, node_at(r->node, r->attribute), DIAG_RULE_ANSWER,
	    reader_quote(b->a, node_text(r->node, r->attribute), node_slot(r->node, r->attribute)->length), NULL);
}

/* Where one rule names sm(enc), every rule can meet commands without a MAC. */
static void check_class_08(struct build *b)
{
	for (uint16_t i = 0; i < b->c->n_rules; i++)
		if (b->c->rule[i].op == RULE_SM && b->c->rule[i].a == SM_ENC) {
			diag_add(b->d, b->w->rule[i], DIAG_RULE_NO_MAC, NULL);
			return;
		}
}

static void unused_sm(struct build *b, enum attribute a, const char *usual)
{
	const struct slot *s = node_slot(b->root, a);
	if (s->ok && s->src != NULL && strcmp(s->src->value, usual) != 0)
		diag_add(b->d, node_at(b->root, a), DIAG_SM_UNUSED, arena_printf(b->a, "%s=", s->src->name), NULL);
}

/* What is said about secure messaging where no command ever comes in it. */
static void check_no_sm(struct build *b)
{
	for (uint16_t i = 0; i < b->c->n_rules; i++)
		if (b->c->rule[i].op == RULE_SM)
			return;
	unused_sm(b, ATTR_CARD_AP_SM_RESPONSE, "enc+mac");
	unused_sm(b, ATTR_CARD_AP_SM_PLAIN, "keep");
}

/* A rule that was put together and came to a constant: part of it is idle. */
static void check_constant(struct build *b, const struct rule_row *r)
{
	const struct rule_use *u = &r->use;
	const char *text = node_text(r->node, r->attribute);
	if (!u->compound || u->rule == RULE_BAD)
		return;
	bool impossible = u->rule == 0 || rule_impossible(b->c, u->rule, ANSWER_STATUS);
	bool idle = u->rule == 1 || rule_open(b->c, u->rule);
	if (impossible || idle)
		diag_add(b->d, node_at(r->node, r->attribute), impossible ? DIAG_RULE_IMPOSSIBLE : DIAG_RULE_IDLE,
		    reader_quote(b->a, text, node_slot(r->node, r->attribute)->length), NULL);
}

/* PINs and keys of another DF than the object's own and those around it are out of reach of its commands. */
static void check_scope(struct build *b, const struct rule_row *r)
{
	const struct contract *c = b->c;
	const char *id = NULL;
	uint16_t df = 0;
	if (r->df == CONTRACT_NONE || r->use.rule == RULE_BAD)
		return;
	for (uint16_t i = 0; i < c->n_pins && id == NULL; i++)
		if ((r->use.pins >> i & 1) != 0 && !df_within(c, r->df, c->pin[i].df)) {
			id = c->pin[i].id;
			df = c->pin[i].df;
		}
	for (uint16_t i = 0; i < c->n_keys && id == NULL; i++)
		if ((r->use.keys >> i & 1) != 0 && !df_within(c, r->df, c->key[i].df)) {
			id = c->key[i].id;
			df = c->key[i].df;
		}
	if (id != NULL)
		diag_add(b->d, node_at(r->node, r->attribute), DIAG_RULE_OUT_OF_SCOPE, id, c->df[df].id,
		    c->df[r->df].id, NULL);
}

void check_rules(struct build *b)
{
	for (size_t i = 0; i < b->n_named; i++) {
		const struct named_rule *r = &b->named[i];
		if (!r->used && !b->rules_bad && node_has(r->node, ATTR_RULE_ID))
			diag_add(b->d, r->node->xml->at, DIAG_RULE_UNUSED, node_text(r->node, ATTR_RULE_ID), NULL);
	}
	for (const struct rule_row *r = b->rules; r != NULL; r = r->next) {
		check_constant(b, r);
		check_answer(b, r);
		check_scope(b, r);
	}
	check_class_08(b);
	if (!b->rules_bad)
		check_no_sm(b);
}
