/* Fuzz target: a reference card with keys and an open secure-messaging session gets objects of any form, with a wrong
 * or a right MAC, and plain commands between them.
 *
 * input: | 1 what: b1 triple DES instead of AES, b2 extended APDUs | records: 1 kind, 1 n, n bytes |
 *   kind 0: a whole command as it is   1: behind 0C B0 81 00 Lc, without MAC   2: the same with a right 8E
 *        3: INS P1 P2, then data, protected as it should be   4: behind 08 D6 85 00 Lc   5: a new session
 *        6: bytes of the key records change: { 2 address, 1 value }
 *
 * Whatever comes, the card neither crashes nor hangs; a command with a right MAC is answered under one; and without the
 * session nothing that it guards is given. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/apdu.h"
#include "runtime/base/rd.h"
#include "runtime/crypto/mac.h"
#include "runtime/sim/reference/card.h"
#include "runtime/sim/reference/reference.h"
#include "runtime/sm/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DES_KEY, AES_KEY, KEYS, MODELS = 4, GUARDED = 0x77 };

static const uint8_t key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
static const uint8_t aid[] = {0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01};
static struct sim model[MODELS], card;
static struct sm_session *terminal;
static unsigned suite;

static uint16_t add_rule(struct contract *c, enum rule_op op, unsigned a, unsigned b)
{
	c->rule[c->n_rules] = (struct contract_rule){(uint8_t)op, (uint16_t)a, (uint16_t)b};
	return c->n_rules++;
}

static void add_file(struct contract *c, unsigned sfi, uint16_t rule, int fill)
{
	c->file[c->n_files++] = (struct contract_file){
	    .fid = (uint16_t)sfi, .sfi = (uint8_t)sfi, .size = 300, .content = c->pool_len, .rule = {rule, rule}};
	memset(c->pool + c->pool_len, fill, 300);
	c->pool_len += 300;
}

static void add_key(struct contract *c, bool aes)
{
	uint16_t i = c->n_keys++, v = c->n_values;
	c->key[i] = (struct contract_key){.ref = (uint8_t)(i + 1),
	    .algorithm = aes ? KEY_AES_128 : KEY_DES_EDE2,
	    .use = KEY_MUTUAL,
	    .suite = aes ? SUITE_BAC_AES : SUITE_BAC_3DES,
	    .tries = 15,
	    .value = v,
	    .value_mac = (uint16_t)(v + 1)};
	c->value[v] = (struct contract_value){.name = {(char)('a' + v)}, .kind = VALUE_KEY, .target = i, .max = 16};
	c->value[v + 1] =
	    (struct contract_value){.name = {(char)('b' + v)}, .kind = VALUE_KEY_MAC, .target = i, .max = 16};
	c->n_values = (uint16_t)(v + 2);
}

static void send(const uint8_t *cmd, size_t n, struct buf *rsp)
{
	buf_clear(rsp);
	sim_apdu(&card, cmd, n, rsp);
	assert(rsp->n >= 2);
}

static void select_ap(void)
{
	struct buf rsp = {0};
	uint8_t cmd[5 + sizeof aid] = {0x00, 0xa4, 0x04, 0x0c, sizeof aid};
	memcpy(cmd + 5, aid, sizeof aid);
	sim_power_up(&card);
	send(cmd, sizeof cmd, &rsp);
	buf_reset(&rsp);
}

static void make(unsigned which)
{
	struct contract *c = calloc(1, sizeof *c + 1000);
	struct diag_list d = {0};
	if (c == NULL)
		abort();
	strcpy(c->id, "fuzz");
	memcpy(c->aid, aid, sizeof aid);
	c->aid_len = sizeof aid;
	c->n_rules = 2;
	c->rule[1].op = RULE_ALWAYS;
	c->sm_response = SM_ENC_MAC;
	c->extended = (which & 2) != 0;
	add_key(c, false);
	add_key(c, true);
	uint16_t guarded = add_rule(c, RULE_SM, SM_ENC_MAC, which & 1 ? AES_KEY : DES_KEY);
	add_file(c, 1, 1, 0x11);
	add_file(c, 4, guarded, GUARDED);
	add_file(c, 5, add_rule(c, RULE_SM, SM_ENC, CONTRACT_NONE), 0x55);
	c->size = (uint32_t)sizeof *c + c->pool_len;
	if (!sim_new_in_memory(&model[which], NULL, c, which, &d))
		abort();
	struct reference_value v[] = {{"a", key, 16}, {"b", key, 16}, {"c", key, 16}, {"d", key, 16}};
	if (reference_personalise(&model[which], v, 4) != SW_OK)
		abort();
	free(c);
}

static void open_session(void)
{
	struct sm_opening o = {.suite = suite == AES_KEY ? SM_BAC_AES : SM_BAC_3DES, .key_len = 16};
	struct buf token = {0}, rsp = {0};
	uint8_t cmd[80] = {0x00, 0x82, 0x00, (uint8_t)(0x81 + suite)};
	memcpy(o.k_enc, key, 16);
	memcpy(o.k_mac, key, 16);
	send((const uint8_t *)"\x00\x84\x00\x00\x08", 5, &rsp);
	if (rsp.n == 10) {
		memcpy(o.rnd_ic, rsp.p, 8);
		if (!sm_token(&o, &token))
			abort();
		cmd[4] = (uint8_t)token.n;
		memcpy(cmd + 5, token.p, token.n);
		send(cmd, 5 + token.n, &rsp);
		sm_session_free(terminal);
		terminal = sm_open(&o, rsp.p, rsp.n - 2);
		/* the key may be blocked by now */
		assert(terminal != NULL || rsp.n == 2);
	}
	buf_reset(&token);
	buf_reset(&rsp);
}

static const struct channel *channel(void)
{
	return &((const struct session *)card.ram)->security.channel;
}

/* A right MAC over any objects, by the card's own keys. */
static void right_mac(const uint8_t header[4], const uint8_t *p, size_t n, uint8_t out[MAC_MAX])
{
	struct channel ch = *channel();
	size_t block = ch.algorithm == CIPHER_AES ? 16 : 8;
	struct buf in = {0};
	for (size_t i = block; i-- > 0 && ++ch.ssc[i] == 0;)
		;
	buf_add(&in, ch.ssc, block);
	buf_add(&in, header, 4);
	for (unsigned b = 0x80; b != 0 || in.n % block != 0; b = 0)
		buf_u8(&in, b);
	if (n != 0) {
		buf_add(&in, p, n);
		for (unsigned b = 0x80; b != 0 || in.n % block != 0; b = 0)
			buf_u8(&in, b);
	}
	struct mac *m = mac_new(ch.algorithm == CIPHER_AES ? MAC_CMAC_AES : MAC_RETAIL_DES, ch.mac, ch.key_len);
	if (m == NULL || in.bad || !mac_compute(m, in.p, in.n, out))
		abort();
	mac_free(m);
	buf_reset(&in);
}

static void send_objects(const uint8_t header[4], const uint8_t *p, size_t n, bool mac)
{
	uint8_t body[300], sum[MAC_MAX];
	struct buf cmd = {0}, rsp = {0};
	bool was_open = channel()->open;
	if (mac && n > APDU_SHORT_DATA - 10)
		n = APDU_SHORT_DATA - 10;
	memcpy(body, p, n);
	if (mac && was_open) {
		right_mac(header, p, n, sum);
		memcpy(body + n, "\x8e\x08", 2);
		memcpy(body + n + 2, sum, 8);
		n += 10;
	}
	struct apdu a = {header[0], header[1], header[2], header[3], body, n, 256, true, true, false};
	apdu_write(&cmd, &a);
	send(cmd.p, cmd.n, &rsp);
	/* An answer is protected exactly when the session goes on, except in class 08, where it may be bare. */
	if (header[0] == 0x0c)
		assert((rsp.n > 2) == channel()->open);
	buf_reset(&cmd);
	buf_reset(&rsp);
}

/* A good command in the session, of any content. */
static void send_good(struct rd *r)
{
	struct apdu a = {.ins = rd_u8(r), .p1 = rd_u8(r), .p2 = rd_u8(r)};
	struct buf cmd = {0}, rsp = {0}, plain = {0};
	a.lc = rd_left(r);
	a.data = rd_bytes(r, a.lc);
	a.has_le = (a.p2 & 1) != 0;
	a.le = a.has_le ? 256 : 0;
	if (terminal != NULL && a.lc <= 200 && sm_wrap(terminal, SM_MODE_ENC_MAC, &a, &cmd)) {
		bool fits = channel()->open;
		send(cmd.p, cmd.n, &rsp);
		enum sm_answer k = sm_unwrap(terminal, rsp.p, rsp.n, &plain);
		assert(!fits || k != SM_ANSWER_WRONG || rsp.n == 2 || !channel()->open);
	}
	buf_reset(&cmd);
	buf_reset(&rsp);
	buf_reset(&plain);
}

static void damage_keys(uint32_t at, uint8_t v)
{
	const struct layout *l = &((const struct session *)card.ram)->at;
	card.nv.mem[l->keys[0] + at % (l->bodies - l->keys[0])] = v;
}

static void one(struct rd *all)
{
	static const uint8_t read[4] = {0x0c, 0xb0, 0x81, 0x00}, compatible[4] = {0x08, 0xd6, 0x85, 0x00};
	struct buf rsp = {0};
	unsigned kind = rd_u8(all) % 7;
	size_t n = rd_u8(all);
	struct rd r = rd_sub(all, n < rd_left(all) ? n : rd_left(all));
	n = rd_left(&r);
	switch (kind) {
	case 0:
		if (n != 0)
			send(r.p + r.at, n, &rsp);
		break;
	case 1:
	case 2:
		if (n != 0 || kind == 2)
			send_objects(read, n == 0 ? read : r.p + r.at, n, kind == 2);
		break;
	case 3:
		send_good(&r);
		break;
	case 4:
		if (n != 0)
			send_objects(compatible, r.p + r.at, n, false);
		break;
	case 5:
		open_session();
		break;
	case 6:
		while (rd_left(&r) >= 3)
			damage_keys(rd_u16(&r), rd_u8(&r));
		break;
	}
	buf_reset(&rsp);
}

/* What the session guards is not given without it. */
static void check_guard(void)
{
	struct buf rsp = {0};
	send((const uint8_t *)"\x00\xa4\x02\x0c\x02\x00\x04", 7, &rsp);
	send((const uint8_t *)"\x00\xb0\x00\x00\x10", 5, &rsp);
	assert(rsp.n == 2);
	buf_reset(&rsp);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_of(data, size);
	unsigned which = rd_u8(&r) & (MODELS - 1);
	if (model[which].family == NULL)
		make(which);
	if (card.family != NULL)
		sim_close(&card);
	if (!sim_copy(&card, &model[which]))
		abort();
	suite = which & 1 ? AES_KEY : DES_KEY;
	select_ap();
	sm_session_free(terminal);
	terminal = NULL;
	open_session();
	while (rd_left(&r) != 0)
		one(&r);
	check_guard();
	return 0;
}
