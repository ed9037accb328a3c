/* What a CAP file holds, written down for people and for programs. */
#ifndef IGATA_CAP_DISASSEMBLE_H
#define IGATA_CAP_DISASSEMBLE_H

#include "runtime/base/json.h"
#include "runtime/cap/model.h"

/* Package, format, imports with the Java Card release that each needs, applets, sizes of components. Headings in
 * English or Japanese. */
void cap_summary(const struct cap *c, bool japanese, struct buf *out);

/* Constants, classes, static fields, exports, and every method with its instructions and exception handlers. */
void cap_disassemble(const struct cap_model *m, bool japanese, struct buf *out);

/* The same as members of the object that is open in j. m NULL: the summary only. */
void cap_json(const struct cap *c, const struct cap_model *m, struct json *j);

/* The first release of Java Card that has all imports; NULL when one is not of Java Card or of none that is known. */
const char *cap_release(const struct cap *c);

/* Name of a constant's kind: "Classref". */
const char *cap_constant_kind(unsigned tag);

#endif
