/* A simulated Java Card in a test's hand: made from a chip profile (or a changed copy), powered up, with a host that
 * opens secure channels by the oracle of gp_host.h. Commands and expected answers are written in hex. */
#ifndef IGATA_TEST_CM_KIT_H
#define IGATA_TEST_CM_KIT_H

#include "tests/unit/support/gp_host.h"

#include "tests/unit/support/api_calls.h"

#include <stdio.h>
#include <stdlib.h>

#include "compiler/emit/javacard/text.h"
#include "runtime/base/buf.h"
#include "runtime/base/file.h"
#include "runtime/base/sw.h"
#include "runtime/cap/cap.h"
#include "runtime/chip/chip.h"
#include "runtime/sim/sim.h"

struct gp_kit {
	struct arena arena;
	struct diag_list d;
	struct chip chip; /* change facts before gpk_make */
	struct sim sim;
	struct gp_host host;
	bool open;          /* a secure channel: commands are wrapped */
	uint8_t cla;        /* channel bits that gpk_cmd adds */
	uint8_t i_of[4];    /* options of each protocol, from the card recognition data */
	uint8_t rsp[70000]; /* of the last command, without SW */
	size_t n;
	sw_t sw;
};

static inline size_t gpk_hex(const char *text, uint8_t *out)
{
	size_t n = 0;
	for (const char *p = text; *p != 0;) {
		unsigned v;
		if (*p == ' ') {
			p++;
			continue;
		}
		assert_int_equal(sscanf(p, "%2x", &v), 1);
		out[n++] = (uint8_t)v;
		p += 2;
	}
	return n;
}

static inline void gpk_fact(struct gp_kit *k, enum chip_fact_name f, const char *text, uint32_t number)
{
	k->chip.fact[f].present = true;
	k->chip.fact[f].text = text;
	k->chip.fact[f].number = number;
}

static inline void gpk_chip(struct gp_kit *k, const char *name)
{
	memset(k, 0, sizeof *k);
	const struct chip *chip = chip_find(&k->arena, "chipprofiles", name, &k->d);
	assert_non_null(chip);
	k->chip = *chip;
	/* Nobody measured how many channels most cards have; the tests need some. */
	if (!k->chip.fact[CHIP_JC_CHANNELS].present)
		gpk_fact(k, CHIP_JC_CHANNELS, "4", 4);
}

static inline sw_t gpk_plain(struct gp_kit *k, const char *hex);

/* OIDs 1.2.840.114283.4.scp.i of the card recognition data. */
static inline void gpk_learn(struct gp_kit *k)
{
	static const uint8_t arc[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xfc, 0x6b, 0x04};
	gpk_plain(k, "80CA006600");
	for (size_t at = 0; at + sizeof arc + 2 <= k->n; at++)
		if (memcmp(k->rsp + at, arc, sizeof arc) == 0)
			k->i_of[k->rsp[at + 9] & 3] = k->rsp[at + 10];
}

static inline void gpk_make(struct gp_kit *k)
{
	assert_true(sim_new_in_memory(&k->sim, &k->chip, NULL, 1, &k->d));
	sim_power_up(&k->sim);
	api_calls_watch(jc_of(&k->sim));
	for (int i = 0; i < 32; i++)
		k->host.k_enc[i] = k->host.k_mac[i] = k->host.k_dek[i] = (uint8_t)(0x40 + i);
	k->host.key_len = 16;
	gpk_learn(k);
}

static inline void gpk_new(struct gp_kit *k, const char *name)
{
	gpk_chip(k, name);
	gpk_make(k);
}

static inline void gpk_free(struct gp_kit *k)
{
	sim_close(&k->sim);
	arena_free(&k->arena);
}

static inline void gpk_reset(struct gp_kit *k)
{
	k->open = false;
	sim_power_down(&k->sim);
	sim_power_up(&k->sim);
	api_calls_watch(jc_of(&k->sim));
}

/* As it is, no secure messaging. */
static inline sw_t gpk_raw(struct gp_kit *k, const uint8_t *cmd, size_t n)
{
	struct buf rsp = {0};
	sim_apdu(&k->sim, cmd, n, &rsp);
	k->n = 0;
	k->sw = 0;
	if (rsp.n >= 2) {
		memcpy(k->rsp, rsp.p, rsp.n);
		k->n = rsp.n - 2;
		k->sw = (sw_t)(rsp.p[rsp.n - 2] << 8 | rsp.p[rsp.n - 1]);
	}
	buf_reset(&rsp);
	return k->sw;
}

static inline sw_t gpk_plain(struct gp_kit *k, const char *hex)
{
	uint8_t cmd[4096];
	return gpk_raw(k, cmd, gpk_hex(hex, cmd));
}

/* Under the secure channel, if one is open. */
static inline sw_t gpk_bytes(struct gp_kit *k, const uint8_t *plain, size_t n)
{
	static uint8_t wrapped[70000];
	if (!k->open)
		return gpk_raw(k, plain, n);
	n = gph_wrap(&k->host, plain, n, wrapped);
	gpk_raw(k, wrapped, n);
	if (k->sw == 0)
		return 0;
	k->rsp[k->n] = (uint8_t)(k->sw >> 8);
	k->rsp[k->n + 1] = (uint8_t)k->sw;
	k->n = gph_unwrap(&k->host, k->rsp, k->n + 2) - 2;
	return k->sw;
}

static inline sw_t gpk_cmd(struct gp_kit *k, const char *hex)
{
	uint8_t cmd[4096];
	size_t n = gpk_hex(hex, cmd);
	cmd[0] |= k->cla;
	return gpk_bytes(k, cmd, n);
}

/* INITIALIZE UPDATE, EXTERNAL AUTHENTICATE; the SW of the first that is not 9000. */
static inline sw_t gpk_open(struct gp_kit *k, unsigned version, int level)
{
	uint8_t cmd[64] = {(uint8_t)(0x80 | k->cla), 0x50, (uint8_t)version, 0, 8};
	k->open = false;
	for (int i = 0; i < 16; i++)
		k->host.challenge[i] = (uint8_t)(0x10 + i);
	memcpy(cmd + 5, k->host.challenge, 8);
	cmd[13] = 0;
	k->host.aid_len = 0;
	if (gpk_raw(k, cmd, 14) == SW_WRONG_LENGTH) {
		cmd[4] = 16;
		memcpy(cmd + 5, k->host.challenge, 16);
		cmd[21] = 0;
		gpk_raw(k, cmd, 22);
	}
	if (k->sw != SW_OK)
		return k->sw;
	k->host.i = k->i_of[k->rsp[11] & 3];
	size_t n = gph_authenticate(&k->host, k->rsp, k->n, level, cmd);
	cmd[0] |= k->cla;
	if (gpk_raw(k, cmd, n) == SW_OK)
		k->open = true;
	return k->sw;
}

#define gpk_expect(k, hex, want)                                                                                       \
	do {                                                                                                           \
		sw_t gpk_sw = gpk_cmd(k, hex);                                                                         \
		if (gpk_sw != (want))                                                                                  \
			fail_msg("%s:%d: %s: %04X, not %04X", __FILE__, __LINE__, hex, gpk_sw, (unsigned)(want));      \
	} while (0)

#define gpk_data(k, hex)                                                                                               \
	do {                                                                                                           \
		static uint8_t gpk_want[4096];                                                                         \
		size_t gpk_n = gpk_hex(hex, gpk_want);                                                                 \
		if ((k)->n != gpk_n || memcmp((k)->rsp, gpk_want, gpk_n) != 0) {                                       \
			for (size_t gpk_i = 0; gpk_i < (k)->n; gpk_i++)                                                \
				fprintf(stderr, "%02X", (k)->rsp[gpk_i]);                                              \
			fail_msg("%s:%d: not %s", __FILE__, __LINE__, hex);                                            \
		}                                                                                                      \
	} while (0)

/* A new security domain below the current one: application AID, privileges and parameters in hex (lengths included). */
static inline void gpk_domain(struct gp_kit *k, const char *lv_aid, const char *lv_privileges, const char *lv_params)
{
	char text[512];
	uint8_t rest[256];
	snprintf(
	    text, sizeof text, "07A0000001515350 08A000000151535041 %s %s %s 00", lv_aid, lv_privileges, lv_params);
	size_t n = gpk_hex(text, rest);
	uint8_t cmd[300] = {0x80, 0xe6, 0x0c, 0x00, (uint8_t)n};
	memcpy(cmd + 5, rest, n);
	cmd[5 + n] = 0;
	assert_int_equal(gpk_bytes(k, cmd, 6 + n), SW_OK);
	assert_int_equal(k->n, 1);
}

static inline sw_t gpk_select(struct gp_kit *k, const char *aid)
{
	uint8_t cmd[32] = {k->cla, 0xa4, 0x04, 0x00};
	cmd[4] = (uint8_t)gpk_hex(aid, cmd + 5);
	k->open = false;
	cmd[5 + cmd[4]] = 0;
	return gpk_raw(k, cmd, cmd[4] == 0 ? 5u : 6u + cmd[4]);
}

/* PUT KEY of three keys with check values, encrypted by the session's key, from p (3 times len bytes). */
static inline sw_t gpk_put_keys(
    struct gp_kit *k, unsigned old, unsigned version, bool aes, const uint8_t *p, size_t len)
{
	uint8_t cmd[300] = {0x80, 0xd8, (uint8_t)old, 0x81, 0, (uint8_t)version};
	size_t at = 6, block = k->host.scp == 3 ? 16 : 8, padded = (len + block - 1) / block * block;
	for (int i = 0; i < 3; i++) {
		uint8_t clear[48] = {0}, iv[16] = {0}, kcv[16];
		memcpy(clear, p + (size_t)i * len, len);
		cmd[at++] = aes ? 0x88 : 0x80;
		cmd[at++] = (uint8_t)(padded + (aes ? 1 : 0));
		if (aes)
			cmd[at++] = (uint8_t)len;
		for (size_t b = 0; b < padded; b += block) {
			if (k->host.scp == 3) {
				gph_xor(clear + b, iv, 16);
				gph_aes(k->host.dek, k->host.key_len, 1, clear + b, iv);
				memcpy(cmd + at, iv, 16);
			} else
				gph_tdes(k->host.dek, 1, clear + b, cmd + at);
			at += block;
		}
		memset(kcv, aes ? 1 : 0, sizeof kcv);
		if (aes)
			gph_aes(p + (size_t)i * len, len, 1, kcv, kcv);
		else
			gph_tdes(p + (size_t)i * len, 1, kcv, kcv);
		cmd[at++] = 3;
		memcpy(cmd + at, kcv, 3);
		at += 3;
	}
	cmd[4] = (uint8_t)(at - 5);
	cmd[at++] = 0;
	return gpk_bytes(k, cmd, at);
}

/* The load file of an applet written as text: tests/fixtures/NAME.jca. With its C4 header. */
static inline void gpk_cap(struct gp_kit *k, const char *name, struct buf *load_file)
{
	char path[128];
	struct buf text = {0}, cap = {0};
	static struct cap c;
	const char *message = NULL;
	snprintf(path, sizeof path, "tests/fixtures/%s.jca", name);
	assert_true(file_read(path, 1 << 20, &text, &k->d));
	if (!asm_text_to_cap(&k->arena, (const char *)text.p, text.n, 0x0201, &cap, &message))
		fail_msg("%s: %s", path, message);
	assert_true(cap_open(&c, cap.p, cap.n, path, &k->d));
	cap_load_file(&c, false, load_file);
	cap_close(&c);
	buf_reset(&text);
	buf_reset(&cap);
}

/* INSTALL [for load]: LV load file AID, then the rest in hex (LV security domain, hash, parameters, token). */
static inline sw_t gpk_install(struct gp_kit *k, unsigned p1, const char *fields)
{
	uint8_t data[1024], cmd[1100] = {0x80, 0xe6, (uint8_t)p1, 0x00};
	size_t n = gpk_hex(fields, data);
	assert_true(n <= 255);
	cmd[4] = (uint8_t)n;
	memcpy(cmd + 5, data, n);
	cmd[5 + n] = 0;
	return gpk_bytes(k, cmd, 6 + n);
}

/* LOAD in blocks; the first SW that is not 9000. */
static inline sw_t gpk_load(struct gp_kit *k, const uint8_t *p, size_t n, size_t block)
{
	for (size_t at = 0, i = 0; at < n; at += block, i++) {
		size_t part = n - at < block ? n - at : block;
		uint8_t cmd[300] = {0x80, 0xe8, at + part == n ? 0x80 : 0x00, (uint8_t)i, (uint8_t)part};
		memcpy(cmd + 5, p + at, part);
		cmd[5 + part] = 0;
		if (gpk_bytes(k, cmd, 6 + part) != SW_OK)
			return k->sw;
	}
	return SW_OK;
}

#endif
