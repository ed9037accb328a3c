/* The dialect iso-compact from inside: ISO/IEC 7816-4:2020 and 7816-9:2017 file system, access rules in compact form
 * with security environments, PINs as the data objects of IAS-ECC cards. */
#ifndef IGATA_SIM_NATIVE_ISO_H
#define IGATA_SIM_NATIVE_ISO_H

#include "runtime/sim/native/card.h"

/* Compact access rule: 7816-4:2020 9.3.3. scb[i] guards bit i + 1 of the access mode byte, SCB_NEVER where it is clear.
 */
struct compact {
	uint8_t am;
	uint8_t scb[NAT_SCBS];
};

enum { SCB_ALWAYS = 0x00, SCB_NEVER = 0xff };

enum { COMPACT_SIZE = 1 + NAT_SCBS }; /* as kept in the memory: am, scb[0] to scb[6] */

/* Bits (b1 is 0) of access mode bytes: 7816-4:2020 tables 16 and 17. For PIN objects as OpenSC's iasecc-sdo.c reads
 * them: its numbers (IASECC_ACLS_CHV_...) count from b7, so CHANGE is 40, VERIFY 20, RESET 10, PUT DATA 02. */
enum {
	AM_EF_READ = 0,
	AM_EF_UPDATE = 1,
	AM_DF_CREATE_EF = 1,
	AM_DF_ACTIVATE = 4,
	AM_DF_DELETE_SELF = 6,
	AM_PIN_CHANGE = 6,
	AM_PIN_VERIFY = 5,
	AM_PIN_RESET = 4,
	AM_PIN_PUT_DATA = 1,
};

/* Decode the value of an 8C: access mode byte, then one SCB for each of its bits, the highest first. false: malformed,
 * an SCB that names no condition, secure messaging (this chip has none), or an SE number above se_max. */
bool compact_decode(struct compact *out, struct rd r, unsigned se_max);

/* The value of 8C again. */
void compact_encode(struct buf *out, const struct compact *rule);

/* As kept in the memory. */
void compact_store(uint8_t out[COMPACT_SIZE], const struct compact *rule);
void compact_load(struct compact *out, const uint8_t in[COMPACT_SIZE]);

/* Decode the body of an SE file: data objects 7B { 80 01 number, A4 { 83 01 reference, 95 01 usage } ... }, then zeros.
 * se has NAT_SE_MAX + 1 entries. Anything malformed leaves no environment at all; what is unknown or said twice, not
 * that one. */
void se_decode(struct nat_se *se, struct rd body);

/* The security environments of the open DF. */
const struct nat_se *iso_se(struct card *c);

/* Does the security status of the session satisfy this SCB, in the open DF? */
bool iso_satisfied(struct card *c, uint8_t scb);

/* The one user password that an SCB names by its SE; 0 when it names none, or more. */
uint8_t iso_password_of(struct card *c, uint8_t scb);

/* --- iso_pin.c: PUT DATA, and members of struct native_dialect --- */
sw_t iso_put_data_form(const struct card *c);
sw_t iso_put_data(struct card *c);
bool iso_pin_object_ok(struct card *c, uint16_t object);
sw_t iso_pin(struct card *c, uint8_t p2, struct nat_pin *out);
bool iso_puk(struct card *c, const struct nat_pin *pin, struct nat_pin *out);
bool iso_offers(struct card *c, const struct nat_pin *pin, enum nat_op op);
bool iso_may_pin(struct card *c, const struct nat_pin *pin, enum nat_op op);
bool iso_is_verified(const struct card *c, const struct nat_pin *pin);
void iso_set_verified(struct card *c, const struct nat_pin *pin, bool yes);
sw_t iso_new_value(const struct nat_pin *pin, const uint8_t *p, size_t n);

/* --- iso_compact.c: rule of a DF --- */
void iso_df_rule(const struct card *c, uint16_t df, struct compact *out);

/* --- iso_create.c: CREATE FILE --- */
sw_t iso_create(struct card *c);

/* What the header of an EF holds in OBJECT_OWN; file descriptor bytes: 7816-4:2020 table 12. */
enum {
	EF_DESCRIPTOR = 0,
	EF_SFI_GIVEN = 1, /* the FCP had an 88: bytes of its value + 1 */
	EF_RULE = 2,      /* COMPACT_SIZE */
	DESCRIPTOR_WORKING = 0x01,
	DESCRIPTOR_INTERNAL = 0x09,
	DESCRIPTOR_DF = 0x38,
};

#endif
