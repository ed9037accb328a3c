/* What a native of the card's API sees of the virtual machine, and how ROM classes are described.
 *
 * A file of api/ holds natives and the table `const struct jc_package jc_rom_IDENTIFIER` of its package, and
 * turns its row of packages.def from JC_PACKAGE_ABSENT into JC_PACKAGE. Nothing else has to be changed.
 *
 *   static bool aid_rid_equals(struct jc *jc, uint16_t *a) { … }
 *   static const struct jc_method aid_virtual[] = {
 *       JC_OBJECT_EQUALS,                           token 0 of every class
 *       JC_METHOD(1, 0, 2, JC_SHORT, aid_rid_equals),   token, since 1.0, 2 argument words, a word on the stack
 *   };
 *   const struct jc_class jc_class_AID = {JC_NAME("javacard/framework/AID"), JC_AT(javacard_framework, 6),
 *       .super = &jc_class_Object, .cells = 9, JC_STATICS(aid_static), JC_VIRTUALS(aid_virtual)};
 *
 * Natives. bool fn(struct jc *jc, uint16_t *a): a[0] is `this` or the first argument, one 16-bit word each, an int two
 * (high word first), bytes and booleans sign-extended as on the card's stack. The result goes to a[0] (an int to a[0],
 * a[1]); true. false: an exception is pending (made by jc_throw and what uses it). The machine has checked `this` (not
 * null, accessible, of the class or a subclass); references in other arguments are checked by the functions below,
 * which throw what the card throws. Natives allocate nothing on the host, keep nothing in C variables between calls,
 * and change persistent memory only through the functions below.
 *
 * References are 16-bit handles, 0 is null. An instance has `cells` of 16 bits (its supers' cells first); those named
 * by first_ref and refs hold references and keep what they refer to alive. What does not fit into cells (keys, states
 * of ciphers) lives in a store: bytes that only natives reach, referred to from a cell.
 */
#ifndef IGATA_SIM_JAVACARD_MACHINE_NATIVE_H
#define IGATA_SIM_JAVACARD_MACHINE_NATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/sw.h"

struct jc;
struct jc_code;
struct jc_slot;

typedef bool (*jc_native)(struct jc *jc, uint16_t *a);

enum jc_result { JC_VOID = 0, JC_SHORT = 1, JC_REF = 1, JC_INT = 2 }; /* words */

struct jc_method {
	jc_native native;      /* of a ROM class; NULL: there is no such token, or it is abstract */
	uint8_t since;         /* minor version of the package that first has it: 2 is 1.2 */
	uint8_t words;         /* of the arguments, with `this` */
	uint8_t result;        /* words of the result */
	bool present;          /* a method with this token exists */
	bool constructor;      /* called by invokespecial only, on an object of the class */
	uint8_t locals, stack; /* loaded code: words besides the arguments */
	uint16_t offset;       /* loaded code: in the Method component */
	uint16_t number;       /* loaded code: position in its package, from 1 */
	const struct jc_code *code;
	const struct jc_slot *start;
};

struct jc_class;

/* An implemented interface (all of them, supers of interfaces too). map[t] is the class's virtual token for the
 * interface's method t. For an interface: its superinterfaces, without map. */
struct jc_implements {
	const struct jc_class *interface;
	const uint8_t *map;
	uint8_t n;
};

enum jc_class_flags {
	JC_INTERFACE = 1,
	JC_SHAREABLE = 2, /* an interface that is or extends Shareable */
	JC_ABSTRACT = 4,
	JC_THROWABLE = 8, /* the runtime owns an instance of it, which jc_throw uses; at most one cell, the reason */
	JC_INTERNAL = 32, /* has no token: no load file can name it */
	JC_ENTRY = 16,    /* every instance is a permanent entry point of the runtime */
};

struct jc_class {
	const char *name;     /* "javacard/framework/AID"; for traces and tests */
	uint8_t package;      /* enum jc_rom; of a loaded class the number of its package on this card is not here */
	uint16_t index;       /* class token; classes without token have numbers above all tokens */
	uint8_t since, until; /* minor versions of the package; until 0: no end */
	uint8_t flags;
	const struct jc_class *super;
	uint16_t cells;                  /* 16-bit cells of an instance, supers' included */
	uint16_t first_ref;              /* number of the first of its own cells that hold references */
	uint16_t refs;                   /* how many such cells follow one another */
	const struct jc_method *statics; /* by token; constructors among them */
	uint16_t n_statics;
	const struct jc_method *virtuals; /* by token; not present: the super's */
	uint16_t n_virtuals;
	const struct jc_method *package_virtuals; /* loaded code: package-private ones */
	uint16_t n_package_virtuals;
	const struct jc_implements *implements;
	uint16_t n_implements;
	const struct jc_code *code; /* loaded classes */
};

struct jc_package {
	const struct jc_class *const *classes; /* by index; NULL where there is none */
	uint16_t n;
	uint8_t minor; /* highest minor version that the table carries; major is 1 */
};

enum jc_rom {
#define JC_PACKAGE(id, aid, name)        JC_ROM_##id,
#define JC_PACKAGE_ABSENT(id, aid, name) JC_ROM_##id,
#include "runtime/sim/javacard/machine/packages.def"
#undef JC_PACKAGE
#undef JC_PACKAGE_ABSENT
	JC_ROM_PACKAGES
};

#define JC_NAME(text)                  .name = (text)
#define JC_AT(package_id, class_index) .package = JC_ROM_##package_id, .index = (class_index)
#define JC_STATICS(t)                  .statics = (t), .n_statics = sizeof(t) / sizeof((t)[0])
#define JC_VIRTUALS(t)                 .virtuals = (t), .n_virtuals = sizeof(t) / sizeof((t)[0])
#define JC_IMPLEMENTS(t)               .implements = (t), .n_implements = sizeof(t) / sizeof((t)[0])
#define JC_METHOD(token, minor, w, r, fn)                                                                              \
	[token] = {.native = (fn), .since = (minor), .words = (w), .result = (r), .present = true}
#define JC_CONSTRUCTOR(token, minor, w, fn)                                                                            \
	[token] = {.native = (fn), .since = (minor), .words = (w), .present = true, .constructor = true}
#define JC_OBJECT_EQUALS                       JC_METHOD(0, 0, 2, JC_SHORT, jc_object_equals)
#define JC_ABSTRACT_METHOD(token, minor, w, r) JC_METHOD(token, minor, w, r, NULL)

/* --- classes that other packages build on --- */
extern const struct jc_class jc_class_Object, jc_class_Throwable, jc_class_Exception, jc_class_RuntimeException,
    jc_class_IndexOutOfBoundsException, jc_class_ArrayIndexOutOfBoundsException, jc_class_NegativeArraySizeException,
    jc_class_NullPointerException, jc_class_ClassCastException, jc_class_ArithmeticException,
    jc_class_SecurityException, jc_class_ArrayStoreException, jc_class_IOException;
extern const struct jc_class jc_class_PIN, jc_class_Shareable, jc_class_Applet, jc_class_CardException,
    jc_class_CardRuntimeException, jc_class_AID, jc_class_ISOException, jc_class_OwnerPIN, jc_class_APDU,
    jc_class_PINException, jc_class_APDUException, jc_class_SystemException, jc_class_TransactionException,
    jc_class_UserException, jc_class_MultiSelectable, jc_class_AppletEvent;

bool jc_object_equals(struct jc *jc, uint16_t *a); /* java.lang.Object.equals */
bool jc_object_init(struct jc *jc, uint16_t *a);   /* a constructor that does nothing */

/* CardRuntimeException and CardException: methods of every subclass, by token. <init>(short), throwIt at statics 0, 1.
 */
bool jc_exception_init(struct jc *jc, uint16_t *a);
bool jc_exception_get_reason(struct jc *jc, uint16_t *a);
bool jc_exception_set_reason(struct jc *jc, uint16_t *a);
#define JC_REASON_VIRTUALS                                                                                             \
	JC_OBJECT_EQUALS, JC_METHOD(1, 0, 1, JC_SHORT, jc_exception_get_reason),                                       \
	    JC_METHOD(2, 0, 2, JC_VOID, jc_exception_set_reason)
/* The class jc_class_N of an exception with a reason, whose constructor(short) and throwIt(short) have tokens 0 and 1;
 * declared before. path ends in a slash. */
#define JC_REASON_EXCEPTION(path, package_id, class_index, N, parent)                                                  \
	static bool throw_##N(struct jc *jc, uint16_t *a)                                                              \
	{                                                                                                              \
		return jc_throw(jc, &jc_class_##N, a[0]);                                                              \
	}                                                                                                              \
	static const struct jc_method statics_##N[] = {                                                                \
	    JC_CONSTRUCTOR(0, 0, 2, jc_exception_init), JC_METHOD(1, 0, 1, JC_VOID, throw_##N)};                       \
	static const struct jc_method virtuals_##N[] = {JC_REASON_VIRTUALS};                                           \
	const struct jc_class jc_class_##N = {JC_NAME(path #N), JC_AT(package_id, class_index),                        \
	    .super = &jc_class_##parent, .cells = 1, .flags = JC_THROWABLE, JC_STATICS(statics_##N),                   \
	    JC_VIRTUALS(virtuals_##N)};

/* --- exceptions --- */

/* Throw the runtime's instance of a class with JC_THROWABLE; reason is ignored where the class has none. false. */
bool jc_throw(struct jc *jc, const struct jc_class *class, uint16_t reason);

/* Throw an object. */
bool jc_throw_object(struct jc *jc, uint16_t ref);

/* The command cannot go on and no applet may catch it: answers sw (6F00). false. */
bool jc_abort(struct jc *jc, sw_t sw);

/* Inside a native that called jc_call and got false: the class of what is pending and its reason; and forget it. */
const struct jc_class *jc_pending(const struct jc *jc, uint16_t *reason);
void jc_clear_pending(struct jc *jc);

/* --- objects --- */

enum jc_where { JC_PERSISTENT, JC_RESET, JC_DESELECT }; /* JCSystem.CLEAR_ON_… */
enum jc_type { JC_BOOLEAN = 1, JC_BYTE, JC_SHORT_ARRAY, JC_INT_ARRAY, JC_REF_ARRAY, JC_INSTANCE, JC_STORE };

/* Make one, all zero, owned by the active applet. 0: an exception is pending (SystemException NO_RESOURCE,
 * NO_TRANSIENT_SPACE, ILLEGAL_TRANSIENT; NegativeArraySizeException). A JC_DESELECT object outside of the selected
 * applet's context is ILLEGAL_TRANSIENT. */
uint16_t jc_new_object(struct jc *jc, const struct jc_class *class);
uint16_t jc_new_array(struct jc *jc, enum jc_type type, int32_t length, enum jc_where where);
uint16_t jc_new_ref_array(struct jc *jc, const struct jc_class *component, int32_t length, enum jc_where where);
/* An array that every context may use but nobody may keep a reference to (JCRE 6.2.2); transient, cleared on reset. */
uint16_t jc_new_global_array(struct jc *jc, enum jc_type type, int32_t length);
uint16_t jc_new_store(struct jc *jc, uint32_t n, enum jc_where where);
/* From here on (until off) what is made is gone when the command ends, no applet may keep a reference to it, and no
 * other context may use it: the temporary objects of the OneShot classes (API 3.0.5). */
void jc_one_shot(struct jc *jc, bool on);

/* Is ref a live object that the active context may use? Throws NullPointerException or SecurityException if not. */
bool jc_accessible(struct jc *jc, uint16_t ref);

/* As above, and of this class, a subclass, or implementing this interface; else throws (NullPointerException,
 * SecurityException, ClassCastException). For arguments whose type a native relies on. */
bool jc_is(struct jc *jc, uint16_t ref, const struct jc_class *class);

/* Without checks of access: for what the native has checked, or reached through its own cells. A dead handle has class
 * NULL, type 0, length 0. */
const struct jc_class *jc_class_of(struct jc *jc, uint16_t ref);
enum jc_type jc_type_of(struct jc *jc, uint16_t ref);
enum jc_where jc_where_of(struct jc *jc, uint16_t ref);
uint16_t jc_length(struct jc *jc, uint16_t ref); /* elements of an array, cells of an instance, bytes of a store */
bool jc_instance_of(const struct jc_class *class, const struct jc_class *of);

/* Cells of an instance. Out of range reads 0, writes nothing. Setting is atomic and takes part in a transaction; false
 * with TransactionException when the commit buffer is full. `_now` is not undone by abortTransaction. */
uint16_t jc_cell(struct jc *jc, uint16_t ref, uint16_t cell);
bool jc_set_cell(struct jc *jc, uint16_t ref, uint16_t cell, uint16_t v);
void jc_set_cell_now(struct jc *jc, uint16_t ref, uint16_t cell, uint16_t v);

/* Bytes of a store, to read (valid until something is allocated); *n its length. NULL for anything else. */
const uint8_t *jc_store(struct jc *jc, uint16_t store, uint32_t *n);

/* Write into a store (JC_ATOMIC: all or nothing and undone with a transaction). false: exception pending. A part that
 * does not fit is a bug (assert). */
enum jc_atomicity { JC_ATOMIC, JC_NON_ATOMIC };
bool jc_store_put(struct jc *jc, uint16_t store, uint32_t at, const void *p, uint32_t n, enum jc_atomicity how);

/* Arrays that applets pass. Each throws NullPointerException, SecurityException (firewall, or a JC_DESELECT array of
 * an applet that is not selected), ArrayIndexOutOfBoundsException (offset or length negative or too large). off and len
 * are signed as applets pass them. */

/* n bytes of a byte or boolean array, to read; valid until something is written or allocated. */
bool jc_bytes_in(struct jc *jc, uint16_t ref, int32_t off, int32_t len, const uint8_t **p);
/* May n bytes be written there? */
bool jc_bytes_out(struct jc *jc, uint16_t ref, int32_t off, int32_t len);
/* Write n bytes; checks as jc_bytes_out. p may be in the same array. */
bool jc_put(struct jc *jc, uint16_t ref, int32_t off, const void *p, int32_t len, enum jc_atomicity how);
/* The same for arrays of 16-bit and 32-bit elements; off and len count elements. */
bool jc_elements_in(struct jc *jc, uint16_t ref, enum jc_type type, int32_t off, int32_t len);
int32_t jc_element(struct jc *jc, uint16_t ref, uint16_t i);
bool jc_put_element(struct jc *jc, uint16_t ref, uint16_t i, int32_t v, enum jc_atomicity how);

/* --- calls --- */

/* Call virtual method `token` of an object, in the context of its owner; a[0] = ref, then the argument words (room for
 * two words of result). The result comes in a[0], a[1]. false: exception pending. */
bool jc_call(struct jc *jc, unsigned token, uint16_t *a, unsigned words);
/* The same by interface method. The object's class must implement it (else false, ClassCastException). */
bool jc_call_interface(struct jc *jc, const struct jc_class *interface, unsigned token, uint16_t *a, unsigned words);

/* --- surroundings --- */

/* The applet that runs (1…), 0 the runtime; and the applet selected on the channel of this command. */
uint16_t jc_active_applet(const struct jc *jc);
uint16_t jc_selected_applet(const struct jc *jc);
uint16_t jc_previous_applet(const struct jc *jc);

const struct jc_chip *jc_chip_of(const struct jc *jc);
void jc_random(struct jc *jc, void *out, size_t n); /* of the card's tape */

/* The command being processed: length of its APDU buffer array and its handle, 0 outside a command. */
uint16_t jc_apdu_buffer(const struct jc *jc);
uint16_t jc_apdu_object(const struct jc *jc);

/* Free bytes, for JCSystem.getAvailableMemory and GET DATA. */
uint32_t jc_memory_free(struct jc *jc, enum jc_where where);

bool jc_in_transaction(const struct jc *jc);

#endif
