/* Rules that say something else than they seem to. */
#include "compiler/description/build.h"

/* A rule that was put together and came to a constant: part of it is idle. */
static void check_constant(struct build *b, const struct rule_use *u, const struct node *n, enum attribute a)
{
	const char *text = node_text(n, a);
	if (!u->compound || u->rule > 1)
		return;
	diag_add(b->d, node_at(n, a), u->rule == 0 ? DIAG_RULE_IMPOSSIBLE : DIAG_RULE_IDLE,
	    reader_quote(b->a, text, node_slot(n, a)->length), NULL);
}

void check_rules(struct build *b)
{
	for (size_t i = 0; i < b->n_named; i++) {
		const struct named_rule *r = &b->named[i];
		check_constant(b, &r->use, r->node, ATTR_RULE_WHEN);
		if (!r->used && !b->rules_bad && node_has(r->node, ATTR_RULE_ID))
			diag_add(b->d, r->node->xml->at, DIAG_RULE_UNUSED, node_text(r->node, ATTR_RULE_ID), NULL);
	}
	for (uint16_t i = 0; i < b->c->n_files; i++) {
		check_constant(b, &b->access[i][FILE_READ], b->file[i], ATTR_FILE_READ);
		check_constant(b, &b->access[i][FILE_UPDATE], b->file[i], ATTR_FILE_UPDATE);
	}
	for (uint16_t i = 0; i < b->c->n_pins; i++)
		check_constant(b, &b->unblock[i], b->pin[i], ATTR_PIN_UNBLOCK);
}
