/* The load file: what a card gets of a CAP file, with DAP blocks, in LOAD commands; and tokens. */
#ifndef IGATA_LOAD_JAVACARD_LOAD_FILE_H
#define IGATA_LOAD_JAVACARD_LOAD_FILE_H

#include "runtime/base/diag.h"
#include "runtime/load/javacard/javacard.h"

struct load_file {
	struct buf block; /* the load file data block */
	struct buf bytes; /* DAP blocks, and the block in C4 */
	struct buf hash;  /* of the block; empty unless it is sent */
};

/* Make it of a load file data block. Signs DAP blocks and reads keys where that is asked for. false with a
 * diagnostic; reset in both cases. */
bool load_file_make(struct load_file *f, struct loader *w, const struct aid *package, const struct buf *block,
    const struct gp_install_options *o, struct diag_list *d);

/* INSTALL [for load], LOAD to the end. *blocks: LOAD commands. Refused before the first command when it cannot be
 * counted. */
bool load_file_send(const struct load_file *f, struct loader *w, const struct aid *package,
    const struct gp_install_options *o, size_t *blocks);

void load_file_reset(struct load_file *f);

/* Complete an INSTALL command with its token: given, or made with the key in a file, or none. */
bool token_put(struct buf *data, unsigned p1, struct bytes token, const char *key, struct diag_list *d);

/* The data of DELETE, with its token where there is one. */
bool delete_put(
    struct buf *data, const struct aid *what, unsigned p2, const struct gp_authority *by, struct diag_list *d);

#endif
