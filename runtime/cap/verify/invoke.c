#include "runtime/cap/verify/flow.h"
#include "runtime/cap/verify/member.h"

/* Instructions that use members of classes: fields and methods. */

static const char *constant_name(struct flow *f)
{
	struct buf text = {0};
	buf_printf(&text, "#%u", f->i.constant);
	const char *name = arena_strdup(&f->arena, buf_cstr(&text));
	buf_reset(&text);
	return name;
}

static struct type of_class(const struct class *c)
{
	return (struct type){.base = TYPE_REFERENCE, .class = c->index};
}

/* A protected member of another package is used on objects of the using class only (JVMS 4.9.2). */
static bool protected_elsewhere(const struct flow *f, const struct class *declares, unsigned access)
{
	return access & ACCESS_PROTECTED && declares->package != f->method->class->package;
}

/* ---- fields ---- */

/* The letter behind the instruction's name against the field's type. */
static bool letter_fits(char letter, struct type t)
{
	if (t.array || t.base == TYPE_REFERENCE)
		return letter == 'a';
	return letter == (t.base == TYPE_SHORT ? 's' : t.base == TYPE_INT ? 'i' : 'b');
}

static char letter_of(uint8_t op)
{
	return op_info[op].name[9]; /* getfield_ and so on have nine characters */
}

/* A constructor may set its class's own fields before it calls another constructor. */
static bool holder_is_this(const struct flow *f, word holder, const struct field *field, bool put)
{
	return put && WORD_KIND(holder) == WORD_THIS && field->class == f->method->class;
}

static bool check_holder(struct flow *f, word holder, const struct member *m, bool put)
{
	if (holder_is_this(f, holder, m->field, put))
		return true;
	struct type must =
	    of_class(protected_elsewhere(f, m->field->class, m->field->access) ? f->method->class : m->class);
	return types_fit(&f->types, holder, must) || flow_type_error(f, holder, f->world->class[must.class] -> name);
}

static bool step_instance(struct flow *f, const struct member *m, bool put, bool on_this)
{
	word holder = f->now->word[0];
	if (put && !stack_pop_type(f, m->field->type))
		return false;
	if (on_this && f->method->is_static)
		return flow_member_error(f, f->method->name, "static");
	if (!on_this && !stack_pop(f, &holder))
		return false;
	return check_holder(f, holder, m, put) && (put || stack_push_type(f, m->field->type));
}

bool step_field(struct flow *f)
{
	struct member m = member_of(f->world, &f->model->constant[f->i.constant]);
	uint8_t op = f->i.op;
	bool put = op_info[op].name[0] == 'p';
	bool on_this = (op >= OP_getfield_a_this && op <= OP_getfield_i_this) || op >= OP_putfield_a_this;
	if (m.field == NULL)
		return flow_member_error(f, constant_name(f), "?");
	const char *name = m.class->name;
	if (!letter_fits(op_info[op].name[3] == 's' ? op_info[op].name[10] : letter_of(op), m.field->type))
		return flow_member_error(f, constant_name(f), op_info[op].name);
	const char *refused = access_refused(f->method->class, m.field->class, m.field->access);
	if (refused == NULL && put && m.field->access & ACCESS_FINAL && m.field->class != f->method->class)
		refused = "final";
	if (refused != NULL)
		return flow_member_error(f, name, refused);
	if (!m.field->is_static)
		return step_instance(f, &m, put, on_this);
	return put ? stack_pop_type(f, m.field->type) : stack_push_type(f, m.field->type);
}

/* ---- methods ---- */

static bool pop_arguments(struct flow *f, const struct method *m)
{
	for (size_t i = m->type.n; i > 0; i--)
		if (!stack_pop_type(f, m->type.param[i - 1]))
			return false;
	return true;
}

static bool pop_receiver(struct flow *f, struct type must)
{
	return stack_pop_type(f, must);
}

/* From now on every copy of the object is one that can be used. */
static void made(struct flow *f, word object, const struct class *c)
{
	word is = types_one(&f->types, of_class(c));
	for (unsigned i = 0; i < f->locals + f->now->depth; i++)
		if (f->now->word[i] == object)
			f->now->word[i] = is;
}

/* The class whose `new` made this object. */
static const struct class *class_of_new(struct flow *f, word object)
{
	struct cap_instruction i;
	cap_decode(f->code, (size_t)f->own->code + f->own->length, WORD_NUMBER(object), &i);
	return world_class(f->world, f->world->package, f->model->constant[i.constant].class);
}

static bool construct(struct flow *f, const struct method *m)
{
	word object;
	const struct class *self = f->method->class;
	if (!pop_arguments(f, m) || !stack_pop(f, &object))
		return false;
	if (WORD_KIND(object) == WORD_THIS) {
		if (m->class != self && m->class != self->super)
			return flow_member_error(f, m->name, self->name);
		f->now->made = true;
		made(f, object, self);
		return true;
	}
	if (WORD_KIND(object) != WORD_NEW)
		return flow_type_error(f, object, "new");
	const struct class *c = class_of_new(f, object);
	if (c != m->class)
		return flow_member_error(f, m->name, c->name);
	made(f, object, c);
	return true;
}

static bool invoke_static(struct flow *f, const struct method *m)
{
	if (!m->is_static)
		return flow_member_error(f, m->name, "static");
	return pop_arguments(f, m) && stack_push_type(f, m->type.result);
}

static bool invoke_super(struct flow *f, const struct member *to)
{
	if (to->class != f->method->class)
		return flow_member_error(f, to->method->name, to->class->name);
	if (to->method->abstract)
		return flow_member_error(f, to->method->name, "abstract");
	return pop_arguments(f, to->method) && pop_receiver(f, of_class(f->method->class)) &&
	    stack_push_type(f, to->method->type.result);
}

static bool invoke_special(struct flow *f, const struct member *to)
{
	const struct method *m = to->method;
	if (f->model->constant[f->i.constant].tag == CONSTANT_SUPER_METHODREF)
		return invoke_super(f, to);
	if (m->is_static)
		return flow_member_error(f, m->name, "static");
	if (m->init)
		return construct(f, m);
	return pop_arguments(f, m) && pop_receiver(f, of_class(m->class)) && stack_push_type(f, m->type.result);
}

static bool invoke_virtual(struct flow *f, const struct member *to)
{
	const struct method *m = to->method;
	bool elsewhere = protected_elsewhere(f, m->class, m->access);
	return pop_arguments(f, m) && pop_receiver(f, of_class(elsewhere ? f->method->class : to->class)) &&
	    stack_push_type(f, m->type.result);
}

static bool invoke_interface(struct flow *f, const struct class *c)
{
	const struct method *m = c == NULL || !c->interface ? NULL : class_interface_method(c, f->i.token);
	if (m == NULL)
		return flow_class_error(f, c, c == NULL || !c->interface ? "interface" : "token");
	if (f->i.local != m->type.words + 1u)
		return flow_member_error(f, m->name, "nargs");
	return pop_arguments(f, m) && pop_receiver(f, of_class(c)) && stack_push_type(f, m->type.result);
}

bool step_invoke(struct flow *f)
{
	struct member to = member_of(f->world, &f->model->constant[f->i.constant]);
	if (f->i.op == OP_invokeinterface)
		return invoke_interface(f, to.class);
	if (to.method == NULL)
		return flow_member_error(f, constant_name(f), "?");
	const char *refused = access_refused(f->method->class, to.method->class, to.method->access);
	if (refused != NULL)
		return flow_member_error(f, to.method->name, refused);
	switch (f->i.op) {
	case OP_invokestatic:
		return invoke_static(f, to.method);
	case OP_invokespecial:
		return invoke_special(f, &to);
	default:
		return invoke_virtual(f, &to);
	}
}
