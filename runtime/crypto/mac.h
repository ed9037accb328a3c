/* Keyed message authentication: AES-CMAC (NIST SP 800-38B) and the retail MAC (ISO/IEC 9797-1 algorithm 3 with DES,
 * padding already applied by the caller). */
#ifndef IGATA_CRYPTO_MAC_H
#define IGATA_CRYPTO_MAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mac_algorithm { MAC_RETAIL_DES, MAC_CMAC_AES };

enum { MAC_MAX = 16 };

struct mac;

/* A context for a key: 16 bytes for the retail MAC; 16, 24 or 32 for CMAC. NULL: another length, or the library failed.
 */
struct mac *mac_new(enum mac_algorithm a, const uint8_t *key, size_t key_len);
void mac_free(struct mac *m); /* wipes the key; NULL is fine */

size_t mac_length(const struct mac *m); /* 8 for the retail MAC, 16 for CMAC; callers cut it */

/* The MAC of n bytes. For the retail MAC n is a positive multiple of 8. false: wrong n, or the library failed. */
bool mac_compute(struct mac *m, const uint8_t *p, size_t n, uint8_t out[MAC_MAX]);

/* The same by CMAC of a message that lies in pieces. Empty pieces may have p NULL. */
struct mac_piece {
	const uint8_t *p;
	size_t n;
};
bool mac_compute_pieces(struct mac *m, const struct mac_piece *piece, size_t pieces, uint8_t out[MAC_MAX]);

#endif
