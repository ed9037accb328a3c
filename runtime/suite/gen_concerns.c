/* Which points of the AP contract an AP has anything of: what it has not is not missed. */
#include "runtime/suite/gen.h"

static bool any_pin(const struct gen *g, bool (*has)(const struct contract_pin *p))
{
	for (uint16_t i = 0; i < g->c->n_pins; i++)
		if (has(&g->c->pin[i]))
			return true;
	return false;
}

/* The same of those that have a value at some time. */
static bool any_valued(const struct gen *g, bool (*has)(const struct contract_pin *p))
{
	for (uint16_t i = 0; i < g->c->n_pins; i++)
		if (gen_has_value(g, i) && (has == NULL || has(&g->c->pin[i])))
			return true;
	return false;
}

static bool any_change_verified(const struct gen *g)
{
	for (unsigned pin = 0; pin < g->c->n_pins; pin++)
		if (gen_pin_can(g, pin, PIN_CHANGE_01))
			return true;
	return false;
}

static bool lacks_change(const struct contract_pin *p)
{
	return (p->change & (FORM_00 | FORM_01)) != (FORM_00 | FORM_01);
}

static bool is_unset(const struct contract_pin *p)
{
	return p->initial == PIN_UNSET;
}

static bool has_fid(const struct contract_pin *p)
{
	return p->fid != 0;
}

static bool has_puk(const struct contract_pin *p)
{
	return p->puk_length != 0 && (p->reset & (FORM_00 | FORM_01)) != 0;
}

static bool resets_by_rule(const struct contract_pin *p)
{
	return (p->reset & (FORM_02 | FORM_03)) != 0;
}

/* A form of RESET RETRY COUNTER with data, to the point where the data is looked at. */
static bool resets_with_data(const struct gen *g)
{
	for (unsigned pin = 0; pin < g->c->n_pins; pin++)
		if ((gen_has_value(g, pin) && has_puk(&g->c->pin[pin])) || gen_pin_can(g, pin, PIN_RESET_02))
			return true;
	return false;
}

static bool lacks_reset(const struct contract_pin *p)
{
	return p->reset != (FORM_00 | FORM_01 | FORM_02 | FORM_03);
}

static bool has_sfi(const struct contract *c)
{
	for (uint16_t i = 0; i < c->n_files; i++)
		if (c->file[i].sfi != 0 && c->file[i].df == 0 && c->file[i].structure == FILE_TRANSPARENT)
			return true;
	return false;
}

/* Whether a file offers the operation to anybody. */
static bool can_give(const struct gen *g, uint16_t file, enum file_op op)
{
	return g->cov->row[g->file_op[file][op].row[GEN_GIVEN]].state != COVER_NEEDLESS;
}

/* Whether some file can be read or updated at all. */
static bool any_file(const struct gen *g, enum file_op op)
{
	for (uint16_t i = 0; i < g->c->n_files; i++)
		if (g->c->file[i].structure == FILE_TRANSPARENT && can_give(g, i, op))
			return true;
	return false;
}

static bool any_structure(const struct gen *g, unsigned structures)
{
	for (uint16_t i = 0; i < g->c->n_files; i++)
		if ((structures >> g->c->file[i].structure & 1) != 0)
			return true;
	return false;
}

/* Whether some object of these structures offers the operation to anybody. */
static bool any_use(const struct gen *g, unsigned structures, enum file_op op)
{
	for (uint16_t i = 0; i < g->c->n_files; i++)
		if ((structures >> g->c->file[i].structure & 1) != 0 && can_give(g, i, op))
			return true;
	return false;
}

/* Whether some record can be read: there was one, or one came. */
static bool any_record(const struct gen *g)
{
	pin_set set;
	for (uint16_t i = 0; i < g->c->n_files; i++)
		if (g->recording[i] != NULL && g->recording[i]->n != 0 && can_give(g, i, FILE_READ) &&
		    (g->c->file[i].records != 0 || gen_file_set(g, i, FILE_READ, &set)))
			return true;
	return false;
}

/* A transparent EF in the AP's own DF. */
static bool any_plain(const struct gen *g)
{
	for (uint16_t i = 0; i < g->c->n_files; i++)
		if (gen_plain(g, i))
			return true;
	return false;
}

enum {
	LINEAR = 1U << FILE_LINEAR_FIXED | 1U << FILE_LINEAR_VARIABLE,
	RECORDS = LINEAR | 1U << FILE_CYCLIC,
	COUNTERS = 1U << FILE_COUNTER,
	DATA_OBJECTS = 1U << FILE_DATA_OBJECT,
};

static bool any_late(const struct gen *g)
{
	for (uint16_t i = 0; i < g->c->n_commands; i++)
		if (gen_fails_late(g, &g->c->command[i]))
			return true;
	return false;
}

static bool can(const struct gen *g, enum gen_life_op op)
{
	return gen_life_rule(g->c, op) != 0 && g->life_op[op].rule.sets[RULES_GRANTED].n != 0;
}

static bool any_key(struct gen *g, enum gen_clause clause)
{
	bool any = false;
	for (uint16_t key = 0; key < g->c->n_keys; key++) {
		g->df = g->c->key[key].df;
		any = any || gen_concerns_key(g, clause, key);
	}
	g->df = 0;
	return any;
}

/* Whether the AP has what the clause speaks about. */
bool gen_concerns(struct gen *g, enum gen_clause clause)
{
	const struct contract *c = g->c;
	switch (clause) {
	case CLAUSE_ADMINISTRATION:
	case CLAUSE_CLA:
	case CLAUSE_SM:
	case CLAUSE_INS:
	case CLAUSE_SELECT_AID:
	case CLAUSE_SELECT_LENGTH:
	case CLAUSE_SELECT_FAILED:
	case CLAUSE_SFI_FORM:
	case CLAUSE_PIN_REFERENCE:
		return true;
	case CLAUSE_P1P2:
		return c->n_pins != 0 || gen_has_challenges(g);
	case CLAUSE_EXISTS:
	case CLAUSE_RECORD:
		return any_plain(g);
	case CLAUSE_ACCESS:
		return c->n_files != 0;
	case CLAUSE_DF:
		return c->n_dfs > 1;
	case CLAUSE_DF_STATUS:
		return gen_has_df_status(g);
	case CLAUSE_RECORD_READ:
		return any_record(g);
	case CLAUSE_RECORD_MODES:
		return any_use(g, RECORDS, FILE_READ);
	case CLAUSE_RECORD_UPDATE:
		return any_use(g, RECORDS, FILE_UPDATE);
	case CLAUSE_RECORD_APPEND:
		return any_use(g, RECORDS, FILE_APPEND);
	case CLAUSE_RECORD_FULL:
		return any_use(g, LINEAR, FILE_APPEND);
	case CLAUSE_RECORD_CYCLIC:
		return any_use(g, 1U << FILE_CYCLIC, FILE_APPEND);
	case CLAUSE_DATA:
		return any_structure(g, DATA_OBJECTS);
	case CLAUSE_COUNTER:
		return any_structure(g, COUNTERS);
	case CLAUSE_COUNTER_BOUNDS:
		return any_use(g, COUNTERS, FILE_INCREASE) || any_use(g, COUNTERS, FILE_DECREASE);
	case CLAUSE_READ:
	case CLAUSE_CONTENT:
		return any_file(g, FILE_READ);
	case CLAUSE_UPDATE:
		return any_file(g, FILE_UPDATE);
	case CLAUSE_SELECT_CLEARS:
	case CLAUSE_RESET_CLEARS:
		return any_file(g, FILE_READ) || (g->usable & gen_visible(g)) != 0;
	case CLAUSE_SFI_CURRENT:
		return has_sfi(c);
	case CLAUSE_EXTENDED:
		return c->extended && any_file(g, FILE_READ);
	case CLAUSE_SELECT_EF:
		return any_plain(g) && (g->usable & gen_visible(g)) != 0;
	case CLAUSE_NO_TRY:
		return any_valued(g, gen_changes_old) || any_valued(g, has_puk);
	case CLAUSE_PIN_LENGTH:
	case CLAUSE_PIN_WRONG:
	case CLAUSE_PIN_BLOCKED:
	case CLAUSE_PIN_EMPTY:
	case CLAUSE_PIN_PERSISTS:
		return any_valued(g, NULL);
	case CLAUSE_TRANSPORT:
		return any_pin(g, gen_is_transport);
	case CLAUSE_COMMAND:
	case CLAUSE_COMMAND_FORM:
	case CLAUSE_COMMAND_STEP:
		return c->n_commands != 0;
	case CLAUSE_COMMAND_ATOMIC:
		return any_late(g);
	case CLAUSE_BLOCK:
		return c->block != 0 || c->unblock != 0;
	case CLAUSE_BLOCKED:
		return can(g, LIFE_BLOCK) && (can(g, LIFE_UNBLOCK) || !can(g, LIFE_TERMINATE));
	case CLAUSE_TERMINATE:
		return c->terminate != 0;
	case CLAUSE_TERMINATED:
		return can(g, LIFE_TERMINATE);
	case CLAUSE_UNSET:
		return any_pin(g, is_unset);
	case CLAUSE_UNSET_SET:
		for (size_t i = 0; i < g->n_endings; i++)
			if (g->ending[i].first)
				return true;
		return false;
	case CLAUSE_CHANGE_OLD:
	case CLAUSE_CHANGE_COUNTS:
	case CLAUSE_CHANGE_FORM:
		return any_valued(g, gen_changes_old);
	case CLAUSE_CHANGE_VERIFIED:
		return any_change_verified(g);
	case CLAUSE_CHANGE_KEY:
		return c->personality == PERSONALITY_JICSAP && c->n_pins != 0;
	case CLAUSE_CURRENT_IEF:
		return c->personality == PERSONALITY_JICSAP && any_valued(g, has_fid);
	case CLAUSE_CHANGE_ABSENT:
		return any_pin(g, lacks_change);
	case CLAUSE_RESET_PUK:
	case CLAUSE_PUK_COUNTS:
	case CLAUSE_PUK_BLOCKED:
		return any_valued(g, has_puk);
	case CLAUSE_RESET_FORM:
		return resets_with_data(g);
	case CLAUSE_RESET_RULE:
		return any_valued(g, resets_by_rule);
	case CLAUSE_RESET_ABSENT:
		return any_pin(g, lacks_reset);
	case CLAUSE_CHALLENGE:
	case CLAUSE_CHALLENGE_LENGTH:
	case CLAUSE_KEY_FORM:
	case CLAUSE_INTERNAL:
	case CLAUSE_SIGNATURE:
	case CLAUSE_KEY_AUTH:
	case CLAUSE_KEY_WRONG:
	case CLAUSE_KEY_BLOCKED:
	case CLAUSE_KEY_RESTORED:
	case CLAUSE_CHALLENGE_ONCE:
	case CLAUSE_CHALLENGE_SELECT:
	case CLAUSE_FAIL_CLEARS:
	case CLAUSE_MUTUAL_INSIDE:
	case CLAUSE_AUTH_SELECT:
	case CLAUSE_AUTH_RESET:
	case CLAUSE_AUTH_SESSION:
	case CLAUSE_DF_KEYS:
	case CLAUSE_SELECT_SM:
	case CLAUSE_SM_LENGTH:
	case CLAUSE_SM_SESSION:
	case CLAUSE_SM_MISSING:
	case CLAUSE_SM_MAC:
	case CLAUSE_SM_COUNTER:
	case CLAUSE_SM_OBJECTS:
	case CLAUSE_SM_PADDING:
	case CLAUSE_SM_NONE:
	case CLAUSE_SM_OVER:
	case CLAUSE_SM_PIN:
	case CLAUSE_SM_OTHERS:
	case CLAUSE_SM_REFUSED:
	case CLAUSE_SM_PLAIN:
	case CLAUSE_SM_REPLACED:
	case CLAUSE_SM_SELECT:
	case CLAUSE_SM_DF:
	case CLAUSE_SM_08:
		return any_key(g, clause);
	case CLAUSES:
		break;
	}
	return false;
}

static bool has_key(const struct contract *c, bool (*is)(const struct contract_key *k))
{
	for (uint16_t i = 0; i < c->n_keys; i++)
		if (is(&c->key[i]))
			return true;
	return false;
}

static bool is_challenged(const struct contract_key *k)
{
	return k->use != KEY_INTERNAL;
}

static bool is_mutual(const struct contract_key *k)
{
	return k->use == KEY_MUTUAL;
}

static bool is_mutual_of_df(const struct contract_key *k)
{
	return k->use == KEY_MUTUAL && k->df != 0;
}

static bool is_internal(const struct contract_key *k)
{
	return k->use == KEY_INTERNAL && k->algorithm <= KEY_AES_256;
}

static bool is_signing(const struct contract_key *k)
{
	return k->use == KEY_INTERNAL && k->algorithm > KEY_AES_256;
}

static bool any_sfi(const struct contract *c)
{
	for (uint16_t i = 0; i < c->n_files; i++)
		if (c->file[i].sfi != 0)
			return true;
	return false;
}

/* By the contract alone: whether the AP has what the clause speaks about, though no way to show it may be known. */
bool gen_has(const struct gen *g, enum gen_clause clause)
{
	const struct contract *c = g->c;
	switch (clause) {
	case CLAUSE_EXISTS:
	case CLAUSE_RECORD:
		return c->n_files != 0;
	case CLAUSE_SELECT_EF:
		return c->n_files != 0 && (c->n_pins != 0 || has_key(c, is_challenged));
	case CLAUSE_SFI_CURRENT:
		return any_sfi(c);
	case CLAUSE_CHALLENGE:
	case CLAUSE_CHALLENGE_LENGTH:
	case CLAUSE_CHALLENGE_ONCE:
	case CLAUSE_CHALLENGE_SELECT:
	case CLAUSE_KEY_AUTH:
	case CLAUSE_KEY_WRONG:
	case CLAUSE_KEY_BLOCKED:
	case CLAUSE_KEY_RESTORED:
	case CLAUSE_FAIL_CLEARS:
	case CLAUSE_AUTH_SELECT:
	case CLAUSE_AUTH_RESET:
		return has_key(c, is_challenged);
	case CLAUSE_KEY_FORM:
		return c->n_keys != 0;
	case CLAUSE_INTERNAL:
		return has_key(c, is_internal);
	case CLAUSE_SIGNATURE:
		return has_key(c, is_signing);
	case CLAUSE_DF_KEYS:
		return c->n_dfs > 1 && has_key(c, is_challenged);
	case CLAUSE_SM_DF:
		return has_key(c, is_mutual_of_df);
	case CLAUSE_SM_PIN:
		return has_key(c, is_mutual) && c->n_pins != 0;
	case CLAUSE_SM_OTHERS:
		return has_key(c, is_mutual) && c->n_keys > 1;
	case CLAUSE_SM_REPLACED:
		return has_key(c, is_mutual) && !c->sm_plain_ends;
	case CLAUSE_SM_08:
		return false; /* gen_concerns knows */
	case CLAUSE_MUTUAL_INSIDE:
	case CLAUSE_AUTH_SESSION:
	case CLAUSE_SM_LENGTH:
	case CLAUSE_SELECT_SM:
	case CLAUSE_SM_SESSION:
	case CLAUSE_SM_MISSING:
	case CLAUSE_SM_MAC:
	case CLAUSE_SM_COUNTER:
	case CLAUSE_SM_OBJECTS:
	case CLAUSE_SM_PADDING:
	case CLAUSE_SM_NONE:
	case CLAUSE_SM_OVER:
	case CLAUSE_SM_REFUSED:
	case CLAUSE_SM_PLAIN:
	case CLAUSE_SM_SELECT:
		return has_key(c, is_mutual);
	default:
		return false;
	}
}
