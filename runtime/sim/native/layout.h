/* The memory of a simulated native card. Numbers are big-endian; there are no pointers, only addresses and handles.
 *
 *   0         NV_HOME      CARD_SLOTS          CARD_MAP           CARD_MAP + 2 x pages
 *   | nv log  | card block | DF slots, 64 each | page map, 2 each | pages ... |
 *
 * Card block (CARD_*): what the manufacturer fixed, the facts of the chip among it, and the loading key.
 *
 * DF slot (DF_*): all about one DF but its contents; handle = number of the slot + 1, handle 0 is the MF, which has
 * nothing but its DFs. DF_STATE is 0 when the slot is free, and nothing else in it then means anything.
 *
 * Page map: the page after this one in the same DF. A DF has DF_PAGES pages, beginning with DF_FIRST. A page is free
 * when no chain of a used slot holds it, and nothing else records it: with the one byte DF_STATE a DF comes or goes,
 * its memory with it, whatever else the power failure interrupted.
 *
 * DF space: the bytes of a DF's pages in the order of the chain, addressed from 0. DF_QUOTA of them are the DF's own:
 *
 *   | ISF (starcos): records | object | object | ... DF_USED ...            DF_QUOTA |
 *
 *   object      | 24 header (OBJECT_*) | filler up to the chip's overhead | body |
 *   ISF record  | 12 header (ISF_*) | value |          DF_ISF bytes are reserved, DF_ISF_USED of them are filled
 *
 * What lies behind DF_USED (DF_ISF_USED) does not exist: an object is written there first and exists with the new mark.
 */
#ifndef IGATA_SIM_NATIVE_LAYOUT_H
#define IGATA_SIM_NATIVE_LAYOUT_H

#include "runtime/sim/nv.h"

enum {
	NAT_MAGIC = 0x4e415431, /* "NAT1" */
	NAT_SLOTS = 16,
	NAT_SLOT_SIZE = 64,
	NAT_PAGES_MAX = 1024,
	NAT_OBJECTS_MAX = 160, /* objects in one DF; facts may set lower limits for files and PINs */
	NAT_NAME_MAX = 16,     /* DF name: 7816-4:2020 7.4.2 */
	NAT_SECRET_MAX = 32,   /* bytes of a PIN, a PUK or the loading key */
	NAT_OVERHEAD_MAX = 256,
	NAT_DATA_MAX = 3072,    /* command data that one transaction holds, whatever its pages */
	NAT_SCBS = 7,           /* 7816-4:2020 9.3.3.2: bits 7 to 1 of the access mode byte */
	NAT_SE_MAX = 14,        /* 15 is RFU: 7816-4:2020 table 20 */
	NAT_SE_FILE_MAX = 2048, /* bytes of an SE file */
};

/* Card block. */
enum {
	CARD_BLOCK = NV_HOME,
	CARD_MAGIC = CARD_BLOCK,              /* 4 */
	CARD_DIALECT = CARD_BLOCK + 4,        /* 1 enum nat_dialect_id */
	CARD_PAGE_SHIFT = CARD_BLOCK + 5,     /* 1 a page has 1 << this bytes */
	CARD_PAGES = CARD_BLOCK + 6,          /* 2 */
	CARD_OVERHEAD = CARD_BLOCK + 8,       /* 2 bytes of an object besides its body */
	CARD_DF_OVERHEAD = CARD_BLOCK + 10,   /* 2 bytes of a DF besides its quota: the chip's own, unused here */
	CARD_DF_MAX = CARD_BLOCK + 12,        /* 4 largest quota */
	CARD_FILE_MAX = CARD_BLOCK + 16,      /* 4 longest EF */
	CARD_COMMAND_DATA = CARD_BLOCK + 20,  /* 4 longest command data */
	CARD_RESPONSE_DATA = CARD_BLOCK + 24, /* 4 longest response data */
	CARD_PIN_SIZE = CARD_BLOCK + 28,      /* 2 bytes of a PIN object in all */
	CARD_BLOCKED_SW = CARD_BLOCK + 30,    /* 2 6983 or 6984 */
	CARD_FILE_COUNT = CARD_BLOCK + 32,    /* 1 most EFs in a DF */
	CARD_PIN_COUNT = CARD_BLOCK + 33,     /* 1 most PINs in a DF */
	CARD_PIN_REF = CARD_BLOCK + 34,       /* 1 highest reference */
	CARD_PIN_MIN = CARD_BLOCK + 35,       /* 1 shortest PIN */
	CARD_PIN_MAX = CARD_BLOCK + 36,       /* 1 longest PIN */
	CARD_PIN_TRIES = CARD_BLOCK + 37,     /* 1 highest try limit of a PIN */
	CARD_PUK_TRIES = CARD_BLOCK + 38,     /* 1 and of a PUK */
	CARD_SE_COUNT = CARD_BLOCK + 39,      /* 1 highest SE number */
	CARD_HABITS = CARD_BLOCK + 40,        /* 1 HABIT_* bits */
	CARD_EXTENDED = CARD_BLOCK + 41,      /* 1 extended length fields are understood */
	CARD_KEY_TRIES = CARD_BLOCK + 42,     /* 1 try limit of the loading key */
	CARD_KEY_LEFT = CARD_BLOCK + 43,      /* 1 tries left */
	CARD_KEY_LEN = CARD_BLOCK + 44,       /* 1 */
	CARD_KEY = CARD_BLOCK + 48,           /* 32 */
	CARD_ATR_LEN = CARD_BLOCK + 80,       /* 1 */
	CARD_ATR = CARD_BLOCK + 81,           /* 33 */
	CARD_BLOCK_SIZE = 128,
	CARD_SLOTS = CARD_BLOCK + CARD_BLOCK_SIZE,
	CARD_MAP = CARD_SLOTS + NAT_SLOTS * NAT_SLOT_SIZE,
};

/* Habits that chips differ in. */
enum {
	HABIT_LENGTH_FIRST = 1,   /* a PIN of impossible length uses no try */
	HABIT_WRONG_CLEARS = 2,   /* a wrong PIN clears its status */
	HABIT_CHANGE_SAME = 4,    /* a new PIN equal to the old one is refused */
	HABIT_CHANGE_CLEARS = 8,  /* CHANGE REFERENCE DATA leaves the PIN not verified */
	HABIT_RESET_CLEARS = 16,  /* so does RESET RETRY COUNTER */
	HABIT_SELECT_CLEARS = 32, /* so does SELECT of the DF that is current already */
};

/* DF slot: offsets. */
enum {
	DF_STATE = 0,     /* 1 enum df_state */
	DF_NAME_LEN = 1,  /* 1 */
	DF_FID = 2,       /* 2 */
	DF_NAME = 4,      /* 16 */
	DF_SEQUENCE = 20, /* 4 the higher, the later registered */
	DF_FIRST = 24,    /* 2 first page */
	DF_PAGES = 26,    /* 2 */
	DF_QUOTA = 28,    /* 4 */
	DF_USED = 32,     /* 4 */
	DF_ISF = 36,      /* 2 */
	DF_ISF_USED = 38, /* 2 */
	DF_SE_FID = 40,   /* 2 FID of the SE file, 0 none */
	DF_RULE = 42,     /* 8 iso-compact: AM, SCBs (struct compact); starcos: AC create EF, AC create key */
	DF_SLOT = NAT_SLOT_SIZE,
};

enum df_state {
	DF_FREE = 0,
	DF_CREATION = 1,    /* 7816-4:2020 table 14: creation state */
	DF_OPERATIONAL = 5, /* activated */
	DF_REGISTERED = 16, /* starcos: memory reserved, nothing created */
};

/* Object header: offsets. */
enum {
	OBJECT_KIND = 0, /* 1 enum object_kind */
	OBJECT_SFI = 1,  /* 1 EF: short identifier, 0 none */
	OBJECT_ID = 2,   /* 2 EF: FID; PIN: number nn of its SDO */
	OBJECT_LEN = 4,  /* 4 bytes of the body */
	OBJECT_OWN = 8,  /* 16 of the dialect */
	OBJECT_HEADER = 24,
	OBJECT_OWN_SIZE = 16,
};

enum object_kind { OBJECT_EF = 1, OBJECT_PIN = 2 };

/* ISF record of starcos: the header as the install command brought it, but for two bytes. */
enum {
	ISF_KID = 0, /* 1; 0: replaced by a later record */
	ISF_LEN = 1, /* 2 */
	ISF_AC_USE = 3,
	ISF_STATE = 4,
	ISF_AC_CHANGE = 5,
	ISF_TRIES = 6, /* limit << 4 | left */
	ISF_SET = 7,   /* 1 when the value is there (00 in the command) */
	ISF_AKD = 9,
	ISF_TYPE = 11,
	ISF_HEADER = 12,
};

#endif
