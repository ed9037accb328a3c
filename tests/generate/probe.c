/* Access, operation by operation: given exactly where the rule holds. */
#include <string.h>

#include "runtime/base/iso7816.h"
#include "tests/generate/terminal.h"

static bool refuses(sw_t sw)
{
	return sw == SW_SECURITY_STATUS || sw == SW_CONDITIONS_OF_USE;
}

/* 6985 where the rule names a PIN in transport, else 6982; where part of a rule is idle, either. */
static void judge(struct terminal *t, sw_t sw, const char *rule, const char *what, const char *id)
{
	bool holds = naive_holds(t->ap, &t->state, rule);
	t->given += holds;
	t->refused += !holds;
	if (holds == refuses(sw)) {
		terminal_complain(t, "%s of %s (%s) at level %d: %04X, but its rule %s", what, id,
		    rule == NULL ? "" : rule, t->state.level, sw, holds ? "holds" : "does not hold");
		return;
	}
	if (holds || rule == NULL || naive_has_constant(t->ap, rule))
		return;
	terminal_expect(
	    t, sw, naive_names_transport(t->ap, &t->state, rule) ? SW_CONDITIONS_OF_USE : SW_SECURITY_STATUS, what, id);
}

static void send_for(struct terminal *t, enum terminal_mode mode, const struct apdu *a, bool responds, const char *rule,
    const char *what, const char *id)
{
	sw_t sw = terminal_send(t, mode, a);
	t->state.level = terminal_level(t, mode, a->lc != 0, responds);
	bool known = sw == SW_OK || sw == 0x6282 || sw == SW_RECORD_NOT_FOUND || sw == SW_WRONG_LENGTH ||
	    sw == SW_NO_MEMORY || refuses(sw);
	if (!known)
		terminal_complain(t, "%s of %s: %04X", what, id, sw);
	else
		judge(t, sw, rule, what, id);
}

/* The short identifier; without one, or at times, the EF is selected and 0 means it. */
static unsigned sfi_of(struct terminal *t, enum terminal_mode mode, const struct naive_object *o)
{
	if (o->sfi != 0 && dice_chance(&t->dice, 75))
		return o->sfi;
	terminal_select_ef(t, mode, o->fid);
	return 0;
}

static struct apdu command_for(
    struct terminal *t, enum terminal_mode mode, const struct naive_object *o, enum naive_op op)
{
	static const uint8_t zeros[256];
	bool records = strcmp(o->kind, "records") == 0, data = strcmp(o->kind, "data") == 0;
	struct apdu a = {.data = zeros, .lc = 1};
	if (op == NAIVE_READ)
		a = (struct apdu){.has_le = true, .le = records || data ? 256 : 1, .le_is_max = records || data};
	if (data) {
		a.ins = op == NAIVE_READ ? INS_GET_DATA : INS_PUT_DATA;
		a.p1 = (uint8_t)(o->tag >> 8);
		a.p2 = (uint8_t)o->tag;
		return a;
	}
	unsigned sfi = sfi_of(t, mode, o);
	if (op >= NAIVE_INCREASE) {
		a = (struct apdu){
		    .cla = 0x80, .ins = (uint8_t)o->ins[op], .p2 = (uint8_t)sfi, .data = zeros, .lc = o->length};
	} else if (records) {
		a.ins = op == NAIVE_READ ? INS_READ_RECORD : op == NAIVE_UPDATE ? INS_UPDATE_RECORD : INS_APPEND_RECORD;
		a.p1 = op == NAIVE_APPEND ? 0 : 1;
		a.p2 = (uint8_t)(sfi << 3 | (op == NAIVE_APPEND ? 0 : 4));
		if (op != NAIVE_READ)
			a.lc = o->variable ? 1 : o->length;
	} else {
		a.ins = op == NAIVE_READ ? INS_READ_BINARY : INS_UPDATE_BINARY;
		a.p1 = (uint8_t)(sfi == 0 ? 0 : 0x80 | sfi);
	}
	return a;
}

static bool offers(const struct naive_object *o, enum naive_op op)
{
	if (strcmp(o->kind, "counter") == 0)
		return op == NAIVE_READ || op >= NAIVE_INCREASE;
	return op <= NAIVE_UPDATE || (op == NAIVE_APPEND && strcmp(o->kind, "records") == 0);
}

static void probe_object(struct terminal *t, const struct naive_object *o)
{
	static const char *const name[] = {"read", "update", "append", "increase", "decrease"};
	for (int op = 0; op < NAIVE_OPS; op++) {
		if (!offers(o, (enum naive_op)op))
			continue;
		enum terminal_mode mode = terminal_mode(t);
		struct apdu a = command_for(t, mode, o, (enum naive_op)op);
		send_for(t, mode, &a, op == NAIVE_READ || op >= NAIVE_INCREASE, o->rule[op], name[op], o->id);
	}
}

/* The rule of the command, then those of its steps, each in its turn: before a step that may fail, one cannot tell what
 * refused. */
static void probe_command(struct terminal *t, const struct naive_command *c)
{
	static const uint8_t zeros[256];
	enum terminal_mode mode = terminal_mode(t);
	const struct apdu a = {.cla = 0x80, .ins = (uint8_t)c->ins, .data = c->data == 0 ? NULL : zeros, .lc = c->data};
	sw_t sw = terminal_send(t, mode, &a);
	t->state.level = terminal_level(t, mode, c->data != 0, true);
	bool holds = naive_holds(t->ap, &t->state, c->when);
	for (size_t i = 0; i < c->n_require; i++)
		holds = holds && naive_holds(t->ap, &t->state, c->require[i]);
	t->given += holds;
	t->refused += !holds;
	bool done = sw == SW_OK || sw == SW_NO_MEMORY;
	if (!done && !refuses(sw))
		terminal_complain(t, "command %s: %04X", c->id, sw);
	else if (holds ? sw == SW_SECURITY_STATUS || (!done && !c->may_fail) : sw == SW_OK)
		terminal_complain(
		    t, "command %s (%s): %04X, but its rules %s", c->id, c->when, sw, holds ? "hold" : "do not hold");
}

/* --- PINs -------------------------------------------------------------------------------------------------------- */

/* Commands with a value that is too long: refused by the rule, or for the length. */
static void probe_pin(struct terminal *t, size_t pin)
{
	static const uint8_t zeros[256];
	const struct naive_pin *p = &t->ap->pin[pin];
	struct naive_state *s = &t->state;
	enum terminal_mode mode = terminal_mode(t);
	struct apdu a = {.ins = INS_VERIFY};
	a.p2 = terminal_reference(t, mode, p->ref, p->fid, p->sfi);
	sw_t sw = terminal_send(t, mode, &a);
	sw_t want = s->tries[pin] == 0 ? terminal_blocked(t)
	    : !s->has_value[pin]       ? SW_CONDITIONS_OF_USE
	    : s->verified[pin]         ? SW_OK
				       : (sw_t)(0x63c0 | s->tries[pin]);
	terminal_expect(t, sw, want, "VERIFY without data", p->id);

	mode = terminal_mode(t);
	a = (struct apdu){.ins = INS_RESET_RETRY_COUNTER, .p1 = 0x02, .data = zeros, .lc = p->max + 1};
	a.p2 = terminal_reference(t, mode, p->ref, p->fid, p->sfi);
	if (s->has_value[pin] && naive_ever(t->ap, p->unblock))
		send_for(t, mode, &a, false, p->unblock, "RESET RETRY COUNTER", p->id);
	a.ins = INS_CHANGE_REFERENCE_DATA;
	a.p1 = 0x01;
	if (!s->has_value[pin])
		send_for(t, mode, &a, false, p->set, "the first value", p->id);
}

void probe_all(struct terminal *t)
{
	for (size_t i = 0; i < t->ap->n_objects; i++)
		if (t->ap->object[i].df == t->state.df)
			probe_object(t, &t->ap->object[i]);
	for (size_t i = 0; i < t->ap->n_commands; i++)
		probe_command(t, &t->ap->command[i]);
	for (size_t i = 0; i < t->ap->n_pins; i++)
		if (terminal_reaches(t, t->ap->pin[i].df))
			probe_pin(t, i);
}

/* --- life cycle -------------------------------------------------------------------------------------------------- */

static sw_t life(struct terminal *t, uint8_t ins, const char *rule, const char *what)
{
	enum terminal_mode mode = terminal_mode(t);
	const struct apdu a = {.ins = ins};
	sw_t sw = terminal_send(t, mode, &a);
	t->state.level = terminal_level(t, mode, false, false);
	if (naive_ever(t->ap, rule))
		judge(t, sw, rule, what, "the AP");
	else
		terminal_expect(t, sw, SW_INS_NOT_SUPPORTED, what, "the AP");
	return sw;
}

void probe_life(struct terminal *t)
{
	static const struct apdu read = {.ins = INS_READ_BINARY, .has_le = true, .le = 1};
	if (life(t, INS_DEACTIVATE_FILE, t->ap->block, "DEACTIVATE FILE") == SW_OK) {
		if (!t->ap->plain_ends) /* what the life cycle refuses ends no session: it would be known less well */
			terminal_expect(t, terminal_send(t, TERMINAL_PLAIN, &read), SW_CONDITIONS_OF_USE, "READ BINARY",
			    "a blocked AP");
		if (naive_ever(t->ap, t->ap->unblock))
			life(t, INS_ACTIVATE_FILE, t->ap->unblock, "ACTIVATE FILE");
	}
	if (naive_ever(t->ap, t->ap->terminate) && life(t, INS_TERMINATE_DF, t->ap->terminate, "TERMINATE DF") == SW_OK)
		terminal_expect(
		    t, terminal_send(t, TERMINAL_PLAIN, &read), SW_CONDITIONS_OF_USE, "READ BINARY", "a terminated AP");
}
