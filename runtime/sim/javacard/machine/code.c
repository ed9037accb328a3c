/* The cache of decoded packages of this thread. */
#include "runtime/sim/javacard/machine/code.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "runtime/base/buf.h"
#include "runtime/crypto/sha256.h"

enum { CACHE_BYTES = 64 * 1024 * 1024 };

static _Thread_local struct jc_code *cache;
static _Thread_local size_t cache_bytes;
static _Thread_local uint64_t generation;
static atomic_ullong generations;

static void code_free(struct jc_code *c)
{
	arena_free(&c->arena);
	free(c);
}

uint64_t jc_code_generation(void)
{
	if (generation == 0)
		generation = 1 + atomic_fetch_add(&generations, 1);
	return generation;
}

size_t jc_code_cached(void)
{
	return cache_bytes;
}

void jc_code_forget(void)
{
	for (struct jc_code *c = cache, *next; c != NULL; c = next) {
		next = c->next;
		code_free(c);
	}
	cache = NULL;
	cache_bytes = 0;
	generation = 1 + atomic_fetch_add(&generations, 1);
}

uint64_t jc_code_sweep(void)
{
	if (cache_bytes > CACHE_BYTES)
		jc_code_forget();
	return jc_code_generation();
}

/* Everything that what is decoded depends on. */
static bool key_of(const struct jc_raw *raw, const struct jc_import *import, unsigned imports,
    const struct jc_chip *chip, uint8_t key[32])
{
	struct buf b = {0};
	buf_u8(&b, raw->format);
	buf_u8(&b, chip->int_supported);
	buf_add(&b, chip->minor, sizeof chip->minor);
	for (unsigned i = 0; i < imports; i++) {
		buf_u8(&b, import[i].rom != NULL ? import[i].number : 0xff);
		if (import[i].code != NULL)
			buf_add(&b, import[i].code->key, sizeof import[i].code->key);
	}
	for (unsigned i = 0; i < JC_PARTS; i++) {
		if (i == PART_IMAGE || i == PART_IMPORTS || i == PART_STATIC)
			continue;
		buf_u32(&b, raw->part[i].n);
		buf_add(&b, raw->part[i].p, raw->part[i].n);
	}
	buf_u32(&b, raw->part[PART_IMAGE].n);
	if (raw->part[PART_IMAGE].n >= 2)
		buf_add(&b, raw->part[PART_IMAGE].p, 2);
	bool good = !b.bad && sha256(b.p, b.n, key);
	buf_reset(&b);
	return good;
}

sw_t jc_code_get(const struct jc_raw *raw, const struct jc_import *import, unsigned imports, const struct jc_chip *chip,
    const struct jc_code **out)
{
	uint8_t key[32];
	if (!key_of(raw, import, imports, chip, key))
		return SW_NO_MEMORY;
	for (struct jc_code *c = cache; c != NULL; c = c->next) {
		if (memcmp(c->key, key, sizeof key) == 0) {
			*out = c;
			return SW_OK;
		}
	}
	struct jc_code *c = calloc(1, sizeof *c);
	if (c == NULL)
		return SW_NO_MEMORY;
	memcpy(c->key, key, sizeof key);
	c->imports = (uint16_t)imports;
	c->import = arena_alloc(&c->arena, imports * sizeof *import);
	if (imports != 0)
		memcpy(c->import, import, imports * sizeof *import);
	sw_t sw = jc_parse(c, raw, chip);
	if (sw == SW_OK && !jc_decode(c, chip))
		sw = SW_WRONG_DATA;
	if (sw != SW_OK) {
		code_free(c);
		return sw;
	}
	c->bytes = sizeof *c + arena_bytes(&c->arena);
	cache_bytes += c->bytes;
	c->next = cache;
	cache = c;
	*out = c;
	return SW_OK;
}
