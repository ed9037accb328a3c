/* All or nothing within what one transaction of the chip holds (contract 4). With short APDUs a command writes at most
 * 255 bytes of content and what stands before them; what a chip cannot hold so is refused.
 *
 * A write takes more than its bytes; how much more no chip says. What is counted here is the reference implementation's
 * (Java Card 2.2.2). */
#include "compiler/emit/javacard/jcg.h"

#include "runtime/chip/limits.h"

enum { WRITE = 6, LC_MOST = 255, OBJECT_HEADER = 2, SLOT_HEADER = 1 };

static uint32_t of_file(const struct contract_file *f)
{
	const uint32_t whole = f->size < LC_MOST ? f->size : LC_MOST;
	switch ((enum file_structure)f->structure) {
	case FILE_TRANSPARENT:
		return f->rule[FILE_UPDATE] != 0 ? whole + WRITE : 0;
	case FILE_DATA_OBJECT:
		return f->rule[FILE_UPDATE] != 0 ? OBJECT_HEADER + whole + WRITE : 0;
	case FILE_LINEAR_FIXED:
	case FILE_LINEAR_VARIABLE:
	case FILE_CYCLIC:
		return SLOT_HEADER + f->record_length + WRITE;
	case FILE_COUNTER:
		return f->size + WRITE;
	}
	return 0;
}

/* The value with its length and its tries, and whether it is in transport. */
static uint32_t of_pin(const struct contract_pin *p)
{
	return p->max + 2u + WRITE + 1u + WRITE;
}

/* The most that one command writes all or nothing, and where that is said. */
static uint32_t most_at_once(const struct contract *c, const struct description_where *w, struct srcloc *at)
{
	uint32_t most = 0;
	for (uint16_t i = 0; i < c->n_files; i++)
		if (of_file(&c->file[i]) > most) {
			most = of_file(&c->file[i]);
			*at = w->file[i].element;
		}
	for (uint16_t i = 0; i < c->n_pins; i++)
		if (of_pin(&c->pin[i]) > most) {
			most = of_pin(&c->pin[i]);
			*at = w->pin[i].length;
		}
	return most;
}

bool jcg_commit_fits(const struct plan *p, struct diag_list *d)
{
	struct chip_limits has;
	struct srcloc at = p->description->where->ap;
	uint32_t needs = most_at_once(p->contract, p->description->where, &at);
	chip_limits(p->chip, &has);
	if (needs <= has.commit)
		return true;
	return diag_add(
	    d, at, DIAG_PLAN_COMMIT, p->contract->id, diag_num(needs), p->chip->name, diag_num(has.commit), NULL);
}
