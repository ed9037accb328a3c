#include "runtime/contract/contract.h"

#include <assert.h>
#include <string.h>

#include "runtime/base/buf.h"

/* --- validity ---------------------------------------------------------------------------------------------------- */

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

static bool valid_head(const struct contract *c, size_t size)
{
	if (size < sizeof *c || c->size != size || c->pool_len > CONTRACT_POOL || size - sizeof *c != c->pool_len)
		return false;
	if (!ended(c->id, sizeof c->id) || !ended(c->version, sizeof c->version))
		return false;
	if (!ended(c->title[0], sizeof c->title[0]) || !ended(c->title[1], sizeof c->title[1]))
		return false;
	return c->aid_len >= AID_MIN && c->aid_len <= AID_MAX && c->area <= AREA_LOCAL &&
	    c->personality <= PERSONALITY_JICSAP && valid_bool(&c->extended) && c->n_files <= CONTRACT_FILES &&
	    c->n_fields <= CONTRACT_FIELDS && c->n_pins <= CONTRACT_PINS && c->n_values <= CONTRACT_VALUES &&
	    c->n_rules <= CONTRACT_RULES;
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
		if (r->op > RULE_OR || (r->op == RULE_PIN && r->a >= c->n_pins))
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

static bool valid_file(const struct contract *c, const struct contract_file *f)
{
	if (!ended(f->id, sizeof f->id) || f->sfi > 30 || f->structure != FILE_TRANSPARENT)
		return false;
	if (f->size > c->pool_len || f->content > c->pool_len - f->size)
		return false;
	for (int op = 0; op < FILE_OPS; op++)
		if (f->rule[op] >= c->n_rules)
			return false;
	return true;
}

static bool valid_field(const struct contract *c, uint16_t i)
{
	const struct contract_field *f = &c->field[i];
	if (!ended(f->id, sizeof f->id) || f->file >= c->n_files || f->format > FORMAT_TEXT)
		return false;
	uint32_t size = c->file[f->file].size;
	if (f->length > size || f->offset > size - f->length || f->pad < -1 || f->pad > 255)
		return false;
	return f->value == CONTRACT_NONE ||
	    (f->value < c->n_values && c->value[f->value].kind == VALUE_FIELD && c->value[f->value].target == i);
}

static bool valid_value_of_pin(const struct contract *c, uint16_t value, enum value_kind kind, uint16_t pin)
{
	return value < c->n_values && c->value[value].kind == kind && c->value[value].target == pin;
}

static bool valid_pin(const struct contract *c, uint16_t i)
{
	const struct contract_pin *p = &c->pin[i];
	if (!ended(p->id, sizeof p->id) || p->ref < 1 || p->ref > 31 || p->format > FORMAT_TEXT)
		return false;
	if (!valid_bool(&p->card_checks_format) || p->min < 1 || p->min > p->max || p->pad < -1 || p->pad > 255)
		return false;
	if (p->stored != 0 && (p->stored < p->max || (p->pad == -1 && p->stored > p->min)))
		return false;
	if (p->tries < 1 || p->tries > 15 || p->initial > PIN_TRANSPORT || p->change > (FORM_00 | FORM_01) ||
	    p->reset > (FORM_00 | FORM_01 | FORM_02 | FORM_03))
		return false;
	if (p->unblock >= c->n_rules || !valid_value_of_pin(c, p->value, VALUE_PIN, i))
		return false;
	if (p->puk_length == 0)
		return (p->reset & (FORM_00 | FORM_01)) == 0;
	return p->puk_format <= FORMAT_TEXT && p->puk_tries >= 1 && p->puk_tries <= 15 &&
	    valid_value_of_pin(c, p->puk_value, VALUE_PUK, i);
}

static bool valid_value(const struct contract *c, const struct contract_value *v)
{
	if (!ended(v->name, sizeof v->name) || v->kind > VALUE_PUK || v->source > SOURCE_CALLER || v->min > v->max)
		return false;
	if (v->format > FORMAT_TEXT || !valid_bool(&v->secret))
		return false;
	return v->target < (v->kind == VALUE_FIELD ? c->n_fields : c->n_pins);
}

bool contract_valid(const struct contract *c, size_t size)
{
	if (!valid_head(c, size) || !valid_rules(c))
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
	return true;
}

/* --- rules ------------------------------------------------------------------------------------------------------- */

bool contract_rule_holds(const struct contract *c, uint16_t rule, uint32_t verified)
{
	assert(rule < c->n_rules);
	const struct contract_rule *r = &c->rule[rule];
	switch ((enum rule_op)r->op) {
	case RULE_NEVER:
		return false;
	case RULE_ALWAYS:
		return true;
	case RULE_PIN:
		return (verified >> r->a & 1) != 0;
	case RULE_AND:
		return contract_rule_holds(c, r->a, verified) && contract_rule_holds(c, r->b, verified);
	case RULE_OR:
		return contract_rule_holds(c, r->a, verified) || contract_rule_holds(c, r->b, verified);
	case RULE_PIN_UNSET:
	case RULE_AUTH:
	case RULE_SM:
	case RULE_CONTACT:
	case RULE_CONTACTLESS:
		return false; /* more than PINs */
	}
	return false;
}

uint32_t contract_rule_pins(const struct contract *c, uint16_t rule)
{
	assert(rule < c->n_rules);
	const struct contract_rule *r = &c->rule[rule];
	if (r->op == RULE_PIN)
		return UINT32_C(1) << r->a;
	if (r->op == RULE_AND || r->op == RULE_OR)
		return contract_rule_pins(c, r->a) | contract_rule_pins(c, r->b);
	return 0;
}

/* Parentheses stand only where the other operator is an operand: "and" binds tighter, and a chain of one operator
 * reads the same whichever way it is grouped. */
static void write_operand(const struct contract *c, uint16_t rule, uint8_t above, struct buf *out)
{
	bool enclose = c->rule[rule].op == RULE_OR && above == RULE_AND;
	if (enclose)
		buf_u8(out, '(');
	contract_rule_text(c, rule, out);
	if (enclose)
		buf_u8(out, ')');
}

void contract_rule_text(const struct contract *c, uint16_t rule, struct buf *out)
{
	assert(rule < c->n_rules);
	const struct contract_rule *r = &c->rule[rule];
	switch ((enum rule_op)r->op) {
	case RULE_NEVER:
		buf_str(out, "never");
		return;
	case RULE_ALWAYS:
		buf_str(out, "always");
		return;
	case RULE_PIN:
		buf_printf(out, "pin(%s)", c->pin[r->a].id);
		return;
	case RULE_PIN_UNSET:
		buf_printf(out, "pin-unset(%s)", c->pin[r->a].id);
		return;
	case RULE_AUTH:
		buf_printf(out, "auth(%s)", c->key[r->a].id);
		return;
	case RULE_SM:
		buf_printf(out, "sm(%s%s%s)", contract_sm_level_name((enum sm_level)r->a),
		    r->b == CONTRACT_NONE ? "" : ", ", r->b == CONTRACT_NONE ? "" : c->key[r->b].id);
		return;
	case RULE_CONTACT:
		buf_str(out, "contact");
		return;
	case RULE_CONTACTLESS:
		buf_str(out, "contactless");
		return;
	case RULE_AND:
	case RULE_OR:
		write_operand(c, r->a, r->op, out);
		buf_str(out, r->op == RULE_AND ? " and " : " or ");
		write_operand(c, r->b, r->op, out);
		return;
	}
}

/* --- names ------------------------------------------------------------------------------------------------------- */

static const char *const format_names[] = {
    [FORMAT_BINARY] = "binary",
    [FORMAT_DIGITS] = "digits",
    [FORMAT_ALPHANUMERIC] = "alphanumeric",
    [FORMAT_TEXT] = "text",
};

const char *contract_format_name(enum contract_format f)
{
	return format_names[f];
}

int contract_format_named(const char *name)
{
	for (int f = FORMAT_BINARY; f <= FORMAT_TEXT; f++)
		if (strcmp(format_names[f], name) == 0)
			return f;
	return -1;
}

const char *contract_file_op_name(enum file_op op)
{
	static const char *const names[] = {[FILE_READ] = "read",
	    [FILE_UPDATE] = "update",
	    [FILE_APPEND] = "append",
	    [FILE_INCREASE] = "increase",
	    [FILE_DECREASE] = "decrease"};
	return names[op];
}

bool contract_file_offers(enum file_structure s, enum file_op op)
{
	switch (op) {
	case FILE_READ:
		return true;
	case FILE_UPDATE:
		return s != FILE_COUNTER;
	case FILE_APPEND:
		return s == FILE_LINEAR_FIXED || s == FILE_LINEAR_VARIABLE || s == FILE_CYCLIC;
	case FILE_INCREASE:
	case FILE_DECREASE:
		return s == FILE_COUNTER;
	case FILE_OPS:
		break;
	}
	return false;
}

const char *contract_area_name(enum contract_area a)
{
	return a == AREA_LOCAL ? "local" : "extension";
}

const char *contract_personality_name(enum contract_personality p)
{
	return p == PERSONALITY_JICSAP ? "jicsap" : "iso";
}

const char *contract_source_name(enum value_source s)
{
	return s == SOURCE_CALLER ? "caller" : "csv";
}

const char *contract_value_kind_name(enum value_kind k)
{
	return k == VALUE_FIELD ? "field" : k == VALUE_PIN ? "pin" : "puk";
}

const char *contract_initial_name(enum pin_initial i)
{
	static const char *const names[] = {
	    [PIN_PERSONAL] = "personal", [PIN_TRANSPORT] = "transport", [PIN_UNSET] = "unset"};
	return names[i];
}

const char *contract_sm_level_name(enum sm_level l)
{
	static const char *const names[] = {[SM_MAC] = "mac", [SM_ENC] = "enc", [SM_ENC_MAC] = "enc+mac"};
	return names[l];
}

/* --- formats ----------------------------------------------------------------------------------------------------- */

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Bytes of the UTF-8 sequence at p (RFC 3629, section 4), 0 when it is none or a control character (C0, DEL, C1). */
static size_t text_character(const uint8_t *p, size_t n)
{
	uint32_t c = p[0];
	size_t len = c < 0x80 ? 1 : c >> 5 == 6 ? 2 : c >> 4 == 14 ? 3 : c >> 3 == 30 ? 4 : 0;
	static const uint32_t least[] = {0, 0x20, 0xa0, 0x800, 0x10000};
	if (len == 0 || len > n)
		return 0;
	if (len > 1)
		c &= 0x7fu >> len;
	for (size_t i = 1; i < len; i++) {
		if (p[i] >> 6 != 2)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < least[len] || c == 0x7f || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
		return 0;
	return len;
}

size_t contract_format_misfit(enum contract_format f, const uint8_t *p, size_t n)
{
	size_t at = 0, len = 1;
	for (; at < n; at += len) {
		bool fits = true;
		switch (f) {
		case FORMAT_BINARY:
			return n;
		case FORMAT_DIGITS:
			fits = is_digit(p[at]);
			break;
		case FORMAT_ALPHANUMERIC:
			fits = is_digit(p[at]) || is_letter(p[at]);
			break;
		case FORMAT_TEXT:
			len = text_character(p + at, n - at);
			fits = len != 0;
			break;
		}
		if (!fits)
			return at;
	}
	return n;
}
