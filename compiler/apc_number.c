/* apc number FILE ID: the next numbers of a numbering rule, as a CSV file for personalisation. Whoever issues the cards
 * keeps where the next run begins; nothing is counted here, so that equal arguments give equal numbers. */
#include "compiler/apc.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/description/description.h"
#include "runtime/base/arena.h"
#include "runtime/base/json.h"
#include "runtime/contract/numbering.h"

static const struct srcloc nowhere;

static const struct contract_numbering *find(struct cli *c, const struct contract *ap, const char *id)
{
	for (uint16_t i = 0; i < ap->n_numberings; i++)
		if (strcmp(ap->numbering[i].id, id) == 0)
			return &ap->numbering[i];
	diag_add(&c->diags, nowhere, DIAG_NUMBERING_UNKNOWN, id, NULL);
	return NULL;
}

/* Running numbers have up to 18 digits. */
static bool start_of(struct cli *c, const struct contract_numbering *n, uint64_t *running)
{
	const char *text = cli_value(c, "start");
	*running = n->from;
	if (text == NULL)
		return true;
	size_t length = strlen(text);
	if (length == 0 || length > 18 || strspn(text, "0123456789") != length)
		return diag_add(&c->diags, nowhere, DIAG_ARG_NUMBER, "start", text, NULL);
	*running = strtoull(text, NULL, 10);
	return true;
}

/* Every field of the rule is a column: a card has one number, wherever it stands. */
static size_t header(struct cli *c, const struct contract *ap, const struct contract_numbering *n)
{
	size_t columns = 0;
	for (uint16_t i = 0; i < ap->n_values; i++)
		if (ap->value[i].source == SOURCE_NUMBERING && &ap->numbering[ap->value[i].numbering] == n)
			buf_printf(&c->text, "%s%s", columns++ == 0 ? "" : ",", ap->value[i].name);
	if (columns == 0)
		buf_printf(&c->text, "%s", n->id);
	buf_str(&c->text, "\n");
	return columns == 0 ? 1 : columns;
}

static bool write_numbers(struct cli *c, const struct contract *ap, const struct contract_numbering *n)
{
	uint32_t wanted = cli_number(c, "count", 1), made = 0;
	char text[NUMBERING_TEXT];
	uint64_t running = 0;
	struct json j = json_to(&c->result);
	if (!start_of(c, n, &running))
		return false;
	const char *start = diag_num(running);
	size_t columns = header(c, ap, n);
	json_put_array(&j, NULL);
	for (; made < wanted && numbering_next(n, &running, text); made++, running++) {
		for (size_t i = 0; i < columns; i++)
			buf_printf(&c->text, "%s%s", i == 0 ? "" : ",", text);
		buf_str(&c->text, "\n");
		json_put_text(&j, NULL, text);
	}
	json_put_end(&j);
	if (made == wanted)
		return true;
	buf_clear(&c->text); /* half a run would be taken for the whole */
	buf_clear(&c->result);
	return diag_add(&c->diags, nowhere, DIAG_NUMBERS_OUT, n->id, diag_num(made), diag_num(wanted), start, NULL);
}

bool apc_number(struct cli *c)
{
	struct arena a = {0};
	const struct description *ap = apc_read(c, &a, c->arg[0]);
	const struct contract_numbering *n = ap == NULL ? NULL : find(c, ap->contract, c->arg[1]);
	bool ok = n != NULL && write_numbers(c, ap->contract, n);
	arena_free(&a);
	return ok;
}
