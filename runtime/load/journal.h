/* The journal of one AP on one card (or of a card as a whole): what was done, by entries that are only ever appended.
 *
 *   igata-journal 1 card=sim:/cards/a.card aid=D3921000310001FFFF01 HASH
 *   1 2026-02-03T04:05:06Z install-begin image=… values=… version=1.0 chip=… df=4D2A HASH
 *   2 2026-02-03T04:05:07Z install-end result=operational HASH
 *
 * HASH = HMAC-SHA256 under the folder's key over the HASH before it and the bytes since: a line that is changed, moved
 * or taken out breaks every hash behind it. (Lines taken off the end are seen by whoever kept a later hash.) A line
 * that a crash cut off is closed with "~" and covered by the next hash. Entries are on the disk before the card gets
 * the next command. No secret is in it: values= is a code that needs the folder's key and the loading key.
 *
 * Nothing depends on a journal: the state of a half install is the card's own word (AP contract, 10). A journal that is
 * there only allows to go on where an interrupted install stopped, instead of removing it first. */
#ifndef IGATA_LOAD_JOURNAL_H
#define IGATA_LOAD_JOURNAL_H

#include "runtime/load/folder.h"

enum { JOURNAL_DIGEST = 32, JOURNAL_MAX = 64 * 1024 * 1024 };

/* What the last entries say of the AP. */
enum journal_state {
	JOURNAL_NOTHING,    /* nothing was begun, or it was removed */
	JOURNAL_INSTALLING, /* begun and not ended */
	JOURNAL_INSTALLED,
	JOURNAL_DELETING,
};

struct journal {
	int fd;
	struct buf path;
	const struct folder *folder;
	uint8_t head[JOURNAL_DIGEST]; /* hash of the last entry */
	uint64_t entries;
	enum journal_state state, before;                      /* before the delete that was begun last */
	uint8_t image[JOURNAL_DIGEST], values[JOURNAL_DIGEST]; /* of the install last begun */
	uint16_t df;
	struct buf pending; /* behind the last good line: what a crash left */
};

/* Open or begin the journal for this run alone (a second program is told by a diagnostic) and check all of it. aid_len
 * 0: of the card as a whole. A journal that was tampered with is set aside with a warning and a new one begun. */
bool journal_open(struct journal *j, const struct folder *f, const char *card, const uint8_t *aid, size_t aid_len,
    struct diag_list *d);

/* Append an entry: an event and pairs of key and value, ended by NULL. On disk when it returns. */
bool journal_add(struct journal *j, struct diag_list *d, const char *event, ...) __attribute__((sentinel));

/* AIDs that this folder has a journal about for a card, whatever became of them: at most cap, *n their number. For
 * cards that cannot enumerate. */
struct journal_aid {
	uint8_t aid[16];
	size_t len;
	uint16_t df; /* FID of its DF, 0 unknown */
};
bool journal_aids(const struct folder *f, const char *card, struct journal_aid *out, size_t cap, size_t *n);

void journal_close(struct journal *j);

#endif
