/* What the files of javacardx.framework.math share. */
#ifndef IGATA_SIM_JAVACARD_API_MATH_H
#define IGATA_SIM_JAVACARD_API_MATH_H

#include "runtime/sim/javacard/machine/native.h"
#include "runtime/sim/javacard/api/number.h"

extern const struct jc_class jc_class_BigNumber;

/* The number in a byte array: a[0] the array, a[1] offset, a[2] length. false: an exception is pending (those of the
 * access, ArithmeticException where the bytes are no such number, too large or none). */
bool jc_number_in(struct jc *jc, const uint16_t *a, bool bcd, struct number *x);

#endif
