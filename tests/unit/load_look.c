/* Dry runs, verifying, listing and telling what is wrong, on the simulated native cards. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include "tests/unit/support/load_kit.h"

#include <sys/stat.h>

#include "runtime/load/diagnose.h"

static struct kit kit;
static struct loader loader;

static void open_iso(void)
{
	kit_open(&kit, KIT_ISO);
}

static void install(void)
{
	struct install_report r;
	assert_true(kit_install(&kit, NULL, &r));
	install_report_reset(&r);
	diag_reset(&kit.d);
}

/* --- dry run --- */

static void dry_run(void **state)
{
	(void)state;
	for (int chip = 0; chip < KIT_CHIPS; chip++) {
		struct install_report r;
		struct install_options o = {0};
		struct delete_report x;
		kit_open(&kit, chip);
		kit.options.dry = true;
		uint64_t wear = sim_wear(&kit.card);
		assert_true(kit_loader(&kit, &loader, NULL, true));
		assert_true(load_install(&loader, &kit.img, &kit.values, &o, &r));
		assert_int_equal(r.outcome, INSTALL_PLANNED);
		const char *plan = buf_cstr(&loader.session.plan);
		assert_true(loader.session.planned > r.steps);
		assert_null(strstr(plan, "34373131"));                 /* the PIN */
		assert_null(strstr(plan, "49474154412D534F"));         /* the key */
		assert_non_null(strstr(plan, "30303030303030303137")); /* the card number is no secret */
		install_report_reset(&r);
		loader_close(&loader);
		assert_int_equal(sim_wear(&kit.card), wear);
		kit.options.dry = false;
		install();
		kit.options.dry = true;
		wear = sim_wear(&kit.card);
		assert_true(kit_loader(&kit, &loader, NULL, true));
		assert_true(load_delete(&loader, kit.img.manifest.aid, kit.img.manifest.aid_len, &kit.img, &x));
		assert_true(loader.session.planned > 0);
		loader_close(&loader);
		assert_int_equal(sim_wear(&kit.card), wear);
		assert_int_equal(kit_state(&kit), AP_OPERATIONAL);
		kit_close(&kit);
	}
}

/* --- verify, list, diagnose --- */

static bool verify(enum verify_level level, const struct value_set *values, struct verify_report *r)
{
	assert_true(kit_loader(&kit, &loader, NULL, true));
	bool ok = load_verify(&loader, &kit.img, values, level, NULL, r);
	loader_close(&loader);
	return ok;
}

static void verify_levels(void **state)
{
	(void)state;
	static const struct value_set none;
	for (int chip = 0; chip < KIT_CHIPS; chip++) {
		struct verify_report r;
		kit_open(&kit, chip);
		assert_false(verify(VERIFY_CARD, &none, &r));
		assert_true(kit_fired(&kit.d, DIAG_VERIFY_STATE));
		verify_report_reset(&r);
		install();

		assert_true(verify(VERIFY_CARD, &none, &r));
		assert_int_equal(r.n, 4);
		assert_int_equal(r.rules_told, chip == KIT_ISO);
		for (size_t i = 0; i < r.n; i++)
			assert_int_equal(r.row[i].result, VERIFY_OK);
		if (chip == KIT_ISO)
			assert_string_equal(r.row[2].words[0], "read: user authentication (SE 1); all else: never");
		struct buf text = {0}, json = {0};
		struct json j = json_to(&json);
		verify_report_text(&r, "en", &text);
		verify_report_text(&r, "ja", &text);
		verify_report_json(&r, &j, NULL);
		struct json_doc doc;
		assert_true(json_parse(&doc, json.p, json.n));
		json_free(&doc);
		buf_reset(&text);
		buf_reset(&json);
		verify_report_reset(&r);

		assert_true(verify(VERIFY_PROBE, &none, &r)); /* what needs the card number is left out, and said */
		assert_true(kit_fired(&kit.d, DIAG_SUITE_VALUE_MISSING));
		assert_int_equal(r.suite[VERIFY_PROBE].not_run, 1);
		verify_report_reset(&r);
		diag_reset(&kit.d);
		assert_true(verify(VERIFY_PROBE, &kit.values, &r));
		assert_int_equal(kit.d.n, 0);
		verify_report_reset(&r);
		assert_false(verify(VERIFY_FULL, &none, &r)); /* the full suite needs them all */
		assert_true(kit_fired(&kit.d, DIAG_VALUE_MISSING));
		verify_report_reset(&r);
		assert_true(verify(VERIFY_FULL, &kit.values, &r));
		verify_report_reset(&r);
		assert_false(verify(VERIFY_PROBE, &kit.values, &r)); /* the PIN is spent */
		verify_report_reset(&r);
		kit_close(&kit);
	}
}

/* A card in a reader is spent only by name. */
static void verify_spends(void **state)
{
	(void)state;
	open_iso();
	install();
	kit.link_name = "pcsc:Reader 0";
	static const char *const name[] = {NULL, "pcsc:Reader 1", "pcsc:Reader 0"};
	for (int i = 0; i < 3; i++) {
		struct verify_report r;
		assert_true(kit_loader(&kit, &loader, NULL, true));
		loader.link.simulated = false;
		assert_int_equal(load_verify(&loader, &kit.img, &kit.values, VERIFY_FULL, name[i], &r), i == 2);
		assert_true(kit_fired(&kit.d, DIAG_VERIFY_DESTROYS));
		verify_report_reset(&r);
		loader_close(&loader);
	}
	kit_close(&kit);
}

static void verify_nothing(void **state)
{
	(void)state;
	static const struct value_set none;
	struct verify_report r;
	open_iso();
	char *second = strstr(buf_cstr(&kit.img.entry[IMAGE_PROBE]), "dialogue \"refused\"");
	kit.img.entry[IMAGE_PROBE].n = (size_t)(second - (char *)kit.img.entry[IMAGE_PROBE].p);
	install();
	assert_false(verify(VERIFY_PROBE, &none, &r));
	assert_true(kit_fired(&kit.d, DIAG_VERIFY_NOTHING));
	verify_report_reset(&r);
	kit_close(&kit);
}

/* The access map asks for a file that the card does not have; or is no access map. */
static void verify_map(void **state)
{
	(void)state;
	struct verify_report r;
	open_iso();
	install();
	kit_change(&kit.img.entry[IMAGE_ACCESS], "\"0003\"", "\"0004\"");
	assert_false(verify(VERIFY_CARD, &kit.values, &r));
	assert_true(kit_fired(&kit.d, DIAG_VERIFY_FILE));
	verify_report_reset(&r);
	kit_change(&kit.img.entry[IMAGE_ACCESS], "\"0004\"", "\"0_04\"");
	assert_false(verify(VERIFY_CARD, &kit.values, &r));
	assert_true(kit_fired(&kit.d, DIAG_ACCESS_MAP));
	verify_report_reset(&r);
	kit_close(&kit);
}

static void list(void **state)
{
	(void)state;
	for (int chip = 0; chip < KIT_CHIPS; chip++) {
		struct card_report r;
		kit_open(&kit, chip);
		install();
		assert_true(kit_loader(&kit, &loader, NULL, false)); /* recognised by its ATR */
		assert_string_equal(loader.card.chip_name, kit_chips[chip]);
		assert_true(load_list(&loader, NULL, 0, &r));
		assert_int_equal(r.n, 1);
		assert_int_equal(r.complete, chip == KIT_ISO);
		assert_int_equal(r.ap[0].state, AP_OPERATIONAL);
		assert_int_equal(r.ap[0].fid, 0x4d2a);
		assert_true(ap_is(&r.ap[0], kit.img.manifest.aid, kit.img.manifest.aid_len));
		assert_int_equal(r.ap[0].memory, chip == KIT_ISO ? 0x400 : 0);
		loader_close(&loader);
		kit_close(&kit);
	}
}

/* Several APs that share beginnings of names are found one by one. */
static void enumerate(void **state)
{
	(void)state;
	static const char *const aid[] = {
	    "A000000001", "A00000000101", "F0FFFFFFFFFF", "A0000000020102030405060708090A0B"};
	struct card_report r;
	open_iso();
	install();
	assert_true(kit_loader(&kit, &loader, NULL, false));
	struct loading_key key = loader.card.dialect->test_key;
	int left;
	for (size_t i = 0; i < 4; i++) {
		char fcp[128];
		size_t n = strlen(aid[i]) / 2;
		assert_int_equal(loader.card.dialect->authenticate(&loader.session, &key, &left), AUTH_DONE);
		snprintf(fcp, sizeof fcp, "00E00000%02zX62%02zX8201388302510%zu84%02zX%s810200108A01018C0100", n + 21,
		    n + 19, i, n, aid[i]);
		assert_int_equal(kit_ask(&kit, fcp), SW_OK);
	}
	loader_close(&loader);
	assert_true(kit_loader(&kit, &loader, NULL, false));
	assert_true(load_list(&loader, NULL, 0, &r));
	assert_int_equal(r.n, 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(r.ap[i].state, r.ap[i].fid == 0x4d2a ? AP_OPERATIONAL : AP_HALF);
	assert_int_equal(r.used, 0x400 + 4 * 0x10);
	loader_close(&loader);
	kit_close(&kit);
}

static void unknown_card(void **state)
{
	(void)state;
	open_iso();
	struct link l;
	link_sim_of(&l, &kit.card);
	l.atr[1] ^= 1;
	assert_false(loader_on(&loader, &l, &kit.options, NULL, true, NULL, &kit.d));
	assert_true(kit_fired(&kit.d, DIAG_CARD_UNKNOWN));
	loader_close(&loader);
	link_sim_of(&l, &kit.card);
	l.atr[1] ^= 1;
	kit.options.given.chip = "iso-compact-32k"; /* the user knows */
	assert_true(loader_on(&loader, &l, &kit.options, NULL, true, NULL, &kit.d));
	loader_close(&loader);
	kit_close(&kit);
}

/* Two profiles with one ATR: nothing is guessed. */
static void ambiguous_card(void **state)
{
	(void)state;
	char dir[64], command[512];
	open_iso();
	kit_new_dir(dir);
	snprintf(command, sizeof command,
	    "cp chipprofiles/iso-compact-32k.xml %s/a.xml && cp chipprofiles/iso-compact-32k.xml %s/b.xml", dir, dir);
	assert_int_equal(system(command), 0);
	kit.options.given.profiles = dir;
	assert_false(kit_loader(&kit, &loader, NULL, false));
	assert_true(kit_fired(&kit.d, DIAG_CARD_AMBIGUOUS));
	loader_close(&loader);
	kit_drop_dir(dir);
	kit_close(&kit);
}

static void triage(void **state)
{
	(void)state;
	static struct diagnose_report r;
	for (int chip = 0; chip < KIT_CHIPS; chip++) {
		kit_open(&kit, chip);
		assert_true(kit_loader(&kit, &loader, NULL, false));
		assert_true(load_diagnose(&loader, &kit.img, &r));
		assert_int_equal(r.fault, PART_AP); /* it should be there */
		loader_close(&loader);
		kit_break_at(&kit, 14);
		assert_true(kit_loader(&kit, &loader, NULL, false));
		assert_true(load_diagnose(&loader, NULL, &r));
		assert_int_equal(r.fault, PART_AP); /* half installed */
		loader_close(&loader);
		install();
		assert_true(kit_loader(&kit, &loader, NULL, false));
		assert_true(load_diagnose(&loader, &kit.img, &r));
		assert_int_equal(r.fault, -1);
		struct buf text = {0}, json = {0};
		struct json j = json_to(&json);
		diagnose_text(&r, "ja", &text);
		diagnose_json(&r, &j, NULL);
		assert_non_null(strstr(buf_cstr(&json), "\"fault\":\"none\""));
		buf_reset(&text);
		buf_reset(&json);
		loader_close(&loader);
		/* the card goes away while it is asked */
		struct link_fault f = {.kind = FAULT_COMMAND_LOST, .status = LINK_CARD_GONE, .at = 0};
		assert_true(kit_loader(&kit, &loader, &f, false));
		assert_false(load_diagnose(&loader, NULL, &r));
		assert_int_equal(r.fault, PART_CARD);
		loader_close(&loader);
		kit_close(&kit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(dry_run),
	    cmocka_unit_test(verify_levels),
	    cmocka_unit_test(verify_spends),
	    cmocka_unit_test(verify_nothing),
	    cmocka_unit_test(verify_map),
	    cmocka_unit_test(list),
	    cmocka_unit_test(enumerate),
	    cmocka_unit_test(unknown_card),
	    cmocka_unit_test(ambiguous_card),
	    cmocka_unit_test(triage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
