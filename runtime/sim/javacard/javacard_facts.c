#include "runtime/sim/javacard/javacard.h"

#include <assert.h>
#include <string.h>

#include "runtime/chip/limits.h"
#include "runtime/sim/javacard/api/combination.h"

/* Names of the ROM packages, as packages.def has them. */
static const char *const names[] = {
#define JC_PACKAGE(id, aid, name)        name,
#define JC_PACKAGE_ABSENT(id, aid, name) name,
#include "runtime/sim/javacard/machine/packages.def"
#undef JC_PACKAGE
#undef JC_PACKAGE_ABSENT
};

static uint32_t at_most(uint32_t v, uint32_t max)
{
	return v < max ? v : max;
}

static uint32_t stated(const struct chip *chip, enum chip_fact_name f, uint32_t otherwise, uint32_t max)
{
	return chip->fact[f].present ? at_most(chip->fact[f].number, max) : otherwise;
}

/* "3.0.5" as JCSystem.getVersion has it: 0300. */
static uint16_t version(const struct chip *chip)
{
	const struct chip_fact *f = &chip->fact[CHIP_JC_VERSION];
	if (!f->present || strlen(f->text) < 3)
		return 0x0201;
	return (uint16_t)((f->text[0] - '0') << 8 | (f->text[2] - '0'));
}

static void imports(const struct chip *chip, struct jc_chip *out)
{
	for (unsigned i = 0; i < JC_ROM_PACKAGES; i++) {
		char package[64];
		assert(strlen(names[i]) < sizeof package);
		strcpy(package, names[i]);
		for (char *p = package; *p != 0; p++)
			if (*p == '/')
				*p = '.';
		uint16_t v = chip_import(chip, package, NULL);
		out->minor[i] = v == 0 ? JC_ABSENT : (uint8_t)v;
	}
}

static unsigned words(enum chip_fact_name f)
{
	const char *w = chip_fact_words(f);
	unsigned n = *w != 0;
	for (; *w != 0; w++)
		n += *w == '|';
	return n;
}

/* Lists of combinations are kept by the rows of combination.c instead. */
static bool is_list(enum chip_fact_name f)
{
	return chip_fact_type(f) == FACT_SET && f != CHIP_ALG_CIPHER_PAD && f != CHIP_ALG_SIGNATURE_PAD;
}

unsigned javacard_algorithm(enum chip_fact_name fact, unsigned word)
{
	unsigned at = COMBINATIONS;
	for (int f = CHIP_ALG_CIPHER; f < (int)fact; f++)
		if (is_list((enum chip_fact_name)f))
			at += words((enum chip_fact_name)f);
	return at + word;
}

static void set_bit(struct jc_chip *out, unsigned bit)
{
	assert(bit < 8 * JC_ALGORITHM_BYTES);
	out->algorithm[bit / 8] |= (uint8_t)(1 << bit % 8);
}

/* Does the chip have the row? What nobody measured by its parts is as its single number. */
static bool has_combination(const struct chip *chip, const struct combination *c)
{
	enum chip_fact_name parts = c->signature ? CHIP_ALG_SIGNATURE_PAD : CHIP_ALG_CIPHER_PAD;
	enum chip_fact_name single = c->signature ? CHIP_ALG_SIGNATURE : CHIP_ALG_CIPHER;
	char name[96];
	if (c->name[0] == '(') {
		size_t n = strlen(c->name) - 2;
		memcpy(name, c->name + 1, n);
		name[n] = 0;
		return chip_fact_has(chip, strncmp(name, "ALG", 3) == 0 ? single : CHIP_ALG_AEAD, name);
	}
	if (chip->fact[parts].present)
		return chip_fact_has(chip, parts, c->name);
	if (c->algorithm == 0)
		return false;
	/* The lists have the numbers from 1 on without gaps. */
	const char *w = chip_fact_words(single);
	for (unsigned i = 1; i < c->algorithm; i++)
		w = strchr(w, '|') + 1;
	size_t n = strcspn(w, "|");
	assert(n < sizeof name);
	memcpy(name, w, n);
	name[n] = 0;
	return chip_fact_has(chip, single, name);
}

static void algorithms(const struct chip *chip, struct jc_chip *out)
{
	for (unsigned i = 0; i < COMBINATIONS; i++)
		if (has_combination(chip, &combinations[i]))
			set_bit(out, i);
	for (int i = CHIP_ALG_CIPHER; i < CHIP_FACTS; i++) {
		enum chip_fact_name f = (enum chip_fact_name)i;
		const char *w = chip_fact_words(f);
		if (!is_list(f))
			continue;
		for (unsigned n = 0; n < words(f); n++) {
			char name[96];
			size_t len = strcspn(w, "|");
			assert(len < sizeof name);
			memcpy(name, w, len);
			name[len] = 0;
			w += len + (w[len] == '|');
			if (chip_fact_has(chip, f, name))
				set_bit(out, javacard_algorithm(f, n));
		}
	}
}

struct jc_chip javacard_facts(const struct chip *chip)
{
	enum {
		RESET_MAX = 8192,
		DESELECT_MAX = 5120,
		COMMIT_MAX = 8192,
		PERSISTENT_MAX = 1 << 20,
		APDU_BUFFER = 5 + 256, /* a short APDU with all its data: nobody measured it */
		APDU_BUFFER_MIN = 133, /* JCRE 9.1.1: 5 + 128 */
		SHORT_MAX = 0x7fff
	};
	struct jc_chip c = {.version = version(chip)};
	struct chip_limits l;
	chip_limits(chip, &l);
	c.persistent = at_most(l.persistent, PERSISTENT_MAX);
	c.reset = (uint16_t)at_most(l.reset, RESET_MAX);
	c.deselect = (uint16_t)at_most(l.deselect, DESELECT_MAX);
	c.commit = (uint16_t)at_most(l.commit, COMMIT_MAX);
	c.channels = (uint8_t)at_most(l.channels == 0 ? 1 : l.channels, JC_CHANNELS_MAX);
	c.int_supported = l.int_type;
	c.object_deletion = l.object_deletion;
	c.t1 = l.t1;
	c.extended = l.extended;
	c.apdu_buffer = (uint16_t)stated(chip, CHIP_JC_APDU_BUFFER, APDU_BUFFER, SHORT_MAX);
	if (c.apdu_buffer < APDU_BUFFER_MIN)
		c.apdu_buffer = APDU_BUFFER_MIN;
	c.in_block = (uint16_t)stated(chip, CHIP_JC_IN_BLOCK, 0, SHORT_MAX);
	c.out_block = (uint16_t)stated(chip, CHIP_JC_OUT_BLOCK, 0, SHORT_MAX);
	c.receive_needs_data = stated(chip, CHIP_JC_RECEIVE, 0, 1) != 0;
	imports(chip, &c);
	algorithms(chip, &c);
	return c;
}
