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

static const struct command *find_command(uint8_t cla, uint8_t ins)
{
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (commands[i]->ins == ins && commands[i]->cla == cla)
			return commands[i];
	return NULL;
}

/* 2: life cycle. Before operational, and before the AP was selected (open-points.h), SELECT by AID answers, and
 * everything else is 6985, unknown INS too; the commands of personalisation are the only others that exist before
 * operational. */
static sw_t check_life(const struct card *c, const struct command *k, uint8_t p1)
{
	bool personalisation = layout_life(c->nv) == LIFE_PERSONALISATION;
	if (k == &command_select && p1 == 0x04)
		return SW_OK;
	if (personalisation)
		return k != NULL && k->personalises ? SW_OK : SW_CONDITIONS_OF_USE;
	return c->session->selected ? SW_OK : SW_CONDITIONS_OF_USE;
}

/* 4: INS. */
static sw_t check_instruction(const struct card *c, const struct command *k)
{
	if (k == NULL || (k->personalises && layout_life(c->nv) != LIFE_PERSONALISATION))
		return SW_INS_NOT_SUPPORTED;
	return SW_OK;
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

/* AP contract, section 3. (3, secure messaging, has no place yet: class 0C ended at 1.) */
sw_t dispatch(struct card *c, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	if (n < 4)
		return SW_WRONG_LENGTH;
	sw_t sw = check_class(cmd[0]);
	if (sw != SW_OK)
		return sw;
	const struct command *k = find_command(cmd[0], cmd[1]);
	if ((sw = check_life(c, k, cmd[2])) != SW_OK || (sw = check_instruction(c, k)) != SW_OK)
		return sw;

	struct apdu a;
	bool parsed = apdu_parse(&a, cmd, n);
	struct call x = {.apdu = &a, .rsp = rsp};
	for (int i = 0; i < STEPS; i++) {
		if (i == STEP_LENGTH && (sw = check_length_fields(c, k, &a, parsed)) != SW_OK)
			return sw;
		if (k->step[i] != NULL && (sw = k->step[i](c, &x)) != SW_OK)
			return sw;
	}
	return SW_OK;
}
