/* The simulated card of the dialect iso-compact: a life in APDUs. Written by hand from the card's
 * manual (ISO/IEC 7816-4, 7816-9, IAS-ECC data objects), not with the compiler. */
#include "tests/unit/support/native_iso_kit.h"

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
	const struct CMUnitTest tests[] = {
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
