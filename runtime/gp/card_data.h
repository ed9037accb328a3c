/* What a card says about itself without any key: the answer to SELECT of the issuer security domain, and data objects
 * of GET DATA. Odd data ends the list it is in and nothing else: a card is not refused for what it says too much. */
#ifndef IGATA_GP_CARD_DATA_H
#define IGATA_GP_CARD_DATA_H

#include "runtime/base/aid.h"
#include "runtime/base/tlv.h"

enum { GP_SCPS = 8, GP_OID_MAX = 32, GP_KEYS = 64, GP_KEY_PARTS = 6, CPLC_LEN = 42 };

/* Card recognition data (GPC H.2, H.3): {66 {}73 {…}{}}. */
struct gp_recognition {
	bool there;
	uint8_t version[3]; /* of GPC: 2 3 1; version_n bytes */
	size_t version_n;
	struct {
		uint8_t scp, i;
	} channel[GP_SCPS]; /* secure channel protocols, as the card orders them */
	size_t n;
	uint8_t configuration[GP_OID_MAX], chip[GP_OID_MAX]; /* OIDs, without tag and length */
	size_t configuration_n, chip_n;
};

void gp_recognition_read(struct gp_recognition *r, const uint8_t *p, size_t n);

/* i of the protocol, if the card says it once. false: not, or two different ones. */
bool gp_recognition_i(const struct gp_recognition *r, unsigned scp, unsigned *i);

/* The answer to SELECT of a security domain (GPC 11.9.3): 6F { 84 AID, A5 { 73, 9F6E, 9F65 } }. */
struct gp_fci {
	struct aid aid;    /* n 0: not said */
	uint32_t max_data; /* 9F65: longest command data, 0: not said */
	struct gp_recognition recognition;
};

/* false: it is none of a security domain. */
bool gp_fci_read(struct gp_fci *f, const uint8_t *p, size_t n);

/* Key information template E0 { C0 {id version type length …} … }: GPC 11.3.3.1. */
struct gp_key_info {
	uint8_t id, version;
	struct {
		unsigned type, length;
	} part[GP_KEY_PARTS];
	size_t n;
};

/* How many were read, at most cap. */
size_t gp_key_info_read(const uint8_t *p, size_t n, struct gp_key_info *out, size_t cap);
const char *gp_key_type_name(unsigned type);

/* Extended card resources information FF21 { 81 applications, 82 non-volatile, 83 volatile }: ETSI TS 102 226, 8.2.1.7.
 * false: it is none. */
struct gp_resources {
	uint32_t applications, persistent, transient;
};
bool gp_resources_read(struct gp_resources *r, const uint8_t *p, size_t n);

/* The contents of 9F7F: with or without tag and length. NULL: it is none. */
const uint8_t *gp_cplc(const uint8_t *p, size_t n);

struct gp_cplc_field {
	const char *name;
	unsigned offset, length;
	const char *text[2]; /* en, ja */
};
extern const struct gp_cplc_field gp_cplc_fields[]; /* ends with a NULL name */

/* The value of a data object when the bytes are just that object, else all of the bytes: cards differ in whether they
 * give tag and length in GET DATA. */
struct rd gp_value_of(uint32_t tag, const uint8_t *p, size_t n);

#endif
