/* Where a derived AP allows more than its base. Two rules are compared by what they come to: in every state of card and
 * session that their conditions tell apart, over all of them. PINs and keys are the same when they have the same id. */
#include <string.h>

#include "compiler/description/reuse.h"
#include "runtime/base/buf.h"

enum {
	ATOMS = 12,        /* conditions on PINs and keys that are tried in all ways */
	SESSIONS = 8,      /* kinds of sessions of secure messaging, none included */
	BUDGET = 16000000, /* conditions looked at in one comparison */
	RULES = 64,        /* of one command */
	SHOWN = 200,       /* bytes of a rule in a message */
};

/* All of these rules together, of one contract. */
struct side {
	const struct contract *c;
	uint16_t rule[RULES];
	size_t n;
};

struct atom {
	enum rule_op op; /* RULE_PIN, RULE_PIN_UNSET, RULE_AUTH */
	const char *id;
};

/* A session is that of a key; one that no rule names stands for all such keys. */
struct session {
	const char *key;
	bool there[2]; /* whether the base has such a key, and the derived AP */
};

struct states {
	struct atom atom[ATOMS];
	struct session session[SESSIONS]; /* the first: none */
	size_t atoms, sessions;
	bool secure, too_many;
};

struct state {
	uint32_t atoms; /* those that hold */
	size_t session;
	enum sm_level level;
	bool contact;
};

/* --- states ------------------------------------------------------------------------------------------------------ */

static void add_atom(struct states *s, enum rule_op op, const char *id)
{
	for (size_t i = 0; i < s->atoms; i++)
		if (s->atom[i].op == op && strcmp(s->atom[i].id, id) == 0)
			return;
	if (s->atoms == ATOMS)
		s->too_many = true;
	else
		s->atom[s->atoms++] = (struct atom){op, id};
}

static void add_session(struct states *s, const char *key)
{
	for (size_t i = 1; i < s->sessions; i++)
		if (strcmp(s->session[i].key, key) == 0)
			return;
	if (s->sessions == SESSIONS)
		s->too_many = true;
	else
		s->session[s->sessions++] = (struct session){.key = key};
}

static void collect(struct states *s, const struct contract *c, uint16_t rule)
{
	const struct contract_rule *r = &c->rule[rule];
	switch ((enum rule_op)r->op) {
	case RULE_PIN:
	case RULE_PIN_UNSET:
		add_atom(s, (enum rule_op)r->op, c->pin[r->a].id);
		return;
	case RULE_AUTH:
		add_atom(s, RULE_AUTH, c->key[r->a].id);
		return;
	case RULE_SM:
		s->secure = true;
		if (r->b != CONTRACT_NONE)
			add_session(s, c->key[r->b].id);
		return;
	case RULE_AND:
	case RULE_OR:
		collect(s, c, r->a);
		collect(s, c, r->b);
		return;
	case RULE_NEVER:
	case RULE_ALWAYS:
	case RULE_CONTACT:
	case RULE_CONTACTLESS:
		return;
	}
}

static bool opens(const struct contract *c, const char *key)
{
	for (uint16_t k = 0; k < c->n_keys; k++)
		if (c->key[k].use == KEY_MUTUAL && strcmp(c->key[k].id, key) == 0)
			return true;
	return false;
}

/* Beside the keys that rules name: one of the derived AP that the base has too, and one that it has not. */
static void add_others(struct states *s, const struct contract *base, const struct contract *own)
{
	bool both = false, new = false;
	for (uint16_t k = 0; k < own->n_keys; k++) {
		const char *id = own->key[k].id;
		bool old = opens(base, id);
		if (!opens(own, id) || (old ? both : new))
			continue;
		*(old ? &both : &new) = true;
		add_session(s, id);
	}
	for (size_t i = 1; i < s->sessions; i++) {
		s->session[i].there[0] = opens(base, s->session[i].key);
		s->session[i].there[1] = opens(own, s->session[i].key);
	}
}

/* --- rules ------------------------------------------------------------------------------------------------------- */

static bool atom_holds(const struct states *s, const struct state *x, enum rule_op op, const char *id)
{
	for (size_t i = 0; i < s->atoms; i++)
		if (s->atom[i].op == op && strcmp(s->atom[i].id, id) == 0)
			return (x->atoms >> i & 1) != 0;
	return false;
}

static bool sm_holds(
    const struct states *s, const struct state *x, const struct contract *c, const struct contract_rule *r, bool own)
{
	if (x->session == 0 || !s->session[x->session].there[own] || (x->level != SM_ENC_MAC && x->level != r->a))
		return false;
	return r->b == CONTRACT_NONE || strcmp(c->key[r->b].id, s->session[x->session].key) == 0;
}

static bool holds(const struct states *s, const struct state *x, const struct contract *c, uint16_t rule, bool own)
{
	const struct contract_rule *r = &c->rule[rule];
	switch ((enum rule_op)r->op) {
	case RULE_NEVER:
		return false;
	case RULE_ALWAYS:
		return true;
	case RULE_PIN:
	case RULE_PIN_UNSET:
		return atom_holds(s, x, (enum rule_op)r->op, c->pin[r->a].id);
	case RULE_AUTH:
		return atom_holds(s, x, RULE_AUTH, c->key[r->a].id);
	case RULE_SM:
		return sm_holds(s, x, c, r, own);
	case RULE_CONTACT:
		return x->contact;
	case RULE_CONTACTLESS:
		return !x->contact;
	case RULE_AND:
		return holds(s, x, c, r->a, own) && holds(s, x, c, r->b, own);
	case RULE_OR:
		return holds(s, x, c, r->a, own) || holds(s, x, c, r->b, own);
	}
	return false;
}

static bool all_hold(const struct states *s, const struct state *x, const struct side *side, bool own)
{
	for (size_t i = 0; i < side->n; i++)
		if (!holds(s, x, side->c, side->rule[i], own))
			return false;
	return true;
}

/* No PIN is verified and without a value. */
static bool possible(const struct states *s, uint32_t atoms)
{
	for (size_t i = 0; i < s->atoms; i++)
		for (size_t k = 0; k < s->atoms; k++)
			if ((atoms >> i & 1) != 0 && (atoms >> k & 1) != 0 && s->atom[i].op == RULE_PIN &&
			    s->atom[k].op == RULE_PIN_UNSET && strcmp(s->atom[i].id, s->atom[k].id) == 0)
				return false;
	return true;
}

static bool more_in(const struct states *s, const struct side *base, const struct side *own, uint32_t atoms)
{
	struct state x = {.atoms = atoms};
	for (size_t side = 0; side < 2; side++)
		for (x.session = 0; x.session < s->sessions; x.session++)
			for (int level = SM_MAC; level <= SM_ENC_MAC; level++) {
				x.contact = side == 0;
				x.level = (enum sm_level)level;
				if (all_hold(s, &x, own, true) && !all_hold(s, &x, base, false))
					return true;
			}
	return false;
}

static size_t leaves(const struct contract *c, uint16_t rule)
{
	const struct contract_rule *r = &c->rule[rule];
	return r->op != RULE_AND && r->op != RULE_OR ? 1 : leaves(c, r->a) + leaves(c, r->b);
}

static size_t all_leaves(const struct side *side)
{
	size_t n = 0;
	for (size_t i = 0; i < side->n; i++)
		n += leaves(side->c, side->rule[i]);
	return n;
}

/* Whether own is fulfilled in some state in which base is not. Too much to try counts as more. */
static bool allows_more(const struct side *base, const struct side *own)
{
	struct states s = {.sessions = 1};
	for (size_t i = 0; i < base->n; i++)
		collect(&s, base->c, base->rule[i]);
	for (size_t i = 0; i < own->n; i++)
		collect(&s, own->c, own->rule[i]);
	if (s.secure)
		add_others(&s, base->c, own->c);
	size_t work = ((size_t)1 << s.atoms) * 2 * 3 * s.sessions * (all_leaves(base) + all_leaves(own));
	if (s.too_many || work > BUDGET)
		return true;
	for (uint32_t atoms = 0; atoms < UINT32_C(1) << s.atoms; atoms++)
		if (possible(&s, atoms) && more_in(&s, base, own, atoms))
			return true;
	return false;
}

/* --- rules of objects -------------------------------------------------------------------------------------------- */

static const char *shown(struct build *b, const struct side *side)
{
	struct buf text = {0};
	for (size_t i = 0; i < side->n; i++) {
		buf_str(&text, i == 0 ? "" : ", ");
		contract_rule_text(side->c, side->rule[i], &text);
	}
	const char *s = buf_cstr(&text);
	const char *out = arena_printf(b->a, "%.*s%s", SHOWN, s, strlen(s) > SHOWN ? "..." : "");
	buf_reset(&text);
	return out;
}

static const char *id_of(const struct node *n)
{
	return node_text(n, n->element == ELEMENT_CARD_AP ? ATTR_CARD_AP_ID : grammar_id(n->element));
}

static const struct rule_row *base_row(const struct build *b, const struct rule_row *own)
{
	for (const struct rule_row *r = b->base->rules; r != NULL; r = r->next)
		if (r->attribute == own->attribute &&
		    (r->node->element == ELEMENT_CARD_AP || strcmp(id_of(r->node), id_of(own->node)) == 0))
			return r;
	return NULL;
}

/* What is written in the base has not changed, but that a new mutual key opens sessions too. */
static bool can_differ(const struct build *b, const struct rule_row *r)
{
	const struct xml_attr *src = node_slot(r->node, r->attribute)->src;
	if (src == NULL || src->at.file == b->name)
		return src != NULL;
	for (uint16_t k = 0; r->use.any_key && k < b->c->n_keys; k++)
		if (b->c->key[k].use == KEY_MUTUAL && !opens(b->base->c, b->c->key[k].id))
			return true;
	return false;
}

static void check_rule(struct build *b, const struct rule_row *r)
{
	bool of_command = r->node->element == ELEMENT_COMMAND || r->node->element == ELEMENT_REQUIRE;
	const struct rule_row *there = of_command || !can_differ(b, r) ? NULL : base_row(b, r);
	if (there == NULL || r->use.rule == RULE_BAD)
		return;
	struct side base = {.c = b->base->c, .rule = {there->use.rule}, .n = 1};
	struct side own = {.c = b->c, .rule = {r->use.rule}, .n = 1};
	if (allows_more(&base, &own))
		diag_add(b->d, node_at(r->node, r->attribute), DIAG_BASE_WIDENED, grammar_attribute[r->attribute].name,
		    id_of(r->node), shown(b, &base), shown(b, &own), NULL);
}

/* --- commands ---------------------------------------------------------------------------------------------------- */

/* A command is done when its own rule and every `require` in it hold. */
static struct side side_of(const struct contract *c, const struct contract_command *m)
{
	struct side s = {.c = c, .rule = {m->rule}, .n = 1};
	for (uint16_t i = 0; i < m->n_steps && s.n < RULES; i++)
		if (c->step[m->first_step + i].op == STEP_REQUIRE)
			s.rule[s.n++] = c->step[m->first_step + i].rule;
	return s;
}

static const struct contract_command *base_command(const struct build *b, const char *id)
{
	const struct contract *c = b->base->c;
	for (uint16_t i = 0; i < c->n_commands; i++)
		if (strcmp(c->command[i].id, id) == 0)
			return &c->command[i];
	return NULL;
}

static bool in_file(const struct contract *c, const struct contract_operand *o, uint16_t file)
{
	return (o->kind == OPERAND_FIELD && c->field[o->index].file == file) ||
	    (o->kind == OPERAND_COUNTER && o->index == file);
}

static bool step_does(const struct contract *c, const struct contract_step *t, uint16_t file, enum file_op op)
{
	switch ((enum step_op)t->op) {
	case STEP_INCREASE:
		return op == FILE_INCREASE && in_file(c, &t->left, file);
	case STEP_DECREASE:
		return op == FILE_DECREASE && in_file(c, &t->left, file);
	case STEP_APPEND:
		return (op == FILE_APPEND && t->target == file) || (op == FILE_READ && in_file(c, &t->left, file));
	case STEP_COPY:
		return (op == FILE_UPDATE && in_file(c, &t->right, file)) ||
		    (op == FILE_READ && in_file(c, &t->left, file));
	case STEP_RESPOND:
		return op == FILE_READ && in_file(c, &t->left, file);
	case STEP_REQUIRE:
	case STEP_COMPARE:
		break;
	}
	return false;
}

static bool does(const struct contract *c, const struct contract_command *m, uint16_t file, enum file_op op)
{
	for (uint16_t i = 0; i < m->n_steps; i++)
		if (step_does(c, &c->step[m->first_step + i], file, op))
			return true;
	return false;
}

static uint16_t base_file(const struct build *b, const char *id)
{
	const struct contract *c = b->base->c;
	for (uint16_t i = 0; i < c->n_files; i++)
		if (strcmp(c->file[i].id, id) == 0)
			return i;
	return CONTRACT_NONE;
}

/* A command that was added or changed is a new way to the objects of the base, past their rules. */
static void check_way(struct build *b, uint16_t i, const struct contract_command *there, uint16_t f, enum file_op op)
{
	const struct contract_command *m = &b->c->command[i];
	const struct contract_file *file = &b->c->file[f];
	uint16_t old = base_file(b, file->id);
	if (old == CONTRACT_NONE || !does(b->c, m, f, op) || (there != NULL && does(b->base->c, there, old, op)))
		return;
	struct side base = {.c = b->base->c, .rule = {b->base->c->file[old].rule[op]}, .n = 1};
	struct side own = side_of(b->c, m);
	if (allows_more(&base, &own))
		diag_add(b->d, b->w->command[i].element, DIAG_BASE_BYPASSED, m->id, contract_file_op_name(op), file->id,
		    shown(b, &base), NULL);
}

static void check_command(struct build *b, uint16_t i)
{
	const struct contract_command *m = &b->c->command[i], *there = base_command(b, m->id);
	if (there != NULL) {
		struct side base = side_of(b->base->c, there), own = side_of(b->c, m);
		if (allows_more(&base, &own))
			diag_add(b->d, b->w->command[i].when, DIAG_BASE_WIDENED, "when", m->id, shown(b, &base),
			    shown(b, &own), NULL);
	}
	if (b->command[i]->xml->at.file != b->name)
		return;
	for (uint16_t f = 0; f < b->c->n_files; f++)
		for (int op = FILE_READ; op < FILE_OPS; op++)
			check_way(b, i, there, f, (enum file_op)op);
}

/* --- AIDs -------------------------------------------------------------------------------------------------------- */

/* Both APs may be on one card, where SELECT finds a DF by the beginning of its name too (AP contract, 11). */
static void check_aid(struct build *b, uint16_t i)
{
	const struct contract_df *x = &b->c->df[i];
	struct srcloc at = i == 0 ? b->w->aid : b->w->df[i].aid;
	for (uint16_t k = 0; k < b->base->c->n_dfs; k++) {
		const struct contract_df *y = &b->base->c->df[k];
		uint8_t n = x->aid_len < y->aid_len ? x->aid_len : y->aid_len;
		if (n == 0 || memcmp(x->aid, y->aid, n) != 0)
			continue;
		diag_add(
		    b->d, at.file == b->name ? at : b->root->xml->at, DIAG_BASE_AID, x->id, y->id, b->base->name, NULL);
		return;
	}
}

void check_base(struct build *b)
{
	if (b->base == NULL)
		return;
	for (uint16_t i = 0; i < b->c->n_dfs; i++)
		check_aid(b, i);
	for (const struct rule_row *r = b->rules; r != NULL && !b->rules_bad; r = r->next)
		check_rule(b, r);
	for (uint16_t i = 0; i < b->c->n_commands && !b->rules_bad; i++)
		check_command(b, i);
}
