/* What the commands of apload share: options, image, values, card. */
#include "runtime/apload.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/hex.h"

void apload_begin(struct apload *a, struct cli *c)
{
	*a = (struct apload){.c = c};
	a->options = (struct loader_options){.journal = cli_value(c, "journal"),
	    .given = {.name = cli_value(c, "card"),
		.profiles = cli_value(c, "profiles"),
		.chip = cli_value(c, "chip"),
		.identity = cli_value(c, "card-id")},
	    .keys = {.file = cli_value(c, "keys"), .test_keys = cli_has(c, "test-keys")},
	    .last_try = cli_has(c, "last-try"),
	    .dry = cli_has(c, "dry-run"),
	    .record = cli_value(c, "record"),
	    .trace = c->trace ? c->err : NULL,
	    .lang = c->lang};
}

bool apload_read_image(struct apload *a, const char *path)
{
	if (a->image == NULL)
		a->image = calloc(1, sizeof *a->image);
	else
		image_reset(a->image);
	if (a->image == NULL)
		return diag_add(&a->c->diags, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	return image_load(a->image, path, cli_value(a->c, "trust"), &a->c->diags);
}

/* The arguments of a program are for all to see (ps). C lets a program change them (C17 5.1.2.2.1, 2). */
static void hide(const char *assignment)
{
	char *sign = strchr(assignment, '=');
	if (sign != NULL)
		memset(sign + 1, '*', strlen(sign + 1));
}

bool apload_read_values(struct apload *a)
{
	struct cli *c = a->c;
	const char *csv = cli_value(c, "perso"), *set;
	struct srcloc nowhere = {0};
	size_t at = 0;
	bool ok = true;
	while ((set = cli_next(c, "set", &at)) != NULL) {
		ok = values_set(&a->values, set, &c->diags) && ok;
		hide(set);
	}
	if (csv == NULL && cli_has(c, "row"))
		return diag_add(&c->diags, nowhere, DIAG_ROW_WITHOUT_FILE, NULL);
	if (csv != NULL && !cli_has(c, "row"))
		return diag_add(&c->diags, nowhere, DIAG_ROW_MISSING, NULL);
	return ok && (csv == NULL || values_from_csv(&a->values, csv, cli_number(c, "row", 0), &c->diags));
}

bool apload_open(struct apload *a, bool need)
{
	if (a->options.given.name == NULL)
		return diag_add(&a->c->diags, (struct srcloc){0}, DIAG_CARD_NOT_GIVEN, NULL);
	a->opened = true;
	return loader_open(&a->loader, &a->options, a->image, need, &a->c->progress, &a->c->diags);
}

bool apload_name_ap(struct apload *a, const char *what, struct aid *aid)
{
	if (access(what, F_OK) == 0) {
		if (!apload_read_image(a, what))
			return false;
		aid->n = a->image->manifest.aid_len;
		memcpy(aid->p, a->image->manifest.aid, aid->n);
		return true;
	}
	if (hex_decode(what, strlen(what), aid->p, AID_MAX, &aid->n) && aid->n >= AID_MIN)
		return true;
	return diag_add(&a->c->diags, (struct srcloc){0}, DIAG_DELETE_WHAT, what, NULL);
}

void apload_end(struct apload *a)
{
	if (a->opened)
		loader_close(&a->loader);
	if (a->image != NULL)
		image_reset(a->image);
	free(a->image);
	values_reset(&a->values);
}
