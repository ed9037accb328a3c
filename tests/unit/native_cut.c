/* Power failures: before every single byte that every state-changing command writes, and again before every byte that
 * the recovery writes. Afterwards the card holds what it held before or what it would have held; error counters are
 * old, one less, or as after success. AP contract, section 4. */
#include "tests/unit/native_card.h"

#define ISO_AID     "A000000001"
#define STARCOS_AID "D3921000310001FFFF01"
#define SO          "002000010849474154412D534F"

enum { COUNTERS = 16 };

/* Everything that commands could ever tell apart, but for the counters, which follow apart. */
struct state {
	struct buf all;
	uint8_t counter[COUNTERS];
	size_t counters;
};

static void drop(struct state *s)
{
	buf_reset(&s->all);
	s->counters = 0;
}

static void add_counter(struct state *s, uint8_t v)
{
	assert_true(s->counters < COUNTERS);
	s->counter[s->counters++] = v;
}

static void add_space(struct card *c, struct state *s, uint32_t at, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		buf_u8(&s->all, nat_space_u8(c, at + i));
}

static void add_object(struct card *c, struct state *s, uint16_t o)
{
	uint8_t own[OBJECT_OWN_SIZE];
	nat_object_own(c, o, own);
	if (nat_object_kind(c, o) == OBJECT_PIN) {
		add_counter(s, own[1]);
		own[1] = 0;
	}
	buf_u8(&s->all, nat_object_kind(c, o));
	buf_u8(&s->all, nat_object_sfi(c, o));
	buf_u16(&s->all, nat_object_id(c, o));
	buf_u32(&s->all, nat_object_len(c, o));
	buf_add(&s->all, own, sizeof own);
	add_space(c, s, nat_object_body(c, o), nat_object_len(c, o));
}

static void add_isf(struct card *c, struct state *s, uint16_t df)
{
	uint32_t end = nat_u16(c->nv, nat_df_at(df, DF_ISF_USED));
	for (uint32_t at = 0; at < end; at += ISF_HEADER + nat_space_u16(c, at + ISF_LEN)) {
		if (nat_space_u8(c, at + ISF_KID) == 0)
			continue; /* replaced */
		add_counter(s, nat_space_u8(c, at + ISF_TRIES) & 0x0f);
		for (uint32_t i = 0; i < ISF_HEADER; i++)
			buf_u8(&s->all, i == ISF_TRIES ? 0 : nat_space_u8(c, at + i));
		add_space(c, s, at + ISF_HEADER, nat_space_u16(c, at + ISF_LEN));
	}
}

static void add_df(struct card *c, struct state *s, uint16_t df)
{
	nat_space_open(c, df);
	for (uint32_t i = 0; i < DF_SLOT; i++)
		buf_u8(&s->all, nat_u8(c->nv, nat_df_at(df, i)));
	add_isf(c, s, df);
	for (uint16_t o = 1; o <= c->s->objects; o++)
		add_object(c, s, o);
}

/* The state of a card that has power and has just been reset. */
static void take(struct sim *sim, struct state *s)
{
	struct card c = {.sim = sim, .nv = &sim->nv, .s = sim->ram};
	assert_false(c.s->dead);
	drop(s);
	add_counter(s, nat_u8(c.nv, CARD_KEY_LEFT));
	for (uint16_t df = 1; df <= NAT_SLOTS; df++)
		if (nat_df_state(&c, df) != DF_FREE)
			add_df(&c, s, df);
	nat_space_close(&c);
}

static bool same(const struct state *a, const struct state *b)
{
	return a->all.n == b->all.n && a->counters == b->counters &&
	    (a->all.n == 0 || memcmp(a->all.p, b->all.p, a->all.n) == 0);
}

/* A counter may be as it was, or one less if the command compares; as afterwards if the rest is as afterwards. */
static bool counters_fit(const struct state *now, const struct state *before, const struct state *after, bool is_before,
    bool is_after, bool compares)
{
	for (size_t i = 0; i < now->counters; i++) {
		bool old = is_before && now->counter[i] == before->counter[i];
		bool less = is_before && compares && now->counter[i] + 1 == before->counter[i];
		bool done = is_after && now->counter[i] == after->counter[i];
		if (!old && !less && !done)
			return false;
	}
	return true;
}

/* --- the scenario --- */

struct scenario {
	const char *name;
	bool starcos;
	const char *setup;   /* before the snapshot; the loading key is proved */
	bool key;            /* prove the loading key before the command */
	const char *prefix;  /* session before the command */
	const char *command; /* with the answer that it has */
	bool compares;
	bool wrong_key; /* the command is EXTERNAL AUTHENTICATE: 1 wrong, 0 right; `command` is empty */
};

static void prove(struct sim *s, bool starcos)
{
	if (starcos)
		say(s, "00A4000C -> 9000\n" SO " -> 9000\n");
	else
		assert_int_equal(authenticate(s, true), SW_OK);
}

static void to_the_command(struct sim *s, const struct scenario *x)
{
	sim_power_up(s);
	if (x->key)
		prove(s, x->starcos);
	say(s, x->prefix);
}

/* Run the command; the power may fail on the way. */
static void command(struct sim *s, const struct scenario *x)
{
	uint8_t cmd[300];
	if (x->command[0] == '\0') {
		authenticate(s, !x->wrong_key);
		return;
	}
	const char *arrow = strstr(x->command, "->");
	ask(s, cmd, bytes_of(x->command, arrow, cmd, sizeof cmd));
}

static struct state before, after, now;

static void check(struct sim *s, const struct scenario *x, const char *when, int64_t k)
{
	take(s, &now);
	bool is_before = same(&now, &before), is_after = same(&now, &after);
	if (!is_before && !is_after)
		fail_msg("%s, %s %lld: neither before nor after", x->name, when, (long long)k);
	if (!counters_fit(&now, &before, &after, is_before, is_after, x->compares))
		fail_msg("%s, %s %lld: counters", x->name, when, (long long)k);
	say(s, "00A4000C023F00 -> 9000\n");
}

/* `torn` holds a card right after a failure: let the power fail again before each byte of its recovery. */
static void cut_recovery(struct sim *work, const struct sim *torn, const struct scenario *x)
{
	for (int64_t j = 0;; j++) {
		sim_restore(work, torn);
		sim_power_up_cut(work, j);
		if (!work->nv.off)
			return;
		sim_power_up(work);
		check(work, x, "second failure at byte", j);
	}
}

/* How often the failed command was done all the same, by the recovery. */
static unsigned run(const struct scenario *x)
{
	struct chip chip = x->starcos ? starcos_chip() : iso_chip();
	struct sim origin, work, torn;
	unsigned done = 0;
	int64_t k;
	set_number(&chip, CHIP_MEMORY, 3000);
	set_number(&chip, CHIP_DF_MAX, 2900);
	fresh(&origin, &chip);
	prove(&origin, x->starcos);
	say(&origin, x->setup);
	assert_true(sim_copy(&work, &origin));
	assert_true(sim_copy(&torn, &origin));

	to_the_command(&work, x);
	sim_power_up(&work);
	take(&work, &before);
	sim_restore(&work, &origin);
	to_the_command(&work, x);
	if (x->command[0] != '\0')
		say(&work, x->command);
	else
		assert_int_equal(authenticate(&work, !x->wrong_key), x->wrong_key ? SW_TRIES_LEFT(9) : SW_OK);
	sim_power_up(&work);
	take(&work, &after);

	for (k = 0;; k++) {
		sim_restore(&work, &origin);
		to_the_command(&work, x);
		work.nv.cut = (int64_t)work.nv.written + k;
		command(&work, x);
		if (!work.nv.off)
			break;
		sim_restore(&torn, &work);
		sim_power_up(&work);
		check(&work, x, "failure at byte", k);
		done += same(&now, &after);
		cut_recovery(&work, &torn, x);
	}
	assert_true(k > 0); /* it wrote something */
	drop(&before);
	drop(&after);
	drop(&now);
	sim_close(&origin);
	sim_close(&work);
	sim_close(&torn);
	return done;
}

/* --- iso-compact --- */

#define ISO_DF "00E00000 [ 62 [ 820138 83023F01 8405" ISO_AID " 81020300 8A0101 8D027B00 8C0452212121 ] ]"
#define ISO_SE                                                                                                         \
	"00E00000 [ 62 [ 80020040 820109 83027B00 8C0100 ] ] -> 9000\n"                                                \
	"00D60000 [ 7B0B 800101 A406 830101 950180 7B0B 800102 A406 830181 950108"                                     \
	"           7B0B 800103 A406 8301A1 950108 ] -> 9000\n"
#define ISO_PIN_RULE  "A0 [ 9A0103 A1 [ 8C04 70 00 00 13 ] ]"
#define ISO_PIN_VALUE "7F41 [ 800108 810104 8208 31323334FFFFFFFF ]"
#define ISO_PIN       "00DB3FFF [ 70 [ BF8101 [ " ISO_PIN_RULE " " ISO_PIN_VALUE " ] ] ]"
#define ISO_PUK                                                                                                        \
	"00DB3FFF [ 70 [ BF8121 [ A0 [ 9A010A A1 [ 8C0100 ] ] 7F41 [ 800108 810108 8208 3132333435363738 ] ] ] ]"
#define ISO_EF     "00E00000 [ 62 [ 80020064 820101 83020001 880108 8C03031200 ] ]"
#define ISO_AP     ISO_DF " -> 9000\n" ISO_SE ISO_PIN " -> 9000\n" ISO_PUK " -> 9000\n" ISO_EF " -> 9000\n"
#define ISO_LIVE   ISO_AP "00440000 -> 9000\n"
#define ISO_SELECT "00A4040C05" ISO_AID " -> 9000\n"
#define ISO_GONE   "00A4040C05" ISO_AID " -> 6A82\n"
#define DATA_70                                                                                                        \
	"000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435" \
	"36"                                                                                                           \
	"3738393A3B3C3D3E3F404142434445"

static const struct scenario iso[] = {
    {"CREATE DF", false, "", true, "", ISO_DF " -> 9000\n", false, false},
    {"CREATE second DF", false, ISO_AP, true, "",
	"00E00000 [ 62 [ 820138 83023F02 8405A000000002 81020100 8A0101 8C0100 ] ] -> 9000\n", false, false},
    {"CREATE EF", false, ISO_DF " -> 9000\n", true, ISO_SELECT, ISO_EF " -> 9000\n", false, false},
    {"CREATE second EF", false, ISO_AP, true, ISO_SELECT,
	"00E00000 [ 62 [ 80020064 820101 83020002 8C03030000 ] ] -> 9000\n", false, false},
    {"PUT DATA, new PIN", false, ISO_DF " -> 9000\n", true, ISO_SELECT,
	"00DB3FFF [ 70 [ BF8101 [ " ISO_PIN_RULE " ] ] ] -> 9000\n", false, false},
    {"PUT DATA, new PIN with value", false, ISO_DF " -> 9000\n", true, ISO_SELECT, ISO_PIN " -> 9000\n", false, false},
    {"PUT DATA, value", false, ISO_AP, true, ISO_SELECT,
	"00DB3FFF [ 70 [ BF8101 [ 7F41 [ 800106 810106 8206 393939393939 ] ] ] ] -> 9000\n", false, false},
    {"PUT DATA, rule", false, ISO_AP, true, ISO_SELECT,
	"00DB3FFF [ 70 [ BF8101 [ A0 [ 9A0105 A1 [ 8C0240FF ] ] ] ] ] -> 9000\n", false, false},
    {"PUT DATA, both", false, ISO_AP, true, ISO_SELECT,
	"00DB3FFF [ 70 [ BF8101 [ A0 [ 9A0105 A1 [ 8C0240FF ] ] 7F41 [ 800106 810106 8206 393939393939 ] ] ] ] -> "
	"9000\n",
	false, false},
    {"UPDATE BINARY in creation", false, ISO_AP, true, ISO_SELECT, "00D68103 [ " DATA_70 " ] -> 9000\n", false, false},
    {"ACTIVATE", false, ISO_AP, true, ISO_SELECT, "00440000 -> 9000\n", false, false},
    {"DELETE in creation", false, ISO_AP, true, "00A4000C -> 9000\n", "00E40000023F01 -> 9000\n", false, false},
    {"DELETE", false, ISO_LIVE, true, "00A4000C -> 9000\n", "00E40000023F01 -> 9000\n", false, false},
    {"UPDATE BINARY", false, ISO_LIVE, false, ISO_SELECT "0020008104 31323334 -> 9000\n",
	"00D68103 [ " DATA_70 " ] -> 9000\n", false, false},
    {"VERIFY right", false, ISO_LIVE, false, ISO_SELECT, "0020008104 31323334 -> 9000\n", true, false},
    {"VERIFY right after wrong", false, ISO_LIVE, false, ISO_SELECT "0020008104 31323335 -> 63C2\n",
	"0020008104 31323334 -> 9000\n", true, false},
    {"VERIFY wrong", false, ISO_LIVE, false, ISO_SELECT, "0020008104 31323335 -> 63C2\n", true, false},
    {"VERIFY, last try", false, ISO_LIVE, false,
	ISO_SELECT "0020008104 31323335 -> 63C2\n0020008104 31323335 -> 63C1\n", "0020008104 31323335 -> 63C0\n", true,
	false},
    {"CHANGE right", false, ISO_LIVE, false, ISO_SELECT "0020008104 31323335 -> 63C2\n",
	"00240081 [ 31323334FFFFFFFF 3939393939 ] -> 9000\n", true, false},
    {"CHANGE wrong", false, ISO_LIVE, false, ISO_SELECT, "00240081 [ 31323335FFFFFFFF 3939393939 ] -> 63C2\n", true,
	false},
    {"RESET right", false, ISO_LIVE, false,
	ISO_SELECT "0020008104 31323335 -> 63C2\n002C0081 [ 3132333435363739 39393939 ] -> 63C9\n",
	"002C0081 [ 3132333435363738 39393939 ] -> 9000\n", true, false},
    {"RESET wrong", false, ISO_LIVE, false, ISO_SELECT, "002C0081 [ 3132333435363739 39393939 ] -> 63C9\n", true,
	false},
    {"EXTERNAL AUTHENTICATE right", false, ISO_LIVE, false, "", "", true, false},
    {"EXTERNAL AUTHENTICATE wrong", false, ISO_LIVE, false, "", "", true, true},
};

/* --- starcos --- */

#define STAR_REGISTER "80520200 [ 3F01 0A " STARCOS_AID " ]"
#define STAR_CREATE   "80E00100 [ 3F01 0A " STARCOS_AID "000000000000 0040 5F 5F 00 00 ]"
#define STAR_DF       STAR_REGISTER " -> 9000\n" STAR_CREATE " -> 9000\n"
#define STAR_PIN      "80F40000 [ C10C 81 0008 9F 0E 9F 33 00 00 0B 00 81 ]"
#define STAR_VALUE    "80F40000 [ C2 [ 81 0000 3132333400000000 ] ]"
#define STAR_PINS                                                                                                      \
	STAR_PIN " -> 9000\n" STAR_VALUE " -> 9000\n"                                                                  \
		 "80F40000 [ C10C 82 0008 9F 0D 01 AA 00 00 00 00 02 ] -> 9000\n"                                      \
		 "80F40000 [ C2 [ 82 0000 3132333435363738 ] ] -> 9000\n"
#define STAR_EF     "80E00300 [ 0001 9F1E5F5F5F5F5F 0000 00 00 81 0064 ]"
#define STAR_AP     STAR_DF STAR_PINS STAR_EF " -> 9000\n"
#define STAR_END    "80E00200023F01"
#define STAR_LIVE   STAR_AP STAR_END " -> 9000\n"
#define STAR_SELECT "00A4040C [ " STARCOS_AID " ] -> 9000\n"

static const struct scenario starcos[] = {
    {"REGISTER DF", true, "", true, "", STAR_REGISTER " -> 9000\n", false, false},
    {"CREATE DF", true, STAR_REGISTER " -> 9000\n", true, "", STAR_CREATE " -> 9000\n", false, false},
    {"CREATE EF", true, STAR_DF, true, STAR_SELECT, STAR_EF " -> 9000\n", false, false},
    {"CREATE second EF", true, STAR_AP, true, STAR_SELECT,
	"80E00300 [ 0002 9F1E5F5F5F5F5F 0000 00 00 81 0064 ] -> 9000\n", false, false},
    {"C1", true, STAR_DF, true, STAR_SELECT, STAR_PIN " -> 9000\n", false, false},
    {"C2", true, STAR_DF STAR_PIN " -> 9000\n", true, STAR_SELECT, STAR_VALUE " -> 9000\n", false, false},
    {"C1 again", true, STAR_AP, true, STAR_SELECT, "80F40000 [ C10C 81 0008 9F 0D 5F 55 00 00 0C 00 81 ] -> 9000\n",
	false, false},
    {"C1 again, other length", true, STAR_AP, true, STAR_SELECT,
	"80F40000 [ C10C 81 0006 9F 0D 5F 55 00 00 0B 00 81 ] -> 9000\n", false, false},
    {"C2 again", true, STAR_AP, true, STAR_SELECT, "80F40000 [ C2 [ 81 0000 3939393939393939 ] ] -> 9000\n", false,
	false},
    {"UPDATE BINARY in creation", true, STAR_AP, true, STAR_SELECT, "00D68103 [ " DATA_70 " ] -> 9000\n", false, false},
    {"CREATE END", true, STAR_AP, true, "", STAR_END " -> 9000\n", false, false},
    {"DELETE registered", true, STAR_REGISTER " -> 9000\n", true, "", "80E40000023F01 -> 9000\n", false, false},
    {"DELETE", true, STAR_LIVE, true, "", "80E40000023F01 -> 9000\n", false, false},
    {"UPDATE BINARY", true, STAR_LIVE, false, STAR_SELECT "0020008104 31323334 -> 9000\n",
	"00D68103 [ " DATA_70 " ] -> 9000\n", false, false},
    {"VERIFY right", true, STAR_LIVE, false, STAR_SELECT "0020008104 31323335 -> 63C2\n",
	"0020008104 31323334 -> 9000\n", true, false},
    {"VERIFY wrong", true, STAR_LIVE, false, STAR_SELECT, "0020008104 31323335 -> 63C2\n", true, false},
    {"VERIFY SO right", true, STAR_LIVE, false, "", SO " -> 9000\n", true, false},
    {"VERIFY SO wrong", true, STAR_LIVE, false, "", "002000010849474154412D5350 -> 63C9\n", true, false},
    {"CHANGE right", true, STAR_LIVE, false, STAR_SELECT "0020008104 31323335 -> 63C2\n",
	"00240081 [ 3132333400000000 3939393939 ] -> 9000\n", true, false},
    {"CHANGE wrong", true, STAR_LIVE, false, STAR_SELECT, "00240081 [ 3132333500000000 3939393939 ] -> 63C2\n", true,
	false},
    {"RESET right", true, STAR_LIVE, false,
	STAR_SELECT "0020008104 31323335 -> 63C2\n002C0081 [ 3132333435363739 39393939 ] -> 63C9\n",
	"002C0081 [ 3132333435363738 39393939 ] -> 9000\n", true, false},
    {"RESET wrong", true, STAR_LIVE, false, STAR_SELECT, "002C0081 [ 3132333435363739 39393939 ] -> 63C9\n", true,
	false},
};

static void cut_iso(void **state)
{
	(void)state;
	unsigned done = 0;
	for (size_t i = 0; i < sizeof iso / sizeof iso[0]; i++)
		done += run(&iso[i]);
	assert_true(done > 1000);
}

static void cut_starcos(void **state)
{
	(void)state;
	unsigned done = 0;
	for (size_t i = 0; i < sizeof starcos / sizeof starcos[0]; i++)
		done += run(&starcos[i]);
	assert_true(done > 1000);
}

/* A large body is written before the file exists, so that its size does not matter; cut now and then only. */
static void cut_large_file(void **state)
{
	(void)state;
	struct chip chip = iso_chip();
	struct sim origin, work;
	static const uint8_t create[] = {0x00, 0xe0, 0x00, 0x00, 0x12, 0x62, 0x10, 0x80, 0x02, 0x7f, 0x00, 0x82, 0x01,
	    0x01, 0x83, 0x02, 0x00, 0x05, 0x8c, 0x03, 0x03, 0x00, 0x00};
	fresh(&origin, &chip);
	prove(&origin, false);
	say(&origin, "00E00000 [ 62 [ 820138 83023F01 8405" ISO_AID " 81027FC0 8A0101 8C0100 ] ] -> 9000\n");
	assert_true(sim_copy(&work, &origin));
	for (int64_t k = 0;; k += 997) {
		sim_restore(&work, &origin);
		sim_power_up(&work);
		prove(&work, false);
		say(&work, ISO_SELECT);
		work.nv.cut = (int64_t)work.nv.written + k;
		if (ask(&work, create, sizeof create) == SW_OK)
			break;
		sim_power_up(&work);
		prove(&work, false);
		say(&work, ISO_SELECT "00A4020C020005 -> 6A82\n");
		assert_int_equal(ask(&work, create, sizeof create), SW_OK);
		assert_true(k < 100000);
	}
	sim_close(&origin);
	sim_close(&work);
}

/* A failure while a deleted DF is wiped leaves some of it in free memory; a new file does not show it. */
static void cut_wiping(void **state)
{
	(void)state;
	struct chip chip = iso_chip();
	struct sim origin, work;
	set_number(&chip, CHIP_MEMORY, 1500);
	fresh(&origin, &chip);
	prove(&origin, false);
	say(&origin, ISO_AP "00A4020C020001 -> 9000\n00D60000 [ " DATA_70 " ] -> 9000\n");
	assert_true(sim_copy(&work, &origin));
	sim_power_up(&work);
	prove(&work, false);
	say(&work, "00A4000C -> 9000\n");
	work.nv.cut = (int64_t)work.nv.written + 20;
	say(&work, "00E40000023F01 ->\n");
	sim_power_up(&work);
	prove(&work, false);
	say(&work,
	    ISO_GONE "00E00000 [ 62 [ 820138 83023F02 8405" ISO_AID " 81020500 8A0101 8C0100 ] ] -> 9000\n"
		     "00E00000 [ 62 [ 800204C0 820101 83020001 8C03030000 ] ] -> 9000\n");
	for (unsigned at = 0; at < 0x4c0; at += 64) {
		struct buf rsp = {0};
		const uint8_t read[] = {0x00, 0xb0, (uint8_t)(at >> 8), (uint8_t)at, 64};
		sim_apdu(&work, read, sizeof read, &rsp);
		assert_int_equal(rsp.n, 66);
		for (int i = 0; i < 64; i++)
			assert_int_equal(rsp.p[i], 0);
		buf_reset(&rsp);
	}
	sim_close(&origin);
	sim_close(&work);
}

/* The try is counted before the comparison: whoever pulls the card right after it has lost the try, right or wrong. */
static void counted_first(void **state)
{
	(void)state;
	struct chip chip = iso_chip();
	struct sim origin, work;
	static const char *const guess[] = {"31323334", "31323335"};
	fresh(&origin, &chip);
	prove(&origin, false);
	say(&origin, ISO_LIVE);
	assert_true(sim_copy(&work, &origin));
	for (size_t i = 0; i < 2; i++)
		for (int64_t k = 0; k < 2; k++) {
			char line[64];
			sim_restore(&work, &origin);
			sim_power_up(&work);
			say(&work, ISO_SELECT);
			work.nv.cut = (int64_t)work.nv.written + k;
			snprintf(line, sizeof line, "0020008104 %s -> %s\n", guess[i], k == 1 && i == 1 ? "63C2" : "");
			say(&work, line); /* the wrong one writes one byte only, and answers */
			sim_power_up(&work);
			say(&work, ISO_SELECT);
			snprintf(line, sizeof line, "00200081 -> 63C%d\n", k == 0 ? 3 : 2);
			say(&work, line);
		}
	sim_close(&origin);
	sim_close(&work);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cut_iso),
	    cmocka_unit_test(cut_starcos),
	    cmocka_unit_test(cut_large_file),
	    cmocka_unit_test(cut_wiping),
	    cmocka_unit_test(counted_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
