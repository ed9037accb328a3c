#include "runtime/contract/contract.h"

#include <string.h>

/* contract_valid: bounds, not sense. What makes no sense for a card (a PIN that nobody can use, two files with one
 * FID) is found in the description and reported there; a stored block only has to be safe to follow. */

static bool ended(const char *s, size_t cap)
{
	return memchr(s, 0, cap) != NULL;
}

/* A bool of a stored block may hold any byte, and reading one that is not 0 or 1 is undefined. */
static bool valid_bool(const bool *b)
{
	unsigned char byte;
	memcpy(&byte, b, 1);
	return byte <= 1;
}

static bool valid_counts(const struct contract *c)
{
	return c->n_files <= CONTRACT_FILES && c->n_fields <= CONTRACT_FIELDS && c->n_pins <= CONTRACT_PINS &&
	    c->n_values <= CONTRACT_VALUES && c->n_rules <= CONTRACT_RULES && c->n_dfs <= CONTRACT_DFS &&
	    c->n_keys <= CONTRACT_KEYS && c->n_commands <= CONTRACT_COMMANDS && c->n_steps <= CONTRACT_STEPS &&
	    c->n_numberings <= CONTRACT_NUMBERINGS;
}

static bool valid_head(const struct contract *c, size_t size)
{
	if (size < sizeof *c || c->size != size || c->pool_len > CONTRACT_POOL || size - sizeof *c != c->pool_len)
		return false;
	if (!ended(c->id, sizeof c->id) || !ended(c->version, sizeof c->version))
		return false;
	if (!ended(c->title[0], sizeof c->title[0]) || !ended(c->title[1], sizeof c->title[1]))
		return false;
	if (c->sm_response > SM_ENC_MAC || !valid_bool(&c->sm_plain_ends) || !valid_bool(&c->extended))
		return false;
	return c->aid_len >= AID_MIN && c->aid_len <= AID_MAX && c->area <= AREA_LOCAL &&
	    c->personality <= PERSONALITY_JICSAP && valid_counts(c) && c->block < c->n_rules &&
	    c->unblock < c->n_rules && c->terminate < c->n_rules;
}

static bool valid_leaf(const struct contract *c, const struct contract_rule *r)
{
	switch ((enum rule_op)r->op) {
	case RULE_PIN:
	case RULE_PIN_UNSET:
		return r->a < c->n_pins;
	case RULE_AUTH:
		return r->a < c->n_keys;
	case RULE_SM:
		return r->a <= SM_ENC_MAC && (r->b == CONTRACT_NONE || r->b < c->n_keys);
	case RULE_NEVER:
	case RULE_ALWAYS:
	case RULE_AND:
	case RULE_OR:
	case RULE_CONTACT:
	case RULE_CONTACTLESS:
		return true;
	}
	return false;
}

/* Operands lie before their node, so one pass finds depth and size of every rule; both are bounded, because whoever
 * walks a rule does so recursively and a shared node counts as often as it is reached. */
static bool valid_rules(const struct contract *c)
{
	uint16_t depth[CONTRACT_RULES], leaves[CONTRACT_RULES];
	if (c->n_rules < 2 || c->rule[0].op != RULE_NEVER || c->rule[1].op != RULE_ALWAYS)
		return false;
	for (uint16_t i = 0; i < c->n_rules; i++) {
		const struct contract_rule *r = &c->rule[i];
		depth[i] = 0;
		leaves[i] = 1;
		if (!valid_leaf(c, r))
			return false;
		if (r->op != RULE_AND && r->op != RULE_OR)
			continue;
		if (r->a >= i || r->b >= i)
			return false;
		depth[i] = (uint16_t)(1 + (depth[r->a] > depth[r->b] ? depth[r->a] : depth[r->b]));
		leaves[i] = (uint16_t)(leaves[r->a] + leaves[r->b]);
		if (depth[i] > CONTRACT_RULE_DEPTH || leaves[i] > CONTRACT_RULE_LEAVES)
			return false;
	}
	return true;
}

/* The AP's own DF is always there, counted or not. A parent comes before what it contains. */
static bool valid_df_index(const struct contract *c, uint16_t df)
{
	return df == 0 || df < c->n_dfs;
}

static bool valid_dfs(const struct contract *c)
{
	for (uint16_t i = 0; i < c->n_dfs; i++) {
		const struct contract_df *d = &c->df[i];
		if (!ended(d->id, sizeof d->id) || d->aid_len > AID_MAX || (i > 0 && d->parent >= i))
			return false;
	}
	return true;
}

static bool is_records(const struct contract_file *f)
{
	return f->structure == FILE_LINEAR_FIXED || f->structure == FILE_LINEAR_VARIABLE || f->structure == FILE_CYCLIC;
}

static uint32_t slot_size(const struct contract_file *f)
{
	return 2 + (uint32_t)f->record_length;
}

/* Slots hold exactly the length in fixed records, at most that in variable ones. */
static bool valid_records(const struct contract *c, const struct contract_file *f)
{
	if (f->record_length == 0 || f->record_count == 0 || f->record_count > CONTRACT_RECORDS ||
	    f->records > f->record_count || f->size != f->records * slot_size(f))
		return false;
	for (uint16_t i = 0; i < f->records; i++) {
		const uint8_t *slot = c->pool + f->content + i * slot_size(f);
		uint32_t n = (uint32_t)(slot[0] << 8 | slot[1]);
		if (n > f->record_length || (n < f->record_length && f->structure != FILE_LINEAR_VARIABLE))
			return false;
	}
	return true;
}

static bool valid_counter(const struct contract *c, const struct contract_file *f)
{
	uint32_t v = 0;
	if (f->size < 1 || f->size > 4 || f->min > f->max || f->increase_ins == f->decrease_ins ||
	    (f->size < 4 && f->max >> 8 * f->size != 0))
		return false;
	for (uint32_t i = 0; i < f->size; i++)
		v = v << 8 | c->pool[f->content + i];
	return v >= f->min && v <= f->max;
}

static bool valid_structure(const struct contract *c, const struct contract_file *f)
{
	switch ((enum file_structure)f->structure) {
	case FILE_TRANSPARENT:
		return true;
	case FILE_LINEAR_FIXED:
	case FILE_LINEAR_VARIABLE:
	case FILE_CYCLIC:
		return valid_records(c, f);
	case FILE_DATA_OBJECT:
		return f->size <= 0xffff && f->length <= f->size;
	case FILE_COUNTER:
		return valid_counter(c, f);
	}
	return false;
}

static bool valid_file(const struct contract *c, const struct contract_file *f)
{
	if (!ended(f->id, sizeof f->id) || f->sfi > 30 || !valid_df_index(c, f->df))
		return false;
	if (f->size > c->pool_len || f->content > c->pool_len - f->size || !valid_structure(c, f))
		return false;
	for (int op = 0; op < FILE_OPS; op++)
		if (f->rule[op] >= c->n_rules)
			return false;
	return true;
}

/* A field lies in one record, or in a content that has none; a counter is one field. */
static bool valid_place(const struct contract_file *file, const struct contract_field *f)
{
	uint32_t size = file->size;
	if (is_records(file)) {
		if (f->record < 1 || f->record > file->records)
			return false;
		size = file->record_length;
	} else if (f->record != 0 || (file->structure == FILE_COUNTER && (f->length != size || f->pad != -1)))
		return false;
	return f->length <= size && f->offset <= size - f->length;
}

static bool valid_field(const struct contract *c, uint16_t i)
{
	const struct contract_field *f = &c->field[i];
	if (!ended(f->id, sizeof f->id) || f->file >= c->n_files || f->format > FORMAT_TEXT)
		return false;
	if (!valid_place(&c->file[f->file], f) || f->pad < -1 || f->pad > 255)
		return false;
	return f->value == CONTRACT_NONE ||
	    (f->value < c->n_values && c->value[f->value].kind == VALUE_FIELD && c->value[f->value].target == i);
}

static bool valid_value_of(const struct contract *c, uint16_t value, enum value_kind kind, uint16_t target)
{
	return value < c->n_values && c->value[value].kind == kind && c->value[value].target == target;
}

/* In jicsap PINs and keys are IEFs, found by FID as well, perhaps without short identifier. */
static bool valid_reference(const struct contract *c, uint8_t ref, uint16_t df)
{
	if (!valid_df_index(c, df))
		return false;
	return c->personality == PERSONALITY_JICSAP ? ref <= 30 : ref >= 1 && ref <= 31;
}

static bool valid_pin(const struct contract *c, uint16_t i)
{
	const struct contract_pin *p = &c->pin[i];
	if (!ended(p->id, sizeof p->id) || !valid_reference(c, p->ref, p->df) || p->format > FORMAT_TEXT)
		return false;
	if (!valid_bool(&p->card_checks_format) || !valid_bool(&p->resets_to_transport))
		return false;
	if (p->min < 1 || p->min > p->max || p->pad < -1 || p->pad > 255)
		return false;
	if (p->stored != 0 && (p->stored < p->max || (p->pad == -1 && p->stored > p->min)))
		return false;
	if (p->tries < 1 || p->tries > 15 || p->initial > PIN_UNSET || p->change > (FORM_00 | FORM_01) ||
	    p->reset > (FORM_00 | FORM_01 | FORM_02 | FORM_03))
		return false;
	if (p->unblock >= c->n_rules || p->set >= c->n_rules)
		return false;
	if (p->initial != PIN_UNSET && !valid_value_of(c, p->value, VALUE_PIN, i))
		return false;
	if (p->puk_length == 0)
		return (p->reset & (FORM_00 | FORM_01)) == 0;
	return p->puk_format <= FORMAT_TEXT && p->puk_tries >= 1 && p->puk_tries <= 15 &&
	    valid_value_of(c, p->puk_value, VALUE_PUK, i);
}

static bool valid_key(const struct contract *c, uint16_t i)
{
	const struct contract_key *k = &c->key[i];
	if (!ended(k->id, sizeof k->id) || !valid_reference(c, k->ref, k->df) || k->algorithm > KEY_EC_P384 ||
	    k->use > KEY_MUTUAL || k->suite > SUITE_ECDSA_SHA384 || k->tries < 1 || k->tries > 15)
		return false;
	if (!valid_value_of(c, k->value, VALUE_KEY, i))
		return false;
	return k->use != KEY_MUTUAL ? k->value_mac == CONTRACT_NONE : valid_value_of(c, k->value_mac, VALUE_KEY_MAC, i);
}

static bool valid_numbering(const struct contract_numbering *n)
{
	return ended(n->id, sizeof n->id) && ended(n->prefix, sizeof n->prefix) && n->from <= n->to && n->width <= 18 &&
	    n->check <= NUMBERING_MOD11;
}

static uint16_t targets(const struct contract *c, enum value_kind kind)
{
	switch (kind) {
	case VALUE_FIELD:
		return c->n_fields;
	case VALUE_PIN:
	case VALUE_PUK:
		return c->n_pins;
	case VALUE_KEY:
	case VALUE_KEY_MAC:
		return c->n_keys;
	}
	return 0;
}

static bool valid_value(const struct contract *c, const struct contract_value *v)
{
	if (!ended(v->name, sizeof v->name) || !ended(v->label, sizeof v->label) || v->source > SOURCE_MASTER ||
	    v->min > v->max || v->format > FORMAT_TEXT || !valid_bool(&v->secret))
		return false;
	if (v->source == SOURCE_NUMBERING && v->numbering >= c->n_numberings)
		return false;
	return v->target < targets(c, (enum value_kind)v->kind);
}

/* `data`: bytes of the command data. */
static bool valid_operand(const struct contract *c, const struct contract_operand *o, uint16_t data)
{
	switch ((enum operand_kind)o->kind) {
	case OPERAND_NONE:
		return true;
	case OPERAND_INPUT:
		return o->length <= data && o->at <= (uint32_t)(data - o->length);
	case OPERAND_FIELD:
		return o->index < c->n_fields;
	case OPERAND_COUNTER:
		return o->index < c->n_files && c->file[o->index].structure == FILE_COUNTER;
	case OPERAND_LITERAL:
		return o->length <= c->pool_len && o->at <= c->pool_len - o->length;
	}
	return false;
}

static bool valid_step(const struct contract *c, const struct contract_step *s, uint16_t data)
{
	if (!valid_bool(&s->more) || !valid_operand(c, &s->left, data) || !valid_operand(c, &s->right, data))
		return false;
	switch ((enum step_op)s->op) {
	case STEP_REQUIRE:
		return s->rule < c->n_rules;
	case STEP_COMPARE:
		return s->comparison <= COMPARE_AT_MOST && s->left.kind != OPERAND_NONE &&
		    s->right.kind != OPERAND_NONE;
	case STEP_INCREASE:
	case STEP_DECREASE:
		return s->left.kind == OPERAND_COUNTER && s->right.kind != OPERAND_NONE;
	case STEP_APPEND:
		return s->target < c->n_files && is_records(&c->file[s->target]) && s->left.kind != OPERAND_NONE;
	case STEP_COPY:
		return s->left.kind != OPERAND_NONE && s->right.kind == OPERAND_FIELD;
	case STEP_RESPOND:
		return s->left.kind != OPERAND_NONE;
	}
	return false;
}

static bool valid_command(const struct contract *c, const struct contract_command *k)
{
	if (!ended(k->id, sizeof k->id) || k->rule >= c->n_rules || k->n_steps > c->n_steps ||
	    k->first_step > c->n_steps - k->n_steps)
		return false;
	for (uint16_t i = 0; i < k->n_steps; i++)
		if (!valid_step(c, &c->step[k->first_step + i], k->data))
			return false;
	/* A record that goes on has to go on somewhere. */
	return k->n_steps == 0 || !c->step[k->first_step + k->n_steps - 1].more;
}

bool contract_valid(const struct contract *c, size_t size)
{
	if (!valid_head(c, size) || !valid_rules(c) || !valid_dfs(c))
		return false;
	if (c->diversifier > c->n_fields)
		return false;
	for (uint16_t i = 0; i < c->n_numberings; i++)
		if (!valid_numbering(&c->numbering[i]))
			return false;
	for (uint16_t i = 0; i < c->n_values; i++)
		if (!valid_value(c, &c->value[i]))
			return false;
	for (uint16_t i = 0; i < c->n_files; i++)
		if (!valid_file(c, &c->file[i]))
			return false;
	for (uint16_t i = 0; i < c->n_fields; i++)
		if (!valid_field(c, i))
			return false;
	for (uint16_t i = 0; i < c->n_pins; i++)
		if (!valid_pin(c, i))
			return false;
	for (uint16_t i = 0; i < c->n_keys; i++)
		if (!valid_key(c, i))
			return false;
	for (uint16_t i = 0; i < c->n_commands; i++)
		if (!valid_command(c, &c->command[i]))
			return false;
	return true;
}
