/* What objects hold in the course of a suite. Counters and records are not always put back: what increases cannot
 * always be decreased, and records cannot be taken away again. */
#include "runtime/suite/gen.h"

#include <stdlib.h>

bool gen_has_records(const struct contract_file *f)
{
	return f->structure == FILE_LINEAR_FIXED || f->structure == FILE_LINEAR_VARIABLE || f->structure == FILE_CYCLIC;
}

bool gen_per_card(const struct gen *g, uint16_t file)
{
	for (uint16_t i = 0; i < g->c->n_fields; i++)
		if (g->c->field[i].file == file && g->c->field[i].value != CONTRACT_NONE)
			return true;
	return false;
}

static struct gen_counting counting(const struct gen *g, uint16_t file)
{
	const struct contract_file *f = &g->c->file[file];
	struct gen_counting k = {.known = !gen_per_card(g, file)};
	for (uint32_t i = 0; i < f->size; i++)
		k.now = k.now << 8 | g->c->pool[f->content + i];
	return k;
}

static struct gen_recording *recording(const struct gen *g, uint16_t file)
{
	struct gen_recording *k = calloc(1, sizeof *k);
	if (k == NULL)
		return NULL;
	k->file = file;
	k->f = &g->c->file[file];
	k->n = k->f->records;
	k->next = 0x11;
	for (uint16_t i = 1; i <= k->n; i++) {
		const uint8_t *slot = g->c->pool + k->f->content + (i - 1U) * (2U + k->f->record_length);
		k->r[i] = (struct gen_record){.initial = i, .length = (uint16_t)(slot[0] << 8 | slot[1])};
	}
	return k;
}

bool gen_state_open(struct gen *g)
{
	for (uint16_t i = 0; i < g->c->n_files; i++) {
		if (g->c->file[i].structure == FILE_COUNTER)
			g->counting[i] = counting(g, i);
		if (gen_has_records(&g->c->file[i]) && (g->recording[i] = recording(g, i)) == NULL)
			return false;
	}
	return true;
}

void gen_state_release(struct gen *g)
{
	for (uint16_t i = 0; i < CONTRACT_FILES; i++)
		free(g->recording[i]);
	free(g->patch);
	arena_free(&g->text);
}

void gen_appended(struct gen_recording *k, struct gen_record r)
{
	k->next++;
	if (k->f->structure != FILE_CYCLIC) {
		k->r[++k->n] = r;
		return;
	}
	k->n = (uint16_t)(k->n + (k->n < k->f->record_count));
	for (unsigned i = k->n; i > 1; i--)
		k->r[i] = k->r[i - 1];
	k->r[1] = r;
}

void gen_open_op(struct gen *g, uint16_t file, enum file_op op, pin_set set, int outcome)
{
	char with[256];
	gen_dialogue(g, CLAUSE_ACCESS, "%s %s%s: %s", contract_file_op_name(op), g->c->file[file].id,
	    gen_set_text(g, set, with), outcome == GEN_GIVEN ? "given" : "refused");
	gen_start(g);
	gen_verify_set(g, set);
}
