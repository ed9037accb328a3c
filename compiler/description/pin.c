/* pin, puk. What is wrong about one PIN alone is said here; what takes the whole AP, in check_pin.c. */
#include "compiler/description/build.h"

#include <stdio.h>
#include <string.h>

enum { SOURCES = 1 << SOURCE_CSV | 1 << SOURCE_CALLER };

static const uint8_t word_format[] = {FORMAT_DIGITS, FORMAT_ALPHANUMERIC, FORMAT_BINARY}; /* the order of grammar.def */

/* length, or min and max. Leaves min and max 0 when they cannot be told. */
static void build_length(struct build *b, const struct node *n, struct contract_pin *p)
{
	bool fixed = node_slot(n, ATTR_PIN_LENGTH)->src != NULL;
	bool least = node_slot(n, ATTR_PIN_MIN)->src != NULL, most = node_slot(n, ATTR_PIN_MAX)->src != NULL;
	if (fixed ? least || most : !least || !most) {
		diag_add(b->d, n->xml->at, DIAG_PIN_LENGTH_FORM, node_name(n, ATTR_PIN_ID), NULL);
		return;
	}
	uint32_t min = node_number(n, fixed ? ATTR_PIN_LENGTH : ATTR_PIN_MIN);
	uint32_t max = node_number(n, fixed ? ATTR_PIN_LENGTH : ATTR_PIN_MAX);
	if (min == 0 || max == 0)
		return; /* reported */
	if (min > max) {
		diag_add(b->d, AT(n, PIN_MIN), DIAG_PIN_MIN_MAX, node_name(n, ATTR_PIN_ID), diag_num(min),
		    diag_num(max), NULL);
		return;
	}
	p->min = (uint8_t)min;
	p->max = (uint8_t)max;
}

static void build_stored(struct build *b, const struct node *n, struct contract_pin *p)
{
	static const int16_t pad[] = {0x00, 0xff, -1}; /* the order of grammar.def */
	uint32_t stored = node_number(n, ATTR_PIN_STORED);
	const char *id = node_name(n, ATTR_PIN_ID);
	p->pad = pad[node_number(n, ATTR_PIN_PAD)];
	p->stored = (uint8_t)stored;
	if (p->max == 0 || !node_has(n, ATTR_PIN_PAD))
		return;
	if (stored == 0 && p->pad != -1 && node_slot(n, ATTR_PIN_STORED)->src == NULL)
		diag_add(b->d, AT(n, PIN_PAD), DIAG_PIN_PAD_ALONE, id, node_text(n, ATTR_PIN_PAD), NULL);
	if (stored == 0)
		return;
	if (stored < p->max)
		diag_add(b->d, AT(n, PIN_STORED), DIAG_PIN_STORED_SHORT, id, diag_num(stored), diag_num(p->max), NULL);
	else if (p->pad == -1 && stored > p->min)
		diag_add(b->d, AT(n, PIN_STORED), DIAG_PIN_PAD_MISSING, id, diag_num(stored), diag_num(p->min), NULL);
}

static void build_puk(struct build *b, uint16_t i, const struct node *n)
{
	static const uint8_t forms[] = {FORM_00, FORM_01, FORM_00 | FORM_01}; /* with-new, keep, both */
	struct contract_pin *p = &b->c->pin[i];
	b->puk[i] = n;
	p->puk_length = (uint8_t)node_number(n, ATTR_PUK_LENGTH);
	p->puk_format = word_format[node_number(n, ATTR_PUK_FORMAT)];
	p->puk_tries = (uint8_t)node_number(n, ATTR_PUK_TRIES);
	p->reset = forms[node_number(n, ATTR_PUK_RESET)];
	struct contract_value v = {.kind = VALUE_PUK,
	    .target = i,
	    .min = p->puk_length,
	    .max = p->puk_length,
	    .format = p->puk_format,
	    .secret = true};
	p->puk_value = value_add(b, n, &(struct value_slot){ATTR_PUK_SOURCE, SOURCES, p->id, ""}, &v);
	b->w->pin[i].puk = n->xml->at;
	b->w->pin[i].puk_length = AT(n, PUK_LENGTH);
	b->w->pin[i].puk_tries = AT(n, PUK_TRIES);
	b->w->pin[i].puk_source = AT(n, PUK_SOURCE);
	b->w->pin[i].puk_reset = AT(n, PUK_RESET);
}

static void note_places(struct build *b, uint16_t i, const struct node *n)
{
	b->w->pin[i].element = n->xml->at;
	b->w->pin[i].ref = node_at(n, node_has(n, ATTR_PIN_REF) ? ATTR_PIN_REF : ATTR_PIN_FID);
	b->w->pin[i].format = AT(n, PIN_FORMAT);
	b->w->pin[i].length = node_at(n, node_has(n, ATTR_PIN_LENGTH) ? ATTR_PIN_LENGTH : ATTR_PIN_MAX);
	b->w->pin[i].tries = AT(n, PIN_TRIES);
	b->w->pin[i].initial = AT(n, PIN_INITIAL);
	b->w->pin[i].check = AT(n, PIN_CHECK);
	b->w->pin[i].change = AT(n, PIN_CHANGE);
	b->w->pin[i].unblock = AT(n, PIN_UNBLOCK);
	b->w->pin[i].stored = AT(n, PIN_STORED);
	b->w->pin[i].pad = AT(n, PIN_PAD);
	b->w->pin[i].source = AT(n, PIN_SOURCE);
	b->w->pin[i].set = AT(n, PIN_SET);
	b->w->pin[i].resets_to = AT(n, PIN_RESETS_TO);
	b->w->pin[i].puk = b->w->pin[i].puk_length = b->w->pin[i].puk_tries = b->w->pin[i].puk_source =
	    b->w->pin[i].puk_reset = n->xml->at;
}

/* The first value: delivered, or set by somebody when the card is in use. */
static void build_initial(struct build *b, uint16_t i, const struct node *n)
{
	struct contract_pin *p = &b->c->pin[i];
	bool unset = p->initial == PIN_UNSET, source = node_slot(n, ATTR_PIN_SOURCE)->src != NULL;
	bool set = node_slot(n, ATTR_PIN_SET)->src != NULL;
	p->value = CONTRACT_NONE;
	p->resets_to_transport = p->initial == PIN_TRANSPORT;
	if (!node_has(n, ATTR_PIN_INITIAL))
		return;
	if (unset == source)
		diag_add(b->d, unset ? AT(n, PIN_SOURCE) : n->xml->at,
		    unset ? DIAG_PIN_UNSET_SOURCE : DIAG_PIN_SOURCE_MISSING, p->id, NULL);
	if (unset != set)
		diag_add(b->d, unset ? n->xml->at : AT(n, PIN_SET),
		    unset ? DIAG_PIN_UNSET_FOR_EVER : DIAG_PIN_SET_ALONE, p->id, NULL);
	if (node_has(n, ATTR_PIN_RESETS_TO)) {
		p->resets_to_transport = node_number(n, ATTR_PIN_RESETS_TO) == 0;
		if (p->resets_to_transport && p->initial != PIN_TRANSPORT)
			diag_add(b->d, AT(n, PIN_RESETS_TO), DIAG_PIN_RESETS_TO, p->id, NULL);
	}
	struct contract_value v = {
	    .kind = VALUE_PIN, .target = i, .min = p->min, .max = p->max, .format = p->format, .secret = true};
	if (!unset)
		p->value = value_add(b, n, &(struct value_slot){ATTR_PIN_SOURCE, SOURCES, p->id, ""}, &v);
}

static void build_pin(struct build *b, const struct part *part)
{
	static const uint8_t change[] = {0, FORM_00, FORM_01, FORM_00 | FORM_01}; /* never ... both */
	static const uint8_t initial[] = {PIN_PERSONAL, PIN_TRANSPORT, PIN_UNSET};
	static const struct reference_slots slots = {ATTR_PIN_ID, ATTR_PIN_REF, ATTR_PIN_FID, ATTR_PIN_SFI};
	const struct node *n = part->node;
	if (!room(b, n, b->c->n_pins, CONTRACT_PINS))
		return;
	uint16_t i = b->c->n_pins++;
	struct contract_pin *p = &b->c->pin[i];
	b->pin[i] = n;
	snprintf(p->id, sizeof p->id, "%s", node_name(n, ATTR_PIN_ID));
	p->df = part->df;
	reference_read(b, n, &slots, &p->ref, &p->fid);
	p->format = word_format[node_number(n, ATTR_PIN_FORMAT)];
	p->card_checks_format = node_number(n, ATTR_PIN_CHECK) == 1;
	p->tries = (uint8_t)node_number(n, ATTR_PIN_TRIES);
	p->initial = initial[node_number(n, ATTR_PIN_INITIAL)];
	p->change = change[node_number(n, ATTR_PIN_CHANGE)];
	note_places(b, i, n);
	build_length(b, n, p);
	build_stored(b, n, p);
	build_initial(b, i, n);
	for (const struct node *k = n->child; k != NULL; k = k->next)
		build_puk(b, i, k);
}

void pins_build(struct build *b)
{
	for (const struct part *p = b->parts; p != NULL; p = p->next)
		if (p->node->element == ELEMENT_PIN)
			build_pin(b, p);
}

/* After all PINs are known: rules name them in any order. */
void pins_build_rules(struct build *b)
{
	for (uint16_t i = 0; i < b->c->n_pins; i++) {
		struct contract_pin *p = &b->c->pin[i];
		b->unblock[i] = rule_compile(b, b->pin[i], ATTR_PIN_UNBLOCK, p->df);
		p->unblock = rule_node(b->unblock[i]);
		p->set = rule_node(rule_compile(b, b->pin[i], ATTR_PIN_SET, p->df));
		if (p->unblock != 0)
			p->reset |= FORM_02 | FORM_03;
	}
}
