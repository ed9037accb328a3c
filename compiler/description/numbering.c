/* numbering: prefix || running number || check digit. */
#include "compiler/description/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Check digits are reckoned over digits only. */
static void check_prefix(struct build *b, const struct node *n, const struct contract_numbering *x)
{
	const struct slot *s = node_slot(n, ATTR_NUMBERING_PREFIX);
	enum contract_format format = x->check == NUMBERING_NONE ? FORMAT_ALPHANUMERIC : FORMAT_DIGITS;
	size_t misfit = contract_format_misfit(format, (const uint8_t *)s->text, s->length);
	if (misfit < s->length)
		diag_add(b->d, xml_value_at(s->src, misfit), DIAG_NUMBERING_PREFIX, x->id, s->text,
		    contract_format_name(format), NULL);
}

static uint64_t number(const struct node *n, enum attribute a)
{
	return node_has(n, a) ? strtoull(node_text(n, a), NULL, 10) : 0; /* at most 18 digits */
}

static void check_range(struct build *b, const struct node *n, const struct contract_numbering *x)
{
	uint64_t most = 1;
	for (unsigned k = 0; k < x->width; k++)
		most *= 10;
	if (!node_has(n, ATTR_NUMBERING_FROM) || !node_has(n, ATTR_NUMBERING_TO) || !node_has(n, ATTR_NUMBERING_WIDTH))
		return;
	if (x->from > x->to || x->to >= most)
		diag_add(b->d, AT(n, NUMBERING_TO), DIAG_NUMBERING_RANGE, x->id, node_text(n, ATTR_NUMBERING_FROM),
		    node_text(n, ATTR_NUMBERING_TO), diag_num(x->width), NULL);
}

void numberings_build(struct build *b)
{
	for (const struct node *n = b->root->child; n != NULL; n = n->next) {
		if (n->element != ELEMENT_NUMBERING)
			continue;
		uint16_t i = b->c->n_numberings++; /* the grammar allows no more */
		struct contract_numbering *x = &b->c->numbering[i];
		b->numbering[i] = n;
		b->w->numbering[i] = n->xml->at;
		snprintf(x->id, sizeof x->id, "%s", node_name(n, ATTR_NUMBERING_ID));
		x->from = number(n, ATTR_NUMBERING_FROM);
		x->to = number(n, ATTR_NUMBERING_TO);
		x->width = (uint8_t)node_number(n, ATTR_NUMBERING_WIDTH);
		x->check = (uint8_t)node_number(n, ATTR_NUMBERING_CHECK);
		check_range(b, n, x);
		if (!node_has(n, ATTR_NUMBERING_PREFIX))
			continue;
		snprintf(x->prefix, sizeof x->prefix, "%s", node_text(n, ATTR_NUMBERING_PREFIX));
		check_prefix(b, n, x);
	}
}
