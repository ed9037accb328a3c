/* Two traces compared. cref prints the low half of an address, and where a package was put is not known: a package's
 * base is the one of all places where its first instruction occurs from where most of its steps agree. */
#include "tests/oracle/oracle.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/javacard/opcode.h"

enum { PACKAGES = 256 };

void trace_add(struct trace *t, struct step s)
{
	if (t->n == t->room) {
		t->room = t->room == 0 ? 4096 : 2 * t->room;
		t->step = realloc(t->step, t->room * sizeof *t->step);
		if (t->step == NULL)
			abort();
	}
	t->step[t->n++] = s;
}

void trace_free(struct trace *t)
{
	free(t->step);
	*t = (struct trace){0};
}

struct range {
	uint16_t base;
	const struct buf *code;
	bool there;
};

/* Is it one of the package's instructions? Not where cref's low half happens to be the same and the instruction is
 * another. */
static bool inside(const struct range *r, const struct step *s)
{
	uint16_t at = (uint16_t)(s->pc - r->base);
	return r->there && at < r->code->n && r->code->p[at] == s->opcode;
}

/* How many of the package's steps agree when it lies at r->base, cref's from `from` on. */
static size_t agree(
    const struct trace *ours, const struct trace *cref, uint8_t package, const struct range *r, size_t from)
{
	size_t good = 0, k = from;
	for (size_t i = 0; i < ours->n; i++) {
		const struct step *s = &ours->step[i];
		if (s->package != package)
			continue;
		while (k < cref->n && !inside(r, &cref->step[k]))
			k++;
		if (k == cref->n || (uint16_t)(cref->step[k].pc - r->base) != s->pc ||
		    cref->step[k].opcode != s->opcode)
			return good;
		good++;
		k++;
	}
	return good;
}

static void locate(const struct trace *ours, const struct trace *cref, uint8_t package, struct range *r)
{
	const struct step *first = ours->step, *end = ours->step + ours->n;
	size_t best = 0;
	uint16_t base = 0;
	while (first != end && first->package != package)
		first++;
	if (first == end)
		return;
	r->there = true;
	for (size_t k = 0; k < cref->n; k++) {
		if (cref->step[k].opcode != first->opcode)
			continue;
		r->base = (uint16_t)(cref->step[k].pc - first->pc);
		size_t good = agree(ours, cref, package, r, k);
		if (good > best) {
			best = good;
			base = r->base;
		}
	}
	r->base = base;
	r->there = best > 0;
}

static int package_of(const struct range *range, const struct step *s)
{
	for (int p = 0; p < PACKAGES; p++)
		if (inside(&range[p], s))
			return p;
	return -1;
}

static const char *name(uint8_t opcode)
{
	return op_info[opcode].name == NULL ? "?" : op_info[opcode].name;
}

bool trace_equal(const struct trace *ours, const struct trace *cref, char *text, size_t size)
{
	static struct range range[PACKAGES];
	size_t i = 0, k = 0;
	for (int p = 0; p < PACKAGES; p++) {
		range[p] = (struct range){.code = &ours->code[p]};
		if (range[p].code->n != 0)
			locate(ours, cref, (uint8_t)p, &range[p]);
	}
	for (i = 0; i < ours->n; i++, k++) {
		const struct step *s = &ours->step[i];
		int p = -1;
		while (k < cref->n && (p = package_of(range, &cref->step[k])) < 0)
			k++;
		if (k == cref->n) {
			snprintf(text, size, "step %zu: ours goes on at %u %s, cref ends", i, s->pc, name(s->opcode));
			return false;
		}
		uint16_t pc = (uint16_t)(cref->step[k].pc - range[p].base);
		if (p != s->package || pc != s->pc || cref->step[k].opcode != s->opcode) {
			snprintf(text, size, "step %zu: ours %u:%u %s, cref %d:%u %s", i, s->package, s->pc,
			    name(s->opcode), p, pc, name(cref->step[k].opcode));
			return false;
		}
	}
	for (; k < cref->n; k++) {
		int p = package_of(range, &cref->step[k]);
		if (p < 0)
			continue;
		snprintf(text, size, "after step %zu: ours ends, cref goes on at %d:%u %s", i, p,
		    (uint16_t)(cref->step[k].pc - range[p].base), name(cref->step[k].opcode));
		return false;
	}
	snprintf(text, size, "%zu instructions", ours->n);
	return true;
}
