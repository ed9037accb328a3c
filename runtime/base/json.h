/* JSON (RFC 8259) with json-c: a writer whose output depends on nothing but the calls, and a reader that trusts
 * nothing.
 *
 * Files inside images have one canonical form, the one json-c prints: on one line without blanks, members in the order
 * of the format, UTF-8 with no escapes but \" \\ \b \f \n \r \t and \u00xx, and no fractions. Reading such a file,
 * printing it again and comparing refuses every other spelling, unknown members and duplicates at once.
 */
#ifndef IGATA_BASE_JSON_H
#define IGATA_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"

enum { JSON_DEPTH = 16 }; /* of a document that is read; of objects and arrays open in one that is written */

struct json_object;

/* Writer. key is the member's name inside an object and NULL inside an array and at the top; an object has each name
 * once. The document is appended to out when its outermost value is complete; when memory is gone, out is bad. */
struct json {
	struct buf *out;
	unsigned depth; /* open objects and arrays */
	struct json_object *open[JSON_DEPTH];
};

struct json json_to(struct buf *out);
void json_put_object(struct json *j, const char *key);
void json_put_array(struct json *j, const char *key);
void json_put_end(struct json *j); /* closes the innermost */
void json_put_text(struct json *j, const char *key, const char *s);
void json_put_hex(struct json *j, const char *key, const void *p, size_t n); /* bytes as hex digits */
void json_put_number(struct json *j, const char *key, int64_t v);
void json_put_bool(struct json *j, const char *key, bool v);

/* Text of n bytes; what is not UTF-8 becomes U+FFFD. json_put_text too. */
void json_put_bytes(struct json *j, const char *key, const void *p, size_t n);

/* Bytes that are a JSON document, as a value; null when they are not one. */
void json_put_document(struct json *j, const char *key, const void *p, size_t n);

/* Reader. A value of a parsed document; whatever goes wrong sets *bad of the document, and everything after it gives
 * zeros, so that a reader checks once at the end. */
struct json_in {
	struct json_object *o; /* NULL: absent or bad */
	bool *bad;
};

struct json_doc {
	struct json_object *root;
	bool bad;
};

/* Parse one document of n bytes, at most JSON_DEPTH deep. false: not JSON. json_free in both cases. */
bool json_parse(struct json_doc *d, const void *p, size_t n);
void json_free(struct json_doc *d);
struct json_in json_root(struct json_doc *d);

/* Members of an object, elements of an array. Bad when absent or of another type. */
struct json_in json_member(struct json_in in, const char *key);
size_t json_count(struct json_in in);
struct json_in json_at(struct json_in in, size_t i);

/* Values. Text is copied with its NUL into cap bytes; bad when longer or when it has control characters (they could
 * drive a terminal). Numbers are whole and within min and max. */
void json_get_text(struct json_in in, char *out, size_t cap);
int64_t json_get_number(struct json_in in, int64_t min, int64_t max);
bool json_get_bool(struct json_in in);
size_t json_get_hex(struct json_in in, uint8_t *out, size_t min, size_t max); /* returns the number of bytes */

/* Append a parsed document in the canonical form; nothing when it has fractions. */
void json_canonical(const struct json_doc *d, struct buf *out);

#endif
