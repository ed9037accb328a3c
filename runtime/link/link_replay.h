/* A recording instead of a card: the commands must come as recorded (masked bytes may be anything), the answers are
 * the recorded ones. */
#ifndef IGATA_LINK_REPLAY_H
#define IGATA_LINK_REPLAY_H

#include "runtime/link/link.h"

/* path must outlive the diagnostics. */
bool link_replay_open(struct link *l, const char *path, struct diag_list *d);

/* One line of a recording, for readers of traces. */
enum replay_kind { REPLAY_RESET, REPLAY_COMMAND, REPLAY_RESPONSE, REPLAY_CARD_GONE, REPLAY_BROKEN };

struct replay_line {
	enum replay_kind kind;
	uint32_t number;  /* from 1 */
	const char *text; /* hex digits and '*', len of them; not ended by NUL */
	size_t len;
};

/* The next line that is not empty and not a comment. *at and *number begin at 0. Returns 1, 0 at the end, -1 when it
 * is none of ours (number says which). */
int replay_next(const char *text, size_t n, size_t *at, uint32_t *number, struct replay_line *out);

/* The bytes of a line's text; masked ones are 0. false when it is not hex (or, unless masked is allowed, masked). */
bool replay_bytes(const struct replay_line *line, bool masked, struct buf *out);

#endif
