/* SCP02 with implicit initiation (GPCS E.1.2.2, E.1.6): the first command with a MAC opens the channel; every one that
 * begins moves the counter, every wrong one is a try. */
#include "tests/unit/support/cm_kit.h"

static const char status[] = "80F28000024F0000", key_information[] = "80CA00E000";

static struct gp_kit k;

static void counter(uint8_t out[2])
{
	gpk_plain(&k, "80CA00C100");
	assert_int_equal(k.sw, SW_OK);
	assert_int_equal(k.n, 4);
	memcpy(out, k.rsp + 2, 2);
}

/* The host is ready: the next command has a MAC. */
static void begin(void)
{
	static const uint8_t isd[] = {0xa0, 0, 0, 0, 3, 0, 0, 0};
	uint8_t now[2];
	k.open = false;
	counter(now);
	memcpy(k.host.aid, isd, sizeof isd);
	k.host.aid_len = sizeof isd;
	gph_implicit(&k.host, now);
	k.open = true;
}

static void is_counter(unsigned want)
{
	bool open = k.open;
	uint8_t now[2];
	k.open = false;
	counter(now);
	k.open = open;
	assert_int_equal(now[0] << 8 | now[1], want);
}

static int setup(void **state)
{
	(void)state;
	gpk_chip(&k, "ibm-jcop21-v22");
	gpk_fact(&k, CHIP_GP_I, "3B", 0);
	gpk_make(&k);
	k.host.i = 0x3b;
	gpk_reset(&k);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	gpk_free(&k);
	return 0;
}

static void the_first_mac_opens(void **state)
{
	(void)state;
	is_counter(0);
	gpk_expect(&k, status, SW_SECURITY_STATUS);
	begin();
	gpk_expect(&k, status, SW_OK);
	gpk_expect(&k, status, SW_OK); /* still the same session */
	is_counter(1);
	gpk_reset(&k);
	begin();
	gpk_expect(&k, status, SW_OK);
	is_counter(2);
	/* INITIALIZE UPDATE is for explicit initiation */
	assert_int_equal(gpk_plain(&k, "8050000008010203040506070800"), SW_CONDITIONS_OF_USE);
}

/* What was recorded is of no use to anybody. */
static void no_session_comes_twice(void **state)
{
	(void)state;
	uint8_t plain[16], wrapped[32];
	size_t n = gpk_hex(status, plain);
	gpk_reset(&k);
	begin();
	n = gph_wrap(&k.host, plain, n, wrapped);
	assert_int_equal(gpk_raw(&k, wrapped, n), SW_OK);
	gpk_reset(&k);
	assert_int_equal(gpk_raw(&k, wrapped, n), SW_SECURITY_STATUS);
}

/* E.1.6: without a MAC the session goes on without C-MAC; the next MAC begins another. */
static void commands_without_a_mac(void **state)
{
	(void)state;
	uint8_t before[2];
	gpk_reset(&k);
	counter(before);
	unsigned n = (unsigned)(before[0] << 8 | before[1]);
	begin();
	gpk_expect(&k, status, SW_OK);
	assert_int_equal(gpk_plain(&k, status), SW_OK); /* authenticated */
	is_counter(n + 1);
	gpk_expect(&k, status, SW_SECURITY_STATUS); /* the chain of the session that ended */
	assert_int_equal(gpk_plain(&k, status), SW_SECURITY_STATUS);
	begin();
	gpk_expect(&k, status, SW_OK);
	is_counter(n + 2);
}

static void an_aborted_session_is_followed_by_another(void **state)
{
	(void)state;
	gpk_reset(&k);
	begin();
	gpk_expect(&k, status, SW_OK);
	assert_int_equal(gpk_plain(&k, "84F280000A4F00010203040506070800"), SW_SECURITY_STATUS);
	assert_int_equal(gpk_plain(&k, status), SW_SECURITY_STATUS);
	assert_int_equal(gpk_plain(&k, key_information), SW_OK); /* what needs no channel */
	begin();
	gpk_expect(&k, status, SW_OK);
}

/* Keys go under the data encryption key of the counter that has moved. */
static void keys_are_put(void **state)
{
	(void)state;
	uint8_t fresh[48];
	gpk_reset(&k);
	memset(fresh, 0x55, sizeof fresh);
	begin();
	gpk_expect(&k, status, SW_OK);
	gpk_put_keys(&k, 0, 5, false, fresh, 16); /* the card compares the check values */
	assert_int_equal(k.sw, SW_OK);
	memset(k.host.k_enc, 0x55, 16);
	memset(k.host.k_mac, 0x55, 16);
	memset(k.host.k_dek, 0x55, 16);
	gpk_reset(&k);
	is_counter(0); /* of these keys */
	begin();
	gpk_expect(&k, status, SW_OK);
	gpk_reset(&k);
	is_counter(1);
}

/* BEGIN R-MAC SESSION may be the command that opens the channel. */
static void answers_get_a_mac(void **state)
{
	(void)state;
	gpk_reset(&k);
	begin();
	gpk_expect(&k, "807A10010100", SW_OK);
	assert_int_equal(k.n, 0);
	gph_begin_rmac(&k.host);
	gpk_expect(&k, status, SW_OK);
	gpk_expect(&k, "80F24000024F0000", SW_REFERENCE_NOT_FOUND);
	gpk_expect(&k, key_information, SW_OK);
	k.host.level &= ~0x10;
	gpk_expect(&k, "8078000300", SW_OK);
	assert_int_equal(k.n, 8);
	assert_memory_equal(k.rsp, k.host.r_icv, 8);
	gpk_expect(&k, status, SW_OK);
}

/* A wrong first MAC is a try, and a right one takes all back; the power may fail in it. */
static void wrong_macs_are_counted(void **state)
{
	(void)state;
	static const char wrong[] = "84F280000A4F00010203040506070800";
	unsigned tries = 0;
	gpk_reset(&k);
	assert_int_equal(gpk_plain(&k, wrong), SW_SECURITY_STATUS);
	begin();
	gpk_expect(&k, status, SW_OK);
	for (uint64_t cut = 0;; cut++) { /* no free guess */
		gpk_reset(&k);
		k.sim.nv.cut = (int64_t)(k.sim.nv.written + cut);
		sw_t sw = gpk_plain(&k, wrong);
		k.sim.nv.cut = NV_NO_CUT;
		if (sw != 0) {
			assert_true(cut > 0);
			break;
		}
		gpk_reset(&k);
		begin();
		gpk_expect(&k, status, SW_OK);
	}
	gpk_reset(&k);
	begin();
	gpk_expect(&k, status, SW_OK);
	for (;; tries++) {
		gpk_reset(&k);
		begin();
		sw_t sw = gpk_cmd(&k, status);
		if (sw == SW_SECURITY_STATUS)
			break;
		assert_int_equal(sw, SW_OK);
		gpk_reset(&k); /* within a session a wrong MAC ends it and is no try */
		for (unsigned i = 0; i < tries; i++)
			assert_int_equal(gpk_plain(&k, wrong), SW_SECURITY_STATUS);
		assert_true(tries < 300);
	}
	assert_int_equal(tries, 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_mac_opens),
	    cmocka_unit_test(no_session_comes_twice),
	    cmocka_unit_test(commands_without_a_mac),
	    cmocka_unit_test(an_aborted_session_is_followed_by_another),
	    cmocka_unit_test(answers_get_a_mac),
	    cmocka_unit_test(keys_are_put),
	    cmocka_unit_test(wrong_macs_are_counted),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
