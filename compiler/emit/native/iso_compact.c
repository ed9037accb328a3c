/* iso-compact: ISO/IEC 7816-4 and -9, access rules in compact format, PINs as the data objects of IAS-ECC cards.
 *
 *   DF       CREATE FILE 62 { 82 38, 83 FID, 84 AID, 81 quota, 8A 01, 8D SE file, 8C rule }      7816-4:2020 table 11
 *   EF       CREATE FILE 62 { 80 size, 82 01, 83 FID, 88 SFI, 8C rule }
 *   SE file  CREATE FILE 62 { 80 size, 82 09, 83 FID, 88, 8C 00 }; its body is 7B { 80 number, A4 { 83 ref, 95 usage }
 * … } … PIN      PUT DATA 70 { BF81nn { A0 { 9A tries, A1 { 8C rule } }, 7F41 { 80 max, 81 min, 82 value } } }
 *
 * A rule (8C) is the access mode byte and one security condition byte for each of its bits, the highest first; a bit
 * that is clear is never: 7816-4:2020 9.3.3. */
#include "compiler/emit/native/native.h"

#include <assert.h>

#include "runtime/base/iso7816.h"
#include "runtime/base/tlv.h"

enum { AM_READ = 0x01, AM_UPDATE = 0x02 };                               /* of EFs: table 17 */
enum { AM_CREATE_EF = 0x02, AM_ACTIVATE = 0x10, AM_DELETE_SELF = 0x40 }; /* of DFs: table 16 */
/* Of PINs. OpenSC's iasecc-sdo.h numbers them 0, 1, 2; iasecc-sdo.c counts those from b7. */
enum { AM_CHANGE = 0x40, AM_VERIFY = 0x20, AM_RESET = 0x10 };
enum { SCB_ALWAYS = 0x00, SCB_ALL = 0x80, SCB_KEY = 0x20, SCB_USER = 0x10 }; /* table 20 */
enum { USAGE_KEY = 0x80, USAGE_PASSWORD = 0x08 };                            /* usage qualifier, tag 95 */
enum { LOADING_KEY = 0x01, LOCAL = 0x80, PUK = 0x20 };
enum { SE_LOADING = 1 };

/* ---- rules ---- */

/* A rule in the making. SCBs have to be added from the highest bit down. */
struct rule {
	uint8_t byte[8];
	size_t n;
};

static void allow(struct rule *r, unsigned bit, unsigned scb)
{
	assert(r->n < sizeof r->byte && (r->byte[0] & (bit | (bit - 1))) == 0);
	r->byte[0] |= (uint8_t)bit;
	r->byte[r->n++] = (uint8_t)scb;
}

static struct rule nothing(void)
{
	return (struct rule){.n = 1};
}

/* b8 asks for all the PINs of the environment; with one PIN it says nothing and stays clear. */
static unsigned scb_of(const struct rule_form *f, uint8_t se)
{
	bool all = f->kind == RULE_FORM_ALL && (f->pins & (f->pins - 1)) != 0;
	return (all ? SCB_ALL : 0) | SCB_USER | se;
}

static void allow_op(struct rule *r, unsigned bit, const struct plan *p, uint16_t file, enum file_op op)
{
	const struct rule_form *f = &p->rule[file][op];
	switch (f->kind) {
	case RULE_FORM_NEVER:
		return;
	case RULE_FORM_ALWAYS:
		allow(r, bit, SCB_ALWAYS);
		return;
	case RULE_FORM_ALL:
	case RULE_FORM_ANY:
		allow(r, bit, scb_of(f, p->se_of[file][op]));
		return;
	case RULE_FORM_OTHER:
		break;
	}
	assert(false && "a rule that the plan has refused");
}

static struct rule file_rule(const struct plan *p, uint16_t file)
{
	struct rule r = nothing();
	allow_op(&r, AM_UPDATE, p, file, FILE_UPDATE);
	allow_op(&r, AM_READ, p, file, FILE_READ);
	return r;
}

/* ---- files ---- */

static void create_df(struct emit *e)
{
	const struct plan *p = e->plan;
	struct rule r = nothing();
	struct emit_pieces fcp = {0};
	allow(&r, AM_DELETE_SELF, SCB_KEY | SE_LOADING);
	allow(&r, AM_ACTIVATE, SCB_KEY | SE_LOADING);
	allow(&r, AM_CREATE_EF, SCB_KEY | SE_LOADING);
	emit_piece_u8(&fcp, TAG_DESCRIPTOR, 0x38);
	emit_piece_u16(&fcp, TAG_FID, p->df);
	emit_piece(&fcp, TAG_DF_NAME, e->contract->aid, e->contract->aid_len);
	emit_piece_u16(&fcp, TAG_TOTAL_SIZE, p->df_size);
	emit_piece_u8(&fcp, TAG_LIFE_CYCLE, 0x01);
	emit_piece_u16(&fcp, TAG_SE_FILE, p->se_file);
	emit_piece(&fcp, TAG_COMPACT_AC, r.byte, r.n);
	struct script_step *t = emit_step(e, SCRIPT_CREATE, 0x00e00000);
	emit_template(e, t, TAG_FCP, &fcp);
	script_note(&e->script, t, "create the DF");
}

/* Without 88 some cards would take the low five bits of the FID; empty it says that there is none (7816-4:2020 table
 * 11). */
static void fcp_of(const struct plan *p, uint16_t file, struct emit_pieces *fcp)
{
	const struct contract_file *f = &p->contract->file[file];
	struct rule r = file_rule(p, file);
	uint8_t sfi = (uint8_t)(f->sfi << 3);
	emit_piece_u16(fcp, TAG_FILE_SIZE, f->size);
	emit_piece_u8(fcp, TAG_DESCRIPTOR, 0x01);
	emit_piece_u16(fcp, TAG_FID, f->fid);
	emit_piece(fcp, TAG_SFI, &sfi, f->sfi == 0 ? 0 : 1);
	emit_piece(fcp, TAG_COMPACT_AC, r.byte, r.n);
}

static void create_file(struct emit *e, uint16_t file)
{
	struct emit_pieces fcp = {0};
	struct script_step *t = emit_step(e, SCRIPT_CREATE, 0x00e00000);
	fcp_of(e->plan, file, &fcp);
	emit_template(e, t, TAG_FCP, &fcp);
	script_note(&e->script, t, arena_printf(e->plan->arena, "create file %s", e->contract->file[file].id));
}

static void readback(const struct plan *p, uint16_t file, struct buf *out)
{
	struct emit_pieces fcp = {0};
	fcp_of(p, file, &fcp);
	buf_add(out, fcp.b.p, fcp.b.n);
	buf_reset(&fcp.b);
}

static void create_own(struct emit *e)
{
	const struct plan *p = e->plan;
	struct rule r = nothing();
	struct emit_pieces fcp = {0};
	struct script_step *t = emit_step(e, SCRIPT_CREATE, 0x00e00000);
	emit_piece_u16(&fcp, TAG_FILE_SIZE, p->se_size);
	emit_piece_u8(&fcp, TAG_DESCRIPTOR, 0x09);
	emit_piece_u16(&fcp, TAG_FID, p->se_file);
	emit_piece(&fcp, TAG_SFI, NULL, 0);
	emit_piece(&fcp, TAG_COMPACT_AC, r.byte, r.n);
	emit_template(e, t, TAG_FCP, &fcp);
	script_note(&e->script, t, "create the file of security environments");
}

/* ---- security environments ---- */

static void put_reference(struct buf *se, unsigned ref, unsigned usage)
{
	struct buf at = {0};
	tlv_put_u8(&at, 0x83, ref);
	tlv_put_u8(&at, 0x95, usage);
	tlv_put(se, 0xa4, at.p, at.n);
	buf_reset(&at);
}

static void put_se(const struct plan *p, size_t i, struct buf *out)
{
	const struct plan_se *s = &p->se[i];
	struct buf se = {0};
	tlv_put_u8(&se, 0x80, (unsigned)i + 1);
	if (s->kind == PLAN_SE_LOADING)
		put_reference(&se, LOADING_KEY, USAGE_KEY);
	for (uint16_t k = 0; k < p->contract->n_pins; k++)
		if ((s->pins >> k & 1) != 0)
			put_reference(
			    &se, LOCAL | (s->kind == PLAN_SE_PUK ? PUK : 0) | p->contract->pin[k].ref, USAGE_PASSWORD);
	tlv_put(out, 0x7b, se.p, se.n);
	buf_reset(&se);
}

static void protect(struct emit *e)
{
	struct buf body = {0};
	assert(e->plan->se[SE_LOADING - 1].kind == PLAN_SE_LOADING);
	for (size_t i = 0; i < e->plan->n_se; i++)
		put_se(e->plan, i, &body);
	assert(!body.bad && body.n == e->plan->se_size);
	emit_select_ef(e, SCRIPT_PROTECT, e->plan->se_file, "of security environments");
	emit_update(e, SCRIPT_PROTECT, body.p, body.n, "security environments");
	buf_reset(&body);
}

/* ---- PINs ---- */

struct secret {
	unsigned number; /* nn of BF81nn */
	unsigned tries, min, max;
	struct rule rule;
	uint16_t value;
};

/* The value is a hole of `max` bytes at the end of the command; zeros stand for it while the lengths around it are
 * written. */
static void put_secret(struct emit *e, const struct secret *s, const char *note)
{
	static const uint8_t hole[256];
	struct buf rules = {0}, docp = {0}, chv = {0}, object = {0}, command = {0};
	tlv_put(&rules, TAG_COMPACT_AC, s->rule.byte, s->rule.n);
	tlv_put_u8(&docp, 0x9a, s->tries);
	tlv_put(&docp, 0xa1, rules.p, rules.n);
	tlv_put_u8(&chv, 0x80, s->max);
	tlv_put_u8(&chv, 0x81, s->min);
	tlv_put(&chv, 0x82, hole, s->max);
	tlv_put(&object, 0xa0, docp.p, docp.n);
	size_t rest = object.n;
	tlv_put(&object, 0x7f41, chv.p, chv.n);
	rest = object.n - rest;
	struct buf inner = {0};
	tlv_put(&inner, 0xbf8100 | s->number, object.p, object.n);
	tlv_put(&command, 0x70, inner.p, inner.n);
	assert(!command.bad && command.n <= e->plan->command_data);

	struct script_step *t = emit_step(e, SCRIPT_PERSONALISE, 0x00db3fff);
	size_t head = command.n - object.n, middle = command.n - rest;
	script_bytes(&e->script, t, command.p, head);
	script_bytes(&e->script, t, command.p + head, middle - head);
	script_bytes(&e->script, t, command.p + middle, rest - s->max);
	emit_secret(e, t, s->value);
	script_note(&e->script, t, note);
	struct buf *used[] = {&rules, &docp, &chv, &object, &inner, &command};
	for (size_t i = 0; i < sizeof used / sizeof *used; i++)
		buf_reset(used[i]);
}

/* The PUK is an object of its own that nothing may be done with; the PIN's reset condition names it through an SE. */
static void pin(struct emit *e, uint16_t i)
{
	const struct contract_pin *n = &e->contract->pin[i];
	struct secret puk = {PUK | n->ref, n->puk_tries, n->puk_length, n->puk_length, nothing(), n->puk_value};
	struct secret own = {n->ref, n->tries, n->min, n->max, nothing(), n->value};
	if (n->change != 0)
		allow(&own.rule, AM_CHANGE, SCB_ALWAYS);
	allow(&own.rule, AM_VERIFY, SCB_ALWAYS);
	if (n->reset != 0)
		allow(&own.rule, AM_RESET, SCB_USER | e->plan->se_of_puk[i]);
	put_secret(e, &own, arena_printf(e->plan->arena, "PIN %s", n->id));
	if (n->puk_length != 0)
		put_secret(e, &puk, arena_printf(e->plan->arena, "PUK of PIN %s", n->id));
}

/* ACTIVATE FILE on the current DF: 7816-9:2017 10.2; from here on the rules hold. */
static void activate(struct emit *e)
{
	script_note(&e->script, emit_step(e, SCRIPT_ACTIVATE, 0x00440000), "activate");
}

const struct native_dialect native_iso_compact = {
    .name = "iso-compact",
    .create_df = create_df,
    .create_file = create_file,
    .create_own = create_own,
    .pin = pin,
    .protect = protect,
    .activate = activate,
    .readback = readback,
    .pin_pad = 0xff,
};
