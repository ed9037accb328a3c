/* What cards say about themselves, and what is sent to them: parsers that are not upset by odd data, command data byte
 * for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/gp/card_data.h"
#include "runtime/gp/command.h"

static size_t bytes(const char *hex, uint8_t *out, size_t cap)
{
	size_t n = 0;
	assert_true(hex_decode(hex, strlen(hex), out, cap, &n));
	return n;
}

static void assert_hex(const struct buf *b, const char *hex)
{
	char text[2048];
	assert_true(2 * b->n < sizeof text && !b->bad);
	assert_string_equal(hex_encode(text, b->p, b->n), hex);
}

/* Card recognition data as GPC H.3 has it: version 2.3.1, SCP03 i = 70, configuration, chip. */
#define RECOGNITION                                                                                                    \
	"664C734A06072A864886FC6B01600C060A2A864886FC6B02020301630906072A864886FC6B03640B06092A864886FC6B040370"       \
	"650B06092B8510864864020103660C060A2B060104012A026E0103"

static void test_recognition(void **state)
{
	(void)state;
	uint8_t p[256];
	unsigned i = 0;
	struct gp_recognition r;
	size_t n = bytes(RECOGNITION, p, sizeof p);
	p[1] = (uint8_t)(n - 2);
	p[3] = (uint8_t)(n - 4);
	gp_recognition_read(&r, p, n);
	assert_true(r.there);
	assert_int_equal(r.version_n, 3);
	assert_memory_equal(r.version, "\x02\x03\x01", 3);
	assert_int_equal(r.n, 1);
	assert_true(gp_recognition_i(&r, 3, &i));
	assert_int_equal(i, 0x70);
	assert_false(gp_recognition_i(&r, 2, &i));
	assert_int_equal(r.configuration_n, 9);
	assert_int_equal(r.chip_n, 10);
	gp_recognition_read(&r, p + 2, n - 2); /* without the outer tag */
	assert_int_equal(r.n, 1);
}

static void test_odd_recognition(void **state)
{
	(void)state;
	uint8_t p[256];
	unsigned i = 0;
	struct gp_recognition r;
	/* Another arc, as some cards have it. */
	gp_recognition_read(&r, p, bytes("730D640B06092A811C86FC6B040215", p, sizeof p));
	assert_true(gp_recognition_i(&r, 2, &i) && i == 0x15);
	/* Two protocols; two i of one protocol say nothing. */
	gp_recognition_read(&r, p, bytes("731A640B06092A864886FC6B040215640B06092A864886FC6B040370", p, sizeof p));
	assert_int_equal(r.n, 2);
	assert_true(gp_recognition_i(&r, 2, &i) && i == 0x15);
	gp_recognition_read(&r, p, bytes("731A640B06092A864886FC6B040215640B06092A864886FC6B040255", p, sizeof p));
	assert_false(gp_recognition_i(&r, 2, &i));
	/* Both in one template. */
	gp_recognition_read(&r, p, bytes("7318641606092A864886FC6B04021506092A864886FC6B040370", p, sizeof p));
	assert_int_equal(r.n, 2);
	/* Cut off in the middle: what was whole is kept. */
	gp_recognition_read(&r, p, bytes("7320640B06092A864886FC6B040215640B06092A", p, sizeof p));
	assert_int_equal(r.n, 0);
	gp_recognition_read(&r, p, 0);
	assert_false(r.there);
}

static void test_fci(void **state)
{
	(void)state;
	uint8_t p[256];
	struct gp_fci f;
	size_t n = bytes("6F108408A000000151000000A5049F6501FF", p, sizeof p);
	assert_true(gp_fci_read(&f, p, n));
	assert_int_equal(f.aid.n, 8);
	assert_int_equal(f.max_data, 255);
	n = bytes("6F118408A000000151000000A5059F650207D0", p, sizeof p);
	assert_true(gp_fci_read(&f, p, n));
	assert_int_equal(f.max_data, 2000);
	n = bytes("6F0A8408A000000003000000", p, sizeof p);
	assert_true(gp_fci_read(&f, p, n));
	assert_false(gp_fci_read(&f, p, bytes("6203820138", p, sizeof p)));
	for (size_t cut = 0; cut < n; cut++)
		gp_fci_read(&f, p, cut); /* whatever it says, nothing is read beyond */
}

static void test_key_information(void **state)
{
	(void)state;
	uint8_t p[256];
	struct gp_key_info k[GP_KEYS];
	size_t n = bytes("E012C00401308810C00402308810C00403308810", p, sizeof p);
	assert_int_equal(gp_key_info_read(p, n, k, GP_KEYS), 3);
	assert_int_equal(k[2].id, 3);
	assert_int_equal(k[2].version, 0x30);
	assert_int_equal(k[2].part[0].type, 0x88);
	assert_int_equal(k[2].part[0].length, 16);
	/* RSA: two components. Extended form: FF, type, length of two bytes, then usage and access. */
	n = bytes("C0060173A180A003", p, sizeof p);
	assert_int_equal(gp_key_info_read(p, n, k, GP_KEYS), 1);
	assert_int_equal(k[0].n, 2);
	n = bytes("C00A0130FF88001001180100", p, sizeof p);
	assert_int_equal(gp_key_info_read(p, n, k, GP_KEYS), 1);
	assert_int_equal(k[0].part[0].type, 0x88);
	assert_int_equal(k[0].part[0].length, 16);
	assert_string_equal(gp_key_type_name(0x88), "AES");
	assert_string_equal(gp_key_type_name(0x42), "?");
}

static void test_resources_and_cplc(void **state)
{
	(void)state;
	uint8_t p[64] = {0x9f, 0x7f, 42};
	struct gp_resources r;
	uint8_t memory[32];
	size_t n = bytes("FF210D81010282040001E240830212AB", memory, sizeof memory);
	assert_true(gp_resources_read(&r, memory, n));
	assert_int_equal(r.persistent, 123456);
	assert_int_equal(r.transient, 0x12ab);
	assert_int_equal(r.applications, 2);
	assert_true(gp_resources_read(&r, memory + 3, n - 3));
	assert_false(gp_resources_read(&r, memory, 3));
	assert_ptr_equal(gp_cplc(p, 45), p + 3);
	assert_ptr_equal(gp_cplc(p + 3, 42), p + 3);
	assert_null(gp_cplc(p, 44));
}

/* --- the registry --- */

static void test_registry(void **state)
{
	(void)state;
	uint8_t p[256];
	char life[16];
	struct gp_registry r = {0};
	size_t n = bytes("E31E4F06F04C414201019F700107C50180C405F04C414201CC08A000000151000000", p, sizeof p);
	p[1] = (uint8_t)(n - 2);
	assert_true(gp_registry_read(&r, GP_SCOPE_APPLICATIONS, true, p, n));
	n = bytes("E3184F05F04C4142019F700101CE0201008406F04C41420101", p, sizeof p);
	p[1] = (uint8_t)(n - 2);
	assert_true(gp_registry_read(&r, GP_SCOPE_LOAD_FILES, true, p, n));
	assert_true(gp_registry_read(&r, GP_SCOPE_MODULES, true, p, n)); /* the same once more, with modules */
	assert_int_equal(r.n, 2);
	assert_true(gp_entry_is_domain(&r.row[0]));
	assert_string_equal(gp_life_cycle(&r.row[0], life), "SELECTABLE");
	assert_int_equal(r.row[1].modules, 1);
	assert_string_equal(gp_life_cycle(&r.row[1], life), "LOADED");
	r.row[0].life_cycle = 0x87;
	assert_string_equal(gp_life_cycle(&r.row[0], life), "LOCKED");
	r.row[0].life_cycle = 0x17;
	assert_string_equal(gp_life_cycle(&r.row[0], life), "SELECTABLE 17");
	gp_registry_reset(&r);
	/* Legacy: two applications, and one that is cut off. */
	n = bytes("06F04C41420101070006F04C41420102030006F04C", p, sizeof p);
	assert_false(gp_registry_read(&r, GP_SCOPE_APPLICATIONS, false, p, n));
	assert_int_equal(r.n, 2);
	gp_registry_reset(&r);
	for (size_t cut = 0; cut <= n; cut++) {
		gp_registry_read(&r, GP_SCOPE_MODULES, false, p, cut);
		gp_registry_read(&r, GP_SCOPE_MODULES, true, p, cut);
	}
	gp_registry_reset(&r);
}

static void test_privileges(void **state)
{
	(void)state;
	uint8_t p[GP_PRIVILEGES];
	const char *bad;
	size_t n;
	assert_true(gp_privileges_parse("card-reset", p, &bad, &n));
	assert_memory_equal(p, "\x04\x00\x00", 3);
	assert_true(gp_privileges_parse("security-domain,authorized-management,receipt-generation", p, &bad, &n));
	assert_memory_equal(p, "\x80\x40\x80", 3);
	assert_true(gp_privileges_parse("mandated-dap", p, &bad, &n));
	assert_memory_equal(p, "\xc1\x00\x00", 3);
	assert_true(gp_privileges_parse("800001", p, &bad, &n));
	assert_memory_equal(p, "\x80\x00\x01", 3);
	assert_false(gp_privileges_parse("card-lock,card-look", p, &bad, &n));
	assert_int_equal(n, 9);
	assert_memory_equal(bad, "card-look", 9);
	assert_false(gp_privileges_parse("", p, &bad, &n));
}

/* --- command data --- */

static const struct aid file = {{0xf0, 0x4c, 0x41, 0x42, 0x01}, 5};
static const struct aid applet = {{0xf0, 0x4c, 0x41, 0x42, 0x01, 0x01}, 6};
static const struct aid isd = {{0xa0, 0, 0, 1, 0x51, 0, 0, 0}, 8};

/* The data of a recorded INSTALL [for load], kaoh's: 07 D0…00 08 A0…00 00 0A EF08C6020160C80207D0 00. */
static void test_install_for_load(void **state)
{
	static const struct aid d0 = {{0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0x01}, 7};
	static const struct aid a0 = {{0xa0, 0, 0, 0, 3, 0, 0, 0}, 8};
	(void)state;
	struct buf b = {0};
	uint8_t parameters[16];
	size_t n = bytes("EF08C6020160C80207D0", parameters, sizeof parameters);
	gp_install_for_load(&b, &d0, &a0, (struct bytes){0}, (struct bytes){parameters, n});
	gp_token_put(&b, (struct bytes){0});
	assert_hex(&b, "07D0D1D2D3D4D50108A000000003000000000AEF08C6020160C80207D000");
	buf_clear(&b);
	gp_load_parameters(&b, 0x160);
	assert_hex(&b, "EF04C6020160");
	buf_reset(&b);
}

static void test_install_for_install(void **state)
{
	(void)state;
	struct buf b = {0}, c9 = {0};
	uint8_t small[GP_PRIVILEGES] = {0x04}, large[GP_PRIVILEGES] = {0x80, 0x40, 0}, long_value[200] = {0};
	gp_install_parameters(&c9, (struct bytes){0}, 0, 0);
	gp_install_for_install(&b, &file, &applet, &applet, small, (struct bytes){c9.p, c9.n});
	gp_token_put(&b, (struct bytes){0});
	assert_hex(&b, "05F04C41420106F04C4142010106F04C41420101010402C90000");
	buf_clear(&b);
	buf_clear(&c9);
	gp_install_parameters(&c9, (struct bytes){(const uint8_t *)"\x01", 1}, 0x100, 70000);
	assert_hex(&c9, "C90101EF0AC7020100C80400011170");
	gp_install_for_selectable(&b, &applet, large);
	gp_token_put(&b, (struct bytes){(const uint8_t *)"\xaa\xbb", 2});
	assert_hex(&b, "000006F04C41420101038040000002AABB");
	/* Parameters of 128 bytes and more have a length of two bytes. */
	buf_clear(&b);
	buf_clear(&c9);
	gp_install_parameters(&c9, (struct bytes){long_value, sizeof long_value}, 0, 0);
	gp_install_for_install(&b, &file, &applet, &applet, small, (struct bytes){c9.p, c9.n});
	assert_memory_equal(b.p + 22, "\x81\xcb\xc9\x81\xc8", 5);
	buf_reset(&b);
	buf_reset(&c9);
}

static void test_other_commands(void **state)
{
	(void)state;
	struct buf b = {0};
	uint8_t privileges[GP_PRIVILEGES] = {0x80};
	gp_install_for_extradition(&b, &isd, &applet);
	gp_token_put(&b, (struct bytes){0});
	assert_hex(&b, "08A0000001510000000006F04C41420101000000");
	buf_clear(&b);
	gp_install_for_personalization(&b, &applet);
	assert_hex(&b, "000006F04C41420101000000");
	buf_clear(&b);
	gp_install_for_registry(&b, &(struct aid){.n = 0}, &applet, privileges, (struct bytes){0});
	gp_token_put(&b, (struct bytes){0});
	assert_hex(&b, "000006F04C4142010101800000");
	buf_clear(&b);
	gp_delete(&b, &applet, (struct bytes){0});
	assert_hex(&b, "4F06F04C41420101");
	buf_clear(&b);
	gp_delete(&b, &applet, (struct bytes){(const uint8_t *)"\x01\x02", 2});
	assert_hex(&b, "4F06F04C414201019E020102");
	buf_clear(&b);
	gp_dap_put(&b, &isd, (struct bytes){(const uint8_t *)"\x01\x02", 2});
	assert_hex(&b, "E20E4F08A000000151000000C3020102");
	buf_reset(&b);
}

static void test_load_file(void **state)
{
	(void)state;
	static uint8_t block[70000];
	struct buf b = {0};
	gp_load_file_put(&b, (struct bytes){block, 127});
	assert_memory_equal(b.p, "\xc4\x7f", 2);
	buf_clear(&b);
	gp_load_file_put(&b, (struct bytes){block, 200});
	assert_memory_equal(b.p, "\xc4\x81\xc8", 3);
	buf_clear(&b);
	gp_load_file_put(&b, (struct bytes){block, 1884});
	assert_memory_equal(b.p, "\xc4\x82\x07\x5c", 4);
	buf_clear(&b);
	gp_load_file_put(&b, (struct bytes){block, 70000});
	assert_memory_equal(b.p, "\xc4\x83\x01\x11\x70", 5);
	assert_int_equal(b.n, 70005);
	buf_reset(&b);
}

static void test_key_fields(void **state)
{
	(void)state;
	struct buf b = {0};
	uint8_t k[32] = {0}, check[3] = {1, 2, 3};
	gp_key_put(&b, GP_TYPE_DES, (struct bytes){k, 16}, 16, (struct bytes){check, 3});
	assert_memory_equal(b.p, "\x80\x10", 2);
	assert_memory_equal(b.p + 18, "\x03\x01\x02\x03", 4);
	buf_clear(&b);
	gp_key_put(&b, GP_TYPE_AES, (struct bytes){k, 32}, 24, (struct bytes){check, 3});
	assert_memory_equal(b.p, "\x88\x21\x18", 3); /* AES-192: 32 bytes encrypted, 24 of them the key */
	assert_int_equal(b.n, 3 + 32 + 4);
	buf_clear(&b);
	gp_key_put(&b, GP_TYPE_RSA_N, (struct bytes){k, 8}, 0, (struct bytes){0});
	gp_key_put(&b, GP_TYPE_RSA_E, (struct bytes){k, 1}, 0, (struct bytes){0});
	assert_hex(&b, "A1080000000000000000A0010000");
	buf_reset(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_recognition),
	    cmocka_unit_test(test_odd_recognition),
	    cmocka_unit_test(test_fci),
	    cmocka_unit_test(test_key_information),
	    cmocka_unit_test(test_resources_and_cplc),
	    cmocka_unit_test(test_registry),
	    cmocka_unit_test(test_privileges),
	    cmocka_unit_test(test_install_for_load),
	    cmocka_unit_test(test_install_for_install),
	    cmocka_unit_test(test_other_commands),
	    cmocka_unit_test(test_load_file),
	    cmocka_unit_test(test_key_fields),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
