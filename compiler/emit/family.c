#include "compiler/emit/family.h"

#include <string.h>

static const struct family *const families[] = {&family_native, &family_javacard};

const struct family *family_find(const char *name)
{
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (strcmp(families[i]->name, name) == 0)
			return families[i];
	return NULL;
}
