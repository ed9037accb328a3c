/* Packages as text: the assembler's calls, one a line. Whole packages are read by tests only; the code of applets is
 * written in lines of this form, too (jcg_code.c).
 *
 *   package tests/purse F04C41424301 1.0     name, AID, version: first
 *   import javacard/framework 1.3            at least this version (versions are else the lowest that do)
 *   export                                   with applets: export the public shareable interfaces
 *   extern tests/lib F04C41424302 1.0        a package that api.def does not have; then its rows, until `end`:
 *     class tests/lib/Bits 1 [interface] [shareable]        name, token
 *     static count (S)S 0 | virtual next ()S 1 | method add (S)S 0 | field limit S 0
 *   end
 *   applet F04C4142430101 Purse              AID, class
 *   class Purse public final extends javacard/framework/Applet implements Account
 *   interface Account public extends javacard/framework/Shareable
 *   field private [B buffer                  access, type, name
 *   field static [S table = 0001 0002        initial value of static ones: hexadecimal bytes, or 9*00
 *   method public static install([BSB)V      access, name with descriptor; instructions follow, until the next of these
 *     new Purse
 *     invokespecial Purse.<init>([BSB)V
 *   again:                                   a label
 *     push 25536                             sconst, bspush or sspush
 *     sspush javacard/framework/ISO7816.SW_WRONG_LENGTH     constants of the platform instead of a number
 *     sload 4 | sinc 4 -1 | dup_x 1 2 | getfield_s Purse.balance | getstatic_a Purse.table
 *     ifeq again                             short forms become long where needed
 *     invokevirtual javacard/framework/APDU.getBuffer()[B | invokespecial super.select()Z
 *     newarray B | anewarray Purse | checkcast [B | instanceof [LPurse; | new Purse
 *     stableswitch else 0 a b c              default, lowest match, labels
 *     slookupswitch else 16:a 32:b           default, match:label ascending
 *     catch java/lang/Exception from to handler             or any; inner ones first
 *   repeat 100 ... end                       the lines between, % replaced by 0 to 99
 *   ; comment                                to the end of the line
 */
#ifndef IGATA_EMIT_JAVACARD_TEXT_H
#define IGATA_EMIT_JAVACARD_TEXT_H

#include "compiler/emit/javacard/assembler.h"

/* Read n bytes of text. Never NULL; asm_error says what is wrong and in which line. */
struct assembler *asm_read_text(struct arena *a, const char *text, size_t n);

/* The whole way: text to CAP file. false with a message, which the arena keeps. */
bool asm_text_to_cap(
    struct arena *a, const char *text, size_t n, api_version format, struct buf *cap, const char **message);

#endif
