/* The dialect iso-compact: life cycle of its DFs, file control information, its commands.
 *
 * What the standards leave to the card, and this card does: one level of DFs under the MF, EFs in DFs only. A new file
 * is the current one. CHANGE and RESET of a PIN whose rule is never are forms that it does not offer (6A86). A wrong
 * PUK leaves the PIN's status alone. DELETE FILE names a DF, from the MF. ACTIVATE of an active DF changes nothing.
 * EXTERNAL AUTHENTICATE without data tells the tries left. An SE file has 2048 bytes at the most. */
#include "runtime/sim/native/iso.h"

#include <string.h>

#include "runtime/base/tlv.h"

void iso_df_rule(const struct card *c, uint16_t df, struct compact *out)
{
	uint8_t b[COMPACT_SIZE];
	for (uint32_t i = 0; i < COMPACT_SIZE; i++)
		b[i] = nat_u8(c->nv, nat_df_at(df, DF_RULE + i));
	compact_load(out, b);
}

static void ef_rule(const struct card *c, uint16_t ef, uint8_t *descriptor, uint8_t *sfi_given, struct compact *rule)
{
	uint8_t own[OBJECT_OWN_SIZE];
	nat_object_own(c, ef, own);
	*descriptor = own[EF_DESCRIPTOR];
	*sfi_given = own[EF_SFI_GIVEN];
	compact_load(rule, own + EF_RULE);
}

/* --- life cycle --- */

/* ACTIVATE FILE: 7816-9:2017 6.5. The DF and all in it become operational with one byte; what was tried out before
 * does not count any more. An active DF stays so, for whom its rule lets. */
static sw_t activate(struct card *c)
{
	struct compact rule;
	if (c->s->df == NAT_MF)
		return SW_CONDITIONS_OF_USE;
	if (nat_df_state(c, c->s->df) == DF_OPERATIONAL) {
		nat_space_open(c, c->s->df);
		iso_df_rule(c, c->s->df, &rule);
		return iso_satisfied(c, rule.scb[AM_DF_ACTIVATE]) ? SW_OK : SW_SECURITY_STATUS;
	}
	nv_fill(c->nv, nat_df_at(c->s->df, DF_STATE), DF_OPERATIONAL, 1);
	c->dialect->forget(c);
	return SW_OK;
}

static bool may_delete(struct card *c, uint16_t df)
{
	struct compact rule;
	if (nat_df_state(c, df) != DF_OPERATIONAL)
		return c->s->admin;
	nat_space_open(c, df);
	iso_df_rule(c, df, &rule);
	return iso_satisfied(c, rule.scb[AM_DF_DELETE_SELF]);
}

static sw_t delete (struct card *c)
{
	struct rd r = rd_of(c->cmd.data, c->cmd.lc);
	if (c->cmd.lc != 2)
		return SW_WRONG_LENGTH;
	if (c->s->df != NAT_MF)
		return SW_CONDITIONS_OF_USE;
	uint16_t df = nat_df_by_fid(c, rd_u16(&r));
	if (df == NAT_MF)
		return SW_FILE_NOT_FOUND;
	return may_delete(c, df) ? nat_space_delete(c, df) : SW_SECURITY_STATUS;
}

/* --- file control information --- */

static void put_rule(struct buf *b, const struct compact *rule)
{
	struct buf v = {0};
	compact_encode(&v, rule);
	tlv_put(b, TAG_COMPACT_AC, v.p, v.n);
	buf_reset(&v);
}

static void df_parameters(const struct card *c, uint16_t df, struct buf *b)
{
	uint8_t name[NAT_NAME_MAX];
	struct compact rule;
	tlv_put_u8(b, TAG_DESCRIPTOR, DESCRIPTOR_DF);
	tlv_put_u16(b, TAG_FID, nat_df_fid(c, df));
	tlv_put_u8(b, TAG_LIFE_CYCLE, nat_df_state(c, df));
	if (df == NAT_MF)
		return;
	tlv_put(b, TAG_DF_NAME, name, nat_df_name(c, df, name));
	tlv_put_u16(b, TAG_TOTAL_SIZE, nat_u32(c->nv, nat_df_at(df, DF_QUOTA)) & 0xffff);
	uint16_t se = nat_u16(c->nv, nat_df_at(df, DF_SE_FID));
	if (se != 0)
		tlv_put_u16(b, TAG_SE_FILE, se);
	iso_df_rule(c, df, &rule);
	put_rule(b, &rule);
}

static void ef_parameters(const struct card *c, uint16_t df, uint16_t ef, struct buf *b)
{
	struct compact rule;
	uint8_t descriptor, sfi_given, sfi = nat_object_sfi(c, ef);
	ef_rule(c, ef, &descriptor, &sfi_given, &rule);
	tlv_put_u16(b, TAG_FILE_SIZE, nat_object_len(c, ef) & 0xffff);
	tlv_put_u8(b, TAG_DESCRIPTOR, descriptor);
	tlv_put_u16(b, TAG_FID, nat_object_id(c, ef));
	if (sfi_given == 1)
		tlv_put(b, TAG_SFI, NULL, 0);
	else if (sfi_given != 0)
		tlv_put_u8(b, TAG_SFI, (unsigned)sfi << 3);
	tlv_put_u8(b, TAG_LIFE_CYCLE, nat_df_state(c, df));
	put_rule(b, &rule);
}

/* FCI of a DF: its name and an empty proprietary template; of an EF what identifies it. FCP: as created, with the
 * state of today. */
static void control(struct card *c, uint16_t df, uint16_t ef, uint8_t p2, struct buf *out)
{
	struct buf b = {0};
	uint8_t name[NAT_NAME_MAX];
	bool parameters = (p2 & 0x0c) == 0x04;
	if (ef != 0)
		ef_parameters(c, df, ef, &b);
	else if (parameters || df == NAT_MF)
		df_parameters(c, df, &b);
	else {
		tlv_put(&b, TAG_DF_NAME, name, nat_df_name(c, df, name));
		tlv_put(&b, TAG_PROPRIETARY, NULL, 0);
	}
	tlv_put(out, parameters ? TAG_FCP : TAG_FCI, b.p, b.n);
	buf_reset(&b);
}

/* --- the rest of the dialect --- */

static bool loading(const struct card *c)
{
	return c->s->admin;
}

static void forget(struct card *c)
{
	c->s->verified = 0;
}

static bool may_file(struct card *c, uint16_t ef, enum nat_op op)
{
	uint8_t scb =
	    nat_space_u8(c, nat_object_own_at(c, ef) + EF_RULE + 1 + (op == OP_READ ? AM_EF_READ : AM_EF_UPDATE));
	return iso_satisfied(c, scb);
}

static bool object_ok(struct card *c, uint16_t object)
{
	uint8_t own[OBJECT_OWN_SIZE];
	switch (nat_object_kind(c, object)) {
	case OBJECT_EF:
		nat_object_own(c, object, own);
		return (own[EF_DESCRIPTOR] == DESCRIPTOR_WORKING || own[EF_DESCRIPTOR] == DESCRIPTOR_INTERNAL) &&
		    own[EF_SFI_GIVEN] <= 2 && nat_object_sfi(c, object) <= 30 && nat_object_len(c, object) <= 0xffff;
	case OBJECT_PIN:
		return iso_pin_object_ok(c, object);
	default:
		return false;
	}
}

static bool df_ok(struct card *c, uint16_t df)
{
	return nat_u16(c->nv, nat_df_at(df, DF_ISF)) == 0 && nat_df_state(c, df) != DF_REGISTERED;
}

static const struct native_command command[] = {
    {0x00, INS_GET_CHALLENGE, true, DATA_NONE, nat_form_0000, nat_get_challenge},
    {0x00, INS_EXTERNAL_AUTHENTICATE, true, DATA_MAY, nat_external_authenticate_form, nat_external_authenticate},
    {0x00, INS_CREATE_FILE, false, DATA_MUST, nat_form_0000, iso_create},
    {0x00, INS_PUT_DATA_ODD, false, DATA_MUST, iso_put_data_form, iso_put_data},
    {0x00, INS_ACTIVATE_FILE, false, DATA_NONE, nat_form_0000, activate},
    {0x00, INS_DELETE_FILE, false, DATA_MUST, nat_form_0000, delete},
};

static const struct nat_word word[] = {
    {CHIP_AC_CODING, "compact"},
    {CHIP_SFI, "free"},
    {CHIP_PIN_PAD, "FF"},
    {CHIP_PIN_FORMAT, "no"},
    {CHIP_PIN_TRANSPORT, "no"},
    {CHIP_CHANGE_FORMS, "00"},
    {CHIP_RESET_FORMS, "00"},
    {CHIP_LOADING, "external-aes"},
    {CHIP_DELETE, "reclaim"},
    {CHIP_READBACK, "fcp"},
};

const struct native_dialect dialect_iso_compact = {
    .name = "iso-compact",
    .id = DIALECT_ISO_COMPACT,
    .command = command,
    .commands = sizeof command / sizeof command[0],
    .partial_names = true,
    .responses = 1 << 0 | 1 << 1,
    .key = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f},
    .key_len = 16,
    .key_tries = 10,
    .loading = loading,
    .word = word,
    .words = sizeof word / sizeof word[0],
    .reset = forget,
    .forget = forget,
    .may_file = may_file,
    .pin = iso_pin,
    .puk = iso_puk,
    .offers = iso_offers,
    .may_pin = iso_may_pin,
    .is_verified = iso_is_verified,
    .set_verified = iso_set_verified,
    .new_value = iso_new_value,
    .control = control,
    .object_ok = object_ok,
    .df_ok = df_ok,
};
