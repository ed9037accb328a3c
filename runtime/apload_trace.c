/* apload trace FILE: a recording of exchanges, decoded. */
#include "runtime/apload.h"

#include "runtime/base/file.h"
#include "runtime/base/hex.h"
#include "runtime/base/json.h"
#include "runtime/base/tlv.h"
#include "runtime/link/link_replay.h"
#include "runtime/link/link_text.h"
#include "runtime/load/native/compact_words.h"

enum { RECORDING_MAX = 64 * 1024 * 1024 };

/* File control information in an answer, object by object, with its access rules in words. */
static void put_control(struct cli *c, const struct buf *rsp, struct json *j)
{
	struct rd in;
	struct buf words = {0};
	if (!tlv_find(rd_of(rsp->p, rsp->n - 2), TAG_FCP, &in) && !tlv_find(rd_of(rsp->p, rsp->n - 2), TAG_FCI, &in))
		return;
	compact_words(in.p, in.n, c->lang, &words);
	for (struct tlv t; tlv_next(&in, &t);) {
		char tag[9], two[3];
		snprintf(tag, sizeof tag, "%02X", (unsigned)t.tag);
		buf_printf(&c->text, "      %s ", tag);
		for (size_t i = 0; i < t.value.n; i++)
			buf_str(&c->text, hex_encode(two, t.value.p + i, 1));
		buf_str(&c->text, "\n");
	}
	if (words.n != 0) {
		buf_printf(&c->text, "      %s\n", buf_cstr(&words));
		json_put_text(j, "rules", buf_cstr(&words));
	}
	buf_reset(&words);
}

static void put_command(struct cli *c, const struct replay_line *line, const struct buf *bytes, struct json *j)
{
	buf_printf(&c->text, "%5u > ", (unsigned)line->number);
	buf_add(&c->text, line->text, line->len);
	buf_printf(&c->text, "  %s\n", link_text_name(bytes->p, bytes->n));
	json_put_text(j, "kind", "command");
	json_put_text(j, "name", link_text_name(bytes->p, bytes->n));
	json_put_bytes(j, "bytes", line->text, line->len);
}

static void put_response(struct cli *c, const struct replay_line *line, const struct buf *bytes, struct json *j)
{
	sw_t sw = (sw_t)(bytes->p[bytes->n - 2] << 8 | bytes->p[bytes->n - 1]);
	buf_printf(&c->text, "      < ");
	buf_add(&c->text, line->text, line->len);
	buf_printf(&c->text, "  %s\n", sw_text(sw, c->lang));
	json_put_text(j, "kind", "response");
	json_put_bytes(j, "bytes", line->text, line->len);
	json_put_text(j, "meaning", sw_text(sw, c->lang));
	put_control(c, bytes, j);
}

static void put_event(struct cli *c, const struct replay_line *line, struct json *j)
{
	const char *text = line->kind == REPLAY_RESET ? "reset"
	    : line->kind == REPLAY_CARD_GONE          ? "card gone"
						      : "broken";
	buf_printf(&c->text, "%5u   %s ", (unsigned)line->number, text);
	buf_add(&c->text, line->text, line->len);
	buf_str(&c->text, "\n");
	json_put_text(j, "kind", text);
	json_put_bytes(j, "bytes", line->text, line->len);
}

static bool put_line(struct cli *c, const struct replay_line *line, struct json *j)
{
	struct buf bytes = {0};
	size_t least = line->kind == REPLAY_COMMAND ? 4 : line->kind == REPLAY_RESPONSE ? 2 : 0;
	bool ok = replay_bytes(line, true, &bytes) && bytes.n >= least;
	if (ok) {
		json_put_object(j, NULL);
		json_put_number(j, "line", line->number);
		if (line->kind == REPLAY_COMMAND)
			put_command(c, line, &bytes, j);
		else if (line->kind == REPLAY_RESPONSE)
			put_response(c, line, &bytes, j);
		else
			put_event(c, line, j);
		json_put_end(j);
	}
	buf_reset(&bytes);
	return ok;
}

bool apload_trace(struct cli *c)
{
	struct buf text = {0};
	struct json j = json_to(&c->result);
	const char *path = c->arg[0];
	size_t at = 0;
	uint32_t number = 0;
	struct replay_line line = {0};
	int got = 0;
	bool ok = file_read(path, RECORDING_MAX, &text, &c->diags);
	json_put_array(&j, NULL);
	while (ok && (got = replay_next((const char *)text.p, text.n, &at, &number, &line)) > 0)
		if (!put_line(c, &line, &j))
			got = -1, at = text.n, ok = false;
	if (got < 0)
		ok = diag_add(
		    &c->diags, (struct srcloc){.file = path}, DIAG_LINK_RECORDING, path, diag_num(number), NULL);
	json_put_end(&j);
	buf_reset(&text);
	return ok;
}
