/* Inside the verifier: what the local variables and the operand stack hold, one word of 16 bits after the other.
 *
 * A word is its kind and, by kind, a number:  | 8 kind | 24 number |
 *
 * A reference stands for any of a set of types: where two ways meet that bring different ones it may be either. Nothing
 * is lost by going up to a common class, so that what two classes implement is still known. */
#ifndef IGATA_CAP_VERIFY_FRAME_H
#define IGATA_CAP_VERIFY_FRAME_H

#include "runtime/cap/verify/world.h"

enum word_kind {
	WORD_NONE, /* nothing that may be used */
	WORD_SHORT,
	WORD_INT_HIGH, /* the deeper word of an int */
	WORD_INT_LOW,
	WORD_NULL,
	WORD_REFERENCE, /* number: index into types.set */
	WORD_THIS,      /* the object of a constructor before another constructor was called */
	WORD_NEW,       /* an object without constructor call; number: where it was made */
	WORD_RETURN,    /* return address; number: the call of the subroutine */
};
typedef uint32_t word;
#define WORD(kind, number) ((word)(kind) << 24 | (word)(number))
#define WORD_KIND(w)       ((enum word_kind)((w) >> 24))
#define WORD_NUMBER(w)     ((w)&0xffffffu)

/* The sets of types of one method. */
struct type_set {
	size_t n;
	struct type *type; /* in the order of type_order */
};
struct types {
	struct arena *arena;
	const struct world *world;
	struct type_set *set;
	size_t n, room;
};

word types_one(struct types *t, struct type type);

/* Does the word hold a reference that fits where `to` is declared? Null does. */
bool types_fit(const struct types *t, word w, struct type to);

/* What is in an array of references; WORD_NULL for null; WORD_NONE when it is no such array. */
word types_element(struct types *t, word array);

/* Either word. WORD_NONE when no use of it would be safe. */
word types_merge(struct types *t, word a, word b);

/* "short", "javacard/framework/APDU", "byte[] | null": appended. */
void types_put(const struct types *t, word w, struct buf *out);

struct frame {
	unsigned depth; /* words on the stack */
	bool made;      /* a constructor has called another one */
	word word[];    /* locals, then the stack */
};

#endif
