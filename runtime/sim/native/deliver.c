/* A card as the manufacturer delivers it: the facts of its chip copied into its memory, an MF without DFs, the
 * published test value as loading key. A profile that states what these cards cannot be is refused: its image would be
 * tested against another chip. */
#include "runtime/sim/native/card.h"

#include <string.h>

#include "runtime/base/diag.h"
#include "runtime/base/hex.h"

enum { PAGE_SHIFT_MIN = 5 };

/* A limit: the fact, what these cards can have, what is usual when the profile does not say, and where it is kept. */
static const struct limit {
	enum chip_fact_name fact;
	uint32_t low, high, usual;
	uint32_t at;
	unsigned bytes;
} limit[] = {
    {CHIP_FILE_OVERHEAD, OBJECT_HEADER, NAT_OVERHEAD_MAX, 32, CARD_OVERHEAD, 2},
    {CHIP_DF_OVERHEAD, 0, NAT_OVERHEAD_MAX, 0, CARD_DF_OVERHEAD, 2},
    {CHIP_DF_MAX, 1, UINT32_MAX, UINT32_MAX, CARD_DF_MAX, 4},
    {CHIP_PIN_SIZE, ISF_HEADER, NAT_OVERHEAD_MAX + NAT_SECRET_MAX, 48, CARD_PIN_SIZE, 2},
    {CHIP_FILE_MAX, 1, UINT32_MAX, 0x7fff, CARD_FILE_MAX, 4},
    {CHIP_FILE_COUNT, 1, 100, 64, CARD_FILE_COUNT, 1},
    {CHIP_COMMAND_DATA, 1, NAT_DATA_MAX, APDU_SHORT_DATA, CARD_COMMAND_DATA, 4},
    {CHIP_RESPONSE_DATA, 1, RAPDU_MAX - 2, APDU_SHORT_LE, CARD_RESPONSE_DATA, 4},
    {CHIP_EXTENDED, 0, 1, 0, CARD_EXTENDED, 1},
    {CHIP_SE_COUNT, 0, NAT_SE_MAX, NAT_SE_MAX, CARD_SE_COUNT, 1},
    {CHIP_PIN_COUNT, 0, 31, 14, CARD_PIN_COUNT, 1},
    {CHIP_PIN_REF, 1, 31, 31, CARD_PIN_REF, 1},
    {CHIP_PIN_MIN, 1, NAT_SECRET_MAX, 1, CARD_PIN_MIN, 1},
    {CHIP_PIN_MAX, 1, NAT_SECRET_MAX, 16, CARD_PIN_MAX, 1},
    {CHIP_PIN_TRIES, 1, 15, 15, CARD_PIN_TRIES, 1},
    {CHIP_PUK_TRIES, 1, 15, 15, CARD_PUK_TRIES, 1},
};

/* What a profile does not say is as the AP contract has it. */
static const struct {
	enum chip_fact_name fact;
	uint8_t habit;
} habit[] = {
    {CHIP_PIN_LENGTH_FIRST, HABIT_LENGTH_FIRST},
    {CHIP_PIN_WRONG_CLEARS, HABIT_WRONG_CLEARS},
    {CHIP_CHANGE_SAME, HABIT_CHANGE_SAME},
    {CHIP_CHANGE_CLEARS, HABIT_CHANGE_CLEARS},
    {CHIP_RESET_CLEARS, HABIT_RESET_CLEARS},
    {CHIP_SELECT_CLEARS, HABIT_SELECT_CLEARS},
};

static uint32_t fact(const struct chip *chip, enum chip_fact_name f, uint32_t otherwise)
{
	return chip->fact[f].present ? chip->fact[f].number : otherwise;
}

/* --- size --- */

static uint32_t pages_of(uint32_t memory, uint32_t shift)
{
	return (memory + (UINT32_C(1) << shift) - 1) >> shift;
}

/* Pages of 32 bytes, or the next size with which they can be counted. */
static uint32_t page_shift(uint32_t memory)
{
	uint32_t shift = PAGE_SHIFT_MIN;
	while (pages_of(memory, shift) > NAT_PAGES_MAX)
		shift++;
	return shift;
}

uint32_t nat_memory_size(const struct chip *chip, const struct contract *contract)
{
	(void)contract;
	uint32_t memory = fact(chip, CHIP_MEMORY, 0);
	if (nat_dialect_named(chip->dialect) == NULL || memory == 0 || memory > SIM_MEMORY_MAX / 2)
		return 0;
	uint32_t shift = page_shift(memory), pages = pages_of(memory, shift);
	return nat_pages_at(pages) + (pages << shift);
}

/* --- can these cards be so? --- */

static bool refuse_limit(const struct chip *chip, const struct limit *l, struct diag_list *d)
{
	const struct chip_fact *f = &chip->fact[l->fact];
	return diag_add(d, f->at, DIAG_SIM_FACT_LIMIT, chip_fact_id(l->fact), diag_num(f->number), diag_num(l->low),
	    diag_num(l->high), NULL);
}

static bool limits_ok(const struct chip *chip, struct diag_list *d)
{
	bool good = true;
	for (size_t i = 0; i < sizeof limit / sizeof limit[0]; i++) {
		uint32_t v = fact(chip, limit[i].fact, limit[i].usual);
		if (v < limit[i].low || v > limit[i].high)
			good = refuse_limit(chip, &limit[i], d);
	}
	return good;
}

static bool words_ok(const struct chip *chip, const struct native_dialect *dialect, struct diag_list *d)
{
	bool good = true;
	for (size_t i = 0; i < dialect->words; i++) {
		const struct nat_word *w = &dialect->word[i];
		const struct chip_fact *f = &chip->fact[w->fact];
		if (f->present && strcmp(f->text, w->text) != 0)
			good = diag_add(d, f->at, DIAG_SIM_FACT_DIALECT, chip_fact_id(w->fact), f->text, dialect->name,
			    w->text, NULL);
	}
	return good;
}

/* The shortest PIN is not longer than the longest, and the room of a PIN holds it. */
static bool pins_ok(const struct chip *chip, const struct native_dialect *dialect, struct diag_list *d)
{
	uint32_t max = fact(chip, CHIP_PIN_MAX, 16), min = fact(chip, CHIP_PIN_MIN, 1);
	uint32_t header = dialect->id == DIALECT_STARCOS ? ISF_HEADER : fact(chip, CHIP_FILE_OVERHEAD, 32);
	const struct limit shortest = {.fact = CHIP_PIN_MIN, .low = 1, .high = max};
	const struct limit size = {.fact = CHIP_PIN_SIZE, .low = header + max, .high = UINT16_MAX};
	bool good = min <= max || refuse_limit(chip, &shortest, d);
	if (chip->fact[CHIP_PIN_SIZE].present && chip->fact[CHIP_PIN_SIZE].number < size.low)
		good = refuse_limit(chip, &size, d);
	return good;
}

/* --- delivery --- */

static void put8(struct nv *nv, uint32_t at, uint32_t v)
{
	uint8_t b = (uint8_t)v;
	nv_write(nv, at, &b, 1);
}

static void deliver_limits(struct nv *nv, const struct chip *chip)
{
	for (size_t i = 0; i < sizeof limit / sizeof limit[0]; i++) {
		uint8_t b[4];
		nat_set32(b, fact(chip, limit[i].fact, limit[i].usual));
		nv_write(nv, limit[i].at, b + 4 - limit[i].bytes, limit[i].bytes);
	}
}

static void deliver_habits(struct nv *nv, const struct chip *chip)
{
	const struct chip_fact *f = &chip->fact[CHIP_PIN_BLOCKED_SW];
	uint8_t habits = 0;
	for (size_t i = 0; i < sizeof habit / sizeof habit[0]; i++)
		if (fact(chip, habit[i].fact, 1) != 0)
			habits |= habit[i].habit;
	put8(nv, CARD_HABITS, habits);
	bool jicsap = f->present && strcmp(f->text, "6984") == 0;
	nat_put16(nv, CARD_BLOCKED_SW, jicsap ? SW_REFERENCE_DATA_NOT_USABLE : SW_AUTH_BLOCKED);
}

/* Without a fact: T=1, no historical bytes (ISO/IEC 7816-3:2006 8.2). */
static void deliver_atr(struct nv *nv, const struct chip *chip)
{
	static const uint8_t plain[] = {0x3b, 0x80, 0x01, 0x81};
	uint8_t atr[SIM_ATR_MAX];
	size_t n = 0;
	const struct chip_fact *f = &chip->fact[CHIP_ATR];
	if (!f->present || !hex_decode(f->text, strlen(f->text), atr, sizeof atr, &n) || n == 0) {
		memcpy(atr, plain, sizeof plain);
		n = sizeof plain;
	}
	put8(nv, CARD_ATR_LEN, (uint32_t)n);
	nv_write(nv, CARD_ATR, atr, (uint32_t)n);
}

bool nat_deliver(struct nv *nv, const struct chip *chip, const struct contract *contract, struct diag_list *d)
{
	const struct native_dialect *dialect = nat_dialect_named(chip->dialect);
	uint32_t memory = fact(chip, CHIP_MEMORY, 0);
	(void)contract;
	bool limits = limits_ok(chip, d), words = words_ok(chip, dialect, d), pins = pins_ok(chip, dialect, d);
	if (!limits || !words || !pins)
		return false;
	deliver_limits(nv, chip);
	deliver_habits(nv, chip);
	deliver_atr(nv, chip);
	put8(nv, CARD_PAGE_SHIFT, page_shift(memory));
	nat_put16(nv, CARD_PAGES, (uint16_t)pages_of(memory, page_shift(memory)));
	put8(nv, CARD_DIALECT, dialect->id);
	put8(nv, CARD_KEY_TRIES, dialect->key_tries);
	put8(nv, CARD_KEY_LEFT, dialect->key_tries);
	put8(nv, CARD_KEY_LEN, dialect->key_len);
	nv_write(nv, CARD_KEY, dialect->key, NAT_SECRET_MAX);
	nat_put32(nv, CARD_MAGIC, NAT_MAGIC);
	return true;
}
