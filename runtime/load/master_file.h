/* Master keys of key files (key_file.h): a line for each, LABEL KEY. The label is what stands behind master: in a
 * description, the key 16, 24 or 32 bytes in hex. */
#ifndef IGATA_LOAD_MASTER_FILE_H
#define IGATA_LOAD_MASTER_FILE_H

#include "runtime/image/master.h"
#include "runtime/load/key_file.h"

struct master_key {
	uint8_t bytes[MASTER_MAX];
	size_t n;
};

/* The master key with this label, for the key `id` of an AP. Lines are never repeated in diagnostics. Wipe it after
 * use. false with a diagnostic, and wiped. */
bool master_find(const struct buf *text, const char *path, const char *label, const char *id, struct master_key *out,
    struct diag_list *d);

#endif
