/* javacard.framework: PIN, OwnerPIN, OwnerPINx, OwnerPINxWithPredecrement, OwnerPINBuilder.
 *
 * Cells: 0 store, 1 RAM, 2 try limit, 3 longest PIN, 4 kind. store: | 1 tries left | 1 length | PIN |. RAM, cleared on
 * reset: | 1 validated | 1 a try was taken by decrementTriesRemaining |.
 *
 * Tries are counted before the comparison, and neither they nor the validated flag take part in a transaction (API,
 * PIN): abortTransaction gives no try back. */
#include "runtime/sim/javacard/api/framework.h"

#include "runtime/base/wipe.h"
#include "runtime/sim/javacard/machine/reasons.h"
#include "runtime/sim/javacard/machine/vm.h"

enum { CELL_STORE, CELL_RAM, CELL_LIMIT, CELL_MAX, CELL_KIND, CELLS };
enum { AT_TRIES, AT_LENGTH, AT_PIN };
enum { RAM_VALIDATED, RAM_TAKEN, RAM_BYTES };
enum { KIND_OWNER_PIN = 1, KIND_X, KIND_X_PREDECREMENT };
enum { PIN_MAX = 127 };

struct pin {
	uint16_t store, ram;
	uint8_t limit, max, kind;
	uint8_t tries, length;
	const uint8_t *value;
	bool validated, taken;
};

static bool open_pin(struct jc *jc, uint16_t ref, struct pin *p)
{
	uint32_t n, ram_n;
	*p = (struct pin){.store = jc_cell(jc, ref, CELL_STORE), .ram = jc_cell(jc, ref, CELL_RAM)};
	const uint8_t *s = jc_store(jc, p->store, &n), *r = jc_store(jc, p->ram, &ram_n);
	p->limit = (uint8_t)jc_cell(jc, ref, CELL_LIMIT);
	p->max = (uint8_t)jc_cell(jc, ref, CELL_MAX);
	p->kind = (uint8_t)jc_cell(jc, ref, CELL_KIND);
	if (s == NULL || r == NULL || n < AT_PIN + (uint32_t)p->max || ram_n < RAM_BYTES || s[AT_LENGTH] > p->max)
		return jc_throw(jc, &jc_class_NullPointerException, 0); /* its constructor was not called */
	p->tries = s[AT_TRIES];
	p->length = s[AT_LENGTH];
	p->value = s + AT_PIN;
	p->validated = r[RAM_VALIDATED] != 0;
	p->taken = r[RAM_TAKEN] != 0;
	return true;
}

static bool set_tries(struct jc *jc, const struct pin *p, uint8_t tries)
{
	return jc_store_put(jc, p->store, AT_TRIES, &tries, 1, JC_NON_ATOMIC);
}

static bool set_flag(struct jc *jc, const struct pin *p, unsigned which, bool yes)
{
	uint8_t b = yes;
	return jc_store_put(jc, p->ram, which, &b, 1, JC_NON_ATOMIC);
}

static bool illegal(struct jc *jc, uint16_t reason)
{
	return jc_throw(jc, &jc_class_PINException, reason);
}

/* Lay out a new PIN object. */
static bool make_pin(struct jc *jc, uint16_t ref, int16_t limit, int16_t max, uint8_t kind)
{
	if (limit < 1 || max < 1 || limit > PIN_MAX || max > PIN_MAX)
		return illegal(jc, PIN_ILLEGAL_VALUE);
	uint16_t store = jc_new_store(jc, AT_PIN + (uint32_t)max, JC_PERSISTENT);
	uint16_t ram = store == 0 ? 0 : jc_new_store(jc, RAM_BYTES, JC_RESET);
	if (ram == 0)
		return false;
	uint8_t tries = (uint8_t)limit;
	return jc_store_put(jc, store, AT_TRIES, &tries, 1, JC_NON_ATOMIC) && jc_set_cell(jc, ref, CELL_STORE, store) &&
	    jc_set_cell(jc, ref, CELL_RAM, ram) && jc_set_cell(jc, ref, CELL_LIMIT, (uint16_t)limit) &&
	    jc_set_cell(jc, ref, CELL_MAX, (uint16_t)max) && jc_set_cell(jc, ref, CELL_KIND, kind);
}

/* OwnerPIN(byte tryLimit, byte maxPINSize) */
static bool pin_init(struct jc *jc, uint16_t *a)
{
	return make_pin(jc, a[0], (int16_t)a[1], (int16_t)a[2], KIND_OWNER_PIN);
}

/* check(byte[], short, byte). A missing or too short array costs a try as well (API). With predecrement the try was
 * taken by decrementTriesRemaining, and must have been. */
static bool pin_check(struct jc *jc, uint16_t *a)
{
	struct pin p;
	const uint8_t *given;
	if (!open_pin(jc, a[0], &p) || !set_flag(jc, &p, RAM_VALIDATED, false))
		return false;
	bool before = p.kind == KIND_X_PREDECREMENT;
	if (before && !p.taken)
		return illegal(jc, 2); /* PINException.ILLEGAL_STATE */
	if (!before && p.tries == 0) {
		a[0] = 0;
		return true;
	}
	if (!(before ? set_flag(jc, &p, RAM_TAKEN, false) : set_tries(jc, &p, (uint8_t)(p.tries - 1))))
		return false;
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &given))
		return false;
	bool same = (int16_t)a[3] == p.length && wipe_equal(given, p.value, p.length);
	if (same && (!set_tries(jc, &p, p.limit) || !set_flag(jc, &p, RAM_VALIDATED, true)))
		return false;
	a[0] = same;
	return true;
}

static bool pin_get_tries(struct jc *jc, uint16_t *a)
{
	struct pin p;
	if (!open_pin(jc, a[0], &p))
		return false;
	a[0] = p.tries;
	return true;
}

static bool pin_is_validated(struct jc *jc, uint16_t *a)
{
	struct pin p;
	if (!open_pin(jc, a[0], &p))
		return false;
	a[0] = p.validated;
	return true;
}

static bool pin_set_validated(struct jc *jc, uint16_t *a)
{
	struct pin p;
	return open_pin(jc, a[0], &p) && set_flag(jc, &p, RAM_VALIDATED, a[1] != 0);
}

static bool pin_reset_and_unblock(struct jc *jc, uint16_t *a)
{
	struct pin p;
	return open_pin(jc, a[0], &p) && set_flag(jc, &p, RAM_VALIDATED, false) && set_tries(jc, &p, p.limit);
}

static bool pin_reset(struct jc *jc, uint16_t *a)
{
	struct pin p;
	return open_pin(jc, a[0], &p) && (!p.validated || pin_reset_and_unblock(jc, a));
}

/* update(byte[], short, byte): one atomic change, which takes part in a transaction. */
static bool pin_update(struct jc *jc, uint16_t *a)
{
	struct pin p;
	const uint8_t *given;
	uint8_t b[AT_PIN + PIN_MAX] = {0};
	int16_t n = (int16_t)a[3];
	if (!open_pin(jc, a[0], &p) || !jc_bytes_in(jc, a[1], (int16_t)a[2], n, &given))
		return false;
	if (n > p.max)
		return illegal(jc, PIN_ILLEGAL_VALUE);
	b[AT_TRIES] = p.limit;
	b[AT_LENGTH] = (uint8_t)n;
	memcpy(b + AT_PIN, given, (size_t)n);
	bool good = set_flag(jc, &p, RAM_VALIDATED, false) &&
	    jc_store_put(jc, p.store, 0, b, AT_PIN + (uint32_t)p.max, JC_ATOMIC);
	wipe(b, sizeof b);
	return good;
}

/* --- OwnerPINx --- */

static bool pin_get_limit(struct jc *jc, uint16_t *a)
{
	a[0] = jc_cell(jc, a[0], CELL_LIMIT);
	return true;
}

/* setTryLimit(byte): the counter starts again, the PIN is no longer validated. */
static bool pin_set_limit(struct jc *jc, uint16_t *a)
{
	struct pin p;
	int16_t limit = (int16_t)a[1];
	if (!open_pin(jc, a[0], &p))
		return false;
	if (limit < 1)
		return illegal(jc, PIN_ILLEGAL_VALUE);
	jc_set_cell_now(jc, a[0], CELL_LIMIT, (uint16_t)limit);
	return set_flag(jc, &p, RAM_VALIDATED, false) && set_tries(jc, &p, (uint8_t)limit);
}

static bool pin_set_tries(struct jc *jc, uint16_t *a)
{
	struct pin p;
	int16_t tries = (int16_t)a[1];
	if (!open_pin(jc, a[0], &p))
		return false;
	if (tries < 0 || tries > p.limit)
		return illegal(jc, PIN_ILLEGAL_VALUE);
	return set_flag(jc, &p, RAM_VALIDATED, false) && set_tries(jc, &p, (uint8_t)tries);
}

static bool pin_decrement(struct jc *jc, uint16_t *a)
{
	struct pin p;
	if (!open_pin(jc, a[0], &p))
		return false;
	if (p.tries > 0 && (!set_tries(jc, &p, (uint8_t)(p.tries - 1)) || !set_flag(jc, &p, RAM_TAKEN, true)))
		return false;
	a[0] = p.tries > 0 ? (uint16_t)(p.tries - 1) : 0;
	return set_flag(jc, &p, RAM_VALIDATED, false);
}

/* --- classes --- */

const struct jc_class jc_class_PIN = {
    JC_NAME("javacard/framework/PIN"), JC_AT(javacard_framework, 1), .flags = JC_INTERFACE | JC_ABSTRACT};

static const struct jc_implements x_supers[] = {{.interface = &jc_class_PIN}};
const struct jc_class jc_class_OwnerPINx = {JC_NAME("javacard/framework/OwnerPINx"), JC_AT(javacard_framework, 19),
    .since = 6, .flags = JC_INTERFACE | JC_ABSTRACT, JC_IMPLEMENTS(x_supers)};

static const struct jc_implements predecrement_supers[] = {
    {.interface = &jc_class_PIN}, {.interface = &jc_class_OwnerPINx}};
const struct jc_class jc_class_OwnerPINxWithPredecrement = {JC_NAME("javacard/framework/OwnerPINxWithPredecrement"),
    JC_AT(javacard_framework, 20), .since = 6, .flags = JC_INTERFACE | JC_ABSTRACT, JC_IMPLEMENTS(predecrement_supers)};

static const struct jc_method statics[] = {JC_CONSTRUCTOR(0, 0, 3, pin_init)};
static const struct jc_method virtuals[] = {
    JC_OBJECT_EQUALS,
    JC_METHOD(1, 0, 4, JC_SHORT, pin_check),
    JC_METHOD(2, 0, 1, JC_SHORT, pin_get_tries),
    JC_METHOD(3, 0, 1, JC_SHORT, pin_is_validated),
    JC_METHOD(4, 0, 1, JC_SHORT, pin_is_validated),
    JC_METHOD(5, 0, 1, JC_VOID, pin_reset),
    JC_METHOD(6, 0, 1, JC_VOID, pin_reset_and_unblock),
    JC_METHOD(7, 0, 2, JC_VOID, pin_set_validated),
    JC_METHOD(8, 0, 4, JC_VOID, pin_update),
};
static const uint8_t pin_map[] = {1, 2, 4, 5};
static const struct jc_implements implements[] = {{.interface = &jc_class_PIN, .map = pin_map, .n = 4}};
const struct jc_class jc_class_OwnerPIN = {JC_NAME("javacard/framework/OwnerPIN"), JC_AT(javacard_framework, 9),
    .super = &jc_class_Object, .cells = CELLS, .first_ref = CELL_STORE, .refs = 2, JC_STATICS(statics),
    JC_VIRTUALS(virtuals), JC_IMPLEMENTS(implements)};

/* What the builder gives for OWNER_PIN_X and OWNER_PIN_X_WITH_PREDECREMENT. */
static const struct jc_method x_virtuals[] = {
    JC_OBJECT_EQUALS,
    JC_METHOD(1, 0, 4, JC_SHORT, pin_check),
    JC_METHOD(2, 0, 1, JC_SHORT, pin_get_tries),
    JC_METHOD(3, 0, 1, JC_SHORT, pin_is_validated),
    JC_METHOD(4, 0, 1, JC_VOID, pin_reset),
    JC_METHOD(5, 0, 4, JC_VOID, pin_update),
    JC_METHOD(6, 0, 1, JC_SHORT, pin_get_limit),
    JC_METHOD(7, 0, 2, JC_VOID, pin_set_limit),
    JC_METHOD(8, 0, 2, JC_VOID, pin_set_tries),
    JC_METHOD(9, 0, 1, JC_SHORT, pin_decrement),
};
static const uint8_t x_map[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
static const struct jc_implements x_implements[] = {{.interface = &jc_class_PIN, .map = x_map, .n = 4},
    {.interface = &jc_class_OwnerPINx, .map = x_map, .n = 8},
    {.interface = &jc_class_OwnerPINxWithPredecrement, .map = x_map, .n = 9}};
const struct jc_class jc_class_PINx = {JC_NAME("javacard/framework/(OwnerPINx)"), JC_AT(javacard_framework, 24),
    .flags = JC_INTERNAL, .super = &jc_class_Object, .cells = CELLS, .first_ref = CELL_STORE, .refs = 2,
    JC_VIRTUALS(x_virtuals), .implements = x_implements, .n_implements = 2};
const struct jc_class jc_class_PINxWithPredecrement = {JC_NAME("javacard/framework/(OwnerPINxWithPredecrement)"),
    JC_AT(javacard_framework, 25), .flags = JC_INTERNAL, .super = &jc_class_Object, .cells = CELLS,
    .first_ref = CELL_STORE, .refs = 2, JC_VIRTUALS(x_virtuals), JC_IMPLEMENTS(x_implements)};

/* buildOwnerPIN(byte tryLimit, byte maxPINSize, byte ownerPINType) */
static bool build_pin(struct jc *jc, uint16_t *a)
{
	static const struct jc_class *const class[] = {
	    NULL, &jc_class_OwnerPIN, &jc_class_PINx, &jc_class_PINxWithPredecrement};
	if (a[2] < KIND_OWNER_PIN || a[2] > KIND_X_PREDECREMENT)
		return jc_throw(jc, &jc_class_PINException, PIN_ILLEGAL_VALUE);
	uint16_t ref = jc_new_object(jc, class[a[2]]);
	if (ref == 0 || !make_pin(jc, ref, (int16_t)a[0], (int16_t)a[1], (uint8_t)a[2]))
		return false;
	a[0] = ref;
	return true;
}

static const struct jc_method builder_statics[] = {JC_METHOD(0, 6, 3, JC_REF, build_pin)};
const struct jc_class jc_class_OwnerPINBuilder = {JC_NAME("javacard/framework/OwnerPINBuilder"),
    JC_AT(javacard_framework, 21), .since = 6, .super = &jc_class_Object, JC_STATICS(builder_statics)};
