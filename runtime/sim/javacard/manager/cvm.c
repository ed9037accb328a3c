/* org.globalplatform.CVM: the card's global PIN (GPCS 8.2).
 * header: | 1 try limit | 1 tries left | 1 flags | 1 format | 1 length | 16 value | at CM_H_CVM. */
#include "runtime/sim/javacard/manager/api.h"

#include <string.h>

#include "runtime/base/wipe.h"
#include "runtime/sim/javacard/machine/vm.h"

enum { LIMIT = CM_H_CVM, LEFT, FLAGS, FORMAT, LENGTH, VALUE, VALUE_MAX = 16 };
enum { HAS_VALUE = 1, BLOCKED = 2 };
enum { ASCII = 1, BCD = 2, HEX = 3 };
enum { SHARED = JC_INTERFACE | JC_ABSTRACT | JC_SHAREABLE };

static bool active(const struct cm *c)
{
	return (cm_u8(c, FLAGS) & HAS_VALUE) != 0 && cm_u8(c, LIMIT) != 0;
}

static bool blocked(const struct cm *c)
{
	return (cm_u8(c, FLAGS) & BLOCKED) != 0;
}

/* Changing it needs the CVM management privilege. */
static bool privileged(const struct cm *c)
{
	uint16_t own = cm_api_own(c);
	struct cm_entry e;
	return own != 0 && (e = cm_entry(c, own), cm_has(&e, CM_P_CVM));
}

static bool answer(uint16_t *a, bool yes)
{
	a[0] = yes;
	return true;
}

static bool is_active(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	return answer(a, active(&c));
}

static bool is_submitted(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	return answer(a, c.s->cvm_submitted);
}

static bool is_verified(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	return answer(a, c.s->cvm_verified);
}

static bool is_blocked(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	return answer(a, blocked(&c));
}

static bool get_tries_remaining(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	a[0] = cm_u8(&c, LEFT);
	return true;
}

/* Digits of ASCII and BCD are the same value; anything else is compared as it is. false: malformed. */
static bool normal(uint8_t format, const uint8_t *p, size_t n, uint8_t out[2 * VALUE_MAX], size_t *len)
{
	*len = 0;
	if (n == 0 || n > VALUE_MAX || format < ASCII || format > HEX)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (format == HEX)
			out[(*len)++] = p[i];
		else if (format == ASCII) {
			if (p[i] < '0' || p[i] > '9')
				return false;
			out[(*len)++] = p[i];
		} else
			for (int shift = 4; shift >= 0; shift -= 4) {
				uint8_t d = p[i] >> shift & 0x0f;
				if (d == 0x0f && i + 1 == n)
					continue;
				if (d > 9)
					return false;
				out[(*len)++] = (uint8_t)('0' + d);
			}
	}
	return *len <= VALUE_MAX;
}

/* update(byte[], short, byte, byte): a new value; tries and state begin anew. */
static bool update(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	const uint8_t *p;
	uint8_t digits[2 * VALUE_MAX] = {0}, format = (uint8_t)a[4];
	size_t n;
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], (int8_t)a[3], &p))
		return false;
	if (!privileged(&c) || !normal(format, p, (size_t)(int8_t)a[3], digits, &n))
		return answer(a, false);
	nv_begin(c.nv);
	cm_put_u8(&c, LEFT, cm_u8(&c, LIMIT));
	cm_put_u8(&c, FLAGS, HAS_VALUE);
	cm_put_u8(&c, FORMAT, format == HEX ? HEX : ASCII);
	cm_put_u8(&c, LENGTH, (uint8_t)n);
	cm_put(&c, VALUE, digits, VALUE_MAX);
	nv_commit(c.nv);
	wipe(digits, sizeof digits);
	c.s->cvm_submitted = c.s->cvm_verified = false;
	return answer(a, true);
}

static bool reset_state(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	bool ok = active(&c) && !blocked(&c);
	if (ok)
		c.s->cvm_submitted = c.s->cvm_verified = false;
	return answer(a, ok);
}

static bool block_state(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	bool ok = privileged(&c) && active(&c);
	if (ok) {
		cm_put_u8(&c, FLAGS, HAS_VALUE | BLOCKED);
		c.s->cvm_submitted = c.s->cvm_verified = false;
	}
	return answer(a, ok);
}

static bool reset_and_unblock_state(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	bool ok = privileged(&c) && active(&c);
	if (ok) {
		nv_begin(c.nv);
		cm_put_u8(&c, LEFT, cm_u8(&c, LIMIT));
		cm_put_u8(&c, FLAGS, HAS_VALUE);
		nv_commit(c.nv);
		c.s->cvm_submitted = c.s->cvm_verified = false;
	}
	return answer(a, ok);
}

static bool set_try_limit(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	int8_t limit = (int8_t)a[1];
	bool ok = privileged(&c) && limit > 0;
	if (ok) {
		nv_begin(c.nv);
		cm_put_u8(&c, LIMIT, (uint8_t)limit);
		cm_put_u8(&c, LEFT, (uint8_t)limit);
		nv_commit(c.nv);
		c.s->cvm_submitted = c.s->cvm_verified = false;
	}
	return answer(a, ok);
}

static bool matches(const struct cm *c, uint8_t format, const uint8_t *p, size_t n)
{
	uint8_t digits[2 * VALUE_MAX] = {0};
	size_t len;
	bool ok = normal(format, p, n, digits, &len) && cm_u8(c, FORMAT) == (format == HEX ? HEX : ASCII);
	bool equal = wipe_equal(digits, c->nv->mem + c->home + VALUE, VALUE_MAX);
	ok = ok && len == cm_u8(c, LENGTH) && equal;
	wipe(digits, sizeof digits);
	return ok;
}

/* verify(byte[], short, byte, byte): CVM_SUCCESS 0, CVM_FAILURE -1. No transaction of the applet undoes it. */
static bool verify(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	const uint8_t *p;
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], (int8_t)a[3], &p))
		return false;
	uint8_t left = cm_u8(&c, LEFT);
	if (!active(&c) || blocked(&c) || left == 0) {
		a[0] = (uint16_t)-1;
		return true;
	}
	/* Count the try before comparing: a card pulled out here must not win a free guess. */
	cm_put_u8(&c, LEFT, (uint8_t)(left - 1));
	c.s->cvm_submitted = true;
	c.s->cvm_verified = matches(&c, (uint8_t)a[4], p, (size_t)(int8_t)a[3]);
	if (c.s->cvm_verified)
		cm_put_u8(&c, LEFT, cm_u8(&c, LIMIT));
	else if (left == 1)
		cm_put_u8(&c, FLAGS, HAS_VALUE | BLOCKED);
	a[0] = c.s->cvm_verified ? 0 : (uint16_t)-1;
	return true;
}

#define CVM_METHODS(method)                                                                                            \
	method(0, 0, 1, JC_SHORT, is_active), method(1, 0, 1, JC_SHORT, is_submitted),                                 \
	    method(2, 0, 1, JC_SHORT, is_verified), method(3, 0, 1, JC_SHORT, is_blocked),                             \
	    method(4, 0, 1, JC_SHORT, get_tries_remaining), method(5, 0, 5, JC_SHORT, update),                         \
	    method(6, 0, 1, JC_SHORT, reset_state), method(7, 0, 1, JC_SHORT, block_state),                            \
	    method(8, 0, 1, JC_SHORT, reset_and_unblock_state), method(9, 0, 2, JC_SHORT, set_try_limit),              \
	    method(10, 0, 5, JC_SHORT, verify)
#define ABSTRACT(token, since, words, result, fn) JC_ABSTRACT_METHOD(token, since, words, result)
#define CONCRETE(token, since, words, result, fn) JC_METHOD((token) + 1, since, words, result, fn)

static const struct jc_implements shareable[] = {{&jc_class_Shareable, NULL, 0}};
static const struct jc_method abstract[] = {CVM_METHODS(ABSTRACT)};
const struct jc_class cm_class_CVM = {JC_NAME("org/globalplatform/CVM"), JC_AT(org_globalplatform, 1), .flags = SHARED,
    JC_IMPLEMENTS(shareable), JC_VIRTUALS(abstract)};

static const struct jc_method methods[] = {JC_OBJECT_EQUALS, CVM_METHODS(CONCRETE)};
static const uint8_t map[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
static const struct jc_implements all[] = {{&cm_class_CVM, map, sizeof map}, {&jc_class_Shareable, NULL, 0}};
const struct jc_class cm_class_cvm = {JC_NAME("org/globalplatform/CVM (runtime)"), JC_AT(org_globalplatform, 15),
    .flags = JC_ENTRY | JC_INTERNAL, .super = &jc_class_Object, .cells = 1, JC_VIRTUALS(methods), JC_IMPLEMENTS(all)};
