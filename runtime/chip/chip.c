#include "runtime/chip/chip.h"

#include <string.h>

struct row {
	const char *id, *words, *meaning[2];
	enum fact_type type;
	bool grants;
};

static const struct row table[CHIP_FACTS] = {
#define FACT(name, id, type, words, grants, en, ja) [CHIP_##name] = {id, words, {en, ja}, type, grants},
#include "runtime/chip/facts.def"
#undef FACT
};

const char *chip_fact_id(enum chip_fact_name f)
{
	return table[f].id;
}

enum fact_type chip_fact_type(enum chip_fact_name f)
{
	return table[f].type;
}

bool chip_fact_grants(enum chip_fact_name f)
{
	return table[f].grants;
}

const char *chip_fact_words(enum chip_fact_name f)
{
	return table[f].words;
}

const char *chip_fact_meaning(enum chip_fact_name f, const char *lang)
{
	return table[f].meaning[strcmp(lang, "ja") == 0];
}

const char *chip_witness_name(enum chip_witness w, const char *lang)
{
	static const char *const name[][2] = {
	    [WITNESS_ASSUMED] = {"assumed", "仮定"},
	    [WITNESS_CITED] = {"cited", "文献"},
	    [WITNESS_RECORDED] = {"recorded", "実測"},
	};
	return name[w][strcmp(lang, "ja") == 0];
}

bool chip_fact_is(const struct chip *c, enum chip_fact_name f, const char *word)
{
	return c->fact[f].present && strcmp(c->fact[f].text, word) == 0;
}

bool chip_fact_concerns(const char *family, enum chip_fact_name f)
{
	if (f == CHIP_ATR || f == CHIP_EXTENDED)
		return true;
	return (f >= CHIP_JC_VERSION) == (strcmp(family, "javacard") == 0);
}

bool chip_fact_has(const struct chip *c, enum chip_fact_name f, const char *name)
{
	size_t n = strlen(name);
	if (!c->fact[f].present)
		return false;
	for (const char *p = c->fact[f].text; *p != 0;) {
		size_t len = strcspn(p, " ");
		if (len == n && memcmp(p, name, n) == 0)
			return true;
		p += len + (p[len] == ' ');
	}
	return false;
}
