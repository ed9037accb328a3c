/* javacard.security.RandomData: all algorithms give bytes of the card's tape. A pseudo random generator that was seeded
 * gives a sequence that depends on the seed alone: SHA-256 of | state | counter |, state = SHA-256(state | seed).
 *
 * Cells: 0 RAM, 1 algorithm. RAM: | 1 seeded | 32 state | 4 counter |. */
#include "runtime/sim/javacard/api/security.h"

#include "runtime/base/wipe.h"
#include "runtime/crypto/sha256.h"

enum { CELL_RAM, CELL_ALGORITHM, CELLS };
enum { AT_SEEDED, AT_STATE, AT_COUNTER = AT_STATE + SHA256_LEN, RAM_BYTES = AT_COUNTER + 4 };
enum { ALG_PSEUDO_RANDOM = 1, ALG_TRNG = 3, ALG_PRESEEDED_DRBG = 4, ALG_KEYGENERATION = 6 };

/* getInstance(byte algorithm) */
static bool get_instance(struct jc *jc, uint16_t *a)
{
	if (a[0] < ALG_PSEUDO_RANDOM || a[0] > ALG_KEYGENERATION ||
	    !jc_has_algorithm(jc, CHIP_ALG_RANDOM, a[0] - ALG_PSEUDO_RANDOM))
		return jc_crypto(jc, CRYPTO_NO_SUCH_ALGORITHM);
	uint16_t ref = jc_new_object(jc, &jc_class_RandomMade);
	if (ref == 0 || !jc_set_cell(jc, ref, CELL_ALGORITHM, a[0]))
		return false;
	uint16_t ram = a[0] == ALG_PSEUDO_RANDOM ? jc_new_store(jc, RAM_BYTES, JC_RESET) : 0;
	if (a[0] == ALG_PSEUDO_RANDOM && (ram == 0 || !jc_set_cell(jc, ref, CELL_RAM, ram)))
		return false;
	a[0] = ref;
	return true;
}

/* One block of the seeded sequence. false: it was not seeded, or exception pending. */
static bool next_block(struct jc *jc, uint16_t ram, uint8_t out[SHA256_LEN])
{
	uint8_t in[SHA256_LEN + 4], counter[4];
	uint32_t n;
	const uint8_t *s = jc_store(jc, ram, &n);
	if (s == NULL || n < RAM_BYTES || s[AT_SEEDED] != 1)
		return false;
	memcpy(in, s + AT_STATE, sizeof in);
	jc_set32(counter, jc_be32(s + AT_COUNTER) + 1);
	bool ok = sha256(in, sizeof in, out) && jc_store_put(jc, ram, AT_COUNTER, counter, 4, JC_NON_ATOMIC);
	wipe(in, sizeof in);
	return ok;
}

static bool fill(struct jc *jc, const uint16_t *a)
{
	uint16_t ram = jc_cell(jc, a[0], CELL_RAM);
	int32_t off = (int16_t)a[2], left = (int16_t)a[3];
	uint8_t block[SHA256_LEN];
	if (!jc_bytes_out(jc, a[1], off, left))
		return false;
	for (int32_t n; left > 0; off += n, left -= n) {
		n = left < SHA256_LEN ? left : SHA256_LEN;
		if (!next_block(jc, ram, block))
			jc_random(jc, block, (size_t)n);
		if (!jc_put(jc, a[1], off, block, n, JC_NON_ATOMIC))
			return false;
	}
	wipe(block, sizeof block);
	return true;
}

/* generateData(byte[] buffer, short offset, short length): a length of 0 is ILLEGAL_VALUE */
static bool generate_data(struct jc *jc, uint16_t *a)
{
	if (a[3] == 0 && jc_bytes_out(jc, a[1], (int16_t)a[2], 0))
		return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	return fill(jc, a);
}

/* nextBytes: the same, and where the next would go. */
static bool next_bytes(struct jc *jc, uint16_t *a)
{
	uint16_t end = (uint16_t)(a[2] + a[3]);
	if (!generate_data(jc, a))
		return false;
	a[0] = end;
	return true;
}

/* setSeed(byte[] buffer, short offset, short length): what a true generator cannot use it refuses (API) */
static bool set_seed(struct jc *jc, uint16_t *a)
{
	uint8_t state[RAM_BYTES] = {1}, hash[DIGEST_MAX];
	struct digest d;
	uint32_t n;
	const uint8_t *p, *s;
	uint16_t algorithm = jc_cell(jc, a[0], CELL_ALGORITHM), ram = jc_cell(jc, a[0], CELL_RAM);
	if (algorithm == ALG_TRNG)
		return jc_crypto(jc, CRYPTO_ILLEGAL_USE);
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p))
		return false;
	if ((s = jc_store(jc, ram, &n)) == NULL || n < RAM_BYTES)
		return true; /* the tape is as good as any seed */
	digest_begin(&d, DIGEST_SHA256);
	digest_add(&d, s + AT_STATE, s[AT_SEEDED] == 1 ? SHA256_LEN : 0);
	digest_add(&d, p, a[3]);
	digest_end(&d, hash);
	memcpy(state + AT_STATE, hash, SHA256_LEN);
	bool ok = jc_store_put(jc, ram, 0, state, sizeof state, JC_NON_ATOMIC);
	wipe(state, sizeof state);
	wipe(hash, sizeof hash);
	return ok;
}

static bool get_algorithm(struct jc *jc, uint16_t *a)
{
	a[0] = jc_cell(jc, a[0], CELL_ALGORITHM);
	return true;
}

static const struct jc_method statics[] = {
    JC_METHOD(0, 0, 1, JC_REF, get_instance), JC_CONSTRUCTOR(1, 0, 1, jc_object_init)};
static const struct jc_method virtuals[] = {JC_OBJECT_EQUALS, JC_ABSTRACT_METHOD(1, 0, 4, JC_VOID),
    JC_ABSTRACT_METHOD(2, 0, 4, JC_VOID), JC_ABSTRACT_METHOD(3, 6, 4, JC_SHORT), JC_ABSTRACT_METHOD(4, 6, 1, JC_SHORT)};
const struct jc_class jc_class_RandomData = {JC_NAME("javacard/security/RandomData"), JC_AT(javacard_security, 14),
    .flags = JC_ABSTRACT, .super = &jc_class_Object, JC_STATICS(statics), JC_VIRTUALS(virtuals)};

static const struct jc_method made_virtuals[] = {
    JC_OBJECT_EQUALS,
    JC_METHOD(1, 0, 4, JC_VOID, generate_data),
    JC_METHOD(2, 0, 4, JC_VOID, set_seed),
    JC_METHOD(3, 0, 4, JC_SHORT, next_bytes),
    JC_METHOD(4, 0, 1, JC_SHORT, get_algorithm),
};
const struct jc_class jc_class_RandomMade = {JC_NAME("javacard/security/(RandomData)"), JC_AT(javacard_security, 73),
    .flags = JC_INTERNAL, .super = &jc_class_RandomData, .cells = CELLS, .first_ref = CELL_RAM, .refs = 1,
    JC_VIRTUALS(made_virtuals)};
