/* What a terminal does with keys inside a program: authentication, and the session behind it. Inside runtime/suite
 * only.
 */
#ifndef IGATA_SUITE_SECURE_H
#define IGATA_SUITE_SECURE_H

#include "runtime/suite/run.h"

/* GET CHALLENGE and EXTERNAL AUTHENTICATE of a STEP_AUTH step on one side; side->answer and side->status are those of
 * the last command. A mutual authentication that succeeds opens side->session. false: no answer to judge (a challenge
 * was not given, the card's cryptogram is not by this key, the library failed). */
bool secure_authenticate(struct run *run, struct run_side *side, const struct program_step *step);

/* The session ends on the terminal's side. */
void secure_forget(struct run_side *side);

/* Take side->rsp out of its protection where the command had one. false: the answer is not by this card. */
bool secure_unwrap(struct run_side *side, const struct program_step *step);

#endif
