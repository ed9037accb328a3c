/* The OneShot classes of Java Card 3.0.5. An instance delegates to one of what getInstance makes; both are temporary:
 * no field or array may hold them, other contexts may not use them, and they are gone when the command ends. Cell 0: to
 * whom it delegates, 0 after close(). */
#include "runtime/sim/javacard/api/security.h"

enum { CELL_INNER, CELLS };

/* An instance that delegates to what static method `token` of the class below Object makes. */
static bool open_as(
    struct jc *jc, uint16_t *a, const struct jc_class *class, const struct jc_class *made, unsigned token)
{
	const struct jc_class *maker = class->super;
	while (maker->super != &jc_class_Object)
		maker = maker->super;
	jc_one_shot(jc, true);
	bool ok = maker->statics[token].native(jc, a);
	uint16_t inner = a[0], ref = 0;
	if (ok && jc_class_of(jc, inner) != made) /* its methods are not those of a OneShot */
		ok = jc_crypto(jc, CRYPTO_NO_SUCH_ALGORITHM);
	ok = ok && (ref = jc_new_object(jc, class)) != 0;
	jc_one_shot(jc, false);
	if (ok)
		jc_set_cell_now(jc, ref, CELL_INNER, inner);
	a[0] = ref;
	return ok;
}

static bool delegate(struct jc *jc, uint16_t *a, const struct jc_class *made, unsigned token)
{
	uint16_t inner = jc_cell(jc, a[0], CELL_INNER);
	if (inner == 0)
		return jc_crypto(jc, CRYPTO_ILLEGAL_USE);
	a[0] = inner;
	jc_one_shot(jc, true);
	bool ok = made->virtuals[token].native(jc, a);
	jc_one_shot(jc, false);
	return ok;
}

static bool close_it(struct jc *jc, uint16_t *a)
{
	jc_set_cell_now(jc, a[0], CELL_INNER, 0);
	return true;
}

/* What is done in several parts no OneShot does (API). */
static bool update(struct jc *jc, uint16_t *a)
{
	(void)a;
	return jc_crypto(jc, CRYPTO_ILLEGAL_USE);
}

#define DELEGATE(made, token)                                                                                          \
	static bool made##_##token(struct jc *jc, uint16_t *a)                                                         \
	{                                                                                                              \
		return delegate(jc, a, &jc_class_##made, token);                                                       \
	}
#define OPEN(id, made, token)                                                                                          \
	static bool id##_open(struct jc *jc, uint16_t *a)                                                              \
	{                                                                                                              \
		return open_as(jc, a, &jc_class_##id, &jc_class_##made, token);                                        \
	}
#define M(made, token, words, result) JC_METHOD(token, 6, words, result, made##_##token)
#define OWN(token, words, fn)         JC_METHOD(token, 6, words, JC_VOID, fn)
#define CLASS(id, text, parent, pkg, token, words, ...)                                                                \
	static const struct jc_method id##_statics[] = {JC_METHOD(0, 6, words, JC_REF, id##_open)};                    \
	static const struct jc_method id##_virtuals[] = {JC_OBJECT_EQUALS, __VA_ARGS__};                               \
	const struct jc_class jc_class_##id = {JC_NAME(text), JC_AT(pkg, token), .since = 6,                           \
	    .super = &jc_class_##parent, .cells = CELLS, .first_ref = CELL_INNER, .refs = 1, JC_STATICS(id##_statics), \
	    JC_VIRTUALS(id##_virtuals)};

DELEGATE(DigestMade, 1)
DELEGATE(DigestMade, 2)
DELEGATE(DigestMade, 3)
DELEGATE(DigestMade, 4)
DELEGATE(DigestMade, 6)
OPEN(DigestOneShot, DigestMade, 0)
CLASS(DigestOneShot, "javacard/security/MessageDigest$OneShot", MessageDigest, javacard_security, 30, 1,
    M(DigestMade, 1, 6, JC_SHORT), M(DigestMade, 2, 1, JC_SHORT), M(DigestMade, 3, 1, JC_SHORT),
    M(DigestMade, 4, 1, JC_VOID), OWN(5, 4, update), OWN(6, 1, close_it))

OPEN(InitializedOneShot, DigestMade, 2)
CLASS(InitializedOneShot, "javacard/security/InitializedMessageDigest$OneShot", InitializedMessageDigest,
    javacard_security, 31, 1, M(DigestMade, 1, 6, JC_SHORT), M(DigestMade, 2, 1, JC_SHORT),
    M(DigestMade, 3, 1, JC_SHORT), M(DigestMade, 4, 1, JC_VOID), OWN(5, 4, update), M(DigestMade, 6, 7, JC_VOID),
    OWN(7, 1, close_it))

DELEGATE(RandomMade, 1)
DELEGATE(RandomMade, 2)
DELEGATE(RandomMade, 3)
DELEGATE(RandomMade, 4)
OPEN(RandomOneShot, RandomMade, 0)
CLASS(RandomOneShot, "javacard/security/RandomData$OneShot", RandomData, javacard_security, 32, 1,
    M(RandomMade, 1, 4, JC_VOID), M(RandomMade, 2, 4, JC_VOID), M(RandomMade, 3, 4, JC_SHORT),
    M(RandomMade, 4, 1, JC_SHORT), OWN(5, 1, close_it))

DELEGATE(SignatureMade, 1)
DELEGATE(SignatureMade, 2)
DELEGATE(SignatureMade, 3)
DELEGATE(SignatureMade, 4)
DELEGATE(SignatureMade, 5)
DELEGATE(SignatureMade, 7)
DELEGATE(SignatureMade, 8)
DELEGATE(SignatureMade, 9)
DELEGATE(SignatureMade, 10)
DELEGATE(SignatureMade, 11)
DELEGATE(SignatureMade, 12)
DELEGATE(SignatureMade, 13)
OPEN(SignatureOneShot, SignatureMade, 2)
CLASS(SignatureOneShot, "javacard/security/Signature$OneShot", Signature, javacard_security, 33, 3,
    M(SignatureMade, 1, 1, JC_SHORT), M(SignatureMade, 2, 1, JC_SHORT), M(SignatureMade, 3, 3, JC_VOID),
    M(SignatureMade, 4, 6, JC_VOID), M(SignatureMade, 5, 6, JC_SHORT), OWN(6, 4, update),
    M(SignatureMade, 7, 7, JC_SHORT), M(SignatureMade, 8, 7, JC_VOID), M(SignatureMade, 9, 6, JC_SHORT),
    M(SignatureMade, 10, 7, JC_SHORT), M(SignatureMade, 11, 1, JC_SHORT), M(SignatureMade, 12, 1, JC_SHORT),
    M(SignatureMade, 13, 1, JC_SHORT), OWN(14, 1, close_it))

DELEGATE(CipherMade, 1)
DELEGATE(CipherMade, 2)
DELEGATE(CipherMade, 3)
DELEGATE(CipherMade, 4)
DELEGATE(CipherMade, 6)
DELEGATE(CipherMade, 7)
OPEN(CipherOneShot, CipherMade, 2)
CLASS(CipherOneShot, "javacardx/crypto/Cipher$OneShot", Cipher, javacardx_crypto, 2, 2, M(CipherMade, 1, 6, JC_SHORT),
    M(CipherMade, 2, 1, JC_SHORT), M(CipherMade, 3, 3, JC_VOID), M(CipherMade, 4, 6, JC_VOID),
    JC_METHOD(5, 6, 6, JC_SHORT, update), M(CipherMade, 6, 1, JC_SHORT), M(CipherMade, 7, 1, JC_SHORT),
    OWN(8, 1, close_it))
