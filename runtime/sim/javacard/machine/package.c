/* The packages on the card, in ROM and loaded. */
#include "runtime/sim/javacard/machine/code.h"

#include "runtime/base/hex.h"

static bool rom_present(const struct jc *jc, unsigned i)
{
	return i < JC_ROM_PACKAGES && jc_rom[i] != NULL && jc->chip.minor[i] != JC_ABSENT;
}

static bool loaded(const struct jc *jc, unsigned i)
{
	return i >= JC_LOADED && i < JC_LOADED + JC_PACKAGES_MAX &&
	    jc->mem[jc_slot_at((uint8_t)(i - JC_LOADED)) + SLOT_STATE] == SLOT_LIVE;
}

unsigned jc_packages(struct jc *jc, uint8_t out[256])
{
	unsigned n = 0;
	for (unsigned i = 0; i < JC_LOADED + JC_PACKAGES_MAX; i++)
		if (rom_present(jc, i) || loaded(jc, i))
			out[n++] = (uint8_t)i;
	return n;
}

static uint32_t bytes_of(struct jc *jc, uint8_t slot)
{
	uint32_t bytes = 0;
	for (unsigned i = 0; i < JC_PARTS; i++) {
		const uint8_t *h = jc_header(jc, jc_part(jc, slot, i));
		bytes += h == NULL ? 0 : jc_block_size(h) + 4;
	}
	return bytes;
}

static void rom_info(struct jc *jc, uint8_t package, struct jc_package_info *out)
{
	size_t n = 0;
	const char *aid = jc_rom_aid(package);
	hex_decode(aid, strlen(aid), out->aid, sizeof out->aid, &n);
	out->rom = true;
	out->aid_len = (uint8_t)n;
	out->major = 1;
	out->minor = jc->chip.minor[package];
}

bool jc_package_info(struct jc *jc, uint8_t package, struct jc_package_info *out)
{
	*out = (struct jc_package_info){0};
	if (rom_present(jc, package)) {
		rom_info(jc, package, out);
		return true;
	}
	if (!loaded(jc, package))
		return false;
	const uint8_t *s = jc->mem + jc_slot_at((uint8_t)(package - JC_LOADED));
	out->aid_len = s[SLOT_AID_LEN] <= JC_AID_MAX ? s[SLOT_AID_LEN] : 0;
	memcpy(out->aid, s + SLOT_AID, out->aid_len);
	out->major = s[SLOT_MAJOR];
	out->minor = s[SLOT_MINOR];
	const struct jc_code *code = jc_loaded(jc, package);
	out->modules = code == NULL ? 0 : (uint8_t)code->modules;
	out->bytes = bytes_of(jc, (uint8_t)(package - JC_LOADED));
	return true;
}

bool jc_package_module(struct jc *jc, uint8_t package, unsigned module, uint8_t aid[JC_AID_MAX], uint8_t *aid_len)
{
	const struct jc_code *code = jc_loaded(jc, package);
	*aid_len = 0;
	if (!loaded(jc, package) || code == NULL || module >= code->modules)
		return false;
	*aid_len = code->module[module].aid_len;
	memcpy(aid, code->module[module].aid, *aid_len);
	return true;
}

int jc_package_by_aid(struct jc *jc, const uint8_t *aid, size_t n)
{
	struct jc_package_info info;
	for (unsigned i = 0; i < JC_LOADED + JC_PACKAGES_MAX; i++)
		if (jc_package_info(jc, (uint8_t)i, &info) && info.aid_len == n && memcmp(info.aid, aid, n) == 0)
			return (int)i;
	return -1;
}
