#include "compiler/plan/explain.h"

#include <stdio.h>
#include <string.h>

#include "compiler/plan/inside.h"
#include "runtime/base/utf8.h"

enum { COLUMNS = 16 };

static int japanese(const char *lang)
{
	return strcmp(lang, "ja") == 0;
}

enum plan_way explain_way(const struct plan *p, enum diag_code *refusal)
{
	enum plan_way worst = PLAN_NATIVE;
	*refusal = (enum diag_code)0;
	for (size_t i = 0; i < p->n_features; i++) {
		if (p->feature[i].way > worst)
			worst = p->feature[i].way;
		if (p->feature[i].way == PLAN_REFUSED && *refusal == 0)
			*refusal = p->feature[i].code;
	}
	return worst;
}

const char *explain_way_name(enum plan_way w, const char *lang)
{
	static const char *const name[][2] = {
	    [PLAN_NATIVE] = {"native", "そのまま"},
	    [PLAN_EMULATED] = {"emulated", "代替"},
	    [PLAN_REFUSED] = {"refused", "拒否"},
	};
	return name[w][japanese(lang)];
}

/* ---- features in words ---- */

static const char *const templates[][2] = {
#define FEATURE(name, en, ja) [FEATURE_##name] = {en, ja},
#include "compiler/plan/features.def"
#undef FEATURE
};

static const char *const kinds[] = {
#define FEATURE(name, en, ja) [FEATURE_##name] = #name,
#include "compiler/plan/features.def"
#undef FEATURE
};

static void put_rule(const struct plan *p, const struct plan_feature *f, struct buf *out)
{
	enum file_op op = f->kind == FEATURE_FILE_READ ? FILE_READ : FILE_UPDATE;
	contract_rule_text(p->contract, p->contract->file[f->index].rule[op], out);
}

static void put_forms(const struct plan_feature *f, struct buf *out)
{
	bool first = true;
	for (unsigned i = 0; i < 4; i++)
		if ((f->measure >> i & 1) != 0) {
			buf_printf(out, "%s%02u", first ? "" : " ", i);
			first = false;
		}
}

static void put_range(const struct plan_feature *f, struct buf *out)
{
	if (f->second != f->measure)
		buf_printf(out, "%u-", f->second);
	buf_printf(out, "%u", f->measure);
}

/* The word in braces at t; its length with the braces, 0 when there is none. */
static size_t put_word(const struct plan *p, const struct plan_feature *f, const char *t, struct buf *out)
{
	size_t n = strcspn(t, "}") + 1;
	if (strncmp(t, "{name}", n) == 0)
		buf_str(out, f->name);
	else if (strncmp(t, "{measure}", n) == 0)
		buf_printf(out, "%u", f->measure);
	else if (strncmp(t, "{range}", n) == 0)
		put_range(f, out);
	else if (strncmp(t, "{sfi}", n) == 0)
		buf_str(out, f->measure == 0 ? "SFI -" : arena_printf(p->arena, "SFI %u", f->measure));
	else if (strncmp(t, "{forms}", n) == 0)
		put_forms(f, out);
	else if (strncmp(t, "{rule}", n) == 0)
		put_rule(p, f, out);
	else
		return 0;
	return n;
}

void explain_feature(const struct plan *p, const struct plan_feature *f, const char *lang, struct buf *out)
{
	for (const char *t = templates[f->kind][japanese(lang)]; *t != 0; t++) {
		size_t n = *t == '{' ? put_word(p, f, t, out) : 0;
		if (n != 0)
			t += n - 1;
		else
			buf_u8(out, (unsigned char)*t);
	}
}

/* ---- tables ---- */

/* Cells of text, columns as wide as their widest cell; one of them (not the last) stands to the right. */
struct table {
	struct arena a;
	size_t columns, n, cap;
	size_t right; /* its index; 0 for none */
	const char **cell;
};

static void put_cell(struct table *t, const char *text)
{
	if (t->n == t->cap) {
		const char **bigger = arena_alloc(&t->a, (t->cap = t->cap == 0 ? 64 : 2 * t->cap) * sizeof *bigger);
		for (size_t i = 0; i < t->n; i++)
			bigger[i] = t->cell[i];
		t->cell = bigger;
	}
	t->cell[t->n++] = arena_strdup(&t->a, text);
}

/* Columns on a terminal: East Asian characters take two. */
static size_t width(const char *s)
{
	size_t n = strlen(s), w = 0;
	for (size_t at = 0, len; at < n; at += len) {
		uint32_t c = 0;
		len = utf8_next((const uint8_t *)s + at, n - at, &c);
		w += c >= 0x1100 ? 2 : 1;
		if (len == 0)
			len = 1;
	}
	return w;
}

static void blanks(struct buf *out, size_t n)
{
	while (n-- != 0)
		buf_u8(out, ' ');
}

static void put_table(struct table *t, struct buf *out)
{
	size_t wide[COLUMNS] = {0};
	for (size_t i = 0; i < t->n; i++)
		if (width(t->cell[i]) > wide[i % t->columns])
			wide[i % t->columns] = width(t->cell[i]);
	for (size_t i = 0; i < t->n; i++) {
		size_t column = i % t->columns, fill = wide[column] - width(t->cell[i]);
		blanks(out, column != 0 && column == t->right ? fill : 0);
		buf_str(out, t->cell[i]);
		blanks(out, column != 0 && column == t->right ? 2 : fill + 2);
		if (column != t->columns - 1)
			continue;
		while (out->n != 0 && out->p[out->n - 1] == ' ')
			out->n--;
		buf_u8(out, '\n');
	}
	arena_free(&t->a);
}

static const char *way_text(struct table *t, enum plan_way way, enum diag_code code, const char *lang)
{
	char number[8];
	if (code == 0)
		return explain_way_name(way, lang);
	return arena_printf(&t->a, "%s %s", explain_way_name(way, lang), diag_code_text(code, number));
}

static void put_line(struct table *t, const struct plan *p, const struct plan_feature *f, const char *lang)
{
	struct buf words = {0};
	explain_feature(p, f, lang, &words);
	put_cell(t, buf_cstr(&words));
	put_cell(t, way_text(t, f->way, f->code, lang));
	put_cell(t, f->bytes == 0 ? "" : arena_printf(&t->a, "%u", f->bytes));
	put_cell(t, f->rests ? chip_witness_name(f->witness, lang) : "");
	put_cell(t, f->rests ? chip_fact_id(f->weakest) : "");
	buf_reset(&words);
}

static void put_heads(struct table *t, const char *lang)
{
	static const char *const head[][2] = {{"feature", "機能"}, {"carried", "搭載方法"}, {"bytes", "バイト"},
	    {"witness", "確かさ"}, {"weakest fact", "最も弱い事実"}};
	for (size_t i = 0; i < sizeof head / sizeof *head; i++)
		put_cell(t, head[i][japanese(lang)]);
}

void explain_plan(const struct plan *p, const char *lang, struct buf *out)
{
	struct table t = {.columns = 5, .right = 2};
	enum diag_code code;
	enum plan_way way = explain_way(p, &code);
	buf_printf(out, "%s %s: %s, %s\n\n", p->contract->id, p->contract->version, p->chip->name,
	    p->chip->title[japanese(lang)]);
	put_heads(&t, lang);
	for (size_t i = 0; i < p->n_features; i++)
		put_line(&t, p, &p->feature[i], lang);
	put_cell(&t, japanese(lang) ? "全体" : "in all");
	put_cell(&t, way_text(&t, way, code, lang));
	put_cell(&t, arena_printf(&t.a, "%u", p->memory));
	put_cell(&t, chip_witness_name(plan_witness(p), lang));
	put_cell(&t, "");
	put_table(&t, out);
}

static const char *matrix_cell(struct table *t, const struct plan *p, const char *lang)
{
	if (p == NULL)
		return "-";
	enum diag_code code;
	enum plan_way way = explain_way(p, &code);
	if (way == PLAN_REFUSED)
		return way_text(t, way, code, lang);
	return arena_printf(
	    &t->a, "%s, %u, %s", explain_way_name(way, lang), p->memory, chip_witness_name(plan_witness(p), lang));
}

/* The first plan of a row or column, which knows the name of its AP or chip. */
static const struct plan *first(const struct plan *const *cell, size_t n, size_t step)
{
	for (size_t i = 0; i < n; i++)
		if (cell[i * step] != NULL)
			return cell[i * step];
	return NULL;
}

void explain_matrix(const struct plan *const *cell, size_t n_aps, size_t n_chips, const char *lang, struct buf *out)
{
	size_t at_once = COLUMNS - 1;
	for (size_t from = 0; from < n_chips; from += at_once) {
		size_t n = n_chips - from < at_once ? n_chips - from : at_once;
		struct table t = {.columns = n + 1};
		put_cell(&t, "AP");
		for (size_t k = from; k < from + n; k++) {
			const struct plan *p = first(cell + k, n_aps, n_chips);
			put_cell(&t, p == NULL ? "-" : p->chip->name);
		}
		for (size_t i = 0; i < n_aps; i++) {
			const struct plan *p = first(cell + i * n_chips, n_chips, 1);
			put_cell(&t, p == NULL ? "-" : p->contract->id);
			for (size_t k = from; k < from + n; k++)
				put_cell(&t, matrix_cell(&t, cell[i * n_chips + k], lang));
		}
		put_table(&t, out);
	}
}

/* ---- for programs ---- */

static void put_code(struct json *j, enum diag_code code)
{
	char number[8];
	json_put_text(j, "code", code == 0 ? "" : diag_code_text(code, number));
}

static void put_feature(struct json *j, const struct plan *p, const struct plan_feature *f, const char *lang)
{
	struct buf words = {0};
	explain_feature(p, f, lang, &words);
	json_put_object(j, NULL);
	json_put_text(j, "feature", kinds[f->kind]);
	json_put_text(j, "name", f->name);
	json_put_text(j, "text", buf_cstr(&words));
	json_put_text(j, "way", explain_way_name(f->way, "en"));
	put_code(j, f->code);
	json_put_number(j, "bytes", f->bytes);
	json_put_text(j, "witness", f->rests ? chip_witness_name(f->witness, "en") : "");
	json_put_text(j, "fact", f->rests ? chip_fact_id(f->weakest) : "");
	json_put_number(j, "line", f->at.line);
	json_put_number(j, "column", f->at.column);
	json_put_end(j);
	buf_reset(&words);
}

void explain_json(const struct plan *p, const char *lang, struct json *j, const char *key)
{
	enum diag_code code;
	enum plan_way way = explain_way(p, &code);
	json_put_object(j, key);
	json_put_text(j, "ap", p->contract->id);
	json_put_text(j, "chip", p->chip->name);
	json_put_text(j, "way", explain_way_name(way, "en"));
	put_code(j, code);
	json_put_number(j, "bytes", p->memory);
	json_put_text(j, "witness", chip_witness_name(plan_witness(p), "en"));
	json_put_array(j, "features");
	for (size_t i = 0; i < p->n_features; i++)
		put_feature(j, p, &p->feature[i], lang);
	json_put_end(j);
	json_put_end(j);
}
