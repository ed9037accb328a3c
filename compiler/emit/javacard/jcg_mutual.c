/* Mutual authentication, suites bac-aes and bac-3des (contract 8), and the MAC that it shares with secure messaging.
 *
 * What is protected comes in whole blocks, so CMAC (RFC 4493) is: E over the blocks, chained, the last one xor K1
 * first, K1 = 2 E(0). It is made block by block with the chip's cipher: few chips have CMAC, all with AES have that.
 *
 * ram, at jcg.mac: the chained block, then K1. */
#include "compiler/emit/javacard/jcg.h"

#include <assert.h>

enum { BLOCK = 16, MAC_LEN = 8, RND = 8, MODE_DECRYPT = 1, MODE_ENCRYPT = 2 };
/* Where things lie in the buffer: the answer from 0, behind it K.IFD, later the seed. */
enum { AT_SEED = 64 };

const char *jcg_mutual_beyond(const struct plan *p, const struct contract_key *k)
{
	const struct contract *c = p->contract;
	for (uint16_t i = 0; i < c->n_keys; i++)
		if (c->key[i].use == KEY_MUTUAL && c->key[i].suite != k->suite)
			return "suite=\"bac-3des\" beside suite=\"bac-aes\"";
	if (k->suite == SUITE_BAC_3DES)
		return chip_fact_has(p->chip, CHIP_ALG_CIPHER, "ALG_DES_CBC_NOPAD") &&
			chip_fact_has(p->chip, CHIP_ALG_SIGNATURE, "ALG_DES_MAC8_ISO9797_1_M2_ALG3")
		    ? NULL
		    : "suite=\"bac-3des\"";
	return chip_fact_has(p->chip, CHIP_ALG_CIPHER, "ALG_AES_BLOCK_128_CBC_NOPAD") ? NULL : "use=\"mutual\"";
}

static void layout(struct jcg *g)
{
	if (jcg_any_use(g, KEY_MUTUAL))
		g->mac = jcg_ram(g, 2 * BLOCK);
}

static bool is_des(const struct jcg *g)
{
	for (uint16_t i = 0; i < g->c->n_keys; i++)
		if (g->c->key[i].use == KEY_MUTUAL)
			return g->c->key[i].suite == SUITE_BAC_3DES;
	return false;
}

static void make(struct jcg *g)
{
	enum { ALG_DES_MAC8_ISO9797_1_M2_ALG3 = 20 };
	if (is_des(g))
		jcg_code(g, "aload this ; push %d ; sconst_0 ; call signatureInstance ; putfield_a Ap.retail",
		    ALG_DES_MAC8_ISO9797_1_M2_ALG3);
}

/* ---- the retail MAC of bac-3des: the platform's, which pads by itself ---- */

static void retail_key(struct jcg *g)
{
	enum { MODE_SIGN = 1 };
	jcg_code(
	    g, "getfield_a_this Ap.retail ; aload mkey ; push %d ; call signatureInit ; ret ra-mac_key", MODE_SIGN);
}

static void retail(struct jcg *g)
{
	jcg_code(g, "getfield_a_this Ap.retail ; aload src ; sload at ; sload n ; call signatureUpdate ; ret ra-mac");
}

/* Of the four bytes of a header. */
static void retail_pad(struct jcg *g)
{
	static const uint8_t padding[] = {0x80, 0, 0, 0};
	uint16_t at = jcg_bytes(g, padding, sizeof padding);
	jcg_code(g,
	    "getfield_a_this Ap.retail ; getstatic_a Ap.bytes ; push %u ; sconst_4 ; call signatureUpdate ; "
	    "ret ra-mac_pad",
	    at);
}

static void retail_end(struct jcg *g)
{
	jcg_code(g,
	    "getfield_a_this Ap.retail ; aload src ; sconst_0 ; sconst_0 ; getfield_a_this Ap.ram ; push %u ; "
	    "call sign ; pop ; ret ra-mac_end",
	    g->mac);
}

/* ---- CMAC ---- */

static void encrypt_block(struct jcg *g, unsigned to)
{
	jcg_code(g,
	    "getfield_a_this Ap.aes ; getfield_a_this Ap.ram ; push %u ; push %d ; getfield_a_this Ap.ram ; push %u ; "
	    "call doFinal ; pop",
	    g->mac, BLOCK, to);
}

void jcg_routine_mac_key(struct jcg *g)
{
	if (is_des(g)) {
		retail_key(g);
		return;
	}
	const unsigned k1 = g->mac + BLOCK;
	jcg_code(g, "getfield_a_this Ap.aes ; aload mkey ; push %d ; call cipherInit", MODE_ENCRYPT);
	jcg_code(
	    g, "getfield_a_this Ap.ram ; push %u ; push %d ; sconst_0 ; call arrayFillNonAtomic ; pop", g->mac, BLOCK);
	encrypt_block(g, k1);
	/* Doubled: a bit to the left, and 87 into the last byte when one is lost; c: what the next byte to the left
	 * gets. */
	jcg_code(g,
	    "sconst_0 ; sstore c ; getfield_a_this Ap.ram ; push %u ; baload ; ifge .even ; push 0x87 ; sstore c ; "
	    ".even:",
	    k1);
	jcg_code(g, "push %d ; sstore k ; .next:", BLOCK - 1);
	jcg_code(g, "getfield_a_this Ap.ram ; push %u ; sload k ; sadd ; baload ; sstore b", k1);
	jcg_code(g,
	    "getfield_a_this Ap.ram ; push %u ; sload k ; sadd ; sload b ; sconst_1 ; sshl ; sload c ; sxor ; bastore",
	    k1);
	jcg_code(g, "sconst_0 ; sstore c ; sload b ; ifge .none ; sconst_1 ; sstore c ; .none:");
	jcg_code(g, "sinc k -1 ; sload k ; ifge .next ; sconst_0 ; sstore mpos ; ret ra-mac_key");
}

/* A full block is enciphered when something follows it. */
static void next_block(struct jcg *g)
{
	jcg_code(g, "sload mpos ; push %d ; if_scmpne .room", BLOCK);
	encrypt_block(g, g->mac);
	jcg_code(g, "sconst_0 ; sstore mpos ; .room:");
}

void jcg_routine_mac(struct jcg *g)
{
	if (is_des(g)) {
		retail(g);
		return;
	}
	jcg_code(g, ".next: ; sload n ; ifeq .end");
	next_block(g);
	jcg_code(g, "getfield_a_this Ap.ram ; push %u ; sload mpos ; sadd ; dup_x 2 0", g->mac);
	jcg_code(g,
	    "baload ; aload src ; sload at ; baload ; sxor ; bastore ; sinc mpos 1 ; sinc at 1 ; sinc n -1 ; goto "
	    ".next");
	jcg_code(g, ".end: ; ret ra-mac");
}

void jcg_routine_mac_pad(struct jcg *g)
{
	if (is_des(g)) {
		retail_pad(g);
		return;
	}
	next_block(g);
	jcg_code(g,
	    "getfield_a_this Ap.ram ; push %u ; sload mpos ; sadd ; dup_x 2 0 ; baload ; push 0x80 ; sxor ; bastore",
	    g->mac);
	jcg_code(g, "push %d ; sstore mpos ; ret ra-mac_pad", BLOCK);
}

void jcg_routine_mac_end(struct jcg *g)
{
	if (is_des(g)) {
		retail_end(g);
		return;
	}
	jcg_code(g,
	    "push %d ; sstore k ; .next: ; getfield_a_this Ap.ram ; push %u ; sload k ; sadd ; dup_x 2 0 ; baload",
	    BLOCK - 1, g->mac);
	jcg_code(g, "getfield_a_this Ap.ram ; push %u ; sload k ; sadd ; baload ; sxor ; bastore", g->mac + BLOCK);
	jcg_code(g, "sinc k -1 ; sload k ; ifge .next");
	encrypt_block(g, g->mac);
	jcg_code(g, "ret ra-mac_end");
}

/* In the same time wherever they differ. */
void jcg_routine_same(struct jcg *g)
{
	jcg_code(g, "sconst_0 ; sstore b ; push %d ; sstore k ; .next: ; sinc k -1", MAC_LEN);
	jcg_code(g, "aload buf ; sload mv ; sload k ; sadd ; baload");
	jcg_code(g, "getfield_a_this Ap.ram ; sload ours ; sload k ; sadd ; baload ; sxor ; sload b ; sor ; sstore b");
	jcg_code(g, "sload k ; ifgt .next ; ret ra-same");
}

/* ---- the dialogue ---- */

/* The MAC of the l bytes of buf from `at` on, with K.MAC. */
static void mac_of(struct jcg *g, unsigned at)
{
	jcg_push_key(g, g->c->n_keys);
	jcg_code(g,
	    "astore mkey ; jsr @mac_key ; aload buf ; astore src ; push %u ; sstore at ; sload l ; sstore n ; jsr @mac "
	    "; "
	    "jsr @mac_end",
	    at);
}

static void crypt(struct jcg *g, int mode, unsigned at)
{
	const char *cipher = is_des(g) ? "des" : "aes";
	jcg_code(g, "getfield_a_this Ap.%s", cipher);
	jcg_push_key(g, 0);
	jcg_code(g,
	    "push %d ; call cipherInit ; getfield_a_this Ap.%s ; aload buf ; push %u ; sload l ; aload buf ; push %u ; "
	    "call doFinal ; pop",
	    mode, cipher, at, at);
}

/* Contract 3, numbers 7 to 10. */
static void checks(struct jcg *g)
{
	jcg_find_key(g, JCG_KEY_MUTUAL, "!6A88");
	jcg_push_tries(g);
	jcg_code(g, "baload ; sstore tries ; sload tries ; ifeq %s", jcg_blocked(g));
	if (jcg_secure(g))
		jcg_code(g, "sload sm ; ifne !6985");
	jcg_code(g, "getfield_a_this Ap.ram ; push %u ; baload ; push %d ; if_scmpne !6985", g->challenge, RND);
	jcg_load(g, JCG_KEY_MATERIAL);
	jcg_code(
	    g, "push %d ; sadd ; sstore l ; sload lc ; sload l ; push %d ; sadd ; if_scmpne !6700", 2 * RND, MAC_LEN);
	jcg_begin(g, NULL);
	jcg_code(g,
	    "aload apdu ; call setOutgoing ; push 255 ; sand ; sstore k ; sload k ; ifeq .fits ; sload k ; sload lc ; "
	    "if_scmpne !6700 ; .fits:");
}

/* The try goes first; then the MAC, then what it protects. */
static void check_token(struct jcg *g)
{
	jcg_code(g, "sinc tries -1");
	jcg_push_tries(g);
	jcg_code(g, "sload tries ; bastore");
	jcg_forget_challenge(g);
	jcg_clear_atom(g, JCG_KEY_ATOM);
	mac_of(g, 5);
	jcg_code(g, "push %u ; sstore ours ; sload l ; sconst_5 ; sadd ; sstore mv ; jsr @same ; sload b ; ifne &tries",
	    g->mac);
	crypt(g, MODE_DECRYPT, 5);
	jcg_code(g, "push %u ; sstore ours ; push %d ; sstore mv ; jsr @same ; sload b ; ifne &tries",
	    g->challenge + 1u, 5 + RND);
}

static void answer(struct jcg *g)
{
	jcg_code(g,
	    "aload buf ; push %d ; aload buf ; push %d ; sload l ; push %d ; ssub ; call arrayCopyNonAtomic ; pop",
	    5 + 2 * RND, AT_SEED, 2 * RND);
	jcg_code(g, "aload buf ; sconst_5 ; aload buf ; push %d ; push %d ; call arrayCopyNonAtomic ; pop", RND, RND);
	jcg_code(g, "getfield_a_this Ap.ram ; push %u ; aload buf ; sconst_0 ; push %d ; call arrayCopyNonAtomic ; pop",
	    g->challenge + 1u, RND);
	jcg_code(g, "getfield_a_this Ap.random ; aload buf ; push %d ; sload l ; push %d ; ssub ; call generateData",
	    2 * RND, 2 * RND);
	jcg_secure_seed(g, AT_SEED, 2 * RND);
	crypt(g, MODE_ENCRYPT, 0);
	mac_of(g, 0);
	jcg_code(g, "getfield_a_this Ap.ram ; push %u ; aload buf ; sload l ; push %d ; call arrayCopyNonAtomic ; pop",
	    g->mac, MAC_LEN);
}

static void code(struct jcg *g)
{
	if (!jcg_any_use(g, KEY_MUTUAL))
		return;
	jcg_begin(g, "&mutual");
	checks(g);
	check_token(g);
	answer(g);
	jcg_push_tries(g);
	jcg_load(g, JCG_KEY_TRIES);
	jcg_code(g, "bastore");
	jcg_secure_open(g, AT_SEED);
	jcg_code(g, "aload buf ; push %d ; push %d ; sconst_0 ; call arrayFillNonAtomic ; pop", AT_SEED, AT_SEED);
	jcg_set_atom(g, JCG_KEY_ATOM);
	jcg_code(g,
	    "aload buf ; astore out ; sconst_0 ; sstore from ; sload l ; push %d ; sadd ; sstore n ; jsr @send ; "
	    "return",
	    MAC_LEN);
}

const struct jcg_part jcg_mutual = {.layout = layout, .make = make, .code = code};
