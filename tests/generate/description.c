#include "tests/generate/description.h"

#include <stdlib.h>
#include <string.h>

#include "tests/generate/draft.h"

static void head_write(struct draft *d, uint64_t seed)
{
	struct tag t = tag_new("card-ap");
	tag_put(d, &t, "xmlns", "urn:igata:card-ap:1");
	tag_put(d, &t, "id", "generated-%llu", (unsigned long long)seed);
	tag_put(d, &t, "version", dice_chance(&d->dice, 50) ? "%u.0" : "%u.12.65535", dice_below(&d->dice, 100));
	tag_put(d, &t, "area", "%s", dice_chance(&d->dice, 50) ? "extension" : "local");
	tag_default(d, &t, "personality", d->jicsap ? "jicsap" : "iso", "iso");
	tag_default(d, &t, "apdu", d->extended ? "extended" : "short", "short");
	tag_default(d, &t, "sm-response", dice_chance(&d->dice, 70) ? "enc+mac" : "mac", "enc+mac");
	tag_default(d, &t, "sm-plain", dice_chance(&d->dice, 70) ? "keep" : "end", "keep");
	if (d->diversifier)
		tag_put(d, &t, "diversifier", "diversifier");
	rule_maybe(d, &t, "block", 0, 30);
	rule_maybe(d, &t, "unblock", 0, 30);
	rule_maybe(d, &t, "terminate", 0, 30);
	tag_open(d, &t);
}

static void titles_write(struct draft *d)
{
	static const char *const text[] = {"試験用のAP", "An AP & its <parts>", "x"};
	for (int i = 0; i < 2; i++) {
		struct tag t = tag_new("title");
		tag_put(d, &t, "xml:lang", "%s", i == 0 ? "ja" : "en");
		if (dice_chance(&d->dice, 50))
			tag_text(d, &t, text[dice_below(&d->dice, 3)]);
	}
}

static void aid_write(struct draft *d)
{
	struct tag t = tag_new("aid");
	tag_put(d, &t, "rid", dice_chance(&d->dice, 50) ? "D392100031" : "a000000001");
	if (!d->bare_aid)
		tag_put(d, &t, "pix", "%s",
		    dice_chance(&d->dice, 5) ? "0102030405060708090A0B"
					     : arena_printf(&d->arena, "0001FFFF%02X", dice_below(&d->dice, 256)));
	tag_empty(d, &t);
}

static void accepts_write(struct draft *d)
{
	static const char *const code[] = {"IG0310", "IG0311", "IG0323", "IG0343", "IG0344"};
	for (size_t i = 0; i < sizeof code / sizeof *code; i++) {
		struct tag t = tag_new("accept");
		tag_put(d, &t, "code", "%s", code[i]);
		tag_put(d, &t, "reason", "生成: \"%u\" <&>", dice_below(&d->dice, 10));
		if (dice_chance(&d->dice, 10))
			tag_empty(d, &t);
	}
}

/* Each part of the description as text of its own, so that they can stand in any order. */
struct chunks {
	struct draft *d;
	struct buf text[4 + CONTRACT_COMMANDS + CONTRACT_NUMBERINGS];
	size_t n;
};

static void chunk_open(struct chunks *c)
{
	c->d->out = &c->text[c->n++];
}

static void chunks_write(struct chunks *c, struct buf *out)
{
	bool shuffle = dice_chance(&c->d->dice, 30);
	for (size_t left = c->n; left > 0; left--) {
		size_t at = shuffle ? dice_below(&c->d->dice, (unsigned)left) : 0;
		buf_add(out, c->text[at].p, c->text[at].n);
		buf_reset(&c->text[at]);
		memmove(c->text + at, c->text + at + 1, (left - at - 1) * sizeof c->text[0]);
	}
}

/* Numbers of things, by size. At a limit each of them is there in turn. */
static unsigned many(struct draft *d, unsigned small, unsigned middle, unsigned large, unsigned limit)
{
	const unsigned most[] = {small, middle, large, large};
	if (d->size == 3 && dice_chance(&d->dice, 25))
		return limit;
	return dice_below(&d->dice, most[d->size] + 1);
}

static void parts_write(struct draft *d, struct buf *out)
{
	struct chunks c = {.d = d};
	chunk_open(&c);
	titles_write(d);
	aid_write(d);
	chunk_open(&c);
	rules_write(d, many(d, 2, 6, 16, 100));
	unsigned numberings = many(d, 1, 2, 4, CONTRACT_NUMBERINGS), commands = many(d, 1, 3, 8, CONTRACT_COMMANDS);
	chunk_open(&c);
	while (numberings-- > 0)
		numbering_write(d);
	chunk_open(&c);
	df_write(d, 0);
	while (commands-- > 0) {
		chunk_open(&c);
		command_write(d);
	}
	chunk_open(&c);
	accepts_write(d);
	d->out = out;
	chunks_write(&c, out);
}

void generate_description(uint64_t seed, struct buf *out)
{
	struct draft *d = calloc(1, sizeof *d);
	if (d == NULL) {
		out->bad = true;
		return;
	}
	d->dice.state = seed * UINT64_C(0x2545f4914f6cdd1d);
	d->out = out;
	unsigned kind = dice_below(&d->dice, 100);
	d->size = kind < 55 ? 0 : kind < 88 ? 1 : kind < 97 ? 2 : 3;
	d->jicsap = dice_chance(&d->dice, 25);
	d->extended = dice_chance(&d->dice, 25);
	d->bare_aid = dice_chance(&d->dice, 3);
	d->diversifier = dice_chance(&d->dice, 15);
	dfs_decide(d, many(d, 1, 3, 5, CONTRACT_DFS - 1));
	pins_decide(d, many(d, 2, 4, 8, CONTRACT_PINS));
	keys_decide(d, many(d, 2, 4, 8, CONTRACT_KEYS));
	if (dice_chance(&d->dice, 80))
		buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	head_write(d, seed);
	parts_write(d, out);
	tag_close(d, "card-ap");
	arena_free(&d->arena);
	free(d);
}
