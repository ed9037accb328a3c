/* Keys of the reference card, challenges, authentications, and the policy of secure messaging: AP contract, sections 8
 * and 9. */
#ifndef IGATA_SIM_REFERENCE_KEY_H
#define IGATA_SIM_REFERENCE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/sw.h"
#include "runtime/contract/contract.h"
#include "runtime/sim/nv.h"
#include "runtime/sim/reference/protect.h"

struct card;
struct call;

enum { CHALLENGE_MAX = 16 };

/* What authentications leave behind until SELECT by AID or reset. Zero: nothing. */
struct security {
	uint8_t challenge[CHALLENGE_MAX];
	uint8_t challenge_len; /* 0: none */
	bool auth[CONTRACT_KEYS];
	struct channel channel;
	bool inside[CONTRACT_PINS]; /* the PIN's status was won inside the channel, and ends with it */
	/* How the command that is being run, and what it answers, is protected: NONE between commands. */
	uint8_t protection;
};

/* key.c: the record of a key in the memory. */
uint32_t apkey_record_size(const struct contract_key *k);
void apkey_deliver(struct nv *nv, const struct contract_key *k, uint32_t at);

/* Personalisation: may a value of n bytes be this key (SW_OK, 6700, 6A80), and write it. */
sw_t apkey_value_length(const struct contract_key *k, size_t n);
sw_t apkey_value_form(const struct contract_key *k, const uint8_t *p, size_t n);
void apkey_write_value(struct card *c, uint16_t key, enum value_kind half, const uint8_t *p, size_t n);

bool apkey_any(const struct card *c); /* does the AP have keys at all? */
const struct contract_key *apkey_of(const struct card *c, const struct call *x);
bool apkey_is_symmetric(const struct contract_key *k);
enum cipher_algorithm apkey_cipher(const struct contract_key *k);
size_t apkey_block(const struct contract_key *k); /* of the cipher: 8 or 16 */
const uint8_t *apkey_value(const struct card *c, uint16_t key, size_t *n);
const uint8_t *apkey_value_mac(const struct card *c, uint16_t key, size_t *n);
unsigned apkey_tries(const struct card *c, uint16_t key);
void apkey_use_try(struct card *c, uint16_t key);
void apkey_restore_tries(struct card *c, uint16_t key);

/* challenge.c */
size_t challenge_length(const struct contract_key *k); /* that a key needs */
void challenge_forget(struct card *c);

/* secure.c: the policy. */
bool secure_offered(const struct contract *ap);             /* class 0C is there */
bool secure_offered_86(const struct contract *ap);          /* class 08 too: some rule says sm(enc) */
bool secure_opens(const struct contract *ap, uint16_t key); /* some rule wants messages under this key */

/* The end of the session, whatever the reason: auth() of its key and the PINs verified inside it go too. */
void secure_end(struct card *c);

/* Everything that SELECT by AID clears beside PINs and the current EF. */
void security_forget(struct card *c);

/* How the answer's data are protected, as the AP says. */
enum protection secure_response(const struct contract *ap);

bool secure_holds(const struct card *c, enum sm_level level, uint16_t key); /* sm(level, key) */

#endif
