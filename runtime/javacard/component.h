/* Numbers and names of a CAP file (JCVM chapter 6). */
#ifndef IGATA_JAVACARD_COMPONENT_H
#define IGATA_JAVACARD_COMPONENT_H

#include <stddef.h>

enum component_tag {
#define COMPONENT(tag, name) COMPONENT_##name = (tag),
#include "runtime/javacard/components.def"
#undef COMPONENT
	COMPONENT_TAGS /* array size: tags begin at 1 */
};

/* Flags of the Header component (6.4). */
enum cap_flags { CAP_INT = 0x01, CAP_EXPORT = 0x02, CAP_APPLET = 0x04, CAP_EXTENDED = 0x08 };

/* Entries of the constant pool (6.8). */
enum cap_constant_tag {
	CONSTANT_CLASSREF = 1,
	CONSTANT_INSTANCE_FIELDREF,
	CONSTANT_VIRTUAL_METHODREF,
	CONSTANT_SUPER_METHODREF,
	CONSTANT_STATIC_FIELDREF,
	CONSTANT_STATIC_METHODREF,
};

/* Access flags of the Descriptor component (6.14). */
enum cap_access {
	ACCESS_PUBLIC = 0x01,
	ACCESS_PRIVATE = 0x02,
	ACCESS_PROTECTED = 0x04,
	ACCESS_STATIC = 0x08,
	ACCESS_FINAL = 0x10,
	ACCESS_INTERFACE = 0x40, /* of classes */
	ACCESS_ABSTRACT = 0x80,  /* of classes; 0x40 of methods */
	ACCESS_METHOD_ABSTRACT = 0x40,
	ACCESS_METHOD_INIT = 0x80,
};

/* Flags in the high nibble of a class or interface, and of a method (6.9, 6.10). */
enum cap_class_flags { CLASS_INTERFACE = 8, CLASS_SHAREABLE = 4, CLASS_REMOTE = 2 };
enum cap_method_flags { METHOD_EXTENDED = 8, METHOD_ABSTRACT = 4 };

/* Types as nibbles of a descriptor (6.14.4); 8 is added for an array of it. */
enum cap_type {
	TYPE_VOID = 1,
	TYPE_BOOLEAN,
	TYPE_BYTE,
	TYPE_SHORT,
	TYPE_INT,
	TYPE_REFERENCE, /* followed by a class reference in four nibbles */
	TYPE_ARRAY = 8,
};

enum { CLASSREF_EXTERNAL = 0x8000, CLASSREF_NONE = 0xFFFF, COMPONENT_MAX = 3 + 65535 };

/* "ConstantPool"; "?" for another number. */
const char *component_name(unsigned tag);

/* The order in which a card gets them (6.3 table 6-4); debugging information is not for cards. */
enum { COMPONENTS_LOADED = 12 };
extern const enum component_tag component_load_order[COMPONENTS_LOADED];

#endif
