/* Reference cards: apsim new --ap, and apsim prove. */
#include <assert.h>
#include <stdio.h>
#include <unistd.h>

#include "compiler/description/description.h"
#include "runtime/apsim.h"
#include "runtime/base/file.h"
#include "runtime/base/json.h"
#include "runtime/base/xml.h"
#include "runtime/crypto/random.h"
#include "runtime/image/values.h"
#include "runtime/link/link_sim.h"
#include "runtime/sim/reference/reference.h"
#include "runtime/suite/suite.h"

static const struct srcloc nowhere;

/* Cards differ unless the user wants them equal. */
uint64_t apsim_seed(const struct cli *c)
{
	uint64_t seed = cli_number(c, "seed", 0);
	if (!cli_has(c, "seed") && !random_bytes(&seed, sizeof seed))
		seed = (uint64_t)getpid();
	return seed;
}

/* One card's values in the card's words and in the terminal's. */
struct values {
	struct buf bytes[CONTRACT_VALUES];
	struct reference_value card[CONTRACT_VALUES];
	struct suite_value terminal[CONTRACT_VALUES];
};

/* Deliver every value through the card's own commands and end personalisation. */
static bool personalise(
    struct cli *c, struct sim *s, const struct image *img, const struct value_set *given, struct values *v)
{
	bool ok = true;
	for (size_t i = 0; i < img->n_holes; i++) {
		const struct buf *b = &v->bytes[i];
		ok = ok && values_bytes(given, &img->hole[i], &v->bytes[i]) && !b->bad;
		v->card[i] = (struct reference_value){img->hole[i].name, b->p, b->n};
		v->terminal[i] = (struct suite_value){img->hole[i].name, b->p, b->n};
	}
	sw_t sw = ok ? reference_personalise(s, v->card, img->n_holes) : SW_NO_DIAGNOSIS;
	/* What values_check lets pass, the card takes: the rules are those of one contract. */
	assert(sw == SW_OK || sw == SW_NO_DIAGNOSIS);
	return sw == SW_OK ? true : diag_add(&c->diags, nowhere, DIAG_NO_MEMORY, NULL);
}

static void wipe_values(struct values *v)
{
	for (size_t i = 0; i < CONTRACT_VALUES; i++)
		buf_reset(&v->bytes[i]);
}

static const struct description *read_description(struct cli *c, struct arena *a, const char *file)
{
	struct buf text = {0};
	const struct description *ap = NULL;
	if (file_read(file, XML_MAX, &text, &c->diags))
		ap = description_read(a, text.p, text.n, file, &c->diags);
	buf_reset(&text);
	return ap;
}

bool apsim_new_reference(struct cli *c, struct arena *a, const char *path)
{
	static struct image img;
	static struct values v;
	struct sim s;
	struct value_set given = {0};
	bool wanted = cli_has(c, "perso") || cli_has(c, "set"), ok = false;
	const struct description *ap = read_description(c, a, cli_value(c, "ap"));
	if (ap == NULL)
		return false;
	apsim_holes(&img, ap->contract);
	if ((wanted && !apsim_gather_values(c, ap->contract, &img, &given)) ||
	    !sim_new(path, NULL, ap->contract, apsim_seed(c), &c->diags))
		goto out;
	wanted = wanted || img.n_holes == 0;
	ok = true;
	if (wanted) {
		ok = sim_open(&s, path, &c->diags);
		if (ok) {
			ok = personalise(c, &s, &img, &given, &v);
			sim_close(&s);
		}
	}
	if (ok)
		cli_say(c,
		    wanted
			? cli_pick(c, "%s: a new reference card, AP %s", "%s:AP %s の新しい基準カードを作りました")
			: cli_pick(c,
			      "%s: a new reference card, AP %s, not personalised: it refuses every command but SELECT "
			      "(values: --perso or --set)",
			      "%s:AP %s の新しい基準カード(未発行)を作りました。SELECT 以外は拒否します(値は --perso "
			      "か --set)"),
		    path, ap->contract->id);
out:
	wipe_values(&v);
	values_reset(&given);
	return ok;
}

/* ---- prove ---- */

/* One suite; its report goes to the answer. */
static bool run_suite(struct cli *c, struct sim *s, const struct contract *ap, enum suite_kind kind,
    const struct suite_values *values, struct json *j)
{
	static const char *const name[] = {[SUITE_PROBE] = "probe", [SUITE_FULL] = "full"};
	struct buf text = {0};
	struct link l = {0};
	struct suite_report r = {0};
	struct suite_coverage cov = {0};
	bool made = suite_generate(ap, kind, &text, &cov), ok = false;
	struct suite *suite = made ? suite_parse(text.p, text.n, ap->id, &c->diags) : NULL;
	link_sim_of(&l, s);
	if (suite != NULL) {
		ok = suite_run(suite, &l, values, &r, &c->diags) && r.not_run == 0;
		buf_printf(&c->text, "%s: ", name[kind]);
		suite_report_text(&r, c->lang, &c->text);
		suite_report_json(&r, j, name[kind]);
		size_t beyond = kind == SUITE_FULL ? suite_coverage_count(&cov, -1, COVER_OUT_OF_REACH) : 0;
		if (beyond != 0)
			buf_printf(&c->text,
			    cli_pick(c, "not shown, out of reach of one run on one card: %zu (--coverage lists them)\n",
				"1 枚のカードの 1 回の実行では示せないもの:%zu 件(--coverage で一覧)\n"),
			    beyond);
		if (kind == SUITE_FULL && cli_has(c, "coverage"))
			suite_coverage_text(&cov, &c->text);
	} else if (!made) {
		diag_add(&c->diags, nowhere, DIAG_NO_MEMORY, NULL);
	}
	suite_free(suite);
	suite_report_reset(&r);
	suite_coverage_reset(&cov);
	link_close(&l);
	buf_reset(&text);
	return ok;
}

static bool prove(struct cli *c, const struct contract *ap, const struct value_set *given, const struct image *img)
{
	static struct values v;
	struct sim s;
	struct json j = json_to(&c->result);
	if (!sim_new_in_memory(&s, NULL, ap, apsim_seed(c), &c->diags))
		return false;
	bool ok = personalise(c, &s, img, given, &v);
	struct suite_values values = {.row = v.terminal, .n = img->n_holes};
	json_put_object(&j, NULL);
	json_put_text(&j, "id", ap->id);
	ok = ok && run_suite(c, &s, ap, SUITE_PROBE, &values, &j);
	ok = ok && run_suite(c, &s, ap, SUITE_FULL, &values, &j);
	json_put_end(&j);
	sim_close(&s);
	wipe_values(&v);
	return ok;
}

bool apsim_prove(struct cli *c)
{
	static struct image img;
	struct arena a = {0};
	struct value_set given = {0};
	const struct description *ap = read_description(c, &a, c->arg[0]);
	bool ok = ap != NULL;
	if (ok) {
		apsim_holes(&img, ap->contract);
		ok = apsim_gather_values(c, ap->contract, &img, &given) && prove(c, ap->contract, &given, &img);
	}
	values_reset(&given);
	arena_free(&a);
	return ok;
}
