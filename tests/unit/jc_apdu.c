/* What is in the APDU buffer before anybody has received, by the chip's protocol. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/jc_kit.h"

/* aload_1; invokevirtual APDU.getBuffer; bspush N; baload; invokestatic ISOException.throwIt */
#define AT_5  "19 8B0015 1005 25 8D001B 7A"
#define AT_40 "19 8B0015 1028 25 8D001B 7A"

static sw_t answer(bool t1, uint16_t in_block, const char *code, const char *command)
{
	struct jc_chip chip = kit_chip();
	struct kit k;
	uint8_t package;
	uint16_t applet;
	chip.t1 = t1;
	chip.in_block = in_block;
	kit_new(&k, &chip);
	assert_int_equal(kit_load(&k, &(struct kit_code){.code = code}, &package), SW_OK);
	assert_int_equal(kit_install(&k, package, 0, &applet), SW_OK);
	assert_true(jc_select(k.jc, applet, 0));
	sw_t sw = kit_send(&k, 0, command);
	kit_free(&k);
	return sw;
}

#define TEN   "5A5A5A5A5A5A5A5A5A5A"
#define FORTY "00010000 28" TEN TEN TEN TEN

/* T=1: the first block, which the reference implementation leaves there; T=0: nothing but the header. */
static void first_block(void **state)
{
	(void)state;
	assert_int_equal(answer(true, 0, AT_5, "00010000 01 77"), 0x0077);
	assert_int_equal(answer(false, 0, AT_5, "00010000 01 77"), 0x0000);
	assert_int_equal(answer(true, 0, AT_40, FORTY), 0x005a);
	assert_int_equal(answer(true, 32, AT_40, FORTY), 0x0000);
	assert_int_equal(answer(true, 32, AT_5, FORTY), 0x005a);
	assert_int_equal(answer(true, 1, AT_5, "00010000 01 77"), 0x0077);
	assert_int_equal(answer(true, 0, AT_5, "00010000 00 0001 77"), 0x6700); /* no extended lengths here */
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(first_block)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
