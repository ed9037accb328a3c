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
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
