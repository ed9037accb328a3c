/* BER-TLV as javacardx.framework.tlv sees it (API 3.0.5): bytes, and the objects that stand for them.
 *
 * A tag has at most three bytes (numbers to 3FFF: what the API asks for); a length is definite and at most 32767.
 *
 *   BERTag   cell 0: store { 1 size of the tag, 0 empty; 3 its bytes }
 *   BERTLV   cell 0: its BERTag, null: empty    cell 1: store of value bytes, or array of BERTLVs    cell 2: how many
 */
#ifndef IGATA_SIM_JAVACARD_API_TLV_H
#define IGATA_SIM_JAVACARD_API_TLV_H

#include "runtime/sim/javacard/machine/native.h"

enum tlv_reason { /* of TLVException */
	TLV_INVALID_PARAM = 1,
	TLV_ILLEGAL_SIZE,
	TLV_EMPTY_TAG,
	TLV_EMPTY_TLV,
	TLV_MALFORMED_TAG,
	TLV_MALFORMED_TLV,
	TLV_INSUFFICIENT_STORAGE,
	TLV_TAG_SIZE_GREATER_THAN_127,
	TLV_TAG_NUMBER_GREATER_THAN_32767,
	TLV_TLV_SIZE_GREATER_THAN_32767,
	TLV_TLV_LENGTH_GREATER_THAN_32767,
};

enum { TLV_TAG_MAX = 3, TLV_DEPTH_MAX = 16, TLV_CONSTRUCTED = 0x20 };

enum { TAG_STORE, TAG_CELLS };
enum { TLV_TAG, TLV_VALUE, TLV_COUNT, TLV_CELLS };

extern const struct jc_class jc_class_TLVException, jc_class_BERTag, jc_class_ConstructedBERTag,
    jc_class_PrimitiveBERTag, jc_class_BERTLV, jc_class_ConstructedBERTLV, jc_class_PrimitiveBERTLV;

/* Throw TLVException. false. */
bool jc_throw_tlv(struct jc *jc, enum tlv_reason reason);

/* --- bytes --- */

/* What a parse found: fault 0, or a reason, or TLV_ENDS: the bytes end inside. */
enum { TLV_ENDS = 100 };

struct tlv_head {
	uint32_t tag;    /* bytes of the tag */
	uint32_t head;   /* bytes of tag and length */
	uint32_t length; /* of the value */
	int fault;
};

/* Size of the tag at p, or 0 with *fault. */
uint32_t tlv_tag_size(const uint8_t *p, uint32_t n, int *fault);
uint16_t tlv_tag_number(const uint8_t *p, uint32_t size);
/* Encode a tag; the size, 0: the number needs more than three bytes. */
uint32_t tlv_tag_make(uint8_t out[TLV_TAG_MAX], unsigned class, bool constructed, unsigned number);

struct tlv_head tlv_head(const uint8_t *p, uint32_t n);
/* Is it one TLV of exactly n bytes, and inside it TLVs only where it is constructed? */
bool tlv_well_formed(const uint8_t *p, uint32_t n, unsigned depth);
/* Do TLVs follow one another, well formed, up to the end? */
bool tlv_sequence(const uint8_t *p, uint32_t n, unsigned depth);
/* Length field, 1 to 3 bytes. */
uint32_t tlv_length_make(uint8_t out[3], uint32_t length);

/* The bytes of an array from off to its end. false: exception pending. */
bool jc_tlv_rest(struct jc *jc, uint16_t array, uint16_t off, const uint8_t **p, uint32_t *n);
/* The whole TLV in an array from off. false: exception pending; malformed is MALFORMED_TLV. */
bool jc_tlv_in(struct jc *jc, uint16_t array, uint16_t off, const uint8_t **p, struct tlv_head *h);
/* Throw what a fault means, where `malformed` is the reason for a bad structure. false. */
bool jc_tlv_fault(struct jc *jc, int fault, enum tlv_reason malformed);

/* --- objects --- */

/* Bytes of a tag object, copied; 0: it is empty. */
uint32_t jc_tag_bytes(struct jc *jc, uint16_t tag, uint8_t out[TLV_TAG_MAX]);
/* A new tag object, constructed or primitive as its bytes say; 0: exception pending. */
uint16_t jc_tag_new(struct jc *jc, const uint8_t *p, uint32_t n);

/* Bytes that a TLV object takes as bytes and those of its value. false: exception pending (empty, or above 32767). */
bool jc_tlv_size(struct jc *jc, uint16_t tlv, uint32_t *size, uint32_t *length);
/* Write it; there is room. */
bool jc_tlv_write(struct jc *jc, uint16_t tlv, uint16_t array, uint32_t *off, unsigned depth);
/* Make the object for the TLV of len bytes in an array; they are well formed. 0: exception pending. */
uint16_t jc_tlv_new(struct jc *jc, uint16_t array, uint32_t off, unsigned depth);
/* Fill an object from the TLV in an array. */
bool jc_primitive_fill(struct jc *jc, uint16_t tlv, uint16_t tag, uint16_t array, uint32_t off, uint32_t len);
bool jc_constructed_fill(
    struct jc *jc, uint16_t tlv, uint16_t tag, uint16_t array, uint32_t off, uint32_t len, unsigned depth);

/* Methods of BERTLV that its subclasses share. */
bool jc_tlv_to_bytes(struct jc *jc, uint16_t *a);
bool jc_tlv_get_tag(struct jc *jc, uint16_t *a);
bool jc_tlv_get_length(struct jc *jc, uint16_t *a);
bool jc_tlv_get_size(struct jc *jc, uint16_t *a);
#define JC_TLV_VIRTUALS                                                                                                \
	JC_OBJECT_EQUALS, JC_METHOD(1, 0, 3, JC_SHORT, jc_tlv_to_bytes), JC_METHOD(2, 0, 1, JC_REF, jc_tlv_get_tag),   \
	    JC_METHOD(3, 0, 1, JC_SHORT, jc_tlv_get_length), JC_METHOD(4, 0, 1, JC_SHORT, jc_tlv_get_size)

#endif
