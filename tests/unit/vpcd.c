/* The card side of the virtual reader's protocol, against a reader made here. */
#include "runtime/sim/vpcd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/base/sw.h"

/* A card that answers with the number of commands since power-up, as many bytes of filler as P1-P2 says, and 9000. */
static uint32_t toy_size(const struct chip *chip, const struct contract *contract)
{
	(void)chip;
	(void)contract;
	return NV_HOME + 16;
}

static bool speaks_t0; /* alone */

static bool toy_deliver(struct nv *nv, const struct chip *chip, const struct contract *contract, struct diag_list *d)
{
	(void)nv;
	(void)chip;
	(void)contract;
	(void)d;
	return true;
}

static void toy_power_up(struct sim *s)
{
	(void)s;
}

static void toy_apdu(struct sim *s, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	uint8_t *ram = s->ram;
	unsigned fill = n < 4 ? 0 : (unsigned)(cmd[2] << 8 | cmd[3]);
	buf_u8(rsp, ++ram[0]);
	for (unsigned i = 0; i < fill; i++)
		buf_u8(rsp, 0x55);
	buf_u16(rsp, SW_OK);
}

static size_t toy_atr(struct sim *s, uint8_t out[SIM_ATR_MAX])
{
	(void)s;
	if (speaks_t0) {
		memcpy(out, "\x3b\x00", 2);
		return 2;
	}
	memcpy(out, "\x3b\x80\x80\x01\x01", 5);
	return 5;
}

static const struct sim_family toy = {
    .name = "toy",
    .ram_size = 1,
    .memory_size = toy_size,
    .deliver = toy_deliver,
    .power_up = toy_power_up,
    .apdu = toy_apdu,
    .atr = toy_atr,
};

const struct sim_family *const sim_families[] = {&toy, NULL};

static const struct chip chip = {.name = "toy-1", .family = "toy"};

static struct bench {
	struct sim card;
	struct vpcd v;
	struct diag_list d;
	pthread_t thread;
	int listener, reader, stop[2];
	bool result;
	int exchanges;
} b;

static void exchanged(void *ctx, const uint8_t *cmd, size_t n, const struct buf *rsp)
{
	(void)cmd;
	(void)n;
	(void)rsp;
	((struct bench *)ctx)->exchanges++;
}

static void *serve(void *arg)
{
	(void)arg;
	b.result = vpcd_serve(&b.v, &b.card, &b.d);
	return NULL;
}

static int listen_on(uint16_t port, uint16_t *got)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = port};
	socklen_t len = sizeof a;
	int yes = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		return -1;
	*got = a.sin_port;
	return fd;
}

static uint16_t port;

static int begin(void **state)
{
	(void)state;
	b = (struct bench){.reader = -1};
	b.listener = listen_on(0, &port);
	if (b.listener < 0 || pipe(b.stop) != 0 || !sim_new_in_memory(&b.card, &chip, NULL, 1, &b.d))
		return -1;
	char text[32];
	snprintf(text, sizeof text, "127.0.0.1:%u", (unsigned)ntohs(port));
	if (!vpcd_address(&b.v, text, &b.d))
		return -1;
	b.v.wait_ms = 3000;
	b.v.stop_fd = b.stop[0];
	b.v.exchanged = exchanged;
	b.v.ctx = &b;
	return 0;
}

static int end(void **state)
{
	(void)state;
	if (b.reader >= 0)
		close(b.reader);
	close(b.listener);
	close(b.stop[0]);
	close(b.stop[1]);
	diag_reset(&b.d);
	sim_close(&b.card);
	return 0;
}

static void start(void)
{
	assert_int_equal(pthread_create(&b.thread, NULL, serve, NULL), 0);
}

static void insert(void)
{
	assert_int_equal(listen(b.listener, 1), 0);
	b.reader = accept(b.listener, NULL, NULL);
	assert_true(b.reader >= 0);
}

static void stop(bool result)
{
	assert_int_equal(write(b.stop[1], "x", 1), 1);
	pthread_join(b.thread, NULL);
	assert_int_equal(b.result, result);
	assert_false(b.card.powered);
}

static void raw(const void *p, size_t n)
{
	assert_int_equal(send(b.reader, p, n, MSG_NOSIGNAL), n);
}

static void expect(const void *want, size_t n)
{
	uint8_t got[256];
	struct pollfd p = {.fd = b.reader, .events = POLLIN};
	assert_int_equal(poll(&p, 1, 2000), 1);
	assert_true(n <= sizeof got);
	assert_int_equal(recv(b.reader, got, n, MSG_WAITALL), n);
	assert_memory_equal(got, want, n);
}

static void silence(void)
{
	struct pollfd p = {.fd = b.reader, .events = POLLIN};
	assert_int_equal(poll(&p, 1, 50), 0);
}

#define RAW(text)    raw(text, sizeof text - 1)
#define EXPECT(text) expect(text, sizeof text - 1)

static void conversation(void **state)
{
	(void)state;
	start();
	insert();
	RAW("\0\1\4"); /* the answer to reset, before the power is on */
	EXPECT("\0\5\x3b\x80\x80\x01\x01");
	RAW("\0\4\0\xa4\0\0"); /* no power: an empty answer */
	EXPECT("\0\0");
	RAW("\0\1\1");
	silence();
	RAW("\0\4\0\xa4\0\0");
	EXPECT("\0\3\1\x90\0");
	RAW("\0\4\0\xa4\0\0");
	EXPECT("\0\3\2\x90\0");
	RAW("\0\1\2");
	silence();
	RAW("\0\4\0\xa4\0\0");
	EXPECT("\0\3\1\x90\0");
	RAW("\0\1\0");
	RAW("\0\1\x77"); /* codes that are not known, and empty messages */
	RAW("\0\0");
	RAW("\0\4\0\xa4\0\0");
	EXPECT("\0\0");
	stop(true);
	assert_int_equal(b.d.n, 0);
	assert_int_equal(b.exchanges, 5);
}

/* A card with T=0 alone: 61xx and GET RESPONSE, 6Cxx (ISO/IEC 7816-3, 12.2). The toy answers its count of commands and
 * P1-P2 bytes more. */
static void t0(void **state)
{
	(void)state;
	speaks_t0 = true;
	start();
	insert();
	RAW("\0\1\4");
	EXPECT("\0\2\x3b\x00");
	RAW("\0\1\1");
	/* case 3 and 4: no Le; the answer is announced and fetched, in pieces if wanted */
	RAW("\0\6\0\xa4\0\2\1\x99");
	EXPECT("\0\2\x61\3");
	RAW("\0\5\0\xc0\0\0\2");
	EXPECT("\0\4\1\x55\x61\1");
	RAW("\0\5\0\xc0\0\0\0");
	EXPECT("\0\2\x6c\1");
	RAW("\0\5\0\xc0\0\0\1");
	EXPECT("\0\3\x55\x90\0");
	/* nothing waits: GET RESPONSE is a command like any other, and what it answers too long for Le */
	RAW("\0\5\0\xc0\0\0\1");
	EXPECT("\0\3\2\x90\0");
	/* case 2: the right Le is told, and with it the same command is not done again */
	RAW("\0\5\0\xb0\0\2\0");
	EXPECT("\0\2\x6c\3");
	RAW("\0\5\0\xb0\0\2\3");
	EXPECT("\0\5\3\x55\x55\x90\0");
	RAW("\0\5\0\xb0\0\2\0");
	EXPECT("\0\2\x6c\3");
	RAW("\0\5\0\xb0\0\1\2"); /* another one */
	EXPECT("\0\4\5\x55\x90\0");
	RAW("\0\5\0\xb0\0\2\1");
	EXPECT("\0\3\6\x61\2");
	/* a reset forgets; so does another command */
	RAW("\0\1\2");
	RAW("\0\5\0\xc0\0\0\1");
	EXPECT("\0\3\1\x90\0");
	/* both data and Le: from a reader that translates */
	RAW("\0\7\0\xa4\0\1\1\x99\0");
	EXPECT("\0\4\2\x55\x90\0");
	/* more than 256 bytes */
	RAW("\0\6\0\xa4\1\x20\1\x99");
	EXPECT("\0\2\x61\0");
	stop(true);
	speaks_t0 = false;
}

/* The reader's bytes come in any portions. */
static void portions(void **state)
{
	(void)state;
	static const char all[] = "\0\1\1\0\4\0\xa4\0\0\0\1\4\0\5\0\xa4\0\2\0";
	start();
	insert();
	for (size_t i = 0; i < sizeof all - 1; i++)
		raw(all + i, 1);
	EXPECT("\0\3\1\x90\0");
	EXPECT("\0\5\x3b\x80\x80\x01\x01");
	EXPECT("\0\5\2\x55\x55\x90\0");
	RAW(all);
	EXPECT("\0\3\1\x90\0");
	EXPECT("\0\5\x3b\x80\x80\x01\x01");
	EXPECT("\0\5\2\x55\x55\x90\0");
	stop(true);
}

static void long_messages(void **state)
{
	(void)state;
	static uint8_t cmd[2 + 0xffff] = {0xff, 0xff, 0, 0xa4, 0xff, 0xfc};
	static uint8_t got[2 + 0xffff];
	start();
	insert();
	RAW("\0\1\1");
	raw(cmd, sizeof cmd);
	assert_int_equal(recv(b.reader, got, sizeof got, MSG_WAITALL), sizeof got);
	assert_memory_equal(got, "\xff\xff\1\x55", 4);
	assert_memory_equal(got + sizeof got - 2, "\x90\0", 2);
	cmd[5] = 0xfd; /* one more than the length can say */
	raw(cmd, sizeof cmd);
	EXPECT("\0\2\x6f\0");
	stop(true);
}

/* The reader is not there yet, then it is; it goes, and comes back. */
static void comes_and_goes(void **state)
{
	(void)state;
	start();
	poll(NULL, 0, 250);
	insert();
	RAW("\0\1\1");
	RAW("\0\4\0\xa4\0\0");
	EXPECT("\0\3\1\x90\0");
	RAW("\0\4\0\xa4"); /* in the middle of a message */
	close(b.reader);
	b.reader = accept(b.listener, NULL, NULL);
	assert_true(b.reader >= 0);
	RAW("\0\4\0\xa4\0\0"); /* the power went with the reader, and so did the half message */
	EXPECT("\0\0");
	stop(true);
}

static void never_there(void **state)
{
	(void)state;
	b.v.wait_ms = 200;
	start();
	pthread_join(b.thread, NULL);
	assert_false(b.result);
	assert_int_equal(b.d.n, 1);
	assert_int_equal(b.d.row[0].code, DIAG_VPCD_NONE);
}

static void gone(void **state)
{
	(void)state;
	b.v.wait_ms = 200;
	assert_int_equal(listen(b.listener, 1), 0);
	start();
	insert();
	close(b.listener);
	close(b.reader);
	b.reader = -1;
	pthread_join(b.thread, NULL);
	assert_false(b.result);
	assert_int_equal(b.d.n, 1);
	assert_int_equal(b.d.row[0].code, DIAG_VPCD_GONE);
	b.listener = listen_on(port, &port);
}

static void stopped_early(void **state)
{
	(void)state;
	b.v.wait_ms = 60000;
	start();
	poll(NULL, 0, 50);
	stop(true);
}

static void address(void **state)
{
	(void)state;
	static const struct {
		const char *text, *host, *port;
	} good[] = {{"127.0.0.1:1", "127.0.0.1", "1"}, {"localhost", "localhost", "35963"},
	    {":36096", "127.0.0.1", "36096"}, {"", "127.0.0.1", "35963"}, {"[::1]:65535", "::1", "65535"},
	    {VPCD_DEFAULT, "127.0.0.1", "35963"}};
	static const char *const bad[] = {"host:", "host:0", "host:65536", "host:12a", "host:-1", "host:123456"};
	struct vpcd v = {0};
	struct diag_list d = {0};
	char longest[300];
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_true(vpcd_address(&v, good[i].text, &d));
		assert_string_equal(v.host, good[i].host);
		assert_string_equal(v.port, good[i].port);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_false(vpcd_address(&v, bad[i], &d));
		assert_int_equal(d.row[0].code, DIAG_VPCD_ADDRESS);
		diag_reset(&d);
	}
	memset(longest, 'a', sizeof longest);
	memcpy(longest + sizeof longest - 3, ":1", 3);
	assert_false(vpcd_address(&v, longest, &d));
	diag_reset(&d);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(conversation),
	    TEST(t0),
	    TEST(portions),
	    TEST(long_messages),
	    TEST(comes_and_goes),
	    TEST(never_there),
	    TEST(gone),
	    TEST(stopped_early),
	    cmocka_unit_test(address),
	};
	return cmocka_run_group_tests_name("vpcd", tests, NULL, NULL);
}
