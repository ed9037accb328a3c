/* The packages javacard.security and javacardx.crypto as an applet sees them: every script of
 * tests/fixtures/javacard/api on a card that has every algorithm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/console_kit.h"

static void run(const char *name)
{
	struct console c;
	struct jc_chip chip = console_chip();
	console_new(&c, &chip);
	console_script(&c, name);
	console_free(&c);
}

#define SCRIPT(name)                                                                                                   \
	static void name(void **state)                                                                                 \
	{                                                                                                              \
		(void)state;                                                                                           \
		run(#name);                                                                                            \
	}
SCRIPT(aead)
SCRIPT(aes)
SCRIPT(checksum)
SCRIPT(cipher)
SCRIPT(dh)
SCRIPT(digest)
SCRIPT(dsa)
SCRIPT(f2m)
SCRIPT(iso9796)
SCRIPT(key)
SCRIPT(mac)
SCRIPT(one_shot)
SCRIPT(rsa)
SCRIPT(rsa_sign)
SCRIPT(seed)

/* --- power cuts while a key pair is made --- */

static void restart(struct console *c, const uint8_t *mem)
{
	struct nv *nv = &c->sim.nv;
	if (mem != NULL)
		memcpy(nv->mem, mem, nv->size);
	*nv = (struct nv){.mem = nv->mem, .size = nv->size, .cut = NV_NO_CUT};
	nv_recover(nv);
	console_power_up(c);
	console_select(c);
}

static void call(struct console *c, const char *text)
{
	char line[200];
	snprintf(line, sizeof line, "%s", text);
	console_do(c, line);
}

/* What the call answers. */
static int result(struct console *c, const char *text)
{
	call(c, text);
	return c->rsp.p[c->rsp.n - 4] << 8 | c->rsp.p[c->rsp.n - 3];
}

/* genKeyPair of object 10 with the power gone at the nth byte; true: it was not reached. */
static bool generate_cut(struct console *c, int64_t at)
{
	unsigned class = 0, method = 0;
	uint8_t cmd[] = {0x80, 1, 0, 0, 5, 0, 0, CONSOLE_NOTHING, 0, 10};
	console_find(c, "KeyPair.genKeyPair", &class, &method);
	cmd[5] = (uint8_t) class;
	cmd[6] = (uint8_t)method;
	buf_clear(&c->rsp);
	c->sim.nv.cut = at;
	jc_process(jc_of(&c->sim), 0, false, cmd, sizeof cmd, &c->rsp);
	return !c->sim.nv.off;
}

/* Never a public key with another one's private key: `works` says that object 11 and 12 belong together. */
static void cut_pair(const char *const *setup, void (*works)(struct console *c))
{
	struct console c;
	struct jc_chip chip = console_chip();
	unsigned both = 0, one = 0;
	console_new(&c, &chip);
	c.name = "cuts";
	for (; *setup != NULL; setup++)
		call(&c, *setup);
	uint8_t *mem = malloc(c.sim.nv.size);
	assert_non_null(mem);
	memcpy(mem, c.sim.nv.mem, c.sim.nv.size);
	for (int64_t at = 0;; at++) {
		restart(&c, mem);
		if (generate_cut(&c, at))
			break;
		restart(&c, NULL);
		bool initialized =
		    result(&c, "PublicKey.isInitialized #11") && result(&c, "PrivateKey.isInitialized #12");
		if (initialized)
			works(&c);
		*(initialized ? &both : &one) += 1;
	}
	c.sim.nv.cut = NV_NO_CUT;
	works(&c);
	assert_true(both > 0 && one > 0);
	free(mem);
	console_free(&c);
}

static void ec_works(struct console *c)
{
	call(c, "KeyAgreement.init #14 #12");
	call(c, "KeyAgreement.generateSecret #14 #0 100 49 #1 0 = 49");
	call(c, "ECPublicKey.getW #11 #1 100 = 49");
	call(c, "same 1 0 1 100 49");
}

static void ec_cuts(void **state)
{
	static const char *const setup[] = {"put 0 0 fffffffffffffffffffffffffffffffeffffffffffffffff",
	    "put 0 24 fffffffffffffffffffffffffffffffefffffffffffffffc",
	    "put 0 48 64210519e59c80e70fa7e9ab72243049feb8deecc146b9b1",
	    "put 0 100 "
	    "04188da80eb03090f67cbf20eb43a18800f4ff0afd82ff101207192b95ffc8da78631011ed6b24cdd573f977a11e794811",
	    "put 0 72 ffffffffffffffffffffffff99def836146bc9b1b4d22831", "KeyPair.<init>(BS)V 5 192 > 10",
	    "KeyPair.getPublic #10 > 11", "KeyPair.getPrivate #10 > 12", "ECKey.setFieldFP #11 #0 0 24",
	    "ECKey.setA #11 #0 24 24", "ECKey.setB #11 #0 48 24", "ECKey.setG #11 #0 100 49", "ECKey.setR #11 #0 72 24",
	    "KeyPair.genKeyPair #10", "KeyAgreement.getInstance 6 0 > 14", NULL};
	(void)state;
	cut_pair(setup, ec_works);
}

static void rsa_works(struct console *c)
{
	call(c, "Cipher.init(Ljavacard/security/Key;B)V #13 #11 2");
	call(c, "Cipher.doFinal #13 #0 0 64 #1 0 = 64");
	call(c, "Cipher.init(Ljavacard/security/Key;B)V #13 #12 1");
	call(c, "Cipher.doFinal #13 #1 0 64 #1 0 = 64");
	call(c, "same 0 0 1 0 64");
}

static void rsa_cuts(void **state)
{
	static const char *const setup[] = {"put 0 60 12345678", "KeyPair.<init>(BS)V 2 512 > 10",
	    "KeyPair.getPublic #10 > 11", "KeyPair.getPrivate #10 > 12", "KeyPair.genKeyPair #10",
	    "Cipher.getInstance(BZ) 12 0 > 13", NULL};
	(void)state;
	cut_pair(setup, rsa_works);
}

/* --- a chip without an algorithm --- */

/* NO_SUCH_ALGORITHM for everything, whatever the version of the API. */
static void nothing(void **state)
{
	static const char *const lines[] = {"Cipher.getInstance(BZ) 13 0 ! Crypto 3",
	    "Cipher.getInstance(BBZ) 1 1 0 ! Crypto 3", "Cipher.getInstance(BZ) -16 0 ! Crypto 3",
	    "Cipher.getInstance(BZ) -13 0 ! Crypto 3", "Cipher.getInstance(BBZ) -14 0 0 ! Crypto 3",
	    "Signature.getInstance(BZ) 9 0 ! Crypto 3", "Signature.getInstance(BZ) 30 0 ! Crypto 3",
	    "Signature.getInstance(BZ) 14 0 ! Crypto 3", "Signature.getInstance(BBBZ) 1 3 7 0 ! Crypto 3",
	    "MessageDigest.getInstance 1 0 ! Crypto 3",
	    "MessageDigest.getInitializedMessageDigestInstance 1 0 ! Crypto 3", "RandomData.getInstance 1 ! Crypto 3",
	    "Checksum.getInstance 1 0 ! Crypto 3", "KeyAgreement.getInstance 1 0 ! Crypto 3",
	    "KeyAgreement.getInstance 7 0 ! Crypto 3", "KeyBuilder.buildKey(BSZ) 15 128 0 ! Crypto 3",
	    "KeyBuilder.buildKey(BSZ) 18 128 0 ! Crypto 3", "KeyBuilder.buildKey(BSZ) 7 1024 0 ! Crypto 3",
	    "KeyBuilder.buildKey(BSZ) 9 163 0 ! Crypto 3", "KeyBuilder.buildKey(BSZ) 35 1024 0 ! Crypto 3",
	    "KeyBuilder.buildKey(BSZ) 21 64 0 ! Crypto 3", "KeyPair.<init>(BS)V 1 1024 > 9 ! Crypto 3",
	    "KeyPair.<init>(BS)V 3 1024 > 9 ! Crypto 3", "KeyPair.<init>(BS)V 4 163 > 9 ! Crypto 3",
	    "KeyPair.<init>(BS)V 6 1024 > 9 ! Crypto 3", "Cipher$OneShot.open 1 1 ! Crypto 3",
	    "Signature$OneShot.open 0 10 0 ! Crypto 3", "MessageDigest$OneShot.open 1 ! Crypto 3",
	    "InitializedMessageDigest$OneShot.open 1 ! Crypto 3", "RandomData$OneShot.open 1 ! Crypto 3"};
	struct console c;
	struct jc_chip chip = console_chip();
	(void)state;
	memset(chip.algorithm, 0, sizeof chip.algorithm);
	console_new(&c, &chip);
	c.name = "nothing";
	for (c.line = 0; c.line < sizeof lines / sizeof lines[0]; c.line++)
		call(&c, lines[c.line]);
	console_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(aead),
	    cmocka_unit_test(aes),
	    cmocka_unit_test(checksum),
	    cmocka_unit_test(cipher),
	    cmocka_unit_test(dh),
	    cmocka_unit_test(digest),
	    cmocka_unit_test(dsa),
	    cmocka_unit_test(f2m),
	    cmocka_unit_test(iso9796),
	    cmocka_unit_test(key),
	    cmocka_unit_test(mac),
	    cmocka_unit_test(one_shot),
	    cmocka_unit_test(rsa),
	    cmocka_unit_test(rsa_sign),
	    cmocka_unit_test(seed),
	    cmocka_unit_test(ec_cuts),
	    cmocka_unit_test(rsa_cuts),
	    cmocka_unit_test(nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
