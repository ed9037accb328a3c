#include "runtime/link/link.h"

#include <string.h>

#include "runtime/base/apdu.h"
#include "runtime/base/iso7816.h"
#include "runtime/link/link_pcsc.h"
#include "runtime/link/link_replay.h"
#include "runtime/link/link_sim.h"
#include "runtime/link/link_text.h"

enum { MORE_DATA = 0x61, WRONG_LE = 0x6c, GET_RESPONSE_LIMIT = 1024 };

static const char *after_prefix(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);
	return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

bool link_open(struct link *l, const char *card, struct diag_list *d)
{
	const char *rest;
	*l = (struct link){0};
	if ((rest = after_prefix(card, "pcsc:")) != NULL)
		return link_pcsc_open(l, rest, d);
	if ((rest = after_prefix(card, "replay:")) != NULL)
		return link_replay_open(l, rest, d);
	if ((rest = after_prefix(card, "sim:")) != NULL)
		return link_sim_open(l, rest, d);
	return link_sim_open(l, card, d);
}

enum link_status link_reset(struct link *l)
{
	l->why[0] = 0;
	l->presented = false;
	return l->ops->reset(l);
}

bool link_reaches(const struct link *l, bool contactless)
{
	bool field =
	    l->atr_len > 3 && l->atr[0] == 0x3b && (l->atr[1] & 0xf0) == 0x80 && l->atr[2] == 0x80 && l->atr[3] == 0x01;
	return l->sim != NULL || field == contactless;
}

static enum link_status exchange(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	/* Noted before it is sent: an answer that is lost may have been a success. */
	if (link_text_secret(cmd, n))
		l->presented = true;
	buf_clear(rsp);
	enum link_status s = l->ops->transmit(l, cmd, n, rsp);
	if (s == LINK_OK && rsp->bad) {
		strcpy(l->why, "out of memory");
		s = LINK_BROKEN;
	}
	if (s == LINK_OK && rsp->n < 2)
		s = LINK_CARD_GONE;
	if (s != LINK_OK)
		buf_clear(rsp);
	return s;
}

static unsigned sw1(const struct buf *rsp)
{
	return rsp->p[rsp->n - 2];
}

static unsigned sw2(const struct buf *rsp)
{
	return rsp->p[rsp->n - 1];
}

/* 6Cxx: the card did nothing, because xx is the right Le. Once only, and never for a protected command, whose sequence
 * counter the card may have advanced. */
static enum link_status with_right_le(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	struct apdu a;
	struct buf again = {0};
	if (!apdu_parse(&a, cmd, n) || !a.has_le || a.extended || (a.cla & 0x0c) != 0)
		return LINK_OK;
	a.le = sw2(rsp) == 0 ? APDU_SHORT_LE : sw2(rsp);
	apdu_write(&again, &a);
	enum link_status s = exchange(l, again.p, again.n, rsp);
	buf_reset(&again);
	return s;
}

static enum link_status one(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	enum link_status s = exchange(l, cmd, n, rsp);
	return s == LINK_OK && sw1(rsp) == WRONG_LE ? with_right_le(l, cmd, n, rsp) : s;
}

/* 61xx: the rest of the response is fetched on the same logical channel, without secure messaging of its own. */
static enum link_status collect(struct link *l, uint8_t cla, struct buf *rsp)
{
	struct buf all = {0};
	enum link_status s = LINK_OK;
	uint8_t get[5] = {cla >= 0x80 ? 0 : cla & 0x03, INS_GET_RESPONSE, 0, 0, 0};
	for (int i = 0; sw1(rsp) == MORE_DATA; i++) {
		if (i == GET_RESPONSE_LIMIT || all.n > RAPDU_MAX) {
			strcpy(l->why, "the response does not end");
			s = LINK_BROKEN;
			break;
		}
		buf_add(&all, rsp->p, rsp->n - 2);
		get[4] = (uint8_t)sw2(rsp);
		s = one(l, get, sizeof get, rsp);
		if (s != LINK_OK)
			break;
	}
	if (s == LINK_OK) {
		buf_add(&all, rsp->p, rsp->n);
		buf_clear(rsp);
		buf_add(rsp, all.p, all.n);
		s = all.bad || rsp->bad ? LINK_BROKEN : LINK_OK;
	}
	if (s != LINK_OK)
		buf_clear(rsp);
	buf_reset(&all);
	return s;
}

enum link_status link_transmit(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	l->why[0] = 0;
	enum link_status s = one(l, cmd, n, rsp);
	return s == LINK_OK && sw1(rsp) == MORE_DATA ? collect(l, cmd[0], rsp) : s;
}

void link_close(struct link *l)
{
	if (l->ops != NULL)
		l->ops->close(l);
	*l = (struct link){0};
}

bool link_diag(const struct link *l, enum link_status s, struct diag_list *d)
{
	const char *why = l->why[0] != 0 ? l->why : "-";
	return diag_add(
	    d, (struct srcloc){0}, s == LINK_CARD_GONE ? DIAG_LINK_CARD_GONE : DIAG_LINK_BROKEN, l->name, why, NULL);
}
