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

/* GET CHALLENGE of a STEP_CHALLENGE step, and INTERNAL AUTHENTICATE of a STEP_INTERNAL step; as secure_authenticate.
 * What an answer of the latter says is checked, and then left out. */
bool secure_challenge(struct run *run, struct run_side *side, const struct program_step *step);
bool secure_internal(struct run *run, struct run_side *side, const struct program_step *step);

/* Append the protected command, or the faulty one that the step wants, to run->command. false: there is no session, or
 * the fault does not fit. */
bool secure_wrap(struct run *run, struct run_side *side, const struct program_step *step, const struct apdu *plain);

/* The session ends on the terminal's side; its keys are still there for what must be refused. */
void secure_over(struct run_side *side);
void secure_forget(struct run_side *side);

/* Take side->rsp out of its protection where the command had one; side->bare when the card did not protect it. false:
 * the answer is not by this card, or not at the level that the program wants. */
bool secure_unwrap(const struct run *run, struct run_side *side);

#endif
