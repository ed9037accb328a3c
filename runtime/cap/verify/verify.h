/* An off-card verifier (Java Card Virtual Machine Specification 2.2.2 and 3.0.5, Off-Card Verifier): would this package
 * run on any card without reaching what it must not? Cards trust what they load; who loads a CAP file asks here first.
 *
 * Beyond what cap_read has found about the structure: the components agree with each other and with the packages that
 * are imported, and the code of every method is followed with the types of all words of its stack and local variables.
 */
#ifndef IGATA_CAP_VERIFY_VERIFY_H
#define IGATA_CAP_VERIFY_VERIFY_H

#include "runtime/cap/model.h"

enum { VERIFY_LIBRARIES = 64 };

/* library: CAP files of packages that it may import besides those of the platform, ended by NULL; NULL: none. All are
 * read with cap_read and have a Descriptor. false with diagnostics. */
bool cap_verify(const struct cap_model *m, const struct cap_model *const *library, struct diag_list *d);

#endif
