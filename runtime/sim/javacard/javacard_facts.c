#include "runtime/sim/javacard/javacard.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Names of the ROM packages, as packages.def has them. */
static const char *const names[] = {
#define JC_PACKAGE(id, aid, name)        name,
#define JC_PACKAGE_ABSENT(id, aid, name) name,
#include "runtime/sim/javacard/packages.def"
#undef JC_PACKAGE
#undef JC_PACKAGE_ABSENT
};

static uint32_t number(const struct chip *chip, enum chip_fact_name f, uint32_t otherwise, uint32_t max)
{
	uint32_t v = chip->fact[f].present ? chip->fact[f].number : otherwise;
	return v < max ? v : max;
}

/* "3.0.5" as JCSystem.getVersion has it: 0300. */
static uint16_t version(const struct chip *chip)
{
	const struct chip_fact *f = &chip->fact[CHIP_JC_VERSION];
	if (!f->present || strlen(f->text) < 3)
		return 0x0201;
	return (uint16_t)((f->text[0] - '0') << 8 | (f->text[2] - '0'));
}

/* "import.javacard.framework" for "javacard/framework". */
static const struct chip_fact *import_fact(const struct chip *chip, const char *package)
{
	char id[64] = "import.";
	assert(strlen(package) + 8 < sizeof id);
	strcat(id, package);
	for (char *p = id; *p != 0; p++)
		if (*p == '/')
			*p = '.';
	for (int f = 0; f < CHIP_FACTS; f++)
		if (strcmp(chip_fact_id((enum chip_fact_name)f), id) == 0)
			return &chip->fact[f];
	return NULL;
}

/* Nobody scanned this product: what its release of the platform has at least (Java Card 2.1.1, 2.2, 2.2.2, 3.0). */
static uint8_t by_release(const char *package, uint16_t release)
{
	uint8_t minor = release >= 0x0300 ? 4 : release >= 0x0202 ? 2 : 0;
	if (strcmp(package, "java/lang") == 0)
		return 0;
	if (strcmp(package, "javacard/framework") == 0 || strcmp(package, "javacard/security") == 0 ||
	    strcmp(package, "javacardx/crypto") == 0)
		return minor;
	if (strcmp(package, "org/globalplatform") == 0)
		return 0;
	return JC_ABSENT;
}

static void imports(const struct chip *chip, struct jc_chip *out)
{
	bool scanned = chip->fact[CHIP_IMPORT_JAVACARD_FRAMEWORK].present;
	for (unsigned i = 0; i < JC_ROM_PACKAGES; i++) {
		const struct chip_fact *f = import_fact(chip, names[i]);
		const char *dot = f != NULL && f->present ? strchr(f->text, '.') : NULL;
		out->minor[i] = JC_ABSENT;
		if (dot != NULL)
			out->minor[i] = (uint8_t)atoi(dot + 1);
		else if (!scanned)
			out->minor[i] = by_release(names[i], out->version);
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

unsigned javacard_algorithm(enum chip_fact_name fact, unsigned word)
{
	unsigned at = 0;
	for (int f = CHIP_ALG_CIPHER; f < (int)fact; f++)
		if (chip_fact_type((enum chip_fact_name)f) == FACT_SET)
			at += words((enum chip_fact_name)f);
	return at + word;
}

static void algorithms(const struct chip *chip, struct jc_chip *out)
{
	for (int i = CHIP_ALG_CIPHER; i < CHIP_FACTS; i++) {
		enum chip_fact_name f = (enum chip_fact_name)i;
		const char *w = chip_fact_words(f);
		if (chip_fact_type(f) != FACT_SET)
			continue;
		for (unsigned n = 0; n < words(f); n++) {
			char name[96];
			size_t len = strcspn(w, "|");
			assert(len < sizeof name);
			memcpy(name, w, len);
			name[len] = 0;
			w += len + (w[len] == '|');
			unsigned bit = javacard_algorithm(f, n);
			assert(bit < 8 * JC_ALGORITHM_BYTES);
			if (chip_fact_has(chip, f, name))
				out->algorithm[bit / 8] |= (uint8_t)(1 << bit % 8);
		}
	}
}

struct jc_chip javacard_facts(const struct chip *chip)
{
	enum { RESET_MAX = 8192, DESELECT_MAX = 2048, COMMIT_MAX = 8192, PERSISTENT_MAX = 1 << 20 };
	struct jc_chip c = {.version = version(chip), .apdu_buffer = 261};
	c.persistent = number(chip, CHIP_JC_PERSISTENT, 16384, PERSISTENT_MAX);
	c.reset = (uint16_t)number(chip, CHIP_JC_RESET, 1024, RESET_MAX);
	c.deselect = (uint16_t)number(chip, CHIP_JC_DESELECT, c.reset < 512 ? c.reset : 512, DESELECT_MAX);
	c.commit = (uint16_t)number(chip, CHIP_JC_COMMIT, 384, COMMIT_MAX);
	c.channels = (uint8_t)number(chip, CHIP_JC_CHANNELS, 4, JC_CHANNELS_MAX);
	if (c.channels == 0)
		c.channels = 1;
	imports(chip, &c);
	c.int_supported = number(chip, CHIP_JC_INT, 0, 1) != 0;
	c.object_deletion = number(chip, CHIP_JC_DELETION, 0, 1) != 0;
	c.t1 = chip_fact_is(chip, CHIP_JC_PROTOCOL, "T=1");
	/* Nobody measured extended APDUs; whoever has the package javacardx.apdu is taken to have them. */
	c.extended = chip->fact[CHIP_EXTENDED].present ? chip->fact[CHIP_EXTENDED].number != 0
						       : chip->fact[CHIP_IMPORT_JAVACARDX_APDU].present;
	algorithms(chip, &c);
	return c;
}
