/* Keys in the whole of the AP. */
#include "compiler/description/build.h"

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

void check_keys(struct build *b)
{
	for (uint16_t i = 0; i < b->c->n_keys; i++) {
		check_reference(b, i);
		check_use(b, i);
	}
}
