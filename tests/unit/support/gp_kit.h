/* The loader on a small GlobalPlatform card (gp_fake.h), and CAP files for it. */
#ifndef IGATA_TESTS_GP_KIT_H
#define IGATA_TESTS_GP_KIT_H

#include "tests/unit/support/gp_fake.h"

#include <stdio.h>
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/hex.h"
#include "runtime/link/link_fault.h"
#include "runtime/load/javacard/keyring.h"
#include "runtime/load/loader.h"

struct gp_kit {
	struct gp_fake card;
	struct loader_options options;
	struct loader loader;
	struct link_fault fault; /* used when at >= 0 */
	struct diag_list d;
	char folder[64];
};

static inline void gp_kit_new(struct gp_kit *k, uint8_t scp, uint8_t i)
{
	*k = (struct gp_kit){.fault = {.at = -1}};
	card_new(&k->card, scp, i);
	strcpy(k->folder, "/tmp/igata-gp-XXXXXX");
	assert_non_null(mkdtemp(k->folder));
	k->options = (struct loader_options){
	    .journal = k->folder, .lang = "en", .given = {.name = "kit", .profiles = k->folder}};
}

static inline void gp_kit_free(struct gp_kit *k)
{
	DIR *dir = opendir(k->folder);
	char path[512];
	for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
		snprintf(path, sizeof path, "%s/%s", k->folder, e->d_name);
		unlink(path);
	}
	if (dir != NULL)
		closedir(dir);
	rmdir(k->folder);
	diag_reset(&k->d);
	card_free(&k->card);
}

/* Connect; the faults, if any, are on the link. */
static inline bool gp_kit_open(struct gp_kit *k)
{
	struct link l;
	card_link(&l, &k->card);
	if (k->fault.at >= 0)
		assert_true(link_fault(&l, &k->fault));
	return loader_on(&k->loader, &l, &k->options, NULL, true, NULL, &k->d);
}

static inline void gp_kit_close(struct gp_kit *k)
{
	loader_close(&k->loader);
}

static inline bool gp_kit_fired(const struct gp_kit *k, enum diag_code code)
{
	for (size_t i = 0; i < k->d.n; i++)
		if (k->d.row[i].code == code)
			return true;
	return false;
}

/* A CAP file as its bare components: package F04C414201 1.0, `applets` applets F04C41420101, …02 …, imports of
 * java.lang 1.0 and javacard.framework 1.`framework`, and a Method component of `code` bytes. */
static inline void gp_kit_cap(struct buf *b, unsigned applets, unsigned framework, size_t code)
{
	static const uint8_t header[] = {1, 0, 15, 0xde, 0xca, 0xff, 0xed, 1, 2, 4, 0, 1, 5, 0xf0, 0x4c, 0x41, 0x42, 1};
	size_t applet_size = applets == 0 ? 0 : 1 + applets * 9;
	buf_clear(b);
	buf_add(b, header, sizeof header);
	if (applets == 0)
		b->p[9] = 0; /* no applets */
	buf_u8(b, 2);
	buf_u16(b, 31);
	const size_t sizes[11] = {15, 31, applet_size, 21, 2, 0, code, 10, 4, 0, 0};
	for (int i = 0; i < 11; i++)
		buf_u16(b, (unsigned)sizes[i]);
	buf_u16(b, 0);
	buf_u16(b, 0);
	buf_u16(b, 0);
	buf_u8(b, 2);
	buf_u8(b, applets);
	buf_u8(b, 0);
	if (applets != 0) {
		buf_u8(b, 3);
		buf_u16(b, (unsigned)applet_size);
		buf_u8(b, applets);
	}
	for (unsigned i = 0; i < applets; i++) {
		buf_u8(b, 6);
		buf_add(b, header + 13, 5);
		buf_u8(b, i + 1);
		buf_u16(b, 1);
	}
	const uint8_t imports[] = {
	    4, 0, 21, 2, 0, 1, 7, 0xa0, 0, 0, 0, 0x62, 0, 1, (uint8_t)framework, 1, 7, 0xa0, 0, 0, 0, 0x62, 1, 1};
	buf_add(b, imports, sizeof imports);
	buf_add(b, "\x05\x00\x02\x00\x00\x06\x00\x00\x07", 9);
	buf_u16(b, (unsigned)code);
	for (size_t i = 0; i < code; i++)
		buf_u8(b, i & 0x7f);
	buf_add(b, "\x08\x00\x0a\0\0\0\0\0\0\0\0\0\0\x09\x00\x04\0\0\0\0", 20);
}

static const struct aid kit_package = {{0xf0, 0x4c, 0x41, 0x42, 1}, 5};

static inline struct aid kit_applet(uint8_t n)
{
	return (struct aid){{0xf0, 0x4c, 0x41, 0x42, 1, n}, 6};
}

#endif
