/* The commands of apload, and what they share. apload.c has the tables and main. */
#ifndef IGATA_APLOAD_H
#define IGATA_APLOAD_H

#include "runtime/base/cli.h"
#include "runtime/load/loader.h"

bool apload_readers(struct cli *c);
bool apload_info(struct cli *c);
bool apload_list(struct cli *c);
bool apload_diagnose(struct cli *c);
bool apload_install(struct cli *c);
bool apload_verify(struct cli *c);
bool apload_delete(struct cli *c);
bool apload_trace(struct cli *c);

enum { LIST_NAMED = 32 }; /* APs that `list` takes by name */

/* One run of a command on a card. */
struct apload {
	struct cli *c;
	struct loader_options options;
	struct image *image; /* NULL: none read */
	struct value_set values;
	struct loader loader;
	bool opened;
};

/* Take the options that every command on a card has. */
void apload_begin(struct apload *a, struct cli *c);

/* Read an image. false with diagnostics. */
bool apload_read_image(struct apload *a, const char *path);

/* Take --perso, --row and --set; what stands behind the names is overwritten in the program's arguments, where other
 * users could see it. */
bool apload_read_values(struct apload *a);

/* Connect to the card; for the image if one was read. need: a card of an unknown kind is an error. */
bool apload_open(struct apload *a, bool need);

/* An AP is named by an AID, unless there is an image file of that name (which is read). false with a diagnostic. */
bool apload_name_ap(struct apload *a, const char *what, struct aid *aid);

/* Release everything. */
void apload_end(struct apload *a);

#endif
