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
struct lock {
	const struct contract *c;
	uint32_t others;            /* all keys but this one */
	const char *operation, *of; /* the first that is lost; NULL while none is */
};

static bool lost(struct lock *l, uint16_t rule, enum answer answer, const char *operation, const char *of)
{
	if (rule < 2 || rule_impossible(l->c, rule, answer) || rule_possible(l->c, rule, TRUTH_ALL, l->others, answer))
		return false;
	l->operation = operation;
	l->of = of;
	return true;
}

static bool loses_file(struct lock *l)
{
	for (uint16_t i = 0; i < l->c->n_files; i++)
		for (int op = 0; op < FILE_OPS; op++)
			if (lost(l, l->c->file[i].rule[op], answer_of_op((enum file_op)op),
				contract_file_op_name((enum file_op)op), l->c->file[i].id))
				return true;
	return false;
}

static bool loses_command(struct lock *l)
{
	for (uint16_t i = 0; i < l->c->n_commands; i++) {
		const struct contract_command *m = &l->c->command[i];
		if (command_dead(l->c, m) || command_possible(l->c, m, TRUTH_ALL, l->others))
			continue;
		l->operation = "when";
		l->of = m->id;
		return true;
	}
	return false;
}

/* A PIN with a PUK is unblocked without the rule. */
static bool loses_pin(struct lock *l)
{
	for (uint16_t i = 0; i < l->c->n_pins; i++) {
		const struct contract_pin *p = &l->c->pin[i];
		if (lost(l, p->set, ANSWER_STATUS, "set", p->id) ||
		    (p->puk_length == 0 && lost(l, p->unblock, ANSWER_STATUS, "unblock", p->id)))
			return true;
	}
	return false;
}

static void check_lock(const struct description *ap, uint16_t key, struct diag_list *d)
{
	const struct contract *c = ap->contract;
	struct lock l = {.c = c, .others = TRUTH_ALL & ~(UINT32_C(1) << key)};
	if (loses_file(&l) || loses_command(&l) || loses_pin(&l) || lost(&l, c->block, ANSWER_STATUS, "block", c->id) ||
	    lost(&l, c->unblock, ANSWER_STATUS, "unblock", c->id) ||
	    lost(&l, c->terminate, ANSWER_STATUS, "terminate", c->id))
		diag_add(d, ap->where->key[key].element, DIAG_KEY_LOCKS, c->key[key].id, diag_num(c->key[key].tries),
		    l.operation, l.of, NULL);
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
