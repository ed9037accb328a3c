/* What a chip profile says, as the simulated Java Card keeps it. */
#ifndef IGATA_SIM_JAVACARD_JAVACARD_H
#define IGATA_SIM_JAVACARD_JAVACARD_H

#include "runtime/chip/chip.h"
#include "runtime/sim/javacard/machine/machine.h"

/* Where a fact is unknown the most restrictive reading holds: see the profile's own words (apc chips NAME). */
struct jc_chip javacard_facts(const struct chip *chip);

/* Bit of jc_chip.algorithm that stands for word `word` (from 0) of the list `fact`: behind the rows of combination.h
 * the other FACT_SETs of facts.def from CHIP_ALG_CIPHER on, one behind the other. */
unsigned javacard_algorithm(enum chip_fact_name fact, unsigned word);

#endif
