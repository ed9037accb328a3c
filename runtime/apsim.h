/* Reference cards for apsim: apsim.c has the tables and main. */
#ifndef IGATA_APSIM_H
#define IGATA_APSIM_H

#include "runtime/base/arena.h"
#include "runtime/base/cli.h"

/* The seed of a new card: --seed, else another one each time. */
uint64_t apsim_seed(const struct cli *c);

/* new --ap: a reference card in this file, personalised when there are values. */
bool apsim_new_reference(struct cli *c, struct arena *a, const char *path);

/* prove FILE.xml: the AP's own suites, probe and full, on a reference card in memory. */
bool apsim_prove(struct cli *c);

#endif
