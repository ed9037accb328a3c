/* Inside runtime/gp: what the protocols of channel.c give. */
#ifndef IGATA_GP_CHANNEL_INSIDE_H
#define IGATA_GP_CHANNEL_INSIDE_H

#include "runtime/gp/channel.h"

/* Session keys one by one: GPC 2.1.1 D.4.1, GPC 2.3.1 E.4.1, Amendment D 4.1.5. */
bool scp01_derive(const struct gp_key *k, const uint8_t *host, const uint8_t *card, uint8_t out[16]);
bool scp02_derive(const struct gp_key *k, unsigned constant, uint16_t counter, uint8_t out[16]);
bool scp03_derive(
    const struct gp_key *k, unsigned constant, const void *context, size_t context_len, uint8_t *out, size_t n);

/* Session keys, cryptograms. *card: the cryptogram that the card must have sent. false: the library failed. */
bool scp02_keys(struct gp_channel *c, const struct gp_key_set *k, const uint8_t *host, const struct gp_challenge *card,
    uint8_t wanted[GP_CHALLENGE_MAX]);
bool scp03_keys(struct gp_channel *c, const struct gp_key_set *k, const uint8_t *host, const struct gp_challenge *card,
    uint8_t wanted[GP_CHALLENGE_MAX]);
bool scp02_session(struct gp_channel *c, const struct gp_key_set *k, uint16_t counter, uint16_t later);

/* The challenge that a card with a pseudo-random one must have sent. false: it cannot be known, or the library
 * failed. */
bool scp02_challenge(struct gp_channel *c, const uint8_t *aid, size_t n, uint8_t wanted[6]);
bool scp03_challenge(
    const struct gp_key_set *k, const struct gp_challenge *card, const uint8_t *aid, size_t n, uint8_t *wanted);

/* The MAC of a command that has a data field of n bytes and gets mac_length more; its ICV moves on. */
bool scp02_mac(struct gp_channel *c, const struct apdu *plain, uint8_t *out);
bool scp03_mac(struct gp_channel *c, const struct apdu *plain, uint8_t *out);
bool scp02_encrypt(struct gp_channel *c, const uint8_t *p, size_t n, struct buf *out);
bool scp03_encrypt(struct gp_channel *c, const uint8_t *p, size_t n, struct buf *out);
bool scp02_unwrap(struct gp_channel *c, struct buf *data, sw_t sw);
bool scp03_unwrap(struct gp_channel *c, struct buf *data, sw_t sw);

/* The card took BEGIN R-MAC SESSION. */
bool scp02_begun(struct gp_channel *c);
void scp03_count(struct gp_channel *c);

/* The header of a protected command, with its length field: what MACs cover. */
void channel_header(struct buf *b, const struct apdu *a, uint8_t cla, size_t lc, bool extended);

/* Are its length fields of the extended form when the data field has lc bytes? MACs cover them as they are sent. */
bool channel_extended(const struct apdu *a, size_t lc);

/* 80 00 … up to whole blocks. */
void channel_pad(struct buf *b, size_t block);

#endif
