/* The simulated card of the dialect iso-compact: how an AP is made, and every refusal. Written by hand from the card's
 * manual (ISO/IEC 7816-4, 7816-9, IAS-ECC data objects), not with the compiler. */
#include "tests/unit/support/native_iso_kit.h"

static void delivered(void **state)
{
	(void)state;
	uint8_t atr[SIM_ATR_MAX];
	assert_int_equal(sim_atr(&card, atr), 4);
	say(&card,
	    "00A4000C023F00 -> 9000\n"
	    "00A4000C -> 9000\n"
	    "00A40000023F00 -> 6F 0A 820138 83023F00 8A0105 9000\n"
	    "00A40004023F0000 -> 62 0A 820138 83023F00 8A0105 9000\n"
	    "00A4040C [ " AID " ] -> 6A82\n"
	    "00A4020C020001 -> 6A82 # no files in the MF\n"
	    "00B0000000 -> 6986\n"
	    "00B0810000 -> 6A82\n"
	    "00200081 -> 6A88\n"
	    "0044000000 -> 6985 # the MF is active\n"
	    "00DB3FFF [ 70 [ BF8101 [ A0 [ 9A0103 A1 [ 8C0100 ] ] ] ] ] -> 6985 # no PINs in the MF\n");
}

static void loading_key(void **state)
{
	(void)state;
	say(&card,
	    "00E00000 [ 62 [ 820138 ] ] -> 6982\n"
	    "0084000008 -> * 9000\n"
	    "0084000010 -> * 9000\n"
	    "0084000000 -> .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. 9000\n"
	    "0084000009 -> 6700\n"
	    "00840000 -> 6700\n"
	    "0084000001FF08 -> 6700\n"
	    "0084010008 -> 6A86\n"
	    "00820001 -> 63CA # asks for the tries\n"
	    "00820002 [ 00112233445566778899AABBCCDDEEFF ] -> 6A88\n"
	    "00820101 [ 00112233445566778899AABBCCDDEEFF ] -> 6A86\n"
	    "0084000008 -> * 9000\n"
	    "00820001 [ 00112233445566778899AABBCCDDEEFF ] -> 6985 # a challenge of 8 bytes\n"
	    "0084000010 -> * 9000\n"
	    "00820001 [ 00112233445566778899AABBCCDDEE ] -> 6700\n"
	    "00820001 -> 63CA # none of them used a try\n"
	    "00820001 [ 00112233445566778899AABBCCDDEEFF ] -> 63C9\n"
	    "00820001 [ 00112233445566778899AABBCCDDEEFF ] -> 6985 # the challenge is used up\n"
	    "0084000010 -> * 9000\n"
	    "00A4000C023F00 -> 9000\n"
	    "00820001 [ 00112233445566778899AABBCCDDEEFF ] -> 6985 # it dies with SELECT\n");
	assert_int_equal(authenticate(&card, true), SW_OK);
	say(&card,
	    "00820001 -> 9000\n"
	    "00A4000C023F00 -> 9000\n"
	    "00820001 -> 9000 # SELECT keeps it\n");
	assert_int_equal(authenticate(&card, false), SW_TRIES_LEFT(9));
	say(&card, "00820001 -> 63C9 # a wrong one ends it\n");
	for (unsigned left = 8;; left--) {
		assert_int_equal(authenticate(&card, false), SW_TRIES_LEFT(left));
		if (left == 0)
			break;
	}
	assert_int_equal(authenticate(&card, true), SW_AUTH_BLOCKED);
	reset(&card);
	assert_int_equal(authenticate(&card, true), SW_AUTH_BLOCKED);
	say(&card, "00820001 -> 6983\n");
}

/* --- AP contract 3, number 1 --- */

static void classes(void **state)
{
	(void)state;
	say(&card,
	    "01A4000C023F00 -> 6881\n03B0000000 -> 6881\n40B0000000 -> 6881\n7FB0000000 -> 6881\n"
	    "10B0000000 -> 6884\n04B0000000 -> 6882\n08B0000000 -> 6882\n0CB0000000 -> 6882\n"
	    "20B0000000 -> 6E00\n80B0000000 -> 6E00\nA0A4000C023F00 -> 6E00\nFFB0000000 -> 6E00\n80D1000000 -> 6E00\n"
	    "00D1000000 -> 6D00\n00CA006F00 -> 6D00\n00880000 -> 6D00\n006000 -> 6700\n00 -> 6700\n"
	    "00A4000C033F00 -> 6700 # Lc and data disagree\n"
	    "00A4000C0000023F00 -> 6700 # extended length\n"
	    "00B00000000100 -> 6700\n");
}

/* --- creation --- */

static void guard(void **state)
{
	(void)state;
	create();
	say(&card,
	    "00B0840000 -> 6A82 # no SFI 4\n"
	    "00B0830000 -> 00 9000 # for the loader rules do not count yet\n"
	    "00D1000000 -> 6D00\n"
	    "0020008104313233 -> 6700\n"
	    "0020008104 31323334 -> 9000\n");
	reset(&card);
	say(&card,
	    "00A4040C [ " AID " ] -> 9000\n"
	    "00A40400 [ " AID " ] -> 6F [ 840A" AID " A500 ] 9000\n"
	    "00A40404 [ " AID " ] -> 62 * 8A0101 * 9000\n"
	    "00A4020C020001 -> 9000\n"
	    "00B0000000 -> 6985\n00B09F0001 -> 6985\n00B0810000 -> 6985\n00D6000001FF -> 6985\n"
	    "0020008104 31323334 -> 6985\n00200081 -> 6985\n00240081083132333435353535 -> 6985\n"
	    "00D1000000 -> 6985 # an unknown command too\n00CA006F00 -> 6985\n"
	    "0044000000 -> 6985\n00E00000 [ 62 [ 80020010 820101 83020009 8C020100 ] ] -> 6985\n"
	    "10B0000000 -> 6884 # the class is looked at before\n80B0000000 -> 6E00\n"
	    "00820001 -> 63CA\n");
	assert_int_equal(authenticate(&card, true), SW_OK);
	say(&card, "00B0810000 -> 49474154412031323334353637383930 9000\n");
}

static void df_refusals(void **state)
{
	(void)state;
	assert_int_equal(authenticate(&card, true), SW_OK);
	say(&card,
	    "00E00000 [ 62 [ 820138 83023F01 840A" AID " 81021000 8D027B00 8C0140 ] ] -> 6A80 # SCB missing\n"
	    "00E00000 [ 62 [ 820138 83023F01 840A" AID " 81021000 8A0101 8C024020 ] ] -> 6A80 # no SE number\n"
	    "00E00000 [ 62 [ 820138 83023F01 840A" AID " 81021000 8A0101 8C02402F ] ] -> 6A80 # SE 15\n"
	    "00E00000 [ 62 [ 820138 83023F01 840A" AID " 81021000 8A0101 8C024041 ] ] -> 6A80 # secure messaging\n"
	    "00E00000 [ 62 [ 820138 83023F01 840A" AID " 81021000 8A0101 8C024001 ] ] -> 6A80 # SE, no condition\n"
	    "00E00000 [ 62 [ 820138 83023F01 840A" AID " 81021000 8A0101 8C024080 ] ] -> 6A80\n"
	    "00E00000 [ 62 [ 820138 83023F01 840A" AID " 81021000 8A0101 8C02C000 ] ] -> 6A80 # AM b8\n"
	    "00E00000 [ 62 [ 820138 83023F01 840A" AID " 81021000 8A0101 8C00 ] ] -> 6A80\n"
	    "00E00000 [ 62 [ 820138 83023F01 840A" AID " 81021000 8A0105 8C024021 ] ] -> 6A80 # not creation\n"
	    "00E00000 [ 62 [ 820138 83023F01 840A" AID " 81021000 8C024021 ] ] -> 6A80 # 8A missing\n"
	    "00E00000 [ 62 [ 820138 83023F01 840A" AID " 8A0101 8C024021 ] ] -> 6A80 # 81 missing\n"
	    "00E00000 [ 62 [ 820138 83023F01 81021000 8A0101 8C024021 ] ] -> 6A80 # 84 missing\n"
	    "00E00000 [ 62 [ 820138 840A" AID " 81021000 8A0101 8C024021 ] ] -> 6A80 # 83 missing\n"
	    "00E00000 [ 62 [ 820138 83023F01 840A" AID " 81021000 8A0101 ] ] -> 6A80 # 8C missing\n"
	    "00E00000 [ 62 [ 83023F01 840A" AID " 81021000 8A0101 8C024021 ] ] -> 6A80 # 82 missing\n"
	    "00E00000 [ 62 [ 820138 83023F01 840A" AID " 81020000 8A0101 8C024021 ] ] -> 6A80 # no bytes\n"
	    "00E00000 [ 62 [ 820138 83023F01 840A" AID " 810110 8A0101 8C024021 ] ] -> 6A80\n"
	    "00E00000 [ 62 [ 820138 83023F01 840A" AID " 81021000 8A0101 8C024021 8600 ] ] -> 6A80 # unknown tag\n"
	    "00E00000 [ 62 [ 820138 83023F01 840A" AID " 81021000 8A0101 8C024021 8C024021 ] ] -> 6A80 # twice\n"
	    "00E00000 [ 62 [ 820138 83023F01 840A" AID " 81021000 8A0101 8C024021 880108 ] ] -> 6A80 # SFI of a DF\n"
	    "00E00000 [ 62 [ 820138 83023F01 8400 81021000 8A0101 8C024021 ] ] -> 6A80\n"
	    "00E00000 [ 62 [ 820138 83023F01 8411 00112233445566778899AABBCCDDEEFF00 81021000 8A0101 8C024021 ] ] -> "
	    "6A80\n"
	    "00E00000 [ 62 [ 820138 83023F00 840A" AID " 81021000 8A0101 8C024021 ] ] -> 6A80 # FID of the MF\n"
	    "00E00000 [ 62 [ 820138 83023FFF 840A" AID " 81021000 8A0101 8C024021 ] ] -> 6A80\n"
	    "00E00000 [ 62 [ 820138 83020000 840A" AID " 81021000 8A0101 8C024021 ] ] -> 6A80\n"
	    "00E00000 [ 62 [ 820138 8302FFFF 840A" AID " 81021000 8A0101 8C024021 ] ] -> 6A80\n"
	    "00E00000 [ 6F [ 820138 83023F01 840A" AID " 81021000 8A0101 8C024021 ] ] -> 6A80\n"
	    "00E00000 [ 62 [ 820138 83023F01 840A" AID " 81021000 8A0101 8C024021 ] 00 ] -> 6A80\n"
	    "00E00000 04 62058201 -> 6A80\n"
	    "00E00100 [ 62 [ 820138 ] ] -> 6A86\n"
	    "00E00000 -> 6700\n"
	    "00E00000 [ 62 [ 80020010 820101 83020001 8C020100 ] ] -> 6985 # no EF in the MF\n"
	    "00A4040C [ " AID " ] -> 6A82 # nothing has come of all this\n" CREATE_DF
	    "00E00000 [ 62 [ 820138 83023F02 8405A000000001 81021000 8A0101 8C024021 ] ] -> 6985 # no DF in a DF\n"
	    "00A4000C023F00 -> 9000\n"
	    "00E00000 [ 62 [ 820138 83023F01 8405A000000001 81021000 8A0101 8C024021 ] ] -> 6A89\n"
	    "00E00000 [ 62 [ 820138 83023F02 840A" AID " 81021000 8A0101 8C024021 ] ] -> 6A8A\n");
}

static void ef_refusals(void **state)
{
	(void)state;
	assert_int_equal(authenticate(&card, true), SW_OK);
	say(&card,
	    CREATE_DF
	    "00E00000 [ 62 [ 80020010 820101 83020001 880108 8C03031200 ] ] -> 9000\n"
	    "00E00000 [ 62 [ 80020010 820101 83020001 880110 8C03031200 ] ] -> 6A89\n"
	    "00E00000 [ 62 [ 80020010 820101 83020002 880108 8C03031200 ] ] -> 6A80 # SFI of another\n"
	    "00E00000 [ 62 [ 80020010 820101 83020002 880109 8C03031200 ] ] -> 6A80 # b3-b1\n"
	    "00E00000 [ 62 [ 80020010 820101 83020002 880100 8C03031200 ] ] -> 6A80 # SFI 0\n"
	    "00E00000 [ 62 [ 80020010 820101 83020002 8801F8 8C03031200 ] ] -> 6A80 # SFI 31\n"
	    "00E00000 [ 62 [ 80020010 820101 83020002 88020810 8C03031200 ] ] -> 6A80\n"
	    "00E00000 [ 62 [ 80020000 820101 83020002 8C03031200 ] ] -> 6A80 # no bytes\n"
	    "00E00000 [ 62 [ 80028000 820101 83020002 8C03031200 ] ] -> 6A84 # longer than a file may be\n"
	    "00E00000 [ 62 [ 80021000 820101 83020002 8C03031200 ] ] -> 6A84 # more than the quota\n"
	    "00E00000 [ 62 [ 80020010 820102 83020002 8C03031200 ] ] -> 6A80 # linear fixed\n"
	    "00E00000 [ 62 [ 80020010 82022101 83020002 8C03031200 ] ] -> 6A80\n"
	    "00E00000 [ 62 [ 80020900 820109 83020002 8C03031200 ] ] -> 6A80 # SE file above 2048 bytes\n"
	    "00E00000 [ 62 [ 80020010 820101 83020002 ] ] -> 6A80\n"
	    "00E00000 [ 62 [ 80020010 820101 83020002 8A0101 8C03031200 ] ] -> 6A80 # not of this card's EFs\n"
	    "00E00000 [ 62 [ 80020010 820101 83020002 8C0303FF00 ] ] -> 9000\n"
	    "00A4020C020002 -> 9000\n");
}

static void pin_refusals(void **state)
{
	(void)state;
	assert_int_equal(authenticate(&card, true), SW_OK);
	say(&card,
	    CREATE_DF
	    "00DB3FFF [ 70 [ BF8101 [ 7F41 [ 800104 810104 820431323334 ] ] ] ] -> 6A88 # no such object yet\n"
	    "00DB3FFF [ 70 [ BF8100 [ A0 [ 9A0103 A1 [ 8C0100 ] ] ] ] ] -> 6A80 # number 0\n"
	    "00DB3FFF [ 70 [ BF8120 [ A0 [ 9A0103 A1 [ 8C0100 ] ] ] ] ] -> 6A80\n"
	    "00DB3FFF [ 70 [ BF8140 [ A0 [ 9A0103 A1 [ 8C0100 ] ] ] ] ] -> 6A80\n"
	    "00DB3FFF [ 70 [ BF8A01 [ A0 [ 9A0103 A1 [ 8C0100 ] ] ] ] ] -> 6A80 # another class\n"
	    "00DB3FFF [ 70 [ BF8101 [ A0 [ 9A0100 A1 [ 8C0100 ] ] ] ] ] -> 6A80 # no tries\n"
	    "00DB3FFF [ 70 [ BF8101 [ A0 [ 9A0110 A1 [ 8C0100 ] ] ] ] ] -> 6A80 # 16\n"
	    "00DB3FFF [ 70 [ BF8101 [ A0 [ A1 [ 8C0100 ] ] ] ] ] -> 6A80\n"
	    "00DB3FFF [ 70 [ BF8101 [ A0 [ 9A0103 ] ] ] ] -> 6A80\n"
	    "00DB3FFF [ 70 [ BF8101 [ A0 [ 9A0103 9A0103 A1 [ 8C0100 ] ] ] ] ] -> 6A80\n"
	    "00DB3FFF [ 70 [ BF8101 [ A0 [ 9A0103 9B0103 A1 [ 8C0100 ] ] ] ] ] -> 6A80 # unknown\n"
	    "00DB3FFF [ 70 [ BF8101 [ A0 [ 9A0103 A1 [ 8C0100 9C0100 ] ] ] ] ] -> 6A80 # contactless rules\n"
	    "00DB3FFF [ 70 [ BF8101 [ A0 [ 9A0103 A1 [ 8C022012 ] ] ] ] 00 ] -> 6A80\n"
	    "00DB3FFF [ 70 [ BF8101 [ A0 [ 9A0103 A1 [ 8C021012 ] ] ] ] ] -> 9000\n"
	    "00200081 -> 6985 # it has no value\n"
	    "002C0081 [ 313233343536373831323334 ] -> 6A86 # and no PUK\n"
	    "00DB3FFF [ 70 [ BF8101 [ 7F41 [ 800108 810104 820431323334 ] ] ] ] -> 6A80 # not max bytes\n"
	    "00DB3FFF [ 70 [ BF8101 [ 7F41 [ 800104 810105 820431323334 ] ] ] ] -> 6A80 # min above max\n"
	    "00DB3FFF [ 70 [ BF8101 [ 7F41 [ 800104 810100 820431323334 ] ] ] ] -> 6A80\n"
	    "00DB3FFF [ 70 [ BF8101 [ 7F41 [ 800108 810104 8208313233FFFFFFFFFF ] ] ] ] -> 6A80 # shorter than min\n"
	    "00DB3FFF [ 70 [ BF8101 [ 7F41 [ 800111 810101 8211 3132333435363738393031323334353637 ] ] ] ] -> 6A80\n"
	    "00DB3FFF [ 70 [ BF8101 [ 7F41 [ 800104 820431323334 ] ] ] ] -> 6A80\n"
	    "00DB3FFF [ 70 [ BF8101 [ 7F41 [ 800104 810104 810104 820431323334 ] ] ] ] -> 6A80\n"
	    "00DB3FFF [ 70 [ BF8101 [ ] ] ] -> 6A80\n"
	    "00DB3FFF [ 70 [ BF8121 [ A0 [ 9A0103 A1 [ 8C0100 ] ] 7F41 [ 800108 810104 8208 3132333435363738 ] ] ] ] "
	    "-> 6A80 # a PUK has one length\n"
	    "00DB0000 [ 70 [ BF8101 [ 7F41 [ 800104 810104 820431323334 ] ] ] ] -> 6A86\n"
	    "00DB3FFF [ 70 [ BF8101 [ 7F41 [ 800104 810104 820431323334 ] ] ] ] -> 9000\n"
	    "00200081 -> 63C3\n"
	    "0020008104 31323335 -> 63C2\n"
	    "0020008104 31323334 -> 9000\n"
	    "00DB3FFF [ 70 [ BF8101 [ 7F41 [ 800104 810104 820434343434 ] ] ] ] -> 9000 # replaced\n"
	    "00200081 -> 63C3 # and not verified\n"
	    "0020008104 34343434 -> 9000\n"
	    "00DB3FFF [ 70 [ BF8101 [ A0 [ 9A0105 A1 [ 8C0100 ] ] ] ] ] -> 9000\n"
	    "00200081 -> 63C5 # the value stays\n"
	    "0020008104 34343434 -> 9000\n");
}
int main(void)
{
	const struct CMUnitTest tests[] = {
	    ON_NEW(delivered),
	    ON_NEW(loading_key),
	    ON_NEW(classes),
	    ON_NEW(guard),
	    ON_NEW(df_refusals),
	    ON_NEW(ef_refusals),
	    ON_NEW(pin_refusals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
