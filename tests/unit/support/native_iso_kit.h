/* An AP on a card of the dialect iso-compact, written by hand from the card's manual. Include instead of native_card.h.
 */
#ifndef IGATA_TESTS_NATIVE_ISO_KIT_H
#define IGATA_TESTS_NATIVE_ISO_KIT_H

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

static inline int new_card(void **state)
{
	struct chip chip = iso_chip();
	(void)state;
	fresh(&card, &chip);
	return 0;
}

static inline void create(void)
{
	assert_int_equal(authenticate(&card, true), SW_OK);
	say(&card, CREATE_DF CREATE_SE CREATE_PINS CREATE_FILES);
}

/* The AP activated and the card reset. */
static inline int new_ap(void **state)
{
	new_card(state);
	create();
	say(&card, "00440000 -> 9000\n");
	reset(&card);
	say(&card, "00A4040C [ " AID " ] -> 9000\n");
	return 0;
}

static inline int close_card(void **state)
{
	(void)state;
	sim_close(&card);
	return 0;
}

/* --- the card as delivered --- */

#define ON_NEW(f) cmocka_unit_test_setup_teardown(f, new_card, close_card)
#define ON_AP(f)  cmocka_unit_test_setup_teardown(f, new_ap, close_card)

#endif
