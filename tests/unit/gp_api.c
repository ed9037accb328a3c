/* org.globalplatform under an applet: a secure channel of its own, its life cycle, its registry entry, the global PIN,
 * personalisation by STORE DATA. */
#include "tests/unit/support/cm_kit.h"

#define ISD   "A000000151000000"
#define FILE_ "05F049474103"
#define APP   "06F04947410301"

static struct gp_kit k;

static void start(bool des, const char *lv_privileges)
{
	struct buf file = {0};
	char fields[128];
	gpk_chip(&k, "nxp-jcop4-j3r180");
	if (des) { /* the same with SCP02 and triple DES */
		gpk_fact(&k, CHIP_GP_SCP, "SCP02", 1);
		gpk_fact(&k, CHIP_GP_I, "75", 0);
		gpk_fact(&k, CHIP_GP_KEY_TYPE, "des-ede2", 0);
	}
	gpk_make(&k);
	gpk_cap(&k, "globalplatform/gpuser", &file);
	assert_int_equal(gpk_open(&k, 0, 0x01), SW_OK);
	assert_int_equal(gpk_install(&k, 0x02, FILE_ "00 00 00 00"), SW_OK);
	assert_int_equal(gpk_load(&k, file.p, file.n, 200), SW_OK);
	snprintf(fields, sizeof fields, FILE_ APP APP "%s 02C900 00", lv_privileges);
	assert_int_equal(gpk_install(&k, 0x0c, fields), SW_OK);
	buf_reset(&file);
}

/* The applet's channel, at every level of the chip's protocol. */
static void secure_channel(bool des, const int *levels, size_t n)
{
	start(des, "0100");
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(gpk_select(&k, "F04947410301"), SW_OK);
		gpk_expect(&k, "8028000000", SW_OK);
		gpk_data(&k, "00");
		gpk_expect(&k, "842000000411223344", SW_CONDITIONS_OF_USE); /* no session */
		assert_int_equal(gpk_open(&k, 0, levels[i]), SW_OK);
		assert_int_equal(gpk_plain(&k, "8028000000"), SW_OK);
		assert_int_equal(k.rsp[0], 0x80 | levels[i]);
		for (int round = 0; round < 3; round++) {
			gpk_expect(&k, "802000000411223344 00", SW_OK);
			gpk_data(&k, "11223344");
		}
	}
	/* sensitive data */
	uint8_t cmd[40] = {0x80, 0x26, 0, 0, 16}, clear[16];
	size_t block = k.host.scp == 3 ? 16 : 8;
	assert_int_equal(gpk_open(&k, 0, 0x03), SW_OK);
	for (size_t at = 0; at < 16; at += block) {
		memset(clear + at, (int)(0x31 + at), block);
		if (block == 16)
			gph_aes(k.host.dek, k.host.key_len, 1, clear, cmd + 5);
		else
			gph_tdes(k.host.dek, 1, clear + at, cmd + 5 + at);
	}
	assert_int_equal(gpk_bytes(&k, cmd, 22), SW_OK);
	assert_int_equal(k.n, 16);
	assert_memory_equal(k.rsp, clear, 16);
	/* a wrong MAC ends it, and so does selecting another application */
	assert_int_equal(gpk_plain(&k, "842000000C11223344 0000000000000000 00"), SW_SECURITY_STATUS);
	gpk_expect(&k, "802000000411223344 00", SW_CONDITIONS_OF_USE);
	assert_int_equal(gpk_open(&k, 0, 0x01), SW_OK);
	struct gp_host host = k.host;
	assert_int_equal(gpk_select(&k, ISD), SW_OK);
	k.host = host;
	k.open = true;
	gpk_expect(&k, "80F28002024F0000", SW_SECURITY_STATUS);
	gpk_free(&k);
}

static void secure_channel_of_an_applet(void **state)
{
	(void)state;
	static const int three[] = {0x01, 0x03, 0x11, 0x13, 0x33}, two[] = {0x01, 0x03, 0x11, 0x13};
	secure_channel(false, three, 5);
	secure_channel(true, two, 4);
}

/* BEGIN and END R-MAC SESSION by processSecurity: the command has its MAC on, and C-DECRYPTION too. */
static void rmac_session_of_an_applet(void **state)
{
	(void)state;
	for (int level = 0x01; level <= 0x03; level += 2) {
		start(true, "0100");
		assert_int_equal(gpk_select(&k, "F04947410301"), SW_OK);
		assert_int_equal(gpk_open(&k, 0, level), SW_OK);
		gpk_expect(&k, "807A100104 03112233", SW_OK);
		assert_int_equal(k.n, 0);
		gph_begin_rmac(&k.host);
		gpk_expect(&k, "802000000411223344 00", SW_OK); /* the answer has an R-MAC */
		gpk_data(&k, "11223344");
		k.host.level &= ~0x10;
		gpk_expect(&k, "8078000300", SW_OK);
		assert_int_equal(k.n, 8);
		assert_memory_equal(k.rsp, k.host.r_icv, 8);
		gpk_free(&k);
	}
}

static void life_cycle(void **state)
{
	(void)state;
	start(false, "0100");
	assert_int_equal(gpk_select(&k, "F04947410301"), SW_OK);
	gpk_expect(&k, "8021000000", SW_OK);
	gpk_data(&k, "07");
	gpk_expect(&k, "80220F0000", SW_OK);
	gpk_data(&k, "01");
	gpk_expect(&k, "80227F0000", SW_OK);
	gpk_data(&k, "01");
	gpk_expect(&k, "8022080000", SW_OK); /* not one of an application */
	gpk_data(&k, "00");
	gpk_expect(&k, "8024000000", SW_OK);
	gpk_data(&k, "0000007F");
	gpk_expect(&k, "8023000000", SW_OK);
	gpk_data(&k, "01");
	gpk_expect(&k, "8029000000", SW_OK); /* no privilege to lock the card */
	gpk_data(&k, "00");
	gpk_expect(&k, "802A0000034142 4300", SW_OK);
	gpk_data(&k, "00");
	/* it locks itself; its security domain unlocks it */
	gpk_expect(&k, "8022800000", SW_OK);
	gpk_data(&k, "01");
	gpk_expect(&k, "8021000000", SW_OK);
	gpk_data(&k, "FF");
	gpk_reset(&k);
	assert_int_equal(gpk_select(&k, "F04947410301"), SW_FILE_NOT_FOUND);
	assert_int_equal(gpk_open(&k, 0, 0x01), SW_OK);
	gpk_expect(&k, "80F0400706F04947410301", SW_OK);
	assert_int_equal(gpk_select(&k, "F04947410301"), SW_OK);
	gpk_expect(&k, "8021000000", SW_OK);
	gpk_data(&k, "7F");
	gpk_free(&k);
}

static void privileged_applet(void **state)
{
	(void)state;
	start(false, "0116"); /* lock the card, default application, CVM management */
	assert_int_equal(gpk_select(&k, "F04947410301"), SW_OK);
	uint8_t atr[SIM_ATR_MAX];
	size_t n = sim_atr(&k.sim, atr);
	gpk_expect(&k, "802A000003414243 00", SW_OK);
	gpk_data(&k, "01");
	gpk_reset(&k);
	size_t m = sim_atr(&k.sim, atr);
	assert_true(m < n);
	assert_memory_equal(atr + m - 3, "ABC", 3);
	/* the global PIN */
	gpk_expect(&k, "8025060000", SW_OK);
	gpk_data(&k, "00");
	gpk_expect(&k, "8025000000", SW_OK);
	gpk_data(&k, "01");
	gpk_expect(&k, "802501000431323334 00", SW_OK);
	gpk_data(&k, "01");
	gpk_expect(&k, "8025060000", SW_OK);
	gpk_data(&k, "01");
	gpk_expect(&k, "802502010431323334 00", SW_OK); /* ASCII */
	gpk_data(&k, "00");
	gpk_expect(&k, "80250202021234 00", SW_OK); /* BCD */
	gpk_data(&k, "00");
	gpk_expect(&k, "8025050000", SW_OK);
	gpk_data(&k, "01");
	gpk_expect(&k, "802502010431323335 00", SW_OK);
	gpk_data(&k, "FF");
	gpk_expect(&k, "8025050000", SW_OK);
	gpk_data(&k, "00");
	gpk_expect(&k, "8025030000", SW_OK);
	gpk_data(&k, "02");
	gpk_reset(&k);
	for (int i = 0; i < 2; i++)
		gpk_expect(&k, "802502010431323335 00", SW_OK);
	gpk_expect(&k, "8025040000", SW_OK);
	gpk_data(&k, "01");
	gpk_expect(&k, "802502010431323334 00", SW_OK); /* too late */
	gpk_data(&k, "FF");
	/* the card is not secured yet, then it is */
	gpk_expect(&k, "8029000000", SW_OK);
	gpk_data(&k, "00");
	assert_int_equal(gpk_select(&k, ISD), SW_OK);
	assert_int_equal(gpk_open(&k, 0, 0x01), SW_OK);
	gpk_expect(&k, "80F08007", SW_OK);
	gpk_expect(&k, "80F0800F", SW_OK);
	assert_int_equal(gpk_select(&k, "F04947410301"), SW_OK);
	gpk_expect(&k, "8029000000", SW_OK);
	gpk_data(&k, "01");
	assert_int_equal(gpk_select(&k, ISD), SW_FILE_DEACTIVATED);
	gpk_free(&k);
}

static void personalisation(void **state)
{
	(void)state;
	start(false, "0100");
	assert_int_equal(gpk_install(&k, 0x20, "00 00 06F04947410302 00 00 00"), SW_REFERENCE_NOT_FOUND);
	assert_int_equal(gpk_install(&k, 0x20, "00 00" APP "00 00 00"), SW_OK);
	gpk_expect(&k, "80E20000050102030405", SW_OK);
	gpk_expect(&k, "80E28001070102030405 0607", SW_OK);
	assert_int_equal(gpk_select(&k, "F04947410301"), SW_OK);
	gpk_expect(&k, "8027000000", SW_OK);
	gpk_data(&k, "000C"); /* header and data of the last one */
	gpk_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(secure_channel_of_an_applet),
	    cmocka_unit_test(rmac_session_of_an_applet),
	    cmocka_unit_test(life_cycle),
	    cmocka_unit_test(privileged_applet),
	    cmocka_unit_test(personalisation),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
