#include "runtime/link/link_pcsc.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <PCSC/reader.h>
#include <PCSC/winscard.h>

#include "runtime/base/apdu.h"
#include "runtime/base/wipe.h"
#include "runtime/link/pcsc_connect.h"

enum {
	CARD_WAIT_MS = 3000, /* for a card that is being put in: a virtual reader polls about once a second */
	CONNECT_MS = 3000,
	NAMES_MAX = READERS_MAX * READER_NAME + 1,
};

struct pcsc {
	SCARDCONTEXT context;
	SCARDHANDLE card;
	DWORD protocol;
	uint8_t answer[RAPDU_MAX];
};

static const struct timespec pause_between = {.tv_nsec = 100000000}; /* tries */

static bool no_service(LONG rc, struct diag_list *d)
{
	return diag_add(d, (struct srcloc){0}, DIAG_LINK_NO_SERVICE, pcsc_stringify_error(rc), NULL);
}

/* ---- readers ---- */

static void describe(SCARDCONTEXT context, struct link_reader *r)
{
	SCARD_READERSTATE state = {.szReader = r->name, .dwCurrentState = SCARD_STATE_UNAWARE};
	if (SCardGetStatusChange(context, 0, &state, 1) != SCARD_S_SUCCESS)
		return;
	r->card = (state.dwEventState & SCARD_STATE_PRESENT) != 0;
	r->in_use = (state.dwEventState & SCARD_STATE_EXCLUSIVE) != 0;
	if (r->card && state.cbAtr <= sizeof r->atr) {
		r->atr_len = state.cbAtr;
		memcpy(r->atr, state.rgbAtr, r->atr_len);
	}
}

static LONG list(SCARDCONTEXT context, struct link_reader out[READERS_MAX], size_t *n)
{
	char names[NAMES_MAX] = "";
	DWORD len = sizeof names;
	*n = 0;
	LONG rc = SCardListReaders(context, NULL, names, &len);
	if (rc == SCARD_E_NO_READERS_AVAILABLE)
		return SCARD_S_SUCCESS;
	if (rc != SCARD_S_SUCCESS)
		return rc;
	names[sizeof names - 1] = 0;
	for (const char *p = names; *p != 0 && *n < READERS_MAX; p += strlen(p) + 1) {
		struct link_reader *r = &out[(*n)++];
		*r = (struct link_reader){0};
		memcpy(r->name, p, strnlen(p, sizeof r->name - 1));
		describe(context, r);
	}
	return rc;
}

bool link_readers(struct link_reader out[READERS_MAX], size_t *n, struct diag_list *d)
{
	SCARDCONTEXT context;
	*n = 0;
	LONG rc = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
	if (rc != SCARD_S_SUCCESS)
		return no_service(rc, d);
	rc = list(context, out, n);
	SCardReleaseContext(context);
	return rc == SCARD_S_SUCCESS ? true : no_service(rc, d);
}

static bool not_chosen(
    const struct link_reader *reader, size_t n, const char *wanted, enum diag_code code, struct diag_list *d)
{
	struct buf names = {0};
	for (size_t i = 0; i < n; i++)
		buf_printf(&names, "%s%zu \"%s\"", i == 0 ? "" : ", ", i, reader[i].name);
	diag_add(d, (struct srcloc){0}, code, wanted, n == 0 ? "-" : buf_cstr(&names), NULL);
	buf_reset(&names);
	return false;
}

int link_reader_choose(const struct link_reader *reader, size_t n, const char *wanted, struct diag_list *d)
{
	char *end;
	int fits = -1, n_fits = 0, n_cards = 0;
	unsigned long number = strtoul(wanted, &end, 10);
	for (size_t i = 0; i < n; i++)
		if (strcmp(reader[i].name, wanted) == 0)
			return (int)i;
	if (wanted[0] >= '0' && wanted[0] <= '9' && *end == 0 && number < n)
		return (int)number;
	for (size_t i = 0; i < n; i++) {
		if (strncmp(reader[i].name, wanted, strlen(wanted)) != 0)
			continue;
		n_fits++;
		n_cards += reader[i].card;
		if (fits < 0 || (reader[i].card && !reader[fits].card))
			fits = (int)i;
	}
	if (n_fits == 1 || n_cards == 1)
		return fits;
	not_chosen(reader, n, wanted, n_fits == 0 ? DIAG_LINK_NO_READER : DIAG_LINK_WHICH_READER, d);
	return -1;
}

/* ---- one card ---- */

/* The reasons that PC/SC gives for a card that is not there (any more); everything else is the reader's fault. */
static enum link_status failed(struct link *l, LONG rc)
{
	strncpy(l->why, pcsc_stringify_error(rc), sizeof l->why - 1);
	switch (rc) {
	case SCARD_W_REMOVED_CARD:
	case SCARD_W_RESET_CARD:
	case SCARD_W_UNPOWERED_CARD:
	case SCARD_W_UNRESPONSIVE_CARD:
	case SCARD_W_UNSUPPORTED_CARD:
	case SCARD_E_NO_SMARTCARD:
	case SCARD_E_NOT_TRANSACTED:
	case SCARD_E_PROTO_MISMATCH:
		return LINK_CARD_GONE;
	default:
		return LINK_BROKEN;
	}
}

static enum link_status read_atr(struct link *l)
{
	struct pcsc *p = l->state;
	DWORD len = sizeof l->atr;
	LONG rc = SCardStatus(p->card, NULL, NULL, NULL, NULL, l->atr, &len);
	if (rc != SCARD_S_SUCCESS)
		return failed(l, rc);
	l->atr_len = len;
	return LINK_OK;
}

static enum link_status pcsc_reset(struct link *l)
{
	struct pcsc *p = l->state;
	LONG rc = SCardReconnect(
	    p->card, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, SCARD_RESET_CARD, &p->protocol);
	return rc == SCARD_S_SUCCESS ? read_atr(l) : failed(l, rc);
}

void link_pcsc_t0(struct buf *out, const uint8_t *cmd, size_t n)
{
	struct apdu a;
	bool ok = apdu_parse(&a, cmd, n);
	if (ok && !a.extended && a.lc != 0 && a.has_le)
		n--;
	buf_add(out, cmd, n);
	if (ok && a.lc == 0 && !a.has_le)
		buf_u8(out, 0);
}

static enum link_status pcsc_transmit(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	struct pcsc *p = l->state;
	struct buf shaped = {0};
	DWORD len = sizeof p->answer;
	bool t0 = p->protocol == SCARD_PROTOCOL_T0;
	if (t0)
		link_pcsc_t0(&shaped, cmd, n);
	else
		buf_add(&shaped, cmd, n);
	LONG rc = shaped.bad
	    ? SCARD_E_NO_MEMORY
	    : SCardTransmit(p->card, t0 ? SCARD_PCI_T0 : SCARD_PCI_T1, shaped.p, shaped.n, NULL, p->answer, &len);
	buf_clear(rsp);
	if (rc == SCARD_S_SUCCESS) {
		buf_add(rsp, p->answer, len);
		wipe(p->answer, len);
	}
	buf_reset(&shaped);
	return rc == SCARD_S_SUCCESS ? LINK_OK : failed(l, rc);
}

static void pcsc_close(struct link *l)
{
	struct pcsc *p = l->state;
	SCardDisconnect(p->card, l->presented ? SCARD_RESET_CARD : SCARD_LEAVE_CARD);
	SCardReleaseContext(p->context);
	free(p);
}

static const struct link_ops pcsc_ops = {.reset = pcsc_reset, .transmit = pcsc_transmit, .close = pcsc_close};

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* true when there is a card, or when we cannot find out: connecting will tell. */
static bool wait_for_card(SCARDCONTEXT context, const char *reader)
{
	SCARD_READERSTATE state = {.szReader = reader, .dwCurrentState = SCARD_STATE_UNAWARE};
	int64_t end = now_ms() + CARD_WAIT_MS;
	for (;;) {
		int64_t left = end - now_ms();
		LONG rc = SCardGetStatusChange(context, left < 0 ? 0 : (DWORD)left, &state, 1);
		if ((state.dwEventState & SCARD_STATE_PRESENT) != 0)
			return true;
		if (rc == SCARD_E_TIMEOUT || left <= 0)
			return false;
		if (rc != SCARD_S_SUCCESS)
			return true;
		state.dwCurrentState = state.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
	}
}

/* The name of the reader that is meant, and a card in it. A prefix may fit several readers none of which has a card
 * yet: then the choice is made again when the time for one to appear has passed. */
static bool find_reader(const char *wanted, char out[READER_NAME], struct diag_list *d)
{
	struct link_reader reader[READERS_MAX];
	SCARDCONTEXT context;
	size_t n;
	bool ok = false;
	LONG rc = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
	if (rc != SCARD_S_SUCCESS)
		return no_service(rc, d);
	int64_t end = now_ms() + CARD_WAIT_MS;
	int chosen = -1;
	for (;;) {
		struct diag_list trial = {0};
		rc = list(context, reader, &n);
		chosen = rc == SCARD_S_SUCCESS ? link_reader_choose(reader, n, wanted, &trial) : -1;
		bool again = rc == SCARD_S_SUCCESS && chosen < 0 && n > 0 && now_ms() < end &&
		    trial.row[0].code == DIAG_LINK_WHICH_READER;
		diag_reset(&trial);
		if (!again)
			break;
		nanosleep(&pause_between, NULL);
	}
	if (rc != SCARD_S_SUCCESS)
		no_service(rc, d);
	else if (chosen < 0)
		link_reader_choose(reader, n, wanted, d);
	else if (!wait_for_card(context, reader[chosen].name))
		diag_add(d, (struct srcloc){0}, DIAG_LINK_NO_CARD, reader[chosen].name, NULL);
	else {
		memcpy(out, reader[chosen].name, READER_NAME);
		ok = true;
	}
	SCardReleaseContext(context);
	return ok;
}

static bool not_connected(const char *reader, LONG rc, struct diag_list *d)
{
	enum diag_code code = rc == SCARD_E_SHARING_VIOLATION ? DIAG_LINK_IN_USE
	    : rc == SCARD_E_TIMEOUT                           ? DIAG_LINK_SILENT
	    : rc == SCARD_E_NO_SMARTCARD                      ? DIAG_LINK_NO_CARD
	    : rc == SCARD_W_REMOVED_CARD                      ? DIAG_LINK_NO_CARD
							      : DIAG_LINK_CONNECT;
	return diag_add(d, (struct srcloc){0}, code, reader, pcsc_stringify_error(rc), NULL);
}

/* Connect and reset. On failure *rc and the returned status say why, and the link is closed but keeps name and reason.
 */
static enum link_status attach(struct link *l, const char *name, LONG *rc)
{
	struct pcsc *p = calloc(1, sizeof *p);
	*l = (struct link){0};
	snprintf(l->name, sizeof l->name, "pcsc:%s", name);
	*rc = p == NULL ? SCARD_E_NO_MEMORY : pcsc_connect(name, CONNECT_MS, &p->context, &p->card, &p->protocol);
	if (*rc != SCARD_S_SUCCESS) {
		free(p);
		return failed(l, *rc);
	}
	l->ops = &pcsc_ops;
	l->state = p;
	/* Another program may have left the card anywhere: begin as after power-up. */
	enum link_status s = link_reset(l);
	if (s == LINK_OK)
		return s;
	l->ops->close(l);
	l->ops = NULL;
	return s;
}

bool link_pcsc_open(struct link *l, const char *reader, struct diag_list *d)
{
	char name[READER_NAME];
	LONG rc;
	*l = (struct link){0};
	if (!find_reader(reader, name, d))
		return false;
	/* A card that was exchanged a moment ago: the service still speaks of the old one until its next poll. */
	int64_t end = now_ms() + CARD_WAIT_MS;
	enum link_status s = attach(l, name, &rc);
	while (s == LINK_CARD_GONE && rc != SCARD_W_UNRESPONSIVE_CARD && now_ms() < end) {
		nanosleep(&pause_between, NULL);
		s = attach(l, name, &rc);
	}
	if (s == LINK_OK)
		return true;
	if (rc == SCARD_S_SUCCESS)
		link_diag(l, s, d);
	else
		not_connected(name, rc, d);
	link_close(l);
	return false;
}
