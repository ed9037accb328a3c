/* Faults for tests: the link drops at the n-th exchange. */
#ifndef IGATA_LINK_FAULT_H
#define IGATA_LINK_FAULT_H

#include "runtime/link/link.h"

enum link_fault_kind {
	FAULT_COMMAND_LOST,  /* the command does not reach the card */
	FAULT_RESPONSE_LOST, /* the card does it, nobody hears the answer */
};

struct link_fault {
	enum link_fault_kind kind;
	enum link_status status; /* what the caller is told: LINK_CARD_GONE or LINK_BROKEN */
	int64_t at;              /* the exchange that fails, 0 is the first from now; -1 never */
	uint64_t count;          /* exchanges so far: where a test finds the moments to fail */
	bool dead;               /* it has failed: everything fails until a reset */
	bool reset_fails;        /* and the reset fails too */
};

/* Put the fault on top of the link. f is the caller's, who may change it at any time, and outlives the link. false:
 * out of memory. */
bool link_fault(struct link *l, struct link_fault *f);

#endif
