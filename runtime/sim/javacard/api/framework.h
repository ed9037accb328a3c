/* Classes of javacard.framework that only the package's own table names. */
#ifndef IGATA_SIM_JAVACARD_API_FRAMEWORK_H
#define IGATA_SIM_JAVACARD_API_FRAMEWORK_H

#include "runtime/sim/javacard/machine/vm.h"

extern const struct jc_class jc_class_OwnerPINx, jc_class_OwnerPINxWithPredecrement, jc_class_OwnerPINBuilder,
    jc_class_PINx, jc_class_PINxWithPredecrement, jc_class_JCSystem, jc_class_Util, jc_class_SensitiveArrays;

#endif
