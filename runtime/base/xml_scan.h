/* First pass over an XML file, for xml.c: bounds, encoding, and whatever can be told before a parser is let near it. */
#ifndef IGATA_BASE_XML_SCAN_H
#define IGATA_BASE_XML_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/diag.h"

struct xml_text {
	const uint8_t *p; /* without a byte order mark */
	size_t n;
	const char *name;
	/* Where the last xml_locate ended: places are asked for from front to back, so that finding them all takes one
	 * pass even when the file is a single line. */
	size_t cursor, line_start;
	uint32_t line, column;
};

/* Check the bounds of xml.h, the encoding, and that tags, comments and CDATA sections end and elements nest. Drops a
 * byte order mark from t. false with one diagnostic. */
bool xml_scan(struct xml_text *t, struct diag_list *d);

struct srcloc xml_locate(struct xml_text *t, size_t offset);

/* Offset of the next '<' that begins a tag, past comments, CDATA sections and the XML declaration; t->n when there is
 * none. The text has passed xml_scan. */
size_t xml_next_tag(const struct xml_text *t, size_t from);

/* Offset of the next character that is not white space, past comments and into CDATA sections. */
size_t xml_next_text(const struct xml_text *t, size_t from);

/* One attribute of a start tag as it stands there. */
struct xml_raw_attr {
	size_t name, name_length;
	size_t value, value_length; /* between the quotation marks */
};

/* Read the attribute at or after *at inside a well-formed start tag and move *at behind it. false at the tag's end. */
bool xml_next_attr(const struct xml_text *t, size_t *at, struct xml_raw_attr *out);

/* Offset behind the name that begins at this offset. */
size_t xml_name_end(const struct xml_text *t, size_t at);

#endif
