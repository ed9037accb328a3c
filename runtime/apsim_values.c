/* Per-card values of a reference card: given, or derived from master keys; and what the contract says of them. */
#include <stdio.h>
#include <string.h>

#include "runtime/apsim.h"
#include "runtime/base/hex.h"
#include "runtime/base/wipe.h"
#include "runtime/contract/numbering.h"
#include "runtime/crypto/signature.h"
#include "runtime/image/master.h"
#include "runtime/load/key_file.h"
#include "runtime/load/master_file.h"

static const struct srcloc nowhere;

static const char *target_of(const struct contract *ap, const struct contract_value *v)
{
	switch ((enum value_kind)v->kind) {
	case VALUE_FIELD:
		return ap->field[v->target].id;
	case VALUE_PIN:
	case VALUE_PUK:
		return ap->pin[v->target].id;
	case VALUE_KEY:
	case VALUE_KEY_MAC:
		return ap->key[v->target].id;
	}
	return "";
}

/* The contract's per-card values as the holes of an image, which is what values are checked against. */
void apsim_holes(struct image *img, const struct contract *ap)
{
	static const char *const kind[] = {[VALUE_FIELD] = "field",
	    [VALUE_PIN] = "pin",
	    [VALUE_PUK] = "puk",
	    [VALUE_KEY] = "key",
	    [VALUE_KEY_MAC] = "key"};
	for (uint16_t i = 0; i < ap->n_values; i++) {
		const struct contract_value *v = &ap->value[i];
		struct image_hole *h = &img->hole[img->n_holes++];
		*h = (struct image_hole){.min = v->min, .max = v->max, .secret = v->secret, .pad = -1};
		snprintf(h->name, sizeof h->name, "%s", v->name);
		snprintf(h->kind, sizeof h->kind, "%s", kind[v->kind]);
		snprintf(h->target, sizeof h->target, "%s", target_of(ap, v));
		snprintf(h->format, sizeof h->format, "%s", contract_format_name((enum contract_format)v->format));
		snprintf(h->source, sizeof h->source, "%s", contract_source_name((enum value_source)v->source));
	}
}

/* A counter starts inside its bounds. */
static bool counter_fits(
    struct cli *c, const struct contract *ap, const struct contract_value *v, const struct buf *b, struct srcloc at)
{
	const struct contract_file *f = &ap->file[ap->field[v->target].file];
	uint32_t n = 0;
	for (size_t i = 0; i < b->n; i++)
		n = n << 8 | b->p[i];
	return (n >= f->min && n <= f->max) ||
	    diag_add(&c->diags, at, DIAG_VALUE_BOUNDS, v->name, diag_num(f->min), diag_num(f->max), f->id, NULL);
}

static bool key_fits(
    struct cli *c, const struct contract *ap, const struct contract_value *v, const struct buf *b, struct srcloc at)
{
	const struct contract_key *k = &ap->key[v->target];
	enum signature_key kind = (enum signature_key)(k->algorithm - KEY_RSA_2048 + SIGNATURE_RSA_2048);
	return k->algorithm < KEY_RSA_2048 || signature_private_key_fits(kind, b->p, b->n) ||
	    diag_add(&c->diags, at, DIAG_VALUE_PRIVATE_KEY, v->name, k->id, NULL);
}

/* A number of a card, as its rule makes it: AP contract, 12. Its length and whether it is left out were looked at with
 * all values. */
static bool number_fits(
    struct cli *c, const struct contract *ap, const struct contract_value *v, const struct buf *b, struct srcloc at)
{
	const struct contract_numbering *n = &ap->numbering[v->numbering];
	static const char *const checks[] = {[NUMBERING_NONE] = "none", [NUMBERING_LUHN] = "luhn", "mod11"};
	switch (numbering_fault(n, b->p, b->n)) {
	case NUMBERING_PREFIX:
		return diag_add(&c->diags, at, DIAG_VALUE_NUMBER_PREFIX, v->name, n->id, n->prefix, NULL);
	case NUMBERING_RANGE:
		return diag_add(
		    &c->diags, at, DIAG_VALUE_NUMBER_RANGE, v->name, n->id, diag_num(n->from), diag_num(n->to), NULL);
	case NUMBERING_CHECK:
		return diag_add(&c->diags, at, DIAG_VALUE_NUMBER_CHECK, v->name, n->id, checks[n->check], NULL);
	case NUMBERING_RIGHT:
	case NUMBERING_LENGTH:
	case NUMBERING_PERSONAL:
		break;
	}
	return true;
}

/* What the holes of an image cannot say of a value, but the contract can. */
static bool values_fit(struct cli *c, const struct contract *ap, const struct image *img, const struct value_set *given)
{
	bool good = true;
	for (uint16_t i = 0; i < ap->n_values; i++) {
		const struct contract_value *v = &ap->value[i];
		struct srcloc at = values_find(given, v->name)->at;
		struct buf b = {0};
		if (!values_bytes(given, &img->hole[i], &b) || b.bad)
			good = diag_add(&c->diags, nowhere, DIAG_NO_MEMORY, NULL);
		else if (v->source == SOURCE_NUMBERING)
			good = number_fits(c, ap, v, &b, at) && good;
		else if (v->kind == VALUE_KEY)
			good = key_fits(c, ap, v, &b, at) && good;
		else if (v->kind == VALUE_FIELD && ap->file[ap->field[v->target].file].structure == FILE_COUNTER)
			good = counter_fits(c, ap, v, &b, at) && good;
		buf_reset(&b);
	}
	return good;
}

/* ---- keys from master keys ---- */

/* What anyone reads from the card and the derivation takes: the field that the AP names, or the serial number. */
static bool find_diversifier(struct cli *c, const struct contract *ap, const struct image *img,
    const struct value_set *values, const char *key, struct buf *out)
{
	const char *serial = cli_value(c, "serial");
	uint8_t bytes[MASTER_DIVERSIFIER_MAX];
	size_t n = 0;
	if (ap->diversifier != 0) {
		const struct contract_field *f = &ap->field[ap->diversifier - 1];
		const struct image_hole *h = &img->hole[f->value];
		if (values_find(values, h->name) == NULL || !values_bytes(values, h, out))
			return diag_add(&c->diags, nowhere, DIAG_MASTER_NO_FIELD, key, h->name, f->id, NULL);
		while (out->n < f->length && f->pad >= 0)
			buf_u8(out, (unsigned)f->pad);
		return true;
	}
	if (serial == NULL || serial[0] == 0 || !hex_decode(serial, strlen(serial), bytes, sizeof bytes, &n))
		return diag_add(&c->diags, nowhere, DIAG_MASTER_NO_SERIAL, key, NULL);
	buf_add(out, bytes, n);
	return true;
}

/* NAME=HEX, as if it had been given. */
static bool take_key(struct cli *c, const char *name, const uint8_t *key, size_t n, struct value_set *values)
{
	struct buf text = {0};
	buf_printf(&text, "%s=", name);
	for (size_t i = 0; i < n; i++)
		buf_printf(&text, "%02X", key[i]);
	bool good = !text.bad && values_set(values, buf_cstr(&text), &c->diags);
	buf_reset(&text);
	return good;
}

static bool derive_key(struct cli *c, const struct contract *ap, const struct image *img, uint16_t i,
    const struct buf *masters, struct value_set *values)
{
	const struct contract_value *v = &ap->value[i];
	const char *id = ap->key[v->target].id;
	struct master_key master;
	struct buf diversifier = {0};
	uint8_t key[MASTER_KEY_MAX] = {0};
	bool good = master_find(masters, cli_value(c, "masters"), v->label, id, &master, &c->diags) &&
	    find_diversifier(c, ap, img, values, id, &diversifier);
	if (good &&
	    (diversifier.bad || !master_derive(ap, v, master.bytes, master.n, diversifier.p, diversifier.n, key)))
		good = diag_add(&c->diags, nowhere, DIAG_NO_MEMORY, NULL);
	good = good && take_key(c, v->name, key, v->max, values);
	wipe(key, sizeof key);
	wipe(&master, sizeof master);
	buf_reset(&diversifier);
	return good;
}

/* Those that were not given: the contract's section 8. */
static bool derive_keys(struct cli *c, const struct contract *ap, const struct image *img, struct value_set *values)
{
	struct buf masters = {0};
	bool good = key_file_read(cli_value(c, "masters"), &masters, &c->diags);
	for (uint16_t i = 0; good && i < ap->n_values; i++)
		if (ap->value[i].source == SOURCE_MASTER && values_find(values, ap->value[i].name) == NULL)
			good = derive_key(c, ap, img, i, &masters, values);
	buf_reset(&masters);
	return good;
}

bool apsim_gather_values(struct cli *c, const struct contract *ap, const struct image *img, struct value_set *values)
{
	const char *csv = cli_value(c, "perso"), *set;
	size_t at = 0;
	if (csv != NULL && !values_from_csv(values, csv, cli_number(c, "row", 1), &c->diags))
		return false;
	while ((set = cli_next(c, "set", &at)) != NULL)
		if (!values_set(values, set, &c->diags))
			return false;
	if (cli_has(c, "masters") && !derive_keys(c, ap, img, values))
		return false;
	return values_check(values, img, &c->diags) && values_fit(c, ap, img, values);
}
