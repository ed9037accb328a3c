#include "runtime/base/json.h"

#include <assert.h>
#include <string.h>

#include "runtime/base/utf8.h"

struct json json_to(struct buf *out, bool pretty)
{
	return (struct json){.out = out, .pretty = pretty};
}

static void indent(struct json *j)
{
	if (!j->pretty)
		return;
	buf_u8(j->out, '\n');
	for (unsigned i = 0; i < j->depth; i++)
		buf_str(j->out, "  ");
}

static void lead(struct json *j, const char *key)
{
	if (j->depth == 0)
		return;
	uint32_t bit = (uint32_t)1 << (j->depth - 1);
	assert(((j->arrays & bit) != 0) == (key == NULL));
	if (j->started & bit)
		buf_u8(j->out, ',');
	j->started |= bit;
	indent(j);
	if (key == NULL)
		return;
	json_quote(j->out, key, strlen(key));
	buf_str(j->out, j->pretty ? ": " : ":");
}

static void tail(struct json *j)
{
	if (j->depth == 0 && j->pretty)
		buf_u8(j->out, '\n');
}

static void open_container(struct json *j, const char *key, bool array)
{
	lead(j, key);
	assert(j->depth < JSON_DEPTH_OUT);
	uint32_t bit = (uint32_t)1 << j->depth++;
	j->started &= ~bit;
	j->arrays = array ? j->arrays | bit : j->arrays & ~bit;
	buf_u8(j->out, array ? '[' : '{');
}

void json_put_object(struct json *j, const char *key)
{
	open_container(j, key, false);
}

void json_put_array(struct json *j, const char *key)
{
	open_container(j, key, true);
}

void json_put_end(struct json *j)
{
	assert(j->depth > 0);
	uint32_t bit = (uint32_t)1 << --j->depth;
	if (j->started & bit)
		indent(j);
	buf_u8(j->out, j->arrays & bit ? ']' : '}');
	tail(j);
}

static void escape(struct buf *out, unsigned char c)
{
	if (c == '"' || c == '\\') {
		buf_u8(out, '\\');
		buf_u8(out, c);
	} else if (c < 0x20)
		buf_printf(out, "\\u%04x", c);
	else
		buf_u8(out, c);
}

void json_quote(struct buf *out, const char *s, size_t n)
{
	buf_u8(out, '"');
	for (size_t i = 0; i < n;) {
		size_t len = utf8_next((const uint8_t *)s + i, n - i, NULL);
		if (len == 0)
			buf_str(out, "\xef\xbf\xbd");
		else if (len == 1)
			escape(out, (unsigned char)s[i]);
		else
			buf_add(out, s + i, len);
		i += len == 0 ? 1 : len;
	}
	buf_u8(out, '"');
}

void json_put_bytes(struct json *j, const char *key, const void *p, size_t n)
{
	lead(j, key);
	json_quote(j->out, p, n);
	tail(j);
}

void json_put_text(struct json *j, const char *key, const char *s)
{
	json_put_bytes(j, key, s, strlen(s));
}

void json_put_hex(struct json *j, const char *key, const void *p, size_t n)
{
	const uint8_t *b = p;
	lead(j, key);
	buf_u8(j->out, '"');
	for (size_t i = 0; i < n; i++)
		buf_printf(j->out, "%02X", b[i]);
	buf_u8(j->out, '"');
	tail(j);
}

void json_put_number(struct json *j, const char *key, int64_t v)
{
	lead(j, key);
	buf_printf(j->out, "%lld", (long long)v);
	tail(j);
}

void json_put_bool(struct json *j, const char *key, bool v)
{
	lead(j, key);
	buf_str(j->out, v ? "true" : "false");
	tail(j);
}

void json_put_null(struct json *j, const char *key)
{
	lead(j, key);
	buf_str(j->out, "null");
	tail(j);
}

void json_put_raw(struct json *j, const char *key, const void *p, size_t n)
{
	lead(j, key);
	buf_add(j->out, p, n);
	tail(j);
}
