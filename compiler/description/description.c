#include "compiler/description/description.h"

#include <assert.h>
#include <string.h>

#include "compiler/description/build.h"
#include "compiler/description/reader.h"
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
	accepts_check(b);
}

static bool has_error(const struct build *b)
{
	for (size_t i = b->first; i < b->d->n; i++)
		if (b->d->row[i].severity >= DIAG_ERROR)
			return true;
	return b->d->lost;
}

static const struct description *finish(struct build *b)
{
	struct description *ap = ARENA_NEW(b->a, struct description);
	b->c->size = (uint32_t)(sizeof *b->c + b->c->pool_len);
	assert(contract_valid(b->c, b->c->size));
	ap->name = b->name;
	ap->contract = b->c;
	ap->where = b->w;
	ap->accepts = b->accepts;
	return ap;
}

static const struct description *read_all(struct build *b, const uint8_t *p, size_t n)
{
	const struct xml_element *root = xml_read(b->a, p, n, b->name, b->d);
	if (root == NULL || (b->root = reader_read(b->a, root, b->d)) == NULL)
		return NULL;
	b->pool_cap = files_pool(b->root);
	b->c = contract_new(b->a, b->pool_cap);
	b->w = ARENA_NEW(b->a, struct description_where);
	build_all(b);
	return has_error(b) ? NULL : finish(b);
}

const struct description *description_read(
    struct arena *a, const uint8_t *p, size_t n, const char *name, struct diag_list *d)
{
	struct build *b = ARENA_NEW(a, struct build);
	*b = (struct build){.a = a, .d = d, .name = name, .first = d->n};
	const struct description *ap = read_all(b, p, n);
	/* Only our own rows: others may stand before them. */
	if (d->n > b->first) {
		struct diag_list own = {.row = d->row + b->first, .n = d->n - b->first};
		diag_sort(&own);
	}
	return ap;
}
