/* The table of package javacard.framework, versions 1.0 to 1.6 (Java Card 2.1.1 to 3.0.5). */
#include "runtime/sim/javacard/api/framework.h"

static const struct jc_class iso7816 = {
    JC_NAME("javacard/framework/ISO7816"), JC_AT(javacard_framework, 0), .flags = JC_INTERFACE | JC_ABSTRACT};

static const struct jc_class *const classes[] = {
    [0] = &iso7816,
    [1] = &jc_class_PIN,
    [2] = &jc_class_Shareable,
    [3] = &jc_class_Applet,
    [4] = &jc_class_CardException,
    [5] = &jc_class_CardRuntimeException,
    [6] = &jc_class_AID,
    [7] = &jc_class_ISOException,
    [8] = &jc_class_JCSystem,
    [9] = &jc_class_OwnerPIN,
    [10] = &jc_class_APDU,
    [11] = &jc_class_PINException,
    [12] = &jc_class_APDUException,
    [13] = &jc_class_SystemException,
    [14] = &jc_class_TransactionException,
    [15] = &jc_class_UserException,
    [16] = &jc_class_Util,
    [17] = &jc_class_MultiSelectable,
    [18] = &jc_class_AppletEvent,
    [19] = &jc_class_OwnerPINx,
    [20] = &jc_class_OwnerPINxWithPredecrement,
    [21] = &jc_class_OwnerPINBuilder,
    [22] = &jc_class_SensitiveArrays,
    [24] = &jc_class_PINx,
    [25] = &jc_class_PINxWithPredecrement,
};

const struct jc_package jc_rom_javacard_framework = {
    .classes = classes, .n = sizeof classes / sizeof classes[0], .minor = 6};
