/* What a GlobalPlatform card answers: the input is the bytes of an answer to everything that is read from one. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/gp/card_data.h"
#include "runtime/gp/channel.h"
#include "runtime/gp/registry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void channel(const uint8_t *p, size_t n)
{
	static const struct gp_key_set keys = {{{1}, 16}, {{2}, 16}, {{3}, 16}};
	static const uint8_t host[16] = {4};
	struct gp_challenge card;
	struct gp_channel c;
	if (!gp_challenge_read(&card, p, n))
		return;
	assert(card.n <= GP_CHALLENGE_MAX);
	for (unsigned i = 0; i < 256; i += 5)
		if (gp_channel_start(&c, &keys, i, host, &card, host, 8) == GP_STARTED)
			gp_channel_close(&c);
}

/* Answers to a command, under every protocol, as if a channel were open. */
static void answers(const uint8_t *p, size_t n)
{
	for (unsigned scp = 2; scp <= 3; scp++) {
		static const uint8_t key[16];
		struct gp_channel c = {.scp = scp, .mac_length = 8, .open = true, .level = scp == 2 ? 0x13 : 0x33};
		struct buf b = {0};
		c.enc = cipher_new(scp == 2 ? CIPHER_DES_EDE2 : CIPHER_AES, key, sizeof key);
		c.rmac = mac_new(scp == 2 ? MAC_RETAIL_DES : MAC_CMAC_AES, key, sizeof key);
		buf_add(&b, p, n);
		if (gp_channel_unwrap(&c, &b, SW_OK))
			assert(b.n <= n);
		gp_channel_close(&c);
		buf_reset(&b);
	}
}

static void registry(const uint8_t *p, size_t n)
{
	static const enum gp_scope scopes[] = {
	    GP_SCOPE_ISD, GP_SCOPE_APPLICATIONS, GP_SCOPE_LOAD_FILES, GP_SCOPE_MODULES};
	struct gp_registry r = {0};
	char life[16];
	for (size_t i = 0; i < 4; i++) {
		gp_registry_read(&r, scopes[i], true, p, n);
		gp_registry_read(&r, scopes[i], false, p, n);
	}
	for (size_t i = 0; i < r.n; i++) {
		assert(r.row[i].aid.n <= AID_MAX && r.row[i].modules <= GP_MODULES);
		assert(strlen(gp_life_cycle(&r.row[i], life)) < sizeof life);
		gp_entry_is_domain(&r.row[i]);
	}
	gp_registry_reset(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct gp_fci fci;
	struct gp_recognition recognition;
	struct gp_key_info keys[GP_KEYS];
	struct gp_resources resources;
	gp_fci_read(&fci, data, n);
	gp_recognition_read(&recognition, data, n);
	assert(recognition.n <= GP_SCPS && recognition.version_n <= 3);
	assert(gp_key_info_read(data, n, keys, GP_KEYS) <= GP_KEYS);
	gp_resources_read(&resources, data, n);
	gp_cplc(data, n);
	registry(data, n);
	channel(data, n);
	answers(data, n);
	return 0;
}
