/* Calls of the Java Card API, written down with what must come back, made into packages for the assembler (text.h).
 * A file of tests/fixtures/javacard/table holds cases; each becomes one package with one applet, whose process() does
 * the case from its first line to its last.
 *
 *   use javacard/framework java/lang          classes of these packages are named without their package
 *   case NAME                                 begins a case
 *   apdu 00B0000000                           the command that runs it; default 80000000
 *   select                                    the command counts as the SELECT of the applet
 *   answer 01029000                           what it must answer; default 9000
 *   chip t0 | chip 1channel                   another card: T=0
 *   privileges 020100                         of the applet, under a card manager
 *   session 01                                the command comes in the applet's own secure channel of this level
 *   implements javacardx/apdu/ExtendedLength  of the applet's class
 *   classes ... end                           assembler text in front of the applet's class
 *   methods ... end                           assembler text inside it
 *   constructor ... end                       instructions that it has instead of register()
 *   names CLASS.method(DESCRIPTOR             they, or the frame of the package, use this: it counts for the case
 *
 * A line, with `this` and `apdu` known from the beginning:
 *   x = byte[4] | short[N] | int[N] | boolean[N] | CLASS[N] | #0A0B | 5 | null
 *   x = new CLASS ARGUMENT...                 the constructor by the number of arguments, or CLASS(DESCRIPTOR
 *   x = (CLASS) y
 *   [x =] CLASS.method ARGUMENT...            static, or the receiver first; method(DESCRIPTOR where there are several
 *   [x =] y.method ARGUMENT...                y's type as it was got
 *   x[2] = 5
 *   VALUE -> RESULT                           of any of these or of x, x[2], x instanceof CLASS
 *   VALUE ! CLASS [REASON]                    throws it; also `throw x ! CLASS`
 *   asm INSTRUCTION                           as it is
 * ARGUMENT: number, true, false, null, variable, #bytes, CLASS.CONSTANT. RESULT: these, `nonnull`, `*` anything.
 * A call that returns something needs one of =, ->, !. The applet answers 7000 + number of the line that failed. */
#ifndef IGATA_TESTS_GENERATE_CALLS_H
#define IGATA_TESTS_GENERATE_CALLS_H

#include <stdbool.h>

#include "runtime/base/buf.h"
#include "runtime/javacard/api.h"

enum { CALLS_NAMED = 200, CALLS_VARIABLES = 60, CALLS_USES = 8 };

/* Something of the API that a case names: a member, or with member NULL the class itself. */
struct calls_named {
	const struct api_class *class;
	const struct api_member *member;
};

struct calls_case {
	char name[48];
	char apdu[1200], answer[1200];
	bool select, t0, one_channel;
	char privileges[8]; /* under the card manager: hexadecimal */
	int session;        /* level of the secure channel that the command comes in; -1: none */
	unsigned line;      /* its first one in the file */
	struct buf text;
	struct calls_named named[CALLS_NAMED];
	unsigned n_named;
};

struct calls_file; /* opaque */

/* Read a file's text, which must stay and is changed. NULL: no memory. */
struct calls_file *calls_open(char *text);
/* The next case; c->text is made anew. 1, 0 at the end, -1: what is wrong, in *message (static). */
int calls_next(struct calls_file *f, struct calls_case *c, const char **message);
void calls_close(struct calls_file *f);

#endif
