/* Inside runtime/crypto only: OpenSSL's objects shared by certificate.c and cms.c. */
#ifndef IGATA_CRYPTO_X509_H
#define IGATA_CRYPTO_X509_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "runtime/crypto/certificate.h"

struct signing_key {
	EVP_PKEY *key;
	X509 *x509;
	struct certificate certificate;
};

/* Fill in what is said about a certificate. false: the library failed. */
bool x509_describe(X509 *x, struct certificate *c);

/* Is this a public (or private) key that we take? `path` is for the diagnostic. */
bool x509_key_usable(EVP_PKEY *key, const char *path, struct diag_list *d);

#endif
