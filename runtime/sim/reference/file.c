#include "runtime/sim/reference/card.h"

sw_t file_by_fid(struct card *c, uint16_t fid, uint16_t *index)
{
	for (uint16_t i = 0; i < c->ap->n_files; i++) {
		if (c->ap->file[i].fid != fid)
			continue;
		*index = i;
		return SW_OK;
	}
	return SW_FILE_NOT_FOUND;
}

/* AP contract, section 5: SFI 0 means the current EF, SFI 31 does not exist; the EF becomes current once it exists,
 * before access is checked. */
sw_t file_by_sfi(struct card *c, uint8_t sfi, uint16_t *index)
{
	if (sfi == 0) {
		*index = c->session->ef;
		return c->session->has_ef ? SW_OK : SW_NO_CURRENT_EF;
	}
	for (uint16_t i = 0; i < c->ap->n_files && sfi != 31; i++) {
		if (c->ap->file[i].sfi != sfi)
			continue;
		*index = c->session->ef = i;
		c->session->has_ef = true;
		return SW_OK;
	}
	return SW_FILE_NOT_FOUND;
}

const struct contract_file *file_of(const struct card *c, const struct call *x)
{
	return &c->ap->file[x->object];
}
