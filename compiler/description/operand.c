/* Operands of the steps of a command, and the objects that steps name. */
#include "compiler/description/build.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/description/suggest.h"
#include "runtime/base/hex.h"

static bool unknown(struct build *b, const struct slot *s, const char *kind, const char *nearest)
{
	return diag_add(
	    b->d, s->src->value_at, DIAG_OPERAND_UNKNOWN, kind, s->text, nearest == NULL ? "-" : nearest, NULL);
}

/* --- kinds ------------------------------------------------------------------------------------------------------- */

static bool input(struct build *b, const struct slot *s, const struct node *command, struct contract_operand *out)
{
	struct suggestion near = suggest_for(s->text, s->length);
	uint32_t next = 0;
	for (const struct node *k = command->child; k != NULL; k = k->next) {
		if (k->element != ELEMENT_INPUT)
			continue;
		const char *id = node_text(k, ATTR_INPUT_ID);
		uint32_t at = node_slot(k, ATTR_INPUT_OFFSET)->src == NULL ? next : node_number(k, ATTR_INPUT_OFFSET);
		next = at + node_number(k, ATTR_INPUT_LENGTH);
		suggest_try(&near, id, strlen(id));
		if (strcmp(id, s->text) != 0)
			continue;
		*out = (struct contract_operand){
		    .kind = OPERAND_INPUT, .at = at, .length = (uint16_t)node_number(k, ATTR_INPUT_LENGTH)};
		return true;
	}
	return unknown(b, s, "input", near.best);
}

/* A field of a cyclic file has no place of its own: with every record that is appended, it belongs to another one. */
static bool field(struct build *b, const struct slot *s, struct contract_operand *out)
{
	struct suggestion near = suggest_for(s->text, s->length);
	for (uint16_t i = 0; i < b->c->n_fields; i++) {
		const struct contract_field *f = &b->c->field[i];
		if (b->field[i]->element != ELEMENT_FIELD)
			continue;
		suggest_try(&near, f->id, strlen(f->id));
		if (strcmp(f->id, s->text) != 0)
			continue;
		if (b->c->file[f->file].structure == FILE_CYCLIC)
			return diag_add(
			    b->d, s->src->value_at, DIAG_OPERAND_CYCLIC, f->id, b->c->file[f->file].id, NULL);
		*out = (struct contract_operand){.kind = OPERAND_FIELD, .index = i, .length = (uint16_t)f->length};
		return f->length != 0;
	}
	return unknown(b, s, "field", near.best);
}

static uint16_t file_named(struct build *b, const struct slot *s, const char *kind, enum file_op op)
{
	struct suggestion near = suggest_for(s->text, s->length);
	for (uint16_t i = 0; i < b->c->n_files; i++) {
		const struct contract_file *f = &b->c->file[i];
		if (!contract_file_offers((enum file_structure)f->structure, op))
			continue;
		suggest_try(&near, f->id, strlen(f->id));
		if (strcmp(f->id, s->text) == 0)
			return i;
	}
	unknown(b, s, kind, near.best);
	return CONTRACT_NONE;
}

static bool counter(struct build *b, const struct slot *s, struct contract_operand *out)
{
	uint16_t i = file_named(b, s, "counter", FILE_INCREASE);
	if (i == CONTRACT_NONE)
		return false;
	*out = (struct contract_operand){.kind = OPERAND_COUNTER, .index = i, .length = (uint16_t)b->c->file[i].size};
	return out->length != 0;
}

/* --- literals ---------------------------------------------------------------------------------------------------- */

/* Bytes of the pool; NULL, reported, when it is full. */
static uint8_t *literal(struct build *b, const struct slot *s, size_t n, struct contract_operand *out)
{
	struct contract *c = b->c;
	if (n > b->pool_cap - c->pool_len) {
		diag_add(b->d, s->src->value_at, DIAG_CONTENT_TOO_BIG, s->text, diag_num(c->pool_len + n),
		    diag_num(CONTRACT_POOL), NULL);
		return NULL;
	}
	*out = (struct contract_operand){.kind = OPERAND_LITERAL, .at = c->pool_len, .length = (uint16_t)n};
	c->pool_len += (uint32_t)n;
	return c->pool + out->at;
}

static bool hex(struct build *b, const struct slot *s, struct contract_operand *out)
{
	size_t n = 0;
	uint8_t *p = literal(b, s, s->length / 2, out);
	return p != NULL && hex_decode(s->text, s->length, p, s->length / 2, &n);
}

static bool number(struct build *b, const struct slot *s, uint16_t width, struct contract_operand *out)
{
	uint64_t v = strtoull(s->text, NULL, 10); /* at most 10 digits */
	if (width == 0 || width > 4 || v >> 8 * width != 0)
		return diag_add(b->d, s->src->value_at, DIAG_OPERAND_NUMBER, s->text, diag_num(width), NULL);
	uint8_t *p = literal(b, s, width, out);
	for (unsigned k = 0; p != NULL && k < width; k++)
		p[k] = (uint8_t)(v >> 8 * (width - 1u - k));
	return p != NULL;
}

/* --- all --------------------------------------------------------------------------------------------------------- */

bool operand_read(struct build *b, const struct node *n, enum attribute a, const struct node *command, uint16_t width,
    struct contract_operand *out)
{
	const struct slot *s = node_slot(n, a);
	if (!s->ok)
		return false; /* reported */
	switch ((enum operand_word)s->number) {
	case WORD_INPUT:
		return input(b, s, command, out);
	case WORD_FIELD:
		return field(b, s, out);
	case WORD_COUNTER:
		return counter(b, s, out);
	case WORD_HEX:
		return hex(b, s, out);
	case WORD_NUMBER:
		return number(b, s, width, out);
	}
	return false;
}

uint16_t operand_file(struct build *b, const struct node *n, enum attribute a, enum file_op op)
{
	const struct slot *s = node_slot(n, a);
	return s->ok ? file_named(b, s, op == FILE_APPEND ? "records" : "counter", op) : CONTRACT_NONE;
}
