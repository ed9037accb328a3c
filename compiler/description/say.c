#include "compiler/description/say.h"

#include <stdarg.h>
#include <string.h>

#include "compiler/description/description.h"
#include "compiler/description/truth.h"
#include "runtime/base/arena.h"
#include "runtime/base/hex.h"

enum phrase {
#define SAY(name, en, ja) SAY_##name,
#include "compiler/description/say.def"
#undef SAY
};

static const char *const phrases[][2] = {
#define SAY(name, en, ja) [SAY_##name] = {en, ja},
#include "compiler/description/say.def"
#undef SAY
};

struct say {
	const struct contract *c;
	int lang; /* column of phrases */
	struct arena a;
	struct buf *out;
};

/* ---- words into sentences ---- */

enum { WORDS = 4 };

/* A phrase with its words, up to the first NULL. */
static const char *words(struct say *s, enum phrase p, ...)
{
	const char *word[WORDS] = {"", "", "", ""};
	struct buf b = {0};
	va_list ap;
	va_start(ap, p);
	for (int i = 0; i < WORDS; i++) {
		const char *w = va_arg(ap, const char *);
		if (w == NULL)
			break;
		word[i] = w;
	}
	va_end(ap);
	for (const char *t = phrases[p][s->lang]; *t != 0; t++) {
		if (t[0] == '{' && t[1] >= '1' && t[1] < '1' + WORDS && t[2] == '}') {
			buf_str(&b, word[t[1] - '1']);
			t += 2;
		} else {
			buf_u8(&b, (unsigned char)*t);
		}
	}
	const char *text = arena_strdup(&s->a, buf_cstr(&b));
	buf_reset(&b);
	return text;
}

#define WORD(s, ...)  words((s), __VA_ARGS__, (const char *)NULL)
#define NUMBER(s, n)  arena_printf(&(s)->a, "%lu", (unsigned long)(n))
#define HEADING(...)  put(s, "", WORD(s, __VA_ARGS__))
#define SENTENCE(...) put(s, "  ", WORD(s, __VA_ARGS__))

static void put(struct say *s, const char *indent, const char *text)
{
	buf_printf(s->out, "%s%s\n", indent, text);
}

static void end(struct say *s)
{
	buf_u8(s->out, '\n');
}

static const char *hex(struct say *s, const uint8_t *p, size_t n)
{
	char *text = arena_alloc(&s->a, 2 * n + 1);
	hex_encode(text, p, n);
	return text;
}

static const char *bytes(struct say *s, size_t n)
{
	return WORD(s, n == 1 ? SAY_BYTE : SAY_BYTES, NUMBER(s, n));
}

static const char *records(struct say *s, size_t n)
{
	return WORD(s, n == 1 ? SAY_RECORD : SAY_RECORDS, NUMBER(s, n));
}

/* ---- conditions ---- */

static const char *condition(struct say *s, uint16_t rule);

/* "and" binds tighter than "or", in words too: only an "or" inside an "and" is enclosed. */
static const char *operand(struct say *s, uint16_t rule, uint8_t above)
{
	const char *text = condition(s, rule);
	return s->c->rule[rule].op == RULE_OR && above == RULE_AND ? WORD(s, SAY_ENCLOSED, text) : text;
}

static const char *level(struct say *s, uint16_t l)
{
	return WORD(s, l == SM_MAC ? SAY_LEVEL_MAC : l == SM_ENC ? SAY_LEVEL_ENC : SAY_LEVEL_ENC_MAC);
}

static const char *condition(struct say *s, uint16_t rule)
{
	const struct contract *c = s->c;
	const struct contract_rule *r = &c->rule[rule];
	switch ((enum rule_op)r->op) {
	case RULE_NEVER:
		return WORD(s, SAY_NEVER);
	case RULE_ALWAYS:
		return WORD(s, SAY_ALWAYS);
	case RULE_PIN:
		return WORD(s, SAY_IF_PIN, c->pin[r->a].id);
	case RULE_PIN_UNSET:
		return WORD(s, SAY_IF_PIN_UNSET, c->pin[r->a].id);
	case RULE_AUTH:
		return WORD(s, SAY_IF_AUTH, c->key[r->a].id);
	case RULE_SM:
		if (r->b == CONTRACT_NONE)
			return WORD(s, SAY_IF_SM, level(s, r->a));
		return WORD(s, SAY_IF_SM_KEY, level(s, r->a), c->key[r->b].id);
	case RULE_CONTACT:
		return WORD(s, SAY_IF_CONTACT);
	case RULE_CONTACTLESS:
		return WORD(s, SAY_IF_CONTACTLESS);
	case RULE_AND:
	case RULE_OR:
		return WORD(s, r->op == RULE_AND ? SAY_AND : SAY_OR, operand(s, r->a, r->op), operand(s, r->b, r->op));
	}
	return "";
}

/* The sentence for a rule that is always, something in between, or never; the three phrases follow one another. Where a
 * condition is never fulfilled, it is told as the reason. */
static void put_rule(struct say *s, enum phrase any, uint16_t rule, enum answer answer)
{
	enum rule_op op = (enum rule_op)s->c->rule[rule].op;
	if (op == RULE_ALWAYS)
		SENTENCE(any);
	else if (!rule_impossible(s->c, rule, answer))
		SENTENCE(any + 1, condition(s, rule));
	else
		SENTENCE(any + 2);
	if (op != RULE_NEVER && rule_impossible(s->c, rule, answer))
		SENTENCE(
		    rule_impossible(s->c, rule, ANSWER_STATUS) ? SAY_IMPOSSIBLE : SAY_OUT_OF_REACH, condition(s, rule));
}

void say_rule(const struct contract *c, uint16_t rule, const char *lang, struct buf *out)
{
	struct say s = {.c = c, .lang = strcmp(lang, "ja") == 0, .out = out};
	buf_str(out, condition(&s, rule));
	arena_free(&s.a);
}

/* ---- the AP and its DFs ---- */

static void put_ap(struct say *s)
{
	const struct contract *c = s->c;
	const char *title = c->title[s->lang][0] != 0 ? c->title[s->lang] : c->title[!s->lang];
	if (*title != 0)
		HEADING(SAY_TITLE, title, c->id, c->version);
	else
		HEADING(SAY_TITLE_NONE, c->id, c->version);
	SENTENCE(SAY_AP, hex(s, c->aid, c->aid_len),
	    WORD(s, c->area == AREA_LOCAL ? SAY_AREA_LOCAL : SAY_AREA_EXTENSION),
	    WORD(s, c->personality == PERSONALITY_JICSAP ? SAY_PERSONALITY_JICSAP : SAY_PERSONALITY_ISO),
	    WORD(s, c->extended ? SAY_APDU_EXTENDED : SAY_APDU_SHORT));
	end(s);
}

static void put_inside(struct say *s, uint16_t df)
{
	if (df != 0)
		SENTENCE(SAY_DF_INSIDE, s->c->df[df].id);
}

static void put_df(struct say *s, const struct contract_df *d)
{
	HEADING(SAY_DF, d->id, arena_printf(&s->a, "%04X", d->fid));
	put_inside(s, d->parent);
	if (d->aid_len != 0)
		SENTENCE(SAY_DF_NAMED, hex(s, d->aid, d->aid_len));
	end(s);
}

/* ---- per-card values ---- */

static const char *source(struct say *s, uint16_t value)
{
	const struct contract_value *v = &s->c->value[value];
	switch ((enum value_source)v->source) {
	case SOURCE_CSV:
		return WORD(s, SAY_SOURCE_CSV, v->name);
	case SOURCE_CALLER:
		return WORD(s, SAY_SOURCE_CALLER, v->name);
	case SOURCE_NUMBERING:
		return WORD(s, SAY_SOURCE_NUMBERING, s->c->numbering[v->numbering].id);
	case SOURCE_MASTER:
		return WORD(s, SAY_SOURCE_MASTER, v->label);
	}
	return "";
}

/* ---- PINs ---- */

static const char *identifier(struct say *s, uint16_t fid, uint8_t sfi)
{
	const char *text = arena_printf(&s->a, "%04X", fid);
	return sfi == 0 ? text : WORD(s, SAY_FID_SFI, text, NUMBER(s, sfi));
}

/* PINs and keys: a reference, or in jicsap the identifiers of their IEF. */
static const char *reference(struct say *s, uint16_t fid, uint8_t ref)
{
	return fid != 0 ? identifier(s, fid, ref) : WORD(s, SAY_REFERENCE, NUMBER(s, ref));
}

static const char *form_of(struct say *s, uint8_t format, uint8_t min, uint8_t max)
{
	const char *n = min == max ? NUMBER(s, max) : WORD(s, SAY_FROM_TO, NUMBER(s, min), NUMBER(s, max));
	return WORD(s,
	    format == FORMAT_DIGITS       ? SAY_LENGTH_DIGITS
		: format == FORMAT_BINARY ? SAY_LENGTH_BINARY
					  : SAY_LENGTH_ALPHANUMERIC,
	    n);
}

static const char *wrong(struct say *s, uint8_t tries)
{
	return WORD(s, tries == 1 ? SAY_WRONG_ONE : SAY_WRONG, NUMBER(s, tries));
}

static void put_change(struct say *s, const struct contract_pin *p)
{
	bool old = (p->change & FORM_00) != 0, verified = (p->change & FORM_01) != 0;
	SENTENCE(old && verified ? SAY_CHANGE_BOTH
		: old            ? SAY_CHANGE_OLD
		: verified       ? SAY_CHANGE_VERIFIED
				 : SAY_CHANGE_NEVER);
}

static void put_reset(struct say *s, const struct contract_pin *p)
{
	bool new = (p->reset & FORM_00) != 0, keep = (p->reset & FORM_01) != 0;
	bool unblock = s->c->rule[p->unblock].op != RULE_NEVER;
	if (p->puk_length != 0)
		SENTENCE(new &&keep ? SAY_RESET_BOTH
			: keep      ? SAY_RESET_KEEP
				    : SAY_RESET_NEW,
		    form_of(s, p->puk_format, p->puk_length, p->puk_length), wrong(s, p->puk_tries));
	if (unblock || p->puk_length == 0)
		put_rule(s, SAY_UNBLOCK_ANY, p->unblock, ANSWER_STATUS);
	if (p->initial == PIN_TRANSPORT && (p->reset & (FORM_00 | FORM_02)) != 0)
		SENTENCE(p->resets_to_transport ? SAY_RESET_TRANSPORT : SAY_RESET_HOLDER);
}

static void put_pin(struct say *s, const struct contract_pin *p)
{
	HEADING(SAY_PIN, p->id, reference(s, p->fid, p->ref));
	put_inside(s, p->df);
	SENTENCE(SAY_VALUE, form_of(s, p->format, p->min, p->max), wrong(s, p->tries));
	if (p->card_checks_format && p->format != FORMAT_BINARY)
		SENTENCE(SAY_CARD_CHECKS);
	if (p->initial == PIN_UNSET && s->c->rule[p->set].op == RULE_ALWAYS)
		SENTENCE(SAY_PIN_NO_VALUE_ANY);
	else if (p->initial == PIN_UNSET)
		SENTENCE(SAY_PIN_NO_VALUE, condition(s, p->set));
	else
		SENTENCE(p->initial == PIN_TRANSPORT ? SAY_PIN_TRANSPORT : SAY_PIN_PERSONAL, source(s, p->value));
	put_change(s, p);
	put_reset(s, p);
	end(s);
}

/* ---- keys and secure messaging ---- */

static const char *algorithm_name(uint8_t a)
{
	static const char *const name[] = {
	    [KEY_DES_EDE2] = "3DES",
	    [KEY_AES_128] = "AES-128",
	    [KEY_AES_192] = "AES-192",
	    [KEY_AES_256] = "AES-256",
	    [KEY_RSA_2048] = "RSA-2048",
	    [KEY_RSA_3072] = "RSA-3072",
	    [KEY_EC_P256] = "EC P-256",
	    [KEY_EC_P384] = "EC P-384",
	};
	return name[a];
}

static const char *suite_name(uint8_t u)
{
	static const char *const name[] = {
	    [SUITE_ECB] = "",
	    [SUITE_BAC_3DES] = "bac-3des",
	    [SUITE_BAC_AES] = "bac-aes",
	    [SUITE_RSA_PKCS1_SHA256] = "RSA PKCS#1 v1.5, SHA-256",
	    [SUITE_ECDSA_SHA256] = "ECDSA, SHA-256",
	    [SUITE_ECDSA_SHA384] = "ECDSA, SHA-384",
	};
	return name[u];
}

static void put_key(struct say *s, const struct contract_key *k)
{
	HEADING(SAY_KEY, k->id, reference(s, k->fid, k->ref), algorithm_name(k->algorithm));
	put_inside(s, k->df);
	if (k->use == KEY_MUTUAL)
		SENTENCE(SAY_KEY_MUTUAL, suite_name(k->suite));
	else if (k->use == KEY_EXTERNAL)
		SENTENCE(SAY_KEY_EXTERNAL);
	else
		SENTENCE(k->suite == SUITE_ECB ? SAY_KEY_INTERNAL : SAY_KEY_SIGNS, suite_name(k->suite));
	if (k->value_mac != CONTRACT_NONE && s->c->value[k->value].source == SOURCE_MASTER)
		SENTENCE(SAY_KEY_HALVES_DERIVED, source(s, k->value));
	else if (k->value_mac != CONTRACT_NONE)
		SENTENCE(SAY_KEY_HALVES, source(s, k->value), source(s, k->value_mac));
	else
		SENTENCE(SAY_KEY_VALUE, source(s, k->value));
	if (s->c->diversifier != 0 && s->c->value[k->value].source == SOURCE_MASTER)
		SENTENCE(SAY_KEY_DIVERSIFIED, s->c->field[s->c->diversifier - 1].id);
	if (k->use != KEY_INTERNAL)
		SENTENCE(k->tries == 1 ? SAY_KEY_TRIES_ONE : SAY_KEY_TRIES, NUMBER(s, k->tries));
	end(s);
}

static void put_sm(struct say *s)
{
	bool any = false;
	for (size_t i = 0; i < s->c->n_keys; i++)
		any |= s->c->key[i].use == KEY_MUTUAL;
	if (!any)
		return;
	HEADING(SAY_SM);
	SENTENCE(s->c->sm_response == SM_MAC ? SAY_SM_MAC : SAY_SM_ENC_MAC);
	if (s->c->sm_response == SM_MAC)
		SENTENCE(SAY_SM_WEAKER);
	if (truth_class_08(s->c))
		SENTENCE(SAY_SM_CLASS_08);
	SENTENCE(s->c->sm_plain_ends ? SAY_SM_END : SAY_SM_KEEP);
	SENTENCE(SAY_SM_FAULT);
	end(s);
}

/* ---- files ---- */

static void put_file_heading(struct say *s, const struct contract_file *f)
{
	const char *id = identifier(s, f->fid, f->sfi), *length = bytes(s, f->record_length);
	switch ((enum file_structure)f->structure) {
	case FILE_TRANSPARENT:
		HEADING(SAY_FILE_TRANSPARENT, f->id, id, bytes(s, f->size));
		return;
	case FILE_LINEAR_FIXED:
		HEADING(SAY_FILE_FIXED, f->id, id, records(s, f->record_count), length);
		return;
	case FILE_LINEAR_VARIABLE:
		HEADING(SAY_FILE_VARIABLE, f->id, id, records(s, f->record_count), length);
		return;
	case FILE_CYCLIC:
		HEADING(SAY_FILE_CYCLIC, f->id, id, records(s, f->record_count), length);
		return;
	case FILE_DATA_OBJECT:
		HEADING(SAY_FILE_DATA, f->id, arena_printf(&s->a, "%02X", f->tag), bytes(s, f->size));
		return;
	case FILE_COUNTER:
		HEADING(SAY_FILE_COUNTER, f->id, id, NUMBER(s, f->min), NUMBER(s, f->max));
		return;
	}
}

static const char *field_place(struct say *s, const struct contract_field *f)
{
	const char *text = f->length == 1
	    ? WORD(s, SAY_AT_BYTE, NUMBER(s, f->offset))
	    : WORD(s, SAY_AT_BYTES, NUMBER(s, f->offset), NUMBER(s, f->offset + f->length - 1));
	return f->record == 0 ? text : WORD(s, SAY_AT_RECORD, NUMBER(s, f->record), text);
}

static void put_field(struct say *s, const struct contract_field *f)
{
	const char *value = f->value == CONTRACT_NONE ? WORD(s, SAY_SAME) : WORD(s, SAY_OWN, source(s, f->value));
	SENTENCE(SAY_FIELD, f->id, field_place(s, f), WORD(s, SAY_FORMAT_BINARY + f->format), value);
}

/* A counter's own number is a field of the whole file without a place worth naming. */
static void put_fields(struct say *s, uint16_t file)
{
	const struct contract_file *f = &s->c->file[file];
	bool own = false;
	for (uint16_t i = 0; i < s->c->n_fields; i++) {
		const struct contract_field *g = &s->c->field[i];
		if (g->file != file)
			continue;
		if (f->structure != FILE_COUNTER)
			put_field(s, g);
		else if (g->value != CONTRACT_NONE)
			SENTENCE(SAY_COUNTER_FROM, source(s, g->value));
		own |= g->value != CONTRACT_NONE;
	}
	if (f->structure != FILE_COUNTER || own)
		return;
	uint32_t initial = 0;
	for (uint32_t i = 0; i < f->size; i++)
		initial = initial << 8 | s->c->pool[f->content + i];
	SENTENCE(SAY_COUNTER_AT, NUMBER(s, initial));
}

static bool operand_in(const struct contract *c, const struct contract_operand *o, uint16_t file)
{
	return (o->kind == OPERAND_FIELD && c->field[o->index].file == file) ||
	    (o->kind == OPERAND_COUNTER && o->index == file);
}

static bool step_writes(const struct contract *c, const struct contract_step *t, uint16_t file)
{
	switch ((enum step_op)t->op) {
	case STEP_INCREASE:
	case STEP_DECREASE:
		return operand_in(c, &t->left, file);
	case STEP_COPY:
		return operand_in(c, &t->right, file);
	case STEP_APPEND:
		return t->target == file;
	case STEP_REQUIRE:
	case STEP_COMPARE:
	case STEP_RESPOND:
		break;
	}
	return false;
}

/* Commands are one more way to a file: past its rules, under their own. */
static void put_commands_of(struct say *s, uint16_t file)
{
	for (size_t i = 0; i < s->c->n_commands; i++) {
		const struct contract_command *m = &s->c->command[i];
		bool writes = false, reads = false;
		for (size_t k = m->first_step; k < (size_t)m->first_step + m->n_steps; k++) {
			const struct contract_step *t = &s->c->step[k];
			writes |= step_writes(s->c, t, file);
			reads |= t->op == STEP_RESPOND && operand_in(s->c, &t->left, file);
		}
		if (writes)
			SENTENCE(SAY_COMMAND_WRITES, m->id);
		if (reads)
			SENTENCE(SAY_COMMAND_READS, m->id);
	}
}

static void put_file(struct say *s, uint16_t i)
{
	const struct contract_file *f = &s->c->file[i];
	bool records = contract_file_offers((enum file_structure)f->structure, FILE_APPEND);
	static const enum phrase phrase_of[] = {[FILE_READ] = SAY_READ_ANY,
	    [FILE_UPDATE] = SAY_UPDATE_ANY,
	    [FILE_APPEND] = SAY_APPEND_ANY,
	    [FILE_INCREASE] = SAY_INCREASE_ANY,
	    [FILE_DECREASE] = SAY_DECREASE_ANY};
	put_file_heading(s, f);
	put_inside(s, f->df);
	for (int op = FILE_READ; op < FILE_OPS; op++)
		if (contract_file_offers((enum file_structure)f->structure, (enum file_op)op))
			put_rule(s, op == FILE_UPDATE && records ? SAY_UPDATE_RECORD_ANY : phrase_of[op], f->rule[op],
			    answer_of_op((enum file_op)op));
	put_commands_of(s, i);
	if (f->structure == FILE_COUNTER && (f->increase_ins != 0x34 || f->decrease_ins != 0x30)) /* AP contract, 6 */
		SENTENCE(SAY_COUNTER_INS, hex(s, &f->increase_ins, 1), hex(s, &f->decrease_ins, 1));
	if (records && f->records < f->record_count)
		SENTENCE(f->records == 0 ? SAY_RECORDS_NONE : SAY_RECORDS_SOME, NUMBER(s, f->records));
	put_fields(s, i);
	end(s);
}

/* ---- commands ---- */

static const char *operand_name(struct say *s, const struct contract_operand *o)
{
	switch ((enum operand_kind)o->kind) {
	case OPERAND_NONE:
		return "";
	case OPERAND_INPUT:
		return WORD(s, SAY_INPUT,
		    o->length == 1 ? WORD(s, SAY_AT_BYTE, NUMBER(s, o->at))
				   : WORD(s, SAY_AT_BYTES, NUMBER(s, o->at), NUMBER(s, o->at + o->length - 1)));
	case OPERAND_FIELD:
		return WORD(s, SAY_OPERAND_FIELD, s->c->field[o->index].id);
	case OPERAND_COUNTER:
		return WORD(s, SAY_OPERAND_COUNTER, s->c->file[o->index].id);
	case OPERAND_LITERAL:
		return WORD(s, SAY_LITERAL, hex(s, s->c->pool + o->at, o->length));
	}
	return "";
}

/* Several steps with `more` make one record; the number of steps that were said. */
static uint16_t append_step(struct say *s, const struct contract_step *t, const char **text)
{
	uint16_t n = 1;
	const char *parts = operand_name(s, &t->left);
	for (; t->more; t++, n++)
		parts = WORD(s, SAY_LIST, parts, operand_name(s, &t[1].left));
	*text = WORD(s, SAY_STEP_APPEND, s->c->file[t->target].id, parts);
	return n;
}

static uint16_t step(struct say *s, const struct contract_step *t, const char **text)
{
	const char *left = operand_name(s, &t->left), *right = operand_name(s, &t->right);
	switch ((enum step_op)t->op) {
	case STEP_REQUIRE:
		*text = WORD(s, SAY_STEP_REQUIRE, condition(s, t->rule));
		return 1;
	case STEP_COMPARE:
		*text = WORD(s, SAY_STEP_EQUAL + t->comparison, left, right);
		return 1;
	case STEP_INCREASE:
		*text = WORD(s, SAY_STEP_INCREASE, left, right);
		return 1;
	case STEP_DECREASE:
		*text = WORD(s, SAY_STEP_DECREASE, left, right);
		return 1;
	case STEP_APPEND:
		return append_step(s, t, text);
	case STEP_COPY:
		*text = WORD(s, SAY_STEP_COPY, left, right);
		return 1;
	case STEP_RESPOND:
		*text = WORD(s, SAY_STEP_RESPOND, left);
		return 1;
	}
	return 1;
}

static void put_command(struct say *s, const struct contract_command *m)
{
	const char *ins = arena_printf(&s->a, "%02X", m->ins), *text = "";
	if (m->data == 0)
		HEADING(SAY_COMMAND_EMPTY, m->id, ins);
	else
		HEADING(SAY_COMMAND, m->id, ins, bytes(s, m->data));
	put_rule(s, SAY_COMMAND_ANY, m->rule, answer_of_command(s->c, m));
	SENTENCE(SAY_COMMAND_STEPS);
	unsigned number = 0;
	for (uint16_t i = 0; i < m->n_steps;) {
		i = (uint16_t)(i + step(s, &s->c->step[m->first_step + i], &text));
		buf_printf(s->out, "  %2u. %s\n", ++number, text);
	}
	end(s);
}

/* ---- life cycle and numbers ---- */

static void put_life(struct say *s)
{
	const struct contract *c = s->c;
	if (c->block == 0 && c->unblock == 0 && c->terminate == 0)
		return;
	HEADING(SAY_LIFE);
	put_rule(s, SAY_BLOCK_ANY, c->block, ANSWER_STATUS);
	if (c->block != 0)
		put_rule(s, SAY_AP_UNBLOCK_ANY, c->unblock, ANSWER_STATUS);
	put_rule(s, SAY_TERMINATE_ANY, c->terminate, ANSWER_STATUS);
	end(s);
}

static void put_numbering(struct say *s, const struct contract_numbering *n)
{
	const char *from = arena_printf(&s->a, "%s%0*llu", n->prefix, (int)n->width, (unsigned long long)n->from);
	const char *to = arena_printf(&s->a, "%s%0*llu", n->prefix, (int)n->width, (unsigned long long)n->to);
	HEADING(SAY_NUMBERING, n->id);
	SENTENCE(SAY_NUMBERS, from, to, WORD(s, SAY_CHECK_NONE + n->check));
	end(s);
}

void say_contract(const struct contract *c, const char *lang, struct buf *out)
{
	struct say s = {.c = c, .lang = strcmp(lang, "ja") == 0, .out = out};
	put_ap(&s);
	for (size_t i = 1; i < c->n_dfs; i++)
		put_df(&s, &c->df[i]);
	for (size_t i = 0; i < c->n_pins; i++)
		put_pin(&s, &c->pin[i]);
	for (size_t i = 0; i < c->n_keys; i++)
		put_key(&s, &c->key[i]);
	put_sm(&s);
	for (uint16_t i = 0; i < c->n_files; i++)
		put_file(&s, i);
	for (size_t i = 0; i < c->n_commands; i++)
		put_command(&s, &c->command[i]);
	put_life(&s);
	for (size_t i = 0; i < c->n_numberings; i++)
		put_numbering(&s, &c->numbering[i]);
	arena_free(&s.a);
}

void say_reuse(const struct description_reuse *r, const char *lang, struct buf *out)
{
	struct say say = {.lang = strcmp(lang, "ja") == 0, .out = out}, *s = &say;
	const char *slash = strrchr(r->base, '/');
	HEADING(SAY_REUSE);
	SENTENCE(SAY_REUSE_FROM, r->id, r->version, slash == NULL ? r->base : slash + 1);
	if (*r->changed != 0)
		SENTENCE(SAY_REUSE_CHANGED, r->changed);
	if (*r->added != 0)
		SENTENCE(SAY_REUSE_ADDED, r->added);
	if (*r->removed != 0)
		SENTENCE(SAY_REUSE_REMOVED, r->removed);
	end(s);
	arena_free(&say.a);
}
