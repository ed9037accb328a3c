/* javacardx.crypto: Cipher over DES, AES and RSA, and the package's table.
 *
 * Cells: 0 RAM, 1 key, 2 row of combination.h and one, 3 mode. RAM: of block ciphers the state of block.h; of RSA,
 * made when update() is first called, | 2 length | bytes of the message |. */
#include "runtime/base/wipe.h"
#include "runtime/sim/javacard/api/aead.h"
#include "runtime/sim/javacard/api/block.h"
#include "runtime/sim/javacard/api/rsa.h"

enum { CELL_RAM, CELL_KEY, CELL_ROW, CELL_MODE, CELLS };
enum { MODE_DECRYPT = 1, MODE_ENCRYPT = 2 };
enum { WORK = 0x7FFF + 3 * BLOCK_MAX };

static const struct combination *row_of(struct jc *jc, uint16_t ref)
{
	uint16_t row = jc_cell(jc, ref, CELL_ROW);
	return &combinations[row < COMBINATIONS ? row : 0];
}

static bool is_rsa(const struct combination *row)
{
	return row->cipher == CIPHER_IS_RSA;
}

static bool is_cbc(const struct combination *row)
{
	return row->cipher == CIPHER_IS_AES_CBC || row->cipher == CIPHER_IS_DES_CBC ||
	    row->cipher == CIPHER_IS_SEED_CBC;
}

static bool is_ctr(const struct combination *row)
{
	return row->cipher == CIPHER_IS_AES_CTR;
}

static bool make(struct jc *jc, uint16_t *a, int row)
{
	if (row < 0 || !jc_has_combination(jc, (unsigned)row))
		return jc_crypto(jc, CRYPTO_NO_SUCH_ALGORITHM);
	if (combinations[row].cipher == CIPHER_IS_AES_GCM || combinations[row].cipher == CIPHER_IS_AES_CCM)
		return jc_aead_make(jc, a, row);
	uint16_t ref = jc_new_object(jc, &jc_class_CipherMade);
	if (ref == 0 || !jc_set_cell(jc, ref, CELL_ROW, (uint16_t)row))
		return false;
	uint16_t ram = is_rsa(&combinations[row]) ? 0 : jc_new_store(jc, BLOCK_STATE, JC_RESET);
	if (!is_rsa(&combinations[row]) && (ram == 0 || !jc_set_cell(jc, ref, CELL_RAM, ram)))
		return false;
	a[0] = ref;
	return true;
}

/* getInstance(byte algorithm, boolean externalAccess) */
static bool get_instance(struct jc *jc, uint16_t *a)
{
	return make(jc, a, combination_of_algorithm(false, (uint8_t)a[0]));
}

/* getInstance(byte cipherAlgorithm, byte paddingAlgorithm, boolean externalAccess) */
static bool get_instance_of(struct jc *jc, uint16_t *a)
{
	return make(jc, a, combination_of(false, 0, (uint8_t)a[0], (uint8_t)a[1]));
}

static bool key_fits(const struct combination *row, const struct jc_key *k)
{
	if (is_rsa(row))
		return jc_rsa_is(k);
	switch (row->cipher) {
	case CIPHER_IS_DES_CBC:
	case CIPHER_IS_DES_ECB:
		return k->kind == KEY_KIND_DES;
	case CIPHER_IS_SEED_CBC:
	case CIPHER_IS_SEED_ECB:
		return k->kind == KEY_KIND_SEED;
	default:
		return k->kind == KEY_KIND_AES;
	}
}

static bool start(struct jc *jc, const uint16_t *a, const uint8_t *iv, size_t n)
{
	const struct combination *row = row_of(jc, a[0]);
	struct jc_key k;
	uint8_t copy[BLOCK_MAX] = {0};
	if (iv != NULL)
		memcpy(copy, iv, n);
	if (!jc_key_open(jc, a[1], &k))
		return false;
	if ((a[2] != MODE_DECRYPT && a[2] != MODE_ENCRYPT) || !key_fits(row, &k))
		return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	if (!jc_key_ready(jc, &k))
		return jc_crypto(jc, CRYPTO_UNINITIALIZED_KEY);
	if (jc_cell(jc, a[0], CELL_KEY) != a[1])
		jc_set_cell_now(jc, a[0], CELL_KEY, a[1]);
	if (jc_cell(jc, a[0], CELL_MODE) != a[2])
		jc_set_cell_now(jc, a[0], CELL_MODE, a[2]);
	uint16_t ram = jc_cell(jc, a[0], CELL_RAM);
	static const uint8_t none[2];
	if (is_rsa(row))
		return ram == 0 || jc_store_put(jc, ram, 0, none, 2, JC_NON_ATOMIC);
	return jc_block_begin(jc, ram, copy, sizeof copy);
}

/* init(Key theKey, byte theMode) */
static bool init(struct jc *jc, uint16_t *a)
{
	return start(jc, a, NULL, 0);
}

/* init(Key theKey, byte theMode, byte[] bArray, short bOff, short bLen): CBC has an IV, the others no parameter */
static bool init_with(struct jc *jc, uint16_t *a)
{
	const struct combination *row = row_of(jc, a[0]);
	const uint8_t *p;
	size_t block = row->cipher == CIPHER_IS_DES_CBC ? 8 : 16;
	if (!jc_bytes_in(jc, a[3], (int16_t)a[4], (int16_t)a[5], &p))
		return false;
	if ((!is_cbc(row) && !is_ctr(row)) || a[5] != block)
		return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	return start(jc, a, p, block);
}

static bool ready(struct jc *jc, uint16_t ref, struct jc_key *k)
{
	if (jc_cell(jc, ref, CELL_MODE) == 0 || !jc_key_look(jc, jc_cell(jc, ref, CELL_KEY), k))
		return jc_crypto(jc, CRYPTO_INVALID_INIT);
	return jc_key_ready(jc, k) || jc_crypto(jc, CRYPTO_UNINITIALIZED_KEY);
}

/* --- blocks --- */

/* How many bytes of a padded plain text are the message's; -1: wrongly padded. ISO 9797 method 1 leaves its zeros. */
static int32_t unpadded(uint8_t padding, size_t block, const uint8_t *p, int32_t n)
{
	if (padding != PAD_M2 && padding != PAD_PKCS5)
		return n;
	if (n == 0)
		return -1;
	if (padding == PAD_M2) {
		int32_t at = n - 1;
		while (at > n - (int32_t)block && p[at] == 0)
			at--;
		return p[at] == 0x80 ? at : -1;
	}
	uint8_t pad = p[n - 1];
	if (pad == 0 || pad > block)
		return -1;
	for (int32_t i = n - pad; i < n; i++)
		if (p[i] != pad)
			return -1;
	return n - pad;
}

static bool crypt(
    struct cipher *c, const struct combination *row, bool encrypt, struct block_state *s, uint8_t *w, size_t n)
{
	size_t block = cipher_block(c);
	uint8_t last[BLOCK_MAX];
	if (n == 0)
		return true;
	if (!is_cbc(row))
		return encrypt ? cipher_ecb_encrypt(c, w, n, w) : cipher_ecb_decrypt(c, w, n, w);
	memcpy(last, w + n - block, block);
	if (!(encrypt ? cipher_cbc_encrypt(c, s->chain, w, n, w) : cipher_cbc_decrypt(c, s->chain, w, n, w)))
		return false;
	memcpy(s->chain, encrypt ? w + n - block : last, block);
	return true;
}

/* Bytes to be worked on now: everything at the end, else whole blocks; decrypting with padding keeps one back. */
static size_t due(const struct combination *row, bool encrypt, bool final, size_t block, size_t n)
{
	if (final)
		return n;
	bool keep = !encrypt && (row->padding == PAD_M2 || row->padding == PAD_PKCS5);
	return keep && n > 0 ? (n - 1) / block * block : n / block * block;
}

/* What is held and the input into w: w has room for WORK. The output goes where a[4], a[5] say. */
static bool block_run(struct jc *jc, uint16_t *a, const struct jc_key *k, bool final, uint8_t *w)
{
	const struct combination *row = row_of(jc, a[0]);
	bool encrypt = jc_cell(jc, a[0], CELL_MODE) == MODE_ENCRYPT, ok = false;
	uint16_t ram = jc_cell(jc, a[0], CELL_RAM);
	struct block_state s;
	const uint8_t *p;
	size_t n = a[3], out;
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p))
		return false;
	jc_block_load(jc, ram, &s);
	memcpy(w, s.bytes, s.held);
	memcpy(w + s.held, p, n);
	s.fed |= n > 0;
	n += s.held;
	if (final && row->padding == PAD_NOPAD && s.fed == 0)
		return jc_crypto(jc, CRYPTO_ILLEGAL_USE); /* no input at all (API) */
	struct cipher *c = jc_block_cipher(jc, k);
	if (c == NULL)
		return false;
	size_t block = cipher_block(c);
	out = due(row, encrypt, final, block, n);
	if (final && encrypt) {
		int pad = jc_block_pad(row->padding, block, n, w + n);
		if (pad < 0 && !jc_crypto(jc, CRYPTO_ILLEGAL_USE))
			goto out;
		out = n += (size_t)pad;
	}
	if (final && n % block != 0 && !jc_crypto(jc, CRYPTO_ILLEGAL_USE))
		goto out;
	s.held = (uint8_t)(n - out);
	memcpy(s.bytes, w + out, s.held);
	if (!crypt(c, row, encrypt, &s, w, out) && !jc_abort(jc, SW_NO_DIAGNOSIS))
		goto out;
	int32_t gives = final && !encrypt ? unpadded(row->padding, block, w, (int32_t)out) : (int32_t)out;
	if (gives < 0 && !jc_crypto(jc, CRYPTO_ILLEGAL_USE))
		goto out;
	ok = jc_put(jc, a[4], (int16_t)a[5], w, gives, JC_NON_ATOMIC) && jc_block_save(jc, ram, &s) &&
	    (!final || jc_block_again(jc, ram, false));
	a[0] = (uint16_t)gives;
out:
	wipe(w, n + BLOCK_MAX);
	wipe(&s, sizeof s);
	cipher_free(c);
	return ok;
}

/* --- counter mode: NIST SP 800-38A 6.5. The chaining value is the next counter, what is held are bytes of the last one
 * that are not used yet. --- */

static void next_counter(struct cipher *c, struct block_state *s)
{
	(void)cipher_ecb_encrypt(c, s->chain, BLOCK_MAX, s->bytes);
	s->held = BLOCK_MAX;
	for (int i = BLOCK_MAX - 1; i >= 0 && ++s->chain[i] == 0; i--)
		;
}

static bool ctr_run(struct jc *jc, uint16_t *a, const struct jc_key *k, bool final, uint8_t *w)
{
	uint16_t ram = jc_cell(jc, a[0], CELL_RAM);
	struct block_state s;
	const uint8_t *p;
	size_t n = a[3];
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p))
		return false;
	jc_block_load(jc, ram, &s);
	s.fed |= n > 0;
	if (final && s.fed == 0)
		return jc_crypto(jc, CRYPTO_ILLEGAL_USE);
	struct cipher *c = jc_block_cipher(jc, k);
	if (c == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s.held == 0)
			next_counter(c, &s);
		w[i] = p[i] ^ s.bytes[BLOCK_MAX - s.held--];
	}
	cipher_free(c);
	bool ok = jc_put(jc, a[4], (int16_t)a[5], w, (int32_t)n, JC_NON_ATOMIC) && jc_block_save(jc, ram, &s) &&
	    (!final || jc_block_again(jc, ram, true));
	wipe(w, n);
	a[0] = (uint16_t)n;
	return ok;
}

/* --- RSA --- */

static enum digest_algorithm oaep_hash(uint8_t padding)
{
	switch (padding) {
	case PAD_OAEP_SHA224:
		return DIGEST_SHA224;
	case PAD_OAEP_SHA256:
		return DIGEST_SHA256;
	case PAD_OAEP_SHA384:
		return DIGEST_SHA384;
	case PAD_OAEP_SHA512:
		return DIGEST_SHA512;
	default:
		return DIGEST_SHA1;
	}
}

static void tape(void *context, uint8_t *out, size_t n)
{
	jc_random(context, out, n);
}

/* Pad m into the modulus's length. A private key encrypts as it signs: block type 1 (API, ALG_RSA_PKCS1). */
static bool rsa_pad(
    struct jc *jc, const struct combination *row, bool public, const uint8_t *m, size_t m_len, uint8_t *out, size_t n)
{
	struct rsa_random random = {tape, jc};
	if (row->padding == PAD_NOPAD) {
		if (m_len == n)
			memcpy(out, m, n);
		return m_len == n;
	}
	if (row->padding == PAD_PKCS1)
		return public ? rsa_pad_type2(m, m_len, random, out, n) : rsa_pad_type1(m, m_len, out, n);
	return rsa_pad_oaep(oaep_hash(row->padding), m, m_len, random, out, n);
}

static bool rsa_open(const struct combination *row, bool public, uint8_t *x, size_t n, const uint8_t **m, size_t *m_len)
{
	*m = x;
	*m_len = n;
	if (row->padding == PAD_NOPAD)
		return true;
	if (row->padding == PAD_PKCS1)
		return rsa_unpad(x, n, public ? 1 : 2, m, m_len);
	return rsa_unpad_oaep(oaep_hash(row->padding), x, n, m, m_len);
}

/* The message so far and the input into m; its length, or -1: too long. */
static int32_t rsa_message(struct jc *jc, uint16_t ref, const uint8_t *p, size_t n, uint8_t m[RSA_BYTES_MAX])
{
	uint32_t size;
	const uint8_t *s = jc_store(jc, jc_cell(jc, ref, CELL_RAM), &size);
	size_t have = s == NULL || size < 2 || jc_be16(s) > size - 2 ? 0 : jc_be16(s);
	if (have + n > RSA_BYTES_MAX)
		return -1;
	if (have > 0)
		memcpy(m, s + 2, have);
	memcpy(m + have, p, n);
	return (int32_t)(have + n);
}

/* Keep the message of update(): nothing comes out before the end. */
static bool rsa_keep(struct jc *jc, uint16_t ref, const struct jc_key *k, const uint8_t *m, size_t n)
{
	uint16_t ram = jc_cell(jc, ref, CELL_RAM);
	uint8_t length[2];
	if (n > jc_rsa_bytes(k))
		return jc_crypto(jc, CRYPTO_ILLEGAL_USE);
	if (ram == 0 || jc_length(jc, ram) < 2 + jc_rsa_bytes(k)) {
		ram = jc_new_store(jc, 2 + (uint32_t)jc_rsa_bytes(k), JC_RESET);
		if (ram == 0)
			return false;
		jc_set_cell_now(jc, ref, CELL_RAM, ram);
	}
	jc_set16(length, (uint16_t)n);
	return jc_store_put(jc, ram, 2, m, (uint32_t)n, JC_NON_ATOMIC) &&
	    jc_store_put(jc, ram, 0, length, 2, JC_NON_ATOMIC);
}

static bool rsa_final(struct jc *jc, uint16_t *a, const struct jc_key *k, uint8_t *m, size_t n)
{
	const struct combination *row = row_of(jc, a[0]);
	static const uint8_t none[2];
	bool encrypt = jc_cell(jc, a[0], CELL_MODE) == MODE_ENCRYPT, public = k->kind == KEY_KIND_RSA_PUBLIC,
	     ok = false;
	size_t bytes = jc_rsa_bytes(k), out = bytes;
	uint16_t ram = jc_cell(jc, a[0], CELL_RAM);
	uint8_t x[RSA_BYTES_MAX];
	const uint8_t *result = x;
	if (encrypt ? !rsa_pad(jc, row, public, m, n, x, bytes) : n != bytes)
		return jc_crypto(jc, CRYPTO_ILLEGAL_USE);
	if (!encrypt)
		memcpy(x, m, n);
	if (jc_rsa_power(jc, k, x, x) &&
	    (encrypt || rsa_open(row, public, x, bytes, &result, &out) || jc_crypto(jc, CRYPTO_ILLEGAL_USE)))
		ok = jc_put(jc, a[4], (int16_t)a[5], result, (int32_t)out, JC_NON_ATOMIC) &&
		    (ram == 0 || jc_store_put(jc, ram, 0, none, 2, JC_NON_ATOMIC));
	wipe(x, sizeof x);
	a[0] = (uint16_t)out;
	return ok;
}

static bool rsa_run(struct jc *jc, uint16_t *a, const struct jc_key *k, bool final)
{
	uint8_t m[RSA_BYTES_MAX];
	const uint8_t *p;
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p))
		return false;
	int32_t n = rsa_message(jc, a[0], p, a[3], m);
	bool ok = n < 0 ? jc_crypto(jc, CRYPTO_ILLEGAL_USE)
	    : final     ? rsa_final(jc, a, k, m, (size_t)n)
			: rsa_keep(jc, a[0], k, m, (size_t)n);
	if (ok && !final)
		a[0] = 0;
	wipe(m, sizeof m);
	return ok;
}

static bool run(struct jc *jc, uint16_t *a, bool final)
{
	uint8_t work[WORK];
	struct jc_key k;
	if (!ready(jc, a[0], &k))
		return false;
	if (is_ctr(row_of(jc, a[0])))
		return ctr_run(jc, a, &k, final, work);
	return is_rsa(row_of(jc, a[0])) ? rsa_run(jc, a, &k, final) : block_run(jc, a, &k, final, work);
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

static bool get_algorithm(struct jc *jc, uint16_t *a)
{
	a[0] = (uint16_t)(int8_t)row_of(jc, a[0])->algorithm;
	return true;
}

static bool get_cipher(struct jc *jc, uint16_t *a)
{
	const struct combination *row = row_of(jc, a[0]);
	a[0] = is_ctr(row) ? 0 : row->cipher; /* no predefined code (API) */
	return true;
}

static bool get_padding(struct jc *jc, uint16_t *a)
{
	a[0] = row_of(jc, a[0])->padding;
	return true;
}

static const struct jc_method statics[] = {JC_METHOD(0, 0, 2, JC_REF, get_instance),
    JC_CONSTRUCTOR(1, 0, 1, jc_object_init), JC_METHOD(2, 5, 3, JC_REF, get_instance_of)};
static const struct jc_method virtuals[] = {JC_OBJECT_EQUALS, JC_ABSTRACT_METHOD(1, 0, 6, JC_SHORT),
    JC_ABSTRACT_METHOD(2, 0, 1, JC_SHORT), JC_ABSTRACT_METHOD(3, 0, 3, JC_VOID), JC_ABSTRACT_METHOD(4, 0, 6, JC_VOID),
    JC_ABSTRACT_METHOD(5, 0, 6, JC_SHORT), JC_ABSTRACT_METHOD(6, 6, 1, JC_SHORT),
    JC_ABSTRACT_METHOD(7, 6, 1, JC_SHORT)};
const struct jc_class jc_class_Cipher = {JC_NAME("javacardx/crypto/Cipher"), JC_AT(javacardx_crypto, 1),
    .flags = JC_ABSTRACT, .super = &jc_class_Object, JC_STATICS(statics), JC_VIRTUALS(virtuals)};

static const struct jc_method made_virtuals[] = {
    JC_OBJECT_EQUALS,
    JC_METHOD(1, 0, 6, JC_SHORT, do_final),
    JC_METHOD(2, 0, 1, JC_SHORT, get_algorithm),
    JC_METHOD(3, 0, 3, JC_VOID, init),
    JC_METHOD(4, 0, 6, JC_VOID, init_with),
    JC_METHOD(5, 0, 6, JC_SHORT, update),
    JC_METHOD(6, 0, 1, JC_SHORT, get_cipher),
    JC_METHOD(7, 0, 1, JC_SHORT, get_padding),
};
const struct jc_class jc_class_CipherMade = {JC_NAME("javacardx/crypto/(Cipher)"), JC_AT(javacardx_crypto, 64),
    .flags = JC_INTERNAL, .super = &jc_class_Cipher, .cells = CELLS, .first_ref = CELL_RAM, .refs = 2,
    JC_VIRTUALS(made_virtuals)};

const struct jc_class jc_class_KeyEncryption = {
    JC_NAME("javacardx/crypto/KeyEncryption"), JC_AT(javacardx_crypto, 0), .flags = JC_INTERFACE | JC_ABSTRACT};

static const struct jc_class *const classes[] = {[0] = &jc_class_KeyEncryption,
    [1] = &jc_class_Cipher,
    [2] = &jc_class_CipherOneShot,
    [3] = &jc_class_AEADCipher,
    [64] = &jc_class_CipherMade,
    [65] = &jc_class_AEADMade};
const struct jc_package jc_rom_javacardx_crypto = {
    .classes = classes, .n = sizeof classes / sizeof classes[0], .minor = 6};
