/* The simulated card of the dialect starcos: a life in APDUs, and every refusal. Written by hand from the card's manual
 * and OpenSC's card-starcos.c and pkcs15-starcos.c, not with the compiler. */
#include "tests/unit/native_card.h"

static struct sim card;

#define AID    "D3921000310001FFFF01"
#define NAME   AID "000000000000"
#define SO     "0020000108 49474154412D534F"
#define PIN_C1 "C10C 81 0008 9F 0E 9F 33 00 00 0B 00 81"
#define PUK_C1 "C10C 82 0008 9F 0D 01 AA 00 00 00 00 02"

/* DF 3F01 of 512 bytes, 40 of them for two keys; nobody adds anything later. */
#define CREATE_DF                                                                                                      \
	"80520200 [ 3F01 0A " AID " ] -> 9000\n"                                                                       \
	"80E00100 [ 3F01 0A " NAME " 0028 5F 5F 00 00 ] -> 9000\n"

/* PIN 1: 4 to 8 bytes, 1234, state E; PUK 12345678. */
#define CREATE_PINS                                                                                                    \
	"80F40000 [ " PIN_C1 " ] -> 9000\n"                                                                            \
	"80F40000 [ C2 [ 81 0000 31323334 00000000 ] ] -> 9000\n"                                                      \
	"80F40000 [ " PUK_C1 " ] -> 9000\n"                                                                            \
	"80F40000 [ C2 [ 82 0000 3132333435363738 ] ] -> 9000\n"

/* 0001 read always, update PIN 1; 0002 read PIN 1, never update; 0003 both PIN 1; 0020 without SFI. */
#define CREATE_FILES                                                                                                   \
	"80E00300 [ 0001 9F1E5F5F5F5F5F 0000 00 00 81 0010 ] -> 9000\n"                                                \
	"00D60000 [ 49474154412031323334353637383930 ] -> 9000\n"                                                      \
	"80E00300 [ 0002 1E5F5F5F5F5F5F 0000 00 00 81 0040 ] -> 9000\n"                                                \
	"00D60000 [ 5A6F6E65 ] -> 9000\n"                                                                              \
	"80E00300 [ 0003 1E1E5F5F5F5F5F 0000 00 00 81 0001 ] -> 9000\n"                                                \
	"80E00300 [ 0020 9F5F5F5F5F5F5F 0000 00 00 81 0002 ] -> 9000\n"

static int new_card(void **state)
{
	struct chip chip = starcos_chip();
	(void)state;
	fresh(&card, &chip);
	return 0;
}

static int new_ap(void **state)
{
	new_card(state);
	say(&card,
	    SO " -> 9000\n" CREATE_DF CREATE_PINS CREATE_FILES "00A4000C023F00 -> 9000\n"
	       "80E00200023F01 -> 9000\n");
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

static void delivered(void **state)
{
	(void)state;
	say(&card,
	    "00A4000C023F00 -> 9000\n"
	    "00A40000023F00 -> 6F00 9000\n"
	    "00A40004023F00 -> 6A86 # no FCP\n"
	    "00A4040C [ " AID " ] -> 6A82\n"
	    "80520200 [ 3F01 0A " AID " ] -> 6982\n"
	    "80E00100 [ 3F01 0A " NAME " 0028 5F 5F 00 00 ] -> 6982\n"
	    "80E00200023F01 -> 6982\n80E40000023F01 -> 6982\n"
	    "80E00300 [ 0001 9F1E5F5F5F5F5F 0000 00 00 81 0010 ] -> 6985 # no EF in the MF\n"
	    "80F40000 [ " PIN_C1 " ] -> 6985\n"
	    "0084000008 -> 6D00\n00820001 -> 6D00\n"
	    "00E00100 [ 3F01 ] -> 6D00 # its class is 80\n80A4000C023F00 -> 6D00\n"
	    "81E4000002 3F01 -> 6E00\n84E40000023F01 -> 6E00\n90A4000C023F00 -> 6E00\n"
	    "01A4000C023F00 -> 6881\n10A4000C023F00 -> 6884\n0CA4000C023F00 -> 6882\n"
	    "80CA000000 -> 6D00\n");
}

static void loading_key(void **state)
{
	(void)state;
	say(&card,
	    "00200001 -> 63CA\n"
	    "00200081 -> 6A88\n00200002 -> 6A88\n00200101 -> 6A86\n"
	    "0020000107 49474154412D53 -> 6700\n"
	    "0020000109 49474154412D534F00 -> 6700\n"
	    "00200001 -> 63CA\n" SO " -> 9000\n"
	    "00200001 -> 9000\n"
	    "00A4000C023F00 -> 9000\n00200001 -> 9000 # SELECT keeps it\n"
	    "00240001 [ 49474154412D534F 49474154412D5350 ] -> 6A86\n"
	    "002C0001 [ 49474154412D534F 49474154412D5350 ] -> 6A86\n"
	    "0020000108 49474154412D5350 -> 63C9\n"
	    "00200001 -> 63C9 # a wrong one ends it\n"
	    "80520200 [ 3F01 0A " AID " ] -> 6982\n" SO " -> 9000\n");
	reset(&card);
	say(&card, "00200001 -> 63CA\n80520200 [ 3F01 0A " AID " ] -> 6982\n");
	for (unsigned left = 10; left-- > 0;) {
		char line[64];
		snprintf(line, sizeof line, "0020000108 49474154412D5350 -> 63C%X\n", left);
		say(&card, line);
	}
	say(&card, SO " -> 6983\n00200001 -> 6983\n");
}

static void df_refusals(void **state)
{
	(void)state;
	say(&card,
	    SO " -> 9000\n"
	       "80520200 [ 3F01 0B " AID " ] -> 6700\n"
	       "80520200 [ 3F01 09 " AID " ] -> 6700\n"
	       "80520200 [ 3F01 00 ] -> 6A80\n"
	       "80520200 [ 3F01 11 00112233445566778899AABBCCDDEEFF00 ] -> 6A80\n"
	       "80520200 [ 3F01 ] -> 6700\n80520200 -> 6700\n"
	       "80520000 [ 3F01 0A " AID " ] -> 6A80 # no bytes\n"
	       "80520200 [ 3F00 0A " AID " ] -> 6A80\n80520200 [ FFFF 0A " AID " ] -> 6A80\n"
	       "80522000 [ 3F01 0A " AID " ] -> 6A84 # all 8192 and the DF itself\n"
	       "80E00100 [ 3F01 0A " NAME " 0028 5F 5F 00 00 ] -> 6A82 # not registered\n"
	       "80520200 [ 3F01 0A " AID " ] -> 9000\n"
	       "80520200 [ 3F01 05 A000000001 ] -> 6A89\n"
	       "80520200 [ 3F02 0A " AID " ] -> 6A8A\n"
	       "80E00100 [ 3F01 0A " AID "010000000000 0028 5F 5F 00 00 ] -> 6A80 # not zeros behind the name\n"
	       "80E00100 [ 3F01 09 D3921000310001FFFF 00000000000000 0028 5F 5F 00 00 ] -> 6A80 # other name\n"
	       "80E00100 [ 3F01 00 " NAME " 0028 5F 5F 00 00 ] -> 6A80\n"
	       "80E00100 [ 3F01 0A " NAME " 0028 5F 5F 03 00 ] -> 6A80 # secure messaging\n"
	       "80E00100 [ 3F01 0A " NAME " 0028 5F 5F 00 03 ] -> 6A80\n"
	       "80E00100 [ 3F01 0A " NAME " 0028 20 5F 00 00 ] -> 6A80 # unknown condition\n"
	       "80E00100 [ 3F01 0A " NAME " 0028 5F FF 00 00 ] -> 6A80\n"
	       "80E00100 [ 3F01 0A " NAME " 0201 5F 5F 00 00 ] -> 6A84 # ISF larger than the DF\n"
	       "80E00100 [ 3F01 0A " NAME " 0028 5F 5F 00 ] -> 6700\n"
	       "80E00100 [ 3F01 0A " NAME " 0028 5F 5F 00 00 00 ] -> 6700\n"
	       "80E00000 [ 3F00 ] -> 6A86 # no second MF\n80E00101 [ 3F01 ] -> 6A86\n80E00400 [ 3F01 ] -> 6A86\n"
	       "00A4040C [ " AID " ] -> 9000 # registered is found\n"
	       "80E00300 [ 0001 9F1E5F5F5F5F5F 0000 00 00 81 0010 ] -> 6985\n"
	       "80F40000 [ " PIN_C1 " ] -> 6985\n"
	       "80E00200023F01 -> 6985 # nothing to end\n"
	       "80E00100 [ 3F01 0A " NAME " 0028 5F 5F 00 00 ] -> 6985 # not from inside\n"
	       "00A4000C -> 9000\n"
	       "80E00100 [ 3F01 0A " NAME " 0028 5F 5F 00 00 ] -> 9000\n"
	       "80E00300 [ 0001 9F1E5F5F5F5F5F 0000 00 00 81 0010 ] -> 9000 # the new DF is current\n"
	       "00A4000C -> 9000\n"
	       "80E00100 [ 3F01 0A " NAME " 0028 5F 5F 00 00 ] -> 6A89\n"
	       "80E00200023F00 -> 6985\n80E00200023F02 -> 6A82\n80E00200013F -> 6700\n80E0020003 3F0100 -> 6700\n"
	       "80E00200023F01 -> 9000\n80E00200023F01 -> 6985\n");
}

static void ef_refusals(void **state)
{
	(void)state;
	say(&card,
	    SO " -> 9000\n" CREATE_DF "80E00300 [ 0001 9F1E5F5F5F5F5F 0000 00 00 81 0010 ] -> 9000\n"
	       "80E00300 [ 0001 9F1E5F5F5F5F5F 0000 00 00 81 0010 ] -> 6A89\n"
	       "80E00300 [ 3F00 9F1E5F5F5F5F5F 0000 00 00 81 0010 ] -> 6A80\n"
	       "80E00300 [ 0002 9F1E5F5F5F5F5F 0100 00 00 81 0010 ] -> 6A80 # RFU\n"
	       "80E00300 [ 0002 9F1E5F5F5F5F5F 0000 03 00 81 0010 ] -> 6A80 # secure messaging\n"
	       "80E00300 [ 0002 9F1E5F5F5F5F5F 0000 00 02 81 0010 ] -> 6A80 # a short identifier of its own\n"
	       "80E00300 [ 0002 9F1E5F5F5F5F5F 0000 00 00 82 0410 ] -> 6A80 # records\n"
	       "80E00300 [ 0002 9F1E5F5F5F5F5F 0000 00 00 84 0410 ] -> 6A80\n"
	       "80E00300 [ 0002 9F1E5F5F5F5F5F 0000 00 00 81 0000 ] -> 6A80\n"
	       "80E00300 [ 0002 9F205F5F5F5F5F 0000 00 00 81 0010 ] -> 6A80\n"
	       "80E00300 [ 0002 9F1E5F5F5F5FFF 0000 00 00 81 0010 ] -> 6A80\n"
	       "80E00300 [ 0002 9F1E5F5F5F5F5F 0000 00 00 81 2000 ] -> 6A84\n"
	       "80E00300 [ 0002 9F1E5F5F5F5F5F 0000 00 00 81 0200 ] -> 6A84 # more than the DF\n"
	       "80E00300 [ 0002 9F1E5F5F5F5F5F 0000 00 00 81 00 ] -> 6700\n"
	       "80E00300 [ 0002 9F1E5F5F5F5F5F 0000 00 00 81 0010 00 ] -> 6700\n"
	       "80520200 [ 3F02 05 A000000001 ] -> 6985 # from the MF only\n");
}

static void key_refusals(void **state)
{
	(void)state;
	say(&card,
	    SO " -> 9000\n" CREATE_DF "80F40000 [ C2 [ 81 0000 3132333400000000 ] ] -> 6A88 # no header yet\n"
	       "80F40000 [ C10C 01 0008 9F 0E 9F 33 00 00 0B 00 81 ] -> 6A80 # global\n"
	       "80F40000 [ C10C 80 0008 9F 0E 9F 33 00 00 0B 00 81 ] -> 6A80\n"
	       "80F40000 [ C10C A1 0008 9F 0E 9F 33 00 00 0B 00 81 ] -> 6A80\n"
	       "80F40000 [ C10C 90 0008 9F 0E 9F 33 00 00 0B 00 81 ] -> 6A80 # above the highest reference\n"
	       "80F40000 [ C10C 81 0009 9F 0E 9F 33 00 00 0B 00 81 ] -> 6A80 # longer than a PIN may be\n"
	       "80F40000 [ C10C 81 0000 9F 0E 9F 33 00 00 0B 00 81 ] -> 6A80\n"
	       "80F40000 [ C10C 81 0008 20 0E 9F 33 00 00 0B 00 81 ] -> 6A80\n"
	       "80F40000 [ C10C 81 0008 9F 10 9F 33 00 00 0B 00 81 ] -> 6A80 # no state\n"
	       "80F40000 [ C10C 81 0008 9F 8F 9F 33 00 00 0B 00 81 ] -> 6A80\n"
	       "80F40000 [ C10C 81 0008 9F 0E 1E 33 00 00 0B 00 81 ] -> 6A80 # change only 9F or 5F\n"
	       "80F40000 [ C10C 81 0008 9F 0E 9F 32 00 00 0B 00 81 ] -> 6A80 # tries left are not the limit\n"
	       "80F40000 [ C10C 81 0008 9F 0E 9F 00 00 00 0B 00 81 ] -> 6A80\n"
	       "80F40000 [ C10C 81 0008 9F 0E 9F 33 01 00 0B 00 81 ] -> 6A80\n"
	       "80F40000 [ C10C 81 0008 9F 0E 9F 33 00 01 0B 00 81 ] -> 6A80\n"
	       "80F40000 [ C10C 81 0008 9F 0E 9F 33 00 00 03 00 81 ] -> 6A80 # AKD without 8\n"
	       "80F40000 [ C10C 81 0008 9F 0E 9F 33 00 00 1B 00 81 ] -> 6A80\n"
	       "80F40000 [ C10C 81 0008 9F 0E 9F 33 00 00 0A 00 81 ] -> 6A80 # shorter than a PIN may be\n"
	       "80F40000 [ C10C 81 0004 9F 0E 9F 33 00 00 0C 00 81 ] -> 6A80 # min above max\n"
	       "80F40000 [ C10C 81 0008 9F 0E 9F 33 00 00 0B 03 81 ] -> 6A80 # WRITE KEY later\n"
	       "80F40000 [ C10C 81 0008 9F 0E 9F 33 00 00 0B 00 A0 ] -> 6A80 # another kind of key\n"
	       "80F40000 [ C10C 82 0008 9F 0E 01 AA 00 00 00 00 02 ] -> 6A80 # frees nothing\n"
	       "80F40000 [ C10C 82 0008 9F 0D 01 AA 00 00 0B 00 02 ] -> 6A80\n"
	       "80F40000 [ C10B 81 0008 9F 0E 9F 33 00 00 0B 00 ] -> 6A80\n"
	       "80F40000 [ " PIN_C1 " 00 ] -> 6A80\n80F40000 [ C302 0000 ] -> 6A80\n80F40000 [ C1 ] -> 6A80\n"
	       "80F40100 [ " PIN_C1 " ] -> 6A86 # update mode\n"
	       "80F40000 -> 6700\n"
	       "00200081 -> 6A88\n"
	       "80F40000 [ " PIN_C1 " ] -> 9000\n"
	       "00200081 -> 6985 # no value\n"
	       "80F40000 [ C2 [ 81 0000 31323334000000 ] ] -> 6A80 # not all of it\n"
	       "80F40000 [ C2 [ 81 0001 31323334000000 ] ] -> 6A80\n"
	       "80F40000 [ C2 [ 81 0000 3132333400000035 ] ] -> 6A80 # a zero inside\n"
	       "80F40000 [ C2 [ 81 0000 3132330000000000 ] ] -> 6A80 # too short\n"
	       "80F40000 [ C2 [ 81 0000 ] ] -> 6A80\n80F40000 [ C2 [ 81 ] ] -> 6A80\n"
	       "80F40000 [ C2 [ 83 0000 3132333400000000 ] ] -> 6A88\n"
	       "80F40000 [ C2 [ 81 0000 3132333400000000 ] ] -> 9000\n"
	       "00200081 -> 63C3\n"
	       "80F40000 [ " PIN_C1 " ] -> 9000 # replaced\n"
	       "00200081 -> 6985\n"
	       "80F40000 [ C2 [ 81 0000 3434343400000000 ] ] -> 9000\n"
	       "0020008104 34343434 -> 9000\n"
	       "80F40000 [ C2 [ 81 0000 3535353500000000 ] ] -> 9000 # also the value alone\n"
	       "0020008104 35353535 -> 9000\n"
	       "80F40000 [ C10C 81 0006 9F 0E 9F 55 00 00 0B 00 81 ] -> 9000 # another length: 18 more bytes of 40\n"
	       "00200081 -> 6985\n"
	       "80F40000 [ C2 [ 81 0000 313233340000 ] ] -> 9000\n"
	       "0020008104 31323334 -> 9000\n"
	       "80F40000 [ " PUK_C1 " ] -> 6A84 # the ISF is full\n");
}

static void guard(void **state)
{
	(void)state;
	say(&card,
	    SO " -> 9000\n" CREATE_DF CREATE_PINS CREATE_FILES "00B0830000 -> 00 9000 # conditions do not live yet\n"
	       "0020008104 31323334 -> 9000\n00D1000000 -> 6D00\n");
	reset(&card);
	say(&card,
	    "00A4040C [ " AID " ] -> 9000\n"
	    "00A40400 [ " AID " ] -> 6F [ 840A " AID " ] 9000\n"
	    "00A4020C020001 -> 9000\n"
	    "00B0810000 -> 6985\n00B09F0001 -> 6985\n00D6810001FF -> 6985\n00200081 -> 6985\n"
	    "0020008104 31323334 -> 6985\n" SO " -> 6985 # not from inside\n"
	    "00D1000000 -> 6985\n80CA000000 -> 6985\n80E00200023F01 -> 6985\n"
	    "80E00300 [ 0009 9F1E5F5F5F5F5F 0000 00 00 81 0010 ] -> 6985\n"
	    "10B0000000 -> 6884\n"
	    "00A4000C -> 9000\n" SO " -> 9000\n00A4040C [ " AID " ] -> 9000\n"
	    "00B0810000 -> 49474154412031323334353637383930 9000\n");
}

static void files(void **state)
{
	(void)state;
	say(&card,
	    "00B0000000 -> 6986\n00B09F0000 -> 6A82\n00B0C10000 -> 6A86\n"
	    "00A4020C020009 -> 6A82\n00A4020C0100 -> 6700\n00A4020E020001 -> 6A86\n00A40204020001 -> 6A86\n"
	    "00A40200020001 -> 6F [ 80020010 820101 ] 9000\n"
	    "00A4020002000101 -> 6700\n"
	    "00A40402 [ " AID " ] -> 6A86 # no enumeration\n"
	    "00A4040C05D392100031 -> 6A82 # no partial names\n"
	    "00B0810000 -> 49474154412031323334353637383930 9000\n"
	    "00B0810F02 -> 30 6282\n00B0811000 -> 6B00\n"
	    "00D6810001 58 -> 6982\n00D68100 -> 6700\n"
	    "00B0820000 -> 6982\n00D6820001 00 -> 6982\n00B0830000 -> 6982\n"
	    "00B0800000 -> 6982 # 0003 is current\n"
	    "00A4020C020020 -> 9000\n00B0000000 -> 0000 9000\n00D6000001FF -> 6982\n"
	    "00B2010400 -> 6981\n00DC01040100 -> 6981\n"
	    "00D1000000 -> 6D00\n80E00300 [ 0009 9F1E5F5F5F5F5F 0000 00 00 81 0010 ] -> 6982\n"
	    "80F40000 [ C10C 83 0008 9F 0E 9F 33 00 00 0B 00 81 ] -> 6982\n"
	    "80E40000023F01 -> 6985\n80E00200023F01 -> 6982\n");
}

static void pins(void **state)
{
	(void)state;
	say(&card,
	    "00200081 -> 63C3\n00200181 -> 6A86\n00200001 -> 6A88 # the global PIN is not of the AP\n"
	    "00200082 -> 6A88 # the PUK\n00200083 -> 6A88\n00200000 -> 6A88\n002000C1 -> 6A88\n"
	    "0020008103 313233 -> 6700\n0020008109 313233343536373839 -> 6700\n00200081 -> 63C3\n"
	    "0020008104 31323334 -> 9000\n00200081 -> 9000\n"
	    "00D6810001 58 -> 9000\n00B0820004 -> 5A6F6E65 9000\n00D6820001 00 -> 6982\n00B0830000 -> 00 9000\n"
	    "0020008104 39393939 -> 63C2\n00200081 -> 63C2\n00B0830000 -> 6982\n"
	    "0020008105 3132333400 -> 63C1 # the padding is not the holder's\n"
	    "0020008108 3132333400000000 -> 63C0\n"
	    "0020008104 31323334 -> 6983\n00200081 -> 6983\n00240081 [ 3132333400000000 35353535 ] -> 6983\n");
	reset(&card);
	say(&card,
	    "00A4040C [ " AID " ] -> 9000\n00200081 -> 6983\n"
	    "002C0081 [ 3132333435363738 35353535 ] -> 9000\n"
	    "00200081 -> 63C3\n0020008104 35353535 -> 9000\n"
	    "00A4040C [ " AID " ] -> 9000\n00200081 -> 63C3\n");
}

static void change_and_reset(void **state)
{
	(void)state;
	say(&card,
	    "00240181 [ 34343434 ] -> 6A86\n00240082 [ 31323334353637383434343434343434 ] -> 6A88\n"
	    "00240081 [ 3132333400000000 343434 ] -> 6700\n00240081 [ 31323334 35353535 ] -> 6700\n"
	    "00240081 [ 3132333400000000 343434343434343434 ] -> 6700\n"
	    "00240081 [ 3132333400000000 31323334 ] -> 6A80\n00240081 [ 3132333400000000 3434343400 ] -> 6A80\n"
	    "00240081 [ 3132333400000000 340034343434 ] -> 6A80\n00200081 -> 63C3\n"
	    "0020008104 31323334 -> 9000\n"
	    "00240081 [ 3132333500000000 34343434 ] -> 63C2\n00200081 -> 63C2\n"
	    "00240081 [ 3132333400000000 3434343434 ] -> 9000\n00200081 -> 63C3\n"
	    "0020008105 3434343434 -> 9000\n"
	    "002C0181 [ 3132333435363738 ] -> 6A86\n002C0083 [ 313233343536373835353535 ] -> 6A88\n"
	    "002C0081 [ 3132333435363738353535 ] -> 6700\n"
	    "002C0081 [ 3132333435363738 35350035 ] -> 6A80\n"
	    "002C0081 [ 3132333435363739 35353535 ] -> 63C9\n00200081 -> 9000\n"
	    "002C0081 [ 3132333435363738 35353535 ] -> 9000\n00200081 -> 63C3\n"
	    "0020008104 35353535 -> 9000\n"
	    "002C0081 [ 3132333435363739 35353535 ] -> 63C9\n");
	for (unsigned left = 9; left-- > 0;) {
		char line[80];
		snprintf(line, sizeof line, "002C0081 [ 3132333435363739 35353535 ] -> 63C%u\n", left);
		say(&card, line);
	}
	say(&card, "002C0081 [ 3132333435363738 35353535 ] -> 6983\n");
}

/* A PIN that is never changed, and two that share the one state there is. */
static void other_pins(void **state)
{
	(void)state;
	say(&card,
	    SO " -> 9000\n"
	       "80520200 [ 3F01 0A " AID " ] -> 9000\n"
	       "80E00100 [ 3F01 0A " NAME " 003C 01 01 00 00 ] -> 9000\n"
	       "80F40000 [ C10C 81 0004 9F 0E 5F 33 00 00 0B 00 81 ] -> 9000\n"
	       "80F40000 [ C2 [ 81 0000 31313131 ] ] -> 9000\n"
	       "80F40000 [ C10C 83 0004 9F 0D 9F 33 00 00 0B 00 81 ] -> 9000\n"
	       "80F40000 [ C2 [ 83 0000 33333333 ] ] -> 9000\n"
	       "80E00300 [ 0001 1E5F5F5F5F5F5F 0000 00 00 81 0001 ] -> 9000\n"
	       "80E00300 [ 0002 1D5F5F5F5F5F5F 0000 00 00 81 0001 ] -> 9000\n"
	       "80E00300 [ 0003 015F5F5F5F5F5F 0000 00 00 81 0001 ] -> 9000\n"
	       "80E00200023F01 -> 9000 # from inside too\n"
	       "00B0830000 -> 00 9000 # global state 1\n"
	       "00240081 [ 3131313132323232 ] -> 6A86\n002C0081 [ 3132333435363738 35353535 ] -> 6A86 # no PUK\n"
	       "0020008104 31313131 -> 9000\n00B0810000 -> 00 9000\n00B0820000 -> 6982\n"
	       "0020008304 33333333 -> 9000\n00B0820000 -> 00 9000\n00B0810000 -> 6982 # only the last one counts\n"
	       "00200081 -> 63C3\n"
	       "80E00300 [ 0004 9F5F5F5F5F5F5F 0000 00 00 81 0001 ] -> 9000 # AC create EF is 01\n"
	       "80F40000 [ C10C 85 0004 9F 0C 9F 33 00 00 0B 00 81 ] -> 9000\n"
	       "80F40000 [ C2 [ 85 0000 35353535 ] ] -> 9000\n"
	       "80F40000 [ C2 [ 85 0000 36363636 ] ] -> 6982 # written once\n"
	       "80F40000 [ C10C 85 0004 9F 0C 9F 33 00 00 0B 00 81 ] -> 6A89\n");
}

static void current_file(void **state)
{
	(void)state;
	say(&card, "00B0810001 -> 49 9000\n00B0000001 -> 49 9000\n00A4040C [ " AID " ] -> 9000\n00B0000001 -> 6986\n");
}

/* Who was let in during creation is out afterwards. */
static void end_forgets(void **state)
{
	(void)state;
	say(&card,
	    SO " -> 9000\n" CREATE_DF CREATE_PINS CREATE_FILES
	       "0020008104 31323334 -> 9000\n00B0820004 -> 5A6F6E65 9000\n"
	       "80E00200023F01 -> 9000\n00B0820004 -> 6982\n");
}

/* A PUK that another one of the same number replaced is no PUK any more. */
static void replaced_puk(void **state)
{
	(void)state;
	say(&card,
	    SO " -> 9000\n80520200 [ 3F01 0A " AID " ] -> 9000\n"
	       "80E00100 [ 3F01 0A " NAME " 0060 5F 5F 00 00 ] -> 9000\n" CREATE_PINS
	       "80F40000 [ C10C 82 0004 9F 0D 01 33 00 00 00 00 02 ] -> 9000\n"
	       "002C0081 [ 3132333435363738 39393939 ] -> 6985 # no value yet\n"
	       "80F40000 [ C2 [ 82 0000 35353535 ] ] -> 9000\n"
	       "002C0081 [ 3132333435363738 ] -> 63C2\n"
	       "002C0081 [ 3535353539393939 ] -> 9000\n0020008104 39393939 -> 9000\n");
}

static void deletion(void **state)
{
	(void)state;
	say(&card,
	    "00A4000C -> 9000\n80E40000023F01 -> 6982\n" SO " -> 9000\n"
	    "80E40000023F00 -> 6985\n80E40000023F02 -> 6A82\n80E40000013F -> 6700\n80E40100023F01 -> 6A86\n"
	    "80520040 [ 3F02 05 A000000001 ] -> 9000\n"
	    "80E40000023F01 -> 6985 # not the last one\n"
	    "80E40000023F02 -> 9000\n"
	    "80E40000023F01 -> 9000\n"
	    "00A4040C [ " AID " ] -> 6A82\n");
	assert_int_equal(nat_space_used(&card.nv), 0);
	for (uint32_t at = NV_HOME; at + 10 <= card.nv.size; at++)
		assert_memory_not_equal(card.nv.mem + at, "IGATA 1234", 10);
}

int main(void)
{
#define ON_NEW(f) cmocka_unit_test_setup_teardown(f, new_card, close_card)
#define ON_AP(f)  cmocka_unit_test_setup_teardown(f, new_ap, close_card)
	const struct CMUnitTest tests[] = {
	    ON_NEW(delivered),
	    ON_NEW(loading_key),
	    ON_NEW(df_refusals),
	    ON_NEW(ef_refusals),
	    ON_NEW(key_refusals),
	    ON_NEW(guard),
	    ON_AP(files),
	    ON_AP(pins),
	    ON_AP(change_and_reset),
	    ON_NEW(other_pins),
	    ON_AP(current_file),
	    ON_NEW(end_forgets),
	    ON_NEW(replaced_puk),
	    ON_AP(deletion),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
