/* Proving the loading key by a cryptogram; commands of the dialects that do. */
#ifndef IGATA_SIM_NATIVE_KEY_H
#define IGATA_SIM_NATIVE_KEY_H

#include "runtime/sim/native/card.h"

sw_t nat_get_challenge(struct card *c);
sw_t nat_external_authenticate_form(const struct card *c);
sw_t nat_external_authenticate(struct card *c);

#endif
