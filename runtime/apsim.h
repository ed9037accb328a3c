/* Reference cards for apsim: apsim.c has the tables and main. */
#ifndef IGATA_APSIM_H
#define IGATA_APSIM_H

#include "runtime/base/arena.h"
#include "runtime/base/cli.h"
#include "runtime/contract/contract.h"
#include "runtime/image/values.h"

/* The seed of a new card: --seed, else another one each time. */
uint64_t apsim_seed(const struct cli *c);

/* The contract's per-card values as the holes of an image, which is what values are checked against. */
void apsim_holes(struct image *img, const struct contract *ap);

/* Take --perso, --row, --set; with --masters derive the keys that were not given; check them all. */
bool apsim_gather_values(struct cli *c, const struct contract *ap, const struct image *img, struct value_set *values);

/* new --ap: a reference card in this file, personalised when there are values. */
bool apsim_new_reference(struct cli *c, struct arena *a, const char *path);

/* prove FILE.xml: the AP's own suites, probe and full, on a reference card in memory. */
bool apsim_prove(struct cli *c);

#endif
