/* What one description is while it is being made into a contract: shared by the nouns (ap.c, pin.c, file.c, ...), the
 * checks (check_*.c, policy.c) and accept.c. Nothing outside compiler/description includes it.
 *
 * A part that could not be read stays in its place with whatever was right; `ok` of its slots tells. Checks look only
 * at what is ok, so that one mistake is reported once.
 */
#ifndef IGATA_DESCRIPTION_BUILD_H
#define IGATA_DESCRIPTION_BUILD_H

#include "compiler/description/description.h"
#include "compiler/description/reader.h"
#include "compiler/description/truth.h"
#include "runtime/contract/numbering.h"

enum { NAMED_RULES = 256, RULE_BAD = CONTRACT_NONE /* a rule that was reported as wrong */ };

enum named_state { NAMED_NEW, NAMED_OPEN /* being compiled: met again, it is a cycle */, NAMED_DONE };

/* A rule as written in an attribute: what is checked about it besides what it compiles to. */
struct rule_use {
	uint16_t rule; /* node, or RULE_BAD */
	uint32_t pins; /* named in it, directly or through other rules; also where folding drops them */
	uint32_t keys; /* likewise */
	bool any_key;  /* sm(level) is in it: any mutual key */
	bool compound; /* has an operator of its own */
};

/* Every attribute with a rule, in the order in which they were compiled. */
struct rule_row {
	const struct node *node;
	enum attribute attribute;
	uint16_t df; /* of the object that the rule guards; CONTRACT_NONE for <rule> */
	struct rule_use use;
	struct rule_row *next;
};

/* An element that stands in a DF: the AP's own (0) or a nested one. */
struct part {
	const struct node *node;
	uint16_t df;
	struct part *next;
};

struct named_rule {
	const struct node *node;
	enum named_state state;
	struct rule_use use;
	bool used; /* some expression names it */
};

struct build {
	struct build *base;          /* the description that this one changes, as it was built; NULL for none */
	const struct build *derived; /* where this one is being read as a base: the description that changes it */
	const struct description_reuse *reuse;
	struct description_file *source; /* this file and those of the bases */
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
	const struct node *value[CONTRACT_VALUES], *key[CONTRACT_KEYS], *df[CONTRACT_DFS], *command[CONTRACT_COMMANDS];
	const struct node *numbering[CONTRACT_NUMBERINGS];
	struct part *parts, **next_part; /* all but titles, rules, commands, numberings and accepts */

	struct named_rule named[NAMED_RULES];
	size_t n_named;
	uint16_t depth[CONTRACT_RULES], leaves[CONTRACT_RULES]; /* of the rule under each node, for its bounds */

	unsigned nesting; /* parentheses and names open while a rule is compiled */
	bool rules_bad;   /* some rule could not be understood: what it uses is not known */

	struct rule_use access[CONTRACT_FILES][FILE_OPS], unblock[CONTRACT_PINS];
	struct rule_row *rules, **next_rule;
	struct description_accept *accepts;
};

/* Place of an element's attribute in a diagnostic. */
#define AT(node, attribute) node_at((node), ATTR_##attribute)

/* description.c. A new build of the file with this name; then everything but the contract's last word. false when there
 * was an error; all of it is reported to d. */
struct build *build_new(struct arena *a, const char *name, struct diag_list *d);
bool build_read(struct build *b, const uint8_t *p, size_t n);

/* ap.c: attributes of card-ap, titles, AID. */
void ap_build(struct build *b);
void ap_build_rules(struct build *b);
void aid_build(struct build *b, const struct node *n, uint8_t aid[AID_MAX], uint8_t *len);

/* df.c: the AP's own DF and the nested ones, and the list of all parts in them. */
void dfs_build(struct build *b);
/* Whether `df` is `ancestor` or lies in it. */
bool df_within(const struct contract *c, uint16_t df, uint16_t ancestor);
/* Whether there is room for one more; reported when not. */
bool room(struct build *b, const struct node *n, size_t have, size_t most);

/* pin.c: PINs and PUKs; after rules_declare, before the rules that name them are compiled. */
void pins_build(struct build *b);
void pins_build_rules(struct build *b);

/* key.c */
void keys_build(struct build *b);
/* How commands refer to a PIN or a key: ref, or in jicsap fid and sfi. */
struct reference_slots {
	enum attribute id, ref, fid, sfi;
};
void reference_read(
    struct build *b, const struct node *n, const struct reference_slots *s, uint8_t *ref, uint16_t *fid);

/* file.c: files of all kinds, with their default content. records.c: those that are not transparent. */
void files_build(struct build *b);
uint32_t files_pool(const struct node *root); /* bytes of content at the most */
/* A new file of this part with its name, identifiers and rules; NULL when there is no room. */
struct file_slots {
	enum attribute id, fid, sfi, size, access[FILE_OPS]; /* ATTRIBUTES for what the element does not have */
};
struct contract_file *file_new(struct build *b, const struct part *p, const struct file_slots *s);
/* Room for the content in the pool, filled; NULL (reported at this place) when there is none. */
uint8_t *file_reserve(struct build *b, struct contract_file *f, uint8_t fill, struct srcloc at);
void records_build(struct build *b, const struct part *p);
void data_build(struct build *b, const struct part *p);
void counter_build(struct build *b, const struct part *p);

/* field.c: the fields under one node. Returns where the last one ends. */
struct region {
	uint16_t file, record;
	uint32_t size;    /* 0: not known, already reported */
	uint8_t *content; /* NULL likewise */
	const char *name;
};
uint32_t fields_build(struct build *b, const struct region *r, const struct node *parent);

/* command.c, operand.c */
void commands_build(struct build *b);
/* The operand in this attribute. false, reported, when it is none. `width`: bytes of a number, 0 when it has none. */
struct contract_operand;
bool operand_read(struct build *b, const struct node *n, enum attribute a, const struct node *command, uint16_t width,
    struct contract_operand *out);
/* The file with this id among those that have the operation; CONTRACT_NONE, reported, for none. */
uint16_t operand_file(struct build *b, const struct node *n, enum attribute a, enum file_op op);

/* numbering.c */
void numberings_build(struct build *b);

/* rule.c: names of rules, and expressions. df: of the object that the rule guards. */
void rules_declare(struct build *b);
void rules_build(struct build *b);
struct rule_use rule_compile(struct build *b, const struct node *n, enum attribute a, uint16_t df);
/* The expression in its canonical form: one blank beside `and` and `or` and behind a comma, no other. It is one that
 * was compiled without an error. */
struct buf;
void rule_write(struct buf *out, const struct xml_attr *src);
/* The node of a use; `never` for one that was reported. */
uint16_t rule_node(struct rule_use use);

/* percard.c: per-card values. Returns the index, or CONTRACT_NONE when it was refused. `allowed`: bit n is enum
 * value_source n. own: the name of a value that source does not name (numbering, master). suffix: behind the name. */
struct contract_value;
struct value_slot {
	enum attribute source;
	unsigned allowed;
	const char *own, *suffix;
};
uint16_t value_add(struct build *b, const struct node *n, const struct value_slot *s, const struct contract_value *v);

/* Checks over the whole, each after everything is built. */
void check_names(struct build *b);
void check_keys(struct build *b);
void check_commands(struct build *b);
void check_sizes(struct build *b);
bool df_related(const struct contract *c, uint16_t a, uint16_t b);
void check_pins(struct build *b);
void check_files(struct build *b);
void check_rules(struct build *b);
void check_policy(struct build *b);

/* accept.c */
void accepts_build(struct build *b);
void accepts_check(struct build *b);

#endif
