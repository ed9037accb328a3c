/* Inside the verifier: what an entry of the constant pool stands for. */
#ifndef IGATA_CAP_VERIFY_MEMBER_H
#define IGATA_CAP_VERIFY_MEMBER_H

#include "runtime/cap/parts.h"
#include "runtime/cap/verify/world.h"

struct member {
	const struct class *class; /* that the reference names; NULL: there is none */
	const struct method *method;
	const struct field *field;
};

/* Everything is NULL that is not there. */
struct member member_of(struct world *w, const struct cap_constant *k);

/* May class `from` use what `declares` declares with this access? NULL, or the modifier that keeps it out. */
const char *access_refused(const struct class *from, const struct class *declares, unsigned access);

#endif
