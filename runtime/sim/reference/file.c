#include "runtime/sim/reference/card.h"

#include <string.h>

bool file_is_records(const struct contract_file *f)
{
	return f->structure == FILE_LINEAR_FIXED || f->structure == FILE_LINEAR_VARIABLE || f->structure == FILE_CYCLIC;
}

static bool is_jicsap(const struct card *c)
{
	return c->ap->personality == PERSONALITY_JICSAP;
}

/* One name space: AP contract, section 7. A data object has a tag and is no EF. */
static bool find_ef(const struct card *c, uint16_t fid, uint8_t sfi, uint16_t *ef)
{
	const struct contract *ap = c->ap;
	const uint16_t df = c->session->df;
	for (uint16_t i = 0; i < ap->n_files; i++)
		if (ap->file[i].df == df && (sfi != 0 ? ap->file[i].sfi == sfi : ap->file[i].fid == fid) &&
		    ap->file[i].structure != FILE_DATA_OBJECT) {
			*ef = i;
			return true;
		}
	if (!is_jicsap(c))
		return false;
	for (uint16_t i = 0; i < ap->n_pins; i++)
		if (ap->pin[i].df == df && (sfi != 0 ? ap->pin[i].ref == sfi : ap->pin[i].fid == fid)) {
			*ef = EF_PIN | i;
			return true;
		}
	for (uint16_t i = 0; i < ap->n_keys; i++)
		if (ap->key[i].df == df && (sfi != 0 ? ap->key[i].ref == sfi : ap->key[i].fid == fid)) {
			*ef = EF_KEY | i;
			return true;
		}
	return false;
}

sw_t file_by_fid(const struct card *c, uint16_t fid, uint16_t *ef)
{
	return find_ef(c, fid, 0, ef) ? SW_OK : SW_FILE_NOT_FOUND;
}

/* AP contract, section 5: SFI 0 means the current EF, SFI 31 does not exist; the EF becomes current once it exists,
 * before access is checked. */
sw_t file_by_sfi(struct card *c, uint8_t sfi, uint16_t *index)
{
	if (sfi == 0) {
		if (!c->session->has_ef)
			return SW_NO_CURRENT_EF;
	} else {
		uint16_t ef;
		if (!find_ef(c, 0, sfi, &ef))
			return SW_FILE_NOT_FOUND;
		c->session->ef = ef;
		c->session->has_ef = true;
	}
	*index = c->session->ef;
	return (c->session->ef & EF_MARKS) == 0 ? SW_OK : SW_WRONG_STRUCTURE;
}

const struct contract_file *file_of(const struct card *c, const struct call *x)
{
	return &c->ap->file[x->object];
}

static sw_t iso_reference(const struct card *c, uint8_t p2, uint16_t kind, uint16_t *index)
{
	const struct contract *ap = c->ap;
	uint16_t n = kind == EF_PIN ? ap->n_pins : ap->n_keys;
	for (uint16_t df = c->session->df;; df = ap->df[df].parent) {
		for (uint16_t i = 0; i < n; i++) {
			uint16_t in = kind == EF_PIN ? ap->pin[i].df : ap->key[i].df;
			uint8_t ref = kind == EF_PIN ? ap->pin[i].ref : ap->key[i].ref;
			if (in != df || (0x80 | ref) != p2)
				continue;
			*index = i;
			return SW_OK;
		}
		if (df == 0)
			return SW_REFERENCE_NOT_FOUND;
	}
}

static sw_t jicsap_reference(const struct card *c, uint8_t p2, uint16_t kind, uint16_t *index)
{
	uint16_t ef = c->session->ef;
	if (p2 == 0x80) {
		if (!c->session->has_ef)
			return SW_NO_CURRENT_EF;
	} else if ((p2 & 0xe0) != 0x80 || p2 == 0x9f || !find_ef(c, 0, p2 & 0x1f, &ef))
		return SW_REFERENCE_NOT_FOUND;
	*index = ef & (uint16_t)~EF_MARKS;
	return (ef & EF_MARKS) == kind ? SW_OK : SW_WRONG_STRUCTURE;
}

sw_t file_reference(const struct card *c, uint8_t p2, uint16_t kind, uint16_t *index)
{
	return is_jicsap(c) ? jicsap_reference(c, p2, kind, index) : iso_reference(c, p2, kind, index);
}

sw_t file_reference_use(struct card *c, uint8_t p2, uint16_t kind, uint16_t *index)
{
	sw_t sw = file_reference(c, p2, kind, index);
	if (is_jicsap(c) && p2 != 0x80 && sw != SW_REFERENCE_NOT_FOUND) {
		find_ef(c, 0, p2 & 0x1f, &c->session->ef);
		c->session->has_ef = true;
	}
	return sw;
}

/* AP contract, section 5: the AP's status stays, what is local to a DF goes with the current EF. */
void file_enter(struct card *c, uint16_t df)
{
	struct session *s = c->session;
	s->df = df;
	s->has_ef = false;
	for (uint16_t i = 0; i < c->ap->n_pins; i++)
		if (c->ap->pin[i].df != 0)
			s->verified[i] = false;
	for (uint16_t i = 0; i < c->ap->n_keys; i++)
		if (c->ap->key[i].df != 0)
			s->security.auth[i] = false;
}
