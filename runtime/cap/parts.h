/* Inside runtime/cap: the readers of the components, in the order in which cap_read calls them. Each returns false with
 * diagnostics and uses only what the ones before it have found. */
#ifndef IGATA_CAP_PARTS_H
#define IGATA_CAP_PARTS_H

#include "runtime/cap/model.h"
#include "runtime/cap/read.h"

bool cap_read_classes(struct cap_model *m, struct diag_list *d);     /* class.c */
bool cap_read_statics(struct cap_model *m, struct diag_list *d);     /* statics.c */
bool cap_read_handlers(struct cap_model *m, struct diag_list *d);    /* method.c */
bool cap_read_constants(struct cap_model *m, struct diag_list *d);   /* constant.c */
bool cap_read_descriptor(struct cap_model *m, struct diag_list *d);  /* descriptor.c */
bool cap_find_methods(struct cap_model *m, struct diag_list *d);     /* method.c; without a Descriptor */
bool cap_read_export(struct cap_model *m, struct diag_list *d);      /* export.c */
bool cap_check_code(struct cap_model *m, struct diag_list *d);       /* check_code.c */
bool cap_check_methods(struct cap_model *m, struct diag_list *d);    /* check_methods.c: who refers to methods */
bool cap_check_relocation(struct cap_model *m, struct diag_list *d); /* relocation.c */

/* Is this class reference one of a class here, or of an import? A diagnostic about `in` at `at` when not. */
bool cap_check_class_ref(const struct cap_model *m, struct cap_reader *in, size_t at, unsigned ref);

/* Read the header of the method at `offset`: flags, stack, arguments, locals, where its code begins. */
bool cap_read_method_header(struct cap_method *one, struct cap_reader *in, unsigned offset);

/* Is it one of the three kinds of method reference? */
bool cap_constant_is_method(const struct cap_constant *c);

/* Read the word at index i of a big-endian table. */
unsigned cap_word(const uint8_t *table, size_t i);

#endif
