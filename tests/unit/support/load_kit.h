/* What the tests of the loader share: small images for both native chips, written by hand so that the loader is tested
 * without the compiler; cards in memory; a journal folder; a stranger who tries everything without the loading key.
 *
 * The AP: `card` 16 bytes, free to read; `zones` 64 bytes, read with the PIN; `flag` 1 byte, free to read, updated with
 * the PIN. */
#ifndef IGATA_TESTS_LOAD_KIT_H
#define IGATA_TESTS_LOAD_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <unistd.h>
#include <cmocka.h>

#include "runtime/base/hex.h"
#include "runtime/link/link_fault.h"
#include "runtime/link/link_sim.h"
#include "runtime/load/loader.h"
#include "runtime/sim/sim.h"

#define KIT_AID "D3921000310001FFFF01"

static const char kit_iso_script[] =
    "igata-script 1\n"
    "dialect iso-compact\n"
    "df 4D2A " KIT_AID "\n"
    "phase create\n"
    "do 00E00000 62 24 82 01 38 83 02 4D 2A 84 0A D3 92 10 00 31 00 01 FF FF 01 81 02 04 00 8A 01 01 8D 02 00 FE"
    " 8C 04 52 22 22 22 -> 9000 ; create DF\n"
    "do 00A4040C " KIT_AID " -> 9000 ; select DF\n"
    "do 00E00000 62 0E 80 02 00 40 82 01 09 83 02 00 FE 8C 01 00 -> 9000 ; create SE file\n"
    "do 00E00000 62 12 80 02 00 10 82 01 01 83 02 00 01 88 01 08 8C 02 01 00 -> 9000 ; create EF card\n"
    "do 00E00000 62 12 80 02 00 40 82 01 01 83 02 00 02 88 01 10 8C 02 01 11 -> 9000 ; create EF zones\n"
    "do 00E00000 62 13 80 02 00 01 82 01 01 83 02 00 03 88 01 18 8C 03 03 11 00 -> 9000 ; create EF flag\n"
    "phase personalise\n"
    "do 00A4040C " KIT_AID " -> 9000 ; select DF\n"
    "do 00A4020C 0001 -> 9000 ; select EF card\n"
    "do 00D60000 49 47 41 54 41 20 {CARD-NUMBER} -> 9000 ; write EF card\n"
    "do 00A4020C 0002 -> 9000 ; select EF zones\n"
    "do 00D60000 {ZONES:0:40} -> 9000 ; write EF zones\n"
    "do 00D60028 {ZONES:40:24} -> 9000 ; write EF zones, the rest\n"
    "phase protect\n"
    "do 00A4040C " KIT_AID " -> 9000 ; select DF\n"
    "do 00DB3FFF 70 1F BF 81 01 1B A0 0A 9A 01 03 A1 05 8C 03 60 00 00 7F 41 0C 80 01 04 81 01 04 82 04 {PIN} -> 9000"
    " ; PIN holder\n"
    "do 00A4020C 00FE -> 9000 ; select SE file\n"
    "do 00D60000 7B 0B 80 01 01 A4 06 83 01 81 95 01 08 7B 0B 80 01 02 A4 06 83 01 01 95 01 80 -> 9000 ; write SEs\n"
    "phase activate\n"
    "do 00A4040C " KIT_AID " -> 9000 ; select DF\n"
    "do 00440000 -> 9000 ; activate\n";

static const char kit_starcos_script[] =
    "igata-script 1\n"
    "dialect starcos\n"
    "df 4D2A " KIT_AID "\n"
    "phase create\n"
    "do 80520200 4D 2A 0A D3 92 10 00 31 00 01 FF FF 01 -> 9000 ; register DF\n"
    "do 80E00100 4D 2A 0A D3 92 10 00 31 00 01 FF FF 01 00 00 00 00 00 00 00 40 5F 5F 00 00 -> 9000 ; create DF\n"
    "do 00A4040C " KIT_AID " -> 9000 ; select DF\n"
    "do 80E00300 00 01 9F 5F 5F 5F 5F 5F 5F 00 00 00 00 81 00 10 -> 9000 ; create EF card\n"
    "do 80E00300 00 02 11 5F 5F 5F 5F 5F 5F 00 00 00 00 81 00 40 -> 9000 ; create EF zones\n"
    "do 80E00300 00 03 9F 11 5F 5F 5F 5F 5F 00 00 00 00 81 00 01 -> 9000 ; create EF flag\n"
    "phase personalise\n"
    "do 00A4040C " KIT_AID " -> 9000 ; select DF\n"
    "do 00A4020C 0001 -> 9000 ; select EF card\n"
    "do 00D60000 49 47 41 54 41 20 {CARD-NUMBER} -> 9000 ; write EF card\n"
    "do 00A4020C 0002 -> 9000 ; select EF zones\n"
    "do 00D60000 {ZONES:0:40} -> 9000 ; write EF zones\n"
    "do 00D60028 {ZONES:40:24} -> 9000 ; write EF zones, the rest\n"
    "phase protect\n"
    "do 00A4040C " KIT_AID " -> 9000 ; select DF\n"
    "do 80F40000 C1 0C 81 00 04 9F 01 9F 33 00 00 0B 00 81 -> 9000 ; PIN holder\n"
    "do 80F40000 C2 07 81 00 00 {PIN} -> 9000 ; PIN holder, value\n"
    "phase activate\n"
    "do 80E00200 4D 2A -> 9000 ; end of creation\n";

static const char kit_iso_access[] =
    "{\"format\":1,\"aid\":\"" KIT_AID "\",\"files\":["
    "{\"id\":\"card\",\"fid\":\"0001\",\"size\":16,\"read\":\"always\",\"update\":\"never\","
    "\"readback\":\"800200108201018302000188010 88C020100\"},"
    "{\"id\":\"zones\",\"fid\":\"0002\",\"size\":64,\"read\":\"pin(holder)\",\"update\":\"never\","
    "\"readback\":\"8002004082010183020002880110 8C020111\"},"
    "{\"id\":\"flag\",\"fid\":\"0003\",\"size\":1,\"read\":\"always\",\"update\":\"pin(holder)\","
    "\"readback\":\"8002000182010183020003880118 8C03031100\"}]}";

static const char kit_starcos_access[] =
    "{\"format\":1,\"aid\":\"" KIT_AID "\",\"files\":["
    "{\"id\":\"card\",\"fid\":\"0001\",\"size\":16,\"read\":\"always\",\"update\":\"never\","
    "\"readback\":\"80020010820101\"},"
    "{\"id\":\"zones\",\"fid\":\"0002\",\"size\":64,\"read\":\"pin(holder)\",\"update\":\"never\","
    "\"readback\":\"80020040820101\"},"
    "{\"id\":\"flag\",\"fid\":\"0003\",\"size\":1,\"read\":\"always\",\"update\":\"pin(holder)\","
    "\"readback\":\"80020001820101\"}]}";

static const char kit_probe[] = "igata-suite 1\n"
				"kind probe\n"
				"ap " KIT_AID "\n"
				"value CARD-NUMBER digits 10..10\n"
				"dialogue \"free\"\n"
				"  reset\n"
				"  select fci\n"
				"  send 00B08100 Le 10\n"
				"    expect 9000 data 494741544120 {CARD-NUMBER}\n"
				"  send 00B08300 Le 01\n"
				"    expect 9000 data 00\n"
				"dialogue \"refused\"\n"
				"  reset\n"
				"  select\n"
				"  send 00B08200 Le 40\n"
				"    expect refused-access\n"
				"  send 00D68300 01\n"
				"    expect refused-access\n"
				"  send 00D68100 01\n"
				"    expect refused-access\n"
				"  send 00200081\n"
				"    expect 63C3\n";

static const char kit_full[] = "igata-suite 1\n"
			       "kind full\n"
			       "ap " KIT_AID "\n"
			       "value PIN digits 4..4 secret\n"
			       "dialogue \"exhaust\"\n"
			       "  reset\n"
			       "  select\n"
			       "  send 00200081 {PIN:wrong}\n"
			       "    expect 63C2\n"
			       "  send 00200081 {PIN}\n"
			       "    expect 9000\n"
			       "  send 00200081 {PIN:wrong}\n"
			       "    expect 63C2\n"
			       "  send 00200081 {PIN:wrong}\n"
			       "    expect 63C1\n"
			       "  send 00200081 {PIN:wrong}\n"
			       "    expect 63C0\n"
			       "  send 00200081 {PIN}\n"
			       "    expect blocked\n";

static const char *const kit_chips[] = {"iso-compact-32k", "starcos-like-8k"};
enum { KIT_ISO, KIT_STARCOS, KIT_CHIPS };

struct kit {
	struct arena arena;
	const struct chip *chip;
	struct sim card;
	char dir[64];
	struct image img;
	struct value_set values;
	struct loader_options options;
	const char *link_name; /* as which the card is connected; NULL for its own */
	struct diag_list d;
};

static inline void kit_text(struct buf *b, const char *text)
{
	for (; *text != 0; text++)
		buf_u8(b, (unsigned char)*text);
}

/* Hex values above are broken for the eye with blanks, which JSON strings of the format do not have. */
static inline void kit_access(struct buf *b, const char *text)
{
	for (bool hex = false; *text != 0; text++) {
		if (strncmp(text, "\"readback\"", 10) == 0)
			hex = true;
		if (*text == '}')
			hex = false;
		if (!hex || *text != ' ')
			buf_u8(b, (unsigned char)*text);
	}
}

static inline void kit_image(struct kit *k, int chip)
{
	struct image *img = &k->img;
	struct buf archive = {0};
	uint8_t atr[ATR_MAX];
	char text[2 * ATR_MAX + 1];
	size_t n;
	*img = (struct image){.manifest = {.id = "entrance-card",
				  .version = "1.0",
				  .title = {"Entrance card", "入退室カード"},
				  .family = "native",
				  .area = "extension",
				  .compiler = "igata test",
				  .memory = 1024,
				  .witness = "cited"}};
	assert_true(
	    hex_decode(KIT_AID, strlen(KIT_AID), img->manifest.aid, sizeof img->manifest.aid, &img->manifest.aid_len));
	strcpy(img->manifest.chip, k->chip->name);
	strcpy(img->manifest.dialect, k->chip->dialect);
	n = sim_atr(&k->card, atr);
	strcpy(img->manifest.atr, hex_encode(text, atr, n));
	img->n_holes = 3;
	img->hole[0] =
	    (struct image_hole){"CARD-NUMBER", "field", "card-number", "digits", "csv", 10, 10, false, -1, 0, false, 0};
	img->hole[1] =
	    (struct image_hole){"ZONES", "field", "zone-list", "text", "csv", 0, 64, false, 0x20, 64, false, 0};
	img->hole[2] = (struct image_hole){"PIN", "pin", "holder", "digits", "csv", 4, 4, true, -1, 4, false, 0};
	kit_text(&img->entry[IMAGE_PAYLOAD], chip == KIT_ISO ? kit_iso_script : kit_starcos_script);
	kit_access(&img->entry[IMAGE_ACCESS], chip == KIT_ISO ? kit_iso_access : kit_starcos_access);
	kit_text(&img->entry[IMAGE_PROBE], kit_probe);
	kit_text(&img->entry[IMAGE_FULL], kit_full);
	if (!image_write(img, NULL, &archive, &k->d))
		diag_print(stderr, &k->d, "en");
	assert_int_equal(diag_worst(&k->d), DIAG_NOTE);
	buf_reset(&archive);
}

static inline void kit_values(struct kit *k, const char *number, const char *pin)
{
	char text[64];
	values_reset(&k->values);
	snprintf(text, sizeof text, "CARD-NUMBER=%s", number);
	assert_true(values_set(&k->values, text, &k->d));
	snprintf(text, sizeof text, "PIN=%s", pin);
	assert_true(values_set(&k->values, text, &k->d));
	assert_true(values_set(&k->values, "ZONES=A1 B2 C3", &k->d));
}

/* In memory where there is such a folder: journals are synced to the disk after every entry. */
static inline void kit_new_dir(char dir[64])
{
	strcpy(dir, access("/dev/shm", W_OK) == 0 ? "/dev/shm/igata-load-XXXXXX" : "/tmp/igata-load-XXXXXX");
	assert_non_null(mkdtemp(dir));
}

static inline void kit_drop_dir(const char *dir)
{
	char path[512];
	DIR *d = opendir(dir);
	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		if (e->d_name[0] != '.')
			unlink(path);
	}
	closedir(d);
	rmdir(dir);
}

static inline void kit_open(struct kit *k, int chip)
{
	*k = (struct kit){0};
	k->chip = chip_find(&k->arena, "chipprofiles", kit_chips[chip], &k->d);
	assert_non_null(k->chip);
	assert_true(sim_new_in_memory(&k->card, k->chip, NULL, 42, &k->d));
	kit_new_dir(k->dir);
	kit_image(k, chip);
	kit_values(k, "0000000017", "4711");
	k->options = (struct loader_options){
	    .journal = k->dir, .given = {.profiles = "chipprofiles", .identity = "test card"}, .lang = "en"};
}

static inline void kit_close(struct kit *k)
{
	sim_close(&k->card);
	values_reset(&k->values);
	image_reset(&k->img);
	kit_drop_dir(k->dir);
	diag_reset(&k->d);
	arena_free(&k->arena);
}

static inline bool kit_fired(const struct diag_list *d, enum diag_code code)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->row[i].code == code)
			return true;
	diag_print(stderr, d, "en");
	return false;
}

/* A loader on the kit's card, with a fault if there is one. */
static inline bool kit_loader(struct kit *k, struct loader *w, struct link_fault *fault, bool image)
{
	struct link l;
	link_sim_of(&l, &k->card);
	if (k->link_name != NULL)
		strcpy(l.name, k->link_name);
	if (fault != NULL)
		assert_true(link_fault(&l, fault));
	return loader_on(w, &l, &k->options, image ? &k->img : NULL, true, NULL, &k->d);
}

static inline bool kit_install(struct kit *k, struct link_fault *fault, struct install_report *r)
{
	struct loader w;
	struct install_options o = {0};
	*r = (struct install_report){0};
	bool ok = kit_loader(k, &w, fault, true) && load_install(&w, &k->img, &k->values, &o, r);
	loader_close(&w);
	return ok;
}

static inline bool kit_delete(struct kit *k, struct link_fault *fault, struct delete_report *r)
{
	struct loader w;
	bool ok =
	    kit_loader(k, &w, fault, true) && load_delete(&w, k->img.manifest.aid, k->img.manifest.aid_len, &k->img, r);
	loader_close(&w);
	return ok;
}

static inline enum ap_state kit_state(struct kit *k)
{
	struct loader w;
	struct ap ap;
	assert_true(kit_loader(k, &w, NULL, true));
	assert_true(w.card.dialect->state(&w.session, k->img.manifest.aid, k->img.manifest.aid_len, &ap));
	loader_close(&w);
	return ap.state;
}

/* One command to the bare card; its status word, 0 without an answer. */
static inline sw_t kit_ask(struct kit *k, const char *hex)
{
	uint8_t cmd[300];
	size_t n;
	struct buf rsp = {0};
	assert_true(hex_decode(hex, strlen(hex), cmd, sizeof cmd, &n));
	sim_apdu(&k->card, cmd, n, &rsp);
	sw_t sw = 0;
	if (rsp.n >= 2)
		sw = (sw_t)(rsp.p[rsp.n - 2] << 8 | rsp.p[rsp.n - 1]);
	buf_reset(&rsp);
	return sw;
}

/* A command as hex with blanks, "FIDX" standing for the FID of the AP's DF. */
static inline sw_t kit_try(struct kit *k, const char *text, uint16_t fid)
{
	char hex[300], *out = hex, digits[5];
	snprintf(digits, sizeof digits, "%04X", fid);
	for (const char *p = text; *p != 0; p++) {
		if (strncmp(p, "FIDX", 4) == 0) {
			memcpy(out, digits, 4);
			out += 4;
			p += 3;
		} else if (*p != ' ')
			*out++ = *p;
	}
	*out = 0;
	return kit_ask(k, hex);
}

static inline uint16_t kit_fid(struct kit *k)
{
	struct script script = {0};
	const struct buf *text = &k->img.entry[IMAGE_PAYLOAD];
	assert_true(script_read(&script, text->p, text->n, "script", &k->d));
	uint16_t fid = script.df;
	script_reset(&script);
	return fid;
}

/* Before the AP is operational nobody without the loading key can read, use, personalise or remove anything of it (AP
 * contract, 10): every command but SELECT is refused, unknown ones too. */
static inline void kit_stranger(struct kit *k)
{
	static const char *const tries[] = {"00B08100 10", "00B08200 40", "00B08300 01", "00B00000 10",
	    "00D68100 01 FF", "00D68300 01 FF", "00200081 04 34373131", "00200081", "00240081 08 3437313131323334",
	    "002C0081 0C 343731313132333435363738", "00440000", "00E00000 04 62028200", "80E00200 02 FIDX",
	    "80F40000 02 1122", "00DB3FFF 02 7000", "00E40000 02 FIDX", "80E40000 02 FIDX", "00EE0000", "80EE0000",
	    "00B20104 00", "00CA006E 00"};
	static const char *const from_mf[] = {"00E40000 02 FIDX", "80E40000 02 FIDX", "80E00200 02 FIDX", "00440000"};
	static const char select[] = "00A4040C 0A " KIT_AID;
	uint16_t fid = kit_fid(k);
	sim_power_up(&k->card);
	sw_t found = kit_try(k, select, fid);
	assert_true(found == SW_FILE_NOT_FOUND || found == SW_OK);
	if (found == SW_FILE_NOT_FOUND)
		return;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		sw_t sw = kit_try(k, tries[i], fid);
		/* A chip without commands of its own refuses their class before anything else (AP contract 3, 1). */
		if (sw_class(sw) != SW_CLASS_REFUSED_ACCESS && !(tries[i][0] == '8' && sw == SW_CLA_NOT_SUPPORTED))
			fail_msg("a stranger sends %s to a half install and gets %04X", tries[i], sw);
		assert_int_equal(kit_try(k, select, fid), SW_OK);
	}
	assert_int_equal(kit_ask(k, "00A4000C023F00"), SW_OK);
	for (size_t i = 0; i < sizeof from_mf / sizeof *from_mf; i++)
		assert_int_not_equal(kit_try(k, from_mf[i], fid), SW_OK);
	sim_power_down(&k->card);
}

/* Put other text in place of text of the same length. */
static inline void kit_change(struct buf *b, const char *from, const char *to)
{
	char *p = strstr(buf_cstr(b), from);
	assert_non_null(p);
	memcpy(p, to, strlen(to));
}

/* Stop an install after n commands as if the card had been pulled. */
static inline void kit_break_at(struct kit *k, int64_t n)
{
	struct install_report r;
	struct link_fault f = {.kind = FAULT_RESPONSE_LOST, .status = LINK_CARD_GONE, .at = n};
	assert_false(kit_install(k, &f, &r));
	assert_true(kit_fired(&k->d, DIAG_LINK_CARD_GONE));
	install_report_reset(&r);
	diag_reset(&k->d);
}

#endif
