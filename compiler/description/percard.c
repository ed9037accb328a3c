/* Per-card values: the holes of the image. */
#include "compiler/description/build.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Values that no source names are called like their element, in the letters of all value names. */
static const char *own_name(struct build *b, const char *id)
{
	char *name = arena_strndup(b->a, id, strlen(id));
	for (char *p = name; *p != 0; p++)
		*p = (char)toupper((unsigned char)*p);
	return name;
}

static bool numbering(struct build *b, const struct slot *s, uint16_t *out)
{
	for (uint16_t i = 0; i < b->c->n_numberings; i++)
		if (strcmp(b->c->numbering[i].id, s->text) == 0) {
			*out = i;
			return true;
		}
	return diag_add(b->d, s->src->value_at, DIAG_NUMBERING_UNKNOWN, s->text, NULL);
}

/* The name of the value; NULL when it was refused. */
static const char *name_of(struct build *b, const struct node *n, const struct value_slot *v)
{
	const struct slot *s = node_slot(n, v->source);
	const char *name = s->number >= SOURCE_NUMBERING ? own_name(b, v->own) : s->text;
	name = arena_printf(b->a, "%s%s", name, v->suffix);
	if (strlen(name) >= CONTRACT_NAME) {
		diag_add(b->d, s->src->value_at, DIAG_VALUE_NAME_LONG, name, diag_num(strlen(name)),
		    diag_num(CONTRACT_NAME - 1), NULL);
		return NULL;
	}
	for (uint16_t i = 0; i < b->c->n_values; i++)
		if (strcmp(b->c->value[i].name, name) == 0) {
			diag_add(b->d, s->src->value_at, DIAG_VALUE_REPEATED, name, diag_num(b->value[i]->xml->at.line),
			    NULL);
			return NULL;
		}
	return name;
}

uint16_t value_add(struct build *b, const struct node *n, const struct value_slot *slot, const struct contract_value *v)
{
	struct contract *c = b->c;
	const struct slot *s = node_slot(n, slot->source);
	struct contract_value value = *v;
	if (!s->ok)
		return CONTRACT_NONE;
	value.source = (uint8_t)s->number;
	value.numbering = CONTRACT_NONE;
	if ((slot->allowed >> s->number & 1) == 0) {
		diag_add(b->d, s->src->value_at, DIAG_SOURCE_KIND, grammar_element[n->element].name,
		    contract_source_name((enum value_source)s->number), NULL);
		return CONTRACT_NONE;
	}
	if (s->number == SOURCE_NUMBERING && !numbering(b, s, &value.numbering))
		return CONTRACT_NONE;
	if (s->number == SOURCE_MASTER)
		snprintf(value.label, sizeof value.label, "%s", s->text);
	const char *name = name_of(b, n, slot);
	if (name == NULL || !room(b, n, c->n_values, CONTRACT_VALUES))
		return CONTRACT_NONE;
	snprintf(value.name, sizeof value.name, "%s", name);
	c->value[c->n_values] = value;
	b->value[c->n_values] = n;
	return c->n_values++;
}
