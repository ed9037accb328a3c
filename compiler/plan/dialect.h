/* What planning has to know of a native dialect. How commands are coded is the emitter's (compiler/emit/native). */
#ifndef IGATA_PLAN_DIALECT_H
#define IGATA_PLAN_DIALECT_H

#include "compiler/plan/plan.h"

struct plan_dialect {
	const char *name;      /* <chip-profile dialect="..."> */
	const char *family;    /* <chip-profile family="..."> */
	const char *coding;    /* the value of ac.coding that it writes */
	const char *loading;   /* the value of loading.authentication that its loader has */
	uint16_t command_data; /* bytes of the longest command that it cannot split */
	/* Security environments, states, key references, the compiler's own files. Refusals go to d. */
	void (*layout)(struct plan *p, struct diag_list *d);
};

extern const struct plan_dialect plan_iso_compact, plan_starcos;

/* The dialect with this name, NULL when there is none; all names, separated by ", ". */
const struct plan_dialect *plan_dialect_named(const char *name);
const char *plan_dialect_names(struct arena *a);

#endif
