#include "runtime/link/link_replay.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/file.h"
#include "runtime/base/hex.h"
#include "runtime/link/link_text.h"

enum { RECORDING_MAX = 64 * 1024 * 1024 };

struct replay {
	struct buf text;
	size_t at;
	uint32_t number;
};

static bool word(const char **p, const char *end, const char *w)
{
	size_t n = strlen(w);
	if ((size_t)(end - *p) < n || memcmp(*p, w, n) != 0)
		return false;
	*p += n;
	return true;
}

static bool parse_line(const char *p, const char *end, struct replay_line *out)
{
	if (word(&p, end, "> "))
		out->kind = REPLAY_COMMAND;
	else if (word(&p, end, "< "))
		out->kind = REPLAY_RESPONSE;
	else if (word(&p, end, "reset"))
		out->kind = REPLAY_RESET;
	else if (word(&p, end, "! card gone"))
		out->kind = REPLAY_CARD_GONE;
	else if (word(&p, end, "! broken"))
		out->kind = REPLAY_BROKEN;
	else
		return false;
	while (p < end && *p == ' ')
		p++;
	out->text = p;
	while (p < end && (hex_digit(*p) >= 0 || *p == '*'))
		p++;
	out->len = (size_t)(p - out->text);
	while (p < end && (*p == ' ' || *p == '\r'))
		p++;
	return out->len % 2 == 0 && (p == end || *p == ';');
}

int replay_next(const char *text, size_t n, size_t *at, uint32_t *number, struct replay_line *out)
{
	while (*at < n) {
		const char *p = text + *at, *end = memchr(p, '\n', n - *at);
		if (end == NULL)
			end = text + n;
		*at = (size_t)(end - text) + (end < text + n);
		++*number;
		*out = (struct replay_line){.number = *number};
		while (p < end && (*p == ' ' || *p == '\r'))
			p++;
		if (p == end || *p == '#')
			continue;
		return parse_line(p, end, out) ? 1 : -1;
	}
	return 0;
}

bool replay_bytes(const struct replay_line *line, bool masked, struct buf *out)
{
	for (size_t i = 0; i < line->len; i += 2) {
		int high = hex_digit(line->text[i]), low = hex_digit(line->text[i + 1]);
		if (masked && line->text[i] == '*' && line->text[i + 1] == '*')
			high = low = 0;
		if (high < 0 || low < 0)
			return false;
		buf_u8(out, (unsigned)(high << 4 | low));
	}
	return true;
}

/* The next line, which must be of this kind (or one of the two failures). */
static bool expect(struct link *l, enum replay_kind kind, struct replay_line *line)
{
	struct replay *r = l->state;
	int got = replay_next((const char *)r->text.p, r->text.n, &r->at, &r->number, line);
	if (got > 0 && (line->kind == kind || line->kind == REPLAY_CARD_GONE || line->kind == REPLAY_BROKEN))
		return true;
	if (got == 0)
		snprintf(l->why, sizeof l->why, "the recording ends after line %u", (unsigned)r->number);
	else
		snprintf(l->why, sizeof l->why, "line %u of the recording: something else comes here",
		    (unsigned)line->number);
	return false;
}

static enum link_status failure(struct link *l, const struct replay_line *line)
{
	snprintf(l->why, sizeof l->why, "line %u of the recording", (unsigned)line->number);
	return line->kind == REPLAY_CARD_GONE ? LINK_CARD_GONE : LINK_BROKEN;
}

static enum link_status replay_reset(struct link *l)
{
	struct replay_line line;
	struct buf atr = {0};
	enum link_status s = LINK_BROKEN;
	if (!expect(l, REPLAY_RESET, &line))
		return LINK_BROKEN;
	if (line.kind != REPLAY_RESET)
		return failure(l, &line);
	if (line.len == 0) /* the power-up failed; the next line says how */
		return expect(l, REPLAY_CARD_GONE, &line) ? failure(l, &line) : LINK_BROKEN;
	if (replay_bytes(&line, false, &atr) && atr.n <= sizeof l->atr && !atr.bad) {
		memcpy(l->atr, atr.p, atr.n);
		l->atr_len = atr.n;
		s = LINK_OK;
	} else
		failure(l, &line);
	buf_reset(&atr);
	return s;
}

/* Masked as it would be recorded, what is sent must be what the line says. */
static bool same(struct link *l, const struct replay_line *line, const uint8_t *cmd, size_t n)
{
	struct buf sent = {0};
	link_text_hex(&sent, cmd, n);
	bool equal = sent.n == line->len && !sent.bad && memcmp(sent.p, line->text, line->len) == 0;
	if (!equal)
		snprintf(l->why, sizeof l->why, "line %u of the recording has %.*s, sent was %.60s",
		    (unsigned)line->number, line->len > 60 ? 60 : (int)line->len, line->text, buf_cstr(&sent));
	buf_reset(&sent);
	return equal;
}

static enum link_status replay_transmit(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	struct replay_line line;
	if (!expect(l, REPLAY_COMMAND, &line))
		return LINK_BROKEN;
	if (line.kind != REPLAY_COMMAND)
		return failure(l, &line);
	if (!same(l, &line, cmd, n) || !expect(l, REPLAY_RESPONSE, &line))
		return LINK_BROKEN;
	if (line.kind != REPLAY_RESPONSE)
		return failure(l, &line);
	buf_clear(rsp);
	if (!replay_bytes(&line, false, rsp)) {
		failure(l, &line);
		return LINK_BROKEN;
	}
	return LINK_OK;
}

static void replay_close(struct link *l)
{
	struct replay *r = l->state;
	buf_reset(&r->text);
	free(r);
}

static const struct link_ops replay_ops = {.reset = replay_reset, .transmit = replay_transmit, .close = replay_close};

/* The whole file is read through once, so that a broken recording is refused before anything is compared. */
static bool check(const struct replay *r, const char *path, struct diag_list *d)
{
	size_t at = 0;
	uint32_t number = 0;
	struct replay_line line;
	const char *text = (const char *)r->text.p;
	int got;
	if (r->text.n < strlen(LINK_TEXT_MAGIC) || memcmp(text, LINK_TEXT_MAGIC, strlen(LINK_TEXT_MAGIC)) != 0)
		return diag_add(d, (struct srcloc){path, 1, 1}, DIAG_LINK_RECORDING, path, "1", NULL);
	while ((got = replay_next(text, r->text.n, &at, &number, &line)) > 0)
		;
	if (got < 0)
		return diag_add(d, (struct srcloc){path, number, 1}, DIAG_LINK_RECORDING, path, diag_num(number), NULL);
	return true;
}

bool link_replay_open(struct link *l, const char *path, struct diag_list *d)
{
	struct replay *r = calloc(1, sizeof *r);
	if (r == NULL)
		return diag_add(d, (struct srcloc){.file = path}, DIAG_NO_MEMORY, NULL);
	*l = (struct link){.ops = &replay_ops, .state = r, .simulated = true};
	snprintf(l->name, sizeof l->name, "replay:%s", path);
	if (!file_read(path, RECORDING_MAX, &r->text, d) || !check(r, path, d))
		goto fail;
	enum link_status s = link_reset(l);
	if (s == LINK_OK)
		return true;
	link_diag(l, s, d);
fail:
	link_close(l);
	return false;
}
