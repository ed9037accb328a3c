#include "runtime/sim/reference/card.h"

#include <string.h>

#include "runtime/base/tlv.h"

/* SELECT: ISO/IEC 7816-4:2020 11.2.2, AP contract, section 5. */
enum {
	BY_CHILD_DF = 0x01,
	BY_EF = 0x02,
	BY_PARENT_DF = 0x03,
	BY_AID = 0x04,
	WITH_FCI = 0x00,
	WITHOUT_DATA = 0x0c,
};

static sw_t parameters(struct card *c, struct call *x)
{
	(void)c;
	uint8_t p1 = x->apdu->p1, p2 = x->apdu->p2;
	if (p1 == BY_AID)
		return p2 == WITH_FCI || p2 == WITHOUT_DATA ? SW_OK : SW_WRONG_P1P2;
	if (p1 == BY_EF || p1 == BY_CHILD_DF || p1 == BY_PARENT_DF)
		return p2 == WITHOUT_DATA ? SW_OK : SW_WRONG_P1P2;
	return SW_WRONG_P1P2;
}

static void write_fci(const struct card *c, struct buf *out)
{
	struct buf in = {0};
	tlv_put(&in, TAG_DF_NAME, c->ap->aid, c->ap->aid_len);
	tlv_put(&in, TAG_PROPRIETARY, NULL, 0);
	tlv_put(out, TAG_FCI, in.p, in.n);
	buf_reset(&in);
}

/* An explicit Le that the FCI does not fit is a wrong Le. */
static sw_t fci_length(const struct card *c, const struct apdu *a)
{
	struct buf fci = {0};
	write_fci(c, &fci);
	bool fits = !a->has_le || a->le_is_max || a->le >= fci.n;
	buf_reset(&fci);
	return fits ? SW_OK : SW_WRONG_LENGTH;
}

static sw_t length(struct card *c, struct call *x)
{
	const struct apdu *a = x->apdu;
	switch (a->p1) {
	case BY_AID:
		if (a->lc == 0)
			return SW_WRONG_LENGTH;
		return a->p2 == WITH_FCI ? fci_length(c, a) : SW_OK;
	case BY_PARENT_DF:
		return a->lc == 0 ? SW_OK : SW_WRONG_LENGTH;
	default:
		return a->lc == 2 ? SW_OK : SW_WRONG_LENGTH;
	}
}

/* A failed SELECT changes nothing. There are no DFs inside an AP yet, so none is found. */
static sw_t object(struct card *c, struct call *x)
{
	const struct apdu *a = x->apdu;
	switch (a->p1) {
	case BY_AID:
		if (a->lc != c->ap->aid_len || memcmp(a->data, c->ap->aid, a->lc) != 0)
			return SW_FILE_NOT_FOUND;
		return SW_OK;
	case BY_EF:
		return file_by_fid(c, (uint16_t)(a->data[0] << 8 | a->data[1]), &x->object);
	default:
		return SW_FILE_NOT_FOUND;
	}
}

/* By AID everything of the session goes, also for the same AP; an EF leaves what was verified. */
static sw_t effect(struct card *c, struct call *x)
{
	struct session *s = c->session;
	if (x->apdu->p1 == BY_EF) {
		s->ef = x->object;
		s->has_ef = true;
		return SW_OK;
	}
	s->selected = true;
	s->has_ef = false;
	memset(s->verified, 0, sizeof s->verified);
	if (x->apdu->p2 == WITH_FCI)
		write_fci(c, x->rsp);
	return SW_OK;
}

const struct command command_select = {
    .cla = 0x00,
    .ins = INS_SELECT,
    .step =
	{
	    [STEP_PARAMETERS] = parameters,
	    [STEP_LENGTH] = length,
	    [STEP_OBJECT] = object,
	    [STEP_EFFECT] = effect,
	},
};
