/* Exchanges as text, for traces and recordings: one form for both.
 *
 *   # Igata recording 1
 *   reset 3B80800101
 *   > 00A4040C0AD3921000310001FFFF01  ; SELECT
 *   < 9000  ; done
 *   > 0020008104********  ; VERIFY
 *   < 63C2  ; comparison failed (the low digit is the number of tries left)
 *   ! card gone
 *   ! broken
 *
 * "; " begins a comment for people. "**" stands for a byte of the data field of a command that carries secrets: header,
 * lengths and responses stay, so that a replay still checks what was sent where, and how much. */
#ifndef IGATA_LINK_TEXT_H
#define IGATA_LINK_TEXT_H

#include "runtime/link/link.h"

#define LINK_TEXT_MAGIC "# Igata recording 1"

/* Whether the command's data field is masked: it has one, and it may hold a PIN, a key or a cryptogram. */
bool link_text_secret(const uint8_t *cmd, size_t n);

/* The command's name; "?" when it is not known. */
const char *link_text_name(const uint8_t *cmd, size_t n);

/* The bytes of a command as hex, masked. */
void link_text_hex(struct buf *out, const uint8_t *cmd, size_t n);

/* Whole lines, with the newline. lang ("en" or "ja") chooses the comment. */
void link_text_reset(struct buf *out, const struct link *l);
void link_text_command(struct buf *out, const uint8_t *cmd, size_t n);
void link_text_response(struct buf *out, enum link_status s, const struct buf *rsp, const char *lang);

#endif
