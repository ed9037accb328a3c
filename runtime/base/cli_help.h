/* What a program prints by itself: help, version, the answer. Used by cli.c. */
#ifndef IGATA_BASE_CLI_HELP_H
#define IGATA_BASE_CLI_HELP_H

#include "runtime/base/cli.h"

/* The options that every command takes; ends with a NULL name. */
extern const struct cli_option cli_common[];

/* Append help on the program, or on c->command when one was named. */
void cli_help(struct cli *c, struct buf *out);

#endif
