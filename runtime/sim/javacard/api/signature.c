/* javacard.security.Signature: MACs by DES, AES and SEED, CMAC, HMAC, RSA with PKCS #1, PSS and ISO/IEC 9796-2, DSA,
 * ECDSA.
 *
 * Cells: 0 RAM, 1 key, 2 row of combination.h, 3 mode, 4 length of PSS's salt and one. RAM: the state of block.h or
 * the digest of hash.h, with ISO/IEC 9796-2 behind it what signature.h says. */
#include "runtime/base/wipe.h"
#include "runtime/sim/javacard/api/block.h"
#include "runtime/sim/javacard/api/ec.h"
#include "runtime/sim/javacard/api/dsa.h"
#include "runtime/sim/javacard/api/rsa.h"
#include "runtime/sim/javacard/api/signature.h"

enum { SIGNATURE_BYTES = RSA_BYTES_MAX };

const struct combination *jc_signature_row(struct jc *jc, uint16_t ref)
{
	uint16_t row = jc_cell(jc, ref, SIGNATURE_ROW);
	return &combinations[row < COMBINATIONS ? row : 0];
}

static bool is_iso9796(const struct combination *row)
{
	return row->padding == PAD_ISO9796 || row->padding == PAD_ISO9796_MR;
}

static bool is_mac(const struct combination *row)
{
	return row->digest == 0;
}

static enum digest_algorithm digest_of(const struct combination *row)
{
	return jc_digest(row->digest);
}

static bool make(struct jc *jc, uint16_t *a, int row)
{
	if (row < 0 || !jc_has_combination(jc, (unsigned)row))
		return jc_crypto(jc, CRYPTO_NO_SUCH_ALGORITHM);
	const struct combination *c = &combinations[row];
	uint16_t ref =
	    jc_new_object(jc, c->padding == PAD_ISO9796_MR ? &jc_class_RecoveryMade : &jc_class_SignatureMade);
	if (ref == 0 || !jc_set_cell(jc, ref, SIGNATURE_ROW, (uint16_t)row))
		return false;
	uint16_t ram = jc_new_store(jc, is_mac(c) ? BLOCK_STATE : jc_hash_bytes(digest_of(c)), JC_RESET);
	if (ram == 0 || !jc_set_cell(jc, ref, SIGNATURE_RAM, ram))
		return false;
	a[0] = ref;
	return true;
}

/* getInstance(byte algorithm, boolean externalAccess) */
static bool get_instance(struct jc *jc, uint16_t *a)
{
	return make(jc, a, combination_of_algorithm(true, (uint8_t)a[0]));
}

/* getInstance(byte messageDigestAlgorithm, byte cipherAlgorithm, byte paddingAlgorithm, boolean externalAccess) */
static bool get_instance_of(struct jc *jc, uint16_t *a)
{
	return make(jc, a, combination_of(true, (uint8_t)a[0], (uint8_t)a[1], (uint8_t)a[2]));
}

/* Is the key one to sign (or verify) this with? */
static bool key_fits(const struct combination *row, const struct jc_key *k, uint16_t mode)
{
	bool sign = mode == MODE_SIGN;
	switch (row->cipher) {
	case SIG_DES_MAC4:
	case SIG_DES_MAC8:
		return k->kind == KEY_KIND_DES &&
		    (k->bits > 64 || (row->padding != PAD_M1_ALG3 && row->padding != PAD_M2_ALG3));
	case SIG_AES_MAC:
	case SIG_AES_CMAC:
		return k->kind == KEY_KIND_AES;
	case SIG_SEED_MAC:
		return k->kind == KEY_KIND_SEED;
	case SIG_HMAC:
		return k->kind == KEY_KIND_HMAC;
	case SIG_DSA:
		return k->kind == (sign ? KEY_KIND_DSA_PRIVATE : KEY_KIND_DSA_PUBLIC);
	case SIG_RSA:
		return sign ? k->kind == KEY_KIND_RSA_PRIVATE || k->kind == KEY_KIND_RSA_CRT
			    : k->kind == KEY_KIND_RSA_PUBLIC;
	default:
		return sign ? jc_ec_is_private(k) : jc_ec_is_public(k);
	}
}

bool jc_signature_again(struct jc *jc, uint16_t ref)
{
	const struct combination *row = jc_signature_row(jc, ref);
	uint16_t ram = jc_cell(jc, ref, SIGNATURE_RAM);
	if (is_mac(row))
		return jc_block_again(jc, ram, false);
	return jc_hash_forget(jc, ram, 0, digest_of(row)) && (!is_iso9796(row) || jc_kept_forget(jc, ref));
}

static bool start(struct jc *jc, const uint16_t *a, const uint8_t *iv, size_t n, uint16_t salt)
{
	const struct combination *row = jc_signature_row(jc, a[0]);
	uint8_t copy[BLOCK_MAX] = {0};
	struct jc_key k;
	if (iv != NULL)
		memcpy(copy, iv, n);
	if (!jc_key_open(jc, a[1], &k))
		return false;
	if ((a[2] != MODE_SIGN && a[2] != MODE_VERIFY) || !key_fits(row, &k, a[2]))
		return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	if (!jc_key_ready(jc, &k))
		return jc_crypto(jc, CRYPTO_UNINITIALIZED_KEY);
	if (row->padding == PAD_PSS && jc_rsa_bytes(&k) < digest_length(digest_of(row)) + salt + 1)
		return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	const uint16_t values[] = {a[1], a[2], (uint16_t)(salt + 1)};
	const uint16_t cells[] = {SIGNATURE_KEY, SIGNATURE_MODE, SIGNATURE_SALT};
	for (int i = 0; i < 3; i++)
		if (jc_cell(jc, a[0], cells[i]) != values[i])
			jc_set_cell_now(jc, a[0], cells[i], values[i]);
	if (is_iso9796(row) && !jc_kept_begin(jc, a[0], &k))
		return false;
	return is_mac(row) ? jc_block_begin(jc, jc_cell(jc, a[0], SIGNATURE_RAM), copy, sizeof copy)
			   : jc_signature_again(jc, a[0]);
}

/* init(Key theKey, byte theMode) */
bool jc_signature_init(struct jc *jc, uint16_t *a)
{
	return start(jc, a, NULL, 0, (uint16_t)digest_length(digest_of(jc_signature_row(jc, a[0]))));
}

/* init(Key theKey, byte theMode, byte[] bArray, short bOff, short bLen): the IV of a MAC in CBC mode; the length of
 * PSS's salt */
static bool init_with(struct jc *jc, uint16_t *a)
{
	const struct combination *row = jc_signature_row(jc, a[0]);
	const uint8_t *p;
	size_t block = row->cipher == SIG_AES_MAC || row->cipher == SIG_SEED_MAC ? 16 : 8;
	bool cbc = is_mac(row) && row->cipher != SIG_AES_CMAC;
	if (!jc_bytes_in(jc, a[3], (int16_t)a[4], (int16_t)a[5], &p))
		return false;
	if (row->padding == PAD_PSS && a[5] == 2 && jc_be16(p) <= RSA_BYTES_MAX)
		return start(jc, a, NULL, 0, jc_be16(p));
	if (!cbc || a[5] != block)
		return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	return start(jc, a, p, block, 0);
}

bool jc_signature_ready(struct jc *jc, uint16_t ref, uint16_t mode, struct jc_key *k)
{
	uint16_t is = jc_cell(jc, ref, SIGNATURE_MODE);
	if (is == 0 || (mode != 0 && is != mode) || !jc_key_look(jc, jc_cell(jc, ref, SIGNATURE_KEY), k))
		return jc_crypto(jc, CRYPTO_INVALID_INIT);
	return jc_key_ready(jc, k) || jc_crypto(jc, CRYPTO_UNINITIALIZED_KEY);
}

static size_t length(struct jc *jc, const struct combination *row, const struct jc_key *k)
{
	switch (row->cipher) {
	case SIG_DES_MAC4:
		return 4;
	case SIG_DES_MAC8:
		return 8;
	case SIG_AES_MAC:
	case SIG_AES_CMAC:
	case SIG_SEED_MAC:
		return 16;
	case SIG_HMAC:
		return digest_length(digest_of(row));
	case SIG_RSA:
		return jc_rsa_bytes(k);
	case SIG_DSA:
		return jc_dsa_signature_max(jc, k);
	default:
		return jc_ec_signature_max(k, row->cipher == SIG_ECDSA_PLAIN);
	}
}

/* --- HMAC: FIPS 198-1 --- */

/* The key, filled up to a block and xored with a byte, into the digest. */
static void hmac_key(struct jc *jc, const struct jc_key *k, struct digest *d, uint8_t with)
{
	enum digest_algorithm a = (enum digest_algorithm)d->algorithm;
	uint8_t block[128] = {0};
	size_t n;
	const uint8_t *p = jc_key_part(jc, k, SECRET_VALUE, &n);
	if (n > digest_block(a)) {
		uint8_t hash[DIGEST_MAX];
		struct digest of_key;
		digest_begin(&of_key, a);
		digest_add(&of_key, p, n);
		digest_end(&of_key, hash);
		memcpy(block, hash, digest_length(a));
		wipe(hash, sizeof hash);
	} else if (p != NULL)
		memcpy(block, p, n);
	for (size_t i = 0; i < digest_block(a); i++)
		block[i] ^= with;
	digest_add(d, block, digest_block(a));
	wipe(block, sizeof block);
}

/* --- what is signed --- */

static void load(struct jc *jc, uint16_t ref, const struct jc_key *k, struct digest *d)
{
	const struct combination *row = jc_signature_row(jc, ref);
	uint16_t ram = jc_cell(jc, ref, SIGNATURE_RAM);
	jc_hash_load(jc, ram, 0, digest_of(row), d);
	if (row->cipher == SIG_HMAC && !jc_hash_begun(jc, ram, 0))
		hmac_key(jc, k, d, 0x36);
}

/* update(byte[] in, short inOffset, short inLength) */
bool jc_signature_update(struct jc *jc, uint16_t *a)
{
	const struct combination *row = jc_signature_row(jc, a[0]);
	uint16_t ram = jc_cell(jc, a[0], SIGNATURE_RAM);
	struct jc_key k;
	const uint8_t *p;
	if (!jc_signature_ready(jc, a[0], 0, &k) || !jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p))
		return false;
	if (!is_mac(row)) {
		struct digest d;
		load(jc, a[0], &k, &d);
		digest_add(&d, p, a[3]);
		return (!is_iso9796(row) || jc_kept_add(jc, a[0], &k, p, a[3])) && jc_hash_save(jc, ram, 0, &d);
	}
	struct block_state s;
	struct cipher *c = jc_mac_cipher(jc, row, &k);
	if (c == NULL)
		return false;
	jc_block_load(jc, ram, &s);
	jc_mac_add(&s, c, cipher_block(c), p, a[3]);
	cipher_free(c);
	return jc_block_save(jc, ram, &s);
}

/* The MAC or the digest of everything, with the last n bytes; out has room for the largest. */
static bool finish(struct jc *jc, uint16_t ref, const struct jc_key *k, const uint8_t *p, size_t n, uint8_t *out)
{
	const struct combination *row = jc_signature_row(jc, ref);
	if (is_mac(row)) {
		struct block_state s;
		struct cipher *c = jc_mac_cipher(jc, row, k);
		if (c == NULL)
			return false;
		jc_block_load(jc, jc_cell(jc, ref, SIGNATURE_RAM), &s);
		jc_mac_add(&s, c, cipher_block(c), p, n);
		cipher_free(c);
		bool ok = jc_mac_end(jc, row, k, &s, out);
		wipe(&s, sizeof s);
		return ok;
	}
	struct digest d;
	load(jc, ref, k, &d);
	digest_add(&d, p, n);
	digest_end(&d, out);
	if (row->cipher == SIG_HMAC) {
		uint8_t inner[DIGEST_MAX];
		memcpy(inner, out, digest_length(digest_of(row)));
		hmac_key(jc, k, &d, 0x5C);
		digest_add(&d, inner, digest_length(digest_of(row)));
		digest_end(&d, out);
	}
	wipe(&d, sizeof d);
	return true;
}

/* What is signed besides its digest: the last bytes of the message, of which ISO/IEC 9796-2 signs the first. */
struct message {
	const uint8_t *p;
	size_t n;
};

/* The block that RSA signs. false: exception pending. */
static bool rsa_block(
    struct jc *jc, uint16_t ref, const struct jc_key *k, const uint8_t *digest, const struct message *last, uint8_t *x)
{
	const struct combination *row = jc_signature_row(jc, ref);
	enum digest_algorithm hash = digest_of(row);
	size_t n = jc_rsa_bytes(k), salt_len = (size_t)jc_cell(jc, ref, SIGNATURE_SALT) - 1;
	uint8_t salt[RSA_BYTES_MAX];
	bool ok;
	switch (row->padding) {
	case PAD_ISO9796:
		return jc_kept_block(jc, ref, k, last->p, last->n, digest, x, NULL);
	case PAD_PSS:
		jc_random(jc, salt, salt_len);
		ok = rsa_emsa_pss(hash, digest, salt, salt_len, x, n);
		break;
	case PAD_RFC2409: /* 5.1: "as private key encryption in PKCS #1 format and not as a signature" */
		ok = rsa_pad_type1(digest, digest_length(hash), x, n);
		break;
	default:
		ok = rsa_emsa_pkcs1(hash, digest, x, n);
	}
	return ok || jc_crypto(jc, CRYPTO_ILLEGAL_USE);
}

static bool rsa_right(struct jc *jc, uint16_t ref, const struct jc_key *k, const uint8_t *digest,
    const struct message *last, const uint8_t *sig)
{
	const struct combination *row = jc_signature_row(jc, ref);
	size_t n = jc_rsa_bytes(k);
	uint8_t x[RSA_BYTES_MAX], want[RSA_BYTES_MAX];
	if (!jc_rsa_power(jc, k, sig, x)) {
		jc_clear_pending(jc); /* no number below the modulus: no signature */
		return false;
	}
	if (row->padding == PAD_PSS)
		return rsa_emsa_pss_right(digest_of(row), digest, (size_t)jc_cell(jc, ref, SIGNATURE_SALT) - 1, x, n);
	if (!rsa_block(jc, ref, k, digest, last, want)) {
		jc_clear_pending(jc); /* the key is too short for any signature */
		return false;
	}
	return wipe_equal(want, x, n);
}

/* The signature of a digest (or the MAC itself, which is there already); *n its length. */
static bool sign_digest(struct jc *jc, uint16_t ref, const struct jc_key *k, const uint8_t *digest,
    const struct message *last, uint8_t *out, size_t *n)
{
	uint8_t x[RSA_BYTES_MAX];
	const struct combination *row = jc_signature_row(jc, ref);
	*n = length(jc, row, k);
	if (row->cipher == SIG_RSA)
		return rsa_block(jc, ref, k, digest, last, x) && jc_rsa_power(jc, k, x, out);
	if (row->cipher == SIG_DSA)
		return jc_dsa_sign(jc, k, digest, digest_length(digest_of(row)), out, n);
	if (row->cipher == SIG_ECDSA || row->cipher == SIG_ECDSA_PLAIN)
		return jc_ec_sign(jc, k, digest, digest_length(digest_of(row)), row->cipher == SIG_ECDSA_PLAIN, out, n);
	memcpy(out, digest, *n);
	return true;
}

static bool digest_right(struct jc *jc, uint16_t ref, const struct jc_key *k, const uint8_t *digest,
    const struct message *last, const uint8_t *sig, size_t n)
{
	const struct combination *row = jc_signature_row(jc, ref);
	if (row->cipher == SIG_ECDSA || row->cipher == SIG_ECDSA_PLAIN)
		return jc_ec_right(
		    jc, k, digest, digest_length(digest_of(row)), row->cipher == SIG_ECDSA_PLAIN, sig, n);
	if (row->cipher == SIG_DSA)
		return jc_dsa_right(jc, k, digest, digest_length(digest_of(row)), sig, n);
	if (n != length(jc, row, k))
		return false;
	return row->cipher == SIG_RSA ? rsa_right(jc, ref, k, digest, last, sig) : wipe_equal(digest, sig, n);
}

/* sign(byte[] in, short inOffset, short inLength, byte[] sig, short sigOffset) */
static bool sign(struct jc *jc, uint16_t *a)
{
	uint8_t digest[DIGEST_MAX], out[SIGNATURE_BYTES];
	const uint8_t *p;
	struct jc_key k;
	size_t n;
	if (!jc_signature_ready(jc, a[0], MODE_SIGN, &k) || !jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p) ||
	    !finish(jc, a[0], &k, p, a[3], digest) ||
	    !sign_digest(jc, a[0], &k, digest, &(struct message){p, a[3]}, out, &n) ||
	    !jc_put(jc, a[4], (int16_t)a[5], out, (int32_t)n, JC_NON_ATOMIC) || !jc_signature_again(jc, a[0]))
		return false;
	a[0] = (uint16_t)n;
	return true;
}

/* verify(byte[] in, short inOffset, short inLength, byte[] sig, short sigOffset, short sigLength) */
static bool verify(struct jc *jc, uint16_t *a)
{
	uint8_t digest[DIGEST_MAX], copy[SIGNATURE_BYTES];
	const uint8_t *p, *sig;
	struct jc_key k;
	if (!jc_signature_ready(jc, a[0], MODE_VERIFY, &k) ||
	    !jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p) ||
	    !jc_bytes_in(jc, a[4], (int16_t)a[5], (int16_t)a[6], &sig) || !finish(jc, a[0], &k, p, a[3], digest))
		return false;
	bool right = a[6] <= sizeof copy;
	if (right) {
		memcpy(copy, sig, a[6]);
		right = digest_right(jc, a[0], &k, digest, &(struct message){p, a[3]}, copy, a[6]);
	}
	wipe(digest, sizeof digest);
	if (!jc_signature_again(jc, a[0]))
		return false;
	a[0] = right;
	return true;
}

/* Only what hashes apart from its key: not MACs, not HMAC (API); not what signs a part of the message itself. */
static bool hashes(struct jc *jc, uint16_t ref)
{
	const struct combination *row = jc_signature_row(jc, ref);
	return !is_mac(row) && row->cipher != SIG_HMAC && !is_iso9796(row);
}

static bool set_initial(struct jc *jc, uint16_t *a)
{
	struct digest d;
	struct jc_key k;
	if (!hashes(jc, a[0]))
		return jc_crypto(jc, CRYPTO_ILLEGAL_USE);
	return jc_signature_ready(jc, a[0], 0, &k) &&
	    jc_hash_resume(jc, a + 1, digest_of(jc_signature_row(jc, a[0])), &d) &&
	    jc_hash_save(jc, jc_cell(jc, a[0], SIGNATURE_RAM), 0, &d);
}

/* signPreComputedHash(byte[] hash, short off, short length, byte[] sig, short sigOffset) */
static bool sign_hash(struct jc *jc, uint16_t *a)
{
	uint8_t digest[DIGEST_MAX], out[SIGNATURE_BYTES];
	const uint8_t *p;
	struct jc_key k;
	size_t n;
	if (!jc_signature_ready(jc, a[0], MODE_SIGN, &k) || !jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p))
		return false;
	if (!hashes(jc, a[0]) || a[3] != digest_length(digest_of(jc_signature_row(jc, a[0]))))
		return jc_crypto(jc, CRYPTO_ILLEGAL_USE);
	memcpy(digest, p, a[3]);
	if (!sign_digest(jc, a[0], &k, digest, NULL, out, &n) ||
	    !jc_put(jc, a[4], (int16_t)a[5], out, (int32_t)n, JC_NON_ATOMIC) || !jc_signature_again(jc, a[0]))
		return false;
	a[0] = (uint16_t)n;
	return true;
}

static bool verify_hash(struct jc *jc, uint16_t *a)
{
	uint8_t digest[DIGEST_MAX], copy[SIGNATURE_BYTES];
	const uint8_t *p, *sig;
	struct jc_key k;
	if (!jc_signature_ready(jc, a[0], MODE_VERIFY, &k) ||
	    !jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p) ||
	    !jc_bytes_in(jc, a[4], (int16_t)a[5], (int16_t)a[6], &sig))
		return false;
	if (!hashes(jc, a[0]) || a[3] != digest_length(digest_of(jc_signature_row(jc, a[0]))))
		return jc_crypto(jc, CRYPTO_ILLEGAL_USE);
	memcpy(digest, p, a[3]);
	bool right = a[6] <= sizeof copy;
	if (right) {
		memcpy(copy, sig, a[6]);
		right = digest_right(jc, a[0], &k, digest, NULL, copy, a[6]);
	}
	if (!jc_signature_again(jc, a[0]))
		return false;
	a[0] = right;
	return true;
}

bool jc_signature_length(struct jc *jc, uint16_t *a)
{
	struct jc_key k;
	if (!jc_signature_ready(jc, a[0], 0, &k))
		return false;
	a[0] = (uint16_t)length(jc, jc_signature_row(jc, a[0]), &k);
	return true;
}

#define GETTER(name, member)                                                                                           \
	bool jc_signature_##name(struct jc *jc, uint16_t *a)                                                           \
	{                                                                                                              \
		a[0] = jc_signature_row(jc, a[0])->member;                                                             \
		return true;                                                                                           \
	}
GETTER(algorithm, algorithm)
GETTER(digest, digest)
GETTER(cipher, cipher)
GETTER(padding, padding)

static const struct jc_method statics[] = {JC_METHOD(0, 0, 2, JC_REF, get_instance),
    JC_CONSTRUCTOR(1, 0, 1, jc_object_init), JC_METHOD(2, 5, 4, JC_REF, get_instance_of)};
static const struct jc_method virtuals[] = {JC_OBJECT_EQUALS, JC_ABSTRACT_METHOD(1, 0, 1, JC_SHORT),
    JC_ABSTRACT_METHOD(2, 0, 1, JC_SHORT), JC_ABSTRACT_METHOD(3, 0, 3, JC_VOID), JC_ABSTRACT_METHOD(4, 0, 6, JC_VOID),
    JC_ABSTRACT_METHOD(5, 0, 6, JC_SHORT), JC_ABSTRACT_METHOD(6, 0, 4, JC_VOID), JC_ABSTRACT_METHOD(7, 0, 7, JC_SHORT),
    JC_ABSTRACT_METHOD(8, 5, 7, JC_VOID), JC_ABSTRACT_METHOD(9, 5, 6, JC_SHORT), JC_ABSTRACT_METHOD(10, 6, 7, JC_SHORT),
    JC_ABSTRACT_METHOD(11, 6, 1, JC_SHORT), JC_ABSTRACT_METHOD(12, 6, 1, JC_SHORT),
    JC_ABSTRACT_METHOD(13, 6, 1, JC_SHORT)};
const struct jc_class jc_class_Signature = {JC_NAME("javacard/security/Signature"), JC_AT(javacard_security, 15),
    .flags = JC_ABSTRACT, .super = &jc_class_Object, JC_STATICS(statics), JC_VIRTUALS(virtuals)};

static const struct jc_method made_virtuals[] = {
    JC_OBJECT_EQUALS,
    JC_METHOD(1, 0, 1, JC_SHORT, jc_signature_algorithm),
    JC_METHOD(2, 0, 1, JC_SHORT, jc_signature_length),
    JC_METHOD(3, 0, 3, JC_VOID, jc_signature_init),
    JC_METHOD(4, 0, 6, JC_VOID, init_with),
    JC_METHOD(5, 0, 6, JC_SHORT, sign),
    JC_METHOD(6, 0, 4, JC_VOID, jc_signature_update),
    JC_METHOD(7, 0, 7, JC_SHORT, verify),
    JC_METHOD(8, 0, 7, JC_VOID, set_initial),
    JC_METHOD(9, 0, 6, JC_SHORT, sign_hash),
    JC_METHOD(10, 0, 7, JC_SHORT, verify_hash),
    JC_METHOD(11, 0, 1, JC_SHORT, jc_signature_digest),
    JC_METHOD(12, 0, 1, JC_SHORT, jc_signature_cipher),
    JC_METHOD(13, 0, 1, JC_SHORT, jc_signature_padding),
};
const struct jc_class jc_class_SignatureMade = {JC_NAME("javacard/security/(Signature)"), JC_AT(javacard_security, 75),
    .flags = JC_INTERNAL, .super = &jc_class_Signature, .cells = SIGNATURE_CELLS, .first_ref = SIGNATURE_RAM, .refs = 2,
    JC_VIRTUALS(made_virtuals)};
