/* What one description is while it is being made into a contract: shared by the nouns (ap.c, pin.c, file.c, rule.c),
 * the checks (check_*.c, policy.c) and accept.c. Nothing outside compiler/description includes it.
 *
 * A part that could not be read stays in its place with whatever was right; `ok` of its slots tells. Checks look only
 * at what is ok, so that one mistake is reported once.
 */
#ifndef IGATA_DESCRIPTION_BUILD_H
#define IGATA_DESCRIPTION_BUILD_H

#include "compiler/description/description.h"
#include "compiler/description/reader.h"

enum { NAMED_RULES = 256, RULE_BAD = CONTRACT_NONE /* a rule that was reported as wrong */ };

enum named_state { NAMED_NEW, NAMED_OPEN /* being compiled: met again, it is a cycle */, NAMED_DONE };

/* A rule as written in an attribute: what is checked about it besides what it compiles to. */
struct rule_use {
	uint16_t rule; /* node, or RULE_BAD */
	uint32_t pins; /* named in it, directly or through other rules; also where folding drops them */
	bool compound; /* has an operator of its own */
};

struct named_rule {
	const struct node *node;
	enum named_state state;
	struct rule_use use;
	bool used; /* some expression names it */
};

struct build {
	struct arena *a;
	struct diag_list *d;
	const char *name;
	size_t first; /* row of d where this description's diagnostics begin */
	struct node *root;
	struct contract *c;
	struct description_where *w;
	size_t pool_cap;

	/* The nodes that the contract's parts came from. */
	const struct node *pin[CONTRACT_PINS], *puk[CONTRACT_PINS], *file[CONTRACT_FILES], *field[CONTRACT_FIELDS];
	const struct node *value[CONTRACT_VALUES];

	struct named_rule named[NAMED_RULES];
	size_t n_named;
	uint16_t depth[CONTRACT_RULES], leaves[CONTRACT_RULES]; /* of the rule under each node, for its bounds */

	unsigned nesting; /* parentheses and names open while a rule is compiled */
	bool rules_bad;   /* some rule could not be understood: what it uses is not known */

	struct rule_use access[CONTRACT_FILES][FILE_OPS], unblock[CONTRACT_PINS];
	struct description_accept *accepts;
};

/* Place of an element's attribute in a diagnostic. */
#define AT(node, attribute) node_at((node), ATTR_##attribute)

/* ap.c: attributes of card-ap, titles, AID. */
void ap_build(struct build *b);

/* pin.c: PINs and PUKs; after rules_declare, before the rules that name them are compiled. */
void pins_build(struct build *b);
void pins_build_rules(struct build *b);

/* file.c: files and fields with their default content. */
void files_build(struct build *b);

/* rule.c: names of rules, and expressions. */
void rules_declare(struct build *b);
void rules_build(struct build *b);
struct rule_use rule_compile(struct build *b, const struct node *n, enum attribute a);

/* percard.c: per-card values. Returns the index, or CONTRACT_NONE when it was refused. */
struct contract_value;
uint16_t value_add(struct build *b, const struct node *n, enum attribute source, const struct contract_value *v);

/* Checks over the whole, each after everything is built. */
void check_names(struct build *b);
void check_pins(struct build *b);
void check_files(struct build *b);
void check_rules(struct build *b);
void check_policy(struct build *b);

/* accept.c */
void accepts_build(struct build *b);
void accepts_check(struct build *b);

#endif
