#include "runtime/cap/code.h"

#include "runtime/base/rd.h"

static void read_constant(struct cap_instruction *i, struct rd *r, unsigned width)
{
	i->relocated = r->at;
	i->width = width;
	i->constant = width == 1 ? rd_u8(r) : rd_u16(r);
}

/* checkcast and instanceof: an array of primitives has no class (7.5.20), so that nothing is relocated. */
static void read_type_and_class(struct cap_instruction *i, struct rd *r)
{
	i->atype = rd_u8(r);
	read_constant(i, r, 2);
	if (i->atype >= OP_ATYPE_BOOLEAN && i->atype <= OP_ATYPE_INT)
		i->relocated = i->width = 0;
}

static int32_t read_match(struct rd *r, bool wide)
{
	return wide ? (int32_t)rd_u32(r) : (int16_t)rd_u16(r);
}

static bool read_switch(struct cap_instruction *i, struct rd *r)
{
	bool wide = i->info->form == OP_FORM_ITABLE || i->info->form == OP_FORM_ILOOKUP;
	i->target = (int64_t)i->at + (int16_t)rd_u16(r);
	size_t each = 2;
	if (i->info->form == OP_FORM_STABLE || i->info->form == OP_FORM_ITABLE) {
		i->value = read_match(r, wide);
		i->high = read_match(r, wide);
		int64_t n = (int64_t)i->high - i->value + 1;
		if (n < 1 || n > 0x10000)
			return false;
		i->pairs = (uint32_t)n;
	} else {
		i->pairs = rd_u16(r);
		each = wide ? 6 : 4;
	}
	i->pair = rd_bytes(r, each * i->pairs);
	return true;
}

enum cap_decoded cap_decode(const uint8_t *code, size_t n, size_t at, struct cap_instruction *i)
{
	struct rd r = {.p = code, .n = n, .at = at};
	*i = (struct cap_instruction){.at = at, .op = rd_u8(&r)};
	i->info = &op_info[i->op];
	if (i->info->name == NULL)
		return CAP_NO_OPCODE;
	switch (i->info->form) {
	case OP_FORM_NONE:
		break;
	case OP_FORM_S1:
		i->value = (int8_t)rd_u8(&r);
		break;
	case OP_FORM_S2:
		i->value = (int16_t)rd_u16(&r);
		break;
	case OP_FORM_S4:
		i->value = (int32_t)rd_u32(&r);
		break;
	case OP_FORM_LOCAL:
	case OP_FORM_MN:
		i->local = rd_u8(&r);
		break;
	case OP_FORM_LOCAL_S1:
		i->local = rd_u8(&r);
		i->value = (int8_t)rd_u8(&r);
		break;
	case OP_FORM_LOCAL_S2:
		i->local = rd_u8(&r);
		i->value = (int16_t)rd_u16(&r);
		break;
	case OP_FORM_B1:
		i->target = (int64_t)at + (int8_t)rd_u8(&r);
		break;
	case OP_FORM_B2:
		i->target = (int64_t)at + (int16_t)rd_u16(&r);
		break;
	case OP_FORM_CP1:
		read_constant(i, &r, 1);
		break;
	case OP_FORM_CP2:
		read_constant(i, &r, 2);
		break;
	case OP_FORM_INTERFACE:
		i->local = rd_u8(&r);
		read_constant(i, &r, 2);
		i->token = rd_u8(&r);
		break;
	case OP_FORM_ATYPE:
		i->atype = rd_u8(&r);
		break;
	case OP_FORM_ATYPE_CP2:
		read_type_and_class(i, &r);
		break;
	case OP_FORM_STABLE:
	case OP_FORM_ITABLE:
	case OP_FORM_SLOOKUP:
	case OP_FORM_ILOOKUP:
		if (!read_switch(i, &r))
			return r.bad ? CAP_CUT : CAP_BAD_SWITCH;
		break;
	}
	i->length = r.at - at;
	return r.bad ? CAP_CUT : CAP_DECODED;
}

void cap_switch_case(const struct cap_instruction *i, uint32_t k, int32_t *match, int64_t *target)
{
	bool wide = i->info->form == OP_FORM_ITABLE || i->info->form == OP_FORM_ILOOKUP;
	bool table = i->info->form == OP_FORM_STABLE || i->info->form == OP_FORM_ITABLE;
	size_t each = table ? 2 : wide ? 6 : 4;
	struct rd r = rd_of(i->pair + each * k, each);
	*match = table ? (int32_t)(i->value + (int64_t)k) : read_match(&r, wide);
	*target = (int64_t)i->at + (int16_t)rd_u16(&r);
}
