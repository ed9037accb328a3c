/* What apload sends to a GlobalPlatform card, byte for byte, with the challenges of both sides fixed: listing,
 * installing, storing data, putting keys, deleting, over SCP02 and SCP03 with C-MAC alone (the data can be read) and
 * with all that the card has. tests/golden/gp/CHIP.txt; the keys are the publicly known ones of samples.
 *
 * BLESS=1 build/tests/unit/golden_gp rewrites them: review the difference. */
#include "tests/unit/support/gp_sim_kit.h"

#include "runtime/crypto/random.h"
#include "runtime/link/link_text.h"

/* Instead of the system's: what is golden does not change. */
bool random_bytes(void *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)out)[i] = (uint8_t)(0xa0 + i);
	return true;
}

static struct buf seen;
static const struct link_ops *below;

static void put_hex(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(&seen, "%02X", p[i]);
}

/* Unlike a recording it masks nothing. */
static enum link_status tell(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	enum link_status s = below->transmit(l, cmd, n, rsp);
	buf_str(&seen, "> ");
	put_hex(cmd, n);
	buf_printf(&seen, "  ; %s\n< ", link_text_name(cmd, n));
	put_hex(rsp->p, rsp->n);
	buf_str(&seen, "\n");
	return s;
}

static bool begin(const char *title)
{
	static struct link_ops ops;
	struct link l;
	buf_printf(&seen, "\n# %s\n", title);
	diag_reset(&d);
	link_sim_of(&l, &card);
	below = l.ops;
	ops = *l.ops;
	ops.transmit = tell;
	l.ops = &ops;
	return loader_on(&loader, &l, &options, NULL, true, NULL, &d);
}

static void end(bool ok)
{
	if (!ok)
		diag_print(stderr, &d, "en");
	assert_true(ok);
	loader_close(&loader);
}

static void list(void)
{
	struct gp_registry r = {0};
	end(begin("list") && gp_open(&loader, NULL) &&
	    gp_registry_load(&loader, GP_SCOPE_ISD | GP_SCOPE_APPLICATIONS | GP_SCOPE_LOAD_FILES, &r));
	gp_registry_reset(&r);
}

/* New keys 00 01 02 …, version 41. */
static void put(void)
{
	struct gp_secret fresh = {0};
	struct gp_key *k = &fresh.keys.enc;
	for (k->n = 0; k->n < 16; k->n++)
		k->p[k->n] = (uint8_t)k->n;
	fresh.keys.mac = fresh.keys.dek = *k;
	end(begin("put-key --new-version 41") && gp_put_keys(&loader, 0, 0x41, 1, &fresh));
}

static void work(unsigned level, const char *name)
{
	static const uint8_t data[] = {0x42, 3, 0x11, 0x22, 0x33};
	static const struct gp_authority nobody;
	size_t related;
	buf_printf(&seen, "\n## --security %s\n", name);
	options.gp.has_level = true;
	options.gp.level = level;
	list();
	what.parameters = (struct bytes){(const uint8_t *)"\xca\xfe", 2};
	end(begin("install tiny.cap --params CAFE") && gp_install(&loader, &what, &report));
	end(begin("lock F04947410101") && gp_set_status(&loader, &applet, false, 0x80));
	end(begin("unlock F04947410101") && gp_set_status(&loader, &applet, false, 0x00));
	end(begin("store-data --tlv") &&
	    gp_store_data(&loader, &(struct aid){.n = 0}, (struct bytes){data, sizeof data}, 0));
	end(begin("delete F049474101 --force") && gp_remove(&loader, &tiny, true, &nobody, &related));
	put(); /* the keys of delivery may be gone after it */
}

static void golden(const char *chip)
{
	char path[128];
	struct buf text = {0};
	snprintf(path, sizeof path, "tests/golden/gp/%s.txt", chip);
	if (getenv("BLESS") != NULL) {
		FILE *f = fopen(path, "w");
		assert_non_null(f);
		assert_int_equal(fwrite(seen.p, 1, seen.n, f), seen.n);
		assert_int_equal(fclose(f), 0);
	}
	assert_true(file_read(path, 1 << 20, &text, &d));
	assert_string_equal(buf_cstr(&text), buf_cstr(&seen));
	buf_reset(&text);
}

static void transcript(const char *chip, unsigned most, const char *name)
{
	buf_clear(&seen);
	buf_printf(&seen, "# apload on a new %s: host challenge A0 A1 …, card challenges of seed 7\n", chip);
	new_card(chip);
	work(GP_C_MAC, "c-mac");
	sim_close(&card);
	new_card(chip);
	work(most, name);
	sim_close(&card);
	golden(chip);
	buf_reset(&seen);
}

static void test_scp02(void **state)
{
	(void)state;
	transcript("ibm-jcop21-v22", GP_C_MAC | GP_C_DEC, "c-mac,c-dec");
}

static void test_scp03(void **state)
{
	(void)state;
	transcript("nxp-jcop4-j3r180", GP_C_MAC | GP_C_DEC | GP_R_MAC | GP_R_ENC, "c-mac,c-dec,r-mac,r-enc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_scp02),
	    cmocka_unit_test(test_scp03),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
