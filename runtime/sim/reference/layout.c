#include "runtime/sim/reference/card.h"

#include <assert.h>
#include <string.h>

/* memory, behind the log (NV_HOME), numbers in host byte order:
 *
 *   | 4 "IGRC" | 1 layout version | 1 life | 1 pending | 1 00 | 4 pending at | 4 pending n |
 *   | contract | delivered, one byte a value | PIN records (pin.c) | key records (key.c) | bodies of the files |
 * scratch |
 *
 * The body of a transparent EF or a counter is its content; records.c and data.c draw theirs.
 *
 * pending 01: the first n bytes of scratch belong at `at`; a change longer than the log is made this way.
 */
enum {
	HEADER = 16,
	AT_MAGIC = NV_HOME,
	AT_VERSION = NV_HOME + 4,
	AT_LIFE = NV_HOME + 5,
	AT_PENDING = NV_HOME + 6,
	AT_PENDING_AT = NV_HOME + 8,
	AT_PENDING_N = NV_HOME + 12,
	AT_CONTRACT = NV_HOME + HEADER,
	VERSION = 2,
	PENDING = 1,
	LOG_ROOM = NV_LOG_SIZE - NV_LOG_HEADER - 2 * NV_ENTRY_HEADER, /* a change in two pieces that fits the log */
};

static const uint8_t magic[4] = {'I', 'G', 'R', 'C'};

static uint32_t get32(const struct nv *nv, uint32_t at)
{
	uint32_t v;
	memcpy(&v, nv->mem + at, sizeof v);
	return v;
}

static uint32_t body_size(const struct contract_file *f)
{
	if (file_is_records(f))
		return records_size(f);
	return f->structure == FILE_DATA_OBJECT ? data_size(f) : f->size;
}

/* The longest stretch of a file that one command can change in place: of records one, with its length. */
static uint32_t longest_stretch(const struct contract_file *f)
{
	return file_is_records(f) ? 2 + (uint32_t)f->record_length : body_size(f);
}

/* The longest stretch that one command can write: a per-card field, or with extended APDUs a whole file. */
static uint32_t longest_change(const struct contract *ap)
{
	uint32_t n = 0;
	for (uint16_t i = 0; ap->extended && i < ap->n_files; i++)
		if (longest_stretch(&ap->file[i]) > n)
			n = longest_stretch(&ap->file[i]);
	for (uint16_t i = 0; i < ap->n_values; i++) {
		if (ap->value[i].kind != VALUE_FIELD)
			continue;
		const struct contract_field *f = &ap->field[ap->value[i].target];
		if (f->length > n)
			n = f->length;
	}
	return n;
}

void layout_of(const struct contract *ap, struct layout *out)
{
	uint32_t at = AT_CONTRACT + (ap->size + 15) / 16 * 16;
	out->values = at;
	at += ap->n_values;
	out->pins = at;
	at += ap->n_pins * (uint32_t)PIN_RECORD;
	for (uint16_t i = 0; i < ap->n_keys; i++) {
		out->keys[i] = at;
		at += apkey_record_size(&ap->key[i]);
	}
	out->bodies = at;
	for (uint16_t i = 0; i < ap->n_files; i++) {
		out->files[i] = at;
		at += body_size(&ap->file[i]);
	}
	uint32_t longest = longest_change(ap);
	out->scratch = at;
	out->scratch_size = longest > LOG_ROOM ? longest : 0;
	out->end = at + out->scratch_size;
}

static void deliver_file(struct nv *nv, const struct contract *ap, const struct contract_file *f, uint32_t at)
{
	if (file_is_records(f))
		records_deliver(nv, ap, f, at);
	else if (f->structure == FILE_DATA_OBJECT)
		data_deliver(nv, ap, f, at);
	else
		nv_write(nv, at, ap->pool + f->content, f->size);
}

void layout_deliver(struct nv *nv, const struct contract *ap)
{
	struct layout at;
	layout_of(ap, &at);
	nv_write(nv, AT_CONTRACT, ap, ap->size);
	for (uint16_t i = 0; i < ap->n_pins; i++)
		pin_deliver(nv, &ap->pin[i], at.pins + i * (uint32_t)PIN_RECORD);
	for (uint16_t i = 0; i < ap->n_keys; i++)
		apkey_deliver(nv, &ap->key[i], at.keys[i]);
	for (uint16_t i = 0; i < ap->n_files; i++)
		deliver_file(nv, ap, &ap->file[i], at.files[i]);
	const uint8_t version = VERSION;
	nv_write(nv, AT_VERSION, &version, 1);
	layout_set_life(nv, LIFE_PERSONALISATION);
	nv_write(nv, AT_MAGIC, magic, sizeof magic);
}

const struct contract *layout_contract_at(const struct nv *nv)
{
	const void *p = nv->mem + AT_CONTRACT;
	return p;
}

const struct contract *layout_contract(const struct nv *nv)
{
	if (nv->size < AT_CONTRACT + sizeof(struct contract) || memcmp(nv->mem + AT_MAGIC, magic, sizeof magic) != 0 ||
	    nv->mem[AT_VERSION] != VERSION)
		return NULL;
	const struct contract *ap = layout_contract_at(nv);
	if (ap->size > nv->size - AT_CONTRACT || !contract_valid(ap, ap->size))
		return NULL;
	struct layout at;
	layout_of(ap, &at);
	return at.end <= nv->size ? ap : NULL;
}

enum life layout_life(const struct nv *nv)
{
	/* Anything else opens nothing. */
	switch (nv->mem[AT_LIFE]) {
	case LIFE_OPERATIONAL:
	case LIFE_BLOCKED:
	case LIFE_TERMINATED:
		return nv->mem[AT_LIFE];
	default:
		return LIFE_PERSONALISATION;
	}
}

void layout_set_life(struct nv *nv, enum life life)
{
	const uint8_t v = (uint8_t)life;
	nv_write(nv, AT_LIFE, &v, 1);
}

static void set_pending(struct nv *nv, uint8_t v)
{
	nv_write(nv, AT_PENDING, &v, 1);
}

static void apply_pending(struct card *c)
{
	nv_write(c->nv, get32(c->nv, AT_PENDING_AT), c->nv->mem + c->session->at.scratch, get32(c->nv, AT_PENDING_N));
	set_pending(c->nv, 0);
}

/* Inside the bodies of the files? Only a memory that came from elsewhere can say otherwise. */
static bool pending_fits(const struct card *c)
{
	const struct layout *l = &c->session->at;
	uint32_t at = get32(c->nv, AT_PENDING_AT), n = get32(c->nv, AT_PENDING_N);
	return n <= l->scratch_size && at >= l->bodies && at <= l->scratch && n <= l->scratch - at;
}

void layout_recover(struct card *c)
{
	if (c->nv->mem[AT_PENDING] == PENDING && pending_fits(c))
		apply_pending(c);
}

/* Nothing refers to scratch until `pending` is set, which is one byte; from then on power-up finishes it. */
static bool change_through_scratch(
    struct card *c, uint32_t at, const uint8_t *p, uint32_t n, uint8_t fill, uint32_t n_fill)
{
	const uint32_t all = n + n_fill, scratch = c->session->at.scratch;
	assert(all <= c->session->at.scratch_size);
	nv_write(c->nv, scratch, p, n);
	nv_fill(c->nv, scratch + n, fill, n_fill);
	nv_write(c->nv, AT_PENDING_AT, &at, sizeof at);
	nv_write(c->nv, AT_PENDING_N, &all, sizeof all);
	set_pending(c->nv, PENDING);
	if (c->nv->off)
		return false;
	apply_pending(c);
	return true;
}

bool layout_change(struct card *c, uint32_t at, const uint8_t *p, uint32_t n, uint8_t fill, uint32_t n_fill)
{
	if (n + n_fill > LOG_ROOM)
		return change_through_scratch(c, at, p, n, fill, n_fill);
	nv_begin(c->nv);
	nv_write(c->nv, at, p, n);
	nv_fill(c->nv, at + n, fill, n_fill);
	return nv_commit(c->nv);
}

uint32_t layout_field(const struct card *c, const struct contract_field *f)
{
	const struct contract_file *file = &c->ap->file[f->file];
	if (file_is_records(file))
		return records_at(c, f->file, f->record) + f->offset;
	return c->session->at.files[f->file] + (file->structure == FILE_DATA_OBJECT ? DATA_HEADER : 0) + f->offset;
}

sw_t layout_done(bool committed)
{
	return committed ? SW_OK : SW_MEMORY_FAILURE;
}
