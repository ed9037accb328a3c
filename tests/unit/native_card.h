/* What the tests of the simulated native cards share: cards in memory, and dialogues as text.
 *
 * A dialogue is lines "COMMAND -> RESPONSE # why", both in hex digits with blanks where they help. In a response `..`
 * stands for one byte of any value, `*` for any number of bytes. In a command [ ... ] is the length of what is inside,
 * in one byte, and then that. */
#ifndef IGATA_TESTS_NATIVE_CARD_H
#define IGATA_TESTS_NATIVE_CARD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/base/buf.h"
#include "runtime/base/hex.h"
#include "runtime/base/sw.h"
#include "runtime/crypto/aes.h"
#include "runtime/sim/native/card.h"
#include "runtime/sim/sim.h"

#define DF_AID  "D392100031 0001FFFF01"
#define ISO_KEY "000102030405060708090A0B0C0D0E0F"

static inline void set_number(struct chip *c, enum chip_fact_name f, uint32_t v)
{
	c->fact[f] = (struct chip_fact){.present = true, .number = v, .text = ""};
}

static inline void set_text(struct chip *c, enum chip_fact_name f, const char *text)
{
	c->fact[f] = (struct chip_fact){.present = true, .number = strcmp(text, "yes") == 0, .text = text};
}

/* Chips by hand, so that these tests need no profile and no reader of profiles. */
static inline struct chip iso_chip(void)
{
	struct chip c = {.name = "iso-test", .family = "native", .dialect = "iso-compact"};
	set_number(&c, CHIP_MEMORY, 32768);
	set_number(&c, CHIP_DF_OVERHEAD, 64);
	set_number(&c, CHIP_DF_MAX, 32704);
	set_number(&c, CHIP_FILE_OVERHEAD, 32);
	set_number(&c, CHIP_PIN_SIZE, 48);
	set_number(&c, CHIP_FILE_MAX, 32767);
	set_number(&c, CHIP_FILE_COUNT, 64);
	set_number(&c, CHIP_PIN_MAX, 16);
	set_number(&c, CHIP_PIN_COUNT, 14);
	return c;
}

static inline struct chip starcos_chip(void)
{
	struct chip c = {.name = "starcos-test", .family = "native", .dialect = "starcos"};
	set_number(&c, CHIP_MEMORY, 8192);
	set_number(&c, CHIP_DF_OVERHEAD, 32);
	set_number(&c, CHIP_DF_MAX, 8160);
	set_number(&c, CHIP_FILE_OVERHEAD, 24);
	set_number(&c, CHIP_PIN_SIZE, 20);
	set_number(&c, CHIP_FILE_MAX, 8128);
	set_number(&c, CHIP_FILE_COUNT, 30);
	set_number(&c, CHIP_PIN_MIN, 4);
	set_number(&c, CHIP_PIN_MAX, 8);
	set_number(&c, CHIP_PIN_COUNT, 7);
	set_number(&c, CHIP_PIN_REF, 15);
	set_number(&c, CHIP_SE_COUNT, 0);
	return c;
}

static inline void fresh(struct sim *s, const struct chip *chip)
{
	struct diag_list d = {0};
	assert_true(sim_new_in_memory(s, chip, NULL, 1, &d));
	assert_int_equal(d.n, 0);
	sim_power_up(s);
}

/* --- dialogues --- */

/* Bytes of hex text up to `end`, blanks ignored. */
static inline size_t bytes_of(const char *text, const char *end, uint8_t *out, size_t cap)
{
	size_t n = 0, open[16], depth = 0;
	for (const char *p = text; p < end; p++) {
		if (*p == ' ' || *p == '\t')
			continue;
		if (*p == ']') {
			assert_true(depth > 0);
			size_t at = open[--depth], len = n - at - 1;
			assert_true(len <= (depth == 0 ? 255 : 127)); /* an Lc, or the length of a data object */
			out[at] = (uint8_t)len;
			continue;
		}
		assert_true(n < cap);
		if (*p == '[') {
			assert_true(depth < 16);
			open[depth++] = n++;
			continue;
		}
		assert_true(p + 1 < end && hex_digit(p[0]) >= 0 && hex_digit(p[1]) >= 0);
		out[n++] = (uint8_t)(hex_digit(p[0]) << 4 | hex_digit(p[1]));
		p++;
	}
	assert_true(depth == 0);
	return n;
}

enum { ANY_BYTE = 0x100, ANY_BYTES = 0x200 };

/* A pattern: a byte, ANY_BYTE, or ANY_BYTES in each place. */
static inline size_t pattern_of(const char *text, const char *end, uint16_t *out, size_t cap)
{
	size_t n = 0, open[16], depth = 0;
	for (const char *p = text; p < end; p++) {
		if (*p == ' ' || *p == '\t')
			continue;
		assert_true(n < cap);
		if (*p == '[') {
			open[depth++] = n++;
		} else if (*p == ']') {
			--depth;
			out[open[depth]] = (uint16_t)(n - open[depth] - 1);
		} else if (*p == '*') {
			out[n++] = ANY_BYTES;
		} else {
			int b = *p == '.' ? (int)ANY_BYTE : hex_digit(p[0]) * 16 + hex_digit(p[1]);
			out[n++] = (uint16_t)b;
			p++;
		}
	}
	return n;
}

static inline bool fits(const uint16_t *want, size_t n_want, const uint8_t *p, size_t n)
{
	for (; n_want != 0; want++, n_want--) {
		if (*want == ANY_BYTES) {
			for (size_t skip = 0; skip <= n; skip++)
				if (fits(want + 1, n_want - 1, p + skip, n - skip))
					return true;
			return false;
		}
		if (n == 0 || (*want != ANY_BYTE && *want != *p))
			return false;
		p++;
		n--;
	}
	return n == 0;
}

static inline void line_of(struct sim *s, const char *line, const char *end)
{
	uint8_t cmd[512];
	struct buf rsp = {0};
	const char *arrow = line, *why = end;
	char shown[2 * 300 + 1];
	while (arrow + 1 < end && !(arrow[0] == '-' && arrow[1] == '>'))
		arrow++;
	assert_true(arrow + 1 < end);
	for (const char *p = arrow; p < end; p++)
		if (*p == '#') {
			why = p;
			break;
		}
	uint16_t want[512];
	size_t n = bytes_of(line, arrow, cmd, sizeof cmd), n_want = pattern_of(arrow + 2, why, want, 512);
	sim_apdu(s, cmd, n, &rsp);
	if (!fits(want, n_want, rsp.p, rsp.n))
		fail_msg(
		    "%.*s\n   got %s", (int)(end - line), line, hex_encode(shown, rsp.p, rsp.n < 300 ? rsp.n : 300));
	buf_reset(&rsp);
}

/* Send every line; fails at the first other answer. Lines that are empty or begin with # are skipped. */
static inline void say(struct sim *s, const char *text)
{
	while (*text != '\0') {
		const char *end = strchr(text, '\n');
		if (end == NULL)
			end = text + strlen(text);
		while (text < end && (*text == ' ' || *text == '\t'))
			text++;
		if (text < end && *text != '#')
			line_of(s, text, end);
		text = *end == '\0' ? end : end + 1;
	}
}

/* One command without expectations: its status word, 0 when the card did not answer. */
static inline sw_t ask(struct sim *s, const uint8_t *cmd, size_t n)
{
	struct buf rsp = {0};
	sim_apdu(s, cmd, n, &rsp);
	unsigned sw = rsp.n < 2 ? 0 : (unsigned)rsp.p[rsp.n - 2] << 8 | rsp.p[rsp.n - 1];
	buf_reset(&rsp);
	return (sw_t)sw;
}

/* EXTERNAL AUTHENTICATE with the published key, or with one bit of the cryptogram wrong. */
static inline sw_t authenticate(struct sim *s, bool right)
{
	static const uint8_t challenge[] = {0x00, 0x84, 0x00, 0x00, 0x10};
	uint8_t key[16], cmd[21] = {0x00, 0x82, 0x00, 0x01, 0x10};
	struct buf rsp = {0};
	bytes_of(ISO_KEY, &ISO_KEY[32], key, sizeof key);
	sim_apdu(s, challenge, sizeof challenge, &rsp);
	if (rsp.n != 18) { /* no power */
		buf_reset(&rsp);
		return 0;
	}
	assert_true(aes_encrypt_block(key, sizeof key, rsp.p, cmd + 5));
	cmd[20] ^= right ? 0 : 1;
	buf_reset(&rsp);
	return ask(s, cmd, sizeof cmd);
}

static inline void reset(struct sim *s)
{
	sim_power_down(s);
	sim_power_up(s);
}

#endif
