#include "runtime/link/link_text.h"

#include "runtime/base/apdu.h"
#include "runtime/base/hex.h"
#include "runtime/base/sw.h"

enum { ISO = 0, OWN = 0x80, OPEN = 0, SECRET = 1, HEADER = 4 };

struct command {
	uint8_t class, ins;
	bool secret;
	const char *name;
};

static const struct command table[] = {
#define COMMAND(class, ins, secret, name) {class, ins, secret, name},
#include "runtime/link/commands.def"
#undef COMMAND
};

static const struct command *command_of(const uint8_t *cmd, size_t n)
{
	if (n < 2)
		return NULL;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].class == (cmd[0] & 0x80) && table[i].ins == cmd[1])
			return &table[i];
	return NULL;
}

const char *link_text_name(const uint8_t *cmd, size_t n)
{
	const struct command *c = command_of(cmd, n);
	return c == NULL ? "?" : c->name;
}

/* Where the data field lies: what is masked. Of a command with impossible lengths, all behind the header. */
static void data_field(const uint8_t *cmd, size_t n, size_t *at, size_t *len)
{
	struct apdu a;
	*at = n < HEADER ? n : HEADER;
	*len = n - *at;
	if (!apdu_parse(&a, cmd, n))
		return;
	*len = a.lc;
	if (a.lc != 0)
		*at = (size_t)(a.data - cmd);
}

bool link_text_secret(const uint8_t *cmd, size_t n)
{
	size_t at, len;
	const struct command *c = command_of(cmd, n);
	data_field(cmd, n, &at, &len);
	return len != 0 && (c == NULL || c->secret);
}

static void hex(struct buf *out, const uint8_t *p, size_t n)
{
	char two[3];
	for (size_t i = 0; i < n; i++)
		buf_str(out, hex_encode(two, p + i, 1));
}

void link_text_hex(struct buf *out, const uint8_t *cmd, size_t n)
{
	size_t at, len;
	if (!link_text_secret(cmd, n)) {
		hex(out, cmd, n);
		return;
	}
	data_field(cmd, n, &at, &len);
	hex(out, cmd, at);
	for (size_t i = 0; i < len; i++)
		buf_str(out, "**");
	hex(out, cmd + at + len, n - at - len);
}

void link_text_reset(struct buf *out, const struct link *l)
{
	buf_str(out, "reset ");
	hex(out, l->atr, l->atr_len);
	buf_str(out, "\n");
}

void link_text_command(struct buf *out, const uint8_t *cmd, size_t n)
{
	buf_str(out, "> ");
	link_text_hex(out, cmd, n);
	buf_printf(out, "  ; %s\n", link_text_name(cmd, n));
}

void link_text_response(struct buf *out, enum link_status s, const struct buf *rsp, const char *lang)
{
	if (s != LINK_OK || rsp->n < 2) {
		buf_str(out, s == LINK_BROKEN ? "! broken\n" : "! card gone\n");
		return;
	}
	sw_t sw = (sw_t)(rsp->p[rsp->n - 2] << 8 | rsp->p[rsp->n - 1]);
	buf_str(out, "< ");
	hex(out, rsp->p, rsp->n);
	if (sw >> 8 == 0x61)
		buf_printf(out, "  ; %s\n", lang[0] == 'j' ? "続きの応答がある" : "more of the response is waiting");
	else
		buf_printf(out, "  ; %s\n", sw_text(sw, lang));
}
