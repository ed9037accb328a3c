/* The dialect "globalplatform" for those operations that all cards have. */
#ifndef IGATA_LOAD_JAVACARD_DIALECT_H
#define IGATA_LOAD_JAVACARD_DIALECT_H

#include "runtime/load/dialect.h"

extern const struct load_dialect load_globalplatform;

#endif
