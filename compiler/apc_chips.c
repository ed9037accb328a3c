/* apc chips [NAME]: the chips there are, or the facts about one with their sources and witnesses. */
#include "compiler/apc.h"

#include "runtime/base/json.h"
#include "runtime/chip/chip.h"

const char **apc_chip_names(struct cli *c, struct arena *a, size_t *n)
{
	const char *folder = cli_value(c, "profiles");
	const char **name = chip_names(a, folder, n, &c->diags);
	if (name != NULL && *n == 0) {
		diag_add(&c->diags, (struct srcloc){.file = folder}, DIAG_NO_CHIPS, NULL);
		return NULL;
	}
	return name;
}

static void count_witnesses(const struct chip *chip, unsigned count[3])
{
	count[0] = count[1] = count[2] = 0;
	for (size_t f = 0; f < CHIP_FACTS; f++)
		if (chip->fact[f].present)
			count[chip->fact[f].witness]++;
}

static void list_one(struct cli *c, struct json *j, const struct chip *chip)
{
	bool ja = cli_pick(c, "en", "ja")[0] == 'j';
	unsigned count[3];
	count_witnesses(chip, count);
	buf_printf(&c->text, "%-20s %-8s %-12s %s\n", chip->name, chip->family, chip->dialect, chip->title[ja]);
	buf_printf(&c->text, "%-20s ", "");
	for (int w = WITNESS_RECORDED; w >= WITNESS_ASSUMED; w--)
		buf_printf(&c->text, "%s %u%s", chip_witness_name((enum chip_witness)w, c->lang), count[w],
		    w == WITNESS_ASSUMED ? "\n" : ", ");
	json_put_object(j, NULL);
	json_put_text(j, "name", chip->name);
	json_put_text(j, "family", chip->family);
	json_put_text(j, "dialect", chip->dialect);
	json_put_text(j, "title", chip->title[ja]);
	for (int w = WITNESS_RECORDED; w >= WITNESS_ASSUMED; w--)
		json_put_number(j, chip_witness_name((enum chip_witness)w, "en"), count[w]);
	json_put_end(j);
}

static bool list_all(struct cli *c, struct arena *a)
{
	size_t n = 0;
	bool ok = true;
	const char *folder = cli_value(c, "profiles");
	const char **name = apc_chip_names(c, a, &n);
	if (name == NULL)
		return false;
	struct json j = json_to(&c->result);
	json_put_array(&j, NULL);
	for (size_t i = 0; i < n; i++) {
		const struct chip *chip = chip_find(a, folder, name[i], &c->diags);
		if (chip != NULL)
			list_one(c, &j, chip);
		ok = ok && chip != NULL;
	}
	json_put_end(&j);
	return ok;
}

static void put_fact(struct cli *c, struct json *j, const struct chip *chip, enum chip_fact_name f)
{
	const struct chip_fact *fact = &chip->fact[f];
	if (fact->present)
		buf_printf(&c->text, "%-26s %-14s %-9s %s\n", chip_fact_id(f), fact->text,
		    chip_witness_name(fact->witness, c->lang), fact->source);
	else
		buf_printf(&c->text, "%-26s %-14s\n", chip_fact_id(f), cli_pick(c, "unknown", "不明"));
	buf_printf(&c->text, "    %s%s\n", chip_fact_meaning(f, c->lang),
	    chip_fact_grants(f) ? cli_pick(c, " [access rests on it]", "[アクセス権に関わる]") : "");
	json_put_object(j, NULL);
	json_put_text(j, "id", chip_fact_id(f));
	json_put_text(j, "meaning", chip_fact_meaning(f, c->lang));
	json_put_bool(j, "grants", chip_fact_grants(f));
	if (fact->present) {
		json_put_text(j, "value", fact->text);
		json_put_text(j, "witness", chip_witness_name(fact->witness, "en"));
		json_put_text(j, "source", fact->source);
	}
	json_put_end(j);
}

static void put_deviations(struct cli *c, struct json *j, const struct chip *chip)
{
	json_put_array(j, "deviations");
	for (const struct chip_deviation *v = chip->deviations; v != NULL; v = v->next) {
		buf_printf(&c->text, "%s: %s: %04X -> %04X, %s, %s\n", v->command, v->condition, v->from, v->to,
		    chip_witness_name(v->witness, c->lang), v->source);
		uint8_t from[] = {(uint8_t)(v->from >> 8), (uint8_t)v->from};
		uint8_t to[] = {(uint8_t)(v->to >> 8), (uint8_t)v->to};
		json_put_object(j, NULL);
		json_put_text(j, "command", v->command);
		json_put_text(j, "condition", v->condition);
		json_put_hex(j, "from", from, sizeof from);
		json_put_hex(j, "to", to, sizeof to);
		json_put_text(j, "witness", chip_witness_name(v->witness, "en"));
		json_put_text(j, "source", v->source);
		json_put_end(j);
	}
	json_put_end(j);
}

static bool show_one(struct cli *c, struct arena *a)
{
	const struct chip *chip = chip_find(a, cli_value(c, "profiles"), c->arg[0], &c->diags);
	if (chip == NULL)
		return false;
	bool ja = cli_pick(c, "en", "ja")[0] == 'j';
	struct json j = json_to(&c->result);
	buf_printf(&c->text, "%s: %s\n%s\n%s: %s, %s: %s\n\n", chip->name, chip->title[ja], chip->product[ja],
	    cli_pick(c, "family", "種別"), chip->family, cli_pick(c, "dialect", "方言"), chip->dialect);
	json_put_object(&j, NULL);
	json_put_text(&j, "name", chip->name);
	json_put_text(&j, "family", chip->family);
	json_put_text(&j, "dialect", chip->dialect);
	json_put_text(&j, "title", chip->title[ja]);
	json_put_text(&j, "product", chip->product[ja]);
	json_put_array(&j, "facts");
	for (int f = 0; f < CHIP_FACTS; f++)
		if (chip_fact_concerns(chip->family, (enum chip_fact_name)f))
			put_fact(c, &j, chip, (enum chip_fact_name)f);
	json_put_end(&j);
	put_deviations(c, &j, chip);
	json_put_end(&j);
	return true;
}

bool apc_chips(struct cli *c)
{
	struct arena a = {0};
	bool ok = c->n_args == 0 ? list_all(c, &a) : show_one(c, &a);
	arena_free(&a);
	return ok;
}
