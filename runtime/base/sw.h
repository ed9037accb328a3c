/* Status words. A status word is not a number: compare with SW_ constants, take the class for contract equality. */
#ifndef IGATA_BASE_SW_H
#define IGATA_BASE_SW_H

#include <stdint.h>

typedef uint16_t sw_t;

enum sw_name {
#define SW(value, name, class_, en, ja) SW_##name = (value),
#include "runtime/base/sw.def"
#undef SW
};

/* Classes of the AP contract, section 2. Two refusals are equal when their classes are. */
enum sw_class {
	SW_CLASS_GIVEN,
	SW_CLASS_SHORT_READ,       /* 6282: given with fewer bytes */
	SW_CLASS_DEACTIVATED,      /* 6283 6285 */
	SW_CLASS_WARNING,          /* 6381 */
	SW_CLASS_MISMATCH,         /* 6300 63Cx: compared exactly, the count matters */
	SW_CLASS_NOT_SUPPORTED,    /* 6E00 6D00 6881 6884 */
	SW_CLASS_REFUSED_ACCESS,   /* 6982 6985 */
	SW_CLASS_NOT_FOUND,        /* 6A82 6A83 6A88 */
	SW_CLASS_WRONG_STRUCTURE,  /* 6981 6986 */
	SW_CLASS_WRONG_PARAMETERS, /* 6A86 6B00 */
	SW_CLASS_WRONG_LENGTH,     /* 6700 6Cxx */
	SW_CLASS_WRONG_DATA,       /* 6A80 6A84 */
	SW_CLASS_BLOCKED,          /* 6983 6984 */
	SW_CLASS_SECURE_MESSAGING, /* 6882 6987 6988 */
	SW_CLASS_CARD_FAULT,       /* 6F00, 6581, and every word not named here: equal to nothing */
};

/* 63Cx: x tries left (0 to 15). */
#define SW_TRIES_LEFT(x) ((sw_t)(0x63c0 | (x)))

enum sw_class sw_class(sw_t sw);

/* Name of a class as suites and reports write it: "refused-access". */
const char *sw_class_name(enum sw_class c);

/* The class with this name, or -1. */
int sw_class_named(const char *name);

/* Text of a status word; lang is "en" or "ja". Never NULL. 63Cx and 6Cxx have texts too. */
const char *sw_text(sw_t sw, const char *lang);

#endif
