#include "runtime/gp/registry.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/base/hex.h"
#include "runtime/base/tlv.h"

enum {
	TAG_ENTRY = 0xe3,
	TAG_AID = 0x4f,
	TAG_LIFE = 0x9f70,
	TAG_PRIVILEGES = 0xc5,
	TAG_LOAD_FILE = 0xc4,
	TAG_VERSION = 0xce,
	TAG_MODULE = 0x84,
	TAG_DOMAIN = 0xcc,
	ENTRIES_MAX = 4096,
};

const struct gp_entry *gp_registry_find(const struct gp_registry *r, const struct aid *aid)
{
	for (size_t i = 0; i < r->n; i++)
		if (aid_equal(&r->row[i].aid, aid))
			return &r->row[i];
	return NULL;
}

static bool add(struct gp_registry *r, const struct gp_entry *e)
{
	if (r->n == r->cap) {
		size_t cap = r->cap == 0 ? 16 : 2 * r->cap;
		struct gp_entry *row = r->n >= ENTRIES_MAX ? NULL : realloc(r->row, cap * sizeof *row);
		if (row == NULL) {
			r->bad = true;
			return false;
		}
		r->row = row;
		r->cap = cap;
	}
	r->row[r->n++] = *e;
	return true;
}

/* A load file told twice, without and with modules, is one. */
static bool keep(struct gp_registry *r, struct gp_entry *e)
{
	if (e->aid.n == 0)
		return true; /* an empty entry says nothing */
	if (e->scope == GP_SCOPE_MODULES)
		e->scope = GP_SCOPE_LOAD_FILES;
	for (size_t i = 0; i < r->n; i++)
		if (r->row[i].scope == e->scope && aid_equal(&r->row[i].aid, &e->aid)) {
			if (e->modules != 0) {
				memcpy(r->row[i].module, e->module, sizeof e->module);
				r->row[i].modules = e->modules;
			}
			return true;
		}
	return add(r, e);
}

static void take_bytes(struct rd v, uint8_t *out, size_t cap)
{
	memcpy(out, v.p, v.n < cap ? v.n : cap);
}

static bool read_entry(struct gp_registry *r, enum gp_scope scope, struct rd in)
{
	struct gp_entry e = {.scope = scope};
	for (struct tlv t; tlv_next(&in, &t);) {
		struct rd v = t.value;
		if (t.tag == TAG_AID)
			aid_take(&e.aid, v.p, v.n);
		else if (t.tag == TAG_LIFE && v.n != 0)
			e.life_cycle = v.p[0];
		else if (t.tag == TAG_PRIVILEGES)
			take_bytes(v, e.privileges, sizeof e.privileges);
		else if (t.tag == TAG_LOAD_FILE)
			aid_take(&e.load_file, v.p, v.n);
		else if (t.tag == TAG_DOMAIN)
			aid_take(&e.domain, v.p, v.n);
		else if (t.tag == TAG_VERSION) {
			take_bytes(v, e.version, sizeof e.version);
			e.has_version = v.n >= 2;
		} else if (t.tag == TAG_MODULE && e.modules < GP_MODULES && aid_take(&e.module[e.modules], v.p, v.n))
			e.modules++;
	}
	return !in.bad && keep(r, &e);
}

static bool read_legacy(struct gp_registry *r, enum gp_scope scope, struct rd *in)
{
	struct gp_entry e = {.scope = scope};
	struct rd v = rd_sub(in, rd_u8(in));
	aid_take(&e.aid, v.p, v.bad ? 0 : v.n);
	e.life_cycle = rd_u8(in);
	e.privileges[0] = rd_u8(in);
	if (scope == GP_SCOPE_LOAD_FILES || scope == GP_SCOPE_MODULES)
		e.privileges[0] = 0;
	if (scope == GP_SCOPE_MODULES)
		for (unsigned n = rd_u8(in); n > 0 && !in->bad; n--) {
			v = rd_sub(in, rd_u8(in));
			if (!v.bad && e.modules < GP_MODULES && aid_take(&e.module[e.modules], v.p, v.n))
				e.modules++;
		}
	return !in->bad && keep(r, &e);
}

bool gp_registry_read(struct gp_registry *r, enum gp_scope scope, bool tlv, const uint8_t *p, size_t n)
{
	struct rd in = rd_of(p, n);
	if (!tlv) {
		while (rd_left(&in) > 0)
			if (!read_legacy(r, scope, &in))
				return false;
		return true;
	}
	for (struct tlv t; tlv_next(&in, &t);)
		if (t.tag == TAG_ENTRY && !read_entry(r, scope, t.value))
			return false;
	return !in.bad;
}

bool gp_entry_has(const struct gp_entry *e, unsigned privilege)
{
	return (e->privileges[privilege / 8] & 0x80 >> privilege % 8) != 0;
}

bool gp_entry_is_domain(const struct gp_entry *e)
{
	return e->scope == GP_SCOPE_ISD ||
	    (e->scope == GP_SCOPE_APPLICATIONS && gp_entry_has(e, PRIVILEGE_SECURITY_DOMAIN));
}

static const char *card_life(uint8_t b)
{
	return b == CARD_OP_READY   ? "OP_READY"
	    : b == CARD_INITIALIZED ? "INITIALIZED"
	    : b == CARD_SECURED     ? "SECURED"
	    : b == CARD_LOCKED      ? "CARD_LOCKED"
	    : b == CARD_TERMINATED  ? "TERMINATED"
				    : NULL;
}

const char *gp_life_cycle(const struct gp_entry *e, char out[16])
{
	uint8_t b = e->life_cycle;
	const char *name = NULL;
	if (e->scope == GP_SCOPE_ISD)
		name = card_life(b);
	else if (e->scope != GP_SCOPE_APPLICATIONS)
		name = b == 0x01 ? "LOADED" : NULL;
	else if ((b & LIFE_LOCKED) != 0 && (b & 0x03) == 0x03)
		name = "LOCKED";
	else if (b == LIFE_INSTALLED)
		name = "INSTALLED";
	else if (gp_entry_is_domain(e) && b == LIFE_PERSONALIZED)
		name = "PERSONALIZED";
	else if (b == LIFE_SELECTABLE || (b & 0x87) == LIFE_SELECTABLE)
		name = "SELECTABLE";
	if (name == NULL || (b != LIFE_SELECTABLE && strcmp(name, "SELECTABLE") == 0))
		snprintf(out, 16, "%s%s%02X", name == NULL ? "" : name, name == NULL ? "" : " ", b);
	else
		snprintf(out, 16, "%s", name);
	return out;
}

/* --- privileges --- */

const char *gp_privilege_name(unsigned bit, const char *lang)
{
	static const struct {
		unsigned bit;
		const char *name, *en, *ja;
	} names[] = {
#define PRIVILEGE(bit, name, en, ja) {bit, name, en, ja},
#include "runtime/gp/names.def"
#undef PRIVILEGE
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].bit == bit)
			return lang == NULL ? names[i].name : strcmp(lang, "ja") == 0 ? names[i].ja : names[i].en;
	return NULL;
}

static bool set_named(const char *name, size_t n, uint8_t out[GP_PRIVILEGES])
{
	for (unsigned bit = 0; bit < PRIVILEGE_BITS; bit++) {
		const char *is = gp_privilege_name(bit, NULL);
		if (is == NULL || strlen(is) != n || memcmp(is, name, n) != 0)
			continue;
		out[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
		/* DAP verification makes sense for security domains only, and both its kinds have b7: table 11-7. */
		if (bit == 1 || bit == 2 || bit == 7)
			out[0] |= 0x80;
		if (bit == 7)
			out[0] |= 0x40;
		return true;
	}
	return false;
}

bool gp_privileges_parse(const char *text, uint8_t out[GP_PRIVILEGES], const char **bad, size_t *bad_n)
{
	size_t n;
	memset(out, 0, GP_PRIVILEGES);
	if (hex_decode(text, strlen(text), out, GP_PRIVILEGES, &n) && (n == 1 || n == 3))
		return true;
	memset(out, 0, GP_PRIVILEGES);
	for (const char *p = text;; p += n + 1) {
		n = strcspn(p, ",");
		if (!set_named(p, n, out)) {
			*bad = p;
			*bad_n = n;
			return false;
		}
		if (p[n] == 0)
			return true;
	}
}

void gp_registry_reset(struct gp_registry *r)
{
	free(r->row);
	*r = (struct gp_registry){0};
}
