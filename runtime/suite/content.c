/* What the files hold: common bytes from the contract, per-card values as holes. */
#include "runtime/suite/bytes.h"

enum { RUN = 8 /* so many equal bytes are written as a repetition */ };

/* The field with a per-card value that covers `at`, or the next one behind it; NULL when there is none before `end`. */
static const struct contract_field *next_hole(
    const struct contract *c, uint16_t file, uint16_t record, uint32_t at, uint32_t end)
{
	const struct contract_field *best = NULL;
	for (uint16_t i = 0; i < c->n_fields; i++) {
		const struct contract_field *f = &c->field[i];
		if (f->file != file || f->record != record || f->value == CONTRACT_NONE ||
		    f->offset + f->length <= at || f->offset >= end)
			continue;
		if (best == NULL || f->offset < best->offset)
			best = f;
	}
	return best;
}

static size_t equal_bytes(const uint8_t *p, size_t n)
{
	size_t i = 1;
	while (i < n && p[i] == p[0])
		i++;
	return i;
}

/* Bytes as items; runs of equal ones as repetitions. `flip` is XORed to each. */
static void fixed(const uint8_t *p, size_t n, uint8_t flip, struct buf *out)
{
	bool word = false; /* inside a word of digits */
	for (size_t i = 0; i < n;) {
		size_t run = equal_bytes(p + i, n - i);
		if (run >= RUN) {
			buf_printf(out, " %02X*%zu", p[i] ^ flip, run);
			word = false;
			i += run;
			continue;
		}
		buf_printf(out, word ? "%02X" : " %02X", p[i] ^ flip);
		word = true;
		i++;
	}
}

static void hole(struct gen *g, const struct contract_field *f, uint32_t from, uint32_t n, struct buf *out)
{
	g->uses[f->value] = true;
	buf_printf(out, " {%s:stored", g->c->value[f->value].name);
	if (from != 0 || n != f->length)
		buf_printf(out, "@%u+%u", (unsigned)from, (unsigned)n);
	buf_str(out, "}");
}

/* The bytes of the content, or (record != 0) of an initial record. */
static const uint8_t *first_bytes(const struct gen *g, uint16_t file, uint16_t record)
{
	const struct contract_file *f = &g->c->file[file];
	uint32_t slot = 2U + f->record_length;
	return g->c->pool + f->content + (record == 0 ? 0 : (record - 1U) * slot + 2);
}

static bool patched(const struct gen *g, uint16_t file, uint16_t record)
{
	for (size_t i = 0; i < g->n_patches; i++)
		if (g->patch[i].file == file && g->patch[i].record == record)
			return true;
	return false;
}

/* What a command wrote is part of the content. */
static void patched_stretch(
    struct gen *g, uint16_t file, uint16_t record, uint32_t offset, uint32_t n, bool changed, struct buf *out)
{
	struct gen_byte *b = arena_alloc(&g->text, (n + 1) * sizeof *b);
	bytes_content(g, file, record, offset, n, b);
	for (uint32_t i = 0; changed && i < n; i++)
		b[i] = (struct gen_byte){
		    .value = CONTRACT_NONE, .byte = b[i].value == CONTRACT_NONE ? (uint8_t)~b[i].byte : 0xa5};
	bytes_items(g, b, n, out);
}

static void stretch(
    struct gen *g, uint16_t file, uint16_t record, uint32_t offset, uint32_t n, bool changed, struct buf *out)
{
	if (patched(g, file, record)) {
		patched_stretch(g, file, record, offset, n, changed, out);
		return;
	}
	const uint8_t *first = first_bytes(g, file, record);
	uint32_t end = offset + n;
	for (uint32_t at = offset; at < end;) {
		const struct contract_field *f = next_hole(g->c, file, record, at, end);
		uint32_t stop = f == NULL ? end : f->offset > at ? f->offset : at;
		if (stop > at)
			fixed(first + at, stop - at, changed ? 0xff : 0, out);
		at = stop;
		if (f == NULL)
			continue;
		stop = f->offset + f->length < end ? f->offset + f->length : end;
		if (changed) /* no character of any text has this value */
			buf_printf(out, " A5*%u", (unsigned)(stop - at));
		else
			hole(g, f, at - f->offset, stop - at, out);
		at = stop;
	}
}

void gen_content(struct gen *g, uint16_t file, uint32_t offset, uint32_t n, struct buf *out)
{
	stretch(g, file, 0, offset, n, false, out);
}

void gen_changed(struct gen *g, uint16_t file, uint32_t offset, uint32_t n, struct buf *out)
{
	stretch(g, file, 0, offset, n, true, out);
}

void gen_read(struct gen *g, uint16_t file, const char *header, const char *le, uint32_t offset, uint32_t n)
{
	buf_printf(&g->body, "  send %s%s%s\n    expect 9000 data", header, le[0] == 0 ? "" : " Le ", le);
	gen_content(g, file, offset, n, &g->body);
	buf_str(&g->body, "\n");
	gen_cover_clause(g, g->clause);
}

void gen_read_stretch(struct gen *g, uint16_t file, uint32_t offset, uint32_t n, bool changed)
{
	buf_printf(&g->body, "  send 00B0%04X Le %02X\n    expect 9000 data", (unsigned)offset, (unsigned)(n & 0xff));
	stretch(g, file, 0, offset, n, changed, &g->body);
	buf_str(&g->body, "\n");
	gen_cover_clause(g, g->clause);
}

void gen_write(
    struct gen *g, uint16_t file, const char *header, uint32_t offset, uint32_t n, bool changed, const char *expect)
{
	buf_printf(&g->body, "  send %s", header);
	stretch(g, file, 0, offset, n, changed, &g->body);
	buf_str(&g->body, "\n");
	gen_expect(g, expect);
}

void gen_record_content(struct gen *g, uint16_t file, uint16_t record, uint32_t n, struct buf *out)
{
	stretch(g, file, record, 0, n, false, out);
}
