/* The grammar table: grammar.def as C. */
#ifndef IGATA_DESCRIPTION_GRAMMAR_H
#define IGATA_DESCRIPTION_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum element {
#define ELEMENT(name, ...) ELEMENT_##name,
#define INSIDE(...)
#define ATTRIBUTE(...)
#include "compiler/description/grammar.def"
#undef ELEMENT
#undef INSIDE
#undef ATTRIBUTE
	ELEMENTS,
	ELEMENT_ROOT = ELEMENTS /* parent of the root element */
};

enum attribute {
#define ELEMENT(...)
#define INSIDE(...)
#define ATTRIBUTE(element, name, ...) ATTR_##element##_##name,
#include "compiler/description/grammar.def"
#undef ELEMENT
#undef INSIDE
#undef ATTRIBUTE
	ATTRIBUTES
};

enum attribute_type {
	TYPE_IDENTIFIER, /* a letter a-z, then a-z 0-9 - */
	TYPE_NUMBER,     /* decimal, least to most */
	TYPE_DIGITS,     /* least to most decimal digits; the number may exceed 32 bits */
	TYPE_HEX,        /* least to most bytes */
	TYPE_WORD,       /* one of words, separated by '|' */
	TYPE_RULE,       /* an expression of rule.c */
	TYPE_TEXT,       /* least to most bytes of UTF-8 */
	TYPE_SOURCE,     /* csv:NAME or caller:NAME, NAME of A-Z 0-9 -; numbering:ID or master:ID */
	TYPE_OPERAND,    /* input:ID, field:ID, counter:ID, hex:BYTES or number:N */
	TYPE_VERSION,    /* 1.0 or 1.2.3 */
	TYPE_CODE,       /* IG and four digits */
};

struct element_row {
	const char *name;
	size_t text_min, text; /* bytes of text, 0 when there is none */
	const char *doc[2];    /* en, ja */
};

/* Where an element may stand, and how often; an element has one place or several. */
struct place_row {
	enum element element, parent;
	unsigned least, most;
};

struct attribute_row {
	enum element element;
	const char *name;
	bool required;
	const char *fallback; /* value when absent; NULL: absent means absent */
	enum attribute_type type;
	uint32_t least, most;
	const char *words;
	const char *doc[2];
};

extern const struct element_row grammar_element[ELEMENTS];
extern const struct attribute_row grammar_attribute[ATTRIBUTES];
extern const struct place_row grammar_place[];
extern const size_t grammar_places;

/* The row of this element in this parent; NULL when it may not stand there. */
const struct place_row *grammar_place_of(enum element e, enum element parent);

/* The first attribute of an element and how many there are; they stand together in the table. */
enum attribute grammar_first(enum element e);
size_t grammar_count(enum element e);

/* The attribute that names an element of this kind in the whole AP; ATTRIBUTES when it has none. */
enum attribute grammar_id(enum element e);

/* Index of a word in "a|b|c", -1 when it is not there. */
int grammar_word(const char *words, const char *word);

#endif
