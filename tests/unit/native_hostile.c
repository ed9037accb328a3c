/* A card file that somebody wrote: any bytes as memory of a simulated native card. It answers or it is dead; it neither
 * crashes nor hangs. The fuzz target sim_native goes on from here. */
#include "tests/unit/native_card.h"

#define AID "D3921000310001FFFF01"

static struct sim original, card;

static int make(void **state, bool starcos)
{
	struct chip chip = starcos ? starcos_chip() : iso_chip();
	(void)state;
	set_number(&chip, CHIP_MEMORY, 1500);
	set_number(&chip, CHIP_DF_MAX, 1400);
	fresh(&original, &chip);
	if (starcos)
		say(&original,
		    "002000010849474154412D534F -> 9000\n"
		    "80520200 [ 3F01 0A " AID " ] -> 9000\n"
		    "80E00100 [ 3F01 0A " AID "000000000000 0028 5F 5F 00 00 ] -> 9000\n"
		    "80F40000 [ C10C 81 0008 9F 0E 9F 33 00 00 0B 00 81 ] -> 9000\n"
		    "80F40000 [ C2 [ 81 0000 3132333400000000 ] ] -> 9000\n"
		    "80E00300 [ 0001 1E1E5F5F5F5F5F 0000 00 00 81 0040 ] -> 9000\n"
		    "80E00200023F01 -> 9000\n");
	else {
		assert_int_equal(authenticate(&original, true), SW_OK);
		say(&original,
		    "00E00000 [ 62 [ 820138 83023F01 840A" AID " 81020200 8A0101 8D027B00 8C024021 ] ] -> 9000\n"
		    "00E00000 [ 62 [ 80020040 820109 83027B00 8C0100 ] ] -> 9000\n"
		    "00D60000 [ 7B0B 800101 A406 830101 950180 7B0B 800102 A406 830181 950108 ] -> 9000\n"
		    "00DB3FFF [ 70 [ BF8101 [ A0 [ 9A0103 A1 [ 8C03600000 ] ] "
		    "7F41 [ 800104 810104 820431323334 ] ] ] ] -> 9000\n"
		    "00E00000 [ 62 [ 80020040 820101 83020001 880108 8C03031212 ] ] -> 9000\n"
		    "00440000 -> 9000\n");
	}
	assert_true(sim_copy(&card, &original));
	return 0;
}

static int make_iso(void **state)
{
	return make(state, false);
}

static int make_starcos(void **state)
{
	return make(state, true);
}

static int drop(void **state)
{
	(void)state;
	sim_close(&card);
	sim_close(&original);
	return 0;
}

static bool dead(void)
{
	return ((const struct nat_session *)card.ram)->dead;
}

/* Everything is tried; what it answers is the card's affair. Returns how many commands were granted. */
static unsigned poke(void)
{
	static const char *const command[] = {
	    "00A4000C023F00",
	    "00A40400 [ " AID " ]",
	    "00A4040001D3",
	    "00A4040201D3",
	    "00A40404 [ " AID " ]",
	    "00B0810000",
	    "00D68100 [ 0102 ]",
	    "00A40200020001",
	    "00200081",
	    "0020008104 31323334",
	    "00B0810000",
	    "00D68100 [ 0102 ]",
	    "00240081 [ 3132333435363738 ]",
	    "00240081 [ 3132333400000000 35363738 ]",
	    "002C0081 [ 3132333435363738 31323334 ]",
	    "0044000000",
	    "00E00000 [ 62 [ 80020010 820101 83020002 8C0100 ] ]",
	    "00DB3FFF [ 70 [ BF8101 [ 7F41 [ 800104 810104 820431323334 ] ] ] ]",
	    "80E00300 [ 0002 9F9F5F5F5F5F5F 0000 00 00 81 0010 ]",
	    "80F40000 [ C10C 83 0008 9F 0E 9F 33 00 00 0B 00 81 ]",
	    "00A4000C",
	    "00E40000023F01",
	    "002000010849474154412D534F",
	    "80520040 [ 3F02 05 A000000001 ]",
	    "80E40000023F02",
	};
	uint8_t cmd[300];
	unsigned granted = 0;
	for (size_t i = 0; i < sizeof command / sizeof command[0]; i++) {
		size_t n = bytes_of(command[i], command[i] + strlen(command[i]), cmd, sizeof cmd);
		sw_t sw = ask(&card, cmd, n);
		assert_int_not_equal(sw, 0);
		assert_true(!dead() || sw == SW_MEMORY_FAILURE);
		granted += sw == SW_OK;
	}
	return granted;
}

static void every_byte(void **state)
{
	(void)state;
	unsigned lived = 0, died = 0;
	uint8_t atr[SIM_ATR_MAX];
	for (uint32_t at = 0; at < card.nv.size; at++)
		for (unsigned way = 0; way < 4; way++) {
			sim_restore(&card, &original);
			uint8_t old = card.nv.mem[at];
			card.nv.mem[at] = (uint8_t)(way == 0 ? old + 1
				: way == 1                   ? old ^ 0x80
				: way == 2                   ? 0xff
							     : 0x00);
			sim_power_up(&card);
			lived += !dead();
			died += dead();
			assert_true(sim_atr(&card, atr) <= SIM_ATR_MAX);
			poke();
			sim_power_up(&card);
		}
	assert_true(lived > 1000 && died > 100);
}

static void any_memory(void **state)
{
	(void)state;
	uint32_t seed = 1;
	for (unsigned run = 0; run < 2000; run++) {
		sim_restore(&card, &original);
		/* all of it, or all behind the card block, or some of it */
		uint32_t from = run % 3 == 0 ? 0 : run % 3 == 1 ? CARD_SLOTS : CARD_SLOTS + DF_SLOT;
		for (uint32_t at = from; at < card.nv.size; at++) {
			seed = seed * 1664525 + 1013904223;
			if (run % 3 != 2 || seed % 97 == 0)
				card.nv.mem[at] = (uint8_t)(seed >> 24);
		}
		sim_power_up(&card);
		poke();
		sim_power_up(&card);
	}
	memset(card.nv.mem, 0, card.nv.size);
	sim_power_up(&card);
	assert_true(dead());
	assert_int_equal(poke(), 0);
	memset(card.nv.mem, 0xff, card.nv.size);
	sim_power_up(&card);
	assert_true(dead());
	assert_int_equal(poke(), 0);
}

static void put(uint32_t at, uint32_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		card.nv.mem[at + i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
}

/* What does not hold together is dead at once. DF 1 is in slot 0; a second slot is made of it. */
static void incoherent(void **state)
{
	(void)state;
	const uint32_t df = CARD_SLOTS;
	const struct {
		uint32_t at, v;
		unsigned bytes;
	} row[] = {
	    {CARD_MAGIC, 0, 4},
	    {CARD_DIALECT, 3, 1},
	    {CARD_PAGE_SHIFT, 17, 1},
	    {CARD_PAGE_SHIFT, 3, 1},
	    {CARD_PAGES, 0, 2},
	    {CARD_PAGES, 1024, 2},
	    {CARD_OVERHEAD, 8, 2},
	    {CARD_PIN_MAX, 64, 1},
	    {CARD_COMMAND_DATA, 4096, 4},
	    {CARD_KEY_LEN, 24, 1},
	    {CARD_KEY_LEFT, 11, 1},
	    {CARD_ATR_LEN, 34, 1},
	    {df + DF_STATE, 2, 1},
	    {df + DF_NAME_LEN, 17, 1},
	    {df + DF_NAME_LEN, 0, 1},
	    {df + DF_FID, 0x3f00, 2},
	    {df + DF_FIRST, 1000, 2},
	    {df + DF_PAGES, 1, 2},
	    {df + DF_PAGES, 500, 2},
	    {df + DF_QUOTA, 0x10000, 4},
	    {df + DF_QUOTA, 0x10, 4},
	    {df + DF_USED, 0x300, 4},
	    {df + DF_USED, 0x51, 4},
	    {df + DF_ISF, 0x100, 2},
	    {df + DF_ISF_USED, 0x101, 2},
	    {CARD_MAP, 0, 2},     /* a page that follows itself */
	    {CARD_MAP + 4, 1, 2}, /* and one that goes back */
	    {CARD_MAP + 4, 999, 2},
	};
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		sim_restore(&card, &original);
		put(row[i].at, row[i].v, row[i].bytes);
		sim_power_up(&card);
		assert_true(dead());
		assert_int_equal(poke(), 0);
	}
	sim_restore(&card, &original);
	memcpy(card.nv.mem + df + DF_SLOT, card.nv.mem + df, DF_SLOT); /* two DFs with the same pages */
	sim_power_up(&card);
	assert_true(dead());
	sim_restore(&card, &original);
	sim_power_up(&card);
	assert_false(dead());
	assert_true(poke() > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(every_byte, make_iso, drop),
	    cmocka_unit_test_setup_teardown(every_byte, make_starcos, drop),
	    cmocka_unit_test_setup_teardown(incoherent, make_iso, drop),
	    cmocka_unit_test_setup_teardown(incoherent, make_starcos, drop),
	    cmocka_unit_test_setup_teardown(any_memory, make_iso, drop),
	    cmocka_unit_test_setup_teardown(any_memory, make_starcos, drop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
