/* ISO/IEC 9796-2 in Signature, and javacard.security.SignatureMessageRecovery: what getInstance makes for algorithms
 * whose signatures give the beginning of the message back. */
#include "runtime/base/wipe.h"
#include "runtime/sim/javacard/api/rsa.h"
#include "runtime/sim/javacard/api/signature.h"

enum { KEPT_FLAGS, KEPT_LENGTH, KEPT_BYTES = 3 };
enum { FLAG_MORE = 1, FLAG_BEGUN = 2 };

static enum digest_algorithm hash_of(struct jc *jc, uint16_t ref)
{
	return jc_digest(jc_signature_row(jc, ref)->digest);
}

/* Where it begins in the store. */
static uint32_t kept_at(struct jc *jc, uint16_t ref)
{
	return jc_hash_bytes(hash_of(jc, ref));
}

/* NULL: nothing there. */
static const uint8_t *kept(struct jc *jc, uint16_t ref, size_t room)
{
	uint32_t n, at = kept_at(jc, ref);
	const uint8_t *p = jc_store(jc, jc_cell(jc, ref, SIGNATURE_RAM), &n);
	return p == NULL || n < at + KEPT_BYTES + room || jc_be16(p + at + KEPT_LENGTH) > room ? NULL : p + at;
}

bool jc_kept_forget(struct jc *jc, uint16_t ref)
{
	static const uint8_t none[KEPT_BYTES];
	return jc_store_put(jc, jc_cell(jc, ref, SIGNATURE_RAM), kept_at(jc, ref), none, sizeof none, JC_NON_ATOMIC);
}

bool jc_kept_begin(struct jc *jc, uint16_t ref, const struct jc_key *k)
{
	uint32_t need = kept_at(jc, ref) + KEPT_BYTES + (uint32_t)iso9796_capacity(hash_of(jc, ref), jc_rsa_bytes(k));
	if (jc_length(jc, jc_cell(jc, ref, SIGNATURE_RAM)) < need) {
		uint16_t ram = jc_new_store(jc, need, JC_RESET);
		if (ram == 0)
			return false;
		jc_set_cell_now(jc, ref, SIGNATURE_RAM, ram);
	}
	return jc_kept_forget(jc, ref);
}

static bool put_head(struct jc *jc, uint16_t ref, uint8_t flags, size_t n)
{
	uint8_t head[KEPT_BYTES] = {flags};
	jc_set16(head + KEPT_LENGTH, (uint16_t)n);
	return jc_store_put(jc, jc_cell(jc, ref, SIGNATURE_RAM), kept_at(jc, ref), head, sizeof head, JC_NON_ATOMIC);
}

bool jc_kept_add(struct jc *jc, uint16_t ref, const struct jc_key *k, const uint8_t *p, size_t n)
{
	size_t room = iso9796_capacity(hash_of(jc, ref), jc_rsa_bytes(k));
	const uint8_t *s = kept(jc, ref, room);
	if (s == NULL)
		return jc_crypto(jc, CRYPTO_INVALID_INIT);
	size_t have = jc_be16(s + KEPT_LENGTH), take = room - have < n ? room - have : n;
	uint8_t flags = s[KEPT_FLAGS], copy[RSA_BYTES_MAX];
	if (take < n)
		flags |= FLAG_MORE;
	memcpy(copy, p, take);
	return jc_store_put(jc, jc_cell(jc, ref, SIGNATURE_RAM), kept_at(jc, ref) + KEPT_BYTES + (uint32_t)have, copy,
		   (uint32_t)take, JC_NON_ATOMIC) &&
	    put_head(jc, ref, flags, have + take);
}

bool jc_kept_block(struct jc *jc, uint16_t ref, const struct jc_key *k, const uint8_t *p, size_t n,
    const uint8_t *digest, uint8_t *out, size_t *carried)
{
	enum digest_algorithm hash = hash_of(jc, ref);
	uint8_t m1[RSA_BYTES_MAX];
	size_t room = iso9796_capacity(hash, jc_rsa_bytes(k));
	const uint8_t *s = kept(jc, ref, room);
	if (s == NULL)
		return jc_crypto(jc, CRYPTO_INVALID_INIT);
	size_t have = jc_be16(s + KEPT_LENGTH), take = room - have < n ? room - have : n;
	bool more = (s[KEPT_FLAGS] & FLAG_MORE) != 0 || take < n;
	memcpy(m1, s + KEPT_BYTES, have);
	if (take > 0)
		memcpy(m1 + have, p, take);
	if (carried != NULL)
		*carried = have + take;
	return iso9796_pad(hash, digest, m1, have + take, more, out, jc_rsa_bytes(k)) ||
	    jc_crypto(jc, CRYPTO_ILLEGAL_USE);
}

/* --- SignatureMessageRecovery --- */

/* Methods of Signature for signatures without recovery (API). */
static bool not_here(struct jc *jc, uint16_t *a)
{
	(void)a;
	return jc_crypto(jc, CRYPTO_ILLEGAL_USE);
}

/* Has beginVerify() been called? NULL: exception pending. */
static const uint8_t *begun(struct jc *jc, uint16_t ref, const struct jc_key *k)
{
	const uint8_t *s = kept(jc, ref, iso9796_capacity(hash_of(jc, ref), jc_rsa_bytes(k)));
	if (s != NULL && (s[KEPT_FLAGS] & FLAG_BEGUN) != 0)
		return s;
	jc_crypto(jc, CRYPTO_ILLEGAL_USE);
	return NULL;
}

/* The digest of M1 is begun; the one that the signature has is kept. */
static bool keep_digest(struct jc *jc, uint16_t ref, const struct iso9796 *x)
{
	enum digest_algorithm hash = hash_of(jc, ref);
	struct digest d;
	uint16_t ram = jc_cell(jc, ref, SIGNATURE_RAM);
	digest_begin(&d, hash);
	digest_add(&d, x->m1, x->m1_len);
	return jc_hash_save(jc, ram, 0, &d) &&
	    jc_store_put(
		jc, ram, kept_at(jc, ref) + KEPT_BYTES, x->digest, (uint32_t)digest_length(hash), JC_NON_ATOMIC) &&
	    put_head(jc, ref, FLAG_BEGUN, 0);
}

/* beginVerify(byte[] sigAndRecDataBuff, short buffOffset, short sigLength) */
static bool begin_verify(struct jc *jc, uint16_t *a)
{
	uint8_t x[RSA_BYTES_MAX];
	struct iso9796 opened;
	struct jc_key k;
	const uint8_t *p;
	if (!jc_signature_ready(jc, a[0], 0, &k))
		return false;
	if (jc_cell(jc, a[0], SIGNATURE_MODE) != MODE_VERIFY)
		return jc_crypto(jc, CRYPTO_ILLEGAL_USE);
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p))
		return false;
	if (a[3] != jc_rsa_bytes(&k))
		return jc_crypto(jc, CRYPTO_ILLEGAL_USE);
	memcpy(x, p, a[3]);
	if (!jc_rsa_power(jc, &k, x, x))
		return false;
	if (!iso9796_open(hash_of(jc, a[0]), x, a[3], &opened))
		return jc_crypto(jc, CRYPTO_ILLEGAL_USE);
	if (!keep_digest(jc, a[0], &opened) ||
	    !jc_put(jc, a[1], (int16_t)a[2], opened.m1, (int32_t)opened.m1_len, JC_NON_ATOMIC))
		return false;
	a[0] = (uint16_t)opened.m1_len;
	return true;
}

static bool update(struct jc *jc, uint16_t *a)
{
	struct jc_key k;
	struct digest d;
	const uint8_t *p;
	if (!jc_signature_ready(jc, a[0], 0, &k))
		return false;
	if (jc_cell(jc, a[0], SIGNATURE_MODE) == MODE_SIGN)
		return jc_signature_update(jc, a);
	if (begun(jc, a[0], &k) == NULL || !jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p))
		return false;
	uint16_t ram = jc_cell(jc, a[0], SIGNATURE_RAM);
	jc_hash_load(jc, ram, 0, hash_of(jc, a[0]), &d);
	digest_add(&d, p, a[3]);
	return jc_hash_save(jc, ram, 0, &d);
}

/* The digest of everything. */
static void finish(struct jc *jc, uint16_t ref, const uint8_t *p, size_t n, uint8_t out[DIGEST_MAX])
{
	struct digest d;
	jc_hash_load(jc, jc_cell(jc, ref, SIGNATURE_RAM), 0, hash_of(jc, ref), &d);
	digest_add(&d, p, n);
	digest_end(&d, out);
	wipe(&d, sizeof d);
}

/* sign(byte[] in, short inOffset, short inLength, byte[] sig, short sigOffset, short[] recMsgLen, short offset) */
static bool sign(struct jc *jc, uint16_t *a)
{
	uint8_t digest[DIGEST_MAX], x[RSA_BYTES_MAX];
	const uint8_t *p;
	struct jc_key k;
	size_t carried;
	if (!jc_signature_ready(jc, a[0], MODE_SIGN, &k) ||
	    !jc_elements_in(jc, a[6], JC_SHORT_ARRAY, (int16_t)a[7], 1) ||
	    !jc_bytes_out(jc, a[4], (int16_t)a[5], (int32_t)jc_rsa_bytes(&k)) ||
	    !jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p))
		return false;
	finish(jc, a[0], p, a[3], digest);
	if (!jc_kept_block(jc, a[0], &k, p, a[3], digest, x, &carried) || !jc_rsa_power(jc, &k, x, x) ||
	    !jc_put(jc, a[4], (int16_t)a[5], x, (int32_t)jc_rsa_bytes(&k), JC_NON_ATOMIC) ||
	    !jc_put_element(jc, a[6], a[7], (int32_t)carried, JC_ATOMIC) || !jc_signature_again(jc, a[0]))
		return false;
	a[0] = (uint16_t)jc_rsa_bytes(&k);
	return true;
}

/* verify(byte[] in, short inOffset, short inLength) */
static bool verify(struct jc *jc, uint16_t *a)
{
	uint8_t digest[DIGEST_MAX];
	const uint8_t *p, *s;
	struct jc_key k;
	if (!jc_signature_ready(jc, a[0], MODE_VERIFY, &k) || (s = begun(jc, a[0], &k)) == NULL ||
	    !jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p))
		return false;
	finish(jc, a[0], p, a[3], digest);
	bool right = wipe_equal(digest, s + KEPT_BYTES, digest_length(hash_of(jc, a[0])));
	if (!jc_signature_again(jc, a[0]))
		return false;
	a[0] = right;
	return true;
}

static const struct jc_method made_virtuals[] = {
    JC_OBJECT_EQUALS,
    JC_METHOD(1, 0, 1, JC_SHORT, jc_signature_algorithm),
    JC_METHOD(2, 0, 1, JC_SHORT, jc_signature_length),
    JC_METHOD(3, 0, 3, JC_VOID, jc_signature_init),
    JC_METHOD(4, 0, 6, JC_VOID, not_here),
    JC_METHOD(5, 0, 6, JC_SHORT, not_here),
    JC_METHOD(6, 0, 4, JC_VOID, update),
    JC_METHOD(7, 0, 7, JC_SHORT, not_here),
    JC_METHOD(8, 5, 7, JC_VOID, not_here),
    JC_METHOD(9, 5, 6, JC_SHORT, not_here),
    JC_METHOD(10, 6, 7, JC_SHORT, not_here),
    JC_METHOD(11, 6, 1, JC_SHORT, jc_signature_digest),
    JC_METHOD(12, 6, 1, JC_SHORT, jc_signature_cipher),
    JC_METHOD(13, 6, 1, JC_SHORT, jc_signature_padding),
    JC_METHOD(14, 0, 4, JC_SHORT, begin_verify),
    JC_METHOD(15, 0, 8, JC_SHORT, sign),
    JC_METHOD(16, 0, 4, JC_SHORT, verify),
};
/* init, beginVerify, sign, verify, getAlgorithm, getLength, update */
static const uint8_t map[] = {3, 14, 15, 16, 1, 2, 6};
static const struct jc_implements made_implements[] = {
    {.interface = &jc_class_SignatureMessageRecovery, .map = map, .n = sizeof map}};
const struct jc_class jc_class_RecoveryMade = {JC_NAME("javacard/security/(SignatureMessageRecovery)"),
    JC_AT(javacard_security, 84), .flags = JC_INTERNAL, .super = &jc_class_Signature, .cells = SIGNATURE_CELLS,
    .first_ref = SIGNATURE_RAM, .refs = 2, JC_VIRTUALS(made_virtuals), JC_IMPLEMENTS(made_implements)};
