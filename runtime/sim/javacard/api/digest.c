/* javacard.security.MessageDigest and InitializedMessageDigest. One class stands for what both getInstance make.
 *
 * Cells: 0 RAM, 1 algorithm. RAM, cleared on reset: | 1 begun | state of the digest |: a reset begins anew (API). */
#include "runtime/sim/javacard/api/hash.h"

#include "runtime/base/wipe.h"

enum { CELL_RAM, CELL_ALGORITHM, CELLS };
enum { AT_BEGUN, AT_STATE };

enum digest_algorithm jc_digest(uint16_t algorithm)
{
	static const uint8_t of[] = {DIGEST_NONE, DIGEST_SHA1, DIGEST_MD5, DIGEST_RIPEMD160, DIGEST_SHA256,
	    DIGEST_SHA384, DIGEST_SHA512, DIGEST_SHA224};
	return algorithm < sizeof of ? (enum digest_algorithm)of[algorithm] : DIGEST_NONE;
}

uint32_t jc_hash_bytes(enum digest_algorithm a)
{
	return AT_STATE + (uint32_t)digest_state(a);
}

void jc_hash_load(struct jc *jc, uint16_t store, uint32_t at, enum digest_algorithm a, struct digest *d)
{
	uint32_t n;
	const uint8_t *p = jc_store(jc, store, &n);
	digest_begin(d, a);
	if (p != NULL && n >= at + jc_hash_bytes(a) && p[at + AT_BEGUN] == 1)
		memcpy(d->state.bytes, p + at + AT_STATE, digest_state(a));
}

bool jc_hash_begun(struct jc *jc, uint16_t store, uint32_t at)
{
	uint32_t n;
	const uint8_t *p = jc_store(jc, store, &n);
	return p != NULL && n > at + AT_BEGUN && p[at + AT_BEGUN] == 1;
}

bool jc_hash_save(struct jc *jc, uint16_t store, uint32_t at, struct digest *d)
{
	const uint8_t begun = 1;
	bool ok = jc_store_put(jc, store, at + AT_STATE, d->state.bytes,
		      (uint32_t)digest_state((enum digest_algorithm)d->algorithm), JC_NON_ATOMIC) &&
	    jc_store_put(jc, store, at + AT_BEGUN, &begun, 1, JC_NON_ATOMIC);
	wipe(d, sizeof *d);
	return ok;
}

bool jc_hash_forget(struct jc *jc, uint16_t store, uint32_t at, enum digest_algorithm a)
{
	static const uint8_t zeros[1 + DIGEST_STATE];
	return jc_store_put(jc, store, at, zeros, jc_hash_bytes(a), JC_NON_ATOMIC);
}

/* (byte[] initialDigest, offset, length, byte[] digestedMsgLen, offset, length) in a[0]… */
bool jc_hash_resume(struct jc *jc, const uint16_t *a, enum digest_algorithm algorithm, struct digest *d)
{
	const uint8_t *chain, *count;
	uint64_t n = 0;
	int16_t count_len = (int16_t)a[5];
	if (!jc_bytes_in(jc, a[0], (int16_t)a[1], (int16_t)a[2], &chain) ||
	    !jc_bytes_in(jc, a[3], (int16_t)a[4], count_len, &count))
		return false;
	for (int16_t i = 0; i < count_len; i++) {
		if (n >> 48 != 0)
			return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
		n = n << 8 | count[i];
	}
	return digest_resume(d, algorithm, chain, a[2], n) || jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
}

static enum digest_algorithm algorithm_of(struct jc *jc, uint16_t ref)
{
	return jc_digest(jc_cell(jc, ref, CELL_ALGORITHM));
}

/* getInstance(byte algorithm, boolean externalAccess), getInitializedMessageDigestInstance the same */
static bool get_instance(struct jc *jc, uint16_t *a)
{
	enum digest_algorithm d = jc_digest(a[0]);
	if (d == DIGEST_NONE || !jc_has_algorithm(jc, CHIP_ALG_DIGEST, a[0]))
		return jc_crypto(jc, CRYPTO_NO_SUCH_ALGORITHM);
	uint16_t ref = jc_new_object(jc, &jc_class_DigestMade);
	if (ref == 0 || !jc_set_cell(jc, ref, CELL_ALGORITHM, a[0]))
		return false;
	uint16_t ram = jc_new_store(jc, jc_hash_bytes(d), JC_RESET);
	if (ram == 0 || !jc_set_cell(jc, ref, CELL_RAM, ram))
		return false;
	a[0] = ref;
	return true;
}

/* update(byte[] in, short inOffset, short inLength) */
static bool update(struct jc *jc, uint16_t *a)
{
	struct digest d;
	const uint8_t *p;
	uint16_t ram = jc_cell(jc, a[0], CELL_RAM);
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p))
		return false;
	jc_hash_load(jc, ram, 0, algorithm_of(jc, a[0]), &d);
	digest_add(&d, p, a[3]);
	return jc_hash_save(jc, ram, 0, &d);
}

/* doFinal(byte[] in, short inOffset, short inLength, byte[] out, short outOffset) */
static bool do_final(struct jc *jc, uint16_t *a)
{
	struct digest d;
	uint8_t out[DIGEST_MAX];
	const uint8_t *p;
	enum digest_algorithm algorithm = algorithm_of(jc, a[0]);
	uint16_t ram = jc_cell(jc, a[0], CELL_RAM);
	int32_t n = (int32_t)digest_length(algorithm);
	if (!jc_bytes_out(jc, a[4], (int16_t)a[5], n) || !jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p))
		return false;
	jc_hash_load(jc, ram, 0, algorithm, &d);
	digest_add(&d, p, a[3]);
	digest_end(&d, out);
	if (!jc_hash_forget(jc, ram, 0, algorithm) || !jc_put(jc, a[4], (int16_t)a[5], out, n, JC_NON_ATOMIC))
		return false;
	a[0] = (uint16_t)n;
	return true;
}

static bool reset(struct jc *jc, uint16_t *a)
{
	return jc_hash_forget(jc, jc_cell(jc, a[0], CELL_RAM), 0, algorithm_of(jc, a[0]));
}

static bool set_initial(struct jc *jc, uint16_t *a)
{
	struct digest d;
	return jc_hash_resume(jc, a + 1, algorithm_of(jc, a[0]), &d) &&
	    jc_hash_save(jc, jc_cell(jc, a[0], CELL_RAM), 0, &d);
}

static bool get_algorithm(struct jc *jc, uint16_t *a)
{
	a[0] = jc_cell(jc, a[0], CELL_ALGORITHM);
	return true;
}

static bool get_length(struct jc *jc, uint16_t *a)
{
	a[0] = (uint16_t)digest_length(algorithm_of(jc, a[0]));
	return true;
}

static const struct jc_method statics[] = {JC_METHOD(0, 0, 2, JC_REF, get_instance),
    JC_CONSTRUCTOR(1, 0, 1, jc_object_init), JC_METHOD(2, 3, 2, JC_REF, get_instance)};
#define ABSTRACT_VIRTUALS                                                                                              \
	JC_OBJECT_EQUALS, JC_ABSTRACT_METHOD(1, 0, 6, JC_SHORT), JC_ABSTRACT_METHOD(2, 0, 1, JC_SHORT),                \
	    JC_ABSTRACT_METHOD(3, 0, 1, JC_SHORT), JC_ABSTRACT_METHOD(4, 0, 1, JC_VOID),                               \
	    JC_ABSTRACT_METHOD(5, 0, 4, JC_VOID)
static const struct jc_method virtuals[] = {ABSTRACT_VIRTUALS};
const struct jc_class jc_class_MessageDigest = {JC_NAME("javacard/security/MessageDigest"),
    JC_AT(javacard_security, 11), .flags = JC_ABSTRACT, .super = &jc_class_Object, JC_STATICS(statics),
    JC_VIRTUALS(virtuals)};

static const struct jc_method initialized_statics[] = {JC_CONSTRUCTOR(0, 0, 1, jc_object_init)};
static const struct jc_method initialized_virtuals[] = {ABSTRACT_VIRTUALS, JC_ABSTRACT_METHOD(6, 3, 7, JC_VOID)};
const struct jc_class jc_class_InitializedMessageDigest = {JC_NAME("javacard/security/InitializedMessageDigest"),
    JC_AT(javacard_security, 26), .since = 3, .flags = JC_ABSTRACT, .super = &jc_class_MessageDigest,
    JC_STATICS(initialized_statics), JC_VIRTUALS(initialized_virtuals)};

static const struct jc_method made_virtuals[] = {
    JC_OBJECT_EQUALS,
    JC_METHOD(1, 0, 6, JC_SHORT, do_final),
    JC_METHOD(2, 0, 1, JC_SHORT, get_algorithm),
    JC_METHOD(3, 0, 1, JC_SHORT, get_length),
    JC_METHOD(4, 0, 1, JC_VOID, reset),
    JC_METHOD(5, 0, 4, JC_VOID, update),
    JC_METHOD(6, 0, 7, JC_VOID, set_initial),
};
const struct jc_class jc_class_DigestMade = {JC_NAME("javacard/security/(MessageDigest)"), JC_AT(javacard_security, 72),
    .flags = JC_INTERNAL, .super = &jc_class_InitializedMessageDigest, .cells = CELLS, .first_ref = CELL_RAM, .refs = 1,
    JC_VIRTUALS(made_virtuals)};
