/* The OneShot classes of Java Card 3.0.5 and AEADCipher: applets that name them can be loaded, but the simulated
 * card makes none: open() and getInstance() throw NO_SUCH_ALGORITHM. */
#include "runtime/sim/javacard/api/security.h"

static bool open_none(struct jc *jc, uint16_t *a)
{
	(void)a;
	return jc_crypto(jc, CRYPTO_NO_SUCH_ALGORITHM);
}

#define M(token, words, result) JC_ABSTRACT_METHOD(token, 6, words, result)
#define ONE_SHOT(id, text, parent, pkg, token, words, ...)                                                             \
	static const struct jc_method id##_statics[] = {JC_METHOD(0, 6, words, JC_REF, open_none)};                    \
	static const struct jc_method id##_virtuals[] = {JC_OBJECT_EQUALS, __VA_ARGS__};                               \
	const struct jc_class jc_class_##id = {JC_NAME(text), JC_AT(pkg, token), .since = 6, .flags = JC_ABSTRACT,     \
	    .super = &jc_class_##parent, JC_STATICS(id##_statics), JC_VIRTUALS(id##_virtuals)};

ONE_SHOT(DigestOneShot, "javacard/security/MessageDigest$OneShot", MessageDigest, javacard_security, 30, 1,
    M(1, 6, JC_SHORT), M(2, 1, JC_SHORT), M(3, 1, JC_SHORT), M(4, 1, JC_VOID), M(5, 4, JC_VOID), M(6, 1, JC_VOID))
ONE_SHOT(InitializedOneShot, "javacard/security/InitializedMessageDigest$OneShot", InitializedMessageDigest,
    javacard_security, 31, 1, M(1, 6, JC_SHORT), M(2, 1, JC_SHORT), M(3, 1, JC_SHORT), M(4, 1, JC_VOID),
    M(5, 4, JC_VOID), M(6, 7, JC_VOID), M(7, 1, JC_VOID))
ONE_SHOT(RandomOneShot, "javacard/security/RandomData$OneShot", RandomData, javacard_security, 32, 1, M(1, 4, JC_VOID),
    M(2, 4, JC_VOID), M(3, 4, JC_SHORT), M(4, 1, JC_SHORT), M(5, 1, JC_VOID))
ONE_SHOT(SignatureOneShot, "javacard/security/Signature$OneShot", Signature, javacard_security, 33, 3,
    M(1, 1, JC_SHORT), M(2, 1, JC_SHORT), M(3, 3, JC_VOID), M(4, 6, JC_VOID), M(5, 6, JC_SHORT), M(6, 4, JC_VOID),
    M(7, 7, JC_SHORT), M(8, 7, JC_VOID), M(9, 6, JC_SHORT), M(10, 7, JC_SHORT), M(11, 1, JC_SHORT), M(12, 1, JC_SHORT),
    M(13, 1, JC_SHORT), M(14, 1, JC_VOID))
ONE_SHOT(CipherOneShot, "javacardx/crypto/Cipher$OneShot", Cipher, javacardx_crypto, 2, 2, M(1, 6, JC_SHORT),
    M(2, 1, JC_SHORT), M(3, 3, JC_VOID), M(4, 6, JC_VOID), M(5, 6, JC_SHORT), M(6, 1, JC_SHORT), M(7, 1, JC_SHORT),
    M(8, 1, JC_VOID))

static const struct jc_method aead_statics[] = {JC_CONSTRUCTOR(0, 6, 1, jc_object_init)};
static const struct jc_method aead_virtuals[] = {JC_OBJECT_EQUALS, M(1, 6, JC_SHORT), M(2, 1, JC_SHORT),
    M(3, 3, JC_VOID), M(4, 6, JC_VOID), M(5, 6, JC_SHORT), M(6, 1, JC_SHORT), M(7, 1, JC_SHORT), M(8, 9, JC_VOID),
    M(9, 4, JC_VOID), M(10, 3, JC_SHORT), M(11, 5, JC_SHORT)};
const struct jc_class jc_class_AEADCipher = {JC_NAME("javacardx/crypto/AEADCipher"), JC_AT(javacardx_crypto, 3),
    .since = 6, .flags = JC_ABSTRACT, .super = &jc_class_Cipher, JC_STATICS(aead_statics), JC_VIRTUALS(aead_virtuals)};
