/* The check that nothing was widened: the finished command script is decoded again, by code that shares nothing with
 * what wrote it, into what a card would hold afterwards; and that is compared with the contract, every access rule
 * under every combination of verified PINs. A difference fails the build of the image. */
#ifndef IGATA_EMIT_NATIVE_CHECK_H
#define IGATA_EMIT_NATIVE_CHECK_H

#include "compiler/plan/plan.h"
#include "runtime/image/script.h"

/* Decode and compare. false with a diagnostic that names the first difference. */
bool native_check(const struct plan *p, const uint8_t *text, size_t n, struct diag_list *d);

/* ---- for the decoders, one for each dialect ---- */

enum {
	SEEN_FILES = CONTRACT_FILES + 1, /* with one of the compiler's own */
	SEEN_SECRETS = 2 * CONTRACT_PINS,
	SEEN_ENVIRONMENTS = 16,
};

/* An access condition as the card will judge it. */
struct seen_condition {
	enum { SEEN_NEVER, SEEN_ALWAYS, SEEN_ALL_OF, SEEN_ANY_OF } kind;
	uint32_t refs; /* bit r: PIN with the reference r */
};

/* One byte of a file: fixed, or the byte `at` of a hole. */
struct seen_byte {
	bool written;
	uint8_t value;
	const char *hole; /* borrowed from the script */
	uint32_t at;
};

struct seen_file {
	uint16_t fid;
	uint8_t sfi;
	bool internal; /* not an EF of the AP */
	uint32_t size;
	struct seen_byte *byte; /* of the arena */
	uint8_t rule[8];        /* as the dialect codes it; what it means may be known only at the end */
	size_t rule_len;
	struct seen_condition op[FILE_OPS];
	bool anything_else; /* some other operation is allowed to somebody but the loader */
};

struct seen_pin {
	uint8_t ref;
	uint8_t min, max, tries;
	bool change, verify; /* offered: CHANGE with the old value, VERIFY */
	const char *value;   /* hole */
	bool puk;            /* may be reset with a PUK: */
	uint8_t puk_length, puk_tries;
	const char *puk_value;
	bool anything_else;
};

struct seen {
	struct arena *arena;
	const char *wrong; /* what could not be decoded, NULL when all could */
	bool df_made, active;
	uint16_t df;
	uint8_t name[16];
	size_t name_len;
	uint32_t df_size;
	bool anybody_may; /* do something with the DF that only the loader may */
	bool loader_may;  /* activate it again after an interruption, and delete it as far as the chip can */
	size_t n_files, n_pins;
	struct seen_file file[SEEN_FILES];
	struct seen_pin pin[CONTRACT_PINS];
	struct seen_file *current; /* EF, NULL for none */
	void *own;                 /* of the decoder */
};

/* A step's data with its holes: `byte` has n entries, of the arena. */
struct seen_data {
	struct seen_byte *byte;
	size_t n;
};

struct native_decoder {
	const char *name;
	/* A step that is none of the common ones (SELECT, UPDATE BINARY). false: not understood. */
	bool (*step)(struct seen *s, const struct script_step *t, const struct seen_data *data);
	/* All steps are done: make conditions and PINs of what was gathered. */
	bool (*finish)(struct seen *s);
};

extern const struct native_decoder decoder_iso_compact, decoder_starcos;

/* The data as bytes, holes as zeros: for what may hold none. false when it holds one before `fixed`. */
bool seen_fixed(const struct seen_data *data, uint8_t *out, size_t fixed);

/* The hole that begins at this byte and goes to the end of the data, NULL when it is not one whole hole. */
const char *seen_hole(const struct seen_data *data, size_t from);

/* A new file; NULL when there is one with this FID, or no room. */
struct seen_file *seen_new_file(struct seen *s, uint16_t fid, uint32_t size);

#endif
