/* The one door to a simulated card's non-volatile memory.
 *
 * Every byte goes through nv_write, one at a time; a test asks for the power to fail before the k-th byte, and from
 * then on nothing is written any more. What a card must do all or nothing it does between nv_begin and nv_commit:
 * writes are collected in a log inside the same memory and applied only after the log is sealed; nv_recover at
 * power-up finishes a sealed log and forgets an unsealed one.
 *
 *   memory: | log: 4 length (sealed when not 0), 4 check of the length, entries { 4 at, 2 n, n bytes } … | card's own …
 * |
 */
#ifndef IGATA_SIM_NV_H
#define IGATA_SIM_NV_H

#include <stdbool.h>
#include <stdint.h>

enum {
	NV_LOG_AT = 0,
	NV_LOG_SIZE = 4096,    /* with the header; the largest change one command may make */
	NV_HOME = NV_LOG_SIZE, /* first address of the card's own data */
	NV_NO_CUT = -1,
};

struct nv {
	uint8_t *mem; /* the whole memory, owned by whoever opened the card (a mapped file, or a block in a test) */
	uint32_t size;
	uint64_t written; /* bytes written since power-up: where a test finds the moments to cut */
	int64_t cut;      /* the power fails before this byte (0 is the first), NV_NO_CUT never */
	bool off;         /* it has failed: nothing is written, the card does not answer */
	bool in_log;      /* between nv_begin and nv_commit */
	uint32_t log_end; /* next free byte of the log */
	bool log_full;
};

/* Write through. Outside a transaction at once, inside into the log. Out of range is a bug (assert). */
void nv_write(struct nv *nv, uint32_t at, const void *p, uint32_t n);
void nv_fill(struct nv *nv, uint32_t at, uint8_t v, uint32_t n);

/* Write at once even inside a transaction: only into memory that nothing reachable refers to yet. */
void nv_write_unreachable(struct nv *nv, uint32_t at, const void *p, uint32_t n);
void nv_fill_unreachable(struct nv *nv, uint32_t at, uint8_t v, uint32_t n);

void nv_begin(struct nv *nv);

/* true: all writes since nv_begin are done, and survive any power failure. false: none is (power failed before the
 * seal, or the log was too small: log_full). */
bool nv_commit(struct nv *nv);
void nv_abort(struct nv *nv);

/* At power-up, before anything is read: finish or forget the log. May itself be cut. */
void nv_recover(struct nv *nv);

#endif
