/* XML files: descriptions of APs and chip profiles. libxml2 judges whether the text is well-formed; this module bounds
 * it first, and gives the exact place of everything, which libxml2 does not.
 *
 * Read is XML 1.0 with namespaces, in UTF-8 (a byte order mark is allowed), without DTD, entities and processing
 * instructions. Every line and column is of the user's own file; columns count code points from 1.
 *
 * Users:  root = xml_read(arena, p, n, path, d);                        NULL: a diagnostic was recorded
 *         for (e = root->child; e != NULL; e = e->next)                  in the order of the file
 *                 a = xml_attr(e, "fid");                                NULL when absent
 *                 diag_add(d, a->value_at, ...) or diag_add(d, xml_value_at(a, offset), ...)
 */
#ifndef IGATA_BASE_XML_H
#define IGATA_BASE_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/diag.h"

enum {
	XML_MAX = 1024 * 1024, /* bytes of a file */
	XML_DEPTH = 16,        /* elements inside one another, the root included */
	XML_ATTRIBUTES = 32,   /* of one element, namespace declarations included */
	XML_ELEMENTS = 8192,   /* of one file */
};

/* Namespace of xml:lang, and of the attributes by which editors find a schema. */
#define XML_NS_XML "http://www.w3.org/XML/1998/namespace"
#define XML_NS_XSI "http://www.w3.org/2001/XMLSchema-instance"

struct xml_attr {
	const char *name;       /* as written, with its prefix: "fid", "xml:lang" */
	const char *ns;         /* namespace of a prefixed attribute, "" of a plain one */
	const char *value;      /* references replaced, white space normalised (XML 1.0, 3.3.3), NUL-terminated */
	size_t length;          /* bytes of value */
	struct srcloc at;       /* of the name */
	struct srcloc value_at; /* of the first character of the value, or of the closing quotation mark when empty */
	const char *raw;        /* the value as written between the quotation marks */
	struct xml_attr *next;
};

struct xml_element {
	const char *name; /* without prefix */
	const char *ns;   /* namespace, "" for none */
	struct srcloc at; /* of the '<' */
	const char *text; /* all character data directly in this element; "" for none. Not trimmed */
	size_t text_length;
	bool cdata;            /* a CDATA section is there, perhaps a blank one */
	struct srcloc text_at; /* of the first character of text that is not white space; `at` when there is none */
	struct xml_attr *attr; /* in the order of the file, namespace declarations left out; NULL for none */
	struct xml_element *child, *next, *parent;
};

/* Read a file. `name` is its name for diagnostics and must outlive them; p is not used after the return; everything
 * returned is the arena's. NULL with exactly one diagnostic when the file is refused. */
const struct xml_element *xml_read(struct arena *a, const uint8_t *p, size_t n, const char *name, struct diag_list *d);

/* The attribute with this name as written ("xml:lang"), or NULL. */
const struct xml_attr *xml_attr(const struct xml_element *e, const char *name);

/* Place of the byte at this offset of a->value; an offset of a->length or more is the place after its end. */
struct srcloc xml_value_at(const struct xml_attr *a, size_t offset);

#endif
