#include "runtime/contract/contract.h"

#include <assert.h>
#include <string.h>

#include "runtime/base/buf.h"

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
	static const char *const names[] = {[SOURCE_CSV] = "csv",
	    [SOURCE_CALLER] = "caller",
	    [SOURCE_NUMBERING] = "numbering",
	    [SOURCE_MASTER] = "master"};
	return names[s];
}

const char *contract_value_kind_name(enum value_kind k)
{
	static const char *const names[] = {[VALUE_FIELD] = "field",
	    [VALUE_PIN] = "pin",
	    [VALUE_PUK] = "puk",
	    [VALUE_KEY] = "key",
	    [VALUE_KEY_MAC] = "key-mac"};
	return names[k];
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
