/* What rules come to: in which states of card and session they hold, whatever these are on any one card. */
#ifndef IGATA_DESCRIPTION_TRUTH_H
#define IGATA_DESCRIPTION_TRUTH_H

#include "runtime/contract/contract.h"

enum { TRUTH_ALL = 0xffffffff /* every PIN, every key */ };

/* What a command answers: nothing but a status word, or data. With sm-response="mac" data is answered in clear under
 * the MAC, and a command is of the level of its weaker half: AP contract, 9. */
enum answer { ANSWER_STATUS, ANSWER_DATA };

/* The answer of an operation of files, and of a custom command. */
enum answer answer_of_op(enum file_op op);
enum answer answer_of_command(const struct contract *c, const struct contract_command *m);

/* Whether some state fulfils a rule with no more than these PINs verified and these keys authenticated (bit n: index
 * n), where the command's answer is of this kind. All else is granted as far as it can be together. */
bool rule_possible(const struct contract *c, uint16_t rule, uint32_t verified, uint32_t keys, enum answer answer);

/* Whether no state does. */
bool rule_impossible(const struct contract *c, uint16_t rule, enum answer answer);

/* Whether it is fulfilled without anything that has to be presented, on either interface. */
bool rule_open(const struct contract *c, uint16_t rule);

/* Whether it can be fulfilled, but only under secure messaging. */
bool rule_needs_sm(const struct contract *c, uint16_t rule);

/* Whether the card takes class 08, encryption without a MAC (jicsap-86): some rule says sm(enc). */
bool truth_class_08(const struct contract *c);

/* Whether some state with no more than these PINs verified and these keys authenticated fulfils all rules of a custom
 * command together, its own and those that it requires. */
bool command_possible(const struct contract *c, const struct contract_command *m, uint32_t verified, uint32_t keys);

/* Whether no state does. */
bool command_dead(const struct contract *c, const struct contract_command *m);

/* Whether they are fulfilled without anything that has to be presented. */
bool command_open(const struct contract *c, const struct contract_command *m);

#endif
