/* Inside the verifier: one method, instruction by instruction (JCVM 7; the type-inferring verifier of the Java Virtual
 * Machine Specification, 4.9.2 of the second edition).
 *
 * flow.c follows the ways through a method; step.c says what an instruction takes and leaves. A subroutine (jsr, ret)
 * is followed for each of its calls on its own, so that what it does not touch keeps the types of that call. */
#ifndef IGATA_CAP_VERIFY_FLOW_H
#define IGATA_CAP_VERIFY_FLOW_H

#include "runtime/base/diag.h"
#include "runtime/cap/code.h"
#include "runtime/cap/verify/frame.h"

enum { CALLS_MAX = 1024, NESTED_MAX = 32 };

/* A call of a subroutine, and what is known at each instruction in it. The first is the method itself. */
struct call {
	size_t caller; /* index of the call that made this one */
	size_t from, entry;
	unsigned nested;
	struct frame **at; /* by offset in the method's code */
};

struct flow {
	struct world *world;
	const struct cap_model *model;
	const struct method *method;
	const struct cap_method *own;
	struct arena arena; /* of this method */
	struct types types;
	const uint8_t *code; /* of the Method component */
	unsigned locals, max_stack;
	struct call call[CALLS_MAX];
	size_t n_calls, in; /* in: index of the call that is followed */
	struct way {
		size_t call, at;
	} * todo;
	size_t n_todo, room;
	struct frame *now;
	struct cap_instruction i;
	struct diag_list *d;
};

/* Check the code of a method. false with a diagnostic at the first instruction that may go wrong. */
bool flow_method(struct flow *f, struct world *w, const struct method *method, struct diag_list *d);

/* Carry out f->i on f->now, but for where it goes on. */
bool step(struct flow *f);

/* --- for step.c --- */

/* The method and the instruction, for diagnostics. Owned by the arena of the method. */
const char *flow_place(struct flow *f);

/* A return from the subroutine of call number `call` to its caller. */
bool flow_return(struct flow *f, size_t call);

struct srcloc flow_at(const struct flow *f);

/* --- stack.c: all false with a diagnostic --- */
bool stack_push(struct flow *f, word w);
bool stack_push_type(struct flow *f, struct type t);
bool stack_pop(struct flow *f, word *w); /* any word that is not half an int */
bool stack_pop_kind(struct flow *f, enum word_kind kind);
bool stack_pop_int(struct flow *f);
bool stack_pop_object(struct flow *f, word *w); /* a reference or null */
bool stack_pop_type(struct flow *f, struct type t);
bool stack_moves(struct flow *f, unsigned words, unsigned below); /* dup_x and swap_x: do they split an int? */
bool stack_need(struct flow *f, unsigned words);
bool local_kind(struct flow *f, unsigned local, enum word_kind kind);
void local_set(struct flow *f, unsigned local, word w);
bool flow_type_error(struct flow *f, word is, const char *must);
bool flow_member_error(struct flow *f, const char *member, const char *is);
bool flow_class_error(struct flow *f, const struct class *c, const char *is);

/* --- invoke.c --- */
bool step_invoke(struct flow *f);
bool step_field(struct flow *f);

#endif
