/* SCardConnect with a time limit: it may block without bound while another program holds a transaction. */
#ifndef IGATA_LINK_PCSC_CONNECT_H
#define IGATA_LINK_PCSC_CONNECT_H

#include <PCSC/winscard.h>

/* Connect to a reader for this program alone, within so many milliseconds; a reader that another program has is tried
 * again until then. On success *context (of its own, to be released) and *card are the caller's. Else the PC/SC error;
 * SCARD_E_TIMEOUT when SCardConnect did not return: what it may yet return is given back then, by the thread that waits
 * for it. */
LONG pcsc_connect(const char *reader, unsigned ms, SCARDCONTEXT *context, SCARDHANDLE *card, DWORD *protocol);

#endif
