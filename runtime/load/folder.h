/* The folder where a loading terminal keeps what it did: journals (journal.h) and failed keys (tries.h). Readable by
 * its owner only. It holds no secret of any card; a random key of its own ties the entries together and makes digests
 * meaningless to whoever has a journal but not the folder. */
#ifndef IGATA_LOAD_FOLDER_H
#define IGATA_LOAD_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/buf.h"
#include "runtime/base/diag.h"

enum { FOLDER_KEY = 32 };

struct folder {
	struct buf path; /* as a C string */
	uint8_t key[FOLDER_KEY];
};

/* Open or make the folder: dir, or when NULL $XDG_STATE_HOME/igata, or ~/.local/state/igata. false with a
 * diagnostic. */
bool folder_open(struct folder *f, const char *dir, struct diag_list *d);

/* A code over n bytes under the folder's key and, if extra_len is not 0, a second secret. */
bool folder_code(
    const struct folder *f, const void *extra, size_t extra_len, const void *p, size_t n, uint8_t out[FOLDER_KEY]);

/* Path of a file about a card: FOLDER/HASH-OF-THE-CARD SUFFIX. As a C string in out, which is cleared before. */
bool folder_file(const struct folder *f, const char *card, const char *suffix, struct buf *out);

void folder_close(struct folder *f);

#endif
