#include "compiler/description/grammar.h"

#include <string.h>

/* What the columns of grammar.def stand for. */
#define NO_TEXT             0, 0
#define REQUIRED            true, NULL
#define OPTIONAL            false, NULL
#define DEFAULT(value)      false, value
#define IDENTIFIER          TYPE_IDENTIFIER, 1, 32, NULL
#define NUMBER(least, most) TYPE_NUMBER, least, most, NULL
#define DIGITS(least, most) TYPE_DIGITS, least, most, NULL
#define HEX(least, most)    TYPE_HEX, least, most, NULL
#define WORD(words)         TYPE_WORD, 0, 0, words
#define RULE                TYPE_RULE, 1, 4096, NULL
#define SOURCE              TYPE_SOURCE, 1, 32, NULL
#define OPERAND             TYPE_OPERAND, 1, 512, NULL
#define VERSION             TYPE_VERSION, 3, 17, NULL
#define CODE                TYPE_CODE, 6, 6, NULL

const struct element_row grammar_element[ELEMENTS] = {
#define TEXT(least, most)                                         least, most
#define ELEMENT(name, text, parent, least, most, content, en, ja) {text, content, {en, ja}},
#define INSIDE(...)
#define ATTRIBUTE(...)
#include "compiler/description/grammar.def"
#undef TEXT
#undef ELEMENT
#undef INSIDE
#undef ATTRIBUTE
};

const struct place_row grammar_place[] = {
#define ELEMENT(name, text, parent, least, most, ...) {ELEMENT_##name, ELEMENT_##parent, least, most},
#define INSIDE(name, parent, least, most)             {ELEMENT_##name, ELEMENT_##parent, least, most},
#define ATTRIBUTE(...)
#include "compiler/description/grammar.def"
#undef ELEMENT
#undef INSIDE
#undef ATTRIBUTE
};
const size_t grammar_places = sizeof grammar_place / sizeof *grammar_place;

const struct attribute_row grammar_attribute[ATTRIBUTES] = {
#define TEXT(least, most) TYPE_TEXT, least, most, NULL
#define ELEMENT(...)
#define INSIDE(...)
#define ATTRIBUTE(element, name, text, need, type, en, ja) {ELEMENT_##element, text, need, type, {en, ja}},
#include "compiler/description/grammar.def"
#undef TEXT
#undef ELEMENT
#undef INSIDE
#undef ATTRIBUTE
};

const struct place_row *grammar_place_of(enum element e, enum element parent)
{
	for (size_t i = 0; i < grammar_places; i++)
		if (grammar_place[i].element == e && grammar_place[i].parent == parent)
			return &grammar_place[i];
	return NULL;
}

enum attribute grammar_first(enum element e)
{
	size_t i = 0;
	while (i < ATTRIBUTES && grammar_attribute[i].element != e)
		i++;
	return (enum attribute)i;
}

size_t grammar_count(enum element e)
{
	size_t first = grammar_first(e), n = 0;
	while (first + n < ATTRIBUTES && grammar_attribute[first + n].element == e)
		n++;
	return n;
}

enum attribute grammar_id(enum element e)
{
	/* The AP is no element of itself, an input's name is of its command alone, and <remove> names another element.
	 */
	if (e == ELEMENT_CARD_AP || e == ELEMENT_INPUT || e == ELEMENT_REMOVE)
		return ATTRIBUTES;
	enum attribute first = grammar_first(e);
	return first < ATTRIBUTES && strcmp(grammar_attribute[first].name, "id") == 0 ? first : ATTRIBUTES;
}

int grammar_word(const char *words, const char *word)
{
	size_t n = strlen(word);
	for (int i = 0;; i++) {
		size_t len = strcspn(words, "|");
		if (len == n && memcmp(words, word, n) == 0)
			return i;
		if (words[len] == 0)
			return -1;
		words += len + 1;
	}
}
