/* Inside runtime/crypto only: OpenSSL's objects shared by certificate.c and cms.c. */
#ifndef IGATA_CRYPTO_X509_H
#define IGATA_CRYPTO_X509_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "runtime/crypto/certificate.h"

struct signing_key {
	EVP_PKEY *key;
	X509 *x509;
	struct buf der; /* the certificate */
	struct certificate certificate;
};

/* A certificate of n bytes that are exactly its DER. NULL when it is not one. */
X509 *x509_from_der(const uint8_t *p, size_t n);

/* Append the certificate, its issuer and its serial number (both DER). */
bool x509_to_der(X509 *x, struct buf *der);
bool x509_issuer_and_serial(X509 *x, struct buf *der);

/* Fill in what is said about a certificate. false: the library failed. */
bool x509_describe(X509 *x, struct certificate *c);

/* Is this a public (or private) key that we take? `path` is for the diagnostic. */
bool x509_key_usable(EVP_PKEY *key, const char *path, struct diag_list *d);

#endif
