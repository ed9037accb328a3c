/* The dialect iso-compact: ISO/IEC 7816-4 and -9 with FCP, compact access rules, and an AES loading key of the MF. */
#include <string.h>

#include "runtime/base/tlv.h"
#include "runtime/base/wipe.h"
#include "runtime/crypto/aes.h"
#include "runtime/load/native/compact_words.h"
#include "runtime/load/native/native.h"

enum {
	P2_FIRST_FCP = 0x04, /* first or only occurrence, FCP: 7816-4:2020 tables 63, 64 */
	P2_NEXT_FCP = 0x06,
	KEY_LEN = 16,
	CHALLENGE = 16,
	DESCRIPTOR_DF = 0x38,
	LOADING_KEY = 0x01, /* P2: global reference data 1 */
};

/* The life cycle status byte: 7816-4:2020 table 14. */
static enum ap_state state_of_byte(unsigned lcs)
{
	if (lcs == 0x01 || lcs == 0x03)
		return AP_HALF;
	if ((lcs & 0xfd) == 0x05)
		return AP_OPERATIONAL;
	if ((lcs & 0xfd) == 0x04)
		return AP_BLOCKED;
	return (lcs & 0xfc) == 0x0c ? AP_TERMINATED : AP_OTHER;
}

static unsigned number(struct rd all, uint32_t tag)
{
	struct rd v;
	if (!tlv_find(all, tag, &v) || v.n == 0 || v.n > 2)
		return 0;
	return v.n == 1 ? rd_u8(&v) : rd_u16(&v);
}

/* Read an FCP template (62) of a DF. false: it is none. */
static bool read_fcp(struct session *s, struct ap *out)
{
	struct rd fcp, name;
	*out = (struct ap){.state = AP_OTHER, .sw = s->sw};
	if (!tlv_find(rd_of(s->data.p, s->data.n), TAG_FCP, &fcp) || !tlv_find(fcp, TAG_DF_NAME, &name) ||
	    name.n == 0 || name.n > AID_MAX)
		return false;
	memcpy(out->aid, name.p, name.n);
	out->aid_len = name.n;
	out->fid = (uint16_t)number(fcp, TAG_FID);
	out->memory = number(fcp, TAG_TOTAL_SIZE);
	out->state = state_of_byte(number(fcp, TAG_LIFE_CYCLE));
	return true;
}

static bool state(struct session *s, const uint8_t *aid, size_t n, struct ap *out)
{
	*out = (struct ap){.state = AP_OTHER};
	if (!native_select_aid(s, SESSION_LOOKS, aid, n, P2_FIRST_FCP))
		return false;
	bool known = native_state_of_select(s->sw, out);
	if (known && out->state == AP_OTHER)
		return true;
	if (out->state != AP_ABSENT && s->data.n != 0) {
		enum ap_state said = out->state;
		if (read_fcp(s, out) && known)
			out->state = said;
		/* Only the beginning of another AP's name fits (7816-4:2020, 7.2.1): this one is not here, but a
		 * SELECT would reach the other. */
		if (out->aid_len > n)
			out->state = AP_OTHER;
	}
	return true;
}

/* SELECT by the beginning of a name: first, next, next … (7816-4:2020, 7.2.1, table 64). A card that answers the same
 * AP again and again would never end: an AP that is known already ends the walk. */
static bool walk(struct session *s, uint8_t first_byte, struct ap *out, size_t cap, size_t *n)
{
	for (unsigned p2 = P2_FIRST_FCP; *n < cap; p2 = P2_NEXT_FCP) {
		if (!native_select_aid(s, SESSION_LOOKS, &first_byte, 1, p2))
			return false;
		struct ap ap = {0};
		if (native_state_of_select(s->sw, &ap) && (ap.state == AP_ABSENT || ap.state == AP_OTHER))
			return true;
		enum ap_state said = ap.state;
		if (!read_fcp(s, &ap))
			return true;
		if (s->sw != SW_OK)
			ap.state = said;
		for (size_t i = 0; i < *n; i++)
			if (ap_is(&out[i], ap.aid, ap.aid_len))
				return true;
		out[(*n)++] = ap;
	}
	return true;
}

/* A name of one byte is the shortest that SELECT takes, so that every AP begins with one of 256. */
static bool enumerate(struct session *s, struct ap *out, size_t cap, size_t *n)
{
	*n = 0;
	for (unsigned first = 0; first < 256; first++) {
		progress_step(s->progress, "SELECT", first, 256);
		if (!walk(s, (uint8_t)first, out, cap, n))
			return false;
	}
	return true;
}

/* EXTERNAL AUTHENTICATE without data asks for the tries left: 7816-4:2020, 11.5.4. */
static bool tries(struct session *s, int *left)
{
	return native_ask_tries(s, 0x00820000 | LOADING_KEY, left);
}

static enum auth_result authenticate(struct session *s, const struct loading_key *key, int *left)
{
	uint8_t answer[AES_BLOCK];
	enum auth_result r = AUTH_LOST;
	*left = TRIES_UNKNOWN;
	if (!native_select_mf(s, SESSION_CHANGES) ||
	    !session_command(s, SESSION_CHANGES, 0x00840000, NULL, 0, CHALLENGE))
		return AUTH_LOST;
	if (s->sw != SW_OK || s->data.n != CHALLENGE)
		return AUTH_REFUSED;
	if (!aes_encrypt_block(key->bytes, key->n, s->data.p, answer))
		diag_add(s->diags, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	else if (session_command(s, SESSION_CHANGES, 0x00820000 | LOADING_KEY, answer, sizeof answer, 0))
		r = native_auth_result(s->sw, left);
	wipe(answer, sizeof answer);
	return r;
}

static bool begin(struct session *s)
{
	return native_select_mf(s, SESSION_CHANGES);
}

/* After CREATE FILE the new file is current (7816-9:2017, 5.1), so after "exists" it has to be selected. */
static bool exists(
    struct session *s, const struct script *script, const struct script_step *step, const uint8_t *data, size_t n)
{
	struct rd fcp, descriptor;
	(void)step;
	if (!tlv_find(rd_of(data, n), TAG_FCP, &fcp) || !tlv_find(fcp, TAG_DESCRIPTOR, &descriptor) ||
	    descriptor.n == 0)
		return true;
	unsigned fid = number(fcp, TAG_FID);
	if (descriptor.p[0] != DESCRIPTOR_DF) {
		uint8_t ef[2] = {(uint8_t)(fid >> 8), (uint8_t)fid};
		return session_command(s, SESSION_CHANGES, 0x00a4020c, ef, sizeof ef, 0) &&
		    (s->sw == SW_OK || session_refused(s, DIAG_CARD_REFUSED, "SELECT EF"));
	}
	struct ap ap;
	if (!native_select_aid(s, SESSION_CHANGES, script->aid, script->aid_len, P2_FIRST_FCP))
		return false;
	if (!s->dry && (s->sw != SW_OK || !read_fcp(s, &ap) || ap.fid != fid || ap.state != AP_HALF))
		return session_refused(s, DIAG_RESUME_OTHER, "SELECT DF");
	return true;
}

static bool remove_ap(struct session *s, const struct ap *ap, uint16_t hint)
{
	uint8_t fid[2] = {(uint8_t)(ap->fid >> 8), (uint8_t)ap->fid};
	(void)hint; /* this card says itself which DF has the name */
	if (ap->fid == 0)
		return session_refused(s, DIAG_AP_NO_FID, "SELECT DF");
	if (!native_select_mf(s, SESSION_CHANGES) ||
	    !session_command(s, SESSION_CHANGES, 0x00e40000, fid, sizeof fid, 0))
		return false;
	return s->sw == SW_OK ? true : session_refused(s, DIAG_REMOVE_REFUSED, "DELETE FILE");
}

static bool control(struct session *s, const uint8_t *aid, size_t aid_len, uint16_t fid, struct buf *out)
{
	uint8_t ef[2] = {(uint8_t)(fid >> 8), (uint8_t)fid};
	struct rd fcp;
	bool sent = fid == 0 ? native_select_aid(s, SESSION_LOOKS, aid, aid_len, P2_FIRST_FCP)
			     : session_command(s, SESSION_LOOKS, 0x00a40204, ef, sizeof ef, APDU_SHORT_LE);
	buf_clear(out);
	if (sent && tlv_find(rd_of(s->data.p, s->data.n), TAG_FCP, &fcp))
		buf_add(out, fcp.p, fcp.n);
	return sent;
}

const struct load_dialect load_iso_compact = {
    .name = "iso-compact",
    .key_kind = "aes-128",
    .test_key = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, KEY_LEN, true},
    .state = state,
    .enumerate = enumerate,
    .tries = tries,
    .authenticate = authenticate,
    .begin = begin,
    .exists = exists,
    .remove = remove_ap,
    .control = control,
    .words = compact_words,
};
