#include "tests/generate/calls.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 40, TYPE = 96 };

struct variable {
	char name[24], type[TYPE]; /* "S", "I", "[B", "Ljavacard/framework/AID;" */
	unsigned local;
};

struct calls_file {
	char *at; /* the rest of the text */
	unsigned line;
	char *pending; /* a `case` line that ended the case before */
	char use[CALLS_USES][64];
	unsigned uses;
	/* the case */
	struct calls_case *c;
	struct buf fields, body, catches, classes, methods, constructor, implements;
	struct variable var[CALLS_VARIABLES];
	unsigned vars, locals, constants, labels;
	char message[200];
	bool bad;
};

static void wrong(struct calls_file *f, const char *what, const char *word)
{
	if (!f->bad)
		snprintf(f->message, sizeof f->message, "line %u: %s %.80s", f->line, what, word);
	f->bad = true;
}

static void put(struct buf *b, const char *format, ...)
{
	char line[2600];
	va_list v;
	va_start(v, format);
	int n = vsnprintf(line, sizeof line, format, v);
	va_end(v);
	buf_add(b, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

/* ---- names ---- */

static struct variable *variable(struct calls_file *f, const char *name, size_t n)
{
	for (unsigned i = f->vars; i-- > 0;)
		if (strlen(f->var[i].name) == n && memcmp(f->var[i].name, name, n) == 0)
			return &f->var[i];
	return NULL;
}

static struct variable *new_variable(struct calls_file *f, const char *name, const char *type)
{
	struct variable *v = variable(f, name, strlen(name));
	if (v != NULL && strlen(type) <= strlen(v->type) && (strcmp(type, "I") == 0) == (strcmp(v->type, "I") == 0)) {
		snprintf(v->type, sizeof v->type, "%s", type);
		return v;
	}
	if (strlen(name) >= sizeof f->var[0].name || f->vars == CALLS_VARIABLES) {
		wrong(f, "too many variables, or too long a name:", name);
		return &f->var[0];
	}
	v = &f->var[f->vars++];
	snprintf(v->name, sizeof v->name, "%s", name);
	snprintf(v->type, sizeof v->type, "%s", type);
	v->local = f->locals;
	f->locals += strcmp(type, "I") == 0 ? 2 : 1;
	return v;
}

/* The full name of a class; its rows of the API, NULL for one of the case's own. */
static const struct api_class *class_named(struct calls_file *f, const char *name, size_t n, char full[TYPE])
{
	const struct api_class *c;
	snprintf(full, TYPE, "%.*s", (int)n, name);
	if ((c = api_class_named(full, NULL)) != NULL)
		return c;
	for (unsigned i = 0; i < f->uses; i++) {
		char try[2 * TYPE];
		snprintf(try, sizeof try, "%s/%.*s", f->use[i], (int)n, name);
		if ((c = api_class_named(try, NULL)) != NULL) {
			snprintf(full, TYPE, "%s", c->name);
			return c;
		}
	}
	return NULL;
}

static void named(struct calls_file *f, const struct api_class *class, const struct api_member *m)
{
	struct calls_case *c = f->c;
	if (class == NULL)
		return;
	if (c->n_named == CALLS_NAMED)
		wrong(f, "too many names", class->name);
	else
		c->named[c->n_named++] = (struct calls_named){class, m};
}

static unsigned arguments(const char *descriptor)
{
	unsigned n = 0;
	for (const char *d = descriptor + 1; *d != ')' && *d != 0; n++) {
		while (*d == '[')
			d++;
		d += *d == 'L' ? strcspn(d, ";") + 1 : 1;
	}
	return n;
}

/* The member of this name with this many arguments (a receiver not counted), or whose descriptor begins so. */
static const struct api_member *member(
    struct calls_file *f, const struct api_class *c, const char *name, size_t n, const char *descriptor, unsigned args)
{
	const struct api_member *found = NULL;
	for (const struct api_member *m = c->member; m->name != NULL; m++) {
		bool receiver = m->kind != API_STATIC_METHOD;
		if (m->kind == API_CONSTANT || strlen(m->name) != n || memcmp(m->name, name, n) != 0)
			continue;
		if (descriptor != NULL ? strncmp(m->descriptor, descriptor, strlen(descriptor)) != 0
				       : arguments(m->descriptor) + receiver != args && strcmp(m->name, "<init>") != 0)
			continue;
		if (descriptor == NULL && strcmp(m->name, "<init>") == 0 && arguments(m->descriptor) != args)
			continue;
		if (found != NULL)
			wrong(f, "more than one", name);
		found = m;
	}
	return found;
}

/* ---- values ---- */

static bool number(struct calls_file *f, const char *w, long *v)
{
	char *end, full[TYPE];
	const char *dot = strrchr(w, '.');
	if (strcmp(w, "true") == 0 || strcmp(w, "false") == 0) {
		*v = w[0] == 't';
		return true;
	}
	*v = strtol(w, &end, 0);
	if (end != w && *end == 0)
		return true;
	const struct api_class *c = dot == NULL ? NULL : class_named(f, w, (size_t)(dot - w), full);
	const struct api_member *m = c == NULL ? NULL : api_member_named(c, API_CONSTANT, dot + 1, NULL);
	if (m == NULL)
		return false;
	*v = m->value;
	return true;
}

static void load(struct calls_file *f, const struct variable *v)
{
	char t = v->type[0];
	put(&f->body, "  %s %u\n", t == 'L' || t == '[' ? "aload" : t == 'I' ? "iload" : "sload", v->local);
}

static void store(struct calls_file *f, const struct variable *v)
{
	char t = v->type[0];
	put(&f->body, "  %s %u\n", t == 'L' || t == '[' ? "astore" : t == 'I' ? "istore" : "sstore", v->local);
}

/* Push a word as a value of this type. */
static void push(struct calls_file *f, const char *w, char type)
{
	const struct variable *v = variable(f, w, strlen(w));
	long n;
	if (v != NULL)
		load(f, v);
	else if (strcmp(w, "null") == 0)
		put(&f->body, "  aconst_null\n");
	else if (w[0] == '#') {
		put(&f->fields, "field static [B k%u = %s\n", f->constants, w + 1);
		put(&f->body, "  getstatic_a Calls.k%u\n", f->constants++);
	} else if (!number(f, w, &n))
		wrong(f, "not a value:", w);
	else if (type == 'I')
		put(&f->body, "  iipush %ld\n", n);
	else
		put(&f->body, "  push %d\n", type == 'B' ? (int)(int8_t)n : (int)(int16_t)n);
}

/* ---- what is left on the stack ---- */

static unsigned label(struct calls_file *f)
{
	return f->labels++;
}

static void fail_unless(struct calls_file *f, const char *branch)
{
	unsigned ok = label(f);
	put(&f->body, "  %s l%u\n  push %u\n", branch, ok, 0x7000 + f->line);
	put(&f->body, "  invokestatic javacard/framework/ISOException.throwIt(S)V\nl%u:\n", ok);
}

static void expect(struct calls_file *f, const char *type, const char *want)
{
	if (strcmp(want, "*") == 0)
		put(&f->body, "  %s\n", type[0] == 'I' ? "pop2" : "pop");
	else if (strcmp(want, "null") == 0)
		fail_unless(f, "ifnull");
	else if (strcmp(want, "nonnull") == 0)
		fail_unless(f, "ifnonnull");
	else if (want[0] == '#') {
		push(f, want, '[');
		put(&f->body, "  invokestatic Calls.same(Ljava/lang/Object;[B)Z\n");
		fail_unless(f, "ifne");
	} else if (type[0] == 'I') {
		push(f, want, 'I');
		put(&f->body, "  icmp\n");
		fail_unless(f, "ifeq");
	} else {
		push(f, want, type[0]);
		fail_unless(f, type[0] == 'L' || type[0] == '[' ? "if_acmpeq" : "if_scmpeq");
	}
}

/* The statement since label `from` throws. */
static void expect_throw(struct calls_file *f, unsigned from, char **w, unsigned n)
{
	char full[TYPE];
	unsigned to = label(f), handler = label(f);
	if (n == 0) {
		wrong(f, "no exception", "");
		return;
	}
	const struct api_class *c = class_named(f, w[0], strlen(w[0]), full);
	put(&f->body, "l%u:\n  push %u\n", to, 0x7000 + f->line);
	put(&f->body, "  invokestatic javacard/framework/ISOException.throwIt(S)V\n  return\nl%u:\n", handler);
	put(&f->catches, "  catch %s l%u l%u l%u\n", full, from, to, handler);
	if (n == 1 || c == NULL) {
		put(&f->body, "  pop\n");
		return;
	}
	put(&f->body, "  invokevirtual %s.getReason()S\n", full);
	expect(f, "S", w[1]);
}

/* ---- statements: each leaves a value of a type ("V": none) on the stack ---- */

static void type_of(char type[TYPE], const char *class)
{
	if (class[0] == '[')
		snprintf(type, TYPE, "%s", class);
	else
		snprintf(type, TYPE, "L%.90s;", class);
}

static void array(struct calls_file *f, const char *w, char type[TYPE])
{
	static const char *const names[] = {"byte", "short", "int", "boolean"};
	char full[TYPE];
	size_t n = strcspn(w, "[");
	char length[24];
	snprintf(length, sizeof length, "%.*s", (int)strcspn(w + n + 1, "]"), w + n + 1);
	push(f, length, 'S');
	for (unsigned i = 0; i < 4; i++)
		if (strlen(names[i]) == n && memcmp(names[i], w, n) == 0) {
			snprintf(type, TYPE, "[%c", "BSIZ"[i]);
			put(&f->body, "  newarray %c\n", "BSIZ"[i]);
			return;
		}
	named(f, class_named(f, w, n, full), NULL);
	put(&f->body, "  anewarray %s\n", full);
	snprintf(type, TYPE, "[L%.90s;", full);
}

static void push_arguments(struct calls_file *f, const char *descriptor, char **w, unsigned n)
{
	const char *d = descriptor + 1;
	for (unsigned i = 0; *d != ')' && *d != 0; i++) {
		if (i == n) {
			wrong(f, "too few arguments for", descriptor);
			return;
		}
		push(f, w[i], *d);
		while (*d == '[')
			d++;
		d += *d == 'L' ? strcspn(d, ";") + 1 : 1;
	}
}

static void construct(struct calls_file *f, char **w, unsigned n, char type[TYPE])
{
	char full[TYPE];
	size_t length = strcspn(w[0], "(");
	const char *descriptor = w[0][length] == '(' ? w[0] + length : NULL;
	const struct api_class *c = class_named(f, w[0], length, full);
	const struct api_member *m = c == NULL ? NULL : member(f, c, "<init>", 6, descriptor, n - 1);
	put(&f->body, "  new %s\n  dup\n", full);
	if (m == NULL && descriptor == NULL)
		wrong(f, "no constructor of", w[0]);
	else {
		descriptor = m != NULL ? m->descriptor : descriptor;
		push_arguments(f, descriptor, w + 1, n - 1);
		put(&f->body, "  invokespecial %s.<init>%s\n", full, descriptor);
	}
	named(f, c, NULL);
	named(f, c, m);
	type_of(type, full);
}

/* CLASS.method or variable.method */
static void call(struct calls_file *f, char **w, unsigned n, char type[TYPE])
{
	static const char *const op[] = {"invokestatic", "invokevirtual", "invokeinterface"};
	char full[TYPE];
	size_t paren = strcspn(w[0], "("), dot = paren;
	while (dot > 0 && w[0][dot] != '.')
		dot--;
	const char *method = w[0] + dot + 1, *descriptor = w[0][paren] == '(' ? w[0] + paren : NULL;
	size_t length = paren - dot - 1;
	struct variable *v = variable(f, w[0], dot);
	const struct api_class *c;
	if (v != NULL && v->type[0] == 'L')
		c = class_named(f, v->type + 1, strlen(v->type) - 2, full);
	else if (v != NULL)
		c = class_named(f, "java/lang/Object", 16, full);
	else
		c = class_named(f, w[0], dot, full);
	const struct api_member *m = c == NULL ? NULL : member(f, c, method, length, descriptor, n - 1 + (v != NULL));
	if (v != NULL)
		load(f, v);
	if (m == NULL && (c != NULL || descriptor == NULL)) {
		wrong(f, "no method", w[0]);
		return;
	}
	bool is_static = m != NULL ? m->kind == API_STATIC_METHOD : v == NULL;
	descriptor = m != NULL ? m->descriptor : descriptor;
	w++, n--;
	if (!is_static && v == NULL) {
		if (n == 0) {
			wrong(f, "no receiver for", method);
			return;
		}
		push(f, w[0], 'L');
		w++, n--;
	}
	if (n != arguments(descriptor))
		wrong(f, "wrong number of arguments for", method);
	push_arguments(f, descriptor, w, n);
	put(&f->body, "  %s %s.%.*s%s\n", m == NULL ? op[is_static ? 0 : 1] : op[m->kind], full, (int)length, method,
	    descriptor);
	named(f, c, m);
	snprintf(type, TYPE, "%s", strchr(descriptor, ')') + 1);
}

/* x[2]: the array and the index on the stack; the letter of its instructions. */
static char element(struct calls_file *f, const char *w, char type[TYPE])
{
	size_t n = strcspn(w, "[");
	const struct variable *v = variable(f, w, n);
	char index[24];
	snprintf(index, sizeof index, "%.*s", (int)strcspn(w + n + 1, "]"), w + n + 1);
	if (v == NULL || v->type[0] != '[') {
		wrong(f, "no array", w);
		return 'a';
	}
	load(f, v);
	push(f, index, 'S');
	snprintf(type, TYPE, "%s", v->type + 1);
	char t = type[0];
	return t == 'B' || t == 'Z' ? 'b' : t == 'S' ? 's' : t == 'I' ? 'i' : 'a';
}

static void cast(struct calls_file *f, const char *class, const char *w, char type[TYPE])
{
	char full[TYPE];
	size_t n = strlen(class);
	if (class[0] == '[') {
		snprintf(full, sizeof full, "%s", class);
		n = 0;
	}
	const struct api_class *c = n == 0 ? NULL : class_named(f, class, n, full);
	push(f, w, 'L');
	put(&f->body, "  checkcast %s\n", full);
	named(f, c, NULL);
	type_of(type, full);
}

static void instance(struct calls_file *f, char **w, char type[TYPE])
{
	char full[TYPE];
	named(f, class_named(f, w[2], strlen(w[2]), full), NULL);
	push(f, w[0], 'L');
	put(&f->body, "  instanceof %s\n", full);
	snprintf(type, TYPE, "Z");
}

static void value(struct calls_file *f, char **w, unsigned n, char type[TYPE])
{
	long v;
	snprintf(type, TYPE, "V");
	const struct variable *x = variable(f, w[0], strlen(w[0]));
	if (strcmp(w[0], "new") == 0 && n >= 2)
		construct(f, w + 1, n - 1, type);
	else if (strcmp(w[0], "throw") == 0 && n == 2) {
		push(f, w[1], 'L');
		put(&f->body, "  athrow\n");
	} else if (n == 3 && strcmp(w[1], "instanceof") == 0)
		instance(f, w, type);
	else if (w[0][0] == '(' && n == 2) {
		w[0][strlen(w[0]) - 1] = 0;
		cast(f, w[0] + 1, w[1], type);
	} else if (n == 1 && x != NULL) {
		load(f, x);
		snprintf(type, TYPE, "%s", x->type);
	} else if (n == 1 && (w[0][0] == '#' || strcmp(w[0], "null") == 0)) {
		push(f, w[0], '[');
		snprintf(type, TYPE, "%s", w[0][0] == '#' ? "[B" : "Ljava/lang/Object;");
	} else if (n == 1 && number(f, w[0], &v)) {
		push(f, w[0], v == (int16_t)v ? 'S' : 'I');
		snprintf(type, TYPE, "%s", v == (int16_t)v ? "S" : "I");
	} else if (n == 1 && w[0][0] != '[' && strchr(w[0], '[') != NULL && strchr(w[0], '(') == NULL) {
		if (variable(f, w[0], strcspn(w[0], "[")) != NULL)
			put(&f->body, "  %caload\n", element(f, w[0], type));
		else
			array(f, w[0], type);
	} else if (strchr(w[0], '.') != NULL)
		call(f, w, n, type);
	else
		wrong(f, "what is", w[0]);
}

static void set_element(struct calls_file *f, char **w)
{
	char type[TYPE] = "S", letter = element(f, w[0], type);
	push(f, w[2], type[0]);
	put(&f->body, "  %castore\n", letter);
}

static void statement(struct calls_file *f, char **w, unsigned n)
{
	char type[TYPE] = "V", *dest = NULL;
	unsigned sign = 0, from = label(f);
	if (n == 3 && strcmp(w[1], "=") == 0 && strchr(w[0], '[') != NULL) {
		set_element(f, w);
		return;
	}
	if (n > 2 && strcmp(w[1], "=") == 0) {
		dest = w[0];
		w += 2, n -= 2;
	}
	while (sign < n && strcmp(w[sign], "->") != 0 && strcmp(w[sign], "!") != 0)
		sign++;
	bool throws = sign < n && w[sign][0] == '!';
	if (sign == 0) {
		wrong(f, "nothing before", w[0]);
		return;
	}
	put(&f->body, "l%u:\n", from);
	value(f, w, sign, type);
	if (throws) {
		if (strcmp(type, "V") != 0)
			put(&f->body, "  %s\n", type[0] == 'I' ? "pop2" : "pop");
		expect_throw(f, from, w + sign + 1, n - sign - 1);
		return;
	}
	if (dest != NULL) {
		struct variable *v = new_variable(f, dest, type);
		store(f, v);
		if (sign < n)
			load(f, v);
	}
	if (sign + 1 < n)
		expect(f, type, w[sign + 1]);
	else if (dest == NULL && type[0] != 'V')
		wrong(f, "nothing is asked of the result of", w[0]);
}

/* ---- lines ---- */

static char *next_line(struct calls_file *f)
{
	char *line = f->at;
	if (*line == 0)
		return NULL;
	f->at += strcspn(f->at, "\n");
	if (*f->at == '\n')
		*f->at++ = 0;
	f->line++;
	return line;
}

static unsigned split(char *line, char **word)
{
	unsigned n = 0;
	char *save = NULL;
	for (char *w = strtok_r(line, " \t", &save); w != NULL && *w != ';' && n < WORDS;
	     w = strtok_r(NULL, " \t", &save))
		word[n++] = w;
	return n;
}

static void block(struct calls_file *f, struct buf *out)
{
	char *line;
	while ((line = next_line(f)) != NULL && strcmp(line, "end") != 0)
		put(out, "%s\n", line);
}

/* Something that the frame of the package or a block uses. */
static void names(struct calls_file *f, const char *w)
{
	char full[TYPE];
	size_t paren = strcspn(w, "("), dot = paren;
	while (dot > 0 && w[dot] != '.')
		dot--;
	const struct api_class *c = class_named(f, w, dot, full);
	const struct api_member *m =
	    c == NULL ? NULL : member(f, c, w + dot + 1, paren - dot - 1, w[paren] == '(' ? w + paren : "(", 0);
	if (m == NULL)
		wrong(f, "no method", w);
	named(f, c, m);
}

/* The session's own commands come first: INS 50 and 82. */
static void session(struct calls_file *f, unsigned level)
{
	f->c->session = (int)level;
	put(&f->body,
	    "  aload_1\n  invokevirtual javacard/framework/APDU.getBuffer()[B\n  sconst_1\n  baload\n"
	    "  slookupswitch go -126:security 80:security\nsecurity:\n  aload_1\n  sconst_5\n"
	    "  invokestatic org/globalplatform/GPSystem.getSecureChannel()Lorg/globalplatform/SecureChannel;\n"
	    "  aload_1\n"
	    "  invokeinterface org/globalplatform/SecureChannel.processSecurity(Ljavacard/framework/APDU;)S\n"
	    "  invokevirtual javacard/framework/APDU.setOutgoingAndSend(SS)V\n  return\ngo:\n");
}

static bool directive(struct calls_file *f, char **w, unsigned n)
{
	struct calls_case *c = f->c;
	if (strcmp(w[0], "select") == 0)
		c->select = true;
	else if (strcmp(w[0], "apdu") == 0 && n == 2)
		snprintf(c->apdu, sizeof c->apdu, "%s", w[1]);
	else if (strcmp(w[0], "answer") == 0 && n == 2)
		snprintf(c->answer, sizeof c->answer, "%s", w[1]);
	else if (strcmp(w[0], "chip") == 0 && n == 2)
		*(strcmp(w[1], "t0") == 0 ? &c->t0 : &c->one_channel) = true;
	else if (strcmp(w[0], "implements") == 0 && n == 2)
		put(&f->implements, " implements %s", w[1]);
	else if (strcmp(w[0], "classes") == 0)
		block(f, &f->classes);
	else if (strcmp(w[0], "methods") == 0)
		block(f, &f->methods);
	else if (strcmp(w[0], "constructor") == 0)
		block(f, &f->constructor);
	else if (strcmp(w[0], "privileges") == 0 && n == 2)
		snprintf(c->privileges, sizeof c->privileges, "%s", w[1]);
	else if (strcmp(w[0], "session") == 0 && n == 2)
		session(f, (unsigned)strtoul(w[1], NULL, 16));
	else if (strcmp(w[0], "names") == 0 && n == 2)
		names(f, w[1]);
	else
		return false;
	return true;
}

static void line_of_case(struct calls_file *f, char *line)
{
	char *w[WORDS];
	if (strncmp(line, "asm ", 4) == 0) {
		put(&f->body, "  %s\n", line + 4);
		return;
	}
	unsigned n = split(line, w);
	if (n > 0 && !directive(f, w, n))
		statement(f, w, n);
}

static void write_package(struct calls_file *f)
{
	struct buf *b = &f->c->text;
	put(b, "package tests/calls F049474150 1.0\napplet F04947415001 Calls\n");
	buf_add(b, f->classes.p, f->classes.n);
	put(b, "class Calls public extends javacard/framework/Applet%s\n", buf_cstr(&f->implements));
	buf_add(b, f->fields.p, f->fields.n);
	put(b, "method <init>()V\n  aload_0\n  invokespecial javacard/framework/Applet.<init>()V\n");
	if (f->constructor.n == 0)
		put(b, "  aload_0\n  invokevirtual javacard/framework/Applet.register()V\n");
	buf_add(b, f->constructor.p, f->constructor.n);
	put(b, "  return\n");
	put(b, "method public static install([BSB)V\n  new Calls\n  invokespecial Calls.<init>()V\n  return\n");
	/* The first bytes of an array are these. */
	put(b,
	    "method static same(Ljava/lang/Object;[B)Z\n  aload_0\n  checkcast [B\n  astore_2\n  sconst_0\n  sstore_3\n"
	    "next:\n  sload_3\n  aload_1\n  arraylength\n  if_scmpeq yes\n  sload_3\n  aload_2\n  arraylength\n"
	    "  if_scmpeq no\n  aload_2\n  sload_3\n  baload\n  aload_1\n  sload_3\n  baload\n  if_scmpne no\n"
	    "  sinc 3 1\n  goto next\nyes:\n  sconst_1\n  sreturn\nno:\n  sconst_0\n  sreturn\n");
	buf_add(b, f->methods.p, f->methods.n);
	put(b, "method public process(Ljavacard/framework/APDU;)V\n");
	if (!f->c->select)
		put(b,
		    "  aload_0\n  invokevirtual javacard/framework/Applet.selectingApplet()Z\n  ifeq begin\n  return\n"
		    "begin:\n");
	buf_add(b, f->body.p, f->body.n);
	put(b, "  return\n");
	buf_add(b, f->catches.p, f->catches.n);
}

static void begin(struct calls_file *f, struct calls_case *c, const char *name)
{
	struct buf *const bufs[] = {
	    &c->text, &f->fields, &f->body, &f->catches, &f->classes, &f->methods, &f->constructor, &f->implements};
	for (unsigned i = 0; i < sizeof bufs / sizeof *bufs; i++)
		buf_clear(bufs[i]);
	struct buf text = c->text;
	*c = (struct calls_case){
	    .apdu = "80000000", .answer = "9000", .privileges = "00", .session = -1, .text = text, .line = f->line};
	snprintf(c->name, sizeof c->name, "%s", name);
	f->c = c;
	f->vars = f->constants = f->labels = 0;
	f->locals = 0;
	new_variable(f, "this", "Ljavacard/framework/Applet;");
	new_variable(f, "apdu", "Ljavacard/framework/APDU;");
}

/* Before the first case: `use`. */
static char *head(struct calls_file *f)
{
	char *line, *w[WORDS];
	while ((line = next_line(f)) != NULL && strncmp(line, "case ", 5) != 0) {
		unsigned n = split(line, w);
		for (unsigned i = 1; i < n && strcmp(w[0], "use") == 0 && f->uses < CALLS_USES; i++)
			snprintf(f->use[f->uses++], sizeof f->use[0], "%s", w[i]);
	}
	return line;
}

int calls_next(struct calls_file *f, struct calls_case *c, const char **message)
{
	char *line = f->pending != NULL ? f->pending : head(f);
	f->pending = NULL;
	*message = f->message;
	if (line == NULL)
		return 0;
	begin(f, c, line + 5);
	while (!f->bad && (line = next_line(f)) != NULL) {
		if (strncmp(line, "case ", 5) == 0) {
			f->pending = line;
			break;
		}
		line_of_case(f, line);
	}
	write_package(f);
	return f->bad ? -1 : 1;
}

struct calls_file *calls_open(char *text)
{
	struct calls_file *f = calloc(1, sizeof *f);
	if (f != NULL)
		f->at = text;
	return f;
}

void calls_close(struct calls_file *f)
{
	if (f == NULL)
		return;
	struct buf *const bufs[] = {
	    &f->fields, &f->body, &f->catches, &f->classes, &f->methods, &f->constructor, &f->implements};
	for (unsigned i = 0; i < sizeof bufs / sizeof *bufs; i++)
		buf_reset(bufs[i]);
	free(f);
}
