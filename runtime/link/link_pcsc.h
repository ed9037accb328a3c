/* Cards in readers, by PCSC-lite (the PC/SC Workgroup's interface, part 5). */
#ifndef IGATA_LINK_PCSC_H
#define IGATA_LINK_PCSC_H

#include "runtime/link/link.h"

enum { READER_NAME = 128, READERS_MAX = 16 };

struct link_reader {
	char name[READER_NAME];
	bool card;   /* a card is in it */
	bool in_use; /* another program has it for itself */
	uint8_t atr[ATR_MAX];
	size_t atr_len;
};

/* The readers that there are now, at most READERS_MAX; *n is their number, 0 when none is attached. false with a
 * diagnostic when the PC/SC service does not answer. */
bool link_readers(struct link_reader out[READERS_MAX], size_t *n, struct diag_list *d);

/* Choose among readers: by number, by the whole name, or by the beginning of it; where a beginning fits several, the
 * one that has a card. Returns its index; -1 with a diagnostic. An empty text is the beginning of every name. */
int link_reader_choose(const struct link_reader *reader, size_t n, const char *wanted, struct diag_list *d);

/* Connect for this program alone. Waits a few seconds for a card that is being put in, and no longer than that for a
 * reader that does not answer. */
bool link_pcsc_open(struct link *l, const char *reader, struct diag_list *d);

/* A command as T=0 carries it (ISO/IEC 7816-3 12.2): without the Le of case 4, and with P3 = 00 in case 1. Extended
 * commands stay as they are: readers translate them. */
void link_pcsc_t0(struct buf *out, const uint8_t *cmd, size_t n);

#endif
