/* Commands that every dialect has, and what the dialects' own commands share with them. Included by card.h.
 *
 * Names ending in _form check P1-P2 (AP contract 3, number 5): SW_OK or 6A86. The others do the rest, numbers 7 to 12,
 * and return the status word; response data goes to c->rsp. */
#ifndef IGATA_SIM_NATIVE_COMMAND_H
#define IGATA_SIM_NATIVE_COMMAND_H

#include "runtime/sim/native/card.h"

/* P1-P2 must be 0000. */
sw_t nat_form_0000(const struct card *c);

/* --- df.c: DFs by their handle --- */

/* The MF is operational always, its FID 3F00, its name empty. */
enum df_state nat_df_state(const struct card *c, uint16_t df);
uint16_t nat_df_fid(const struct card *c, uint16_t df);
size_t nat_df_name(const struct card *c, uint16_t df, uint8_t out[NAT_NAME_MAX]);

/* Find a DF: by FID, by its whole name, by the beginning of its name (the first behind `after`). NAT_MF: none. */
uint16_t nat_df_by_fid(const struct card *c, uint16_t fid);
uint16_t nat_df_by_name(const struct card *c, const uint8_t *p, size_t n);
uint16_t nat_df_next(const struct card *c, const uint8_t *p, size_t n, uint16_t after);

/* Higher for a DF that was made later; the highest of all, 0 when there is no DF. */
uint32_t nat_df_sequence(const struct card *c, uint16_t df);
uint32_t nat_df_last_sequence(const struct card *c);

/* May a file have this identifier? */
bool nat_fid_ok(uint16_t fid);

/* Make a DF (or the MF) current: the session of the former one ends, there is no current EF. */
void nat_df_enter(struct card *c, uint16_t df);

/* Open the space of the current DF: SW_OK, or 6985 when that is the MF. */
sw_t nat_df_current(struct card *c);

/* SELECT: ISO/IEC 7816-4:2020 11.2.2. */
sw_t nat_select_form(const struct card *c);
sw_t nat_select(struct card *c);

/* --- binary.c: 7816-4:2020 11.3; READ and UPDATE RECORD (11.4), for which no file has the structure --- */
sw_t nat_binary_form(const struct card *c);
sw_t nat_read_binary(struct card *c);
sw_t nat_update_binary(struct card *c);
sw_t nat_read_record_form(const struct card *c);
sw_t nat_update_record_form(const struct card *c);
sw_t nat_record(struct card *c);

/* --- pin.c: 7816-4:2020 11.5.6, 11.5.7, 11.5.9 --- */
sw_t nat_verify_form(const struct card *c);
sw_t nat_form_00(const struct card *c); /* P1 = 00 */
sw_t nat_verify(struct card *c);
sw_t nat_change(struct card *c);
sw_t nat_reset(struct card *c);

/* A value of n bytes (max at the most) in stored form. */
void nat_pin_pad(const struct nat_pin *pin, const uint8_t *p, size_t n, uint8_t out[NAT_SECRET_MAX]);

/* Count a try, then compare with n bytes (max at the most), in a time that does not depend on them. true: equal, and
 * the power has lasted; the tries are not yet restored. The PIN has tries left. */
bool nat_pin_try(struct card *c, const struct nat_pin *pin, const uint8_t *p, size_t n);

/* All tries again; one byte, so it may stand alone or in a transaction. */
void nat_pin_restore(struct card *c, const struct nat_pin *pin);

/* --- key.c: the loading key in the card block; 7816-4:2020 11.5.3, 11.5.4 --- */

/* The key as a PIN that no command changes. Wipe after use. */
void nat_key(const struct card *c, struct nat_pin *out);

sw_t nat_get_challenge(struct card *c);
sw_t nat_external_authenticate_form(const struct card *c);
sw_t nat_external_authenticate(struct card *c);
void nat_key_forget_challenge(struct card *c);

#endif
