/* Inside the text form: what is known while lines are read. */
#ifndef IGATA_EMIT_JAVACARD_TEXT_INSIDE_H
#define IGATA_EMIT_JAVACARD_TEXT_INSIDE_H

#include "compiler/emit/javacard/assembler.h"

enum { ASM_TEXT_CLASSES = 32, ASM_TEXT_MEMBERS = 128 };

struct asm_text_label {
	struct asm_text_label *next;
	const char *name;
	unsigned number;
};

struct asm_text_applet {
	struct asm_text_applet *next;
	uint8_t aid[API_AID_MAX];
	size_t aid_len;
	const char *class;
	unsigned line;
};

struct asm_text_extern {
	struct api_package package;
	struct api_class class[ASM_TEXT_CLASSES + 1];
	size_t n_classes;
	struct api_member *member;
	size_t n_members;
};

struct asm_text {
	struct arena *a;
	struct assembler *s;
	char **word; /* of the line */
	size_t n_words;
	long count; /* of the innermost repetition, -1 outside */
	struct asm_class *class;
	struct asm_method *method;
	struct asm_text_label *labels; /* of the method */
	struct asm_text_applet *applets, *last_applet;
	struct asm_text_extern *external;
};

bool asm_text_aid(struct asm_text *t, const char *word, uint8_t aid[API_AID_MAX], size_t *n);
api_version asm_text_version(const char *word);

/* text_code.c: a line of a method. */
void asm_text_instruction(struct asm_text *t);

#endif
