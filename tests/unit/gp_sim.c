/* The loader on simulated Java Cards: every profile; the link lost at every exchange, the power at many bytes; what the
 * card itself then shows to anybody. */
#include "tests/unit/support/gp_sim_kit.h"

static struct sim before;

/* What anybody meets: can this application be selected? */
static bool selectable(const struct aid *a)
{
	struct buf rsp = {0};
	uint8_t cmd[5 + AID_MAX] = {0x00, 0xa4, 0x04, 0x00, (uint8_t)a->n};
	memcpy(cmd + 5, a->p, a->n);
	sim_power_up(&card);
	sim_apdu(&card, cmd, 5 + a->n, &rsp);
	bool ok = rsp.n >= 2 && rsp.p[rsp.n - 2] == 0x90;
	buf_reset(&rsp);
	sim_power_down(&card);
	return ok;
}

static void said(const char *chip)
{
	print_message("%s:\n", chip);
	diag_print(stderr, &d, "en");
}

/* --- every profile --- */

static void test_every_profile(void **state)
{
	size_t n = 0, tried = 0;
	const char **names = chip_names(&arena, "chipprofiles", &n, &d);
	(void)state;
	for (size_t i = 0; i < n; i++) {
		const struct chip *c = chip_find(&arena, "chipprofiles", names[i], &d);
		static const struct gp_authority none;
		size_t related;
		if (c == NULL || strcmp(c->dialect, "globalplatform") != 0 || chip_fact_is(c, CHIP_GP_LOADING, "keys"))
			continue; /* (the last: whose keys nobody knows but their vendor) */
		new_card(names[i]);
		bool closed = chip_fact_is(c, CHIP_GP_LOADING, "closed");
		options.given.chip = c->fact[CHIP_CPLC].present ? NULL : names[i];
		bool ok = install();
		if (ok == closed)
			said(names[i]);
		assert_true(ok != closed);
		if (chip_name[0] != 0) /* several products may have the same production data: then none is named */
			assert_string_equal(chip_name, names[i]);
		assert_true(selectable(&applet) != closed);
		if (!closed) {
			assert_true(open_card());
			assert_true(gp_remove(&loader, &tiny, true, &none, &related));
			assert_int_equal(related, 1);
			loader_close(&loader);
			assert_false(selectable(&applet));
		}
		tried++;
		sim_close(&card);
	}
	options.given.chip = NULL;
	assert_true(tried >= 30);
}

/* --- faults --- */

static void keep(const char *chip)
{
	new_card(chip);
	assert_true(sim_copy(&before, &card));
}

static void go_back(void)
{
	sim_restore(&card, &before);
	forget();
}

/* The card after a fault: whoever comes next can finish, and remove; nothing stays in between. */
static void recovers(void)
{
	static const struct gp_authority none;
	size_t related;
	struct sim half = {0};
	bool whole = selectable(&applet);
	assert_true(sim_copy(&half, &card));
	fault.at = -1;
	bool ok = install(); /* this terminal has its journal */
	if (!ok)
		said("again");
	assert_true(ok);
	assert_true(selectable(&applet));
	sim_restore(&card, &half);
	forget(); /* another has none */
	ok = install();
	assert_true(ok || (whole && fired(DIAG_GP_PACKAGE_THERE)));
	assert_true(selectable(&applet));
	sim_restore(&card, &half);
	forget();
	bool there = open_card() && gp_remove(&loader, &tiny, true, &none, &related);
	assert_true(there || fired(DIAG_GP_ABSENT));
	loader_close(&loader);
	assert_false(selectable(&applet));
	assert_int_equal(card.family->used(&card), before.family->used(&before));
	sim_close(&half);
}

static void lose(const char *chip, enum link_fault_kind kind)
{
	keep(chip);
	int64_t at = 0;
	for (;; at++) {
		go_back();
		fault = (struct link_fault){.kind = kind, .status = LINK_CARD_GONE, .at = at};
		if (install())
			break;
		assert_true(fired(DIAG_LINK_CARD_GONE));
		recovers();
	}
	assert_true(at > 9);
	sim_close(&before);
	sim_close(&card);
}

static void test_the_link_is_lost(void **state)
{
	(void)state;
	lose("nxp-jcop4-j3r180", FAULT_COMMAND_LOST);
	lose("nxp-jcop4-j3r180", FAULT_RESPONSE_LOST);
	lose("ibm-jcop21-v22", FAULT_RESPONSE_LOST);
}

/* Two applications: both are installed before the first can be selected. */
static void test_two_applications(void **state)
{
	static const struct aid one = {{0xf0, 0x49, 0x47, 0x41, 2, 1}, 6}, other = {{0xf0, 0x49, 0x47, 0x41, 2, 2}, 6};
	(void)state;
	keep("nxp-jcop4-j3r180");
	for (int64_t at = 0;; at++) {
		go_back();
		what.cap = two.p;
		what.cap_len = two.n;
		fault = (struct link_fault){.kind = FAULT_RESPONSE_LOST, .status = LINK_CARD_GONE, .at = at};
		bool ok = install();
		fault.at = -1;
		assert_true(selectable(&one) || !selectable(&other));
		if (ok)
			break;
		assert_true(install());
		assert_true(selectable(&one) && selectable(&other));
	}
	sim_close(&before);
	sim_close(&card);
}

/* --- the power --- */

static int64_t cut_at;

/* The end of everything, between two writes: nothing of the program or the card goes on. */
static void power_fails(void *context, uint64_t written, uint32_t n)
{
	(void)context;
	if ((uint64_t)cut_at < written + n)
		_exit(7);
}

/* In a process of its own, on a card in a file: what it leaves is what is on the disk. true: it came to its end. */
static bool install_and_lose_power(const char *path, int64_t at)
{
	int status;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		options.given.name = path;
		if (!loader_open(&loader, &options, NULL, true, NULL, &d))
			_exit(9);
		cut_at = at;
		loader.link.sim->nv.watch = power_fails;
		_exit(gp_install(&loader, &what, &report) ? 0 : 8);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 7 || WEXITSTATUS(status) == 0));
	return WEXITSTATUS(status) == 0;
}

/* Before one of the writes that the install makes: sixty of them, spread. */
static void test_the_power_fails(void **state)
{
	char path[96];
	(void)state;
	snprintf(path, sizeof path, "%s/x.card", folder);
	const struct chip *c = new_card("ibm-jcop21-v22");
	options.given.identity = "one card"; /* in a file and in memory */
	assert_true(install());
	uint64_t all = card.nv.written;
	assert_true(all > 500);
	sim_close(&card);
	for (uint64_t i = 0; i < 60; i++) {
		forget();
		assert_true(sim_new(path, c, NULL, 7, &d));
		bool whole = install_and_lose_power(path, (int64_t)(all * i / 60));
		assert_true(!whole || i > 50);
		if (i == 0) {
			assert_true(sim_open(&card, path, &d));
			assert_true(sim_copy(&before, &card));
			sim_close(&card);
		}
		assert_true(sim_open(&card, path, &d));
		recovers();
		sim_close(&card);
	}
	options.given.identity = NULL;
	sim_close(&before);
}

/* --- keys and life on the simulated card --- */

static void test_keys_are_put_and_used(void **state)
{
	(void)state;
	static const uint8_t sizes[] = {16, 24, 32};
	for (size_t i = 0; i < 3; i++) {
		struct gp_secret s = {.any_version = true};
		char path[96], text[256], hex[3][2 * GP_KEY_MAX + 1];
		struct gp_key *k[] = {&s.keys.enc, &s.keys.mac, &s.keys.dek};
		new_card("nxp-jcop4-j3r180");
		for (size_t n = 0; n < 3; n++) {
			k[n]->n = sizes[i];
			memset(k[n]->p, (int)(0x11 * (n + 1) + i), sizes[i]);
			for (size_t b = 0; b < sizes[i]; b++)
				snprintf(hex[n] + 2 * b, 3, "%02X", k[n]->p[b]);
		}
		assert_true(open_card());
		bool ok = gp_put_keys(&loader, 0, 0x42, 1, &s);
		if (!ok)
			said("put-key");
		assert_true(ok);
		assert_int_equal(d.n, 0);
		loader_close(&loader);
		snprintf(path, sizeof path, "%s/keys", folder);
		snprintf(text, sizeof text, "* gp version=42 enc=%s mac=%s dek=%s\n", hex[0], hex[1], hex[2]);
		assert_true(file_write(path, text, strlen(text), 0600, &d));
		options.keys.file = path;
		options.gp.has_version = true;
		options.gp.version = 0x42;
		assert_true(open_card());
		ok = gp_open(&loader, NULL);
		if (!ok)
			said("log in");
		assert_true(ok);
		loader_close(&loader);
		options.keys.file = NULL;
		options.gp.has_version = false;
		sim_close(&card);
	}
}

static void test_wrong_keys_do_not_reach_the_card(void **state)
{
	char path[96];
	(void)state;
	new_card("nxp-jcop4-j3r180");
	snprintf(path, sizeof path, "%s/keys", folder);
	static const char text[] = "* gp key=00000000000000000000000000000000\n";
	assert_true(file_write(path, text, sizeof text - 1, 0600, &d));
	options.keys.file = path;
	for (int i = 0; i < 20; i++) {
		options.last_try = i > 2;
		assert_true(open_card());
		assert_false(gp_open(&loader, NULL));
		assert_true(fired(DIAG_GP_WRONG_KEY) || fired(DIAG_KEY_KNOWN_WRONG));
		loader_close(&loader);
	}
	options.keys.file = NULL;
	options.last_try = true; /* this terminal has counted; the card has not */
	assert_true(open_card());
	assert_true(gp_open(&loader, NULL));
	loader_close(&loader);
	options.last_try = false;
	sim_close(&card);
}

static void test_triage(void **state)
{
	static struct diagnose_report r;
	bool locked = false, bad = false;
	(void)state;
	new_card("nxp-jcop4-j3r180");
	assert_true(install());
	assert_true(open_card());
	assert_true(gp_set_status(&loader, &applet, false, LIFE_LOCKED));
	assert_true(load_diagnose(&loader, NULL, &r));
	for (size_t i = 0; i < r.n; i++) {
		bad = bad || (r.row[i].finding == FINDING_BAD && r.row[i].part != PART_AP);
		locked = locked || (r.row[i].part == PART_AP && strstr(r.row[i].text[0], "LOCKED") != NULL);
	}
	if (!locked || bad)
		for (size_t i = 0; i < r.n; i++)
			print_message("%d %d %s\n", (int)r.row[i].part, (int)r.row[i].finding, r.row[i].text[0]);
	assert_true(locked && !bad);
	assert_int_equal(r.fault, PART_AP);
	loader_close(&loader);
	sim_close(&card);
}

/* From what state a card cannot be locked, in words. */
static void test_states_are_explained(void **state)
{
	struct buf text = {0};
	(void)state;
	new_card("nxp-jcop4-j3r180");
	assert_true(open_card());
	assert_false(gp_set_status(&loader, &(struct aid){.n = 0}, false, CARD_LOCKED));
	assert_true(fired(DIAG_GP_REFUSED));
	diag_text(&text, &d.row[0], "en");
	assert_non_null(strstr(buf_cstr(&text), "OP_READY"));
	buf_reset(&text);
	loader_close(&loader);
	sim_close(&card);
}

/* A card that announces long commands (9F65) gets them, as extended APDUs: the package of 600 bytes goes in one LOAD
 * over SCP02 and SCP03; the card's own word over them is right (the registry, the applet). */
static void test_long_blocks(void **state)
{
	static const char *const chips[] = {"nxp-jcop4-j3r180", "ibm-jcop21-v22"};
	struct buf large = {0}, text = {0};
	(void)state;
	assert_true(file_read("tests/fixtures/javacard/managed.jca", 1 << 20, &text, &d));
	assemble((const char *)text.p, text.n, &large);
	buf_reset(&text);
	for (int c = 0; c < 2; c++) {
		size_t blocks[2];
		for (uint32_t longer = 0; longer < 2; longer++) {
			struct chip chip = *new_card(chips[c]);
			sim_close(&card);
			chip.fact[CHIP_GP_BLOCK].present = chip.fact[CHIP_EXTENDED].present = true;
			chip.fact[CHIP_GP_BLOCK].number = longer != 0 ? 2000 : 255;
			chip.fact[CHIP_EXTENDED].text = "yes";
			chip.fact[CHIP_EXTENDED].number = 1;
			assert_true(sim_new_in_memory(&card, &chip, NULL, 7, &d));
			what.cap = large.p;
			what.cap_len = large.n;
			if (!install())
				said(chips[c]);
			assert_int_equal(report.outcome, INSTALL_DONE);
			blocks[longer] = report.blocks;
			assert_true(selectable(&report.instance[0]));
			sim_close(&card);
		}
		assert_true(blocks[0] > 1);
		assert_int_equal(blocks[1], 1);
	}
	buf_reset(&large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_profile),
	    cmocka_unit_test(test_the_link_is_lost),
	    cmocka_unit_test(test_two_applications),
	    cmocka_unit_test(test_the_power_fails),
	    cmocka_unit_test(test_keys_are_put_and_used),
	    cmocka_unit_test(test_wrong_keys_do_not_reach_the_card),
	    cmocka_unit_test(test_triage),
	    cmocka_unit_test(test_states_are_explained),
	    cmocka_unit_test(test_long_blocks),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
