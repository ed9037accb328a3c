/* Which tokens of the Java Card API the applets of a test used, and what came of it: what golden_api compares its table
 * with. Test programs of others tell it when IGATA_API_CALLS names a file: api_calls_watch after every power-up. */
#ifndef IGATA_TESTS_API_CALLS_H
#define IGATA_TESTS_API_CALLS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sim/javacard/machine/machine.h"

enum { API_CALLS_MAX = 4000 };

struct api_calls {
	unsigned n;
	struct jc_trace_call call[API_CALLS_MAX];
};

static inline void api_calls_note(void *context, const struct jc_trace_call *c)
{
	struct api_calls *s = context;
	struct jc_trace_call new = *c;
	while (new.thrown != NULL &&new.thrown->code != NULL) /* classes of the ROM stay */
		new.thrown = new.thrown->super;
	for (unsigned i = 0; i < s->n; i++) {
		const struct jc_trace_call *o = &s->call[i];
		if (o->class == new.class && o->of == new.of && o->token == new.token && o->thrown == new.thrown &&
		    o->reason == new.reason)
			return;
	}
	if (s->n < API_CALLS_MAX)
		s->call[s->n++] = new;
}

static struct api_calls api_calls_told;

static inline void api_calls_write(void)
{
	FILE *f = fopen(getenv("IGATA_API_CALLS"), "a");
	for (unsigned i = 0; f != NULL && i < api_calls_told.n; i++) {
		const struct jc_trace_call *c = &api_calls_told.call[i];
		fprintf(f, "%s %d %d %s %d\n", c->class->name, (int)c->of, c->token,
		    c->thrown == NULL ? "-" : c->thrown->name, c->reason);
	}
	if (f != NULL)
		fclose(f);
}

/* Tell the file about this card's calls when the program ends. */
static inline void api_calls_watch(struct jc *jc)
{
	static bool begun;
	if (getenv("IGATA_API_CALLS") == NULL)
		return;
	jc_trace_calls(jc, api_calls_note, &api_calls_told);
	if (!begun)
		atexit(api_calls_write);
	begun = true;
}

#endif
