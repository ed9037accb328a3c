/* The one door to a simulated card's non-volatile memory.
 *
 * Every byte goes through nv_write, one at a time; a test asks for the power to fail before the k-th byte, and from
 * then on nothing is written any more. A byte is written whole or not at all; nothing larger is. What a card must do
 * all or nothing it does between nv_begin and nv_commit: writes are collected in a log inside the same memory and
 * applied only after the log is sealed; nv_recover at power-up finishes a sealed log and forgets an unsealed one.
 *
 *   memory: | log: 1 seal, 3 length of the entries, 4 CRC-32 of them, entries { 4 at, 2 n, n bytes } … | card's own … |
 *
 * The seal is one byte, written last and cleared last: a seal torn in the middle does not exist. Length and CRC are
 * there for a memory that came from outside (a card file): a sealed log that does not fit them is forgotten.
 *
 * Reading: `mem` is read directly. Inside a transaction it still holds the old values, so a card computes first and
 * writes last; where that is not possible nv_read sees through the log.
 */
#ifndef IGATA_SIM_NV_H
#define IGATA_SIM_NV_H

#include <stdbool.h>
#include <stdint.h>

enum {
	NV_LOG_AT = 0,
	NV_LOG_SIZE = 4096, /* with the header; the largest change one command may make */
	NV_LOG_HEADER = 8,
	NV_ENTRY_HEADER = 6,
	NV_HOME = NV_LOG_SIZE, /* first address of the card's own data; nothing below is written by a card */
	NV_NO_CUT = -1,
};

struct nv {
	uint8_t *mem; /* the whole memory, owned by whoever opened the card (a mapped file, or a block in a test) */
	uint32_t size;
	uint64_t written; /* bytes written since power-up: where a test finds the moments to cut */
	int64_t cut;      /* the power fails before this byte (0 is the first since power-up), NV_NO_CUT never */
	bool off;         /* it has failed: nothing is written, the card does not answer */
	bool in_log;      /* between nv_begin and nv_commit */
	uint32_t log_end; /* next free byte of the log */
	bool log_full;
	/* For tests: told before n bytes that belong together are written, the first of them the written-th; or NULL.
	 */
	void (*watch)(void *context, uint64_t written, uint32_t n);
	void *watch_context;
};

/* Write through. Outside a transaction at once, byte by byte in ascending order; inside into the log. Out of range is a
 * bug of the card (assert). */
void nv_write(struct nv *nv, uint32_t at, const void *p, uint32_t n);
void nv_fill(struct nv *nv, uint32_t at, uint8_t v, uint32_t n);

/* Write at once even inside a transaction: only into memory that nothing reachable refers to yet, and that no write of
 * the same transaction touches. */
void nv_write_unreachable(struct nv *nv, uint32_t at, const void *p, uint32_t n);
void nv_fill_unreachable(struct nv *nv, uint32_t at, uint8_t v, uint32_t n);

/* Read n bytes as they will be after nv_commit. Outside a transaction the same as mem + at. */
void nv_read(const struct nv *nv, uint32_t at, void *out, uint32_t n);

/* Start a transaction. They do not nest (assert). */
void nv_begin(struct nv *nv);

/* true: all writes since nv_begin survive any power failure: they are done, or (nv->off) nv_recover does them. false:
 * none is done (power failed before the seal, or the log was too small: log_full, which lasts until nv_begin). */
bool nv_commit(struct nv *nv);

/* Forget all writes since nv_begin. */
void nv_abort(struct nv *nv);

/* At power-up, before anything is read: finish or forget the log. May itself be cut, and is then simply done again. */
void nv_recover(struct nv *nv);

#endif
