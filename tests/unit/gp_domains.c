/* The loader and security domains of a simulated card: delegated management with tokens and receipts, removing domains
 * with all that is in them. */
#include "tests/unit/support/gp_sim_kit.h"

#include <sys/stat.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#define RIGHT "404142434445464748494A4B4C4D4E4F"

static const struct aid domain = {{0xd3, 0x92, 0x10, 0x00, 0x31, 0, 0, 1}, 8};
static const struct aid inner = {{0xd3, 0x92, 0x10, 0x00, 0x31, 0, 0, 2}, 8};
static const struct aid second = {{0xf0, 0x49, 0x47, 0x41, 2}, 5};
static const struct aid none;
static char token_pem[96], keys[96], receipts[96];

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static void make_token_key(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	snprintf(token_pem, sizeof token_pem, "%s/token.pem", folder);
	FILE *f = fopen(token_pem, "w");
	assert_non_null(f);
	assert_int_equal(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(token_pem, 0600), 0);
	EVP_PKEY_free(key);
}

static bool make_domain(const struct aid *aid, const char *privileges)
{
	uint8_t p[GP_PRIVILEGES] = {0};
	const char *bad;
	size_t n;
	assert_true(gp_privileges_parse(privileges, p, &bad, &n));
	bool ok = open_card() && gp_make_domain(&loader, &none, &none, aid, p, (struct bytes){0}, (struct bytes){0});
	loader_close(&loader);
	return ok;
}

static bool move_to(const struct aid *aid, const struct aid *to)
{
	bool ok = open_card() && gp_extradite(&loader, aid, to, (struct bytes){0});
	loader_close(&loader);
	return ok;
}

static bool remove_it(const struct aid *aid, bool force, const struct gp_authority *by, size_t *related)
{
	static const struct gp_authority nobody;
	bool ok = open_card() && gp_remove(&loader, aid, force, by == NULL ? &nobody : by, related);
	loader_close(&loader);
	return ok;
}

static size_t entries(void)
{
	struct gp_registry r = {0};
	assert_true(open_card() && gp_open(&loader, NULL) &&
	    gp_registry_load(&loader, GP_SCOPE_APPLICATIONS | GP_SCOPE_LOAD_FILES, &r));
	size_t n = r.n;
	gp_registry_reset(&r);
	loader_close(&loader);
	return n;
}

/* --- removing --- */

static void fill_domain(void)
{
	assert_true(make_domain(&domain, "security-domain,authorized-management"));
	assert_true(make_domain(&inner, "security-domain,authorized-management"));
	assert_true(install());
	what.cap = two.p;
	what.cap_len = two.n;
	assert_true(install());
	assert_true(move_to(&tiny, &domain) && move_to(&applet, &domain));
	assert_true(move_to(&second, &inner));
	assert_true(move_to(&inner, &domain));
}

/* Two packages, a domain in a domain. */
static void test_domains_are_removed_with_what_is_in_them(void **state)
{
	(void)state;
	size_t related = 0;
	new_card("nxp-jcop4-j3r180");
	size_t before_all = entries();
	fill_domain();
	assert_int_equal(entries(), before_all + 7); /* 2 domains, 2 packages, 3 applications */
	assert_false(remove_it(&domain, false, NULL, &related));
	assert_true(fired(DIAG_GP_DOMAIN_IN_USE));
	assert_int_equal(entries(), before_all + 7);
	assert_true(remove_it(&domain, true, NULL, &related));
	assert_int_equal(related, 3);
	assert_int_equal(entries(), before_all);
	assert_false(remove_it(&domain, true, NULL, &related));
	assert_true(fired(DIAG_GP_ABSENT));
	/* an empty one goes by itself */
	assert_true(make_domain(&domain, "security-domain"));
	assert_true(remove_it(&domain, false, NULL, &related));
	assert_int_equal(related, 0);
	sim_close(&card);
}

/* --- delegated management --- */

/* Into the issuer's domain: the key that tokens are checked with, and three equal keys of which the first makes
 * receipts (GPC 2.3.1, 9.1.3: versions 70 and 71). */
static void put_keys(uint8_t fill)
{
	struct gp_secret receipt = {0};
	memset(receipt.keys.enc.p, fill, 16);
	receipt.keys.enc.n = 16;
	receipt.keys.mac = receipt.keys.dek = receipt.keys.enc;
	assert_true(open_card() && gp_put_public_key(&loader, 0, 0x70, 1, token_pem) &&
	    gp_put_keys(&loader, 0, 0x71, 1, &receipt));
	loader_close(&loader);
}

static void use_receipt_key(const char *line)
{
	char text[256];
	snprintf(text, sizeof text, "* gp key=" RIGHT "\n%s", line);
	write_file(keys, text);
	options.keys.file = keys;
}

static size_t lines_of(const char *path)
{
	struct buf text = {0};
	size_t n = 0;
	assert_true(file_read(path, 1 << 16, &text, &d));
	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	buf_reset(&text);
	return n;
}

static void test_receipts_are_compared(void **state)
{
	(void)state;
	size_t related;
	new_card("nxp-jcop4-j3r180");
	make_token_key();
	snprintf(keys, sizeof keys, "%s/keys", folder);
	snprintf(receipts, sizeof receipts, "%s/receipts", folder);
	put_keys(0x33);
	assert_true(make_domain(&domain, "security-domain,delegated-management"));
	options.gp.domain = domain;
	options.gp.receipts = receipts;
	what.by.token_key = token_pem;
	struct gp_authority by = {.token_key = token_pem};
	/* without a receipt key they are kept */
	use_receipt_key("");
	assert_true(install());
	assert_int_equal(d.n, 0);
	assert_int_equal(lines_of(receipts), 2); /* LOAD; INSTALL */
	assert_true(remove_it(&tiny, true, &by, &related));
	assert_int_equal(lines_of(receipts), 3);
	/* with the right one they are compared, and silent */
	use_receipt_key("* receipt aes=33333333333333333333333333333333\n");
	what.cap = two.p;
	what.cap_len = two.n; /* INSTALL [for install] and [for make selectable], twice */
	assert_true(install());
	assert_false(fired(DIAG_GP_RECEIPT_WRONG));
	assert_int_equal(lines_of(receipts), 8);
	assert_true(remove_it(&second, true, &by, &related));
	assert_false(fired(DIAG_GP_RECEIPT_WRONG));
	/* with another they are all wrong, and what was done stays done */
	use_receipt_key("* receipt aes=34333333333333333333333333333333\n");
	assert_true(install());
	assert_int_equal(diag_worst(&d), DIAG_ERROR);
	assert_int_equal(d.n, 5);
	for (size_t i = 0; i < d.n; i++)
		assert_int_equal(d.row[i].code, DIAG_GP_RECEIPT_WRONG);
	assert_true(remove_it(&second, true, &by, &related));
	assert_true(fired(DIAG_GP_RECEIPT_WRONG));
	/* a line that is none */
	use_receipt_key("* receipt aes=3433\n");
	assert_false(install());
	assert_true(fired(DIAG_GP_KEY_FILE));
	options = (struct loader_options){
	    .journal = folder, .lang = "en", .given = {.name = "sim", .profiles = "chipprofiles"}};
	sim_close(&card);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_domains_are_removed_with_what_is_in_them),
	    cmocka_unit_test(test_receipts_are_compared),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
