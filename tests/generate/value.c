#include "tests/generate/value.h"

#include <assert.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "tests/generate/dice.h"
#include "tests/unit/support/test_keys.h"

/* A counter's first value lies in its bounds. */
static void counter(struct dice *d, const struct contract_file *f, uint8_t *out)
{
	uint64_t v = f->min + dice_next(d) % ((uint64_t)f->max - f->min + 1);
	for (uint32_t i = 0; i < f->size; i++)
		out[i] = (uint8_t)(v >> 8 * (f->size - 1 - i));
}

static void characters(struct dice *d, enum contract_format f, uint8_t *out, size_t n)
{
	static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz -";
	for (size_t i = 0; i < n; i++)
		out[i] = f == FORMAT_BINARY ? (uint8_t)dice_next(d)
					    : (uint8_t)letters[dice_below(d,
						  f == FORMAT_DIGITS             ? 10
						      : f == FORMAT_ALPHANUMERIC ? 62
										 : sizeof letters - 1)];
}

static const char *private_key(enum key_algorithm a)
{
	switch (a) {
	case KEY_RSA_2048:
		return TEST_RSA_2048;
	case KEY_RSA_3072:
		return TEST_RSA_3072;
	case KEY_EC_P256:
		return TEST_EC_P256;
	case KEY_EC_P384:
		return TEST_EC_P384;
	case KEY_DES_EDE2:
	case KEY_AES_128:
	case KEY_AES_192:
	case KEY_AES_256:
		break;
	}
	return NULL;
}

static size_t fill(const struct contract *c, uint16_t i, struct dice *d, uint8_t *out, size_t cap)
{
	const struct contract_value *v = &c->value[i];
	size_t n = dice_between(d, v->min, v->max);
	const char *key = v->kind == VALUE_KEY ? private_key((enum key_algorithm)c->key[v->target].algorithm) : NULL;
	if (key != NULL) {
		bool good = hex_decode(key, strlen(key), out, cap, &n);
		assert(good);
		(void)good;
		return n;
	}
	if (v->kind == VALUE_FIELD && c->file[c->field[v->target].file].structure == FILE_COUNTER) {
		counter(d, &c->file[c->field[v->target].file], out);
		return v->max;
	}
	characters(d, (enum contract_format)v->format, out, n);
	if (v->kind != VALUE_FIELD && v->format == FORMAT_BINARY)
		out[n - 1] = (uint8_t)(1 + out[n - 1] % 0xfe);
	return n;
}

static bool again(const struct generated_values *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v->card[i].n == v->card[n].n && memcmp(v->card[i].p, v->card[n].p, v->card[n].n) == 0)
			return true;
	return false;
}

void generate_values(const struct contract *c, uint64_t seed, struct arena *a, struct generated_values *out)
{
	struct dice d = {seed ^ UINT64_C(0x76616c756573)};
	out->n = c->n_values;
	for (uint16_t i = 0; i < c->n_values; i++) {
		const struct contract_value *v = &c->value[i];
		size_t cap = v->max;
		uint8_t *p = arena_alloc(a, cap);
		bool secret = v->kind == VALUE_KEY || v->kind == VALUE_KEY_MAC;
		for (int tries = 0; tries < 8; tries++) { /* keys differ; a PIN of one digit may well be another's */
			out->card[i] = (struct reference_value){v->name, p, fill(c, i, &d, p, cap)};
			if (!secret || v->max > 64 || !again(out, i))
				break;
		}
		out->terminal[i] = (struct suite_value){v->name, p, out->card[i].n};
	}
}

const struct reference_value *generated_value(const struct generated_values *v, const char *name)
{
	for (size_t i = 0; i < v->n; i++)
		if (strcmp(v->card[i].name, name) == 0)
			return &v->card[i];
	return NULL;
}
