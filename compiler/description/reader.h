/* XML of a description -> nodes with typed attributes, by the grammar table. */
#ifndef IGATA_DESCRIPTION_READER_H
#define IGATA_DESCRIPTION_READER_H

#include "compiler/description/grammar.h"
#include "runtime/base/xml.h"

enum { READER_ERRORS = 100 /* after so many, reading stops */ };

/* An attribute's value. `number` of a word is its index; of a source, enum value_source; of an operand, enum
 * operand_word. */
struct slot {
	const struct xml_attr *src; /* NULL: not written */
	bool ok;                    /* written and right, or from the table's default */
	const char *text;           /* of TYPE_SOURCE and TYPE_OPERAND: what stands behind the colon */
	size_t length;
	uint32_t number;
	const uint8_t *bytes; /* TYPE_HEX */
	size_t n;
};

/* What an operand is: the words before its colon. */
enum operand_word { WORD_INPUT, WORD_FIELD, WORD_COUNTER, WORD_HEX, WORD_NUMBER };

struct node {
	enum element element;
	const struct xml_element *xml;
	struct slot *slot; /* of each attribute of the element, in the table's order */
	const char *text;  /* content, white space trimmed and runs of it made one blank */
	struct node *child, *next;
};

/* Read the tree under a root element. NULL when the root is not ours; otherwise a tree of all that could be understood,
 * with what could not reported to d. What is missing is left to reader_complete. */
struct node *reader_read(struct arena *a, const struct xml_element *root, struct diag_list *d);

/* Put in the defaults of what is not written, and report what must be there and is not, or is there too often. Apart
 * from reading, because a description with a base is first put together with it. false when there were so many errors
 * that this stopped. */
bool reader_complete(struct arena *a, struct node *root, struct diag_list *d);

const struct slot *node_slot(const struct node *n, enum attribute a);
bool node_has(const struct node *n, enum attribute a);         /* written or by default, and right */
uint32_t node_number(const struct node *n, enum attribute a);  /* 0 unless node_has */
const char *node_text(const struct node *n, enum attribute a); /* "" unless node_has */

/* The id of an element for messages, right or wrong: as written, "-" when there is none to show. */
const char *node_name(const struct node *n, enum attribute id);

/* The place of the attribute's value; of the element when the attribute is not written. */
struct srcloc node_at(const struct node *n, enum attribute a);

/* User's text as an argument of a message: cut where it gets long. */
const char *reader_quote(struct arena *a, const char *text, size_t n);

#endif
