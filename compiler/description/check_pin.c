/* PINs in the whole of the AP. */
#include "compiler/description/build.h"

/* Whether commands in some DF could mean either of two objects: one DF holds the other's. */
bool df_related(const struct contract *c, uint16_t a, uint16_t b)
{
	return df_within(c, a, b) || df_within(c, b, a);
}

static void check_reference(struct build *b, uint16_t i)
{
	const struct contract_pin *p = &b->c->pin[i];
	if (p->ref == 0 || b->c->personality == PERSONALITY_JICSAP)
		return;
	for (uint16_t k = 0; k < i; k++)
		if (b->c->pin[k].ref == p->ref && df_related(b->c, b->c->pin[k].df, p->df)) {
			diag_add(b->d, AT(b->pin[i], PIN_REF), DIAG_PIN_REF_REPEATED, p->id, diag_num(p->ref),
			    b->c->pin[k].id, NULL);
			return;
		}
}

/* AP contract, 7: CHANGE REFERENCE DATA with the old value ends transport; in form 00 the old value's length must be
 * known, so it is fixed or stored. */
static void check_change(struct build *b, uint16_t i)
{
	const struct contract_pin *p = &b->c->pin[i];
	const struct node *n = b->pin[i];
	if (!node_has(n, ATTR_PIN_CHANGE) || !node_has(n, ATTR_PIN_INITIAL))
		return;
	if (p->initial == PIN_TRANSPORT && (p->change & FORM_00) == 0)
		diag_add(
		    b->d, AT(n, PIN_CHANGE), DIAG_PIN_TRANSPORT_FOR_EVER, p->id, node_text(n, ATTR_PIN_CHANGE), NULL);
	if ((p->change & FORM_00) != 0 && p->min != p->max && node_slot(n, ATTR_PIN_STORED)->src == NULL)
		diag_add(
		    b->d, AT(n, PIN_CHANGE), DIAG_PIN_CHANGE_LENGTH, p->id, diag_num(p->min), diag_num(p->max), NULL);
}

static void check_padding(struct build *b, uint16_t i)
{
	const struct contract_pin *p = &b->c->pin[i];
	if (p->format == FORMAT_BINARY && node_has(b->pin[i], ATTR_PIN_FORMAT) && p->pad != -1 && p->min != p->max)
		diag_add(b->d, AT(b->pin[i], PIN_PAD), DIAG_PIN_PAD_AMBIGUOUS, p->id,
		    node_text(b->pin[i], ATTR_PIN_PAD), NULL);
}

/* --- guessing ---------------------------------------------------------------------------------------------------- */

enum { GUESS_LIMIT = 1000 /* at most one guess in so many may hit before the counter stops it */ };

/* Values there are, cut at a million: more is safe by any measure. */
static uint32_t values_of(enum contract_format format, unsigned length)
{
	uint32_t base = format == FORMAT_DIGITS ? 10 : format == FORMAT_ALPHANUMERIC ? 62 : 256, v = 1;
	for (unsigned k = 0; k < length && v < 1000000; k++)
		v *= base;
	return v;
}

static void check_guess(
    struct build *b, const char *name, struct srcloc at, uint8_t format, uint8_t length, uint8_t tries)
{
	if (length == 0 || tries == 0)
		return; /* reported */
	uint32_t values = values_of((enum contract_format)format, length);
	if (values / GUESS_LIMIT < tries)
		diag_add(
		    b->d, at, DIAG_PIN_GUESSABLE, name, diag_num(tries), diag_num(values), diag_num(GUESS_LIMIT), NULL);
}

/* --- unblocking -------------------------------------------------------------------------------------------------- */

/* With every PIN blocked, which can come back? Those with a PUK, then those whose rule holds with PINs that came back,
 * and so on. What is left is lost with its last try. */
static uint32_t recoverable(struct build *b)
{
	uint32_t back = 0, before;
	for (uint16_t i = 0; i < b->c->n_pins; i++)
		if (b->puk[i] != NULL || b->unblock[i].rule == RULE_BAD)
			back |= UINT32_C(1) << i;
	do {
		before = back;
		for (uint16_t i = 0; i < b->c->n_pins; i++)
			if (rule_possible(b->c, b->c->pin[i].unblock, back, TRUTH_ALL, ANSWER_STATUS))
				back |= UINT32_C(1) << i;
	} while (back != before);
	return back;
}

static void check_unblock(struct build *b)
{
	uint32_t back = recoverable(b);
	for (uint16_t i = 0; i < b->c->n_pins; i++) {
		const struct contract_pin *p = &b->c->pin[i];
		if ((back >> i & 1) == 0)
			diag_add(b->d, b->pin[i]->xml->at, DIAG_PIN_NEVER_UNBLOCKED, p->id, diag_num(p->tries), NULL);
		if (rule_open(b->c, p->unblock))
			diag_add(b->d, AT(b->pin[i], PIN_UNBLOCK), DIAG_PIN_UNBLOCK_ALWAYS, p->id, NULL);
	}
}

/* --- first values ------------------------------------------------------------------------------------------------ */

/* With every unset PIN unset, which can get a value? Those whose rule `set` can be fulfilled with the PINs that have
 * one, and so on. A PIN without the rule is reported where it is read. */
static uint32_t settable(const struct build *b)
{
	const struct contract *c = b->c;
	uint32_t has = 0, before;
	for (uint16_t i = 0; i < c->n_pins; i++)
		if (c->pin[i].initial != PIN_UNSET || !node_has(b->pin[i], ATTR_PIN_SET))
			has |= UINT32_C(1) << i;
	do {
		before = has;
		for (uint16_t i = 0; i < c->n_pins; i++)
			if (rule_possible(c, c->pin[i].set, has, TRUTH_ALL, ANSWER_STATUS))
				has |= UINT32_C(1) << i;
	} while (has != before);
	return has;
}

static void check_set(struct build *b)
{
	if (b->rules_bad)
		return;
	uint32_t has = settable(b);
	for (uint16_t i = 0; i < b->c->n_pins; i++)
		if ((has >> i & 1) == 0)
			diag_add(b->d, AT(b->pin[i], PIN_SET), DIAG_PIN_UNSET_FOR_EVER, b->c->pin[i].id, NULL);
}

/* --- use --------------------------------------------------------------------------------------------------------- */

/* Rules of a PIN that name the PIN itself give it no use. An unused <rule> is a warning of its own. */
static void check_use(struct build *b)
{
	uint32_t used = 0;
	if (b->rules_bad)
		return;
	for (const struct rule_row *r = b->rules; r != NULL; r = r->next) {
		uint32_t pins = r->use.pins;
		for (uint16_t i = 0; i < b->c->n_pins; i++)
			if (b->pin[i] == r->node)
				pins &= ~(UINT32_C(1) << i);
		used |= pins;
	}
	for (uint16_t i = 0; i < b->c->n_pins; i++)
		if ((used >> i & 1) == 0)
			diag_add(b->d, b->pin[i]->xml->at, DIAG_PIN_UNUSED, b->c->pin[i].id, NULL);
}

void check_pins(struct build *b)
{
	for (uint16_t i = 0; i < b->c->n_pins; i++) {
		const struct contract_pin *p = &b->c->pin[i];
		check_reference(b, i);
		check_change(b, i);
		check_padding(b, i);
		check_guess(b, p->id, AT(b->pin[i], PIN_TRIES), p->format, p->min, p->tries);
		if (b->puk[i] != NULL)
			check_guess(b, arena_printf(b->a, "%s (PUK)", p->id), AT(b->puk[i], PUK_TRIES), p->puk_format,
			    p->puk_length, p->puk_tries);
	}
	check_unblock(b);
	check_set(b);
	check_use(b);
}
