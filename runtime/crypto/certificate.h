/* Certificates of those who sign, and their RSA keys, from PEM files.
 *
 * Only RSA of 2048 to 16384 bits is taken: its PKCS#1 v1.5 signature is the same each time, which builds that must be
 * equal byte by byte need (ECDSA is randomised, Ed25519 has no place in the CMS of OpenSSL 3.0). */
#ifndef IGATA_CRYPTO_CERTIFICATE_H
#define IGATA_CRYPTO_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"
#include "runtime/base/diag.h"
#include "runtime/crypto/sha256.h"

enum { CERTIFICATE_SUBJECT = 128, RSA_BITS_MIN = 2048, RSA_BITS_MAX = 16384 };

/* What is said about a certificate. */
struct certificate {
	uint8_t id[SHA256_LEN];            /* SHA-256 of the certificate (DER) */
	uint8_t key[SHA256_LEN];           /* SHA-256 of its SubjectPublicKeyInfo (RFC 5280 4.1.2.7): names the key
					      whatever certificate it has */
	char subject[CERTIFICATE_SUBJECT]; /* RFC 4514 text, UTF-8; cut when longer */
};

/* Walk the certificates of a PEM file: those whose keys a user trusts. At most max are read into out, their number goes
 * to *n. false with a diagnostic when there is none, or one that cannot be used. */
bool certificate_load(const char *path, struct certificate *out, size_t max, size_t *n, struct diag_list *d);

/* An RSA key with its certificate, to sign with. */
struct signing_key;

/* Read from one PEM file that has both, in any order. NULL with a diagnostic that names what is wrong: no key, a key
 * with a pass phrase, another kind of key, a short one, no certificate, a certificate of another key. */
struct signing_key *signing_key_load(const char *path, struct diag_list *d);
const struct certificate *signing_key_certificate(const struct signing_key *k);
void signing_key_free(struct signing_key *k);

#endif
