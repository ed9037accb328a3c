/* Power cuts on every chip, with the AP of samples/entrance-card installed by the loader: every state-changing command
 * is cut before every byte that it writes (AP contract, section 4). The generated program, and those of tests/fault. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/chip_kit.h"
#include "tests/unit/support/cut_kit.h"

static void by_hand(const struct chip_kit *kit, const struct sim *card)
{
	struct dirent **entry;
	char path[600];
	size_t files = 0;
	int n = scandir("tests/fault", &entry, NULL, alphasort);
	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		const char *dot = strrchr(entry[i]->d_name, '.');
		snprintf(path, sizeof path, "tests/fault/%s", entry[i]->d_name);
		if (dot != NULL && strcmp(dot, ".t") == 0) {
			struct buf text = {0};
			struct diag_list d = {0};
			struct cut_report r;
			assert_true(file_read(path, SUITE_TEXT_MAX, &text, &d));
			bool good =
			    cut_text((char *)text.p, text.n, kit->contract, card, &kit->values, CUT_EVERY_BYTE, &r, &d);
			diag_print(stderr, &d, "en");
			assert_true(good);
			buf_reset(&text);
			diag_reset(&d);
			files++;
		}
		free(entry[i]);
	}
	free(entry);
	assert_true(files >= 1);
}

static void sample_on_every_chip(void **state)
{
	struct chip_kit kit;
	struct sim card;
	size_t n;
	(void)state;
	chip_kit_open(&kit, "samples/entrance-card/entrance-card.xml");
	chip_kit_value(&kit, "CARD-NUMBER", (const uint8_t *)"2026000017", 10, false);
	chip_kit_value(&kit, "PIN", (const uint8_t *)"4071", 4, false);
	chip_kit_value(&kit, "PUK", (const uint8_t *)"82610497", 8, false);
	chip_kit_value(&kit, "ZONES", (const uint8_t *)"A1 A2 LOBBY", 11, false);
	const char **name = chip_kit_names(&kit.arena, &n, &kit.d);
	assert_true(name != NULL && n >= 2);
	for (size_t i = 0; i < n; i++) {
		const struct chip *chip = chip_find(&kit.arena, "chipprofiles", name[i], &kit.d);
		assert_true(chip_kit_install(&kit, chip, &card));
		cut_passes(name[i], kit.contract, &card, &kit.values, CUT_EVERY_BYTE);
		by_hand(&kit, &card);
		sim_close(&card);
	}
	chip_kit_reference(&kit, &card);
	by_hand(&kit, &card);
	sim_close(&card);
	chip_kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(sample_on_every_chip)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
