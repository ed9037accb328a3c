#include "compiler/emit/native/check.h"

#include <string.h>

#include "compiler/plan/dialect.h"
#include "runtime/base/iso7816.h"
#include "runtime/base/sw.h"

static const struct native_decoder *const decoders[] = {&decoder_iso_compact, &decoder_starcos};

/* ---- gathering ---- */

bool seen_fixed(const struct seen_data *data, uint8_t *out, size_t fixed)
{
	if (data->n < fixed)
		return false;
	for (size_t i = 0; i < fixed; i++) {
		if (data->byte[i].hole != NULL)
			return false;
		out[i] = data->byte[i].value;
	}
	return true;
}

const char *seen_hole(const struct seen_data *data, size_t from)
{
	if (from >= data->n)
		return NULL;
	const char *hole = data->byte[from].hole;
	for (size_t i = from; i < data->n; i++)
		if (hole == NULL || data->byte[i].hole != hole || data->byte[i].at != i - from)
			return NULL;
	return hole;
}

struct seen_file *seen_new_file(struct seen *s, uint16_t fid, uint32_t size)
{
	for (size_t i = 0; i < s->n_files; i++)
		if (s->file[i].fid == fid)
			return NULL;
	if (s->n_files == SEEN_FILES)
		return NULL;
	struct seen_file *f = &s->file[s->n_files++];
	f->fid = fid;
	f->size = size;
	f->byte = arena_alloc(s->arena, size * sizeof *f->byte);
	s->current = f;
	return f;
}

/* Bytes that a hole stands for: the field's length, the longest PIN, the PUK. */
static size_t hole_length(const struct contract *c, const char *name)
{
	for (uint16_t i = 0; i < c->n_values; i++) {
		const struct contract_value *v = &c->value[i];
		if (strcmp(v->name, name) != 0)
			continue;
		switch ((enum value_kind)v->kind) {
		case VALUE_FIELD:
			return c->field[v->target].length;
		case VALUE_PIN:
			return c->pin[v->target].max;
		case VALUE_PUK:
			return c->pin[v->target].puk_length;
		case VALUE_KEY:
		case VALUE_KEY_MAC:
			return 0; /* the plan refuses keys */
		}
	}
	return 0;
}

/* The names of one hole are one pointer, so that seen_hole may compare pointers. */
static const char *hole_name(const struct contract *c, const char *name)
{
	for (uint16_t i = 0; i < c->n_values; i++)
		if (strcmp(c->value[i].name, name) == 0)
			return c->value[i].name;
	return NULL;
}

static bool unfold(const struct contract *c, const struct script_step *t, struct seen_byte out[SCRIPT_DATA_MAX],
    struct seen_data *data)
{
	*data = (struct seen_data){out, 0};
	for (size_t i = 0; i < t->n_parts; i++) {
		const struct script_part *p = &t->part[i];
		const char *hole = p->hole == NULL ? NULL : hole_name(c, p->hole);
		size_t n = p->hole == NULL || p->n != 0 ? p->n : hole_length(c, p->hole);
		if ((p->hole != NULL && hole == NULL) || n > SCRIPT_DATA_MAX - data->n)
			return false;
		for (size_t k = 0; k < n; k++)
			out[data->n++] = (struct seen_byte){.written = true,
			    .value = hole == NULL ? p->bytes[k] : 0,
			    .hole = hole,
			    .at = (uint32_t)(p->offset + k)};
	}
	return true;
}

/* ---- commands that are the same everywhere ---- */

static bool select_ef(struct seen *s, const struct seen_data *data)
{
	uint8_t fid[2];
	if (data->n != 2 || !seen_fixed(data, fid, 2))
		return false;
	for (size_t i = 0; i < s->n_files; i++)
		if (s->file[i].fid == (fid[0] << 8 | fid[1])) {
			s->current = &s->file[i];
			return true;
		}
	return false;
}

static bool select_df(struct seen *s, const struct seen_data *data)
{
	uint8_t name[16];
	s->current = NULL;
	return s->df_made && data->n == s->name_len && seen_fixed(data, name, data->n) &&
	    memcmp(name, s->name, data->n) == 0;
}

static bool update(struct seen *s, const struct script_step *t, const struct seen_data *data)
{
	size_t offset = (size_t)t->header[2] << 8 | t->header[3];
	if (s->current == NULL || offset > s->current->size || data->n > s->current->size - offset)
		return false;
	memcpy(s->current->byte + offset, data->byte, data->n * sizeof *data->byte);
	return true;
}

static bool is(const struct script_step *t, unsigned cla, unsigned ins, unsigned p1, unsigned p2)
{
	return t->header[0] == cla && t->header[1] == ins && t->header[2] == p1 && t->header[3] == p2;
}

static bool replay_step(
    struct seen *s, const struct contract *c, const struct native_decoder *n, const struct script_step *t)
{
	struct seen_byte bytes[SCRIPT_DATA_MAX];
	struct seen_data data;
	if (s->active || t->sw != SW_OK || !unfold(c, t, bytes, &data))
		return false;
	if (is(t, 0x00, INS_SELECT, 0x02, 0x0c))
		return select_ef(s, &data);
	if (is(t, 0x00, INS_SELECT, 0x04, 0x0c))
		return select_df(s, &data);
	if (t->header[0] == 0x00 && t->header[1] == INS_UPDATE_BINARY && t->header[2] < 0x80)
		return update(s, t, &data);
	return n->step(s, t, &data);
}

/* ---- comparing ---- */

static bool holds(const struct seen_condition *c, uint32_t refs)
{
	switch (c->kind) {
	case SEEN_NEVER:
		return false;
	case SEEN_ALWAYS:
		return true;
	case SEEN_ALL_OF:
		return c->refs != 0 && (refs & c->refs) == c->refs;
	case SEEN_ANY_OF:
		return (refs & c->refs) != 0;
	}
	return true; /* unknown: as bad as it gets */
}

/* The references of the PINs that are verified. */
static uint32_t refs_of(const struct contract *c, uint32_t verified)
{
	uint32_t refs = 0;
	for (uint16_t i = 0; i < c->n_pins; i++)
		if ((verified >> i & 1) != 0)
			refs |= UINT32_C(1) << c->pin[i].ref;
	return refs;
}

static bool same_rule(const struct contract *c, uint16_t rule, const struct seen_condition *seen)
{
	for (uint32_t verified = 0; verified < UINT32_C(1) << c->n_pins; verified++)
		if (contract_rule_holds(c, rule, verified) != holds(seen, refs_of(c, verified)))
			return false;
	return true;
}

static const struct seen_file *seen_by_fid(const struct seen *s, uint16_t fid)
{
	for (size_t i = 0; i < s->n_files; i++)
		if (s->file[i].fid == fid && !s->file[i].internal)
			return &s->file[i];
	return NULL;
}

/* What this byte of the file should be: its common content, or a byte of a per-card value. */
static bool same_byte(const struct contract *c, uint16_t file, uint32_t at, const struct seen_byte *b)
{
	const char *hole = NULL;
	uint32_t from = 0;
	for (uint16_t i = 0; i < c->n_fields; i++) {
		const struct contract_field *f = &c->field[i];
		if (f->file == file && f->value != CONTRACT_NONE && at >= f->offset && at - f->offset < f->length) {
			hole = c->value[f->value].name;
			from = at - f->offset;
		}
	}
	if (!b->written || b->hole != hole)
		return false;
	return hole != NULL ? b->at == from : b->value == c->pool[c->file[file].content + at];
}

static const char *compare_file(const struct plan *p, uint16_t i, const struct seen_file *s)
{
	const struct contract *c = p->contract;
	const struct contract_file *f = &c->file[i];
	if (s == NULL)
		return "missing";
	if (s->size != f->size)
		return "size";
	if (s->sfi != f->sfi)
		return "SFI";
	if (s->anything_else)
		return "an operation that the description does not know";
	for (int op = 0; op < FILE_OPS; op++)
		if (!same_rule(c, f->rule[op], &s->op[op]))
			return contract_file_op_name((enum file_op)op);
	for (uint32_t at = 0; at < f->size; at++)
		if (!same_byte(c, i, at, &s->byte[at]))
			return "content";
	return NULL;
}

static const char *compare_pin(const struct contract *c, const struct contract_pin *n, const struct seen_pin *s)
{
	if (s->min != n->min || s->max != n->max || s->tries != n->tries)
		return "length or tries";
	if (!s->verify || s->change != (n->change == FORM_00) || s->anything_else)
		return "what may be done with it";
	if (s->value != c->value[n->value].name)
		return "value";
	if (s->puk != (n->reset == FORM_00))
		return "reset";
	if (s->puk &&
	    (s->puk_length != n->puk_length || s->puk_tries != n->puk_tries ||
		s->puk_value != c->value[n->puk_value].name))
		return "PUK";
	return NULL;
}

static const struct seen_pin *seen_by_ref(const struct seen *s, uint8_t ref)
{
	for (size_t i = 0; i < s->n_pins; i++)
		if (s->pin[i].ref == ref)
			return &s->pin[i];
	return NULL;
}

static bool differs(const struct plan *p, const char *what, const char *how, struct srcloc at, struct diag_list *d)
{
	return diag_add(d, at, DIAG_EMIT_CHECK, p->chip->name, what, how, NULL);
}

static size_t own_files(const struct seen *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->n_files; i++)
		n += s->file[i].internal;
	return n;
}

static bool compare(const struct plan *p, const struct seen *s, struct diag_list *d)
{
	const struct contract *c = p->contract;
	const struct description_where *w = p->description->where;
	if (s->df != p->df || s->name_len != c->aid_len || memcmp(s->name, c->aid, c->aid_len) != 0 ||
	    s->df_size != p->df_size || s->anybody_may || !s->loader_may)
		return differs(p, c->id, "DF", w->ap, d);
	if (!s->active)
		return differs(p, c->id, "activation", w->ap, d);
	if (s->n_files - own_files(s) != c->n_files || s->n_pins != c->n_pins)
		return differs(p, c->id, "number of files or PINs", w->ap, d);
	for (uint16_t i = 0; i < c->n_files; i++) {
		const char *how = compare_file(p, i, seen_by_fid(s, c->file[i].fid));
		if (how != NULL)
			return differs(p, c->file[i].id, how, w->file[i].element, d);
	}
	for (uint16_t i = 0; i < c->n_pins; i++) {
		const struct seen_pin *pin = seen_by_ref(s, c->pin[i].ref);
		const char *how = pin == NULL ? "missing" : compare_pin(c, &c->pin[i], pin);
		if (how != NULL)
			return differs(p, c->pin[i].id, how, w->pin[i].element, d);
	}
	return true;
}

/* ---- all of it ---- */

static const struct native_decoder *decoder_of(const char *dialect)
{
	for (size_t i = 0; i < sizeof decoders / sizeof *decoders; i++)
		if (strcmp(decoders[i]->name, dialect) == 0)
			return decoders[i];
	return NULL;
}

static bool replay(struct seen *s, const struct plan *p, const struct script *script, struct diag_list *d)
{
	const struct native_decoder *n = decoder_of(script->dialect);
	struct srcloc at = p->description->where->ap;
	if (n == NULL || strcmp(script->dialect, p->dialect->name) != 0 || script->df != p->df)
		return differs(p, p->contract->id, script->dialect, at, d);
	for (size_t i = 0; i < script->n_steps; i++)
		if (!replay_step(s, p->contract, n, &script->step[i]))
			return differs(p, p->contract->id, arena_printf(s->arena, "step %zu", i + 1), at, d);
	return n->finish(s) || differs(p, p->contract->id, "access rules", at, d);
}

bool native_check(const struct plan *p, const uint8_t *text, size_t n, struct diag_list *d)
{
	struct arena a = {0};
	struct script script = {0};
	struct seen *s = ARENA_NEW(&a, struct seen);
	s->arena = &a;
	bool ok = script_read(&script, text, n, "script", d) && replay(s, p, &script, d) && compare(p, s, d);
	script_reset(&script);
	arena_free(&a);
	return ok;
}
