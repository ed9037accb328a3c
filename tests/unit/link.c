/* Links: 61xx and 6Cxx, layers, recording and replay with masked secrets, faults, the simulated card. */
#include "runtime/link/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/base/file.h"
#include "runtime/base/hex.h"
#include "runtime/base/sw.h"
#include "runtime/link/link_fault.h"
#include "runtime/link/link_replay.h"
#include "runtime/link/link_sim.h"
#include "runtime/link/link_text.h"

/* ---- a card that answers from a script: pairs of hex, command and response; "" as response is silence ---- */

struct scripted {
	const char *const *line;
	size_t at;
	int resets, closes;
};

static enum link_status scripted_reset(struct link *l)
{
	struct scripted *s = l->state;
	s->resets++;
	memcpy(l->atr, "\x3b\x00", 2);
	l->atr_len = 2;
	return LINK_OK;
}

static enum link_status scripted_transmit(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	struct scripted *s = l->state;
	uint8_t b[300];
	char got[600];
	size_t len;
	const char *want = s->line[s->at], *answer = want == NULL ? NULL : s->line[s->at + 1];
	assert_non_null(want);
	assert_string_equal(hex_encode(got, cmd, n), want);
	s->at += 2;
	buf_clear(rsp);
	assert_true(hex_decode(answer, strlen(answer), b, sizeof b, &len));
	buf_add(rsp, b, len);
	return LINK_OK;
}

static void scripted_close(struct link *l)
{
	((struct scripted *)l->state)->closes++;
}

static const struct link_ops scripted_ops = {
    .reset = scripted_reset, .transmit = scripted_transmit, .close = scripted_close};

static struct link script(struct scripted *s, const char *const *line)
{
	struct link l = {.ops = &scripted_ops, .state = s, .name = "test"};
	*s = (struct scripted){.line = line};
	assert_int_equal(link_reset(&l), LINK_OK);
	return l;
}

static void send(struct link *l, const char *cmd, enum link_status want, const char *response)
{
	uint8_t c[300];
	char got[2048];
	size_t n;
	struct buf rsp = {0};
	assert_true(hex_decode(cmd, strlen(cmd), c, sizeof c, &n));
	assert_int_equal(link_transmit(l, c, n, &rsp), want);
	assert_string_equal(hex_encode(got, rsp.p, rsp.n), response);
	buf_reset(&rsp);
}

static void send_one(const char *cmd, enum link_status want, const char *response, const char *const *lines)
{
	struct scripted s;
	struct link l = script(&s, lines);
	send(&l, cmd, want, response);
	assert_null(lines[s.at]);
	link_close(&l);
	assert_int_equal(s.closes, 1);
	assert_null(l.ops);
	link_close(&l);
}

#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void plain(void **state)
{
	(void)state;
	send_one("00A40000", LINK_OK, "9000", LINES("00A40000", "9000"));
	send_one("00A40000", LINK_OK, "01026282", LINES("00A40000", "01026282"));
	send_one("00A40000", LINK_CARD_GONE, "", LINES("00A40000", ""));
	send_one("00A40000", LINK_CARD_GONE, "", LINES("00A40000", "90"));
}

static void get_response(void **state)
{
	(void)state;
	send_one("00A40400023F00", LINK_OK, "010203049000",
	    LINES("00A40400023F00", "6103", "00C0000003", "0102036101", "00C0000001", "049000"));
	/* same channel; no secure messaging, chaining or proprietary class for GET RESPONSE itself */
	send_one("02A40400023F00", LINK_OK, "079000", LINES("02A40400023F00", "6101", "02C0000001", "079000"));
	send_one("80F20000", LINK_OK, "079000", LINES("80F20000", "6100", "00C0000000", "079000"));
	send_one("0CB0000000", LINK_OK, "079000", LINES("0CB0000000", "6101", "00C0000001", "079000"));
	/* an error at the end; a wrong length in between; silence */
	send_one("00B0000000", LINK_OK, "0102036B00", LINES("00B0000000", "6103", "00C0000003", "0102036B00"));
	send_one("00B0000000", LINK_OK, "01029000",
	    LINES("00B0000000", "6103", "00C0000003", "6C02", "00C0000002", "01029000"));
	send_one("00B0000000", LINK_CARD_GONE, "", LINES("00B0000000", "01026103", "00C0000003", ""));
}

static enum link_status endless_transmit(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	(void)l;
	(void)cmd;
	(void)n;
	buf_clear(rsp);
	buf_u16(rsp, 0x6100);
	return LINK_OK;
}

static void endless(void **state)
{
	(void)state;
	static const struct link_ops ops = {.transmit = endless_transmit};
	struct link l = {.ops = &ops};
	struct diag_list d = {0};
	send(&l, "00B0000000", LINK_BROKEN, "");
	assert_false(link_diag(&l, LINK_BROKEN, &d));
	assert_int_equal(d.row[0].code, DIAG_LINK_BROKEN);
	diag_reset(&d);
}

static void right_le(void **state)
{
	(void)state;
	send_one("00B0000000", LINK_OK, "01029000", LINES("00B0000000", "6C02", "00B0000002", "01029000"));
	send_one(
	    "00A40400023F0010", LINK_OK, "01029000", LINES("00A40400023F0010", "6C02", "00A40400023F0002", "01029000"));
	send_one("00B0000010", LINK_OK, "9000", LINES("00B0000010", "6C00", "00B0000000", "9000"));
	/* once only; not without Le, not extended, not protected */
	send_one("00B0000000", LINK_OK, "6C03", LINES("00B0000000", "6C02", "00B0000002", "6C03"));
	send_one("00D600000101", LINK_OK, "6C02", LINES("00D600000101", "6C02"));
	send_one("00B00000000000", LINK_OK, "6C02", LINES("00B00000000000", "6C02"));
	send_one("0CB0000000", LINK_OK, "6C02", LINES("0CB0000000", "6C02"));
}

/* ---- secrets ---- */

static void masked(const char *cmd, const char *want)
{
	uint8_t c[300];
	size_t n;
	struct buf out = {0};
	assert_true(hex_decode(cmd, strlen(cmd), c, sizeof c, &n));
	link_text_hex(&out, c, n);
	assert_string_equal(buf_cstr(&out), want);
	buf_reset(&out);
}

static void masking(void **state)
{
	(void)state;
	masked("0020008104313233340A", "0020008104********0A");
	masked("002000810431323334", "0020008104********");
	masked("00200081", "00200081");
	masked("0020008100", "0020008100");
	masked("0024008102AABB", "0024008102****");
	masked("002C008102AABB", "002C008102****");
	masked("0082000102AABB", "0082000102****");
	masked("00DB3FFF02700000", "00DB3FFF02****00");
	masked("80F4000002C200", "80F4000002****");
	masked("10DB3FFF02AABB", "10DB3FFF02****");
	masked("0020008100000211220000", "00200081000002****0000");
	masked("00A4040002AABB", "00A4040002AABB");
	masked("00D6000002AABB00", "00D6000002AABB00");
	masked("80E0010002AABB", "80E0010002AABB");
	masked("0084000008", "0084000008");
	/* unknown: masked; lengths that do not fit: all behind the header */
	masked("8077000002AABB", "8077000002****");
	masked("0077000002AABB", "0077000002****");
	masked("0020008109AABB", "00200081******");
	masked("002000810411223344556677", "00200081****************");
	masked("0020", "0020");
	masked("", "");
}

/* Every command of a session with a PIN, recorded and traced: the PIN is nowhere, and the replay goes the same way. */
static char folder[] = "/tmp/igata-link-XXXXXX";
static char path[64];

static const char *const session[] = {"00A4040C06D39210003101", "9000", "0020008104", "63C3",
    "00200081083132333435363738", "9000", "00B0000000", "6C03", "00B0000003", "0102039000", "0082000102AABB", "", NULL};

static void run_session(struct link *l)
{
	assert_false(l->presented);
	send(l, "00A4040C06D39210003101", LINK_OK, "9000");
	send(l, "0020008104", LINK_OK, "63C3");
	assert_false(l->presented);
	send(l, "00200081083132333435363738", LINK_OK, "9000");
	assert_true(l->presented);
	send(l, "00B0000000", LINK_OK, "0102039000");
	send(l, "0082000102AABB", LINK_CARD_GONE, "");
}

static void record(const char *text)
{
	struct diag_list d = {0};
	assert_true(file_write(path, text, strlen(text), 0600, &d));
}

static void record_and_replay(void **state)
{
	(void)state;
	struct scripted s;
	struct link l = script(&s, session);
	struct diag_list d = {0};
	struct buf text = {0};
	struct stat st;
	char *trace = NULL;
	size_t trace_len = 0;
	FILE *f = open_memstream(&trace, &trace_len);
	record("an older file\n");
	assert_int_equal(chmod(path, 0644), 0);
	assert_true(link_record(&l, path, &d));
	assert_true(link_trace(&l, f, "ja"));
	run_session(&l);
	assert_int_equal(link_reset(&l), LINK_OK);
	assert_int_equal(s.resets, 2);
	assert_false(l.presented);
	link_close(&l);
	assert_int_equal(s.closes, 1);
	fclose(f);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(file_read(path, 100000, &text, &d));
	static const char want[] = "# Igata recording 1\n"
				   "# test\n"
				   "reset 3B00\n"
				   "> 00A4040C06D39210003101  ; SELECT\n"
				   "< 9000  ; done\n"
				   "> 0020008104  ; VERIFY\n"
				   "< 63C3  ; comparison failed (the low digit is the number of tries left)\n"
				   "> 0020008108****************  ; VERIFY\n"
				   "< 9000  ; done\n"
				   "> 00B0000000  ; READ BINARY\n"
				   "< 6C03  ; wrong Le (the low byte is the right length)\n"
				   "> 00B0000003  ; READ BINARY\n"
				   "< 0102039000  ; done\n"
				   "> 0082000102****  ; EXTERNAL AUTHENTICATE\n"
				   "! card gone\n"
				   "reset 3B00\n";
	assert_string_equal(buf_cstr(&text), want);
	assert_non_null(strstr(trace, "< 9000  ; 正常終了\n"));
	assert_null(strstr(trace, "31323334"));
	free(trace);
	buf_reset(&text);
	/* the replay does not mind another PIN, but another length, header or order */
	char card[80];
	snprintf(card, sizeof card, "replay:%s", path);
	assert_true(link_open(&l, card, &d));
	assert_true(l.simulated);
	assert_int_equal(l.atr_len, 2);
	run_session(&l);
	assert_int_equal(link_reset(&l), LINK_OK);
	assert_int_equal(link_reset(&l), LINK_BROKEN);
	assert_non_null(strstr(l.why, "ends"));
	link_close(&l);
	assert_true(link_open(&l, card, &d));
	send(&l, "00A4040C06D39210003101", LINK_OK, "9000");
	send(&l, "0020008104", LINK_OK, "63C3");
	send(&l, "00200081049999999999", LINK_BROKEN, "");
	assert_null(strstr(l.why, "9999"));
	link_close(&l);
	assert_true(link_open(&l, card, &d));
	send(&l, "00A4040C06D39210003102", LINK_BROKEN, "");
	link_close(&l);
	assert_int_equal(d.n, 0);
	assert_false(link_record(&l, "/nonexistent/x", &d));
	assert_int_equal(d.row[0].code, DIAG_FILE_WRITE);
	diag_reset(&d);
}

static void not_a_recording(const char *text, enum diag_code code, uint32_t line)
{
	struct link l;
	struct diag_list d = {0};
	record(text);
	assert_false(link_replay_open(&l, path, &d));
	assert_int_equal(d.n, 1);
	assert_int_equal(d.row[0].code, code);
	assert_int_equal(d.row[0].at.line, line);
	diag_reset(&d);
}

static void bad_recordings(void **state)
{
	(void)state;
	not_a_recording("", DIAG_LINK_RECORDING, 1);
	not_a_recording("# Igata recording 2\n", DIAG_LINK_RECORDING, 1);
	not_a_recording("# Igata recording 1\nreset 3B00\n> 0\n", DIAG_LINK_RECORDING, 3);
	not_a_recording("# Igata recording 1\nreset 3B00\n> 00 A4\n", DIAG_LINK_RECORDING, 3);
	not_a_recording("# Igata recording 1\nreset 3B00\nhello\n", DIAG_LINK_RECORDING, 3);
	not_a_recording("# Igata recording 1\n", DIAG_LINK_BROKEN, 0);
	not_a_recording("# Igata recording 1\n> 00A40000\n", DIAG_LINK_BROKEN, 0);
	not_a_recording("# Igata recording 1\nreset **\n", DIAG_LINK_BROKEN, 0);
	not_a_recording("# Igata recording 1\nreset\n! card gone\n", DIAG_LINK_CARD_GONE, 0);
	not_a_recording("# Igata recording 1\nreset\n! broken\n", DIAG_LINK_BROKEN, 0);
	not_a_recording("# Igata recording 1\nreset 000000000000000000000000000000000000000000000000000000000000000000"
			"00\n",
	    DIAG_LINK_BROKEN, 0);
	struct link l;
	struct diag_list d = {0};
	record(
	    "# Igata recording 1\r\n\n  # note\n reset 3b00 ; Windows, blanks, lower case\r\n> 00a40000\n< **9000\n");
	assert_true(link_replay_open(&l, path, &d));
	send(&l, "00A40000", LINK_BROKEN, "");
	link_close(&l);
}

static void faults(void **state)
{
	(void)state;
	struct scripted s;
	struct link l = script(&s, LINES("00A40000", "9000", "00A40001", "9000"));
	struct link_fault f = {.kind = FAULT_COMMAND_LOST, .status = LINK_CARD_GONE, .at = 1};
	assert_true(link_fault(&l, &f));
	send(&l, "00A40000", LINK_OK, "9000");
	send(&l, "00A40001", LINK_CARD_GONE, "");
	send(&l, "00A40001", LINK_CARD_GONE, "");
	assert_int_equal(s.at, 2);
	f.reset_fails = true;
	assert_int_equal(link_reset(&l), LINK_CARD_GONE);
	f.reset_fails = false;
	assert_int_equal(link_reset(&l), LINK_OK);
	f = (struct link_fault){.kind = FAULT_RESPONSE_LOST, .status = LINK_BROKEN};
	send(&l, "00A40001", LINK_BROKEN, "");
	assert_int_equal(s.at, 4); /* the card did it */
	link_close(&l);
	assert_int_equal(s.closes, 1);
}

/* ---- the simulated card ---- */

static uint32_t toy_size(const struct chip *chip, const struct contract *contract)
{
	(void)chip;
	(void)contract;
	return NV_HOME + 16;
}

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

/* Answers how many commands it has had since power-up. */
static void toy_apdu(struct sim *s, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	uint8_t *ram = s->ram;
	(void)cmd;
	(void)n;
	nv_fill(&s->nv, NV_HOME, ++ram[0], 1);
	buf_u8(rsp, ram[0]);
	buf_u16(rsp, SW_OK);
}

static size_t toy_atr(struct sim *s, uint8_t out[SIM_ATR_MAX])
{
	(void)s;
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

static void simulated(void **state)
{
	(void)state;
	static const struct chip chip = {.name = "toy-1", .family = "toy"};
	struct link l, second;
	struct sim s;
	struct diag_list d = {0};
	char card[80];
	unlink(path);
	assert_true(sim_new(path, &chip, NULL, 1, &d));
	snprintf(card, sizeof card, "sim:%s", path);
	assert_true(link_open(&l, card, &d));
	assert_string_equal(l.name, card);
	assert_true(l.simulated);
	assert_int_equal(l.atr_len, 5);
	send(&l, "00A40000", LINK_OK, "019000");
	send(&l, "00A40000", LINK_OK, "029000");
	assert_false(link_open(&second, path, &d));
	assert_int_equal(d.row[0].code, DIAG_SIM_IN_USE);
	diag_reset(&d);
	assert_int_equal(link_reset(&l), LINK_OK);
	send(&l, "00A40000", LINK_OK, "019000");
	/* the power fails in the middle */
	struct sim *inside = link_sim_card(&l);
	inside->nv.cut = (int64_t)inside->nv.written;
	send(&l, "00A40000", LINK_CARD_GONE, "");
	send(&l, "00A40000", LINK_CARD_GONE, "");
	link_diag(&l, LINK_CARD_GONE, &d);
	assert_int_equal(d.row[0].code, DIAG_LINK_CARD_GONE);
	diag_reset(&d);
	assert_int_equal(link_reset(&l), LINK_OK);
	send(&l, "00A40000", LINK_OK, "019000");
	link_close(&l);
	/* a plain name, and a card in memory */
	assert_true(link_open(&l, path, &d));
	link_close(&l);
	assert_true(sim_new_in_memory(&s, &chip, NULL, 1, &d));
	link_sim_of(&l, &s);
	assert_string_equal(l.name, "sim:toy-1");
	send(&l, "00A40000", LINK_OK, "019000");
	link_close(&l);
	assert_false(s.powered);
	sim_close(&s);
	assert_false(link_open(&l, "/nonexistent", &d));
	assert_int_equal(d.row[0].code, DIAG_FILE_OPEN);
	diag_reset(&d);
}

static int setup(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/file", folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain),
	    cmocka_unit_test(get_response),
	    cmocka_unit_test(endless),
	    cmocka_unit_test(right_le),
	    cmocka_unit_test(masking),
	    cmocka_unit_test(record_and_replay),
	    cmocka_unit_test(bad_recordings),
	    cmocka_unit_test(faults),
	    cmocka_unit_test(simulated),
	};
	return cmocka_run_group_tests_name("link", tests, setup, teardown);
}
