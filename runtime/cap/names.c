#include "runtime/cap/names.h"

#include <string.h>

#include "runtime/base/hex.h"

static const struct api_class *api_class_of(const struct cap_model *m, unsigned ref)
{
	unsigned package = ref >> 8 & 0x7f;
	if (ref == CLASSREF_NONE || (ref & CLASSREF_EXTERNAL) == 0 || package >= m->cap->n_imports ||
	    m->cap->import[package].api == NULL)
		return NULL;
	return api_class_by_token(m->cap->import[package].api, ref & 0xff);
}

static void put_external(const struct cap_model *m, unsigned ref, struct buf *out)
{
	unsigned package = ref >> 8 & 0x7f;
	const struct api_class *known = api_class_of(m, ref);
	if (package >= m->cap->n_imports) {
		buf_str(out, "?");
		return;
	}
	if (known != NULL) {
		buf_str(out, known->name);
		return;
	}
	const struct cap_import *from = &m->cap->import[package];
	char aid[2 * CAP_AID_MAX + 1];
	buf_printf(out, "%s.class%u", from->api != NULL ? from->api->name : hex_encode(aid, from->aid.p, from->aid.n),
	    ref & 0xff);
}

void cap_class_text(const struct cap_model *m, unsigned ref, struct buf *out)
{
	if (ref == CLASSREF_NONE) {
		buf_str(out, "none");
		return;
	}
	if (ref & CLASSREF_EXTERNAL) {
		put_external(m, ref, out);
		return;
	}
	const struct cap_class *c = cap_class_at(m, ref);
	if (c == NULL)
		buf_str(out, "?");
	else
		buf_printf(out, "%s%zu", c->flags & CLASS_INTERFACE ? "interface" : "class", (size_t)(c - m->class));
}

/* The class of another package that a class has above it: whose methods it may override. */
static const struct api_class *api_ancestor(const struct cap_model *m, unsigned ref)
{
	for (size_t steps = 0; (ref & CLASSREF_EXTERNAL) == 0 && steps <= m->n_classes; steps++) {
		const struct cap_class *c = cap_class_at(m, ref);
		if (c == NULL)
			return NULL;
		ref = c->super;
	}
	return api_class_of(m, ref);
}

/* "getBuffer()[B" where the platform's tables know the token. */
static bool put_api_member(
    const struct cap_model *m, unsigned class, enum api_kind kind, unsigned token, struct buf *out)
{
	const struct api_class *c = api_ancestor(m, class);
	const struct api_member *member = c == NULL ? NULL : api_member_by_token(c, kind, token);
	if (member == NULL)
		return false;
	buf_printf(out, "%s%s%s", member->name, kind == API_STATIC_FIELD ? " " : "", member->descriptor);
	return true;
}

static void put_type(const struct cap_model *m, size_t i, bool method, struct buf *out)
{
	if (m->constant_type == NULL)
		return;
	if (!method)
		buf_str(out, " ");
	cap_type_text(m, (unsigned)m->constant_type[2 * i] << 8 | m->constant_type[2 * i + 1], method, out);
}

static void put_virtual(const struct cap_model *m, size_t i, struct buf *out)
{
	const struct cap_constant *c = &m->constant[i];
	cap_class_text(m, c->class, out);
	buf_str(out, ".");
	if ((c->token & 0x80) == 0 && put_api_member(m, c->class, API_VIRTUAL_METHOD, c->token, out))
		return;
	buf_printf(out, "%s%u", c->token & 0x80 ? "package" : "virtual", c->token & 0x7fu);
	put_type(m, i, true, out);
}

static void put_static(const struct cap_model *m, size_t i, struct buf *out)
{
	const struct cap_constant *c = &m->constant[i];
	bool method = c->tag == CONSTANT_STATIC_METHODREF;
	if (!c->internal) {
		cap_class_text(m, c->class, out);
		buf_str(out, ".");
		if (put_api_member(m, c->class, method ? API_STATIC_METHOD : API_STATIC_FIELD, c->token, out))
			return;
		buf_printf(out, "static%u", c->token);
	} else if (method) {
		const struct cap_method *one = cap_method_at(m, c->offset);
		if (one != NULL) {
			cap_method_text(m, one, out);
			return;
		}
		buf_printf(out, "method@%u", c->offset);
	} else
		buf_printf(out, "static@%u", c->offset);
	put_type(m, i, method, out);
}

void cap_constant_text(const struct cap_model *m, size_t i, struct buf *out)
{
	if (i >= m->n_constants) {
		buf_str(out, "?");
		return;
	}
	const struct cap_constant *c = &m->constant[i];
	switch (c->tag) {
	case CONSTANT_CLASSREF:
		cap_class_text(m, c->class, out);
		break;
	case CONSTANT_INSTANCE_FIELDREF:
		cap_class_text(m, c->class, out);
		buf_printf(out, ".field%u", c->token);
		put_type(m, i, false, out);
		break;
	case CONSTANT_SUPER_METHODREF:
		buf_str(out, "super of ");
		put_virtual(m, i, out);
		break;
	case CONSTANT_VIRTUAL_METHODREF:
		put_virtual(m, i, out);
		break;
	default:
		put_static(m, i, out);
		break;
	}
}

/* The virtual token under which a class has this method, or -1. */
static int virtual_token(const struct cap_class *c, unsigned offset)
{
	for (unsigned i = 0; i < c->public_count; i++)
		if (((unsigned)c->public_table[2 * i] << 8 | c->public_table[2 * i + 1]) == offset)
			return (int)(c->public_base + i);
	return -1;
}

static bool is_install(const struct cap *c, unsigned offset)
{
	for (size_t i = 0; i < c->n_applets; i++)
		if (c->applet[i].install == offset)
			return true;
	return false;
}

/* The class that a method is of, as far as can be told. */
static const struct cap_class *class_of(const struct cap_model *m, const struct cap_method *one)
{
	if (one->described)
		return &m->class[one->class];
	for (size_t i = 0; i < m->n_classes; i++)
		if (virtual_token(&m->class[i], one -> offset) >= 0)
			return &m->class[i];
	return NULL;
}

void cap_method_text(const struct cap_model *m, const struct cap_method *one, struct buf *out)
{
	const struct cap_class *c = class_of(m, one);
	int token = c == NULL ? -1 : virtual_token(c, one->offset);
	if (c != NULL) {
		cap_class_text(m, c->offset, out);
		buf_str(out, ".");
	}
	struct buf api = {0};
	bool known = token >= 0 && put_api_member(m, c->offset, API_VIRTUAL_METHOD, (unsigned)token, &api);
	const char *text = buf_cstr(&api), *signature = strchr(text, '(');
	if (known && signature != NULL)
		buf_printf(out, "%.*s", (int)(signature - text), text);
	else if (is_install(m->cap, one->offset))
		buf_str(out, "install");
	else if (one->described && one->access & ACCESS_METHOD_INIT)
		buf_printf(out, "<init>@%u", one->offset);
	else if (token >= 0)
		buf_printf(out, "virtual%d", token);
	else
		buf_printf(out, "method@%u", one->offset);
	if (one->described)
		cap_type_text(m, one->type, true, out);
	else if (known && signature != NULL)
		buf_str(out, signature);
	buf_reset(&api);
}

static const char *atype_text(unsigned atype)
{
	static const char *const name[] = {"boolean", "byte", "short", "int"};
	return atype >= OP_ATYPE_BOOLEAN && atype <= OP_ATYPE_INT ? name[atype - OP_ATYPE_BOOLEAN] : "?";
}

static void put_constant(const struct cap_model *m, size_t i, struct buf *out)
{
	buf_printf(out, "#%zu ", i);
	cap_constant_text(m, i, out);
}

/* "#7 interface0.method2": the token is the operand's, not the constant's. */
static void put_interface_method(const struct cap_model *m, const struct cap_instruction *i, struct buf *out)
{
	buf_printf(out, "%u ", i->local);
	put_constant(m, i->constant, out);
	buf_str(out, ".");
	const struct cap_constant *c = i->constant < m->n_constants ? &m->constant[i->constant] : NULL;
	if (c == NULL || !put_api_member(m, c->class, API_INTERFACE_METHOD, i->token, out))
		buf_printf(out, "method%u", i->token);
}

static void put_switch(const struct cap_instruction *i, struct buf *out)
{
	for (uint32_t k = 0; k < i->pairs; k++) {
		int32_t match;
		int64_t target;
		cap_switch_case(i, k, &match, &target);
		buf_printf(out, "%d:%lld ", (int)match, (long long)target);
	}
	buf_printf(out, "default:%lld", (long long)i->target);
}

void cap_operand_text(const struct cap_model *m, const struct cap_instruction *i, struct buf *out)
{
	switch (i->info->form) {
	case OP_FORM_NONE:
		break;
	case OP_FORM_S1:
	case OP_FORM_S2:
	case OP_FORM_S4:
		buf_printf(out, "%d", (int)i->value);
		break;
	case OP_FORM_LOCAL:
		buf_printf(out, "%u", i->local);
		break;
	case OP_FORM_LOCAL_S1:
	case OP_FORM_LOCAL_S2:
		buf_printf(out, "%u %d", i->local, (int)i->value);
		break;
	case OP_FORM_MN:
		buf_printf(out, "%u %u", i->local >> 4, i->local & 0xfu);
		break;
	case OP_FORM_B1:
	case OP_FORM_B2:
		buf_printf(out, "%lld", (long long)i->target);
		break;
	case OP_FORM_CP1:
	case OP_FORM_CP2:
		put_constant(m, i->constant, out);
		break;
	case OP_FORM_INTERFACE:
		put_interface_method(m, i, out);
		break;
	case OP_FORM_ATYPE:
		buf_str(out, atype_text(i->atype));
		break;
	case OP_FORM_ATYPE_CP2:
		if (i->width == 0)
			buf_printf(out, "%s[]", atype_text(i->atype));
		else
			put_constant(m, i->constant, out);
		if (i->atype == OP_ATYPE_REFERENCE)
			buf_str(out, "[]");
		break;
	case OP_FORM_STABLE:
	case OP_FORM_ITABLE:
	case OP_FORM_SLOOKUP:
	case OP_FORM_ILOOKUP:
		put_switch(i, out);
		break;
	}
}
