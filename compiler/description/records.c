/* records, record, data, counter. */
#include "compiler/description/build.h"

#include <string.h>

/* --- records ----------------------------------------------------------------------------------------------------- */

/* A slot of the content: length (big-endian), then record_length bytes. */
enum { SLOT_HEAD = 2 };

static uint32_t slot_size(const struct contract_file *f)
{
	return SLOT_HEAD + (uint32_t)f->record_length;
}

static void slot_length(uint8_t *slot, uint32_t length)
{
	if (slot == NULL)
		return;
	slot[0] = (uint8_t)(length >> 8);
	slot[1] = (uint8_t)length;
}

/* How many records are written: 1, 2, 3, ... each once, in this order. */
static uint16_t count_records(struct build *b, const struct contract_file *f, const struct node *n)
{
	uint16_t count = 0;
	for (const struct node *k = n->child; k != NULL; k = k->next) {
		if (!node_has(k, ATTR_RECORD_N))
			return count;
		uint32_t number = node_number(k, ATTR_RECORD_N);
		if (number != count + 1u) {
			diag_add(b->d, AT(k, RECORD_N), DIAG_RECORD_ORDER, f->id, diag_num(number),
			    diag_num(count + 1u), NULL);
			return count;
		}
		if (number > f->record_count) {
			if (f->record_count != 0)
				diag_add(b->d, AT(k, RECORD_N), DIAG_RECORD_COUNT, f->id, diag_num(number),
				    diag_num(f->record_count), NULL);
			return count;
		}
		count++;
	}
	return count;
}

static void build_record(struct build *b, struct contract_file *f, const struct node *n, uint16_t number, uint8_t *slot)
{
	struct region r = {.file = (uint16_t)(f - b->c->file),
	    .record = number,
	    .size = f->record_length,
	    .content = slot == NULL ? NULL : slot + SLOT_HEAD,
	    .name = f->id};
	uint32_t end = fields_build(b, &r, n);
	slot_length(slot, f->structure == FILE_LINEAR_VARIABLE ? end : f->record_length);
}

void records_build(struct build *b, const struct part *p)
{
	static const struct file_slots slots = {ATTR_RECORDS_ID, ATTR_RECORDS_FID, ATTR_RECORDS_SFI,
	    ATTR_RECORDS_LENGTH, {ATTR_RECORDS_READ, ATTR_RECORDS_UPDATE, ATTR_RECORDS_APPEND, ATTRIBUTES, ATTRIBUTES}};
	static const uint8_t structure[] = {FILE_LINEAR_FIXED, FILE_LINEAR_VARIABLE, FILE_CYCLIC};
	const struct node *n = p->node;
	struct contract_file *f = file_new(b, p, &slots);
	if (f == NULL)
		return;
	uint16_t i = (uint16_t)(f - b->c->file);
	f->structure = structure[node_number(n, ATTR_RECORDS_STRUCTURE)];
	f->record_length = (uint16_t)node_number(n, ATTR_RECORDS_LENGTH);
	f->record_count = (uint16_t)node_number(n, ATTR_RECORDS_COUNT);
	b->w->file[i].structure = AT(n, RECORDS_STRUCTURE);
	b->w->file[i].count = AT(n, RECORDS_COUNT);
	b->w->file[i].fill = AT(n, RECORDS_FILL);
	uint16_t written = count_records(b, f, n);
	/* Where nobody can append, what is not there at first would never be. */
	f->records = node_slot(n, ATTR_RECORDS_APPEND)->src == NULL ? f->record_count : written;
	f->size = f->records * slot_size(f);
	uint8_t *slot = file_reserve(b, f, (uint8_t)node_number(n, ATTR_RECORDS_FILL), AT(n, RECORDS_COUNT));
	const struct node *k = n->child;
	for (uint16_t r = 1; r <= f->records; r++) {
		uint8_t *at = slot == NULL ? NULL : slot + (r - 1u) * slot_size(f);
		if (r <= written)
			build_record(b, f, k, r, at);
		else
			slot_length(at, f->structure == FILE_LINEAR_VARIABLE ? 0 : f->record_length);
		k = k == NULL ? NULL : k->next;
	}
}

/* --- data objects ------------------------------------------------------------------------------------------------ */

/* BER-TLV tags in P1-P2 (ISO/IEC 7816-4:2020, 11.4.2 and ISO/IEC 8825-1, 8.1.2): one byte 40 to FE, not with all number
 * bits set; or two bytes, the first with all number bits set, the second 1F to 7F. */
static bool valid_tag(const struct slot *s)
{
	uint32_t first = s->bytes[0];
	if (s->n == 1)
		return first >= 0x40 && (first & 0x1f) != 0x1f;
	return first >= 0x40 && (first & 0x1f) == 0x1f && s->bytes[1] >= 0x1f && s->bytes[1] <= 0x7f;
}

void data_build(struct build *b, const struct part *p)
{
	static const struct file_slots slots = {ATTR_DATA_ID, ATTR_DATA_TAG, ATTRIBUTES, ATTR_DATA_MAX,
	    {ATTR_DATA_READ, ATTR_DATA_UPDATE, ATTRIBUTES, ATTRIBUTES, ATTRIBUTES}};
	const struct node *n = p->node;
	struct contract_file *f = file_new(b, p, &slots);
	if (f == NULL)
		return;
	f->structure = FILE_DATA_OBJECT;
	f->tag = (uint16_t)node_number(n, ATTR_DATA_TAG);
	f->size = node_number(n, ATTR_DATA_MAX);
	if (node_has(n, ATTR_DATA_TAG) && !valid_tag(node_slot(n, ATTR_DATA_TAG)))
		diag_add(b->d, AT(n, DATA_TAG), DIAG_DATA_TAG, f->id, node_text(n, ATTR_DATA_TAG), NULL);
	uint8_t *content = file_reserve(b, f, 0, AT(n, DATA_MAX));
	struct region r = {.file = (uint16_t)(f - b->c->file), .size = f->size, .content = content, .name = f->id};
	f->length = (uint16_t)fields_build(b, &r, n);
}

/* --- counters ---------------------------------------------------------------------------------------------------- */

static void check_bounds(struct build *b, const struct node *n, const struct contract_file *f, uint32_t initial)
{
	uint32_t most = f->size == 4 ? UINT32_MAX : (UINT32_C(1) << 8 * f->size) - 1;
	if (f->size == 0 || !node_has(n, ATTR_COUNTER_MAX) || !node_has(n, ATTR_COUNTER_MIN))
		return; /* reported */
	if (f->min >= f->max || f->max > most) {
		diag_add(b->d, AT(n, COUNTER_MAX), DIAG_COUNTER_BOUNDS, f->id, diag_num(f->min), diag_num(f->max),
		    diag_num(most), NULL);
		return;
	}
	if (initial < f->min || initial > f->max)
		diag_add(b->d, AT(n, COUNTER_INITIAL), DIAG_COUNTER_INITIAL, f->id, diag_num(initial), diag_num(f->min),
		    diag_num(f->max), NULL);
}

/* A counter whose first value comes with the card: a field as wide as the counter, with the counter's own name. */
static void build_source(struct build *b, const struct node *n, uint16_t i)
{
	struct contract *c = b->c;
	if (!room(b, n, c->n_fields, CONTRACT_FIELDS))
		return;
	uint16_t k = c->n_fields++;
	struct contract_field *f = &c->field[k];
	b->field[k] = n;
	*f = (struct contract_field){
	    .file = i, .length = c->file[i].size, .format = FORMAT_BINARY, .pad = -1, .value = CONTRACT_NONE};
	b->w->field[k].element = b->w->field[k].offset = b->w->field[k].length = b->w->field[k].format = n->xml->at;
	b->w->field[k].value = AT(n, COUNTER_SOURCE);
	struct contract_value v = {.kind = VALUE_FIELD,
	    .target = k,
	    .min = (uint16_t)f->length,
	    .max = (uint16_t)f->length,
	    .format = FORMAT_BINARY};
	struct value_slot slot = {ATTR_COUNTER_SOURCE, 1u << SOURCE_CSV | 1u << SOURCE_CALLER, f->id, ""};
	f->value = value_add(b, n, &slot, &v);
}

void counter_build(struct build *b, const struct part *p)
{
	static const struct file_slots slots = {ATTR_COUNTER_ID, ATTR_COUNTER_FID, ATTR_COUNTER_SFI, ATTR_COUNTER_WIDTH,
	    {ATTR_COUNTER_READ, ATTRIBUTES, ATTRIBUTES, ATTR_COUNTER_INCREASE, ATTR_COUNTER_DECREASE}};
	const struct node *n = p->node;
	bool source = node_slot(n, ATTR_COUNTER_SOURCE)->src != NULL;
	struct contract_file *f = file_new(b, p, &slots);
	if (f == NULL)
		return;
	f->structure = FILE_COUNTER;
	f->size = node_number(n, ATTR_COUNTER_WIDTH);
	f->min = node_number(n, ATTR_COUNTER_MIN);
	f->max = node_number(n, ATTR_COUNTER_MAX);
	f->increase_ins = (uint8_t)node_number(n, ATTR_COUNTER_INCREASE_INS);
	f->decrease_ins = (uint8_t)node_number(n, ATTR_COUNTER_DECREASE_INS);
	uint32_t initial = node_has(n, ATTR_COUNTER_INITIAL) ? node_number(n, ATTR_COUNTER_INITIAL) : f->min;
	check_bounds(b, n, f, initial);
	uint8_t *content = file_reserve(b, f, 0, AT(n, COUNTER_WIDTH));
	for (uint32_t k = 0; content != NULL && k < f->size; k++)
		content[k] = (uint8_t)(initial >> 8 * (f->size - 1 - k));
	if (source && node_slot(n, ATTR_COUNTER_INITIAL)->src != NULL)
		diag_add(b->d, AT(n, COUNTER_SOURCE), DIAG_COUNTER_TWO_VALUES, f->id, NULL);
	else if (source)
		build_source(b, n, (uint16_t)(f - b->c->file));
}
