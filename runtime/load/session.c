#include "runtime/load/session.h"

#include "runtime/base/hex.h"
#include "runtime/base/iso7816.h"
#include "runtime/link/link_text.h"

static void write_down(struct session *s, const struct buf *cmd, const struct apdu *a)
{
	link_text_command(&s->plan, cmd->p, cmd->n);
	s->planned++;
	s->sw = SW_OK;
	for (size_t i = 0; a->has_le && i < a->le; i++)
		buf_u8(&s->data, 0);
}

static bool lost(struct session *s, enum link_status status)
{
	if (!s->lost)
		link_diag(s->link, status, s->diags);
	s->lost = true;
	return false;
}

static bool exchange(struct session *s, const struct buf *cmd)
{
	struct buf rsp = {0};
	bool ok = false;
	enum link_status status = link_transmit(s->link, cmd->p, cmd->n, &rsp);
	s->commands++;
	if (status != LINK_OK) {
		lost(s, status);
		goto out;
	}
	s->sw = (sw_t)(rsp.p[rsp.n - 2] << 8 | rsp.p[rsp.n - 1]);
	buf_add(&s->data, rsp.p, rsp.n - 2);
	ok = !s->data.bad || diag_add(s->diags, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
out:
	buf_reset(&rsp);
	return ok;
}

/* As it goes to the card: protected when a channel is open. SELECT by name ends the channel (GPC 2.3.1, 10.2.3). */
static bool write_command(struct session *s, const struct apdu *a, struct buf *cmd)
{
	if (s->channel != NULL && a->ins == INS_SELECT && a->p1 == 0x04)
		gp_channel_close(s->channel);
	if (s->channel != NULL && s->channel->open)
		return gp_channel_wrap(s->channel, a, cmd);
	apdu_write(cmd, a);
	return !cmd->bad;
}

static bool check_answer(struct session *s)
{
	if (s->channel == NULL || !s->channel->open || gp_channel_unwrap(s->channel, &s->data, s->sw))
		return true;
	buf_clear(&s->data);
	s->sw = SW_NO_DIAGNOSIS;
	return diag_add(s->diags, (struct srcloc){.file = s->name}, DIAG_GP_ANSWER_FORGED, NULL);
}

bool session_send(struct session *s, enum session_effect effect, const struct apdu *a)
{
	struct buf cmd = {0};
	bool ok = true;
	buf_clear(&s->data);
	s->sw = SW_NO_DIAGNOSIS;
	if (s->lost)
		return false;
	if (!write_command(s, a, &cmd))
		ok = diag_add(s->diags, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	else if (s->dry && effect == SESSION_CHANGES)
		write_down(s, &cmd, a);
	else
		ok = exchange(s, &cmd) && check_answer(s);
	buf_reset(&cmd);
	return ok;
}

bool session_command(
    struct session *s, enum session_effect effect, uint32_t header, const void *data, size_t n, size_t le)
{
	return session_send(s, effect,
	    &(struct apdu){.cla = (uint8_t)(header >> 24),
		.ins = (uint8_t)(header >> 16),
		.p1 = (uint8_t)(header >> 8),
		.p2 = (uint8_t)header,
		.data = data,
		.lc = n,
		.le = le,
		.has_le = le != 0,
		.le_is_max = le == APDU_SHORT_LE});
}

bool session_reset(struct session *s)
{
	if (s->channel != NULL)
		gp_channel_close(s->channel);
	if (s->lost)
		return false;
	enum link_status status = link_reset(s->link);
	return status == LINK_OK ? true : lost(s, status);
}

bool session_refused(struct session *s, enum diag_code code, const char *what)
{
	uint8_t bytes[2] = {(uint8_t)(s->sw >> 8), (uint8_t)s->sw};
	char sw[5];
	return diag_add(s->diags, (struct srcloc){.file = s->name}, code, what, hex_encode(sw, bytes, 2),
	    sw_text(s->sw, "en"), sw_text(s->sw, "ja"), NULL);
}

void session_free(struct session *s)
{
	buf_reset(&s->plan);
	buf_reset(&s->data);
	s->planned = 0;
}
