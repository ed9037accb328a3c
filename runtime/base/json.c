#include "runtime/base/json.h"

#include <assert.h>
#include <json-c/json_object.h>
#include <json-c/json_visit.h>
#include <limits.h>
#include <string.h>

#include "runtime/base/utf8.h"

struct json json_to(struct buf *out)
{
	return (struct json){.out = out};
}

static void print(struct json_object *o, struct buf *out)
{
	size_t n = 0;
	const char *text =
	    json_object_to_json_string_length(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &n);
	if (text == NULL)
		out->bad = true;
	else
		buf_add(out, text, n);
}

/* What json-c could not allocate is NULL, which it would print as null: the document is bad then. */
static struct json_object *made(struct json *j, struct json_object *o)
{
	j->out->bad = j->out->bad || o == NULL;
	return o;
}

/* Give a value to the innermost container; at the top it is the document. false: it is gone. */
static bool put(struct json *j, const char *key, struct json_object *o)
{
	struct json_object *in = j->depth == 0 ? NULL : j->open[j->depth - 1];
	if (j->depth == 0)
		print(o, j->out);
	else {
		assert(in == NULL || json_object_is_type(in, json_type_array) == (key == NULL));
		int rc = in == NULL ? -1
		    : key == NULL   ? json_object_array_add(in, o)
				    : json_object_object_add(in, key, o);
		if (rc == 0)
			return true;
		j->out->bad = true;
	}
	json_object_put(o);
	return false;
}

static void open_container(struct json *j, const char *key, struct json_object *o)
{
	assert(j->depth < JSON_DEPTH);
	if (made(j, o) != NULL && j->depth > 0 && !put(j, key, o))
		o = NULL;
	j->open[j->depth++] = o;
}

void json_put_object(struct json *j, const char *key)
{
	open_container(j, key, json_object_new_object());
}

void json_put_array(struct json *j, const char *key)
{
	open_container(j, key, json_object_new_array());
}

void json_put_end(struct json *j)
{
	assert(j->depth > 0);
	if (--j->depth > 0)
		return;
	print(j->open[0], j->out);
	json_object_put(j->open[0]);
}

/* json-c prints the bytes it is given. */
void json_put_bytes(struct json *j, const char *key, const void *p, size_t n)
{
	const uint8_t *s = p;
	struct buf clean = {0};
	for (size_t i = 0, len; i < n; i += len == 0 ? 1 : len) {
		len = utf8_next(s + i, n - i, NULL);
		if (len == 0)
			buf_str(&clean, "\xef\xbf\xbd");
		else
			buf_add(&clean, s + i, len);
	}
	bool good = !clean.bad && clean.n <= INT_MAX;
	const char *text = clean.n == 0 ? "" : (const char *)clean.p;
	put(j, key, made(j, good ? json_object_new_string_len(text, (int)clean.n) : NULL));
	buf_reset(&clean);
}

void json_put_text(struct json *j, const char *key, const char *s)
{
	json_put_bytes(j, key, s, strlen(s));
}

void json_put_hex(struct json *j, const char *key, const void *p, size_t n)
{
	const uint8_t *b = p;
	struct buf text = {0};
	for (size_t i = 0; i < n; i++)
		buf_printf(&text, "%02X", b[i]);
	j->out->bad = j->out->bad || text.bad;
	json_put_bytes(j, key, text.p, text.n);
	buf_reset(&text);
}

void json_put_number(struct json *j, const char *key, int64_t v)
{
	put(j, key, made(j, json_object_new_int64(v)));
}

void json_put_bool(struct json *j, const char *key, bool v)
{
	put(j, key, made(j, json_object_new_boolean(v)));
}

void json_put_document(struct json *j, const char *key, const void *p, size_t n)
{
	struct json_doc d;
	put(j, key, json_parse(&d, p, n) ? json_object_get(d.root) : NULL);
	json_free(&d);
}

static int stop_at_fraction(
    struct json_object *o, int flags, struct json_object *parent, const char *key, size_t *at, void *ctx)
{
	(void)flags;
	(void)parent;
	(void)key;
	(void)at;
	(void)ctx;
	return json_object_is_type(o, json_type_double) ? JSON_C_VISIT_RETURN_ERROR : JSON_C_VISIT_RETURN_CONTINUE;
}

/* json-c keeps the spelling of a fraction: it would have many forms. */
void json_canonical(const struct json_doc *d, struct buf *out)
{
	if (json_c_visit(d->root, 0, stop_at_fraction, NULL) == 0)
		print(d->root, out);
}
