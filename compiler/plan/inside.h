/* The planner from inside: what its files share.
 *
 *   features   the AP's features              needs     what they need of the chip (needs.def)
 *   special    what a table cannot say        form      what an access rule comes to
 *   layout     FIDs, memory                   compact, state   the dialects: security environments, states
 *   notice     notices                        plan      all of it in order
 */
#ifndef IGATA_PLAN_INSIDE_H
#define IGATA_PLAN_INSIDE_H

#include "compiler/plan/dialect.h"
#include "compiler/plan/plan.h"

/* --- features --- */
void plan_features(struct plan *p);

/* Whether the AP asks only for what chip profiles speak of. What it asks for beyond that is refused by name, before
 * anything else looks at the AP, so that nothing of it can get lost. */
bool plan_within(struct plan *p, struct diag_list *d);

/* The feature of this kind and index, NULL when the AP does not have it. */
struct plan_feature *plan_feature(struct plan *p, enum plan_kind kind, uint16_t index);

/* --- needs --- */
void plan_needs(struct plan *p, struct diag_list *d);

/* The feature is refused: code with up to four arguments, like diag_add. */
#define plan_refuse(p, f, d, ...) (plan_refused((p), (f), plan_code(__VA_ARGS__)), diag_add((d), (f)->at, __VA_ARGS__))
#define plan_code(code, ...)      (code)
void plan_refused(struct plan *p, struct plan_feature *f, enum diag_code code);

/* The feature rests on this fact, which the profile states. */
void plan_rest(struct plan *p, struct plan_feature *f, enum chip_fact_name fact);

/* The fact's number, and the feature rests on it; when unknown `otherwise`, with a notice. */
uint32_t plan_number(struct plan *p, struct plan_feature *f, enum chip_fact_name fact, uint32_t otherwise);

/* The fact's word or number as text, and the feature rests on it; when unknown `otherwise`, with a notice, or a refusal
 * and NULL when that is NULL. */
const char *plan_word(
    struct plan *p, struct plan_feature *f, enum chip_fact_name fact, const char *otherwise, struct diag_list *d);

/* Assumed facts that the result rests on: refused, or allowed with notices. */
void plan_assumed(struct plan *p, struct diag_list *d);

/* --- special --- */
void plan_special(struct plan *p, struct diag_list *d);

/* --- form --- */

/* What the rule comes to. Rules have no negation, so a rule that is "all of S" or "any of S" is found and proved by
 * evaluating it 2 * PINs + 2 times. */
struct rule_form plan_form(const struct contract *c, uint16_t rule);
unsigned plan_count(uint32_t pins);

/* --- layout --- */
void plan_layout(struct plan *p, struct diag_list *d);

/* The first FID from `from` on that neither the AP's files nor its DF have. */
uint16_t plan_free_fid(const struct plan *p, uint16_t from);

/* --- notice --- */

/* A notice of the plan, about a feature when f is not NULL (it is then emulated, unless it is worse already), with the
 * arguments of the code's template (NULL for none). */
void plan_notice(
    struct plan *p, struct plan_feature *f, enum diag_code code, const char *a, const char *b, const char *c);

/* A notice about a fact: {1} its id, {2} its value, {3} the chip, {4} what it means. */
void plan_notice_fact(struct plan *p, enum diag_code code, enum chip_fact_name fact, const char *value);

/* All notices as diagnostics. */
void plan_notices(struct plan *p, struct diag_list *d);

/* Numbers and forms as text of the arena. */
const char *plan_text(struct plan *p, uintmax_t v);
const char *plan_forms(struct plan *p, uint32_t forms);

#endif
