/* The memory of a simulated Java Card. All numbers big-endian.
 *
 *   home: | header | package slots | applet slots | undo log | host area | heap → …free… ← handles |
 *
 * handle table: entry h lies 4 h bytes before the end. | 1 flags | 3 address of the object |. The flags byte is
 * written last and cleared first: one byte decides whether the handle exists.
 *
 * heap: objects one behind the other, a zero byte behind the last one. An object whose handle does not point to it is
 * free space. | 1 kind | 1 flags | 2 handle | 1 owner | 1 package | 2 class | 2 length | data |
 *   data of a transient object: | 4 offset in the RAM of its kind |
 *   kind FREE: | 1 kind | 4 size |, kind FILL: 1 byte
 */
#ifndef IGATA_SIM_JAVACARD_MACHINE_LAYOUT_H
#define IGATA_SIM_JAVACARD_MACHINE_LAYOUT_H

#include "runtime/sim/javacard/machine/machine.h"

#define JC_MAGIC 0x4a435631u /* "JCV1" */

enum jc_layout {
	CARD_MAGIC = NV_HOME,                /* 4 */
	CARD_HOST_SIZE = CARD_MAGIC + 4,     /* 4 */
	CARD_OPERATION = CARD_HOST_SIZE + 4, /* 1: enum jc_operation */
	CARD_CHUNKS = CARD_OPERATION + 1,    /* 1: pieces of the handle table in use */
	CARD_CHUNK_SHIFT = CARD_CHUNKS + 1,  /* 1: a piece has 1 << this handles */
	CARD_GARBAGE = CARD_CHUNK_SHIFT + 1, /* 1: an applet asked for object deletion, not yet done */
	CARD_CHIP = CARD_GARBAGE + 1,        /* the chip's facts: chip.c */
	CARD_CHIP_SIZE = 32 + 64 + JC_ALGORITHM_BYTES,
	CARD_PACKAGES = CARD_CHIP + CARD_CHIP_SIZE,

	SLOT_STATE = 0, /* 1: enum jc_slot_state */
	SLOT_AID_LEN = 1,
	SLOT_AID = 2,     /* 16 */
	SLOT_MINOR = 18,  /* 1 */
	SLOT_MAJOR = 19,  /* 1 */
	SLOT_FORMAT = 20, /* 1: minor version of the CAP format 2.x */
	SLOT_PARTS = 21,  /* 2 each: handles of the stores with its components (enum jc_part) */
	SLOT_SIZE = 21 + 2 * 10,

	CARD_APPLETS = CARD_PACKAGES + JC_PACKAGES_MAX * SLOT_SIZE,

	APPLET_STATE = 0, /* 1: enum jc_slot_state */
	APPLET_PACKAGE = 1,
	APPLET_MODULE = 2,
	APPLET_OBJECT = 3, /* 2: handle of the instance */
	APPLET_AID = 5,    /* 2: handle of its AID object */
	APPLET_SIZE = 8,

	CARD_UNDO = CARD_APPLETS + JC_APPLETS_MAX * APPLET_SIZE,
};

/* What a cut may have interrupted: until its commit everything made by it is provisional. */
enum jc_operation { OPERATION_NONE, OPERATION_RUNNING };

enum jc_slot_state { SLOT_FREE, SLOT_MAKING, SLOT_LIVE, SLOT_DELETING };

/* Components that a package keeps, and what linking adds. */
enum jc_part {
	PART_IMPORT,
	PART_APPLET,
	PART_POOL,
	PART_CLASS,
	PART_METHOD,
	PART_EXPORT,
	PART_STATIC,  /* the StaticField component; freed when the image is laid down */
	PART_IMAGE,   /* static fields */
	PART_IMPORTS, /* 1 byte each: numbers of the imported packages on this card */
	JC_PARTS
};

enum jc_object_layout {
	OBJECT_KIND = 0,
	OBJECT_FLAGS = 1,
	OBJECT_HANDLE = 2,
	OBJECT_OWNER = 4,
	OBJECT_PACKAGE = 5,
	OBJECT_CLASS = 6,
	OBJECT_LENGTH = 8,
	OBJECT_DATA = 10,

	KIND_END = 0,
	KIND_TYPE = 0x0f, /* enum jc_type */
	KIND_RESET = 0x10,
	KIND_DESELECT = 0x20,
	KIND_FREE = 0x0f,
	KIND_FILL = 0x0e,
	FREE_HEADER = 5,
	TRANSIENT_DATA = 4,

	FLAG_GLOBAL = 1,    /* JCRE 6.2.2: global array */
	FLAG_TEMPORARY = 2, /* JCRE 6.2.1: temporary entry point of the runtime */
	FLAG_ENTRY = 4,     /* permanent entry point */
	FLAG_INTEGRITY = 8, /* SensitiveArrays */
	FLAG_NATIVE = 16,   /* instance with cells that belong to natives */
	FLAG_ONE_SHOT = 32, /* jc_one_shot: its owner's alone, and of this command */

	HANDLE_USED = 0x80,
	HANDLE_PROVISIONAL = 0x40,
	HANDLE_ADDRESS = 0x3fffff,
};

/* Owner of an object: 0 the runtime, 1 to JC_APPLETS_MAX an applet, JC_PACKAGE_OWNER + slot a package's static arrays.
 */
enum { JC_PACKAGE_OWNER = 128 };

#endif
