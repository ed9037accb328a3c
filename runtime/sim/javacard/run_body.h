/* The body of the interpreter, included by run.c: RUN is its name, STEP runs before each instruction, GO jumps to it.
 * No include guard: it is there twice.
 *
 * Called with labels_out it only tells its labels. What may not happen is kept out as follows: operands were checked
 * when the code was decoded; the stack is checked (CHECK) at every point where control arrives other than from the
 * instruction before; every object is checked when it is used. */

#define FRAME()                                                                                                        \
	do {                                                                                                           \
		f = &jc->frame[jc->frames - 1];                                                                        \
		lo = f->locals;                                                                                        \
		pool = f->method->code->pool;                                                                          \
	} while (0)
#define DISPATCH()                                                                                                     \
	do {                                                                                                           \
		STEP;                                                                                                  \
		GO;                                                                                                    \
	} while (0)
#define NEXT(n)                                                                                                        \
	do {                                                                                                           \
		pc += (n);                                                                                             \
		DISPATCH();                                                                                            \
	} while (0)
/* Control arrives from elsewhere. */
#define ARRIVE()                                                                                                       \
	do {                                                                                                           \
		if (sp - f->stack < pc->need || f->limit - sp < pc->grow)                                              \
			goto violation;                                                                                \
		DISPATCH();                                                                                            \
	} while (0)
#define BRANCH(by)                                                                                                     \
	do {                                                                                                           \
		int32_t by_ = (by);                                                                                    \
		if (by_ <= 0 && jc->budget-- == 0)                                                                     \
			goto violation;                                                                                \
		pc += by_;                                                                                             \
		ARRIVE();                                                                                              \
	} while (0)
#define BRANCH_IF(pops, n, condition)                                                                                  \
	do {                                                                                                           \
		bool taken_ = (condition);                                                                             \
		sp -= (pops);                                                                                          \
		if (taken_)                                                                                            \
			BRANCH(pc->operand);                                                                           \
		NEXT(n);                                                                                               \
	} while (0)
#define THROW(class)                                                                                                   \
	do {                                                                                                           \
		jc_throw(jc, &jc_class_##class, 0);                                                                    \
		goto exception;                                                                                        \
	} while (0)
#define S(i)      ((int16_t)sp[i])
#define INT_AT(p) ((int32_t)((uint32_t)(p)[0] << 16 | (p)[1]))
#define SET_INT(p, v)                                                                                                  \
	do {                                                                                                           \
		uint32_t v_ = (uint32_t)(v);                                                                           \
		(p)[0] = (uint16_t)(v_ >> 16);                                                                         \
		(p)[1] = (uint16_t)v_;                                                                                 \
	} while (0)
#define PUSH(v)                                                                                                        \
	do {                                                                                                           \
		*sp++ = (uint16_t)(v);                                                                                 \
		NEXT(1);                                                                                               \
	} while (0)
#define PUSH_INT(v, n)                                                                                                 \
	do {                                                                                                           \
		SET_INT(sp, v);                                                                                        \
		sp += 2;                                                                                               \
		NEXT(n);                                                                                               \
	} while (0)
#define SHORT_OP(v)                                                                                                    \
	do {                                                                                                           \
		sp[-2] = (uint16_t)(v);                                                                                \
		sp--;                                                                                                  \
		NEXT(1);                                                                                               \
	} while (0)
#define INT_OP(v)                                                                                                      \
	do {                                                                                                           \
		uint32_t r_ = (uint32_t)(v);                                                                           \
		SET_INT(sp - 4, r_);                                                                                   \
		sp -= 2;                                                                                               \
		NEXT(1);                                                                                               \
	} while (0)
/* The array at sp[-depth], to use element i (of a type, an index): its header in h. */
#define ARRAY(type, ref, i)                                                                                            \
	do {                                                                                                           \
		if ((h = jc_quick_array(jc, (ref), (type), (i))) == NULL &&                                            \
		    (h = jc_array(jc, (ref), (type), (i))) == NULL)                                                    \
			goto exception;                                                                                \
	} while (0)
#define FIELD(ref, words)                                                                                              \
	do {                                                                                                           \
		k = &pool[pc->operand];                                                                                \
		if ((h = jc_quick_field(jc, k, (ref), (words))) == NULL &&                                             \
		    (h = jc_field(jc, k, (ref), (words))) == NULL)                                                     \
			goto exception;                                                                                \
	} while (0)
#define PUT_FIELD(v)                                                                                                   \
	do {                                                                                                           \
		uint16_t v_ = (uint16_t)(v);                                                                           \
		jc_set16(bytes, v_);                                                                                   \
		if (!jc_write(jc, h, 2u * k->at, bytes, 2, JC_ATOMIC))                                                 \
			goto exception;                                                                                \
	} while (0)
#define PUT_FIELD_INT(p)                                                                                               \
	do {                                                                                                           \
		jc_set16(bytes, (p)[0]);                                                                               \
		jc_set16(bytes + 2, (p)[1]);                                                                           \
		if (!jc_write(jc, h, 2u * k->at, bytes, 4, JC_ATOMIC))                                                 \
			goto exception;                                                                                \
	} while (0)
#define GET_FIELD() jc_be16(jc_data(jc, h) + 2 * k->at)
#define KEEPABLE(ref)                                                                                                  \
	do {                                                                                                           \
		if (!jc_may_keep(jc, (ref)))                                                                           \
			THROW(SecurityException);                                                                      \
	} while (0)
#define NULL_REF(ref)  ((ref) == 0 || (jc->ghosts && jc_is_ghost(jc, (ref))))
#define REF_VALUE(ref) (NULL_REF(ref) ? 0 : (ref))

static bool RUN(struct jc *jc, unsigned bottom, const void *const **labels_out)
{
	static const void *const labels[256] = {
#define OP(number, name, form, length, pops, pushes) [number] = &&op_##name,
#include "runtime/javacard/opcodes.def"
#undef OP
	};
	const struct jc_slot *pc;
	uint16_t *sp, *lo;
	struct jc_frame *f;
	const struct jc_constant *pool, *k;
	const struct jc_method *m;
	const uint8_t *h;
	uint8_t bytes[4], owner;
	uint32_t at;
	unsigned length;

	if (labels_out != NULL) {
		*labels_out = labels;
		return true;
	}
	FRAME();
	pc = f->method->start;
	sp = f->stack;
	ARRIVE();

	/* --- constants and locals --- */
op_nop:
	NEXT(1);
op_aconst_null:
op_sconst_0:
	PUSH(0);
op_sconst_m1:
	PUSH(0xffff);
op_sconst_1:
	PUSH(1);
op_sconst_2:
	PUSH(2);
op_sconst_3:
	PUSH(3);
op_sconst_4:
	PUSH(4);
op_sconst_5:
	PUSH(5);
op_iconst_m1:
	PUSH_INT(-1, 1);
op_iconst_0:
	PUSH_INT(0, 1);
op_iconst_1:
	PUSH_INT(1, 1);
op_iconst_2:
	PUSH_INT(2, 1);
op_iconst_3:
	PUSH_INT(3, 1);
op_iconst_4:
	PUSH_INT(4, 1);
op_iconst_5:
	PUSH_INT(5, 1);
op_bspush:
	*sp++ = (uint16_t)pc->operand;
	NEXT(2);
op_sspush:
	*sp++ = (uint16_t)pc->operand;
	NEXT(3);
op_bipush:
	PUSH_INT(pc->operand, 2);
op_sipush:
	PUSH_INT(pc->operand, 3);
op_iipush:
	PUSH_INT(pc->operand, 5);
op_aload:
op_sload:
	*sp++ = lo[pc->operand];
	NEXT(2);
op_iload:
	sp[0] = lo[pc->operand];
	sp[1] = lo[pc->operand + 1];
	sp += 2;
	NEXT(2);
op_aload_0:
op_sload_0:
	PUSH(lo[0]);
op_aload_1:
op_sload_1:
	PUSH(lo[1]);
op_aload_2:
op_sload_2:
	PUSH(lo[2]);
op_aload_3:
op_sload_3:
	PUSH(lo[3]);
op_iload_0:
	PUSH_INT(INT_AT(lo), 1);
op_iload_1:
	PUSH_INT(INT_AT(lo + 1), 1);
op_iload_2:
	PUSH_INT(INT_AT(lo + 2), 1);
op_iload_3:
	PUSH_INT(INT_AT(lo + 3), 1);
op_astore:
op_sstore:
	lo[pc->operand] = *--sp;
	NEXT(2);
op_istore:
	sp -= 2;
	lo[pc->operand] = sp[0];
	lo[pc->operand + 1] = sp[1];
	NEXT(2);
op_astore_0:
op_sstore_0:
	lo[0] = *--sp;
	NEXT(1);
op_astore_1:
op_sstore_1:
	lo[1] = *--sp;
	NEXT(1);
op_astore_2:
op_sstore_2:
	lo[2] = *--sp;
	NEXT(1);
op_astore_3:
op_sstore_3:
	lo[3] = *--sp;
	NEXT(1);
op_istore_0:
	sp -= 2;
	lo[0] = sp[0];
	lo[1] = sp[1];
	NEXT(1);
op_istore_1:
	sp -= 2;
	lo[1] = sp[0];
	lo[2] = sp[1];
	NEXT(1);
op_istore_2:
	sp -= 2;
	lo[2] = sp[0];
	lo[3] = sp[1];
	NEXT(1);
op_istore_3:
	sp -= 2;
	lo[3] = sp[0];
	lo[4] = sp[1];
	NEXT(1);

	/* --- arrays --- */
op_aaload:
	ARRAY(JC_REF_ARRAY, sp[-2], S(-1));
	sp--;
	sp[-1] = jc_be16(jc_data(jc, h) + 2 * sp[0]);
	NEXT(1);
op_baload:
	ARRAY(JC_BYTE, sp[-2], S(-1));
	sp--;
	sp[-1] = (uint16_t)(int8_t)jc_data(jc, h)[sp[0]];
	NEXT(1);
op_saload:
	ARRAY(JC_SHORT_ARRAY, sp[-2], S(-1));
	sp--;
	sp[-1] = jc_be16(jc_data(jc, h) + 2 * sp[0]);
	NEXT(1);
op_iaload:
	ARRAY(JC_INT_ARRAY, sp[-2], S(-1));
	SET_INT(sp - 2, jc_be32(jc_data(jc, h) + 4 * sp[-1]));
	NEXT(1);
op_aastore:
	ARRAY(JC_REF_ARRAY, sp[-3], S(-2));
	if (!jc_may_store(jc, h, sp[-1]))
		goto exception;
	jc_set16(bytes, REF_VALUE(sp[-1]));
	if (!jc_write(jc, h, 2u * sp[-2], bytes, 2, JC_ATOMIC))
		goto exception;
	sp -= 3;
	NEXT(1);
op_bastore:
	ARRAY(JC_BYTE, sp[-3], S(-2));
	bytes[0] = (uint8_t)sp[-1];
	if (!jc_write(jc, h, sp[-2], bytes, 1, JC_ATOMIC))
		goto exception;
	sp -= 3;
	NEXT(1);
op_sastore:
	ARRAY(JC_SHORT_ARRAY, sp[-3], S(-2));
	jc_set16(bytes, sp[-1]);
	if (!jc_write(jc, h, 2u * sp[-2], bytes, 2, JC_ATOMIC))
		goto exception;
	sp -= 3;
	NEXT(1);
op_iastore:
	ARRAY(JC_INT_ARRAY, sp[-4], S(-3));
	jc_set16(bytes, sp[-2]);
	jc_set16(bytes + 2, sp[-1]);
	if (!jc_write(jc, h, 4u * sp[-3], bytes, 4, JC_ATOMIC))
		goto exception;
	sp -= 4;
	NEXT(1);
op_arraylength:
	ARRAY(0, sp[-1], 0);
	sp[-1] = jc_be16(h + OBJECT_LENGTH);
	NEXT(1);

	/* --- the stack --- */
op_pop:
	sp--;
	NEXT(1);
op_pop2:
	sp -= 2;
	NEXT(1);
op_dup:
	sp[0] = sp[-1];
	sp++;
	NEXT(1);
op_dup2:
	sp[0] = sp[-2];
	sp[1] = sp[-1];
	sp += 2;
	NEXT(1);
op_dup_x : {
	unsigned words = (unsigned)pc->operand >> 4, depth = pc->operand & 15;
	uint16_t top[4];
	memcpy(top, sp - words, words * sizeof *sp);
	if (depth != 0)
		memmove(sp - depth + words, sp - depth, depth * sizeof *sp);
	memcpy(depth == 0 ? sp : sp - depth, top, words * sizeof *sp);
	sp += words;
	NEXT(2);
}
op_swap_x : {
	unsigned upper = (unsigned)pc->operand >> 4, lower = pc->operand & 15;
	uint16_t top[2], *from = sp - upper - lower;
	memcpy(top, sp - upper, upper * sizeof *sp);
	memmove(from + upper, from, lower * sizeof *sp);
	memcpy(from, top, upper * sizeof *sp);
	NEXT(2);
}

	/* --- numbers; results are truncated, JCVM 2.2.3.1 --- */
op_sadd:
	SHORT_OP(sp[-2] + sp[-1]);
op_ssub:
	SHORT_OP(sp[-2] - sp[-1]);
op_smul:
	SHORT_OP((uint32_t)sp[-2] * sp[-1]);
op_sdiv:
	if (sp[-1] == 0)
		THROW(ArithmeticException);
	SHORT_OP(jc_divide(S(-2), S(-1)));
op_srem:
	if (sp[-1] == 0)
		THROW(ArithmeticException);
	SHORT_OP(jc_remainder(S(-2), S(-1)));
op_sneg:
	sp[-1] = (uint16_t)(0u - sp[-1]);
	NEXT(1);
op_sshl:
	SHORT_OP((uint32_t)(int32_t)S(-2) << (sp[-1] & 31));
op_sshr:
	SHORT_OP((int32_t)S(-2) >> (sp[-1] & 31));
op_sushr:
	SHORT_OP((uint32_t)(int32_t)S(-2) >> (sp[-1] & 31));
op_sand:
	SHORT_OP(sp[-2] & sp[-1]);
op_sor:
	SHORT_OP(sp[-2] | sp[-1]);
op_sxor:
	SHORT_OP(sp[-2] ^ sp[-1]);
op_iadd:
	INT_OP((uint32_t)INT_AT(sp - 4) + (uint32_t)INT_AT(sp - 2));
op_isub:
	INT_OP((uint32_t)INT_AT(sp - 4) - (uint32_t)INT_AT(sp - 2));
op_imul:
	INT_OP((uint32_t)INT_AT(sp - 4) * (uint32_t)INT_AT(sp - 2));
op_idiv:
	if (INT_AT(sp - 2) == 0)
		THROW(ArithmeticException);
	INT_OP(jc_divide(INT_AT(sp - 4), INT_AT(sp - 2)));
op_irem:
	if (INT_AT(sp - 2) == 0)
		THROW(ArithmeticException);
	INT_OP(jc_remainder(INT_AT(sp - 4), INT_AT(sp - 2)));
op_ineg:
	SET_INT(sp - 2, 0u - (uint32_t)INT_AT(sp - 2));
	NEXT(1);
op_ishl:
	INT_OP((uint32_t)INT_AT(sp - 4) << (sp[-1] & 31));
op_ishr:
	INT_OP(INT_AT(sp - 4) >> (sp[-1] & 31));
op_iushr:
	INT_OP((uint32_t)INT_AT(sp - 4) >> (sp[-1] & 31));
op_iand:
	INT_OP(INT_AT(sp - 4) & INT_AT(sp - 2));
op_ior:
	INT_OP(INT_AT(sp - 4) | INT_AT(sp - 2));
op_ixor:
	INT_OP(INT_AT(sp - 4) ^ INT_AT(sp - 2));
op_sinc:
	lo[pc->operand >> 16] = (uint16_t)(lo[pc->operand >> 16] + pc->operand);
	NEXT(3);
op_sinc_w:
	lo[pc->operand >> 16] = (uint16_t)(lo[pc->operand >> 16] + pc->operand);
	NEXT(4);
op_iinc:
	at = (uint32_t)(pc->operand >> 16);
	SET_INT(lo + at, (uint32_t)INT_AT(lo + at) + (uint32_t)(int16_t)pc->operand);
	NEXT(3);
op_iinc_w:
	at = (uint32_t)(pc->operand >> 16);
	SET_INT(lo + at, (uint32_t)INT_AT(lo + at) + (uint32_t)(int16_t)pc->operand);
	NEXT(4);
op_s2b:
	sp[-1] = (uint16_t)(int8_t)sp[-1];
	NEXT(1);
op_s2i:
	sp--;
	PUSH_INT((int16_t)sp[0], 1);
op_i2b:
	sp--;
	sp[-1] = (uint16_t)(int8_t)sp[0];
	NEXT(1);
op_i2s:
	sp--;
	sp[-1] = sp[0];
	NEXT(1);
op_icmp : {
	int32_t a = INT_AT(sp - 4), b = INT_AT(sp - 2);
	sp -= 3;
	sp[-1] = (uint16_t)((a > b) - (a < b));
	NEXT(1);
}

	/* --- branches --- */
op_ifeq:
	BRANCH_IF(1, 2, sp[-1] == 0);
op_ifne:
	BRANCH_IF(1, 2, sp[-1] != 0);
op_iflt:
	BRANCH_IF(1, 2, S(-1) < 0);
op_ifge:
	BRANCH_IF(1, 2, S(-1) >= 0);
op_ifgt:
	BRANCH_IF(1, 2, S(-1) > 0);
op_ifle:
	BRANCH_IF(1, 2, S(-1) <= 0);
op_ifnull:
	BRANCH_IF(1, 2, NULL_REF(sp[-1]));
op_ifnonnull:
	BRANCH_IF(1, 2, !NULL_REF(sp[-1]));
op_if_acmpeq:
	BRANCH_IF(2, 2, REF_VALUE(sp[-2]) == REF_VALUE(sp[-1]));
op_if_acmpne:
	BRANCH_IF(2, 2, REF_VALUE(sp[-2]) != REF_VALUE(sp[-1]));
op_if_scmpeq:
	BRANCH_IF(2, 2, sp[-2] == sp[-1]);
op_if_scmpne:
	BRANCH_IF(2, 2, sp[-2] != sp[-1]);
op_if_scmplt:
	BRANCH_IF(2, 2, S(-2) < S(-1));
op_if_scmpge:
	BRANCH_IF(2, 2, S(-2) >= S(-1));
op_if_scmpgt:
	BRANCH_IF(2, 2, S(-2) > S(-1));
op_if_scmple:
	BRANCH_IF(2, 2, S(-2) <= S(-1));
op_ifeq_w:
	BRANCH_IF(1, 3, sp[-1] == 0);
op_ifne_w:
	BRANCH_IF(1, 3, sp[-1] != 0);
op_iflt_w:
	BRANCH_IF(1, 3, S(-1) < 0);
op_ifge_w:
	BRANCH_IF(1, 3, S(-1) >= 0);
op_ifgt_w:
	BRANCH_IF(1, 3, S(-1) > 0);
op_ifle_w:
	BRANCH_IF(1, 3, S(-1) <= 0);
op_ifnull_w:
	BRANCH_IF(1, 3, NULL_REF(sp[-1]));
op_ifnonnull_w:
	BRANCH_IF(1, 3, !NULL_REF(sp[-1]));
op_if_acmpeq_w:
	BRANCH_IF(2, 3, REF_VALUE(sp[-2]) == REF_VALUE(sp[-1]));
op_if_acmpne_w:
	BRANCH_IF(2, 3, REF_VALUE(sp[-2]) != REF_VALUE(sp[-1]));
op_if_scmpeq_w:
	BRANCH_IF(2, 3, sp[-2] == sp[-1]);
op_if_scmpne_w:
	BRANCH_IF(2, 3, sp[-2] != sp[-1]);
op_if_scmplt_w:
	BRANCH_IF(2, 3, S(-2) < S(-1));
op_if_scmpge_w:
	BRANCH_IF(2, 3, S(-2) >= S(-1));
op_if_scmpgt_w:
	BRANCH_IF(2, 3, S(-2) > S(-1));
op_if_scmple_w:
	BRANCH_IF(2, 3, S(-2) <= S(-1));
op_goto:
op_goto_w:
	BRANCH(pc->operand);
op_jsr:
	*sp++ = (uint16_t)(pc + 3 - f->method->code->slot);
	BRANCH(pc->operand);
op_ret:
	/* Any number may be in the local: only an instruction of this method is a return address. */
	at = lo[pc->operand];
	if (at >= f->method->code->raw_n || f->method->code->slot[at].method != f->method->number || jc->budget-- == 0)
		goto violation;
	pc = &f->method->code->slot[at];
	ARRIVE();
op_stableswitch:
op_slookupswitch:
	sp--;
	BRANCH(jc_switch(&f->method->code->raw[pc - f->method->code->slot], (int16_t)sp[0]));
op_itableswitch:
op_ilookupswitch:
	sp -= 2;
	BRANCH(jc_switch(&f->method->code->raw[pc - f->method->code->slot], INT_AT(sp)));

	/* --- static fields --- */
op_getstatic_a:
op_getstatic_s:
	*sp++ = jc_be16(jc->mem + jc_static_at(jc, &pool[pc->operand]));
	NEXT(3);
op_getstatic_b:
	*sp++ = (uint16_t)(int8_t)jc->mem[jc_static_at(jc, &pool[pc->operand])];
	NEXT(3);
op_getstatic_i:
	PUSH_INT(jc_be32(jc->mem + jc_static_at(jc, &pool[pc->operand])), 3);
op_putstatic_a:
	KEEPABLE(sp[-1]);
	jc_set16(bytes, REF_VALUE(sp[-1]));
	if (!jc_write_at(jc, jc_static_at(jc, &pool[pc->operand]), bytes, 2, JC_ATOMIC))
		goto exception;
	sp--;
	NEXT(3);
op_putstatic_s:
	jc_set16(bytes, sp[-1]);
	if (!jc_write_at(jc, jc_static_at(jc, &pool[pc->operand]), bytes, 2, JC_ATOMIC))
		goto exception;
	sp--;
	NEXT(3);
op_putstatic_b:
	bytes[0] = (uint8_t)sp[-1];
	if (!jc_write_at(jc, jc_static_at(jc, &pool[pc->operand]), bytes, 1, JC_ATOMIC))
		goto exception;
	sp--;
	NEXT(3);
op_putstatic_i:
	jc_set16(bytes, sp[-2]);
	jc_set16(bytes + 2, sp[-1]);
	if (!jc_write_at(jc, jc_static_at(jc, &pool[pc->operand]), bytes, 4, JC_ATOMIC))
		goto exception;
	sp -= 2;
	NEXT(3);

	/* --- fields --- */
op_getfield_a:
op_getfield_b:
op_getfield_s:
	FIELD(sp[-1], 1);
	sp[-1] = GET_FIELD();
	NEXT(2);
op_getfield_a_w:
op_getfield_b_w:
op_getfield_s_w:
	FIELD(sp[-1], 1);
	sp[-1] = GET_FIELD();
	NEXT(3);
op_getfield_a_this:
op_getfield_b_this:
op_getfield_s_this:
	FIELD(lo[0], 1);
	*sp++ = GET_FIELD();
	NEXT(2);
op_getfield_i:
	FIELD(sp[-1], 2);
	sp--;
	PUSH_INT(jc_be32(jc_data(jc, h) + 2 * k->at), 2);
op_getfield_i_w:
	FIELD(sp[-1], 2);
	sp--;
	PUSH_INT(jc_be32(jc_data(jc, h) + 2 * k->at), 3);
op_getfield_i_this:
	FIELD(lo[0], 2);
	PUSH_INT(jc_be32(jc_data(jc, h) + 2 * k->at), 2);
op_putfield_a:
	FIELD(sp[-2], 1);
	KEEPABLE(sp[-1]);
	PUT_FIELD(REF_VALUE(sp[-1]));
	sp -= 2;
	NEXT(2);
op_putfield_a_w:
	FIELD(sp[-2], 1);
	KEEPABLE(sp[-1]);
	PUT_FIELD(REF_VALUE(sp[-1]));
	sp -= 2;
	NEXT(3);
op_putfield_a_this:
	FIELD(lo[0], 1);
	KEEPABLE(sp[-1]);
	PUT_FIELD(REF_VALUE(sp[-1]));
	sp--;
	NEXT(2);
op_putfield_b:
	FIELD(sp[-2], 1);
	PUT_FIELD((int8_t)sp[-1]);
	sp -= 2;
	NEXT(2);
op_putfield_b_w:
	FIELD(sp[-2], 1);
	PUT_FIELD((int8_t)sp[-1]);
	sp -= 2;
	NEXT(3);
op_putfield_b_this:
	FIELD(lo[0], 1);
	PUT_FIELD((int8_t)sp[-1]);
	sp--;
	NEXT(2);
op_putfield_s:
	FIELD(sp[-2], 1);
	PUT_FIELD(sp[-1]);
	sp -= 2;
	NEXT(2);
op_putfield_s_w:
	FIELD(sp[-2], 1);
	PUT_FIELD(sp[-1]);
	sp -= 2;
	NEXT(3);
op_putfield_s_this:
	FIELD(lo[0], 1);
	PUT_FIELD(sp[-1]);
	sp--;
	NEXT(2);
op_putfield_i:
	FIELD(sp[-3], 2);
	PUT_FIELD_INT(sp - 2);
	sp -= 3;
	NEXT(2);
op_putfield_i_w:
	FIELD(sp[-3], 2);
	PUT_FIELD_INT(sp - 2);
	sp -= 3;
	NEXT(3);
op_putfield_i_this:
	FIELD(lo[0], 2);
	PUT_FIELD_INT(sp - 2);
	sp -= 2;
	NEXT(2);

	/* --- calls --- */
op_invokevirtual:
	k = &pool[pc->operand];
	length = 3;
	owner = jc->owner;
	if ((m = jc_quick_virtual(jc, k, *(sp - k->words))) == NULL &&
	    (m = jc_resolve_virtual(jc, k, *(sp - k->words), &owner)) == NULL)
		goto exception;
	goto invoke;
op_invokespecial:
	k = &pool[pc->operand];
	length = 3;
	m = k->method;
	owner = jc->owner;
	if (!jc_check_special(jc, k, *(sp - m->words)))
		goto exception;
	goto invoke;
op_invokestatic:
	m = pool[pc->operand].method;
	length = 3;
	owner = jc->owner;
	goto invoke;
op_invokeinterface:
	at = (uint32_t)pc->operand;
	length = 5;
	if ((m = jc_resolve_interface(
		 jc, pool[at >> 8 & 0xffff].class, (uint8_t)at, at >> 24, *(sp - (at >> 24)), &owner)) == NULL)
		goto exception;
invoke:
	f->pc = pc + length;
	if (m->native == NULL) {
		if (jc_push_frame(jc, m, sp - m->words, owner) == NULL)
			goto exception;
		FRAME();
		pc = m->start;
		sp = f->stack;
		ARRIVE();
	}
	jc->sp = sp;
	if (!m->native(jc, sp - m->words))
		goto exception;
	sp += (int)m->result - m->words;
	pc += length;
	ARRIVE();
op_areturn:
op_sreturn:
	lo[0] = sp[-1];
	sp = lo + 1;
	goto leave;
op_ireturn:
	at = (uint32_t)INT_AT(sp - 2);
	SET_INT(lo, at);
	sp = lo + 2;
	goto leave;
op_return:
	sp = lo;
leave:
	jc_pop_frame(jc);
	if (jc->frames == bottom)
		return true;
	FRAME();
	pc = f->pc;
	ARRIVE();

	/* --- objects --- */
op_new:
	jc->sp = sp;
	if ((at = jc_new_object(jc, pool[pc->operand].class)) == 0)
		goto exception;
	*sp++ = (uint16_t)at;
	NEXT(3);
op_newarray:
	if ((at = jc_new_primitive(jc, (uint8_t)pc->operand, S(-1))) == 0)
		goto exception;
	sp[-1] = (uint16_t)at;
	NEXT(2);
op_anewarray:
	if ((at = jc_new_ref_array(jc, pool[pc->operand].class, S(-1), JC_PERSISTENT)) == 0)
		goto exception;
	sp[-1] = (uint16_t)at;
	NEXT(3);
op_athrow:
	if (NULL_REF(sp[-1]) || (h = jc_header(jc, sp[-1])) == NULL)
		THROW(NullPointerException);
	if (!jc_may(jc, h))
		THROW(SecurityException);
	if (!jc_instance_of(jc_header_class(jc, h), &jc_class_Throwable))
		goto violation;
	jc->thrown = sp[-1];
	goto exception;
op_checkcast:
	if (!NULL_REF(sp[-1])) {
		int fits = jc_cast(jc, f->method->code, (uint32_t)pc->operand, sp[-1]);
		if (fits == 0)
			THROW(ClassCastException);
		if (fits < 0)
			goto exception;
	}
	NEXT(4);
op_instanceof:
	if (NULL_REF(sp[-1])) {
		sp[-1] = 0;
	} else {
		int fits = jc_cast(jc, f->method->code, (uint32_t)pc->operand, sp[-1]);
		if (fits < 0)
			goto exception;
		sp[-1] = (uint16_t)fits;
	}
	NEXT(4);

violation:
	jc_abort(jc, SW_NO_DIAGNOSIS);
exception:
	if ((pc = jc_catch(jc, bottom, pc)) == NULL)
		return false;
	FRAME();
	sp = f->stack + 1;
	ARRIVE();
}

#undef FRAME
#undef DISPATCH
#undef NEXT
#undef ARRIVE
#undef BRANCH
#undef BRANCH_IF
#undef THROW
#undef S
#undef INT_AT
#undef SET_INT
#undef PUSH
#undef PUSH_INT
#undef SHORT_OP
#undef INT_OP
#undef ARRAY
#undef FIELD
#undef PUT_FIELD
#undef PUT_FIELD_INT
#undef GET_FIELD
#undef KEEPABLE
#undef NULL_REF
#undef REF_VALUE
