/* Inside runtime/cap: a component while it is read, and how it is refused. */
#ifndef IGATA_CAP_READ_H
#define IGATA_CAP_READ_H

#include "runtime/base/rd.h"
#include "runtime/cap/cap.h"

struct cap_reader {
	const struct cap *cap;
	enum component_tag tag;
	struct rd r; /* over the info bytes, so that r.at is the offset that other components use */
	struct diag_list *d;
};

struct cap_reader cap_reader_of(const struct cap *c, enum component_tag tag, struct diag_list *d);

/* Diagnostics about this component; all return false. `what` is the specification's name of the item: it ends in the
 * middle of it, it has another value than it must, one not below the limit, or one that nothing may have. */
bool cap_ends(struct cap_reader *in, const char *what);
bool cap_wrong(struct cap_reader *in, size_t at, const char *what, uintmax_t is, uintmax_t must);
bool cap_beyond(struct cap_reader *in, size_t at, const char *what, uintmax_t is, uintmax_t limit);

bool cap_bad(struct cap_reader *in, size_t at, const char *what, uintmax_t is);

/* true when everything was read; else a diagnostic. */
bool cap_whole(struct cap_reader *in);

/* A location in the file as a whole. */
struct srcloc cap_at(const struct cap *c);

/* An AID with the length before it. */
bool cap_read_aid(struct cap_reader *in, struct cap_aid *aid);

/* container.c: the archive. */
bool cap_unpack(struct cap *c, const uint8_t *p, size_t n, struct diag_list *d);

/* header.c: Header, Directory, Import and Applet. */
bool cap_read_names(struct cap *c, struct diag_list *d);

#endif
