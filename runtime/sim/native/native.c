/* The family `native` for sim.h: delivery, power-up, and the order of checks of the AP contract, section 3, numbers 1
 * to 6; the rest is in the commands. */
#include "runtime/sim/native/card.h"

#include <string.h>

static const struct native_dialect *const dialects[] = {&dialect_iso_compact, &dialect_starcos};

enum { DIALECTS = sizeof dialects / sizeof dialects[0] };

static const struct native_dialect *dialect_numbered(uint8_t id)
{
	for (size_t i = 0; i < DIALECTS; i++)
		if (dialects[i]->id == id)
			return dialects[i];
	return NULL;
}

const struct native_dialect *nat_dialect_named(const char *name)
{
	for (size_t i = 0; i < DIALECTS && name != NULL; i++)
		if (strcmp(dialects[i]->name, name) == 0)
			return dialects[i];
	return NULL;
}

static struct card card_of(struct sim *s)
{
	return (struct card){
	    .sim = s, .nv = &s->nv, .s = s->ram, .dialect = dialect_numbered(nat_u8(&s->nv, CARD_DIALECT))};
}

static void power_up(struct sim *s)
{
	struct card c = card_of(s);
	c.s->dead = nat_u32(c.nv, CARD_MAGIC) != NAT_MAGIC || c.dialect == NULL || !nat_check(&c);
	if (!c.s->dead)
		c.dialect->reset(&c);
}

static size_t atr(struct sim *s, uint8_t out[SIM_ATR_MAX])
{
	size_t n = nat_u8(&s->nv, CARD_ATR_LEN);
	if (((struct nat_session *)s->ram)->dead || n > SIM_ATR_MAX)
		return 0;
	for (uint32_t i = 0; i < n; i++)
		out[i] = nat_u8(&s->nv, CARD_ATR + i);
	return n;
}

/* --- commands of every dialect --- */

static const struct native_command common[] = {
    {0x00, INS_SELECT, true, DATA_MAY, nat_select_form, nat_select},
    {0x00, INS_READ_BINARY, false, DATA_NONE, nat_binary_form, nat_read_binary},
    {0x00, INS_UPDATE_BINARY, false, DATA_MUST, nat_binary_form, nat_update_binary},
    {0x00, INS_VERIFY, false, DATA_MAY, nat_verify_form, nat_verify},
    {0x00, INS_CHANGE_REFERENCE_DATA, false, DATA_MUST, nat_form_00, nat_change},
    {0x00, INS_RESET_RETRY_COUNTER, false, DATA_MUST, nat_form_00, nat_reset},
    {0x00, INS_READ_RECORD, false, DATA_NONE, nat_read_record_form, nat_record},
    {0x00, INS_UPDATE_RECORD, false, DATA_MUST, nat_update_record_form, nat_record},
};

static const struct native_command *find_in(const struct native_command *t, size_t n, uint8_t cla, uint8_t ins)
{
	for (size_t i = 0; i < n; i++)
		if (t[i].ins == ins && t[i].cla == cla)
			return &t[i];
	return NULL;
}

static const struct native_command *find_command(const struct card *c)
{
	const struct native_command *k = find_in(common, sizeof common / sizeof common[0], c->cmd.cla, c->cmd.ins);
	return k != NULL ? k : find_in(c->dialect->command, c->dialect->commands, c->cmd.cla, c->cmd.ins);
}

sw_t nat_form_0000(const struct card *c)
{
	return c->cmd.p1 == 0 && c->cmd.p2 == 0 ? SW_OK : SW_WRONG_P1P2;
}

/* --- the order of checks --- */

/* 1: class, channel, chaining, secure messaging. 7816-4:2020 5.4.1: 00 to 1F first interindustry class, with chaining
 * (10), secure messaging (0C) and channel (03); 40 to 7F further interindustry class, channels 4 to 19. */
static sw_t check_class(const struct card *c)
{
	uint8_t cla = c->cmd.cla;
	if (cla == 0x00 || (cla == 0x80 && c->dialect->proprietary_class))
		return SW_OK;
	if (cla >= 0x40 && cla <= 0x7f)
		return SW_CHANNEL_NOT_SUPPORTED;
	if (cla > 0x1f)
		return SW_CLA_NOT_SUPPORTED;
	if ((cla & 0x03) != 0)
		return SW_CHANNEL_NOT_SUPPORTED;
	return (cla & 0x10) != 0 ? SW_CHAINING_NOT_SUPPORTED : SW_SM_NOT_SUPPORTED;
}

/* 2: until it is activated nothing in a DF can be used without the loading key, whatever the command. */
static sw_t check_life_cycle(const struct card *c, const struct native_command *k)
{
	if (nat_df_state(c, c->s->df) == DF_OPERATIONAL || (k != NULL && k->anybody) || c->dialect->loading(c))
		return SW_OK;
	return SW_CONDITIONS_OF_USE;
}

/* 6: Lc and Le as far as the command alone decides. */
static sw_t check_lengths(const struct card *c, const struct native_command *k, bool well_formed)
{
	const struct apdu *a = &c->cmd;
	bool extended = nat_u8(c->nv, CARD_EXTENDED) != 0;
	if (!well_formed || (a->extended && !extended) || a->lc > nat_u32(c->nv, CARD_COMMAND_DATA))
		return SW_WRONG_LENGTH;
	if ((k->data == DATA_NONE && a->lc != 0) || (k->data == DATA_MUST && a->lc == 0))
		return SW_WRONG_LENGTH;
	return SW_OK;
}

static sw_t dispatch(struct card *c, bool well_formed)
{
	sw_t sw = check_class(c);
	if (sw != SW_OK)
		return sw;
	const struct native_command *k = find_command(c);
	if ((sw = check_life_cycle(c, k)) != SW_OK)
		return sw;
	if (k == NULL)
		return SW_INS_NOT_SUPPORTED;
	if ((sw = k->form(c)) != SW_OK || (sw = check_lengths(c, k, well_formed)) != SW_OK)
		return sw;
	return k->run(c);
}

static void apdu(struct sim *s, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	enum { HEADER = 4 };
	struct card c = card_of(s);
	sw_t sw = SW_MEMORY_FAILURE;
	c.rsp = rsp;
	if (!c.s->dead) {
		bool well_formed = apdu_parse(&c.cmd, cmd, n);
		sw = n < HEADER ? SW_WRONG_LENGTH : dispatch(&c, well_formed);
	}
	buf_u16(rsp, sw);
}

static uint32_t used(const struct sim *s)
{
	return nat_space_used(&s->nv);
}

const struct sim_family sim_native = {
    .name = "native",
    .ram_size = sizeof(struct nat_session),
    .memory_size = nat_memory_size,
    .deliver = nat_deliver,
    .power_up = power_up,
    .apdu = apdu,
    .atr = atr,
    .used = used,
};
