/* Inside the verifier: the components against each other and against the imports. All return false with a diagnostic.
 */
#ifndef IGATA_CAP_VERIFY_CHECK_H
#define IGATA_CAP_VERIFY_CHECK_H

#include "runtime/base/diag.h"
#include "runtime/cap/parts.h"
#include "runtime/cap/verify/world.h"

struct check {
	struct world *w;
	const struct cap_model *m;
	struct diag_list *d;
};

bool check_class(struct check *k, const struct class *c);      /* check_class.c: where it stands, its fields */
bool check_tables(struct check *k, const struct class *c);     /* check_table.c: its virtual methods */
bool check_interfaces(struct check *k, const struct class *c); /* check_interface.c */
bool check_methods(struct check *k, const struct class *c);    /* check_method.c: headers and handlers */
bool check_constants(struct check *k);                         /* check_constant.c */
bool check_statics(struct check *k);                           /* check_static.c */
bool check_applets(struct check *k);                           /* check_applet.c */
bool check_exports(struct check *k);                           /* check_export.c */
bool check_int(struct check *k);                               /* check_int.c */

#endif
