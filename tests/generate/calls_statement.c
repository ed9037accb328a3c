/* Lines of a case: values, calls, what must come back. */
#include "tests/generate/calls_inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void calls_wrong(struct calls_file *f, const char *what, const char *word)
{
	if (!f->bad)
		snprintf(f->message, sizeof f->message, "line %u: %s %.80s", f->line, what, word);
	f->bad = true;
}

void calls_put(struct buf *b, const char *format, ...)
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

struct variable *calls_variable(struct calls_file *f, const char *name, const char *type)
{
	struct variable *v = variable(f, name, strlen(name));
	if (v != NULL && strlen(type) <= strlen(v->type) && (strcmp(type, "I") == 0) == (strcmp(v->type, "I") == 0)) {
		snprintf(v->type, sizeof v->type, "%s", type);
		return v;
	}
	if (strlen(name) >= sizeof f->var[0].name || f->vars == CALLS_VARIABLES) {
		calls_wrong(f, "too many variables, or too long a name:", name);
		return &f->var[0];
	}
	v = &f->var[f->vars++];
	snprintf(v->name, sizeof v->name, "%s", name);
	snprintf(v->type, sizeof v->type, "%s", type);
	v->local = f->locals;
	f->locals += strcmp(type, "I") == 0 ? 2 : 1;
	return v;
}

const struct api_class *calls_class(struct calls_file *f, const char *name, size_t n, char full[CALLS_TYPE])
{
	const struct api_class *c;
	snprintf(full, CALLS_TYPE, "%.*s", (int)n, name);
	if ((c = api_class_named(full, NULL)) != NULL)
		return c;
	for (unsigned i = 0; i < f->uses; i++) {
		char try[2 * CALLS_TYPE];
		snprintf(try, sizeof try, "%s/%.*s", f->use[i], (int)n, name);
		if ((c = api_class_named(try, NULL)) != NULL) {
			snprintf(full, CALLS_TYPE, "%s", c->name);
			return c;
		}
	}
	return NULL;
}

void calls_name(struct calls_file *f, const struct api_class *class, const struct api_member *m)
{
	struct calls_case *c = f->c;
	if (class == NULL)
		return;
	if (c->n_named == CALLS_NAMED)
		calls_wrong(f, "too many names", class->name);
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

const struct api_member *calls_member(
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
			calls_wrong(f, "more than one", name);
		found = m;
	}
	return found;
}

/* ---- values ---- */

static bool number(struct calls_file *f, const char *w, long *v)
{
	char *end, full[CALLS_TYPE];
	const char *dot = strrchr(w, '.');
	if (strcmp(w, "true") == 0 || strcmp(w, "false") == 0) {
		*v = w[0] == 't';
		return true;
	}
	*v = strtol(w, &end, 0);
	if (end != w && *end == 0)
		return true;
	const struct api_class *c = dot == NULL ? NULL : calls_class(f, w, (size_t)(dot - w), full);
	const struct api_member *m = c == NULL ? NULL : api_member_named(c, API_CONSTANT, dot + 1, NULL);
	if (m == NULL)
		return false;
	*v = m->value;
	return true;
}

static void load(struct calls_file *f, const struct variable *v)
{
	char t = v->type[0];
	calls_put(&f->body, "  %s %u\n", t == 'L' || t == '[' ? "aload" : t == 'I' ? "iload" : "sload", v->local);
}

static void store(struct calls_file *f, const struct variable *v)
{
	char t = v->type[0];
	calls_put(&f->body, "  %s %u\n", t == 'L' || t == '[' ? "astore" : t == 'I' ? "istore" : "sstore", v->local);
}

/* Push a word as a value of this type. */
static void push(struct calls_file *f, const char *w, char type)
{
	const struct variable *v = variable(f, w, strlen(w));
	long n;
	if (v != NULL)
		load(f, v);
	else if (strcmp(w, "null") == 0)
		calls_put(&f->body, "  aconst_null\n");
	else if (w[0] == '#') {
		calls_put(&f->fields, "field static [B k%u = %s\n", f->constants, w + 1);
		calls_put(&f->body, "  getstatic_a Calls.k%u\n", f->constants++);
	} else if (!number(f, w, &n))
		calls_wrong(f, "not a value:", w);
	else if (type == 'I')
		calls_put(&f->body, "  iipush %ld\n", n);
	else
		calls_put(&f->body, "  push %d\n", type == 'B' ? (int)(int8_t)n : (int)(int16_t)n);
}

/* ---- what is left on the stack ---- */

static unsigned label(struct calls_file *f)
{
	return f->labels++;
}

static void fail_unless(struct calls_file *f, const char *branch)
{
	unsigned ok = label(f);
	calls_put(&f->body, "  %s l%u\n  push %u\n", branch, ok, 0x7000 + f->line);
	calls_put(&f->body, "  invokestatic javacard/framework/ISOException.throwIt(S)V\nl%u:\n", ok);
}

static void expect(struct calls_file *f, const char *type, const char *want)
{
	if (strcmp(want, "*") == 0)
		calls_put(&f->body, "  %s\n", type[0] == 'I' ? "pop2" : "pop");
	else if (strcmp(want, "null") == 0)
		fail_unless(f, "ifnull");
	else if (strcmp(want, "nonnull") == 0)
		fail_unless(f, "ifnonnull");
	else if (want[0] == '#') {
		push(f, want, '[');
		calls_put(&f->body, "  invokestatic Calls.same(Ljava/lang/Object;[B)Z\n");
		fail_unless(f, "ifne");
	} else if (type[0] == 'I') {
		push(f, want, 'I');
		calls_put(&f->body, "  icmp\n");
		fail_unless(f, "ifeq");
	} else {
		push(f, want, type[0]);
		fail_unless(f, type[0] == 'L' || type[0] == '[' ? "if_acmpeq" : "if_scmpeq");
	}
}

/* The statement since label `from` throws. */
static void expect_throw(struct calls_file *f, unsigned from, char **w, unsigned n)
{
	char full[CALLS_TYPE];
	unsigned to = label(f), handler = label(f);
	if (n == 0) {
		calls_wrong(f, "no exception", "");
		return;
	}
	const struct api_class *c = calls_class(f, w[0], strlen(w[0]), full);
	calls_put(&f->body, "l%u:\n  push %u\n", to, 0x7000 + f->line);
	calls_put(&f->body, "  invokestatic javacard/framework/ISOException.throwIt(S)V\n  return\nl%u:\n", handler);
	calls_put(&f->catches, "  catch %s l%u l%u l%u\n", full, from, to, handler);
	if (n == 1 || c == NULL) {
		calls_put(&f->body, "  pop\n");
		return;
	}
	calls_put(&f->body, "  invokevirtual %s.getReason()S\n", full);
	expect(f, "S", w[1]);
}

/* ---- statements: each leaves a value of a type ("V": none) on the stack ---- */

static void type_of(char type[CALLS_TYPE], const char *class)
{
	if (class[0] == '[')
		snprintf(type, CALLS_TYPE, "%s", class);
	else
		snprintf(type, CALLS_TYPE, "L%.90s;", class);
}

static void array(struct calls_file *f, const char *w, char type[CALLS_TYPE])
{
	static const char *const names[] = {"byte", "short", "int", "boolean"};
	char full[CALLS_TYPE];
	size_t n = strcspn(w, "[");
	char length[24];
	snprintf(length, sizeof length, "%.*s", (int)strcspn(w + n + 1, "]"), w + n + 1);
	push(f, length, 'S');
	for (unsigned i = 0; i < 4; i++)
		if (strlen(names[i]) == n && memcmp(names[i], w, n) == 0) {
			snprintf(type, CALLS_TYPE, "[%c", "BSIZ"[i]);
			calls_put(&f->body, "  newarray %c\n", "BSIZ"[i]);
			return;
		}
	calls_name(f, calls_class(f, w, n, full), NULL);
	calls_put(&f->body, "  anewarray %s\n", full);
	snprintf(type, CALLS_TYPE, "[L%.90s;", full);
}

static void push_arguments(struct calls_file *f, const char *descriptor, char **w, unsigned n)
{
	const char *d = descriptor + 1;
	for (unsigned i = 0; *d != ')' && *d != 0; i++) {
		if (i == n) {
			calls_wrong(f, "too few arguments for", descriptor);
			return;
		}
		push(f, w[i], *d);
		while (*d == '[')
			d++;
		d += *d == 'L' ? strcspn(d, ";") + 1 : 1;
	}
}

static void construct(struct calls_file *f, char **w, unsigned n, char type[CALLS_TYPE])
{
	char full[CALLS_TYPE];
	size_t length = strcspn(w[0], "(");
	const char *descriptor = w[0][length] == '(' ? w[0] + length : NULL;
	const struct api_class *c = calls_class(f, w[0], length, full);
	const struct api_member *m = c == NULL ? NULL : calls_member(f, c, "<init>", 6, descriptor, n - 1);
	calls_put(&f->body, "  new %s\n  dup\n", full);
	if (m == NULL && descriptor == NULL)
		calls_wrong(f, "no constructor of", w[0]);
	else {
		descriptor = m != NULL ? m->descriptor : descriptor;
		push_arguments(f, descriptor, w + 1, n - 1);
		calls_put(&f->body, "  invokespecial %s.<init>%s\n", full, descriptor);
	}
	calls_name(f, c, NULL);
	calls_name(f, c, m);
	type_of(type, full);
}

/* CLASS.method or variable.method */
static void call(struct calls_file *f, char **w, unsigned n, char type[CALLS_TYPE])
{
	static const char *const op[] = {"invokestatic", "invokevirtual", "invokeinterface"};
	char full[CALLS_TYPE];
	size_t paren = strcspn(w[0], "("), dot = paren;
	while (dot > 0 && w[0][dot] != '.')
		dot--;
	const char *method = w[0] + dot + 1, *descriptor = w[0][paren] == '(' ? w[0] + paren : NULL;
	size_t length = paren - dot - 1;
	struct variable *v = variable(f, w[0], dot);
	const struct api_class *c;
	if (v != NULL && v->type[0] == 'L')
		c = calls_class(f, v->type + 1, strlen(v->type) - 2, full);
	else if (v != NULL)
		c = calls_class(f, "java/lang/Object", 16, full);
	else
		c = calls_class(f, w[0], dot, full);
	const struct api_member *m =
	    c == NULL ? NULL : calls_member(f, c, method, length, descriptor, n - 1 + (v != NULL));
	if (v != NULL)
		load(f, v);
	if (m == NULL && (c != NULL || descriptor == NULL)) {
		calls_wrong(f, "no method", w[0]);
		return;
	}
	bool is_static = m != NULL ? m->kind == API_STATIC_METHOD : v == NULL;
	descriptor = m != NULL ? m->descriptor : descriptor;
	w++, n--;
	if (!is_static && v == NULL) {
		if (n == 0) {
			calls_wrong(f, "no receiver for", method);
			return;
		}
		push(f, w[0], 'L');
		w++, n--;
	}
	if (n != arguments(descriptor))
		calls_wrong(f, "wrong number of arguments for", method);
	push_arguments(f, descriptor, w, n);
	calls_put(&f->body, "  %s %s.%.*s%s\n", m == NULL ? op[is_static ? 0 : 1] : op[m->kind], full, (int)length,
	    method, descriptor);
	calls_name(f, c, m);
	snprintf(type, CALLS_TYPE, "%s", strchr(descriptor, ')') + 1);
}

/* x[2]: the array and the index on the stack; the letter of its instructions. */
static char element(struct calls_file *f, const char *w, char type[CALLS_TYPE])
{
	size_t n = strcspn(w, "[");
	const struct variable *v = variable(f, w, n);
	char index[24];
	snprintf(index, sizeof index, "%.*s", (int)strcspn(w + n + 1, "]"), w + n + 1);
	if (v == NULL || v->type[0] != '[') {
		calls_wrong(f, "no array", w);
		return 'a';
	}
	load(f, v);
	push(f, index, 'S');
	snprintf(type, CALLS_TYPE, "%s", v->type + 1);
	char t = type[0];
	return t == 'B' || t == 'Z' ? 'b' : t == 'S' ? 's' : t == 'I' ? 'i' : 'a';
}

static void cast(struct calls_file *f, const char *class, const char *w, char type[CALLS_TYPE])
{
	char full[CALLS_TYPE];
	size_t n = strlen(class);
	if (class[0] == '[') {
		snprintf(full, sizeof full, "%s", class);
		n = 0;
	}
	const struct api_class *c = n == 0 ? NULL : calls_class(f, class, n, full);
	push(f, w, 'L');
	calls_put(&f->body, "  checkcast %s\n", full);
	calls_name(f, c, NULL);
	type_of(type, full);
}

static void instance(struct calls_file *f, char **w, char type[CALLS_TYPE])
{
	char full[CALLS_TYPE];
	calls_name(f, calls_class(f, w[2], strlen(w[2]), full), NULL);
	push(f, w[0], 'L');
	calls_put(&f->body, "  instanceof %s\n", full);
	snprintf(type, CALLS_TYPE, "Z");
}

static void value(struct calls_file *f, char **w, unsigned n, char type[CALLS_TYPE])
{
	long v;
	snprintf(type, CALLS_TYPE, "V");
	const struct variable *x = variable(f, w[0], strlen(w[0]));
	if (strcmp(w[0], "new") == 0 && n >= 2)
		construct(f, w + 1, n - 1, type);
	else if (strcmp(w[0], "throw") == 0 && n == 2) {
		push(f, w[1], 'L');
		calls_put(&f->body, "  athrow\n");
	} else if (n == 3 && strcmp(w[1], "instanceof") == 0)
		instance(f, w, type);
	else if (w[0][0] == '(' && n == 2) {
		w[0][strlen(w[0]) - 1] = 0;
		cast(f, w[0] + 1, w[1], type);
	} else if (n == 1 && x != NULL) {
		load(f, x);
		snprintf(type, CALLS_TYPE, "%s", x->type);
	} else if (n == 1 && (w[0][0] == '#' || strcmp(w[0], "null") == 0)) {
		push(f, w[0], '[');
		snprintf(type, CALLS_TYPE, "%s", w[0][0] == '#' ? "[B" : "Ljava/lang/Object;");
	} else if (n == 1 && number(f, w[0], &v)) {
		push(f, w[0], v == (int16_t)v ? 'S' : 'I');
		snprintf(type, CALLS_TYPE, "%s", v == (int16_t)v ? "S" : "I");
	} else if (n == 1 && w[0][0] != '[' && strchr(w[0], '[') != NULL && strchr(w[0], '(') == NULL) {
		if (variable(f, w[0], strcspn(w[0], "[")) != NULL)
			calls_put(&f->body, "  %caload\n", element(f, w[0], type));
		else
			array(f, w[0], type);
	} else if (strchr(w[0], '.') != NULL)
		call(f, w, n, type);
	else
		calls_wrong(f, "what is", w[0]);
}

static void set_element(struct calls_file *f, char **w)
{
	char type[CALLS_TYPE] = "S", letter = element(f, w[0], type);
	push(f, w[2], type[0]);
	calls_put(&f->body, "  %castore\n", letter);
}

void calls_statement(struct calls_file *f, char **w, unsigned n)
{
	char type[CALLS_TYPE] = "V", *dest = NULL;
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
		calls_wrong(f, "nothing before", w[0]);
		return;
	}
	calls_put(&f->body, "l%u:\n", from);
	value(f, w, sign, type);
	if (throws) {
		if (strcmp(type, "V") != 0)
			calls_put(&f->body, "  %s\n", type[0] == 'I' ? "pop2" : "pop");
		expect_throw(f, from, w + sign + 1, n - sign - 1);
		return;
	}
	if (dest != NULL) {
		struct variable *v = calls_variable(f, dest, type);
		store(f, v);
		if (sign < n)
			load(f, v);
	}
	if (sign + 1 < n)
		expect(f, type, w[sign + 1]);
	else if (dest == NULL && type[0] != 'V')
		calls_wrong(f, "nothing is asked of the result of", w[0]);
}
