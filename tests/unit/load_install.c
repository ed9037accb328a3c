/* Installing, verifying and deleting on the simulated native cards, when nothing goes wrong but what the card and the
 * user say no to. Broken links and power cuts are in load_faults.c. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include "tests/unit/support/load_kit.h"

static struct kit kit;

static void install_and_delete(void **state)
{
	(void)state;
	for (int chip = 0; chip < KIT_CHIPS; chip++) {
		struct install_report r;
		struct delete_report x;
		kit_open(&kit, chip);
		bool ok = kit_install(&kit, NULL, &r);
		if (!ok)
			diag_print(stderr, &kit.d, "en");
		assert_true(ok);
		assert_int_equal(r.outcome, INSTALL_DONE);
		assert_int_equal(r.verify.level, VERIFY_PROBE);
		install_report_reset(&r);
		assert_int_equal(kit_state(&kit), AP_OPERATIONAL);
		/* the rights are gone with the link */
		assert_int_equal(kit_ask(&kit, "00A4000C023F00"), 0);
		assert_true(kit_delete(&kit, NULL, &x));
		assert_int_equal(x.before, AP_OPERATIONAL);
		assert_int_equal(kit_state(&kit), AP_ABSENT);
		kit_close(&kit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(install_and_delete),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
