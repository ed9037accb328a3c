/* Values of attributes by type. */
#ifndef IGATA_DESCRIPTION_VALUE_H
#define IGATA_DESCRIPTION_VALUE_H

#include "compiler/description/reader.h"

/* Read n bytes of text as the row's type into s, whose src (NULL for a default) gives the places. false with one
 * diagnostic. */
bool value_read(
    struct arena *a, struct slot *s, const struct attribute_row *row, const char *text, size_t n, struct diag_list *d);

#endif
