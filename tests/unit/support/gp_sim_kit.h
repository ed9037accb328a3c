/* The loader on a simulated Java Card made from a profile, and two packages for it. */
#ifndef IGATA_TESTS_GP_SIM_KIT_H
#define IGATA_TESTS_GP_SIM_KIT_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "compiler/emit/javacard/text.h"
#include "runtime/base/file.h"
#include "runtime/link/link_fault.h"
#include "runtime/link/link_sim.h"
#include "runtime/load/diagnose.h"
#include "runtime/load/javacard/keyring.h"
#include "runtime/load/loader.h"
#include "runtime/sim/sim.h"

static struct arena arena;
static struct sim card;
static struct loader loader;
static struct loader_options options;
static struct diag_list d;
static struct link_fault fault;
static char folder[64];
static struct buf cap, two;
static struct gp_install_options what;
static struct gp_install_report report;

static const struct aid tiny = {{0xf0, 0x49, 0x47, 0x41, 1}, 5};
static const struct aid applet = {{0xf0, 0x49, 0x47, 0x41, 1, 1}, 6};

/* A package with two applets that do nothing. */
static const char pair[] =
    "package tests/pair F049474102 1.0\n"
    "applet F04947410201 One\n"
    "applet F04947410202 Two\n"
    "class One public extends javacard/framework/Applet\n"
    "method <init>()V\n  aload_0\n  invokespecial javacard/framework/Applet.<init>()V\n  aload_0\n"
    "  invokevirtual javacard/framework/Applet.register()V\n  return\n"
    "method public static install([BSB)V\n  new One\n  invokespecial One.<init>()V\n  return\n"
    "method public process(Ljavacard/framework/APDU;)V\n  return\n"
    "class Two public extends javacard/framework/Applet\n"
    "method <init>()V\n  aload_0\n  invokespecial javacard/framework/Applet.<init>()V\n  aload_0\n"
    "  invokevirtual javacard/framework/Applet.register()V\n  return\n"
    "method public static install([BSB)V\n  new Two\n  invokespecial Two.<init>()V\n  return\n"
    "method public process(Ljavacard/framework/APDU;)V\n  return\n";

static inline void assemble(const char *text, size_t n, struct buf *out)
{
	const char *message = NULL;
	if (!asm_text_to_cap(&arena, text, n, 0x0201, out, &message))
		fail_msg("%s", message);
}

static inline int set_up(void **state)
{
	struct buf text = {0};
	(void)state;
	strcpy(folder, "/tmp/igata-gpsim-XXXXXX");
	assert_non_null(mkdtemp(folder));
	options = (struct loader_options){
	    .journal = folder, .lang = "en", .given = {.name = "sim", .profiles = "chipprofiles"}};
	assert_true(file_read("tests/fixtures/javacard/tiny.jca", 1 << 20, &text, &d));
	assemble((const char *)text.p, text.n, &cap);
	assemble(pair, sizeof pair - 1, &two);
	buf_reset(&text);
	return 0;
}

static inline void forget(void)
{
	char path[512];
	DIR *dir = opendir(folder);
	for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
		snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		unlink(path);
	}
	closedir(dir);
}

static inline int tear_down(void **state)
{
	(void)state;
	forget();
	rmdir(folder);
	buf_reset(&cap);
	buf_reset(&two);
	diag_reset(&d);
	arena_free(&arena);
	return 0;
}

static inline const struct chip *new_card(const char *chip)
{
	const struct chip *c = chip_find(&arena, "chipprofiles", chip, &d);
	assert_non_null(c);
	assert_true(sim_new_in_memory(&card, c, NULL, 7, &d));
	fault = (struct link_fault){.at = -1};
	what = (struct gp_install_options){.cap = cap.p, .cap_len = cap.n, .name = "tiny.cap"};
	forget();
	return c;
}

static inline bool open_card(void)
{
	struct link l;
	link_sim_of(&l, &card);
	if (fault.at >= 0)
		assert_true(link_fault(&l, &fault));
	diag_reset(&d);
	return loader_on(&loader, &l, &options, NULL, true, NULL, &d);
}

static inline bool fired(enum diag_code code)
{
	for (size_t i = 0; i < d.n; i++)
		if (d.row[i].code == code)
			return true;
	return false;
}

static char chip_name[64]; /* of the card of the last install */

static inline bool install(void)
{
	bool ok = open_card() && gp_install(&loader, &what, &report);
	snprintf(chip_name, sizeof chip_name, "%s", loader.card.chip_name == NULL ? "" : loader.card.chip_name);
	loader_close(&loader);
	return ok;
}

#endif
