#include "runtime/load/dialect.h"

#include <string.h>

#include "runtime/load/javacard/dialect.h"
#include "runtime/load/native/native.h"

const struct load_dialect *const load_dialects[] = {&load_iso_compact, &load_starcos, &load_globalplatform, NULL};

const struct load_dialect *load_dialect_named(const char *name)
{
	/* A simulated card of the reference simulator's profile has our card manager in the place of its installer. */
	if (strcmp(name, "cref") == 0)
		name = "globalplatform";
	for (size_t i = 0; load_dialects[i] != NULL; i++)
		if (strcmp(load_dialects[i]->name, name) == 0)
			return load_dialects[i];
	return NULL;
}

static const struct {
	const char *name, *en, *ja;
} states[] = {
    [AP_ABSENT] = {"absent", "not on the card", "カードにない"},
    [AP_HALF] = {"half-installed", "half installed, usable by nobody", "搭載途中(誰も利用できない)"},
    [AP_OPERATIONAL] = {"operational", "operational", "利用可能"},
    [AP_BLOCKED] = {"blocked", "blocked", "閉塞中"},
    [AP_TERMINATED] = {"terminated", "terminated", "廃止済み"},
    [AP_OTHER] = {"unknown", "in an unknown state", "状態不明"},
};

const char *ap_state_name(enum ap_state s)
{
	return states[s].name;
}

const char *ap_state_text(enum ap_state s, const char *lang)
{
	return strcmp(lang, "ja") == 0 ? states[s].ja : states[s].en;
}

bool ap_is(const struct ap *ap, const uint8_t *aid, size_t n)
{
	return ap->aid_len == n && memcmp(ap->aid, aid, n) == 0;
}
