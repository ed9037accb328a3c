#include "compiler/emit/native/native.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/base/sw.h"
#include "runtime/base/tlv.h"

struct script_step *emit_step(struct emit *e, enum script_phase phase, uint32_t header)
{
	const uint8_t h[4] = {
	    (uint8_t)(header >> 24), (uint8_t)(header >> 16), (uint8_t)(header >> 8), (uint8_t)header};
	return script_step(&e->script, phase, h, SW_OK);
}

static void note(struct emit *e, struct script_step *t, const char *what, const char *name)
{
	char text[SCRIPT_NOTE_MAX + 1];
	snprintf(text, sizeof text, "%s %s", what, name);
	script_note(&e->script, t, text);
}

/* ---- data objects ---- */

void emit_piece(struct emit_pieces *p, uint32_t tag, const void *value, size_t n)
{
	assert(p->n < EMIT_PIECES);
	tlv_put(&p->b, tag, value, n);
	p->end[p->n++] = p->b.n;
}

void emit_piece_u8(struct emit_pieces *p, uint32_t tag, unsigned v)
{
	emit_piece(p, tag, &(uint8_t){(uint8_t)v}, 1);
}

void emit_piece_u16(struct emit_pieces *p, uint32_t tag, unsigned v)
{
	const uint8_t value[2] = {(uint8_t)(v >> 8), (uint8_t)v};
	emit_piece(p, tag, value, sizeof value);
}

void emit_template(struct emit *e, struct script_step *t, uint32_t tag, struct emit_pieces *p)
{
	struct buf whole = {0};
	tlv_put(&whole, tag, p->b.p, p->b.n);
	assert(!whole.bad && !p->b.bad);
	script_bytes(&e->script, t, whole.p, whole.n - p->b.n);
	for (size_t i = 0, at = 0; i < p->n; at = p->end[i++])
		script_bytes(&e->script, t, p->b.p + at, p->end[i] - at);
	buf_reset(&whole);
	buf_reset(&p->b);
	p->n = 0;
}

/* ---- SELECT: 7816-4:2020 11.2.2, without answer data ---- */

void emit_select_ef(struct emit *e, enum script_phase phase, uint16_t fid, const char *name)
{
	const uint8_t data[2] = {(uint8_t)(fid >> 8), (uint8_t)fid};
	struct script_step *t = emit_step(e, phase, 0x00a4020c);
	script_bytes(&e->script, t, data, sizeof data);
	note(e, t, "select file", name);
}

void emit_select_df(struct emit *e, enum script_phase phase)
{
	struct script_step *t = emit_step(e, phase, 0x00a4040c);
	script_bytes(&e->script, t, e->contract->aid, e->contract->aid_len);
	note(e, t, "select", e->contract->id);
}

/* ---- contents ---- */

bool emit_has_holes(const struct contract *c, uint16_t file)
{
	for (uint16_t i = 0; i < c->n_fields; i++)
		if (c->field[i].file == file && c->field[i].value != CONTRACT_NONE)
			return true;
	return false;
}

/* The first field with a per-card value that ends behind `at`, NULL when there is none. */
static const struct contract_field *hole_from(const struct contract *c, uint16_t file, uint32_t at)
{
	const struct contract_field *first = NULL;
	for (uint16_t i = 0; i < c->n_fields; i++) {
		const struct contract_field *f = &c->field[i];
		if (f->file == file && f->value != CONTRACT_NONE && f->offset + f->length > at &&
		    (first == NULL || f->offset < first->offset))
			first = f;
	}
	return first;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Where a command that begins at `at` ends. A hole that fits into one command is not divided. */
static uint32_t chunk_end(const struct emit *e, uint16_t file, uint32_t at)
{
	uint32_t most = e->plan->command_data, end = least(e->contract->file[file].size, at + most);
	const struct contract_field *f = hole_from(e->contract, file, at);
	for (; f != NULL && f->offset < end; f = hole_from(e->contract, file, f->offset + f->length))
		if (f->offset > at && f->offset + f->length > end && f->length <= most)
			return f->offset;
	return end;
}

static void fill(struct emit *e, struct script_step *t, uint16_t file, uint32_t at, uint32_t end)
{
	const struct contract *c = e->contract;
	const uint8_t *content = c->pool + c->file[file].content;
	while (at < end) {
		const struct contract_field *f = hole_from(c, file, at);
		uint32_t hole = f == NULL ? end : least(f->offset, end);
		if (at < hole) {
			script_bytes(&e->script, t, content + at, hole - at);
			at = hole;
			continue;
		}
		assert(f != NULL);
		uint32_t from = at - f->offset, n = least(f->offset + f->length, end) - at;
		bool whole = from == 0 && n == f->length;
		script_hole(&e->script, t, c->value[f->value].name, whole ? 0 : from, whole ? 0 : n);
		at += n;
	}
}

void emit_content(struct emit *e, enum script_phase phase, uint16_t file)
{
	const struct contract_file *f = &e->contract->file[file];
	emit_select_ef(e, phase, f->fid, f->id);
	for (uint32_t at = 0, end; at < f->size; at = end) {
		end = chunk_end(e, file, at);
		struct script_step *t = emit_step(e, phase, 0x00d60000 | at);
		fill(e, t, file, at, end);
		note(e, t, "write file", f->id);
	}
}

void emit_update(struct emit *e, enum script_phase phase, const uint8_t *p, size_t n, const char *name)
{
	for (size_t at = 0, part; at < n; at += part) {
		part = n - at < e->plan->command_data ? n - at : e->plan->command_data;
		struct script_step *t = emit_step(e, phase, 0x00d60000 | (uint32_t)at);
		script_bytes(&e->script, t, p + at, part);
		note(e, t, "write", name);
	}
}

void emit_secret(struct emit *e, struct script_step *t, uint16_t value)
{
	script_hole(&e->script, t, e->contract->value[value].name, 0, 0);
}
