/* Access rules: expressions in attributes, and the names that <rule> gives them.
 *
 *   expression = term { "or" term }      term = factor { "and" factor }
 *   factor = "always" | "never" | "contact" | "contactless" | "pin" "(" ID ")" | "pin-unset" "(" ID ")" |
 *            "auth" "(" ID ")" | "sm" "(" LEVEL [ "," ID ] ")" | ID of a rule | "(" expression ")"
 *
 * Every expression becomes a node of the contract's rule table, operands before operators. `never` and `always` are
 * folded away (never and x = never, always or x = always, ...), an operand that stands twice counts once, and equal
 * nodes are one node. What folding hides from the user's eye is kept in struct rule_use for the checks.
 */
#include "compiler/description/build.h"

#include <assert.h>
#include <string.h>

#include "compiler/description/suggest.h"
#include "runtime/base/buf.h"

enum {
	NODE_NEVER = 0,
	NODE_ALWAYS = 1,
	PARENTHESES = 32, /* open in one expression */
	NESTING = 320,    /* open, with names being followed, in all: what this recursion may take of the stack */
};

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_COMMA, TOKEN_OTHER };

struct token {
	enum token_kind kind;
	size_t at, n; /* in the expression */
};

struct parser {
	struct build *b;
	const struct xml_attr *src;
	struct token token; /* the next one */
	size_t behind;      /* offset behind it */
	unsigned open;      /* parentheses */
	struct rule_use use;
};

/* --- tokens ------------------------------------------------------------------------------------------------------ */

static bool letter(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool inner(char c)
{
	return letter(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '+';
}

static void advance(struct parser *p)
{
	const char *s = p->src->value;
	size_t at = p->behind;
	while (s[at] == ' ')
		at++;
	size_t n = 0;
	enum token_kind kind = TOKEN_OTHER;
	if (s[at] == 0) {
		kind = TOKEN_END;
	} else if (inner(s[at]) && s[at] != '+') {
		kind = TOKEN_WORD;
		while (inner(s[at + n]))
			n++;
	} else {
		kind = s[at] == '(' ? TOKEN_OPEN
		    : s[at] == ')'  ? TOKEN_CLOSE
		    : s[at] == ','  ? TOKEN_COMMA
				    : TOKEN_OTHER;
		n = 1;
		while ((s[at + n] & 0xc0) == 0x80)
			n++;
	}
	p->token = (struct token){kind, at, n};
	p->behind = at + n;
}

static bool word_is(const struct parser *p, const char *word)
{
	return p->token.kind == TOKEN_WORD && p->token.n == strlen(word) &&
	    memcmp(p->src->value + p->token.at, word, p->token.n) == 0;
}

static const char *quote(const struct parser *p, struct token t)
{
	return reader_quote(p->b->a, p->src->value + t.at, t.n);
}

static struct srcloc place(const struct parser *p, size_t offset)
{
	return xml_value_at(p->src, offset);
}

/* The next token is not what the grammar wants here. */
static uint16_t unexpected(struct parser *p, enum diag_code code)
{
	bool end = p->token.kind == TOKEN_END;
	diag_add(p->b->d, place(p, p->token.at), end ? DIAG_RULE_ENDS : code, end ? NULL : quote(p, p->token), NULL);
	return RULE_BAD;
}

/* --- nodes ------------------------------------------------------------------------------------------------------- */

static bool is_node(const struct contract_rule *r, enum rule_op op, uint16_t a, uint16_t b)
{
	bool either_way = op == RULE_AND || op == RULE_OR;
	return r->op == op && ((r->a == a && r->b == b) || (either_way && r->a == b && r->b == a));
}

static uint16_t too_large(struct parser *p)
{
	diag_add(p->b->d, p->src->value_at, DIAG_RULE_TOO_LARGE, diag_num(CONTRACT_RULE_LEAVES),
	    diag_num(CONTRACT_RULE_DEPTH), NULL);
	return RULE_BAD;
}

/* The node with this operator and operands, new or known. */
static uint16_t node_of(struct parser *p, enum rule_op op, uint16_t a, uint16_t b, size_t at)
{
	struct build *w = p->b;
	struct contract *c = w->c;
	for (uint16_t i = 2; i < c->n_rules; i++)
		if (is_node(&c->rule[i], op, a, b))
			return i;
	unsigned depth = 0, leaves = 1;
	if (op == RULE_AND || op == RULE_OR) {
		depth = 1u + (w->depth[a] > w->depth[b] ? w->depth[a] : w->depth[b]);
		leaves = (unsigned)w->leaves[a] + w->leaves[b];
	}
	if (depth > CONTRACT_RULE_DEPTH || leaves > CONTRACT_RULE_LEAVES || c->n_rules == CONTRACT_RULES)
		return too_large(p);
	uint16_t i = c->n_rules++;
	c->rule[i] = (struct contract_rule){.op = (uint8_t)op, .a = a, .b = b};
	w->depth[i] = (uint16_t)depth;
	w->leaves[i] = (uint16_t)leaves;
	w->w->rule[i] = place(p, at);
	return i;
}

static uint16_t combine(struct parser *p, enum rule_op op, uint16_t a, uint16_t b, size_t at)
{
	uint16_t absorbing = op == RULE_AND ? NODE_NEVER : NODE_ALWAYS;
	uint16_t neutral = op == RULE_AND ? NODE_ALWAYS : NODE_NEVER;
	if (a == RULE_BAD || b == RULE_BAD)
		return RULE_BAD;
	if (a == absorbing || b == absorbing)
		return absorbing;
	if (a == neutral || a == b)
		return b;
	return b == neutral ? a : node_of(p, op, a, b, at);
}

/* --- names ------------------------------------------------------------------------------------------------------- */

/* Those that stand alone as a condition come first. */
static const char *const keyword[] = {
    "always", "never", "contact", "contactless", "and", "or", "pin", "pin-unset", "auth", "sm"};
enum { KEYWORDS = sizeof keyword / sizeof *keyword, ALONE = 4 };
static const enum rule_op alone[ALONE] = {RULE_ALWAYS, RULE_NEVER, RULE_CONTACT, RULE_CONTACTLESS};

void rules_declare(struct build *b)
{
	for (const struct node *n = b->root->child; n != NULL; n = n->next) {
		if (n->element != ELEMENT_RULE)
			continue;
		assert(b->n_named < NAMED_RULES); /* the grammar allows no more */
		b->named[b->n_named++] = (struct named_rule){.node = n};
		for (size_t i = 0; i < KEYWORDS; i++)
			if (strcmp(node_text(n, ATTR_RULE_ID), keyword[i]) == 0)
				diag_add(b->d, AT(n, RULE_ID), DIAG_RULE_RESERVED, keyword[i], NULL);
	}
}

static bool same(const struct parser *p, struct token t, const char *id)
{
	return *id != 0 && t.n == strlen(id) && memcmp(p->src->value + t.at, id, t.n) == 0;
}

static int pin_named(const struct parser *p, struct token t)
{
	for (int i = 0; i < p->b->c->n_pins; i++)
		if (same(p, t, p->b->c->pin[i].id))
			return i;
	return -1;
}

static int key_named(const struct parser *p, struct token t)
{
	for (int i = 0; i < p->b->c->n_keys; i++)
		if (same(p, t, p->b->c->key[i].id))
			return i;
	return -1;
}

/* Whether an element of this kind has an id that was refused: it may be the one that is looked for. */
static bool id_refused(const struct build *b, enum element e, enum attribute id)
{
	for (const struct part *p = b->parts; p != NULL; p = p->next)
		if (p->node->element == e && !node_has(p->node, id))
			return true;
	for (size_t i = 0; e == ELEMENT_RULE && i < b->n_named; i++)
		if (!node_has(b->named[i].node, id))
			return true;
	return false;
}

static uint16_t unknown_pin(struct parser *p, struct token t)
{
	const char *list = "";
	struct suggestion s = suggest_for(p->src->value + t.at, t.n);
	if (id_refused(p->b, ELEMENT_PIN, ATTR_PIN_ID))
		return RULE_BAD;
	for (uint16_t i = 0; i < p->b->c->n_pins; i++) {
		const char *id = p->b->c->pin[i].id;
		suggest_try(&s, id, strlen(id));
		list = arena_printf(p->b->a, "%s%s%s", list, *list == 0 ? "" : ", ", id);
	}
	if (s.best != NULL)
		diag_add(p->b->d, place(p, t.at), DIAG_RULE_PIN_MISSPELT, quote(p, t), s.best, NULL);
	else
		diag_add(p->b->d, place(p, t.at), DIAG_RULE_PIN_UNKNOWN, quote(p, t), *list == 0 ? "-" : list, NULL);
	return RULE_BAD;
}

static uint16_t unknown_key(struct parser *p, struct token t)
{
	const char *list = "";
	struct suggestion s = suggest_for(p->src->value + t.at, t.n);
	if (id_refused(p->b, ELEMENT_KEY, ATTR_KEY_ID))
		return RULE_BAD;
	for (uint16_t i = 0; i < p->b->c->n_keys; i++) {
		const char *id = p->b->c->key[i].id;
		suggest_try(&s, id, strlen(id));
		list = arena_printf(p->b->a, "%s%s%s", list, *list == 0 ? "" : ", ", id);
	}
	if (s.best != NULL)
		diag_add(p->b->d, place(p, t.at), DIAG_RULE_KEY_MISSPELT, quote(p, t), s.best, NULL);
	else
		diag_add(p->b->d, place(p, t.at), DIAG_RULE_KEY_UNKNOWN, quote(p, t), *list == 0 ? "-" : list, NULL);
	return RULE_BAD;
}

static uint16_t unknown_name(struct parser *p, struct token t)
{
	struct build *b = p->b;
	struct suggestion s = suggest_for(p->src->value + t.at, t.n);
	if (id_refused(b, ELEMENT_RULE, ATTR_RULE_ID))
		return RULE_BAD;
	if (pin_named(p, t) >= 0) {
		diag_add(b->d, place(p, t.at), DIAG_RULE_PIN_BARE, quote(p, t), NULL);
		return RULE_BAD;
	}
	if (key_named(p, t) >= 0) {
		diag_add(b->d, place(p, t.at), DIAG_RULE_KEY_BARE, quote(p, t), NULL);
		return RULE_BAD;
	}
	for (size_t i = 0; i < b->n_named; i++) {
		const char *id = node_text(b->named[i].node, ATTR_RULE_ID);
		suggest_try(&s, id, strlen(id));
	}
	for (size_t i = 0; i < ALONE; i++)
		suggest_try(&s, keyword[i], strlen(keyword[i]));
	if (s.best != NULL)
		diag_add(b->d, place(p, t.at), DIAG_RULE_NAME_MISSPELT, quote(p, t), s.best, NULL);
	else
		diag_add(b->d, place(p, t.at), DIAG_RULE_NAME_UNKNOWN, quote(p, t), NULL);
	return RULE_BAD;
}

static void compile_named(struct build *b, struct named_rule *r)
{
	r->state = NAMED_OPEN;
	b->nesting++;
	r->use = rule_compile(b, r->node, ATTR_RULE_WHEN, CONTRACT_NONE);
	b->nesting--;
	r->state = NAMED_DONE;
}

static uint16_t named_rule(struct parser *p, struct token t)
{
	struct build *b = p->b;
	for (size_t i = 0; i < b->n_named; i++) {
		struct named_rule *r = &b->named[i];
		if (!same(p, t, node_text(r->node, ATTR_RULE_ID)))
			continue;
		r->used = true;
		if (r->state == NAMED_OPEN) {
			diag_add(b->d, place(p, t.at), DIAG_RULE_CYCLE, quote(p, t), NULL);
			return RULE_BAD;
		}
		if (r->state == NAMED_NEW && b->nesting == NESTING)
			return too_large(p);
		if (r->state == NAMED_NEW)
			compile_named(b, r);
		p->use.pins |= r->use.pins;
		p->use.keys |= r->use.keys;
		p->use.any_key = p->use.any_key || r->use.any_key;
		return r->use.rule;
	}
	return unknown_name(p, t);
}

void rules_build(struct build *b)
{
	for (size_t i = 0; i < b->n_named; i++)
		if (b->named[i].state == NAMED_NEW)
			compile_named(b, &b->named[i]);
}

/* --- expressions ------------------------------------------------------------------------------------------------- */

/* name ( argument [, argument] ): the arguments' tokens; how many there were, 0 when it was reported. */
static unsigned call(struct parser *p, struct token argument[2], unsigned most)
{
	unsigned n = 0;
	advance(p); /* to the '(' */
	do {
		advance(p);
		argument[n++] = p->token;
		if (p->token.kind != TOKEN_WORD) {
			unexpected(p, DIAG_RULE_ARGUMENT);
			return 0;
		}
		advance(p);
	} while (n < most && p->token.kind == TOKEN_COMMA);
	if (p->token.kind != TOKEN_CLOSE) {
		unexpected(p, DIAG_RULE_CLOSE);
		return 0;
	}
	advance(p);
	return n;
}

static bool followed_by_open(const struct parser *p)
{
	const char *s = p->src->value + p->behind;
	return s[strspn(s, " ")] == '(';
}

static uint16_t wrong(struct parser *p, struct token t, enum diag_code code)
{
	diag_add(p->b->d, place(p, t.at), code, quote(p, t), NULL);
	return RULE_BAD;
}

static uint16_t pin_condition(struct parser *p, enum rule_op op)
{
	struct token name = p->token, argument[2] = {{0}};
	if (call(p, argument, 1) == 0)
		return RULE_BAD;
	int i = pin_named(p, argument[0]);
	if (i < 0)
		return unknown_pin(p, argument[0]);
	if (op == RULE_PIN_UNSET && p->b->c->pin[i].initial != PIN_UNSET && node_has(p->b->pin[i], ATTR_PIN_INITIAL))
		return wrong(p, argument[0], DIAG_RULE_PIN_NOT_UNSET);
	p->use.pins |= UINT32_C(1) << i;
	return node_of(p, op, (uint16_t)i, 0, name.at);
}

/* auth(k): of a terminal that proved itself, so k is external or mutual. */
static uint16_t auth_condition(struct parser *p)
{
	struct token name = p->token, argument[2] = {{0}};
	if (call(p, argument, 1) == 0)
		return RULE_BAD;
	int i = key_named(p, argument[0]);
	if (i < 0)
		return unknown_key(p, argument[0]);
	if (p->b->c->key[i].use == KEY_INTERNAL)
		return wrong(p, argument[0], DIAG_RULE_AUTH_INTERNAL);
	p->use.keys |= UINT32_C(1) << i;
	return node_of(p, RULE_AUTH, (uint16_t)i, 0, name.at);
}

static int level_named(const struct parser *p, struct token t)
{
	for (int l = SM_MAC; l <= SM_ENC_MAC; l++)
		if (same(p, t, contract_sm_level_name((enum sm_level)l)))
			return l;
	return -1;
}

static bool has_mutual(const struct build *b)
{
	for (uint16_t i = 0; i < b->c->n_keys; i++)
		if (b->c->key[i].use == KEY_MUTUAL || !node_has(b->key[i], ATTR_KEY_USE))
			return true;
	return false;
}

static uint16_t sm_condition(struct parser *p)
{
	struct token name = p->token, argument[2] = {{0}};
	unsigned n = call(p, argument, 2);
	if (n == 0)
		return RULE_BAD;
	int level = level_named(p, argument[0]), i = CONTRACT_NONE;
	if (level < 0)
		return wrong(p, argument[0], DIAG_RULE_LEVEL);
	if (n == 1 && !has_mutual(p->b))
		return wrong(p, name, DIAG_RULE_SM_NO_KEY);
	if (n == 2 && (i = key_named(p, argument[1])) < 0)
		return unknown_key(p, argument[1]);
	if (n == 2 && p->b->c->key[i].use != KEY_MUTUAL && node_has(p->b->key[i], ATTR_KEY_USE))
		return wrong(p, argument[1], DIAG_RULE_SM_NOT_MUTUAL);
	if (n == 2)
		p->use.keys |= UINT32_C(1) << i;
	p->use.any_key = p->use.any_key || n == 1;
	return node_of(p, RULE_SM, (uint16_t)level, (uint16_t)i, name.at);
}

static const struct {
	const char *name;
	enum rule_op op;
} conditions[] = {{"pin", RULE_PIN}, {"pin-unset", RULE_PIN_UNSET}, {"auth", RULE_AUTH}, {"sm", RULE_SM}};
enum { CONDITIONS = sizeof conditions / sizeof *conditions };

static bool is_condition(const struct parser *p)
{
	for (size_t i = 0; i < CONDITIONS; i++)
		if (word_is(p, conditions[i].name))
			return true;
	return false;
}

static uint16_t condition(struct parser *p)
{
	for (size_t i = 0; i < CONDITIONS; i++) {
		if (!word_is(p, conditions[i].name))
			continue;
		if (conditions[i].op == RULE_AUTH)
			return auth_condition(p);
		return conditions[i].op == RULE_SM ? sm_condition(p) : pin_condition(p, conditions[i].op);
	}
	return wrong(p, p->token, DIAG_RULE_CONDITION);
}

static uint16_t expression(struct parser *p);

static uint16_t enclosed(struct parser *p)
{
	size_t at = p->token.at;
	if (++p->open > PARENTHESES || p->b->nesting == NESTING)
		return too_large(p);
	p->b->nesting++;
	advance(p);
	uint16_t r = expression(p);
	p->b->nesting--;
	if (r == RULE_BAD && p->token.kind != TOKEN_CLOSE)
		return r;
	if (p->token.kind == TOKEN_END) {
		diag_add(p->b->d, place(p, at), DIAG_RULE_OPEN, NULL);
		return RULE_BAD;
	}
	if (p->token.kind != TOKEN_CLOSE)
		return unexpected(p, DIAG_RULE_OPERATOR);
	p->open--;
	advance(p);
	return r;
}

static uint16_t factor(struct parser *p)
{
	struct token t = p->token;
	if (t.kind == TOKEN_OPEN)
		return enclosed(p);
	if (t.kind != TOKEN_WORD || word_is(p, "and") || word_is(p, "or"))
		return unexpected(p, DIAG_RULE_OPERAND);
	if (is_condition(p) || followed_by_open(p))
		return followed_by_open(p) ? condition(p) : unexpected(p, DIAG_RULE_PIN_OPEN);
	advance(p);
	for (size_t i = 0; i < ALONE; i++)
		if (same(p, t, keyword[i]))
			return alone[i] == RULE_ALWAYS ? NODE_ALWAYS
			    : alone[i] == RULE_NEVER   ? NODE_NEVER
						       : node_of(p, alone[i], 0, 0, t.at);
	return named_rule(p, t);
}

/* A bad operand does not end the reading where its tokens were understood: the rest is looked at too. */
static uint16_t chain(struct parser *p, enum rule_op op, uint16_t (*operand)(struct parser *))
{
	size_t errors = p->b->d->n;
	uint16_t left = operand(p);
	while (word_is(p, op == RULE_AND ? "and" : "or")) {
		size_t at = p->token.at;
		p->use.compound = true;
		advance(p);
		left = combine(p, op, left, operand(p), at);
		if (p->b->d->n > errors + 8)
			break;
	}
	return left;
}

static uint16_t term(struct parser *p)
{
	return chain(p, RULE_AND, factor);
}

static uint16_t expression(struct parser *p)
{
	return chain(p, RULE_OR, term);
}

static struct rule_use compile(struct build *b, const struct slot *s)
{
	if (s->src == NULL)
		return (struct rule_use){.rule = NODE_NEVER};
	if (!s->ok)
		return (struct rule_use){.rule = RULE_BAD};
	struct parser p = {.b = b, .src = s->src};
	advance(&p);
	p.use.rule = expression(&p);
	if (p.use.rule != RULE_BAD && p.token.kind != TOKEN_END)
		p.use.rule = unexpected(&p, p.token.kind == TOKEN_CLOSE ? DIAG_RULE_CLOSE_EXTRA : DIAG_RULE_OPERATOR);
	return p.use;
}

struct rule_use rule_compile(struct build *b, const struct node *n, enum attribute a, uint16_t df)
{
	struct rule_use use = compile(b, node_slot(n, a));
	struct rule_row *row = ARENA_NEW(b->a, struct rule_row);
	*row = (struct rule_row){.node = n, .attribute = a, .df = df, .use = use};
	*b->next_rule = row;
	b->next_rule = &row->next;
	b->rules_bad = b->rules_bad || use.rule == RULE_BAD;
	return use;
}

uint16_t rule_node(struct rule_use use)
{
	return use.rule == RULE_BAD ? NODE_NEVER : use.rule;
}

void rule_write(struct buf *out, const struct xml_attr *src)
{
	struct parser p = {.src = src};
	bool apart = false; /* from what stands before */
	for (advance(&p); p.token.kind != TOKEN_END; advance(&p)) {
		bool joins = word_is(&p, "and") || word_is(&p, "or");
		if (joins || apart)
			buf_u8(out, ' ');
		buf_add(out, (const uint8_t *)src->value + p.token.at, p.token.n);
		apart = joins || p.token.kind == TOKEN_COMMA;
	}
}
