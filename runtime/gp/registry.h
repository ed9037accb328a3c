/* The card's registry as GET STATUS tells it: GPC 11.4. */
#ifndef IGATA_GP_REGISTRY_H
#define IGATA_GP_REGISTRY_H

#include "runtime/base/aid.h"
#include "runtime/base/buf.h"

/* What GET STATUS is asked for: P1. A card's answer to it says nothing more of what an entry is. */
enum gp_scope {
	GP_SCOPE_ISD = 0x80,
	GP_SCOPE_APPLICATIONS = 0x40, /* and security domains */
	GP_SCOPE_LOAD_FILES = 0x20,
	GP_SCOPE_MODULES = 0x10, /* load files with their modules */
};

enum { GP_MODULES = 32, GP_PRIVILEGES = 3 };

struct gp_entry {
	enum gp_scope scope; /* GP_SCOPE_MODULES does not occur */
	struct aid aid;
	uint8_t life_cycle;
	uint8_t privileges[GP_PRIVILEGES];
	uint8_t version[2]; /* of a load file */
	bool has_version;
	struct aid load_file; /* of an application */
	struct aid domain;    /* the security domain it belongs to */
	struct aid module[GP_MODULES];
	size_t modules;
};

struct gp_registry {
	struct gp_entry *row; /* owned */
	size_t n, cap;
	bool bad; /* no memory */
};

/* Add the entries of one answer: tlv is GET STATUS with P2 b2 set (E3 {…} …), else the legacy form. Entries of
 * GP_SCOPE_MODULES complete the load files that are there. false: the answer is malformed behind what was added, or no
 * memory (bad). */
bool gp_registry_read(struct gp_registry *r, enum gp_scope scope, bool tlv, const uint8_t *p, size_t n);

const struct gp_entry *gp_registry_find(const struct gp_registry *r, const struct aid *aid);
bool gp_entry_has(const struct gp_entry *e, unsigned privilege); /* bit of names.def */
bool gp_entry_is_domain(const struct gp_entry *e);

/* "LOADED", "SELECTABLE", "LOCKED" …: GPC 5.1 to 5.3, tables 11-3 to 11-6. */
const char *gp_life_cycle(const struct gp_entry *e, char out[16]);

enum { LIFE_LOCKED = 0x80, LIFE_INSTALLED = 0x03, LIFE_SELECTABLE = 0x07, LIFE_PERSONALIZED = 0x0f };
enum { CARD_OP_READY = 0x01, CARD_INITIALIZED = 0x07, CARD_SECURED = 0x0f, CARD_LOCKED = 0x7f, CARD_TERMINATED = 0xff };
enum { PRIVILEGE_BITS = 24, PRIVILEGE_SECURITY_DOMAIN = 0 };

/* Names of privileges: bit from 0, the highest of the first byte. NULL when RFU. lang NULL: for machines. */
const char *gp_privilege_name(unsigned bit, const char *lang);

/* "a,b" or hex of 1 or 3 bytes. false: unknown name; *bad is where, *bad_n long. */
bool gp_privileges_parse(const char *text, uint8_t out[GP_PRIVILEGES], const char **bad, size_t *bad_n);

void gp_registry_reset(struct gp_registry *r);

#endif
