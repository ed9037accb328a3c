/* clang-format off */
/* The dialogue language, line by line. Blanks separate words; `#` begins a comment; text is UTF-8.
 *
 *   program    = "igata-suite" "1" { head } { dialogue }
 *   head       = "kind" ( "probe" | "full" | "conform" )
 *              | "ap" HEX                                            AID that `select` sends
 *              | "value" NAME FORMAT MIN..MAX [ "pad" XX "to" N ] [ "secret" ] [ "is" HEX ]
 *              | "key" ... | "sm-response" ...                       see parse_secure.c
 *   dialogue   = "dialogue" STRING [ "clause" WORD ] { step } [ "finally" { step } ]
 *   step       = "cut"                                               the next command is the one that cut.h cuts off
 *              | "reset" [ "contact" | "contactless" ]               power the card again; where a reader has not that
 *                                                                  interface, the dialogue is left out
 *              | "select" [ "fci" ]                                  SELECT by AID; 9000, no data (an FCI with 84)
 *              | "send" HEADER { item } [ "Le" XX | "Le" XXXX ]  expect [ capture ]
 *              | "raw" { item }                                  expect [ capture ]
 *              | "challenge" ... | "auth" ... | "internal" ... | "sm" ... | "sm-fault" ... | "plain"
 *                                                                    see parse_secure.c
 *   expect     = "expect" alternative { "or" [ "end" ] alternative }
 *   alternative= "any" | [ "plain" ] ( SW | CLASS ) [ "data" { item } | "length" N | "fci" | "*" ]
 *   capture    = "capture" NAME                                      keep the response data as {NAME}
 *   item       = HEX | HEX "*" N | "{" NAME [ ":" DERIVED ] [ ":stored" ] [ "@" OFFSET "+" LENGTH ] "}"
 *
 * HEADER is CLA INS P1 P2, eight digits; Lc is computed; Le of four digits makes the APDU extended. `raw` sends the
 * bytes as they stand. SW is four digits, x for any digit: 6Cxx. CLASS is a class of the AP contract, section 2:
 * refused-access. Without `data`, `length`, `fci` or `*` the response must have no data. `any` is for what the contract
 * leaves open: nothing is compared. Alternatives are for what it leaves to the card, or several faults in one command; behind
 * one that is marked `end` the program cannot go on, and dialogues that follow are not run. A value that `is` something
 * is not the card's own: the program gives it.
 * Steps after `finally` are run also when an earlier step of the dialogue failed: they put things back.
 *
 * `cut` means nothing to a plain run. Statements are rows of the table below.
 */
/* clang-format on */
#include "runtime/suite/parse.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/suite/derive.h"

enum { DIALOGUES = 50000, NAME_TEXT = 200 };

bool program_grow(void *array, size_t *cap, size_t n, size_t element)
{
	void **p = array;
	if (n < *cap)
		return true;
	size_t more = *cap == 0 ? 16 : *cap * 2;
	void *q = realloc(*p, more * element);
	if (q == NULL)
		return false;
	*p = q;
	*cap = more;
	return true;
}

bool parse_no_memory(struct parser *p)
{
	if (!p->failed)
		diag_add(p->scan.d, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	p->failed = true;
	return false;
}

static bool name_character(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

bool parse_name(struct parser *p, char out[SUITE_WORD])
{
	struct scan *s = &p->scan;
	bool good = !s->string && s->word_n > 0 && s->word_n < SUITE_WORD;
	for (size_t i = 0; good && i < s->word_n; i++)
		good = name_character(s->word[i]);
	if (!good)
		return scan_error(s, DIAG_SUITE_EXPECTED, "a name of at most 32 characters", scan_word_text(s), NULL);
	memcpy(out, s->word, s->word_n);
	out[s->word_n] = 0;
	return true;
}

size_t parse_value_find(const struct suite *s, const char *name, size_t n)
{
	for (size_t i = 0; i < s->n_values; i++)
		if (strlen(s->value[i].name) == n && memcmp(s->value[i].name, name, n) == 0)
			return i;
	return SIZE_MAX;
}

static struct program_value *add_value(struct parser *p)
{
	struct suite *s = p->suite;
	if (s->n_values == SUITE_VALUES) {
		scan_error(&p->scan, DIAG_SUITE_LIMIT, "values", diag_num(SUITE_VALUES), NULL);
		return NULL;
	}
	if (!program_grow(&s->value, &s->cap_values, s->n_values, sizeof *s->value)) {
		parse_no_memory(p);
		return NULL;
	}
	struct program_value *v = &s->value[s->n_values];
	memset(v, 0, sizeof *v);
	return v;
}

bool parse_end(struct parser *p)
{
	if (!scan_next(&p->scan))
		return true;
	return scan_error(&p->scan, DIAG_SUITE_EXPECTED, "end of line", scan_word_text(&p->scan), NULL);
}

/* ---- head ---- */

static bool parse_kind(struct parser *p)
{
	if (p->kind)
		return scan_error(&p->scan, DIAG_SUITE_NAME_TWICE, "kind", NULL, NULL);
	p->kind = true;
	scan_next(&p->scan);
	p->suite->probe = scan_is(&p->scan, "probe");
	if (!p->suite->probe && !scan_is(&p->scan, "full") && !scan_is(&p->scan, "conform"))
		return scan_error(
		    &p->scan, DIAG_SUITE_EXPECTED, "probe, full or conform", scan_word_text(&p->scan), NULL);
	return parse_end(p);
}

static bool parse_ap(struct parser *p)
{
	struct suite *s = p->suite;
	if (s->aid_len != 0)
		return scan_error(&p->scan, DIAG_SUITE_NAME_TWICE, "ap", NULL, NULL);
	scan_next(&p->scan);
	if (!hex_decode(p->scan.word, p->scan.word_n, s->aid, sizeof s->aid, &s->aid_len) || s->aid_len < AID_MIN) {
		s->aid_len = 0;
		return scan_error(
		    &p->scan, DIAG_SUITE_EXPECTED, "an AID of 5 to 16 bytes", scan_word_text(&p->scan), NULL);
	}
	return parse_end(p);
}

static bool parse_format(struct parser *p, enum contract_format *out)
{
	static const char *const names[] = {
	    [FORMAT_BINARY] = "binary",
	    [FORMAT_DIGITS] = "digits",
	    [FORMAT_ALPHANUMERIC] = "alphanumeric",
	    [FORMAT_TEXT] = "text",
	};
	scan_next(&p->scan);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (scan_is(&p->scan, names[i])) {
			*out = (enum contract_format)i;
			return true;
		}
	return scan_error(
	    &p->scan, DIAG_SUITE_EXPECTED, "binary, digits, alphanumeric or text", scan_word_text(&p->scan), NULL);
}

static bool parse_range(struct parser *p, struct program_value *v)
{
	struct scan *s = &p->scan;
	scan_next(s);
	const char *dots = NULL;
	for (size_t i = 0; i + 1 < s->word_n && dots == NULL; i++)
		if (s->word[i] == '.' && s->word[i + 1] == '.')
			dots = s->word + i;
	size_t left = dots == NULL ? 0 : (size_t)(dots - s->word);
	if (s->string || dots == NULL || !scan_decimal(s->word, left, 65535, &v->min) ||
	    !scan_decimal(dots + 2, s->word_n - left - 2, 65535, &v->max) || v->min > v->max)
		return scan_error(s, DIAG_SUITE_EXPECTED, "a range of lengths, 4..8", scan_word_text(s), NULL);
	return true;
}

/* pad XX to N */
static bool parse_pad(struct parser *p, struct program_value *v)
{
	struct scan *s = &p->scan;
	size_t n = 0;
	scan_next(s);
	if (s->string || !hex_decode(s->word, s->word_n, &v->pad, 1, &n) || n != 1)
		return scan_error(s, DIAG_SUITE_EXPECTED, "the padding byte as two digits", scan_word_text(s), NULL);
	scan_next(s);
	if (!scan_is(s, "to"))
		return scan_error(s, DIAG_SUITE_EXPECTED, "to", scan_word_text(s), NULL);
	scan_next(s);
	if (!scan_number(s, "the padded length", 65535, &v->stored))
		return false;
	if (v->stored < v->max)
		return scan_error(
		    s, DIAG_SUITE_EXPECTED, "a padded length that holds every value", scan_word_text(s), NULL);
	v->padded = true;
	return true;
}

/* is HEX */
static bool parse_constant(struct parser *p, struct program_value *v)
{
	struct scan *s = &p->scan;
	scan_next(s);
	v->given = !s->string && hex_decode(s->word, s->word_n, v->constant, sizeof v->constant, &v->constant_n) &&
	    v->constant_n >= v->min && v->constant_n <= v->max;
	if (v->given)
		return true;
	return scan_error(s, DIAG_SUITE_EXPECTED, "a value of that length in hexadecimal", scan_word_text(s), NULL);
}

static bool parse_value(struct parser *p)
{
	struct scan *s = &p->scan;
	struct program_value *v = add_value(p);
	if (v == NULL)
		return false;
	scan_next(s);
	if (!parse_name(p, v->name))
		return false;
	if (parse_value_find(p->suite, v->name, strlen(v->name)) != SIZE_MAX)
		return scan_error(s, DIAG_SUITE_NAME_TWICE, v->name, NULL, NULL);
	if (!parse_format(p, &v->format) || !parse_range(p, v))
		return false;
	bool more = scan_next(s);
	if (more && scan_is(s, "pad")) {
		if (!parse_pad(p, v))
			return false;
		more = scan_next(s);
	}
	if (more && scan_is(s, "secret")) {
		v->secret = true;
		more = scan_next(s);
	}
	if (more && scan_is(s, "is")) {
		if (!parse_constant(p, v))
			return false;
		more = scan_next(s);
	}
	if (more)
		return scan_error(s, DIAG_SUITE_EXPECTED, "end of line", scan_word_text(s), NULL);
	p->suite->n_values++;
	return true;
}

/* ---- dialogues ---- */

/* Where the command that has no expectation stands is gone by now: the diagnostic is given at the next statement. */
bool parse_close_step(struct parser *p)
{
	if (!p->open_step)
		return true;
	p->open_step = false;
	uint32_t line = p->suite->step[p->suite->n_steps - 1].line;
	if (p->scan.errors++ < SCAN_ERRORS)
		diag_add(p->scan.d, (struct srcloc){.file = p->scan.name, .line = line, .column = 1},
		    DIAG_SUITE_NO_EXPECT, NULL);
	return false;
}

/* A `cut` with no command behind it would cut nothing in silence, and so with a fault. */
static void close_dialogue(struct parser *p)
{
	parse_close_step(p);
	bool dangling = p->cut || p->faulty;
	if (dangling && p->scan.errors++ < SCAN_ERRORS)
		diag_add(p->scan.d,
		    (struct srcloc){.file = p->scan.name, .line = p->cut ? p->cut_line : p->fault_line, .column = 1},
		    DIAG_SUITE_EXPECTED, p->cut ? "a command behind cut" : "a send behind sm-fault",
		    "end of the dialogue", NULL);
	p->faulty = false;
}

static char *copy_word(struct parser *p)
{
	size_t n = p->scan.word_n < NAME_TEXT ? p->scan.word_n : NAME_TEXT;
	char *s = malloc(n + 1);
	if (s == NULL) {
		parse_no_memory(p);
		return NULL;
	}
	if (n != 0)
		memcpy(s, p->scan.word, n);
	s[n] = 0;
	return s;
}

static bool open_dialogue(struct parser *p)
{
	struct suite *s = p->suite;
	if (s->n_dialogues == DIALOGUES)
		return scan_error(&p->scan, DIAG_SUITE_LIMIT, "dialogues", diag_num(DIALOGUES), NULL);
	if (!program_grow(&s->dialogue, &s->cap_dialogues, s->n_dialogues, sizeof *s->dialogue))
		return parse_no_memory(p);
	p->dialogue = &s->dialogue[s->n_dialogues++];
	*p->dialogue = (struct program_dialogue){.line = p->scan.line, .step = (uint32_t)s->n_steps};
	p->finally = false;
	p->cut = p->faulty = false;
	return true;
}

static bool parse_dialogue(struct parser *p)
{
	struct scan *s = &p->scan;
	close_dialogue(p);
	if (!open_dialogue(p))
		return false;
	scan_next(s);
	if (!s->string || s->word_n == 0 || s->word_n > NAME_TEXT)
		scan_error(s, DIAG_SUITE_EXPECTED, "a name in quotation marks", scan_word_text(s), NULL);
	if ((p->dialogue->name = copy_word(p)) == NULL)
		return false;
	bool clause = scan_next(s);
	if (clause && !scan_is(s, "clause"))
		return scan_error(s, DIAG_SUITE_EXPECTED, "clause or end of line", scan_word_text(s), NULL);
	if (clause && !scan_next(s))
		return scan_error(s, DIAG_SUITE_EXPECTED, "the number of a clause", scan_word_text(s), NULL);
	if ((p->dialogue->clause = copy_word(p)) == NULL)
		return false;
	return parse_end(p);
}

/* `cut` and `sm-fault` are about the next step, and not every step is a command. */
static bool prefix_fits(struct parser *p, enum program_op op)
{
	bool command = op == STEP_SELECT || op == STEP_SEND || op == STEP_RAW;
	bool cut = p->cut && !command, faulty = p->faulty && op != STEP_SEND;
	if (!cut && !faulty)
		return true;
	p->cut = p->faulty = false;
	return scan_error(&p->scan, DIAG_SUITE_EXPECTED, cut ? "a command behind cut" : "a send behind sm-fault",
	    scan_word_text(&p->scan), NULL);
}

struct program_step *parse_add_step(struct parser *p, enum program_op op)
{
	struct suite *s = p->suite;
	parse_close_step(p);
	if (!prefix_fits(p, op))
		return NULL;
	if (s->n_steps == SUITE_STEPS) {
		scan_error(&p->scan, DIAG_SUITE_LIMIT, "steps", diag_num(SUITE_STEPS), NULL);
		return NULL;
	}
	if (!program_grow(&s->step, &s->cap_steps, s->n_steps, sizeof *s->step)) {
		parse_no_memory(p);
		return NULL;
	}
	struct program_step *step = &s->step[s->n_steps++];
	*step = (struct program_step){
	    .op = op, .line = p->scan.line, .finally = p->finally, .cut = p->cut, .capture = CAPTURE_NONE};
	if (p->faulty) {
		step->fault = p->fault;
		step->replay = p->replay;
	}
	p->cut = p->faulty = false;
	p->dialogue->n_steps++;
	p->open_step =
	    op == STEP_SEND || op == STEP_RAW || op == STEP_AUTH || op == STEP_CHALLENGE || op == STEP_INTERNAL;
	return step;
}

static bool parse_reset(struct parser *p)
{
	struct program_step *step = parse_add_step(p, STEP_RESET);
	if (step == NULL || !scan_next(&p->scan))
		return step != NULL;
	step->way = scan_is(&p->scan, "contact") ? WAY_CONTACT : WAY_CONTACTLESS;
	if (step->way == WAY_CONTACTLESS && !scan_is(&p->scan, "contactless"))
		return scan_error(&p->scan, DIAG_SUITE_EXPECTED, "contact, contactless or end of line",
		    scan_word_text(&p->scan), NULL);
	return parse_end(p);
}

static bool parse_select(struct parser *p)
{
	if (p->suite->aid_len == 0)
		return scan_error(
		    &p->scan, DIAG_SUITE_EXPECTED, "an `ap` line before the first select", "select", NULL);
	struct program_step *step = parse_add_step(p, STEP_SELECT);
	if (step == NULL || !scan_next(&p->scan))
		return step != NULL;
	if (!scan_is(&p->scan, "fci"))
		return scan_error(&p->scan, DIAG_SUITE_EXPECTED, "fci or end of line", scan_word_text(&p->scan), NULL);
	step->fci = true;
	return parse_end(p);
}

static bool parse_le(struct parser *p, struct program_step *step)
{
	struct scan *s = &p->scan;
	uint8_t le[2];
	size_t n = 0;
	if (s->word_n == 0)
		return true;
	if (!scan_is(s, "Le"))
		return scan_error(s, DIAG_SUITE_EXPECTED, "data, Le or end of line", scan_word_text(s), NULL);
	scan_next(s);
	if (s->string || !hex_decode(s->word, s->word_n, le, sizeof le, &n) || n == 0)
		return scan_error(s, DIAG_SUITE_EXPECTED, "Le as two or four digits", scan_word_text(s), NULL);
	step->has_le = true;
	step->extended = n == 2;
	step->le = (uint16_t)(n == 2 ? le[0] << 8 | le[1] : le[0]);
	return parse_end(p);
}

static bool parse_send(struct parser *p)
{
	struct scan *s = &p->scan;
	struct program_step *step = parse_add_step(p, STEP_SEND);
	size_t n = 0;
	if (step == NULL)
		return false;
	scan_next(s);
	if (s->string || !hex_decode(s->word, s->word_n, step->header, sizeof step->header, &n) || n != 4)
		return scan_error(s, DIAG_SUITE_EXPECTED, "CLA INS P1 P2 as eight digits", scan_word_text(s), NULL);
	scan_next(s);
	return parse_items(p, &step->items) && parse_le(p, step);
}

static bool parse_raw(struct parser *p)
{
	struct program_step *step = parse_add_step(p, STEP_RAW);
	if (step == NULL)
		return false;
	scan_next(&p->scan);
	if (!parse_items(p, &step->items))
		return false;
	if (p->scan.word_n == 0 && step->items.n != 0)
		return true;
	return scan_error(&p->scan, DIAG_SUITE_EXPECTED, "data", scan_word_text(&p->scan), NULL);
}

static bool parse_expect_line(struct parser *p)
{
	if (!p->open_step)
		return scan_error(&p->scan, DIAG_SUITE_STATEMENT, "expect", NULL, NULL);
	p->open_step = false;
	scan_next(&p->scan);
	return parse_expect(p, &p->suite->step[p->suite->n_steps - 1]);
}

/* A captured value may be captured again, in another dialogue or as a newer reading. */
static bool parse_capture(struct parser *p)
{
	struct suite *s = p->suite;
	struct program_step *step = s->n_steps == 0 ? NULL : &s->step[s->n_steps - 1];
	char name[SUITE_WORD];
	if (step == NULL || p->open_step || p->dialogue->n_steps == 0 || step->capture != CAPTURE_NONE ||
	    (step->op != STEP_SEND && step->op != STEP_RAW))
		return scan_error(&p->scan, DIAG_SUITE_STATEMENT, "capture", NULL, NULL);
	scan_next(&p->scan);
	if (!parse_name(p, name))
		return false;
	size_t at = parse_value_find(s, name, strlen(name));
	if (at != SIZE_MAX && !s->value[at].captured)
		return scan_error(&p->scan, DIAG_SUITE_NAME_TWICE, name, NULL, NULL);
	if (at == SIZE_MAX) {
		struct program_value *v = add_value(p);
		if (v == NULL)
			return false;
		strcpy(v->name, name);
		v->captured = true;
		at = s->n_values++;
	}
	step->capture = (uint32_t)at;
	return parse_end(p);
}

/* One for each dialogue. */
static bool parse_cut(struct parser *p)
{
	struct suite *s = p->suite;
	parse_close_step(p);
	bool second = p->cut;
	for (uint32_t i = 0; i < p->dialogue->n_steps; i++)
		second = second || s->step[p->dialogue->step + i].cut;
	if (second)
		return scan_error(&p->scan, DIAG_SUITE_STATEMENT, "cut", NULL, NULL);
	p->cut_line = p->scan.line;
	p->cut = parse_end(p);
	return p->cut;
}

static bool parse_finally(struct parser *p)
{
	parse_close_step(p);
	if (p->finally)
		return scan_error(&p->scan, DIAG_SUITE_STATEMENT, "finally", NULL, NULL);
	p->finally = true;
	return parse_end(p);
}

enum place { IN_HEAD, IN_DIALOGUE, ANYWHERE };

static const struct statement {
	const char *word;
	enum place place;
	bool (*parse)(struct parser *p);
} statements[] = {
    {"kind", IN_HEAD, parse_kind},
    {"ap", IN_HEAD, parse_ap},
    {"value", IN_HEAD, parse_value},
    {"key", IN_HEAD, parse_key},
    {"sm-response", IN_HEAD, parse_sm_response},
    {"dialogue", ANYWHERE, parse_dialogue},
    {"reset", IN_DIALOGUE, parse_reset},
    {"select", IN_DIALOGUE, parse_select},
    {"send", IN_DIALOGUE, parse_send},
    {"raw", IN_DIALOGUE, parse_raw},
    {"expect", IN_DIALOGUE, parse_expect_line},
    {"capture", IN_DIALOGUE, parse_capture},
    {"finally", IN_DIALOGUE, parse_finally},
    {"cut", IN_DIALOGUE, parse_cut},
    {"challenge", IN_DIALOGUE, parse_challenge},
    {"auth", IN_DIALOGUE, parse_auth},
    {"internal", IN_DIALOGUE, parse_internal},
    {"sm", IN_DIALOGUE, parse_sm},
    {"sm-fault", IN_DIALOGUE, parse_sm_fault},
    {"plain", IN_DIALOGUE, parse_plain},
};

static bool parse_statement(struct parser *p)
{
	enum place here = p->dialogue == NULL ? IN_HEAD : IN_DIALOGUE;
	for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
		const struct statement *s = &statements[i];
		if (scan_is(&p->scan, s->word) && (s->place == here || s->place == ANYWHERE))
			return s->parse(p);
	}
	return scan_error(&p->scan, DIAG_SUITE_STATEMENT, scan_word_text(&p->scan), NULL, NULL);
}

static bool parse_magic(struct parser *p)
{
	struct scan *s = &p->scan;
	bool good = scan_line(s) && scan_is(s, "igata-suite") && scan_next(s) && scan_is(s, "1");
	if (!good)
		return scan_error(s, DIAG_SUITE_MAGIC, scan_word_text(s), NULL, NULL);
	return parse_end(p);
}

static void parse_program(struct parser *p)
{
	if (!parse_magic(p))
		return;
	while (!p->failed && scan_line(&p->scan))
		parse_statement(p);
	close_dialogue(p);
}

struct suite *suite_parse(const uint8_t *text, size_t n, const char *name, struct diag_list *d)
{
	struct parser p = {.scan = {.text = text, .n = n, .name = name, .d = d}};
	struct srcloc whole = {.file = name};
	if (n > SUITE_TEXT_MAX) {
		diag_add(d, whole, DIAG_SUITE_TOO_BIG, diag_num(n), diag_num(SUITE_TEXT_MAX), NULL);
		return NULL;
	}
	p.suite = calloc(1, sizeof *p.suite);
	if (p.suite == NULL) {
		parse_no_memory(&p);
		return NULL;
	}
	p.suite->name = name;
	p.suite->response = SM_MODE_ENC_MAC;
	parse_program(&p);
	if (p.suite->bytes.bad)
		parse_no_memory(&p);
	if (p.scan.errors == 0 && !p.failed)
		return p.suite;
	suite_free(p.suite);
	return NULL;
}

void suite_free(struct suite *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n_dialogues; i++) {
		free(s->dialogue[i].name);
		free(s->dialogue[i].clause);
	}
	buf_reset(&s->bytes);
	free(s->key);
	free(s->value);
	free(s->item);
	free(s->expect);
	free(s->step);
	free(s->dialogue);
	free(s);
}

size_t suite_dialogues(const struct suite *s)
{
	return s->n_dialogues;
}

size_t suite_steps(const struct suite *s)
{
	return s->n_steps;
}
