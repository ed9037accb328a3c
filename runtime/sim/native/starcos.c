/* The dialect starcos: life cycle of its DFs, file control information, its commands.
 *
 * What OpenSC does not show, and this card does: a new file is the current one. UPDATE BINARY asks for the condition
 * `write` (pkcs15-starcos.c updates an IPF whose `erase` is never). The global PIN answers in the MF alone. CHANGE of a
 * PIN whose condition is never is a form that it does not offer (6A86). A wrong PUK leaves the state alone. A key's
 * value comes in one piece. A record of the ISF that another one of a different length replaces keeps its place until
 * the DF is deleted. CREATE END names the DF, from the MF or from inside. */
#include "runtime/sim/native/starcos.h"

#include <string.h>

#include "runtime/base/tlv.h"

enum { CLA_STARCOS = 0x80, INS_REGISTER_DF = 0x52, INS_WRITE_KEY = 0xf4 };
enum { CREATE_DF = 0x01, CREATE_END = 0x02, CREATE_EF = 0x03 };

static bool satisfied(const struct card *c, uint8_t ac)
{
	return starcos_ac_satisfied(ac, c->s->state[STATE_GLOBAL], c->s->state[STATE_LOCAL]);
}

/* DFs are made and removed from the MF, in global state 1. */
static sw_t in_mf(const struct card *c)
{
	if (c->s->df != NAT_MF)
		return SW_CONDITIONS_OF_USE;
	return satisfied(c, STATE_LOADING) ? SW_OK : SW_SECURITY_STATUS;
}

/* --- REGISTER DF: P1-P2 size, data FID, name length, name --- */

static sw_t any_form(const struct card *c)
{
	(void)c;
	return SW_OK;
}

static void fill_slot(const struct card *c, const uint8_t *name, uint8_t n, uint16_t fid, uint8_t slot[DF_SLOT])
{
	memset(slot, 0, DF_SLOT);
	slot[DF_STATE] = DF_REGISTERED;
	slot[DF_NAME_LEN] = n;
	nat_set16(slot + DF_FID, fid);
	memcpy(slot + DF_NAME, name, n);
	nat_set32(slot + DF_SEQUENCE, nat_df_last_sequence(c) + 1);
	nat_set32(slot + DF_QUOTA, (uint32_t)(c->cmd.p1 << 8 | c->cmd.p2));
}

static sw_t register_df(struct card *c)
{
	struct rd r = rd_of(c->cmd.data, c->cmd.lc);
	uint16_t fid = rd_u16(&r), df;
	uint8_t n = rd_u8(&r), slot[DF_SLOT];
	sw_t sw = in_mf(c);
	if (sw != SW_OK)
		return sw;
	if (r.bad || rd_left(&r) != n)
		return SW_WRONG_LENGTH;
	if (n == 0 || n > NAT_NAME_MAX || !nat_fid_ok(fid) || (c->cmd.p1 | c->cmd.p2) == 0)
		return SW_WRONG_DATA;
	const uint8_t *name = rd_bytes(&r, n);
	if (nat_df_by_fid(c, fid) != NAT_MF)
		return SW_FILE_EXISTS;
	if (nat_df_by_name(c, name, n) != NAT_MF)
		return SW_DF_NAME_EXISTS;
	fill_slot(c, name, n, fid, slot);
	return nat_space_create(c, slot, &df);
}

/* --- CREATE --- */

static sw_t create_form(const struct card *c)
{
	uint8_t p1 = c->cmd.p1;
	return (p1 == CREATE_DF || p1 == CREATE_END || p1 == CREATE_EF) && c->cmd.p2 == 0 ? SW_OK : SW_WRONG_P1P2;
}

static bool registered_so(const struct card *c, uint16_t df, const struct starcos_df *f)
{
	uint8_t name[NAT_NAME_MAX];
	size_t n = nat_df_name(c, df, name);
	return n == f->name_len && memcmp(name, f->name, n) == 0;
}

/* What registering reserved gets its ISF and conditions. Nothing of the slot but its state counts before. */
static sw_t create_df(struct card *c)
{
	struct starcos_df f;
	sw_t sw = in_mf(c);
	if (sw != SW_OK)
		return sw;
	if (!starcos_df_decode(&f, rd_of(c->cmd.data, c->cmd.lc)))
		return SW_WRONG_LENGTH;
	if ((sw = starcos_df_check(&f)) != SW_OK)
		return sw;
	uint16_t df = nat_df_by_fid(c, f.fid);
	if (df == NAT_MF)
		return SW_FILE_NOT_FOUND;
	if (nat_df_state(c, df) != DF_REGISTERED)
		return SW_FILE_EXISTS;
	if (!registered_so(c, df, &f))
		return SW_WRONG_DATA;
	if (f.isf > nat_u32(c->nv, nat_df_at(df, DF_QUOTA)))
		return SW_NO_MEMORY;
	const uint8_t rule[2] = {f.ac_create_ef, f.ac_create_key};
	nv_begin(c->nv);
	nat_put32(c->nv, nat_df_at(df, DF_USED), f.isf);
	nat_put16(c->nv, nat_df_at(df, DF_ISF), f.isf);
	nv_write(c->nv, nat_df_at(df, DF_RULE), rule, sizeof rule);
	nv_fill(c->nv, nat_df_at(df, DF_STATE), DF_CREATION, 1);
	nat_space_close(c);
	sw = nat_commit(c);
	if (sw == SW_OK)
		nat_df_enter(c, df); /* a new file is the current one, as 7816-9:2017 6.1 has it */
	return sw;
}

static sw_t create_ef(struct card *c)
{
	struct starcos_ef f;
	uint8_t header[OBJECT_HEADER] = {OBJECT_EF};
	sw_t sw = nat_df_current(c);
	if (sw != SW_OK || nat_df_state(c, c->s->df) == DF_REGISTERED)
		return SW_CONDITIONS_OF_USE;
	bool active = nat_df_state(c, c->s->df) == DF_OPERATIONAL;
	if (active && !satisfied(c, nat_u8(c->nv, nat_df_at(c->s->df, DF_RULE))))
		return SW_SECURITY_STATUS;
	if (!starcos_ef_decode(&f, rd_of(c->cmd.data, c->cmd.lc)))
		return SW_WRONG_LENGTH;
	if ((sw = starcos_ef_check(&f)) != SW_OK)
		return sw;
	if (nat_object_find(c, OBJECT_EF, f.fid) != 0)
		return SW_FILE_EXISTS;
	if (nat_object_count(c, OBJECT_EF) >= nat_u8(c->nv, CARD_FILE_COUNT) || f.size > nat_u32(c->nv, CARD_FILE_MAX))
		return SW_NO_MEMORY;
	uint8_t sfi = f.fid & 0x1f;
	header[OBJECT_SFI] = sfi <= 30 ? sfi : 0;
	nat_set16(header + OBJECT_ID, f.fid);
	nat_set32(header + OBJECT_LEN, f.size);
	memcpy(header + OBJECT_OWN, f.ac, EF_ACS);
	sw = nat_object_append(c, header, NULL, 0);
	if (sw == SW_OK)
		c->s->ef = c->s->objects;
	return sw;
}

/* From now on the conditions of the DF live. */
static sw_t create_end(struct card *c)
{
	struct rd r = rd_of(c->cmd.data, c->cmd.lc);
	if (c->cmd.lc != 2)
		return SW_WRONG_LENGTH;
	if (!satisfied(c, STATE_LOADING))
		return SW_SECURITY_STATUS;
	uint16_t fid = rd_u16(&r), df = nat_df_by_fid(c, fid);
	if (fid == FID_MF || (c->s->df != NAT_MF && c->s->df != df))
		return SW_CONDITIONS_OF_USE;
	if (df == NAT_MF)
		return SW_FILE_NOT_FOUND;
	if (nat_df_state(c, df) != DF_CREATION)
		return SW_CONDITIONS_OF_USE;
	nv_fill(c->nv, nat_df_at(df, DF_STATE), DF_OPERATIONAL, 1);
	c->s->state[STATE_LOCAL] = STATE_INITIAL;
	return SW_OK;
}

static sw_t create(struct card *c)
{
	switch (c->cmd.p1) {
	case CREATE_DF:
		return create_df(c);
	case CREATE_EF:
		return create_ef(c);
	default:
		return create_end(c);
	}
}

/* Memory is a stack: only what was registered last goes. */
static sw_t delete (struct card *c)
{
	struct rd r = rd_of(c->cmd.data, c->cmd.lc);
	if (c->cmd.lc != 2)
		return SW_WRONG_LENGTH;
	sw_t sw = in_mf(c);
	if (sw != SW_OK)
		return sw;
	uint16_t fid = rd_u16(&r), df = nat_df_by_fid(c, fid);
	if (fid == FID_MF)
		return SW_CONDITIONS_OF_USE;
	if (df == NAT_MF)
		return SW_FILE_NOT_FOUND;
	if (nat_df_sequence(c, df) != nat_df_last_sequence(c))
		return SW_CONDITIONS_OF_USE;
	return nat_space_delete(c, df);
}

/* --- the rest of the dialect --- */

/* Size and structure of an EF, name of a DF; the conditions cannot be read back. */
static void control(struct card *c, uint16_t df, uint16_t ef, uint8_t p2, struct buf *out)
{
	struct buf b = {0};
	uint8_t name[NAT_NAME_MAX];
	(void)p2;
	if (ef != 0) {
		tlv_put_u16(&b, TAG_FILE_SIZE, nat_object_len(c, ef) & 0xffff);
		tlv_put_u8(&b, TAG_DESCRIPTOR, 0x01);
	} else if (df != NAT_MF)
		tlv_put(&b, TAG_DF_NAME, name, nat_df_name(c, df, name));
	tlv_put(out, TAG_FCI, b.p, b.n);
	buf_reset(&b);
}

static bool loading(const struct card *c)
{
	return c->s->state[STATE_GLOBAL] == STATE_LOADING;
}

static void reset(struct card *c)
{
	c->s->state[STATE_GLOBAL] = c->s->state[STATE_LOCAL] = STATE_INITIAL;
}

static void forget(struct card *c)
{
	c->s->state[STATE_LOCAL] = STATE_INITIAL;
}

static bool may_file(struct card *c, uint16_t ef, enum nat_op op)
{
	uint32_t ac = op == OP_READ ? EF_AC_READ : EF_AC_WRITE;
	return satisfied(c, nat_space_u8(c, nat_object_own_at(c, ef) + ac));
}

static bool object_ok(struct card *c, uint16_t object)
{
	uint8_t own[OBJECT_OWN_SIZE];
	if (nat_object_kind(c, object) != OBJECT_EF || nat_object_sfi(c, object) > 30 ||
	    nat_object_len(c, object) > 0xffff)
		return false;
	nat_object_own(c, object, own);
	for (size_t i = 0; i < EF_ACS; i++)
		if (!starcos_ac_ok(own[i]))
			return false;
	return true;
}

static const struct native_command command[] = {
    {CLA_STARCOS, INS_REGISTER_DF, false, DATA_MUST, any_form, register_df},
    {CLA_STARCOS, INS_CREATE_FILE, false, DATA_MUST, create_form, create},
    {CLA_STARCOS, INS_WRITE_KEY, false, DATA_MUST, nat_form_0000, starcos_write_key},
    {CLA_STARCOS, INS_DELETE_FILE, false, DATA_MUST, nat_form_0000, delete},
};

static const struct nat_word word[] = {
    {CHIP_AC_CODING, "state"},
    {CHIP_SFI, "fid"},
    {CHIP_PIN_PAD, "00"},
    {CHIP_PIN_FORMAT, "no"},
    {CHIP_PIN_TRANSPORT, "no"},
    {CHIP_CHANGE_FORMS, "00"},
    {CHIP_RESET_FORMS, "00"},
    {CHIP_LOADING, "verify"},
    {CHIP_DELETE, "last"},
    {CHIP_READBACK, "fci"},
};

const struct native_dialect dialect_starcos = {
    .name = "starcos",
    .id = DIALECT_STARCOS,
    .command = command,
    .commands = sizeof command / sizeof command[0],
    .proprietary_class = true,
    .responses = 1 << 0,
    .key = {'I', 'G', 'A', 'T', 'A', '-', 'S', 'O'},
    .key_len = 8,
    .key_tries = 10,
    .loading = loading,
    .word = word,
    .words = sizeof word / sizeof word[0],
    .reset = reset,
    .forget = forget,
    .may_file = may_file,
    .pin = starcos_pin,
    .puk = starcos_puk,
    .offers = starcos_offers,
    .may_pin = starcos_may_pin,
    .is_verified = starcos_is_verified,
    .set_verified = starcos_set_verified,
    .new_value = starcos_new_value,
    .control = control,
    .object_ok = object_ok,
    .df_ok = starcos_isf_ok,
};
