/* Bytes that are known, or that are a card's own: the model behind custom commands. Inside runtime/suite only. */
#ifndef IGATA_SUITE_BYTES_H
#define IGATA_SUITE_BYTES_H

#include "runtime/suite/gen.h"

/* A byte: known, or byte `at` of a per-card value as the card holds it. */
struct gen_byte {
	uint16_t value; /* CONTRACT_NONE: known */
	uint16_t at;
	uint8_t byte;
};

/* Bytes as items of the dialogue language, each word with a blank before it. */
void bytes_items(struct gen *g, const struct gen_byte *b, size_t n, struct buf *out);

/* The content of a file (record == 0) or of an initial record at this moment. */
void bytes_content(
    const struct gen *g, uint16_t file, uint16_t record, uint32_t offset, uint32_t n, struct gen_byte *out);

/* n bytes big-endian; false: the number needs more. */
bool bytes_number(uint64_t v, struct gen_byte *out, size_t n);

/* The number that known bytes make; false: one is not known, or it is too large. */
bool bytes_value(const struct gen_byte *b, size_t n, uint64_t *out);

/* How two of them compare as unsigned numbers of any length: -1, 0, 1; BYTES_OPEN: it depends on the card. */
enum { BYTES_OPEN = 2 };
int bytes_compare(const struct gen *g, const struct gen_byte *a, size_t n, const struct gen_byte *b, size_t m);

/* From now on a stretch of a file or record holds these. They are copied. */
void bytes_put(struct gen *g, uint16_t file, uint16_t record, uint32_t offset, const struct gen_byte *b, size_t n);

#endif
