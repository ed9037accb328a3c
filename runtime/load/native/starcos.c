/* The dialect starcos: STARCOS SPK 2.3 as OpenSC drives it (card-starcos.c). No partial names, no FCP: what an AP's
 * rules are can be read from no card, and which FID a DF has only by asking for that FID. */
#include <string.h>

#include "runtime/base/tlv.h"
#include "runtime/load/native/native.h"

enum {
	P2_FCI = 0x00,
	LOADING_PIN = 0x01, /* P2 of VERIFY at the MF: the SO PIN */
	INS_REGISTER_DF = 0x52,
	INS_CREATE = 0xe0, /* P1: 01 DF, 02 end of creation, 03 EF */
	CREATE_DF = 0x01,
	CREATE_EF = 0x03,
	NAME_FIELD = 16, /* names are kept with trailing zeros */
};

/* The DF name in an FCI (6F), if there is one. */
static bool read_name(const struct session *s, struct ap *out)
{
	struct rd fci, name;
	if (!tlv_find(rd_of(s->data.p, s->data.n), TAG_FCI, &fci) || !tlv_find(fci, TAG_DF_NAME, &name) ||
	    name.n > NAME_FIELD)
		return false;
	size_t n = name.n;
	while (n > AID_MIN && name.p[n - 1] == 0 && name.n == NAME_FIELD)
		n--;
	memcpy(out->aid, name.p, n);
	out->aid_len = n;
	return true;
}

static bool state(struct session *s, const uint8_t *aid, size_t n, struct ap *out)
{
	*out = (struct ap){.aid_len = n};
	memcpy(out->aid, aid, n);
	if (!native_select_aid(s, SESSION_LOOKS, aid, n, P2_FCI))
		return false;
	if (native_state_of_select(s->sw, out))
		return true;
	struct ap named = {0};
	if (read_name(s, &named) && !ap_is(&named, aid, n)) {
		memcpy(out->aid, named.aid, named.aid_len);
		out->aid_len = named.aid_len;
		out->state = AP_OTHER;
		out->sw = s->sw;
		return true;
	}
	return native_probe_guard(s, out);
}

/* VERIFY without data asks for the tries left: 7816-4:2020, 11.5.6. */
static bool tries(struct session *s, int *left)
{
	return native_ask_tries(s, 0x00200000 | LOADING_PIN, left);
}

static enum auth_result authenticate(struct session *s, const struct loading_key *key, int *left)
{
	*left = TRIES_UNKNOWN;
	if (!native_select_mf(s, SESSION_CHANGES) ||
	    !session_command(s, SESSION_CHANGES, 0x00200000 | LOADING_PIN, key->bytes, key->n, 0))
		return AUTH_LOST;
	return native_auth_result(s->sw, left);
}

static bool begin(struct session *s)
{
	return native_select_mf(s, SESSION_CHANGES);
}

/* Has the DF with this FID this name? The DF is current afterwards if it is there at all. */
static bool is_of(struct session *s, uint16_t fid, const uint8_t *aid, size_t n, bool *same)
{
	uint8_t df[2] = {(uint8_t)(fid >> 8), (uint8_t)fid};
	struct ap ap = {0};
	*same = false;
	if (!native_select_mf(s, SESSION_LOOKS) ||
	    !session_command(s, SESSION_LOOKS, 0x00a40100, df, sizeof df, APDU_SHORT_LE))
		return false;
	*same = s->sw == SW_OK && read_name(s, &ap) && ap_is(&ap, aid, n);
	return true;
}

static bool exists_df(struct session *s, const struct script *script, bool registered)
{
	bool same;
	if (!is_of(s, script->df, script->aid, script->aid_len, &same))
		return false;
	if (!same)
		return session_refused(s, DIAG_RESUME_OTHER, "SELECT DF");
	return registered ? native_select_mf(s, SESSION_CHANGES) : true;
}

static bool exists(
    struct session *s, const struct script *script, const struct script_step *step, const uint8_t *data, size_t n)
{
	if (step->header[1] == INS_REGISTER_DF)
		return exists_df(s, script, true);
	if (step->header[1] != INS_CREATE || n < 2)
		return true;
	if (step->header[2] == CREATE_DF)
		return exists_df(s, script, false);
	if (step->header[2] != CREATE_EF)
		return true;
	return session_command(s, SESSION_CHANGES, 0x00a4020c, data, 2, 0) &&
	    (s->sw == SW_OK || session_refused(s, DIAG_CARD_REFUSED, "SELECT EF"));
}

/* DELETE FILE names an FID, the AP an AID: only a DF that answers to both is removed. */
static bool remove_ap(struct session *s, const struct ap *ap, uint16_t hint)
{
	uint8_t fid[2] = {(uint8_t)(hint >> 8), (uint8_t)hint};
	bool same = false;
	if (hint != 0 && !is_of(s, hint, ap->aid, ap->aid_len, &same))
		return false;
	if (!same)
		return session_refused(s, DIAG_AP_NO_FID, "SELECT DF");
	if (!native_select_mf(s, SESSION_CHANGES) ||
	    !session_command(s, SESSION_CHANGES, 0x80e40000, fid, sizeof fid, 0))
		return false;
	return s->sw == SW_OK
	    ? true
	    : session_refused(
		  s, s->sw == SW_CONDITIONS_OF_USE ? DIAG_REMOVE_NOT_LAST : DIAG_REMOVE_REFUSED, "DELETE FILE");
}

static bool control(struct session *s, const uint8_t *aid, size_t aid_len, uint16_t fid, struct buf *out)
{
	uint8_t ef[2] = {(uint8_t)(fid >> 8), (uint8_t)fid};
	struct rd fci;
	bool sent = fid == 0 ? native_select_aid(s, SESSION_LOOKS, aid, aid_len, P2_FCI)
			     : session_command(s, SESSION_LOOKS, 0x00a40200, ef, sizeof ef, APDU_SHORT_LE);
	buf_clear(out);
	if (sent && tlv_find(rd_of(s->data.p, s->data.n), TAG_FCI, &fci))
		buf_add(out, fci.p, fci.n);
	return sent;
}

static void words(const uint8_t *control_bytes, size_t n, const char *lang, struct buf *out)
{
	(void)control_bytes;
	(void)n;
	(void)lang;
	(void)out; /* the card tells no rules */
}

const struct load_dialect load_starcos = {
    .name = "starcos",
    .key_kind = "pin",
    .test_key = {{'I', 'G', 'A', 'T', 'A', '-', 'S', 'O'}, 8, true},
    .state = state,
    .enumerate = NULL,
    .tries = tries,
    .authenticate = authenticate,
    .begin = begin,
    .exists = exists,
    .remove = remove_ap,
    .control = control,
    .words = words,
};
