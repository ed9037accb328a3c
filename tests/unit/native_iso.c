/* The simulated card of the dialect iso-compact: a life in APDUs, every refusal, every limit. */
#include "tests/unit/native_card.h"

static struct sim card;

static int new_card(void **state)
{
	struct chip chip = iso_chip();
	(void)state;
	fresh(&card, &chip);
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
	uint8_t atr[SIM_ATR_MAX];
	assert_int_equal(sim_atr(&card, atr), 4);
	say(&card,
	    "00A4000C023F00 -> 9000\n"
	    "00A4000C -> 9000\n"
	    "00A40000023F00 -> 6F 0A 820138 83023F00 8A0105 9000\n"
	    "00A40004023F00 -> 62 0A 820138 83023F00 8A0105 9000\n"
	    "00A4040C0AD3921000310001FFFF01 -> 6A82\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(delivered, new_card, close_card),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
