/* Every bytecode of the virtual machine: JCVM 3.0.5, chapter 7. The table below was typed from the specification, with
 * opcodes as numbers, and knows nothing of the machine's own table. A row is code that runs in process(APDU) with
 * `this` and the APDU in locals 0 and 1; behind it the stack is looked at, or an exception is expected. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/support/jc_kit.h"

struct row {
	const char *name;
	const char *code;
	const char *stack; /* words that must be on it, hexadecimal; or the name of the class that is thrown */
};

/* References show as "this", "apdu", "new" (any other object) in `stack`; the tests compare handles. */
static const struct row rows[] = {
    {"nop", "00", ""},
    {"aconst_null", "01", "0000"},
    {"sconst_m1", "02", "FFFF"},
    {"sconst_0", "03", "0000"},
    {"sconst_1", "04", "0001"},
    {"sconst_2", "05", "0002"},
    {"sconst_3", "06", "0003"},
    {"sconst_4", "07", "0004"},
    {"sconst_5", "08", "0005"},
    {"iconst_m1", "09", "FFFFFFFF"},
    {"iconst_0", "0A", "00000000"},
    {"iconst_1", "0B", "00000001"},
    {"iconst_2", "0C", "00000002"},
    {"iconst_3", "0D", "00000003"},
    {"iconst_4", "0E", "00000004"},
    {"iconst_5", "0F", "00000005"},
    {"bspush", "10 80 10 7F", "FF80 007F"},
    {"sspush", "11 8001", "8001"},
    {"bipush", "12 80", "FFFFFF80"},
    {"sipush", "13 8001", "FFFF8001"},
    {"iipush", "14 89ABCDEF", "89ABCDEF"},
    /* locals; 2 to 11 are free */
    {"sload", "11 1234 29 05 16 05", "1234"},
    {"aload", "15 00 15 01", "this apdu"},
    {"iload", "14 12345678 2A 06 17 06", "12345678"},
    {"aload_0", "18", "this"},
    {"aload_1", "19", "apdu"},
    {"aload_2", "18 2D 1A", "this"},
    {"aload_3", "19 2E 1B", "apdu"},
    {"sload_0", "11 1111 2F 1C", "1111"},
    {"sload_1", "11 2222 30 1D", "2222"},
    {"sload_2", "11 3333 31 1E", "3333"},
    {"sload_3", "11 4444 32 1F", "4444"},
    {"iload_0", "14 11112222 33 20 1D", "11112222 2222"},
    {"iload_1", "14 33334444 34 21 1E", "33334444 4444"},
    {"iload_2", "14 55556666 35 22 1F", "55556666 6666"},
    {"iload_3", "14 77778888 36 23 16 04", "77778888 8888"},
    {"astore", "18 28 08 15 08", "this"},
    {"astore_0", "19 2B 18", "apdu"},
    {"astore_1", "18 2C 19", "this"},
    {"sstore", "08 29 0B 16 0B", "0005"},
    {"istore", "14 01020304 2A 0A 17 0A", "01020304"},
    /* arrays; 7 is the static array {1, 2, 3} */
    {"newarray boolean", "08 90 0A 92", "0005"},
    {"newarray byte", "03 90 0B 92", "0000"},
    {"newarray short", "07 90 0C 92", "0004"},
    {"newarray int", "06 90 0D 92", "0003"},
    {"newarray negative", "02 90 0B", "java/lang/NegativeArraySizeException"},
    {"anewarray", "06 91 0012 92", "0003"},
    {"anewarray negative", "10 FF 91 0012", "java/lang/NegativeArraySizeException"},
    {"arraylength", "7B 0007 92", "0003"},
    {"arraylength null", "01 92", "java/lang/NullPointerException"},
    {"baload", "7B 0007 05 25", "0003"},
    {"baload negative index", "7B 0007 02 25", "java/lang/ArrayIndexOutOfBoundsException"},
    {"baload behind", "7B 0007 06 25", "java/lang/ArrayIndexOutOfBoundsException"},
    {"baload null", "01 03 25", "java/lang/NullPointerException"},
    {"bastore", "04 90 0B 3D 03 11 0180 38 03 25", "FF80"},
    {"bastore boolean", "04 90 0A 3D 03 04 38 03 25", "0001"},
    {"bastore behind", "7B 0007 06 04 38", "java/lang/ArrayIndexOutOfBoundsException"},
    {"sastore saload", "05 90 0C 3D 04 11 8765 39 04 26", "8765"},
    {"saload behind", "05 90 0C 05 26", "java/lang/ArrayIndexOutOfBoundsException"},
    {"iastore iaload", "05 90 0D 3D 04 14 87654321 3A 04 27", "87654321"},
    {"iaload null", "01 03 27", "java/lang/NullPointerException"},
    {"aastore aaload", "05 91 0012 3D 04 18 37 04 24", "this"},
    {"aaload of nothing", "05 91 0012 04 24", "0000"},
    {"aastore of another class", "04 91 000E 03 18 37", "java/lang/ArrayStoreException"},
    {"aastore of the APDU", "04 91 0012 03 19 37", "java/lang/SecurityException"},
    {"aastore null", "04 91 000E 3D 03 01 37 03 24", "0000"},
    /* the stack */
    {"pop", "04 05 3B", "0001"},
    {"pop2", "04 05 06 3C", "0001"},
    {"dup", "08 3D", "0005 0005"},
    {"dup2", "04 05 3E", "0001 0002 0001 0002"},
    {"dup_x 1 1", "04 05 3F 11", "0001 0002 0002"},
    {"dup_x 1 2", "04 05 3F 12", "0002 0001 0002"},
    {"dup_x 1 0", "04 05 3F 10", "0001 0002 0002"},
    {"dup_x 2 3", "04 05 06 3F 23", "0002 0003 0001 0002 0003"},
    {"dup_x 2 0", "04 05 06 3F 20", "0001 0002 0003 0002 0003"},
    {"dup_x 3 5", "04 05 06 07 08 3F 35", "0003 0004 0005 0001 0002 0003 0004 0005"},
    {"dup_x 4 8", "04 05 06 07 08 04 05 06 3F 48", "0005 0001 0002 0003 0001 0002 0003 0004 0005 0001 0002 0003"},
    {"swap_x 1 1", "04 05 40 11", "0002 0001"},
    {"swap_x 1 2", "04 05 06 40 12", "0003 0001 0002"},
    {"swap_x 2 1", "04 05 06 40 21", "0002 0003 0001"},
    {"swap_x 2 2", "04 05 06 07 40 22", "0003 0004 0001 0002"},
    /* short arithmetic */
    {"sadd", "11 7FFF 04 41", "8000"},
    {"ssub", "11 8000 04 43", "7FFF"},
    {"smul", "11 0123 11 0456 45", "EDC2"},
    {"smul negative", "11 FF85 08 45", "FD99"},
    {"sdiv", "11 FFF9 05 47", "FFFD"},
    {"sdiv least by -1", "11 8000 02 47", "8000"},
    {"sdiv by 0", "04 03 47", "java/lang/ArithmeticException"},
    {"srem", "11 FFF9 05 49", "FFFF"},
    {"srem least by -1", "11 8000 02 49", "0000"},
    {"srem by 0", "04 03 49", "java/lang/ArithmeticException"},
    {"sneg", "11 8000 4B 08 4B", "8000 FFFB"},
    {"sshl", "11 0123 07 4D", "1230"},
    {"sshl by 16", "11 0123 10 10 4D", "0000"},
    {"sshl by 33", "11 0123 10 21 4D", "0246"},
    {"sshr", "11 8123 07 4F", "F812"},
    {"sushr", "11 8123 07 51", "F812"}, /* of the int that the short is: the bits that come in are cut off */
    {"sushr by 20", "11 8123 10 14 51", "0FFF"},
    {"sand", "11 0FF0 11 3C3C 53", "0C30"},
    {"sor", "11 0FF0 11 3C3C 55", "3FFC"},
    {"sxor", "11 0FF0 11 3C3C 57", "33CC"},
    {"sinc", "11 7FFF 29 04 59 04 03 16 04", "8002"},
    {"sinc negative", "04 29 04 59 04 FE 16 04", "FFFF"},
    {"sinc_w", "04 29 04 96 04 1234 16 04", "1235"},
    {"s2b", "11 0180 5B", "FF80"},
    {"s2i", "11 8000 5C", "FFFF8000"},
    /* int arithmetic */
    {"iadd", "14 7FFFFFFF 0B 42", "80000000"},
    {"isub", "14 80000000 0B 44", "7FFFFFFF"},
    {"imul", "14 12345678 14 00010003 46", "8D150368"},
    {"idiv", "14 FFFFFFF9 0C 48", "FFFFFFFD"},
    {"idiv least by -1", "14 80000000 09 48", "80000000"},
    {"idiv by 0", "0B 0A 48", "java/lang/ArithmeticException"},
    {"irem", "14 FFFFFFF9 0C 4A", "FFFFFFFF"},
    {"irem by 0", "0B 0A 4A", "java/lang/ArithmeticException"},
    {"ineg", "14 80000000 4C 0C 4C", "80000000 FFFFFFFE"},
    {"ishl", "14 12345678 12 24 4E", "23456780"},
    {"ishr", "14 87654321 0E 50", "F8765432"},
    {"iushr", "14 87654321 0E 52", "08765432"},
    {"iand", "14 0FF00FF0 14 3C3C3C3C 54", "0C300C30"},
    {"ior", "14 0FF00FF0 14 3C3C3C3C 56", "3FFC3FFC"},
    {"ixor", "14 0FF00FF0 14 3C3C3C3C 58", "33CC33CC"},
    {"iinc", "14 7FFFFFFF 2A 04 5A 04 02 17 04", "80000001"},
    {"iinc negative", "0A 2A 04 5A 04 FF 17 04", "FFFFFFFF"},
    {"iinc_w", "0B 2A 04 97 04 8000 17 04", "FFFF8001"},
    {"i2b", "14 12345680 5D", "FF80"},
    {"i2s", "14 12348765 5E", "8765"},
    {"icmp less", "09 0A 5F", "FFFF"},
    {"icmp equal", "0C 0C 5F", "0000"},
    {"icmp greater", "14 80000000 09 44 0B 5F", "FFFF"},
    {"icmp greater than least", "0B 14 80000000 5F", "0001"},
    /* branches: 1 when taken, 0 when not */
    {"ifeq", "03 60 05 03 70 03 04", "0001"},
    {"ifeq not", "02 60 05 03 70 03 04", "0000"},
    {"ifne", "02 61 05 03 70 03 04", "0001"},
    {"ifne not", "03 61 05 03 70 03 04", "0000"},
    {"iflt", "02 62 05 03 70 03 04", "0001"},
    {"iflt not", "03 62 05 03 70 03 04", "0000"},
    {"ifge", "03 63 05 03 70 03 04", "0001"},
    {"ifge not", "02 63 05 03 70 03 04", "0000"},
    {"ifgt", "04 64 05 03 70 03 04", "0001"},
    {"ifgt not", "03 64 05 03 70 03 04", "0000"},
    {"ifle", "03 65 05 03 70 03 04", "0001"},
    {"ifle not", "04 65 05 03 70 03 04", "0000"},
    {"ifnull", "01 66 05 03 70 03 04", "0001"},
    {"ifnull not", "18 66 05 03 70 03 04", "0000"},
    {"ifnonnull", "18 67 05 03 70 03 04", "0001"},
    {"ifnonnull not", "01 67 05 03 70 03 04", "0000"},
    {"if_acmpeq", "18 18 68 05 03 70 03 04", "0001"},
    {"if_acmpeq not", "18 19 68 05 03 70 03 04", "0000"},
    {"if_acmpne", "18 19 69 05 03 70 03 04", "0001"},
    {"if_acmpne not", "18 18 69 05 03 70 03 04", "0000"},
    {"if_scmpeq", "08 08 6A 05 03 70 03 04", "0001"},
    {"if_scmpeq not", "08 07 6A 05 03 70 03 04", "0000"},
    {"if_scmpne", "08 07 6B 05 03 70 03 04", "0001"},
    {"if_scmpne not", "08 08 6B 05 03 70 03 04", "0000"},
    {"if_scmplt", "02 03 6C 05 03 70 03 04", "0001"},
    {"if_scmplt not", "03 03 6C 05 03 70 03 04", "0000"},
    {"if_scmpge", "03 03 6D 05 03 70 03 04", "0001"},
    {"if_scmpge not", "02 03 6D 05 03 70 03 04", "0000"},
    {"if_scmpgt", "03 02 6E 05 03 70 03 04", "0001"},
    {"if_scmpgt not", "03 03 6E 05 03 70 03 04", "0000"},
    {"if_scmple", "03 03 6F 05 03 70 03 04", "0001"},
    {"if_scmple not", "03 02 6F 05 03 70 03 04", "0000"},
    {"goto", "70 03 02 04", "0001"},
    {"goto back", "70 04 70 04 70 FE 04", "0001"}, /* to the second, which goes on */
    {"ifeq_w", "03 98 0006 03 70 03 04", "0001"},
    {"ifeq_w not", "02 98 0006 03 70 03 04", "0000"},
    {"ifne_w", "02 99 0006 03 70 03 04", "0001"},
    {"ifne_w not", "03 99 0006 03 70 03 04", "0000"},
    {"iflt_w", "02 9A 0006 03 70 03 04", "0001"},
    {"iflt_w not", "03 9A 0006 03 70 03 04", "0000"},
    {"ifge_w", "03 9B 0006 03 70 03 04", "0001"},
    {"ifge_w not", "02 9B 0006 03 70 03 04", "0000"},
    {"ifgt_w", "04 9C 0006 03 70 03 04", "0001"},
    {"ifgt_w not", "03 9C 0006 03 70 03 04", "0000"},
    {"ifle_w", "03 9D 0006 03 70 03 04", "0001"},
    {"ifle_w not", "04 9D 0006 03 70 03 04", "0000"},
    {"ifnull_w", "01 9E 0006 03 70 03 04", "0001"},
    {"ifnull_w not", "18 9E 0006 03 70 03 04", "0000"},
    {"ifnonnull_w", "18 9F 0006 03 70 03 04", "0001"},
    {"ifnonnull_w not", "01 9F 0006 03 70 03 04", "0000"},
    {"if_acmpeq_w", "18 18 A0 0006 03 70 03 04", "0001"},
    {"if_acmpeq_w not", "18 19 A0 0006 03 70 03 04", "0000"},
    {"if_acmpne_w", "18 19 A1 0006 03 70 03 04", "0001"},
    {"if_acmpne_w not", "18 18 A1 0006 03 70 03 04", "0000"},
    {"if_scmpeq_w", "08 08 A2 0006 03 70 03 04", "0001"},
    {"if_scmpeq_w not", "08 07 A2 0006 03 70 03 04", "0000"},
    {"if_scmpne_w", "08 07 A3 0006 03 70 03 04", "0001"},
    {"if_scmpne_w not", "08 08 A3 0006 03 70 03 04", "0000"},
    {"if_scmplt_w", "02 03 A4 0006 03 70 03 04", "0001"},
    {"if_scmplt_w not", "03 03 A4 0006 03 70 03 04", "0000"},
    {"if_scmpge_w", "03 03 A5 0006 03 70 03 04", "0001"},
    {"if_scmpge_w not", "02 03 A5 0006 03 70 03 04", "0000"},
    {"if_scmpgt_w", "03 02 A6 0006 03 70 03 04", "0001"},
    {"if_scmpgt_w not", "03 03 A6 0006 03 70 03 04", "0000"},
    {"if_scmple_w", "03 03 A7 0006 03 70 03 04", "0001"},
    {"if_scmple_w not", "03 02 A7 0006 03 70 03 04", "0000"},
    {"goto_w", "A8 0004 02 04", "0001"},
    /* jsr to 7, which notes the return address, leaves 3 and comes back; then 4 */
    {"jsr ret", "71 0007 07 70 08 00 28 04 06 72 04 00", "0003 0004"},
    /* switches over 5, 6, 7: default 0, else 1, 2, 3 */
    {"stableswitch", "10 06 73 0016 0005 0007 000D 0010 0013 04 70 09 05 70 06 06 70 03 03", "0002"},
    {"stableswitch least", "10 05 73 0016 0005 0007 000D 0010 0013 04 70 09 05 70 06 06 70 03 03", "0001"},
    {"stableswitch most", "10 07 73 0016 0005 0007 000D 0010 0013 04 70 09 05 70 06 06 70 03 03", "0003"},
    {"stableswitch default", "10 08 73 0016 0005 0007 000D 0010 0013 04 70 09 05 70 06 06 70 03 03", "0000"},
    {"itableswitch", "14 00010006 74 0016 00010006 00010007 000F 0013 05 70 07 00 06 70 03 03", "0002"},
    {"itableswitch default", "12 06 74 0016 00010006 00010007 000F 0013 05 70 07 00 06 70 03 03", "0000"},
    {"slookupswitch", "11 7FFF 75 0014 0002 FFFE 000D 7FFF 0011 04 70 07 00 05 70 03 03", "0002"},
    {"slookupswitch first", "11 FFFE 75 0014 0002 FFFE 000D 7FFF 0011 04 70 07 00 05 70 03 03", "0001"},
    {"slookupswitch default", "03 75 0014 0002 FFFE 000D 7FFF 0011 04 70 07 00 05 70 03 03", "0000"},
    {"slookupswitch empty", "03 75 0006 0000 00 04", "0001"},
    {"ilookupswitch", "14 80000000 76 000E 0001 80000000 000B 04 70 03 03", "0001"},
    {"ilookupswitch default", "0A 76 000E 0001 80000000 000B 04 70 03 03", "0000"},
    /* returns are those of the methods that are called */
    {"invokestatic", "08 06 8D 000C", "0002"},
    {"areturn", "18 8D 0023", "this"},
    {"ireturn", "14 12345678 8D 0024", "12345678"},
    {"invokestatic native", "10 12 10 34 8D 0014", "1234"},
    {"invokevirtual", "18 10 29 8B 000D", "002A"},
    {"invokevirtual null", "01 04 8B 000D", "java/lang/NullPointerException"},
    {"invokevirtual native", "19 8B 0015 92", "0105"},
    {"invokespecial super", "18 8C 0011", "0001"},
    {"invokespecial null", "01 8C 0010", "java/lang/NullPointerException"},
    {"invokeinterface", "8F 000E 3D 8C 0010 10 15 8E 02 000F 00", "002A"},
    {"invokeinterface null", "01 04 8E 02 000F 00", "java/lang/NullPointerException"},
    /* static fields */
    {"getstatic_a", "7B 0008", "0000"},
    {"putstatic_a", "18 7F 0008 7B 0008", "this"},
    {"putstatic_a of the APDU", "19 7F 0008", "java/lang/SecurityException"},
    {"putstatic_s", "11 8765 81 0009 7D 0009", "8765"},
    {"putstatic_b", "11 0187 80 000A 7C 000A", "FF87"},
    {"putstatic_i", "14 87654321 82 000B 7E 000B", "87654321"},
    /* fields */
    {"new", "8F 000E 3D 85 04 40 11 95 00 000E", "0000 0001"},
    {"putfield_a", "18 18 87 03 18 83 03", "this"},
    {"putfield_a of the buffer", "18 19 8B 0015 87 03", "java/lang/SecurityException"},
    {"putfield_b", "18 11 0187 88 05 18 84 05", "FF87"},
    {"putfield_s", "18 11 8765 89 04 18 85 04", "8765"},
    {"putfield_i", "18 14 87654321 8A 06 18 86 06", "87654321"},
    {"no such cell", "8F 000E 84 05", "abort"},
    {"getfield_a null", "01 83 03", "java/lang/NullPointerException"},
    {"putfield_s null", "01 04 89 04", "java/lang/NullPointerException"},
    {"putfield_a_w", "18 18 B1 0003 18 A9 0003", "this"},
    {"putfield_b_w", "18 11 0187 B2 0005 18 AA 0005", "FF87"},
    {"putfield_s_w", "18 11 8765 B3 0004 18 AB 0004", "8765"},
    {"putfield_i_w", "18 14 87654321 B4 0006 18 AC 0006", "87654321"},
    {"putfield_a_this", "18 B5 03 AD 03", "this"},
    {"putfield_b_this", "11 0187 B6 05 AE 05", "FF87"},
    {"putfield_s_this", "11 8765 B7 04 AF 04", "8765"},
    {"putfield_i_this", "14 87654321 B8 06 B0 06", "87654321"},
    {"fields lie apart", "18 B5 03 02 B7 04 03 B6 05 09 B8 06 AF 04 AE 05 AD 03 B0 06", "FFFF 0000 this FFFFFFFF"},
    /* classes */
    {"athrow", "8F 0013 3D 8C 0010 93", "java/lang/NullPointerException"},
    {"athrow null", "01 93", "java/lang/NullPointerException"},
    {"checkcast", "18 94 00 0000", "this"},
    {"checkcast super", "18 94 00 0021", "this"},
    {"checkcast null", "01 94 00 000E", "0000"},
    {"checkcast wrong", "18 94 00 000E", "java/lang/ClassCastException"},
    {"checkcast interface", "8F 000E 94 00 000F 67 05 03 70 03 04", "0001"},
    {"checkcast byte[]", "7B 0007 94 0B 0000 92", "0003"},
    {"checkcast not short[]", "7B 0007 94 0C 0000", "java/lang/ClassCastException"},
    {"checkcast array is Object", "7B 0007 94 00 0012 92", "0003"},
    {"instanceof", "18 95 00 0000", "0001"},
    {"instanceof super", "18 95 00 0021", "0001"},
    {"instanceof not", "18 95 00 000E", "0000"},
    {"instanceof null", "01 95 00 0000", "0000"},
    {"instanceof interface", "8F 000E 95 00 000F", "0001"},
    {"instanceof interface not", "18 95 00 000F", "0000"},
    {"instanceof boolean[]", "04 90 0A 95 0A 0000", "0001"},
    {"instanceof int[]", "04 90 0D 95 0D 0000", "0001"},
    {"instanceof short[] not", "04 90 0D 95 0C 0000", "0000"},
    {"instanceof Object[]", "04 91 000E 95 0E 0012", "0001"},
    {"instanceof Other[]", "04 91 000E 95 0E 000E", "0001"},
    {"instanceof App[] not", "04 91 000E 95 0E 0000", "0000"},
};

enum { ROWS = sizeof rows / sizeof rows[0], STACK_MAX = 32 };

struct seen {
	bool opcode[256];
	uint16_t stack[STACK_MAX];
	unsigned n;
	bool end, thrown;
	uint16_t end_at;
	struct kit *kit;
};

/* Every instruction is noted; the stack is kept at the last one, or the exception at the handler's. */
static void step(void *context, const struct jc_trace_step *s)
{
	struct seen *seen = context;
	seen->opcode[s->opcode] = true;
	if (s->pc != seen->end_at && s->pc != seen->end_at + 1)
		return;
	seen->end = true;
	seen->thrown = s->pc == seen->end_at + 1;
	seen->n = (unsigned)(s->sp - s->stack);
	for (unsigned i = 0; i < seen->n && i < STACK_MAX; i++)
		seen->stack[i] = s->stack[i];
}

static bool word_is(struct kit *k, const char **want, uint16_t word)
{
	char text[5];
	static const char *const name[] = {"this", "apdu"};
	const uint16_t ref[] = {jc_applet_object(k->jc, 1), jc_apdu_object(k->jc)};
	while (**want == ' ')
		(*want)++;
	for (unsigned i = 0; i < 2; i++) {
		if (strncmp(*want, name[i], 4) == 0) {
			*want += 4;
			return word == ref[i];
		}
	}
	snprintf(text, sizeof text, "%04X", word);
	bool same = strncmp(*want, text, 4) == 0;
	*want += 4;
	return same;
}

static bool stack_is(struct kit *k, const struct seen *s, const char *want)
{
	for (unsigned i = 0; i < s->n; i++)
		if (*want == 0 || !word_is(k, &want, s->stack[i]))
			return false;
	return *want == 0;
}

static void show(const struct row *r, const struct seen *s)
{
	fprintf(stderr, "%s: wanted %s, %s", r->name, r->stack,
	    !s->end         ? "the end was not reached"
		: s->thrown ? "thrown"
			    : "stack");
	for (unsigned i = 0; i < s->n; i++)
		fprintf(stderr, " %04X", s->stack[i]);
	fprintf(stderr, "\n");
}

/* The row's code, then return; behind it a handler for everything, which returns too. */
static void run_row(const struct row *r, struct seen *s)
{
	struct kit k;
	struct jc_chip chip = kit_chip();
	char code[512], handlers[40];
	struct buf b = {0};
	uint8_t package;
	uint16_t applet;
	kit_hex(&b, r->code);
	snprintf(code, sizeof code, "%s 7A 7A", r->code);
	snprintf(handlers, sizeof handlers, "0000%04X%04X0000", 0x8000 | (unsigned)b.n, (unsigned)b.n + 1);
	struct kit_code c = {.rid_last = 0x40, .code = code, .handlers = handlers};
	kit_new(&k, &chip);
	if (kit_load(&k, &c, &package) != SW_OK)
		fail_msg("%s does not load", r->name);
	assert_int_equal(kit_install(&k, package, 0x40, &applet), SW_OK);
	assert_true(jc_select(k.jc, applet, 0));
	s->kit = &k;
	s->n = 0;
	s->end = s->thrown = false;
	s->end_at = (uint16_t)(k.code_at + b.n);
	jc_trace(k.jc, step, s);
	sw_t sw = kit_send(&k, 0, "8001000000");
	bool good;
	if (strcmp(r->stack, "abort") == 0)
		good = !s->end && sw == SW_NO_DIAGNOSIS;
	else if (strchr(r->stack, '/') != NULL) {
		const struct jc_class *class = s->n == 1 ? jc_class_of(k.jc, s->stack[0]) : NULL;
		good = s->end && s->thrown && class != NULL && strcmp(class->name, r->stack) == 0;
	} else
		good = s->end && !s->thrown && sw == SW_OK && stack_is(&k, s, r->stack);
	if (!good)
		show(r, s);
	assert_true(good);
	buf_reset(&b);
	kit_free(&k);
}

static void every_row(void **state)
{
	struct seen s = {0};
	unsigned n = 0, missing = 0;
	(void)state;
	for (unsigned i = 0; i < ROWS; i++)
		run_row(&rows[i], &s);
	for (unsigned op = 0; op < 256; op++) {
		n += s.opcode[op];
		if (op <= 0xb8 && !s.opcode[op]) {
			fprintf(stderr, "no row runs %02X\n", op);
			missing++;
		}
	}
	assert_int_equal(missing, 0);
	assert_int_equal(n, 185);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_row)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
