/* Secure messaging in class 0C (contract 9): 87 or 81, 97, 8E in a command; 87, 99, 8E in an answer.
 *
 * process: @unwrap checks and decrypts the command into its own place in the buffer, so that the commands see a plain
 * one (lc, the data from 5 on); setOutgoing becomes @le, which gives the Le of 97; @send puts the answer aside; and
 * both ways out, &done and &throw, lead to the answer's protection. What is wrong with the protection itself ends the
 * session and is answered in plain.
 *
 * ram, at jcg.secure: row of the session's key (0: none), the atoms of PINs verified inside it, the send sequence
 * counter. The level and key of the command are atoms of the local status, never of the one that is kept. */
#include "compiler/emit/javacard/jcg.h"

#include <assert.h>
#include <string.h>

#include "runtime/base/iso7816.h"

enum {
	BLOCK = 16, /* of AES, the longer one */
	MAC_LEN = 8,
	MODE_DECRYPT = 1,
	MODE_ENCRYPT = 2,
	STAGE = 4, /* where the answer's data are put aside: in front there is room for the tag of an object */
	AT_KEY = 0,
	AT_INSIDE = 1,
	AT_SSC = 3,
	SIZE = AT_SSC + BLOCK,
	TYPE_DES = 3, /* one and two below are those cleared on deselection and reset */
	TYPE_AES = 15,
	DIGEST = 100,    /* where a digest lies in the buffer while keys are made */
	FIRST_SSC = 124, /* and the first counter, with DES */
};

/* ---- what is carried ---- */

static bool opens(const struct contract *c, uint16_t key)
{
	if (c->key[key].use != KEY_MUTUAL)
		return false;
	for (uint16_t i = 0; i < c->n_rules; i++)
		if (c->rule[i].op == RULE_SM && (c->rule[i].b == key || c->rule[i].b == CONTRACT_NONE))
			return true;
	return false;
}

static const struct contract_key *first_opener(const struct contract *c)
{
	for (uint16_t i = 0; i < c->n_keys; i++)
		if (opens(c, i))
			return &c->key[i];
	return NULL;
}

const char *jcg_secure_beyond(const struct plan *p, struct srcloc *at)
{
	const struct contract *c = p->contract;
	const struct contract_key *first = first_opener(c);
	const struct chip_fact *buffer = &p->chip->fact[CHIP_JC_APDU_BUFFER];
	*at = p->description->where->ap;
	if (first == NULL)
		return NULL;
	for (uint16_t i = 0; i < c->n_rules; i++)
		if (c->rule[i].op == RULE_SM && c->rule[i].a == SM_ENC)
			return "sm(enc)";
	for (uint16_t i = 0; i < c->n_keys; i++)
		if (opens(c, i) && c->key[i].algorithm != first->algorithm)
			return "sm() with keys of different kinds";
	if (c->n_commands != 0)
		return "sm() with commands of the AP's own";
	if (buffer->present && buffer->number < 261)
		return "sm() with the chip's short buffer";
	return chip_fact_has(p->chip, CHIP_ALG_DIGEST,
		   first->algorithm == KEY_AES_128 || first->algorithm == KEY_DES_EDE2 ? "ALG_SHA" : "ALG_SHA_256")
	    ? NULL
	    : "sm()";
}

bool jcg_secure(const struct jcg *g)
{
	return first_opener(g->c) != NULL;
}

static bool is_des(const struct jcg *g)
{
	return first_opener(g->c)->algorithm == KEY_DES_EDE2;
}

static int block(const struct jcg *g)
{
	return is_des(g) ? 8 : BLOCK;
}

static const char *cipher(const struct jcg *g)
{
	return is_des(g) ? "des" : "aes";
}

unsigned jcg_secure_room(const struct jcg *g)
{
	return g->c->sm_response == SM_MAC ? 239 : is_des(g) ? 231 : 223;
}

/* ---- layout ---- */

static void layout(struct jcg *g)
{
	if (!jcg_secure(g))
		return;
	g->secure = jcg_ram(g, SIZE);
	for (uint16_t i = 0; i < g->c->n_keys; i++)
		jcg_cell(g, i + 1u, JCG_KEY_OPENS, opens(g->c, i));
	for (uint16_t i = 0; i < g->c->n_rules; i++)
		if (g->c->rule[i].op == RULE_SM)
			jcg_atom(g, RULE_SM, g->c->rule[i].a, g->c->rule[i].b);
}

unsigned jcg_secure_atoms(const struct jcg *g)
{
	unsigned all = 0;
	for (size_t i = 0; i < g->n_atoms; i++)
		if (g->atom[i].op == RULE_SM)
			all |= 1u << i;
	return all;
}

static unsigned key_bits(const struct jcg *g)
{
	static const uint16_t bits[] = {
	    [KEY_DES_EDE2] = 128, [KEY_AES_128] = 128, [KEY_AES_192] = 192, [KEY_AES_256] = 256};
	return bits[first_opener(g->c)->algorithm];
}

static const char *session_field(const struct jcg *g, bool enc)
{
	return is_des(g) ? enc ? "kdenc" : "kdmac" : enc ? "ksenc" : "ksmac";
}

/* The session's keys in transient memory where the chip has such keys; the session itself ends with it in any case. */
static void make(struct jcg *g)
{
	enum { ALG_SHA = 1, ALG_SHA_256 = 4 };
	if (!jcg_secure(g))
		return;
	const struct chip *chip = g->plan->chip;
	bool des = is_des(g);
	int type = des ? TYPE_DES : TYPE_AES;
	if (chip_fact_has(
		chip, CHIP_KEY_TRANSIENT, des ? "TYPE_DES_TRANSIENT_DESELECT" : "TYPE_AES_TRANSIENT_DESELECT"))
		type -= 1;
	else if (chip_fact_has(chip, CHIP_KEY_TRANSIENT, des ? "TYPE_DES_TRANSIENT_RESET" : "TYPE_AES_TRANSIENT_RESET"))
		type -= 2;
	for (int i = 0; i < 2; i++)
		jcg_code(g,
		    "aload this ; push %d ; push %u ; sconst_0 ; call buildKey ; checkcast javacard/security/%s ; "
		    "putfield_a Ap.%s",
		    type, key_bits(g), des ? "DESKey" : "AESKey", session_field(g, i == 0));
	jcg_code(g, "aload this ; push %d ; sconst_0 ; call digestInstance ; putfield_a Ap.sha",
	    key_bits(g) == 128 ? ALG_SHA : ALG_SHA_256);
}

const struct jcg_part jcg_secure_part = {.layout = layout, .make = make};

/* ---- the session ---- */

void jcg_secure_seed(struct jcg *g, unsigned seed, unsigned k_ic)
{
	if (!jcg_secure(g))
		return;
	jcg_begin(g, NULL);
	jcg_load(g, JCG_KEY_MATERIAL);
	jcg_code(g, "sstore k ; .next: ; sinc k -1 ; aload buf ; sload k ; push %u ; sadd ; dup_x 2 0 ; baload", seed);
	jcg_code(g, "aload buf ; sload k ; push %u ; sadd ; baload ; sxor ; bastore ; sload k ; ifgt .next", k_ic);
	/* RND.IC[4..7] || RND.IFD[4..7], which the answer has in front of K.IC. */
	for (unsigned i = 0; i < 2 && is_des(g); i++)
		jcg_code(g, "aload buf ; push %u ; aload buf ; push %u ; sconst_4 ; call arrayCopyNonAtomic ; pop",
		    k_ic - 16 + 8 * i + 4, FIRST_SSC + 4 * i);
}

/* KDF of ICAO 9303-11 9.7.1: digest of seed || 0000000n. The seed's end is at l - 16 + seed. */
static void session_key(struct jcg *g, const char *field, unsigned seed, int n)
{
	jcg_code(g, "aload buf ; sload k ; sconst_%d ; bastore", n);
	jcg_code(g,
	    "getfield_a_this Ap.sha ; aload buf ; push %u ; sload k ; push %u ; ssub ; aload buf ; push %d ; "
	    "call digestFinal ; pop",
	    seed, seed - 1, DIGEST);
	jcg_code(g, "getfield_a_this Ap.%s ; aload buf ; push %d ; call %s", field, DIGEST,
	    is_des(g) ? "setDesKey" : "setAesKey");
}

void jcg_secure_open(struct jcg *g, unsigned seed)
{
	if (!jcg_secure(g))
		return;
	jcg_begin(g, NULL);
	jcg_code(g, "sload key ; sstore other ; jsr @sm_end ; sload other ; sstore key");
	if (!jcg_folded(g, JCG_KEY_OPENS)) {
		jcg_load(g, JCG_KEY_OPENS);
		jcg_code(g, "ifeq .no");
	}
	jcg_code(g,
	    "sload l ; push %u ; sadd ; sstore k ; aload buf ; sload k ; sconst_4 ; sconst_0 ; "
	    "call arrayFillNonAtomic ; pop ; sinc k 3",
	    seed - 16);
	session_key(g, session_field(g, true), seed, 1);
	session_key(g, session_field(g, false), seed, 2);
	jcg_code(g, "getfield_a_this Ap.ram ; push %u ; push %d ; sconst_0 ; call arrayFillNonAtomic ; pop", g->secure,
	    SIZE);
	if (is_des(g))
		jcg_code(g,
		    "aload buf ; push %d ; getfield_a_this Ap.ram ; push %u ; push 8 ; call arrayCopyNonAtomic ; pop",
		    FIRST_SSC, g->secure + AT_SSC);
	jcg_code(g, "getfield_a_this Ap.ram ; push %u ; sload key ; bastore ; .no:", g->secure + AT_KEY);
}

/* With the session go auth() of its key and the PINs verified inside it. */
void jcg_routine_sm_end(struct jcg *g)
{
	jcg_code(
	    g, "getfield_a_this Ap.ram ; push %u ; baload ; sstore key ; sload key ; ifeq .end", g->secure + AT_KEY);
	jcg_code(g,
	    "sload status ; getfield_a_this Ap.ram ; push %u ; call getShort ; sconst_m1 ; sxor ; sand ; sstore status",
	    g->secure + AT_INSIDE);
	if (jcg_folded(g, JCG_KEY_ATOM) && g->cell[JCG_KEY_ATOM][1] == 0)
		jcg_keep_status(g);
	else
		jcg_clear_atom(g, JCG_KEY_ATOM);
	jcg_code(g, "getfield_a_this Ap.ram ; push %u ; push %d ; sconst_0 ; call arrayFillNonAtomic ; pop", g->secure,
	    SIZE);
	const char *clear = is_des(g) ? "clearDesKey" : "clearKey";
	jcg_code(g, "getfield_a_this Ap.%s ; call %s ; getfield_a_this Ap.%s ; call %s ; .end: ; ret ra-sm_end",
	    session_field(g, true), clear, session_field(g, false), clear);
}

void jcg_secure_verified(struct jcg *g)
{
	if (!jcg_secure(g))
		return;
	jcg_begin(g, NULL);
	jcg_code(g, "getfield_a_this Ap.ram ; push %u ; call getShort ; sstore k ; sload sm ; ifeq .plain ; sload k",
	    g->secure + AT_INSIDE);
	jcg_load(g, JCG_PIN_ATOM);
	jcg_code(g, "sor ; sstore k ; goto .keep ; .plain: ; sload k");
	jcg_load(g, JCG_PIN_ATOM);
	jcg_code(g,
	    "sconst_m1 ; sxor ; sand ; sstore k ; .keep: ; getfield_a_this Ap.ram ; push %u ; sload k ; call setShort "
	    "; pop",
	    g->secure + AT_INSIDE);
}

/* ---- what command and answer share ---- */

void jcg_routine_ssc(struct jcg *g)
{
	jcg_code(g, "push %d ; sstore k ; .next: ; sinc k -1", block(g));
	jcg_code(g,
	    "getfield_a_this Ap.ram ; push %u ; sload k ; sadd ; dup_x 2 0 ; baload ; sconst_1 ; sadd ; bastore",
	    g->secure + AT_SSC);
	jcg_code(g,
	    "sload k ; ifeq .end ; getfield_a_this Ap.ram ; push %u ; sload k ; sadd ; baload ; ifeq .next ; .end: ; "
	    "ret ra-ssc",
	    g->secure + AT_SSC);
}

static void mac_counter(struct jcg *g)
{
	jcg_code(g, "getfield_a_this Ap.%s ; astore mkey ; jsr @mac_key", session_field(g, false));
	jcg_code(g,
	    "getfield_a_this Ap.ram ; astore src ; push %u ; sstore at ; push %d ; sstore n ; jsr @mac ; aload buf ; "
	    "astore src",
	    g->secure + AT_SSC, block(g));
}

/* The MAC begins with the counter. */
static void begin_mac(struct jcg *g)
{
	jcg_code(g, "jsr @ssc");
	mac_counter(g);
}

/* The cipher in CBC mode. AES: IV = E(KS.ENC, SSC); DES: zero. */
static void init_cipher(struct jcg *g, int mode)
{
	if (is_des(g)) {
		jcg_code(g, "getfield_a_this Ap.des ; getfield_a_this Ap.kdenc ; push %d ; call cipherInit", mode);
		return;
	}
	jcg_code(g, "getfield_a_this Ap.aes ; getfield_a_this Ap.ksenc ; push %d ; call cipherInit", MODE_ENCRYPT);
	jcg_code(g,
	    "getfield_a_this Ap.aes ; getfield_a_this Ap.ram ; push %u ; push %d ; getfield_a_this Ap.ram ; push %u ; "
	    "call doFinal ; pop",
	    g->secure + AT_SSC, BLOCK, g->mac);
	jcg_code(g,
	    "getfield_a_this Ap.aes ; getfield_a_this Ap.ksenc ; push %d ; getfield_a_this Ap.ram ; push %u ; push %d "
	    "; "
	    "call cipherInitIv",
	    mode, g->mac, BLOCK);
}

/* ---- the command ---- */

/* The data object at p: tag, v and l of its value, which ends at most at `limit`. malformed: where to go. */
static void object(struct jcg *g, const char *limit, const char *malformed)
{
	jcg_begin(g, NULL);
	jcg_code(g,
	    "aload buf ; sload p ; baload ; sstore tag ; aload buf ; sload p ; sconst_1 ; sadd ; baload ; sstore l ; "
	    "sload p ; sconst_2 ; sadd ; sstore v");
	jcg_code(g,
	    "sload l ; ifge .short ; sload l ; push -127 ; if_scmpne %s ; aload buf ; sload v ; baload ; push 255 ; "
	    "sand ; "
	    "sstore l ; sinc v 1 ; .short:",
	    malformed);
	jcg_code(g, "sload v ; sload l ; sadd ; sload %s ; if_scmpgt %s", limit, malformed);
}

/* 6987: no 8E, or not last. mp: where it is. */
static void find_mac(struct jcg *g)
{
	jcg_code(g,
	    "sload lc ; sconst_5 ; sadd ; sstore end ; sconst_5 ; sstore p ; &find-mac: ; sload p ; sload end ; "
	    "if_scmpge &sm-6987");
	object(g, "end", "&sm-6987");
	jcg_code(g,
	    "sload p ; sstore mp ; sload v ; sload l ; sadd ; sstore p ; sload tag ; push 0x8E ; s2b ; if_scmpne "
	    "&find-mac");
	jcg_code(g, "sload p ; sload end ; if_scmpne &sm-6987");
}

static void check_mac(struct jcg *g)
{
	jcg_code(g,
	    "getfield_a_this Ap.ram ; push %u ; baload ; ifeq &sm-6988 ; sload v ; sstore mv ; sload l ; push %d ; "
	    "if_scmpne &sm-6988",
	    g->secure + AT_KEY, MAC_LEN);
	begin_mac(g);
	jcg_begin(g, NULL);
	/* The retail MAC pads what it ends with by itself; the header only where objects follow. */
	jcg_code(g, "sconst_0 ; sstore at ; sconst_4 ; sstore n ; jsr @mac%s", is_des(g) ? "" : " ; jsr @mac_pad");
	jcg_code(g, "sload mp ; sconst_5 ; ssub ; sstore n ; sload n ; ifeq .bare ; sconst_5 ; sstore at");
	jcg_code(g, is_des(g) ? "jsr @mac_pad ; jsr @mac" : "jsr @mac ; jsr @mac_pad");
	jcg_code(g, ".bare: ; jsr @mac_end");
	jcg_code(g, "push %u ; sstore ours ; jsr @same ; sload b ; ifne &sm-6988", g->mac);
}

/* dtag, dv, dl: the data, dtag 0 for none; has-le, le97. */
static void sort_objects(struct jcg *g)
{
	jcg_code(g,
	    "sconst_5 ; sstore p ; sconst_0 ; sstore dtag ; sconst_0 ; sstore dv ; sconst_0 ; sstore dl ; "
	    "&sort: ; sload p ; sload mp ; if_scmpge &sorted");
	object(g, "mp", "&sm-6988");
	jcg_begin(g, NULL);
	jcg_code(g,
	    "sload v ; sload l ; sadd ; sstore p ; sload has-le ; ifne &sm-6988 ; sload tag ; push -105 ; if_scmpeq "
	    ".le");
	/* 87 with an even INS, 85 with an odd one; 81 with both. */
	jcg_code(g, "sload dtag ; ifne &sm-6988 ; sload tag ; sstore dtag ; sload v ; sstore dv ; sload l ; sstore dl");
	jcg_code(g, "sload tag ; push -127 ; if_scmpeq &sort");
	jcg_code(g,
	    "sload tag ; aload buf ; sconst_1 ; baload ; sconst_1 ; sand ; sconst_1 ; sshl ; sadd ; push -121 ; "
	    "if_scmpeq &sort ; goto &sm-6988");
	/* Two bytes are of an extended length, which an AP with short APDUs does not have: 6700 later. */
	jcg_code(g,
	    ".le: ; sconst_1 ; sstore has-le ; sload l ; sconst_1 ; if_scmpeq .one ; sload l ; sconst_2 ; if_scmpne "
	    "&sm-6988 ; "
	    "push 255 ; sstore le97 ; goto &sort");
	jcg_code(g, ".one: ; aload buf ; sload v ; baload ; push 255 ; sand ; sstore le97 ; goto &sort ; &sorted:");
}

/* Data that are there have at least one byte. lc bytes from 5 on; level: 1 mac, 2 enc+mac. */
static void take_data(struct jcg *g)
{
	jcg_begin(g, NULL);
	jcg_code(g,
	    "sconst_2 ; sstore level ; sconst_0 ; sstore lc ; sload dtag ; ifeq .end ; sload dtag ; push -127 ; "
	    "if_scmpne .secret");
	jcg_code(g,
	    "sconst_1 ; sstore level ; aload buf ; sload dv ; aload buf ; sconst_5 ; sload dl ; call "
	    "arrayCopyNonAtomic ; pop");
	jcg_code(g, "sload dl ; sstore lc ; goto .some");
	jcg_code(g,
	    ".secret: ; sload dtag ; push -121 ; if_scmpne .bare ; sload dl ; ifeq &sm-6988 ; aload buf ; sload dv ; "
	    "baload ; "
	    "sconst_1 ; if_scmpne &sm-6988 ; sinc dv 1 ; sinc dl -1");
	jcg_code(g, ".bare: ; sload dl ; ifeq &sm-6988 ; sload dl ; push %d ; sand ; ifne &sm-6988", block(g) - 1);
	init_cipher(g, MODE_DECRYPT);
	jcg_code(g,
	    "getfield_a_this Ap.%s ; aload buf ; sload dv ; sload dl ; aload buf ; sconst_5 ; call doFinal ; pop",
	    cipher(g));
	/* Padding method 2: at most a block of it. */
	jcg_code(g,
	    "sload dl ; sstore lc ; .zero: ; sinc lc -1 ; sload dl ; sload lc ; ssub ; push %d ; if_scmpgt &sm-6988",
	    block(g));
	jcg_code(g,
	    "aload buf ; sload lc ; sconst_5 ; sadd ; baload ; sstore b ; sload b ; ifeq .zero ; sload b ; push -128 ; "
	    "if_scmpne &sm-6988");
	jcg_code(g, ".some: ; sload lc ; ifeq &sm-6988 ; .end:");
	jcg_code(g, "aload buf ; sconst_4 ; sload lc ; bastore"); /* commands copy it with the data */
}

/* The atoms that this command's protection fulfils. */
static void set_atoms(struct jcg *g)
{
	unsigned openers = 0;
	for (uint16_t i = 0; i < g->c->n_keys; i++)
		openers += opens(g->c, i);
	for (size_t i = 0; i < g->n_atoms; i++) {
		if (g->atom[i].op != RULE_SM)
			continue;
		jcg_begin(g, NULL);
		if (g->atom[i].a != SM_MAC)
			jcg_code(g, "sload level ; sconst_2 ; if_scmpne .not");
		if (g->atom[i].b != CONTRACT_NONE && openers != 1)
			jcg_code(g, "getfield_a_this Ap.ram ; push %u ; baload ; push %u ; if_scmpne .not",
			    g->secure + AT_KEY, g->atom[i].b + 1u);
		jcg_code(g, "sload status ; push %u ; sor ; sstore status ; .not:", 1u << i);
	}
}

/* EXTERNAL AUTHENTICATE sees to its own Le: it answers with data when the key is mutual, and is then refused. */
static const char *form_of(const struct jcg_command *k)
{
	if (k->cla != 0x00)
		return ".answers"; /* counters: data and an answer, whatever their INS */
	switch (k->ins) {
	case INS_READ_BINARY:
	case INS_READ_RECORD:
	case INS_GET_DATA:
	case INS_GET_CHALLENGE:
		return ".reads";
	case INS_INTERNAL_AUTHENTICATE:
		return ".answers";
	case INS_EXTERNAL_AUTHENTICATE:
		return ".end";
	default:
		return ".quiet";
	}
}

static void switch_form(struct jcg *g, uint8_t cla)
{
	struct buf b = {0};
	for (size_t i = 0; i < g->n_commands; i++)
		if (g->command[i].cla == cla)
			buf_printf(&b, " %d:%s", (int8_t)g->command[i].ins, form_of(&g->command[i]));
	if (b.n != 0)
		jcg_code(g, "aload buf ; sconst_1 ; baload ; slookupswitch .end%s", buf_cstr(&b));
	buf_reset(&b);
}

/* Contract 9: under secure messaging every misplaced data or Le is 6700, and a Le that no answer can have. A command
 * with an answer has the level of that where it is the lower one. What is no command of the AP has no length. */
static void misplaced(struct jcg *g)
{
	jcg_begin(g, NULL);
	if (jcg_offers(g, 0x80)) {
		jcg_code(g, "aload buf ; sconst_0 ; baload ; ifge .iso");
		switch_form(g, 0x80);
		jcg_code(g, ".iso:");
	}
	switch_form(g, 0x00);
	jcg_code(g, ".reads: ; sload lc ; ifne !6700 ; .answers: ; sload le97 ; push %u ; if_scmpgt !6700",
	    jcg_secure_room(g));
	if (g->c->sm_response == SM_MAC)
		jcg_code(g, "sconst_1 ; sstore level");
	jcg_code(g, "goto .end ; .quiet: ; sload has-le ; ifne !6700 ; .end:");
}

void jcg_routine_unwrap(struct jcg *g)
{
	jcg_code(g, "jsr @receive");
	find_mac(g);
	check_mac(g);
	sort_objects(g);
	take_data(g);
	jcg_code(g, "sconst_1 ; sstore received");
	misplaced(g);
	set_atoms(g);
	jcg_code(g, "ret ra-unwrap");
	jcg_code(g, "&sm-6987: ; jsr @sm_end ; sconst_0 ; sstore sm ; goto !6987");
	jcg_code(g, "&sm-6988: ; jsr @sm_end ; sconst_0 ; sstore sm ; goto !6988");
}

void jcg_secure_process(struct jcg *g)
{
	if (!jcg_secure(g))
		return;
	jcg_begin(g, NULL);
	jcg_code(g, "sload sm ; ifeq .plain ; jsr @unwrap ; goto .go ; .plain:");
	if (g->c->sm_plain_ends)
		jcg_code(g, "jsr @sm_end");
	jcg_code(g, ".go:");
}

/* ---- the answer ---- */

/* In the place of setOutgoing: le. */
void jcg_routine_le(struct jcg *g)
{
	jcg_code(g, "sload sm ; ifne .protected ; aload apdu ; call platformOutgoing ; sstore le ; ret ra-le");
	jcg_code(g, ".protected: ; sload le97 ; sstore le ; ret ra-le");
}

void jcg_secure_aside(struct jcg *g)
{
	jcg_code(g,
	    "aload out ; sload from ; aload buf ; push %d ; sload held ; sadd ; sload n ; call arrayCopyNonAtomic ; "
	    "push %d ; ssub ; sstore held",
	    STAGE, STAGE);
}

/* n bytes of out from `from` on are put aside, as many as an answer may hold. */
void jcg_secure_send(struct jcg *g)
{
	jcg_code(g, "sload sm ; ifeq .plain ; sload n ; push %u ; if_scmple .fits ; push %u ; sstore n ; .fits:",
	    jcg_secure_room(g), jcg_secure_room(g));
	jcg_secure_aside(g);
	jcg_code(g, "ret ra-send ; .plain:");
}

/* l: bytes of the cryptogram, from STAGE on; p: where the object's value begins. */
static void encrypt(struct jcg *g)
{
	jcg_begin(g, NULL);
	jcg_code(g, "sload held ; push %d ; sand ; push %d ; sadd ; sstore l", -block(g), block(g));
	jcg_code(g,
	    "aload buf ; sload held ; push %d ; sadd ; sload l ; sload held ; ssub ; sconst_0 ; call "
	    "arrayFillNonAtomic ; pop",
	    STAGE);
	jcg_code(g, "aload buf ; sload held ; push %d ; sadd ; push -128 ; bastore", STAGE);
	init_cipher(g, MODE_ENCRYPT);
	jcg_code(g, "getfield_a_this Ap.%s ; aload buf ; push %d ; sload l ; aload buf ; push %d ; call doFinal ; pop",
	    cipher(g), STAGE, STAGE);
	jcg_code(g, "sload l ; push %d ; sadd ; sstore end", STAGE);
	/* 85 with an odd INS, without an indicator of the padding; else 87. */
	jcg_code(g, "push -123 ; sstore tag ; aload buf ; sconst_1 ; baload ; sconst_1 ; sand ; ifne .odd");
	jcg_code(g, "push -121 ; sstore tag ; sinc p -1 ; aload buf ; sload p ; sconst_1 ; bastore ; sinc l 1 ; .odd:");
}

static void wrap_data(struct jcg *g)
{
	jcg_code(g, "push %d ; sstore p ; push %d ; sstore end ; sload held ; ifeq &no-data", STAGE, STAGE);
	if (g->c->sm_response == SM_MAC)
		jcg_code(
		    g, "sload held ; sstore l ; sload l ; push %d ; sadd ; sstore end ; push -127 ; sstore tag", STAGE);
	else
		encrypt(g);
	jcg_begin(g, NULL);
	jcg_code(g, "sinc p -1 ; aload buf ; sload p ; sload l ; bastore ; sload l ; push 128 ; if_scmplt .short");
	jcg_code(g, "sinc p -1 ; aload buf ; sload p ; push -127 ; bastore");
	jcg_code(g, ".short: ; sinc p -1 ; aload buf ; sload p ; sload tag ; bastore ; &no-data:");
}

/* &throw has the status word on the stack. */
void jcg_secure_tail(struct jcg *g)
{
	jcg_code(g, "&done: ; push 0x9000 ; &throw: ; sstore sw ; sload sm ; ifne &wrap");
	jcg_code(
	    g, "&out: ; sload sw ; push 0x9000 ; if_scmpeq &end ; sload sw ; call throwIt ; &end: ; platform-return");
	jcg_begin(g, "&wrap");
	jcg_code(g, "jsr @ssc");
	wrap_data(g);
	jcg_code(g,
	    "aload buf ; sload end ; push 0x9902 ; call setShort ; sstore end ; aload buf ; sload end ; sload sw ; "
	    "call setShort ; sstore end");
	mac_counter(g);
	jcg_code(g, "sload p ; sstore at ; sload end ; sload p ; ssub ; sstore n ; jsr @mac ; %sjsr @mac_end",
	    is_des(g) ? "" : "jsr @mac_pad ; ");
	jcg_code(g, "aload buf ; sload end ; push 0x8E08 ; call setShort ; sstore end");
	jcg_code(g,
	    "getfield_a_this Ap.ram ; push %u ; aload buf ; sload end ; push %d ; call arrayCopyNonAtomic ; sstore end",
	    g->mac, MAC_LEN);
	jcg_code(g,
	    "aload apdu ; call platformOutgoing ; pop ; aload apdu ; sload end ; sload p ; ssub ; call "
	    "setOutgoingLength");
	jcg_code(g, "aload apdu ; aload buf ; sload p ; sload end ; sload p ; ssub ; call sendBytesLong ; goto &out");
}
