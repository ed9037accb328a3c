#include "runtime/sim/reference/card.h"

static const struct command *const commands[] = {
    &command_read_binary,
    &command_update_binary,
    &command_select,
    &command_verify,
    &command_change_reference_data,
    &command_reset_retry_counter,
    &command_read_record,
    &command_update_record,
    &command_append_record,
    &command_get_data,
    &command_put_data,
    &command_change_key,
    &command_deactivate,
    &command_activate,
    &command_terminate,
    &command_get_challenge,
    &command_external_authenticate,
    &command_internal_authenticate,
    &command_deliver,
    &command_end_personalisation,
};

enum { SM_BITS = 0x0c, SM_STANDARD = 0x0c, SM_86 = 0x08 };

/* Classes with the bits of secure messaging: 0C and 8C are the standard form, 08 and 88 that of jicsap-86. */
static sw_t check_secure_class(const struct contract *ap, uint8_t cla)
{
	if ((cla & SM_BITS) == SM_STANDARD && secure_offered(ap))
		return SW_OK;
	if ((cla & SM_BITS) == SM_86 && secure_offered_86(ap))
		return SW_OK;
	return (cla & 0x80) == 0 ? SW_SM_NOT_SUPPORTED : SW_CLA_NOT_SUPPORTED;
}

/* 1: class, channel, chaining. ISO/IEC 7816-4:2020 5.4.1: 00 to 1F are the first interindustry classes (b5 chaining,
 * b4-b3 secure messaging, b2-b1 channel), 40 to 7F the further ones, for the channels 4 to 19. 80 is the class of
 * custom commands; with secure messaging it has the same bits b4-b3. */
static sw_t check_class(const struct contract *ap, uint8_t cla)
{
	if (cla == 0x00 || cla == 0x80)
		return SW_OK;
	if ((cla & (uint8_t)~SM_BITS) == 0x80)
		return check_secure_class(ap, cla);
	if ((cla & 0xc0) == 0x40)
		return SW_CHANNEL_NOT_SUPPORTED;
	if ((cla & 0xe0) != 0x00)
		return SW_CLA_NOT_SUPPORTED;
	if ((cla & 0x03) != 0)
		return SW_CHANNEL_NOT_SUPPORTED;
	if ((cla & 0x10) != 0)
		return SW_CHAINING_NOT_SUPPORTED;
	return check_secure_class(ap, cla);
}

/* Is it there, in this AP and in its state? An AP may use for its own commands what personalisation used before. */
static bool exists(const struct card *c, const struct command *k)
{
	if (k->personalises)
		return layout_life(c->nv) == LIFE_PERSONALISATION;
	return k->offered == NULL || k->offered(c);
}

static const struct command *find_command(const struct card *c, uint8_t cla, uint8_t ins)
{
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (commands[i]->ins == ins && commands[i]->cla == cla && exists(c, commands[i]))
			return commands[i];
	if (cla != 0x80)
		return NULL;
	return counter_ins(c, ins) ? &command_counter : custom_ins(c, ins) ? &command_custom : NULL;
}

/* 6, what is common to all: the length fields make sense, and are of a form that the AP has. */
static sw_t check_length_fields(const struct card *c, const struct command *k, const struct apdu *a, bool parsed)
{
	if (!parsed)
		return SW_WRONG_LENGTH;
	if (a->extended && !c->ap->extended && !k->personalises)
		return SW_WRONG_LENGTH;
	return SW_OK;
}

/* 6 under secure messaging: a misplaced Le, or one above what a protected response holds, is a wrong length. Where
 * there is response data, no Le counts as 00. */
static sw_t check_protected_le(const struct card *c, struct call *x, struct apdu *a, bool responds)
{
	if (c->session->security.protection == PROTECTION_NONE)
		return SW_OK;
	if (!responds)
		return a->has_le ? SW_WRONG_LENGTH : SW_OK;
	if (a->has_le && !a->le_is_max)
		return a->le <= x->room ? SW_OK : SW_WRONG_LENGTH;
	a->has_le = a->le_is_max = true;
	a->le = x->room;
	return SW_OK;
}

/* Numbers 4 to 12. */
static sw_t run(struct card *c, const struct command *k, struct apdu *a, bool parsed, struct call *x)
{
	struct security *s = &c->session->security;
	sw_t sw;
	if (k == NULL)
		return SW_INS_NOT_SUPPORTED;
	bool responds = k->responds != NULL && k->responds(c, a);
	/* The level of a command is that of its weaker half: section 9, "LEVEL for command and response". */
	if (responds && s->protection == PROTECTION_ENC_MAC)
		s->protection = (uint8_t)secure_response(c->ap);
	for (int i = 0; i < STEPS; i++) {
		if (i == STEP_LENGTH &&
		    ((sw = check_length_fields(c, k, a, parsed)) != SW_OK ||
			(sw = check_protected_le(c, x, a, responds)) != SW_OK))
			return sw;
		if (k->step[i] != NULL && (sw = k->step[i](c, x)) != SW_OK)
			return sw;
	}
	return SW_OK;
}

static sw_t run_plain(struct card *c, const struct command *k, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	struct apdu a;
	bool parsed = apdu_parse(&a, cmd, n);
	/* No Le field counts as a short 00. */
	struct call x = {.apdu = &a, .rsp = rsp, .room = a.has_le && a.extended ? RAPDU_MAX - 2 : APDU_SHORT_LE};
	if (c->ap->sm_plain_ends)
		secure_end(c);
	return run(c, k, &a, parsed, &x);
}

/* Number 3: a fault answers in plain and ends the session. From then on everything is protected. */
static sw_t run_protected(struct card *c, const struct command *k, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	struct security *s = &c->session->security;
	struct apdu outer;
	struct unwrapped u = {0};
	struct buf data = {0};
	sw_t sw = SW_SM_OBJECT_MISSING; /* no lengths, no objects */
	if (!apdu_parse(&outer, cmd, n) || (sw = protect_unwrap(&s->channel, &outer, &u)) != SW_OK) {
		secure_end(c);
		goto out;
	}
	struct call x = {
	    .apdu = &u.apdu,
	    .rsp = &data,
	    .room = protect_room(&s->channel, &u, secure_response(c->ap)),
	};
	s->protection = (uint8_t)u.level;
	sw = run(c, k, &u.apdu, true, &x);
	s->protection = PROTECTION_NONE;
	if (data.bad || !protect_wrap(&s->channel, &u, secure_response(c->ap), &data, sw, rsp)) {
		secure_end(c);
		sw = SW_NO_DIAGNOSIS;
	}
out:
	buf_reset(&u.data);
	buf_reset(&data);
	return sw;
}

/* AP contract, section 3. */
sw_t dispatch(struct card *c, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	if (n < 4)
		return SW_WRONG_LENGTH;
	sw_t sw = check_class(c->ap, cmd[0]);
	if (sw != SW_OK)
		return sw;
	const struct command *k = find_command(c, cmd[0] & (uint8_t)~SM_BITS, cmd[1]);
	if ((sw = life_check(c, k, cmd[2], cmd[3])) != SW_OK)
		return sw;
	return (cmd[0] & SM_BITS) != 0 ? run_protected(c, k, cmd, n, rsp) : run_plain(c, k, cmd, n, rsp);
}

bool command_always_responds(const struct card *c, const struct apdu *a)
{
	(void)c;
	(void)a;
	return true;
}
