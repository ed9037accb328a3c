/* The power fails before every single byte that a command writes: what another session sees afterwards is what was
 * before or what is after, the memory too. */
#include "tests/unit/support/cm_kit.h"

#define ISD    "A000000151000000"
#define FILE_  "05F049474102"
#define APP    "06F04947410201"
#define DOMAIN "08D392100031000001"

static struct gp_kit k;
static struct buf file, library;
static struct sim snapshot;

/* --- what a host can see --- */

struct seen {
	struct buf b;
};

static void note(struct seen *s, const char *cmd)
{
	gpk_cmd(&k, cmd);
	buf_add(&s->b, k.rsp, k.n);
	buf_u16(&s->b, k.sw);
}

static void observe(struct seen *s, const uint8_t *keys)
{
	buf_clear(&s->b);
	if (keys != NULL) {
		memcpy(k.host.k_enc, keys, 16);
		memcpy(k.host.k_mac, keys + 16, 16);
		memcpy(k.host.k_dek, keys + 32, 16);
	}
	buf_u16(&s->b, gpk_select(&k, ISD));
	buf_u16(&s->b, gpk_open(&k, 0x31, 0x01));
	note(s, "80F28002024F0000");
	note(s, "80F24002024F0000");
	note(s, "80F21002024F0000");
	note(s, "80CA00E000");
	note(s, "80CA004200");
	note(s, "80CA004500");
	note(s, "80CAFF2100");
	/* the applet, when there is one, works */
	gpk_select(&k, "F04947410201");
	buf_u16(&s->b, k.sw);
	if (k.sw == SW_OK)
		note(s, "8011000003AABBCC00");
}

static bool same(const struct seen *a, const struct seen *b)
{
	return a->b.n == b->b.n && memcmp(a->b.p, b->b.p, a->b.n) == 0;
}

static void home_keys(void)
{
	for (int i = 0; i < 32; i++)
		k.host.k_enc[i] = k.host.k_mac[i] = k.host.k_dek[i] = (uint8_t)(0x40 + i);
}

/* --- a change, cut at every byte --- */

static void begin(void)
{
	sim_restore(&k.sim, &snapshot);
	sim_power_up(&k.sim);
	home_keys();
	assert_int_equal(gpk_open(&k, 0x31, 0x01), SW_OK);
}

static void cut_everywhere(void (*change)(void), unsigned least)
{
	struct seen before = {0}, after = {0}, now = {0};
	uint64_t bytes;
	unsigned befores = 0, afters = 0;
	sim_restore(&k.sim, &snapshot);
	sim_power_up(&k.sim);
	home_keys();
	observe(&before, NULL);
	begin();
	bytes = k.sim.nv.written;
	change();
	bytes = k.sim.nv.written - bytes;
	gpk_reset(&k);
	observe(&after, NULL);
	assert_false(same(&before, &after));
	for (uint64_t i = 0; i <= bytes; i++) {
		begin();
		k.sim.nv.cut = (int64_t)(k.sim.nv.written + i);
		change();
		assert_true(i == bytes || k.sim.nv.off);
		/* the power comes back, and may fail again while the card tidies up */
		sim_power_up_cut(&k.sim, (int64_t)(i % 7));
		gpk_reset(&k);
		home_keys();
		observe(&now, NULL);
		bool is_before = same(&now, &before), is_after = same(&now, &after);
		if (!is_before && !is_after)
			fail_msg("cut before byte %u of %u", (unsigned)i, (unsigned)bytes);
		befores += is_before;
		afters += is_after;
		/* once it is after, it stays so */
		assert_true(!is_before || afters == 0);
	}
	assert_true(befores >= 1 && afters >= 1 && befores + afters >= least);
	buf_reset(&before.b);
	buf_reset(&after.b);
	buf_reset(&now.b);
}

static void load_file(void)
{
	if (gpk_install(&k, 0x02, FILE_ "00 00 00 00") == SW_OK)
		gpk_load(&k, file.p, file.n, 160);
}

static void install_applet(void)
{
	gpk_install(&k, 0x0c, FILE_ APP APP "0100 02C900 00");
}

static void install_domain(void)
{
	gpk_install(&k, 0x0c, "07A0000001515350 08A000000151535041" DOMAIN "0180 02C900 00");
}

static void delete_applet(void)
{
	gpk_cmd(&k, "80E4000008 4F06F04947410201 00");
}

static void delete_all(void)
{
	gpk_cmd(&k, "80E4008007 4F05F049474102 00");
}

static void delete_domain(void)
{
	gpk_cmd(&k, "80E400800A 4F08D392100031000001 00");
}

static void put_three_keys(void)
{
	static uint8_t fresh[48];
	memset(fresh, 0x77, sizeof fresh);
	gpk_put_keys(&k, 0, 5, true, fresh, 16);
}

static void replace_three_keys(void)
{
	static uint8_t fresh[48];
	memset(fresh, 0x78, sizeof fresh);
	gpk_put_keys(&k, 5, 6, true, fresh, 16);
}

static void delete_keys(void)
{
	gpk_cmd(&k, "80E4000003 D20105");
}

static void lock_domain(void)
{
	gpk_cmd(&k, "80F06080" DOMAIN);
}

static void card_initialized(void)
{
	gpk_cmd(&k, "80F08007");
}

static void store_two(void)
{
	gpk_cmd(&k, "80E290000A 4203112233 4503445566");
}

static void store_again(void)
{
	gpk_cmd(&k, "80E290000F 420801020304050607 08 4503998877");
}

static void extradite(void)
{
	gpk_install(&k, 0x10, DOMAIN "00" APP "00 00 00");
}

static void move_file(void)
{
	gpk_install(&k, 0x10, DOMAIN "00" FILE_ "00 00 00");
}

static void load_library(void)
{
	if (gpk_install(&k, 0x02, "05F049474108" DOMAIN "00 00 00") == SW_OK)
		gpk_load(&k, library.p, library.n, 160);
}

/* The snapshot becomes what the change makes of it. */
static void keep(void (*change)(void))
{
	begin();
	change();
	assert_int_equal(k.sw, SW_OK);
	sim_power_down(&k.sim);
	sim_restore(&snapshot, &k.sim);
}

static int setup(void **state)
{
	(void)state;
	gpk_new(&k, "nxp-jcop4-j3r180");
	gpk_cap(&k, "javacard/managed", &file);
	gpk_cap(&k, "javacard/library", &library);
	sim_power_down(&k.sim);
	assert_true(sim_copy(&snapshot, &k.sim));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sim_close(&snapshot);
	buf_reset(&file);
	buf_reset(&library);
	gpk_free(&k);
	return 0;
}

/* In the order of a card's life: each leaves its result to the next. */
static void load_then_install(void **state)
{
	(void)state;
	cut_everywhere(load_file, 300);
	keep(load_file);
	cut_everywhere(install_applet, 100);
	keep(install_applet);
}

static void domains(void **state)
{
	(void)state;
	cut_everywhere(install_domain, 60);
	keep(install_domain);
	cut_everywhere(extradite, 50);
	cut_everywhere(lock_domain, 50);
	keep(extradite);
}

static void keys(void **state)
{
	(void)state;
	cut_everywhere(put_three_keys, 100);
	keep(put_three_keys);
	cut_everywhere(replace_three_keys, 100);
	cut_everywhere(delete_keys, 20);
}

static void data_and_states(void **state)
{
	(void)state;
	cut_everywhere(store_two, 30);
	keep(store_two);
	cut_everywhere(store_again, 30);
	cut_everywhere(card_initialized, 1);
}

static void deletions(void **state)
{
	(void)state;
	cut_everywhere(delete_applet, 20);
	cut_everywhere(delete_domain, 20); /* with the applet in it */
	cut_everywhere(delete_all, 20);
	keep(move_file);
	keep(load_library);
	cut_everywhere(delete_domain, 40); /* with two load files */
}

/* A wrong authentication counts whatever happens to the power. */
static void no_free_guess(void **state)
{
	(void)state;
	for (uint64_t i = 0;; i++) {
		sim_restore(&k.sim, &snapshot);
		sim_power_up(&k.sim);
		assert_int_equal(gpk_plain(&k, "8050000008010203040506070800"), SW_OK);
		k.sim.nv.cut = (int64_t)(k.sim.nv.written + i);
		sw_t sw = gpk_plain(&k, "8482010010 00112233445566770011223344556677");
		if (sw != 0) { /* not cut: it was counted */
			assert_int_equal(sw, SW_WARNING_NO_INFO);
			assert_true(i > 0);
			break;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(load_then_install),
	    cmocka_unit_test(domains),
	    cmocka_unit_test(keys),
	    cmocka_unit_test(data_and_states),
	    cmocka_unit_test(deletions),
	    cmocka_unit_test(no_free_guess),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
