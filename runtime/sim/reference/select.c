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
	uint8_t p1 = x->apdu->p1, p2 = x->apdu->p2;
	/* By AID only in plain: section 5. */
	if (p1 == BY_AID && c->session->security.protection != PROTECTION_NONE)
		return SW_WRONG_P1P2;
	if (p1 == BY_AID)
		return p2 == WITH_FCI || p2 == WITHOUT_DATA ? SW_OK : SW_WRONG_P1P2;
	if (p1 == BY_EF || p1 == BY_CHILD_DF || p1 == BY_PARENT_DF)
		return p2 == WITHOUT_DATA ? SW_OK : SW_WRONG_P1P2;
	return SW_WRONG_P1P2;
}

/* The AP is its own DF, index 0; DFs nested in it may have a name too. */
static const uint8_t *name_of(const struct card *c, uint16_t df, size_t *n)
{
	*n = df == 0 ? c->ap->aid_len : c->ap->df[df].aid_len;
	return df == 0 ? c->ap->aid : c->ap->df[df].aid;
}

static void write_fci(const struct card *c, uint16_t df, struct buf *out)
{
	struct buf in = {0};
	size_t n;
	const uint8_t *name = name_of(c, df, &n);
	tlv_put(&in, TAG_DF_NAME, name, n);
	tlv_put(&in, TAG_PROPRIETARY, NULL, 0);
	tlv_put(out, TAG_FCI, in.p, in.n);
	buf_reset(&in);
}

static sw_t df_by_name(const struct card *c, const struct apdu *a, uint16_t *df)
{
	for (uint16_t i = 0; i == 0 || i < c->ap->n_dfs; i++) {
		size_t n;
		const uint8_t *name = name_of(c, i, &n);
		if (n == 0 || a->lc != n || memcmp(a->data, name, n) != 0)
			continue;
		*df = i;
		return SW_OK;
	}
	return SW_FILE_NOT_FOUND;
}

static sw_t child_df(const struct card *c, uint16_t fid, uint16_t *df)
{
	for (uint16_t i = 1; i < c->ap->n_dfs; i++) {
		if (c->ap->df[i].parent != c->session->df || c->ap->df[i].fid != fid)
			continue;
		*df = i;
		return SW_OK;
	}
	return SW_FILE_NOT_FOUND;
}

/* Above the AP's own DF there is nothing that the AP speaks for. */
static sw_t parent_df(const struct card *c, uint16_t *df)
{
	if (c->session->df == 0)
		return SW_FILE_NOT_FOUND;
	*df = c->ap->df[c->session->df].parent;
	return SW_OK;
}

/* An explicit Le that the FCI does not fit is a wrong Le. */
static sw_t fci_length(const struct card *c, const struct apdu *a)
{
	struct buf fci = {0};
	uint16_t df;
	if (df_by_name(c, a, &df) != SW_OK)
		return SW_OK;
	write_fci(c, df, &fci);
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

/* A failed SELECT changes nothing. */
static sw_t object(struct card *c, struct call *x)
{
	const struct apdu *a = x->apdu;
	switch (a->p1) {
	case BY_AID:
		return df_by_name(c, a, &x->object);
	case BY_EF:
		return file_by_fid(c, (uint16_t)(a->data[0] << 8 | a->data[1]), &x->object);
	case BY_CHILD_DF:
		return child_df(c, (uint16_t)(a->data[0] << 8 | a->data[1]), &x->object);
	default:
		return parent_df(c, &x->object);
	}
}

/* AP contract, section 10: a blocked AP and a terminated one say so, and are selected all the same. */
static sw_t life_warning(const struct card *c)
{
	switch (layout_life(c->nv)) {
	case LIFE_PERSONALISATION:
	case LIFE_OPERATIONAL:
		return SW_OK;
	case LIFE_BLOCKED:
		return SW_FILE_DEACTIVATED;
	case LIFE_TERMINATED:
		return SW_FILE_TERMINATED;
	}
	return SW_OK;
}

/* By AID everything of the session goes, also for the same AP; another DF takes what is local to DFs; an EF leaves what
 * was verified. */
static sw_t effect(struct card *c, struct call *x)
{
	struct session *s = c->session;
	challenge_forget(c);
	if (x->apdu->p1 == BY_EF) {
		s->ef = x->object;
		s->has_ef = true;
		return SW_OK;
	}
	file_enter(c, x->object);
	if (x->apdu->p1 != BY_AID)
		return SW_OK;
	s->selected = true;
	memset(s->verified, 0, sizeof s->verified);
	security_forget(c);
	if (x->apdu->p2 == WITH_FCI)
		write_fci(c, x->object, x->rsp);
	return life_warning(c);
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
