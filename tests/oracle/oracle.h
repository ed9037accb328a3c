/* One dialogue on two cards: the reference simulator cref of Java Card 2.2.2 and our simulated card of the profile
 * cref-222. Both are given the same packages, instances and commands; what they answer, and every instruction of loaded
 * code that they execute, must be the same (tests/oracle/run).
 *
 * A function that returns false has written why to standard error. */
#ifndef IGATA_TESTS_ORACLE_H
#define IGATA_TESTS_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/aid.h"
#include "runtime/base/buf.h"
#include "runtime/cap/cap.h"
#include "runtime/gp/command.h"

/* Instructions executed. */
struct trace {
	struct step {
		uint16_t pc; /* ours: in the Method component of the package; cref's: low half of the address */
		uint8_t opcode;
		uint8_t package; /* ours: its number; cref's: the context that runs */
	} * step;
	size_t n, room;
	struct buf code[256]; /* ours: the Method component of each package, borrowed; empty: not loaded */
};

void trace_add(struct trace *t, struct step s);
void trace_free(struct trace *t);

/* Every instruction of ours, in order, with what cref executed. cref also tells the instructions of its own packages in
 * an applet's context; those are passed over. false: what differs, in text. */
bool trace_equal(const struct trace *ours, const struct trace *cref, char *text, size_t size);

/* A card. */
struct oracle {
	const char *name;
	/* Load a package: 1 done, 0 refused by the card, -1 trouble. */
	int (*load)(struct oracle *o, struct cap *cap);
	/* Make an instance under the applet's own AID: 1, 0, -1 likewise. install() gets LV(AID) LV(00) LV(params). */
	int (*install)(struct oracle *o, const struct aid *applet, struct bytes params);
	/* One command. */
	bool (*transmit)(struct oracle *o, const uint8_t *cmd, size_t n, struct buf *rsp);
	bool (*reset)(struct oracle *o);
	/* The end; the trace is complete then. */
	void (*close)(struct oracle *o, struct trace *trace);
};

/* Our card, made of the profile in the folder; work: folder for files. NULL: could not be made. */
struct oracle *oracle_card(const char *profiles, const char *profile, const char *work);

/* cref, the program at path. */
struct oracle *oracle_cref(const char *path, const char *work);

/* An AP's full suite on cref and on our card: 0 equal, or refused by the compiler; prints a line. */
int oracle_suite(const char *cref_path, const char *profiles, const char *work, const char *path);

#endif
