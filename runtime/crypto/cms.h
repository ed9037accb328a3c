/* Detached signatures in CMS (RFC 5652), of one fixed form:
 *
 *   ContentInfo { signedData, SignedData { 1, { sha256 }, { id-data }, [0] { certificate },
 *                 { SignerInfo { 1, issuer and serial number, sha256, rsaEncryption, signature } } } }
 *
 * No attributes, so that the signature is over the content itself and two signatures of one content are equal. Every
 * byte but those of the certificate and the signature is determined, and a reader lets OpenSSL build the structure
 * again and compares; so nothing in it can be changed. Any CMS program can verify it:
 *   openssl cms -verify -binary -inform DER -in signature.p7s -content manifest.json -CAfile CERTIFICATE
 */
#ifndef IGATA_CRYPTO_CMS_H
#define IGATA_CRYPTO_CMS_H

#include "runtime/crypto/certificate.h"

enum { CMS_MAX = 32 * 1024 };

/* Append the signature of n bytes at p. false with a diagnostic. */
bool cms_sign(const struct signing_key *k, const void *p, size_t n, struct buf *out, struct diag_list *d);

/* Is sig a signature of the n bytes at p by the key of the certificate in it? That certificate goes to *who; whether
 * anybody trusts it is the caller's question. Validity dates are not judged: nothing says when the signature was made.
 * `name` is for messages. false with a diagnostic. */
bool cms_verify(const uint8_t *sig, size_t sig_n, const void *p, size_t n, struct certificate *who, const char *name,
    struct diag_list *d);

#endif
