#include "runtime/image/script.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/hex.h"

struct script_store {
	struct arena arena;
};

static const char *const phase_names[SCRIPT_PHASES] = {"create", "personalise", "protect", "activate"};

const char *script_phase_name(enum script_phase p)
{
	return phase_names[p];
}

void script_reset(struct script *s)
{
	if (s->store != NULL)
		arena_free(&s->store->arena);
	free(s->store);
	*s = (struct script){0};
}

static struct arena *store(struct script *s)
{
	if (s->store == NULL && (s->store = calloc(1, sizeof *s->store)) == NULL)
		abort(); /* as the arena does: there is nothing to go on with */
	return &s->store->arena;
}

/* Room for one more element; the old array stays in the arena until the script is freed. */
static void *grown(struct script *s, void *array, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return array;
	*cap = *cap == 0 ? 4 : *cap * 2;
	void *bigger = arena_alloc(store(s), *cap * size);
	if (n != 0)
		memcpy(bigger, array, n * size);
	return bigger;
}

struct script_step *script_step(struct script *s, enum script_phase phase, const uint8_t header[4], uint16_t sw)
{
	assert(s->n_steps == 0 || s->step[s->n_steps - 1].phase <= phase);
	s->step = grown(s, s->step, s->n_steps, &s->cap_steps, sizeof *s->step);
	struct script_step *t = &s->step[s->n_steps++];
	*t = (struct script_step){.phase = phase, .sw = sw};
	memcpy(t->header, header, sizeof t->header);
	return t;
}

static struct script_part *new_part(struct script *s, struct script_step *t)
{
	t->part = grown(s, t->part, t->n_parts, &t->cap_parts, sizeof *t->part);
	struct script_part *p = &t->part[t->n_parts++];
	*p = (struct script_part){0};
	return p;
}

void script_bytes(struct script *s, struct script_step *t, const void *p, size_t n)
{
	if (n == 0)
		return;
	uint8_t *copy = arena_alloc(store(s), n);
	memcpy(copy, p, n);
	struct script_part *part = new_part(s, t);
	part->bytes = copy;
	part->n = n;
}

void script_hole(struct script *s, struct script_step *t, const char *name, size_t offset, size_t n)
{
	assert(strlen(name) <= SCRIPT_NAME_MAX && (n != 0 || offset == 0));
	const char *copy = arena_strdup(store(s), name);
	*new_part(s, t) = (struct script_part){.hole = copy, .offset = offset, .n = n};
}

void script_note(struct script *s, struct script_step *t, const char *note)
{
	assert(strlen(note) <= SCRIPT_NOTE_MAX);
	t->note = arena_strdup(store(s), note);
}

size_t script_fixed(const struct script_step *t)
{
	size_t n = 0;
	for (size_t i = 0; i < t->n_parts; i++)
		n += t->part[i].n;
	return n;
}

static void write_hex(struct buf *out, const uint8_t *p, size_t n)
{
	char digits[2 * SCRIPT_DATA_MAX + 1];
	assert(n <= SCRIPT_DATA_MAX);
	buf_str(out, hex_encode(digits, p, n));
}

static void write_step(struct buf *out, const struct script_step *t)
{
	assert(script_fixed(t) <= SCRIPT_DATA_MAX);
	buf_str(out, "do ");
	write_hex(out, t->header, sizeof t->header);
	for (size_t i = 0; i < t->n_parts; i++) {
		const struct script_part *p = &t->part[i];
		buf_u8(out, ' ');
		if (p->hole == NULL)
			write_hex(out, p->bytes, p->n);
		else if (p->n == 0)
			buf_printf(out, "{%s}", p->hole);
		else
			buf_printf(out, "{%s:%zu:%zu}", p->hole, p->offset, p->n);
	}
	buf_printf(out, " -> %04X", (unsigned)t->sw);
	if (t->note != NULL)
		buf_printf(out, " ; %s", t->note);
	buf_u8(out, '\n');
}

bool script_write(const struct script *s, struct buf *out)
{
	assert(s->n_steps <= SCRIPT_STEPS_MAX);
	buf_printf(out, "igata-script 1\ndialect %s\ndf %04X ", s->dialect, (unsigned)s->df);
	write_hex(out, s->aid, s->aid_len);
	buf_u8(out, '\n');
	for (size_t i = 0; i < s->n_steps; i++) {
		if (i == 0 || s->step[i].phase != s->step[i - 1].phase)
			buf_printf(out, "phase %s\n", phase_names[s->step[i].phase]);
		write_step(out, &s->step[i]);
	}
	return !out->bad;
}
