#include "compiler/description/description.h"

#include <assert.h>
#include <string.h>

#include "compiler/description/build.h"
#include "compiler/description/reader.h"
#include "compiler/description/reuse.h"
#include "runtime/base/xml.h"

static struct contract *contract_new(struct arena *a, size_t pool)
{
	struct contract *c = arena_alloc(a, sizeof *c + pool);
	c->rule[0] = (struct contract_rule){.op = RULE_NEVER};
	c->rule[1] = (struct contract_rule){.op = RULE_ALWAYS};
	c->n_rules = 2;
	return c;
}

static void build_all(struct build *b)
{
	b->next_part = &b->parts;
	b->next_rule = &b->rules;
	ap_build(b);
	dfs_build(b);
	rules_declare(b);
	numberings_build(b);
	keys_build(b);
	pins_build(b);
	rules_build(b);
	ap_build_rules(b);
	pins_build_rules(b);
	files_build(b);
	commands_build(b);
	accepts_build(b);
	check_names(b);
	check_keys(b);
	check_pins(b);
	check_commands(b);
	check_files(b);
	check_sizes(b);
	check_rules(b);
	check_policy(b);
	check_base(b);
	accepts_check(b);
}

static bool has_error(const struct build *b)
{
	for (size_t i = b->first; i < b->d->n; i++)
		if (b->d->row[i].severity >= DIAG_ERROR)
			return true;
	return b->d->lost;
}

struct build *build_new(struct arena *a, const char *name, struct diag_list *d)
{
	struct build *b = ARENA_NEW(a, struct build);
	*b = (struct build){.a = a, .d = d, .name = name, .first = d->n};
	b->source = ARENA_NEW(a, struct description_file);
	b->source->name = name;
	return b;
}

/* The tree of the whole: with the base, where there is one. */
static bool read_tree(struct build *b, const uint8_t *p, size_t n)
{
	const struct xml_element *xml = xml_read(b->a, p, n, b->name, b->d);
	struct node *own = xml == NULL ? NULL : reader_read(b->a, xml, b->d);
	if (own == NULL)
		return false;
	b->root = own;
	if (node_slot(own, ATTR_CARD_AP_BASE)->src == NULL) {
		reuse_none(b, own);
	} else {
		if (!base_read(b, own))
			return false;
		b->source->base = b->base->source;
		b->root = reuse_merge(b, own);
	}
	return reader_complete(b->a, b->root, b->d);
}

static void build_contract(struct build *b)
{
	b->pool_cap = files_pool(b->root);
	b->c = contract_new(b->a, b->pool_cap);
	b->w = ARENA_NEW(b->a, struct description_where);
	build_all(b);
	b->c->size = (uint32_t)(sizeof *b->c + b->c->pool_len);
}

bool build_read(struct build *b, const uint8_t *p, size_t n)
{
	bool whole = read_tree(b, p, n);
	if (whole)
		build_contract(b);
	/* Only our own rows: others may stand before them. */
	if (b->d->n > b->first) {
		struct diag_list own = {.row = b->d->row + b->first, .n = b->d->n - b->first};
		diag_sort(&own);
	}
	return whole && !has_error(b);
}

static const struct description *finish(struct build *b)
{
	struct description *ap = ARENA_NEW(b->a, struct description);
	assert(contract_valid(b->c, b->c->size));
	ap->name = b->name;
	ap->contract = b->c;
	ap->where = b->w;
	ap->accepts = b->accepts;
	ap->reuse = b->reuse;
	return ap;
}

const struct description *description_read(
    struct arena *a, const uint8_t *p, size_t n, const char *name, struct diag_list *d)
{
	struct build *b = build_new(a, name, d);
	return build_read(b, p, n) ? finish(b) : NULL;
}
