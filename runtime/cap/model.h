/* What is in a CAP file, read and checked: every index, offset and length leads to something of the right kind, every
 * instruction is whole, every branch stays in its method, and the components agree with each other. The types on the
 * stack are not looked at: that is a verifier's work. */
#ifndef IGATA_CAP_MODEL_H
#define IGATA_CAP_MODEL_H

#include "runtime/base/arena.h"
#include "runtime/base/rd.h"
#include "runtime/cap/cap.h"

/* An entry of the constant pool (6.8). Class and tokens, or an offset in this package for the last two tags. */
struct cap_constant {
	uint8_t tag;     /* enum cap_constant_tag */
	bool internal;   /* a static field or method of this package: offset counts, the others do not */
	uint16_t class;  /* class reference: offset in Class, or 0x8000 | package token << 8 | class token */
	uint8_t token;   /* of field or method; 0x80 marks a package-visible virtual method */
	uint16_t offset; /* in the static field image, or in the Method component */
};

/* An interface that a class implements, and the virtual token of the class for each method of it. */
struct cap_implemented {
	uint16_t class;
	uint8_t count;
	const uint8_t *index;
};

/* A class or interface (6.9). Pointers into the component; tables are big-endian. */
struct cap_class {
	uint16_t offset;
	uint8_t flags;  /* enum cap_class_flags */
	uint16_t super; /* class reference, CLASSREF_NONE of java/lang/Object and of interfaces */
	uint8_t size;   /* declared instance size, in words */
	uint8_t first_reference, references;
	uint8_t public_base, public_count, package_base, package_count;
	const uint8_t *public_table, *package_table;
	uint8_t n_interfaces; /* superinterfaces of an interface */
	struct cap_implemented *interface;
	/* Of the Descriptor, where there is one. */
	bool described;
	uint8_t token, access;
	size_t n_fields, n_methods;
	struct cap_field *field;
	size_t n_described_interfaces;
	const uint8_t *described_interface; /* u2 class references */
};

struct cap_field {
	uint8_t token, access;
	bool is_static;
	uint16_t offset; /* of static ones, in the image */
	uint16_t class;  /* of the others */
	uint8_t number;  /* likewise: its token in instructions */
	uint16_t type;   /* 8002 to 8005, else the offset of a descriptor */
};

/* A method with its code (6.10), from the Descriptor, or without one from whatever refers to methods. */
struct cap_method {
	uint16_t offset; /* of its header in the Method component */
	uint8_t flags;   /* enum cap_method_flags */
	uint8_t max_stack, nargs, max_locals;
	uint16_t code, length; /* bytecodes: offset in the component, bytes */
	size_t class;          /* index into class; of the first when there is no Descriptor */
	bool described;
	uint8_t token, access;
	uint16_t type; /* offset of its descriptor */
	uint16_t first_handler, handlers;
};

struct cap_handler {
	uint16_t start, length, handler, catch_type;
	bool stop;
};

/* Static fields (6.11): image = references, then primitive values. */
struct cap_array {
	uint8_t type; /* enum cap_type without TYPE_ARRAY */
	uint16_t count;
	const uint8_t *values;
};
struct cap_static {
	uint16_t image, references, defaults, non_defaults;
	const uint8_t *values; /* of those with a value */
	size_t n_arrays;
	struct cap_array *array;
};

struct cap_exported {
	uint16_t class;
	uint8_t n_fields, n_methods;
	const uint8_t *field, *method; /* u2 offsets */
};

struct cap_model {
	const struct cap *cap;
	struct arena arena;
	size_t n_constants, n_classes, n_methods, n_handlers, n_exported;
	struct cap_constant *constant;
	struct cap_class *class;   /* by offset */
	struct cap_method *method; /* by offset */
	size_t n_declared;
	struct cap_method *declared; /* of interfaces, by the Descriptor: offset 0 */
	struct cap_handler *handler;
	struct cap_static statics;
	struct cap_exported *exported;
	struct rd types;              /* type_descriptor_info: type offsets count from its beginning */
	const uint8_t *constant_type; /* u2 type offset of each constant; NULL without a Descriptor */
	uint8_t *instruction;         /* one bit for each byte of Method: an instruction begins here */
};

/* Read and check. false with diagnostics; cap_model_reset in both cases. c must stay. */
bool cap_read(struct cap_model *m, const struct cap *c, struct diag_list *d);
void cap_model_reset(struct cap_model *m);

/* The class at this offset of the Class component, the method at this offset of Method; NULL when none begins there. */
const struct cap_class *cap_class_at(const struct cap_model *m, unsigned offset);
const struct cap_method *cap_method_at(const struct cap_model *m, unsigned offset);

/* Does an instruction begin at this offset of Method? */
bool cap_is_instruction(const struct cap_model *m, size_t offset);

/* The descriptor at this type offset as Java writes it, "([BS)V" of a method and "[B" of a field, appended; with a '?'
 * where it is broken. Classes get the names of names.h. false: no descriptor is there, and nothing was appended. */
bool cap_type_text(const struct cap_model *m, unsigned type, bool method, struct buf *out);

#endif
