/* The PC/SC link against a PC/SC service made here: readers that come, go, hang, are taken, or lie. The real service is
 * in tests/interop. */
#define _DEFAULT_SOURCE /* syscall */
#include "runtime/link/link_pcsc.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <PCSC/winscard.h>
#include <cmocka.h>

#include "runtime/base/hex.h"
#include "runtime/link/pcsc_connect.h"

static struct service {
	LONG establish, list, connect, transmit, reconnect, status;
	const char *names; /* as SCardListReaders gives them */
	size_t names_len;
	int card_in;    /* index of the reader with a card, -1 none */
	int card_after; /* status questions until it appears */
	int busy;       /* times that SCardConnect says that another program has the card */
	bool hangs;     /* SCardConnect comes back late */
	DWORD protocol;
	uint8_t answer[8];
	DWORD answer_len;
	/* what was seen */
	int contexts, connections, questions;
	DWORD disposition;
	uint8_t sent[300];
	DWORD sent_len;
} fake;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int count(int *n, int by)
{
	pthread_mutex_lock(&lock);
	int now = *n += by;
	pthread_mutex_unlock(&lock);
	return now;
}

/* Time that the link sleeps away passes at once. */
static _Atomic int64_t slept;

int nanosleep(const struct timespec *t, struct timespec *left)
{
	(void)left;
	atomic_fetch_add(&slept, t->tv_sec * 1000000000LL + t->tv_nsec);
	return 0;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	long rc = syscall(SYS_clock_gettime, id, t);
	int64_t ns = t->tv_nsec + atomic_load(&slept);
	t->tv_sec += ns / 1000000000;
	t->tv_nsec = ns % 1000000000;
	return (int)rc;
}

PCSC_API LONG SCardEstablishContext(DWORD scope, LPCVOID a, LPCVOID b, LPSCARDCONTEXT context)
{
	(void)scope;
	(void)a;
	(void)b;
	if (fake.establish == SCARD_S_SUCCESS)
		*context = count(&fake.contexts, 1);
	return fake.establish;
}

PCSC_API LONG SCardReleaseContext(SCARDCONTEXT context)
{
	(void)context;
	count(&fake.contexts, -1);
	return SCARD_S_SUCCESS;
}

PCSC_API LONG SCardListReaders(SCARDCONTEXT context, LPCSTR groups, LPSTR readers, LPDWORD len)
{
	(void)context;
	(void)groups;
	if (fake.list != SCARD_S_SUCCESS)
		return fake.list;
	if (*len < fake.names_len)
		return SCARD_E_INSUFFICIENT_BUFFER;
	memcpy(readers, fake.names, fake.names_len);
	*len = fake.names_len;
	return SCARD_S_SUCCESS;
}

static int index_of(const char *reader)
{
	int i = 0;
	for (const char *p = fake.names; *p != 0; p += strlen(p) + 1, i++)
		if (strcmp(p, reader) == 0)
			return i;
	return -2;
}

PCSC_API LONG SCardGetStatusChange(SCARDCONTEXT context, DWORD timeout, SCARD_READERSTATE *state, DWORD n)
{
	(void)context;
	(void)n;
	bool card = index_of(state->szReader) == fake.card_in && count(&fake.questions, 1) > fake.card_after;
	state->dwEventState = card ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY;
	if (card) {
		state->cbAtr = 2;
		memcpy(state->rgbAtr, "\x3b\x00", 2);
	}
	if (!card && timeout > 50)
		atomic_fetch_add(&slept, 20000000);
	return SCARD_S_SUCCESS;
}

PCSC_API LONG SCardConnect(
    SCARDCONTEXT context, LPCSTR reader, DWORD share, DWORD protocols, LPSCARDHANDLE card, LPDWORD protocol)
{
	(void)context;
	(void)reader;
	assert_int_equal(share, SCARD_SHARE_EXCLUSIVE);
	assert_int_equal(protocols, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1);
	if (fake.hangs)
		poll(NULL, 0, 2000);
	if (fake.busy > 0 && count(&fake.busy, -1) >= 0)
		return SCARD_E_SHARING_VIOLATION;
	if (fake.connect == SCARD_S_SUCCESS)
		*card = count(&fake.connections, 1);
	*protocol = fake.protocol;
	return fake.connect;
}

PCSC_API LONG SCardReconnect(SCARDHANDLE card, DWORD share, DWORD protocols, DWORD how, LPDWORD protocol)
{
	(void)card;
	(void)share;
	(void)protocols;
	assert_int_equal(how, SCARD_RESET_CARD);
	*protocol = fake.protocol;
	return fake.reconnect;
}

PCSC_API LONG SCardDisconnect(SCARDHANDLE card, DWORD disposition)
{
	(void)card;
	fake.disposition = disposition;
	count(&fake.connections, -1);
	return SCARD_S_SUCCESS;
}

PCSC_API LONG SCardStatus(
    SCARDHANDLE card, LPSTR name, LPDWORD name_len, LPDWORD state, LPDWORD protocol, LPBYTE atr, LPDWORD atr_len)
{
	(void)card;
	(void)name;
	(void)name_len;
	(void)state;
	(void)protocol;
	memcpy(atr, "\x3b\x00", 2);
	*atr_len = 2;
	return fake.status;
}

PCSC_API LONG SCardTransmit(SCARDHANDLE card, const SCARD_IO_REQUEST *send_pci, LPCBYTE cmd, DWORD n,
    SCARD_IO_REQUEST *recv_pci, LPBYTE answer, LPDWORD len)
{
	(void)card;
	(void)recv_pci;
	assert_ptr_equal(send_pci, fake.protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1);
	assert_true(n <= sizeof fake.sent);
	memcpy(fake.sent, cmd, n);
	fake.sent_len = n;
	memcpy(answer, fake.answer, fake.answer_len);
	*len = fake.answer_len;
	return fake.transmit;
}

static const char one[] = "Reader A 00 00\0";
static const char two[] = "Reader A 00 00\0Reader A 00 01\0";

static int begin(void **state)
{
	(void)state;
	slept = 0;
	fake = (struct service){.names = two,
	    .names_len = sizeof two,
	    .card_in = 1,
	    .protocol = SCARD_PROTOCOL_T1,
	    .answer = {0x90, 0},
	    .answer_len = 2};
	return 0;
}

static int end(void **state)
{
	(void)state;
	assert_int_equal(fake.contexts, 0);
	assert_int_equal(fake.connections, 0);
	return 0;
}

static void refused(const char *reader, enum diag_code code)
{
	struct link l;
	struct diag_list d = {0};
	assert_false(link_pcsc_open(&l, reader, &d));
	assert_int_equal(d.n, 1);
	assert_int_equal(d.row[0].code, code);
	diag_reset(&d);
	link_close(&l);
}

static void opened(struct link *l, const char *reader, const char *name)
{
	struct diag_list d = {0};
	assert_true(link_pcsc_open(l, reader, &d));
	assert_int_equal(d.n, 0);
	assert_string_equal(l->name, name);
	assert_false(l->simulated);
	assert_int_equal(l->atr_len, 2);
}

static enum link_status send(struct link *l, const char *cmd, const char *sent, const char *response)
{
	uint8_t c[300];
	char got[700];
	size_t n;
	struct buf rsp = {0};
	assert_true(hex_decode(cmd, strlen(cmd), c, sizeof c, &n));
	enum link_status s = link_transmit(l, c, n, &rsp);
	assert_string_equal(hex_encode(got, rsp.p, rsp.n), response);
	assert_string_equal(hex_encode(got, fake.sent, fake.sent_len), sent);
	buf_reset(&rsp);
	return s;
}

static void list(void **state)
{
	(void)state;
	struct link_reader r[READERS_MAX];
	struct diag_list d = {0};
	size_t n;
	assert_true(link_readers(r, &n, &d));
	assert_int_equal(n, 2);
	assert_string_equal(r[0].name, "Reader A 00 00");
	assert_false(r[0].card);
	assert_true(r[1].card);
	assert_int_equal(r[1].atr_len, 2);
	fake.list = SCARD_E_NO_READERS_AVAILABLE;
	assert_true(link_readers(r, &n, &d));
	assert_int_equal(n, 0);
	fake.list = SCARD_E_NO_SERVICE;
	assert_false(link_readers(r, &n, &d));
	assert_int_equal(d.row[0].code, DIAG_LINK_NO_SERVICE);
	diag_reset(&d);
	fake.establish = SCARD_E_NO_SERVICE;
	assert_false(link_readers(r, &n, &d));
	assert_int_equal(d.row[0].code, DIAG_LINK_NO_SERVICE);
	diag_reset(&d);
	refused("Reader", DIAG_LINK_NO_SERVICE);
}

static void choose(void **state)
{
	(void)state;
	struct link_reader r[3] = {{.name = "ACS 1"}, {.name = "ACS 12", .card = true}, {.name = "2"}};
	struct diag_list d = {0};
	assert_int_equal(link_reader_choose(r, 3, "ACS 1", &d), 0); /* the whole name wins over the beginning */
	assert_int_equal(link_reader_choose(r, 3, "ACS 12", &d), 1);
	assert_int_equal(link_reader_choose(r, 3, "ACS", &d), 1);
	assert_int_equal(link_reader_choose(r, 3, "", &d), 1);
	assert_int_equal(link_reader_choose(r, 3, "1", &d), 1);
	assert_int_equal(link_reader_choose(r, 3, "2", &d), 2);
	assert_int_equal(d.n, 0);
	assert_int_equal(link_reader_choose(r, 3, "3", &d), -1);
	assert_int_equal(d.row[0].code, DIAG_LINK_NO_READER);
	assert_non_null(strstr(d.row[0].arg[1], "1 \"ACS 12\""));
	diag_reset(&d);
	r[0].card = true;
	assert_int_equal(link_reader_choose(r, 3, "AC", &d), -1);
	assert_int_equal(d.row[0].code, DIAG_LINK_WHICH_READER);
	diag_reset(&d);
	assert_int_equal(link_reader_choose(r, 0, "", &d), -1);
	assert_int_equal(d.row[0].code, DIAG_LINK_NO_READER);
	diag_reset(&d);
}

static void exchange(void **state)
{
	(void)state;
	struct link l;
	opened(&l, "Reader", "pcsc:Reader A 00 01");
	assert_int_equal(send(&l, "00A40400023F0000", "00A40400023F0000", "9000"), LINK_OK);
	assert_int_equal(send(&l, "00200081", "00200081", "9000"), LINK_OK);
	link_close(&l);
	assert_int_equal(fake.disposition, SCARD_LEAVE_CARD);
}

static void rights_are_not_left(void **state)
{
	(void)state;
	struct link l;
	opened(&l, "1", "pcsc:Reader A 00 01");
	assert_int_equal(send(&l, "0020008101AA", "0020008101AA", "9000"), LINK_OK);
	link_close(&l);
	assert_int_equal(fake.disposition, SCARD_RESET_CARD);
	opened(&l, "1", "pcsc:Reader A 00 01");
	assert_int_equal(send(&l, "0020008101AA", "0020008101AA", "9000"), LINK_OK);
	assert_int_equal(link_reset(&l), LINK_OK);
	link_close(&l);
	assert_int_equal(fake.disposition, SCARD_LEAVE_CARD);
}

static void t0(void **state)
{
	(void)state;
	struct link l;
	fake.protocol = SCARD_PROTOCOL_T0;
	opened(&l, "Reader A 00 01", "pcsc:Reader A 00 01");
	assert_int_equal(send(&l, "00A40400023F0000", "00A40400023F00", "9000"), LINK_OK);
	assert_int_equal(send(&l, "00A40400023F00", "00A40400023F00", "9000"), LINK_OK);
	assert_int_equal(send(&l, "00200081", "0020008100", "9000"), LINK_OK);
	assert_int_equal(send(&l, "00B0000000", "00B0000000", "9000"), LINK_OK);
	assert_int_equal(send(&l, "00B00000000100", "00B00000000100", "9000"), LINK_OK);
	assert_int_equal(send(&l, "00A4", "00A4", "9000"), LINK_OK);
	link_close(&l);
}

static void failures(void **state)
{
	(void)state;
	static const struct {
		LONG rc;
		enum link_status s;
	} row[] = {{SCARD_W_REMOVED_CARD, LINK_CARD_GONE}, {SCARD_E_NO_SMARTCARD, LINK_CARD_GONE},
	    {SCARD_E_NOT_TRANSACTED, LINK_CARD_GONE}, {SCARD_W_RESET_CARD, LINK_CARD_GONE},
	    {SCARD_E_READER_UNAVAILABLE, LINK_BROKEN}, {SCARD_E_NO_SERVICE, LINK_BROKEN},
	    {SCARD_E_INVALID_HANDLE, LINK_BROKEN}};
	struct link l;
	opened(&l, "1", "pcsc:Reader A 00 01");
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		fake.transmit = row[i].rc;
		assert_int_equal(send(&l, "00A40000", "00A40000", ""), row[i].s);
		assert_true(l.why[0] != 0);
		fake.reconnect = row[i].rc;
		assert_int_equal(link_reset(&l), row[i].s);
	}
	/* a card process that dies: success, and nothing */
	fake.transmit = fake.reconnect = SCARD_S_SUCCESS;
	fake.answer_len = 0;
	assert_int_equal(send(&l, "00A40000", "00A40000", ""), LINK_CARD_GONE);
	fake.answer_len = 1;
	assert_int_equal(send(&l, "00A40000", "00A40000", ""), LINK_CARD_GONE);
	fake.status = SCARD_W_REMOVED_CARD;
	assert_int_equal(link_reset(&l), LINK_CARD_GONE);
	link_close(&l);
	refused("1", DIAG_LINK_CARD_GONE);
}

static void presence(void **state)
{
	(void)state;
	struct link l;
	fake.card_after = 5;
	opened(&l, "1", "pcsc:Reader A 00 01");
	link_close(&l);
	fake.names = one;
	fake.names_len = sizeof one;
	refused("Reader", DIAG_LINK_NO_CARD);
	refused("Kobil", DIAG_LINK_NO_READER);
}

static void which(void **state)
{
	(void)state;
	fake.card_in = -1;
	refused("Reader", DIAG_LINK_WHICH_READER);
}

static void connect_failures(void **state)
{
	(void)state;
	struct link l;
	fake.busy = 3;
	opened(&l, "1", "pcsc:Reader A 00 01");
	link_close(&l);
	fake.connect = SCARD_W_UNRESPONSIVE_CARD;
	refused("1", DIAG_LINK_CONNECT);
	fake.connect = SCARD_W_REMOVED_CARD;
	refused("1", DIAG_LINK_NO_CARD);
	fake.connect = SCARD_E_TIMEOUT;
	refused("1", DIAG_LINK_SILENT);
	fake.connect = SCARD_E_SHARING_VIOLATION;
	refused("1", DIAG_LINK_IN_USE);
}

/* SCardConnect that does not come back in time: told so, and what it returns later is given back. */
static void hanging(void **state)
{
	(void)state;
	SCARDCONTEXT context;
	SCARDHANDLE card;
	DWORD protocol;
	fake.hangs = true;
	assert_int_equal(pcsc_connect("Reader A 00 01", 10, &context, &card, &protocol), SCARD_E_TIMEOUT);
	for (int i = 0; i < 50 && count(&fake.contexts, 0) != 0; i++)
		poll(NULL, 0, 100);
	assert_int_equal(count(&fake.contexts, 0), 0);
	assert_int_equal(fake.disposition, SCARD_LEAVE_CARD);
	fake.establish = SCARD_E_NO_SERVICE;
	assert_int_equal(pcsc_connect("Reader A 00 01", 10, &context, &card, &protocol), SCARD_E_NO_SERVICE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(list),
	    TEST(choose),
	    TEST(exchange),
	    TEST(rights_are_not_left),
	    TEST(t0),
	    TEST(failures),
	    TEST(presence),
	    TEST(which),
	    TEST(connect_failures),
	    TEST(hanging),
	};
	return cmocka_run_group_tests_name("link_pcsc", tests, NULL, NULL);
}
