/* Symmetric keys, GET CHALLENGE, EXTERNAL and INTERNAL AUTHENTICATE: contract 8.
 *
 * Keys are objects in the array `keys`, by row - 1; their tries stand one behind the other in `data`. The challenge is
 * in `ram`: its length (0: none) and its bytes. */
#include "compiler/emit/javacard/jcg.h"

#include <assert.h>

#include "runtime/base/iso7816.h"

enum { MODE_ENCRYPT = 2, AES_BLOCK_LEN = 16, DES_BLOCK_LEN = 8 };

static bool is_des(const struct contract_key *k)
{
	return k->algorithm == KEY_DES_EDE2;
}

static unsigned block_of(const struct contract_key *k)
{
	return is_des(k) ? DES_BLOCK_LEN : AES_BLOCK_LEN;
}

static unsigned bits_of(const struct contract_key *k)
{
	return k->algorithm == KEY_AES_192 ? 192 : k->algorithm == KEY_AES_256 ? 256 : 128;
}

bool jcg_any_use(const struct jcg *g, enum key_use use)
{
	for (uint16_t i = 0; i < g->c->n_keys; i++)
		if (g->c->key[i].use == use)
			return true;
	return false;
}

static bool any_des(const struct jcg *g, bool des)
{
	for (uint16_t i = 0; i < g->c->n_keys; i++)
		if (is_des(&g->c->key[i]) == des)
			return true;
	return false;
}

/* Contract 8: the AP's longest challenge. */
static unsigned longest(const struct jcg *g)
{
	unsigned n = DES_BLOCK_LEN;
	for (uint16_t i = 0; i < g->c->n_keys; i++)
		if (g->c->key[i].use == KEY_EXTERNAL && block_of(&g->c->key[i]) > n)
			n = block_of(&g->c->key[i]);
	return n;
}

/* ---- what the chip has ---- */

/* One block: CBC with an initial vector of zeros is ECB. Mutual authentication needs CBC for more. */
static int cipher_of(const struct chip *chip, bool des, bool chained)
{
	enum { ALG_DES_CBC_NOPAD = 1, ALG_DES_ECB_NOPAD = 5, ALG_AES_CBC_NOPAD = 13, ALG_AES_ECB_NOPAD = 14 };
	if (!chained && chip_fact_has(chip, CHIP_ALG_CIPHER, des ? "ALG_DES_ECB_NOPAD" : "ALG_AES_BLOCK_128_ECB_NOPAD"))
		return des ? ALG_DES_ECB_NOPAD : ALG_AES_ECB_NOPAD;
	if (chip_fact_has(chip, CHIP_ALG_CIPHER, des ? "ALG_DES_CBC_NOPAD" : "ALG_AES_BLOCK_128_CBC_NOPAD"))
		return des ? ALG_DES_CBC_NOPAD : ALG_AES_CBC_NOPAD;
	return 0;
}

static int random_of(const struct chip *chip)
{
	enum { ALG_PSEUDO_RANDOM = 1, ALG_SECURE_RANDOM = 2 };
	if (chip_fact_has(chip, CHIP_ALG_RANDOM, "ALG_SECURE_RANDOM"))
		return ALG_SECURE_RANDOM;
	return chip_fact_has(chip, CHIP_ALG_RANDOM, "ALG_PSEUDO_RANDOM") ? ALG_PSEUDO_RANDOM : 0;
}

const char *jcg_key_beyond(const struct plan *p, struct srcloc *at)
{
	const struct contract *c = p->contract;
	const struct chip *chip = p->chip;
	for (uint16_t i = 0; i < c->n_keys; i++) {
		const struct contract_key *k = &c->key[i];
		*at = p->description->where->key[i].algorithm;
		if (k->algorithm > KEY_AES_256)
			return "algorithm=\"rsa\", \"ec\"";
		const char *mutual = k->use == KEY_MUTUAL ? jcg_mutual_beyond(p, k) : NULL;
		if (mutual != NULL)
			return mutual;
		if (is_des(k) ? !chip_fact_has(chip, CHIP_KEY_DES, "128") || cipher_of(chip, true, false) == 0
			      : !chip_fact_has(chip, CHIP_KEY_AES,
				    bits_of(k) == 128       ? "128"
					: bits_of(k) == 192 ? "192"
							    : "256") ||
			    cipher_of(chip, false, false) == 0)
			return is_des(k) ? "algorithm=\"des-ede2\"" : "algorithm=\"aes\"";
		if (random_of(chip) == 0)
			return "GET CHALLENGE";
	}
	return NULL;
}

/* ---- layout ---- */

static bool proves(const struct jcg *g, uint16_t key)
{
	for (uint16_t i = 0; i < g->c->n_rules; i++)
		if (g->c->rule[i].op == RULE_AUTH && g->c->rule[i].a == key)
			return true;
	return false;
}

/* In jicsap P2 may name a PIN or an EF besides. */
static bool has_external(const struct jcg *g)
{
	return jcg_jicsap(g->c) || jcg_any_use(g, KEY_EXTERNAL) || jcg_any_use(g, KEY_MUTUAL);
}

static bool has_internal(const struct jcg *g)
{
	return jcg_jicsap(g->c) || jcg_any_use(g, KEY_INTERNAL);
}

static void layout(struct jcg *g)
{
	const uint16_t n = g->c->n_keys;
	if (n == 0)
		return;
	g->key_tries = jcg_data(g, n);
	g->challenge = jcg_ram(g, 1 + AES_BLOCK_LEN);
	for (uint16_t i = 0; i < n; i++) {
		const struct contract_key *k = &g->c->key[i];
		unsigned row = ++g->rows[JCG_KEYS];
		int8_t p2 = (int8_t)(0x80 | k->ref);
		jcg_initial(g, (uint16_t)(g->key_tries + i), &k->tries, 1);
		jcg_cell(g, row, JCG_KEY_EXTERNAL, k->use == KEY_EXTERNAL ? p2 : 0);
		jcg_cell(g, row, JCG_KEY_INTERNAL, k->use == KEY_INTERNAL ? p2 : 0);
		jcg_cell(g, row, JCG_KEY_MUTUAL, k->use == KEY_MUTUAL ? p2 : 0);
		jcg_cell(g, row, JCG_KEY_MATERIAL, bits_of(k) == 128 ? 16 : 32);
		jcg_cell(g, row, JCG_KEY_BLOCK, (int32_t)block_of(k));
		jcg_cell(g, row, JCG_KEY_TRIES, k->tries);
		jcg_cell(g, row, JCG_KEY_ATOM, proves(g, i) ? (int32_t)jcg_atom(g, RULE_AUTH, i, 0) : 0);
		jcg_cell(g, row, JCG_KEY_DF, jcg_df_bit(k->df));
	}
	jcg_command(g, 0x00, INS_GET_CHALLENGE, "&challenge");
	jcg_command(g, 0x00, INS_EXTERNAL_AUTHENTICATE, has_external(g) ? "&external" : "!6A88");
	jcg_command(g, 0x00, INS_INTERNAL_AUTHENTICATE, has_internal(g) ? "&internal" : "!6A88");
}

/* ---- objects ---- */

static void make_cipher(struct jcg *g, bool des)
{
	if (any_des(g, des))
		jcg_code(g, "aload this ; push %d ; sconst_0 ; call cipherInstance ; putfield_a Ap.%s",
		    cipher_of(g->plan->chip, des, jcg_any_use(g, KEY_MUTUAL)), des ? "des" : "aes");
}

static void make(struct jcg *g)
{
	enum { TYPE_DES = 3, TYPE_AES = 15 };
	const unsigned n = g->c->n_keys;
	if (n == 0)
		return;
	jcg_code(g, "aload this ; push %u ; anewarray javacard/security/Key ; putfield_a Ap.keys",
	    jcg_any_use(g, KEY_MUTUAL) ? 2 * n : n);
	for (unsigned i = 0; i < 2 * n; i++) {
		const struct contract_key *k = &g->c->key[i % n];
		if (i >= n && k->use != KEY_MUTUAL)
			continue;
		jcg_code(g,
		    "getfield_a_this Ap.keys ; push %u ; push %d ; push %u ; sconst_0 ; call buildKey ; aastore", i,
		    is_des(k) ? TYPE_DES : TYPE_AES, bits_of(k));
	}
	make_cipher(g, false);
	make_cipher(g, true);
	jcg_code(g, "aload this ; push %d ; call randomInstance ; putfield_a Ap.random", random_of(g->plan->chip));
}

/* ---- code ---- */

/* Both lengths are always given: contract 8. */
static void challenge(struct jcg *g)
{
	jcg_begin(g, "&challenge");
	jcg_code(g, "aload buf ; sconst_2 ; call getShort ; ifne !6A86 ; aload apdu ; call setOutgoing ; sstore n");
	jcg_code(g, "sload n ; push 255 ; sand ; ifne .given ; push %u ; sstore n ; .given:", longest(g));
	jcg_code(g, "sload n ; push 16 ; if_scmpeq .fits ; sload n ; push 8 ; if_scmpne !6700 ; .fits:");
	jcg_code(g, "getfield_a_this Ap.random ; getfield_a_this Ap.ram ; push %u ; sload n ; call generateData",
	    g->challenge + 1u);
	jcg_code(g, "getfield_a_this Ap.ram ; push %u ; sload n ; bastore", g->challenge);
	jcg_code(
	    g, "getfield_a_this Ap.ram ; astore out ; push %u ; sstore from ; jsr @send ; return", g->challenge + 1u);
}

void jcg_forget_challenge(struct jcg *g)
{
	if (g->c->n_keys != 0)
		jcg_code(g, "getfield_a_this Ap.ram ; push %u ; sconst_0 ; bastore", g->challenge);
}

/* Push the cipher of the key, ready to encrypt with it. */
static void push_cipher(struct jcg *g)
{
	bool aes = any_des(g, false), des = any_des(g, true);
	jcg_begin(g, NULL);
	if (aes && des) {
		jcg_load(g, JCG_KEY_BLOCK);
		jcg_code(g, "push 16 ; if_scmpeq .aes ; getfield_a_this Ap.des ; astore cipher ; goto .got");
		jcg_code(g, ".aes: ; getfield_a_this Ap.aes ; astore cipher ; .got:");
	} else
		jcg_code(g, "getfield_a_this Ap.%s ; astore cipher", aes ? "aes" : "des");
	jcg_code(g, "aload cipher");
	jcg_push_key(g, 0);
	jcg_code(g, "push %d ; call cipherInit ; aload cipher", MODE_ENCRYPT);
}

void jcg_push_key(struct jcg *g, unsigned base)
{
	jcg_code(g, "getfield_a_this Ap.keys");
	jcg_index(g, JCG_KEYS, base);
	jcg_code(g, "aaload");
}

void jcg_push_tries(struct jcg *g)
{
	jcg_code(g, "getfield_a_this Ap.data");
	jcg_index(g, JCG_KEYS, g->key_tries);
}

/* Without data or with P1 other than 00, and the key. */
static void find_key(struct jcg *g, enum jcg_column col, const char *missing)
{
	jcg_code(g, "jsr @receive ; aload buf ; sconst_2 ; baload ; ifne !6A86 ; sload lc ; ifeq !6700");
	jcg_code(g, "aload buf ; sconst_3 ; baload ; sstore p2");
	jcg_find_key(g, col, missing);
}

/* A challenge serves one comparison, and a failure clears what an earlier one proved. The try is used up first. */
static void external(struct jcg *g)
{
	jcg_begin(g, "&external");
	find_key(g, JCG_KEY_EXTERNAL, jcg_any_use(g, KEY_MUTUAL) ? "&mutual" : "!6A88");
	if (!jcg_any_use(g, KEY_EXTERNAL))
		return;
	if (jcg_secure(g))
		jcg_code(g, "sload has-le ; ifne !6700"); /* only mutual authentication answers with data */
	jcg_push_tries(g);
	jcg_code(g, "baload ; sstore tries ; sload tries ; ifeq %s", jcg_blocked(g));
	jcg_load(g, JCG_KEY_BLOCK);
	jcg_code(g, "sstore n ; getfield_a_this Ap.ram ; push %u ; baload ; sload n ; if_scmpne !6985", g->challenge);
	jcg_code(g, "sload lc ; sload n ; if_scmpne !6700 ; sinc tries -1");
	jcg_push_tries(g);
	jcg_code(g, "sload tries ; bastore");
	push_cipher(g);
	jcg_code(g, "getfield_a_this Ap.ram ; push %u ; sload n ; aload buf ; push 21 ; call doFinal ; pop",
	    g->challenge + 1u);
	jcg_forget_challenge(g);
	jcg_clear_atom(g, JCG_KEY_ATOM);
	jcg_code(g, "aload buf ; sconst_5 ; aload buf ; push 21 ; sload n ; call arrayCompare ; ifne &tries");
	jcg_push_tries(g);
	jcg_load(g, JCG_KEY_TRIES);
	jcg_code(g, "bastore");
	jcg_set_atom(g, JCG_KEY_ATOM);
	jcg_code(g, "return");
}

static void internal(struct jcg *g)
{
	jcg_begin(g, "&internal");
	find_key(g, JCG_KEY_INTERNAL, "!6A88");
	if (!jcg_any_use(g, KEY_INTERNAL))
		return;
	jcg_load(g, JCG_KEY_BLOCK);
	jcg_code(g, "sstore n ; sload lc ; sload n ; if_scmpne !6700");
	jcg_begin(g, NULL);
	jcg_code(g,
	    "aload apdu ; call setOutgoing ; push 255 ; sand ; sstore k ; sload k ; ifeq .fits ; sload k ; sload n ; "
	    "if_scmpne !6700 ; .fits:");
	push_cipher(g);
	jcg_code(g, "aload buf ; sconst_5 ; sload n ; aload buf ; sconst_5 ; call doFinal ; pop");
	jcg_code(g, "aload buf ; astore out ; sconst_5 ; sstore from ; jsr @send ; return");
}

static void code(struct jcg *g)
{
	if (g->c->n_keys == 0)
		return;
	challenge(g);
	if (has_external(g))
		external(g);
	if (has_internal(g))
		internal(g);
}

const struct jcg_part jcg_key = {.layout = layout, .make = make, .code = code};
