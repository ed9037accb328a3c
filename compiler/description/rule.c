/* Access rules: expressions in attributes, and the names that <rule> gives them.
 *
 *   expression = term { "or" term }      term = factor { "and" factor }
 *   factor = "always" | "never" | "pin" "(" ID ")" | ID of a rule | "(" expression ")"
 *
 * Every expression becomes a node of the contract's rule table, operands before operators. `never` and `always` are
 * folded away (never and x = never, always or x = always, ...), an operand that stands twice counts once, and equal
 * nodes are one node. What folding hides from the user's eye is kept in struct rule_use for the checks.
 */
#include "compiler/description/build.h"

#include <assert.h>
#include <string.h>

#include "compiler/description/suggest.h"

enum {
	NODE_NEVER = 0,
	NODE_ALWAYS = 1,
	PARENTHESES = 32, /* open in one expression */
	NESTING = 320,    /* open, with names being followed, in all: what this recursion may take of the stack */
};

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_OTHER };

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
	return letter(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
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
	} else if (inner(s[at])) {
		kind = TOKEN_WORD;
		while (inner(s[at + n]))
			n++;
	} else {
		kind = s[at] == '(' ? TOKEN_OPEN : s[at] == ')' ? TOKEN_CLOSE : TOKEN_OTHER;
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
	return r->op == op && ((r->a == a && r->b == b) || (op != RULE_PIN && r->a == b && r->b == a));
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
	if (op != RULE_PIN) {
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

static const char *const keyword[] = {"always", "never", "and", "or", "pin"};
enum { KEYWORDS = sizeof keyword / sizeof *keyword, CONSTANTS = 2 };

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

/* Whether an element of this kind has an id that was refused: it may be the one that is looked for. */
static bool id_refused(const struct build *b, enum element e, enum attribute id)
{
	for (const struct node *n = b->root->child; n != NULL; n = n->next)
		if (n->element == e && !node_has(n, id))
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
	for (size_t i = 0; i < b->n_named; i++) {
		const char *id = node_text(b->named[i].node, ATTR_RULE_ID);
		suggest_try(&s, id, strlen(id));
	}
	for (size_t i = 0; i < CONSTANTS; i++)
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
	r->use = rule_compile(b, r->node, ATTR_RULE_WHEN);
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

/* name ( argument ): the argument's token goes to *argument. */
static bool call(struct parser *p, struct token *argument)
{
	advance(p); /* to the '(' */
	advance(p);
	*argument = p->token;
	if (p->token.kind != TOKEN_WORD) {
		unexpected(p, DIAG_RULE_ARGUMENT);
		return false;
	}
	advance(p);
	if (p->token.kind != TOKEN_CLOSE) {
		unexpected(p, DIAG_RULE_CLOSE);
		return false;
	}
	advance(p);
	return true;
}

static bool followed_by_open(const struct parser *p)
{
	const char *s = p->src->value + p->behind;
	return s[strspn(s, " ")] == '(';
}

static uint16_t condition(struct parser *p)
{
	struct token name = p->token, argument;
	if (!word_is(p, "pin")) {
		diag_add(p->b->d, place(p, name.at), DIAG_RULE_CONDITION, quote(p, name), NULL);
		return RULE_BAD;
	}
	if (!call(p, &argument))
		return RULE_BAD;
	int i = pin_named(p, argument);
	if (i < 0)
		return unknown_pin(p, argument);
	p->use.pins |= UINT32_C(1) << i;
	return node_of(p, RULE_PIN, (uint16_t)i, 0, name.at);
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
	if (word_is(p, "pin") || followed_by_open(p))
		return followed_by_open(p) ? condition(p) : unexpected(p, DIAG_RULE_PIN_OPEN);
	bool always = word_is(p, "always"), never = word_is(p, "never");
	advance(p);
	return always ? NODE_ALWAYS : never ? NODE_NEVER : named_rule(p, t);
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

struct rule_use rule_compile(struct build *b, const struct node *n, enum attribute a)
{
	struct rule_use use = compile(b, node_slot(n, a));
	b->rules_bad = b->rules_bad || use.rule == RULE_BAD;
	return use;
}
