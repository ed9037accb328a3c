#include "runtime/chip/limits.h"

#include <string.h>

/* The lowest value that any measured card has (chipprofiles). Of blocks: 247 bytes are what a block of 255 leaves under
 * the longest secure messaging. */
static const struct limit {
	enum chip_fact_name fact;
	uint32_t lowest;
} limits[] = {
    {CHIP_JC_PERSISTENT, 1144},
    {CHIP_JC_RESET, 758},
    {CHIP_JC_DESELECT, 384},
    {CHIP_JC_COMMIT, 384},
    {CHIP_JC_IN_BLOCK, 1},
    {CHIP_JC_OUT_BLOCK, 251},
    {CHIP_GP_BLOCK, 247},
    {CHIP_JC_CHANNELS, 1},
    {CHIP_JC_INT, 0},
    {CHIP_JC_DELETION, 0},
    {CHIP_JC_PROTOCOL, 0},
};

static uint32_t limit(const struct chip *c, enum chip_fact_name f)
{
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		if (limits[i].fact == f && !c->fact[f].present)
			return limits[i].lowest;
	return c->fact[f].number;
}

/* Two facts show themselves in the packages that a card has: int in util.intx, extended length in javacardx.apdu. */
static bool shown_by(const struct chip *c, enum chip_fact_name f, enum chip_fact_name package)
{
	return c->fact[f].present ? c->fact[f].number == 1 : c->fact[package].present;
}

void chip_limits(const struct chip *c, struct chip_limits *out)
{
	*out = (struct chip_limits){
	    .persistent = limit(c, CHIP_JC_PERSISTENT),
	    .reset = limit(c, CHIP_JC_RESET),
	    .deselect = limit(c, CHIP_JC_DESELECT),
	    .commit = limit(c, CHIP_JC_COMMIT),
	    .in_block = limit(c, CHIP_JC_IN_BLOCK),
	    .out_block = limit(c, CHIP_JC_OUT_BLOCK),
	    .max_data = limit(c, CHIP_GP_BLOCK),
	    .channels = limit(c, CHIP_JC_CHANNELS),
	    .int_type = shown_by(c, CHIP_JC_INT, CHIP_IMPORT_JAVACARDX_FRAMEWORK_UTIL_INTX),
	    .object_deletion = limit(c, CHIP_JC_DELETION) == 1,
	    .extended = shown_by(c, CHIP_EXTENDED, CHIP_IMPORT_JAVACARDX_APDU),
	    .t1 = chip_fact_is(c, CHIP_JC_PROTOCOL, "T=1"),
	};
}

bool chip_limit_unknown(const struct chip *c, enum chip_fact_name f)
{
	if (c->fact[f].present)
		return false;
	if (f == CHIP_JC_INT)
		return !c->fact[CHIP_IMPORT_JAVACARDX_FRAMEWORK_UTIL_INTX].present;
	if (f == CHIP_EXTENDED)
		return !c->fact[CHIP_IMPORT_JAVACARDX_APDU].present;
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		if (limits[i].fact == f)
			return true;
	return false;
}

/* ---- packages ---- */

enum { RELEASES = 7 };

/* The packages that every card of a release has, and org.globalplatform, which every card managed by GlobalPlatform
 * has; releases in the order of the words of jc.version. Java Card platform, API specifications of the releases. */
static const struct package {
	const char *name;
	uint8_t minor[RELEASES]; /* of version 1; 0xFF: not there */
} packages[] = {
    /*                      2.1.1 2.2   2.2.1 2.2.2 3.0.1 3.0.4 3.0.5 */
    {"java.lang", {0, 0, 0, 0, 0, 0, 0}},
    {"java.io", {0xFF, 0, 0, 0, 0, 0, 0}},
    {"javacard.framework", {0, 2, 2, 3, 4, 5, 6}},
    {"javacard.security", {1, 2, 2, 3, 4, 5, 6}},
    {"javacardx.crypto", {1, 2, 2, 3, 4, 5, 6}},
    {"org.globalplatform", {0, 0, 0, 0, 0, 0, 0}},
};

static const struct chip_fact *import_fact(const struct chip *c, const char *package)
{
	for (int f = CHIP_IMPORT_JAVA_LANG; f <= CHIP_IMPORT_VISA_OPENPLATFORM; f++)
		if (strcmp(chip_fact_id((enum chip_fact_name)f) + strlen("import."), package) == 0)
			return &c->fact[f];
	return NULL;
}

/* Of its release; of an unknown release the lowest. */
static uint16_t import_of_release(const struct chip *c, const char *package)
{
	uint32_t release = c->fact[CHIP_JC_VERSION].present ? c->fact[CHIP_JC_VERSION].number : 0;
	for (size_t i = 0; i < sizeof packages / sizeof *packages; i++)
		if (strcmp(packages[i].name, package) == 0 && packages[i].minor[release] != 0xFF)
			return (uint16_t)(0x0100 | packages[i].minor[release]);
	return 0;
}

uint16_t chip_import(const struct chip *c, const char *package, bool *known)
{
	const struct chip_fact *fact = import_fact(c, package);
	/* One scan looks for all packages, but old ones did not look for org.globalplatform. */
	bool scanned = c->fact[CHIP_IMPORT_JAVA_LANG].present && strcmp(package, "org.globalplatform") != 0;
	bool measured = scanned || (fact != NULL && fact->present);
	if (known != NULL)
		*known = measured;
	if (measured)
		return fact != NULL && fact->present ? (uint16_t)fact->number : 0;
	return import_of_release(c, package);
}
