/* What the files share that build a struct jc_code from the components of a package: parse.c, class.c, constant.c. */
#ifndef IGATA_SIM_JAVACARD_MACHINE_PARSE_H
#define IGATA_SIM_JAVACARD_MACHINE_PARSE_H

#include "runtime/base/rd.h"
#include "runtime/sim/javacard/machine/code.h"

enum { JC_NO_METHOD = 0xffff };

/* A package under way. What is refused leaves the reason in sw. */
struct jc_parse {
	struct jc_code *code;
	const struct jc_raw *raw;
	const struct jc_chip *chip;
	uint16_t *method_no; /* by offset in the Method component: number from 1, 0 none */
	uint8_t *class_done; /* by index: 1 on the way, 2 done */
	sw_t sw;
};

static inline struct rd jc_parse_part(const struct jc_parse *p, enum jc_part which)
{
	return rd_of(p->raw->part[which].p, p->raw->part[which].n);
}

/* No CAP file, or not one for this card: 6A80. Always false. */
static inline bool jc_parse_bad(struct jc_parse *p)
{
	if (p->sw == SW_OK)
		p->sw = SW_WRONG_DATA;
	return false;
}

/* An imported package has not what is wanted of it. Always false. */
static inline bool jc_parse_missing(struct jc_parse *p)
{
	if (p->sw == SW_OK)
		p->sw = p->chip->sw_import != 0 ? p->chip->sw_import : SW_WRONG_DATA;
	return false;
}

/* --- parse.c: methods --- */

/* First round: a method header lies here. */
bool jc_parse_note_method(struct jc_parse *p, uint16_t offset);

/* Once they have numbers. */
static inline const struct jc_method *jc_parse_method_at(const struct jc_parse *p, uint16_t offset)
{
	return &p->code->method[p->method_no[offset] - 1];
}

/* --- class.c: JCVM 6.9 --- */

/* Where the classes of the Class component begin; what methods their tables name. */
bool jc_parse_find_classes(struct jc_parse *p);

/* Read them, supers first. */
bool jc_parse_classes(struct jc_parse *p);

/* References to classes, NULL: refused. By offset in this package; by token of a ROM package as this chip has it;
 * class_ref of JCVM 6.8.1. */
const struct jc_class *jc_parse_class_here(struct jc_parse *p, uint16_t offset);
const struct jc_class *jc_parse_class_of_rom(struct jc_parse *p, const struct jc_import *import, uint8_t token);
const struct jc_class *jc_parse_class_ref(struct jc_parse *p, uint16_t ref);

/* --- constant.c: JCVM 6.8 --- */

/* The methods that static ones name; and all of the pool, resolved. */
bool jc_parse_note_constants(struct jc_parse *p);
bool jc_parse_constants(struct jc_parse *p);

#endif
