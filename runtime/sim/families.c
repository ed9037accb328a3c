/* The families of simulated cards. A test that wants one of its own brings its own table. */
#include "runtime/sim/sim.h"

const struct sim_family *const sim_families[] = {
    &sim_native,
    &sim_reference,
    &sim_javacard,
    NULL,
};
