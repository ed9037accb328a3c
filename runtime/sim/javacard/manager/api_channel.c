/* org.globalplatform.SecureChannel, SecureChannelx, SecureChannelx2: one object of the runtime for all applets. Whom it
 * serves is known from the applet that calls and the channel of the command. */
#include "runtime/sim/javacard/manager/api.h"

#include <string.h>

#include "runtime/base/wipe.h"
#include "runtime/sim/javacard/machine/vm.h"

enum { SHARED = JC_INTERFACE | JC_ABSTRACT | JC_SHAREABLE, ROOM = 1024 };

/* The session of the applet that calls, on this channel; NULL when it has none. While an applet is being personalised
 * its security domain's session serves it, too: that is how processData learns the security level and decrypts what is
 * under the data encryption key (GPCS 7.3.3). */
static struct cm_secure *session(struct cm *c)
{
	struct cm_secure *s = cm_secure_on(c);
	uint16_t own = cm_api_own(c);
	bool serves =
	    s != NULL && own != 0 && (s->app == own || (cm_on(c)->personalize == own && cm_entry(c, own).sd == s->app));
	return serves ? s : NULL;
}

/* BEGIN and END R-MAC SESSION have their own secure messaging, unless the applet took it off. */
static sw_t bare(struct cm_secure *s, struct apdu *a, uint8_t *data)
{
	enum { CLA_SM = 0x0c };
	if (s == NULL)
		return SW_CONDITIONS_OF_USE;
	return (a->cla & CLA_SM) != 0 ? cm_secure_unwrap(s, a, data) : SW_OK;
}

/* INITIALIZE UPDATE, EXTERNAL AUTHENTICATE, BEGIN and END R-MAC SESSION, as `a` says; its data lie in the writable
 * `data`. */
static sw_t security_command(struct cm *c, struct apdu *a, uint8_t *data, struct buf *rsp)
{
	sw_t sw;
	enum { INITIALIZE_UPDATE = 0x50, EXTERNAL_AUTHENTICATE = 0x82, BEGIN_RMAC = 0x7a, END_RMAC = 0x78 };
	struct cm_secure *s = session(c);
	uint16_t own = cm_api_own(c);
	if ((a->cla & 0x80) == 0)
		return SW_CLA_NOT_SUPPORTED;
	switch (a->ins) {
	case INITIALIZE_UPDATE:
		return own != 0 ? cm_channel_open(c, own, a, rsp) : SW_CONDITIONS_OF_USE;
	case EXTERNAL_AUTHENTICATE:
		return s != NULL ? cm_channel_authenticate(c, a) : SW_CONDITIONS_OF_USE;
	case BEGIN_RMAC:
		return (sw = bare(s, a, data)) == SW_OK ? cm_secure_begin_rmac(s, a) : sw;
	case END_RMAC:
		return (sw = bare(s, a, data)) == SW_OK ? cm_secure_end_rmac(s, a, rsp) : sw;
	default:
		return SW_INS_NOT_SUPPORTED;
	}
}

/* The answer lies in memory of our own: a native allocates nothing. */
static struct buf answer(uint8_t *room, size_t n)
{
	return (struct buf){.p = room, .cap = n};
}

/* processSecurity(APDU): receives the data itself; the answer lies at OFFSET_CDATA, its length is the result. */
static bool process_security(struct jc *jc, uint16_t *a)
{
	enum { INITIAL = 0, SET_INCOMING_AND_RECEIVE = 6, CDATA = 5 };
	struct cm c = cm_of_machine(jc);
	uint8_t *b = jc->transient, room[ROOM], data[APDU_SHORT_DATA];
	struct buf rsp = answer(room, sizeof room);
	if (!jc_is(jc, a[1], &jc_class_APDU))
		return false;
	uint16_t call[3] = {a[1]};
	if (jc->apdu.state == INITIAL && jc->apdu.lc != 0 && !jc_call(jc, SET_INCOMING_AND_RECEIVE, call, 1))
		return false;
	if (jc->apdu.extended || jc->apdu.lc > sizeof data)
		return cm_api_refuse(jc, SW_WRONG_LENGTH);
	struct apdu cmd = {.cla = b[0], .ins = b[1], .p1 = b[2], .p2 = b[3], .lc = jc->apdu.lc, .data = data};
	memcpy(data, b + CDATA, cmd.lc);
	sw_t sw = security_command(&c, &cmd, data, &rsp);
	if (sw != SW_OK)
		return cm_api_refuse(jc, sw);
	memcpy(jc->transient + CDATA, room, rsp.n);
	a[0] = (uint16_t)rsp.n;
	return true;
}

/* SecureChannelx2.processSecurity(byte[] buffer, short in, short inLength, short out): a command in an array. */
static bool process_security_bytes(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	const uint8_t *p;
	uint8_t room[ROOM], copy[5 + APDU_SHORT_DATA];
	struct buf rsp = answer(room, sizeof room);
	int16_t n = (int16_t)a[3];
	struct apdu cmd;
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], n, &p))
		return false;
	if (n > (int16_t)sizeof copy)
		return cm_api_refuse(jc, SW_WRONG_LENGTH);
	memcpy(copy, p, (size_t)n);
	if (!apdu_parse(&cmd, copy, (size_t)n))
		return cm_api_refuse(jc, SW_WRONG_LENGTH);
	sw_t sw = security_command(&c, &cmd, copy + 5, &rsp);
	if (sw != SW_OK)
		return cm_api_refuse(jc, sw);
	if (!jc_put(jc, a[1], (int16_t)a[4], room, (int32_t)rsp.n, JC_NON_ATOMIC))
		return false;
	a[0] = (uint16_t)rsp.n;
	return true;
}

/* unwrap(byte[], short, short): the whole command in the array, as it is in the APDU buffer. */
static bool unwrap(struct jc *jc, uint16_t *a)
{
	enum { HEADER = 5, CLA_SM = 0x0c };
	struct cm c = cm_of_machine(jc);
	struct cm_secure *s = session(&c);
	const uint8_t *p;
	uint8_t copy[HEADER + APDU_SHORT_DATA] = {0};
	int16_t n = (int16_t)a[3];
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], n, &p))
		return false;
	if (s == NULL || s->state != CM_SECURE_OPEN)
		return cm_api_refuse(jc, SW_CONDITIONS_OF_USE);
	if (n < HEADER - 1 || n > (int16_t)sizeof copy)
		return cm_api_refuse(jc, SW_WRONG_LENGTH);
	memcpy(copy, p, (size_t)n);
	struct apdu cmd = {.cla = copy[0], .ins = copy[1], .p1 = copy[2], .p2 = copy[3]};
	cmd.lc = n > HEADER ? copy[4] : 0;
	cmd.data = cmd.lc != 0 ? copy + HEADER : NULL;
	if (HEADER + cmd.lc > (size_t)n && cmd.lc != 0)
		return cm_api_refuse(jc, SW_WRONG_LENGTH);
	sw_t sw = cm_secure_unwrap(s, &cmd, copy + HEADER);
	if (sw != SW_OK)
		return cm_api_refuse(jc, sw);
	copy[0] = cmd.cla;
	copy[4] = (uint8_t)cmd.lc;
	n = (int16_t)(HEADER + cmd.lc);
	bool ok = jc_put(jc, a[1], (int16_t)a[2], copy, n, JC_NON_ATOMIC);
	wipe(copy, sizeof copy);
	a[0] = (uint16_t)n;
	return ok;
}

/* wrap(byte[], short, short): response data with the status word at the end. */
static bool wrap(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	struct cm_secure *s = session(&c);
	const uint8_t *p;
	uint8_t room[ROOM];
	struct buf rsp = answer(room, sizeof room);
	int16_t n = (int16_t)a[3];
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], n, &p))
		return false;
	if (s == NULL || s->state != CM_SECURE_OPEN)
		return cm_api_refuse(jc, SW_CONDITIONS_OF_USE);
	if (n < 2 || n > ROOM - 64)
		return cm_api_refuse(jc, SW_WRONG_LENGTH);
	sw_t sw = (sw_t)(p[n - 2] << 8 | p[n - 1]);
	buf_add(&rsp, p, (size_t)n - 2);
	if (cm_secure_wrap(s, &rsp, 0, sw) != sw)
		return cm_api_refuse(jc, SW_SECURITY_STATUS);
	buf_u16(&rsp, sw);
	if (!jc_put(jc, a[1], (int16_t)a[2], room, (int32_t)rsp.n, JC_NON_ATOMIC))
		return false;
	a[0] = (uint16_t)rsp.n;
	return true;
}

/* decryptData, encryptData: sensitive data under the data encryption key, in place. */
static bool sensitive(struct jc *jc, uint16_t *a, bool decrypt)
{
	struct cm c = cm_of_machine(jc);
	struct cm_secure *s = session(&c);
	const uint8_t *p;
	uint8_t out[APDU_SHORT_DATA + 1];
	int16_t n = (int16_t)a[3];
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], n, &p))
		return false;
	if (s == NULL || s->state != CM_SECURE_OPEN)
		return cm_api_refuse(jc, SW_CONDITIONS_OF_USE);
	if (n == 0 || n > (int16_t)sizeof out)
		return cm_api_refuse(jc, SW_WRONG_DATA);
	if (!(decrypt ? cm_secure_decrypt : cm_secure_encrypt)(s, p, (size_t)n, out))
		return cm_api_refuse(jc, SW_WRONG_DATA);
	bool ok = jc_put(jc, a[1], (int16_t)a[2], out, n, JC_NON_ATOMIC);
	wipe(out, sizeof out);
	a[0] = (uint16_t)n;
	return ok;
}

static bool decrypt_data(struct jc *jc, uint16_t *a)
{
	return sensitive(jc, a, true);
}

static bool encrypt_data(struct jc *jc, uint16_t *a)
{
	return sensitive(jc, a, false);
}

static bool reset_security(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	(void)a;
	if (session(&c) != NULL)
		cm_channel_end(&c, c.s->channel);
	return true;
}

static bool get_security_level(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	struct cm_secure *s = session(&c);
	a[0] = s != NULL ? (uint16_t)(int8_t)cm_secure_level(s) : 0;
	return true;
}

/* SecureChannelx.setSecurityLevel(byte): not below what the session was opened with (GPCS 10.6). */
static bool set_security_level(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	struct cm_secure *s = session(&c);
	uint8_t level = (uint8_t)a[1] & 0x33;
	if (s == NULL || s->state != CM_SECURE_OPEN || (level & s->asked) != s->asked)
		return cm_api_refuse(jc, SW_CONDITIONS_OF_USE);
	s->level = level;
	return true;
}

#define CHANNEL_METHODS(method, since)                                                                                 \
	method(0, since, 2, JC_SHORT, process_security), method(1, since, 4, JC_SHORT, wrap),                          \
	    method(2, since, 4, JC_SHORT, unwrap), method(3, since, 4, JC_SHORT, decrypt_data),                        \
	    method(4, since, 4, JC_SHORT, encrypt_data), method(5, since, 1, JC_VOID, reset_security),                 \
	    method(6, since, 1, JC_SHORT, get_security_level)
#define ABSTRACT(token, since, words, result, fn) JC_ABSTRACT_METHOD(token, since, words, result)
#define CONCRETE(token, since, words, result, fn) JC_METHOD((token) + 1, since, words, result, fn)

static const struct jc_implements shareable[] = {{&jc_class_Shareable, NULL, 0}};
static const struct jc_method channel[] = {CHANNEL_METHODS(ABSTRACT, 0)};
static const struct jc_method channelx[] = {CHANNEL_METHODS(ABSTRACT, 1), JC_ABSTRACT_METHOD(7, 1, 2, JC_VOID)};
static const struct jc_method channelx2[] = {CHANNEL_METHODS(ABSTRACT, 4), JC_ABSTRACT_METHOD(7, 4, 5, JC_SHORT)};

const struct jc_class cm_class_SecureChannel = {JC_NAME("org/globalplatform/SecureChannel"),
    JC_AT(org_globalplatform, 2), .flags = SHARED, JC_IMPLEMENTS(shareable), JC_VIRTUALS(channel)};
static const struct jc_implements supers[] = {{&cm_class_SecureChannel, NULL, 0}, {&jc_class_Shareable, NULL, 0}};
const struct jc_class cm_class_SecureChannelx = {JC_NAME("org/globalplatform/SecureChannelx"),
    JC_AT(org_globalplatform, 6), .since = 1, .flags = SHARED, JC_IMPLEMENTS(supers), JC_VIRTUALS(channelx)};
const struct jc_class cm_class_SecureChannelx2 = {JC_NAME("org/globalplatform/SecureChannelx2"),
    JC_AT(org_globalplatform, 11), .since = 4, .flags = SHARED, JC_IMPLEMENTS(supers), JC_VIRTUALS(channelx2)};

static const struct jc_method methods[] = {JC_OBJECT_EQUALS, CHANNEL_METHODS(CONCRETE, 0),
    JC_METHOD(8, 0, 2, JC_VOID, set_security_level), JC_METHOD(9, 0, 5, JC_SHORT, process_security_bytes)};
static const uint8_t map[] = {1, 2, 3, 4, 5, 6, 7}, mapx[] = {1, 2, 3, 4, 5, 6, 7, 8},
		     mapx2[] = {1, 2, 3, 4, 5, 6, 7, 9};
static const struct jc_implements all[] = {{&cm_class_SecureChannel, map, sizeof map},
    {&cm_class_SecureChannelx, mapx, sizeof mapx}, {&cm_class_SecureChannelx2, mapx2, sizeof mapx2},
    {&jc_class_Shareable, NULL, 0}};
const struct jc_class cm_class_channel = {JC_NAME("org/globalplatform/SecureChannel (runtime)"),
    JC_AT(org_globalplatform, 13), .flags = JC_ENTRY | JC_INTERNAL, .super = &jc_class_Object, .cells = 1,
    JC_VIRTUALS(methods), JC_IMPLEMENTS(all)};
