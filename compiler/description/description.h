/* The description of an AP: reads my-ap.xml, checks it, and makes the contract that everything else works from.
 *
 *   xml_read -> reader.c (grammar.def) -> reuse.c (base=) -> pin.c file.c rule.c ... -> check_*.c -> struct contract
 *
 * Reading goes on after an error and reports all it can find. What the language is, is said by grammar.def, and for
 * editors by card-ap.xsd beside it.
 */
#ifndef IGATA_DESCRIPTION_H
#define IGATA_DESCRIPTION_H

#include "runtime/base/arena.h"
#include "runtime/base/diag.h"
#include "runtime/contract/contract.h"

#define DESCRIPTION_NAMESPACE "urn:igata:card-ap:1"

/* Places in the user's file, for later diagnostics. The place of an attribute is its value's first character; of one
 * that is not written, its element's. Indices are those of the contract. */
struct description_where {
	struct srcloc ap, id, version, area, personality, apdu, sm_response, sm_plain, block, unblock, terminate, aid,
	    diversifier;
	struct {
		/* fid: of tag where there is no FID. size: of size, max, width, or length of a record. */
		struct srcloc element, fid, sfi, size, fill, count, structure, rule[FILE_OPS];
	} file[CONTRACT_FILES];
	struct {
		struct srcloc element, offset, length, format, value; /* value: of value= or source= */
	} field[CONTRACT_FIELDS];
	struct {
		struct srcloc element, ref, format, length, tries, initial, check, change, unblock, stored, pad, source;
		struct srcloc puk, puk_length, puk_tries, puk_source, puk_reset;
		struct srcloc set, resets_to;
	} pin[CONTRACT_PINS];
	struct {
		struct srcloc element, ref, algorithm, use, suite, tries, source;
	} key[CONTRACT_KEYS];
	struct {
		struct srcloc element, fid, aid;
	} df[CONTRACT_DFS];
	struct {
		struct srcloc element, ins, data, when;
	} command[CONTRACT_COMMANDS];
	struct srcloc step[CONTRACT_STEPS];
	struct srcloc numbering[CONTRACT_NUMBERINGS];
	struct srcloc rule[CONTRACT_RULES]; /* of the condition or operator that a node was first written as */
};

/* The files of a description: its own, the base's, the base's base's. */
struct description_file {
	const char *name;
	const struct description_file *base; /* NULL for none */
};

/* <accept code= reason=>: a warning that the author knows and wants. One of a base is about what stands in the base:
 * what was changed or added since has to be accepted anew. */
struct description_accept {
	enum diag_code code;
	const char *reason;
	struct srcloc at;
	const struct description_file *within; /* these files; NULL: wherever */
	struct description_accept *next;
};

/* How a description changes its base: names of elements, separated by commas; "" for none. */
struct description_reuse {
	const char *base, *id, *version; /* the file, and the AP in it */
	const char *changed, *added, *removed;
};

struct description {
	const char *name; /* the file, as in diagnostics */
	const struct contract *contract;
	const struct description_where *where;
	const struct description_accept *accepts; /* NULL for none */
	const struct description_reuse *reuse;    /* NULL without a base */
};

/* Read and check a description. Diagnostics go to d, sorted by place; NULL when there was an error. `name` must outlive
 * them; all memory is the arena's. */
const struct description *description_read(
    struct arena *a, const uint8_t *p, size_t n, const char *name, struct diag_list *d);

/* Append the description in its canonical form to out, ending in a line end. false, with nothing in out, when it has
 * errors. Comments are lost, with a note that says how many. whole: with its base put in, so that it needs none. */
struct buf;
bool description_format(
    struct arena *a, const uint8_t *p, size_t n, const char *name, bool whole, struct buf *out, struct diag_list *d);

/* What the AP as a whole lacks by the policy for APs: no PIN, no transport PIN, no mutual authentication, and what is
 * worth knowing of its keys. Warnings that the description accepts become notes. Apart from description_read, because
 * they are for people who decide about an AP, not for tools that work on it. */
void description_policy(const struct description *ap, struct diag_list *d);

/* Turn the accepted warnings among d's rows from index `from` on into notes, and add a note with the reason for each
 * code that was met. For the warnings of later stages (plan, emit) about the same description. */
void description_accept(const struct description *ap, struct diag_list *d, size_t from);

#endif
