/* Card content management with a real applet: INSTALL in its forms, LOAD in any block split, DELETE; what is refused,
 * and that memory comes back. */
#include "tests/unit/support/cm_kit.h"

#define ISD   "A000000151000000"
#define FILE_ "05F049474102"
#define APP   "06F04947410201"

static struct gp_kit k;
static struct buf file;

static void start(int level)
{
	gpk_new(&k, "nxp-jcop4-j3r180");
	buf_clear(&file);
	gpk_cap(&k, "javacard/managed", &file);
	assert_int_equal(gpk_open(&k, 0, level), SW_OK);
}

static void load(size_t block)
{
	assert_int_equal(gpk_install(&k, 0x02, FILE_ "00 00 00 00"), SW_OK);
	gpk_data(&k, "00");
	assert_int_equal(gpk_load(&k, file.p, file.n, block), SW_OK);
}

static uint32_t free_memory(void)
{
	gpk_cmd(&k, "80CAFF2100");
	for (size_t i = 0; i + 5 < k.n; i++)
		if (k.rsp[i] == 0x82 && k.rsp[i + 1] == 4)
			return (uint32_t)k.rsp[i + 2] << 24 | (uint32_t)k.rsp[i + 3] << 16 |
			    (uint32_t)k.rsp[i + 4] << 8 | k.rsp[i + 5];
	return 0;
}

static void load_install_run_delete(void **state)
{
	(void)state;
	start(0x33);
	uint32_t before = free_memory();
	load(200);
	gpk_expect(&k, "80F21002074F05F04947410200", SW_OK);
	gpk_data(&k, "E3214F05F049474102 9F700101 CE020100 8406F04947410201 CC08" ISD);
	assert_int_equal(gpk_install(&k, 0x0c, FILE_ APP APP "0100 02C900 00"), SW_OK);
	gpk_data(&k, "00");
	gpk_expect(&k, "80F24002024F0000", SW_OK);
	gpk_data(&k, "E3224F06F04947410201 9F700107 C503000000 C405F049474102 CC08" ISD);
	assert_true(free_memory() < before);
	struct gp_host host = k.host;
	assert_int_equal(gpk_select(&k, "F04947410201"), SW_OK);
	gpk_expect(&k, "8010000002", SW_OK);
	gpk_data(&k, "0001");
	gpk_expect(&k, "8010000002", SW_OK);
	gpk_data(&k, "0002");
	gpk_expect(&k, "8011000003AABBCC00", SW_OK);
	gpk_data(&k, "AABBCC");
	gpk_expect(&k, "80120000", 0x6a11);
	gpk_expect(&k, "80130000", SW_INS_NOT_SUPPORTED);
	gpk_reset(&k);
	assert_int_equal(gpk_select(&k, "F049474102"), SW_OK); /* by the beginning of its name */
	gpk_expect(&k, "8010000002", SW_OK);
	gpk_data(&k, "0003");
	/* a SELECT of something unknown goes to the applet, which knows no such command */
	gpk_expect(&k, "00A4040006A0000000990100", SW_INS_NOT_SUPPORTED);
	gpk_expect(&k, "8010000002", SW_OK);
	/* while it is current on a channel it cannot be deleted */
	gpk_expect(&k, "0070000001", SW_OK);
	k.cla = 1;
	assert_int_equal(gpk_select(&k, ISD), SW_OK);
	k.host = host;
	assert_int_equal(gpk_open(&k, 0, 0x33), SW_OK);
	gpk_expect(&k, "80E4000008 4F06F04947410201", SW_CONDITIONS_OF_USE);
	gpk_expect(&k, "80E4008007 4F05F049474102", SW_CONDITIONS_OF_USE);
	k.cla = 0;
	assert_int_equal(gpk_select(&k, ISD), SW_OK);
	assert_int_equal(gpk_open(&k, 0, 0x33), SW_OK);
	gpk_expect(&k, "80E4000007 4F05F049474102", SW_CONDITIONS_OF_USE); /* it has an instance */
	gpk_expect(&k, "80E4000008 4F06F04947410201 00", SW_OK);
	gpk_data(&k, "00");
	gpk_expect(&k, "80F24002024F0000", SW_REFERENCE_NOT_FOUND);
	gpk_expect(&k, "80E4000007 4F05F049474102 00", SW_OK);
	assert_int_equal(free_memory(), before);
	/* and once more, all at once */
	load(255 - 48);
	assert_int_equal(gpk_install(&k, 0x0c, FILE_ APP APP "0100 02C900 00"), SW_OK);
	gpk_expect(&k, "80E4008007 4F05F049474102 00", SW_OK);
	gpk_expect(&k, "80F22002074F05F04947410200", SW_REFERENCE_NOT_FOUND);
	assert_int_equal(free_memory(), before);
	gpk_free(&k);
}

static void any_block_split(void **state)
{
	(void)state;
	start(0x01);
	for (size_t block = 1; block <= 240; block += block < 20 ? 1 : 37) {
		load(block);
		gpk_expect(&k, "80E4000007 4F05F049474102", SW_OK);
	}
	gpk_free(&k);
}

static void loads_refused(void **state)
{
	(void)state;
	start(0x01);
	uint32_t before = free_memory();
	assert_int_equal(gpk_load(&k, file.p, file.n, 200), SW_CONDITIONS_OF_USE); /* without INSTALL */
	assert_int_equal(gpk_install(&k, 0x02, "04F0494741 00 00 00 00"), SW_WRONG_DATA);
	assert_int_equal(gpk_install(&k, 0x02, FILE_ "00 00 00"), SW_WRONG_DATA);
	assert_int_equal(gpk_install(&k, 0x02, FILE_ "00 03112233 00 00"), SW_WRONG_DATA);
	assert_int_equal(gpk_install(&k, 0x02, FILE_ "08A000000099999999 00 00 00"), SW_REFERENCE_NOT_FOUND);
	assert_int_equal(gpk_install(&k, 0x02, FILE_ "00 00 08EF06C604 00100000 00"), SW_NO_MEMORY);
	assert_int_equal(gpk_install(&k, 0x02, "07A0000001515350 00 00 00 00"), SW_CONDITIONS_OF_USE);
	gpk_expect(&k, "80E6020107 05F049474102 00", SW_WRONG_P1P2);
	/* blocks out of order, after the end, empty */
	assert_int_equal(gpk_install(&k, 0x02, FILE_ "00 00 00 00"), SW_OK);
	gpk_expect(&k, "80E8000101C4", SW_WRONG_P1P2);
	gpk_expect(&k, "80E8000001C4", SW_CONDITIONS_OF_USE); /* the load has ended */
	assert_int_equal(gpk_install(&k, 0x02, FILE_ "00 00 00 00"), SW_OK);
	gpk_expect(&k, "80E80000", SW_WRONG_LENGTH);
	assert_int_equal(gpk_install(&k, 0x02, FILE_ "00 00 00 00"), SW_OK);
	gpk_expect(&k, "80E8010001C4", SW_WRONG_P1P2);
	/* something else than C4, too early the last, more than C4 says */
	assert_int_equal(gpk_install(&k, 0x02, FILE_ "00 00 00 00"), SW_OK);
	gpk_expect(&k, "80E8800003C50101", SW_WRONG_DATA);
	assert_int_equal(gpk_install(&k, 0x02, FILE_ "00 00 00 00"), SW_OK);
	gpk_expect(&k, "80E8800003C40502", SW_WRONG_DATA);
	assert_int_equal(gpk_install(&k, 0x02, FILE_ "00 00 00 00"), SW_OK);
	assert_int_equal(gpk_load(&k, file.p, file.n - 1, 200), SW_WRONG_DATA);
	/* another name than announced */
	assert_int_equal(gpk_install(&k, 0x02, "05F049474103 00 00 00 00"), SW_OK);
	assert_int_equal(gpk_load(&k, file.p, file.n, 200), SW_WRONG_DATA);
	/* a command in between ends the load */
	assert_int_equal(gpk_install(&k, 0x02, FILE_ "00 00 00 00"), SW_OK);
	gpk_expect(&k, "80CA006600", SW_OK);
	assert_int_equal(gpk_load(&k, file.p, file.n, 200), SW_CONDITIONS_OF_USE);
	/* so does a reset */
	assert_int_equal(gpk_install(&k, 0x02, FILE_ "00 00 00 00"), SW_OK);
	uint8_t first[205] = {0x80, 0xe8, 0, 0, 200};
	memcpy(first + 5, file.p, 200);
	assert_int_equal(gpk_bytes(&k, first, 205), SW_OK);
	gpk_reset(&k);
	assert_int_equal(gpk_open(&k, 0, 0x01), SW_OK);
	gpk_expect(&k, "80F22002074F05F04947410200", SW_REFERENCE_NOT_FOUND);
	assert_int_equal(free_memory(), before);
	/* twice */
	load(200);
	assert_int_equal(gpk_install(&k, 0x02, FILE_ "00 00 00 00"), SW_CONDITIONS_OF_USE);
	gpk_free(&k);
}

static void installs_refused(void **state)
{
	(void)state;
	start(0x01);
	load(200);
	uint32_t before = free_memory();
	assert_int_equal(gpk_install(&k, 0x0c, "05F049474199" APP APP "0100 02C900 00"), SW_REFERENCE_NOT_FOUND);
	assert_int_equal(gpk_install(&k, 0x0c, FILE_ "06F04947410299" APP "0100 02C900 00"), SW_REFERENCE_NOT_FOUND);
	assert_int_equal(gpk_install(&k, 0x0c,
			     FILE_ APP "04F0494741"
				       "0100 02C900 00"),
	    SW_WRONG_DATA);
	assert_int_equal(gpk_install(&k, 0x0c, FILE_ APP APP "020000 02C900 00"), SW_WRONG_DATA);
	assert_int_equal(gpk_install(&k, 0x0c, FILE_ APP APP "0180 02C900 00"), SW_WRONG_DATA); /* no security domain */
	assert_int_equal(gpk_install(&k, 0x0c, FILE_ APP APP "0100 03C90500 00"), SW_WRONG_DATA);
	assert_int_equal(gpk_install(&k, 0x0c, FILE_ APP "08" ISD "0100 02C900 00"), SW_CONDITIONS_OF_USE);
	/* the applet throws, takes more than it may, does not register */
	assert_int_equal(gpk_install(&k, 0x0c, FILE_ APP APP "0100 03C90101 00"), 0x6a99);
	assert_int_equal(gpk_install(&k, 0x0c, FILE_ APP APP "0100 09C90102EF04C8020200 00"), SW_NO_MEMORY);
	assert_true(gpk_install(&k, 0x0c, FILE_ APP APP "0100 03C90103 00") != SW_OK);
	assert_int_equal(free_memory(), before);
	gpk_expect(&k, "80F24002024F0000", SW_REFERENCE_NOT_FOUND);
	/* installed is not yet selectable */
	assert_int_equal(gpk_install(&k, 0x04, FILE_ APP APP "0100 02C900 00"), SW_OK);
	struct gp_host host = k.host;
	assert_int_equal(gpk_plain(&k, "0070000001"), SW_OK);
	assert_int_equal(gpk_plain(&k, "01A4040006F04947410201"), SW_FILE_NOT_FOUND);
	k.host = host;
	assert_int_equal(gpk_install(&k, 0x08, "00 00" APP "0100 00 00"), SW_OK);
	assert_int_equal(gpk_install(&k, 0x08, "00 00" APP "0100 00 00"), SW_CONDITIONS_OF_USE);
	assert_int_equal(gpk_install(&k, 0x08, "00 00 06F04947410209 0100 00 00"), SW_REFERENCE_NOT_FOUND);
	assert_int_equal(gpk_install(&k, 0x0c, FILE_ APP APP "0100 02C900 00"), SW_CONDITIONS_OF_USE); /* twice */
	/* a second instance under another name, as the default application */
	assert_int_equal(gpk_install(&k, 0x0c,
			     FILE_ APP "06F04947410202"
				       "0104 02C900 00"),
	    SW_OK);
	gpk_reset(&k);
	gpk_expect(&k, "8010000002", SW_OK); /* current from the reset on */
	gpk_data(&k, "0001");
	assert_int_equal(gpk_install(&k, 0x05, FILE_ "00 00 00"), SW_INS_NOT_SUPPORTED);
	assert_int_equal(gpk_select(&k, ""), SW_OK);
	assert_int_equal(gpk_open(&k, 0, 0x01), SW_OK);
	assert_int_equal(gpk_install(&k, 0x05, FILE_ APP APP "0100 02C900 00"), SW_WRONG_P1P2);
	gpk_free(&k);
}

static void combined_command(void **state)
{
	(void)state;
	start(0x03);
	uint8_t cmd[300] = {0x80, 0xe6, 0x0e, 0x01};
	size_t n = gpk_hex(FILE_ "00 00 00 00", cmd + 5);
	cmd[4] = (uint8_t)n;
	assert_int_equal(gpk_bytes(&k, cmd, 5 + n), SW_OK);
	assert_int_equal(gpk_load(&k, file.p, file.n, 220), SW_OK);
	n = gpk_hex(FILE_ APP APP "0100 02C900 00", cmd + 5);
	cmd[3] = 0x03;
	cmd[4] = (uint8_t)n;
	assert_int_equal(gpk_bytes(&k, cmd, 5 + n), SW_OK);
	assert_int_equal(gpk_bytes(&k, cmd, 5 + n), SW_WRONG_P1P2); /* no load before it */
	assert_int_equal(gpk_select(&k, "F04947410201"), SW_OK);
	gpk_free(&k);
}

static void locked_application(void **state)
{
	(void)state;
	start(0x01);
	load(200);
	assert_int_equal(gpk_install(&k, 0x0c, FILE_ APP APP "0100 02C900 00"), SW_OK);
	gpk_expect(&k, "80F0408006F04947410201", SW_OK);
	assert_int_equal(gpk_select(&k, "F04947410201"), SW_FILE_NOT_FOUND);
	assert_int_equal(gpk_open(&k, 0, 0x01), SW_OK);
	gpk_expect(&k, "80F0400006F04947410201", SW_OK);
	gpk_expect(&k, "80F0400F06F04947410201", SW_CONDITIONS_OF_USE); /* its own states are the applet's */
	assert_int_equal(gpk_select(&k, "F04947410201"), SW_OK);
	gpk_free(&k);
}

static void closed_to_loading(void **state)
{
	(void)state;
	gpk_chip(&k, "nxp-jcop4-j3r180");
	gpk_fact(&k, CHIP_GP_LOADING, "closed", 2);
	gpk_make(&k);
	assert_int_equal(gpk_open(&k, 0, 0x01), SW_OK);
	assert_int_equal(gpk_install(&k, 0x02, FILE_ "00 00 00 00"), SW_CONDITIONS_OF_USE);
	gpk_free(&k);
}

/* --- quotas, and who owns what --- */

static void quota_of_a_domain(void **state)
{
	(void)state;
	start(0x01);
	gpk_domain(&k, "08D392100031000002", "0180", "0A EF06 8304 00000100 C900");
	gpk_domain(&k, "08D392100031000003", "0180", "0A EF06 8304 00001000 C900");
	assert_true(file.n > 0x100);
	assert_int_equal(gpk_install(&k, 0x02, FILE_ "08D392100031000002 00 08EF06C60400000300 00"), SW_NO_MEMORY);
	assert_int_equal(gpk_install(&k, 0x02, FILE_ "08D392100031000002 00 00 00"), SW_OK);
	assert_int_equal(gpk_load(&k, file.p, file.n, 200), SW_NO_MEMORY);
	assert_int_equal(gpk_install(&k, 0x02, FILE_ "08D392100031000003 00 00 00"), SW_OK);
	assert_int_equal(gpk_load(&k, file.p, file.n, 200), SW_OK);
	gpk_expect(&k, "80F22002074F05F04947410200", SW_OK);
	gpk_data(&k, "E3194F05F049474102 9F700101 CE020100 CC08D392100031000003");
	/* extradited to where there is no room, and to the ISD */
	assert_int_equal(gpk_install(&k, 0x10, "08D392100031000002 00 05F049474102 00 00 00"), SW_NO_MEMORY);
	assert_int_equal(gpk_install(&k, 0x10, "08" ISD "00 05F049474102 00 00 00"), SW_OK);
	/* a domain with what is in it */
	assert_int_equal(gpk_install(&k, 0x10, "08D392100031000003 00 05F049474102 00 00 00"), SW_OK);
	gpk_expect(&k, "80E400000A 4F08D392100031000003", SW_CONDITIONS_OF_USE);
	gpk_expect(&k, "80E400800A 4F08D392100031000003 00", SW_OK);
	gpk_expect(&k, "80F22002074F05F04947410200", SW_REFERENCE_NOT_FOUND);
	gpk_free(&k);
}

/* The oldest channel (GPCS 2.1.1, appendix D), both of its options, at each level: load, install, run, delete; keys are
 * put under the static key. */
static void over_scp01(void **state)
{
	(void)state;
	static const char *const options[] = {"05", "15"};
	static const int levels[] = {0x00, 0x01, 0x03};
	static uint8_t fresh[48];
	memset(fresh, 0x66, sizeof fresh);
	for (int i = 0; i < 2; i++)
		for (int l = 0; l < 3; l++) {
			gpk_chip(&k, "ibm-jcop21-v22");
			gpk_fact(&k, CHIP_GP_SCP, "SCP01", 0);
			gpk_fact(&k, CHIP_GP_I, options[i], 0);
			gpk_make(&k);
			assert_int_equal(k.i_of[1], i == 0 ? 0x05 : 0x15);
			assert_int_equal(gpk_open(&k, 0, levels[l]), SW_OK);
			assert_int_equal(k.host.scp, 1);
			buf_clear(&file);
			gpk_cap(&k, "javacard/managed", &file);
			load(120);
			assert_int_equal(gpk_install(&k, 0x0c, FILE_ APP APP "0100 02C900 00"), SW_OK);
			assert_int_equal(gpk_select(&k, "F04947410201"), SW_OK);
			gpk_expect(&k, "8010000002", SW_OK);
			gpk_data(&k, "0001");
			gpk_reset(&k);
			assert_int_equal(gpk_open(&k, 0, levels[l]), SW_OK);
			gpk_expect(&k, "80E4008007 4F05F049474102 00", SW_OK);
			gpk_put_keys(&k, 0, 5, false, fresh, 16);
			assert_int_equal(k.sw, SW_OK);
			/* levels of later protocols: none of them */
			assert_int_equal(gpk_plain(&k, "8050000008010203040506070800"), SW_OK);
			assert_int_equal(gpk_plain(&k, "8482110010 00112233445566770011223344556677"), SW_WRONG_P1P2);
			gpk_free(&k);
		}
}

static void load_into(const char *name, const char *lv_aid, const char *lv_domain)
{
	struct buf f = {0};
	char fields[128];
	gpk_cap(&k, name, &f);
	snprintf(fields, sizeof fields, "%s %s 00 00 00", lv_aid, lv_domain);
	assert_int_equal(gpk_install(&k, 0x02, fields), SW_OK);
	assert_int_equal(gpk_load(&k, f.p, f.n, 200), SW_OK);
	buf_reset(&f);
}

/* A domain with a domain in it, load files of which one imports the other, and an application of one of them. */
static void several_load_files_of_a_domain(void **state)
{
	(void)state;
	start(0x01);
	gpk_domain(&k, "08D392100031000002", "0180", "02C900");
	gpk_domain(&k, "08D392100031000003", "0180", "02C900");
	assert_int_equal(gpk_install(&k, 0x10, "08D392100031000002 00 08D392100031000003 00 00 00"), SW_OK);
	uint32_t before = free_memory();
	load_into("javacard/library", "05F049474108", "08D392100031000002");
	load_into("javacard/client", "05F049474109", "08D392100031000003");
	load_into("javacard/managed", FILE_, "08D392100031000002");
	assert_int_equal(gpk_install(&k, 0x0c, FILE_ APP APP "0100 02C900 00"), SW_OK);
	gpk_expect(&k, "80E400800A 4F08D392100031000003 00", SW_OK); /* the inner one, and as it was */
	gpk_domain(&k, "08D392100031000003", "0180", "02C900");
	load_into("javacard/client", "05F049474109", "08D392100031000003");
	gpk_expect(&k, "80E400800A 4F08D392100031000002 00", SW_CONDITIONS_OF_USE); /* client, outside, imports it */
	assert_int_equal(gpk_install(&k, 0x10, "08D392100031000002 00 08D392100031000003 00 00 00"), SW_OK);
	/* the application is current on another channel */
	k.cla = 1;
	assert_int_equal(gpk_plain(&k, "01A4040006F0494741020100"), SW_OK);
	k.cla = 0;
	gpk_expect(&k, "80E400800A 4F08D392100031000002 00", SW_CONDITIONS_OF_USE);
	assert_int_equal(gpk_plain(&k, "00708001"), SW_OK);
	gpk_expect(&k, "80E400800A 4F08D392100031000002 00", SW_OK);
	assert_int_equal(free_memory(), before);
	gpk_expect(&k, "80F24002024F0000", SW_REFERENCE_NOT_FOUND);
	gpk_expect(&k, "80F2200207 4F05F049474100", SW_REFERENCE_NOT_FOUND);
	load_into("javacard/library", "05F049474108", "00");
	load_into("javacard/client", "05F049474109", "00");
	gpk_free(&k);
}

/* --- an application goes on taking memory after install() --- */

#define LIMITS "F049474112"
#define EATER  "F04947411201"

/* New arrays of 64 bytes, each forgotten, until one is refused. */
static unsigned eat(void)
{
	unsigned n = 0;
	assert_int_equal(gpk_select(&k, EATER), SW_OK);
	while (n < 1000 && gpk_cmd(&k, "8010000000") == SW_OK)
		n++;
	assert_int_equal(k.sw, SW_NO_DIAGNOSIS);
	assert_int_equal(gpk_plain(&k, "8011000000"), SW_OK); /* object deletion, for the next time */
	assert_int_equal(gpk_select(&k, ISD), SW_OK);
	assert_int_equal(gpk_open(&k, 0, 0x01), SW_OK);
	return n;
}

static void quota_at_work(void **state)
{
	struct buf limits = {0};
	(void)state;
	start(0x01);
	gpk_cap(&k, "javacard/limits", &limits);
	gpk_domain(&k, "08D392100031000002", "0180", "0A EF06 8304 00002000 C900");
	assert_int_equal(gpk_install(&k, 0x02, "05" LIMITS "00 00 00 00"), SW_OK);
	assert_int_equal(gpk_load(&k, limits.p, limits.n, 200), SW_OK);
	/* its own quota */
	assert_int_equal(
	    gpk_install(&k, 0x0c, "05" LIMITS "06" EATER "06" EATER "0100 08EF04C8020100C900 00"), SW_NO_MEMORY);
	assert_int_equal(gpk_install(&k, 0x0c, "05" LIMITS "06" EATER "06" EATER "0100 08EF04C8020400C900 00"), SW_OK);
	unsigned n = eat();
	assert_in_range(n, 1, 1024 / 64);
	assert_int_equal(eat(), n);
	gpk_expect(&k, "80E4000008 4F06" EATER " 00", SW_OK);
	/* that of its security domain, which another application shares */
	assert_int_equal(gpk_install(&k, 0x0c, "05" LIMITS "06" EATER "06" EATER "0100 02C900 00"), SW_OK);
	assert_int_equal(gpk_install(&k, 0x10, "08D392100031000002 00 06" EATER "00 00 00"), SW_OK);
	unsigned more = eat();
	assert_in_range(more, 2 * n, 0x2000 / 64);
	load(200);
	assert_int_equal(gpk_install(&k, 0x10, "08D392100031000002 00 05F049474102 00 00 00"), SW_OK);
	assert_in_range(eat(), 1, more - (unsigned)file.n / 100);
	buf_reset(&limits);
	gpk_free(&k);
}

/* --- privileges that come later --- */

/* Privileges of the application whose AID ends in `last`. */
static unsigned first_privileges(unsigned last)
{
	char cmd[64];
	snprintf(cmd, sizeof cmd, "80F240020B 4F06F0494741%04X 5C01C5 00", last);
	gpk_cmd(&k, cmd);
	assert_int_equal(k.sw, SW_OK);
	assert_int_equal(k.n, 2 + 8 + 5); /* E3 { 4F, C5 } */
	return k.rsp[12];
}

static void one_default_application(void **state)
{
	enum { CARD_RESET = 0x04 };
	(void)state;
	start(0x01);
	load(200);
	assert_int_equal(gpk_install(&k, 0x0c, FILE_ APP APP "0104 02C900 00"), SW_OK);
	assert_int_equal(gpk_install(&k, 0x04, FILE_ APP "06F04947410202 0100 02C900 00"), SW_OK);
	assert_int_equal(first_privileges(0x0201), CARD_RESET);
	assert_int_equal(gpk_install(&k, 0x08, "00 00 06F04947410202 0104 00 00"), SW_OK);
	assert_int_equal(first_privileges(0x0201), 0);
	assert_int_equal(first_privileges(0x0202), CARD_RESET);
	assert_int_equal(gpk_install(&k, 0x40, "00 00 " APP "0104 00 00"), SW_OK);
	assert_int_equal(first_privileges(0x0201), CARD_RESET);
	assert_int_equal(first_privileges(0x0202), 0);
	/* an application is given nothing that is a security domain's: DAP, delegated, authorized management */
	assert_int_equal(gpk_install(&k, 0x40, "00 00 " APP "0140 00 00"), SW_WRONG_DATA);
	assert_int_equal(gpk_install(&k, 0x40, "00 00 " APP "0120 00 00"), SW_WRONG_DATA);
	assert_int_equal(gpk_install(&k, 0x40, "00 00 " APP "03004000 00 00"), SW_WRONG_DATA);
	gpk_free(&k);
}

/* INSTALL [for personalization], and what it named is gone before the data come: another in its place gets nothing. */
static void personalized_and_deleted(void **state)
{
	(void)state;
	start(0x01);
	gpk_domain(&k, "08D392100031000002", "0180", "02C900");
	assert_int_equal(gpk_install(&k, 0x20, "00 00 08D392100031000002 00 00 00"), SW_OK);
	gpk_expect(&k, "80E400000A 4F08D392100031000002 00", SW_OK);
	gpk_domain(&k, "08D392100031000003", "0180", "02C900");
	gpk_expect(&k, "80E2900006 4204112233 44", SW_OK); /* the ISD's own */
	gpk_expect(&k, "80CA004200", SW_OK);
	gpk_data(&k, "4204 11223344");
	gpk_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(load_install_run_delete),
	    cmocka_unit_test(any_block_split),
	    cmocka_unit_test(loads_refused),
	    cmocka_unit_test(installs_refused),
	    cmocka_unit_test(combined_command),
	    cmocka_unit_test(locked_application),
	    cmocka_unit_test(closed_to_loading),
	    cmocka_unit_test(quota_of_a_domain),
	    cmocka_unit_test(several_load_files_of_a_domain),
	    cmocka_unit_test(quota_at_work),
	    cmocka_unit_test(one_default_application),
	    cmocka_unit_test(personalized_and_deleted),
	    cmocka_unit_test(over_scp01),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	buf_reset(&file);
	return rc;
}
