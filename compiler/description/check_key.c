/* Keys in the whole of the AP. */
#include "compiler/description/build.h"

#include <string.h>

static void check_reference(struct build *b, uint16_t i)
{
	const struct contract_key *k = &b->c->key[i];
	if (k->ref == 0 || b->c->personality == PERSONALITY_JICSAP)
		return;
	for (uint16_t n = 0; n < i; n++)
		if (b->c->key[n].ref == k->ref && df_related(b->c, b->c->key[n].df, k->df)) {
			diag_add(b->d, AT(b->key[i], KEY_REF), DIAG_KEY_REF_REPEATED, k->id, diag_num(k->ref),
			    b->c->key[n].id, NULL);
			return;
		}
}

/* Internal keys are used by INTERNAL AUTHENTICATE alone; the others must open something. */
static void check_use(struct build *b, uint16_t i)
{
	const struct contract_key *k = &b->c->key[i];
	if (b->rules_bad || k->use == KEY_INTERNAL || !node_has(b->key[i], ATTR_KEY_USE))
		return;
	for (const struct rule_row *r = b->rules; r != NULL; r = r->next)
		if ((r->use.keys >> i & 1) != 0 || (r->use.any_key && k->use == KEY_MUTUAL))
			return;
	diag_add(b->d, b->key[i]->xml->at, DIAG_KEY_UNUSED, k->id, NULL);
}

/* --- the diversifier --------------------------------------------------------------------------------------------- */

enum { DIVERSIFIER = 16 /* random bytes: AP contract, 8 */ };

static bool has_master(const struct contract *c)
{
	for (uint16_t i = 0; i < c->n_values; i++)
		if (c->value[i].source == SOURCE_MASTER)
			return true;
	return false;
}

/* A terminal derives the card's keys from what it reads first, before any authentication (AP contract, 8), and what was
 * derived once has to come out the same ever after. */
static void check_field(struct build *b, uint16_t i)
{
	const struct contract_field *f = &b->c->field[i];
	const struct contract_file *file = &b->c->file[f->file];
	struct srcloc at = b->w->diversifier;
	b->c->diversifier = (uint16_t)(i + 1);
	if (f->value == CONTRACT_NONE && node_slot(b->field[i], ATTR_FIELD_SOURCE)->src == NULL)
		diag_add(b->d, at, DIAG_DIVERSIFIER_COMMON, f->id, NULL);
	if (f->length != 0 && f->length < DIVERSIFIER)
		diag_add(b->d, at, DIAG_DIVERSIFIER_SHORT, f->id, diag_num(f->length), diag_num(DIVERSIFIER), NULL);
	if (b->access[f->file][FILE_READ].rule == RULE_BAD || b->access[f->file][FILE_UPDATE].rule == RULE_BAD)
		return; /* reported */
	if (!rule_open(b->c, file->rule[FILE_READ]))
		diag_add(b->d, at, DIAG_DIVERSIFIER_HIDDEN, f->id, file->id, NULL);
	if (file->rule[FILE_UPDATE] != 0)
		diag_add(b->d, at, DIAG_DIVERSIFIER_CHANGES, f->id, file->id, NULL);
	if (!has_master(b->c))
		diag_add(b->d, at, DIAG_DIVERSIFIER_UNUSED, f->id, NULL);
}

static void check_diversifier(struct build *b)
{
	if (!node_has(b->root, ATTR_CARD_AP_DIVERSIFIER))
		return;
	const char *id = node_text(b->root, ATTR_CARD_AP_DIVERSIFIER);
	for (uint16_t i = 0; i < b->c->n_fields; i++)
		if (b->field[i]->element == ELEMENT_FIELD && strcmp(b->c->field[i].id, id) == 0) {
			check_field(b, i);
			return;
		}
	diag_add(b->d, b->w->diversifier, DIAG_DIVERSIFIER_UNKNOWN, id, NULL);
}

void check_keys(struct build *b)
{
	check_diversifier(b);
	for (uint16_t i = 0; i < b->c->n_keys; i++) {
		check_reference(b, i);
		check_use(b, i);
	}
}
