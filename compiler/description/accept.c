/* <accept>: warnings that the author knows and wants. Errors cannot be accepted. */
#include "compiler/description/build.h"

#include <string.h>

#include "compiler/description/description.h"

enum { LAST_OF_INPUT = 499 /* diag.def: later codes are met after this stage, if at all */ };

/* Codes of description_policy, which is not asked by everybody. */
static bool of_policy(enum diag_code code)
{
	return code >= DIAG_NO_PIN && code <= DIAG_KEY_LOCKS;
}

/* The files that an accept in this one is about. */
static const struct description_file *within(const struct build *b, const struct node *n)
{
	const struct description_file *f = b->source;
	while (f->name != n->xml->at.file)
		f = f->base;
	return f == b->source ? NULL : f;
}

void accepts_build(struct build *b)
{
	struct description_accept **next = &b->accepts;
	for (const struct node *n = b->root->child; n != NULL; n = n->next) {
		if (n->element != ELEMENT_ACCEPT || !node_has(n, ATTR_ACCEPT_CODE))
			continue;
		enum diag_code code = (enum diag_code)node_number(n, ATTR_ACCEPT_CODE);
		const char *text = node_text(n, ATTR_ACCEPT_CODE);
		const struct description_accept *same = b->accepts;
		while (same != NULL && same->code != code)
			same = same->next;
		if (same != NULL) {
			diag_add(b->d, AT(n, ACCEPT_CODE), DIAG_ACCEPT_REPEATED, text, diag_num(same->at.line), NULL);
			continue;
		}
		if (diag_severity_of(code) >= DIAG_ERROR) {
			diag_add(b->d, AT(n, ACCEPT_CODE), DIAG_ACCEPT_ERROR, text, NULL);
			continue;
		}
		struct description_accept *x = ARENA_NEW(b->a, struct description_accept);
		x->code = code;
		x->reason = node_text(n, ATTR_ACCEPT_REASON);
		x->at = AT(n, ACCEPT_CODE);
		x->within = within(b, n);
		*next = x;
		next = &x->next;
	}
}

static bool lies_in(const struct diag *g, const struct description_file *f)
{
	if (f == NULL)
		return true;
	for (; f != NULL; f = f->base)
		if (g->at.file != NULL && strcmp(g->at.file, f->name) == 0)
			return true;
	return false;
}

/* Rows that this one accepts, from `from` on, become notes; how many there were. */
static size_t soften(struct diag_list *d, size_t from, const struct description_accept *x)
{
	size_t n = 0;
	for (size_t i = from; i < d->n; i++) {
		if (d->row[i].code != x->code || d->row[i].severity != DIAG_WARNING || !lies_in(&d->row[i], x->within))
			continue;
		d->row[i].severity = DIAG_NOTE;
		n++;
	}
	return n;
}

static void apply(const struct description_accept *x, struct diag_list *d, size_t from, bool must)
{
	char code[8];
	for (; x != NULL; x = x->next) {
		size_t n = soften(d, from, x);
		if (n != 0 && *x->reason != 0)
			diag_add(d, x->at, DIAG_ACCEPTED, diag_code_text(x->code, code), diag_num(n), x->reason, NULL);
		else if (n == 0 && must && x->within == NULL && (unsigned)x->code <= LAST_OF_INPUT &&
		    !of_policy(x->code))
			diag_add(d, x->at, DIAG_ACCEPT_NOTHING, diag_code_text(x->code, code), NULL);
	}
}

/* After all checks. Where there are errors some checks have not looked, so nothing is said of what an accept missed. */
void accepts_check(struct build *b)
{
	bool errors = false;
	for (size_t i = b->first; i < b->d->n; i++)
		errors = errors || b->d->row[i].severity >= DIAG_ERROR;
	apply(b->accepts, b->d, b->first, !errors);
}

void description_accept(const struct description *ap, struct diag_list *d, size_t from)
{
	apply(ap->accepts, d, from, false);
}
