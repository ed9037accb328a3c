#include "runtime/image/script.h"

#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/iso7816.h"

enum { LINE_BYTES = 16384 };

/* One line at a time; `at` walks through it. */
struct reader {
	const char *name;
	const uint8_t *next, *end; /* of the text */
	const char *at;
	uint32_t number; /* of the line */
	struct diag_list *d;
	char line[LINE_BYTES + 1];
};

static struct srcloc here(const struct reader *r)
{
	return (struct srcloc){r->name, r->number, (uint32_t)(r->at - r->line) + 1};
}

static bool expected(struct reader *r, const char *what)
{
	char found[33];
	size_t n = strcspn(r->at, " ");
	if (n == 0 && *r->at == ' ')
		n = 1;
	if (n > sizeof found - 1)
		n = sizeof found - 1;
	for (size_t i = 0; i < n; i++)
		found[i] = r->at[i] < 0x20 || r->at[i] > 0x7e ? '?' : r->at[i];
	found[n] = 0;
	return diag_add(r->d, here(r), DIAG_SCRIPT_SYNTAX, what, *found == 0 ? "" : found, NULL);
}

static bool limit(struct reader *r, const char *what, size_t is, size_t most)
{
	return diag_add(r->d, here(r), DIAG_SCRIPT_LIMIT, what, diag_num(is), diag_num(most), NULL);
}

/* Take the next line: printable ASCII, and a newline after the last one too. */
static bool next_line(struct reader *r)
{
	const uint8_t *nl = memchr(r->next, '\n', (size_t)(r->end - r->next));
	r->number++;
	r->line[0] = 0;
	r->at = r->line;
	if (nl == NULL)
		return expected(r, "newline");
	size_t n = (size_t)(nl - r->next);
	if (n > LINE_BYTES)
		return limit(r, "line", n, LINE_BYTES);
	memcpy(r->line, r->next, n);
	r->line[n] = 0;
	for (; r->at < r->line + n; r->at++)
		if (*r->at < 0x20 || *r->at > 0x7e)
			return expected(r, "printable ASCII");
	r->at = r->line;
	r->next = nl + 1;
	return true;
}

/* Consume this word when it is next. */
static bool take(struct reader *r, const char *word)
{
	size_t n = strlen(word);
	if (strncmp(r->at, word, n) != 0)
		return false;
	r->at += n;
	return true;
}

/* Exactly n bytes as hex digits. */
static bool take_hex(struct reader *r, uint8_t *out, size_t n, const char *what)
{
	size_t got;
	if (strlen(r->at) < 2 * n || !hex_decode(r->at, 2 * n, out, n, &got))
		return expected(r, what);
	r->at += 2 * n;
	return true;
}

static bool name_character(char c, bool lower)
{
	return (c >= 'A' && c <= 'Z' && !lower) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

static bool take_name(struct reader *r, char out[SCRIPT_NAME_MAX + 1], bool lower, const char *what)
{
	size_t n = 0;
	while (name_character(r->at[n], lower))
		n++;
	if (n == 0)
		return expected(r, what);
	if (n > SCRIPT_NAME_MAX)
		return limit(r, what, n, SCRIPT_NAME_MAX);
	memcpy(out, r->at, n);
	out[n] = 0;
	r->at += n;
	return true;
}

static bool take_number(struct reader *r, size_t most, size_t *out, const char *what)
{
	size_t v = 0, n = 0;
	for (; r->at[n] >= '0' && r->at[n] <= '9'; n++)
		if ((v = v * 10 + (size_t)(r->at[n] - '0')) > most)
			return limit(r, what, v, most);
	if (n == 0 || (n > 1 && r->at[0] == '0'))
		return expected(r, what);
	r->at += n;
	*out = v;
	return true;
}

static bool end_of_line(struct reader *r)
{
	return *r->at == 0 || expected(r, "end of line");
}

static bool reserved_fid(unsigned fid)
{
	return fid == 0 || fid == FID_MF || fid == 0x3fff || fid == 0xffff;
}

static bool read_df(struct reader *r, struct script *s)
{
	uint8_t fid[2];
	if (!take(r, "df "))
		return expected(r, "df");
	if (!take_hex(r, fid, 2, "FID"))
		return false;
	s->df = (uint16_t)(fid[0] << 8 | fid[1]);
	if (reserved_fid(s->df)) {
		r->at -= 4;
		return expected(r, "FID of a DF");
	}
	size_t n = strlen(r->at) / 2;
	if (*r->at != ' ' || n < AID_MIN)
		return expected(r, "AID");
	if (n > AID_MAX)
		return limit(r, "AID", n, AID_MAX);
	r->at++;
	s->aid_len = n;
	return take_hex(r, s->aid, n, "AID") && end_of_line(r);
}

static bool read_head(struct reader *r, struct script *s)
{
	if (!next_line(r))
		return false;
	if (strcmp(r->line, "igata-script 1") != 0)
		return diag_add(r->d, here(r), DIAG_SCRIPT_VERSION, r->name, NULL);
	if (!next_line(r))
		return false;
	if (!take(r, "dialect "))
		return expected(r, "dialect");
	if (!take_name(r, s->dialect, true, "dialect") || !end_of_line(r))
		return false;
	return next_line(r) && read_df(r, s);
}

static bool read_hole(struct reader *r, struct script *s, struct script_step *t)
{
	char name[SCRIPT_NAME_MAX + 1];
	size_t offset = 0, n = 0;
	r->at++;
	if (!take_name(r, name, false, "hole"))
		return false;
	if (take(r, ":")) {
		if (!take_number(r, SCRIPT_HOLE_MAX, &offset, "offset"))
			return false;
		if (!take(r, ":"))
			return expected(r, ":");
		if (!take_number(r, SCRIPT_DATA_MAX, &n, "length"))
			return false;
		if (n == 0 || offset + n > SCRIPT_HOLE_MAX)
			return expected(r, "slice of the value");
	}
	if (!take(r, "}"))
		return expected(r, "}");
	script_hole(s, t, name, offset, n);
	return true;
}

static bool read_bytes(struct reader *r, struct script *s, struct script_step *t)
{
	uint8_t bytes[SCRIPT_DATA_MAX];
	size_t digits = 0, n;
	while (hex_digit(r->at[digits]) >= 0)
		digits++;
	if (digits > 2 * sizeof bytes)
		return limit(r, "data", digits / 2, SCRIPT_DATA_MAX);
	if (digits == 0 || !hex_decode(r->at, digits, bytes, sizeof bytes, &n))
		return expected(r, "data");
	r->at += digits;
	script_bytes(s, t, bytes, n);
	return true;
}

/* Interindustry and proprietary classes but FF; no INS that 7816-3 forbids (6X, 9X). */
static bool header_allowed(const uint8_t header[4])
{
	return header[0] != 0xff && (header[1] & 0xf0) != 0x60 && (header[1] & 0xf0) != 0x90;
}

static bool read_sw(struct reader *r, struct script_step *t, struct script *s)
{
	uint8_t sw[2];
	if (!take_hex(r, sw, 2, "status word"))
		return false;
	t->sw = (uint16_t)(sw[0] << 8 | sw[1]);
	if ((sw[0] & 0xf0) != 0x60 && (sw[0] & 0xf0) != 0x90) {
		r->at -= 4;
		return expected(r, "status word");
	}
	if (!take(r, " ; "))
		return end_of_line(r);
	size_t n = strlen(r->at);
	if (n == 0)
		return expected(r, "note");
	if (n > SCRIPT_NOTE_MAX)
		return limit(r, "note", n, SCRIPT_NOTE_MAX);
	script_note(s, t, r->at);
	return true;
}

static bool read_step(struct reader *r, struct script *s, enum script_phase phase)
{
	uint8_t header[4];
	if (s->n_steps == SCRIPT_STEPS_MAX)
		return limit(r, "script", s->n_steps + 1, SCRIPT_STEPS_MAX);
	if (!take_hex(r, header, sizeof header, "command header"))
		return false;
	if (!header_allowed(header)) {
		r->at -= 2 * sizeof header;
		return expected(r, "command header");
	}
	struct script_step *t = script_step(s, phase, header, 0);
	while (take(r, " ")) {
		if (take(r, "-> ")) {
			if (script_fixed(t) > SCRIPT_DATA_MAX)
				return limit(r, "data", script_fixed(t), SCRIPT_DATA_MAX);
			return read_sw(r, t, s);
		}
		if (t->n_parts == SCRIPT_DATA_MAX)
			return limit(r, "data", t->n_parts + 1, SCRIPT_DATA_MAX);
		if (*r->at == '{' ? !read_hole(r, s, t) : !read_bytes(r, s, t))
			return false;
	}
	return expected(r, "->");
}

/* A phase that is new and later than the one before it (-1: none). */
static bool read_phase(struct reader *r, int *phase)
{
	int was = *phase;
	for (int i = 0; i < SCRIPT_PHASES; i++) {
		const char *name = script_phase_name((enum script_phase)i);
		if (strcmp(r->at, name) != 0)
			continue;
		if (i <= was)
			return diag_add(
			    r->d, here(r), DIAG_SCRIPT_ORDER, name, script_phase_name((enum script_phase)was), NULL);
		*phase = i;
		return true;
	}
	return expected(r, "create, personalise, protect or activate");
}

static bool read_body(struct reader *r, struct script *s)
{
	int phase = -1;
	while (r->next < r->end) {
		if (!next_line(r))
			return false;
		if (take(r, "phase ")) {
			if (!read_phase(r, &phase))
				return false;
		} else if (phase < 0)
			return expected(r, "phase");
		else if (!take(r, "do "))
			return expected(r, "do or phase");
		else if (!read_step(r, s, (enum script_phase)phase))
			return false;
	}
	r->number++;
	r->line[0] = 0;
	r->at = r->line;
	return s->n_steps != 0 || expected(r, "phase");
}

bool script_read(struct script *s, const uint8_t *text, size_t n, const char *name, struct diag_list *d)
{
	*s = (struct script){0};
	struct reader r = {.name = name, .d = d, .next = text, .end = text + n};
	r.at = r.line;
	if (n > SCRIPT_TEXT_MAX)
		return limit(&r, "script", n, SCRIPT_TEXT_MAX);
	if (read_head(&r, s) && read_body(&r, s))
		return true;
	script_reset(s);
	return false;
}
