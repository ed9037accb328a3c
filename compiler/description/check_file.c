/* Identifiers in the whole of the AP: files, DFs, and in personality jicsap the IEFs of PINs and keys. */
#include "compiler/description/build.h"

#include <string.h>

enum { OBJECTS = CONTRACT_FILES + CONTRACT_DFS + CONTRACT_PINS + CONTRACT_KEYS };

/* What has a FID in a DF. */
struct object {
	const char *id;
	uint16_t df, fid; /* fid 0: none, or refused */
	uint8_t sfi;      /* 0: none */
	struct srcloc fid_at, sfi_at;
	bool ef; /* a working EF */
};

/* 3F00 is the MF, 3FFF a path from it, 0000 and FFFF are reserved: ISO/IEC 7816-4:2020, 7.3.1.1 and 11.2. */
static bool reserved(uint16_t fid)
{
	return fid == FID_MF || fid == 0x3fff || fid == 0x0000 || fid == 0xffff;
}

static void check_fid(struct build *b, const struct object *all, size_t i)
{
	const struct object *x = &all[i];
	const char *fid = arena_printf(b->a, "%04X", x->fid);
	if (reserved(x->fid)) {
		diag_add(b->d, x->fid_at, DIAG_FID_RESERVED, x->id, fid, NULL);
		return;
	}
	if (x->ef && x->fid > 0x1e)
		diag_add(b->d, x->fid_at, DIAG_FID_UNUSUAL, x->id, fid, NULL);
	for (size_t k = 0; k < i; k++)
		if (all[k].df == x->df && all[k].fid == x->fid) {
			diag_add(b->d, x->fid_at, DIAG_FID_REPEATED, x->id, fid, all[k].id, NULL);
			return;
		}
}

static void check_sfi(struct build *b, const struct object *all, size_t i)
{
	const struct object *x = &all[i];
	for (size_t k = 0; k < i; k++)
		if (x->sfi != 0 && all[k].df == x->df && all[k].sfi == x->sfi) {
			diag_add(b->d, x->sfi_at, DIAG_SFI_REPEATED, x->id, diag_num(x->sfi), all[k].id, NULL);
			return;
		}
}

static bool fid_ok(const struct node *n)
{
	switch (n->element) {
	case ELEMENT_FILE:
		return node_has(n, ATTR_FILE_FID);
	case ELEMENT_RECORDS:
		return node_has(n, ATTR_RECORDS_FID);
	case ELEMENT_COUNTER:
		return node_has(n, ATTR_COUNTER_FID);
	case ELEMENT_DF:
		return node_has(n, ATTR_DF_FID);
	case ELEMENT_PIN:
		return node_has(n, ATTR_PIN_FID);
	case ELEMENT_KEY:
		return node_has(n, ATTR_KEY_FID);
	default:
		return false;
	}
}

static size_t collect_iefs(const struct build *b, struct object *all, size_t n)
{
	const struct contract *c = b->c;
	for (uint16_t i = 0; i < c->n_pins; i++)
		if (fid_ok(b->pin[i]))
			all[n++] = (struct object){c->pin[i].id, c->pin[i].df, c->pin[i].fid, c->pin[i].ref,
			    b->w->pin[i].ref, AT(b->pin[i], PIN_SFI), false};
	for (uint16_t i = 0; i < c->n_keys; i++)
		if (fid_ok(b->key[i]))
			all[n++] = (struct object){c->key[i].id, c->key[i].df, c->key[i].fid, c->key[i].ref,
			    b->w->key[i].ref, AT(b->key[i], KEY_SFI), false};
	return n;
}

static size_t collect(const struct build *b, struct object *all)
{
	const struct contract *c = b->c;
	const struct description_where *w = b->w;
	size_t n = 0;
	for (uint16_t i = 0; i < c->n_files; i++)
		if (fid_ok(b->file[i]))
			all[n++] = (struct object){c->file[i].id, c->file[i].df, c->file[i].fid, c->file[i].sfi,
			    w->file[i].fid, w->file[i].sfi, true};
	for (uint16_t i = 1; i < c->n_dfs; i++)
		if (fid_ok(b->df[i]))
			all[n++] = (struct object){
			    c->df[i].id, c->df[i].parent, c->df[i].fid, 0, w->df[i].fid, w->df[i].fid, false};
	return c->personality == PERSONALITY_JICSAP ? collect_iefs(b, all, n) : n;
}

/* --- tags, names ------------------------------------------------------------------------------------------------- */

static void check_tag(struct build *b, uint16_t i)
{
	const struct contract_file *f = &b->c->file[i];
	for (uint16_t k = 0; k < i; k++)
		if (f->tag != 0 && b->c->file[k].tag == f->tag && b->c->file[k].df == f->df) {
			diag_add(b->d, b->w->file[i].fid, DIAG_DATA_TAG_REPEATED, f->id,
			    arena_printf(b->a, f->tag > 0xff ? "%04X" : "%02X", f->tag), b->c->file[k].id, NULL);
			return;
		}
}

/* SELECT finds a DF by a part of its name too (AP contract, 11). */
static void check_aid(struct build *b, uint16_t i)
{
	const struct contract_df *x = &b->c->df[i];
	for (uint16_t k = 0; k < i; k++) {
		const struct contract_df *y = &b->c->df[k];
		uint8_t n = x->aid_len < y->aid_len ? x->aid_len : y->aid_len;
		if (n == 0 || memcmp(x->aid, y->aid, n) != 0)
			continue;
		diag_add(b->d, b->w->df[i].aid, DIAG_AID_PREFIX, x->id, y->id, NULL);
		return;
	}
}

static void check_empty(struct build *b)
{
	for (const struct node *n = b->root->child; n != NULL; n = n->next)
		if (n->element == ELEMENT_FILE || n->element == ELEMENT_RECORDS || n->element == ELEMENT_DATA ||
		    n->element == ELEMENT_COUNTER || n->element == ELEMENT_DF || n->element == ELEMENT_COMMAND)
			return;
	diag_add(b->d, b->root->xml->at, DIAG_ELEMENT_MISSING, "card-ap", "file", NULL);
}

void check_files(struct build *b)
{
	struct object all[OBJECTS];
	size_t n = collect(b, all);
	for (size_t i = 0; i < n; i++) {
		check_fid(b, all, i);
		check_sfi(b, all, i);
	}
	for (uint16_t i = 0; i < b->c->n_files; i++)
		check_tag(b, i);
	for (uint16_t i = 1; i < b->c->n_dfs; i++)
		check_aid(b, i);
	check_empty(b);
}
