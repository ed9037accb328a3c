/* Where the AP lies on the chip: FIDs, sizes, memory. */
#include "compiler/plan/inside.h"

#include <string.h>

#include "runtime/base/iso7816.h"

static const struct plan_dialect *const dialects[] = {&plan_iso_compact, &plan_starcos};

enum { DIALECTS = sizeof dialects / sizeof *dialects };

const struct plan_dialect *plan_dialect_named(const char *name)
{
	for (size_t i = 0; i < DIALECTS; i++)
		if (strcmp(dialects[i]->name, name) == 0)
			return dialects[i];
	return NULL;
}

const char *plan_dialect_names(struct arena *a)
{
	const char *all = dialects[0]->name;
	for (size_t i = 1; i < DIALECTS; i++)
		all = arena_printf(a, "%s, %s", all, dialects[i]->name);
	return all;
}

/* ---- FIDs ---- */

/* CRC-16 with the polynomial 1021 and the start FFFF: spreads AIDs over FIDs, nothing more. */
static uint16_t crc16(const uint8_t *p, size_t n)
{
	unsigned crc = 0xffff;
	for (size_t i = 0; i < n; i++) {
		crc ^= (unsigned)p[i] << 8;
		for (int bit = 0; bit < 8; bit++)
			crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
		crc &= 0xffff;
	}
	return (uint16_t)crc;
}

static bool taken(const struct plan *p, uint16_t fid)
{
	for (uint16_t i = 0; i < p->contract->n_files; i++)
		if (p->contract->file[i].fid == fid)
			return true;
	return fid == p->df || fid == 0x7fff;
}

/* DFs under the MF differ by their FIDs; 4000 to 7FFE leaves 3F00 and what is reserved aside (7816-4:2020 7.4.1; 7FFF
 * is the current application of UICCs). The AP's AID decides, so that every build and every version of it gives the
 * same. */
static uint16_t df_fid(const struct plan *p)
{
	uint16_t fid = 0x4000 | (crc16(p->contract->aid, p->contract->aid_len) & 0x3fff);
	while (taken(p, fid))
		fid = fid == 0x7fff ? 0x4000 : (uint16_t)(fid + 1);
	return fid;
}

uint16_t plan_free_fid(const struct plan *p, uint16_t from)
{
	while (taken(p, from))
		from++;
	return from;
}

/* ---- memory ---- */

static uint32_t weigh_files(struct plan *p)
{
	uint32_t sum = 0;
	for (uint16_t i = 0; i < p->contract->n_files; i++) {
		struct plan_feature *f = plan_feature(p, FEATURE_FILE, i);
		f->bytes = p->contract->file[i].size + plan_number(p, f, CHIP_FILE_OVERHEAD, 64);
		sum += f->bytes;
	}
	return sum;
}

static uint32_t weigh_pins(struct plan *p)
{
	uint32_t sum = 0;
	for (uint16_t i = 0; i < p->contract->n_pins; i++) {
		struct plan_feature *pin = plan_feature(p, FEATURE_PIN, i), *puk = plan_feature(p, FEATURE_PUK, i);
		pin->bytes = plan_number(p, pin, CHIP_PIN_SIZE, 64);
		sum += pin->bytes;
		if (puk != NULL)
			sum += puk->bytes = plan_number(p, puk, CHIP_PIN_SIZE, 64);
	}
	return sum;
}

static void memory(struct plan *p, struct plan_feature *ap, struct diag_list *d)
{
	uint32_t own = p->se_file == 0 ? 0 : p->se_size + plan_number(p, ap, CHIP_FILE_OVERHEAD, 64);
	uint32_t overhead = plan_number(p, ap, CHIP_DF_OVERHEAD, 128);
	p->df_size = weigh_files(p) + weigh_pins(p) + own;
	p->memory = p->df_size + overhead;
	ap->bytes = own + overhead;
	uint32_t largest = plan_number(p, ap, CHIP_DF_MAX, 2048), all = plan_number(p, ap, CHIP_MEMORY, 2048);
	if (largest > 0xffff) /* every dialect writes it in two bytes */
		largest = 0xffff;
	if (p->df_size > largest)
		plan_refuse(p, ap, d, DIAG_PLAN_DF_SIZE, ap->name, plan_text(p, p->df_size), p->chip->name,
		    plan_text(p, largest), NULL);
	else if (p->memory > all)
		plan_refuse(p, ap, d, DIAG_PLAN_MEMORY, ap->name, plan_text(p, p->memory), p->chip->name,
		    plan_text(p, all), NULL);
}

/* ---- all of it ---- */

/* needs.def has counted the AP's own files. */
static void count_files(struct plan *p, struct diag_list *d)
{
	struct plan_feature *f = plan_feature(p, FEATURE_FILES, CONTRACT_NONE);
	if (p->se_file == 0 || f == NULL || f->way == PLAN_REFUSED)
		return;
	uint32_t max = plan_number(p, f, CHIP_FILE_COUNT, 16);
	if (f->measure + 1 > max)
		plan_refuse(p, f, d, DIAG_PLAN_FILE_COUNT, f->name, plan_text(p, f->measure + 1), p->chip->name,
		    plan_text(p, max), NULL);
}

void plan_layout(struct plan *p, struct diag_list *d)
{
	struct plan_feature *ap = plan_feature(p, FEATURE_AP, CONTRACT_NONE);
	uint32_t data = plan_number(p, ap, CHIP_COMMAND_DATA, 128);
	p->df = df_fid(p);
	p->command_data = (uint16_t)(data < 255 ? data : 255);
	if (p->dialect != NULL) {
		if (data < p->dialect->command_data)
			plan_refuse(p, ap, d, DIAG_PLAN_COMMAND_DATA, ap->name, plan_text(p, p->dialect->command_data),
			    p->chip->name, plan_text(p, data), NULL);
		p->dialect->layout(p, d);
		count_files(p, d);
	}
	memory(p, ap, d);
}
