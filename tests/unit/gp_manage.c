/* What is done on GlobalPlatform cards besides installing, the faults that were measured in other clients, and the
 * explanations of status words. */
#include "tests/unit/support/gp_kit.h"

#include "runtime/base/file.h"
#include "runtime/crypto/token.h"
#include "tests/unit/support/test_keys.h"

static struct gp_kit kit;

static const struct aid app = {{0xf0, 0x4c, 0x41, 0x42, 1, 1}, 6};

static void open_kit(uint8_t scp, uint8_t i)
{
	gp_kit_new(&kit, scp, i);
	assert_true(gp_kit_open(&kit));
}

static void close_kit(void)
{
	gp_kit_close(&kit);
	gp_kit_free(&kit);
}

/* A package with one application. */
static void put_package(void)
{
	card_add(&kit.card, &kit_package, true);
	struct card_row *r = card_add(&kit.card, &app, false);
	r->file = kit_package;
	r->life = 7;
}

static struct gp_key key_of(size_t n, uint8_t first)
{
	struct gp_key k = {.n = n};
	for (size_t i = 0; i < n; i++)
		k.p[i] = (uint8_t)(first + i);
	return k;
}

static struct gp_secret secret(size_t n)
{
	return (struct gp_secret){.keys = {key_of(n, 0x10), key_of(n, 0x30), key_of(n, 0x50)}, .any_version = true};
}

/* --- keys --- */

static void assert_new_keys(size_t n)
{
	struct gp_secret s = secret(n);
	assert_int_equal(kit.card.keys.length, n);
	assert_memory_equal(kit.card.keys.enc, s.keys.enc.p, n);
	assert_memory_equal(kit.card.keys.mac, s.keys.mac.p, n);
	assert_memory_equal(kit.card.keys.dek, s.keys.dek.p, n);
}

/* Another client refuses every 16-byte triple DES key, and cannot wrap AES-192. */
static void test_put_keys_of_every_kind(void **state)
{
	static const struct {
		uint8_t scp, i;
		size_t n;
	} kinds[] = {{1, 0x05, 16}, {2, 0x15, 16}, {2, 0x55, 16}, {3, 0x70, 16}, {3, 0x70, 24}, {3, 0x10, 32}};
	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		open_kit(kinds[i].scp, kinds[i].i);
		struct gp_secret s = secret(kinds[i].n);
		assert_true(gp_put_keys(&kit.loader, 0, 0x31, 1, &s));
		assert_int_equal(kit.d.n, 0);
		assert_new_keys(kinds[i].n);
		assert_int_equal(kit.card.keys.version, 0x31);
		close_kit();
	}
}

static void test_check_values_are_compared(void **state)
{
	(void)state;
	struct gp_secret s = secret(16);
	open_kit(3, 0x70);
	kit.card.ways.wrong_check_values = true;
	assert_false(gp_put_keys(&kit.loader, 0, 0x31, 1, &s));
	assert_true(gp_kit_fired(&kit, DIAG_GP_CHECK_VALUE));
	close_kit();
	open_kit(2, 0x15);
	kit.card.ways.no_check_values = true;
	assert_true(gp_put_keys(&kit.loader, 0, 0x31, 1, &s));
	assert_true(gp_kit_fired(&kit, DIAG_GP_NO_CHECK_VALUE));
	close_kit();
}

static void test_a_version_that_is_there(void **state)
{
	(void)state;
	struct gp_secret s = secret(16);
	open_kit(3, 0x70);
	assert_false(gp_put_keys(&kit.loader, 0, 0x30, 1, &s));
	assert_true(gp_kit_fired(&kit, DIAG_GP_KEY_VERSION_THERE));
	assert_int_equal(kit.card.keys.enc[0], 0x40);
	assert_true(gp_put_keys(&kit.loader, 0x30, 0x30, 1, &s));
	assert_new_keys(16);
	close_kit();
}

/* Another client ignored the diversification and left cards with the master key. */
static void test_master_keys_stay_here(void **state)
{
	(void)state;
	struct gp_secret s = secret(16);
	s.diversify = GP_DIVERSIFY_KDF3;
	open_kit(3, 0x70);
	assert_true(gp_put_keys(&kit.loader, 0, 0x31, 1, &s));
	assert_memory_not_equal(kit.card.keys.enc, s.keys.enc.p, 16);
	assert_true(gp_diversify(&s.keys, GP_DIVERSIFY_KDF3, kit.card.kdd));
	assert_memory_equal(kit.card.keys.enc, s.keys.enc.p, 16);
	close_kit();
	open_kit(2, 0x15); /* kdf3 is for AES keys, 24 bytes for none of SCP02 */
	s = secret(24);
	assert_false(gp_put_keys(&kit.loader, 0, 0x31, 1, &s));
	assert_true(gp_kit_fired(&kit, DIAG_GP_KEYS_UNSUITABLE));
	assert_int_equal(kit.card.keys.version, 1);
	close_kit();
}

/* Nothing that a person or a file sees has a key in it. */
static void test_no_key_is_shown(void **state)
{
	(void)state;
	struct gp_secret s = secret(16);
	char text[65536] = "";
	gp_kit_new(&kit, 3, 0x70);
	FILE *trace = fmemopen(text, sizeof text - 1, "w");
	assert_non_null(trace);
	kit.options.trace = trace;
	assert_true(gp_kit_open(&kit));
	kit.card.ways.wrong_check_values = true;
	assert_false(gp_put_keys(&kit.loader, 0, 0x31, 1, &s));
	gp_kit_close(&kit);
	fclose(trace);
	assert_non_null(strstr(text, "PUT KEY"));
	struct buf all = {0};
	buf_str(&all, text);
	for (size_t i = 0; i < kit.d.n; i++)
		diag_text(&all, &kit.d.row[i], "en");
	static const char *const secrets[] = {"101112131415", "303132333435", "505152535455", "404142434445"};
	for (size_t i = 0; i < 4; i++)
		assert_null(strstr(buf_cstr(&all), secrets[i]));
	buf_reset(&all);
	gp_kit_free(&kit);
}

static const char *write_pem(const char *name, const char *text)
{
	static char path[128];
	snprintf(path, sizeof path, "%s/%s", kit.folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, 0600), 0);
	return path;
}

/* PEM (RFC 7468) of a PKCS#8 key in hexadecimal digits. */
static const char *pem_of(const char *hex)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static char text[8192];
	static uint8_t der[4096];
	size_t n;
	assert_true(hex_decode(hex, strlen(hex), der, sizeof der - 2, &n));
	der[n] = der[n + 1] = 0;
	char *out = text + sprintf(text, "-----BEGIN PRIVATE KEY-----\n");
	for (size_t i = 0; i < n; i += 3) {
		unsigned long v = (unsigned long)der[i] << 16 | (unsigned)der[i + 1] << 8 | der[i + 2];
		for (int k = 0; k < 4; k++)
			*out++ = i + (size_t)k > n ? '=' : digits[v >> (18 - 6 * k) & 63];
		if (i % 48 == 45)
			*out++ = '\n';
	}
	strcpy(out, "\n-----END PRIVATE KEY-----\n");
	return text;
}

static void test_public_keys(void **state)
{
	(void)state;
	open_kit(3, 0x70);
	assert_true(gp_put_public_key(&kit.loader, 0, 0x73, 1, write_pem("ec.pem", pem_of(TEST_EC_P256))));
	assert_false(gp_put_public_key(&kit.loader, 0, 0x73, 1, write_pem("no.pem", "nothing\n")));
	assert_true(gp_kit_fired(&kit, DIAG_GP_TOKEN_KEY));
	close_kit();
	struct token_public k;
	const char *pem = pem_of(TEST_EC_P256);
	assert_true(token_public_read(&k, (const uint8_t *)pem, strlen(pem)));
	assert_int_equal(k.point.n, 65);
	assert_int_equal(k.curve, 0);
	token_public_reset(&k);
}

/* --- deleting --- */

static bool remove_it(const struct aid *what, bool force)
{
	static const struct gp_authority none;
	size_t related;
	diag_reset(&kit.d);
	return gp_remove(&kit.loader, what, force, &none, &related);
}

/* Without delegated management there is no tag for a token in DELETE: another client once sent it, and cards refused.
 */
static void test_delete(void **state)
{
	static const uint8_t plain[] = {0x4f, 6, 0xf0, 0x4c, 0x41, 0x42, 1, 1};
	(void)state;
	open_kit(2, 0x15);
	put_package();
	assert_false(remove_it(&kit_package, false));
	assert_true(gp_kit_fired(&kit, DIAG_GP_DEPENDENTS));
	assert_true(remove_it(&app, false));
	assert_int_equal(kit.card.last_delete.n, sizeof plain);
	assert_memory_equal(kit.card.last_delete.p, plain, sizeof plain);
	assert_true(remove_it(&kit_package, false));
	assert_int_equal(kit.card.rows, 0);
	assert_false(remove_it(&kit_package, false));
	assert_true(gp_kit_fired(&kit, DIAG_GP_ABSENT));
	assert_false(remove_it(&card_isd, true));
	assert_true(gp_kit_fired(&kit, DIAG_GP_NOT_DELETABLE));
	close_kit();
}

static void test_delete_with_all_that_needs_it(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		open_kit(3, 0x70);
		put_package();
		kit.card.ways.no_related = way == 1; /* then one by one */
		assert_true(remove_it(&kit_package, true));
		assert_int_equal(kit.card.rows, 0);
		close_kit();
	}
}

/* Two packages and a domain in a domain, on a card that deletes nothing but what is named. */
static void test_domains_are_emptied_one_by_one(void **state)
{
	static const struct aid outer = {{0xf0, 7, 7, 7, 7, 7}, 6}, inner = {{0xf0, 7, 7, 7, 7, 8}, 6},
				second = {{0xf0, 0x4c, 0x41, 0x42, 9}, 5};
	(void)state;
	open_kit(3, 0x70);
	kit.card.ways.no_related = true;
	put_package();
	card_find(&kit.card, &app, false)->domain = card_find(&kit.card, &kit_package, true)->domain = outer;
	card_add(&kit.card, &outer, false)->privilege = 0x80;
	struct card_row *r = card_add(&kit.card, &inner, false);
	r->privilege = 0x80;
	r->domain = outer;
	card_add(&kit.card, &second, true)->domain = inner;
	assert_false(remove_it(&outer, false));
	assert_true(gp_kit_fired(&kit, DIAG_GP_DOMAIN_IN_USE));
	assert_int_equal(kit.card.rows, 5);
	assert_true(remove_it(&outer, true));
	assert_int_equal(kit.card.rows, 0);
	close_kit();
}

static void test_an_interrupted_delete_is_recognised(void **state)
{
	(void)state;
	for (int64_t at = 0;; at++) {
		gp_kit_new(&kit, 2, 0x15);
		put_package();
		kit.fault = (struct link_fault){.kind = FAULT_RESPONSE_LOST, .status = LINK_CARD_GONE, .at = at};
		bool ok = gp_kit_open(&kit) && remove_it(&kit_package, true);
		gp_kit_close(&kit);
		kit.fault.at = -1;
		if (!ok) {
			diag_reset(&kit.d);
			assert_true(gp_kit_open(&kit));
			assert_true(remove_it(&kit_package, true));
			gp_kit_close(&kit);
		}
		assert_int_equal(kit.card.rows, 0);
		gp_kit_free(&kit);
		if (ok) {
			assert_true(at > 6);
			break;
		}
	}
}

/* --- the registry --- */

static size_t count(struct gp_registry *r)
{
	*r = (struct gp_registry){0};
	assert_true(gp_registry_load(&kit.loader, GP_SCOPE_ISD | GP_SCOPE_APPLICATIONS | GP_SCOPE_LOAD_FILES, r));
	return r->n;
}

/* Another client fails on an empty card: 6A88 is an empty list. */
static void test_an_empty_card(void **state)
{
	struct gp_registry r;
	(void)state;
	open_kit(3, 0x70);
	assert_true(gp_open(&kit.loader, NULL));
	assert_int_equal(count(&r), 1);
	assert_int_equal(r.row[0].scope, GP_SCOPE_ISD);
	assert_int_equal(kit.d.n, 0);
	gp_registry_reset(&r);
	close_kit();
}

static void test_lists_in_every_form(void **state)
{
	struct gp_registry r;
	(void)state;
	for (int way = 0; way < 3; way++) {
		open_kit(2, 0x15);
		kit.card.ways.legacy_status = way == 1;
		kit.card.ways.one_each = way == 2;
		for (uint8_t i = 0; i < 12; i++) {
			struct aid p = {{0xf0, 1, 1, 1, 1, i}, 6}, a = {{0xf0, 1, 1, 1, 1, i, 1}, 7};
			struct card_row *row = card_add(&kit.card, &p, true);
			row->module[0] = a;
			row->modules = 1;
			row = card_add(&kit.card, &a, false);
			row->file = p;
			row->life = 7;
		}
		assert_true(gp_open(&kit.loader, NULL));
		assert_int_equal(count(&r), 25);
		size_t modules = 0;
		for (size_t i = 0; i < r.n; i++)
			modules += r.row[i].modules;
		assert_int_equal(modules, way == 1 ? 0 : 12);
		gp_registry_reset(&r);
		close_kit();
	}
}

/* --- life cycle, data, domains --- */

static void test_lock_and_unlock(void **state)
{
	(void)state;
	open_kit(3, 0x70);
	put_package();
	assert_true(gp_set_status(&kit.loader, &app, false, LIFE_LOCKED));
	assert_int_equal(card_find(&kit.card, &app, false)->life, 0x87);
	assert_true(gp_set_status(&kit.loader, &app, false, 0));
	assert_int_equal(card_find(&kit.card, &app, false)->life, 0x07);
	assert_true(gp_set_status(&kit.loader, &(struct aid){.n = 0}, false, CARD_LOCKED));
	assert_int_equal(kit.card.life, CARD_LOCKED);
	close_kit();
}

static void test_store_data_in_blocks(void **state)
{
	uint8_t data[1000];
	(void)state;
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)i;
	open_kit(3, 0x71);
	put_package();
	assert_true(gp_store_data(&kit.loader, &app, (struct bytes){data, sizeof data}, 0x10));
	assert_int_equal(kit.card.stored.n, sizeof data);
	assert_memory_equal(kit.card.stored.p, data, sizeof data);
	close_kit();
}

static void test_domains(void **state)
{
	static const uint8_t privileges[GP_PRIVILEGES] = {0x80};
	static const struct aid none, ssd = {{0xf0, 7, 7, 7, 7, 7}, 6};
	(void)state;
	open_kit(2, 0x55);
	/* The card's own package of security domains. */
	card_add(&kit.card, &(struct aid){{0xa0, 0, 0, 1, 0x51, 0x53, 0x50}, 7}, true);
	assert_true(gp_make_domain(&kit.loader, &none, &none, &ssd, privileges, (struct bytes){0}, (struct bytes){0}));
	assert_int_equal(card_find(&kit.card, &ssd, false)->privilege, 0x80);
	put_package();
	assert_true(gp_extradite(&kit.loader, &app, &ssd, (struct bytes){0}));
	assert_true(gp_update_registry(&kit.loader, &app, privileges, (struct bytes){0}));
	close_kit();
}

/* --- tokens and DAP --- */

static void tokens_and_dap(const char *key)
{
	struct buf cap = {0};
	struct gp_install_report report;
	gp_kit_new(&kit, 3, 0x70);
	gp_kit_cap(&cap, 1, 0, 500);
	const char *pem = pem_of(key), *path = write_pem("key.pem", pem);
	struct gp_install_options o = {
	    .cap = cap.p, .cap_len = cap.n, .name = "t.cap", .by = {.token_key = path, .dap_key = path}};
	assert_true(gp_kit_open(&kit) && gp_install(&kit.loader, &o, &report));
	/* INSTALL [for load]: AID, domain, hash, no parameters, token over all of that and its header. */
	struct rd in = rd_of(kit.card.last_install_load.p, kit.card.last_install_load.n);
	card_lv(&in);
	card_lv(&in);
	struct rd hash = card_lv(&in), parameters = card_lv(&in);
	size_t end = in.at;
	struct rd token = card_lv(&in);
	assert_false(in.bad);
	assert_int_equal(hash.n, 32);
	assert_int_equal(parameters.n, 0);
	struct buf covered = {0}, fields = {0};
	buf_add(&fields, kit.card.last_install_load.p, end);
	gp_token_covers(&covered, GP_FOR_LOAD, 0, &fields);
	assert_true(token_right((const uint8_t *)pem, strlen(pem), covered.p, covered.n, token.p, token.n));
	/* The load file: E2 {4F domain, C3 signature of the hash}, then C4. */
	struct rd dap, signature;
	assert_int_equal(kit.card.load[0], 0xe2);
	assert_true(tlv_find(rd_of(kit.card.load, kit.card.load_len), 0xe2, &dap) && tlv_find(dap, 0xc3, &signature));
	assert_true(token_right((const uint8_t *)pem, strlen(pem), hash.p, hash.n, signature.p, signature.n));
	covered.p[3] ^= 1;
	assert_false(token_right((const uint8_t *)pem, strlen(pem), covered.p, covered.n, token.p, token.n));
	buf_reset(&covered);
	buf_reset(&fields);
	buf_reset(&cap);
	gp_kit_close(&kit);
	gp_kit_free(&kit);
}

static void test_tokens_and_dap(void **state)
{
	static const char *const keys[] = {TEST_EC_P256, TEST_EC_P384, TEST_RSA_2048, TEST_RSA_3072};
	(void)state;
	for (size_t i = 0; i < 4; i++)
		tokens_and_dap(keys[i]);
}

/* --- what is said --- */

static void test_explanations(void **state)
{
	(void)state;
	/* One status word, several commands. */
	const char *load = gp_explain(GP_STEP_LOAD_LAST, 0x6985, 0, "en");
	const char *delete = gp_explain(GP_STEP_DELETE, 0x6985, 0, "en");
	const char *install = gp_explain(GP_STEP_FOR_INSTALL, 0x6985, 0, "en");
	assert_string_not_equal(load, delete);
	assert_string_not_equal(load, install);
	assert_non_null(strstr(load, "imports"));
	assert_non_null(strstr(delete, "--force"));
	/* One command, several states. */
	assert_string_not_equal(gp_explain(GP_STEP_FOR_LOAD, 0x6985, CARD_LOCKED, "en"),
	    gp_explain(GP_STEP_FOR_LOAD, 0x6985, CARD_SECURED, "en"));
	assert_non_null(strstr(gp_explain(GP_STEP_LOAD, 0x6985, CARD_TERMINATED, "en"), "terminated"));
	assert_non_null(strstr(gp_explain(GP_STEP_LOAD_LAST, 0x6438, 0, "en"), "JCOP"));
	/* What no row knows has the general text. */
	assert_string_equal(gp_explain(GP_STEP_DATA, 0x6a86, 0, "en"), sw_text(0x6a86, "en"));
	for (int s = 0; s < GP_STEPS; s++)
		for (unsigned sw = 0x6000; sw < 0x7000; sw++) {
			assert_true(gp_explain((enum gp_step)s, (sw_t)sw, 0, "en")[0] != 0);
			assert_true(gp_explain((enum gp_step)s, (sw_t)sw, 0, "ja")[0] != 0);
		}
}

/* Another client prints nonsense when the card goes away in the middle of LOAD. */
static void test_a_card_pulled_during_load(void **state)
{
	struct buf cap = {0};
	struct gp_install_report report;
	(void)state;
	gp_kit_new(&kit, 3, 0x70);
	gp_kit_cap(&cap, 1, 0, 3000);
	struct gp_install_options o = {.cap = cap.p, .cap_len = cap.n, .name = "t.cap"};
	kit.fault = (struct link_fault){.kind = FAULT_COMMAND_LOST, .status = LINK_CARD_GONE, .at = 12};
	assert_true(gp_kit_open(&kit));
	assert_false(gp_install(&kit.loader, &o, &report));
	gp_kit_close(&kit);
	assert_int_equal(kit.d.n, 1);
	assert_int_equal(kit.d.row[0].code, DIAG_LINK_CARD_GONE);
	assert_true(kit.card.loads > 0);
	buf_reset(&cap);
	gp_kit_free(&kit);
}

/* In S16 mode another client made LOAD commands of 256 bytes that fell into command chaining. */
static void test_s16_loads_are_short_apdus(void **state)
{
	struct buf cap = {0};
	struct gp_install_report report;
	(void)state;
	gp_kit_new(&kit, 3, 0x71);
	gp_kit_cap(&cap, 1, 0, 3000);
	struct gp_install_options o = {.cap = cap.p, .cap_len = cap.n, .name = "t.cap"};
	assert_true(gp_kit_open(&kit) && gp_install(&kit.loader, &o, &report));
	assert_int_equal(kit.card.extended, 0);
	assert_int_equal(report.blocks, (report.load_file + 222) / 223);
	buf_reset(&cap);
	gp_kit_close(&kit);
	gp_kit_free(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_put_keys_of_every_kind),
	    cmocka_unit_test(test_check_values_are_compared),
	    cmocka_unit_test(test_a_version_that_is_there),
	    cmocka_unit_test(test_master_keys_stay_here),
	    cmocka_unit_test(test_no_key_is_shown),
	    cmocka_unit_test(test_public_keys),
	    cmocka_unit_test(test_delete),
	    cmocka_unit_test(test_delete_with_all_that_needs_it),
	    cmocka_unit_test(test_domains_are_emptied_one_by_one),
	    cmocka_unit_test(test_an_interrupted_delete_is_recognised),
	    cmocka_unit_test(test_an_empty_card),
	    cmocka_unit_test(test_lists_in_every_form),
	    cmocka_unit_test(test_lock_and_unlock),
	    cmocka_unit_test(test_store_data_in_blocks),
	    cmocka_unit_test(test_domains),
	    cmocka_unit_test(test_tokens_and_dap),
	    cmocka_unit_test(test_explanations),
	    cmocka_unit_test(test_a_card_pulled_during_load),
	    cmocka_unit_test(test_s16_loads_are_short_apdus),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
