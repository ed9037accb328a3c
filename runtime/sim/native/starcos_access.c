/* Access conditions and file headers of starcos, taken apart. Written from OpenSC's card-starcos.c and its recorded
 * commands; shares nothing with the compiler, which writes such headers. */
#include "runtime/sim/native/starcos.h"

#include <string.h>

bool starcos_ac_ok(uint8_t ac)
{
	return ac == AC_ALWAYS || ac == AC_NEVER || ac <= (AC_LOCAL | AC_STATE);
}

bool starcos_ac_satisfied(uint8_t ac, uint8_t global, uint8_t local)
{
	if (ac == AC_ALWAYS)
		return true;
	if (!starcos_ac_ok(ac) || ac == AC_NEVER)
		return false;
	return ((ac & AC_LOCAL) != 0 ? local : global) == (ac & AC_STATE);
}

static void take(struct rd *r, uint8_t *out, size_t n)
{
	const uint8_t *p = rd_bytes(r, n);
	if (p != NULL)
		memcpy(out, p, n);
}

/* | 2 FID | 7 AC | 2 RFU | SM | SID | type | 2 size | */
bool starcos_ef_decode(struct starcos_ef *out, struct rd r)
{
	*out = (struct starcos_ef){0};
	out->fid = rd_u16(&r);
	take(&r, out->ac, sizeof out->ac);
	take(&r, out->rfu, sizeof out->rfu);
	out->sm = rd_u8(&r);
	out->sid = rd_u8(&r);
	out->type = rd_u8(&r);
	out->size = rd_u16(&r);
	return !r.bad && rd_left(&r) == 0;
}

/* No secure messaging, no records, no short identifier of its own. */
sw_t starcos_ef_check(const struct starcos_ef *f)
{
	bool good = nat_fid_ok(f->fid) && f->rfu[0] == 0 && f->rfu[1] == 0 && f->sm == 0 && f->sid == 0 &&
	    f->type == EF_TRANSPARENT && f->size != 0;
	for (size_t i = 0; i < EF_ACS; i++)
		good = good && starcos_ac_ok(f->ac[i]);
	return good ? SW_OK : SW_WRONG_DATA;
}

/* | 2 FID | name length | 16 name, zeros behind it | 2 size of the ISF | AC create EF | AC create key | SM | SM ISF |
 */
bool starcos_df_decode(struct starcos_df *out, struct rd r)
{
	*out = (struct starcos_df){0};
	out->fid = rd_u16(&r);
	out->name_len = rd_u8(&r);
	take(&r, out->name, sizeof out->name);
	out->isf = rd_u16(&r);
	out->ac_create_ef = rd_u8(&r);
	out->ac_create_key = rd_u8(&r);
	out->sm_create = rd_u8(&r);
	out->sm_isf = rd_u8(&r);
	return !r.bad && rd_left(&r) == 0;
}

sw_t starcos_df_check(const struct starcos_df *f)
{
	bool good = nat_fid_ok(f->fid) && f->name_len >= 1 && f->name_len <= NAT_NAME_MAX && f->sm_create == 0 &&
	    f->sm_isf == 0 && starcos_ac_ok(f->ac_create_ef) && starcos_ac_ok(f->ac_create_key);
	for (size_t i = f->name_len; i < NAT_NAME_MAX; i++)
		good = good && f->name[i] == 0;
	return good ? SW_OK : SW_WRONG_DATA;
}
