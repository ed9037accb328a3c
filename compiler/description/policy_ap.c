/* Policy about the AP as a whole (technical standard 第9, 3): what an AP may lack if its author says why. */
#include "compiler/description/build.h"

static bool has_transport(const struct contract *c)
{
	for (uint16_t i = 0; i < c->n_pins; i++)
		if (c->pin[i].initial == PIN_TRANSPORT)
			return true;
	return false;
}

static bool has_mutual(const struct contract *c)
{
	for (uint16_t i = 0; i < c->n_keys; i++)
		if (c->key[i].use == KEY_MUTUAL)
			return true;
	return false;
}

/* A key derived from a master needs a diversifier that any terminal can read first (AP contract, 8). */
static void check_diversifier(const struct description *ap, struct diag_list *d)
{
	const struct contract *c = ap->contract;
	for (uint16_t i = 0; i < c->n_keys; i++)
		if (c->value[c->key[i].value].source == SOURCE_MASTER) {
			diag_add(d, ap->where->key[i].source, DIAG_KEY_TRACEABLE, c->key[i].id, NULL);
			return;
		}
}

/* A key that was blocked stays blocked. Which operation is then lost for ever, because every way to it needs the key?
 */
static void check_lock(const struct description *ap, uint16_t key, struct diag_list *d)
{
	const struct contract *c = ap->contract;
	uint32_t others = TRUTH_ALL & ~(UINT32_C(1) << key);
	for (uint16_t i = 0; i < c->n_files; i++)
		for (int op = 0; op < FILE_OPS; op++) {
			uint16_t rule = c->file[i].rule[op];
			enum answer answer = answer_of_op((enum file_op)op);
			if (rule < 2 || rule_impossible(c, rule, answer) ||
			    rule_possible(c, rule, TRUTH_ALL, others, answer))
				continue;
			diag_add(d, ap->where->key[key].element, DIAG_KEY_LOCKS, c->key[key].id,
			    diag_num(c->key[key].tries), contract_file_op_name((enum file_op)op), c->file[i].id, NULL);
			return;
		}
}

void description_policy(const struct description *ap, struct diag_list *d)
{
	const struct contract *c = ap->contract;
	size_t from = d->n;
	if (c->n_pins == 0)
		diag_add(d, ap->where->ap, DIAG_NO_PIN, c->id, NULL);
	else if (!has_transport(c))
		diag_add(d, ap->where->pin[0].initial, DIAG_NO_TRANSPORT_PIN, c->id, NULL);
	if (!has_mutual(c))
		diag_add(d, ap->where->ap, DIAG_NO_MUTUAL_AUTHENTICATION, c->id, NULL);
	check_diversifier(ap, d);
	for (uint16_t i = 0; i < c->n_keys; i++)
		if (c->key[i].use != KEY_INTERNAL)
			check_lock(ap, i, d);
	description_accept(ap, d, from);
}
