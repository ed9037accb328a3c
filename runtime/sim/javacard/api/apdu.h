/* javacard.framework.APDU as other natives see it: states and tokens of its methods (API 3.0.5). */
#ifndef IGATA_SIM_JAVACARD_API_APDU_H
#define IGATA_SIM_JAVACARD_API_APDU_H

enum apdu_state { /* APDU.STATE_…; below 0: the transmission failed */
	APDU_STATE_INITIAL = 0,
	APDU_STATE_PARTIAL_INCOMING = 1,
	APDU_STATE_FULL_INCOMING = 2,
	APDU_STATE_OUTGOING = 3,
	APDU_STATE_OUTGOING_LENGTH_KNOWN = 4,
	APDU_STATE_PARTIAL_OUTGOING = 5,
	APDU_STATE_FULL_OUTGOING = 6,
};

enum apdu_token {
	APDU_SEND_BYTES = 4,
	APDU_SET_INCOMING_AND_RECEIVE = 6,
	APDU_SET_OUTGOING = 7,
	APDU_SET_OUTGOING_LENGTH = 9,
};

#endif
