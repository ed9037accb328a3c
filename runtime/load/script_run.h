/* Sending a command script, with per-card values in its holes. */
#ifndef IGATA_LOAD_SCRIPT_RUN_H
#define IGATA_LOAD_SCRIPT_RUN_H

#include "runtime/image/script.h"
#include "runtime/image/values.h"
#include "runtime/load/dialect.h"

struct script_run {
	const struct load_dialect *dialect;
	const struct script *script;
	const struct image *image;
	const struct value_set *values;
	bool resume; /* a file that exists counts as created */
	size_t done; /* steps that the card took */
};

/* Send all steps, the MF being current and the loading key proved; image_read has made sure that the script fits the
 * template, values_check that the values do. false: a step was refused, or the card was lost;
 * with a diagnostic that names the step. */
bool script_run(struct script_run *r, struct session *s);

#endif
