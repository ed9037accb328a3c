#include "runtime/sim/t0.h"

#include <string.h>

#include "runtime/base/iso7816.h"
#include "runtime/base/wipe.h"

enum { CASE_2 = 5, SHORT_MAX = 256, MORE_DATA = 0x6100, WRONG_LE = 0x6c00 };

bool t0_only(const uint8_t *atr, size_t n)
{
	size_t at = 2;
	uint8_t y = n >= 2 ? atr[1] : 0;
	while (true) {
		for (uint8_t bit = 0x10; bit <= 0x40; bit = (uint8_t)(bit << 1))
			at += (y & bit) != 0;
		if ((y & 0x80) == 0 || at >= n)
			return true;
		y = atr[at++];
		if ((y & 0x0f) == 1)
			return false;
	}
}

static void forget(struct t0 *t)
{
	if (t->rest.n != 0)
		wipe(t->rest.p, t->rest.n);
	buf_clear(&t->rest);
	t->waits = false;
}

void t0_reset(struct t0 *t, const uint8_t *atr, size_t n)
{
	forget(t);
	t->on = t0_only(atr, n);
}

void t0_end(struct t0 *t)
{
	forget(t);
	buf_reset(&t->rest);
}

/* Bytes of data that wait. */
static size_t waiting(const struct t0 *t)
{
	return t->rest.n < 2 ? 0 : t->rest.n - 2;
}

static unsigned count(size_t n)
{
	return n < SHORT_MAX ? (unsigned)n : 0; /* 00 stands for 256 and more */
}

/* The next n bytes, with the status word behind the last of them. */
static void give(struct t0 *t, size_t n, struct buf *rsp)
{
	size_t left = waiting(t) - n;
	buf_add(rsp, t->rest.p, n);
	if (left == 0) {
		buf_add(rsp, t->rest.p + n, 2);
		forget(t);
		return;
	}
	buf_u16(rsp, MORE_DATA | count(left));
	memmove(t->rest.p, t->rest.p + n, left + 2);
	wipe(t->rest.p + left + 2, n);
	t->rest.n -= n;
	t->waits = false;
}

/* GET RESPONSE, or the command of case 2 whose answer waits: Le must not be more than there is. */
static void fetch(struct t0 *t, const uint8_t *cmd, struct buf *rsp)
{
	size_t le = cmd[4] != 0 ? cmd[4] : SHORT_MAX, have = waiting(t);
	if (le <= have) {
		give(t, le, rsp);
		return;
	}
	memcpy(t->again, cmd, sizeof t->again);
	t->waits = true;
	buf_u16(rsp, WRONG_LE | count(have));
}

static bool is_get_response(const uint8_t *cmd, size_t n)
{
	return n == CASE_2 && (cmd[0] & 0x80) == 0 && cmd[1] == INS_GET_RESPONSE && cmd[2] == 0 && cmd[3] == 0;
}

void t0_apdu(struct t0 *t, struct sim *card, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	bool case_2 = n == CASE_2, case_3 = n > CASE_2 && cmd[4] != 0 && n == CASE_2 + (size_t)cmd[4];
	if (t->on && waiting(t) != 0 &&
	    (is_get_response(cmd, n) || (case_2 && t->waits && memcmp(cmd, t->again, sizeof t->again) == 0))) {
		fetch(t, cmd, rsp);
		return;
	}
	forget(t);
	if (!t->on || (!case_2 && !case_3)) {
		sim_apdu(card, cmd, n, rsp);
		return;
	}
	sim_apdu(card, cmd, n, &t->rest);
	if (waiting(t) == 0) {
		buf_add(rsp, t->rest.p, t->rest.n);
		forget(t);
	} else if (case_2)
		fetch(t, cmd, rsp);
	else
		buf_u16(rsp, MORE_DATA | count(waiting(t)));
}
