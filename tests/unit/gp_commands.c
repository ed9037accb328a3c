#define _GNU_SOURCE /* memmem */
/* GlobalPlatform commands that need no applet: SELECT, MANAGE CHANNEL, GET DATA, STORE DATA, GET STATUS, SET STATUS,
 * PUT KEY, DELETE of keys, security domains. Dialogues with good, bad and boundary inputs. */
#include "tests/unit/support/cm_kit.h"

#define ISD "A000000151000000"

static struct gp_kit k;

static void select_and_fci(void **state)
{
	(void)state;
	gpk_new(&k, "nxp-jcop4-j3r180");
	gpk_expect(&k, "00A4040000", SW_OK);
	gpk_data(&k, "6F108408" ISD "A5049F6501FF");
	gpk_expect(&k, "00A4040008" ISD "00", SW_OK);
	gpk_expect(&k, "00A4040005A00000015100", SW_OK); /* partial */
	gpk_data(&k, "6F108408" ISD "A5049F6501FF");
	gpk_expect(&k, "00A4040205A00000015100", SW_FILE_NOT_FOUND); /* no next one */
	gpk_expect(&k, "00A4040006A0000001520100", SW_FILE_NOT_FOUND);
	gpk_expect(&k, "00A4040200", SW_FILE_NOT_FOUND); /* the next of any name */
	gpk_expect(&k, "00A4040108" ISD "00", SW_WRONG_P1P2);
	gpk_expect(&k, "00A4040011" ISD ISD "0100", SW_WRONG_LENGTH);
	gpk_expect(&k, "00A404000900", SW_WRONG_LENGTH); /* Lc without data */
	/* the load file of security domains is no application */
	gpk_expect(&k, "00A4040007A000000151535000", SW_FILE_NOT_FOUND);
	gpk_free(&k);
}

static void classes_and_instructions(void **state)
{
	(void)state;
	gpk_new(&k, "nxp-jcop4-j3r180");
	gpk_expect(&k, "FFA4040000", SW_CLA_NOT_SUPPORTED);
	gpk_expect(&k, "A0CA006600", SW_CLA_NOT_SUPPORTED);
	gpk_expect(&k, "80330000", SW_INS_NOT_SUPPORTED);
	gpk_expect(&k, "00500000081122334455667788", SW_CLA_NOT_SUPPORTED);
	gpk_expect(&k, "90F28000024F00", SW_CHAINING_NOT_SUPPORTED);
	gpk_expect(&k, "81CA006600", SW_CHANNEL_NOT_SUPPORTED);
	gpk_expect(&k, "C0CA006600", SW_CHANNEL_NOT_SUPPORTED);
	gpk_expect(&k, "8450000008112233445566778800", SW_OK); /* CLA 84: the form of the sessions */
	assert_int_equal(gpk_plain(&k, "80CA00"), SW_WRONG_LENGTH);
	/* everything that changes the card wants a session first */
	static const char *const closed[] = {"80F28002024F0000", "80F0800F00", "80E400000A4F08" ISD "00", "80E60200",
	    "80E80000", "80D8000100", "80E20000", "807A1001", "80780003", "84F280020A4F00112233445566778800"};
	for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++)
		gpk_expect(&k, closed[i], SW_SECURITY_STATUS);
	gpk_free(&k);
}

static void channels(void **state)
{
	(void)state;
	gpk_new(&k, "nxp-jcop4-j3r180");
	gpk_expect(&k, "0070000001", SW_OK);
	gpk_data(&k, "01");
	gpk_expect(&k, "01A4040000", SW_OK);
	gpk_expect(&k, "0070000001", SW_OK);
	gpk_data(&k, "02");
	gpk_expect(&k, "00700003", SW_OK); /* a certain one */
	assert_int_equal(k.n, 0);
	gpk_expect(&k, "0070000001", SW_FUNC_NOT_SUPPORTED); /* the chip has four */
	gpk_expect(&k, "00700004", SW_FUNC_NOT_SUPPORTED);
	gpk_expect(&k, "00700002", SW_WRONG_P1P2); /* open already */
	gpk_expect(&k, "00708002", SW_OK);
	gpk_expect(&k, "02A4040000", SW_OK); /* SELECT opens it */
	gpk_expect(&k, "00708002", SW_OK);
	gpk_expect(&k, "00708002", SW_WARNING_STATE_UNCHANGED);
	gpk_expect(&k, "00708000", SW_FUNC_NOT_SUPPORTED);
	gpk_expect(&k, "00708014", SW_FUNC_NOT_SUPPORTED);
	gpk_expect(&k, "00700100", SW_FUNC_NOT_SUPPORTED);
	gpk_expect(&k, "00700000", 0x6c01);
	gpk_expect(&k, "0070000002", 0x6c01);
	gpk_expect(&k, "82CA006600", SW_CHANNEL_NOT_SUPPORTED);
	/* a session of one channel is nothing on another */
	assert_int_equal(gpk_open(&k, 0, 0), SW_OK);
	gpk_expect(&k, "80F28002024F0000", SW_OK);
	assert_int_equal(gpk_plain(&k, "81F28002024F0000"), SW_SECURITY_STATUS);
	k.cla = 1;
	struct gp_host first = k.host;
	assert_int_equal(gpk_open(&k, 0, 0x33), SW_OK);
	gpk_expect(&k, "80F28002024F0000", SW_OK);
	/* both are open, each with its keys */
	struct gp_host second = k.host;
	k.host = first;
	k.cla = 0;
	gpk_expect(&k, "80F28002024F0000", SW_OK);
	k.host = second;
	k.cla = 1;
	gpk_expect(&k, "80F28002024F0000", SW_OK);
	/* selecting ends the session of its channel only */
	assert_int_equal(gpk_select(&k, ISD), SW_OK);
	gpk_expect(&k, "80F28002024F0000", SW_SECURITY_STATUS);
	k.cla = 0;
	k.open = true;
	k.host = first;
	gpk_expect(&k, "80F28002024F0000", SW_OK);
	gpk_free(&k);
}

static void data_objects(void **state)
{
	(void)state;
	gpk_new(&k, "nxp-jcop4-j3r180");
	gpk_expect(&k, "80CA006600", SW_OK);
	gpk_data(&k,
	    "6631732F06072A864886FC6B01600C060A2A864886FC6B02020101630906072A864886FC6B03640B06092A864886FC6B040370");
	gpk_expect(&k, "00CA006600", SW_OK);
	gpk_expect(&k, "80CA00E000", SW_OK);
	gpk_data(&k, "E012C00401318810C00402318810C00403318810");
	gpk_expect(&k, "80CA9F7F00", SW_OK);
	assert_int_equal(k.n, 45);
	gpk_expect(&k, "80CA00CF00", SW_OK);
	assert_int_equal(k.n, 12);
	gpk_expect(&k, "80CA00C100", SW_OK);
	gpk_data(&k, "C103000000");
	gpk_expect(&k, "80CA00C200", SW_OK);
	gpk_data(&k, "C2020000");
	gpk_expect(&k, "80CAFF2100", SW_OK);
	gpk_expect(&k, "80CA006700", SW_OK);
	gpk_expect(&k, "80CA00D300", SW_OK);
	gpk_data(&k, "D30100");
	gpk_expect(&k, "80CA004200", SW_REFERENCE_NOT_FOUND);
	gpk_expect(&k, "80CA2F00025C0000", SW_REFERENCE_NOT_FOUND); /* no application */
	assert_int_equal(gpk_open(&k, 0x31, 0x01), SW_OK);
	gpk_expect(&k, "80CA00D300", SW_OK);
	gpk_data(&k, "D30181");
	gpk_expect(&k, "80CA00C100", SW_OK);
	gpk_data(&k, "C103000001"); /* it counts sessions */
	/* STORE DATA */
	gpk_expect(&k, "80E2900005 4203112233", SW_OK);
	gpk_expect(&k, "80CA004200", SW_OK);
	gpk_data(&k, "4203112233");
	gpk_expect(&k, "80E2900008 4502AABB 42020102", SW_OK); /* two at once, one of them again */
	gpk_expect(&k, "80CA004200", SW_OK);
	gpk_data(&k, "42020102");
	gpk_expect(&k, "80CA004500", SW_OK);
	gpk_data(&k, "4502AABB");
	gpk_expect(&k, "80E2900006 4201 05 E00101", SW_WRONG_DATA); /* computed by the card; and then nothing is done */
	gpk_expect(&k, "80CA004200", SW_OK);
	gpk_data(&k, "42020102");
	gpk_expect(&k, "80E2900004 42050102", SW_WRONG_DATA);
	gpk_expect(&k, "80E29000", SW_WRONG_LENGTH);
	gpk_expect(&k, "80E2980002 4200", SW_WRONG_P1P2);
	gpk_expect(&k, "80E2900002 4200", SW_OK); /* empty removes */
	gpk_expect(&k, "80CA004200", SW_REFERENCE_NOT_FOUND);
	/* blocks in order; DGI */
	gpk_expect(&k, "80E2080006 0070034201 07", SW_OK);
	gpk_expect(&k, "80E2880106 0070034501 08", SW_OK);
	gpk_expect(&k, "80CA004500", SW_OK);
	gpk_data(&k, "450108");
	gpk_expect(&k, "80E2880106 0070034501 09", SW_WRONG_P1P2);
	/* the name of the ISD */
	gpk_expect(&k, "80E2900009 4F07A0000001510999", SW_OK);
	assert_int_equal(gpk_select(&k, ISD), SW_FILE_NOT_FOUND);
	assert_int_equal(gpk_select(&k, "A0000001510999"), SW_OK);
	gpk_free(&k);
}

static void status_lists(void **state)
{
	(void)state;
	gpk_new(&k, "nxp-jcop4-j3r180");
	assert_int_equal(gpk_open(&k, 0, 0x33), SW_OK);
	gpk_expect(&k, "80F28002024F0000", SW_OK);
	gpk_data(&k, "E3134F08" ISD "9F700101C5039EFE80");
	gpk_expect(&k, "80F28000024F0000", SW_OK);
	gpk_data(&k, "08" ISD "019E");
	gpk_expect(&k, "80F24002024F0000", SW_REFERENCE_NOT_FOUND); /* no application */
	gpk_expect(&k, "80F22002024F0000", SW_OK);
	gpk_data(&k, "E3174F07A0000001515350 9F700101 CC08" ISD);
	gpk_expect(&k, "80F21002024F0000", SW_OK);
	gpk_data(&k, "E3214F07A0000001515350 9F700101 8408A000000151535041 CC08" ISD);
	gpk_expect(&k, "80F21000024F0000", SW_OK);
	gpk_data(&k, "07A0000001515350 0100 01 08A000000151535041");
	gpk_expect(&k, "80F22002054F005C014F00", SW_OK);
	gpk_data(&k, "E3094F07A0000001515350");
	gpk_expect(&k, "80F2800207 4F05A00000015100", SW_OK);
	gpk_expect(&k, "80F2800207 4F05A00000015200", SW_REFERENCE_NOT_FOUND);
	gpk_expect(&k, "80F2E002024F0000", SW_WRONG_P1P2);
	gpk_expect(&k, "80F28004024F0000", SW_WRONG_P1P2);
	gpk_expect(&k, "80F2800200", SW_WRONG_DATA);
	gpk_expect(&k, "80F28003024F0000", SW_CONDITIONS_OF_USE); /* next, without a first */
	/* more than one answer holds */
	for (int i = 0; i < 12; i++) {
		char aid[40];
		snprintf(aid, sizeof aid, "0BA0000000010203040506%02X", i + 1);
		gpk_domain(&k, aid, "0180", "02C900");
	}
	unsigned seen = 0;
	gpk_expect(&k, "80F24002024F0000", SW_MORE_DATA);
	for (;;) {
		for (size_t at = 0; at < k.n; at += 2u + k.rsp[at + 1]) {
			assert_int_equal(k.rsp[at], 0xe3);
			assert_int_equal(k.rsp[at + 4 + 10], ++seen);
		}
		if (k.sw == SW_OK)
			break;
		assert_int_equal(k.sw, SW_MORE_DATA);
		gpk_cmd(&k, "80F24003024F0000");
	}
	assert_int_equal(seen, 12);
	/* anything between ends the list */
	gpk_expect(&k, "80F24002024F0000", SW_MORE_DATA);
	gpk_expect(&k, "80CA006600", SW_OK);
	gpk_expect(&k, "80F24003024F0000", SW_CONDITIONS_OF_USE);
	gpk_expect(&k, "80F24002024F0000", SW_MORE_DATA);
	gpk_expect(&k, "80F24003034F01A000", SW_CONDITIONS_OF_USE); /* other criteria */
	gpk_free(&k);
}

static uint8_t first_state(const char *select)
{
	gpk_cmd(&k, select);
	for (size_t i = 0; i + 3 < k.n; i++)
		if (k.rsp[i] == 0x9f && k.rsp[i + 1] == 0x70)
			return k.rsp[i + 3];
	return 0;
}

static void card_life_cycle(void **state)
{
	(void)state;
	gpk_new(&k, "nxp-jcop4-j3r180");
	assert_int_equal(gpk_open(&k, 0, 0x00), SW_OK);
	gpk_expect(&k, "80F0800F", SW_CONDITIONS_OF_USE); /* one step at a time */
	gpk_expect(&k, "80F0807F", SW_CONDITIONS_OF_USE);
	gpk_expect(&k, "80F08007", SW_OK);
	gpk_expect(&k, "80F08007", SW_CONDITIONS_OF_USE);
	gpk_expect(&k, "80F08001", SW_CONDITIONS_OF_USE); /* not back */
	gpk_expect(&k, "80F0800F", SW_OK);
	/* secured: a session without C-MAC is not enough */
	gpk_expect(&k, "80F28002024F0000", SW_SECURITY_STATUS);
	assert_int_equal(gpk_open(&k, 0, 0x01), SW_OK);
	assert_int_equal(first_state("80F28002024F0000"), 0x0f);
	gpk_domain(&k, "08A0000000010203F1", "0180", "02C900");
	gpk_expect(&k, "80F0807F", SW_OK);
	/* locked: no content management, no other application; the ISD says so */
	gpk_expect(&k, "80E400000A4F08A0000000010203F1", SW_CONDITIONS_OF_USE);
	assert_int_equal(gpk_select(&k, "A0000000010203F1"), SW_FILE_NOT_FOUND);
	assert_int_equal(gpk_select(&k, ""), SW_FILE_DEACTIVATED);
	gpk_reset(&k);
	assert_int_equal(gpk_open(&k, 0, 0x01), SW_OK);
	gpk_expect(&k, "80F0800F", SW_OK);
	gpk_expect(&k, "80E400000A4F08A0000000010203F1", SW_OK);
	gpk_expect(&k, "80F080FF", SW_OK);
	/* terminated: only GET DATA */
	gpk_reset(&k);
	assert_int_equal(gpk_open(&k, 0, 0x01), SW_CONDITIONS_OF_USE);
	gpk_expect(&k, "80CA9F7F00", SW_OK);
	assert_int_equal(gpk_select(&k, ""), SW_FILE_DEACTIVATED);
	gpk_free(&k);
}

static void application_life_cycle(void **state)
{
	(void)state;
	gpk_new(&k, "nxp-jcop4-j3r180");
	assert_int_equal(gpk_open(&k, 0, 0x01), SW_OK);
	gpk_domain(&k, "08A0000000010203F1", "0180", "02C900");
	assert_int_equal(first_state("80F24002024F0000"), 0x07);
	gpk_expect(&k, "80F0408308A0000000010203F1", SW_OK); /* lock */
	assert_int_equal(first_state("80F24002024F0000"), 0x87);
	gpk_expect(&k, "80F0408308A0000000010203F1", SW_CONDITIONS_OF_USE);
	struct gp_host host = k.host;
	assert_int_equal(gpk_plain(&k, "0070000001"), SW_OK);
	assert_int_equal(gpk_plain(&k, "01A4040008A0000000010203F1"), SW_FILE_NOT_FOUND);
	k.host = host;
	gpk_expect(&k, "80F0400308A0000000010203F1", SW_OK); /* unlock: as it was */
	assert_int_equal(first_state("80F24002024F0000"), 0x07);
	gpk_expect(&k, "80F0400F08A0000000010203F1", SW_OK); /* personalized */
	gpk_expect(&k, "80F0400F08A0000000010203F1", SW_CONDITIONS_OF_USE);
	gpk_expect(&k, "80F0400708A0000000010203F1", SW_CONDITIONS_OF_USE);
	gpk_expect(&k, "80F0408308A0000000010203F2", SW_REFERENCE_NOT_FOUND);
	gpk_expect(&k, "80F0408308" ISD, SW_CONDITIONS_OF_USE);
	gpk_expect(&k, "80F0408307A0000001515350", SW_CONDITIONS_OF_USE);
	gpk_expect(&k, "80F0408304A0000001", SW_WRONG_DATA);
	gpk_expect(&k, "80F0208308A0000000010203F1", SW_WRONG_P1P2);
	/* a whole security domain */
	gpk_expect(&k, "80F0608008A0000000010203F1", SW_OK);
	assert_int_equal(first_state("80F24002024F0000"), 0x8f);
	gpk_expect(&k, "80F0600008A0000000010203F1", SW_OK);
	assert_int_equal(first_state("80F24002024F0000"), 0x0f);
	gpk_free(&k);
}

static void put_keys(void **state)
{
	(void)state;
	static uint8_t fresh[96];
	for (size_t i = 0; i < sizeof fresh; i++)
		fresh[i] = (uint8_t)(0x91 + 3 * i);
	gpk_new(&k, "nxp-jcop4-j3r180");
	assert_int_equal(gpk_open(&k, 0, 0x33), SW_OK);
	for (size_t len = 16; len <= 32; len += 8) { /* AES-128, -192, -256 as versions 1, 2, 3 */
		assert_int_equal(gpk_put_keys(&k, 0, (unsigned)len / 8 - 1, true, fresh, len), SW_OK);
		assert_int_equal(k.n, 10);
		assert_int_equal(k.rsp[0], len / 8 - 1);
	}
	gpk_expect(&k, "80CA00E000", SW_OK);
	assert_int_equal(k.n, 2 + 12 * 6);
	for (size_t len = 16; len <= 32; len += 8) {
		k.host.key_len = len;
		memcpy(k.host.k_enc, fresh, len);
		memcpy(k.host.k_mac, fresh + len, len);
		memcpy(k.host.k_dek, fresh + 2 * len, len);
		assert_int_equal(gpk_open(&k, (unsigned)len / 8 - 1, 0x33), SW_OK);
		gpk_expect(&k, "80F28002024F0000", SW_OK);
	}
	/* again under the last ones: replace version 3 by version 4 */
	assert_int_equal(gpk_put_keys(&k, 3, 4, true, fresh, 16), SW_OK);
	assert_int_equal(gpk_put_keys(&k, 3, 4, true, fresh, 16), SW_REFERENCE_NOT_FOUND);
	assert_int_equal(gpk_put_keys(&k, 0, 4, true, fresh, 16), SW_WRONG_DATA); /* there already */
	assert_int_equal(gpk_put_keys(&k, 4, 4, true, fresh + 1, 16), SW_OK);
	assert_int_equal(gpk_put_keys(&k, 0, 0, true, fresh, 16), SW_WRONG_DATA);
	/* check value wrong: nothing changes */
	gpk_expect(&k, "80D8000118 05 88 10 000102030405060708090A0B0C0D0E0F 03 FFFFFF 00", SW_WRONG_CHECK_VALUE);
	gpk_expect(&k, "80D8000118 05 99 10 000102030405060708090A0B0C0D0E0F 03 FFFFFF 00", SW_ALGORITHM_NOT_SUPPORTED);
	gpk_expect(&k, "80D8000103 05 88 10 00", SW_WRONG_DATA);
	gpk_expect(&k, "80D8000114 05 88 10 000102030405060708090A0B0C0D0E0F 00 00", SW_OK); /* without check value */
	assert_int_equal(k.n, 4);
	gpk_expect(&k, "80D80000140688100001 02030405060708090A0B0C0D0E0F 00 00", SW_WRONG_DATA); /* identifier 0 */
	/* public keys: RSA-1024 as token key, EC P-256 as DAP key */
	uint8_t cmd[300] = {0x80, 0xd8, 0, 1, 0, 0x70, 0xa1, 0x81, 0x80};
	memset(cmd + 9, 0xc1, 128);
	memcpy(cmd + 137, "\xa0\x03\x01\x00\x01\x00", 6);
	cmd[4] = 138;
	assert_int_equal(gpk_bytes(&k, cmd, 144), SW_OK);
	gpk_data(&k, "70");
	memcpy(cmd + 5, "\x73\xb0\x41\x04", 4);
	memcpy(cmd + 9 + 64, "\xf0\x01\x00\x00", 4);
	cmd[4] = 72;
	assert_int_equal(gpk_bytes(&k, cmd, 77), SW_OK);
	gpk_expect(&k, "80CA00E000", SW_OK);
	assert_non_null(memmem(k.rsp, k.n, "\xc0\x06\x01\x70\xa1\x80\xa0\x03", 8));
	assert_non_null(memmem(k.rsp, k.n, "\xc0\x06\x01\x73\xb0\x41\xf0\x01", 8));
	/* DELETE of keys: one, a version, none, the session's own */
	gpk_expect(&k, "80E4000006 D00101D20105 00", SW_OK);
	gpk_expect(&k, "80E4000003 D20101", SW_OK);
	gpk_expect(&k, "80E4000003 D20101", SW_REFERENCE_NOT_FOUND);
	k.host.key_len = 16;
	memcpy(k.host.k_enc, fresh + 1, 16);
	memcpy(k.host.k_mac, fresh + 17, 16);
	memcpy(k.host.k_dek, fresh + 33, 16);
	assert_int_equal(gpk_open(&k, 4, 0x03), SW_OK);
	gpk_expect(&k, "80E4000003 D20104", SW_CONDITIONS_OF_USE);
	gpk_expect(&k, "80E4000004 D2020401", SW_WRONG_DATA);
	assert_int_equal(gpk_open(&k, 0x55, 0x03), SW_REFERENCE_NOT_FOUND);
	gpk_free(&k);
}

/* gpshell3 puts single keys: one of a lower version must not become the default before its set is whole. */
static void one_key_is_no_set(void **state)
{
	(void)state;
	gpk_new(&k, "nxp-jcop4-j3r180");
	assert_int_equal(gpk_open(&k, 0, 0x01), SW_OK);
	gpk_expect(&k, "80D8000114 05 88 10 000102030405060708090A0B0C0D0E0F 00", SW_OK);
	assert_int_equal(gpk_open(&k, 0, 0x01), SW_OK);
	assert_int_equal(gpk_open(&k, 5, 0x01), SW_REFERENCE_NOT_FOUND);
	gpk_free(&k);
}

static void initial_keys_of_an_old_card(void **state)
{
	(void)state;
	static uint8_t fresh[48];
	memset(fresh, 0x5a, sizeof fresh);
	gpk_new(&k, "ibm-jcop21-v22");
	assert_int_equal(gpk_open(&k, 0, 0x03), SW_OK);
	assert_int_equal(k.host.scp, 2);
	gpk_expect(&k, "80CA00E000", SW_OK);
	uint8_t version = k.rsp[5];
	assert_int_equal(gpk_put_keys(&k, 0, 1, false, fresh, 16), SW_OK);
	gpk_expect(&k, "80CA00E000", SW_OK);
	if (version == 0xff) /* the first set takes the place of the initial one */
		gpk_data(&k, "E012C00401018010C00402018010C00403018010");
	memset(k.host.k_enc, 0x5a, 16);
	memset(k.host.k_mac, 0x5a, 16);
	memset(k.host.k_dek, 0x5a, 16);
	assert_int_equal(gpk_open(&k, 1, 0x03), SW_OK);
	gpk_expect(&k, "80F28000024F0000", SW_OK);
	gpk_free(&k);
}

static void wrong_keys_block(void **state)
{
	(void)state;
	gpk_new(&k, "nxp-jcop4-j3r180");
	/* a right one in between gives all tries back */
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 9; i++) {
			assert_int_equal(gpk_plain(&k, "8050000008010203040506070800"), SW_OK);
			assert_int_equal(
			    gpk_plain(&k, "8482010010 00112233445566770011223344556677"), SW_WARNING_NO_INFO);
			assert_int_equal(
			    gpk_plain(&k, "8482010010 00112233445566770011223344556677"), SW_CONDITIONS_OF_USE);
		}
		assert_int_equal(gpk_open(&k, 0, 0x01), SW_OK);
	}
	for (int i = 0; i < 10; i++) {
		assert_int_equal(gpk_plain(&k, "8050000008010203040506070800"), SW_OK);
		assert_int_equal(gpk_plain(&k, "8482010010 00112233445566770011223344556677"), SW_WARNING_NO_INFO);
		gpk_reset(&k); /* a reset does not help */
	}
	assert_int_equal(gpk_open(&k, 0, 0x01), SW_AUTH_BLOCKED);
	gpk_expect(&k, "80CA006600", SW_OK);
	gpk_free(&k);
}

static void security_domains(void **state)
{
	(void)state;
	static uint8_t fresh[48];
	for (size_t i = 0; i < sizeof fresh; i++)
		fresh[i] = (uint8_t)(7 * i);
	gpk_new(&k, "nxp-jcop4-j3r180");
	assert_int_equal(gpk_open(&k, 0, 0x33), SW_OK);
	/* the local and the extension area of a multi-application ID card */
	gpk_domain(&k, "08D392100031000001", "0380 4000", "02C900"); /* authorised management */
	gpk_domain(&k, "08D392100031000002", "0180", "0A EF06 8304 00001000 C900");
	gpk_expect(&k, "80F24002024F0000", SW_OK);
	gpk_data(&k,
	    "E326 4F08D392100031000001 9F700107 C503804000 C407A0000001515350 CC08" ISD
	    "E326 4F08D392100031000002 9F700107 C503800000 C407A0000001515350 CC08" ISD);
	/* twice the same name; a module that is not there; privileges that do not fit */
	gpk_expect(&k, "80E60C0020 07A0000001515350 08A000000151535041 08D392100031000001 0180 02C900 00",
	    SW_CONDITIONS_OF_USE);
	gpk_expect(&k, "80E60C0020 07A0000001515351 08A000000151535041 08D392100031000003 0180 02C900 00",
	    SW_REFERENCE_NOT_FOUND);
	gpk_expect(
	    &k, "80E60C0020 07A0000001515350 08A000000151535041 08D392100031000003 0100 02C900 00", SW_WRONG_DATA);
	gpk_expect(
	    &k, "80E60C0020 07A0000001515350 08A000000151535041 08D392100031000003 0280 02C900 00", SW_WRONG_DATA);
	gpk_expect(&k, "80E60C001F 07A0000001515350 08A000000151535041 08D392100031000003 0180 02C900", SW_WRONG_DATA);
	/* without keys of its own it is served by the ISD's */
	assert_int_equal(gpk_select(&k, "D392100031000001"), SW_OK);
	gpk_data(&k, "6F108408D392100031000001A5049F6501FF");
	assert_int_equal(gpk_open(&k, 0, 0x33), SW_OK);
	assert_int_equal(gpk_put_keys(&k, 0, 0x11, true, fresh, 16), SW_OK);
	/* from now on by its own */
	assert_int_equal(gpk_select(&k, "D392100031000001"), SW_OK);
	assert_int_equal(gpk_open(&k, 0x31, 0x33), SW_REFERENCE_NOT_FOUND);
	memcpy(k.host.k_enc, fresh, 16);
	memcpy(k.host.k_mac, fresh + 16, 16);
	memcpy(k.host.k_dek, fresh + 32, 16);
	assert_int_equal(gpk_open(&k, 0x11, 0x33), SW_OK);
	gpk_expect(&k, "80F24002024F0000", SW_OK); /* sees itself, not its neighbour */
	gpk_data(&k, "E326 4F08D392100031000001 9F70010F C503804000 C407A0000001515350 CC08" ISD);
	gpk_expect(&k, "80F28002024F0000", SW_REFERENCE_NOT_FOUND);
	gpk_expect(&k, "80E400000A 4F08D392100031000002", SW_REFERENCE_NOT_FOUND);
	gpk_expect(&k, "80F080FF", SW_CONDITIONS_OF_USE); /* not its card */
	gpk_expect(&k, "80F0408308D392100031000002", SW_REFERENCE_NOT_FOUND);
	/* a domain below it, moved away and back by the ISD */
	gpk_domain(&k, "08D392100031000011", "0180", "02C900");
	assert_int_equal(gpk_select(&k, ISD), SW_OK);
	for (int i = 0; i < 16; i++)
		k.host.k_enc[i] = k.host.k_mac[i] = k.host.k_dek[i] = (uint8_t)(0x40 + i);
	assert_int_equal(gpk_open(&k, 0, 0x33), SW_OK);
	gpk_expect(&k, "80E6100015 08D392100031000002 00 08D392100031000011 00 00", SW_WRONG_DATA); /* no token field */
	gpk_expect(&k, "80E6100016 08D392100031000002 00 08D392100031000011 000000 00", SW_OK);
	gpk_expect(&k, "80F240020A 4F08D39210003100001100", SW_OK);
	gpk_data(&k, "E326 4F08D392100031000011 9F700107 C503800000 C407A0000001515350 CC08D392100031000002");
	/* not below itself */
	gpk_expect(&k, "80E6100016 08D392100031000011 00 08D392100031000002 000000 00", SW_CONDITIONS_OF_USE);
	gpk_expect(&k, "80E6100016 08D392100031000099 00 08D392100031000002 000000 00", SW_REFERENCE_NOT_FOUND);
	/* a domain with something below goes only with it */
	gpk_expect(&k, "80E400000A 4F08D392100031000002", SW_CONDITIONS_OF_USE);
	gpk_expect(&k, "80E400800A 4F08D39210003100000200", SW_OK);
	gpk_data(&k, "00");
	gpk_expect(&k, "80F240020A 4F08D39210003100001100", SW_REFERENCE_NOT_FOUND);
	/* what cannot go */
	gpk_expect(&k, "80E400800A 4F08" ISD, SW_CONDITIONS_OF_USE);
	gpk_expect(&k, "80E4008009 4F07A0000001515350", SW_CONDITIONS_OF_USE);
	gpk_expect(&k, "80E400000A 4F08D392100031000077", SW_REFERENCE_NOT_FOUND);
	gpk_expect(&k, "80E400010A 4F08D392100031000001", SW_WRONG_P1P2);
	gpk_expect(&k, "80E4000002 4F00", SW_WRONG_DATA);
	gpk_expect(&k, "80E400000D 4F08D392100031000001 D20101", SW_WRONG_DATA);
	/* registry update: takes the privilege away */
	gpk_expect(&k, "80E6400011 00 00 08D392100031000001 03800000 00 00", SW_OK);
	gpk_expect(&k, "80F240020A 4F08D39210003100000100", SW_OK);
	gpk_data(&k, "E326 4F08D392100031000001 9F70010F C503800000 C407A0000001515350 CC08" ISD);
	gpk_expect(&k, "80E6400011 00 00 08D392100031000001 03000000 00 00", SW_WRONG_DATA); /* it stays a domain */
	gpk_expect(&k, "80E640000D 00 00 08D392100031000001 00 0000", SW_WRONG_DATA);
	gpk_expect(&k, "80E640000E 00 00 08D392100031000009 00 00 00", SW_REFERENCE_NOT_FOUND);
	gpk_expect(&k, "80E640000E 00 00 08" ISD " 00 00 00", SW_CONDITIONS_OF_USE);
	gpk_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(select_and_fci),
	    cmocka_unit_test(classes_and_instructions),
	    cmocka_unit_test(channels),
	    cmocka_unit_test(data_objects),
	    cmocka_unit_test(status_lists),
	    cmocka_unit_test(card_life_cycle),
	    cmocka_unit_test(application_life_cycle),
	    cmocka_unit_test(put_keys),
	    cmocka_unit_test(one_key_is_no_set),
	    cmocka_unit_test(initial_keys_of_an_old_card),
	    cmocka_unit_test(wrong_keys_block),
	    cmocka_unit_test(security_domains),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
