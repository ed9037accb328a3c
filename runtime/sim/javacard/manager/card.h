/* The card manager of the simulated Java Card (the OPEN of the GlobalPlatform Card Specification 2.3, GPCS): what its
 * files share. The registry, keys and data objects live in the host area of the card's memory (store.h); the session
 * lives in the card's RAM behind the machine's.
 *
 * All changes of one command that must be all or nothing are written between nv_begin and nv_commit, together with what
 * the machine has to write (machine.h, functions ending in _commit).
 */
#ifndef IGATA_SIM_JAVACARD_MANAGER_CARD_H
#define IGATA_SIM_JAVACARD_MANAGER_CARD_H

#include "runtime/base/apdu.h"
#include "runtime/base/rd.h"
#include "runtime/base/sw.h"
#include "runtime/crypto/digest.h"
#include "runtime/sim/javacard/manager/secure.h"
#include "runtime/sim/javacard/machine/machine.h"

/* Memory: | header | store … |. Numbers big-endian. */
enum cm_layout {
	CM_MAGIC = 0x47504331, /* "GPC1" */
	CM_H_MAGIC = 0,        /* 4 */
	CM_H_STATE = 4,        /* card life cycle: GPCS table 11-6 */
	CM_H_LOADING = 5,      /* 1 when nobody may load: enum cm_loading */
	CM_H_BLOCK = 6,        /* 2: longest command data, announced in 9F65 */
	CM_H_FRESH = 8,        /* 1: serial number and card keys are still to be made at the first power-up */
	CM_H_KDF = 9,          /* enum cm_kdf: how */
	CM_H_VERSION = 10,     /* 3: version of GPCS */
	CM_H_TRIES = 13,       /* failed authentications that a security domain allows */
	CM_H_ATR_LEN = 14,
	CM_H_ATR = 15,            /* 33 */
	CM_H_CPLC = 48,           /* 42 */
	CM_H_RECEIPTS = 90,       /* 2: confirmation counter */
	CM_H_SCP = 92,            /* 3 times protocol, i; protocol 0: no more */
	CM_H_CHANNEL_OBJECT = 98, /* 2: the machine's object of org.globalplatform.SecureChannel */
	CM_H_CVM_OBJECT = 100,    /* 2: of CVM */
	CM_H_CVM = 104,           /* 24: the global PIN (cvm.c) */
	CM_H_SIZE = 128,
	CM_HOST_SIZE = 12 * 1024,
};

enum cm_loading { CM_LOADING_OPEN, CM_LOADING_CLOSED };
enum cm_kdf { CM_KDF_NONE, CM_KDF_EMV, CM_KDF_VISA2 };
enum { CM_CPLC = 42, CM_SCPS = 3, CM_TRIES = 10 };

/* Life cycle: GPCS tables 11-3 to 11-6. */
enum cm_state {
	CM_OP_READY = 0x01,
	CM_INITIALIZED = 0x07,
	CM_SECURED = 0x0f,
	CM_CARD_LOCKED = 0x7f,
	CM_TERMINATED = 0xff,
	CM_LOADED = 0x01,
	CM_INSTALLED = 0x03,
	CM_SELECTABLE = 0x07,
	CM_PERSONALIZED = 0x0f,
	CM_LOCKED = 0x80, /* bit: over the state that it had */
};

/* Privileges: GPCS 6.6.1 and tables 11-7 to 11-9, as the number of their three bytes. */
enum cm_privilege {
	CM_P_SECURITY_DOMAIN = 0x800000,
	CM_P_DAP = 0xc00000, /* with security domain */
	CM_P_DELEGATED = 0xa00000,
	CM_P_CARD_LOCK = 0x100000,
	CM_P_CARD_TERMINATE = 0x080000,
	CM_P_CARD_RESET = 0x040000,
	CM_P_CVM = 0x020000,
	CM_P_MANDATED_DAP = 0xc10000,
	CM_P_TRUSTED_PATH = 0x008000,
	CM_P_AUTHORIZED = 0x004000,
	CM_P_TOKEN = 0x002000,
	CM_P_GLOBAL_DELETE = 0x001000,
	CM_P_GLOBAL_LOCK = 0x000800,
	CM_P_GLOBAL_REGISTRY = 0x000400,
	CM_P_FINAL = 0x000200,
	CM_P_GLOBAL_SERVICE = 0x000100,
	CM_P_RECEIPT = 0x000080,
	CM_P_CIPHERED_LOAD = 0x000040,
};

/* --- the registry's entries (registry.h) --- */

enum cm_entry_kind { CM_ISD = 1, CM_SD, CM_APP, CM_LOAD_FILE };

enum { CM_IMPLICIT_MAX = 3 };

struct cm_entry {
	uint8_t kind;
	uint8_t state;
	uint32_t privileges; /* three bytes */
	uint8_t aid[CM_AID_MAX], aid_len;
	uint16_t sd;                                   /* associated security domain; the ISD's own is itself */
	uint16_t load_file;                            /* of an application or security domain */
	uint8_t module;                                /* number in its package */
	uint8_t package;                               /* of a load file: the machine's number */
	bool rom;                                      /* a load file that cannot be deleted */
	uint8_t applet;                                /* of an application: the machine's number */
	uint8_t implicit[CM_IMPLICIT_MAX], n_implicit; /* implicit selection parameters: GPCS table 11-49 */
	uint32_t bytes;                                /* persistent memory that it took */
	uint32_t quota;      /* memory for its objects, of a security domain for all that belongs to it; 0 no limit */
	uint8_t scp, scp_i;  /* of a supplementary security domain: 0 the card's */
	uint8_t tries;       /* of a security domain: authentications that may still fail */
	uint8_t key_version; /* the default one; 0: the lowest */
	uint8_t services[2 * 4], n_services; /* registered global services: GPCS 8.1 */
	uint16_t object;                     /* the machine's GPRegistryEntry, once an applet asked for it */
};

/* --- the session --- */

enum {
	CM_DATA_MAX = 2048,     /* longest command data field that the card manager itself takes */
	CM_SECURE_SESSIONS = 4, /* secure channels open at the same time */
	CM_E2_MAX = 640,        /* one DAP block: AID and a signature of 4096 bits */
	CM_DAP_BLOCKS = 3,
	CM_HASH_MAX = 64,
};

struct cm_channel {
	bool open;
	uint8_t secure;       /* number of its secure channel + 1 */
	uint16_t app;         /* registry entry selected; 0 none */
	uint16_t personalize; /* INSTALL [for personalization]: whom STORE DATA goes to */
	uint16_t store_block; /* next block number of STORE DATA */
};

/* INSTALL [for load] and the LOADs that follow: GPCS 9.3.5. */
struct cm_load {
	bool active, combined;
	uint8_t channel;
	uint8_t next;  /* block number */
	uint8_t state; /* enum in load.c */
	uint8_t aid[CM_AID_MAX], aid_len;
	uint16_t sd;    /* who loads */
	uint16_t owner; /* the security domain that the load file will belong to */
	uint8_t hash[CM_HASH_MAX], hash_len;
	struct digest digest;
	uint8_t head[8], head_len; /* tag and length under way */
	uint32_t left;             /* bytes of the value under way */
	uint8_t dap[CM_E2_MAX];    /* DAP block under way */
	uint16_t dap_len;
	uint16_t signer[CM_DAP_BLOCKS]; /* of each DAP block: the security domain; 0 its signature is wrong */
	uint8_t daps;
	uint32_t before; /* free memory when it began */
	bool receipt;    /* a token was given */
};

/* A list that did not fit into one response: GET STATUS. */
struct cm_listing {
	uint8_t p1, p2, channel;
	uint16_t next; /* entry to go on with; 0 none */
	uint8_t criteria[64], criteria_len;
};

struct cm_session {
	struct sim *sim;
	struct jc_host host;
	bool dead;
	uint8_t channel; /* of the command under way */
	struct cm_channel on[JC_CHANNELS_MAX];
	struct cm_secure secure[CM_SECURE_SESSIONS];
	struct cm_load load;
	struct cm_listing listing;
	bool cvm_submitted, cvm_verified;
	struct cm_entry installing; /* what becomes of the applet whose install() runs; kind 0: none runs */
};

/* The card at work on one command. */
struct cm {
	struct sim *sim;
	struct nv *nv;
	struct jc *jc;
	struct cm_session *s;
	struct apdu cmd;
	struct buf *rsp;
	uint8_t *data; /* CM_DATA_MAX bytes: data field of the command under way, in clear after unwrapping */
	uint32_t home; /* address of the host area */
};

struct cm cm_of(struct sim *s);

/* The card manager of the card that a machine belongs to: for natives. */
struct cm cm_of_machine(struct jc *jc);

static inline struct cm_channel *cm_on(const struct cm *c)
{
	return &c->s->on[c->s->channel];
}

/* The secure channel of the current logical channel; NULL when there is none. */
struct cm_secure *cm_secure_on(const struct cm *c);

/* --- header of the host area --- */
uint8_t cm_u8(const struct cm *c, uint32_t at);
uint16_t cm_u16(const struct cm *c, uint32_t at);
void cm_put(const struct cm *c, uint32_t at, const void *p, uint32_t n);
void cm_put_u8(const struct cm *c, uint32_t at, uint8_t v);
void cm_put_u16(const struct cm *c, uint32_t at, uint16_t v);

/* --- commands: each answers the SW; data go to c->rsp --- */
sw_t cm_select(struct cm *c, const uint8_t *raw, size_t n, bool *answered);
sw_t cm_manage_channel(struct cm *c);
sw_t cm_initialize_update(struct cm *c);
sw_t cm_external_authenticate(struct cm *c);
sw_t cm_delete(struct cm *c);
sw_t cm_get_data(struct cm *c);
sw_t cm_get_status(struct cm *c);
sw_t cm_install(struct cm *c);
sw_t cm_load(struct cm *c);
sw_t cm_put_key(struct cm *c);
sw_t cm_set_status(struct cm *c);
sw_t cm_store_data(struct cm *c);

/* --- selection (select.c) --- */

/* Make the application implicitly selected on a channel current there, without an answer: at reset and when a channel
 * opens. */
void cm_select_default(struct cm *c, uint8_t channel);
/* Leave the application that is current on the channel; its secure channel ends. */
void cm_leave(struct cm *c, uint8_t channel);
/* Is the entry current on some logical channel? */
bool cm_is_selected(const struct cm *c, uint16_t entry);

/* --- secure channels as the registry knows them (channel.c) --- */

/* As the commands, for the security domain that serves `app`: also under SecureChannel.processSecurity. */
sw_t cm_channel_open(struct cm *c, uint16_t app, const struct apdu *a, struct buf *rsp);
sw_t cm_channel_authenticate(struct cm *c, const struct apdu *a);
void cm_channel_end(struct cm *c, uint8_t channel);
/* SCP02 implicit initiation by the current command, which has a MAC: unwraps it. 6982 where there is none of this kind,
 * or the MAC is wrong: that is a try. */
sw_t cm_channel_implicit(struct cm *c, uint16_t app);

/* --- GET DATA pieces --- */
void cm_recognition_data(struct cm *c, uint16_t sd, struct buf *out);

/* --- LOAD (load.c) --- */
void cm_load_abort(struct cm *c);

/* A length as commands have it before a field: one byte to 7F, 81 and one, 82 and two (ISO/IEC 7816-4, 5.2.2.2).
 * Anything else makes r bad. */
size_t cm_length(struct rd *r);

#endif
