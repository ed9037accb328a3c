/* Mutants that execute a wrong contract. Include after cmocka.h. */
#ifndef IGATA_TESTS_MUTANT_CONTRACTS_H
#define IGATA_TESTS_MUTANT_CONTRACTS_H

#include "tests/unit/support/mutant.h"

/* ---- wrong contracts ---- */

enum { CARD, ZONES, FLAG };
enum { RICH_BOTH = 3 };

static inline void zones_free(struct contract *c)
{
	c->file[ZONES].rule[FILE_READ] = KIT_ALWAYS;
}
static inline void flag_free(struct contract *c)
{
	c->file[FLAG].rule[FILE_UPDATE] = KIT_ALWAYS;
}
static inline void card_writable(struct contract *c)
{
	c->file[CARD].rule[FILE_UPDATE] = c->file[ZONES].rule[FILE_READ];
}
static inline void zones_writable(struct contract *c)
{
	c->file[ZONES].rule[FILE_UPDATE] = c->file[ZONES].rule[FILE_READ];
}
static inline void zones_never(struct contract *c)
{
	c->file[ZONES].rule[FILE_READ] = KIT_NEVER;
}
static inline void flag_never(struct contract *c)
{
	c->file[FLAG].rule[FILE_UPDATE] = KIT_NEVER;
}
static inline void card_secret(struct contract *c)
{
	c->file[CARD].rule[FILE_READ] = c->file[ZONES].rule[FILE_READ];
}
static inline void and_is_or(struct contract *c)
{
	c->rule[c->file[RICH_BOTH].rule[FILE_READ]].op = RULE_OR;
}
static inline void or_is_and(struct contract *c)
{
	c->rule[c->file[RICH_BOTH].rule[FILE_UPDATE]].op = RULE_AND;
}
static inline void more_tries(struct contract *c)
{
	c->pin[0].tries++;
}
static inline void fewer_tries(struct contract *c)
{
	c->pin[0].tries--;
}
static inline void fewer_puk_tries(struct contract *c)
{
	c->pin[0].puk_tries--;
}
static inline void shorter_pin(struct contract *c)
{
	c->pin[0].min = 3;
}
static inline void longer_pin(struct contract *c)
{
	c->pin[0].max = 8;
}
static inline void change_when_verified(struct contract *c)
{
	c->pin[0].change |= FORM_01;
}
static inline void no_change(struct contract *c)
{
	c->pin[0].change = 0;
}
static inline void reset_keeps(struct contract *c)
{
	c->pin[0].reset |= FORM_01;
}
static inline void no_reset(struct contract *c)
{
	c->pin[0].reset = 0;
}
static inline void larger_file(struct contract *c)
{
	c->file[CARD].size++;
}
static inline void smaller_file(struct contract *c)
{
	c->file[CARD].size--;
	c->field[0].length--;
	c->value[2].min = c->value[2].max = 9;
}

static inline void other_content(struct contract *c)
{
	c->pool[c->file[CARD].content] ^= 1;
}
static inline void other_flag(struct contract *c)
{
	c->pool[c->file[FLAG].content] = 0xff;
}
static inline void other_padding(struct contract *c)
{
	c->field[1].pad = 0;
}
static inline void other_fid(struct contract *c)
{
	c->file[ZONES].fid = 0x0012;
}
static inline void other_aid(struct contract *c)
{
	c->aid[9] ^= 1;
}
static inline void other_reference(struct contract *c)
{
	c->pin[0].ref = 2;
}
static inline void no_format(struct contract *c)
{
	c->pin[ADMIN].card_checks_format = false;
}
static inline void never_transport(struct contract *c)
{
	c->pin[TRANSIT].initial = PIN_PERSONAL;
}
static inline void unblock_free(struct contract *c)
{
	c->pin[HOLDER].unblock = KIT_ALWAYS;
}

static inline void sfi_swapped(struct contract *c)
{
	c->file[ZONES].sfi = 3;
	c->file[FLAG].sfi = 2;
}

/* One more PIN, which the description does not know. */
static inline void back_door(struct contract *c)
{
	c->pin[1] = c->pin[0];
	c->pin[1].ref = 0x11;
	c->pin[1].value = kit_value(c, "PIN2", VALUE_PIN, 1, 4, 4, FORMAT_DIGITS);
	c->pin[1].puk_value = kit_value(c, "PUK2", VALUE_PUK, 1, 8, 8, FORMAT_DIGITS);
	c->n_pins = 2;
}

#endif
