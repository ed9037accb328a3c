#include "tests/generate/draft.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct tag tag_new(const char *name)
{
	return (struct tag){.name = name};
}

void tag_put(struct draft *d, struct tag *t, const char *name, const char *fmt, ...)
{
	char text[8192];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	assert(n >= 0 && (size_t)n < sizeof text && t->n < TAG_ATTRIBUTES);
	t->attribute[t->n].name = name;
	t->attribute[t->n++].value = arena_strndup(&d->arena, text, (size_t)n);
}

void tag_default(struct draft *d, struct tag *t, const char *name, const char *value, const char *fallback)
{
	if (strcmp(value, fallback) != 0 || dice_chance(&d->dice, 20))
		tag_put(d, t, name, "%s", value);
}

static void escaped(struct draft *d, const char *text, char quote)
{
	for (; *text != 0; text++) {
		if (*text == '<')
			buf_str(d->out, "&lt;");
		else if (*text == '&')
			buf_str(d->out, dice_chance(&d->dice, 50) ? "&amp;" : "&#38;");
		else if (*text == quote)
			buf_str(d->out, quote == '"' ? "&quot;" : "&#x27;");
		else
			buf_u8(d->out, (unsigned char)*text);
	}
}

static void indent(struct draft *d)
{
	for (unsigned i = 0; i < d->indent; i++)
		buf_str(d->out, "  ");
}

/* Attributes in any order. */
static void start(struct draft *d, struct tag *t)
{
	indent(d);
	if (dice_chance(&d->dice, 3))
		buf_str(d->out, "<!-- 注: a > b -->\n");
	buf_printf(d->out, "<%s", t->name);
	for (size_t left = t->n; left > 0; left--) {
		size_t i = dice_chance(&d->dice, 80) ? 0 : dice_below(&d->dice, (unsigned)left);
		char quote = dice_chance(&d->dice, 10) ? '\'' : '"';
		buf_printf(d->out, "%s%s=%c", dice_chance(&d->dice, 5) ? "\n\t" : " ", t->attribute[i].name, quote);
		escaped(d, t->attribute[i].value, quote);
		buf_u8(d->out, (unsigned char)quote);
		memmove(t->attribute + i, t->attribute + i + 1, (left - i - 1) * sizeof t->attribute[0]);
	}
}

void tag_open(struct draft *d, struct tag *t)
{
	start(d, t);
	buf_str(d->out, ">\n");
	d->indent++;
}

void tag_empty(struct draft *d, struct tag *t)
{
	start(d, t);
	if (dice_chance(&d->dice, 90))
		buf_str(d->out, "/>\n");
	else
		buf_printf(d->out, "></%s>\n", t->name);
}

void tag_close(struct draft *d, const char *name)
{
	d->indent--;
	indent(d);
	buf_printf(d->out, "</%s>\n", name);
}

void tag_text(struct draft *d, struct tag *t, const char *text)
{
	start(d, t);
	buf_u8(d->out, '>');
	escaped(d, text, 0);
	buf_printf(d->out, "</%s>\n", t->name);
}

void name_new(struct draft *d, const char *kind, unsigned most, char out[CONTRACT_NAME])
{
	int n = snprintf(out, CONTRACT_NAME, "%s%s%u", kind, dice_chance(&d->dice, 50) ? "-" : "", d->names++);
	assert(n > 0 && (unsigned)n <= most && most < CONTRACT_NAME);
	if (!dice_chance(&d->dice, 4))
		return;
	while ((unsigned)n < most) /* the longest name */
		out[n++] = "-abcdefghijklmnopqrstuvwxyz0123456789"[dice_below(&d->dice, 37)];
	out[n] = 0;
}

unsigned size_between(struct draft *d, unsigned least, unsigned most)
{
	/* Beside what short and protected commands carry. */
	static const unsigned limits[] = {1, 2, 127, 128, 222, 223, 224, 231, 232, 238, 239, 240, 254, 255, 256, 257};
	unsigned kind = dice_below(&d->dice, 100), small = least + 24 < most ? least + 24 : most, n;
	if (kind < 70)
		return dice_between(&d->dice, least, small);
	n = kind < 85                  ? limits[dice_below(&d->dice, sizeof limits / sizeof *limits)]
	    : kind < 99 || d->size < 2 ? dice_between(&d->dice, 1, 600)
				       : most;
	return n < least ? least : n > most ? most : n;
}
