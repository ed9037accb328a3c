#include "runtime/load/javacard/dialect.h"

#include "runtime/base/tlv.h"

/* Selecting says whether anybody can use an application. One that is only installed, or locked, cannot be selected: GPC
 * 9.5, 11.9. */
/* An AP of ours that was not personalised to its end refuses everything with 6985 (AP contract 3, number 2); behind it
 * READ BINARY of SFI 31, which no file has, is 6A82. */
static bool probe_guard(struct session *s, struct ap *out)
{
	if (!session_command(s, SESSION_LOOKS, 0x00b09f00, NULL, 0, APDU_SHORT_LE))
		return false;
	if (s->sw == SW_CONDITIONS_OF_USE)
		out->state = AP_HALF;
	s->sw = out->sw;
	return true;
}

static bool state(struct session *s, const uint8_t *aid, size_t n, struct ap *out)
{
	*out = (struct ap){.aid_len = n};
	memcpy(out->aid, aid, n);
	if (!session_command(s, SESSION_LOOKS, 0x00a40400, aid, n, APDU_SHORT_LE))
		return false;
	out->sw = s->sw;
	out->state = s->sw == SW_OK        ? AP_OPERATIONAL
	    : s->sw == SW_FILE_NOT_FOUND   ? AP_ABSENT
	    : s->sw == SW_FILE_DEACTIVATED ? AP_BLOCKED
	    : s->sw == SW_FILE_TERMINATED  ? AP_TERMINATED
					   : AP_OTHER;
	return out->state != AP_OPERATIONAL || probe_guard(s, out);
}

static bool tries(struct session *s, int *left)
{
	(void)s;
	*left = TRIES_UNKNOWN; /* no GlobalPlatform card tells */
	return true;
}

static bool begin(struct session *s)
{
	return session_command(s, SESSION_LOOKS, 0x00a40400, NULL, 0, APDU_SHORT_LE);
}

/* Rights come over a secure channel only: javacard.h. */
static enum auth_result authenticate(struct session *s, const struct loading_key *key, int *left)
{
	(void)s, (void)key;
	*left = TRIES_UNKNOWN;
	return AUTH_REFUSED;
}

/* An application has file control information where it likes to, and no files that the card knows of. */
static bool control(struct session *s, const uint8_t *aid, size_t aid_len, uint16_t fid, struct buf *out)
{
	struct rd fci;
	buf_clear(out);
	if (fid != 0) {
		s->sw = SW_FILE_NOT_FOUND;
		return true;
	}
	if (!session_command(s, SESSION_LOOKS, 0x00a40400, aid, aid_len, APDU_SHORT_LE))
		return false;
	if (tlv_find(rd_of(s->data.p, s->data.n), TAG_FCI, &fci))
		buf_add(out, fci.p, fci.n);
	return true;
}

static void words(const uint8_t *fci, size_t n, const char *lang, struct buf *out)
{
	(void)fci, (void)n, (void)lang, (void)out; /* what an applet allows is in its code */
}

const struct load_dialect load_globalplatform = {
    .name = "globalplatform",
    .key_kind = "gp",
    .managed = true,
    .state = state,
    .tries = tries,
    .authenticate = authenticate,
    .begin = begin,
    .control = control,
    .words = words,
};
