/* One instruction of a method after the other, with its operands. */
#ifndef IGATA_CAP_CODE_H
#define IGATA_CAP_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/javacard/opcode.h"

struct cap_instruction {
	size_t at;     /* offset of the opcode */
	size_t length; /* bytes in all */
	uint8_t op;
	const struct op_info *info;
	uint8_t local;       /* local variable; m << 4 | n of dup_x and swap_x; words of arguments of invokeinterface */
	uint8_t atype;       /* element type */
	uint8_t token;       /* of invokeinterface */
	uint16_t constant;   /* index into the constant pool */
	int32_t value;       /* s1, s2, s4 operand; lowest match of a table switch */
	int32_t high;        /* highest match of a table switch */
	int64_t target;      /* of a branch: offset; default of a switch */
	uint32_t pairs;      /* branches of a switch besides the default */
	const uint8_t *pair; /* where they begin */
	/* Operand in the constant pool, for the RefLocation component: its offset and width, 0 when there is none. */
	size_t relocated;
	unsigned width;
};

enum cap_decoded { CAP_DECODED, CAP_NO_OPCODE, CAP_CUT, CAP_BAD_SWITCH };

/* Decode the instruction at offset `at` of n bytes. i->at and i->op are set in any case but when at is not below n. */
enum cap_decoded cap_decode(const uint8_t *code, size_t n, size_t at, struct cap_instruction *i);

/* Branch k of a switch, below i->pairs: the value it matches and its target. */
void cap_switch_case(const struct cap_instruction *i, uint32_t k, int32_t *match, int64_t *target);

#endif
