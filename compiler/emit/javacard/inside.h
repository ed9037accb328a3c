/* Inside the assembler. A package is built by asm_ calls (build.c, code_build.c), numbered (number.c, statics.c), its
 * operands become constants (constant.c), its code gets places (place.c, stack.c), and the components are written
 * (write_*.c). */
#ifndef IGATA_EMIT_JAVACARD_INSIDE_H
#define IGATA_EMIT_JAVACARD_INSIDE_H

#include "compiler/emit/javacard/assembler.h"

enum { NOWHERE = -1, NO_TOKEN = 0xFF };

/* A class of this package or of another. */
struct asm_name {
	struct asm_class *own; /* or */
	const struct api_class *api;
	const struct api_package *package;
};

struct asm_constant {
	struct asm_constant *next;
	enum cap_constant_tag tag;
	struct asm_name class;
	struct asm_field *field;      /* own static or instance field */
	struct asm_method *method;    /* own static method, constructor or private method */
	const struct api_member *api; /* external static member */
	unsigned token;               /* of instance fields and virtual methods */
	const char *type;             /* NULL of classes */
	unsigned index;
};

struct asm_field {
	struct asm_field *next;
	struct asm_class *class;
	const char *name, *type;
	unsigned access;
	const uint8_t *value;
	size_t n;
	unsigned token;  /* instance: number; static: export token or NO_TOKEN */
	unsigned offset; /* static: in the image */
};

struct asm_case {
	int32_t match;
	unsigned label;
};

struct asm_insn {
	struct asm_insn *next;
	unsigned line;
	enum op op;
	int32_t value;
	unsigned local; /* local, words << 4 | below, words of arguments */
	unsigned atype, token;
	unsigned label; /* target, or the switch's default */
	struct asm_case *cases;
	size_t n_cases;
	const char *class, *name, *descriptor; /* what the operand names; class NULL: the superclass's method */
	bool refers;                           /* there is such an operand */
	struct asm_constant *constant;
	long at;   /* offset in the Method component */
	int depth; /* words on the stack before it; NOWHERE: not reached yet */
};

struct asm_label {
	struct asm_insn *before; /* the instruction before it, when placed */
	bool placed;
	long at;
};

struct asm_handler {
	struct asm_handler *next;
	unsigned from, to, handler;
	const char *class; /* NULL: any */
	struct asm_constant *type;
	unsigned line;
};

struct asm_method {
	struct asm_method *next;
	struct asm_class *class;
	struct assembler *s;
	const char *name, *descriptor;
	unsigned access, line;
	struct asm_insn *first, *last;
	struct asm_handler *handlers, *last_handler;
	struct asm_label *label; /* by number */
	unsigned n_labels, label_room;
	unsigned token; /* virtual token with 0x80 if package-visible, interface token, export token, or NO_TOKEN */
	unsigned stack, nargs, locals;
	long offset, code, end;
	unsigned first_handler, n_handlers;
};

struct asm_implemented {
	struct asm_implemented *next;
	struct asm_name interface;
};

struct asm_class {
	struct asm_class *next;
	struct assembler *s;
	const char *name;
	unsigned access;
	struct asm_name super;                               /* of classes */
	struct asm_implemented *interfaces, *last_interface; /* as declared */
	struct asm_field *fields, *last_field;
	struct asm_method *methods, *last_method;
	/* numbered */
	struct asm_implemented *all; /* with superinterfaces */
	unsigned n_all;
	bool shareable;
	unsigned token;  /* export token, or NO_TOKEN */
	unsigned offset; /* in the Class component */
	unsigned size, first_reference, references;
	unsigned public_base, public_count, public_total; /* total: number of tokens with the inherited ones */
	unsigned package_base, package_count, package_total;
	struct asm_method **virtuals;  /* by public token; NULL: of another package */
	struct asm_method **packages;  /* by package token */
	struct asm_method **interface; /* methods of an interface by token; NULL: of another package */
	unsigned n_interface;
};

struct asm_import {
	const struct api_package *package;
	api_version version;
};

struct asm_applet {
	struct asm_applet *next;
	uint8_t aid[API_AID_MAX];
	size_t aid_len;
	struct asm_class *class;
	struct asm_method *install;
};

struct asm_extern {
	struct asm_extern *next;
	const struct api_package *package;
};

struct assembler {
	struct arena *a;
	const char *name;
	uint8_t aid[API_AID_MAX];
	size_t aid_len;
	api_version version, format;
	const char *error;
	unsigned error_line, line;
	bool export;
	struct asm_import import[128];
	size_t n_imports;
	struct asm_extern *externs;
	struct asm_class *classes, *last_class;
	struct asm_applet *applets, *last_applet;
	struct asm_constant *constants, *last_constant;
	unsigned n_constants;
	unsigned n_handlers, n_exported; /* exported classes have the tokens below n_exported */
	bool uses_int;
	unsigned image, image_references, image_arrays, image_array_bytes, image_defaults, image_values;
};

/* Keep the first mistake; always false. */
bool asm_fail(struct assembler *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* names.c */
bool asm_find(struct assembler *s, const char *name, struct asm_name *out);         /* mistake when there is none */
unsigned asm_class_ref(struct assembler *s, struct asm_name n);                     /* imports its package */
void asm_need(struct assembler *s, const struct api_package *p, api_version since); /* import at least so */
unsigned asm_words_of(const char *type);                                            /* 0, 1 or 2, of the first type */
const char *asm_next_type(const char *type);                                        /* behind the first type */
unsigned asm_arguments(const char *descriptor);                                     /* words between the brackets */
const char *asm_returned(const char *descriptor);
bool asm_is_interface(struct asm_name n);
bool asm_same_class(struct asm_name x, struct asm_name y);
const struct api_member *asm_api_method(
    struct asm_name n, enum api_kind kind, const char *name, const char *descriptor);
struct asm_method *asm_own_method(struct asm_name n, const char *name, const char *descriptor, struct asm_name *beyond);
unsigned asm_api_virtuals(struct assembler *s, struct asm_name n); /* how many virtual tokens it has */

/* number.c, statics.c */
bool asm_number(struct assembler *s);
bool asm_place_statics(struct assembler *s);
bool asm_is_virtual(const struct asm_method *m);

/* constant.c: turns what operands name into entries of the constant pool. */
bool asm_resolve(struct assembler *s);

/* stack.c, place.c */
bool asm_compute_stack(struct asm_method *m);
bool asm_place_code(struct assembler *s);
unsigned asm_insn_length(const struct asm_insn *i);
struct asm_insn *asm_at_label(const struct asm_method *m, unsigned label); /* NULL: at the end */

/* write_*.c */
bool asm_write_code(struct assembler *s, struct asm_output *out); /* Method, RefLocation */
bool asm_write_class(struct assembler *s, struct buf *out);
void asm_write_statics(struct assembler *s, struct buf *out);
bool asm_write_descriptor(struct assembler *s, struct buf *out);
void asm_write_export(struct assembler *s, struct buf *out);

#endif
