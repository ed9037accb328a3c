/* A family of chips: one back end. A new chip of a known family is a profile; a new family is a folder here. */
#ifndef IGATA_FAMILY_H
#define IGATA_FAMILY_H

#include "compiler/plan/plan.h"
#include "runtime/image/image.h"

struct family {
	const char *name; /* <chip-profile family="..."> */
	/* How this chip carries the AP; refusals and notices to d. NULL: it cannot. */
	struct plan *(*plan)(struct arena *a, const struct description *ap, const struct chip *chip, bool allow_assumed,
	    struct diag_list *d);
	/* The payload, the access map, the template's holes and the manifest. The image is zeroed before; suites,
	 * writing and signing are the caller's. false with a diagnostic. */
	bool (*emit)(const struct plan *p, struct image *img, struct diag_list *d);
};

extern const struct family family_native, family_javacard;

/* The family with this name, NULL when there is none. */
const struct family *family_find(const char *name);

#endif
