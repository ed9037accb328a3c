/* Limits of the simulated native cards: memory, numbers of files and PINs, facts of the chip. Memory of a deleted DF
 * comes back, all of it and always. */
#include "tests/unit/native_card.h"

static struct sim card;

static void start(const struct chip *chip)
{
	fresh(&card, chip);
	if (strcmp(chip->dialect, "starcos") == 0)
		say(&card, "002000010849474154412D534F -> 9000\n");
	else
		assert_int_equal(authenticate(&card, true), SW_OK);
}

static int close_card(void **state)
{
	(void)state;
	sim_close(&card);
	return 0;
}

/* CREATE of a DF or EF on either dialect; the status word. */
static sw_t create_df(unsigned fid, unsigned quota)
{
	char text[200];
	uint8_t cmd[128];
	bool starcos = strcmp(card.chip, "starcos-test") == 0;
	assert_int_equal(ask(&card, (const uint8_t *)"\x00\xa4\x00\x0c", 4), SW_OK);
	if (starcos)
		snprintf(text, sizeof text, "8052%04X [ %04X 07 A0000000 00%04X ]", quota, fid, fid);
	else
		snprintf(text, sizeof text,
		    "00E00000 [ 62 [ 820138 8302%04X 8407 A0000000 00%04X 8102%04X 8A0101 8C0100 ] ]", fid, fid, quota);
	sw_t sw = ask(&card, cmd, bytes_of(text, text + strlen(text), cmd, sizeof cmd));
	if (!starcos || sw != SW_OK)
		return sw;
	snprintf(text, sizeof text, "80E00100 [ %04X 07 A0000000 00%04X 000000000000000000 0000 5F5F0000 ]", fid, fid);
	return ask(&card, cmd, bytes_of(text, text + strlen(text), cmd, sizeof cmd));
}

static sw_t create_ef(unsigned fid, unsigned size)
{
	char text[200];
	uint8_t cmd[128];
	if (strcmp(card.chip, "starcos-test") == 0)
		snprintf(text, sizeof text, "80E00300 [ %04X 9F9F5F5F5F5F5F 0000 00 00 81 %04X ]", fid, size);
	else
		snprintf(text, sizeof text, "00E00000 [ 62 [ 8002%04X 820101 8302%04X 8C03030000 ] ]", size, fid);
	return ask(&card, cmd, bytes_of(text, text + strlen(text), cmd, sizeof cmd));
}

static sw_t delete_df(unsigned fid)
{
	uint8_t cmd[] = {0x00, 0xe4, 0x00, 0x00, 0x02, (uint8_t)(fid >> 8), (uint8_t)fid};
	cmd[0] = strcmp(card.chip, "starcos-test") == 0 ? 0x80 : 0x00;
	assert_int_equal(ask(&card, (const uint8_t *)"\x00\xa4\x00\x0c", 4), SW_OK);
	return ask(&card, cmd, sizeof cmd);
}

/* --- sizes --- */

/* Everything that the facts promise: a DF of the largest size, in it files that fill it to the last byte. */
static void to_the_last_byte(void **state)
{
	(void)state;
	const struct {
		struct chip chip;
		unsigned df, overhead, file;
	} row[] = {{iso_chip(), 32704, 32, 32672}, {starcos_chip(), 8160, 24, 8128}};
	for (size_t i = 0; i < 2; i++) {
		start(&row[i].chip);
		assert_int_equal(create_df(0x3f01, row[i].df + 1), SW_NO_MEMORY);
		assert_int_equal(create_df(0x3f01, row[i].df), SW_OK);
		assert_int_equal(create_df(0x3f02, 1), SW_NO_MEMORY);
		assert_int_equal(ask(&card, (const uint8_t *)"\x00\xa4\x01\x0c\x02\x3f\x01", 7), SW_OK);
		assert_int_equal(create_ef(1, row[i].file + 1), SW_NO_MEMORY);
		unsigned left = row[i].df;
		assert_int_equal(create_ef(1, 1000), SW_OK);
		left -= 1000 + row[i].overhead;
		assert_int_equal(create_ef(2, left - row[i].overhead + 1), SW_NO_MEMORY);
		assert_int_equal(create_ef(2, left - row[i].overhead), SW_OK);
		assert_int_equal(create_ef(3, 1), SW_NO_MEMORY);
		assert_int_equal(delete_df(0x3f01), SW_OK);
		assert_int_equal(create_df(0x3f02, row[i].df), SW_OK);
		sim_close(&card);
	}
}

/* The last bytes of a long file are its own, and the offset form reaches them. */
static void long_file(void **state)
{
	(void)state;
	struct chip chip = iso_chip();
	start(&chip);
	assert_int_equal(create_df(0x3f01, 32700), SW_OK);
	assert_int_equal(create_ef(1, 32600), SW_OK);
	assert_int_equal(create_ef(2, 4), SW_OK);
	say(&card,
	    "00A4020C020002 -> 9000\n00D60000 04 AABBCCDD -> 9000\n"
	    "00A4020C020001 -> 9000\n"
	    "00D67F56 02 1122 -> 9000\n00D67F57 02 1122 -> 6A84\n00B07F57 00 -> 22 9000\n00B07F5800 -> 6B00\n"
	    "00B07F5602 -> 1122 9000\n"
	    "00A4020C020002 -> 9000\n00B0000000 -> AABBCCDD 9000\n");
	/* Le 00 gives one whole response of a longer file; explicit values cross pages */
	uint8_t fill[5 + 255] = {0x00, 0xd6, 0x81, 0x00, 0xff}, get[5] = {0x00, 0xb0, 0x00, 0x00, 0x00};
	struct buf rsp = {0};
	for (int i = 0; i < 255; i++)
		fill[5 + i] = (uint8_t)i;
	ask(&card, (const uint8_t *)"\x00\xa4\x02\x0c\x02\x00\x01", 7);
	fill[2] = 0x12;
	fill[3] = 0x34;
	assert_int_equal(ask(&card, fill, sizeof fill), SW_OK);
	get[2] = 0x12;
	get[3] = 0x34;
	sim_apdu(&card, get, sizeof get, &rsp);
	assert_int_equal(rsp.n, 258);
	assert_memory_equal(rsp.p, fill + 5, 255);
	buf_reset(&rsp);
}

/* A chip with smaller buffers, and one with extended length. */
static void buffers(void **state)
{
	(void)state;
	struct chip chip = iso_chip();
	set_number(&chip, CHIP_COMMAND_DATA, 128);
	set_number(&chip, CHIP_RESPONSE_DATA, 16);
	start(&chip);
	assert_int_equal(create_df(0x3f01, 1000), SW_OK);
	assert_int_equal(create_ef(1, 300), SW_OK);
	uint8_t cmd[5 + 129] = {0x00, 0xd6, 0x00, 0x00, 129};
	assert_int_equal(ask(&card, cmd, 5 + 129), SW_WRONG_LENGTH);
	cmd[4] = 128;
	assert_int_equal(ask(&card, cmd, 5 + 128), SW_OK);
	say(&card,
	    "00B0000010 -> 00000000000000000000000000000000 9000\n"
	    "00B0000011 -> 6700\n"
	    "00B0000000 -> 00000000000000000000000000000000 9000\n"
	    "00B00000000010 -> 6700\n");
	sim_close(&card);

	set_number(&chip, CHIP_COMMAND_DATA, 300);
	set_number(&chip, CHIP_RESPONSE_DATA, 1000);
	set_text(&chip, CHIP_EXTENDED, "yes");
	start(&chip);
	assert_int_equal(create_df(0x3f01, 1000), SW_OK);
	assert_int_equal(create_ef(1, 300), SW_OK);
	uint8_t big[7 + 300] = {0x00, 0xd6, 0x00, 0x00, 0x00, 0x01, 0x2c}, all[] = {0, 0xb0, 0, 0, 0, 0, 0};
	struct buf rsp = {0};
	for (int i = 0; i < 300; i++)
		big[7 + i] = (uint8_t)(i * 7);
	assert_int_equal(ask(&card, big, sizeof big), SW_OK);
	sim_apdu(&card, all, sizeof all, &rsp);
	assert_int_equal(rsp.n, 302);
	assert_memory_equal(rsp.p, big + 7, 300);
	buf_reset(&rsp);
	say(&card, "00B0000000 03E9 -> 6700\n00B00100 000064 -> * 6282\n");
}

static void page_sizes(void **state)
{
	(void)state;
	static const uint32_t memory[] = {1, 33, 1000, 8192, 32768, 32769, 65536, 400000};
	for (size_t i = 0; i < sizeof memory / sizeof memory[0]; i++) {
		struct chip chip = iso_chip();
		set_number(&chip, CHIP_MEMORY, memory[i]);
		set_number(&chip, CHIP_DF_OVERHEAD, 0);
		set_number(&chip, CHIP_DF_MAX, 65535);
		start(&chip);
		assert_true(card.nv.size >= memory[i] + NV_LOG_SIZE);
		assert_true(card.nv.size <= memory[i] + memory[i] / 8 + 4096 + NV_LOG_SIZE);
		unsigned whole = memory[i] > 65535 ? 65535 : memory[i];
		assert_int_equal(create_df(0x3f01, whole), SW_OK);
		if (whole > 64)
			assert_int_equal(create_ef(1, 30), SW_OK);
		sim_close(&card);
	}
}

/* --- numbers --- */

static void numbers(void **state)
{
	(void)state;
	struct chip chip = iso_chip();
	start(&chip);
	for (unsigned i = 0; i < NAT_SLOTS; i++)
		assert_int_equal(create_df(0x4000 + i, 100), SW_OK);
	assert_int_equal(create_df(0x5000, 100), SW_NO_MEMORY);
	assert_int_equal(delete_df(0x4003), SW_OK);
	assert_int_equal(create_df(0x5000, 100), SW_OK);
	sim_close(&card);

	start(&chip);
	assert_int_equal(create_df(0x3f01, 20000), SW_OK);
	for (unsigned i = 1; i <= 64; i++)
		assert_int_equal(create_ef(i, 2), SW_OK);
	assert_int_equal(create_ef(65, 2), SW_NO_MEMORY);
	for (unsigned nn = 1; nn <= 15; nn++) {
		char line[120];
		snprintf(line, sizeof line, "00DB3FFF [ 70 [ BF81%02X [ A0 [ 9A0103 A1 [ 8C0100 ] ] ] ] ] -> %s\n", nn,
		    nn <= 14 ? "9000" : "6A84");
		say(&card, line);
		snprintf(line, sizeof line, "00DB3FFF [ 70 [ BF81%02X [ A0 [ 9A0103 A1 [ 8C0100 ] ] ] ] ] -> 9000\n",
		    nn | 0x20);
		say(&card, line);
	}
	say(&card,
	    "00E00000 [ 62 [ 80020010 820109 83027B00 8C0100 ] ] -> 9000 # the SE file is not one of 64\n"
	    "00440000 -> 9000\n");
	reset(&card);
	say(&card, "00A4040C07A0000000003F01 -> 9000\n00A4020C020040 -> 9000\n");
	sim_close(&card);

	/* internal EFs are not counted, but objects are */
	start(&chip);
	assert_int_equal(create_df(0x3f01, 20000), SW_OK);
	for (unsigned i = 1; i <= NAT_OBJECTS_MAX + 1; i++) {
		char line[120];
		snprintf(line, sizeof line, "00E00000 [ 62 [ 80020001 820109 8302%04X 8C0100 ] ] -> %s\n", i,
		    i <= NAT_OBJECTS_MAX ? "9000" : "6A84");
		say(&card, line);
	}
	reset(&card);
	say(&card, "00A4040C07A0000000003F01 -> 9000\n00A4020C0200A0 -> 9000\n");
	sim_close(&card);

	set_number(&chip, CHIP_DF_MAX, 1000);
	start(&chip);
	assert_int_equal(create_df(0x3f01, 1001), SW_NO_MEMORY);
	assert_int_equal(create_df(0x3f01, 1000), SW_OK);
	sim_close(&card);

	struct chip star = starcos_chip();
	start(&star);
	assert_int_equal(create_df(0x3f01, 8000), SW_OK);
	for (unsigned i = 1; i <= 30; i++)
		assert_int_equal(create_ef(i, 2), SW_OK);
	assert_int_equal(create_ef(31, 2), SW_NO_MEMORY);
	assert_int_equal(delete_df(0x3f01), SW_OK);
	say(&card,
	    "80521000 [ 3F01 05 A000000001 ] -> 9000\n"
	    "80E00100 [ 3F01 05 A0000000010000000000000000000000 0200 5F5F0000 ] -> 9000\n");
	for (unsigned kid = 0x81; kid <= 0x88; kid++) {
		char line[100];
		snprintf(line, sizeof line, "80F40000 [ C10C %02X 0008 9F 0E 9F 33 00 00 0B 00 81 ] -> %s\n", kid,
		    kid <= 0x87 ? "9000" : "6A84");
		say(&card, line);
	}
}

/* The room of PINs is counted as the facts say. */
static void pin_room(void **state)
{
	(void)state;
	struct chip chip = iso_chip();
	start(&chip);
	assert_int_equal(create_df(0x3f01, 2 * 48 + 32 + 7), SW_OK);
	say(&card,
	    "00DB3FFF [ 70 [ BF8101 [ A0 [ 9A0103 A1 [ 8C0100 ] ] ] ] ] -> 9000\n"
	    "00DB3FFF [ 70 [ BF8121 [ A0 [ 9A0103 A1 [ 8C0100 ] ] ] ] ] -> 9000\n"
	    "00DB3FFF [ 70 [ BF8102 [ A0 [ 9A0103 A1 [ 8C0100 ] ] ] ] ] -> 6A84\n"
	    "00E00000 [ 62 [ 80020008 820101 83020001 8C0100 ] ] -> 6A84\n"
	    "00E00000 [ 62 [ 80020007 820101 83020001 8C0100 ] ] -> 9000\n"
	    "00DB3FFF [ 70 [ BF8101 [ 7F41 [ 800110 810110 8210 31313131313131313131313131313131 ] ] ] ] -> 9000\n"
	    "00B0000000 -> 00000000000000 9000\n0020008110 31313131313131313131313131313131 -> 9000\n");
}

/* --- reclaim --- */

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* A thousand DFs come and go in any order; never more than what lives is in use, and in the end all is free. */
static void reclaim(void **state)
{
	(void)state;
	struct chip chip = iso_chip();
	unsigned quota[NAT_SLOTS] = {0}, refused = 0, made = 0;
	uint32_t seed = 7;
	start(&chip);
	for (int i = 0; i < 2000; i++) {
		unsigned k = next_random(&seed) % NAT_SLOTS;
		if (quota[k] != 0) {
			assert_int_equal(delete_df(0x4000 + k), SW_OK);
			quota[k] = 0;
		} else {
			unsigned want = 40 + next_random(&seed) % (k % 4 == 0 ? 12000 : 2500), used = 0;
			for (unsigned j = 0; j < NAT_SLOTS; j++)
				used += quota[j] == 0 ? 0 : (quota[j] + 64 + 31) / 32 * 32;
			bool room = used + (want + 64 + 31) / 32 * 32 <= 32768;
			assert_int_equal(nat_space_used(&card.nv), used);
			assert_int_equal(create_df(0x4000 + k, want), room ? SW_OK : SW_NO_MEMORY);
			refused += !room;
			made += room;
			if (!room)
				continue;
			quota[k] = want;
			assert_int_equal(create_ef(1, want - 32 - want % 7), SW_OK);
			uint8_t mark[] = {0x00, 0xd6, 0x00, 0x00, 0x01, (uint8_t)k};
			assert_int_equal(ask(&card, mark, sizeof mark), SW_OK);
		}
		/* every other DF still has its own byte */
		for (unsigned j = 0; j < NAT_SLOTS && i % 50 == 0; j++) {
			char line[120];
			snprintf(line, sizeof line,
			    "00A4040C07A000000000%04X -> 9000\n00A4020C020001 -> 9000\n00B0000001 -> %02X 9000\n",
			    0x4000 + j, j);
			if (quota[j] != 0)
				say(&card, line);
		}
		if (i % 100 == 99) {
			reset(&card);
			assert_int_equal(authenticate(&card, true), SW_OK);
		}
	}
	assert_true(made >= 500 && refused >= 20);
	for (unsigned j = 0; j < NAT_SLOTS; j++)
		if (quota[j] != 0)
			assert_int_equal(delete_df(0x4000 + j), SW_OK);
	assert_int_equal(nat_space_used(&card.nv), 0);
	assert_int_equal(create_df(0x3f01, 32704), SW_OK);
}

static void thousand_lives(void **state)
{
	(void)state;
	struct chip chips[] = {iso_chip(), starcos_chip()};
	for (size_t c = 0; c < 2; c++) {
		start(&chips[c]);
		for (unsigned i = 0; i < 1000; i++) {
			unsigned quota = 100 + i * 37 % 7000;
			assert_int_equal(create_df(0x3f01, quota), SW_OK);
			assert_int_equal(create_ef(1, quota - 40), SW_OK);
			assert_int_equal(delete_df(0x3f01), SW_OK);
		}
		assert_int_equal(nat_space_used(&card.nv), 0);
		assert_int_equal(create_df(0x3f01, c == 0 ? 32704 : 8160), SW_OK);
		sim_close(&card);
	}
}

/* Starcos gives back the last one only, whichever slot it has. */
static void last_only(void **state)
{
	(void)state;
	struct chip chip = starcos_chip();
	start(&chip);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(create_df(0x4000 + i, 300), SW_OK);
	assert_int_equal(delete_df(0x4002), SW_CONDITIONS_OF_USE);
	assert_int_equal(delete_df(0x4003), SW_OK);
	assert_int_equal(delete_df(0x4002), SW_OK);
	assert_int_equal(create_df(0x4009, 300), SW_OK);
	assert_int_equal(delete_df(0x4001), SW_CONDITIONS_OF_USE);
	assert_int_equal(delete_df(0x4009), SW_OK);
	assert_int_equal(delete_df(0x4001), SW_OK);
	assert_int_equal(delete_df(0x4000), SW_OK);
	assert_int_equal(nat_space_used(&card.nv), 0);
}

/* --- facts --- */

static void expect_refused(struct chip chip, enum diag_code code)
{
	struct diag_list d = {0};
	assert_false(sim_new_in_memory(&card, &chip, NULL, 1, &d));
	assert_true(d.n >= 1);
	assert_int_equal(d.row[0].code, code);
	diag_reset(&d);
}

static void facts_refused(void **state)
{
	(void)state;
	static const struct {
		enum chip_fact_name fact;
		uint32_t value;
	} limit[] = {
	    {CHIP_FILE_OVERHEAD, 23},
	    {CHIP_FILE_OVERHEAD, 257},
	    {CHIP_PIN_MAX, 0},
	    {CHIP_PIN_MAX, 33},
	    {CHIP_PIN_MIN, 17},
	    {CHIP_PIN_SIZE, 47},
	    {CHIP_SE_COUNT, 15},
	    {CHIP_PIN_REF, 32},
	    {CHIP_PIN_TRIES, 16},
	    {CHIP_PUK_TRIES, 0},
	    {CHIP_FILE_COUNT, 0},
	    {CHIP_COMMAND_DATA, 4000},
	    {CHIP_RESPONSE_DATA, 65537},
	};
	for (size_t i = 0; i < sizeof limit / sizeof limit[0]; i++) {
		struct chip chip = iso_chip();
		set_number(&chip, limit[i].fact, limit[i].value);
		expect_refused(chip, DIAG_SIM_FACT_LIMIT);
	}
	static const struct {
		enum chip_fact_name fact;
		const char *text;
	} word[] = {
	    {CHIP_AC_CODING, "state"},
	    {CHIP_SFI, "fid"},
	    {CHIP_PIN_PAD, "00"},
	    {CHIP_DELETE, "last"},
	    {CHIP_PIN_TRANSPORT, "yes"},
	    {CHIP_CHANGE_FORMS, "00 01"},
	    {CHIP_READBACK, "fci"},
	    {CHIP_LOADING, "verify"},
	};
	for (size_t i = 0; i < sizeof word / sizeof word[0]; i++) {
		struct chip chip = iso_chip();
		set_text(&chip, word[i].fact, word[i].text);
		expect_refused(chip, DIAG_SIM_FACT_DIALECT);
	}
	struct chip none = iso_chip();
	none.fact[CHIP_MEMORY].present = false;
	expect_refused(none, DIAG_SIM_MEMORY);
	none = iso_chip();
	none.dialect = "cardos";
	expect_refused(none, DIAG_SIM_MEMORY);
}

/* Habits that a profile may state otherwise. */
static void habits(void **state)
{
	(void)state;
	struct chip chip = iso_chip();
	set_text(&chip, CHIP_PIN_WRONG_CLEARS, "no");
	set_text(&chip, CHIP_PIN_LENGTH_FIRST, "no");
	set_text(&chip, CHIP_CHANGE_SAME, "no");
	set_text(&chip, CHIP_CHANGE_CLEARS, "no");
	set_text(&chip, CHIP_SELECT_CLEARS, "no");
	set_text(&chip, CHIP_PIN_BLOCKED_SW, "6984");
	set_text(&chip, CHIP_ATR, "3B8C80018031C073D421005449475441B5");
	start(&chip);
	uint8_t atr[SIM_ATR_MAX];
	assert_int_equal(sim_atr(&card, atr), 17);
	assert_memory_equal(atr, "\x3b\x8c\x80", 3);
	say(&card,
	    "00E00000 [ 62 [ 820138 83023F01 8405A000000001 81021000 8A0101 8C0100 ] ] -> 9000\n"
	    "00DB3FFF [ 70 [ BF8101 [ A0 [ 9A0103 A1 [ 8C03600000 ] ] 7F41 [ 800104 810104 820431313131 ] ] ] ] "
	    "-> 9000\n"
	    "00440000 -> 9000\n"
	    "0020008104 31313131 -> 9000\n"
	    "0020008104 31313132 -> 63C2\n00200081 -> 9000 # not cleared\n"
	    "0020008103 313131 -> 63C1 # a try used\n"
	    "00240081 [ 3131313131313131 ] -> 9000 # the same value\n00200081 -> 9000\n"
	    "00A4040C05A000000001 -> 9000\n00200081 -> 9000\n"
	    "00A4000C -> 9000\n00A4040C05A000000001 -> 9000\n00200081 -> 63C3\n"
	    "0020008104 31313132 -> 63C2\n0020008104 31313132 -> 63C1\n0020008104 31313132 -> 63C0\n"
	    "0020008104 31313131 -> 6984\n00200081 -> 6984\n");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_teardown(f, close_card)
	const struct CMUnitTest tests[] = {
	    TEST(to_the_last_byte),
	    TEST(long_file),
	    TEST(buffers),
	    TEST(page_sizes),
	    TEST(numbers),
	    TEST(pin_room),
	    TEST(reclaim),
	    TEST(last_only),
	    TEST(thousand_lives),
	    TEST(facts_refused),
	    TEST(habits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
