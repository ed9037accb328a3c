/* The golden table of the Java Card API, tests/golden/api: a line for each token of api.def up to Java Card 3.0.5 (and
 * of the GlobalPlatform packages): what a call does, works | throws CLASS REASON | absent, and the test that shows it.
 * The lines are made from what was executed, so that a token without a test, or one that does otherwise, differs. */
#ifndef IGATA_TESTS_API_TABLE_H
#define IGATA_TESTS_API_TABLE_H

#include "tests/unit/support/api_calls.h"

#include "runtime/base/buf.h"
#include "runtime/javacard/api.h"

enum { API_ROWS_MAX = 2400, API_3_0_5 = 5, API_TEXT = 160 };

struct api_row {
	const struct api_package *package;
	const struct api_class *class;
	const struct api_member *member; /* NULL: the class */
	bool returned;
	bool absent;            /* a package that names it is refused */
	char thrown[API_TEXT];  /* class and reason, of the first exception */
	char test[2][API_TEXT]; /* that showed that it returned; that it threw, or is absent */
};

struct api_table {
	unsigned n;
	struct api_row row[API_ROWS_MAX];
};

static inline bool api_row_wanted(const struct api_package *p, api_version since)
{
	return strncmp(p->name, "org/", 4) == 0 || since <= p->version[API_3_0_5];
}

static inline void api_table_fill(struct api_table *t)
{
	t->n = 0;
	for (const struct api_package *p = api_packages; p->name != NULL; p++)
		for (const struct api_class *c = p->class; c->name != NULL; c++) {
			if (!api_row_wanted(p, c->since))
				continue;
			t->row[t->n++] = (struct api_row){.package = p, .class = c};
			for (const struct api_member *m = c->member; m->name != NULL; m++)
				if (m->kind != API_CONSTANT && api_row_wanted(p, m->since))
					t->row[t->n++] = (struct api_row){.package = p, .class = c, .member = m};
		}
}

/* Position of a class, or of a member of it; -1. */
static inline int api_table_find(const struct api_table *t, const char *class, int of, unsigned token)
{
	for (unsigned i = 0; i < t->n; i++) {
		const struct api_row *r = &t->row[i];
		if (strcmp(r->class->name, class) != 0)
			continue;
		if (of == JC_TRACE_CLASS ? r->member == NULL
					 : r->member != NULL && (int)r->member->kind == of && r->member->token == token)
			return (int)i;
	}
	return -1;
}

/* A test showed it: thrown "" returned. */
static inline void api_table_note(
    struct api_table *t, const char *class, int of, unsigned token, const char *thrown, const char *test)
{
	int at = api_table_find(t, class, of, token);
	if (at < 0)
		return; /* above 3.0.5 */
	struct api_row *r = &t->row[at];
	if (thrown[0] == 0 && !r->returned) {
		r->returned = true;
		snprintf(r->test[0], sizeof r->test[0], "%s", test);
	} else if (thrown[0] != 0 && r->thrown[0] == 0) {
		snprintf(r->thrown, sizeof r->thrown, "%s", thrown);
		snprintf(r->test[1], sizeof r->test[1], "%s", test);
	}
	/* Whoever uses a member uses its class. */
	if (of != JC_TRACE_CLASS)
		api_table_note(t, class, JC_TRACE_CLASS, 0, "", test);
}

static inline const char *api_last(const char *name)
{
	const char *slash = strrchr(name, '/');
	return slash == NULL ? name : slash + 1;
}

/* "PINException 1"; 6-digit status words as hexadecimal. */
static inline void api_thrown(char out[API_TEXT], const char *class, unsigned reason)
{
	bool has_reason = strncmp(class, "java/", 5) != 0;
	if (!has_reason)
		snprintf(out, API_TEXT, "%s", api_last(class));
	else
		snprintf(out, API_TEXT, strstr(class, "ISOException") != NULL ? "%s %04X" : "%s %u", api_last(class),
		    reason);
}

static inline void api_row_text(const struct api_row *r, struct buf *out)
{
	static const char *const kinds[] = {"static", "virtual", "interface"};
	char name[300], verdict[API_TEXT + 8], line[700];
	if (r->member == NULL)
		snprintf(name, sizeof name, "%s %u", r->class->name, r->class->token);
	else
		snprintf(name, sizeof name, "  %s %u %s%s", kinds[r->member->kind], r->member->token, r->member->name,
		    r->member->descriptor);
	if (r->returned)
		snprintf(verdict, sizeof verdict, r->absent ? "works, but was refused" : "works");
	else if (r->thrown[0] != 0)
		snprintf(verdict, sizeof verdict, "throws %s", r->thrown);
	else
		snprintf(verdict, sizeof verdict, r->absent ? "absent" : "NOT TESTED");
	int n = snprintf(line, sizeof line, "%-90s %-26s %s\n", name, verdict, r->returned ? r->test[0] : r->test[1]);
	buf_add(out, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

#endif
