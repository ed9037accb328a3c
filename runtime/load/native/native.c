#include "runtime/load/native/native.h"

bool native_select_aid(struct session *s, enum session_effect e, const uint8_t *aid, size_t n, unsigned p2)
{
	/* 7816-4:2020 table 62: P1 04 selects by DF name; P2 b4b3 = 11 wants no answer data. */
	return session_command(s, e, 0x00a40400 | p2, aid, n, (p2 & 0x0c) == 0x0c ? 0 : APDU_SHORT_LE);
}

bool native_select_mf(struct session *s, enum session_effect e)
{
	static const uint8_t mf[] = {FID_MF >> 8, FID_MF & 0xff};
	if (!session_command(s, e, 0x00a4000c, mf, sizeof mf, 0))
		return false;
	return s->sw == SW_OK ? true : session_refused(s, DIAG_CARD_REFUSED, "SELECT MF");
}

bool native_state_of_select(sw_t sw, struct ap *out)
{
	switch (sw) {
	case SW_FILE_NOT_FOUND:
		out->state = AP_ABSENT;
		return true;
	case SW_FILE_DEACTIVATED:
		out->state = AP_BLOCKED;
		return true;
	case SW_FILE_TERMINATED:
		out->state = AP_TERMINATED;
		return true;
	case SW_OK:
		return false;
	default:
		out->state = AP_OTHER;
		out->sw = sw;
		return true;
	}
}

bool native_probe_guard(struct session *s, struct ap *out)
{
	if (!session_command(s, SESSION_LOOKS, 0x00b09f00, NULL, 0, 1))
		return false;
	out->sw = s->sw;
	out->state = s->sw == SW_CONDITIONS_OF_USE ? AP_HALF : s->sw == SW_FILE_NOT_FOUND ? AP_OPERATIONAL : AP_OTHER;
	return true;
}

enum auth_result native_auth_result(sw_t sw, int *left)
{
	*left = TRIES_UNKNOWN;
	if (sw == SW_OK)
		return AUTH_DONE;
	if ((sw & 0xfff0) == SW_TRIES_LEFT(0)) {
		*left = sw & 0x0f;
		return AUTH_WRONG;
	}
	if (sw == SW_WARNING_NO_INFO)
		return AUTH_WRONG;
	if (sw == SW_AUTH_BLOCKED || sw == SW_REFERENCE_DATA_NOT_USABLE) {
		*left = 0;
		return AUTH_BLOCKED;
	}
	return AUTH_REFUSED;
}

bool native_ask_tries(struct session *s, uint32_t header, int *left)
{
	*left = TRIES_UNKNOWN;
	if (!native_select_mf(s, SESSION_LOOKS) || !session_command(s, SESSION_LOOKS, header, NULL, 0, 0))
		return false;
	native_auth_result(s->sw, left);
	return true;
}
