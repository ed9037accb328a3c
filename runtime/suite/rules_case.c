/* Rules have `and` and `or` but no `not`: more conditions never close what fewer open. So the minimal granting sets and
 * the maximal refusing sets say everything about a rule, and where an atom decides at all it decides in one of them: if
 * the rule holds with A, and not with A when atom a is false, the same is true of every minimal set inside A.
 *
 * That is not so of the interface and of PINs without value, nor of sessions, of which there is one at a time: each
 * state of theirs (a frame) is gone through by itself. Inside a frame PINs and keys are independent of one another;
 * those that the rule names are few, and go into a truth table.
 */
#include "runtime/suite/rules.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/suite/program.h"

enum {
	FRAMES = (CONTRACT_PINS + 1) * 2 * (1 + 4 * CONTRACT_KEYS),
	TABLE_BITS = 16, /* of a truth table; rules that name more are sampled */
};

struct frames {
	pin_set state[FRAMES];
	size_t n;
	pin_set fixed; /* the bits that a frame decides; all others are free */
};

/* ---- frames ---- */

/* No session, then those of each key in turn, the weaker before the stronger; of keys that the rule does not name only
 * one, and that at its strongest: it stands for them all. */
static void add_key(
    struct frames *f, const struct rules *r, enum rules_shape shape, pin_set outer, uint16_t key, bool named)
{
	const pin_set a = r->auth[key], m = r->mac[key], e = r->enc[key], level[] = {a, a | m, a | e, a | m | e};
	size_t first = f->n;
	for (size_t i = 0; i < sizeof level / sizeof *level; i++)
		if (rules_possible_for(r, shape, outer | level[i]))
			f->state[f->n++] = outer | level[i];
	if (named || f->n == first)
		return;
	f->state[first] = f->state[f->n - 1];
	f->n = first + 1;
}

static void add_sessions(
    struct frames *f, const struct rules *r, enum rules_shape shape, pin_set usable, pin_set named, pin_set outer)
{
	bool other = false;
	f->state[f->n++] = outer;
	for (uint16_t k = 0; k < r->c->n_keys; k++) {
		pin_set all = rules_of_key(r, k);
		bool here = (all & named) != 0;
		if (r->mac[k] == 0 || (all & ~usable) != 0 || (!here && other))
			continue;
		other = other || !here;
		add_key(f, r, shape, outer, k, here);
	}
}

/* Of phases that say nothing new about the rule the last. */
static bool worth(const struct rules *r, size_t phase, pin_set named)
{
	for (size_t later = phase + 1; later < r->n_phases; later++)
		if (((r->phase[later] ^ r->phase[phase]) & named) == 0)
			return false;
	return true;
}

static void find_frames(struct frames *f, const struct rules *r, enum rules_shape shape, pin_set usable, pin_set named)
{
	*f = (struct frames){.fixed = rules_of_sessions(r) | rules_unset(r) | r->contactless};
	for (size_t phase = r->n_phases; phase-- > 0;) {
		if (!worth(r, phase, named))
			continue;
		add_sessions(f, r, shape, usable, named, r->phase[phase]);
		if ((r->contactless & named) != 0)
			add_sessions(f, r, shape, usable, named, r->phase[phase] | r->contactless);
	}
}

/* What may be verified and authenticated in a frame besides. */
static pin_set free_in(const struct rules *r, const struct frames *f, size_t frame, pin_set usable)
{
	pin_set set = usable & ~f->fixed;
	for (unsigned pin = 0; pin < r->c->n_pins; pin++)
		if ((f->state[frame] & r->unset[pin]) != 0)
			set &= ~rules_bit(pin);
	return set;
}

/* ---- extreme sets ---- */

typedef bool take(void *context, pin_set set);

struct search {
	const struct rules *r;
	uint16_t rule;
	bool granted;
	pin_set usable, named;
	struct frames frames;
	size_t frame;
	pin_set all;    /* what is free in it */
	uint16_t *node; /* of the rule */
	size_t n_nodes;
	take *take; /* false: enough */
	void *context;
	bool partial;
};

/* Another frame, of the same phase and interface, with less (granted) or more (refused) in it, that does as well. */
static bool frame_dominated(const struct search *s, pin_set free)
{
	pin_set here = s->frames.state[s->frame], outer = rules_unset(s->r) | s->r->contactless;
	for (size_t i = 0; i < s->frames.n; i++) {
		pin_set there = s->frames.state[i];
		bool smaller = (there & ~here) == 0, larger = (here & ~there) == 0;
		if (there == here || ((there ^ here) & outer) != 0 || !(s->granted ? smaller : larger))
			continue;
		if (rules_hold(s->r, s->rule, there | free) == s->granted)
			return true;
	}
	return false;
}

/* What the rule does not name: nothing where it is met, everything where it is not. */
static bool offer(struct search *s, pin_set free)
{
	pin_set set = s->granted ? free : free | (s->all & ~s->named);
	if (frame_dominated(s, set))
		return true;
	return s->take(s->context, s->frames.state[s->frame] | set);
}

static pin_set spread(pin_set mask, uint32_t dense)
{
	pin_set set = 0;
	for (unsigned bit = 0, i = 0; bit < RULES_BITS; bit++) {
		if ((mask & rules_bit(bit)) == 0)
			continue;
		if ((dense >> i++ & 1) != 0)
			set |= rules_bit(bit);
	}
	return set;
}

static unsigned count(pin_set set)
{
	unsigned n = 0;
	for (; set != 0; set &= set - 1)
		n++;
	return n;
}

/* Nodes refer to lower ones only, so one pass downwards finds all that are below the rule. Ascending; NULL: out of
 * memory. */
static uint16_t *find_nodes(const struct rules *r, uint16_t rule, size_t *n)
{
	bool reached[CONTRACT_RULES + CONTRACT_STEPS] = {false};
	uint16_t *node = calloc((size_t)rule + 1, sizeof *node);
	*n = 0;
	reached[rule] = true;
	for (size_t i = (size_t)rule + 1; i-- > 0;)
		if (reached[i] && (r->rule[i].op == RULE_AND || r->rule[i].op == RULE_OR))
			reached[r->rule[i].a] = reached[r->rule[i].b] = true;
	for (uint16_t i = 0; node != NULL && i <= rule; i++)
		if (reached[i])
			node[(*n)++] = i;
	return node;
}

/* Truth tables of all nodes, a bit for each set of the few free bits. */
struct table {
	uint64_t *word;
	size_t words;                                  /* of one node */
	uint16_t row[CONTRACT_RULES + CONTRACT_STEPS]; /* of a node */
	const uint64_t *result;
};

/* Column of bit `bit`: set where the set contains it. */
static uint64_t column(size_t i, unsigned bit)
{
	static const uint64_t low[] = {0xaaaaaaaaaaaaaaaa, 0xcccccccccccccccc, 0xf0f0f0f0f0f0f0f0, 0xff00ff00ff00ff00,
	    0xffff0000ffff0000, 0xffffffff00000000};
	return bit < 6 ? low[bit] : (i >> (bit - 6) & 1) != 0 ? UINT64_MAX : 0;
}

static void fill_leaf(const struct search *s, pin_set mask, uint16_t node, uint64_t *out, size_t words)
{
	pin_set bit = rules_named(s->r, node) & mask;
	uint64_t fixed = rules_hold(s->r, node, s->frames.state[s->frame]) ? UINT64_MAX : 0;
	for (size_t i = 0; i < words; i++)
		out[i] = bit != 0 ? column(i, count(mask & (bit - 1))) : fixed;
}

static bool fill_table(const struct search *s, pin_set mask, struct table *t)
{
	unsigned n = count(mask);
	t->words = n <= 6 ? 1 : (size_t)1 << (n - 6);
	t->word = malloc(s->n_nodes * t->words * sizeof *t->word);
	for (size_t at = 0; t->word != NULL && at < s->n_nodes; at++) {
		uint16_t node = s->node[at];
		const struct contract_rule *rule = &s->r->rule[node];
		uint64_t *out = t->word + at * t->words;
		t->row[node] = (uint16_t)at;
		if (rule->op != RULE_AND && rule->op != RULE_OR) {
			fill_leaf(s, mask, node, out, t->words);
			continue;
		}
		const uint64_t *a = t->word + t->row[rule->a] * t->words, *b = t->word + t->row[rule->b] * t->words;
		for (size_t i = 0; i < t->words; i++)
			out[i] = rule->op == RULE_AND ? a[i] & b[i] : a[i] | b[i];
	}
	t->result = t->word + (s->n_nodes - 1) * t->words;
	return t->word != NULL;
}

static bool table_holds(const struct table *t, uint32_t x)
{
	return (t->result[x / 64] >> x % 64 & 1) != 0;
}

static bool extreme(const struct table *t, unsigned n, uint32_t x, bool granted)
{
	if (table_holds(t, x) != granted)
		return false;
	for (unsigned i = 0; i < n; i++)
		if ((x >> i & 1) == granted && table_holds(t, x ^ 1U << i) == granted)
			return false;
	return true;
}

/* Every set of the few bits. -1: out of memory. */
static int search_table(struct search *s, pin_set mask)
{
	unsigned n = count(mask);
	struct table t;
	int more = 1;
	if (!fill_table(s, mask, &t))
		return -1;
	for (uint32_t x = 0; x < 1U << n && more == 1; x++)
		if (extreme(&t, n, x, s->granted))
			more = offer(s, spread(mask, x));
	free(t.word);
	return more;
}

/* Take away (granted) or add (refused) one bit after the other, as long as the answer stays, in many orders. */
static int search_samples(struct search *s, pin_set mask)
{
	pin_set here = s->frames.state[s->frame];
	s->partial = true;
	for (unsigned from = 0; from < 2 * RULES_BITS; from++) {
		pin_set set = s->granted ? mask : 0;
		if (rules_hold(s->r, s->rule, here | set) != s->granted)
			return 1;
		for (unsigned i = 0; i < RULES_BITS; i++) {
			unsigned up = (from + i) % RULES_BITS;
			pin_set bit = mask & rules_bit(from < RULES_BITS ? up : RULES_BITS - 1 - up);
			if (bit != 0 && rules_hold(s->r, s->rule, here | (set ^ bit)) == s->granted)
				set ^= bit;
		}
		if (!offer(s, set))
			return 0;
	}
	return 1;
}

static bool search(struct search *s, enum rules_shape shape)
{
	int more = (s->node = find_nodes(s->r, s->rule, &s->n_nodes)) != NULL ? 1 : -1;
	s->named = rules_named(s->r, s->rule);
	find_frames(&s->frames, s->r, shape, s->usable, s->named);
	for (s->frame = 0; s->frame < s->frames.n && more == 1; s->frame++) {
		s->all = free_in(s->r, &s->frames, s->frame, s->usable);
		pin_set mask = s->all & s->named;
		more = count(mask) <= TABLE_BITS ? search_table(s, mask) : search_samples(s, mask);
	}
	free(s->node);
	return more >= 0;
}

struct nth {
	uint32_t left;
	bool found;
	pin_set set;
};

static bool take_nth(void *context, pin_set set)
{
	struct nth *n = context;
	if (n->left-- != 0)
		return true;
	n->found = true;
	n->set = set;
	return false;
}

static bool find_nth(const struct rules *r, uint16_t rule, enum rules_shape shape, pin_set usable, bool granted,
    uint32_t at, pin_set *set)
{
	struct nth n = {.left = at};
	struct search s = {.r = r, .rule = rule, .granted = granted, .usable = usable, .take = take_nth, .context = &n};
	if (!search(&s, shape) || !n.found)
		return false;
	*set = n.set;
	return true;
}

bool rules_next(const struct rules *r, uint16_t rule, pin_set usable, bool granted, uint32_t *at, pin_set *set)
{
	if (!find_nth(r, rule, RULES_TELLS, usable, granted, *at, set))
		return false;
	++*at;
	return true;
}

bool rules_can_hold(const struct rules *r, uint16_t rule, enum rules_shape shape, pin_set usable)
{
	pin_set set;
	return find_nth(r, rule, shape, usable, true, 0, &set);
}

bool rules_can_fail(const struct rules *r, uint16_t rule)
{
	pin_set set;
	return find_nth(r, rule, RULES_TELLS, 0, false, 0, &set);
}

/* ---- one rule ---- */

static bool add(struct rules_sets *out, pin_set set)
{
	for (size_t i = 0; i < out->n; i++)
		if (out->set[i] == set)
			return true;
	if (!program_grow(&out->set, &out->cap, out->n, sizeof *out->set))
		return false;
	out->set[out->n++] = set;
	return true;
}

static bool find_atoms(struct rules_case *k)
{
	const struct contract_rule *rule = k->rules->rule;
	size_t n;
	k->atom = find_nodes(k->rules, k->rule, &n);
	for (size_t i = 0; k->atom != NULL && i < n; i++) {
		uint16_t node = k->atom[i];
		if (rule[node].op != RULE_AND && rule[node].op != RULE_OR && rule[node].op > RULE_ALWAYS)
			k->atom[k->n_atoms++] = node;
	}
	return k->atom != NULL;
}

bool rules_decides(const struct rules_case *k, size_t atom, pin_set set)
{
	return rules_hold(k->rules, k->rule, set) != rules_hold_with(k->rules, k->rule, set, k->atom[atom]);
}

/* Marks the atoms that decide in this set; true when one of them did not before. */
static bool new_decision(struct rules_case *k, int outcome, pin_set set)
{
	bool more = false;
	for (size_t i = 0; i < k->n_atoms; i++) {
		if (k->decides[outcome][i] || !rules_decides(k, i, set))
			continue;
		k->decides[outcome][i] = more = true;
	}
	return more;
}

struct collecting {
	struct rules_case *k;
	int outcome;
	size_t at_least;
	bool lost;
};

static bool collect(void *context, pin_set set)
{
	struct collecting *c = context;
	struct rules_sets *out = &c->k->sets[c->outcome];
	bool decides = new_decision(c->k, c->outcome, set);
	if (decides || out->n < c->at_least)
		c->lost = !add(out, set);
	return !c->lost;
}

/* The same with the session at its highest level: enc+mac satisfies the others (AP contract, section 9). */
static bool add_highest(struct rules_case *k)
{
	struct rules_sets *out = &k->sets[RULES_GRANTED];
	const struct rules *r = k->rules;
	size_t n = out->n;
	for (size_t i = 0; i < n; i++)
		for (uint16_t key = 0; key < r->c->n_keys; key++) {
			pin_set set = out->set[i], protected = r->mac[key] | r->enc[key];
			if ((set & protected) == 0 || !rules_possible_for(r, k->shape, set | protected))
				continue;
			if (!add(out, set | protected))
				return false;
		}
	return true;
}

static bool find_sets(struct rules_case *k, int outcome, pin_set usable, size_t at_least)
{
	struct collecting c = {.k = k, .outcome = outcome, .at_least = at_least};
	struct search s = {.r = k->rules,
	    .rule = k->rule,
	    .granted = outcome == RULES_GRANTED,
	    .usable = usable,
	    .take = collect,
	    .context = &c};
	k->decides[outcome] = calloc(k->n_atoms + 1, sizeof(bool));
	if (k->decides[outcome] == NULL)
		return false;
	if (outcome == RULES_REFUSED && !rules_hold(k->rules, k->rule, k->rules->phase[k->rules->n_phases - 1]) &&
	    !add(&k->sets[outcome], k->rules->phase[k->rules->n_phases - 1]))
		return false;
	bool good = search(&s, k->shape) && !c.lost;
	k->partial = k->partial || s.partial;
	return good && (outcome == RULES_REFUSED || add_highest(k));
}

bool rules_case_open(struct rules_case *k, const struct rules *r, uint16_t rule, pin_set usable, size_t at_least)
{
	*k = (struct rules_case){.rules = r, .rule = rule, .shape = k->shape};
	return find_atoms(k) && find_sets(k, RULES_REFUSED, usable, at_least) &&
	    find_sets(k, RULES_GRANTED, usable, at_least);
}

void rules_case_reset(struct rules_case *k)
{
	free(k->atom);
	for (int o = 0; o < RULES_OUTCOMES; o++) {
		free(k->sets[o].set);
		free(k->decides[o]);
	}
	*k = (struct rules_case){0};
}
