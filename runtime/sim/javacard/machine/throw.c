/* Exceptions of the runtime. It owns one instance of each class, a temporary entry point (JCRE 6.2.1): throwing
 * allocates nothing. */
#include "runtime/sim/javacard/machine/vm.h"

uint16_t jc_exception_instance(const struct jc *jc, const struct jc_class *class)
{
	for (; class != NULL; class = class->super)
		for (unsigned i = 0; class->code == NULL && i < jc->exceptions; i++)
			if (jc->exception[i].class == class->index && jc->exception[i].package == class->package)
				return jc->exception[i].ref;
	return 0;
}

bool jc_throw(struct jc *jc, const struct jc_class *class, uint16_t reason)
{
	jc->thrown = jc_exception_instance(jc, class);
	if (jc->thrown == 0)
		return jc_abort(jc, SW_NO_DIAGNOSIS);
	if (class->cells > 0)
		jc_set_cell_now(jc, jc->thrown, 0, reason);
	return false;
}

bool jc_throw_object(struct jc *jc, uint16_t ref)
{
	if (jc_at(jc, ref) == 0)
		return jc_throw(jc, &jc_class_NullPointerException, 0);
	jc->thrown = ref;
	return false;
}

bool jc_abort(struct jc *jc, sw_t sw)
{
	if (jc->aborted == 0 && jc->host != NULL && jc->host->fault != NULL)
		jc->host->fault(jc->host->context, "the virtual machine stopped the applet");
	if (jc->aborted == 0)
		jc->aborted = sw;
	return false;
}

const struct jc_class *jc_pending(const struct jc *jc, uint16_t *reason)
{
	const uint8_t *h = jc->thrown == 0 ? NULL : jc_header(jc, jc->thrown);
	*reason = 0;
	if (h == NULL || jc->aborted != 0)
		return NULL;
	const struct jc_class *class = jc_header_class(jc, h);
	if (class != NULL && class->cells > 0 && jc_be16(h + OBJECT_LENGTH) > 0)
		*reason = jc_be16(jc_data(jc, h));
	return class;
}

void jc_clear_pending(struct jc *jc)
{
	jc->thrown = 0;
}
