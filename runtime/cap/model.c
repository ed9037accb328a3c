#include "runtime/cap/model.h"

#include <string.h>

#include "runtime/cap/parts.h"

bool cap_read(struct cap_model *m, const struct cap *c, struct diag_list *d)
{
	memset(m, 0, sizeof *m);
	m->cap = c;
	if (!cap_read_classes(m, d) || !cap_read_statics(m, d) || !cap_read_handlers(m, d) ||
	    !cap_read_constants(m, d) || !cap_read_export(m, d))
		return false;
	bool described = c->component[COMPONENT_Descriptor].n != 0;
	if (!(described ? cap_read_descriptor(m, d) : cap_find_methods(m, d)))
		return false;
	return cap_check_methods(m, d) && cap_check_code(m, d) && cap_check_relocation(m, d);
}

void cap_model_reset(struct cap_model *m)
{
	arena_free(&m->arena);
	memset(m, 0, sizeof *m);
}
