/* What the parts of a CAP file are called: by the names of the platform's packages (api.def), and for the package's
 * own, which a CAP file does not name, by their order: class0, interface1, field2, virtual8, method@38, static@4. */
#ifndef IGATA_CAP_NAMES_H
#define IGATA_CAP_NAMES_H

#include "runtime/cap/code.h"
#include "runtime/cap/model.h"

/* A class reference: "javacard/framework/APDU", "class0", "A000000151.class3" of a package that is not in api.def;
 * "none" for FFFF; with a '?' when it leads nowhere. Appended. */
void cap_class_text(const struct cap_model *m, unsigned ref, struct buf *out);

/* An entry of the constant pool: "javacard/framework/APDU.getBuffer()[B", "class0.field2 [B". */
void cap_constant_text(const struct cap_model *m, size_t i, struct buf *out);

/* A method of the package with its signature: "class0.process(Ljavacard/framework/APDU;)V". */
void cap_method_text(const struct cap_model *m, const struct cap_method *one, struct buf *out);

/* Operands of an instruction: "sload 3" has "3". Offsets of Method for branches. */
void cap_operand_text(const struct cap_model *m, const struct cap_instruction *i, struct buf *out);

#endif
