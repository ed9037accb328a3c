/* An assembler for Java Card packages: classes and instructions by name in, the components of a CAP file out.
 *
 * Names are as in class files: "javacard/framework/APDU" for a class of another package, "Wallet" for one of this one,
 * "([BSS)V" and "[LWallet;" for types. Names of the platform come from runtime/javacard/api.def, others are declared
 * with asm_extern. A class is declared before it is named in an operand of asm_..., its members may follow.
 *
 * The assembler numbers fields, methods and classes, builds the constant pool, chooses the short or the long form of
 * branches and field accesses, computes the stack, and imports each package in the lowest version that has every token
 * used. It does not check types: that is for a verifier.
 *
 * Everything lives in one arena. The first mistake is kept and ends the work: the functions go on without effect, and
 * asm_error says what it was. */
#ifndef IGATA_EMIT_JAVACARD_ASSEMBLER_H
#define IGATA_EMIT_JAVACARD_ASSEMBLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/javacard/api.h"
#include "runtime/javacard/component.h"
#include "runtime/javacard/opcode.h"

struct assembler;
struct asm_class;
struct asm_method;

/* A new package. name has slashes; aid_len 5 to 16. */
struct assembler *asm_new(struct arena *a, const char *name, const uint8_t *aid, size_t aid_len, api_version version);

/* What was wrong first, NULL when nothing. The line is that of the last asm_line before it, 0 without. */
const char *asm_error(const struct assembler *s, unsigned *line);
void asm_line(struct assembler *s, unsigned line);

/* Import a package at least in this version, also when nothing of it is used. */
void asm_import(struct assembler *s, const char *package, api_version version);

/* A package that api.def does not have: its classes and members as rows of the same kind, which must stay. */
void asm_extern(struct assembler *s, const struct api_package *package);

/* Packages without applets export their public classes, others nothing unless this is called: then their public
 * shareable interfaces. */
void asm_export(struct assembler *s);

/* A class or, with ACCESS_INTERFACE, an interface; access is a set of enum cap_access. super NULL: java/lang/Object. */
struct asm_class *asm_class(struct assembler *s, const char *name, unsigned access, const char *super);

/* An interface that the class implements or the interface extends. */
void asm_implements(struct asm_class *c, const char *interface);

/* A field. Static ones may have an initial value: bytes as in memory, for arrays the contents; n 0: zero or null. */
void asm_field(struct asm_class *c, const char *name, const char *type, unsigned access);
void asm_static(
    struct asm_class *c, const char *name, const char *type, unsigned access, const uint8_t *value, size_t n);

/* A method; "<init>" is a constructor. Abstract and interface methods have no instructions. */
struct asm_method *asm_method(struct asm_class *c, const char *name, const char *descriptor, unsigned access);

/* An applet: its AID, and the class that has `public static void install(byte[], short, byte)`. */
void asm_applet(struct assembler *s, const uint8_t *aid, size_t aid_len, const char *class);

/* ---- instructions, one after the other ----
 * Labels are numbers of the method, from asm_new_label. Any branch may be written in its short form: it gets the long
 * one when its target is too far away. So do the field instructions when the constant's index needs two bytes. */
unsigned asm_new_label(struct asm_method *m);
void asm_label(struct asm_method *m, unsigned label); /* it is here */
void asm_op(struct asm_method *m, enum op op);
void asm_value(struct asm_method *m, enum op op, int32_t value);  /* bspush, sspush, bipush, sipush, iipush */
void asm_push(struct asm_method *m, int16_t value);               /* the shortest form */
void asm_local(struct asm_method *m, enum op op, unsigned local); /* sload, ret, ...; the shortest form */
void asm_increment(struct asm_method *m, enum op op, unsigned local, int16_t by); /* sinc, iinc; _w where needed */
void asm_words(struct asm_method *m, enum op op, unsigned words, unsigned below); /* dup_x, swap_x */
void asm_branch(struct asm_method *m, enum op op, unsigned label);
void asm_field_op(struct asm_method *m, enum op op, const char *class, const char *name); /* get, put: static too */
/* invokevirtual, invokespecial, invokestatic, invokeinterface. super: invokespecial of the superclass's method. */
void asm_invoke(struct asm_method *m, enum op op, const char *class, const char *name, const char *descriptor);
void asm_invoke_super(struct asm_method *m, const char *name, const char *descriptor);
/* new, anewarray, checkcast, instanceof of "Wallet"; the last two of "[B" and "[LWallet;" too; newarray of "B". */
void asm_type_op(struct asm_method *m, enum op op, const char *type);
/* A switch. Tables: matches are low, low + 1, ...; NULL for match then. n at least 1. */
void asm_switch(struct asm_method *m, enum op op, unsigned otherwise, int32_t low, const int32_t *match,
    const unsigned *label, size_t n);
/* An exception handler for the instructions between two labels. Those of inner tries are declared first, and their
 * handlers stand before those of outer ones. type NULL: any. */
void asm_catch(struct asm_method *m, unsigned from, unsigned to, unsigned handler, const char *type);

/* ---- the result ---- */

struct asm_output {
	struct buf component[COMPONENT_TAGS]; /* with tag and size */
};

/* Assemble in CAP format 0x0201, 0x0202 or 0x0203. false: asm_error. May be called again for another format.
 * asm_output_reset in both cases. */
bool asm_assemble(struct assembler *s, api_version format, struct asm_output *out);
void asm_output_reset(struct asm_output *out);

/* Append the CAP file: a ZIP archive whose bytes depend on the components and the package's name only. */
bool asm_archive(const struct assembler *s, const struct asm_output *out, struct buf *cap);

/* After asm_assemble: where the method's header is in the Method component, and bytes of its code. */
uint16_t asm_method_offset(const struct asm_method *m, uint16_t *length);

#endif
