/* CAP files (Java Card Virtual Machine Specification, chapter 6): what a converter makes of a package, and what a card
 * loads. Anybody's, so that nothing in them is trusted.
 *
 * cap_open takes the archive apart and reads what names the package: enough to load it. cap_read (model.h) reads and
 * checks the rest. Formats 2.1, 2.2 and 2.3 (compact); an archive in any order and compression, or the bare components
 * one behind the other as some programs store them. */
#ifndef IGATA_CAP_CAP_H
#define IGATA_CAP_CAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"
#include "runtime/base/diag.h"
#include "runtime/javacard/api.h"
#include "runtime/javacard/component.h"

enum {
	CAP_FILE_MAX = 16 * 1024 * 1024, /* of a CAP file, which may hold class files besides */
	CAP_IMPORTS = 128,               /* a package token has seven bits */
	CAP_AID_MIN = 5,
	CAP_AID_MAX = 16,
};

struct cap_aid {
	uint8_t n; /* 5 to 16 */
	uint8_t p[CAP_AID_MAX];
};

struct cap_import {
	struct cap_aid aid;
	api_version version;
	const struct api_package *api; /* NULL: a package that api.def does not have */
};

struct cap_applet {
	struct cap_aid aid;
	uint16_t install; /* offset of its install method in the Method component */
};

struct cap {
	char *file;                           /* for diagnostics */
	struct buf component[COMPONENT_TAGS]; /* with tag and size; empty when there is none */
	api_version format;                   /* 0x0201 to 0x0203 */
	uint8_t flags;                        /* enum cap_flags */
	struct cap_aid aid;                   /* of the package */
	api_version version;                  /* of the package */
	char name[256]; /* "com/example/wallet": of the Header, else of the archive's folder; may be empty */
	struct cap_import import[CAP_IMPORTS];
	size_t n_imports;
	struct cap_applet applet[256];
	size_t n_applets;
};

/* Read a CAP file of n bytes; `file` names it in diagnostics. false with diagnostics. cap_close in both cases. */
bool cap_open(struct cap *c, const uint8_t *p, size_t n, const char *file, struct diag_list *d);
void cap_close(struct cap *c);

/* The info bytes of a component, without tag and size; n is 0 when there is none. */
struct buf cap_info(const struct cap *c, enum component_tag tag); /* borrowed */

/* Append the load file data block as GlobalPlatform loads it (Card Specification 2.3.1, 11.6.2.3): the components in
 * load order, the Descriptor too if wanted. cap_load_file puts the tag C4 and the BER length before it. DAP blocks (E2)
 * are for the loader to add; the load file data block hash is that of cap_load_data. */
void cap_load_data(const struct cap *c, bool descriptor, struct buf *out);
void cap_load_file(const struct cap *c, bool descriptor, struct buf *out);

#endif
