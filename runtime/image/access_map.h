/* The access map of an image (access.json): what the loader needs of it to compare a card with the description. The
 * access module reads fields and PINs from the same entry. */
#ifndef IGATA_IMAGE_ACCESS_MAP_H
#define IGATA_IMAGE_ACCESS_MAP_H

#include "runtime/base/buf.h"
#include "runtime/base/diag.h"
#include "runtime/base/iso7816.h"

enum { ACCESS_FILES = 64, ACCESS_ID = 33, ACCESS_READBACK = 256 };

struct access_file {
	char id[ACCESS_ID];
	uint16_t fid;
	uint32_t size;
	char *read, *update;               /* the rules, as the description writes them; owned */
	uint8_t readback[ACCESS_READBACK]; /* data objects that the chip must tell about this file */
	size_t readback_len;
};

struct access_map {
	uint8_t aid[AID_MAX];
	size_t aid_len;
	size_t n_files;
	struct access_file file[ACCESS_FILES];
};

/* Read the entry, trusting nothing. name is for the diagnostic. false with a diagnostic; access_map_reset in both
 * cases. */
bool access_map_read(struct access_map *m, const struct buf *entry, const char *name, struct diag_list *d);
void access_map_reset(struct access_map *m);

#endif
