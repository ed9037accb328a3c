#include "runtime/base/json.h"

#include <json-c/json_object.h>
#include <json-c/json_tokener.h>
#include <limits.h>
#include <string.h>

#include "runtime/base/hex.h"

bool json_parse(struct json_doc *d, const void *p, size_t n)
{
	*d = (struct json_doc){.bad = true};
	struct json_tokener *t = n > 0 && n < INT_MAX ? json_tokener_new_ex(JSON_DEPTH) : NULL;
	if (t == NULL)
		return false;
	json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	d->root = json_tokener_parse_ex(t, p, (int)n);
	d->bad = d->root == NULL || json_tokener_get_error(t) != json_tokener_success;
	/* Strict refuses what stands behind the document, except a NUL, which it takes for the end. */
	const char *end = (const char *)p + json_tokener_get_parse_end(t);
	for (; end < (const char *)p + n; end++)
		d->bad = d->bad || strchr(" \t\r\n", *end) == NULL || *end == 0;
	json_tokener_free(t);
	return !d->bad;
}

void json_free(struct json_doc *d)
{
	json_object_put(d->root);
	*d = (struct json_doc){.bad = true};
}

static struct json_in fail(struct json_in in)
{
	*in.bad = true;
	return (struct json_in){.bad = in.bad};
}

struct json_in json_root(struct json_doc *d)
{
	return (struct json_in){.o = d->bad ? NULL : d->root, .bad = &d->bad};
}

struct json_in json_member(struct json_in in, const char *key)
{
	struct json_object *o = NULL;
	if (in.o == NULL || !json_object_is_type(in.o, json_type_object) || !json_object_object_get_ex(in.o, key, &o) ||
	    o == NULL)
		return fail(in);
	return (struct json_in){.o = o, .bad = in.bad};
}

size_t json_count(struct json_in in)
{
	if (in.o != NULL && json_object_is_type(in.o, json_type_array))
		return json_object_array_length(in.o);
	fail(in);
	return 0;
}

struct json_in json_at(struct json_in in, size_t i)
{
	struct json_object *o = i < json_count(in) ? json_object_array_get_idx(in.o, i) : NULL;
	return o == NULL ? fail(in) : (struct json_in){.o = o, .bad = in.bad};
}

/* C0, DEL, and the C1 controls that UTF-8 writes C2 80 to C2 9F. */
static bool has_control(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t c = (uint8_t)s[i];
		if (c < 0x20 || c == 0x7f)
			return true;
		if (c == 0xc2 && i + 1 < n && (uint8_t)s[i + 1] < 0xa0)
			return true;
	}
	return false;
}

void json_get_text(struct json_in in, char *out, size_t cap)
{
	out[0] = 0;
	bool is_text = in.o != NULL && json_object_is_type(in.o, json_type_string);
	size_t n = is_text ? (size_t)json_object_get_string_len(in.o) : 0;
	const char *s = is_text ? json_object_get_string(in.o) : NULL;
	if (s == NULL || n >= cap || has_control(s, n)) {
		fail(in);
		return;
	}
	memcpy(out, s, n);
	out[n] = 0;
}

int64_t json_get_number(struct json_in in, int64_t min, int64_t max)
{
	if (in.o != NULL && json_object_is_type(in.o, json_type_int)) {
		int64_t v = json_object_get_int64(in.o);
		if (v >= min && v <= max)
			return v;
	}
	fail(in);
	return 0;
}

bool json_get_bool(struct json_in in)
{
	if (in.o != NULL && json_object_is_type(in.o, json_type_boolean))
		return json_object_get_boolean(in.o);
	fail(in);
	return false;
}

size_t json_get_hex(struct json_in in, uint8_t *out, size_t min, size_t max)
{
	size_t n = 0;
	if (in.o == NULL || !json_object_is_type(in.o, json_type_string) ||
	    !hex_decode(json_object_get_string(in.o), (size_t)json_object_get_string_len(in.o), out, max, &n) ||
	    n < min) {
		fail(in);
		return 0;
	}
	return n;
}
