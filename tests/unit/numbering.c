/* runtime/contract/numbering and runtime/image/master: values of cards that are made by a rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/base/hex.h"
#include "runtime/contract/numbering.h"
#include "runtime/contract/personal_number.h"
#include "runtime/image/master.h"

static enum numbering_fault fault(const struct contract_numbering *n, const char *text)
{
	return numbering_fault(n, (const uint8_t *)text, strlen(text));
}

/* ISO/IEC 7812-1: 7992739871 has the check digit 3; those of the rule were reckoned by a program of its own. */
static void luhn(void **state)
{
	static const struct contract_numbering known = {
	    .id = "k", .prefix = "79927", .from = 39871, .to = 39871, .width = 5, .check = NUMBERING_LUHN};
	static const struct contract_numbering n = {
	    .id = "members", .prefix = "50", .from = 1, .to = 99999, .width = 5, .check = NUMBERING_LUHN};
	char text[NUMBERING_TEXT];
	(void)state;
	numbering_text(&known, 39871, text);
	assert_string_equal(text, "79927398713");
	numbering_text(&n, 1, text);
	assert_string_equal(text, "50000017");
	numbering_text(&n, 99999, text);
	assert_string_equal(text, "50999994");
	assert_int_equal(numbering_length(&n), 8);
	assert_int_equal(fault(&n, "50000025"), NUMBERING_RIGHT);
	assert_int_equal(fault(&n, "50000026"), NUMBERING_CHECK);
	assert_int_equal(fault(&n, "50000205"), NUMBERING_CHECK); /* two digits exchanged */
}

static void mod11(void **state)
{
	static const struct contract_numbering n = {
	    .id = "m", .prefix = "7", .from = 1, .to = 12, .width = 4, .check = NUMBERING_MOD11};
	static const char *const right[] = {"700010", "700029", "700037", "700045", "700053", "700061", "700070",
	    "700088", "700096", "700100", "700118", "700126"};
	char text[NUMBERING_TEXT];
	uint64_t running = 0;
	(void)state;
	for (size_t i = 0; i < sizeof right / sizeof *right; i++, running++) {
		assert_true(numbering_next(&n, &running, text));
		assert_string_equal(text, right[i]);
		assert_int_equal(running, i + 1);
		assert_int_equal(fault(&n, text), NUMBERING_RIGHT);
	}
	assert_false(numbering_next(&n, &running, text));
}

/* Contract 12: what is a 個人番号 or 住民票コード as a whole is left out, and nothing else. */
static void c12_numbering_skips_personal_numbers(void **state)
{
	static const struct contract_numbering twelve = {
	    .id = "t", .prefix = "123456", .from = 0, .to = 39, .width = 6};
	static const struct contract_numbering eleven = {.id = "e", .prefix = "12345", .from = 0, .to = 39, .width = 6};
	static const char *const left_out[] = {"123456000007", "123456000015", "123456000023", "123456000031",
	    "12345000001", "12345000010", "12345000028", "12345000036"};
	char text[NUMBERING_TEXT];
	(void)state;
	for (size_t i = 0; i < 8; i++) {
		const struct contract_numbering *n = i < 4 ? &twelve : &eleven;
		uint64_t running = (uint64_t)(left_out[i][strlen(left_out[i]) - 2] - '0') * 10 +
		    (uint64_t)(left_out[i][strlen(left_out[i]) - 1] - '0');
		uint64_t next = running;
		assert_int_equal(fault(n, left_out[i]), NUMBERING_PERSONAL);
		assert_true(numbering_next(n, &next, text));
		assert_int_equal(next, running + 1);
	}
	unsigned made = 0;
	for (uint64_t running = 0; numbering_next(&twelve, &running, text); running++, made++)
		assert_int_equal(fault(&twelve, text), NUMBERING_RIGHT);
	assert_int_equal(made, 36);
}

static void faults(void **state)
{
	static const struct contract_numbering n = {.id = "n", .prefix = "AB", .from = 10, .to = 99, .width = 3};
	char text[NUMBERING_TEXT];
	uint64_t running = 0;
	(void)state;
	assert_int_equal(fault(&n, "AB010"), NUMBERING_RIGHT);
	assert_int_equal(fault(&n, "AB099"), NUMBERING_RIGHT);
	assert_int_equal(fault(&n, "AB009"), NUMBERING_RANGE);
	assert_int_equal(fault(&n, "AB100"), NUMBERING_RANGE);
	assert_int_equal(fault(&n, "AB0 1"), NUMBERING_RANGE);
	assert_int_equal(fault(&n, "AC010"), NUMBERING_PREFIX);
	assert_int_equal(fault(&n, "AB10"), NUMBERING_LENGTH);
	assert_int_equal(fault(&n, "AB0010"), NUMBERING_LENGTH);
	assert_true(numbering_next(&n, &running, text)); /* from the beginning of the rule */
	assert_string_equal(text, "AB010");
	running = 100;
	assert_false(numbering_next(&n, &running, text));
}

static void master(struct contract *c)
{
	static const uint8_t aid[] = {0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0xff, 0xff, 0x70};
	memset(c, 0, sizeof *c);
	memcpy(c->aid, aid, sizeof aid);
	c->aid_len = sizeof aid;
	c->key[0] = (struct contract_key){.id = "service", .use = KEY_MUTUAL, .algorithm = KEY_AES_128};
	c->key[1] = (struct contract_key){.id = "gate", .use = KEY_EXTERNAL, .algorithm = KEY_AES_128};
	c->key[2] = (struct contract_key){.id = "gate", .use = KEY_INTERNAL, .algorithm = KEY_AES_192};
}

static void derives(
    const struct contract *c, uint8_t kind, uint16_t key, uint16_t n, size_t master_len, const char *hex)
{
	struct contract_value v = {.kind = kind, .source = SOURCE_MASTER, .target = key, .min = n, .max = n};
	uint8_t m[32], diversifier[16], out[MASTER_KEY_MAX], want[MASTER_KEY_MAX];
	size_t want_len = 0;
	for (size_t i = 0; i < sizeof m; i++)
		m[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof diversifier; i++)
		diversifier[i] = (uint8_t)(0xa0 + i);
	/* What master: says names the master key only: the label of the derivation is the key's id. */
	strcpy(v.label, "anything");
	assert_true(hex_decode(hex, strlen(hex), want, sizeof want, &want_len));
	assert_int_equal(want_len, n);
	assert_true(master_derive(c, &v, m, master_len, diversifier, sizeof diversifier, out));
	assert_memory_equal(out, want, n);
}

/* Contract 8: SP 800-108 by hand, block for block, with `openssl mac ... CMAC` over
 * 0000000i || label || 00 || D3921000310001FFFF70 || A0..AF || L; master key 00 01 02 … */
static void c8_card_keys_from_a_master(void **state)
{
	static struct contract c;
	(void)state;
	master(&c);
	derives(&c, VALUE_KEY, 0, 16, 16, "D9D481552697E30AF08DBE240ED8A646");
	derives(&c, VALUE_KEY_MAC, 0, 16, 16, "DAFF5387A188EA4B0C8CB77EB4F82656");
	derives(&c, VALUE_KEY, 1, 16, 16, "27EC5529B31243D660B729A55FF4C966");
	derives(&c, VALUE_KEY, 2, 24, 32, "B085A151D9A32AAE39D83D346CA0F2A52F149CFD74E4285D");
}

static void master_limits(void **state)
{
	static struct contract c;
	static const uint8_t diversifier[MASTER_DIVERSIFIER_MAX + 1];
	struct contract_value v = {.kind = VALUE_KEY, .target = 1, .min = 16, .max = 16};
	uint8_t m[32] = {1}, out[MASTER_KEY_MAX], zero[MASTER_KEY_MAX] = {0};
	(void)state;
	master(&c);
	assert_true(master_derive(&c, &v, m, 16, diversifier, MASTER_DIVERSIFIER_MAX, out));
	assert_memory_not_equal(out, zero, 16);
	assert_false(master_derive(&c, &v, m, 16, diversifier, MASTER_DIVERSIFIER_MAX + 1, out));
	assert_memory_equal(out, zero, sizeof out);
	assert_false(master_derive(&c, &v, m, 15, diversifier, 16, out));
	v.max = MASTER_KEY_MAX + 1;
	assert_false(master_derive(&c, &v, m, 16, diversifier, 16, out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(luhn),
	    cmocka_unit_test(mod11),
	    cmocka_unit_test(c12_numbering_skips_personal_numbers),
	    cmocka_unit_test(faults),
	    cmocka_unit_test(c8_card_keys_from_a_master),
	    cmocka_unit_test(master_limits),
	};
	return cmocka_run_group_tests_name("numbering", tests, NULL, NULL);
}
