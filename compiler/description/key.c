/* key, and how commands refer to PINs and keys. */
#include "compiler/description/build.h"

#include <stdio.h>

/* ISO: P2 = 80 | ref. JIS X 6319-3: PINs and keys are IEFs, selected by FID or named by their short identifier. */
void reference_read(struct build *b, const struct node *n, const struct reference_slots *s, uint8_t *ref, uint16_t *fid)
{
	bool jicsap = b->c->personality == PERSONALITY_JICSAP, iso = !jicsap;
	bool has_ref = node_slot(n, s->ref)->src != NULL, has_fid = node_slot(n, s->fid)->src != NULL;
	bool has_sfi = node_slot(n, s->sfi)->src != NULL;
	*ref = (uint8_t)node_number(n, iso ? s->ref : s->sfi);
	*fid = jicsap ? (uint16_t)node_number(n, s->fid) : 0;
	if (!node_has(b->root, ATTR_CARD_AP_PERSONALITY))
		return;
	if (iso && (!has_ref || has_fid || has_sfi))
		diag_add(b->d, n->xml->at, DIAG_REFERENCE_ISO, node_name(n, s->id), NULL);
	if (jicsap && (!has_fid || has_ref))
		diag_add(b->d, n->xml->at, DIAG_REFERENCE_JICSAP, node_name(n, s->id), NULL);
}

static bool asymmetric(uint8_t algorithm)
{
	return algorithm >= KEY_RSA_2048;
}

/* The suites that go with a use and an algorithm, as bits; the lowest is taken when none is written. */
static unsigned suites_of(uint8_t use, uint8_t algorithm)
{
	switch ((enum key_algorithm)algorithm) {
	case KEY_DES_EDE2:
		return use == KEY_MUTUAL ? 1u << SUITE_BAC_3DES : 1u << SUITE_ECB;
	case KEY_AES_128:
	case KEY_AES_192:
	case KEY_AES_256:
		return use == KEY_MUTUAL ? 1u << SUITE_BAC_AES : 1u << SUITE_ECB;
	case KEY_RSA_2048:
	case KEY_RSA_3072:
		return 1u << SUITE_RSA_PKCS1_SHA256;
	case KEY_EC_P256:
		return 1u << SUITE_ECDSA_SHA256;
	case KEY_EC_P384:
		return 1u << SUITE_ECDSA_SHA384;
	}
	return 0;
}

static void build_suite(struct build *b, const struct node *n, struct contract_key *k)
{
	static const uint8_t suite[] = {
	    SUITE_BAC_3DES, SUITE_BAC_AES, SUITE_RSA_PKCS1_SHA256, SUITE_ECDSA_SHA256, SUITE_ECDSA_SHA384};
	unsigned fit = suites_of(k->use, k->algorithm);
	if (!node_has(n, ATTR_KEY_ALGORITHM) || !node_has(n, ATTR_KEY_USE))
		return;
	if (asymmetric(k->algorithm) && k->use != KEY_INTERNAL) {
		diag_add(b->d, AT(n, KEY_USE), DIAG_KEY_USE, k->id, node_text(n, ATTR_KEY_ALGORITHM),
		    node_text(n, ATTR_KEY_USE), NULL);
		return;
	}
	for (k->suite = 0; (fit >> k->suite & 1) == 0;)
		k->suite++;
	if (!node_has(n, ATTR_KEY_SUITE))
		return;
	uint8_t written = suite[node_number(n, ATTR_KEY_SUITE)];
	if ((fit >> written & 1) == 0)
		diag_add(b->d, AT(n, KEY_SUITE), DIAG_KEY_SUITE, k->id, node_text(n, ATTR_KEY_SUITE),
		    node_text(n, ATTR_KEY_ALGORITHM), node_text(n, ATTR_KEY_USE), NULL);
	k->suite = written;
}

/* Lengths of a key as it is delivered: symmetric ones as they are, private keys as PKCS #8 (RFC 5958), whose length
 * depends on what the issuer's tool includes; the bounds leave room for that. */
static void value_length(uint8_t algorithm, struct contract_value *v)
{
	static const struct {
		uint16_t min, max;
	} length[] = {[KEY_DES_EDE2] = {16, 16},
	    [KEY_AES_128] = {16, 16},
	    [KEY_AES_192] = {24, 24},
	    [KEY_AES_256] = {32, 32},
	    [KEY_RSA_2048] = {1100, 1400},
	    [KEY_RSA_3072] = {1650, 2000},
	    [KEY_EC_P256] = {60, 300},
	    [KEY_EC_P384] = {75, 350}};
	v->min = length[algorithm].min;
	v->max = length[algorithm].max;
}

static void build_values(struct build *b, uint16_t i, const struct node *n)
{
	struct contract_key *k = &b->c->key[i];
	struct contract_value v = {.kind = VALUE_KEY, .target = i, .format = FORMAT_BINARY, .secret = true};
	unsigned allowed = 1u << SOURCE_CSV | 1u << SOURCE_CALLER;
	bool mutual = k->use == KEY_MUTUAL;
	if (!node_has(n, ATTR_KEY_ALGORITHM) || !node_has(n, ATTR_KEY_USE))
		return;
	value_length(k->algorithm, &v);
	if (!asymmetric(k->algorithm))
		allowed |= 1u << SOURCE_MASTER;
	struct value_slot s = {ATTR_KEY_SOURCE, allowed, k->id, mutual ? ".ENC" : ""};
	k->value = value_add(b, n, &s, &v);
	if (!mutual || k->value == CONTRACT_NONE)
		return;
	v.kind = VALUE_KEY_MAC;
	s.suffix = ".MAC";
	k->value_mac = value_add(b, n, &s, &v);
}

static void build_key(struct build *b, const struct part *p)
{
	static const struct reference_slots slots = {ATTR_KEY_ID, ATTR_KEY_REF, ATTR_KEY_FID, ATTR_KEY_SFI};
	const struct node *n = p->node;
	if (!room(b, n, b->c->n_keys, CONTRACT_KEYS))
		return;
	uint16_t i = b->c->n_keys++;
	struct contract_key *k = &b->c->key[i];
	b->key[i] = n;
	snprintf(k->id, sizeof k->id, "%s", node_name(n, ATTR_KEY_ID));
	k->df = p->df;
	reference_read(b, n, &slots, &k->ref, &k->fid);
	k->algorithm = (uint8_t)node_number(n, ATTR_KEY_ALGORITHM); /* the order of grammar.def is that of the enum */
	k->use = (uint8_t)node_number(n, ATTR_KEY_USE);
	k->tries = (uint8_t)node_number(n, ATTR_KEY_TRIES);
	k->value = k->value_mac = CONTRACT_NONE;
	b->w->key[i].element = n->xml->at;
	b->w->key[i].ref = node_at(n, node_has(n, ATTR_KEY_REF) ? ATTR_KEY_REF : ATTR_KEY_FID);
	b->w->key[i].algorithm = AT(n, KEY_ALGORITHM);
	b->w->key[i].use = AT(n, KEY_USE);
	b->w->key[i].suite = AT(n, KEY_SUITE);
	b->w->key[i].tries = AT(n, KEY_TRIES);
	b->w->key[i].source = AT(n, KEY_SOURCE);
	build_suite(b, n, k);
	build_values(b, i, n);
}

void keys_build(struct build *b)
{
	for (const struct part *p = b->parts; p != NULL; p = p->next)
		if (p->node->element == ELEMENT_KEY)
			build_key(b, p);
}
