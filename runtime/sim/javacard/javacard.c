/* The family `javacard` for sim.h: a virtual machine (machine.h) under a GlobalPlatform card manager (card.h).
 *
 * Delivery lays down what the profile says. Serial number and card keys are made at the first power-up, from the card's
 * random tape, so that two cards of a chip are two cards: CM_H_FRESH is cleared in the same transaction. */
#include "runtime/sim/javacard/manager/data.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/wipe.h"
#include "runtime/sim/javacard/manager/dispatch.h"
#include "runtime/sim/javacard/manager/key.h"
#include "runtime/sim/javacard/javacard.h"

/* The publicly known test key of sample cards, which most vendors use: GPCS does not name one; the clients in the field
 * default to it. */
static const uint8_t known_key[CM_KEY_MAX] = {0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b,
    0x4c, 0x4d, 0x4e, 0x4f, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x5b, 0x5c, 0x5d, 0x5e,
    0x5f};
static const uint8_t isd_aid[] = {0xa0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00};
static const uint8_t ssd_package[] = {0xa0, 0x00, 0x00, 0x01, 0x51, 0x53, 0x50};

/* --- what the machine asks --- */

static sw_t may_register(void *context, uint16_t applet, const uint8_t *aid, size_t n)
{
	struct cm c = cm_of(context);
	const struct cm_entry *e = &c.s->installing;
	(void)applet;
	/* GPCS 9.3.3: by the AID that INSTALL named, no other. */
	return e->kind == CM_APP && e->aid_len == n && memcmp(e->aid, aid, n) == 0 ? SW_OK : SW_WRONG_DATA;
}

static void random_bytes_of(void *context, uint8_t *out, size_t n)
{
	sim_random(context, out, n);
}

static bool usable(void *context, uint16_t applet)
{
	struct cm c = cm_of(context);
	uint16_t h = cm_entry_of_applet(&c, applet);
	return h != 0 && (cm_entry(&c, h).state & CM_LOCKED) == 0;
}

/* --- delivery --- */

static uint32_t number(const struct chip *chip, enum chip_fact_name f, uint32_t otherwise)
{
	return chip->fact[f].present ? chip->fact[f].number : otherwise;
}

static size_t hex_fact(const struct chip *chip, enum chip_fact_name f, uint8_t *out, size_t max)
{
	const char *text = chip->fact[f].present ? chip->fact[f].text : "";
	size_t n = 0;
	return hex_decode(text, strlen(text), out, max, &n) ? n : 0;
}

static void put_pair(const struct cm *c, uint32_t *n, uint8_t scp, uint8_t i)
{
	cm_put_u8(c, CM_H_SCP + 2 * *n, scp);
	cm_put_u8(c, CM_H_SCP + 2 * *n + 1, i);
	(*n)++;
}

static bool aes_keys(const struct chip *chip)
{
	if (chip->fact[CHIP_GP_KEY_TYPE].present)
		return !chip_fact_is(chip, CHIP_GP_KEY_TYPE, "des-ede2");
	return chip_fact_has(chip, CHIP_GP_SCP, "SCP03");
}

/* Protocols: those that the product is sold with. Where i is not known, the form that most cards have. */
static void put_protocols(const struct cm *c, const struct chip *chip)
{
	uint8_t i[1];
	bool known = hex_fact(chip, CHIP_GP_I, i, 1) == 1, aes = aes_keys(chip), old;
	uint32_t n = 0;
	old = chip_fact_is(chip, CHIP_JC_VERSION, "2.1.1");
	if (!chip->fact[CHIP_GP_SCP].present) {
		if (aes)
			put_pair(c, &n, 3, known ? i[0] : 0x70);
		else
			put_pair(c, &n, old ? 1 : 2, known ? i[0] : old ? 0x05 : 0x15);
		return;
	}
	if (chip_fact_has(chip, CHIP_GP_SCP, "SCP03"))
		put_pair(c, &n, 3, known && aes ? i[0] : 0x70);
	if (chip_fact_has(chip, CHIP_GP_SCP, "SCP02"))
		put_pair(c, &n, 2, known && !aes ? i[0] : 0x15);
	if (chip_fact_has(chip, CHIP_GP_SCP, "SCP01"))
		put_pair(c, &n, 1, known && n == 0 ? i[0] : 0x05);
}

static void put_version(const struct cm *c, const struct chip *chip)
{
	const char *text = chip->fact[CHIP_GP_VERSION].present ? chip->fact[CHIP_GP_VERSION].text : "2.1.1";
	uint8_t v[3] = {0};
	for (unsigned i = 0; *text != 0 && i < sizeof v; text++) {
		if (*text == '.')
			i++;
		else
			v[i] = (uint8_t)(*text - '0');
	}
	cm_put(c, CM_H_VERSION, v, sizeof v);
}

static void put_header(const struct cm *c, const struct chip *chip)
{
	uint8_t atr[SIM_ATR_MAX] = {0x3b, 0x80, 0x01, 0x81}, cplc[CM_CPLC] = {0};
	size_t n = hex_fact(chip, CHIP_ATR, atr, sizeof atr);
	uint8_t kdf = chip_fact_is(chip, CHIP_GP_KDF, "emv") ? CM_KDF_EMV
	    : chip_fact_is(chip, CHIP_GP_KDF, "visa2")       ? CM_KDF_VISA2
							     : CM_KDF_NONE;
	uint32_t block = number(chip, CHIP_GP_BLOCK, APDU_SHORT_DATA);
	hex_fact(chip, CHIP_CPLC, cplc, 10);
	cm_put_u8(c, CM_H_STATE, CM_OP_READY);
	cm_put_u8(c, CM_H_LOADING, chip_fact_is(chip, CHIP_GP_LOADING, "closed") ? CM_LOADING_CLOSED : CM_LOADING_OPEN);
	cm_put_u16(c, CM_H_BLOCK, (uint16_t)(block < CM_DATA_MAX ? block : CM_DATA_MAX));
	cm_put_u8(c, CM_H_FRESH, 1);
	cm_put_u8(c, CM_H_KDF, kdf);
	put_version(c, chip);
	cm_put_u8(c, CM_H_TRIES, CM_TRIES);
	cm_put_u8(c, CM_H_ATR_LEN, (uint8_t)(n != 0 ? n : 4));
	cm_put(c, CM_H_ATR, atr, sizeof atr);
	cm_put(c, CM_H_CPLC, cplc, sizeof cplc);
	put_protocols(c, chip);
}

/* The master key stands in for the card's keys until the first power-up has derived them. */
static void put_keys(const struct cm *c, const struct chip *chip, uint16_t isd)
{
	uint8_t value[CM_KEY_MAX], version[1];
	bool aes = aes_keys(chip);
	uint16_t len = chip_fact_is(chip, CHIP_GP_KEY_TYPE, "aes-256") ? 32
	    : chip_fact_is(chip, CHIP_GP_KEY_TYPE, "aes-192")          ? 24
								       : 16;
	memcpy(value, known_key, sizeof value);
	hex_fact(chip, CHIP_GP_KEY, value, len);
	if (hex_fact(chip, CHIP_GP_KEY_VERSION, version, 1) != 1)
		version[0] = aes ? 0x30 : CM_KV_INITIAL;
	for (uint8_t id = CM_KEY_ENC; id <= CM_KEY_DEK; id++) {
		struct cm_key k = {.sd = isd,
		    .version = version[0],
		    .id = id,
		    .components = 1,
		    .type = {aes ? CM_KEY_AES : CM_KEY_DES},
		    .len = {len},
		    .value = {value}};
		cm_key_new(c, &k);
	}
	wipe(value, sizeof value);
}

static void put_registry(const struct cm *c, const struct chip *chip)
{
	/* The ISD has every privilege that is a security domain's: GPCS 6.6.2.2. */
	struct cm_entry isd = {.kind = CM_ISD, .state = CM_OP_READY, .privileges = 0x9efe80, .tries = CM_TRIES};
	struct cm_entry ssd = {.kind = CM_LOAD_FILE, .state = CM_LOADED, .rom = true, .aid_len = sizeof ssd_package};
	isd.aid_len = (uint8_t)hex_fact(chip, CHIP_GP_ISD, isd.aid, sizeof isd.aid);
	if (isd.aid_len == 0) {
		isd.aid_len = sizeof isd_aid;
		memcpy(isd.aid, isd_aid, sizeof isd_aid);
	}
	cm_store_init(c);
	uint16_t h = cm_entry_new(c, &isd);
	isd.sd = ssd.sd = h;
	cm_entry_set(c, h, &isd);
	memcpy(ssd.aid, ssd_package, sizeof ssd_package);
	cm_entry_new(c, &ssd);
	put_keys(c, chip, h);
}

static bool may_take(void *context, uint16_t applet, uint32_t bytes)
{
	struct cm c = cm_of(context);
	uint16_t h = cm_entry_of_applet(&c, applet);
	return h == 0 || cm_may_take(&c, h, bytes);
}

static const struct jc_host host = {.may_register = may_register,
    .random = random_bytes_of,
    .usable = usable,
    .may_take = may_take,
    .session = sizeof(struct cm_session)};

static uint32_t chip_ram(const struct nv *nv)
{
	return (uint32_t)jc_ram_size_of(nv, sizeof(struct cm_session));
}

static bool deliver(struct nv *nv, const struct chip *chip, const struct contract *contract, struct diag_list *d)
{
	struct jc_chip facts = javacard_facts(chip);
	/* The machine knows where the host area is once it runs. */
	struct sim s = {.family = &sim_javacard, .nv = *nv};
	struct jc_host nobody = host;
	struct cm c = {0};
	bool ok = false;
	(void)contract;
	jc_deliver(nv, &facts, CM_HOST_SIZE);
	s.ram_size = chip_ram(nv);
	s.ram = calloc(1, s.ram_size);
	if (s.ram == NULL)
		return diag_add(d, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	s.nv = *nv;
	nobody.context = &s;
	ok = jc_power_up(&s, &nobody);
	assert(ok);
	c = cm_of(&s);
	put_registry(&c, chip);
	put_header(&c, chip);
	cm_put(&c, CM_H_MAGIC, "GPC1", 4);
	*nv = s.nv;
	free(s.ram);
	return ok;
}

/* --- the first power-up: one card of its chip --- */

/* Derivations of the card makers (facts/globalplatform): triple DES in ECB over parts of the diversification data and
 * the number of the key. */
static void diversify(uint8_t kdf, const uint8_t d[CM_DIVERSIFICATION], uint8_t id, const uint8_t *master, uint8_t *out)
{
	uint8_t in[16];
	for (int half = 0; half < 2; half++) {
		uint8_t *p = in + 8 * half;
		if (kdf == CM_KDF_EMV)
			memcpy(p, d + 4, 6);
		else {
			memcpy(p, d, 2);
			memcpy(p + 2, d + 4, 4);
		}
		p[6] = half == 0 ? 0xf0 : 0x0f;
		p[7] = id;
	}
	cm_cipher(false, CM_ECB_ENCRYPT, master, CM_DES_KEY, NULL, in, sizeof in, out);
}

static void make_individual(struct cm *c)
{
	enum { SERIAL = 12, SERIAL_LEN = 6 };
	uint8_t serial[SERIAL_LEN], d[CM_DIVERSIFICATION] = {0}, kdf = cm_u8(c, CM_H_KDF);
	sim_random(c->sim, serial, sizeof serial);
	memcpy(d + 2, c->nv->mem + c->home + CM_H_CPLC + 10, 2);
	memcpy(d + 4, serial, sizeof serial);
	nv_begin(c->nv);
	cm_put(c, CM_H_CPLC + SERIAL, serial, sizeof serial);
	for (uint16_t h = cm_next(c, 0, CM_KEY); h != 0 && kdf != CM_KDF_NONE; h = cm_next(c, h, CM_KEY)) {
		struct cm_key k;
		uint8_t value[CM_DES_KEY];
		if (!cm_key_read(c, h, &k) || k.len[0] != CM_DES_KEY)
			continue;
		diversify(kdf, d, k.id, k.value[0], value);
		k.value[0] = value;
		cm_drop(c, h);
		cm_key_new(c, &k);
		wipe(value, sizeof value);
	}
	cm_put_u8(c, CM_H_FRESH, 0);
	nv_commit(c->nv);
	cm_tidy(c);
}

static bool valid(const struct cm *c)
{
	return memcmp(c->nv->mem + c->home, "GPC1", 4) == 0 && cm_u8(c, CM_H_ATR_LEN) <= SIM_ATR_MAX &&
	    cm_store_valid(c) && cm_registry_valid(c);
}

static void power_up(struct sim *s)
{
	struct cm c = cm_of(s);
	c.s->sim = s;
	c.s->host = host;
	c.s->host.context = s;
	c.s->dead = true;
	if (!jc_power_up(s, &c.s->host))
		return;
	c = cm_of(s);
	if (!valid(&c))
		return;
	if (cm_u8(&c, CM_H_FRESH) != 0)
		make_individual(&c);
	cm_tidy(&c);
	c.s->dead = s->nv.off;
	if (!c.s->dead)
		cm_select_default(&c, 0);
}

static void power_down(struct sim *s)
{
	(void)s;
	jc_wipe_work();
}

static void moved(struct sim *s)
{
	struct cm_session *session = jc_session(jc_of(s));
	session->sim = s;
	session->host.context = s;
	jc_moved(s, &session->host);
}

static size_t atr(struct sim *s, uint8_t out[SIM_ATR_MAX])
{
	struct cm c = cm_of(s);
	if (c.s->dead)
		return 0;
	size_t n = cm_u8(&c, CM_H_ATR_LEN);
	memcpy(out, c.nv->mem + c.home + CM_H_ATR, n);
	return n;
}

static uint32_t used(const struct sim *s)
{
	return jc_used(jc_of((struct sim *)(uintptr_t)s));
}

static uint32_t memory_size(const struct chip *chip, const struct contract *contract)
{
	(void)contract;
	if (!chip->fact[CHIP_JC_PERSISTENT].present && !chip->fact[CHIP_JC_VERSION].present)
		return 0;
	struct jc_chip facts = javacard_facts(chip);
	return jc_memory_size(&facts, CM_HOST_SIZE);
}

const struct sim_family sim_javacard = {
    .name = "javacard",
    .chip_ram = chip_ram,
    .memory_size = memory_size,
    .deliver = deliver,
    .power_up = power_up,
    .power_down = power_down,
    .moved = moved,
    .apdu = cm_apdu,
    .atr = atr,
    .used = used,
};
