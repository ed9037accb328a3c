/* javacard.framework.APDU: JCRE chapter 9. The object has no cells; its state is the machine's. */
#include "runtime/sim/javacard/api/apdu.h"

#include "runtime/sim/javacard/api/framework.h"
#include "runtime/sim/javacard/machine/reasons.h"

#include "runtime/base/apdu.h"

enum {
	HEADER = 5,          /* CLA INS P1 P2 P3 */
	HEADER_EXTENDED = 7, /* P3 = 0 and two bytes of length */
	PROTOCOL_T0 = 0,
	PROTOCOL_T1 = 1,
	MEDIA_CONTACTLESS_A = 0x80,
	IN_BLOCK_T0 = 1,
	OUT_BLOCK_T0 = 258,
	BLOCK_T1 = 254,
	SHORT_MAX = 256,
	EXTENDED_MAX = 32767,
};

static bool fail(struct jc *jc, uint16_t reason)
{
	return jc_throw(jc, &jc_class_APDUException, reason);
}

/* --- the command --- */

/* javacardx.apdu.ExtendedLength has token 0 in its package. */
static bool takes_extended(struct jc *jc)
{
	const struct jc_class *extended = jc_bound_class(jc, JC_ROM_javacardx_apdu, 0);
	uint16_t applet = jc_applet_object(jc, jc_selected_applet(jc));
	return jc->chip.extended && extended != NULL && jc_instance_of(jc_class_of(jc, applet), extended);
}

/* What the buffer shows of the lengths: JCRE 9.4 for each case, and for extended ones. */
static void lay_lengths(struct jc *jc, const struct apdu *c)
{
	uint8_t *b = jc->transient;
	uint32_t n = c->lc != 0 ? (uint32_t)c->lc : (uint32_t)c->le;
	if (!c->extended) {
		b[4] = (uint8_t)n;
		return;
	}
	b[4] = 0;
	jc_set16(b + 5, n);
}

/* Over T=1 the beginning of the data came with the header, and a card leaves it in the buffer before anybody asks (the
 * reference implementation does): some applets never call setIncomingAndReceive. API: what is there is undefined. */
static void lay_first_block(struct jc *jc, const struct apdu *c)
{
	size_t room = jc->chip.apdu_buffer, n = c->lc;
	if (!jc->chip.t1 || c->extended)
		return;
	if (jc->chip.in_block > HEADER && jc->chip.in_block < room)
		room = jc->chip.in_block;
	if (n > room - HEADER)
		n = room - HEADER;
	if (n != 0)
		memcpy(jc->transient + HEADER, c->data, n);
}

sw_t jc_apdu_begin(struct jc *jc, const uint8_t *cmd, size_t n, bool selecting, struct buf *rsp)
{
	struct apdu c;
	struct jc_apdu *s = &jc->apdu;
	memset(jc->transient, 0, jc->chip.apdu_buffer);
	*s = (struct jc_apdu){.active = true, .selecting = selecting, .channel = jc->channel, .rsp = rsp};
	if (n < 4 || !apdu_parse(&c, cmd, n))
		return SW_WRONG_LENGTH;
	if (c.extended && !takes_extended(jc))
		return SW_WRONG_LENGTH;
	memcpy(jc->transient, cmd, 4);
	lay_lengths(jc, &c);
	lay_first_block(jc, &c);
	s->extended = c.extended;
	s->data = c.data;
	s->lc = (uint32_t)c.lc;
	s->le = (uint32_t)c.le;
	s->has_le = c.has_le;
	return SW_OK;
}

void jc_apdu_end(struct jc *jc, sw_t sw)
{
	buf_u16(jc->apdu.rsp, sw);
	jc->apdu = (struct jc_apdu){0};
}

/* --- incoming --- */

static uint32_t cdata(const struct jc *jc)
{
	return jc->apdu.extended ? HEADER_EXTENDED : HEADER;
}

/* As many of the waiting bytes as fit behind `at`. */
static uint16_t receive(struct jc *jc, uint32_t at)
{
	struct jc_apdu *s = &jc->apdu;
	uint32_t room = jc->chip.apdu_buffer - at, n = s->lc - s->received;
	if (n > room)
		n = room;
	if (n > EXTENDED_MAX)
		n = EXTENDED_MAX;
	if (n != 0)
		memcpy(jc->transient + at, s->data + s->received, n);
	s->received += n;
	s->state = s->received == s->lc ? APDU_STATE_FULL_INCOMING : APDU_STATE_PARTIAL_INCOMING;
	return (uint16_t)n;
}

static bool set_incoming_and_receive(struct jc *jc, uint16_t *a)
{
	if (jc->apdu.state != APDU_STATE_INITIAL)
		return fail(jc, APDU_ILLEGAL_USE);
	if (jc->apdu.lc == 0 && jc->chip.receive_needs_data)
		return fail(jc, APDU_IO_ERROR);
	a[0] = receive(jc, cdata(jc));
	return true;
}

/* receiveBytes(short): a whole block must fit. */
static bool receive_bytes(struct jc *jc, uint16_t *a)
{
	struct jc_apdu *s = &jc->apdu;
	int16_t at = (int16_t)a[1];
	if (s->state != APDU_STATE_PARTIAL_INCOMING && s->state != APDU_STATE_FULL_INCOMING)
		return fail(jc, APDU_ILLEGAL_USE);
	if (at < 0 || at >= jc->chip.apdu_buffer)
		return fail(jc, APDU_BUFFER_BOUNDS);
	a[0] = s->received == s->lc ? 0 : receive(jc, (uint32_t)at);
	return true;
}

static bool get_incoming_length(struct jc *jc, uint16_t *a)
{
	if (jc->apdu.state != APDU_STATE_PARTIAL_INCOMING && jc->apdu.state != APDU_STATE_FULL_INCOMING)
		return fail(jc, APDU_ILLEGAL_USE);
	a[0] = (uint16_t)(jc->apdu.lc > EXTENDED_MAX ? EXTENDED_MAX : jc->apdu.lc);
	return true;
}

static bool get_offset_cdata(struct jc *jc, uint16_t *a)
{
	if (jc->apdu.state != APDU_STATE_PARTIAL_INCOMING && jc->apdu.state != APDU_STATE_FULL_INCOMING)
		return fail(jc, APDU_ILLEGAL_USE);
	a[0] = (uint16_t)cdata(jc);
	return true;
}

/* --- outgoing --- */

static bool begin_outgoing(struct jc *jc, uint16_t *a, bool chaining)
{
	struct jc_apdu *s = &jc->apdu;
	if (!s->active || s->state >= APDU_STATE_OUTGOING)
		return fail(jc, APDU_ILLEGAL_USE);
	s->state = APDU_STATE_OUTGOING;
	s->no_chaining = !chaining;
	/* T=1 shows that a command with data has no Le; T=0 cannot. */
	uint32_t le = s->has_le ? s->le : s->lc != 0 && jc->chip.t1 ? 0 : SHORT_MAX;
	a[0] = (uint16_t)(le > EXTENDED_MAX ? EXTENDED_MAX : le);
	return true;
}

static bool set_outgoing(struct jc *jc, uint16_t *a)
{
	return begin_outgoing(jc, a, true);
}

static bool set_outgoing_no_chaining(struct jc *jc, uint16_t *a)
{
	return begin_outgoing(jc, a, false);
}

static int32_t out_block(const struct jc *jc)
{
	return jc->chip.out_block != 0 ? jc->chip.out_block : jc->chip.t1 ? BLOCK_T1 : OUT_BLOCK_T0;
}

static bool set_length(struct jc *jc, int16_t n)
{
	struct jc_apdu *s = &jc->apdu;
	if (s->state != APDU_STATE_OUTGOING)
		return fail(jc, APDU_ILLEGAL_USE);
	if (n < 0 || n > (s->extended ? EXTENDED_MAX : SHORT_MAX))
		return fail(jc, APDU_BAD_LENGTH);
	if (s->no_chaining && jc->chip.t1 && n > out_block(jc) - 2)
		return fail(jc, APDU_BAD_LENGTH);
	s->outgoing = (uint32_t)n;
	s->state = APDU_STATE_OUTGOING_LENGTH_KNOWN;
	s->length_set = true;
	return true;
}

static bool set_outgoing_length(struct jc *jc, uint16_t *a)
{
	return set_length(jc, (int16_t)a[1]);
}

/* Announced, and not more than announced. */
static bool may_send(struct jc *jc, int16_t n)
{
	const struct jc_apdu *s = &jc->apdu;
	if (!s->length_set || s->closed || n > (int32_t)(s->outgoing - s->sent))
		return fail(jc, APDU_ILLEGAL_USE);
	return true;
}

static void send(struct jc *jc, const uint8_t *p, uint32_t n)
{
	struct jc_apdu *s = &jc->apdu;
	buf_add(s->rsp, p, n);
	s->sent += n;
	if (s->sent != 0)
		s->state = s->sent == s->outgoing ? APDU_STATE_FULL_OUTGOING : APDU_STATE_PARTIAL_OUTGOING;
}

static bool in_buffer(struct jc *jc, int16_t at, int16_t n)
{
	return (at >= 0 && n >= 0 && at + n <= jc->chip.apdu_buffer) || fail(jc, APDU_BUFFER_BOUNDS);
}

static bool send_bytes(struct jc *jc, uint16_t *a)
{
	int16_t at = (int16_t)a[1], n = (int16_t)a[2];
	if (!in_buffer(jc, at, n) || !may_send(jc, n))
		return false;
	send(jc, jc->transient + at, (uint32_t)n);
	return true;
}

static bool send_bytes_long(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	int16_t n = (int16_t)a[3];
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], n, &p) || !may_send(jc, n))
		return false;
	send(jc, p, (uint32_t)n);
	return true;
}

/* setOutgoing, setOutgoingLength, sendBytes; nothing can be sent afterwards. */
static bool set_outgoing_and_send(struct jc *jc, uint16_t *a)
{
	int16_t at = (int16_t)a[1], n = (int16_t)a[2];
	uint16_t le[1];
	if (jc->apdu.state >= APDU_STATE_OUTGOING)
		return fail(jc, APDU_ILLEGAL_USE);
	if (!in_buffer(jc, at, n) || !begin_outgoing(jc, le, true) || !set_length(jc, n))
		return false;
	send(jc, jc->transient + at, (uint32_t)n);
	jc->apdu.closed = true;
	return true;
}

/* --- asking --- */

static bool get_buffer(struct jc *jc, uint16_t *a)
{
	a[0] = jc->apdu_array;
	return true;
}

static bool get_nad(struct jc *jc, uint16_t *a)
{
	(void)jc;
	a[0] = 0;
	return true;
}

static bool get_current_state(struct jc *jc, uint16_t *a)
{
	a[0] = (uint16_t)jc->apdu.state;
	return true;
}

static uint8_t cla(const struct jc *jc)
{
	return jc->transient[0];
}

/* ISO/IEC 7816-4:2020 5.4.1: bit 8 clear is interindustry, 000 first class, 01 further class. */
static bool is_interindustry(struct jc *jc, uint16_t *a)
{
	a[0] = (cla(jc) & 0x80) == 0;
	return true;
}

static bool is_command_chaining(struct jc *jc, uint16_t *a)
{
	a[0] = (cla(jc) & 0x10) != 0;
	return true;
}

/* First class: bits 4 and 3; further class: bit 6. */
static bool is_secure_messaging(struct jc *jc, uint16_t *a)
{
	a[0] = (cla(jc) & 0x40) != 0 ? (cla(jc) & 0x20) != 0 : (cla(jc) & 0x0c) != 0;
	return true;
}

static bool is_valid_cla(struct jc *jc, uint16_t *a)
{
	a[0] = cla(jc) != 0xff && (cla(jc) & 0xe0) != 0x20;
	return true;
}

static bool get_in_block_size(struct jc *jc, uint16_t *a)
{
	a[0] = jc->chip.in_block != 0 ? jc->chip.in_block : jc->chip.t1 ? BLOCK_T1 : IN_BLOCK_T0;
	return true;
}

static bool get_out_block_size(struct jc *jc, uint16_t *a)
{
	a[0] = (uint16_t)out_block(jc);
	return true;
}

static bool get_protocol(struct jc *jc, uint16_t *a)
{
	uint8_t media = jc->sim->contactless ? MEDIA_CONTACTLESS_A | PROTOCOL_T1 : 0;
	a[0] = (uint16_t)(int8_t)(media != 0 ? media : jc->chip.t1 ? PROTOCOL_T1 : PROTOCOL_T0);
	return true;
}

static bool wait_extension(struct jc *jc, uint16_t *a)
{
	(void)a;
	return !jc->apdu.no_chaining || fail(jc, APDU_ILLEGAL_USE);
}

/* API: from the context of the selected applet, while a command is processed; else SecurityException. */
static bool may_have_current(struct jc *jc)
{
	if (jc->apdu.active && jc->context == jc->context_of[jc_selected_applet(jc)])
		return true;
	return jc_throw(jc, &jc_class_SecurityException, 0);
}

static bool get_current_apdu(struct jc *jc, uint16_t *a)
{
	if (!may_have_current(jc))
		return false;
	a[0] = jc->apdu_object;
	return true;
}

static bool get_current_apdu_buffer(struct jc *jc, uint16_t *a)
{
	if (!may_have_current(jc))
		return false;
	a[0] = jc->apdu_array;
	return true;
}

static bool get_cla_channel(struct jc *jc, uint16_t *a)
{
	a[0] = jc->apdu.channel;
	return true;
}

static const struct jc_method statics[] = {
    JC_METHOD(0, 0, 0, JC_SHORT, get_in_block_size),
    JC_METHOD(1, 0, 0, JC_SHORT, get_out_block_size),
    JC_METHOD(2, 0, 0, JC_SHORT, get_protocol),
    JC_METHOD(3, 0, 0, JC_VOID, wait_extension),
    JC_METHOD(4, 2, 0, JC_REF, get_current_apdu),
    JC_METHOD(5, 2, 0, JC_REF, get_current_apdu_buffer),
    JC_METHOD(6, 2, 0, JC_SHORT, get_cla_channel),
};
static const struct jc_method virtuals[] = {
    JC_OBJECT_EQUALS,
    JC_METHOD(1, 0, 1, JC_REF, get_buffer),
    JC_METHOD(2, 0, 1, JC_SHORT, get_nad),
    JC_METHOD(3, 0, 2, JC_SHORT, receive_bytes),
    JC_METHOD(4, 0, 3, JC_VOID, send_bytes),
    JC_METHOD(5, 0, 4, JC_VOID, send_bytes_long),
    JC_METHOD(6, 0, 1, JC_SHORT, set_incoming_and_receive),
    JC_METHOD(7, 0, 1, JC_SHORT, set_outgoing),
    JC_METHOD(8, 0, 3, JC_VOID, set_outgoing_and_send),
    JC_METHOD(9, 0, 2, JC_VOID, set_outgoing_length),
    JC_METHOD(10, 0, 1, JC_SHORT, set_outgoing_no_chaining),
    JC_METHOD(11, 2, 1, JC_SHORT, get_current_state),
    JC_METHOD(12, 3, 1, JC_SHORT, is_command_chaining),
    JC_METHOD(13, 3, 1, JC_SHORT, is_secure_messaging),
    JC_METHOD(14, 3, 1, JC_SHORT, is_interindustry),
    JC_METHOD(15, 3, 1, JC_SHORT, get_incoming_length),
    JC_METHOD(16, 3, 1, JC_SHORT, get_offset_cdata),
    JC_METHOD(17, 4, 1, JC_SHORT, is_valid_cla),
};
const struct jc_class jc_class_APDU = {JC_NAME("javacard/framework/APDU"), JC_AT(javacard_framework, 10),
    .super = &jc_class_Object, JC_STATICS(statics), JC_VIRTUALS(virtuals)};
