/* The chip's facts in the card's memory:
 *   | 2 version | 4 persistent | 2 reset | 2 deselect | 2 commit | 2 APDU buffer | 1 channels | 1 flags | 2 sw |
 *   | 2 in block | 2 out block | zeros to 32 | 64 minor versions | algorithms | */
#include "runtime/sim/javacard/machine/vm.h"

enum { MINORS = 32, ALGORITHMS = MINORS + 64, INT = 1, DELETION = 2, T1 = 4, EXTENDED = 8, RECEIVE = 16 };

_Static_assert(JC_ROM_PACKAGES <= 64, "numbers of ROM packages are below those of loaded ones");
_Static_assert(CARD_CHIP_SIZE == ALGORITHMS + JC_ALGORITHM_BYTES, "layout.h draws it");

void jc_chip_write(struct nv *nv, const struct jc_chip *chip)
{
	uint8_t b[CARD_CHIP_SIZE] = {0};
	jc_set16(b, chip->version);
	jc_set32(b + 2, chip->persistent);
	jc_set16(b + 6, chip->reset);
	jc_set16(b + 8, chip->deselect);
	jc_set16(b + 10, chip->commit);
	jc_set16(b + 12, chip->apdu_buffer);
	b[14] = chip->channels;
	b[15] = (uint8_t)((chip->int_supported ? INT : 0) | (chip->object_deletion ? DELETION : 0) |
	    (chip->t1 ? T1 : 0) | (chip->extended ? EXTENDED : 0) | (chip->receive_needs_data ? RECEIVE : 0));
	jc_set16(b + 16, chip->sw_import);
	jc_set16(b + 18, chip->in_block);
	jc_set16(b + 20, chip->out_block);
	memset(b + MINORS, JC_ABSENT, 64);
	memcpy(b + MINORS, chip->minor, sizeof chip->minor);
	memcpy(b + ALGORITHMS, chip->algorithm, sizeof chip->algorithm);
	nv_write(nv, CARD_CHIP, b, sizeof b);
}

static bool plausible(const struct jc_chip *c)
{
	return c->channels >= 1 && c->channels <= JC_CHANNELS_MAX && c->apdu_buffer >= 133 &&
	    c->apdu_buffer <= JC_APDU_BUFFER_MAX && c->persistent <= SIM_MEMORY_MAX &&
	    c->reset + c->deselect * (c->channels + 1u) + c->apdu_buffer + 512u <= JC_TRANSIENT_MAX;
}

bool jc_chip_read(const struct nv *nv, struct jc_chip *chip)
{
	const uint8_t *b = nv->mem + CARD_CHIP;
	*chip = (struct jc_chip){
	    .version = jc_be16(b),
	    .persistent = jc_be32(b + 2),
	    .reset = jc_be16(b + 6),
	    .deselect = jc_be16(b + 8),
	    .commit = jc_be16(b + 10),
	    .apdu_buffer = jc_be16(b + 12),
	    .channels = b[14],
	    .int_supported = (b[15] & INT) != 0,
	    .object_deletion = (b[15] & DELETION) != 0,
	    .t1 = (b[15] & T1) != 0,
	    .extended = (b[15] & EXTENDED) != 0,
	    .receive_needs_data = (b[15] & RECEIVE) != 0,
	    .sw_import = jc_be16(b + 16),
	    .in_block = jc_be16(b + 18),
	    .out_block = jc_be16(b + 20),
	};
	memcpy(chip->minor, b + MINORS, sizeof chip->minor);
	memcpy(chip->algorithm, b + ALGORITHMS, sizeof chip->algorithm);
	return plausible(chip);
}
