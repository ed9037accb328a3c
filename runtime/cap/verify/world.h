/* Inside the verifier: every class that a package has to do with, its own and those of the packages that it imports,
 * with members and their types. What the platform's packages hold comes from api.def, as the import's version has it;
 * what other packages hold, from their CAP files. */
#ifndef IGATA_CAP_VERIFY_WORLD_H
#define IGATA_CAP_VERIFY_WORLD_H

#include "runtime/base/arena.h"
#include "runtime/cap/model.h"

/* The type of a field, parameter or result. An array has `array` set and is one of base. */
struct type {
	uint8_t base; /* enum cap_type, TYPE_VOID to TYPE_REFERENCE */
	bool array;
	uint16_t class; /* of TYPE_REFERENCE: index into world.class */
};

struct signature {
	uint8_t n;     /* parameters, without `this` */
	uint8_t words; /* of the parameters */
	struct type *param;
	struct type result;
};

struct class;

enum { PACKAGE_VISIBLE = 0 }; /* neither public, protected nor private */

struct method {
	const struct class *class; /* that declares it */
	const char *name;          /* "process(Ljavacard/framework/APDU;)V" */
	enum api_kind kind; /* API_STATIC_METHOD (constructors and private ones too), …VIRTUAL…, …INTERFACE… */
	uint8_t token;      /* API_NO_TOKEN: not exported and not virtual; 0x80 marks package-visible virtual ones */
	uint8_t access;     /* ACCESS_PUBLIC, _PRIVATE, _PROTECTED, _FINAL */
	bool is_static, init, abstract;
	struct signature type;
	const struct cap_method *own; /* NULL of other packages and of abstract methods of interfaces */
};

struct field {
	const struct class *class;
	uint8_t token, access;
	bool is_static;
	uint16_t offset; /* of static fields of the package */
	struct type type;
};

struct class
{
	uint16_t index; /* in world.class */
	const char *name;
	unsigned token;
	bool interface, shareable, final, abstract, public;
	bool described;            /* its members are known */
	const struct class *super; /* NULL of java/lang/Object; of interfaces Object */
	size_t n_interfaces;
	const struct class **interface_of; /* those that it names itself */
	size_t n_methods, n_fields;
	struct method *method; /* declared here; of the platform's classes also inherited ones */
	struct field *field;
	const struct package *package;
	const struct cap_class *own; /* NULL of the platform's */
};

struct package {
	const struct cap_model *model;             /* NULL: of the platform */
	const struct api_package *api;             /* NULL: of a CAP file */
	api_version version;                       /* members that came later are not there */
	const struct package *import[CAP_IMPORTS]; /* of a CAP file; NULL: not at hand */
	struct class **class;                      /* by index of the model's classes, or of api->class */
	size_t n_classes;
};

struct world {
	struct arena *arena;
	const struct cap_model *const *library; /* other CAP files, ended by NULL */
	const struct package *package;          /* the one that is verified */
	struct package *all[2 * CAP_IMPORTS];
	size_t n_packages;
	struct class **class;
	size_t n_classes, room, n_filled; /* n_filled: so many have their members */
	bool ready, filling;
	const struct class *object, *throwable, *applet;
	const struct cap_import *missing; /* an import that is neither the platform's nor among the libraries */
	const char *bad;                  /* what in an import's CAP file cannot be read; NULL: nothing */
};

/* Fill the world from a package with its Descriptor. false: missing or bad is set. */
bool world_of(struct world *w, const struct cap_model *m, const struct cap_model *const *library, struct arena *a);

/* The class of a class reference in a package of a CAP file; NULL when the package or the class is not there. */
const struct class *world_class(struct world *w, const struct package *p, unsigned ref);

/* A class of the package itself. */
const struct class *world_own(const struct world *w, const struct cap_class *c);

/* A method as a class sees it: declared there or above. NULL: none. */
const struct method *class_virtual(const struct class *c, unsigned token);
const struct method *class_static(const struct class *c, unsigned token);           /* external ones */
const struct method *class_interface_method(const struct class *c, unsigned token); /* of an interface */
const struct method *class_method_at(const struct class *c, const struct cap_method *own);
const struct field *class_field(const struct class *c, unsigned token, bool is_static);

bool class_extends(const struct class *c, const struct class *super);
bool class_implements(const struct class *c, const struct class *interface);
bool type_same(struct type a, struct type b);
bool signature_same(const struct signature *a, const struct signature *b);

/* Can a value of type s go where t is declared? Both are references. */
bool type_fits(const struct world *w, struct type s, struct type t);

/* "[B", "javacard/framework/APDU"; appended. */
void type_put(const struct world *w, struct type t, struct buf *out);

/* type.c: descriptors of a CAP file and of api.def. false: it is broken or names a class that is not there. */
bool type_of_field(struct world *w, const struct package *p, unsigned type, struct type *out);
bool type_of_method(struct world *w, const struct package *p, unsigned type, struct signature *out);
bool type_of_text(struct world *w, const char *text, struct type *out);
bool type_of_signature_text(struct world *w, const char *text, struct signature *out);

/* A class of the platform by name; NULL when there is none. */
const struct class *world_named(struct world *w, const char *name);

#endif
