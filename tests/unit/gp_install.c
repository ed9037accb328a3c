/* Installing on GlobalPlatform cards: whole, resumed, rolled back; the link lost at every exchange; no card is locked.
 */
#include "tests/unit/support/gp_kit.h"

#include "runtime/base/file.h"

static struct gp_kit kit;
static struct buf cap;
static struct gp_install_options options;
static struct gp_install_report report;

static void start(uint8_t scp, uint8_t i, unsigned applets, size_t code)
{
	gp_kit_new(&kit, scp, i);
	gp_kit_cap(&cap, applets, 0, code);
	options = (struct gp_install_options){.cap = cap.p, .cap_len = cap.n, .name = "t.cap"};
}

static void stop(void)
{
	gp_kit_free(&kit);
	buf_reset(&cap);
}

/* One run of `apload install`. */
static bool install(void)
{
	diag_reset(&kit.d);
	bool ok = gp_kit_open(&kit) && gp_install(&kit.loader, &options, &report);
	gp_kit_close(&kit);
	if (getenv("SHOW") != NULL)
		diag_print(stderr, &kit.d, "en");
	return ok;
}

static bool usable(uint8_t n)
{
	struct aid a = kit_applet(n);
	struct card_row *r = card_find(&kit.card, &a, false);
	return r != NULL && r->life == 7;
}

static void test_install_over_every_channel(void **state)
{
	static const struct {
		uint8_t scp, i;
	} channels[] = {{1, 0x05}, {1, 0x15}, {2, 0x04}, {2, 0x05}, {2, 0x14}, {2, 0x15}, {2, 0x44}, {2, 0x45},
	    {2, 0x54}, {2, 0x55}, {2, 0x35}, {2, 0x75}, {3, 0x00}, {3, 0x10}, {3, 0x20}, {3, 0x30}, {3, 0x60},
	    {3, 0x70}, {3, 0x71}, {3, 0x01}};
	(void)state;
	for (size_t k = 0; k < sizeof channels / sizeof *channels; k++) {
		start(channels[k].scp, channels[k].i, 1, 900);
		if (!install())
			fail_msg("SCP%02X i=%02X: %s", channels[k].scp, channels[k].i,
			    kit.d.n == 0 ? "?" : diag_message_template(kit.d.row[0].code, "en"));
		assert_true(usable(1));
		assert_int_equal(report.outcome, INSTALL_DONE);
		assert_int_equal(kit.card.failures, 0);
		assert_int_equal(kit.card.authentications, 1);
		stop();
	}
}

/* --- what is there --- */

static size_t packages(void)
{
	size_t n = 0;
	for (size_t i = 0; i < kit.card.rows; i++)
		n += kit.card.row[i].package;
	return n;
}

static void test_several_applets(void **state)
{
	(void)state;
	start(2, 0x15, 3, 600);
	assert_true(install());
	assert_int_equal(report.n, 3);
	assert_true(usable(1) && usable(2) && usable(3));
	stop();
	start(3, 0x70, 3, 600);
	options.applet = kit_applet(2);
	options.instance = (struct aid){{0xf0, 1, 2, 3, 4, 5, 6}, 7};
	options.parameters = (struct bytes){(const uint8_t *)"abc", 3};
	assert_true(install());
	assert_int_equal(report.n, 1);
	assert_non_null(card_find(&kit.card, &options.instance, false));
	assert_false(usable(2));
	stop();
}

static void test_applets_are_named(void **state)
{
	(void)state;
	start(2, 0x15, 2, 600);
	options.applet = kit_applet(9);
	assert_false(install());
	assert_true(gp_kit_fired(&kit, DIAG_GP_NO_APPLET));
	options.applet.n = 0;
	options.parameters = (struct bytes){(const uint8_t *)"abc", 3};
	assert_false(install());
	assert_true(gp_kit_fired(&kit, DIAG_GP_INSTANCE_WHICH));
	assert_int_equal(kit.card.rows, 0);
	stop();
}

static void test_a_library(void **state)
{
	(void)state;
	start(3, 0x10, 0, 600);
	assert_true(install());
	assert_int_equal(report.n, 0);
	assert_int_equal(packages(), 1);
	assert_true(install());
	assert_int_equal(report.outcome, INSTALL_ALREADY);
	stop();
}

static void test_twice(void **state)
{
	(void)state;
	start(3, 0x70, 1, 600);
	assert_true(install());
	unsigned loads = kit.card.loads;
	assert_true(install());
	assert_int_equal(report.outcome, INSTALL_ALREADY);
	assert_true(gp_kit_fired(&kit, DIAG_ALREADY_INSTALLED));
	assert_int_equal(kit.card.loads, loads);
	/* Another CAP of that package is not put over it in silence. */
	gp_kit_cap(&cap, 1, 0, 700);
	options.cap = cap.p;
	options.cap_len = cap.n;
	assert_false(install());
	assert_true(gp_kit_fired(&kit, DIAG_GP_PACKAGE_THERE));
	assert_int_equal(kit.card.loads, loads);
	options.force = true;
	assert_true(install());
	assert_int_equal(report.outcome, INSTALL_DONE);
	assert_true(kit.card.loads > loads && usable(1));
	stop();
}

static void test_an_aid_that_is_taken(void **state)
{
	(void)state;
	start(2, 0x55, 1, 600);
	struct aid other = {{0xf0, 9, 9, 9, 9}, 5}, mine = kit_applet(1);
	card_add(&kit.card, &other, true);
	card_add(&kit.card, &mine, false)->file = other;
	assert_false(install());
	assert_true(gp_kit_fired(&kit, DIAG_GP_AID_TAKEN));
	assert_int_equal(kit.card.loads, 0);
	stop();
}

/* --- before the first write --- */

static void assert_untouched(void)
{
	assert_int_equal(kit.card.rows, 0);
	assert_int_equal(kit.card.last_install_load.n, 0);
	assert_int_equal(kit.card.loads, 0);
}

static void test_memory_is_asked_for_first(void **state)
{
	(void)state;
	start(3, 0x70, 1, 5000);
	kit.card.free = 4000;
	assert_false(install());
	assert_true(gp_kit_fired(&kit, DIAG_GP_NO_ROOM));
	assert_untouched();
	kit.card.ways.no_memory = true; /* who does not tell is tried, and leaves nothing */
	assert_false(install());
	assert_true(gp_kit_fired(&kit, DIAG_GP_REFUSED));
	assert_int_equal(kit.card.rows, 0);
	stop();
}

static void test_more_than_256_blocks(void **state)
{
	(void)state;
	start(3, 0x70, 1, 64000);
	kit.card.free = 70000;
	assert_false(install());
	assert_true(gp_kit_fired(&kit, DIAG_GP_TOO_MANY_BLOCKS));
	assert_untouched();
	stop();
	/* Just 256: numbers 00 to FF. */
	start(3, 0x70, 1, 1000);
	assert_true(install());
	size_t rest = report.load_file - 1000;
	stop();
	for (size_t more = 0; more < 2; more++) {
		start(3, 0x70, 1, 239 * 256 - rest + more);
		kit.card.free = 70000;
		assert_int_equal(install(), more == 0);
		stop();
	}
}

static void test_extended_blocks(void **state)
{
	(void)state;
	for (int scp = 2; scp <= 3; scp++) {
		start((uint8_t)scp, scp == 2 ? 0x15 : 0x70, 1, 20000);
		kit.card.ways.max_data = 2000;
		assert_true(install());
		assert_true(report.blocks < 12);
		assert_int_equal(kit.card.extended, kit.card.loads);
		stop();
	}
	start(2, 0x15, 1, 3000);
	kit.options.gp.block = 100; /* the user knows better than the card */
	assert_true(install());
	assert_int_equal(report.blocks, (report.load_file + 86) / 87);
	stop();
}

/* A chip whose profile is known: what it cannot link is not sent. */
static void test_imports_against_the_profile(void **state)
{
	(void)state;
	start(2, 0x15, 1, 600);
	gp_kit_cap(&cap, 1, 6, 600);
	options.cap = cap.p;
	options.cap_len = cap.n;
	kit.options.given.profiles = "chipprofiles";
	kit.options.given.chip = "ibm-jcop21-v22";
	assert_false(install());
	assert_true(gp_kit_fired(&kit, DIAG_GP_IMPORT));
	assert_untouched();
	options.force = true;
	assert_true(install());
	stop();
}

/* --- faults --- */

/* Nobody can select anything of a package that is not wholly there. */
static void assert_nothing_usable(unsigned applets)
{
	unsigned n = 0;
	for (uint8_t i = 1; i <= applets; i++)
		n += usable(i);
	assert_true(n == 0 || n == applets);
}

static void other_terminal(void)
{
	char path[80];
	snprintf(path, sizeof path, "%s/other", kit.folder);
	kit.options.journal = path;
	bool ok = gp_kit_open(&kit) && gp_install(&kit.loader, &options, &report);
	gp_kit_close(&kit);
	kit.options.journal = kit.folder;
	char command[120];
	snprintf(command, sizeof command, "rm -rf '%s'", path);
	assert_int_equal(system(command), 0);
	/* What is whole belongs to somebody; what is half was removed, and is whole now. */
	assert_true(ok || gp_kit_fired(&kit, DIAG_GP_PACKAGE_THERE));
}

static void lose_at_every_exchange(enum link_fault_kind kind, unsigned applets, bool by_other)
{
	int64_t at = 0;
	for (;; at++) {
		start(3, 0x70, applets, 1500);
		kit.fault = (struct link_fault){.kind = kind, .status = LINK_CARD_GONE, .at = at};
		bool ok = install();
		card_reset(&kit.card);
		kit.fault.at = -1;
		if (applets == 1)
			assert_nothing_usable(applets);
		if (ok) {
			stop();
			break;
		}
		assert_true(gp_kit_fired(&kit, DIAG_LINK_CARD_GONE));
		diag_reset(&kit.d);
		if (by_other)
			other_terminal();
		else
			assert_true(install());
		for (uint8_t i = 1; i <= applets && !by_other; i++)
			assert_true(usable(i));
		assert_int_equal(packages(), 1);
		assert_int_equal(kit.card.failures, 0);
		stop();
	}
	assert_true(at > 14);
}

static void test_link_lost_command(void **state)
{
	(void)state;
	lose_at_every_exchange(FAULT_COMMAND_LOST, 1, false);
}

static void test_link_lost_answer(void **state)
{
	(void)state;
	lose_at_every_exchange(FAULT_RESPONSE_LOST, 1, false);
}

static void test_link_lost_with_two_applets(void **state)
{
	(void)state;
	lose_at_every_exchange(FAULT_RESPONSE_LOST, 2, false);
}

static void test_another_terminal_finishes(void **state)
{
	(void)state;
	lose_at_every_exchange(FAULT_RESPONSE_LOST, 1, true);
}

static void test_resumes_what_was_loaded(void **state)
{
	(void)state;
	for (int64_t at = 0;; at++) { /* to the exchange of INSTALL [for install] */
		start(2, 0x15, 1, 3000);
		kit.fault = (struct link_fault){.kind = FAULT_COMMAND_LOST, .status = LINK_CARD_GONE, .at = at};
		assert_false(install());
		kit.fault.at = -1;
		card_reset(&kit.card);
		if (packages() == 1)
			break;
		stop();
	}
	unsigned loads = kit.card.loads;
	assert_true(install());
	assert_true(report.resumed);
	assert_true(gp_kit_fired(&kit, DIAG_HALF_RESUMED));
	assert_int_equal(kit.card.loads, loads); /* nothing was loaded twice */
	assert_true(usable(1));
	stop();
}

static void test_refusals_are_rolled_back(void **state)
{
	static const struct {
		int ins, p1, from;
		bool half;
	} at[] = {{0xe6, 0x02, 0, false}, {0xe8, 0, 0, false}, {0xe8, 0, 3, false}, {0xe8, 0x80, 0, false},
	    {0xe6, 0x04, 0, true}, {0xe6, 0x04, 1, true}, {0xe6, 0x08, 0, true}, {0xe6, 0x08, 1, true}};
	(void)state;
	for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
		start(3, 0x30, 2, 1500);
		kit.card.ways.fail_ins = at[i].ins;
		kit.card.ways.fail_p1 = at[i].p1;
		kit.card.ways.fail_from = at[i].from;
		kit.card.ways.fail_sw = SW_CONDITIONS_OF_USE;
		assert_false(install());
		assert_true(gp_kit_fired(&kit, DIAG_GP_REFUSED));
		assert_int_equal(report.rolled_back, at[i].half);
		assert_int_equal(kit.card.rows, 0);
		kit.card.ways.fail_ins = -1;
		assert_true(install());
		stop();
	}
}

static void test_a_card_that_lies_about_the_end(void **state)
{
	(void)state;
	start(2, 0x15, 1, 600);
	kit.card.ways.stays_installed = true;
	assert_false(install());
	assert_true(gp_kit_fired(&kit, DIAG_GP_UNPROVED));
	assert_true(report.rolled_back);
	assert_int_equal(kit.card.rows, 0);
	stop();
}

static void test_a_card_without_related_delete(void **state)
{
	(void)state;
	start(2, 0x15, 2, 600);
	kit.card.ways.no_related = true;
	kit.card.ways.stays_installed = true;
	assert_false(install());
	assert_int_equal(kit.card.rows, 0);
	stop();
}

static void test_dry_run(void **state)
{
	(void)state;
	start(3, 0x70, 1, 1500);
	kit.options.dry = true;
	diag_reset(&kit.d);
	assert_true(gp_kit_open(&kit) && gp_install(&kit.loader, &options, &report));
	assert_int_equal(report.outcome, INSTALL_PLANNED);
	assert_int_equal(kit.loader.session.planned, 2 + report.blocks);
	assert_non_null(strstr(buf_cstr(&kit.loader.session.plan), "LOAD"));
	gp_kit_close(&kit);
	assert_int_equal(kit.card.initialized, 0);
	assert_untouched();
	stop();
}

/* Secret or not, what stands in INSTALL, LOAD and cryptograms is not in the plan. */
static void test_the_plan_is_masked(void **state)
{
	(void)state;
	start(3, 0x70, 1, 300);
	kit.options.dry = true;
	options.parameters = (struct bytes){(const uint8_t *)"\xde\xad\xbe\xef", 4};
	assert_true(gp_kit_open(&kit) && gp_install(&kit.loader, &options, &report));
	assert_null(strstr(buf_cstr(&kit.loader.session.plan), "DEADBEEF"));
	gp_kit_close(&kit);
	stop();
}

static void test_receipts_are_kept(void **state)
{
	char path[96];
	struct buf text = {0};
	(void)state;
	start(3, 0x70, 2, 300);
	kit.card.ways.receipts = true;
	snprintf(path, sizeof path, "%s/receipts", kit.folder);
	kit.options.gp.receipts = path;
	assert_true(install());
	assert_true(file_read(path, 4096, &text, &kit.d));
	assert_string_equal(buf_cstr(&text),
	    "INSTALL [for install] AABBCC\nINSTALL [for install] AABBCC\n"
	    "INSTALL [for make selectable] AABBCC\nINSTALL [for make selectable] AABBCC\n");
	buf_reset(&text);
	stop();
}

/* The counts to beat: facts about other clients, for a load file of 1884 bytes. */
static void test_number_of_commands(void **state)
{
	(void)state;
	start(3, 0x70, 1, 1000);
	assert_true(install());
	size_t rest = report.load_file - 1000;
	stop();
	for (int scp = 2; scp <= 3; scp++) {
		start((uint8_t)scp, scp == 2 ? 0x15 : 0x70, 1, 1884 - rest);
		kit.options.given.profiles = "chipprofiles";
		assert_true(install());
		assert_int_equal(report.load_file, 1884);
		assert_int_equal(report.blocks, 8);
		assert_true(report.commands <= 17);
		stop();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_install_over_every_channel),
	    cmocka_unit_test(test_several_applets),
	    cmocka_unit_test(test_applets_are_named),
	    cmocka_unit_test(test_a_library),
	    cmocka_unit_test(test_twice),
	    cmocka_unit_test(test_an_aid_that_is_taken),
	    cmocka_unit_test(test_memory_is_asked_for_first),
	    cmocka_unit_test(test_more_than_256_blocks),
	    cmocka_unit_test(test_extended_blocks),
	    cmocka_unit_test(test_imports_against_the_profile),
	    cmocka_unit_test(test_link_lost_command),
	    cmocka_unit_test(test_link_lost_answer),
	    cmocka_unit_test(test_link_lost_with_two_applets),
	    cmocka_unit_test(test_another_terminal_finishes),
	    cmocka_unit_test(test_resumes_what_was_loaded),
	    cmocka_unit_test(test_refusals_are_rolled_back),
	    cmocka_unit_test(test_a_card_that_lies_about_the_end),
	    cmocka_unit_test(test_a_card_without_related_delete),
	    cmocka_unit_test(test_dry_run),
	    cmocka_unit_test(test_the_plan_is_masked),
	    cmocka_unit_test(test_receipts_are_kept),
	    cmocka_unit_test(test_number_of_commands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
