/* Data objects: contract 6. GET and PUT DATA by tag, under each set of PINs that decides; and what a probe may ask of
 * objects that are no transparent EFs. */
#include "runtime/suite/gen.h"

#include <stdio.h>

enum { VALUE_MOST = 255 /* bytes of a value that a short command carries */ };

static const struct contract_file *file_of(const struct gen *g, uint16_t file)
{
	return &g->c->file[file];
}

/* More than an answer carries is given as far as the length, which the rule comes before. */
static void get_first(struct gen *g, uint16_t file)
{
	const struct contract_file *f = file_of(g, file);
	buf_printf(&g->body, "  send 00CA%04X Le %s\n    expect ", f->tag, gen_le(g, f->size));
	if (g->secured != 0 && g->put[file] == 0 && f->length > gen_response_most(g, g->secured))
		buf_str(&g->body, "wrong-length");
	else if (g->put[file] != 0)
		buf_printf(&g->body, "9000 data A5*%u", g->put[file]);
	else {
		buf_str(&g->body, f->length != 0 ? "9000 data" : "9000");
		gen_content(g, file, 0, f->length, &g->body);
	}
	buf_str(&g->body, "\n");
	gen_cover_clause(g, g->clause);
}

static void put_first(struct gen *g, uint16_t file)
{
	const struct contract_file *f = file_of(g, file);
	buf_printf(&g->body, "  send 00DA%04X", f->tag);
	gen_content(g, file, 0, f->length, &g->body);
	buf_str(&g->body, "\n");
	gen_expect(g, "9000");
}

static void open_with(struct gen *g, uint16_t file, enum file_op op, pin_set set, bool given)
{
	char with[256];
	gen_dialogue(g, CLAUSE_ACCESS, "%s %s%s: %s", op == FILE_READ ? "GET DATA" : "PUT DATA", file_of(g, file)->id,
	    gen_set_text(g, set, with), given ? "given" : "refused");
	gen_start(g);
	gen_verify_set(g, set);
}

/* Reads the object where anybody can: `n` bytes of A5, or (0) the first content. */
static void show(struct gen *g, uint16_t file, unsigned n)
{
	pin_set set;
	char expect[64];
	if (!gen_file_set(g, file, FILE_READ, &set))
		return;
	gen_select(g);
	gen_verify_set(g, set);
	gen_clause(g, CLAUSE_DATA);
	if (n == 0) {
		get_first(g, file);
		return;
	}
	snprintf(expect, sizeof expect, "9000 data A5*%u", n);
	gen_step(g, expect, "00CA%04X Le %s", file_of(g, file)->tag, gen_le(g, file_of(g, file)->size));
}

void gen_show_data(struct gen *g, uint16_t file)
{
	show(g, file, 0);
}

static void put_back(struct gen *g, uint16_t file)
{
	pin_set set;
	uint32_t length = file_of(g, file)->length;
	if (length == 0 || !gen_carrying_set(g, file, FILE_UPDATE, length, &set))
		return;
	gen_finally(g);
	gen_select(g);
	gen_verify_set(g, set);
	put_first(g, file);
	show(g, file, 0);
}

static void get_set(struct gen *g, uint16_t file, int outcome, pin_set set)
{
	open_with(g, file, FILE_READ, set, outcome == GEN_GIVEN);
	if (outcome == GEN_GIVEN)
		get_first(g, file);
	else
		gen_step(g, "refused-access", "00CA%04X Le 00", file_of(g, file)->tag);
	gen_cover_op(g, &g->file_op[file][FILE_READ], outcome, set);
}

static void put_given(struct gen *g, uint16_t file, pin_set set)
{
	const struct contract_file *f = file_of(g, file);
	unsigned reach = gen_reach(g, VALUE_MOST), most = f->size > reach ? reach : f->size;
	open_with(g, file, FILE_UPDATE, set, true);
	gen_step(g, "9000", "00DA%04X A5*%u", f->tag, most);
	gen_cover_op(g, &g->file_op[file][FILE_UPDATE], GEN_GIVEN, set);
	g->put[file] = f->length == 0 ? (uint16_t)most : 0;
	if (f->size < reach)
		gen_step(g, "wrong-data", "00DA%04X 5A*%u", f->tag, (unsigned)f->size + 1);
	show(g, file, most);
	put_back(g, file);
}

static void put_refused(struct gen *g, uint16_t file, pin_set set)
{
	open_with(g, file, FILE_UPDATE, set, false);
	gen_step(g, "refused-access", "00DA%04X A5", file_of(g, file)->tag);
	gen_cover_op(g, &g->file_op[file][FILE_UPDATE], GEN_REFUSED, set);
	show(g, file, 0);
	put_back(g, file);
}

static void sets(struct gen *g, uint16_t file, enum file_op op)
{
	for (int outcome = 0; outcome < GEN_OUTCOMES; outcome++) {
		const struct rules_sets *all = &g->file_op[file][op].rule.sets[outcome];
		for (size_t i = 0; i < all->n; i++) {
			if (!gen_now(g, all->set[i]))
				continue;
			if (op == FILE_READ)
				get_set(g, file, outcome, all->set[i]);
			else
				(outcome == GEN_GIVEN ? put_given : put_refused)(g, file, all->set[i]);
		}
	}
}

static unsigned unknown_tag(const struct gen *g)
{
	for (unsigned tag = 0x01ee;; tag--) {
		bool taken = false;
		for (uint16_t f = 0; f < g->c->n_files; f++)
			taken = taken || (g->c->file[f].structure == FILE_DATA_OBJECT && g->c->file[f].tag == tag);
		if (!taken)
			return tag;
	}
}

static void absent(struct gen *g)
{
	gen_dialogue(g, CLAUSE_DATA, "data objects that do not exist");
	gen_start(g);
	gen_verify_set(g, g->usable & gen_visible(g));
	gen_step(g, "not-found", "00CA%04X Le 00", unknown_tag(g));
	gen_step(g, "not-found", "00DA%04X A5", unknown_tag(g));
}

void gen_data_part(struct gen *g)
{
	bool any = false;
	for (uint16_t f = 0; f < g->c->n_files; f++) {
		if (file_of(g, f)->structure != FILE_DATA_OBJECT)
			continue;
		g->df = file_of(g, f)->df;
		if (!any && g->phase == 0)
			absent(g);
		any = true;
		sets(g, f, FILE_READ);
		sets(g, f, FILE_UPDATE);
	}
	g->df = 0;
}

/* ---- the probe ---- */

/* A free read must be given; whatever it gives may have changed since the card was made. */
static void probe_read(struct gen *g, uint16_t file, bool contactless)
{
	const struct contract_file *f = file_of(g, file);
	int outcome = gen_free(g, f->rule[FILE_READ], contactless);
	bool given = outcome == GEN_GIVEN;
	if (outcome == GEN_OUTCOMES)
		return;
	if (f->structure == FILE_DATA_OBJECT) {
		if (given && f->size > 256)
			return;
		gen_step(g, given ? "9000 *" : "refused-access", "00CA%04X Le 00", f->tag);
	} else if (f->structure == FILE_COUNTER)
		gen_step(g, given ? gen_length(g, f->size) : "refused-access", "00B00000 Le 00");
	else
		gen_step(g, given ? "9000 * or not-found" : "refused-access", "00B20104 Le 00");
	gen_cover_op(g, &g->file_op[file][FILE_READ], outcome, contactless ? g->rules.contactless : 0);
}

void gen_object_probe(struct gen *g, uint16_t file, bool contactless)
{
	const struct contract_file *f = file_of(g, file);
	gen_dialogue(g, CLAUSE_ACCESS, "%s without any PIN%s", f->id, contactless ? ", contactless" : "");
	gen_probe_begin(g, contactless);
	if (f->structure != FILE_DATA_OBJECT)
		gen_step(g, "9000", "00A4020C %04X", f->fid);
	probe_read(g, file, contactless);
}
