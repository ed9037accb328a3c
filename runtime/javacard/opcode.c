#include "runtime/javacard/opcode.h"

#include <string.h>

const struct op_info op_info[256] = {
#define OP(number, name, form, length, pops, pushes) [number] = {#name, OP_FORM_##form, length, pops, pushes},
#include "runtime/javacard/opcodes.def"
#undef OP
};

int op_named(const char *name)
{
	for (int op = 0; op < 256; op++)
		if (op_info[op].name != NULL && strcmp(op_info[op].name, name) == 0)
			return op;
	return -1;
}
