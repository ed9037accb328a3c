#include "runtime/cap/cap.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/cap/read.h"

bool cap_open(struct cap *c, const uint8_t *p, size_t n, const char *file, struct diag_list *d)
{
	memset(c, 0, sizeof *c);
	c->file = strdup(file);
	if (c->file == NULL)
		return diag_add(d, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	return cap_unpack(c, p, n, d) && cap_read_names(c, d);
}

void cap_close(struct cap *c)
{
	for (size_t tag = 0; tag < COMPONENT_TAGS; tag++)
		buf_reset(&c->component[tag]);
	free(c->file);
	c->file = NULL;
}

struct buf cap_info(const struct cap *c, enum component_tag tag)
{
	const struct buf *all = &c->component[tag];
	return all->n < 3 ? (struct buf){0} : (struct buf){.p = all->p + 3, .n = all->n - 3};
}

void cap_load_data(const struct cap *c, bool descriptor, struct buf *out)
{
	for (size_t i = 0; i < COMPONENTS_LOADED; i++) {
		const struct buf *one = &c->component[component_load_order[i]];
		if (component_load_order[i] != COMPONENT_Descriptor || descriptor)
			buf_add(out, one->p, one->n);
	}
}

/* Not tlv_put: a load file may be longer than the two bytes of length that ISO/IEC 7816-4 data objects need. */
static void put_length(struct buf *out, size_t n)
{
	unsigned bytes = n < 0x80 ? 0 : n < 0x100 ? 1 : n < 0x10000 ? 2 : 3;
	if (bytes > 0)
		buf_u8(out, 0x80 | bytes);
	for (unsigned i = bytes == 0 ? 1 : bytes; i-- > 0;)
		buf_u8(out, (unsigned)(n >> 8 * i) & 0xff);
}

void cap_load_file(const struct cap *c, bool descriptor, struct buf *out)
{
	struct buf data = {0};
	cap_load_data(c, descriptor, &data);
	buf_u8(out, 0xC4);
	put_length(out, data.n);
	buf_add(out, data.p, data.n);
	out->bad |= data.bad;
	buf_reset(&data);
}

struct srcloc cap_at(const struct cap *c)
{
	return (struct srcloc){.file = c->file};
}
