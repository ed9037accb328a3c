#include "runtime/load/script_run.h"

#include <assert.h>
#include <stdio.h>

enum { WHAT = SCRIPT_NOTE_MAX + 64 };

/* The data field of a step, holes filled. false: out of memory. */
static bool fill(const struct script_run *r, const struct script_step *t, struct buf *out)
{
	struct buf value = {0};
	for (size_t i = 0; i < t->n_parts && !out->bad; i++) {
		const struct script_part *p = &t->part[i];
		if (p->hole == NULL) {
			buf_add(out, p->bytes, p->n);
			continue;
		}
		buf_clear(&value);
		bool filled = values_stored(r->values, values_hole(r->image, p->hole), &value);
		assert(filled || value.bad);
		assert(!filled || p->offset + p->n <= value.n);
		if (filled)
			buf_add(out, value.p + p->offset, p->n == 0 ? value.n - p->offset : p->n);
		else
			out->bad = true;
	}
	buf_reset(&value);
	assert(out->n <= SCRIPT_DATA_MAX);
	return !out->bad;
}

/* "12: create EF zones" */
static const char *describe(const struct script_step *t, size_t i, char out[WHAT])
{
	snprintf(out, WHAT, "%zu: %s", i + 1, t->note == NULL ? script_phase_name(t->phase) : t->note);
	return out;
}

static bool refused(struct script_run *r, struct session *s, const struct script_step *t)
{
	char what[WHAT];
	bool exists = s->sw == SW_FILE_EXISTS || s->sw == SW_DF_NAME_EXISTS;
	enum diag_code code = DIAG_STEP_REFUSED;
	if (t->phase == SCRIPT_CREATE && s->sw == SW_NO_MEMORY)
		code = DIAG_STEP_NO_ROOM;
	else if (t->phase == SCRIPT_CREATE && exists)
		code = DIAG_STEP_EXISTS;
	return session_refused(s, code, describe(t, r->done, what));
}

static bool send_step(struct script_run *r, struct session *s, const struct script_step *t)
{
	struct buf data = {0};
	bool ok = fill(r, t, &data);
	if (!ok) {
		diag_add(s->diags, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
		goto out;
	}
	uint32_t header =
	    (uint32_t)t->header[0] << 24 | (uint32_t)t->header[1] << 16 | (uint32_t)t->header[2] << 8 | t->header[3];
	ok = session_command(s, SESSION_CHANGES, header, data.p, data.n, 0);
	if (!ok || s->sw == t->sw)
		goto out;
	bool exists = s->sw == SW_FILE_EXISTS || s->sw == SW_DF_NAME_EXISTS;
	ok = r->resume && t->phase == SCRIPT_CREATE && exists ? r->dialect->exists(s, r->script, t, data.p, data.n)
							      : refused(r, s, t);
out:
	buf_reset(&data);
	return ok;
}

bool script_run(struct script_run *r, struct session *s)
{
	for (r->done = 0; r->done < r->script->n_steps; r->done++) {
		const struct script_step *t = &r->script->step[r->done];
		progress_step(
		    s->progress, t->note == NULL ? script_phase_name(t->phase) : t->note, r->done, r->script->n_steps);
		if (!send_step(r, s, t))
			return false;
	}
	return true;
}
