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
    &command_deliver,
    &command_end_personalisation,
};

/* 1: class, channel, chaining; the AP has no secure messaging. ISO/IEC 7816-4:2020 5.4.1: 00 to 1F are the first
 * interindustry classes (b5 chaining, b4-b3 secure messaging, b2-b1 channel), 40 to 7F the further ones, for the
 * channels 4 to 19. 80 is the class of custom commands. */
static sw_t check_class(uint8_t cla)
{
	if (cla == 0x00 || cla == 0x80)
		return SW_OK;
	if ((cla & 0xc0) == 0x40)
		return SW_CHANNEL_NOT_SUPPORTED;
	if ((cla & 0xe0) != 0x00)
		return SW_CLA_NOT_SUPPORTED;
	if ((cla & 0x03) != 0)
		return SW_CHANNEL_NOT_SUPPORTED;
	if ((cla & 0x10) != 0)
		return SW_CHAINING_NOT_SUPPORTED;
	return SW_SM_NOT_SUPPORTED;
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
	return cla == 0x80 && counter_ins(c, ins) ? &command_counter : NULL;
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

/* AP contract, section 3: 1 and 2 here, 4, then the steps. (3, secure messaging, has no place yet: class 0C ended
 * at 1.) */
sw_t dispatch(struct card *c, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	if (n < 4)
		return SW_WRONG_LENGTH;
	sw_t sw = check_class(cmd[0]);
	if (sw != SW_OK)
		return sw;
	const struct command *k = find_command(c, cmd[0], cmd[1]);
	if ((sw = life_check(c, k, cmd[2], cmd[3])) != SW_OK)
		return sw;
	if (k == NULL)
		return SW_INS_NOT_SUPPORTED;

	struct apdu a;
	bool parsed = apdu_parse(&a, cmd, n);
	/* No Le field counts as a short 00. */
	struct call x = {.apdu = &a, .rsp = rsp, .room = a.has_le && a.extended ? RAPDU_MAX - 2 : APDU_SHORT_LE};
	for (int i = 0; i < STEPS; i++) {
		if (i == STEP_LENGTH && (sw = check_length_fields(c, k, &a, parsed)) != SW_OK)
			return sw;
		if (k->step[i] != NULL && (sw = k->step[i](c, &x)) != SW_OK)
			return sw;
	}
	return SW_OK;
}
