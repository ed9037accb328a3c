/* Installing, verifying and deleting on the simulated native cards, when nothing goes wrong but what the card and the
 * user say no to. Broken links are in load_faults.c, power cuts in load_cuts.c. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include "tests/unit/support/load_kit.h"

#include <sys/stat.h>

#include "runtime/load/trust.h"

static struct kit kit;
static struct loader loader;

static void open_iso(void)
{
	kit_open(&kit, KIT_ISO);
}

/* An install that must fail with this diagnostic and leave the card as it was. */
static void install_fails(enum diag_code code)
{
	struct install_report r;
	uint32_t used = kit.card.family->used(&kit.card);
	diag_reset(&kit.d);
	assert_false(kit_install(&kit, NULL, &r));
	assert_true(kit_fired(&kit.d, code));
	assert_int_equal(r.outcome, INSTALL_FAILED);
	assert_int_equal(kit.card.family->used(&kit.card), used);
	install_report_reset(&r);
}

static void install_works(enum install_outcome outcome)
{
	struct install_report r;
	diag_reset(&kit.d);
	bool ok = kit_install(&kit, NULL, &r);
	if (!ok)
		diag_print(stderr, &kit.d, "en");
	assert_true(ok);
	assert_int_equal(r.outcome, outcome);
	assert_int_equal(r.verify.level, VERIFY_PROBE);
	install_report_reset(&r);
}

static void install_and_delete(void **state)
{
	(void)state;
	for (int chip = 0; chip < KIT_CHIPS; chip++) {
		struct delete_report x;
		kit_open(&kit, chip);
		uint32_t used = kit.card.family->used(&kit.card);
		install_works(INSTALL_DONE);
		assert_int_equal(kit_state(&kit), AP_OPERATIONAL);
		install_works(INSTALL_ALREADY);
		assert_true(kit_fired(&kit.d, DIAG_ALREADY_INSTALLED));
		assert_true(kit_delete(&kit, NULL, &x));
		assert_int_equal(x.before, AP_OPERATIONAL);
		assert_int_equal(kit_state(&kit), AP_ABSENT);
		assert_int_equal(kit.card.family->used(&kit.card), used);
		assert_false(kit_delete(&kit, NULL, &x));
		assert_true(kit_fired(&kit.d, DIAG_AP_ABSENT));
		install_works(INSTALL_DONE);
		kit_close(&kit);
	}
}

/* After an install the card holds nobody's rights: the loader's ended before the proof. */
static void rights_end(void **state)
{
	(void)state;
	for (int chip = 0; chip < KIT_CHIPS; chip++) {
		struct link l;
		struct install_report r;
		struct install_options o = {0};
		kit_open(&kit, chip);
		link_sim_of(&l, &kit.card);
		assert_true(loader_on(&loader, &l, &kit.options, &kit.img, true, NULL, &kit.d));
		assert_true(load_install(&loader, &kit.img, &kit.values, &o, &r));
		install_report_reset(&r);
		assert_int_equal(kit_ask(&kit, "00A4000C023F00"), SW_OK);
		assert_int_equal(sw_class(kit_ask(&kit, chip == KIT_ISO ? "00E40000024D2A" : "80E40000024D2A")),
		    SW_CLASS_REFUSED_ACCESS);
		loader_close(&loader);
		kit_close(&kit);
	}
}

/* --- refused before the card is touched --- */

static void trust(void **state)
{
	(void)state;
	struct image img = {.trust = IMAGE_UNSIGNED, .signer = "CN=Somebody"};
	struct diag_list d = {0};
	assert_true(trust_allows(&img, true, false, &d));
	assert_true(kit_fired(&d, DIAG_TRUST_SIMULATED));
	assert_false(trust_allows(&img, false, true, &d));
	assert_true(kit_fired(&d, DIAG_TRUST_UNSIGNED));
	img.trust = IMAGE_TEST_SIGNED;
	assert_false(trust_allows(&img, false, false, &d));
	assert_true(kit_fired(&d, DIAG_TRUST_TEST_SIGNED));
	assert_true(trust_allows(&img, false, true, &d));
	img.trust = IMAGE_UNKNOWN_KEY;
	assert_false(trust_allows(&img, false, true, &d));
	assert_true(kit_fired(&d, DIAG_TRUST_UNKNOWN));
	size_t before = d.n;
	img.trust = IMAGE_TRUSTED;
	assert_true(trust_allows(&img, false, false, &d));
	assert_int_equal(d.n, before);
	diag_reset(&d);
}

static void values_first(void **state)
{
	(void)state;
	open_iso();
	kit_values(&kit, "000000017", "4711");
	install_fails(DIAG_VALUE_LENGTH);
	values_reset(&kit.values);
	install_fails(DIAG_VALUE_MISSING);
	kit_close(&kit);
}

static void other_chip(void **state)
{
	(void)state;
	open_iso();
	strcpy(kit.img.manifest.atr, "3B00");
	assert_false(kit_loader(&kit, &loader, NULL, true));
	assert_true(kit_fired(&kit.d, DIAG_CARD_OTHER_CHIP));
	loader_close(&loader);
	kit.img.manifest.atr[0] = 0;
	strcpy(kit.img.manifest.dialect, "other");
	assert_false(kit_loader(&kit, &loader, NULL, true));
	assert_true(kit_fired(&kit.d, DIAG_CARD_DIALECT));
	loader_close(&loader);
	kit_close(&kit);
}

/* A suite that cannot be read is found before anything is activated that it should prove. */
static void bad_probe(void **state)
{
	(void)state;
	open_iso();
	buf_str(&kit.img.entry[IMAGE_PROBE], "nonsense\n");
	install_fails(DIAG_SUITE_STATEMENT);
	assert_int_equal(kit_state(&kit), AP_ABSENT);
	kit_close(&kit);
}

static void never_deleted(void **state)
{
	(void)state;
	struct install_report r;
	struct install_options o = {0};
	open_iso();
	struct chip chip = *kit.chip;
	chip.fact[CHIP_DELETE].text = "none";
	chip.fact[CHIP_DELETE].number = 0;
	for (int permanent = 0; permanent < 2; permanent++) {
		assert_true(kit_loader(&kit, &loader, NULL, true));
		loader.card.chip = &chip;
		o.permanent = permanent == 1;
		assert_int_equal(load_install(&loader, &kit.img, &kit.values, &o, &r), permanent);
		install_report_reset(&r);
		loader_close(&loader);
	}
	assert_true(kit_fired(&kit.d, DIAG_DELETE_NEVER));
	kit_close(&kit);
	kit_open(&kit, KIT_STARCOS);
	install_works(INSTALL_DONE);
	assert_true(kit_fired(&kit.d, DIAG_DELETE_LAST));
	kit_close(&kit);
}

/* --- what is on the card already --- */

static void already_there(void **state)
{
	(void)state;
	open_iso();
	install_works(INSTALL_DONE);
	kit_values(&kit, "0000000018", "4711");
	install_fails(DIAG_AP_OTHER_VALUES);
	kit_values(&kit, "0000000017", "4711");
	kit.img.digest[0] ^= 1; /* another image */
	install_fails(DIAG_AP_OPERATIONAL);
	kit.img.digest[0] ^= 1;
	kit_drop_dir(kit.dir); /* another terminal */
	kit_new_dir(kit.dir);
	install_fails(DIAG_AP_OPERATIONAL);
	kit_close(&kit);
}

/* The identifier of the DF belongs to another AP: that one is left alone. */
static void fid_taken(void **state)
{
	(void)state;
	for (int chip = 0; chip < KIT_CHIPS; chip++) {
		kit_open(&kit, chip);
		install_works(INSTALL_DONE);
		struct image_manifest *m = &kit.img.manifest;
		struct buf *script = &kit.img.entry[IMAGE_PAYLOAD];
		m->aid[9] ^= 0x70; /* D3921000310001FFFF71, in manifest and script */
		for (char *p = (char *)script->p; (size_t)(p + 2 - (char *)script->p) < script->n; p++)
			if (memcmp(p, "FFFF01", 6) == 0 || memcmp(p, "FF FF 01", 8) == 0)
				p[p[2] == ' ' ? 6 : 4] = '7';
		install_fails(DIAG_STEP_EXISTS);
		assert_int_equal(kit_state(&kit), AP_ABSENT);
		m->aid[9] ^= 0x70;
		assert_int_equal(kit_state(&kit), AP_OPERATIONAL);
		kit_close(&kit);
	}
}

static void name_clash(void **state)
{
	(void)state;
	struct delete_report x;
	open_iso();
	install_works(INSTALL_DONE);
	kit.img.manifest.aid_len -= 2;
	assert_true(kit_loader(&kit, &loader, NULL, true));
	assert_false(load_delete(&loader, kit.img.manifest.aid, kit.img.manifest.aid_len, NULL, &x));
	assert_true(kit_fired(&kit.d, DIAG_AP_NAME_CLASH));
	loader_close(&loader);
	kit.img.manifest.aid_len += 2;
	assert_int_equal(kit_state(&kit), AP_OPERATIONAL);
	kit_close(&kit);
}

/* --- the card says no on the way --- */

static void step_refused(void **state)
{
	(void)state;
	for (int chip = 0; chip < KIT_CHIPS; chip++) {
		kit_open(&kit, chip);
		kit_change(&kit.img.entry[IMAGE_PAYLOAD], "do 00D60028", "do 00D60038"); /* past the end of zones */
		install_fails(DIAG_STEP_REFUSED);
		assert_true(kit_fired(&kit.d, DIAG_ROLLED_BACK));
		assert_int_equal(kit_state(&kit), AP_ABSENT);
		kit_close(&kit);
	}
}

static void no_room(void **state)
{
	(void)state;
	open_iso();
	kit_change(&kit.img.entry[IMAGE_PAYLOAD], "81 02 04 00", "81 02 7F FF");
	install_fails(DIAG_STEP_NO_ROOM);
	kit_close(&kit);
	kit_open(&kit, KIT_STARCOS);
	kit_change(&kit.img.entry[IMAGE_PAYLOAD], "do 80520200", "do 80522000");
	install_fails(DIAG_STEP_NO_ROOM);
	kit_close(&kit);
}

/* An image whose card does not behave as its probe says is not left on the card. */
static void unproven(void **state)
{
	(void)state;
	for (int chip = 0; chip < KIT_CHIPS; chip++) {
		kit_open(&kit, chip);
		kit_change(&kit.img.entry[IMAGE_PROBE], "expect 63C3", "expect 63C5");
		install_fails(DIAG_INSTALL_UNPROVEN);
		assert_true(kit_fired(&kit.d, DIAG_ROLLED_BACK));
		assert_int_equal(kit_state(&kit), AP_ABSENT);
		kit_close(&kit);
	}
}

/* A card whose access rules are wider than described, as its own word tells (compact rules only). */
static void rules_differ(void **state)
{
	(void)state;
	open_iso();
	kit_change(&kit.img.entry[IMAGE_PAYLOAD], "8C 02 01 11", "8C 02 01 00");
	install_fails(DIAG_VERIFY_DIFFERS);
	assert_true(kit_fired(&kit.d, DIAG_INSTALL_UNPROVEN));
	kit_close(&kit);
}

/* --- keys --- */

static void put_keys(const char *line, char path[128])
{
	snprintf(path, 128, "%s/keys", kit.dir);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(line, f);
	fclose(f);
	chmod(path, 0600);
	kit.options.keys.file = path;
}

/* A wrong key is tried once, and then never again on this card; nothing of the AP is on it. */
static void wrong_key(void **state)
{
	(void)state;
	static const char *const line[] = {
	    "iso-compact-32k aes-128 FF0102030405060708090A0B0C0D0E0F\n", "starcos-like-8k pin WRONG-SO\n"};
	char path[128];
	for (int chip = 0; chip < KIT_CHIPS; chip++) {
		kit_open(&kit, chip);
		put_keys(line[chip], path);
		install_fails(DIAG_KEY_WRONG);
		install_fails(DIAG_KEY_KNOWN_WRONG);
		kit.options.last_try = true;
		install_fails(DIAG_KEY_WRONG);
		assert_string_equal(kit.d.row[kit.d.n - 1].arg[0], "8");
		kit.options.last_try = false;
		kit.options.keys.file = NULL;
		install_works(INSTALL_DONE); /* the right key is not held up, and restores the count */
		kit_close(&kit);
	}
}

/* With one try left nothing is tried unless told to; a blocked card is told, not tried. */
static void last_try(void **state)
{
	(void)state;
	static const char *const line[] = {
	    "iso-compact-32k aes-128 FF0102030405060708090A0B0C0D0E0%X\n", "starcos-like-8k pin WRONG-S%X\n"};
	for (int chip = 0; chip < KIT_CHIPS; chip++) {
		char path[128], key[128];
		kit_open(&kit, chip);
		for (unsigned i = 0; i < 9; i++) {
			snprintf(key, sizeof key, line[chip], i);
			put_keys(key, path);
			install_fails(DIAG_KEY_WRONG);
		}
		snprintf(key, sizeof key, line[chip], 10);
		put_keys(key, path);
		install_fails(DIAG_KEY_LAST_TRY);
		kit.options.last_try = true;
		install_fails(DIAG_KEY_BLOCKED);
		kit.options.keys.file = NULL;
		install_fails(DIAG_KEY_BLOCKED);
		kit_drop_dir(kit.dir); /* a terminal that never saw it */
		kit_new_dir(kit.dir);
		install_fails(DIAG_KEY_BLOCKED);
		kit_close(&kit);
	}
}

/* --- half installs --- */

static void resume_or_remove(void **state)
{
	(void)state;
	for (int chip = 0; chip < KIT_CHIPS; chip++) {
		kit_open(&kit, chip);
		kit_break_at(&kit, 14);
		assert_int_equal(kit_state(&kit), AP_HALF);
		install_works(INSTALL_DONE);
		assert_true(kit_fired(&kit.d, DIAG_HALF_RESUMED));
		kit_close(&kit);

		kit_open(&kit, chip); /* other values: not the same install */
		kit_break_at(&kit, 14);
		kit_values(&kit, "0000000018", "4711");
		install_works(INSTALL_DONE);
		assert_true(kit_fired(&kit.d, DIAG_HALF_REMOVED));
		kit_close(&kit);

		kit_open(&kit, chip); /* the card may be another one of the kind */
		kit.options.given.identity = NULL;
		kit.link_name = "pcsc:Reader 0";
		kit_break_at(&kit, 14);
		install_works(INSTALL_DONE);
		assert_true(kit_fired(&kit.d, DIAG_HALF_REMOVED));
		kit_close(&kit);

		kit_open(&kit, chip); /* another terminal */
		kit_break_at(&kit, 14);
		kit_drop_dir(kit.dir);
		kit_new_dir(kit.dir);
		install_works(INSTALL_DONE);
		assert_true(kit_fired(&kit.d, DIAG_HALF_REMOVED));
		kit_close(&kit);
	}
}

/* The journal says "the same", but somebody else began anew on the card meanwhile. */
static void resume_other(void **state)
{
	(void)state;
	open_iso();
	kit_break_at(&kit, 14);
	struct delete_report x;
	char other[64];
	strcpy(other, kit.dir);
	kit_new_dir(kit.dir);
	assert_true(kit_delete(&kit, NULL, &x));
	kit_change(&kit.img.entry[IMAGE_PAYLOAD], "83 02 4D 2A", "83 02 4D 2B");
	kit_break_at(&kit, 14);
	kit_change(&kit.img.entry[IMAGE_PAYLOAD], "83 02 4D 2B", "83 02 4D 2A");
	kit_drop_dir(kit.dir);
	strcpy(kit.dir, other);
	struct install_report r;
	assert_false(kit_install(&kit, NULL, &r));
	assert_true(kit_fired(&kit.d, DIAG_RESUME_OTHER));
	assert_int_equal(kit_state(&kit), AP_ABSENT); /* and it was removed */
	install_works(INSTALL_DONE);
	kit_close(&kit);
}

/* --- deleting --- */

/* starcos removes only what came last, and never a DF that has another name than the AP. */
static void not_the_last(void **state)
{
	(void)state;
	struct delete_report x;
	kit_open(&kit, KIT_STARCOS);
	install_works(INSTALL_DONE);
	struct link l;
	link_sim_of(&l, &kit.card);
	assert_int_equal(kit_ask(&kit, "00A4000C023F00"), SW_OK);
	assert_int_equal(kit_ask(&kit, "002000010849474154412D534F"), SW_OK);
	assert_int_equal(kit_ask(&kit, "80520040084D2B05A000000001"), SW_OK);
	link_close(&l);
	assert_false(kit_delete(&kit, NULL, &x));
	assert_true(kit_fired(&kit.d, DIAG_REMOVE_NOT_LAST));
	assert_int_equal(kit_state(&kit), AP_OPERATIONAL);
	install_works(INSTALL_ALREADY); /* a delete that was refused changes nothing */
	kit_close(&kit);
}

static void which_df(void **state)
{
	(void)state;
	struct delete_report x;
	kit_open(&kit, KIT_STARCOS);
	install_works(INSTALL_DONE);
	struct ap ap = {.state = AP_OPERATIONAL, .aid_len = kit.img.manifest.aid_len};
	memcpy(ap.aid, kit.img.manifest.aid, ap.aid_len);
	assert_true(kit_loader(&kit, &loader, NULL, false));
	assert_false(loader.card.dialect->remove(&loader.session, &ap, 0x4d2b));
	assert_true(kit_fired(&kit.d, DIAG_AP_NO_FID));
	loader_close(&loader);
	/* the journal knows the FID of what this terminal installed: no image is needed */
	assert_true(kit_loader(&kit, &loader, NULL, false));
	assert_true(load_delete(&loader, ap.aid, ap.aid_len, NULL, &x));
	loader_close(&loader);
	kit_close(&kit);
}

/* A DF that its own rules do not let go: delete-self never. */
static void not_removable(void **state)
{
	(void)state;
	struct delete_report x;
	open_iso();
	kit_change(&kit.img.entry[IMAGE_PAYLOAD], "8C 04 52 22 22 22", "8C 04 52 FF 22 22");
	install_works(INSTALL_DONE);
	assert_false(kit_delete(&kit, NULL, &x));
	assert_true(kit_fired(&kit.d, DIAG_REMOVE_REFUSED));
	/* an install that has to be taken back there says that it could not */
	kit_close(&kit);
	open_iso();
	kit_change(&kit.img.entry[IMAGE_PAYLOAD], "8C 04 52 22 22 22", "8C 04 52 FF 22 22");
	kit_change(&kit.img.entry[IMAGE_PROBE], "expect 63C3", "expect 63C5");
	struct install_report r;
	assert_false(kit_install(&kit, NULL, &r));
	assert_true(kit_fired(&kit.d, DIAG_ROLLBACK_FAILED));
	install_report_reset(&r);
	kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(install_and_delete),
	    cmocka_unit_test(rights_end),
	    cmocka_unit_test(trust),
	    cmocka_unit_test(values_first),
	    cmocka_unit_test(other_chip),
	    cmocka_unit_test(bad_probe),
	    cmocka_unit_test(never_deleted),
	    cmocka_unit_test(already_there),
	    cmocka_unit_test(fid_taken),
	    cmocka_unit_test(name_clash),
	    cmocka_unit_test(step_refused),
	    cmocka_unit_test(no_room),
	    cmocka_unit_test(unproven),
	    cmocka_unit_test(rules_differ),
	    cmocka_unit_test(wrong_key),
	    cmocka_unit_test(last_try),
	    cmocka_unit_test(resume_or_remove),
	    cmocka_unit_test(resume_other),
	    cmocka_unit_test(not_the_last),
	    cmocka_unit_test(which_df),
	    cmocka_unit_test(not_removable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
