#include "compiler/plan/inside.h"

#include <assert.h>
#include <string.h>

static struct plan_feature *add(struct plan *p, enum plan_kind kind, uint16_t index, const char *name, struct srcloc at)
{
	assert(p->n_features < PLAN_FEATURES_MAX);
	struct plan_feature *f = &p->feature[p->n_features++];
	*f = (struct plan_feature){
	    .kind = kind, .index = index, .name = name, .at = at, .witness = WITNESS_RECORDED, .weakest = CHIP_FACTS};
	return f;
}

struct plan_feature *plan_feature(struct plan *p, enum plan_kind kind, uint16_t index)
{
	for (size_t i = 0; i < p->n_features; i++)
		if (p->feature[i].kind == kind && p->feature[i].index == index)
			return &p->feature[i];
	return NULL;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void operation(struct plan *p, enum plan_kind kind, enum file_op op, uint16_t i, uint32_t longest)
{
	const struct contract_file *f = &p->contract->file[i];
	struct rule_form form = plan_form(p->contract, f->rule[op]);
	struct plan_feature *x = add(p, kind, i, f->id, p->description->where->file[i].rule[op]);
	p->rule[i][op] = form;
	x->measure = form.kind == RULE_FORM_NEVER ? 0 : least(f->size, longest);
	x->second = plan_count(form.pins);
}

static void file(struct plan *p, uint16_t i)
{
	const struct contract_file *f = &p->contract->file[i];
	const struct description_where *w = p->description->where;
	struct plan_feature *x = add(p, FEATURE_FILE, i, f->id, w->file[i].size);
	x->measure = f->size;
	x = add(p, FEATURE_FILE_SFI, i, f->id, w->file[i].sfi);
	x->measure = f->sfi;
	x->second = f->fid & 0x1f;
	/* Where the chip has no extended APDUs, that is refused once, and not again for every file. */
	bool extended = p->contract->extended && chip_fact_is(p->chip, CHIP_EXTENDED, "yes");
	operation(p, FEATURE_FILE_READ, FILE_READ, i, extended ? f->size : 256);
	operation(p, FEATURE_FILE_UPDATE, FILE_UPDATE, i, extended ? f->size : 255);
}

static void pin_form(struct plan *p, uint16_t i)
{
	const struct contract_pin *n = &p->contract->pin[i];
	const struct description_where *w = p->description->where;
	struct plan_feature *x;
	if (n->format == FORMAT_BINARY)
		add(p, FEATURE_PIN_BYTES, i, n->id, w->pin[i].format);
	else if (n->card_checks_format)
		add(p, FEATURE_PIN_CARD_FORMAT, i, n->id, w->pin[i].check);
	else
		add(p, FEATURE_PIN_HOST_FORMAT, i, n->id, w->pin[i].format);
	if (n->min != n->max || (n->stored != 0 && n->stored != n->max)) {
		x = add(p, FEATURE_PIN_PADDED, i, n->id, n->stored != 0 ? w->pin[i].stored : w->pin[i].length);
		x->measure = n->stored;
		x->second = (uint32_t)(n->pad + 1);
	}
}

static void puk(struct plan *p, uint16_t i)
{
	const struct contract_pin *n = &p->contract->pin[i];
	const struct description_where *w = p->description->where;
	struct plan_feature *x = add(p, FEATURE_PUK, i, n->id, w->pin[i].puk_length);
	x->measure = x->second = n->puk_length;
	x = add(p, FEATURE_PUK_TRIES, i, n->id, w->pin[i].puk_tries);
	x->measure = n->puk_tries;
}

static void pin(struct plan *p, uint16_t i)
{
	const struct contract_pin *n = &p->contract->pin[i];
	const struct description_where *w = p->description->where;
	struct plan_feature *x = add(p, FEATURE_PIN, i, n->id, w->pin[i].ref);
	x->measure = n->ref;
	x = add(p, FEATURE_PIN_LENGTH, i, n->id, w->pin[i].length);
	x->measure = n->max;
	x->second = n->min;
	x = add(p, FEATURE_PIN_TRIES, i, n->id, w->pin[i].tries);
	x->measure = n->tries;
	pin_form(p, i);
	if (n->initial == PIN_TRANSPORT)
		add(p, FEATURE_PIN_TRANSPORT, i, n->id, w->pin[i].initial);
	if (n->change != 0)
		add(p, FEATURE_PIN_CHANGE, i, n->id, w->pin[i].change)->measure = n->change;
	if (n->reset != 0)
		add(p, FEATURE_PIN_RESET, i, n->id, n->puk_length != 0 ? w->pin[i].puk_reset : w->pin[i].unblock)
		    ->measure = n->reset;
	if (n->puk_length != 0)
		puk(p, i);
}

/* What a profile says nothing of yet, in the words of the language, each once; and where the AP first asks for any. */
struct beyond {
	struct plan *p;
	const char *list;
	struct srcloc at;
};

static bool listed(const char *list, const char *what)
{
	size_t n = strlen(what);
	for (const char *t = list; (t = strstr(t, what)) != NULL; t += n)
		if ((t == list || t[-1] == ' ') && (t[n] == 0 || t[n] == ','))
			return true;
	return false;
}

static void beyond(struct beyond *x, const char *what, struct srcloc at)
{
	if (listed(x->list, what))
		return;
	if (*x->list == 0)
		x->at = at;
	x->list = arena_printf(x->p->arena, "%s%s%s", x->list, *x->list == 0 ? "" : ", ", what);
}

static void beyond_objects(struct beyond *x)
{
	static const char *const element[] = {[FILE_LINEAR_FIXED] = "<records>",
	    [FILE_LINEAR_VARIABLE] = "<records>",
	    [FILE_CYCLIC] = "<records>",
	    [FILE_DATA_OBJECT] = "<data>",
	    [FILE_COUNTER] = "<counter>"};
	const struct contract *c = x->p->contract;
	const struct description_where *w = x->p->description->where;
	for (uint16_t i = 0; i < c->n_files; i++)
		if (c->file[i].structure != FILE_TRANSPARENT)
			beyond(x, element[c->file[i].structure], w->file[i].element);
	if (c->n_keys != 0)
		beyond(x, "<key>", w->key[0].element);
	if (c->n_dfs > 1)
		beyond(x, "<df>", w->df[1].element);
	if (c->n_commands != 0)
		beyond(x, "<command>", w->command[0].element);
}

static void beyond_values(struct beyond *x)
{
	const struct contract *c = x->p->contract;
	const struct description_where *w = x->p->description->where;
	for (uint16_t i = 0; i < c->n_pins; i++)
		if (c->pin[i].initial == PIN_UNSET)
			beyond(x, "initial=\"unset\"", w->pin[i].initial);
	for (uint16_t i = 0; i < c->n_fields; i++)
		if (c->field[i].value != CONTRACT_NONE && c->value[c->field[i].value].source > SOURCE_CALLER)
			beyond(x, "source=\"numbering:\"", w->field[i].value);
}

static void beyond_rules(struct beyond *x)
{
	static const char *const condition[] = {[RULE_PIN_UNSET] = "pin-unset()",
	    [RULE_AUTH] = "auth()",
	    [RULE_SM] = "sm()",
	    [RULE_CONTACT] = "contact",
	    [RULE_CONTACTLESS] = "contactless"};
	const struct contract *c = x->p->contract;
	const struct description_where *w = x->p->description->where;
	for (uint16_t i = 2; i < c->n_rules; i++)
		if (c->rule[i].op > RULE_OR)
			beyond(x, condition[c->rule[i].op], w->rule[i]);
	if (c->block != 0)
		beyond(x, "block=", w->block);
	if (c->unblock != 0)
		beyond(x, "unblock=", w->unblock);
	if (c->terminate != 0)
		beyond(x, "terminate=", w->terminate);
}

bool plan_within(struct plan *p, struct diag_list *d)
{
	struct beyond x = {.p = p, .list = ""};
	beyond_objects(&x);
	beyond_values(&x);
	beyond_rules(&x);
	if (*x.list == 0)
		return true;
	struct plan_feature *f = add(p, FEATURE_AP, CONTRACT_NONE, p->contract->id, x.at);
	plan_refuse(p, f, d, DIAG_PLAN_BEYOND, p->contract->id, x.list, p->chip->name, NULL);
	return false;
}

void plan_features(struct plan *p)
{
	const struct contract *c = p->contract;
	const struct description_where *w = p->description->where;
	add(p, FEATURE_AP, CONTRACT_NONE, c->id, w->ap)->measure = c->aid_len;
	if (c->extended)
		add(p, FEATURE_EXTENDED, CONTRACT_NONE, c->id, w->apdu);
	if (c->n_files != 0)
		add(p, FEATURE_FILES, CONTRACT_NONE, c->id, w->file[c->n_files - 1].element)->measure = c->n_files;
	for (uint16_t i = 0; i < c->n_files; i++)
		file(p, i);
	if (c->n_pins != 0)
		add(p, FEATURE_PINS, CONTRACT_NONE, c->id, w->pin[c->n_pins - 1].element)->measure = c->n_pins;
	for (uint16_t i = 0; i < c->n_pins; i++)
		pin(p, i);
}
