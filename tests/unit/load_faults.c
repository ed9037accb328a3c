/* With the entrance-card sample, compiled for both chips:
 *
 * The link breaks at every exchange of install and of delete, before the card hears the command or after it; the power
 * fails before every byte that an install or a delete writes. After each fault a stranger finds nothing to use; then
 *
 *   - the same terminal installs again (with its journal): operational, proved;
 *   - another terminal installs (without): operational, or it finds the AP operational already and proves it;
 *   - another terminal deletes: absent, and all of the memory is back. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include "tests/unit/support/load_kit.h"

#include "compiler/description/description.h"
#include "compiler/emit/family.h"
#include "runtime/base/file.h"

static struct kit kit;
static struct sim fresh, installed, broken;

/* What a fault left: the card without power, and the journal as it was. */
static void keep(void)
{
	sim_power_down(&kit.card);
	sim_restore(&broken, &kit.card);
}

static void go_back(void)
{
	sim_restore(&kit.card, &broken);
	diag_reset(&kit.d);
}

static void proved(void)
{
	struct loader w;
	struct verify_report r;
	assert_true(kit_loader(&kit, &w, NULL, true));
	bool ok = load_verify(&w, &kit.img, &kit.values, VERIFY_PROBE, NULL, &r);
	if (!ok)
		diag_print(stderr, &kit.d, "en");
	assert_true(ok);
	verify_report_reset(&r);
	loader_close(&w);
}

/* A second terminal: an empty journal folder. The first one's is put back afterwards. */
static void as_another_terminal(void (*work)(void))
{
	char own[64];
	strcpy(own, kit.dir);
	kit_new_dir(kit.dir);
	work();
	kit_drop_dir(kit.dir);
	strcpy(kit.dir, own);
}

static void install_here(void)
{
	struct install_report r;
	bool ok = kit_install(&kit, NULL, &r);
	if (!ok)
		diag_print(stderr, &kit.d, "en");
	assert_true(ok);
	install_report_reset(&r);
	assert_int_equal(kit_state(&kit), AP_OPERATIONAL);
}

static void install_elsewhere(void)
{
	struct install_report r;
	bool ok = kit_install(&kit, NULL, &r);
	assert_true(ok || kit_fired(&kit.d, DIAG_AP_OPERATIONAL));
	install_report_reset(&r);
	proved();
}

static void delete_elsewhere(void)
{
	struct delete_report x;
	bool ok = kit_delete(&kit, NULL, &x);
	assert_true(ok || kit_fired(&kit.d, DIAG_AP_ABSENT));
	assert_int_equal(kit_state(&kit), AP_ABSENT);
	assert_int_equal(kit.card.family->used(&kit.card), fresh.family->used(&fresh));
}

/* A stranger sees nothing of a half install; an operational one keeps its rules. */
static void nothing_to_use(void)
{
	enum ap_state state = kit_state(&kit);
	assert_true(state == AP_ABSENT || state == AP_HALF || state == AP_OPERATIONAL);
	if (state == AP_OPERATIONAL)
		as_another_terminal(proved);
	else
		kit_stranger(&kit);
}

/* All that must be true of the card that a fault left. */
static void recovers(bool journal)
{
	keep();
	nothing_to_use();
	go_back();
	as_another_terminal(install_elsewhere);
	go_back();
	as_another_terminal(delete_elsewhere);
	if (!journal)
		return;
	go_back();
	install_here();
}

/* The sample takes the place of the kit's own AP, the values of its first card that of the kit's. */
static void take_sample(void)
{
	struct buf xml = {0}, archive = {0};
	struct image *img = &kit.img;
	image_reset(img);
	*img = (struct image){0};
	assert_true(file_read("samples/entrance-card/entrance-card.xml", 1 << 20, &xml, &kit.d));
	const struct description *ap = description_read(&kit.arena, xml.p, xml.n, "entrance-card.xml", &kit.d);
	assert_non_null(ap);
	const struct family *family = family_find(kit.chip->family);
	const struct plan *plan = family->plan(&kit.arena, ap, kit.chip, true, &kit.d);
	assert_non_null(plan);
	assert_true(family->emit(plan, img, &kit.d));
	assert_true(suite_generate(ap->contract, SUITE_PROBE, &img->entry[IMAGE_PROBE], NULL));
	assert_true(suite_generate(ap->contract, SUITE_FULL, &img->entry[IMAGE_FULL], NULL));
	assert_true(image_write(img, NULL, &archive, &kit.d));
	values_reset(&kit.values);
	assert_true(values_from_csv(&kit.values, "samples/entrance-card/cards.csv", 1, &kit.d));
	buf_reset(&archive);
	buf_reset(&xml);
}

static void open_cards(int chip)
{
	struct install_report r;
	kit_open(&kit, chip);
	take_sample();
	assert_true(sim_copy(&fresh, &kit.card));
	assert_true(sim_copy(&broken, &kit.card));
	assert_true(kit_install(&kit, NULL, &r));
	install_report_reset(&r);
	sim_power_down(&kit.card);
	assert_true(sim_copy(&installed, &kit.card));
}

static void close_cards(void)
{
	sim_close(&fresh);
	sim_close(&installed);
	sim_close(&broken);
	kit_close(&kit);
}

/* A card as in `from`, a journal folder of its own. */
static void start(const struct sim *from)
{
	kit_drop_dir(kit.dir);
	kit_new_dir(kit.dir);
	sim_restore(&kit.card, from);
	diag_reset(&kit.d);
}

/* A broken link is no proof against the card. */
static void no_false_alarm(void)
{
	for (size_t i = 0; i < kit.d.n; i++)
		assert_int_not_equal(kit.d.row[i].code, DIAG_INSTALL_UNPROVEN);
}

/* --- the link --- */

static void link_breaks_in_install(void **state)
{
	(void)state;
	for (int chip = 0; chip < KIT_CHIPS; chip++) {
		open_cards(chip);
		for (int kind = FAULT_COMMAND_LOST; kind <= FAULT_RESPONSE_LOST; kind++) {
			bool done = false;
			int64_t n = 0;
			for (; !done; n++) {
				struct install_report r;
				struct link_fault f = {.kind = (enum link_fault_kind)kind,
				    .status = n % 2 == 0 ? LINK_CARD_GONE : LINK_BROKEN,
				    .at = n,
				    .reset_fails = n % 3 == 0};
				start(&fresh);
				done = kit_install(&kit, &f, &r);
				install_report_reset(&r);
				no_false_alarm();
				recovers(true);
			}
			print_message("%s: %d exchanges\n", kit_chips[chip], (int)n);
			assert_true(n > 30);
		}
		close_cards();
	}
}

static void link_breaks_in_delete(void **state)
{
	(void)state;
	for (int chip = 0; chip < KIT_CHIPS; chip++) {
		open_cards(chip);
		for (int kind = FAULT_COMMAND_LOST; kind <= FAULT_RESPONSE_LOST; kind++) {
			bool done = false;
			for (int64_t n = 0; !done; n++) {
				struct delete_report x;
				struct link_fault f = {
				    .kind = (enum link_fault_kind)kind, .status = LINK_CARD_GONE, .at = n};
				start(&installed);
				done = kit_delete(&kit, &f, &x);
				recovers(false);
				/* the same terminal ends what it began, and says so when the card had done it */
				go_back();
				bool gone = kit_state(&kit) == AP_ABSENT;
				bool ok = kit_delete(&kit, NULL, &x);
				assert_int_equal(ok, !done);
				assert_true(done || !gone || kit_fired(&kit.d, DIAG_DELETE_FINISHED));
				assert_int_equal(kit_state(&kit), AP_ABSENT);
			}
		}
		close_cards();
	}
}

/* --- the power --- */

/* Let the power fail before the n-th byte from now on. */
static bool install_cut(int64_t n)
{
	struct loader w;
	struct install_report r = {0};
	struct install_options o = {0};
	assert_true(kit_loader(&kit, &w, NULL, true));
	kit.card.nv.cut = (int64_t)kit.card.nv.written + n;
	bool ok = load_install(&w, &kit.img, &kit.values, &o, &r);
	install_report_reset(&r);
	loader_close(&w);
	return ok;
}

static bool delete_cut(int64_t n)
{
	struct loader w;
	struct delete_report x;
	assert_true(kit_loader(&kit, &w, NULL, true));
	kit.card.nv.cut = (int64_t)kit.card.nv.written + n;
	bool ok = load_delete(&w, kit.img.manifest.aid, kit.img.manifest.aid_len, &kit.img, &x);
	loader_close(&w);
	return ok;
}

static void power_fails_in_install(void **state)
{
	(void)state;
	for (int chip = 0; chip < KIT_CHIPS; chip++) {
		open_cards(chip);
		int64_t n = 0;
		for (bool done = false; !done; n++) {
			start(&fresh);
			done = install_cut(n);
			recovers(true);
		}
		print_message("%s: %d bytes\n", kit_chips[chip], (int)n - 1);
		assert_true(n > 500);
		close_cards();
	}
}

static void power_fails_in_delete(void **state)
{
	(void)state;
	for (int chip = 0; chip < KIT_CHIPS; chip++) {
		open_cards(chip);
		int64_t n = 0;
		for (bool done = false; !done; n++) {
			start(&installed);
			done = delete_cut(n);
			recovers(false);
		}
		print_message("%s: %d bytes\n", kit_chips[chip], (int)n - 1);
		close_cards();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(link_breaks_in_install),
	    cmocka_unit_test(link_breaks_in_delete),
	    cmocka_unit_test(power_fails_in_install),
	    cmocka_unit_test(power_fails_in_delete),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
