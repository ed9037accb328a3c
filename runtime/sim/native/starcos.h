/* The dialect starcos from inside: STARCOS SPK 2.3 as OpenSC drives it (card-starcos.c, pkcs15-starcos.c), with fixed
 * headers, security states and an internal secret file (ISF) in each DF. */
#ifndef IGATA_SIM_NATIVE_STARCOS_H
#define IGATA_SIM_NATIVE_STARCOS_H

#include "runtime/sim/native/card.h"

/* Access condition byte: 9F always, 5F never, 0s global state is s, 1s local state is s. The chip has more (less than,
 * not equal), which nobody recorded: they are refused. */
enum { AC_ALWAYS = 0x9f, AC_NEVER = 0x5f, AC_LOCAL = 0x10, AC_STATE = 0x0f };

enum { STATE_INITIAL = 0x10, STATE_LOADING = 0x01 };

/* Is the byte one of these? */
bool starcos_ac_ok(uint8_t ac);

/* Is it satisfied by these states? */
bool starcos_ac_satisfied(uint8_t ac, uint8_t global, uint8_t local);

/* Header of CREATE EF: 16 bytes. */
struct starcos_ef {
	uint16_t fid;
	uint8_t ac[7]; /* read, write, erase, lock, unlock, increase, decrease */
	uint8_t rfu[2];
	uint8_t sm;  /* 00 none, 03 combined mode */
	uint8_t sid; /* 00: the low five bits of the FID */
	uint8_t type;
	uint16_t size; /* transparent: bytes; linear fixed, cyclic: number of records, length of a record */
};

enum { EF_AC_READ, EF_AC_WRITE, EF_ACS = 7 };
enum { EF_TRANSPARENT = 0x81, EF_LINEAR_FIXED = 0x82, EF_CYCLIC = 0x84 };

/* Take the header apart; false: not 16 bytes. */
bool starcos_ef_decode(struct starcos_ef *out, struct rd r);

/* Can this chip have such a file? SW_OK or 6A80. */
sw_t starcos_ef_check(const struct starcos_ef *f);

/* Header of CREATE DF: 25 bytes. */
struct starcos_df {
	uint16_t fid;
	uint8_t name_len;
	uint8_t name[NAT_NAME_MAX];
	uint16_t isf;
	uint8_t ac_create_ef, ac_create_key;
	uint8_t sm_create, sm_isf;
};

/* As for EFs. */
bool starcos_df_decode(struct starcos_df *out, struct rd r);
sw_t starcos_df_check(const struct starcos_df *f);

/* --- starcos_key.c: 80 F4, members of struct native_dialect, and whether the ISF of a DF makes sense --- */
sw_t starcos_write_key(struct card *c);
sw_t starcos_pin(struct card *c, uint8_t p2, struct nat_pin *out);
bool starcos_puk(struct card *c, const struct nat_pin *pin, struct nat_pin *out);
bool starcos_offers(struct card *c, const struct nat_pin *pin, enum nat_op op);
bool starcos_may_pin(struct card *c, const struct nat_pin *pin, enum nat_op op);
bool starcos_is_verified(const struct card *c, const struct nat_pin *pin);
void starcos_set_verified(struct card *c, const struct nat_pin *pin, bool yes);
sw_t starcos_new_value(const struct nat_pin *pin, const uint8_t *p, size_t n);
bool starcos_isf_ok(struct card *c, uint16_t df);

#endif
