/* The commands of apc, one file each: apc_check.c, apc_build.c and so on. apc.c has the tables and main. */
#ifndef IGATA_APC_H
#define IGATA_APC_H

#include "compiler/description/description.h"
#include "runtime/base/cli.h"

bool apc_new(struct cli *c);
bool apc_check(struct cli *c);
bool apc_format(struct cli *c);
bool apc_build(struct cli *c);
bool apc_explain(struct cli *c);
bool apc_number(struct cli *c);
bool apc_inspect(struct cli *c);
bool apc_verify_cap(struct cli *c);
bool apc_inspect_cap(struct cli *c); /* of inspect: a CAP file */
bool apc_chips(struct cli *c);
bool apc_explain_code(struct cli *c);

/* Read a description of at most XML_MAX bytes. NULL with diagnostics; `path` must outlive them. */
const struct description *apc_read(struct cli *c, struct arena *a, const char *path);

/* Names of the chips there are profiles of. NULL with a diagnostic, also when there are none. */
const char **apc_chip_names(struct cli *c, struct arena *a, size_t *n);

#endif
