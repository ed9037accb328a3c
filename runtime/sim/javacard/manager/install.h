/* What the forms of INSTALL share: GPCS 11.5. */
#ifndef IGATA_SIM_JAVACARD_MANAGER_INSTALL_H
#define IGATA_SIM_JAVACARD_MANAGER_INSTALL_H

#include "runtime/sim/javacard/manager/token.h"

/* P1: table 11-41. */
enum {
	CM_P1_LOAD = 0x02,
	CM_P1_INSTALL = 0x04,
	CM_P1_SELECTABLE = 0x08,
	CM_P1_EXTRADITE = 0x10,
	CM_P1_PERSONALIZE = 0x20,
	CM_P1_REGISTRY = 0x40,
	CM_P1_MORE = 0x80,
	CM_P2_COMBINED_FIRST = 0x01,
	CM_P2_COMBINED_LAST = 0x03,
};

/* The data field: four short fields, parameters, token. What a field means depends on the form:
 *   load          load file, security domain, hash, -
 *   install       load file, module, application, privileges
 *   make selectable, registry update, extradition: -/-/security domain, -, application, privileges */
struct cm_install {
	struct rd field[4];
	struct rd params, token;
	size_t signed_len; /* bytes before the token's length */
};

/* System specific parameters, inside EF: table 11-49. 0 when absent. */
struct cm_params {
	struct rd own; /* C9: the application's */
	bool has_own;
	uint32_t code, volatile_limit, persistent_limit; /* C6, C7, C8 */
	uint32_t volatile_reserved, persistent_reserved; /* D7, D8 */
	uint32_t quota;                                  /* 83: of a security domain, cumulative granted */
	uint8_t implicit[CM_IMPLICIT_MAX], n_implicit;   /* CF */
	bool has_implicit;
};

/* false: malformed (6A80). */
bool cm_install_params(struct rd params, struct cm_params *out);

/* Privileges of one or three bytes; none is 0. false: another length. */
bool cm_install_privileges(struct rd field, uint32_t *out);

sw_t cm_install_load(struct cm *c, const struct cm_install *q);            /* load.c */
sw_t cm_install_install(struct cm *c, const struct cm_install *q);         /* install_app.c */
sw_t cm_install_make_selectable(struct cm *c, const struct cm_install *q); /* install_change.c */
sw_t cm_install_extradite(struct cm *c, const struct cm_install *q);
sw_t cm_install_registry(struct cm *c, const struct cm_install *q);
sw_t cm_install_personalize(struct cm *c, const struct cm_install *q);

/* Do the privileges go together, and with what has them (a security domain or not)? GPCS 6.6.1. */
bool cm_privileges_fit(uint32_t p, bool domain);

/* In a transaction: nobody but this entry (0: nobody at all) has the card reset privilege any more. */
void cm_take_card_reset(struct cm *c, uint16_t but);

/* The application that a form names: exists and is below the current security domain; 0 otherwise. */
uint16_t cm_install_target(const struct cm *c, struct rd aid);

#endif
