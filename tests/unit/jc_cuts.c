/* The power fails before every byte that the virtual machine writes: while applets run, while packages are loaded and
 * deleted, while applets are installed; and again while the card recovers. Afterwards everything is as before or as
 * after, and no memory is lost. JCRE 7, 11. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/support/jc_kit.h"

enum { RID = 0x40, STATE_MAX = 64 };

/* What the card's owner can see. */
struct state {
	uint8_t text[STATE_MAX];
	unsigned n;
	uint32_t free;
};

typedef void action(struct kit *k);

static void add(struct state *s, uint32_t v, unsigned bytes)
{
	while (bytes-- > 0)
		s->text[s->n++] = (uint8_t)(v >> 8 * bytes);
}

/* Packages, applets, and of the applet: fields, whether its references are null, static fields, the static array. */
static struct state look(struct kit *k)
{
	struct state s = {.free = jc_memory_free(k->jc, JC_PERSISTENT)};
	uint8_t list[256];
	const uint8_t aid[6] = {0xa0, 0, 0, 6, RID, 1};
	int package = jc_package_by_aid(k->jc, aid, sizeof aid);
	uint16_t object = jc_applet_object(k->jc, 1);
	add(&s, (uint32_t)(package + 1), 2);
	add(&s, jc_applets(k->jc, list), 1);
	if (package < 0)
		return s;
	const uint8_t *image = k->jc->mem + k->jc->image[package - JC_LOADED];
	add(&s, jc_be16(image + 2) != 0, 1);
	for (unsigned i = 4; i < 11; i++)
		add(&s, image[i], 1);
	for (uint16_t i = 0; i < 3; i++)
		add(&s, (uint32_t)jc_element(k->jc, jc_be16(image), i), 1);
	if (object == 0)
		return s;
	add(&s, jc_cell(k->jc, object, 0) != 0, 1);
	for (uint16_t i = 1; i < 5; i++)
		add(&s, jc_cell(k->jc, object, i), 2);
	return s;
}

static bool same(const struct state *a, const struct state *b)
{
	return a->n == b->n && memcmp(a->text, b->text, a->n) == 0;
}

/* An object that was made outside of a transaction and not yet stored stays as garbage when the power fails, as it does
 * when an applet forgets it (JCRE 8.4): then only object deletion gives the memory back. */
static bool garbage_allowed;

static void send(struct kit *k)
{
	if (jc_select(k->jc, 1, 0))
		kit_send(k, 0, "8001000000");
}

static void load(struct kit *k)
{
	uint8_t package;
	struct kit_code c = {.rid_last = RID};
	kit_load(k, &c, &package);
}

static void install(struct kit *k)
{
	uint16_t applet;
	const uint8_t aid[6] = {0xa0, 0, 0, 6, RID, 1};
	kit_install(k, (uint8_t)jc_package_by_aid(k->jc, aid, sizeof aid), RID, &applet);
}

static void delete_applet(struct kit *k)
{
	const uint16_t set[1] = {1};
	kit_delete(k, set, 1, JC_NOBODY);
}

static void delete_all(struct kit *k)
{
	const uint16_t set[1] = {1};
	const uint8_t aid[6] = {0xa0, 0, 0, 6, RID, 1};
	kit_delete(k, set, 1, (uint8_t)jc_package_by_aid(k->jc, aid, sizeof aid));
}

static void put_back(struct kit *k, const uint8_t *snapshot)
{
	memcpy(k->sim.nv.mem, snapshot, k->sim.nv.size);
}

/* The card after power has come back for good, having failed first after `again` bytes of recovery. */
static struct state recovered(struct kit *k, int64_t again)
{
	kit_power_up(k, again);
	if (!kit_power_up(k, NV_NO_CUT))
		fail_msg("the card is dead after a cut");
	return look(k);
}

static void cut_everywhere(struct kit *k, action *act, const char *name)
{
	uint8_t *snapshot = malloc(k->sim.nv.size);
	struct state before, after;
	uint64_t writes;
	unsigned done = 0;
	assert_non_null(snapshot);
	assert_true(kit_power_up(k, NV_NO_CUT));
	memcpy(snapshot, k->sim.nv.mem, k->sim.nv.size);
	before = look(k);
	act(k);
	writes = k->sim.nv.written;
	after = recovered(k, NV_NO_CUT);
	assert_true(writes > 0);
	for (uint64_t cut = 0; cut <= writes; cut++) {
		for (int64_t again = -1; again < 24; again += again < 2 ? 1 : 7) {
			put_back(k, snapshot);
			kit_power_up(k, (int64_t)cut);
			act(k);
			struct state s = recovered(k, again);
			bool is_before = same(&s, &before) && (garbage_allowed || s.free == before.free);
			bool is_after = same(&s, &after) && (garbage_allowed || s.free == after.free);
			if (!is_before && !is_after)
				fail_msg("%s, cut at %u: neither before nor after (free %u, %u, %u)", name,
				    (unsigned)cut, before.free, s.free, after.free);
			done += is_after;
		}
	}
	assert_true(done > 0);
	put_back(k, snapshot);
	assert_true(kit_power_up(k, NV_NO_CUT));
	free(snapshot);
}

static void new_card(struct kit *k, const char *code)
{
	struct jc_chip chip = kit_chip();
	struct kit_code c = {.rid_last = RID, .code = code};
	uint8_t package;
	uint16_t applet;
	chip.persistent = 4096;
	kit_new(k, &chip);
	if (code == NULL)
		return;
	assert_int_equal(kit_load(k, &c, &package), SW_OK);
	assert_int_equal(kit_install(k, package, RID, &applet), SW_OK);
}

static void run_code(const char *name, const char *code)
{
	struct kit k;
	new_card(&k, code);
	cut_everywhere(&k, send, name);
	kit_free(&k);
}

/* --- applets --- */

#define CHANGES                                                                                                        \
	"11 1234 B7 04 14 11223344 B8 06 10 55 B6 05 11 4321 81 0009 14 55667788 82 000B 10 77 80 000A "               \
	"7B 0007 04 10 66 38 "

static void transactions(void **state)
{
	(void)state;
	run_code("commit", "8D 0016 " CHANGES "8D 0017 7A");
	run_code("commit with a new object", "8D 0016 " CHANGES "18 08 90 0B B5 03 18 7F 0008 8D 0017 7A");
	run_code("abort", "8D 0016 " CHANGES "8D 0018 7A");
	run_code("abort with a new object", "8D 0016 18 08 90 0B B5 03 8D 0018 7A");
	run_code("return in a transaction", "8D 0016 " CHANGES "7A");
	run_code("exception in a transaction", "8D 0016 " CHANGES "11 6985 8D 001B 7A");
	run_code("too much for the commit buffer", "8D 0016 11 0080 90 0B 2D 7B 0007 03 1A 03 11 0100 8D 0020 3B 7A");
}

/* One field, one element, one arrayCopy: each is all or nothing by itself. */
static void single_writes(void **state)
{
	(void)state;
	run_code("putfield_i", "14 A1B2C3D4 B8 06 7A");
	run_code("putfield_s", "11 A1B2 B7 04 7A");
	run_code("putstatic_i", "14 A1B2C3D4 82 000B 7A");
	garbage_allowed = true;
	run_code("putfield_a of a new array", "10 20 90 0B B5 03 7A");
	garbage_allowed = false;
	/* over all three bytes of the static array, from the APDU buffer */
	run_code("arrayCopy", "19 8B 0015 03 7B 0007 03 06 8D 0020 3B 7A");
}

/* Object deletion on request: a new array replaces the one before. */
static void collecting(void **state)
{
	struct kit k;
	(void)state;
	new_card(&k, "18 10 40 90 0B 87 03 8D 001A 7A");
	send(&k);
	garbage_allowed = true;
	cut_everywhere(&k, send, "object deletion");
	garbage_allowed = false;
	uint32_t free = jc_memory_free(k.jc, JC_PERSISTENT);
	send(&k);
	assert_int_equal(jc_memory_free(k.jc, JC_PERSISTENT), free);
	kit_free(&k);
}

/* --- contents --- */

static void contents(void **state)
{
	struct kit k;
	(void)state;
	new_card(&k, NULL);
	cut_everywhere(&k, load, "load");
	load(&k);
	cut_everywhere(&k, install, "install");
	install(&k);
	cut_everywhere(&k, delete_applet, "delete the applet");
	cut_everywhere(&k, delete_all, "delete applet and package");
	kit_free(&k);
}

/* --- PIN tries: JCRE 7.7, API PIN. A cut or an abort never gives a try back. --- */

static uint8_t tries_left(struct kit *k)
{
	uint32_t n;
	uint16_t pin = jc_cell(k->jc, jc_applet_object(k->jc, 1), 0);
	const uint8_t *store = jc_store(k->jc, jc_cell(k->jc, pin, 0), &n);
	return store == NULL ? 0xff : store[0];
}

/* The first command makes new OwnerPIN(3, 4) with the PIN 010203; the next ones compare P1 bytes of that with it. */
#define PIN_MAKE  "AD 03 67 19 18 8F 001D 3D 06 07 8C 001C 87 03 AD 03 7B 0007 03 06 8B 0022 7A "
#define PIN_CHECK "AD 03 94 00 001D 7B 0007 03 19 8B 0015 05 25 8B 001E 3B "
#define RIGHT     "8001030000"
#define WRONG     "8001020000"

static void check_pin(struct kit *k, const char *command)
{
	if (jc_select(k->jc, 1, 0))
		kit_send(k, 0, command);
}

/* The power fails before each byte that a comparison writes, and again in the recovery. A wrong PIN costs its try
 * wherever somebody could have seen that it is wrong, and nothing else changes. A right one never leaves fewer tries
 * than a wrong one would, and is right afterwards. */
static void cut_comparison(struct kit *k, const char *command, const uint8_t *snapshot, uint8_t before)
{
	bool right = strcmp(command, RIGHT) == 0;
	uint8_t after = right ? 3 : (uint8_t)(before - 1);
	put_back(k, snapshot);
	kit_power_up(k, NV_NO_CUT);
	check_pin(k, command);
	int64_t writes = (int64_t)k->sim.nv.written;
	assert_int_equal(tries_left(k), after);
	assert_true(writes > 0);
	for (int64_t cut = 0; cut <= writes; cut++) {
		for (int64_t again = -1; again < 12; again++) {
			put_back(k, snapshot);
			kit_power_up(k, cut);
			check_pin(k, command);
			bool told = !k->sim.nv.off;
			recovered(k, again);
			uint8_t left = tries_left(k);
			if (left != before && left != before - 1 && left != after)
				fail_msg("%s cut at %d: %u tries, %u before", command, (int)cut, left, before);
			if (told)
				assert_int_equal(left, after);
			check_pin(k, RIGHT);
			assert_int_equal(tries_left(k), left == 0 ? 0 : 3);
		}
	}
}

static void pin_tries_of(const char *code)
{
	struct kit k;
	new_card(&k, code);
	check_pin(&k, RIGHT);
	uint8_t *snapshot = malloc(k.sim.nv.size);
	assert_non_null(snapshot);
	for (uint8_t before = 3; before > 0; before--) {
		assert_int_equal(tries_left(&k), before);
		memcpy(snapshot, k.sim.nv.mem, k.sim.nv.size);
		cut_comparison(&k, RIGHT, snapshot, before);
		cut_comparison(&k, WRONG, snapshot, before);
		put_back(&k, snapshot);
		kit_power_up(&k, NV_NO_CUT);
		check_pin(&k, WRONG);
	}
	assert_int_equal(tries_left(&k), 0);
	free(snapshot);
	kit_free(&k);
}

static void pin_tries(void **state)
{
	(void)state;
	pin_tries_of(PIN_MAKE PIN_CHECK "7A");
	/* a transaction that is aborted, committed, or left open gives no try back either: API PIN */
	pin_tries_of(PIN_MAKE "8D 0016 " PIN_CHECK "8D 0018 7A");
	pin_tries_of(PIN_MAKE "8D 0016 " PIN_CHECK "8D 0017 7A");
	pin_tries_of(PIN_MAKE "8D 0016 11 1234 B7 04 " PIN_CHECK "7A");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(transactions),
	    cmocka_unit_test(single_writes),
	    cmocka_unit_test(collecting),
	    cmocka_unit_test(contents),
	    cmocka_unit_test(pin_tries),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
