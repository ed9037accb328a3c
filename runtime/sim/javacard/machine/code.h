/* Decoded packages: a cache outside the card, shared by the cards of this thread that hold the same package with the
 * same libraries. What is decoded has been checked: instructions, operands, branches and constants are what JCVM
 * chapters 6 and 7 allow, so that the interpreter's own checks (code_run.h) keep any code inside its frame.
 */
#ifndef IGATA_SIM_JAVACARD_MACHINE_CODE_H
#define IGATA_SIM_JAVACARD_MACHINE_CODE_H

#include "runtime/base/arena.h"
#include "runtime/javacard/component.h"
#include "runtime/javacard/opcode.h"
#include "runtime/sim/javacard/machine/vm.h"

/* One instruction, at the index of its first byte in the Method component; the next one lies its length behind. */
struct jc_slot {
	const void *label; /* of the interpreter; NULL: no instruction begins here */
	int32_t operand;   /* constant, local, branch in bytes, index into the pool: as the form says */
	uint8_t need;      /* words that must be on the stack, */
	uint8_t grow;      /* and words that must fit on it, to run from here up to the next branch, call or return */
	uint16_t method;   /* number of the method it belongs to, from 1 */
};

/* A constant, resolved. */
struct jc_constant {
	uint8_t tag;   /* enum cap_constant_tag */
	uint8_t words; /* of the arguments of a virtual method */
	uint8_t token; /* of a virtual method */
	bool package_private;
	bool direct;                  /* a virtual method that objects of the class itself have: `method`, with code */
	uint16_t at;                  /* cell of an instance field; offset of a static one in the image */
	const struct jc_class *class; /* of a class, field or method */
	const struct jc_method *method; /* static, special, super; of a virtual one where the class has it */
	const struct jc_code *code;     /* of a static field: the package it lies in */
};

struct jc_handler {
	uint16_t start, length, target;
	bool stop;                    /* no handler behind this one is for code in its range */
	const struct jc_class *class; /* NULL: any */
};

struct jc_export {
	const struct jc_class *class;
	const uint16_t *field; /* offsets in the image */
	const struct jc_method *const *method;
	uint8_t fields, methods;
};

struct jc_module {
	uint8_t aid[JC_AID_MAX], aid_len;
	const struct jc_class *class; /* of the applet, found when it is installed; NULL */
	const struct jc_method *install;
};

/* What an import is on this card. */
struct jc_import {
	uint8_t number; /* of the package on this card */
	const struct jc_package *rom;
	const struct jc_code *code;
};

struct jc_code {
	struct jc_package package; /* classes and their number: first, so that it stands for the code (jc_loaded) */
	struct jc_code *next;
	struct arena arena;
	uint8_t key[32];
	size_t bytes; /* of memory */
	struct jc_import *import;
	struct jc_class *class;
	uint16_t *class_at; /* offsets of the classes in their component */
	struct jc_constant *pool;
	struct jc_method *method;
	struct jc_handler *handler;
	struct jc_export *exports;
	struct jc_module *module;
	const uint8_t *raw; /* the Method component */
	struct jc_slot *slot;
	uint32_t raw_n;
	uint32_t image_n;    /* bytes of static fields */
	uint16_t references; /* static fields that hold references; they come first */
	uint16_t imports, constants, methods, handlers, n_exports, modules;
};

/* A package as it lies in the card: its components without tag and size. */
struct jc_raw {
	struct {
		const uint8_t *p;
		uint32_t n;
	} part[JC_PARTS];
	uint8_t format; /* minor version of the CAP format 2.x */
};

/* parse.c: build from components. import[] tells what each import is. Returns SW_OK, 6A80 (no CAP, or uses what this
 * card has not), or chip->sw_import (a token that the imported package has not). */
sw_t jc_parse(struct jc_code *code, const struct jc_raw *raw, const struct jc_chip *chip);

/* verify.c: decode every method of a parsed package. false: code that must not run. */
bool jc_decode(struct jc_code *code, const struct jc_chip *chip);

/* code.c: the decoded package, from the cache or made. The pointer stays good until jc_code_sweep. */
sw_t jc_code_get(const struct jc_raw *raw, const struct jc_import *import, unsigned imports, const struct jc_chip *chip,
    const struct jc_code **out);

/* Throw everything away when it has grown large; only where no card of this thread is running. Returns the generation,
 * which changes when pointers from before are no longer good. */
uint64_t jc_code_sweep(void);
uint64_t jc_code_generation(void);

/* Throw everything away, however little it is: for measuring. As above, no card of this thread may be running. */
void jc_code_forget(void);
/* Bytes that decoded packages take. */
size_t jc_code_cached(void);

#endif
