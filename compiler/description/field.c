/* field, and the content that every card gets. */
#include "compiler/description/build.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/hex.h"

enum { SOURCES = 1 << SOURCE_CSV | 1 << SOURCE_CALLER | 1 << SOURCE_NUMBERING };

/* The bytes of value=; NULL (reported) when it is no hex. *n their number. */
static const uint8_t *value_bytes(struct build *b, const struct node *n, enum contract_format format, size_t *len)
{
	const struct slot *s = node_slot(n, ATTR_FIELD_VALUE);
	const char *id = node_name(n, ATTR_FIELD_ID);
	*len = s->length;
	if (format != FORMAT_BINARY)
		return (const uint8_t *)s->text;
	for (size_t i = 0; i < s->length; i++)
		if (hex_digit(s->text[i]) < 0) {
			diag_add(b->d, xml_value_at(s->src, i), DIAG_NOT_HEX, "value",
			    reader_quote(b->a, s->text, s->length), NULL);
			return NULL;
		}
	if (s->length % 2 != 0) {
		diag_add(b->d, s->src->value_at, DIAG_HEX_ODD, "value", diag_num(s->length), id, NULL);
		return NULL;
	}
	uint8_t *bytes = arena_alloc(b->a, s->length / 2);
	hex_decode(s->text, s->length, bytes, s->length / 2, len);
	return bytes;
}

/* Check value= against length, format and pad, and put it in its place. */
static void put_value(struct build *b, const struct node *n, const struct contract_field *f, uint8_t *content)
{
	const struct slot *s = node_slot(n, ATTR_FIELD_VALUE);
	const char *id = node_name(n, ATTR_FIELD_ID);
	enum contract_format format = (enum contract_format)f->format;
	size_t len = 0;
	const uint8_t *bytes = value_bytes(b, n, format, &len);
	if (bytes == NULL)
		return;
	size_t misfit = contract_format_misfit(format, bytes, len);
	if (misfit < len) {
		diag_add(b->d, xml_value_at(s->src, misfit), DIAG_FIELD_FORMAT, id,
		    reader_quote(b->a, s->text, s->length), contract_format_name(format), NULL);
		return;
	}
	if (len > f->length) {
		diag_add(b->d, s->src->value_at, DIAG_FIELD_LONG, id, diag_num(len), diag_num(f->length), NULL);
		return;
	}
	if (len < f->length && f->pad == -1) {
		diag_add(b->d, s->src->value_at, DIAG_FIELD_SHORT, id, diag_num(len), diag_num(f->length), NULL);
		return;
	}
	if (content == NULL)
		return;
	memcpy(content, bytes, len);
	memset(content + len, f->pad, f->length - len);
}

/* A number of a numbering rule is a value like any other: its length and characters must fit. */
static void check_numbering(struct build *b, const struct node *n, const struct contract_field *f)
{
	uint16_t i = b->c->value[f->value].numbering;
	if (i == CONTRACT_NONE || !node_has(b->numbering[i], ATTR_NUMBERING_WIDTH))
		return;
	const struct contract_numbering *x = &b->c->numbering[i];
	unsigned n_chars = numbering_length(x);
	if (n_chars > f->length || (n_chars < f->length && f->pad == -1))
		diag_add(b->d, AT(n, FIELD_SOURCE), DIAG_NUMBERING_LENGTH, f->id, x->id, diag_num(n_chars),
		    diag_num(f->length), NULL);
	const uint8_t *prefix = (const uint8_t *)x->prefix;
	size_t len = strlen(x->prefix);
	if (f->format == FORMAT_BINARY || contract_format_misfit((enum contract_format)f->format, prefix, len) != len)
		diag_add(b->d, AT(n, FIELD_FORMAT), DIAG_NUMBERING_FORMAT, f->id, x->id,
		    contract_format_name((enum contract_format)f->format), NULL);
}

/* What fills the field: value=, source=, or nothing but the file's fill byte. */
static void build_content(struct build *b, uint16_t i, const struct node *n, uint8_t *content)
{
	struct contract_field *f = &b->c->field[i];
	bool value = node_slot(n, ATTR_FIELD_VALUE)->src != NULL, source = node_slot(n, ATTR_FIELD_SOURCE)->src != NULL;
	const char *id = node_name(n, ATTR_FIELD_ID);
	if (value && source) {
		diag_add(b->d, AT(n, FIELD_SOURCE), DIAG_FIELD_TWO_VALUES, id, NULL);
		return;
	}
	if (!value && !source && node_slot(n, ATTR_FIELD_PAD)->src != NULL)
		diag_add(b->d, AT(n, FIELD_PAD), DIAG_FIELD_PAD_ALONE, id, NULL);
	if (f->length == 0 || !node_has(n, ATTR_FIELD_FORMAT))
		return; /* reported */
	if (value && node_has(n, ATTR_FIELD_VALUE))
		put_value(b, n, f, content);
	struct contract_value v = {.kind = VALUE_FIELD,
	    .target = i,
	    .min = f->pad == -1 ? (uint16_t)f->length : 1,
	    .max = (uint16_t)f->length,
	    .format = f->format};
	if (!source)
		return;
	struct value_slot slot = {ATTR_FIELD_SOURCE, SOURCES, id, ""};
	f->value = value_add(b, n, &slot, &v);
	if (f->value != CONTRACT_NONE)
		check_numbering(b, n, f);
}

/* Where the field lies; false when it does not lie in its region. */
static bool build_place(
    struct build *b, const struct region *r, const struct node *n, struct contract_field *f, uint32_t *next)
{
	f->offset = node_slot(n, ATTR_FIELD_OFFSET)->src == NULL ? *next : node_number(n, ATTR_FIELD_OFFSET);
	f->length = node_number(n, ATTR_FIELD_LENGTH);
	*next = f->offset + f->length;
	if (f->length == 0 || r->size == 0)
		return false; /* reported */
	if (f->offset + f->length <= r->size)
		return true;
	return diag_add(b->d, AT(n, FIELD_LENGTH), DIAG_FIELD_OUTSIDE, node_name(n, ATTR_FIELD_ID), diag_num(*next),
	    r->name, diag_num(r->size), NULL);
}

/* Another field of the same region that covers a byte of this one. */
static void check_overlap(struct build *b, uint16_t i, const struct node *n)
{
	const struct contract_field *f = &b->c->field[i];
	for (uint16_t k = i; k-- > 0 && b->c->field[k].file == f->file && b->c->field[k].record == f->record;) {
		const struct contract_field *g = &b->c->field[k];
		uint32_t from = f->offset > g->offset ? f->offset : g->offset;
		uint32_t f_end = f->offset + f->length, g_end = g->offset + g->length;
		if (from >= (f_end < g_end ? f_end : g_end))
			continue;
		diag_add(b->d, AT(n, FIELD_OFFSET), DIAG_FIELD_OVERLAP, node_name(n, ATTR_FIELD_ID), g->id,
		    diag_num(from), NULL);
		return;
	}
}

static void build_field(struct build *b, const struct region *r, const struct node *n, uint32_t *next)
{
	static const uint8_t format[] = {FORMAT_BINARY, FORMAT_DIGITS, FORMAT_ALPHANUMERIC, FORMAT_TEXT};
	struct contract *c = b->c;
	if (!room(b, n, c->n_fields, CONTRACT_FIELDS))
		return;
	uint16_t i = c->n_fields++;
	struct contract_field *f = &c->field[i];
	b->field[i] = n;
	snprintf(f->id, sizeof f->id, "%s", node_name(n, ATTR_FIELD_ID));
	f->file = r->file;
	f->record = r->record;
	f->format = format[node_number(n, ATTR_FIELD_FORMAT)];
	f->pad = node_has(n, ATTR_FIELD_PAD) ? (int16_t)node_number(n, ATTR_FIELD_PAD) : -1;
	f->value = CONTRACT_NONE;
	b->w->field[i].element = n->xml->at;
	b->w->field[i].offset = AT(n, FIELD_OFFSET);
	b->w->field[i].length = AT(n, FIELD_LENGTH);
	b->w->field[i].format = AT(n, FIELD_FORMAT);
	b->w->field[i].value =
	    node_at(n, node_slot(n, ATTR_FIELD_VALUE)->src != NULL ? ATTR_FIELD_VALUE : ATTR_FIELD_SOURCE);
	bool inside = build_place(b, r, n, f, next);
	if (inside)
		check_overlap(b, i, n);
	build_content(b, i, n, inside && r->content != NULL ? r->content + f->offset : NULL);
}

uint32_t fields_build(struct build *b, const struct region *r, const struct node *parent)
{
	uint32_t next = 0, end = 0;
	for (const struct node *n = parent->child; n != NULL; n = n->next) {
		if (n->element != ELEMENT_FIELD)
			continue;
		build_field(b, r, n, &next);
		if (next > end)
			end = next;
	}
	return end < r->size ? end : r->size;
}
