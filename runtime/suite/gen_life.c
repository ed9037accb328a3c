/* The life cycle of an AP: contract 3 and 10. Who may block, unblock and terminate it is shown while it is operational;
 * a block that outlives a reset comes late, and the end last.
 *
 * By the letter of contract 10 a blocked AP refuses every command but SELECT, so that no rule that asks for a PIN or a
 * key could be met after a reset, and "and back" would mean nothing. The reference card admits what its rules name
 * (open-points.h, 44). A card that keeps to the letter may refuse that here: the suite then ends. */
#include "runtime/suite/gen.h"

#include <stdio.h>

static const struct {
	const char *name;
	unsigned ins;
} commands[] = {
    [LIFE_BLOCK] = {"block", 0x04}, [LIFE_UNBLOCK] = {"unblock", 0x44}, [LIFE_TERMINATE] = {"terminate", 0xe6}};

const char *gen_life_name(enum gen_life_op op)
{
	return commands[op].name;
}

uint16_t gen_life_rule(const struct contract *c, enum gen_life_op op)
{
	return op == LIFE_BLOCK ? c->block : op == LIFE_UNBLOCK ? c->unblock : c->terminate;
}

static uint16_t rule_of(const struct gen *g, enum gen_life_op op)
{
	return gen_life_rule(g->c, op);
}

static bool offered(const struct gen *g, enum gen_life_op op)
{
	pin_set set;
	return rule_of(g, op) != 0 && gen_first_set(g, &g->life_op[op], &set);
}

static void send(struct gen *g, enum gen_life_op op, const char *expect)
{
	gen_step(g, expect, "00%02X0000", commands[op].ins);
}

static void tried(struct gen *g, enum gen_life_op op, int outcome, pin_set set)
{
	send(g, op, outcome == GEN_GIVEN ? "9000" : "refused-access");
	gen_cover_op(g, &g->life_op[op], outcome, set);
}

static void open_dialogue(struct gen *g, enum gen_clause clause, enum gen_life_op op, pin_set set, const char *what)
{
	char with[256];
	gen_dialogue(g, clause, "%s%s: %s", commands[op].name, gen_set_text(g, set, with), what);
	gen_start(g);
	gen_verify_set(g, set);
}

/* ---- while it is operational ---- */

static void refused(struct gen *g, enum gen_clause clause, enum gen_life_op op)
{
	const struct rules_sets *sets = &g->life_op[op].rule.sets[RULES_REFUSED];
	for (size_t i = 0; i < sets->n; i++) {
		if (!gen_now(g, sets->set[i]))
			continue;
		open_dialogue(g, clause, op, sets->set[i], "refused");
		tried(g, op, GEN_REFUSED, sets->set[i]);
		gen_select(g);
	}
}

/* Nothing but the form is at fault. */
static void forms(struct gen *g, enum gen_clause clause, enum gen_life_op op)
{
	pin_set set;
	if (!gen_first_set(g, &g->life_op[op], &set))
		return;
	open_dialogue(g, clause, op, set, "P1-P2 and length");
	gen_step(g, "wrong-parameters", "00%02X0100", commands[op].ins);
	gen_step(g, "wrong-parameters", "00%02X0001", commands[op].ins);
	gen_step(g, "wrong-length", "00%02X0000 00", commands[op].ins);
	if (op == LIFE_UNBLOCK) /* there is nothing to unblock */
		send(g, op, "refused-access");
	gen_select(g);
}

/* Number 2 of the checks comes before class 80, INS, P1-P2 and lengths. */
static void refuses_everything(struct gen *g)
{
	pin_set named = rules_named(&g->rules, g->c->unblock) | rules_named(&g->rules, g->c->terminate);
	gen_step(g, "refused-access", "00B00000 Le 00");
	gen_step(g, "refused-access", "00020000");
	gen_step(g, "refused-access", "002C7F81");
	for (uint16_t f = 0; f < g->c->n_files && f < 4; f++) {
		const struct contract_file *file = &g->c->file[f];
		if (file->structure == FILE_DATA_OBJECT)
			gen_step(g, "refused-access", "00CA%04X Le 00", file->tag);
		else
			gen_step(g, "refused-access", "00A4020C %04X", file->fid);
		if (file->structure == FILE_COUNTER)
			gen_step(
			    g, "refused-access", "80%02X0000 00*%u Le 00", file->increase_ins, (unsigned)file->size);
	}
	for (uint16_t i = 0; i < g->c->n_commands && i < 2; i++)
		gen_step(g, "refused-access", "80%02X0000", g->c->command[i].ins);
	for (unsigned pin = 0; pin < g->c->n_pins; pin++)
		if (g->c->pin[pin].ref != 0 && (named & (rules_bit(pin) | g->rules.unset[pin])) == 0)
			gen_step(g, "refused-access", "002000%02X", 0x80U | g->c->pin[pin].ref);
	if (rule_of(g, LIFE_BLOCK) != 0)
		send(g, LIFE_BLOCK, "refused-access");
}

/* In one session, where the same state opens both. */
static void there_and_back(struct gen *g, pin_set block)
{
	const struct rules_sets *back = &g->life_op[LIFE_UNBLOCK].rule.sets[RULES_GRANTED];
	for (size_t i = 0; i < back->n; i++) {
		pin_set set = block | back->set[i];
		if (!gen_now(g, set) || !rules_possible(&g->rules, set) || gen_protected(g, set) ||
		    !rules_hold(&g->rules, rule_of(g, LIFE_BLOCK), set) ||
		    !rules_hold(&g->rules, rule_of(g, LIFE_UNBLOCK), set))
			continue;
		open_dialogue(g, CLAUSE_BLOCK, LIFE_BLOCK, set, "given, and unblock in the same session");
		tried(g, LIFE_BLOCK, GEN_GIVEN, set);
		gen_clause(g, CLAUSE_BLOCKED);
		refuses_everything(g);
		gen_clause(g, CLAUSE_BLOCK);
		tried(g, LIFE_UNBLOCK, GEN_GIVEN, set);
		send(g, LIFE_UNBLOCK, "refused-access");
		gen_select(g);
		return;
	}
}

bool gen_can_block(const struct gen *g)
{
	return rule_of(g, LIFE_BLOCK) != 0 && g->life_op[LIFE_BLOCK].rule.sets[RULES_GRANTED].n != 0;
}

/* What nobody can block is not unblocked either. */
static void never_blocked(struct gen *g)
{
	gen_dialogue(g, CLAUSE_BLOCK, "unblock an AP that nobody can block");
	gen_start(g);
	send(g, LIFE_UNBLOCK, "refused-access");
	gen_cover_refused(g, &g->life_op[LIFE_UNBLOCK]);
}

void gen_life_part(struct gen *g)
{
	static const enum gen_clause clause[] = {
	    [LIFE_BLOCK] = CLAUSE_BLOCK, [LIFE_UNBLOCK] = CLAUSE_BLOCK, [LIFE_TERMINATE] = CLAUSE_TERMINATE};
	for (enum gen_life_op op = LIFE_BLOCK; op < LIFE_OPS; op++) {
		if (rule_of(g, op) == 0)
			continue;
		if (op != LIFE_UNBLOCK)
			refused(g, clause[op], op);
		if (g->phase == 0)
			forms(g, clause[op], op);
	}
	if (g->phase == 0 && rule_of(g, LIFE_UNBLOCK) != 0 && !gen_can_block(g))
		never_blocked(g);
	if (!offered(g, LIFE_BLOCK) || !offered(g, LIFE_UNBLOCK))
		return;
	const struct rules_sets *given = &g->life_op[LIFE_BLOCK].rule.sets[RULES_GRANTED];
	for (size_t i = 0; i < given->n; i++)
		there_and_back(g, given->set[i]);
}

/* ---- a block that outlives a reset ---- */

/* Whether what a set asks for can be presented to a blocked AP: by P2, since no EF can be selected. */
static bool presentable(const struct gen *g, pin_set set)
{
	for (unsigned bit = 0; bit < g->rules.bits; bit++) {
		unsigned ref = bit < g->c->n_pins ? g->c->pin[bit].ref : g->c->key[g->rules.condition[bit].key].ref;
		if ((set >> bit & 1) != 0 && ref == 0)
			return false;
	}
	return gen_far(g, set) == 0;
}

/* Those of a set that can. */
static pin_set presentable_of(const struct gen *g, pin_set set)
{
	pin_set good = set & ~(((pin_set)1 << g->rules.bits) - 1);
	for (unsigned bit = 0; bit < g->rules.bits; bit++)
		if (presentable(g, set & rules_bit(bit)))
			good |= set & rules_bit(bit);
	return good;
}

static bool way_back(const struct gen *g, pin_set *set)
{
	const struct rules_sets *sets = &g->life_op[LIFE_UNBLOCK].rule.sets[RULES_GRANTED];
	for (size_t i = 0; i < sets->n; i++) {
		*set = sets->set[i];
		if (gen_now(g, *set) && presentable(g, *set))
			return true;
	}
	return false;
}

static void blocked(struct gen *g)
{
	g->blocked = true;
	gen_clause(g, CLAUSE_BLOCKED);
	gen_start(g);
	refuses_everything(g);
}

static void unblock(struct gen *g, pin_set set)
{
	gen_clause(g, CLAUSE_BLOCKED);
	gen_start(g);
	gen_verify_set(g, set);
	gen_clause(g, CLAUSE_BLOCK);
	tried(g, LIFE_UNBLOCK, GEN_GIVEN, set);
	g->blocked = false;
	gen_start(g);
}

static void block_with(struct gen *g, pin_set set, pin_set back)
{
	open_dialogue(g, CLAUSE_BLOCK, LIFE_BLOCK, set, "given, and it outlives a reset");
	tried(g, LIFE_BLOCK, GEN_GIVEN, set);
	blocked(g);
	unblock(g, back);
}

/* Of the states that do not open the way back, what a blocked AP still takes. */
static void unblock_refused(struct gen *g, pin_set set, pin_set block, pin_set back)
{
	char with[256];
	pin_set named = rules_named(&g->rules, g->c->unblock) | rules_named(&g->rules, g->c->terminate);
	pin_set states = g->rules.contactless | rules_unset(&g->rules);
	set = presentable_of(g, set & (named | states));
	if (!gen_now(g, set) || !rules_possible(&g->rules, set))
		return;
	gen_dialogue(g, CLAUSE_BLOCK, "unblock%s: refused", gen_set_text(g, set, with));
	gen_start(g);
	gen_verify_set(g, block);
	send(g, LIFE_BLOCK, "9000");
	g->blocked = true;
	gen_start(g);
	gen_verify_set(g, set);
	tried(g, LIFE_UNBLOCK, GEN_REFUSED, set);
	unblock(g, back);
}

bool gen_blocks_and_back(const struct gen *g)
{
	pin_set back;
	return offered(g, LIFE_BLOCK) && offered(g, LIFE_UNBLOCK) && way_back(g, &back);
}

void gen_blocked_part(struct gen *g)
{
	pin_set back, block;
	if (!gen_blocks_and_back(g) || !way_back(g, &back))
		return;
	const struct rules_case *k = &g->life_op[LIFE_BLOCK].rule, *way = &g->life_op[LIFE_UNBLOCK].rule;
	for (size_t i = 0; i < k->sets[RULES_GRANTED].n; i++)
		if (gen_now(g, k->sets[RULES_GRANTED].set[i]))
			block_with(g, k->sets[RULES_GRANTED].set[i], back);
	if (!gen_first_set(g, &g->life_op[LIFE_BLOCK], &block))
		return;
	for (size_t i = 0; i < way->sets[RULES_GRANTED].n; i++)
		if (way->sets[RULES_GRANTED].set[i] != back && gen_now(g, way->sets[RULES_GRANTED].set[i]) &&
		    presentable(g, way->sets[RULES_GRANTED].set[i]))
			block_with(g, block, way->sets[RULES_GRANTED].set[i]);
	for (size_t i = 0; i < way->sets[RULES_REFUSED].n; i++)
		unblock_refused(g, way->sets[RULES_REFUSED].set[i], block, back);
}

/* ---- the end ---- */

static void nothing_but_select(struct gen *g, pin_set set)
{
	buf_str(&g->body, "  send 00A4040C ");
	for (unsigned i = 0; i < g->c->aid_len; i++)
		buf_printf(&g->body, "%02X", g->c->aid[i]);
	buf_str(&g->body, "\n");
	gen_expect(g, "6285");
	refuses_everything(g);
	for (unsigned pin = 0; pin < g->c->n_pins; pin++)
		if ((set >> pin & 1) != 0 && g->c->pin[pin].ref != 0)
			gen_step(g, "refused-access", "002000%02X %s", 0x80U | g->c->pin[pin].ref,
			    gen_pin(g, pin, DERIVE_RAW));
	if (g->c->n_keys != 0)
		gen_step(g, "refused-access", "00840000 Le 08");
	for (enum gen_life_op op = LIFE_BLOCK; op < LIFE_OPS; op++)
		if (rule_of(g, op) != 0)
			send(g, op, "refused-access");
}

bool gen_blocks_for_ever(const struct gen *g)
{
	return offered(g, LIFE_BLOCK) && !offered(g, LIFE_UNBLOCK);
}

/* What opens both where there is no way back from a block, or the one that there is; the other is then out of reach. */
static pin_set last_set(const struct gen *g, bool *block, bool *terminate)
{
	pin_set a = 0, b = 0;
	*block = gen_blocks_for_ever(g) && gen_first_set(g, &g->life_op[LIFE_BLOCK], &a);
	*terminate = rule_of(g, LIFE_TERMINATE) != 0 && gen_first_set(g, &g->life_op[LIFE_TERMINATE], &b);
	bool together = rules_possible(&g->rules, a | b) && rules_hold(&g->rules, rule_of(g, LIFE_BLOCK), a | b) &&
	    rules_hold(&g->rules, rule_of(g, LIFE_TERMINATE), a | b);
	if (*block && *terminate && !together) {
		*block = false;
		return b;
	}
	return a | b;
}

bool gen_last_set(const struct gen *g, enum gen_life_op op, pin_set *set)
{
	bool block, terminate;
	*set = last_set(g, &block, &terminate);
	return op == LIFE_BLOCK ? block : terminate;
}

void gen_terminate_part(struct gen *g)
{
	bool block, terminate;
	pin_set set = last_set(g, &block, &terminate);
	if (!block && !terminate)
		return;
	open_dialogue(g, terminate ? CLAUSE_TERMINATE : CLAUSE_BLOCK, terminate ? LIFE_TERMINATE : LIFE_BLOCK, set,
	    "given, for ever");
	if (block) {
		tried(g, LIFE_BLOCK, GEN_GIVEN, set);
		if (rule_of(g, LIFE_UNBLOCK) != 0)
			tried(g, LIFE_UNBLOCK, GEN_REFUSED, set);
	}
	if (!terminate) {
		blocked(g);
		if (rule_of(g, LIFE_UNBLOCK) != 0)
			tried(g, LIFE_UNBLOCK, GEN_REFUSED, 0);
		return;
	}
	tried(g, LIFE_TERMINATE, GEN_GIVEN, set);
	gen_clause(g, CLAUSE_TERMINATED);
	if (gen_protected(g, set))
		buf_str(&g->body, "  plain\n");
	nothing_but_select(g, set);
	gen_reset(g);
	nothing_but_select(g, set);
}
