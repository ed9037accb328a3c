#include "runtime/suite/bytes.h"

#include <string.h>

static size_t run_of_hole(const struct gen_byte *b, size_t n)
{
	size_t i = 1;
	while (i < n && b[i].value == b[0].value && b[i].at == b[0].at + i)
		i++;
	return i;
}

void bytes_items(struct gen *g, const struct gen_byte *b, size_t n, struct buf *out)
{
	bool word = false; /* inside a word of digits */
	for (size_t i = 0; i < n;) {
		if (b[i].value == CONTRACT_NONE) {
			buf_printf(out, word ? "%02X" : " %02X", b[i].byte);
			word = true;
			i++;
			continue;
		}
		size_t run = run_of_hole(b + i, n - i);
		g->uses[b[i].value] = true;
		buf_printf(out, " {%s:stored@%u+%zu}", g->c->value[b[i].value].name, b[i].at, run);
		word = false;
		i += run;
	}
}

/* The first content of a file or record. */
static struct gen_byte first(const struct gen *g, uint16_t file, uint16_t record, uint32_t at)
{
	const struct contract_file *f = &g->c->file[file];
	uint32_t slot = record == 0 ? 0 : (record - 1U) * (2U + f->record_length) + 2;
	for (uint16_t i = 0; i < g->c->n_fields; i++) {
		const struct contract_field *k = &g->c->field[i];
		if (k->file == file && k->record == record && k->value != CONTRACT_NONE && at >= k->offset &&
		    at - k->offset < k->length)
			return (struct gen_byte){.value = k->value, .at = (uint16_t)(at - k->offset)};
	}
	return (struct gen_byte){.value = CONTRACT_NONE, .byte = g->c->pool[f->content + slot + at]};
}

void bytes_content(
    const struct gen *g, uint16_t file, uint16_t record, uint32_t offset, uint32_t n, struct gen_byte *out)
{
	for (uint32_t i = 0; i < n; i++)
		out[i] = first(g, file, record, offset + i);
	for (size_t p = 0; p < g->n_patches; p++) {
		const struct gen_patch *k = &g->patch[p];
		for (uint32_t i = 0; k->file == file && k->record == record && i < k->n; i++)
			if (k->offset + i >= offset && k->offset + i - offset < n)
				out[k->offset + i - offset] = k->b[i];
	}
}

bool bytes_number(uint64_t v, struct gen_byte *out, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		out[n - 1 - i] = (struct gen_byte){.value = CONTRACT_NONE, .byte = (uint8_t)v};
		v >>= 8;
	}
	return v == 0;
}

bool bytes_value(const struct gen_byte *b, size_t n, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < n; i++) {
		if (b[i].value != CONTRACT_NONE)
			return false;
		*out = *out << 8 | b[i].byte;
		if (*out > UINT32_MAX)
			return false;
	}
	return true;
}

/* Where the value of a card is of digits or letters only, and is not padded, some bytes lie below and some above. */
static int against_hole(const struct gen *g, const struct gen_byte *known, const struct gen_byte *hole)
{
	const struct contract_value *v = &g->c->value[hole->value];
	bool characters = v->format == FORMAT_DIGITS || v->format == FORMAT_ALPHANUMERIC;
	if (!characters || v->min != v->max)
		return BYTES_OPEN;
	return known->byte < '0' ? -1 : known->byte > 'z' ? 1 : BYTES_OPEN;
}

static int one(const struct gen *g, const struct gen_byte *a, const struct gen_byte *b)
{
	if (a->value == CONTRACT_NONE && b->value == CONTRACT_NONE)
		return a->byte < b->byte ? -1 : a->byte > b->byte;
	if (a->value == b->value)
		return a->at == b->at ? 0 : BYTES_OPEN;
	if (a->value == CONTRACT_NONE)
		return against_hole(g, a, b);
	if (b->value != CONTRACT_NONE)
		return BYTES_OPEN;
	int other = against_hole(g, b, a);
	return other == BYTES_OPEN ? other : -other;
}

int bytes_compare(const struct gen *g, const struct gen_byte *a, size_t n, const struct gen_byte *b, size_t m)
{
	static const struct gen_byte zero = {.value = CONTRACT_NONE};
	size_t most = n > m ? n : m;
	for (size_t i = 0; i < most; i++) {
		int order = one(g, i + n < most ? &zero : &a[i + n - most], i + m < most ? &zero : &b[i + m - most]);
		if (order != 0)
			return order;
	}
	return 0;
}

void bytes_put(struct gen *g, uint16_t file, uint16_t record, uint32_t offset, const struct gen_byte *b, size_t n)
{
	if (!program_grow(&g->patch, &g->cap_patches, g->n_patches, sizeof *g->patch)) {
		g->body.bad = true;
		return;
	}
	struct gen_byte *copy = arena_alloc(&g->text, n * sizeof *copy);
	memcpy(copy, b, n * sizeof *copy);
	g->patch[g->n_patches++] = (struct gen_patch){file, record, offset, (uint32_t)n, copy};
}
