/* The packages in ROM by number. */
#include "runtime/sim/javacard/machine/vm.h"

#define JC_PACKAGE(id, aid, name) extern const struct jc_package jc_rom_##id;
#include "runtime/sim/javacard/machine/packages.def"
#undef JC_PACKAGE

const struct jc_package *const jc_rom[JC_ROM_PACKAGES] = {
#define JC_PACKAGE(id, aid, name) [JC_ROM_##id] = &jc_rom_##id,
#include "runtime/sim/javacard/machine/packages.def"
#undef JC_PACKAGE
};

static const char *const aids[JC_ROM_PACKAGES] = {
#define JC_PACKAGE(id, aid, name)        [JC_ROM_##id] = (aid),
#define JC_PACKAGE_ABSENT(id, aid, name) [JC_ROM_##id] = (aid),
#include "runtime/sim/javacard/machine/packages.def"
#undef JC_PACKAGE
#undef JC_PACKAGE_ABSENT
};

static const char *const names[JC_ROM_PACKAGES] = {
#define JC_PACKAGE(id, aid, name)        [JC_ROM_##id] = (name),
#define JC_PACKAGE_ABSENT(id, aid, name) [JC_ROM_##id] = (name),
#include "runtime/sim/javacard/machine/packages.def"
#undef JC_PACKAGE
#undef JC_PACKAGE_ABSENT
};

const char *jc_rom_aid(unsigned package)
{
	return package < JC_ROM_PACKAGES ? aids[package] : NULL;
}

const char *jc_rom_name(unsigned package)
{
	return package < JC_ROM_PACKAGES ? names[package] : NULL;
}
