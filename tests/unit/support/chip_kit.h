/* For tests that need an AP on real simulated chips: a description is compiled, its image installed by the loader, and
 * the same values delivered to a reference card. Include after cmocka.h; define _DEFAULT_SOURCE before all headers. */
#ifndef IGATA_TESTS_CHIP_KIT_H
#define IGATA_TESTS_CHIP_KIT_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/description/description.h"
#include "compiler/emit/family.h"
#include "runtime/base/file.h"
#include "runtime/image/values.h"
#include "runtime/link/link_sim.h"
#include "runtime/load/loader.h"
#include "runtime/sim/reference/reference.h"
#include "runtime/suite/suite.h"

enum { CHIP_KIT_VALUES = 64 };

/* One AP with the values of one card. */
struct chip_kit {
	struct arena arena;
	struct diag_list d;
	const struct description *ap;
	const struct contract *contract;
	struct value_set set;
	struct buf bytes[CHIP_KIT_VALUES];
	struct suite_value value[CHIP_KIT_VALUES];
	struct suite_values values;
};

static inline void chip_kit_die(struct chip_kit *k, const char *what)
{
	diag_print(stderr, &k->d, "en");
	fail_msg("%s", what);
}

/* Read the description of n bytes; name is for messages. */
static inline void chip_kit_read(struct chip_kit *k, const void *p, size_t n, const char *name)
{
	*k = (struct chip_kit){0};
	k->ap = description_read(&k->arena, p, n, name, &k->d);
	if (k->ap == NULL)
		chip_kit_die(k, name);
	k->contract = k->ap->contract;
}

static inline void chip_kit_open(struct chip_kit *k, const char *path)
{
	struct buf text = {0};
	struct diag_list d = {0};
	assert_true(file_read(path, 1 << 20, &text, &d));
	chip_kit_read(k, text.p, text.n, path);
	buf_reset(&text);
}

/* One value of the card, as bytes; binary ones are given to the loader in hexadecimal. */
static inline void chip_kit_value(struct chip_kit *k, const char *name, const uint8_t *p, size_t n, bool binary)
{
	struct buf text = {0};
	size_t i = k->values.n++;
	assert_true(i < CHIP_KIT_VALUES);
	buf_add(&k->bytes[i], p, n);
	k->value[i] = (struct suite_value){name, k->bytes[i].p, n};
	k->values.row = k->value;
	buf_printf(&text, "%s=", name);
	for (size_t b = 0; b < n; b++)
		buf_printf(&text, binary ? "%02X" : "%c", p[b]);
	assert_true(values_set(&k->set, buf_cstr(&text), &k->d));
	buf_reset(&text);
}

static inline void chip_kit_close(struct chip_kit *k)
{
	for (size_t i = 0; i < k->values.n; i++)
		buf_reset(&k->bytes[i]);
	values_reset(&k->set);
	diag_reset(&k->d);
	arena_free(&k->arena);
}

/* A reference card of the AP, personalised, without power. */
static inline void chip_kit_reference(struct chip_kit *k, struct sim *card)
{
	struct reference_value value[CHIP_KIT_VALUES];
	for (size_t i = 0; i < k->values.n; i++)
		value[i] = (struct reference_value){k->value[i].name, k->value[i].p, k->value[i].n};
	if (!sim_new_in_memory(card, NULL, k->contract, 7, &k->d))
		chip_kit_die(k, "reference card");
	assert_int_equal(reference_personalise(card, value, k->values.n), SW_OK);
}

/* The native chips of this tree; tests/unit/javacard_applets.c goes over the Java Cards. */
static inline const char **chip_kit_names(struct arena *a, size_t *n, struct diag_list *d)
{
	const char **name = chip_names(a, "chipprofiles", n, d);
	size_t served = 0;
	assert_non_null(name);
	for (size_t i = 0; i < *n; i++) {
		const struct chip *chip = chip_find(a, "chipprofiles", name[i], d);
		assert_non_null(chip);
		if (strcmp(chip->family, "native") == 0)
			name[served++] = name[i];
	}
	*n = served;
	return name;
}

/* The image for a chip. false: the compiler refuses, and the diagnostics say why. */
static inline bool chip_kit_image(struct chip_kit *k, const struct chip *chip, struct image *img)
{
	struct buf archive = {0};
	const struct family *family = family_find(chip->family);
	assert_non_null(family);
	*img = (struct image){0};
	const struct plan *plan = family->plan(&k->arena, k->ap, chip, true, &k->d);
	if (plan == NULL || !family->emit(plan, img, &k->d))
		return false;
	assert_true(suite_generate(k->contract, SUITE_PROBE, &img->entry[IMAGE_PROBE], NULL));
	assert_true(suite_generate(k->contract, SUITE_FULL, &img->entry[IMAGE_FULL], NULL));
	if (!image_write(img, NULL, &archive, &k->d))
		chip_kit_die(k, "image");
	buf_reset(&archive);
	return true;
}

static inline void chip_kit_remove(const char *dir)
{
	char path[600];
	DIR *d = opendir(dir);
	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		if (e->d_name[0] != '.')
			unlink(path);
	}
	closedir(d);
	rmdir(dir);
}

/* A card of this chip with the AP installed by the loader, without power. false: the compiler refuses. */
static inline bool chip_kit_install(struct chip_kit *k, const struct chip *chip, struct sim *card)
{
	static struct image img;
	struct loader w;
	struct link l = {0};
	struct install_options o = {0};
	struct install_report r = {0};
	char dir[] = "/tmp/igata-conform-XXXXXX";
	if (!chip_kit_image(k, chip, &img)) {
		image_reset(&img);
		return false;
	}
	assert_non_null(mkdtemp(dir));
	struct loader_options options = {
	    .journal = dir, .given = {.profiles = "chipprofiles", .identity = "test card"}, .lang = "en"};
	assert_true(sim_new_in_memory(card, chip, NULL, 7, &k->d));
	link_sim_of(&l, card);
	if (!loader_on(&w, &l, &options, &img, true, NULL, &k->d) || !load_install(&w, &img, &k->set, &o, &r))
		chip_kit_die(k, "install");
	assert_int_equal(r.outcome, INSTALL_DONE);
	install_report_reset(&r);
	loader_close(&w);
	image_reset(&img);
	chip_kit_remove(dir);
	sim_power_down(card);
	return true;
}

#endif
