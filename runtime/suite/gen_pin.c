/* PINs: what they offer, and the steps that many dialogues take with them. */
#include "runtime/suite/gen.h"

#include <stdio.h>
#include <string.h>

bool gen_names_pin(const struct gen *g, unsigned p2)
{
	/* In jicsap these are short identifiers of whatever there is. */
	if (g->c->personality == PERSONALITY_JICSAP && (p2 & 0xe0) == 0x80)
		return true;
	for (uint16_t i = 0; i < g->c->n_pins; i++)
		if ((0x80U | g->c->pin[i].ref) == p2)
			return true;
	return false;
}

bool gen_is_transport(const struct contract_pin *p)
{
	return p->initial == PIN_TRANSPORT;
}

bool gen_changes_old(const struct contract_pin *p)
{
	return (p->change & FORM_00) != 0 && (p->min == p->max || p->pad >= 0);
}

/* Whether transport can be ended with the PINs that are usable so far. */
static bool find_ending(const struct gen *g, unsigned pin, struct gen_ending *e)
{
	const struct contract_pin *p = &g->c->pin[pin];
	uint32_t at = 0;
	*e = (struct gen_ending){.pin = pin, .by_change = gen_changes_old(p)};
	if (e->by_change)
		return true;
	if (p->resets_to_transport)
		return false;
	if ((p->reset & FORM_00) != 0 && p->puk_length != 0)
		return true;
	e->form = 2;
	return (p->reset & FORM_02) != 0 &&
	    rules_next(
		&g->rules, p->unblock, g->usable & gen_within_reach_of(g, p->df) & ~rules_bit(pin), true, &at, &e->set);
}

/* A PIN without value gets the first under its rule `set`. */
static bool find_setting(const struct gen *g, unsigned pin, struct gen_ending *e)
{
	pin_set usable = g->usable & gen_within_reach_of(g, g->c->pin[pin].df) & ~rules_bit(pin);
	uint32_t at = 0;
	*e = (struct gen_ending){.pin = pin, .first = true};
	while (rules_next(&g->rules, g->c->pin[pin].set, usable, true, &at, &e->set)) {
		e->set = (e->set & ~rules_unset(&g->rules)) | g->rules.phase[g->rules.n_phases - 1];
		if (rules_possible(&g->rules, e->set) && rules_hold(&g->rules, g->c->pin[pin].set, e->set))
			return true;
	}
	return false;
}

/* One more PIN that gets usable in this way. */
static bool find_one(
    struct gen *g, enum pin_initial initial, bool (*find)(const struct gen *g, unsigned pin, struct gen_ending *e))
{
	for (unsigned pin = 0; pin < g->c->n_pins; pin++) {
		if ((g->usable >> pin & 1) != 0 || g->c->pin[pin].initial != initial ||
		    !find(g, pin, &g->ending[g->n_endings]))
			continue;
		g->usable |= rules_bit(pin);
		g->n_endings++;
		if (initial == PIN_UNSET)
			rules_phase(&g->rules, pin);
		return true;
	}
	return false;
}

void gen_find_usable(struct gen *g)
{
	for (unsigned pin = 0; pin < g->c->n_pins; pin++)
		if (g->c->pin[pin].initial == PIN_PERSONAL)
			g->usable |= rules_bit(pin);
	g->usable |= rules_conditions(&g->rules);
	/* One PIN may open the way to another. */
	while (find_one(g, PIN_TRANSPORT, find_ending) || find_one(g, PIN_UNSET, find_setting))
		;
	for (unsigned pin = 0; pin < g->c->n_pins; pin++)
		if (g->c->pin[pin].initial == PIN_UNSET && (g->usable >> pin & 1) == 0)
			rules_never_set(&g->rules, pin);
	g->phase = rules_unset(&g->rules);
}

bool gen_has_value(const struct gen *g, unsigned pin)
{
	return g->c->pin[pin].value != CONTRACT_NONE || (g->usable >> pin & 1) != 0;
}

const struct gen_ending *gen_ending_of(const struct gen *g, unsigned pin)
{
	for (size_t i = 0; i < g->n_endings; i++)
		if (g->ending[i].pin == pin)
			return &g->ending[i];
	return NULL;
}

bool gen_final_set(const struct gen *g, uint16_t rule, pin_set usable, pin_set *set)
{
	uint32_t at = 0;
	while (rules_next(&g->rules, rule, usable, true, &at, set)) {
		*set &= ~rules_unset(&g->rules);
		if (rules_hold(&g->rules, rule, *set))
			return true;
	}
	return false;
}

bool gen_unblocks(const struct gen *g, unsigned pin, unsigned form)
{
	const struct contract_pin *p = &g->c->pin[pin];
	if ((p->reset >> form & 1) == 0)
		return false;
	if (form <= 1)
		return p->puk_length != 0;
	pin_set set;
	return gen_final_set(g, p->unblock, g->usable & gen_within_reach_of(g, p->df) & ~rules_bit(pin), &set);
}

bool gen_unblockable(const struct gen *g, unsigned pin, unsigned *form)
{
	static const unsigned order[] = {1, 0, 3, 2};
	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		*form = order[i];
		if (gen_unblocks(g, pin, *form))
			return true;
	}
	return false;
}

unsigned gen_p2(struct gen *g, unsigned pin)
{
	const struct contract_pin *p = &g->c->pin[pin];
	if (p->ref == 0)
		buf_printf(&g->body, "  send 00A4020C %04X\n    expect 9000\n", p->fid);
	return 0x80U | p->ref;
}

bool gen_counts(const char *expect)
{
	return strncmp(expect, "63C", 3) == 0;
}

void gen_verify(struct gen *g, unsigned pin, enum suite_derivation d)
{
	if ((g->usable >> pin & 1) == 0) { /* in transport for ever */
		gen_verify_wrong(g, pin, d, "refused-access");
		return;
	}
	gen_step(g, gen_right(g), "002000%02X %s", gen_p2(g, pin), gen_pin(g, pin, d));
	gen_cover_op(g, &g->pin_op[pin][PIN_VERIFY], GEN_GIVEN, 0);
}

static void prove(struct gen *g, pin_set set)
{
	for (unsigned p = 0; p < g->c->n_pins; p++)
		if ((set >> p & 1) != 0)
			gen_verify(g, p, DERIVE_RAW);
	gen_authenticate_set(g, set & rules_conditions(&g->rules));
}

void gen_verify_set(struct gen *g, pin_set set)
{
	bool contactless = (set & g->rules.contactless) != 0, was = g->contactless;
	pin_set far = gen_far(g, set);
	if (contactless != g->contactless)
		gen_reset_by(g, contactless);
	/* A session of its own: with one that is replaced goes what was verified inside it (contract 9). */
	if (contactless != was || g->secured != 0)
		gen_select(g);
	if (far != 0) {
		gen_select_ap(g);
		prove(g, far);
		gen_enter(g);
	}
	prove(g, set & gen_within_reach(g) & ~far);
}

void gen_verify_wrong(struct gen *g, unsigned pin, enum suite_derivation d, const char *expect)
{
	gen_step(g, expect, "002000%02X %s", gen_p2(g, pin), gen_pin(g, pin, d));
	gen_cover_op(g, &g->pin_op[pin][PIN_VERIFY], GEN_REFUSED, 0);
	if (gen_counts(expect))
		gen_cover_clause(g, CLAUSE_PIN_WRONG);
}

void gen_verify_empty(struct gen *g, unsigned pin, const char *expect)
{
	gen_step(g, expect, "002000%02X", gen_p2(g, pin));
	gen_cover_clause(g, CLAUSE_PIN_EMPTY);
}

void gen_exhaust(struct gen *g, unsigned pin)
{
	for (unsigned left = g->c->pin[pin].tries; left-- > 0;)
		gen_verify_wrong(g, pin, DERIVE_WRONG, gen_tries(g, left));
	gen_verify_wrong(g, pin, DERIVE_RAW, "blocked");
	gen_verify_empty(g, pin, "blocked");
}

void gen_change(struct gen *g, unsigned pin, enum suite_derivation from, enum suite_derivation to, const char *expect)
{
	int outcome = strcmp(expect, "9000") == 0 ? GEN_GIVEN : GEN_REFUSED;
	gen_step(g, expect, "002400%02X %s %s", gen_p2(g, pin), gen_old(g, pin, from), gen_pin(g, pin, to));
	gen_cover_op(g, &g->pin_op[pin][PIN_CHANGE_00], outcome, 0);
	if (gen_counts(expect)) {
		gen_cover_clause(g, CLAUSE_CHANGE_COUNTS);
		gen_cover_clause(g, CLAUSE_PIN_WRONG);
	}
}

void gen_unblock(struct gen *g, unsigned pin, unsigned form, enum suite_derivation to)
{
	pin_set set = 0;
	const char *puk = form <= 1 ? gen_puk(g, pin, DERIVE_RAW) : "";
	const char *value = form == 0 || form == 2 ? gen_pin(g, pin, to) : "";
	if (form >= 2) {
		set = g->freeing[pin];
		gen_verify_set(g, set);
	}
	gen_step(g, "9000", "002C%02X%02X %s %s", form, gen_p2(g, pin), puk, value);
	gen_cover_op(g, &g->pin_op[pin][PIN_RESET_00 + form], GEN_GIVEN, set);
}

void gen_end_transport(struct gen *g, const struct gen_ending *e)
{
	if (e->first) {
		gen_verify_set(g, e->set);
		gen_step(g, "9000", "002401%02X %s", gen_p2(g, e->pin), gen_pin(g, e->pin, DERIVE_RAW));
		gen_cover_op(g, &g->pin_op[e->pin][PIN_SET], GEN_GIVEN, e->set);
		return;
	}
	if (e->by_change) {
		gen_change(g, e->pin, DERIVE_RAW, DERIVE_OTHER, "9000");
		gen_change(g, e->pin, DERIVE_OTHER, DERIVE_RAW, "9000");
		return;
	}
	gen_verify_set(g, e->set);
	gen_step(g, "9000", "002C%02X%02X %s %s", e->form, gen_p2(g, e->pin),
	    e->form == 0 ? gen_puk(g, e->pin, DERIVE_RAW) : "", gen_pin(g, e->pin, DERIVE_RAW));
	gen_cover_op(g, &g->pin_op[e->pin][PIN_RESET_00 + e->form], GEN_GIVEN, e->set);
}

void gen_settle(struct gen *g, unsigned pin, unsigned form, enum suite_derivation value)
{
	bool takes_new = form == 0 || form == 2;
	const struct contract_pin *p = &g->c->pin[pin];
	bool back = takes_new && gen_is_transport(p) && p->resets_to_transport;
	if (back && (g->usable >> pin & 1) != 0) {
		gen_verify_wrong(g, pin, value, "refused-access");
		if (value == DERIVE_RAW)
			gen_change(g, pin, DERIVE_RAW, value = DERIVE_OTHER, "9000");
		gen_change(g, pin, value, DERIVE_RAW, "9000");
	} else if (takes_new && value != DERIVE_RAW) {
		gen_verify(g, pin, value);
		gen_unblock(g, pin, form, DERIVE_RAW);
	}
	gen_verify(g, pin, DERIVE_RAW);
}

bool gen_now(const struct gen *g, pin_set set)
{
	return (set & rules_unset(&g->rules)) == g->phase;
}

bool gen_pins_only(const struct gen *g, pin_set set)
{
	return set >> g->c->n_pins == 0;
}

bool gen_protected(const struct gen *g, pin_set set)
{
	for (unsigned bit = g->c->n_pins; bit < g->rules.bits; bit++)
		if ((set >> bit & 1) != 0 && g->rules.condition[bit].sm)
			return true;
	return false;
}

const char *gen_set_text(const struct gen *g, pin_set set, char out[256])
{
	size_t n = 0;
	out[0] = 0;
	for (unsigned p = 0; p < g->c->n_pins && n < 200; p++)
		if ((set >> p & 1) != 0)
			n += (size_t)snprintf(out + n, 256 - n, "%s%s", n == 0 ? " with " : ", ", g->c->pin[p].id);
	static const char *const kinds[] = {[RULES_AUTH] = "", [RULES_SM_MAC] = "mac ", [RULES_SM_ENC] = "enc "};
	for (unsigned bit = g->c->n_pins; bit < g->rules.bits && n < 200; bit++)
		if ((set >> bit & 1) != 0)
			n += (size_t)snprintf(out + n, 256 - n, "%s%s%s", n == 0 ? " with " : ", ",
			    kinds[g->rules.condition[bit].sm], g->c->key[g->rules.condition[bit].key].id);
	if ((set & g->rules.contactless) != 0)
		n += (size_t)snprintf(out + n, 256 - n, "%scontactless", n == 0 ? " with " : ", ");
	for (unsigned p = 0; p < g->c->n_pins && n < 200; p++)
		if ((set & g->rules.unset[p]) != 0)
			n +=
			    (size_t)snprintf(out + n, 256 - n, "%s%s unset", n == 0 ? " with " : ", ", g->c->pin[p].id);
	return out;
}

int gen_free(const struct gen *g, uint16_t rule, bool contactless)
{
	pin_set field = contactless ? g->rules.contactless : 0;
	int outcome = rules_hold(&g->rules, rule, field) ? GEN_GIVEN : GEN_REFUSED;
	for (size_t i = 0; i < g->rules.n_phases; i++)
		if (rules_hold(&g->rules, rule, field | g->rules.phase[i]) != (outcome == GEN_GIVEN))
			return GEN_OUTCOMES;
	return outcome;
}

/* What a set says of PINs without value may be of another time; but it may be good in this phase, too. */
static bool first_set_in(const struct gen *g, const struct gen_op *op, pin_set phase, pin_set *set)
{
	const struct rules_sets *sets = &op->rule.sets[RULES_GRANTED];
	for (size_t i = 0; i < sets->n; i++) {
		*set = (sets->set[i] & ~rules_unset(&g->rules)) | phase;
		if (rules_possible(&g->rules, *set) && rules_hold(&g->rules, op->rule.rule, *set))
			return true;
	}
	return false;
}

bool gen_first_set(const struct gen *g, const struct gen_op *op, pin_set *set)
{
	return first_set_in(g, op, g->phase, set);
}

bool gen_file_set(const struct gen *g, uint16_t file, enum file_op op, pin_set *set)
{
	return gen_first_set(g, &g->file_op[file][op], set);
}

bool gen_last_turn(const struct gen *g, uint16_t file, enum file_op op)
{
	const struct gen_op *k = &g->file_op[file][op];
	pin_set set;
	bool later = false;
	for (size_t i = 0; i < g->rules.n_phases; i++) {
		if (later && g->rules.phase[i] != g->phase && first_set_in(g, k, g->rules.phase[i], &set))
			return false;
		later = later || g->rules.phase[i] == g->phase;
	}
	return gen_first_set(g, k, &set);
}

/* A PIN that decides at all decides in one of the sets that are tried. */
bool gen_deciding_read(const struct gen *g, unsigned pin, uint16_t *file, pin_set *set)
{
	pin_set unset = 0; /* perhaps other PINs have no value yet */
	for (unsigned p = 0; p < g->c->n_pins; p++)
		unset |= g->rules.unset[p];
	for (uint16_t f = 0; f < g->c->n_files; f++) {
		if (!gen_plain(g, f))
			continue;
		const struct rules_sets *sets = &g->file_op[f][FILE_READ].rule.sets[RULES_GRANTED];
		for (size_t i = 0; i < sets->n; i++) {
			*file = f;
			*set = sets->set[i];
			if ((*set >> pin & 1) != 0 && gen_pins_only(g, *set) &&
			    !rules_hold(&g->rules, g->c->file[f].rule[FILE_READ], (*set & ~rules_bit(pin)) | unset))
				return true;
		}
	}
	return false;
}

bool gen_verify_deciding(struct gen *g, unsigned pin, uint16_t *file)
{
	pin_set set;
	if (!gen_deciding_read(g, pin, file, &set)) {
		gen_verify(g, pin, DERIVE_RAW);
		return false;
	}
	gen_verify_set(g, set);
	gen_step(g, "9000", "00A4020C %04X", g->c->file[*file].fid);
	gen_read(g, *file, "00B00000", "01", 0, 1);
	return true;
}
