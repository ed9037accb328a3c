/* starcos: STARCOS SPK 2.3 as OpenSC drives it (card-starcos.c, pkcs15-starcos.c). Fixed headers, no data objects:
 *
 *   REGISTER DF  80 52 size      { FID 2, length of the name 1, name }                              reserves the memory
 *   CREATE DF    80 E0 01 00     { FID 2, length 1, name 16, ISF size 2, AC create EF, AC create key, SM CR, SM ISF }
 *   CREATE EF    80 E0 03 00     { FID 2, AC read, write, erase, lock, unlock, increase, decrease, RFU, RFU, SM, SID,
 *                                  81, size 2 }
 *   PIN          80 F4 00 00     { C1 0C: KID, length 2, AC use, state, AC change, tries, 00, 00, AKD, AC write, 81 }
 *                80 F4 00 00     { C2 n: KID, offset 2, value }
 *   end          80 E0 02 00     { FID 2 }                                                      the rules hold from
 * here
 *
 * An access condition asks for a state: 0s of the MF, 1s of the DF. 9F is always, 5F never; everything that the AP
 * contract does not name gets 5F. SID 00: the low five bits of the FID. */
#include "compiler/emit/native/native.h"

#include <assert.h>
#include <string.h>

#include "runtime/base/iso7816.h"

enum { AC_ALWAYS = 0x9f, AC_NEVER = 0x5f, AC_LOCAL = 0x10 };
enum { LOADER_STATE = 0x01, KID_LOCAL = 0x80, NAME_FIELD = 16 };
enum { AKD_EVERY_CHARACTER = 0x08, ATTRIBUTE_PIN = 0x81, ATTRIBUTE_PUK = 0x02, PUK_FREES_PIN = 0x05 };

/* The state that a PIN sets, as the driver numbers them: 0F down to 08, never the initial 10, the loader's 01 or 00. */
static uint8_t state_of(uint8_t kid)
{
	return (uint8_t)(0x0f - ((kid & 0x0f) >> 1));
}

/* The plan leaves one PIN at the most, so that its state says all that a rule can ask. */
static uint8_t ac_of(const struct plan *p, const struct rule_form *f)
{
	if (f->kind == RULE_FORM_ALWAYS)
		return AC_ALWAYS;
	if (f->kind == RULE_FORM_NEVER)
		return AC_NEVER;
	assert(p->contract->n_pins == 1 && f->pins == 1);
	return AC_LOCAL | state_of(KID_LOCAL | p->contract->pin[0].ref);
}

static uint32_t isf_size(const struct plan *p)
{
	uint32_t n = 0;
	for (size_t i = 0; i < p->n_features; i++)
		if (p->feature[i].kind == FEATURE_PIN || p->feature[i].kind == FEATURE_PUK)
			n += p->feature[i].bytes;
	return n;
}

static void put_u16(struct emit *e, struct script_step *t, unsigned v)
{
	const uint8_t byte[2] = {(uint8_t)(v >> 8), (uint8_t)v};
	script_bytes(&e->script, t, byte, sizeof byte);
}

/* FID and length of the name, then the name, filled with zeros up to `room`. */
static void put_name(struct emit *e, struct script_step *t, size_t room)
{
	const struct contract *c = e->contract;
	uint8_t name[NAME_FIELD] = {0};
	put_u16(e, t, e->plan->df);
	script_bytes(&e->script, t, &c->aid_len, 1);
	memcpy(name, c->aid, c->aid_len);
	script_bytes(&e->script, t, name, room);
}

static void create_df(struct emit *e)
{
	static const uint8_t conditions[4] = {AC_NEVER, AC_NEVER, 0x00, 0x00};
	struct script_step *t = emit_step(e, SCRIPT_CREATE, 0x80520000 | e->plan->df_size);
	put_name(e, t, e->contract->aid_len);
	script_note(&e->script, t, "register the DF");
	t = emit_step(e, SCRIPT_CREATE, 0x80e00100);
	put_name(e, t, NAME_FIELD);
	put_u16(e, t, isf_size(e->plan));
	script_bytes(&e->script, t, conditions, sizeof conditions);
	script_note(&e->script, t, "create the DF");
}

static void create_file(struct emit *e, uint16_t file)
{
	const struct contract_file *f = &e->contract->file[file];
	const uint8_t conditions[7] = {ac_of(e->plan, &e->plan->rule[file][FILE_READ]),
	    ac_of(e->plan, &e->plan->rule[file][FILE_UPDATE]), AC_NEVER, AC_NEVER, AC_NEVER, AC_NEVER, AC_NEVER};
	static const uint8_t rest[5] = {0x00, 0x00, 0x00, 0x00, 0x81};
	struct script_step *t = emit_step(e, SCRIPT_CREATE, 0x80e00300);
	put_u16(e, t, f->fid);
	script_bytes(&e->script, t, conditions, sizeof conditions);
	script_bytes(&e->script, t, rest, sizeof rest);
	put_u16(e, t, f->size);
	script_note(&e->script, t, arena_printf(e->plan->arena, "create file %s", f->id));
}

static void put_value(struct emit *e, uint8_t kid, uint8_t length, uint16_t value, const char *note)
{
	const uint8_t head[5] = {0xc2, (uint8_t)(3 + length), kid, 0x00, 0x00};
	struct script_step *t = emit_step(e, SCRIPT_PERSONALISE, 0x80f40000);
	script_bytes(&e->script, t, head, sizeof head);
	emit_secret(e, t, value);
	script_note(&e->script, t, note);
}

static void put_header(struct emit *e, const uint8_t header[12], const char *note)
{
	static const uint8_t head[2] = {0xc1, 0x0c};
	struct script_step *t = emit_step(e, SCRIPT_PERSONALISE, 0x80f40000);
	script_bytes(&e->script, t, head, sizeof head);
	script_bytes(&e->script, t, header, 12);
	script_note(&e->script, t, note);
}

static uint8_t tries(unsigned n)
{
	return (uint8_t)(n << 4 | n);
}

/* The PUK's header names the PIN that it frees; the loader's state alone could change it. */
static void puk(struct emit *e, uint16_t i)
{
	const struct contract_pin *n = &e->contract->pin[i];
	uint8_t kid = KID_LOCAL | e->plan->isf_ref[i], of = KID_LOCAL | n->ref;
	const uint8_t header[12] = {kid, 0x00, n->puk_length, AC_ALWAYS, (uint8_t)((of & 0x1f) << 3 | PUK_FREES_PIN),
	    LOADER_STATE, tries(n->puk_tries), 0x00, 0x00, 0x00, 0x00, ATTRIBUTE_PUK};
	const char *note = arena_printf(e->plan->arena, "PUK of PIN %s", n->id);
	put_header(e, header, note);
	put_value(e, kid, n->puk_length, n->puk_value, note);
}

static void pin(struct emit *e, uint16_t i)
{
	const struct contract_pin *n = &e->contract->pin[i];
	uint8_t kid = KID_LOCAL | n->ref;
	const uint8_t header[12] = {kid, 0x00, n->max, AC_ALWAYS, state_of(kid), n->change != 0 ? AC_ALWAYS : AC_NEVER,
	    tries(n->tries), 0x00, 0x00, (uint8_t)(AKD_EVERY_CHARACTER | (n->min - 1)), 0x00, ATTRIBUTE_PIN};
	const char *note = arena_printf(e->plan->arena, "PIN %s", n->id);
	put_header(e, header, note);
	put_value(e, kid, n->max, n->value, note);
	if (n->puk_length != 0)
		puk(e, i);
}

static void activate(struct emit *e)
{
	struct script_step *t = emit_step(e, SCRIPT_ACTIVATE, 0x80e00200);
	put_u16(e, t, e->plan->df);
	script_note(&e->script, t, "end the creation");
}

/* 6F { 80 size, 82 01 }: process_fci of the driver. */
static void readback(const struct plan *p, uint16_t file, struct buf *out)
{
	struct emit_pieces fci = {0};
	emit_piece_u16(&fci, TAG_FILE_SIZE, p->contract->file[file].size);
	emit_piece_u8(&fci, TAG_DESCRIPTOR, 0x01);
	buf_add(out, fci.b.p, fci.b.n);
	buf_reset(&fci.b);
}

const struct native_dialect native_starcos = {
    .name = "starcos",
    .create_df = create_df,
    .create_file = create_file,
    .pin = pin,
    .activate = activate,
    .readback = readback,
    .pin_pad = 0x00,
};
