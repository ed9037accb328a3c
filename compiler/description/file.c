/* file, and what files of all kinds have in common. */
#include "compiler/description/build.h"

#include <stdio.h>
#include <string.h>

/* Bytes that this element puts into the pool at the most; the bytes of literals in commands are less than their text.
 */
static size_t content_of(const struct node *n)
{
	switch (n->element) {
	case ELEMENT_FILE:
		return node_number(n, ATTR_FILE_SIZE);
	case ELEMENT_RECORDS:
		return (size_t)node_number(n, ATTR_RECORDS_COUNT) * (2 + node_number(n, ATTR_RECORDS_LENGTH));
	case ELEMENT_DATA:
		return node_number(n, ATTR_DATA_MAX);
	case ELEMENT_COUNTER:
		return 4;
	case ELEMENT_COMPARE:
	case ELEMENT_INCREASE:
	case ELEMENT_DECREASE:
	case ELEMENT_PART:
	case ELEMENT_COPY:
	case ELEMENT_RESPOND:
		return 2 * 256;
	default:
		return 0;
	}
}

static size_t pool_of(const struct node *n)
{
	size_t sum = content_of(n);
	for (const struct node *k = n->child; k != NULL; k = k->next)
		sum += pool_of(k);
	return sum;
}

uint32_t files_pool(const struct node *root)
{
	size_t n = pool_of(root);
	return n < CONTRACT_POOL ? (uint32_t)n : CONTRACT_POOL;
}

static struct srcloc at_or_element(const struct node *n, enum attribute a)
{
	return a == ATTRIBUTES ? n->xml->at : node_at(n, a);
}

static void build_access(struct build *b, uint16_t i, const struct part *p, const struct file_slots *s)
{
	struct contract_file *f = &b->c->file[i];
	for (int op = 0; op < FILE_OPS; op++) {
		b->w->file[i].rule[op] = at_or_element(p->node, s->access[op]);
		if (s->access[op] == ATTRIBUTES)
			continue;
		b->access[i][op] = rule_compile(b, p->node, s->access[op], p->df);
		f->rule[op] = rule_node(b->access[i][op]);
	}
}

struct contract_file *file_new(struct build *b, const struct part *p, const struct file_slots *s)
{
	const struct node *n = p->node;
	if (!room(b, n, b->c->n_files, CONTRACT_FILES))
		return NULL;
	uint16_t i = b->c->n_files++;
	struct contract_file *f = &b->c->file[i];
	b->file[i] = n;
	snprintf(f->id, sizeof f->id, "%s", node_name(n, s->id));
	f->df = p->df;
	f->fid = s->sfi == ATTRIBUTES ? 0 : (uint16_t)node_number(n, s->fid);
	f->sfi = s->sfi == ATTRIBUTES ? 0 : (uint8_t)node_number(n, s->sfi);
	b->w->file[i].element = b->w->file[i].fill = b->w->file[i].count = b->w->file[i].structure = n->xml->at;
	b->w->file[i].fid = node_at(n, s->fid);
	b->w->file[i].sfi = at_or_element(n, s->sfi);
	b->w->file[i].size = node_at(n, s->size);
	build_access(b, i, p, s);
	return f;
}

uint8_t *file_reserve(struct build *b, struct contract_file *f, uint8_t fill, struct srcloc at)
{
	struct contract *c = b->c;
	if (f->size > b->pool_cap - c->pool_len) {
		diag_add(b->d, at, DIAG_CONTENT_TOO_BIG, f->id, diag_num(c->pool_len + f->size),
		    diag_num(CONTRACT_POOL), NULL);
		f->content = (uint32_t)b->pool_cap; /* nowhere */
		return NULL;
	}
	f->content = c->pool_len;
	memset(c->pool + f->content, fill, f->size);
	c->pool_len += f->size;
	return c->pool + f->content;
}

static void build_file(struct build *b, const struct part *p)
{
	static const struct file_slots slots = {ATTR_FILE_ID, ATTR_FILE_FID, ATTR_FILE_SFI, ATTR_FILE_SIZE,
	    {ATTR_FILE_READ, ATTR_FILE_UPDATE, ATTRIBUTES, ATTRIBUTES, ATTRIBUTES}};
	const struct node *n = p->node;
	struct contract_file *f = file_new(b, p, &slots);
	if (f == NULL)
		return;
	uint16_t i = (uint16_t)(f - b->c->file);
	f->structure = FILE_TRANSPARENT;
	f->size = node_number(n, ATTR_FILE_SIZE);
	b->w->file[i].fill = AT(n, FILE_FILL);
	uint8_t *content = file_reserve(b, f, (uint8_t)node_number(n, ATTR_FILE_FILL), AT(n, FILE_SIZE));
	struct region r = {.file = i, .size = f->size, .content = content, .name = f->id};
	fields_build(b, &r, n);
}

void files_build(struct build *b)
{
	for (const struct part *p = b->parts; p != NULL; p = p->next) {
		if (p->node->element == ELEMENT_FILE)
			build_file(b, p);
		else if (p->node->element == ELEMENT_RECORDS)
			records_build(b, p);
		else if (p->node->element == ELEMENT_DATA)
			data_build(b, p);
		else if (p->node->element == ELEMENT_COUNTER)
			counter_build(b, p);
	}
}
