/* javacardx.crypto.AEADCipher: AES in Galois/Counter Mode (NIST SP 800-38D) and Counter with CBC-MAC (RFC 3610).
 *
 * The library has both modes, but keeps their state on the host; here it lies in the card's memory, and the library
 * enciphers the blocks. Cells: 0 RAM, 1 key, 2 row of combination.h, 3 mode. RAM: struct state, cleared on reset, which
 * is the state before init(). */
#include "runtime/base/wipe.h"
#include "runtime/sim/javacard/api/aead.h"
#include "runtime/sim/javacard/api/block.h"

enum { CELL_RAM, CELL_KEY, CELL_ROW, CELL_MODE, CELLS };
enum { MODE_DECRYPT = 1, MODE_ENCRYPT = 2 };
enum { BLOCK = 16, IV_MIN = 12 };
enum phase { PHASE_NONE, PHASE_AAD, PHASE_TEXT, PHASE_DONE };

/* Bytes only: it is copied to and from the card's memory. Numbers have the high byte first. */
struct state {
	uint8_t phase;
	uint8_t first[BLOCK];   /* J0, or A0: the counter that hides the tag */
	uint8_t begun[BLOCK];   /* sum after init */
	uint8_t counter[BLOCK]; /* of the last key stream block */
	uint8_t stream[BLOCK];  /* key stream: the last `left` bytes are not used yet */
	uint8_t left;
	uint8_t sum[BLOCK]; /* GHASH, or CBC-MAC */
	uint8_t part;       /* bytes of a block added to it */
	uint8_t begun_part;
	uint8_t tag[BLOCK];
	uint8_t aad[4], text[4];           /* bytes so far */
	uint8_t aad_want[2], text_want[2]; /* CCM: what init announced */
	uint8_t tag_len;                   /* CCM */
};

struct aead {
	struct state s;
	struct cipher *c;
	bool gcm, encrypt;
	uint8_t h[BLOCK]; /* GCM: the hash key */
};

static bool is_gcm(struct jc *jc, uint16_t ref)
{
	return combinations[jc_cell(jc, ref, CELL_ROW)].cipher == CIPHER_IS_AES_GCM;
}

bool jc_aead_make(struct jc *jc, uint16_t *a, int row)
{
	uint16_t ref = jc_new_object(jc, &jc_class_AEADMade);
	if (ref == 0 || !jc_set_cell(jc, ref, CELL_ROW, (uint16_t)row))
		return false;
	uint16_t ram = jc_new_store(jc, sizeof(struct state), JC_RESET);
	if (ram == 0 || !jc_set_cell(jc, ref, CELL_RAM, ram))
		return false;
	a[0] = ref;
	return true;
}

/* --- the two sums --- */

/* SP 800-38D 6.3: x = x * h in GF(2^128), bits from the left. */
static void multiply(uint8_t x[BLOCK], const uint8_t h[BLOCK])
{
	uint8_t z[BLOCK] = {0}, v[BLOCK];
	memcpy(v, h, BLOCK);
	for (int i = 0; i < 8 * BLOCK; i++) {
		if ((x[i / 8] >> (7 - i % 8) & 1) != 0)
			for (int j = 0; j < BLOCK; j++)
				z[j] ^= v[j];
		uint8_t low = v[BLOCK - 1] & 1;
		for (int j = BLOCK - 1; j > 0; j--)
			v[j] = (uint8_t)(v[j] >> 1 | v[j - 1] << 7);
		v[0] >>= 1;
		if (low != 0)
			v[0] ^= 0xE1;
	}
	memcpy(x, z, BLOCK);
	wipe(v, sizeof v);
}

static void turn(struct aead *e)
{
	if (e->gcm)
		multiply(e->s.sum, e->h);
	else
		(void)cipher_ecb_encrypt(e->c, e->s.sum, BLOCK, e->s.sum);
	e->s.part = 0;
}

static void add(struct aead *e, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		e->s.sum[e->s.part++] ^= p[i];
		if (e->s.part == BLOCK)
			turn(e);
	}
}

/* Zeros up to the end of a block. */
static void fill(struct aead *e)
{
	if (e->s.part > 0)
		turn(e);
}

/* --- the key stream --- */

static void crypt(struct aead *e, const uint8_t *p, size_t n, uint8_t *out)
{
	for (size_t i = 0; i < n; i++) {
		if (e->s.left == 0) {
			jc_set32(e->s.counter + 12, jc_be32(e->s.counter + 12) + 1);
			(void)cipher_ecb_encrypt(e->c, e->s.counter, BLOCK, e->s.stream);
			e->s.left = BLOCK;
		}
		out[i] = p[i] ^ e->s.stream[BLOCK - e->s.left--];
	}
}

/* --- state --- */

/* As after init. */
static void begin(struct state *s)
{
	memcpy(s->sum, s->begun, BLOCK);
	memcpy(s->counter, s->first, BLOCK);
	memset(s->aad, 0, 4);
	memset(s->text, 0, 4);
	s->part = s->begun_part;
	s->left = 0;
	s->phase = PHASE_AAD;
}

/* The state, and the key's cipher. false: exception pending (not_ready when init was not called). close_aead() it. */
static bool open_aead(struct jc *jc, uint16_t ref, struct aead *e, uint16_t not_ready)
{
	struct jc_key k;
	uint32_t n;
	const uint8_t *p = jc_store(jc, jc_cell(jc, ref, CELL_RAM), &n);
	memset(e, 0, sizeof *e);
	if (p != NULL && n == sizeof e->s)
		memcpy(&e->s, p, n);
	e->gcm = is_gcm(jc, ref);
	e->encrypt = jc_cell(jc, ref, CELL_MODE) == MODE_ENCRYPT;
	if (e->s.phase == PHASE_NONE || e->s.part >= BLOCK || e->s.left > BLOCK ||
	    !jc_key_look(jc, jc_cell(jc, ref, CELL_KEY), &k))
		return jc_crypto(jc, not_ready);
	if ((e->c = jc_block_cipher(jc, &k)) == NULL)
		return false;
	return !e->gcm || cipher_ecb_encrypt(e->c, e->h, BLOCK, e->h);
}

static void close_aead(struct aead *e)
{
	cipher_free(e->c);
	wipe(e, sizeof *e);
}

static bool save(struct jc *jc, uint16_t ref, const struct aead *e)
{
	return jc_store_put(jc, jc_cell(jc, ref, CELL_RAM), 0, &e->s, sizeof e->s, JC_NON_ATOMIC);
}

/* --- init --- */

/* The key may be used in this mode; keeps both, and opens e with an empty state. */
static bool start(struct jc *jc, const uint16_t *a, struct aead *e)
{
	struct jc_key k;
	memset(e, 0, sizeof *e);
	if (!jc_key_open(jc, a[1], &k))
		return false;
	if ((a[2] != MODE_DECRYPT && a[2] != MODE_ENCRYPT) || k.kind != KEY_KIND_AES)
		return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	if ((e->c = jc_block_cipher(jc, &k)) == NULL)
		return false;
	e->gcm = is_gcm(jc, a[0]);
	jc_set_cell_now(jc, a[0], CELL_KEY, a[1]);
	jc_set_cell_now(jc, a[0], CELL_MODE, a[2]);
	return !e->gcm || cipher_ecb_encrypt(e->c, e->h, BLOCK, e->h);
}

/* SP 800-38D 7.1 step 2: J0. */
static bool start_gcm(struct jc *jc, const uint16_t *a, const uint8_t *iv, size_t n)
{
	struct aead e;
	uint8_t copy[0x7FFF], length[BLOCK] = {0};
	memcpy(copy, iv, n);
	bool ok = start(jc, a, &e);
	if (ok && n == IV_MIN) {
		memcpy(e.s.first, copy, n);
		e.s.first[BLOCK - 1] = 1;
	} else if (ok) {
		add(&e, copy, n);
		fill(&e);
		jc_set32(length + 12, (uint32_t)n * 8);
		add(&e, length, BLOCK);
		memcpy(e.s.first, e.s.sum, BLOCK);
	}
	begin(&e.s);
	ok = ok && save(jc, a[0], &e);
	close_aead(&e);
	return ok;
}

/* init(Key theKey, byte theMode): an IV of zero; CCM has to know its lengths */
static bool init(struct jc *jc, uint16_t *a)
{
	static const uint8_t zero[IV_MIN];
	return is_gcm(jc, a[0]) ? start_gcm(jc, a, zero, IV_MIN) : jc_crypto(jc, CRYPTO_INVALID_INIT);
}

/* init(Key theKey, byte theMode, byte[] bArray, short bOff, short bLen) */
static bool init_with(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	if (!is_gcm(jc, a[0]))
		return jc_crypto(jc, CRYPTO_INVALID_INIT);
	if (!jc_bytes_in(jc, a[3], (int16_t)a[4], (int16_t)a[5], &p))
		return false;
	return a[5] == 0 ? jc_crypto(jc, CRYPTO_ILLEGAL_VALUE) : start_gcm(jc, a, p, a[5]);
}

/* init(Key theKey, byte theMode, byte[] nonceBuf, short nonceOff, short nonceLen, short adataLen, short messageLen,
 * short tagSize): RFC 3610 2.2, 2.3 */
static bool init_ccm(struct jc *jc, uint16_t *a)
{
	struct aead e;
	const uint8_t *p;
	uint8_t nonce[13], b0[BLOCK] = {0};
	size_t n = a[5];
	int16_t aad = (int16_t)a[6], text = (int16_t)a[7], tag = (int16_t)a[8];
	if (is_gcm(jc, a[0]))
		return jc_crypto(jc, CRYPTO_INVALID_INIT);
	if (!jc_bytes_in(jc, a[3], (int16_t)a[4], (int16_t)a[5], &p))
		return false;
	if (n < 7 || n > 13 || aad < 0 || text < 0 || tag < 4 || tag > BLOCK || tag % 2 != 0)
		return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	memcpy(nonce, p, n);
	bool ok = start(jc, a, &e);
	e.s.first[0] = (uint8_t)(14 - n);
	memcpy(e.s.first + 1, nonce, n);
	memcpy(b0, e.s.first, BLOCK);
	b0[0] |= (uint8_t)((aad > 0 ? 0x40 : 0) | (tag - 2) / 2 << 3);
	jc_set16(b0 + 14, (uint16_t)text);
	jc_set16(e.s.aad_want, (uint16_t)aad);
	jc_set16(e.s.text_want, (uint16_t)text);
	e.s.tag_len = (uint8_t)tag;
	if (ok) {
		add(&e, b0, BLOCK);
		if (aad > 0)
			add(&e, e.s.aad_want, 2);
	}
	memcpy(e.s.begun, e.s.sum, BLOCK);
	e.s.begun_part = e.s.part;
	begin(&e.s);
	ok = ok && save(jc, a[0], &e);
	close_aead(&e);
	return ok;
}

/* --- data --- */

/* updateAAD(byte[] aadBuf, short aadOff, short aadLen) */
static bool update_aad(struct jc *jc, uint16_t *a)
{
	struct aead e;
	const uint8_t *p;
	bool ok =
	    open_aead(jc, a[0], &e, CRYPTO_ILLEGAL_USE) && jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p);
	if (ok && e.s.phase == PHASE_DONE)
		begin(&e.s);
	if (ok && e.s.phase != PHASE_AAD)
		ok = jc_crypto(jc, CRYPTO_ILLEGAL_USE);
	uint32_t n = jc_be32(e.s.aad) + a[3];
	if (ok && !e.gcm && n > jc_be16(e.s.aad_want))
		ok = jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	if (ok) {
		add(&e, p, a[3]);
		jc_set32(e.s.aad, n);
		ok = save(jc, a[0], &e);
	}
	close_aead(&e);
	return ok;
}

/* The additional data are complete: the text begins. */
static bool begin_text(struct jc *jc, struct aead *e)
{
	if (e->s.phase == PHASE_DONE)
		begin(&e->s);
	if (e->s.phase == PHASE_TEXT)
		return true;
	if (!e->gcm && jc_be32(e->s.aad) != jc_be16(e->s.aad_want))
		return jc_crypto(jc, CRYPTO_ILLEGAL_USE);
	fill(e);
	e->s.phase = PHASE_TEXT;
	return true;
}

/* SP 800-38D 7.1 steps 5, 6; RFC 3610 2.3. */
static void finish(struct aead *e)
{
	uint8_t hide[BLOCK], lengths[BLOCK] = {0};
	fill(e);
	if (e->gcm) {
		jc_set32(lengths + 4, jc_be32(e->s.aad) * 8);
		jc_set32(lengths + 12, jc_be32(e->s.text) * 8);
		add(e, lengths, BLOCK);
	}
	(void)cipher_ecb_encrypt(e->c, e->s.first, BLOCK, hide);
	for (int i = 0; i < BLOCK; i++)
		e->s.tag[i] = e->s.sum[i] ^ hide[i];
	e->s.phase = PHASE_DONE;
	wipe(hide, sizeof hide);
}

/* n bytes of text to out; GCM sums up the cipher text, CCM the plain text. false: exception pending. */
static bool text(struct jc *jc, struct aead *e, const uint8_t *p, size_t n, bool final, uint8_t *out)
{
	if (!begin_text(jc, e))
		return false;
	uint32_t so_far = jc_be32(e->s.text) + (uint32_t)n;
	uint16_t want = jc_be16(e->s.text_want);
	if (!e->gcm && (so_far > want || (final && so_far != want)))
		return jc_crypto(jc, CRYPTO_ILLEGAL_USE);
	if (e->gcm != e->encrypt)
		add(e, p, n);
	crypt(e, p, n, out);
	if (e->gcm == e->encrypt)
		add(e, out, n);
	jc_set32(e->s.text, so_far);
	if (final)
		finish(e);
	return true;
}

static bool run(struct jc *jc, uint16_t *a, bool final)
{
	uint8_t out[0x7FFF];
	struct aead e;
	const uint8_t *p;
	bool ok = open_aead(jc, a[0], &e, CRYPTO_INVALID_INIT) &&
	    jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p) &&
	    jc_bytes_out(jc, a[4], (int16_t)a[5], (int16_t)a[3]) && text(jc, &e, p, a[3], final, out);
	ok = ok && jc_put(jc, a[4], (int16_t)a[5], out, (int16_t)a[3], JC_NON_ATOMIC) && save(jc, a[0], &e);
	if (ok)
		wipe(out, a[3]);
	close_aead(&e);
	a[0] = a[3];
	return ok;
}

/* update, doFinal(byte[] in, short inOffset, short inLength, byte[] out, short outOffset) */
static bool update(struct jc *jc, uint16_t *a)
{
	return run(jc, a, false);
}

static bool do_final(struct jc *jc, uint16_t *a)
{
	return run(jc, a, true);
}

/* --- the tag --- */

/* SP 800-38D 5.2.1.2; CCM has the one length that init named. */
static bool tag_length(const struct aead *e, int16_t n)
{
	return e->gcm ? n == 4 || n == 8 || (n >= 12 && n <= BLOCK) : n == e->s.tag_len;
}

/* The tag of a message that is complete, when the cipher works in this direction. */
static bool open_tag(struct jc *jc, uint16_t ref, struct aead *e, bool encrypt, int16_t n)
{
	if (!open_aead(jc, ref, e, CRYPTO_ILLEGAL_USE))
		return false;
	if (e->s.phase != PHASE_DONE || e->encrypt != encrypt)
		return jc_crypto(jc, CRYPTO_ILLEGAL_USE);
	return tag_length(e, n) || jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
}

/* retrieveTag(byte[] tagBuf, short tagOff, short tagLen) */
static bool retrieve_tag(struct jc *jc, uint16_t *a)
{
	struct aead e;
	bool ok = open_tag(jc, a[0], &e, true, (int16_t)a[3]) &&
	    jc_put(jc, a[1], (int16_t)a[2], e.s.tag, (int16_t)a[3], JC_NON_ATOMIC);
	close_aead(&e);
	a[0] = a[3];
	return ok;
}

/* verifyTag(byte[] receivedTagBuf, short receivedTagOff, short receivedTagLen, short requiredTagLen) */
static bool verify_tag(struct jc *jc, uint16_t *a)
{
	struct aead e;
	const uint8_t *p;
	bool ok =
	    open_tag(jc, a[0], &e, false, (int16_t)a[4]) && jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p);
	if (ok)
		a[0] = (int16_t)a[3] >= (int16_t)a[4] && wipe_equal(p, e.s.tag, a[4]);
	close_aead(&e);
	return ok;
}

static bool get_algorithm(struct jc *jc, uint16_t *a)
{
	a[0] = (uint16_t)(int8_t)combinations[jc_cell(jc, a[0], CELL_ROW)].algorithm;
	return true;
}

static bool get_cipher(struct jc *jc, uint16_t *a)
{
	a[0] = (uint16_t)(int8_t)combinations[jc_cell(jc, a[0], CELL_ROW)].cipher;
	return true;
}

static bool get_padding(struct jc *jc, uint16_t *a)
{
	(void)jc;
	a[0] = PAD_NULL;
	return true;
}

#define M(token, words, result) JC_ABSTRACT_METHOD(token, 6, words, result)
static const struct jc_method statics[] = {JC_CONSTRUCTOR(0, 6, 1, jc_object_init)};
static const struct jc_method virtuals[] = {JC_OBJECT_EQUALS, M(1, 6, JC_SHORT), M(2, 1, JC_SHORT), M(3, 3, JC_VOID),
    M(4, 6, JC_VOID), M(5, 6, JC_SHORT), M(6, 1, JC_SHORT), M(7, 1, JC_SHORT), M(8, 9, JC_VOID), M(9, 4, JC_VOID),
    M(10, 4, JC_SHORT), M(11, 5, JC_SHORT)};
const struct jc_class jc_class_AEADCipher = {JC_NAME("javacardx/crypto/AEADCipher"), JC_AT(javacardx_crypto, 3),
    .since = 6, .flags = JC_ABSTRACT, .super = &jc_class_Cipher, JC_STATICS(statics), JC_VIRTUALS(virtuals)};

static const struct jc_method made_virtuals[] = {
    JC_OBJECT_EQUALS,
    JC_METHOD(1, 0, 6, JC_SHORT, do_final),
    JC_METHOD(2, 0, 1, JC_SHORT, get_algorithm),
    JC_METHOD(3, 0, 3, JC_VOID, init),
    JC_METHOD(4, 0, 6, JC_VOID, init_with),
    JC_METHOD(5, 0, 6, JC_SHORT, update),
    JC_METHOD(6, 6, 1, JC_SHORT, get_cipher),
    JC_METHOD(7, 6, 1, JC_SHORT, get_padding),
    JC_METHOD(8, 6, 9, JC_VOID, init_ccm),
    JC_METHOD(9, 6, 4, JC_VOID, update_aad),
    JC_METHOD(10, 6, 4, JC_SHORT, retrieve_tag),
    JC_METHOD(11, 6, 5, JC_SHORT, verify_tag),
};
const struct jc_class jc_class_AEADMade = {JC_NAME("javacardx/crypto/(AEADCipher)"), JC_AT(javacardx_crypto, 65),
    .flags = JC_INTERNAL, .super = &jc_class_AEADCipher, .cells = CELLS, .first_ref = CELL_RAM, .refs = 2,
    JC_VIRTUALS(made_virtuals)};
