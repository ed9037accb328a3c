/* Per-card values: the holes of the image. */
#include "compiler/description/build.h"

#include <stdio.h>
#include <string.h>

uint16_t value_add(struct build *b, const struct node *n, enum attribute source, const struct contract_value *v)
{
	struct contract *c = b->c;
	const struct slot *s = node_slot(n, source);
	if (!s->ok)
		return CONTRACT_NONE;
	for (uint16_t i = 0; i < c->n_values; i++)
		if (strcmp(c->value[i].name, s->text) == 0) {
			diag_add(b->d, s->src->value_at, DIAG_VALUE_REPEATED, s->text,
			    diag_num(b->value[i]->xml->at.line), NULL);
			return CONTRACT_NONE;
		}
	if (c->n_values == CONTRACT_VALUES) {
		diag_add(b->d, s->src->value_at, DIAG_TOO_MANY, "source", diag_num(CONTRACT_VALUES), NULL);
		return CONTRACT_NONE;
	}
	struct contract_value *to = &c->value[c->n_values];
	*to = *v;
	snprintf(to->name, sizeof to->name, "%s", s->text);
	to->source = (uint8_t)s->number;
	b->value[c->n_values] = n;
	return c->n_values++;
}
