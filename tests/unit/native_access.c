/* Access rules as the simulated native cards decode them, against bytes that others made: recorded commands of OpenSC's
 * drivers, and the tables of ISO/IEC 7816-4. */
#include "tests/unit/native_card.h"

#include "runtime/sim/native/iso.h"
#include "runtime/sim/native/starcos.h"

static bool compact(struct compact *out, const char *hex)
{
	uint8_t b[16];
	size_t n = bytes_of(hex, hex + strlen(hex), b, sizeof b);
	return compact_decode(out, rd_of(b, n), 14);
}

static void compact_accepted(void **state)
{
	(void)state;
	struct compact r;
	/* recorded: iasecc-sagem and iasecc-oberthur, READ = PIN, DELETE = PIN, UPDATE = NEVER */
	assert_true(compact(&r, "41 11 11"));
	assert_int_equal(r.scb[AM_EF_READ], 0x11);
	assert_int_equal(r.scb[6], 0x11);
	assert_int_equal(r.scb[AM_EF_UPDATE], SCB_NEVER); /* a bit that is clear */
	/* recorded: READ = ALWAYS, UPDATE = PIN: the higher bit comes first */
	assert_true(compact(&r, "03 11 00"));
	assert_int_equal(r.scb[AM_EF_READ], SCB_ALWAYS);
	assert_int_equal(r.scb[AM_EF_UPDATE], 0x11);
	/* all seven: tables 16 and 17 */
	assert_true(compact(&r, "7F 21 22 23 24 25 26 27"));
	for (int bit = 0; bit < NAT_SCBS; bit++)
		assert_int_equal(r.scb[bit], 0x27 - bit);
	assert_true(compact(&r, "00"));
	for (int bit = 0; bit < NAT_SCBS; bit++)
		assert_int_equal(r.scb[bit], SCB_NEVER);
	assert_true(compact(&r, "01 FF"));
	assert_int_equal(r.scb[0], SCB_NEVER);
	assert_true(compact(&r, "01 B1")); /* both authentications, all of them */
}

static void compact_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
	    "",            /* no access mode byte */
	    "41 11",       /* an SCB too few */
	    "41 11 11 11", /* one too many */
	    "87 00 20 FF", /* b8: proprietary meaning (seen on GIDS key files) */
	    "03 30 00",    /* no SE number (seen on GIDS) */
	    "01 0F",       /* a number and no condition */
	    "01 01",
	    "01 80",
	    "01 10",
	    "01 1F", /* 15 is RFU */
	    "01 41", /* secure messaging */
	    "01 71",
	    "01 7F",
	    "01 C1",
	    "00 00",
	};
	struct compact r;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(compact(&r, bad[i]));
	const uint8_t three[] = {0x01, 0x13};
	assert_true(compact_decode(&r, rd_of(three, 2), 3));
	assert_false(compact_decode(&r, rd_of(three, 2), 2)); /* above the chip's SEs */
}

/* What is decoded and encoded again is the same. */
static void compact_roundtrip(void **state)
{
	(void)state;
	for (unsigned am = 0; am < 128; am++) {
		uint8_t in[8] = {(uint8_t)am};
		size_t n = 1;
		for (unsigned b = am; b != 0; b &= b - 1)
			in[n] = (uint8_t)(0x10 + n), n++;
		struct compact r, again;
		uint8_t kept[COMPACT_SIZE];
		struct buf out = {0};
		assert_true(compact_decode(&r, rd_of(in, n), 14));
		compact_store(kept, &r);
		compact_load(&again, kept);
		compact_encode(&out, &again);
		assert_int_equal(out.n, n);
		assert_memory_equal(out.p, in, n);
		buf_reset(&out);
	}
}

/* --- security environments --- */

static void se(struct nat_se out[NAT_SE_MAX + 1], const char *hex)
{
	uint8_t b[512];
	size_t n = bytes_of(hex, hex + strlen(hex), b, sizeof b);
	se_decode(out, rd_of(b, n));
}

static unsigned there(const struct nat_se *se)
{
	unsigned bits = 0;
	for (unsigned i = 0; i <= NAT_SE_MAX; i++)
		bits |= (unsigned)se[i].there << i;
	return bits;
}

static void environments(void **state)
{
	(void)state;
	struct nat_se s[NAT_SE_MAX + 1];
	se(s, "7B [ 800101 A4 [ 830101 950180 ] ] 7B [ 80010E A4 [ 950108 830181 ] A4 [ 830182 950108 ] ] 000000");
	assert_int_equal(there(s), 1 << 1 | 1 << 14);
	assert_int_equal(s[1].n, 1);
	assert_int_equal(s[1].ref[0], 0x01);
	assert_int_equal(s[1].usage[0], 0x80);
	assert_int_equal(s[14].n, 2);
	assert_int_equal(s[14].ref[0], 0x81);
	assert_int_equal(s[14].ref[1], 0x82);
	assert_int_equal(s[14].usage[1], 0x08);
	se(s, "");
	assert_int_equal(there(s), 0);
	se(s, "0000");
	assert_int_equal(there(s), 0);
	se(s, "7B [ 800102 ]"); /* names nobody */
	assert_int_equal(there(s), 1 << 2);
}

static void environments_refused(void **state)
{
	(void)state;
	struct nat_se s[NAT_SE_MAX + 1];
	static const char *const one[] = {
	    /* this one alone is left out: SE 2 stays */
	    "7B [ 800101 A4 [ 830101 950180 ] ] 7B [ 800101 A4 [ 830102 950180 ] ]", /* said twice */
	    "7B [ 800101 A4 [ 830101 950180 ] ] 7B [ 800101 ] 7B [ 800101 ]",        /* three times */
	    "7B [ 800101 A4 [ 830101 950188 ] ]",                                    /* unknown usage */
	    "7B [ 800101 A4 [ 830101 ] ]",
	    "7B [ 800101 A4 [ 950180 ] ]",               /* incomplete */
	    "7B [ 800101 A4 [ 830101 950180 800101 ] ]", /* an algorithm */
	    "7B [ 800101 A4 [ 830101 830102 950180 ] ]",
	    "7B [ 800101 A4 [ 83020101 950180 ] ]",
	    "7B [ 800101 B4 [ 830101 950180 ] ]", /* another template */
	    "7B [ A4 [ 830101 950180 ] 800101 ]", /* number not first */
	    "7B [ 800100 ]",
	    "7B [ 80010F ]",
	    "7B [ 80011F ]",
	    "7B [ 80020001 ]",
	    "7B [ ]",
	    "7B [ 800101 A4 05 830101950180 ]",
	    "7B [ 800101 A4 [ 830101 950180 ] 00 ]",
	};
	for (size_t i = 0; i < sizeof one / sizeof one[0]; i++) {
		char text[300];
		snprintf(text, sizeof text, "%s 7B [ 800102 A4 [ 830181 950108 ] ] 00", one[i]);
		se(s, text);
		assert_int_equal(there(s) & ~4U, 0);
	}
	static const char *const all[] = {
	    "7B [ 800102 ] 00 7B [ 800101 ]", /* something behind the filler */
	    "7B [ 800102 ] 7B 20 800101",     /* longer than the file */
	    "7B [ 800102 ] 70 [ 800101 ]",    /* not an SE */
	    "7B [ 800102 ] 7B",
	};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		se(s, all[i]);
		assert_int_equal(there(s), 0);
	}
	/* more templates than the card holds */
	char many[1000] = "7B [ 800102 ";
	for (int i = 0; i < 17; i++)
		strcat(many, "A4 06 830181950108 ");
	strcat(many, "]");
	uint8_t b[512];
	size_t n = bytes_of(strchr(many, '8'), many + strlen(many) - 1, b + 3, sizeof b - 3);
	b[0] = 0x7b;
	b[1] = 0x81;
	b[2] = (uint8_t)n;
	se_decode(s, rd_of(b, n + 3));
	assert_int_equal(there(s), 0);
}

/* Bytes of an SE file that are not there or not decodable never open anything; here through the whole card. */
static void rules_on_the_card(void **state)
{
	(void)state;
	struct chip chip = iso_chip();
	struct sim card;
	fresh(&card, &chip);
	assert_int_equal(authenticate(&card, true), SW_OK);
	say(&card,
	    "00E00000 [ 62 [ 820138 83023F01 8405A000000001 81021000 8A0101 8D027B00 8C0100 ] ] -> 9000\n"
	    "00E00000 [ 62 [ 80020060 820109 83027B00 8C020200 ] ] -> 9000\n"
	    "00D60000 [ 7B13 800101 A406 830101 950180 A406 830181 950108"
	    "           7B13 800102 A406 830181 950108 A406 830182 950108"
	    "           7B0B 800104 A406 8301A1 950108" /* a PUK */
	    "           7B0B 800105 A406 830101 950108" /* a global PIN: there is none */
	    "           7B0B 800106 A406 830181 950180" /* a key of the DF: there is none */
	    " ] -> 9000\n"
	    "00DB3FFF [ 70 [ BF8101 [ A0 [ 9A0103 A1 [ 8C022000 ] ] 7F41 [ 800104 810104 820431313131 ] ] ] ] "
	    "-> 9000\n"
	    "00DB3FFF [ 70 [ BF8102 [ A0 [ 9A0103 A1 [ 8C022000 ] ] 7F41 [ 800104 810104 820432323232 ] ] ] ] "
	    "-> 9000\n");
	static const struct {
		uint8_t scb;
		unsigned open; /* bit n: with the authentications n: 1 PIN 1, 2 PIN 2, 4 the key */
	} row[] = {
	    {0x00, 0xff},
	    {0xff, 0x00},
	    {0x11, 0xaa}, /* PIN 1 */
	    {0x91, 0xaa},
	    {0x21, 0xf0}, /* the key */
	    {0xa1, 0xf0},
	    {0x31, 0xfa}, /* the key or PIN 1 */
	    {0xb1, 0xa0}, /* the key and PIN 1 */
	    {0x12, 0xee}, /* PIN 1 or PIN 2 */
	    {0x92, 0x88}, /* PIN 1 and PIN 2 */
	    {0x22, 0x00}, /* no key in SE 2 */
	    {0xa2, 0x00},
	    {0x32, 0xee},
	    {0xb2, 0x00}, /* all conditions, and one that nobody can satisfy */
	    {0x13, 0x00}, /* no SE 3 */
	    {0xb3, 0x00},
	    {0x14, 0x00},
	    {0x15, 0x00},
	    {0x26, 0x00},
	};
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		char line[100];
		snprintf(line, sizeof line, "00E00000 [ 62 [ 80020001 820101 8302%04zX 8C0201%02X ] ] -> 9000\n", i + 1,
		    row[i].scb);
		say(&card, line);
	}
	say(&card, "00440000 -> 9000\n");
	for (unsigned proved = 0; proved < 8; proved++) {
		reset(&card);
		if ((proved & 4) != 0)
			assert_int_equal(authenticate(&card, true), SW_OK);
		say(&card, "00A4040C05A000000001 -> 9000\n");
		if ((proved & 1) != 0)
			say(&card, "0020008104 31313131 -> 9000\n");
		if ((proved & 2) != 0)
			say(&card, "0020008204 32323232 -> 9000\n");
		for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
			char line[100];
			snprintf(line, sizeof line, "00A4020C02%04zX -> 9000\n00B0000000 -> %s # SCB %02X, proved %u\n",
			    i + 1, (row[i].open >> proved & 1) != 0 ? "00 9000" : "6982", row[i].scb, proved);
			say(&card, line);
		}
	}
	/* the SE file is written over: what it said is forgotten at once */
	say(&card,
	    "00A4020C020003 -> 9000\n00B0000000 -> 00 9000\n"
	    "00A4020C027B00 -> 9000\n00D6000001 7C -> 9000\n"
	    "00A4020C020003 -> 9000\n00B0000000 -> 6982\n");
	sim_close(&card);
}

/* What the DF calls its SE file must be an internal EF. */
static void wrong_se_file(void **state)
{
	(void)state;
	struct chip chip = iso_chip();
	struct sim card;
	fresh(&card, &chip);
	for (int kind = 0; kind < 4; kind++) {
		const char *df = kind == 2 ? "" : kind == 3 ? "8D027B02" : "8D027B00";
		char text[600];
		assert_int_equal(authenticate(&card, true), SW_OK);
		snprintf(text, sizeof text,
		    "00A4000C -> 9000\n"
		    "00E00000 [ 62 [ 820138 83023F01 8405A000000001 81021000 8A0101 %s 8C0100 ] ] -> 9000\n"
		    "00E00000 [ 62 [ 80020060 8201%02X 83027B00 8C0100 ] ] -> 9000\n"
		    "00D60000 [ 7B0B 800101 A406 830101 950180 ] -> 9000\n"
		    "00E00000 [ 62 [ 80020001 820101 83020001 8C020121 ] ] -> 9000\n00440000 -> 9000\n"
		    "00B0000000 -> %s\n",
		    df, kind == 1 ? 0x01 : 0x09, kind == 0 ? "00 9000" : "6982");
		say(&card, text);
		sim_close(&card);
		fresh(&card, &chip);
	}
	sim_close(&card);
}

/* --- starcos --- */

static bool df_header(struct starcos_df *f, const char *hex)
{
	uint8_t b[64];
	size_t n = bytes_of(hex, hex + strlen(hex), b, sizeof b);
	return starcos_df_decode(f, rd_of(b, n));
}

static bool ef_header(struct starcos_ef *f, const char *hex)
{
	uint8_t b[64];
	size_t n = bytes_of(hex, hex + strlen(hex), b, sizeof b);
	return starcos_ef_decode(f, rd_of(b, n));
}

/* May it be done: before, and with the local PIN whose state is E? */
static void expect_ac(uint8_t ac, bool before, bool with_pin)
{
	assert_int_equal(starcos_ac_satisfied(ac, STATE_INITIAL, STATE_INITIAL), before);
	assert_int_equal(starcos_ac_satisfied(ac, STATE_INITIAL, 0x0e), with_pin);
}

/* The rows starcos-spk2.3 of the recorded commands, without their APDU headers. */
static void starcos_recorded(void **state)
{
	(void)state;
	struct starcos_df df;
	struct starcos_ef ef;
	assert_true(df_header(&df, "501509D39210003100017F010000000000000004001E1E0000"));
	assert_int_equal(df.fid, 0x5015);
	assert_int_equal(df.name_len, 9);
	assert_memory_equal(df.name, "\xd3\x92\x10\x00\x31\x00\x01\x7f\x01\0\0\0\0\0\0", 16);
	assert_int_equal(df.isf, 0x400);
	expect_ac(df.ac_create_ef, false, true);
	expect_ac(df.ac_create_key, false, true);
	assert_int_equal(starcos_df_check(&df), SW_OK);

	/* transparent 0001 256B R=PIN U=NEVER. NEVER came out as 9F, which is always, and as secure messaging. */
	assert_true(ef_header(&ef, "00011E9F1E9F9F9F9F00000300810100"));
	assert_int_equal(ef.fid, 0x0001);
	assert_int_equal(ef.type, EF_TRANSPARENT);
	assert_int_equal(ef.size, 256);
	expect_ac(ef.ac[EF_AC_READ], false, true);
	expect_ac(ef.ac[EF_AC_WRITE], true, true);
	assert_int_equal(ef.sm, 3);
	assert_int_equal(starcos_ef_check(&ef), SW_WRONG_DATA); /* this chip has no secure messaging */
	ef.sm = 0;
	assert_int_equal(starcos_ef_check(&ef), SW_OK);

	/* linear-fixed 0002 4x32 and cyclic 0005 8x16 */
	assert_true(ef_header(&ef, "00021E9F1E9F9F9F9F00000300820420"));
	assert_int_equal(ef.type, EF_LINEAR_FIXED);
	assert_int_equal(ef.size, 0x0420);
	assert_int_equal(starcos_ef_check(&ef), SW_WRONG_DATA);
	assert_true(ef_header(&ef, "00051E9F1E9F9F9F9F00000300840810"));
	assert_int_equal(ef.fid, 0x0005);
	assert_int_equal(ef.type, EF_CYCLIC);

	/* transparent 0006 64B R=ALWAYS U=PIN */
	assert_true(ef_header(&ef, "00069F1E9F9F9F9F9F00000000810040"));
	assert_int_equal(ef.fid, 0x0006);
	assert_int_equal(ef.size, 64);
	expect_ac(ef.ac[EF_AC_READ], true, true);
	expect_ac(ef.ac[EF_AC_WRITE], false, true);
	assert_int_equal(starcos_ef_check(&ef), SW_OK);
}

/* The same commands as they were recorded, on a card. */
static void starcos_recorded_on_the_card(void **state)
{
	(void)state;
	struct chip chip = starcos_chip();
	struct sim card;
	fresh(&card, &chip);
	say(&card,
	    "002000010849474154412D534F -> 9000\n"
	    "805210000C501509D39210003100017F01 -> 9000\n"
	    "80E0010019501509D39210003100017F010000000000000004001E1E0000 -> 9000\n"
	    "00A4040C09D39210003100017F01 -> 9000\n"
	    "80E003001000011E9F1E9F9F9F9F00000300810100 -> 6A80\n"
	    "80E003001000011E9F1E9F9F9F9F00000000810100 -> 9000 # without its secure messaging\n"
	    "80E003001000021E9F1E9F9F9F9F00000300820420 -> 6A80\n"
	    "80E003001000051E9F1E9F9F9F9F00000300840810 -> 6A80\n"
	    "80E003001000069F1E9F9F9F9F9F00000000810040 -> 9000\n"
	    /* a PIN as pkcs15-starcos.c makes it: KID 83, state E */
	    "80F40000 [ C10C 83 0008 9F 0E 9F 33 00 00 0B 00 81 ] -> 9000\n"
	    "80F40000 [ C2 [ 83 0000 3132333400000000 ] ] -> 9000\n"
	    /* and its PUK: KID 84, (83 & 1F) << 3 | 5 = 1D */
	    "80F40000 [ C10C 84 0008 9F 1D 01 AA 00 00 00 00 02 ] -> 9000\n"
	    "80F40000 [ C2 [ 84 0000 3132333435363738 ] ] -> 9000\n"
	    "00A4000C023F00 -> 9000\n"
	    "80E00200025015 -> 9000\n");
	reset(&card);
	say(&card,
	    "00A4040C09D39210003100017F01 -> 9000\n"
	    "00A40200020001 -> 6F 07 80020100 820101 9000\n"
	    "00B0810001 -> 6982\n"
	    "00D6810001 01 -> 9000 # NEVER was asked, always was written\n"
	    "00B0860001 -> 00 9000\n"
	    "00D6860001 01 -> 6982\n"
	    "0020008304 31323334 -> 9000\n"
	    "00B0810001 -> 01 9000\n"
	    "00D6860001 01 -> 9000\n"
	    "002C0083 [ 3132333435363738 34333231 ] -> 9000\n"
	    "0020008304 34333231 -> 9000\n");
	sim_close(&card);
}

static void starcos_conditions(void **state)
{
	(void)state;
	for (unsigned ac = 0; ac < 256; ac++) {
		bool known = ac == 0x9f || ac == 0x5f || ac < 0x20;
		assert_int_equal(starcos_ac_ok((uint8_t)ac), known);
		for (unsigned global = 0; global <= STATE_INITIAL; global++)
			for (unsigned local = 0; local <= STATE_INITIAL; local++) {
				bool want = ac == 0x9f || (ac < 0x10 && global == ac) ||
				    (ac >= 0x10 && ac < 0x20 && local == ac - 0x10);
				assert_int_equal(
				    starcos_ac_satisfied((uint8_t)ac, (uint8_t)global, (uint8_t)local), want);
			}
	}
	struct starcos_ef ef;
	struct starcos_df df;
	assert_false(ef_header(&ef, "00069F1E9F9F9F9F9F000000008100"));
	assert_false(ef_header(&ef, "00069F1E9F9F9F9F9F0000000081004000"));
	assert_false(df_header(&df, "501509D39210003100017F010000000000000004001E1E00"));
	assert_false(df_header(&df, "501509D39210003100017F010000000000000004001E1E000000"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(compact_accepted),
	    cmocka_unit_test(compact_refused),
	    cmocka_unit_test(compact_roundtrip),
	    cmocka_unit_test(environments),
	    cmocka_unit_test(environments_refused),
	    cmocka_unit_test(rules_on_the_card),
	    cmocka_unit_test(wrong_se_file),
	    cmocka_unit_test(starcos_recorded),
	    cmocka_unit_test(starcos_recorded_on_the_card),
	    cmocka_unit_test(starcos_conditions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
