#include "compiler/emit/javacard/text.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/emit/javacard/inside.h"
#include "compiler/emit/javacard/text_inside.h"
#include "runtime/base/hex.h"

enum { WORDS = 4096 };

bool asm_text_aid(struct asm_text *t, const char *word, uint8_t aid[API_AID_MAX], size_t *n)
{
	return hex_decode(word, strlen(word), aid, API_AID_MAX, n) || asm_fail(t->s, "'%s' is no AID", word);
}

api_version asm_text_version(const char *word)
{
	char *end;
	unsigned long major = strtoul(word, &end, 10), minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	return API_VERSION(major, minor);
}

static unsigned access_of(const char *word)
{
	static const struct {
		const char *word;
		unsigned access;
	} row[] = {{"public", ACCESS_PUBLIC}, {"private", ACCESS_PRIVATE}, {"protected", ACCESS_PROTECTED},
	    {"static", ACCESS_STATIC}, {"final", ACCESS_FINAL}};
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
		if (strcmp(row[i].word, word) == 0)
			return row[i].access;
	return 0;
}

/* ---- declarations ---- */

static void read_package(struct asm_text *t)
{
	uint8_t aid[API_AID_MAX];
	size_t n = 0;
	if (t->n_words != 4 || t->s->name[0] != 0) {
		asm_fail(t->s, "package NAME AID VERSION, once");
		return;
	}
	if (!asm_text_aid(t, t->word[2], aid, &n))
		return;
	struct assembler *fresh = asm_new(t->a, t->word[1], aid, n, asm_text_version(t->word[3]));
	fresh->line = fresh->error_line = t->s->line;
	*t->s = *fresh;
}

static void read_applet(struct asm_text *t)
{
	struct asm_text_applet *one = ARENA_NEW(t->a, struct asm_text_applet);
	if (t->n_words != 3) {
		asm_fail(t->s, "applet AID CLASS");
		return;
	}
	if (!asm_text_aid(t, t->word[1], one->aid, &one->aid_len))
		return;
	one->class = arena_strdup(t->a, t->word[2]);
	one->line = t->s->line;
	if (t->last_applet == NULL)
		t->applets = one;
	else
		t->last_applet->next = one;
	t->last_applet = one;
}

static void read_class(struct asm_text *t, bool interface)
{
	unsigned access = interface ? ACCESS_INTERFACE : 0;
	const char *super = NULL;
	size_t i = 2;
	if (t->n_words < 2) {
		asm_fail(t->s, "class NAME [ACCESS] [extends CLASS] [implements INTERFACE...]");
		return;
	}
	for (; i < t->n_words && (access_of(t->word[i]) != 0 || strcmp(t->word[i], "abstract") == 0); i++)
		access |= strcmp(t->word[i], "abstract") == 0 ? ACCESS_ABSTRACT : access_of(t->word[i]);
	if (!interface && i + 1 < t->n_words && strcmp(t->word[i], "extends") == 0) {
		super = t->word[i + 1];
		i += 2;
	}
	t->class = asm_class(t->s, t->word[1], access, super);
	t->method = NULL;
	if (i == t->n_words)
		return;
	if (strcmp(t->word[i], interface ? "extends" : "implements") != 0)
		asm_fail(t->s, "'%s' is not understood here", t->word[i]);
	for (i++; i < t->n_words && t->s->error == NULL; i++)
		asm_implements(t->class, t->word[i]);
}

/* Access, then what is left: returns the index of the first other word. */
static size_t read_access(struct asm_text *t, unsigned *access)
{
	size_t i = 1;
	*access = 0;
	for (; i < t->n_words; i++) {
		unsigned one = access_of(t->word[i]);
		if (strcmp(t->word[i], "abstract") == 0)
			one = ACCESS_METHOD_ABSTRACT;
		if (one == 0)
			break;
		*access |= one;
	}
	return i;
}

/* "00FF" or "500*00FF" behind the n bytes there are; the new number, or 0. */
static size_t read_bytes(struct asm_text *t, const char *word, uint8_t *value, size_t room, size_t n)
{
	const char *star = strchr(word, '*'), *digits = star == NULL ? word : star + 1;
	unsigned long times = star == NULL ? 1 : strtoul(word, NULL, 10);
	for (; times > 0; times--) {
		size_t more;
		if (!hex_decode(digits, strlen(digits), value + n, room - n, &more)) {
			asm_fail(t->s, "'%s' is not hexadecimal, or too long", word);
			return 0;
		}
		n += more;
	}
	return n;
}

static void read_field(struct asm_text *t)
{
	enum { ROOM = 0x10000 };
	unsigned access;
	size_t i = read_access(t, &access), n = 0;
	if (t->class == NULL || i + 2 > t->n_words || (i + 2 < t->n_words && strcmp(t->word[i + 2], "=") != 0)) {
		asm_fail(t->s, "field [ACCESS] TYPE NAME [= BYTES], in a class");
		return;
	}
	if ((access & ACCESS_STATIC) == 0) {
		asm_field(t->class, t->word[i + 1], t->word[i], access);
		return;
	}
	uint8_t *value = arena_alloc(t->a, i + 3 < t->n_words ? ROOM : 1);
	for (size_t k = i + 3; k < t->n_words; k++)
		n = read_bytes(t, t->word[k], value, ROOM, n);
	asm_static(t->class, t->word[i + 1], t->word[i], access, value, n);
}

static void read_method(struct asm_text *t)
{
	unsigned access;
	size_t i = read_access(t, &access);
	char *bracket = i + 1 == t->n_words ? strchr(t->word[i], '(') : NULL;
	if (t->class == NULL || bracket == NULL) {
		asm_fail(t->s, "method [ACCESS] NAME(TYPES)TYPE, in a class");
		return;
	}
	t->method =
	    asm_method(t->class, arena_strndup(t->a, t->word[i], (size_t)(bracket - t->word[i])), bracket, access);
	t->labels = NULL;
}

/* ---- packages of others ---- */

static bool read_extern_class(struct asm_text *t, struct asm_text_extern *e)
{
	struct api_class *c = &e->class[e->n_classes];
	if (t->n_words < 3 || e->n_classes == ASM_TEXT_CLASSES)
		return asm_fail(t->s, "class NAME TOKEN [interface] [shareable], at most %d", ASM_TEXT_CLASSES);
	c->name = arena_strdup(t->a, t->word[1]);
	c->token = (uint8_t)atoi(t->word[2]);
	c->flags = API_PUBLIC;
	c->since = e->package.version[0];
	c->superclass = "java/lang/Object";
	c->interfaces = "";
	for (size_t i = 3; i < t->n_words; i++)
		if (strcmp(t->word[i], "interface") == 0)
			c->flags |= API_IS_INTERFACE;
		else if (strcmp(t->word[i], "shareable") == 0) {
			c->flags |= API_SHAREABLE;
			c->interfaces = "javacard/framework/Shareable";
		} else
			return asm_fail(t->s, "'%s' is not understood here", t->word[i]);
	e->n_classes++;
	e->n_members = 0;
	c->member = e->member = arena_alloc(t->a, (ASM_TEXT_MEMBERS + 1) * sizeof *e->member);
	return true;
}

static bool read_extern_member(struct asm_text *t, struct asm_text_extern *e)
{
	static const struct {
		const char *word;
		enum api_kind kind;
	} row[] = {{"static", API_STATIC_METHOD}, {"virtual", API_VIRTUAL_METHOD}, {"method", API_INTERFACE_METHOD},
	    {"field", API_STATIC_FIELD}};
	for (size_t i = 0; i < 4; i++) {
		if (strcmp(t->word[0], row[i].word) != 0)
			continue;
		if (t->n_words != 4 || e->n_classes == 0 || e->n_members == ASM_TEXT_MEMBERS)
			break;
		e->member[e->n_members++] = (struct api_member){.name = arena_strdup(t->a, t->word[1]),
		    .descriptor = arena_strdup(t->a, t->word[2]),
		    .kind = row[i].kind,
		    .token = (uint8_t)atoi(t->word[3]),
		    .flags = API_PUBLIC,
		    .since = e->package.version[0]};
		return true;
	}
	return asm_fail(t->s, "static|virtual|method|field NAME TYPE TOKEN, in a class of extern");
}

static void read_extern_row(struct asm_text *t)
{
	if (strcmp(t->word[0], "end") == 0) {
		t->external->package.class = t->external->class;
		asm_extern(t->s, &t->external->package);
		t->external = NULL;
	} else if (strcmp(t->word[0], "class") == 0)
		read_extern_class(t, t->external);
	else
		read_extern_member(t, t->external);
}

static void read_extern(struct asm_text *t)
{
	struct asm_text_extern *e = ARENA_NEW(t->a, struct asm_text_extern);
	uint8_t *aid = arena_alloc(t->a, API_AID_MAX);
	if (t->n_words != 4) {
		asm_fail(t->s, "extern NAME AID VERSION");
		return;
	}
	if (!asm_text_aid(t, t->word[2], aid, &e->package.aid_len))
		return;
	e->package.name = arena_strdup(t->a, t->word[1]);
	e->package.aid = (const char *)aid;
	e->package.version[0] = asm_text_version(t->word[3]);
	t->external = e;
}

/* ---- lines ---- */

static void read_line(struct asm_text *t)
{
	const char *word = t->word[0];
	if (t->external != NULL)
		read_extern_row(t);
	else if (strcmp(word, "package") == 0)
		read_package(t);
	else if (t->s->name[0] == 0)
		asm_fail(t->s, "the package comes first");
	else if (strcmp(word, "import") == 0 && t->n_words == 3)
		asm_import(t->s, t->word[1], asm_text_version(t->word[2]));
	else if (strcmp(word, "export") == 0)
		asm_export(t->s);
	else if (strcmp(word, "extern") == 0)
		read_extern(t);
	else if (strcmp(word, "applet") == 0)
		read_applet(t);
	else if (strcmp(word, "class") == 0 || strcmp(word, "interface") == 0)
		read_class(t, word[0] == 'i');
	else if (strcmp(word, "field") == 0)
		read_field(t);
	else if (strcmp(word, "method") == 0)
		read_method(t);
	else if (t->method == NULL)
		asm_fail(t->s, "'%s' is not understood here", word);
	else
		asm_text_instruction(t);
}

/* The line in words, without its comment. `%` stands for the count of the innermost repetition. */
static bool split(struct asm_text *t, const char *line, size_t n)
{
	struct buf text = {0};
	for (size_t i = 0; i < n; i++) {
		if (line[i] == ';' && (i == 0 || line[i - 1] <= ' ')) /* types have it inside words */
			break;
		if (line[i] == '%' && t->count >= 0)
			buf_printf(&text, "%ld", t->count);
		else
			buf_u8(&text, (uint8_t)line[i]);
	}
	char *all = arena_strdup(t->a, buf_cstr(&text)), *save = NULL;
	buf_reset(&text);
	t->n_words = 0;
	for (char *w = strtok_r(all, " \t\r", &save); w != NULL; w = strtok_r(NULL, " \t\r", &save)) {
		if (t->n_words == WORDS)
			return asm_fail(t->s, "the line has too many words");
		t->word[t->n_words++] = w;
	}
	return true;
}

static bool begins(const char *line, size_t n, const char *word)
{
	size_t k = strlen(word);
	while (n > 0 && (*line == ' ' || *line == '\t'))
		line++, n--;
	return n >= k && memcmp(line, word, k) == 0 && (n == k || line[k] <= ' ');
}

static size_t line_length(const char *p, const char *end)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));
	return (size_t)((nl == NULL ? end : nl) - p);
}

/* Lines up to `end` of this repetition, or to the end of the text; returns behind them. */
static const char *read_lines(struct asm_text *t, const char *p, const char *end, unsigned line, bool inside)
{
	while (p < end && t->s->error == NULL) {
		size_t n = line_length(p, end);
		const char *next = p + n + (p + n < end);
		t->s->line = ++line;
		if (inside && t->external == NULL && begins(p, n, "end"))
			return next;
		if (begins(p, n, "repeat")) {
			long outer = t->count, times = strtol(strstr(p, "repeat") + 6, NULL, 10);
			const char *behind = next;
			for (t->count = 0; t->count < times && t->count < 100000; t->count++)
				behind = read_lines(t, next, end, line, true);
			t->count = outer;
			for (const char *q = next; q < behind; q++)
				line += *q == '\n';
			next = behind;
		} else if (split(t, p, n) && t->n_words != 0)
			read_line(t);
		p = next;
	}
	return end;
}

struct assembler *asm_read_text(struct arena *a, const char *text, size_t n)
{
	struct asm_text *t = ARENA_NEW(a, struct asm_text);
	t->a = a;
	t->s = ARENA_NEW(a, struct assembler);
	t->s->a = a;
	t->s->name = "";
	t->word = arena_alloc(a, WORDS * sizeof *t->word);
	t->count = -1;
	read_lines(t, text, text + n, 0, false);
	if (t->s->error == NULL && t->s->name[0] == 0)
		asm_fail(t->s, "there is no package");
	for (const struct asm_text_applet *one = t->applets; one != NULL; one = one->next) {
		t->s->line = one->line;
		asm_applet(t->s, one->aid, one->aid_len, one->class);
	}
	return t->s;
}

bool asm_text_to_cap(
    struct arena *a, const char *text, size_t n, api_version format, struct buf *cap, const char **message)
{
	struct assembler *s = asm_read_text(a, text, n);
	struct asm_output out;
	unsigned line;
	bool ok = asm_assemble(s, format, &out) && asm_archive(s, &out, cap);
	*message = asm_error(s, &line);
	if (*message != NULL)
		*message = arena_printf(a, "line %u: %s", line, *message);
	asm_output_reset(&out);
	return ok;
}
