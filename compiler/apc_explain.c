/* apc explain FILE: how each feature of the AP is carried by a chip: natively, emulated with a notice, or not at all.
 */
#include "compiler/apc.h"

#include <string.h>

#include "compiler/plan/plan.h"
#include "runtime/base/json.h"

static const char *way_name(enum plan_way w, bool ja)
{
	static const char *const name[][2] = {
	    [PLAN_NATIVE] = {"native", "直接"},
	    [PLAN_EMULATED] = {"emulated", "代替"},
	    [PLAN_REFUSED] = {"refused", "拒否"},
	};
	return name[w][ja];
}

static enum plan_way worst(const struct plan *p)
{
	enum plan_way w = PLAN_NATIVE;
	for (size_t i = 0; i < p->n_features; i++)
		if (p->feature[i].way > w)
			w = p->feature[i].way;
	return p->refused ? PLAN_REFUSED : w;
}

/* ---- the line of a feature: features.def ---- */

static const char *template_of(enum plan_kind k, bool ja)
{
	static const char *const text[][2] = {
#define FEATURE(name, en, ja_) [FEATURE_##name] = {en, ja_},
#include "compiler/plan/features.def"
#undef FEATURE
	};
	return text[k][ja];
}

static void put_rule(const struct plan *p, const struct plan_feature *f, struct buf *out)
{
	enum file_op op = f->kind == FEATURE_FILE_UPDATE ? FILE_UPDATE : FILE_READ;
	contract_rule_text(p->contract, p->contract->file[f->index].rule[op], out);
}

static void put_forms(const struct plan_feature *f, struct buf *out)
{
	const char *between = "";
	for (unsigned i = 0; i < 8; i++)
		if (f->measure >> i & 1) {
			buf_printf(out, "%s%02u", between, i);
			between = " ";
		}
}

static void put_word(const struct plan *p, const struct plan_feature *f, const char *word, size_t n, struct buf *out)
{
	if (n == 4 && memcmp(word, "name", n) == 0)
		buf_str(out, f->name);
	else if (n == 4 && memcmp(word, "rule", n) == 0)
		put_rule(p, f, out);
	else if (n == 5 && memcmp(word, "forms", n) == 0)
		put_forms(f, out);
	else if (n == 6 && memcmp(word, "second", n) == 0)
		buf_printf(out, "%u", (unsigned)f->second);
	else
		buf_printf(out, "%u", (unsigned)f->measure);
}

static void put_feature(const struct plan *p, const struct plan_feature *f, bool ja, struct buf *out)
{
	for (const char *s = template_of(f->kind, ja); *s != 0; s++) {
		const char *end = *s == '{' ? strchr(s, '}') : NULL;
		if (end == NULL) {
			buf_u8(out, (unsigned char)*s);
			continue;
		}
		put_word(p, f, s + 1, (size_t)(end - s - 1), out);
		s = end;
	}
}

/* ---- one chip ---- */

static void text_feature(struct cli *c, const struct plan *p, const struct plan_feature *f)
{
	bool ja = cli_pick(c, "en", "ja")[0] == 'j';
	char code[8];
	buf_printf(&c->text, "  %-9s", way_name(f->way, ja));
	buf_printf(&c->text, " %6u", (unsigned)f->bytes);
	buf_printf(&c->text, " %-8s ", f->code == 0 ? "" : diag_code_text(f->code, code));
	put_feature(p, f, ja, &c->text);
	if (f->rests)
		buf_printf(&c->text, " [%s: %s]", chip_witness_name(f->witness, c->lang), chip_fact_id(f->weakest));
	buf_u8(&c->text, '\n');
}

static void json_feature(struct cli *c, struct json *j, const struct plan *p, const struct plan_feature *f)
{
	struct buf line = {0};
	char code[8];
	put_feature(p, f, cli_pick(c, "en", "ja")[0] == 'j', &line);
	json_put_object(j, NULL);
	json_put_bytes(j, "feature", line.p, line.n);
	json_put_text(j, "object", f->name);
	json_put_text(j, "way", way_name(f->way, false));
	json_put_text(j, "code", f->code == 0 ? "" : diag_code_text(f->code, code));
	json_put_number(j, "bytes", f->bytes);
	json_put_number(j, "line", f->at.line);
	json_put_text(j, "witness", f->rests ? chip_witness_name(f->witness, "en") : "");
	json_put_text(j, "fact", f->rests ? chip_fact_id(f->weakest) : "");
	json_put_end(j);
	buf_reset(&line);
}

static void show(struct cli *c, struct json *j, const struct plan *p)
{
	bool ja = cli_pick(c, "en", "ja")[0] == 'j';
	const char *witness = chip_witness_name(plan_witness(p), c->lang);
	buf_printf(&c->text,
	    cli_pick(c, "%s %s on %s: %s, %u bytes, weakest witness: %s\n",
		"%s %s、チップ %s:%s、%u バイト、最も弱い根拠:%s\n"),
	    p->contract->id, p->contract->version, p->chip->name, way_name(worst(p), ja), (unsigned)p->memory, witness);
	json_put_object(j, NULL);
	json_put_text(j, "chip", p->chip->name);
	json_put_text(j, "way", way_name(worst(p), false));
	json_put_number(j, "memory", p->memory);
	json_put_text(j, "witness", chip_witness_name(plan_witness(p), "en"));
	json_put_array(j, "features");
	for (size_t i = 0; i < p->n_features; i++) {
		text_feature(c, p, &p->feature[i]);
		json_feature(c, j, p, &p->feature[i]);
	}
	json_put_end(j);
	json_put_end(j);
	buf_u8(&c->text, '\n');
}

/* Refusals are what was asked about, and no errors of this command: all reasons are notes. */
static bool explain_one(struct cli *c, struct arena *a, const struct description *ap, const char *name, struct json *j)
{
	struct diag_list d = {0};
	const struct chip *chip = chip_find(a, cli_value(c, "profiles"), name, &c->diags);
	if (chip == NULL)
		return false;
	const struct plan *p = plan_survey(a, ap, chip, cli_has(c, "allow-assumed"), &d);
	description_accept(ap, &d, 0);
	for (size_t i = 0; i < d.n; i++)
		if (d.row[i].severity == DIAG_ERROR)
			d.row[i].severity = DIAG_NOTE;
	diag_take(&c->diags, &d);
	show(c, j, p);
	return true;
}

static bool explain_all(struct cli *c, struct arena *a, const struct description *ap)
{
	struct json j = json_to(&c->result, false);
	bool ok = true;
	size_t n = 0, at = 0;
	json_put_array(&j, NULL);
	if (cli_has(c, "chip"))
		for (const char *v; ok && (v = cli_next(c, "chip", &at)) != NULL;)
			ok = explain_one(c, a, ap, v, &j);
	else {
		const char **name = apc_chip_names(c, a, &n);
		for (size_t i = 0; ok && name != NULL && i < n; i++)
			ok = explain_one(c, a, ap, name[i], &j);
		ok = ok && name != NULL;
	}
	json_put_end(&j);
	return ok;
}

bool apc_explain(struct cli *c)
{
	struct arena a = {0};
	const struct description *ap = apc_read(c, &a, c->arg[0]);
	bool ok = ap != NULL && explain_all(c, &a, ap);
	arena_free(&a);
	return ok;
}
