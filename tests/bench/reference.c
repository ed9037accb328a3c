/* The reference card in clear and under secure messaging: READ BINARY of 16 bytes and UPDATE BINARY of as many, each
 * answered 9000 with the right data, checked in the loop. Commands per second of the card alone, and what that is of
 * the clear rate in the same run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/description/description.h"
#include "runtime/sim/reference/reference.h"
#include "runtime/sm/session.h"
#include "tests/bench/median.h"

enum { BATCHES = 11 };

static const char xml[] =
    "<card-ap xmlns='urn:igata:card-ap:1' id='bench' version='1.0' area='local'><aid rid='D392100031' pix='01'/>"
    "<key id='aes' ref='1' algorithm='aes-128' use='mutual' source='csv:AES'/>"
    "<key id='des' ref='2' algorithm='des-ede2' use='mutual' source='csv:DES'/>"
    "<file id='f' fid='0001' sfi='1' size='16' read='always' update='always' fill='A5'/>"
    "<file id='g' fid='0002' sfi='2' size='1' read='sm(mac)'/></card-ap>";

static uint8_t key[16] = "0123456789abcdef", mac[16] = "fedcba9876543210", content[16];

struct bench {
	struct sim card;
	struct sm_session *sm; /* NULL: in clear */
	enum sm_mode mode;
	struct apdu command;
	struct buf cmd, rsp, plain;
	double seconds; /* in the card */
};

static void die(const char *what)
{
	fprintf(stderr, "reference: %s\n", what);
	exit(1);
}

static void open_card(struct sim *s)
{
	const struct reference_value v[] = {
	    {"AES.ENC", key, 16}, {"AES.MAC", mac, 16}, {"DES.ENC", key, 16}, {"DES.MAC", mac, 16}};
	struct arena a = {0};
	struct diag_list d = {0};
	const struct description *x = description_read(&a, (const uint8_t *)xml, sizeof xml - 1, "bench.xml", &d);
	if (x == NULL || !sim_new_in_memory(s, NULL, x->contract, 1, &d) || reference_personalise(s, v, 4) != SW_OK)
		die("no card");
	sim_power_up(s);
	diag_reset(&d);
	arena_free(&a);
	memset(content, 0xa5, sizeof content);
}

/* One command to the card, which answers 9000. */
static void exchange(struct bench *b, const uint8_t *p, size_t n)
{
	buf_clear(&b->rsp);
	double start = bench_seconds();
	sim_apdu(&b->card, p, n, &b->rsp);
	b->seconds += bench_seconds() - start;
	if (b->rsp.n < 2 || b->rsp.p[b->rsp.n - 2] != 0x90)
		die("refused");
}

static void open_session(struct bench *b, enum sm_suite suite)
{
	static const uint8_t select[] = {0x00, 0xa4, 0x04, 0x0c, 6, 0xd3, 0x92, 0x10, 0x00, 0x31, 0x01};
	static const uint8_t challenge[] = {0x00, 0x84, 0x00, 0x00, 8};
	struct sm_opening o = {.suite = suite, .key_len = 16};
	struct buf cmd = {0}, token = {0};
	exchange(b, select, sizeof select);
	exchange(b, challenge, sizeof challenge);
	memcpy(o.rnd_ic, b->rsp.p, SM_RND);
	memcpy(o.k_enc, key, 16);
	memcpy(o.k_mac, mac, 16);
	if (!sm_token(&o, &token))
		die("no token");
	struct apdu a = {.ins = 0x82, .p2 = suite == SM_BAC_AES ? 0x81 : 0x82, .data = token.p, .lc = token.n};
	apdu_write(&cmd, &a);
	exchange(b, cmd.p, cmd.n);
	b->sm = sm_open(&o, b->rsp.p, b->rsp.n - 2);
	if (b->sm == NULL)
		die("no session");
	buf_reset(&cmd);
	buf_reset(&token);
}

static void send_one(struct bench *b)
{
	buf_clear(&b->cmd);
	buf_clear(&b->plain);
	if (b->sm == NULL)
		apdu_write(&b->cmd, &b->command);
	else if (!sm_wrap(b->sm, b->mode, &b->command, &b->cmd))
		die("not protected");
	exchange(b, b->cmd.p, b->cmd.n);
	if (b->sm == NULL)
		buf_add(&b->plain, b->rsp.p, b->rsp.n);
	else if (sm_unwrap(b->sm, b->rsp.p, b->rsp.n, &b->plain) != SM_ANSWER_GOOD)
		die("a wrong answer");
	bool right = b->command.has_le ? b->plain.n == 18 && memcmp(b->plain.p, content, 16) == 0 : b->plain.n == 2;
	if (!right || b->plain.p[b->plain.n - 2] != 0x90)
		die("another answer");
}

static double measure(struct bench *b, const char *name, long count, double clear)
{
	double rate[BATCHES];
	for (int i = 0; i < BATCHES; i++) {
		b->seconds = 0;
		for (long k = 0; k < count; k++)
			send_one(b);
		rate[i] = (double)count / b->seconds;
	}
	bench_print(name, rate, BATCHES, "APDU/s");
	double median = rate[BATCHES / 2]; /* bench_print has sorted them */
	if (clear > 0)
		printf("%-44s %12.3f of clear\n", "", median / clear);
	return median;
}

static void session(struct bench *b, enum sm_suite suite, enum sm_mode mode, const char *what, long count, double clear)
{
	static const char *const suites[] = {[SM_BAC_3DES] = "3DES", [SM_BAC_AES] = "AES"};
	char name[80];
	open_session(b, suite);
	b->mode = mode;
	snprintf(name, sizeof name, "%s, %s, %s", what, suites[suite], mode == SM_MODE_MAC ? "MAC" : "ENC+MAC");
	measure(b, name, count, clear);
	sm_session_free(b->sm);
	b->sm = NULL;
}

int main(int argc, char **argv)
{
	static const uint8_t select[] = {0x00, 0xa4, 0x04, 0x0c, 6, 0xd3, 0x92, 0x10, 0x00, 0x31, 0x01};
	struct apdu read = {.ins = 0xb0, .p1 = 0x81, .has_le = true, .le = 16};
	struct apdu update = {.ins = 0xd6, .p1 = 0x81, .data = content, .lc = 16};
	long count = argc < 2 ? 20000 : strtol(argv[1], NULL, 10);
	struct bench b = {0};
	open_card(&b.card);
	for (int i = 0; i < 2; i++) {
		const char *what = i == 0 ? "READ BINARY" : "UPDATE BINARY";
		char name[80];
		b.command = i == 0 ? read : update;
		exchange(&b, select, sizeof select);
		snprintf(name, sizeof name, "%s, clear", what);
		double clear = measure(&b, name, 10 * count, 0);
		session(&b, SM_BAC_AES, SM_MODE_MAC, what, count, clear);
		session(&b, SM_BAC_AES, SM_MODE_ENC_MAC, what, count, clear);
		session(&b, SM_BAC_3DES, SM_MODE_MAC, what, count, clear);
		session(&b, SM_BAC_3DES, SM_MODE_ENC_MAC, what, count, clear);
	}
	buf_reset(&b.cmd);
	buf_reset(&b.rsp);
	buf_reset(&b.plain);
	sim_close(&b.card);
	return 0;
}
