/* READ BINARY and UPDATE BINARY: ISO/IEC 7816-4:2020 11.3, AP contract 6. And the record commands, which find no
 * record structure on these chips. */
#include "runtime/sim/native/card.h"

enum { SHORT_FORM = 0x80, SHORT_FORM_RFU = 0x60, SFI_MASK = 0x1f };

static bool short_form(const struct apdu *a)
{
	return (a->p1 & SHORT_FORM) != 0;
}

sw_t nat_binary_form(const struct card *c)
{
	return short_form(&c->cmd) && (c->cmd.p1 & SHORT_FORM_RFU) != 0 ? SW_WRONG_P1P2 : SW_OK;
}

/* The EF that a command works on: by its short identifier, 0 the current one. It becomes current once it exists. No EF
 * has 31. */
static sw_t use_ef(struct card *c, uint8_t sfi)
{
	if (sfi != 0) {
		nat_space_open(c, c->s->df);
		uint16_t ef = nat_object_by_sfi(c, sfi); /* the MF has none */
		if (ef == 0)
			return SW_FILE_NOT_FOUND;
		c->s->ef = ef;
	}
	if (c->s->ef == 0)
		return SW_NO_CURRENT_EF;
	nat_space_open(c, c->s->df);
	return SW_OK;
}

static sw_t access(struct card *c, enum nat_op op)
{
	if (nat_df_state(c, c->s->df) != DF_OPERATIONAL || c->dialect->may_file(c, c->s->ef, op))
		return SW_OK;
	return SW_SECURITY_STATUS;
}

/* Checks 7, 9 and the offset of 10. */
static sw_t locate(struct card *c, enum nat_op op, uint32_t *offset)
{
	const struct apdu *a = &c->cmd;
	*offset = short_form(a) ? a->p2 : (uint32_t)(a->p1 << 8 | a->p2);
	sw_t sw = use_ef(c, short_form(a) ? a->p1 & SFI_MASK : 0);
	if (sw != SW_OK || (sw = access(c, op)) != SW_OK)
		return sw;
	return *offset < nat_object_len(c, c->s->ef) ? SW_OK : SW_WRONG_OFFSET;
}

static void respond(struct card *c, uint32_t at, uint32_t n)
{
	uint8_t part[256];
	while (n != 0) {
		uint32_t k = n < sizeof part ? n : sizeof part;
		nat_space_read(c, at, part, k);
		buf_add(c->rsp, part, k);
		at += k;
		n -= k;
	}
}

/* No Le counts as Le = 00: as much as there is and as one response holds. */
sw_t nat_read_binary(struct card *c)
{
	const struct apdu *a = &c->cmd;
	bool open = !a->has_le || a->le_is_max;
	uint32_t most = nat_u32(c->nv, CARD_RESPONSE_DATA), offset;
	uint32_t form = a->extended ? RAPDU_MAX - 2 : APDU_SHORT_LE, le = open ? form : (uint32_t)a->le;
	if (open && le > most)
		le = most;
	if (le > most)
		return SW_WRONG_LENGTH;
	sw_t sw = locate(c, OP_READ, &offset);
	if (sw != SW_OK)
		return sw;
	uint32_t left = nat_object_len(c, c->s->ef) - offset, n = le < left ? le : left;
	respond(c, nat_object_body(c, c->s->ef) + offset, n);
	return open || n == le ? SW_OK : SW_END_OF_FILE;
}

sw_t nat_update_binary(struct card *c)
{
	const struct apdu *a = &c->cmd;
	uint32_t offset;
	sw_t sw = locate(c, OP_UPDATE, &offset);
	if (sw != SW_OK)
		return sw;
	if (a->lc > nat_object_len(c, c->s->ef) - offset)
		return SW_NO_MEMORY;
	nv_begin(c->nv);
	nat_space_write(c, nat_object_body(c, c->s->ef) + offset, a->data, (uint32_t)a->lc);
	c->s->se_read = false; /* it may have been the SE file */
	return nat_commit(c);
}

/* --- records: P2 is SFI and mode; 7816-4:2020 table 72 --- */

enum { MODE = 0x07, MODE_THIS = 0x04, MODE_TO_LAST = 0x05 };

sw_t nat_read_record_form(const struct card *c)
{
	uint8_t mode = c->cmd.p2 & MODE;
	return c->cmd.p1 != 0 && (mode == MODE_THIS || mode == MODE_TO_LAST) ? SW_OK : SW_WRONG_P1P2;
}

sw_t nat_update_record_form(const struct card *c)
{
	return c->cmd.p1 != 0 && (c->cmd.p2 & MODE) == MODE_THIS ? SW_OK : SW_WRONG_P1P2;
}

/* Every EF is transparent. */
sw_t nat_record(struct card *c)
{
	sw_t sw = use_ef(c, c->cmd.p2 >> 3);
	return sw != SW_OK ? sw : SW_WRONG_STRUCTURE;
}
