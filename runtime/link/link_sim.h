/* The simulated card in this process. */
#ifndef IGATA_LINK_SIM_H
#define IGATA_LINK_SIM_H

#include "runtime/link/link.h"
#include "runtime/sim/sim.h"

/* A card file; closed with the link. path must outlive the diagnostics. */
bool link_sim_open(struct link *l, const char *path, struct diag_list *d);

/* A card that the caller has and keeps; it is powered up. link_close leaves it open and without power. */
void link_sim_of(struct link *l, struct sim *s);

/* The card behind a link that was made by one of these, layers or not; NULL for other links. */
struct sim *link_sim_card(const struct link *l);

#endif
