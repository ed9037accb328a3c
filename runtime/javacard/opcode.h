/* The bytecodes by number and by name, as opcodes.def has them. */
#ifndef IGATA_JAVACARD_OPCODE_H
#define IGATA_JAVACARD_OPCODE_H

#include <stdint.h>

/* Operand forms, in bytes behind the opcode. u and s: unsigned and signed, big-endian. */
enum op_form {
	OP_FORM_NONE,
	OP_FORM_S1,        /* s1 value */
	OP_FORM_S2,        /* s2 value */
	OP_FORM_S4,        /* s4 value */
	OP_FORM_LOCAL,     /* u1 local variable */
	OP_FORM_LOCAL_S1,  /* u1 local variable, s1 value */
	OP_FORM_LOCAL_S2,  /* u1 local variable, s2 value */
	OP_FORM_MN,        /* u1: high nibble m, low nibble n (dup_x, swap_x) */
	OP_FORM_B1,        /* s1 branch, from the opcode's own address */
	OP_FORM_B2,        /* s2 branch */
	OP_FORM_CP1,       /* u1 index into the constant pool; relocated */
	OP_FORM_CP2,       /* u2 index into the constant pool; relocated */
	OP_FORM_INTERFACE, /* u1 words of arguments with the object, u2 constant pool (a class; relocated), u1 method
			      token */
	OP_FORM_ATYPE,     /* u1 element type of an array (newarray) */
	OP_FORM_ATYPE_CP2, /* u1 element type or 0, u2 constant pool; relocated except for atype 10 to 13, where it is 0
			    */
	OP_FORM_STABLE,    /* s2 default branch, s2 low, s2 high, s2 branch[high - low + 1] */
	OP_FORM_ITABLE,    /* s2 default branch, s4 low, s4 high, s2 branch[high - low + 1] */
	OP_FORM_SLOOKUP,   /* s2 default branch, u2 pairs, {s2 match, s2 branch} ascending */
	OP_FORM_ILOOKUP,   /* s2 default branch, u2 pairs, {s4 match, s2 branch} ascending */
};

enum op {
#define OP(number, name, form, length, pops, pushes) OP_##name = (number),
#include "runtime/javacard/opcodes.def"
#undef OP
};

/* Element types of newarray, checkcast and instanceof (JCVM 7.5.58). */
enum op_atype {
	OP_ATYPE_CLASS = 0,
	OP_ATYPE_BOOLEAN = 10,
	OP_ATYPE_BYTE = 11,
	OP_ATYPE_SHORT = 12,
	OP_ATYPE_INT = 13,
	OP_ATYPE_REFERENCE = 14, /* array of references to the class of the operand */
};

struct op_info {
	const char *name; /* NULL: no such bytecode */
	enum op_form form;
	uint8_t length;     /* 0: depends on the operands */
	const char *pops;   /* letters of opcodes.def, the topmost last */
	const char *pushes; /* likewise */
};

/* Indexed by the bytecode. */
extern const struct op_info op_info[256];

/* The bytecode of this name, or -1. */
int op_named(const char *name);

#endif
