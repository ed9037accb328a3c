#include "runtime/base/sw.h"

#include <stddef.h>
#include <string.h>

struct row {
	sw_t sw;
	enum sw_class class;
	const char *en, *ja;
};

static const struct row table[] = {
#define SW(value, name, class_, en, ja) {value, SW_CLASS_##class_, en, ja},
#include "runtime/base/sw.def"
#undef SW
};

static const char *const class_names[] = {
    [SW_CLASS_GIVEN] = "given",
    [SW_CLASS_SHORT_READ] = "short-read",
    [SW_CLASS_DEACTIVATED] = "deactivated",
    [SW_CLASS_WARNING] = "warning",
    [SW_CLASS_MISMATCH] = "mismatch",
    [SW_CLASS_NOT_SUPPORTED] = "not-supported",
    [SW_CLASS_REFUSED_ACCESS] = "refused-access",
    [SW_CLASS_NOT_FOUND] = "not-found",
    [SW_CLASS_WRONG_STRUCTURE] = "wrong-structure",
    [SW_CLASS_WRONG_PARAMETERS] = "wrong-parameters",
    [SW_CLASS_WRONG_LENGTH] = "wrong-length",
    [SW_CLASS_WRONG_DATA] = "wrong-data",
    [SW_CLASS_BLOCKED] = "blocked",
    [SW_CLASS_SECURE_MESSAGING] = "secure-messaging",
    [SW_CLASS_CARD_FAULT] = "card-fault",
};

enum { N_CLASSES = sizeof class_names / sizeof *class_names };

static const struct row *row_of(sw_t sw)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].sw == sw)
			return &table[i];
	return NULL;
}

enum sw_class sw_class(sw_t sw)
{
	const struct row *r = row_of(sw);
	if (r != NULL)
		return r->class;
	if ((sw & 0xfff0) == 0x63c0)
		return SW_CLASS_MISMATCH;
	if (sw >> 8 == 0x6c)
		return SW_CLASS_WRONG_LENGTH;
	return SW_CLASS_CARD_FAULT;
}

const char *sw_class_name(enum sw_class c)
{
	return class_names[c];
}

int sw_class_named(const char *name)
{
	for (int i = 0; i < N_CLASSES; i++)
		if (strcmp(class_names[i], name) == 0)
			return i;
	return -1;
}

const char *sw_text(sw_t sw, const char *lang)
{
	_Bool ja = strcmp(lang, "ja") == 0;
	const struct row *r = row_of(sw);
	if (r != NULL)
		return ja ? r->ja : r->en;
	if ((sw & 0xfff0) == 0x63c0)
		return ja ? "照合不一致(下位 4 ビットは残り回数)"
			  : "comparison failed (the low digit is the number of tries left)";
	if (sw >> 8 == 0x6c)
		return ja ? "Le が誤っている(下位バイトが正しい長さ)" : "wrong Le (the low byte is the right length)";
	return ja ? "この規格にない状態バイト" : "status word not in the standard";
}
