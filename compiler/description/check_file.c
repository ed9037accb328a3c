/* Files in the whole of the AP. */
#include "compiler/description/build.h"

/* 3F00 is the MF, 3FFF a path from it, 0000 and FFFF are reserved: ISO/IEC 7816-4:2020, 7.3.1.1 and 11.2. */
static bool reserved(uint16_t fid)
{
	return fid == FID_MF || fid == 0x3fff || fid == 0x0000 || fid == 0xffff;
}

static void check_fid(struct build *b, uint16_t i)
{
	const struct contract_file *f = &b->c->file[i];
	const struct node *n = b->file[i];
	if (!node_has(n, ATTR_FILE_FID))
		return;
	const char *fid = arena_printf(b->a, "%04X", f->fid);
	if (reserved(f->fid)) {
		diag_add(b->d, AT(n, FILE_FID), DIAG_FID_RESERVED, f->id, fid, NULL);
		return;
	}
	if (f->fid > 0x1e)
		diag_add(b->d, AT(n, FILE_FID), DIAG_FID_UNUSUAL, f->id, fid, NULL);
	for (uint16_t k = 0; k < i; k++)
		if (b->c->file[k].fid == f->fid && node_has(b->file[k], ATTR_FILE_FID)) {
			diag_add(b->d, AT(n, FILE_FID), DIAG_FID_REPEATED, f->id, fid, b->c->file[k].id, NULL);
			return;
		}
}

static void check_sfi(struct build *b, uint16_t i)
{
	const struct contract_file *f = &b->c->file[i];
	for (uint16_t k = 0; k < i; k++)
		if (f->sfi != 0 && b->c->file[k].sfi == f->sfi) {
			diag_add(b->d, AT(b->file[i], FILE_SFI), DIAG_SFI_REPEATED, f->id, diag_num(f->sfi),
			    b->c->file[k].id, NULL);
			return;
		}
}

void check_files(struct build *b)
{
	for (uint16_t i = 0; i < b->c->n_files; i++) {
		check_fid(b, i);
		check_sfi(b, i);
	}
}
