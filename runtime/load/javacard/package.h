/* Packages (load files) in the registry, and removing them with what was made from them. */
#ifndef IGATA_LOAD_JAVACARD_PACKAGE_H
#define IGATA_LOAD_JAVACARD_PACKAGE_H

#include "runtime/load/javacard/javacard.h"

/* The load file with this AID, NULL when there is none. */
const struct gp_entry *package_find(const struct gp_registry *r, const struct aid *package);

/* Was this application made from the package? By the card's word (tag C4); cards that do not tell are believed when
 * the application has the AID of one of the package's modules, or one that begins like the package's. */
bool package_made(const struct gp_registry *r, const struct aid *package, const struct gp_entry *application);

/* Can anybody select it? */
bool package_usable(const struct gp_entry *application);

struct package_use {
	size_t n;      /* applications made from it */
	size_t usable; /* of them selectable, locked or in a life cycle of their own */
};
void package_use(const struct gp_registry *r, const struct aid *package, struct package_use *u);

/* Remove the load file and all that was made from it, and make sure that it is gone. In a dry run the commands are
 * written down. false with a diagnostic. */
bool package_remove(struct loader *w, const struct aid *package, const struct gp_authority *by);

/* How many applications, packages and domains belong to the security domain. */
size_t domain_use(const struct gp_registry *r, const struct aid *domain);

/* Remove a security domain with all that is in it: by one command, or, where the card refuses that, one by one. false
 * with a diagnostic. */
bool domain_remove(struct loader *w, const struct aid *domain, const struct gp_authority *by);

/* DELETE, with related objects or without. */
bool package_delete(struct loader *w, const struct aid *what, bool related, const struct gp_authority *by);

#endif
