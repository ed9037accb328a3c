/* javacard.security.Checksum: CRC16 and CRC32 of ISO/IEC 3309. Cells: 0 RAM, 1 algorithm. RAM: | 4 remainder |, zero
 * at the beginning (API: "the default initial checksum value is 0").
 *
 * CRC16 works on bytes as they are, polynomial 1021; CRC32 on reflected ones, EDB88320 is 04C11DB7 backwards, and so is
 * the remainder, which init() gives the right way round (API: "the resulting 32 bit FCS is reversed"). Both end with
 * all bits inverted. */
#include "runtime/sim/javacard/api/security.h"

enum { CELL_RAM, CELL_ALGORITHM, CELLS };
enum { CRC16 = 1, CRC32 = 2 };

/* getInstance(byte algorithm, boolean externalAccess) */
static bool get_instance(struct jc *jc, uint16_t *a)
{
	if ((a[0] != CRC16 && a[0] != CRC32) || !jc_has_algorithm(jc, CHIP_ALG_CHECKSUM, a[0] - 1u))
		return jc_crypto(jc, CRYPTO_NO_SUCH_ALGORITHM);
	uint16_t ref = jc_new_object(jc, &jc_class_ChecksumMade);
	if (ref == 0 || !jc_set_cell(jc, ref, CELL_ALGORITHM, a[0]))
		return false;
	uint16_t ram = jc_new_store(jc, 4, JC_RESET);
	if (ram == 0 || !jc_set_cell(jc, ref, CELL_RAM, ram))
		return false;
	a[0] = ref;
	return true;
}

static bool set(struct jc *jc, uint16_t ref, uint32_t crc)
{
	uint8_t b[4];
	jc_set32(b, crc);
	return jc_store_put(jc, jc_cell(jc, ref, CELL_RAM), 0, b, 4, JC_NON_ATOMIC);
}

static uint32_t get(struct jc *jc, uint16_t ref)
{
	uint32_t n;
	const uint8_t *p = jc_store(jc, jc_cell(jc, ref, CELL_RAM), &n);
	return p != NULL && n >= 4 ? jc_be32(p) : 0;
}

static uint32_t backwards(uint32_t v)
{
	uint32_t r = 0;
	for (int i = 0; i < 32; i++)
		r |= (v >> i & 1) << (31 - i);
	return r;
}

/* init(byte[] bArray, short bOff, short bLen): 2 or 4 bytes of initial value */
static bool init(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	bool short_one = jc_cell(jc, a[0], CELL_ALGORITHM) == CRC16;
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p))
		return false;
	if (a[3] != (short_one ? 2 : 4))
		return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	return set(jc, a[0], short_one ? jc_be16(p) : backwards(jc_be32(p)));
}

static uint32_t crc16(uint32_t crc, const uint8_t *p, size_t n)
{
	for (; n > 0; n--) {
		crc ^= (uint32_t)*p++ << 8;
		for (int i = 0; i < 8; i++)
			crc = (crc << 1 ^ ((crc & 0x8000) != 0 ? 0x1021 : 0)) & 0xFFFF;
	}
	return crc;
}

static uint32_t crc32(uint32_t crc, const uint8_t *p, size_t n)
{
	for (; n > 0; n--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
	}
	return crc;
}

/* update(byte[] in, short inOffset, short inLength) */
static bool update(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p))
		return false;
	uint32_t crc = get(jc, a[0]);
	return set(jc, a[0], jc_cell(jc, a[0], CELL_ALGORITHM) == CRC16 ? crc16(crc, p, a[3]) : crc32(crc, p, a[3]));
}

/* doFinal(byte[] in, short inOffset, short inLength, byte[] out, short outOffset) */
static bool do_final(struct jc *jc, uint16_t *a)
{
	uint8_t b[4];
	bool short_one = jc_cell(jc, a[0], CELL_ALGORITHM) == CRC16;
	int32_t n = short_one ? 2 : 4;
	if (!jc_bytes_out(jc, a[4], (int16_t)a[5], n) || !update(jc, a))
		return false;
	jc_set32(b, ~get(jc, a[0]));
	if (!set(jc, a[0], 0) || !jc_put(jc, a[4], (int16_t)a[5], b + 4 - n, n, JC_NON_ATOMIC))
		return false;
	a[0] = (uint16_t)n;
	return true;
}

static bool get_algorithm(struct jc *jc, uint16_t *a)
{
	a[0] = jc_cell(jc, a[0], CELL_ALGORITHM);
	return true;
}

static const struct jc_method statics[] = {
    JC_METHOD(0, 0, 2, JC_REF, get_instance), JC_CONSTRUCTOR(1, 0, 1, jc_object_init)};
static const struct jc_method virtuals[] = {JC_OBJECT_EQUALS, JC_ABSTRACT_METHOD(1, 0, 4, JC_VOID),
    JC_ABSTRACT_METHOD(2, 0, 1, JC_SHORT), JC_ABSTRACT_METHOD(3, 0, 6, JC_SHORT), JC_ABSTRACT_METHOD(4, 0, 4, JC_VOID)};
const struct jc_class jc_class_Checksum = {JC_NAME("javacard/security/Checksum"), JC_AT(javacard_security, 21),
    .since = 2, .flags = JC_ABSTRACT, .super = &jc_class_Object, JC_STATICS(statics), JC_VIRTUALS(virtuals)};

static const struct jc_method made_virtuals[] = {JC_OBJECT_EQUALS, JC_METHOD(1, 0, 4, JC_VOID, init),
    JC_METHOD(2, 0, 1, JC_SHORT, get_algorithm), JC_METHOD(3, 0, 6, JC_SHORT, do_final),
    JC_METHOD(4, 0, 4, JC_VOID, update)};
const struct jc_class jc_class_ChecksumMade = {JC_NAME("javacard/security/(Checksum)"), JC_AT(javacard_security, 74),
    .flags = JC_INTERNAL, .super = &jc_class_Checksum, .cells = CELLS, .first_ref = CELL_RAM, .refs = 1,
    JC_VIRTUALS(made_virtuals)};
