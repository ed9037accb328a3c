#include "runtime/sim/javacard/manager/dispatch.h"

#include <string.h>

#include "runtime/base/iso7816.h"
#include "runtime/base/wipe.h"
#include "runtime/sim/javacard/manager/registry.h"

/* Instructions of GPCS 11 that ISO/IEC 7816-4 does not have, or means otherwise. */
enum gp_ins {
	INS_INITIALIZE_UPDATE = 0x50,
	INS_END_RMAC = 0x78,
	INS_BEGIN_RMAC = 0x7a,
	INS_GP_PUT_KEY = 0xd8,
	INS_GP_STORE_DATA = 0xe2,
	INS_GP_DELETE = 0xe4,
	INS_GP_INSTALL = 0xe6,
	INS_GP_LOAD = 0xe8,
	INS_GP_SET_STATUS = 0xf0,
	INS_GP_GET_STATUS = 0xf2,
	INS_MANAGE_CHANNEL = 0x70,
};

static sw_t begin_rmac(struct cm *c)
{
	return cm_secure_begin_rmac(cm_secure_on(c), &c->cmd);
}

static sw_t end_rmac(struct cm *c)
{
	return cm_secure_end_rmac(cm_secure_on(c), &c->cmd, c->rsp);
}

/* Commands of a security domain: GPCS table 11-1. */
static const struct command {
	uint8_t ins;
	bool open;    /* needs no secure channel */
	bool session; /* part of setting one up: never unwrapped */
	bool locked;  /* also while the card is locked: table 11-1 */
	sw_t (*run)(struct cm *);
} commands[] = {
    {INS_INITIALIZE_UPDATE, true, true, true, cm_initialize_update},
    {INS_EXTERNAL_AUTHENTICATE, true, true, true, cm_external_authenticate},
    {INS_BEGIN_RMAC, false, false, true, begin_rmac},
    {INS_END_RMAC, false, false, true, end_rmac},
    {INS_GET_DATA, true, false, true, cm_get_data},
    {INS_GP_GET_STATUS, false, false, true, cm_get_status},
    {INS_GP_SET_STATUS, false, false, true, cm_set_status},
    {INS_GP_DELETE, false, false, false, cm_delete},
    {INS_GP_INSTALL, false, false, false, cm_install},
    {INS_GP_LOAD, false, false, false, cm_load},
    {INS_GP_PUT_KEY, false, false, false, cm_put_key},
    {INS_GP_STORE_DATA, false, false, false, cm_store_data},
};

static const struct command *find(uint8_t ins)
{
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (commands[i].ins == ins)
			return &commands[i];
	return NULL;
}

/* Logical channel in CLA: ISO/IEC 7816-4:2020 5.4.1, GPCS 11.1.4. */
static uint8_t channel_of(uint8_t cla)
{
	if ((cla & 0x40) != 0)
		return (uint8_t)(4 + (cla & 0x0f));
	return (cla & 0x60) == 0x20 ? 0 : cla & 0x03;
}

static bool has_sm(uint8_t cla)
{
	return (cla & 0x40) != 0 ? (cla & 0x20) != 0 : (cla & 0x0c) != 0;
}

/* --- a security domain is current --- */

/* Take off secure messaging. In a session every command has what was agreed; without one, only SCP02's implicit
 * initiation may begin (E.1.2.2). */
static sw_t unwrap(struct cm *c, const struct command *k)
{
	struct cm_secure *s = cm_secure_on(c);
	if (k->session)
		return SW_OK;
	if (has_sm(c->cmd.cla) && cm_secure_begins(s))
		return cm_channel_implicit(c, cm_on(c)->app);
	if (s == NULL || s->state == CM_SECURE_INITIALIZED)
		return has_sm(c->cmd.cla) ? SW_SECURITY_STATUS : SW_OK;
	if (s->state == CM_SECURE_ABORTED && k->open && !has_sm(c->cmd.cla))
		return SW_OK;
	return cm_secure_unwrap(s, &c->cmd, c->data);
}

/* The card manager wants a secure channel of this very security domain; once the card is secured, one with C-MAC
 * (GPCS 5.1.1.3, 10.6). */
static sw_t authorized(const struct cm *c)
{
	const struct cm_secure *s = cm_secure_on(c);
	uint8_t level = s != NULL ? cm_secure_level(s) : 0;
	if ((level & CM_AUTHENTICATED) == 0 || s->app != cm_on(c)->app)
		return SW_SECURITY_STATUS;
	if (cm_u8(c, CM_H_STATE) >= CM_SECURED && (level & CM_C_MAC) == 0)
		return SW_SECURITY_STATUS;
	return SW_OK;
}

static sw_t life_cycle(const struct cm *c, const struct command *k)
{
	uint8_t card = cm_u8(c, CM_H_STATE);
	if (card == CM_TERMINATED && k->run != cm_get_data)
		return SW_CONDITIONS_OF_USE;
	if (card == CM_CARD_LOCKED && !k->locked)
		return SW_CONDITIONS_OF_USE;
	struct cm_entry e = cm_entry(c, cm_on(c)->app);
	if (e.kind == CM_SD && (e.state & CM_LOCKED) != 0)
		return SW_CONDITIONS_OF_USE;
	return SW_OK;
}

static sw_t run(struct cm *c, const struct command *k)
{
	sw_t sw = life_cycle(c, k);
	if (sw != SW_OK || (sw = unwrap(c, k)) != SW_OK)
		return sw;
	if (!k->open && (sw = authorized(c)) != SW_OK)
		return sw;
	/* A load is one unbroken row of LOADs: GPCS 9.3.5. */
	if (c->s->load.active && k->run != cm_load && k->run != cm_install && c->s->channel == c->s->load.channel)
		cm_load_abort(c);
	if (k->run != cm_get_status)
		c->s->listing.next = 0;
	if (k->run != cm_store_data)
		cm_on(c)->store_block = 0;
	return k->run(c);
}

static sw_t security_domain(struct cm *c, bool well_formed)
{
	const struct command *k = find(c->cmd.ins);
	size_t from = c->rsp->n;
	uint8_t kind = c->cmd.cla & 0xe0;
	if (kind != 0x80 && kind != 0x00 && (c->cmd.cla & 0x40) == 0)
		return SW_CLA_NOT_SUPPORTED;
	if ((c->cmd.cla & 0x50) == 0x10)
		return SW_CHAINING_NOT_SUPPORTED;
	if (k == NULL)
		return SW_INS_NOT_SUPPORTED;
	if ((c->cmd.cla & 0x80) == 0 && k->run != cm_get_data && k->run != cm_external_authenticate &&
	    k->run != cm_store_data)
		return SW_CLA_NOT_SUPPORTED;
	if (!well_formed || c->cmd.lc > CM_DATA_MAX || (c->cmd.extended && !jc_chip_of(c->jc)->extended))
		return SW_WRONG_LENGTH;
	if (c->cmd.lc != 0)
		memcpy(c->data, c->cmd.data, c->cmd.lc);
	c->cmd.data = c->cmd.lc != 0 ? c->data : NULL;
	sw_t sw = run(c, k);
	struct cm_secure *s = cm_secure_on(c);
	if (c->rsp->bad)
		sw = SW_NO_DIAGNOSIS;
	if (sw >> 8 != 0x90 && sw >> 8 != 0x62 && sw >> 8 != 0x63)
		c->rsp->n = from;
	if (s != NULL && !k->session && s->state == CM_SECURE_OPEN)
		sw = cm_secure_wrap(s, c->rsp, from, sw);
	wipe(c->data, CM_DATA_MAX);
	return sw;
}

/* --- any command --- */

static bool is_select(const struct cm *c)
{
	return (c->cmd.cla & 0x80) == 0 && !has_sm(c->cmd.cla) && c->cmd.ins == INS_SELECT && c->cmd.p1 == 0x04;
}

/* Commands of the runtime itself; *answered false: the current application gets the command. */
static sw_t runtime(struct cm *c, const uint8_t *cmd, size_t n, bool well_formed, bool *answered)
{
	*answered = true;
	if (is_select(c)) {
		if (!well_formed)
			return SW_WRONG_LENGTH;
		if (!cm_on(c)->open) /* JCRE 4.5.2: SELECT opens the channel */
			cm_on(c)->open = true;
		return cm_select(c, cmd, n, answered);
	}
	if ((c->cmd.cla & 0x80) == 0 && c->cmd.ins == INS_MANAGE_CHANNEL && !has_sm(c->cmd.cla))
		return well_formed ? cm_manage_channel(c) : SW_WRONG_LENGTH;
	*answered = false;
	return SW_OK;
}

/* The SW to append, or SW_OK with *done when the applet has answered. */
static sw_t dispatch(struct cm *c, const uint8_t *cmd, size_t n, bool *done)
{
	enum { INVALID_CLA = 0xff };
	bool well_formed = apdu_parse(&c->cmd, cmd, n), answered;
	size_t before = c->rsp->n;
	if (n < 4)
		return SW_WRONG_LENGTH;
	c->cmd.cla = cmd[0];
	c->cmd.ins = cmd[1];
	c->cmd.p1 = cmd[2];
	c->cmd.p2 = cmd[3];
	if (c->cmd.cla == INVALID_CLA)
		return SW_CLA_NOT_SUPPORTED;
	uint8_t channel = channel_of(c->cmd.cla);
	if (channel >= jc_chip_of(c->jc)->channels || (!c->s->on[channel].open && !is_select(c)))
		return SW_CHANNEL_NOT_SUPPORTED;
	c->s->channel = channel;
	sw_t sw = runtime(c, cmd, n, well_formed, &answered);
	*done = !answered && c->rsp->n != before;
	if (answered || *done)
		return sw;
	uint16_t app = cm_on(c)->app;
	if (app == 0)
		return SW_APPLET_SELECT_FAILED;
	if (cm_entry_kind(c, app) != CM_APP)
		return security_domain(c, well_formed);
	jc_process(c->jc, channel, false, cmd, n, c->rsp);
	*done = true;
	return SW_OK;
}

void cm_apdu(struct sim *s, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	uint8_t data[CM_DATA_MAX];
	struct cm c = cm_of(s);
	bool done = false;
	c.rsp = rsp;
	c.data = data;
	sw_t sw = c.s->dead ? SW_MEMORY_FAILURE : dispatch(&c, cmd, n, &done);
	if (!done)
		buf_u16(rsp, sw);
}
