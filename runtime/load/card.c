#define _DEFAULT_SOURCE /* realpath */
#define _XOPEN_SOURCE   700
#include "runtime/load/card.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/hex.h"

/* A simulated card is its file. A card in a reader has no number that every OS would tell, so it is known by reader and
 * ATR: two cards of one kind in one reader look the same, which is safe for counting failed keys (never fewer), and a
 * reason not to resume an install from a journal. */
static void identify(struct card *c, struct arena *a, const struct link *l, const struct card_given *given)
{
	char atr[2 * ATR_MAX + 1];
	if (given->identity != NULL) {
		c->identity = arena_printf(a, "id:%s", given->identity);
		c->sure = true;
	} else if (strncmp(l->name, "sim:", 4) == 0) {
		char *path = realpath(l->name + 4, NULL);
		c->identity = arena_printf(a, "sim:%s", path == NULL ? l->name + 4 : path);
		c->sure = true;
		free(path);
	} else {
		c->identity = arena_printf(a, "%s atr:%s", l->name, hex_encode(atr, l->atr, l->atr_len));
	}
}

/* Is this fact, hex digits in either case, the ATR? */
static bool has_atr(const struct chip *chip, const struct link *l)
{
	uint8_t atr[ATR_MAX];
	size_t n;
	const struct chip_fact *f = &chip->fact[CHIP_ATR];
	return f->present && hex_decode(f->text, strlen(f->text), atr, sizeof atr, &n) && n == l->atr_len &&
	    memcmp(atr, l->atr, n) == 0;
}

static void take(struct card *c, const struct chip *chip)
{
	c->chip = chip;
	c->chip_name = chip->name;
	c->dialect = load_dialect_named(chip->dialect);
}

/* Profiles that cannot be read are not this command's business: they are passed over. */
static bool by_atr(
    struct card *c, struct arena *a, const struct link *l, const struct card_given *given, struct diag_list *d)
{
	const char *profiles = given->profiles, *name = given->name;
	struct diag_list quiet = {0};
	size_t n = 0;
	const char **names = chip_names(a, profiles, &n, &quiet);
	for (size_t i = 0; names != NULL && i < n; i++) {
		const struct chip *chip = chip_find(a, profiles, names[i], &quiet);
		if (chip == NULL || strcmp(chip->family, "native") != 0 || !has_atr(chip, l))
			continue;
		if (c->chip != NULL) {
			diag_reset(&quiet);
			return diag_add(
			    d, (struct srcloc){.file = name}, DIAG_CARD_AMBIGUOUS, c->chip_name, chip->name, NULL);
		}
		take(c, chip);
	}
	diag_reset(&quiet);
	return true;
}

bool card_known(const struct card *c, const struct link *l, const struct card_given *given, struct diag_list *d)
{
	char atr[2 * ATR_MAX + 1];
	struct srcloc at = {.file = given->chip == NULL ? given->name : NULL};
	if (c->dialect != NULL)
		return true;
	if (c->chip != NULL)
		return diag_add(d, at, DIAG_CARD_DIALECT, c->chip->dialect, NULL);
	return diag_add(d, at, DIAG_CARD_UNKNOWN, hex_encode(atr, l->atr, l->atr_len), NULL);
}

static bool by_image(struct card *c, struct arena *a, const struct link *l, const struct card_given *given,
    const struct image_manifest *m, struct diag_list *d)
{
	const char *profiles = given->profiles, *name = given->name;
	char atr[2 * ATR_MAX + 1];
	struct diag_list quiet = {0};
	hex_encode(atr, l->atr, l->atr_len);
	if (m->atr[0] != 0 && strcmp(m->atr, atr) != 0)
		return diag_add(d, (struct srcloc){.file = name}, DIAG_CARD_OTHER_CHIP, atr, m->chip, m->atr, NULL);
	c->chip_name = arena_strdup(a, m->chip);
	c->chip = chip_find(a, profiles, m->chip, &quiet); /* what it adds is not needed to install */
	diag_reset(&quiet);
	c->dialect = load_dialect_named(m->dialect);
	return c->dialect != NULL ? true : diag_add(d, (struct srcloc){0}, DIAG_CARD_DIALECT, m->dialect, NULL);
}

bool card_recognise(struct card *c, struct arena *a, const struct link *l, const struct card_given *given,
    const struct image *img, struct diag_list *d)
{
	*c = (struct card){0};
	identify(c, a, l, given);
	if (img != NULL)
		return by_image(c, a, l, given, &img->manifest, d);
	if (given->chip == NULL)
		return by_atr(c, a, l, given, d);
	const struct chip *chip = chip_find(a, given->profiles, given->chip, d);
	if (chip == NULL)
		return false;
	take(c, chip);
	return true;
}
