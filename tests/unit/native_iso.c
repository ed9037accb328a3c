/* The simulated card of the dialect iso-compact: a life in APDUs, and every refusal. Written by hand from the card's
 * manual (ISO/IEC 7816-4, 7816-9, IAS-ECC data objects), not with the compiler. */
#include "tests/unit/native_card.h"

static struct sim card;

#define AID "D3921000310001FFFF01"

/* DF 3F01 of 1000 bytes; its SE file is 7B00. Delete self, activate and create EF need SE 1: the loading key. */
#define CREATE_DF "00E00000 [ 62 [ 820138 83023F01 840A" AID " 81021000 8A0101 8D027B00 8C0452212121 ] ] -> 9000\n"

/* SE 1 the loading key, SE 2 PIN 1, SE 3 the PUK of PIN 1, SE 4 PIN 2, SE 5 PIN 1 and PIN 2, SE 6 PIN 1 and the key. */
#define CREATE_SE                                                                                                      \
	"00E00000 [ 62 [ 80020080 820109 83027B00 8C0121 ] ] -> 6A80 # AM and number of SCBs disagree\n"               \
	"00E00000 [ 62 [ 80020080 820109 83027B00 8C0100 ] ] -> 9000 # nobody reads or writes it afterwards\n"         \
	"00D60000 [ 7B0B 800101 A406 830101 950180"                                                                    \
	"           7B0B 800102 A406 830181 950108"                                                                    \
	"           7B0B 800103 A406 8301A1 950108"                                                                    \
	"           7B0B 800104 A406 830182 950108"                                                                    \
	"           7B13 800105 A406 830181 950108 A406 830182 950108"                                                 \
	"           7B13 800106 A406 830181 950108 A406 830101 950180 ] -> 9000\n"

/* PIN 1: 4 to 8 bytes, 1234; change always, verify always, reset by its PUK. PUK 12345678. PIN 2: 5555, no change. */
#define CREATE_PINS                                                                                                    \
	"00DB3FFF [ 70 [ BF8101 [ A0 [ 9A0103 A1 [ 8C04 70 00 00 13 ] ] ] ] ] -> 9000\n"                               \
	"00DB3FFF [ 70 [ BF8101 [ 7F41 [ 800108 810104 8208 31323334FFFFFFFF ] ] ] ] -> 9000\n"                        \
	"00DB3FFF [ 70 [ BF8121 [ A0 [ 9A010A A1 [ 8C0100 ] ] 7F41 [ 800108 810108 8208 3132333435363738 ] ] ] ] "     \
	"-> 9000\n"                                                                                                    \
	"00DB3FFF [ 70 [ BF8102 [ A0 [ 9A0103 A1 [ 8C02 20 00 ] ] 7F41 [ 800104 810104 8204 35353535 ] ] ] ] -> "      \
	"9000\n"

/* 0001 read always, update PIN 1; 0002 read PIN 1 and 2, never update; 0003 PIN 1 or PIN 2 for both; 0004 read by PIN 1
 * and the key; without SFI. */
#define CREATE_FILES                                                                                                   \
	"00E00000 [ 62 [ 80020010 820101 83020001 880108 8C03031200 ] ] -> 9000\n"                                     \
	"00D60000 [ 49474154412031323334353637383930 ] -> 9000 # a new file is the current one\n"                      \
	"00E00000 [ 62 [ 80020140 820101 83020002 880110 8C020195 ] ] -> 9000\n"                                       \
	"00D60000 [ 5A6F6E65 ] -> 9000\n"                                                                              \
	"00E00000 [ 62 [ 80020001 820101 83020003 880118 8C03031515 ] ] -> 9000\n"                                     \
	"00E00000 [ 62 [ 80020008 820101 83020004 8800 8C0201B6 ] ] -> 9000\n"

static int new_card(void **state)
{
	struct chip chip = iso_chip();
	(void)state;
	fresh(&card, &chip);
	return 0;
}

static void create(void)
{
	assert_int_equal(authenticate(&card, true), SW_OK);
	say(&card, CREATE_DF CREATE_SE CREATE_PINS CREATE_FILES);
}

/* The AP activated and the card reset. */
static int new_ap(void **state)
{
	new_card(state);
	create();
	say(&card, "00440000 -> 9000\n");
	reset(&card);
	say(&card, "00A4040C [ " AID " ] -> 9000\n");
	return 0;
}

static int close_card(void **state)
{
	(void)state;
	sim_close(&card);
	return 0;
}

/* --- the card as delivered --- */

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

/* --- use --- */

static void files(void **state)
{
	(void)state;
	say(&card,
	    "00B0000000 -> 6986\n"
	    "00B0800000 -> 6986 # SFI 0\n"
	    "00B09F0000 -> 6A82 # SFI 31\n"
	    "00B09E0000 -> 6A82\n"
	    "00B0C10000 -> 6A86\n00B0A10000 -> 6A86\n00D6E10001FF -> 6A86\n"
	    "00B00000 01 FF 00 -> 6700 # data on a READ\n"
	    "00A4020C0100 -> 6700\n00A4020C03000100 -> 6700\n00A4020C -> 6700\n"
	    "00A4020C020009 -> 6A82\n"
	    "00A4020E020001 -> 6A86\n00A4021C020001 -> 6A86\n00A4020F020001 -> 6A86\n00A40208020001 -> 6A86\n"
	    "00A4050C020001 -> 6A86\n00A4030C -> 6A86\n"
	    "00A4010C020001 -> 6A82 # no DF in a DF\n"
	    "00A4000C020001 -> 6A82\n"
	    "00B0810000 -> 49474154412031323334353637383930 9000\n"
	    "00B0000006 -> 494741544120 9000 # SFI has made it current\n"
	    "00B0000000 -> 49474154412031323334353637383930 9000\n"
	    "00B00000 -> 49474154412031323334353637383930 9000\n"
	    "00B0810F00 -> 30 9000\n"
	    "00B0810F02 -> 30 6282\n"
	    "00B0811000 -> 6B00\n00B0001000 -> 6B00\n00B07FFF01 -> 6B00\n"
	    "00D60000 -> 6700\n"
	    "00D6000001 00 -> 6982\n"
	    "00D6820001 00 -> 6982\n00B0000000 -> 6982 # 0002 is current now\n"
	    "00B0820000 -> 6982\n00B0830000 -> 6982\n"
	    "00B0841000 -> 6A82 # 0004 has no SFI\n"
	    "00A4020C020004 -> 9000\n00B0000000 -> 6982\n"
	    "00A4020C027B00 -> 9000\n00B0000000 -> 6982\n00D60000017B -> 6982\n"
	    "00B2010400 -> 6981\n00B2010C00 -> 6981\n00DC010401 00 -> 6981\n"
	    "00B2000400 -> 6A86\n00B2010000 -> 6A86\n00DC010501 00 -> 6A86\n00B201FC00 -> 6A82\n"
	    "00B2011400 -> 6981\n"
	    "00D1000000 -> 6D00\n00B1000000 -> 6D00\n00D7000000 -> 6D00\n");
}

static void pins(void **state)
{
	(void)state;
	say(&card,
	    "00200081 -> 63C3\n"
	    "00200181 -> 6A86\n00200080 -> 6A88\n00200001 -> 6A88\n00200083 -> 6A88\n002000A1 -> 6A88\n002000C1 -> "
	    "6A88\n"
	    "00200000 -> 6A88\n"
	    "0020008103 313233 -> 6700\n0020008109 313233343536373839 -> 6700\n"
	    "00200081 -> 63C3 # no try used\n"
	    "0020008104 31323334 -> 9000\n"
	    "00200081 -> 9000\n"
	    "00D68100 01 58 -> 9000\n"
	    "00B0810002 -> 5847 9000\n"
	    "00D6810F 02 5859 -> 6A84 # past the end, nothing written\n"
	    "00B0810F00 -> 30 9000\n"
	    "00D6811001 58 -> 6B00\n"
	    "00B0830000 -> 00 9000 # PIN 1 or 2\n00B0820000 -> 6982 # PIN 1 and 2\n"
	    "0020008204 35353535 -> 9000\n"
	    "00B0820004 -> 5A6F6E65 9000\n"
	    "00D6820001 00 -> 6982 # nobody\n"
	    "00A4020C020004 -> 9000\n00B0000000 -> 6982\n"
	    "0020008104 39393939 -> 63C2\n"
	    "00200081 -> 63C2 # a wrong one ends it\n"
	    "00B0820004 -> 6982\n00B0830000 -> 00 9000 # PIN 2 still\n"
	    "0020008108 31323334FFFFFFFF -> 63C1 # the padding is not the holder's\n"
	    "0020008105 31323334FF -> 63C0\n"
	    "00200081 -> 6983\n0020008104 31323334 -> 6983\n"
	    "00240081 [ 31323334FFFFFFFF 35353535 ] -> 6983\n");
	reset(&card);
	say(&card,
	    "00A4040C [ " AID " ] -> 9000\n"
	    "0020008104 31323334 -> 6983\n"
	    "00200082 -> 63C3\n"
	    "002C0081 [ 3132333435363738 35353535 ] -> 9000\n"
	    "00200081 -> 63C3\n"
	    "0020008104 35353535 -> 9000\n"
	    "00A4040C [ " AID " ] -> 9000\n"
	    "00200081 -> 63C3 # SELECT of the same AP too\n"
	    "0020008104 35353535 -> 9000\n"
	    "00A4000C023F00 -> 9000\n"
	    "00A4010C023F01 -> 9000\n"
	    "00200081 -> 63C3\n");
}

/* What SELECT of a DF ends, besides what was proved. */
static void current_file(void **state)
{
	(void)state;
	say(&card,
	    "00A4020C020001 -> 9000\n00B0000001 -> 49 9000\n"
	    "00A4020C020009 -> 6A82\n00B0000001 -> 49 9000 # a failed one changes nothing\n"
	    "00A4040C05A000000009 -> 6A82\n00B0000001 -> 49 9000\n"
	    "00A4040C [ " AID " ] -> 9000\n00B0000001 -> 6986\n"
	    "00B0810001 -> 49 9000\n00A4000C -> 9000\n00B0000001 -> 6986\n00B0810001 -> 6A82\n"
	    "00A4010C023F01 -> 9000\n00B0000001 -> 6986\n");
}

/* Who was let in during creation is out afterwards. */
static void activation_forgets(void **state)
{
	(void)state;
	create();
	say(&card,
	    "0020008104 31323334 -> 9000\n0020008204 35353535 -> 9000\n00B0820004 -> 5A6F6E65 9000\n"
	    "00440000 -> 9000\n00B0820004 -> 6982\n00200081 -> 63C3\n");
}

/* Reset conditions that name no PUK, or more than that: the form is not offered. */
static void no_puk(void **state)
{
	(void)state;
	assert_int_equal(authenticate(&card, true), SW_OK);
	say(&card,
	    CREATE_DF
	    "00E00000 [ 62 [ 80020080 820109 83027B00 8C0100 ] ] -> 9000\n"
	    "00D60000 [ 7B0B 800101 A406 830182 950108" /* a PIN */
	    "           7B13 800102 A406 8301A1 950108 A406 830182 950108"
	    "           7B0B 800103 A406 8301A1 950180" /* as a key */
	    "           7B0B 800104 A406 8301A2 950108" /* not there */
	    "           7B0B 800105 A406 8301A1 950108 ] -> 9000\n"
	    "00DB3FFF [ 70 [ BF8121 [ A0 [ 9A010A A1 [ 8C0100 ] ] 7F41 [ 800104 810104 8204 35363738 ] ] ] ] "
	    "-> 9000\n"
	    "00DB3FFF [ 70 [ BF8102 [ A0 [ 9A0103 A1 [ 8C022000 ] ] 7F41 [ 800104 810104 8204 35363738 ] ] ] ] "
	    "-> 9000\n");
	static const struct {
		const char *scb, *answer;
	} row[] = {
	    {"11", "6A86"},
	    {"12", "6A86"},
	    {"13", "6A86"},
	    {"23", "6A86"},
	    {"14", "6A86"},
	    {"1A", "6A86"},
	    {"00", "6A86"},
	    {"FF", "6A86"},
	    {"25", "6A86"},
	    {"15", "9000"},
	    {"95", "9000"},
	};
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		char text[300];
		snprintf(text, sizeof text,
		    "00DB3FFF [ 70 [ BF8101 [ A0 [ 9A0103 A1 [ 8C020%s ] ] "
		    "7F41 [ 800104 810104 8204 31323334 ] ] ] ] -> 9000\n"
		    "002C0081 [ 3536373834343434 ] -> %s\n",
		    row[i].scb, row[i].answer);
		/* AM 10: reset alone */
		char *am = strstr(text, "8C020");
		memmove(am + 6, am + 5, strlen(am + 5) + 1);
		memcpy(am, "8C0210", 6);
		say(&card, text);
	}
	say(&card,
	    "00DB3FFF [ 70 [ BF8103 [ A0 [ 9A0103 A1 [ 8C021015 ] ] ] ] ] -> 9000\n"
	    "002C0083 [ 3536373834343434 ] -> 6985 # a PIN without a value\n");
}

static void both_conditions(void **state)
{
	(void)state;
	say(&card, "00A4020C020004 -> 9000\n0020008104 31323334 -> 9000\n00B0000000 -> 6982\n");
	assert_int_equal(authenticate(&card, true), SW_OK);
	say(&card,
	    "00B0000000 -> 0000000000000000 9000 # PIN and key\n"
	    "0020008104 39393939 -> 63C2\n"
	    "00B0000000 -> 6982 # the key alone\n");
}

static void change(void **state)
{
	(void)state;
	say(&card,
	    "00240181 [ 34343434 ] -> 6A86 # not offered\n"
	    "00240083 [ 31323334FFFFFFFF 34343434 ] -> 6A88\n"
	    "00240081 [ 31323334FFFFFFFF 343434 ] -> 6700\n"
	    "00240081 [ 31323334 ] -> 6700\n"
	    "00240081 [ 31323334FFFFFFFF 343434343434343434 ] -> 6700\n"
	    "00240081 -> 6700\n"
	    "00240081 [ 31323334FFFFFFFF 31323334 ] -> 6A80 # the same\n"
	    "00240081 [ 39393939FFFFFFFF 39393939 ] -> 6A80 # also when the old one is wrong\n"
	    "00240081 [ 31323334FFFFFFFF 34343434FF ] -> 6A80 # ends like the padding\n"
	    "00200081 -> 63C3 # no try used\n"
	    "0020008104 31323334 -> 9000\n"
	    "00240081 [ 31323335FFFFFFFF 34343434 ] -> 63C2\n"
	    "00200081 -> 63C2 # and not verified\n"
	    "0020008104 31323334 -> 9000\n"
	    "00240081 [ 31323334FFFFFFFF 343434343434 ] -> 9000\n"
	    "00200081 -> 63C3 # afterwards not verified\n"
	    "0020008104 31323334 -> 63C2\n"
	    "0020008106 343434343434 -> 9000\n"
	    "00240082 [ 3535353536363636 ] -> 6A86 # PIN 2 is never changed\n");
}

static void reset_counter(void **state)
{
	(void)state;
	say(&card,
	    "002C0181 [ 3132333435363738 ] -> 6A86\n002C0281 [ 34343434 ] -> 6A86\n002C0381 -> 6A86\n"
	    "002C0082 [ 313233343536373834343434 ] -> 6A86 # PIN 2 has no PUK\n"
	    "002C0083 [ 313233343536373834343434 ] -> 6A88\n"
	    "002C0081 [ 3132333435363738343434 ] -> 6700\n"
	    "002C0081 [ 3132333435363738343434343434343434 ] -> 6700\n"
	    "002C0081 -> 6700\n"
	    "002C0081 [ 3132333435363738 34343434FF ] -> 6A80\n"
	    "0020008104 31323334 -> 9000\n"
	    "002C0081 [ 3132333435363739 34343434 ] -> 63C9 # tries of the PUK\n"
	    "00200081 -> 9000 # the PIN is as it was\n"
	    "002C0081 [ 3132333435363738 31323334 ] -> 9000 # the same value is fine\n"
	    "00200081 -> 63C3\n"
	    "002C0081 [ 3132333435363739 34343434 ] -> 63C9 # success has restored them\n");
	for (unsigned left = 9; left-- > 0;) {
		char line[80];
		snprintf(line, sizeof line, "002C0081 [ 3132333435363739 34343434 ] -> 63C%u\n", left);
		say(&card, line);
	}
	say(&card,
	    "002C0081 [ 3132333435363738 34343434 ] -> 6983\n"
	    "0020008104 31323334 -> 9000\n");
}

/* --- after activation --- */

static void activated(void **state)
{
	(void)state;
	say(&card,
	    "00E00000 [ 62 [ 80020010 820101 83020009 8C020100 ] ] -> 6982\n"
	    "00440000 -> 6982\n"
	    "00DB3FFF [ 70 [ BF8101 [ A0 [ 9A0103 A1 [ 8C0100 ] ] ] ] ] -> 6985\n"
	    "00DB3FFF [ 70 [ BF8101 [ 7F41 [ 800104 810104 820431323334 ] ] ] ] -> 6982\n"
	    "00E40000023F01 -> 6985 # not from inside\n"
	    "00A40404 [ " AID " ] -> 62 [ 820138 83023F01 8A0105 840A" AID " 81021000 8D027B00 8C0452212121 ] 9000\n"
	    "00A40204020001 -> 62 [ 80020010 820101 83020001 880108 8A0105 8C03031200 ] 9000\n"
	    "00A40204020004 -> 62 [ 80020008 820101 83020004 8800 8A0105 8C0201B6 ] 9000\n"
	    "00A4020402000405 -> 6700 # Le too short\n"
	    "00A40204027B00 -> 62 [ 80020080 820109 83027B00 8A0105 8C0100 ] 9000\n"
	    "00A40200020001 -> 6F [ 80020010 820101 83020001 880108 8A0105 8C03031200 ] 9000\n");
	assert_int_equal(authenticate(&card, true), SW_OK);
	say(&card,
	    "00440000 -> 9000 # again, for whom it lets\n"
	    "00E00000 [ 62 [ 80020010 820101 83020009 8C020100 ] ] -> 9000\n"
	    "00B0000000 -> 00000000000000000000000000000000 9000\n"
	    "00B0820000 -> 6982 # the key opens no other rule\n");
}

static void deletion(void **state)
{
	(void)state;
	say(&card,
	    "00A4000C023F00 -> 9000\n"
	    "00E40000023F01 -> 6982\n00E40000023F02 -> 6A82\n00E40000013F -> 6700\n00E40100023F01 -> 6A86\n"
	    "00E40000 -> 6700\n");
	assert_true(nat_space_used(&card.nv) > 0x1000);
	assert_int_equal(authenticate(&card, true), SW_OK);
	say(&card,
	    "00E40000023F01 -> 9000\n"
	    "00A4040C [ " AID " ] -> 6A82\n00E40000023F01 -> 6A82\n");
	assert_int_equal(nat_space_used(&card.nv), 0);
	/* nothing of it is left in the memory */
	for (uint32_t at = NV_HOME; at + 10 <= card.nv.size; at++)
		assert_memory_not_equal(card.nv.mem + at, "IGATA 1234", 10);
	say(&card, CREATE_DF CREATE_SE CREATE_PINS CREATE_FILES);
}

/* In creation, the key is enough. */
static void deletion_in_creation(void **state)
{
	(void)state;
	create();
	say(&card, "00E40000023F01 -> 6985\n00A4000C023F00 -> 9000\n00E40000023F01 -> 9000\n");
	assert_int_equal(nat_space_used(&card.nv), 0);
}

/* --- several APs --- */

static void enumeration(void **state)
{
	(void)state;
	assert_int_equal(authenticate(&card, true), SW_OK);
	say(&card,
	    "00E00000 [ 62 [ 820138 83023F01 8406D39210003101 81020040 8A0101 8C0100 ] ] -> 9000\n"
	    "00A4000C -> 9000\n"
	    "00E00000 [ 62 [ 820138 83023F02 8406D39210003102 81020040 8A0101 8C0100 ] ] -> 9000\n"
	    "00A4000C -> 9000\n"
	    "00E00000 [ 62 [ 820138 83023F03 8405A000000001 81020040 8A0101 8C0100 ] ] -> 9000\n"
	    "00A4000C -> 9000\n"
	    "00A4040005D392100031 -> 6F [ 8406D39210003101 A500 ] 9000\n"
	    "00A4040205D392100031 -> 6F [ 8406D39210003102 A500 ] 9000\n"
	    "00A4040205D392100031 -> 6A82\n"
	    "00A4040E05D392100031 -> 6A82 # a failed one changes nothing\n"
	    "00A4040001D3 -> 6F [ 8406D39210003101 A500 ] 9000\n"
	    "00A4040601D3 -> 62 * 8406D39210003102 * 9000\n"
	    "00A4040001A0 -> 6F [ 8405A000000001 A500 ] 9000\n"
	    "00A404000100 -> 6A82\n"
	    "00A4040005D392100031 -> * 9000\n"
	    "00A4040105D392100031 -> 6A86 # last\n00A4040305D392100031 -> 6A86 # previous\n"
	    "00A4040C07D3921000310101 -> 6A82 # longer than the name\n"
	    "00A4040C -> 6700\n"
	    "00A4000C -> 9000\n00E40000023F01 -> 9000\n"
	    "00A4040001D3 -> 6F [ 8406D39210003102 A500 ] 9000\n");
}

int main(void)
{
#define ON_NEW(f) cmocka_unit_test_setup_teardown(f, new_card, close_card)
#define ON_AP(f)  cmocka_unit_test_setup_teardown(f, new_ap, close_card)
	const struct CMUnitTest tests[] = {
	    ON_NEW(delivered),
	    ON_NEW(loading_key),
	    ON_NEW(classes),
	    ON_NEW(guard),
	    ON_NEW(df_refusals),
	    ON_NEW(ef_refusals),
	    ON_NEW(pin_refusals),
	    ON_AP(files),
	    ON_AP(pins),
	    ON_AP(current_file),
	    ON_NEW(activation_forgets),
	    ON_NEW(no_puk),
	    ON_AP(both_conditions),
	    ON_AP(change),
	    ON_AP(reset_counter),
	    ON_AP(activated),
	    ON_AP(deletion),
	    ON_NEW(deletion_in_creation),
	    ON_NEW(enumeration),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
