/* What the files of calls.h share: a case on its way from lines to the text of a package. */
#ifndef IGATA_TESTS_GENERATE_CALLS_INSIDE_H
#define IGATA_TESTS_GENERATE_CALLS_INSIDE_H

#include "tests/generate/calls.h"

enum { CALLS_WORDS = 40, CALLS_TYPE = 96 };

struct variable {
	char name[24], type[CALLS_TYPE]; /* "S", "I", "[B", "Ljavacard/framework/AID;" */
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

/* The first mistake is kept. */
void calls_wrong(struct calls_file *f, const char *what, const char *word);
void calls_put(struct buf *b, const char *format, ...);

/* The full name of a class; its rows of the API, NULL for one of the case's own. */
const struct api_class *calls_class(struct calls_file *f, const char *name, size_t n, char full[CALLS_TYPE]);
/* The member of this name with this many arguments (a receiver counted), or whose descriptor begins so. */
const struct api_member *calls_member(
    struct calls_file *f, const struct api_class *c, const char *name, size_t n, const char *descriptor, unsigned args);
/* The case names it. class NULL: nothing of the API. */
void calls_name(struct calls_file *f, const struct api_class *class, const struct api_member *m);

struct variable *calls_variable(struct calls_file *f, const char *name, const char *type);

/* One line of a case, in words: its instructions go to f->body. */
void calls_statement(struct calls_file *f, char **w, unsigned n);

#endif
