/* Policy: what is well-formed and yet must not, or should not, be put on cards. */
#include "compiler/description/build.h"

#include <ctype.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/contract/personal_number.h"

/* --- access ------------------------------------------------------------------------------------------------------ */

static bool known(const struct build *b, uint16_t file)
{
	for (int op = 0; op < FILE_OPS; op++)
		if (b->access[file][op].rule == RULE_BAD)
			return false;
	return true;
}

static bool in_file(const struct contract *c, const struct contract_operand *o, uint16_t file)
{
	return (o->kind == OPERAND_COUNTER && o->index == file) ||
	    (o->kind == OPERAND_FIELD && c->field[o->index].file == file);
}

/* Whether somebody can ever do this to a file, by its own rule. */
static bool reachable(const struct contract *c, uint16_t file, enum file_op op)
{
	return !rule_impossible(c, c->file[file].rule[op], answer_of_op(op));
}

/* What a command does with a file. */
static void through_command(
    const struct contract *c, const struct contract_command *m, uint16_t file, bool *read, bool *written)
{
	for (uint16_t i = 0; i < m->n_steps; i++) {
		const struct contract_step *s = &c->step[m->first_step + i];
		bool left = in_file(c, &s->left, file), right = in_file(c, &s->right, file);
		bool changes = s->op == STEP_INCREASE || s->op == STEP_DECREASE;
		*written |=
		    (changes && left) || (s->op == STEP_COPY && right) || (s->op == STEP_APPEND && s->target == file);
		*read |= (left && !changes) || (right && s->op != STEP_COPY);
	}
}

/* What the AP's own commands do with it, those that somebody can use. */
static void through_commands(const struct build *b, uint16_t file, bool *read, bool *written)
{
	for (uint16_t i = 0; i < b->c->n_commands; i++)
		if (b->rules_bad || !command_dead(b->c, &b->c->command[i]))
			through_command(b->c, &b->c->command[i], file, read, written);
}

static void check_access(struct build *b, uint16_t i)
{
	const struct contract_file *f = &b->c->file[i];
	bool read = reachable(b->c, i, FILE_READ), written = false;
	if (!known(b, i))
		return;
	for (int op = FILE_UPDATE; op < FILE_OPS; op++)
		written = written || reachable(b->c, i, (enum file_op)op);
	through_commands(b, i, &read, &written);
	if (!read && !written)
		diag_add(b->d, b->file[i]->xml->at, DIAG_FILE_DEAD, f->id, diag_num(f->size), NULL);
	else if (!read)
		diag_add(b->d, b->file[i]->xml->at, DIAG_FILE_NEVER_READ, f->id, NULL);
	for (int op = FILE_UPDATE; op < FILE_OPS; op++)
		if (f->rule[op] == 1)
			diag_add(b->d, b->w->file[i].rule[op], DIAG_FILE_UPDATE_ALWAYS, f->id, NULL);
}

/* No rule anywhere asks for anything. */
static void check_any_control(struct build *b)
{
	const struct contract *c = b->c;
	for (uint16_t i = 0; i < c->n_files; i++)
		for (int op = 0; op < FILE_OPS; op++)
			if (!known(b, i) || c->file[i].rule[op] > 1)
				return;
	for (const struct rule_row *r = b->rules; r != NULL; r = r->next)
		if ((r->node->element == ELEMENT_COMMAND || r->node->element == ELEMENT_REQUIRE ||
			r->node->element == ELEMENT_CARD_AP) &&
		    r->use.rule > 1)
			return;
	if (c->n_files != 0)
		diag_add(b->d, b->root->xml->at, DIAG_NO_ACCESS_CONTROL, b->c->id, NULL);
}

/* --- memory ------------------------------------------------------------------------------------------------------ */

/* Bytes behind the last field of a file that nobody can write hold the fill byte for ever. */
static void check_size(struct build *b, uint16_t i)
{
	const struct contract_file *f = &b->c->file[i];
	uint32_t end = 0;
	if (!known(b, i) || f->rule[FILE_UPDATE] != 0 || f->rule[FILE_READ] == 0 || f->size == 0 ||
	    f->structure != FILE_TRANSPARENT)
		return;
	for (uint16_t k = 0; k < b->c->n_fields; k++) {
		const struct contract_field *g = &b->c->field[k];
		if (g->file != i)
			continue;
		if (g->length == 0)
			return; /* reported */
		if (g->offset + g->length > end)
			end = g->offset + g->length;
	}
	if (end < f->size)
		diag_add(b->d, AT(b->file[i], FILE_SIZE), DIAG_FILE_OVERSIZED, f->id, diag_num(f->size),
		    diag_num(f->size - end), NULL);
}

/* --- personal numbers -------------------------------------------------------------------------------------------- */

/* Contract 12: a whole value of that many digits is an error, inside a longer value a warning. Padding is no part of a
 * value. */
static void check_numbers(struct build *b, uint16_t i)
{
	const struct node *n = b->field[i];
	if (n->element != ELEMENT_FIELD)
		return; /* the first value of a counter */
	const struct slot *s = node_slot(n, ATTR_FIELD_VALUE);
	if (!s->ok || s->src == NULL || !node_has(n, ATTR_FIELD_FORMAT))
		return;
	const uint8_t *p = (const uint8_t *)s->text;
	size_t len = s->length, at = 0, scale = 1;
	if (b->c->field[i].format == FORMAT_BINARY) {
		uint8_t *bytes = arena_alloc(b->a, len / 2 + 1);
		if (!hex_decode(s->text, len, bytes, len / 2, &len))
			return; /* reported */
		p = bytes;
		scale = 2;
	}
	enum personal_number whole = personal_number_whole(p, len);
	const char *id = b->c->field[i].id;
	if (whole != PERSONAL_NUMBER_NONE) {
		diag_add(b->d, s->src->value_at,
		    whole == PERSONAL_NUMBER_INDIVIDUAL ? DIAG_INDIVIDUAL_NUMBER : DIAG_RESIDENT_CODE, id, NULL);
		return;
	}
	if (scale == 2 && personal_number_packed(p, len) != PERSONAL_NUMBER_NONE)
		diag_add(b->d, s->src->value_at, DIAG_PERSONAL_NUMBER_INSIDE, id, diag_num(0), NULL);
	else if (personal_number_inside(p, len, &at) != PERSONAL_NUMBER_NONE)
		diag_add(b->d, xml_value_at(s->src, at * scale), DIAG_PERSONAL_NUMBER_INSIDE, id, diag_num(at), NULL);
}

static bool may_be_personal(const struct contract *c, const struct contract_operand *o)
{
	const uint8_t *p = c->pool + o->at;
	return o->kind == OPERAND_LITERAL &&
	    (personal_number_inside(p, o->length, NULL) != PERSONAL_NUMBER_NONE ||
		personal_number_packed(p, o->length) != PERSONAL_NUMBER_NONE);
}

static void check_constants(struct build *b, const struct contract_command *m)
{
	for (uint16_t i = 0; i < m->n_steps; i++) {
		const struct contract_step *s = &b->c->step[m->first_step + i];
		if (may_be_personal(b->c, &s->left) || may_be_personal(b->c, &s->right))
			diag_add(b->d, b->w->step[m->first_step + i], DIAG_PERSONAL_NUMBER_CONSTANT, m->id, NULL);
	}
}

/* --- personal data ----------------------------------------------------------------------------------------------- */

/* Words of ids and column names that speak of personal data. A word with ' ' stands for a whole name only, because
 * "name" is also the name of a zone or an issuer. */
static const char *const personal_words[] = {"birth", "birthday", "birthdate", "dob", "address", "sex", "gender",
    "phone", "tel", "mobile", "mail", "email", "mynumber", "kojinbango", "juminhyo", "shimei", "jusho", "seibetsu",
    "seinengappi", "surname", " name", " full-name", " holder-name", " family-name", " given-name", " first-name",
    " last-name", " my-number"};

static bool same_word(const char *text, size_t n, const char *word)
{
	if (strlen(word) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (tolower((unsigned char)text[i]) != word[i])
			return false;
	return true;
}

static bool personal(const char *name)
{
	for (size_t w = 0; w < sizeof personal_words / sizeof *personal_words; w++) {
		const char *word = personal_words[w];
		if (*word == ' ' && same_word(name, strlen(name), word + 1))
			return true;
		for (const char *part = name; *part != 0;) {
			size_t n = strcspn(part, "-");
			if (same_word(part, n, word))
				return true;
			part += n + (part[n] != 0);
		}
	}
	return false;
}

/* The order of grammar.def. What is said about a field goes before what its name seems to say. */
enum { HOLDS_USER_NUMBER, HOLDS_PERSONAL_DATA, HOLDS_INDIVIDUAL_NUMBER, HOLDS_RESIDENT_CODE };

static void check_personal_data(struct build *b, uint16_t i)
{
	const struct contract_field *f = &b->c->field[i];
	bool counter = b->field[i]->element != ELEMENT_FIELD;
	const char *source = counter ? "" : node_text(b->field[i], ATTR_FIELD_SOURCE);
	bool said = !counter && node_has(b->field[i], ATTR_FIELD_HOLDS);
	uint32_t holds = said ? node_number(b->field[i], ATTR_FIELD_HOLDS) : HOLDS_USER_NUMBER;
	if (holds == HOLDS_INDIVIDUAL_NUMBER || holds == HOLDS_RESIDENT_CODE)
		diag_add(b->d, AT(b->field[i], FIELD_HOLDS), DIAG_FIELD_FORBIDDEN, f->id,
		    holds == HOLDS_INDIVIDUAL_NUMBER ? "個人番号" : "住民票コード", NULL);
	else if (holds == HOLDS_PERSONAL_DATA || (!said && (personal(f->id) || personal(source))))
		diag_add(b->d, b->field[i]->xml->at, DIAG_PERSONAL_DATA, f->id, NULL);
}

static void oversized(struct build *b, uint16_t i, struct srcloc at, uint32_t size, uint32_t idle)
{
	if (idle != 0)
		diag_add(b->d, at, DIAG_FILE_OVERSIZED, b->c->file[i].id, diag_num(size), diag_num(idle), NULL);
}

/* The same of data objects and records: what nobody can ever put in needs no room. */
static void check_room(struct build *b, uint16_t i)
{
	const struct contract_file *f = &b->c->file[i];
	bool read = f->rule[FILE_READ] != 0, written = false;
	through_commands(b, i, &read, &written);
	if (!known(b, i) || written || !read || f->rule[FILE_UPDATE] != 0 || f->rule[FILE_APPEND] != 0 || f->size == 0)
		return;
	if (f->structure == FILE_DATA_OBJECT)
		oversized(b, i, b->w->file[i].size, f->size, f->size - f->length);
	if (b->file[i]->element != ELEMENT_RECORDS)
		return;
	uint32_t described = 0;
	for (const struct node *n = b->file[i]->child; n != NULL; n = n->next)
		described += n->element == ELEMENT_RECORD;
	if (described < f->record_count)
		oversized(b, i, b->w->file[i].count, (uint32_t)f->record_count * f->record_length,
		    (f->record_count - described) * f->record_length);
}

void check_policy(struct build *b)
{
	for (uint16_t i = 0; i < b->c->n_files; i++) {
		check_access(b, i);
		check_size(b, i);
		check_room(b, i);
	}
	for (uint16_t i = 0; i < b->c->n_fields; i++) {
		check_numbers(b, i);
		check_personal_data(b, i);
	}
	for (uint16_t i = 0; i < b->c->n_commands; i++)
		check_constants(b, &b->c->command[i]);
	check_any_control(b);
}
