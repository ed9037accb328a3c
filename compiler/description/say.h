/* What an AP does, in sentences: who may read and write what, and when. All of it follows from the contract; the chip
 * does not matter. say.def has the words. */
#ifndef IGATA_DESCRIPTION_SAY_H
#define IGATA_DESCRIPTION_SAY_H

#include "runtime/base/buf.h"
#include "runtime/contract/contract.h"

/* Append a paragraph for the AP and one for each PIN, key, file, command and so on: a heading at the margin, sentences
 * below it, indented by two blanks, an empty line behind. lang is "en" or "ja". The contract is valid. */
void say_contract(const struct contract *c, const char *lang, struct buf *out);

/* A rule in words, as the sentences use it: "PIN holder is verified and (...)". */
void say_rule(const struct contract *c, uint16_t rule, const char *lang, struct buf *out);

/* Append the paragraph about the description that this one changes. */
struct description_reuse;
void say_reuse(const struct description_reuse *r, const char *lang, struct buf *out);

#endif
