/* The loader for native file-system cards: what its dialects share. */
#ifndef IGATA_LOAD_NATIVE_H
#define IGATA_LOAD_NATIVE_H

#include "runtime/load/dialect.h"

extern const struct load_dialect load_iso_compact, load_starcos;

/* SELECT by DF name with the given P2; s->sw and s->data are the answer. */
bool native_select_aid(struct session *s, enum session_effect e, const uint8_t *aid, size_t n, unsigned p2);

/* SELECT the MF by its FID, without answer data. false: lost, or refused (recorded). */
bool native_select_mf(struct session *s, enum session_effect e);

/* States that SELECT's status word tells alone (ISO/IEC 7816-4:2020, table 6; AP contract, 10). true when it did. */
bool native_state_of_select(sw_t sw, struct ap *out);

/* Does a guarded command, sent without any right, meet the life-cycle check? READ BINARY of SFI 31, which no file has:
 * 6985 before activation, 6A82 after it (AP contract 3, numbers 2 and 7). Harmless on any card. */
bool native_probe_guard(struct session *s, struct ap *out);

/* Take a status word of VERIFY or EXTERNAL AUTHENTICATE apart. */
enum auth_result native_auth_result(sw_t sw, int *left);

/* Send VERIFY or EXTERNAL AUTHENTICATE without data to the MF, which asks for the tries left and uses none. left:
 * TRIES_UNKNOWN where the card does not tell. false with a diagnostic: the card was lost, or has no MF. */
bool native_ask_tries(struct session *s, uint32_t header, int *left);

#endif
