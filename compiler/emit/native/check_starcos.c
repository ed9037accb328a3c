/* What a card of the dialect starcos makes of its commands. Written against the driver of OpenSC (card-starcos.c and
 * pkcs15-starcos.c) and the recorded commands, not against the emitter: nothing of it is used here. */
#include "compiler/emit/native/check.h"

#include <string.h>

struct key {
	uint8_t header[12];
	const char *value;
};

struct own {
	bool registered;
	uint8_t register_head[19]; /* FID, length, name of REGISTER DF */
	size_t register_len;
	uint32_t isf, isf_used;
	size_t n_keys;
	struct key key[SEEN_SECRETS];
};

enum { K_KID, K_LENGTH_HIGH, K_LENGTH, K_USE, K_STATE, K_CHANGE, K_TRIES, K_7, K_8, K_AKD, K_WRITE, K_ATTRIBUTE };

static struct own *own_of(struct seen *s)
{
	if (s->own == NULL)
		s->own = ARENA_NEW(s->arena, struct own);
	return s->own;
}

/* ---- files ---- */

static bool register_df(struct seen *s, const struct script_step *t, const struct seen_data *data)
{
	struct own *o = own_of(s);
	if (o->registered || data->n < 4 || data->n > sizeof o->register_head ||
	    !seen_fixed(data, o->register_head, data->n) || data->n != 3U + o->register_head[2])
		return false;
	o->register_len = data->n;
	o->registered = true;
	s->df_size = (uint32_t)t->header[2] << 8 | t->header[3];
	return true;
}

/* FID, length and name are those that were registered; the rest of the name field is zero. */
static bool create_df(struct seen *s, const struct seen_data *data)
{
	struct own *o = own_of(s);
	uint8_t h[25];
	static const uint8_t zero[16];
	if (!o->registered || s->df_made || data->n != sizeof h || !seen_fixed(data, h, sizeof h) || h[2] > 16)
		return false;
	if (o->register_len != 3U + h[2] || memcmp(h, o->register_head, o->register_len) != 0 ||
	    memcmp(h + 3 + h[2], zero, 16U - h[2]) != 0)
		return false;
	s->df_made = true;
	s->df = (uint16_t)(h[0] << 8 | h[1]);
	s->name_len = h[2];
	memcpy(s->name, h + 3, h[2]);
	o->isf = (uint32_t)h[19] << 8 | h[20];
	/* Files and keys after the end of the creation: for nobody. No secure messaging. */
	s->anybody_may = h[21] != 0x5f || h[22] != 0x5f;
	s->loader_may = true; /* by the state of the MF, whatever the DF's header says */
	return h[23] == 0 && h[24] == 0;
}

static bool create_ef(struct seen *s, const struct seen_data *data)
{
	uint8_t h[16];
	if (!s->df_made || data->n != sizeof h || !seen_fixed(data, h, sizeof h))
		return false;
	if (h[9] != 0 || h[10] != 0 || h[11] != 0 || h[12] != 0 || h[13] != 0x81)
		return false;
	struct seen_file *f = seen_new_file(s, (uint16_t)(h[0] << 8 | h[1]), (uint32_t)h[14] << 8 | h[15]);
	if (f == NULL)
		return false;
	f->sfi = h[1] & 0x1f;
	if (f->sfi == 31)
		f->sfi = 0;
	memcpy(f->rule, h + 2, 7);
	f->rule_len = 7;
	return true;
}

/* ---- keys ---- */

static bool key_header(struct seen *s, const struct seen_data *data)
{
	struct own *o = own_of(s);
	uint8_t h[14];
	if (data->n != sizeof h || !seen_fixed(data, h, sizeof h) || h[1] != 0x0c || o->n_keys == SEEN_SECRETS)
		return false;
	for (size_t i = 0; i < o->n_keys; i++)
		if (o->key[i].header[K_KID] == h[2])
			return false;
	memcpy(o->key[o->n_keys++].header, h + 2, 12);
	o->isf_used += 12 + ((uint32_t)h[3] << 8 | h[4]);
	return o->isf_used <= o->isf;
}

/* The whole value in one command, for the header that came before. */
static bool key_value(struct seen *s, const struct seen_data *data)
{
	struct own *o = own_of(s);
	uint8_t h[5];
	if (o->n_keys == 0 || !seen_fixed(data, h, sizeof h) || h[1] != data->n - 2 || h[3] != 0 || h[4] != 0)
		return false;
	struct key *k = &o->key[o->n_keys - 1];
	if (k->value != NULL || h[2] != k->header[K_KID] || k->header[K_LENGTH_HIGH] != 0 ||
	    data->n - 5 != k->header[K_LENGTH])
		return false;
	k->value = seen_hole(data, 5);
	return k->value != NULL;
}

static bool write_key(struct seen *s, const struct seen_data *data)
{
	uint8_t tag;
	if (!s->df_made || !seen_fixed(data, &tag, 1))
		return false;
	return tag == 0xc1 ? key_header(s, data) : tag == 0xc2 && key_value(s, data);
}

static bool end(struct seen *s, const struct seen_data *data)
{
	uint8_t fid[2];
	if (!s->df_made || data->n != 2 || !seen_fixed(data, fid, 2))
		return false;
	s->active = true;
	return (fid[0] << 8 | fid[1]) == s->df;
}

static bool step(struct seen *s, const struct script_step *t, const struct seen_data *data)
{
	const uint8_t *h = t->header;
	if (h[0] != 0x80)
		return false;
	if (h[1] == 0x52)
		return register_df(s, t, data);
	if (h[1] == 0xf4 && h[2] == 0 && h[3] == 0)
		return write_key(s, data);
	if (h[1] != 0xe0 || h[3] != 0)
		return false;
	return h[2] == 1 ? create_df(s, data) : h[2] == 3 ? create_ef(s, data) : h[2] == 2 && end(s, data);
}

/* ---- conditions ---- */

/* A state of the DF is reached by the PINs that set it. A state of the MF is the loader's: 01; any other could be
 * anybody's. The initial state 10 would be everybody's. */
static bool condition(const struct own *o, uint8_t ac, struct seen_condition *out)
{
	*out = (struct seen_condition){SEEN_NEVER, 0};
	if (ac == 0x5f)
		return true;
	if (ac == 0x9f) {
		out->kind = SEEN_ALWAYS;
		return true;
	}
	if ((ac & 0xf0) != 0x10)
		return false;
	for (size_t i = 0; i < o->n_keys; i++)
		if (o->key[i].header[K_ATTRIBUTE] == 0x81 && o->key[i].header[K_STATE] == (ac & 0x0f)) {
			out->kind = SEEN_ANY_OF;
			out->refs |= UINT32_C(1) << (o->key[i].header[K_KID] & 0x1f);
		}
	return out->refs != 0;
}

static bool file_rules(const struct own *o, struct seen_file *f)
{
	for (size_t i = 0; i < f->rule_len; i++) {
		struct seen_condition c;
		if (!condition(o, f->rule[i], &c))
			return false;
		if (i == 0)
			f->op[FILE_READ] = c;
		else if (i == 1)
			f->op[FILE_UPDATE] = c;
		else if (c.kind != SEEN_NEVER)
			f->anything_else = true;
	}
	return true;
}

static bool local(uint8_t kid)
{
	return (kid & 0xe0) == 0x80 && (kid & 0x1f) != 0;
}

/* What is common to PINs and PUKs: may be used always, is never written again, counts from its limit. */
static bool proper(const uint8_t *h)
{
	return local(h[K_KID]) && h[K_USE] == 0x9f && h[K_WRITE] == 0 && h[K_7] == 0 && h[K_8] == 0 &&
	    h[K_TRIES] >> 4 == (h[K_TRIES] & 0x0f) && (h[K_TRIES] & 0x0f) != 0 && h[K_LENGTH_HIGH] == 0;
}

static bool pin(struct seen *s, const struct key *k)
{
	const uint8_t *h = k->header;
	if (s->n_pins == CONTRACT_PINS || !proper(h) || (h[K_AKD] & 0xf8) != 0x08)
		return false;
	/* States 00 and 01 open more than the AP; 10 is where the card begins. */
	if (h[K_STATE] < 0x02 || h[K_STATE] > 0x0f || (h[K_CHANGE] != 0x9f && h[K_CHANGE] != 0x5f))
		return false;
	s->pin[s->n_pins++] = (struct seen_pin){
	    .ref = h[K_KID] & 0x1f,
	    .min = (uint8_t)((h[K_AKD] & 0x07) + 1),
	    .max = h[K_LENGTH],
	    .tries = h[K_TRIES] & 0x0f,
	    .change = h[K_CHANGE] == 0x9f,
	    .verify = true,
	    .value = k->value,
	};
	return k->value != NULL;
}

/* b8-b4 of the state byte are the number of the PIN that is freed, 5 says that this is what the key is for. */
static bool puk(struct seen *s, const struct key *k)
{
	const uint8_t *h = k->header;
	if (!proper(h) || (h[K_STATE] & 0x07) != 0x05 || h[K_CHANGE] != 0x01 || h[K_AKD] != 0 || k->value == NULL)
		return false;
	for (size_t i = 0; i < s->n_pins; i++) {
		struct seen_pin *p = &s->pin[i];
		if (p->ref != h[K_STATE] >> 3 || p->puk)
			continue;
		p->puk = true;
		p->puk_length = h[K_LENGTH];
		p->puk_tries = h[K_TRIES] & 0x0f;
		p->puk_value = k->value;
		return true;
	}
	return false;
}

/* Files and the ISF fit into what was registered. */
static bool fits(const struct seen *s, const struct own *o)
{
	uint32_t sum = o->isf;
	for (size_t i = 0; i < s->n_files; i++)
		sum += s->file[i].size;
	return sum <= s->df_size;
}

static bool finish(struct seen *s)
{
	const struct own *o = own_of(s);
	if (!fits(s, o))
		return false;
	for (size_t i = 0; i < o->n_keys; i++)
		if (o->key[i].header[K_ATTRIBUTE] == 0x81 && !pin(s, &o->key[i]))
			return false;
	for (size_t i = 0; i < o->n_keys; i++)
		if (o->key[i].header[K_ATTRIBUTE] != 0x81 &&
		    (o->key[i].header[K_ATTRIBUTE] != 0x02 || !puk(s, &o->key[i])))
			return false;
	/* One local state: with two PINs each would make the card forget the other. */
	if (s->n_pins > 1)
		return false;
	for (size_t i = 0; i < s->n_files; i++)
		if (!file_rules(o, &s->file[i]))
			return false;
	return true;
}

const struct native_decoder decoder_starcos = {.name = "starcos", .step = step, .finish = finish};
