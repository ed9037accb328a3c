/* For the tests of the reference card: record files, counters, data objects and DFs in contracts built by hand. Include
 * after cmocka.h. */
#ifndef IGATA_TESTS_OBJECTS_KIT_H
#define IGATA_TESTS_OBJECTS_KIT_H

#include "tests/unit/support/reference_kit.h"

/* Add bytes to the content of the newest file. */
static inline void kit_content(struct contract *c, const void *p, size_t n)
{
	assert_true(c->pool_len + n <= KIT_POOL);
	memcpy(c->pool + c->pool_len, p, n);
	c->pool_len += (uint32_t)n;
	c->size += (uint32_t)n;
	c->file[c->n_files - 1].size += (uint32_t)n;
}

/* A record file without records; `rule` stands for all its operations. */
static inline uint16_t kit_records(struct contract *c, const char *id, unsigned fid, unsigned sfi,
    enum file_structure structure, unsigned length, unsigned count, unsigned rule)
{
	uint16_t i = kit_file(c, id, fid, sfi, 0, rule, rule, 0);
	c->file[i].structure = (uint8_t)structure;
	c->file[i].record_length = (uint16_t)length;
	c->file[i].record_count = (uint16_t)count;
	c->file[i].rule[FILE_APPEND] = (uint16_t)rule;
	return i;
}

/* The next initial record of the newest file; bytes in hex. */
static inline void kit_record(struct contract *c, const char *hex)
{
	struct contract_file *f = &c->file[c->n_files - 1];
	uint8_t slot[2 + 256] = {0};
	size_t n = kit_bytes(hex, slot + 2, sizeof slot - 2);
	assert_true(n <= f->record_length && f->record_length <= sizeof slot - 2);
	slot[1] = (uint8_t)n;
	kit_content(c, slot, 2 + (size_t)f->record_length);
	f->records++;
}

static inline uint16_t kit_counter(struct contract *c, const char *id, unsigned fid, unsigned sfi, unsigned width,
    uint32_t min, uint32_t max, uint32_t value, unsigned rule)
{
	uint16_t i = kit_file(c, id, fid, sfi, 0, rule, KIT_NEVER, 0);
	struct contract_file *f = &c->file[i];
	f->structure = FILE_COUNTER;
	f->min = min;
	f->max = max;
	f->increase_ins = 0x34;
	f->decrease_ins = 0x30;
	f->rule[FILE_INCREASE] = f->rule[FILE_DECREASE] = (uint16_t)rule;
	const uint8_t bytes[] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
	kit_content(c, bytes + 4 - width, width);
	return i;
}

/* A data object with `hex` in it and room for max bytes. */
static inline uint16_t kit_data(
    struct contract *c, const char *id, unsigned tag, unsigned max, const char *hex, unsigned read, unsigned update)
{
	uint8_t bytes[300];
	size_t n = kit_bytes(hex, bytes, sizeof bytes);
	uint16_t i = kit_file(c, id, 0, 0, max, read, update, 0);
	c->file[i].structure = FILE_DATA_OBJECT;
	c->file[i].tag = (uint16_t)tag;
	c->file[i].length = (uint16_t)n;
	memcpy(c->pool + c->file[i].content, bytes, n);
	return i;
}

/* A DF in a DF; the AP's own is there from the first on. aid in hex, "" for none. */
static inline uint16_t kit_df(struct contract *c, const char *id, unsigned parent, unsigned fid, const char *aid)
{
	if (c->n_dfs == 0) {
		kit_name(c->df[0].id, "ap");
		c->df[0].parent = CONTRACT_NONE;
		c->n_dfs = 1;
	}
	uint16_t i = c->n_dfs++;
	kit_name(c->df[i].id, id);
	c->df[i].parent = (uint16_t)parent;
	c->df[i].fid = (uint16_t)fid;
	c->df[i].aid_len = (uint8_t)kit_bytes(aid, c->df[i].aid, AID_MAX);
	return i;
}

/* A PIN of four digits with three tries. */
static inline uint16_t kit_simple_pin(struct contract *c, const char *id, unsigned df, unsigned ref)
{
	struct contract_pin p = {
	    .ref = (uint8_t)ref, .df = (uint16_t)df, .format = FORMAT_DIGITS, .min = 4, .max = 4, .tries = 3};
	kit_name(p.id, id);
	return kit_pin(c, p);
}

/* Deliver and free the contract, personalise every value as "1234", select the AP. */
static inline void kit_card(struct sim *s, struct contract *c)
{
	struct reference_value v[CONTRACT_VALUES];
	struct contract *names = malloc(c->size);
	assert_non_null(names);
	memcpy(names, c, c->size);
	for (uint16_t i = 0; i < c->n_values; i++)
		v[i] = (struct reference_value){names->value[i].name, (const uint8_t *)"1234", 4};
	kit_deliver(s, c);
	assert_int_equal(reference_personalise(s, v, c->n_values), SW_OK);
	free(names);
	free(c);
	kit_start(s);
}

#endif
