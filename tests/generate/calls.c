/* A file of cases: directives, blocks, the package around the statements. */
#include "tests/generate/calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/generate/calls_inside.h"

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
	for (char *w = strtok_r(line, " \t", &save); w != NULL && *w != ';' && n < CALLS_WORDS;
	     w = strtok_r(NULL, " \t", &save))
		word[n++] = w;
	return n;
}

static void block(struct calls_file *f, struct buf *out)
{
	char *line;
	while ((line = next_line(f)) != NULL && strcmp(line, "end") != 0)
		calls_put(out, "%s\n", line);
}

/* Something that the frame of the package or a block uses. */
static void names(struct calls_file *f, const char *w)
{
	char full[CALLS_TYPE];
	size_t paren = strcspn(w, "("), dot = paren;
	while (dot > 0 && w[dot] != '.')
		dot--;
	const struct api_class *c = calls_class(f, w, dot, full);
	const struct api_member *m =
	    c == NULL ? NULL : calls_member(f, c, w + dot + 1, paren - dot - 1, w[paren] == '(' ? w + paren : "(", 0);
	if (m == NULL)
		calls_wrong(f, "no method", w);
	calls_name(f, c, m);
}

/* The session's own commands come first: INS 50 and 82. */
static void session(struct calls_file *f, unsigned level)
{
	f->c->session = (int)level;
	calls_put(&f->body,
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
		calls_put(&f->implements, " implements %s", w[1]);
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
	char *w[CALLS_WORDS];
	if (strncmp(line, "asm ", 4) == 0) {
		calls_put(&f->body, "  %s\n", line + 4);
		return;
	}
	unsigned n = split(line, w);
	if (n > 0 && !directive(f, w, n))
		calls_statement(f, w, n);
}

static void write_package(struct calls_file *f)
{
	struct buf *b = &f->c->text;
	calls_put(b, "package tests/calls F049474150 1.0\napplet F04947415001 Calls\n");
	buf_add(b, f->classes.p, f->classes.n);
	calls_put(b, "class Calls public extends javacard/framework/Applet%s\n", buf_cstr(&f->implements));
	buf_add(b, f->fields.p, f->fields.n);
	calls_put(b, "method <init>()V\n  aload_0\n  invokespecial javacard/framework/Applet.<init>()V\n");
	if (f->constructor.n == 0)
		calls_put(b, "  aload_0\n  invokevirtual javacard/framework/Applet.register()V\n");
	buf_add(b, f->constructor.p, f->constructor.n);
	calls_put(b, "  return\n");
	calls_put(b, "method public static install([BSB)V\n  new Calls\n  invokespecial Calls.<init>()V\n  return\n");
	/* The first bytes of an array are these. */
	calls_put(b,
	    "method static same(Ljava/lang/Object;[B)Z\n  aload_0\n  checkcast [B\n  astore_2\n  sconst_0\n  sstore_3\n"
	    "next:\n  sload_3\n  aload_1\n  arraylength\n  if_scmpeq yes\n  sload_3\n  aload_2\n  arraylength\n"
	    "  if_scmpeq no\n  aload_2\n  sload_3\n  baload\n  aload_1\n  sload_3\n  baload\n  if_scmpne no\n"
	    "  sinc 3 1\n  goto next\nyes:\n  sconst_1\n  sreturn\nno:\n  sconst_0\n  sreturn\n");
	buf_add(b, f->methods.p, f->methods.n);
	calls_put(b, "method public process(Ljavacard/framework/APDU;)V\n");
	if (!f->c->select)
		calls_put(b,
		    "  aload_0\n  invokevirtual javacard/framework/Applet.selectingApplet()Z\n  ifeq begin\n  return\n"
		    "begin:\n");
	buf_add(b, f->body.p, f->body.n);
	calls_put(b, "  return\n");
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
	calls_variable(f, "this", "Ljavacard/framework/Applet;");
	calls_variable(f, "apdu", "Ljavacard/framework/APDU;");
}

/* Before the first case: `use`. */
static char *head(struct calls_file *f)
{
	char *line, *w[CALLS_WORDS];
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
