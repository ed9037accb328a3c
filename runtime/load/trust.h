/* Whose images go onto which cards. */
#ifndef IGATA_LOAD_TRUST_H
#define IGATA_LOAD_TRUST_H

#include "runtime/image/image.h"

/* On a simulated card any image may be tried, with a note. On a real card it must be signed with a key that the user
 * trusts (--trust); the public test key counts only when the user accepts it by name. false with a diagnostic. */
bool trust_allows(const struct image *img, bool simulated, bool accept_test_signed, struct diag_list *d);

#endif
