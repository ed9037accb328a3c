#include "runtime/cap/read.h"

#include <string.h>

struct cap_reader cap_reader_of(const struct cap *c, enum component_tag tag, struct diag_list *d)
{
	struct buf info = cap_info(c, tag);
	return (struct cap_reader){.cap = c, .tag = tag, .r = rd_of(info.p, info.n), .d = d};
}

bool cap_ends(struct cap_reader *in, const char *what)
{
	return diag_add(in->d, cap_at(in->cap), DIAG_CAP_ENDS, component_name(in->tag), what, diag_num(in->r.n), NULL);
}

bool cap_wrong(struct cap_reader *in, size_t at, const char *what, uintmax_t is, uintmax_t must)
{
	char place[64];
	snprintf(place, sizeof place, "%s@%zu", component_name(in->tag), at);
	return diag_add(in->d, cap_at(in->cap), DIAG_CAP_VALUE, place, what, diag_num(is), diag_num(must), NULL);
}

bool cap_beyond(struct cap_reader *in, size_t at, const char *what, uintmax_t is, uintmax_t limit)
{
	char place[64];
	snprintf(place, sizeof place, "%s@%zu", component_name(in->tag), at);
	return diag_add(in->d, cap_at(in->cap), DIAG_CAP_BEYOND, place, what, diag_num(is), diag_num(limit), NULL);
}

bool cap_bad(struct cap_reader *in, size_t at, const char *what, uintmax_t is)
{
	char place[64];
	snprintf(place, sizeof place, "%s@%zu", component_name(in->tag), at);
	return diag_add(in->d, cap_at(in->cap), DIAG_CAP_BAD, place, what, diag_num(is), NULL);
}

bool cap_whole(struct cap_reader *in)
{
	if (rd_left(&in->r) == 0)
		return true;
	return diag_add(in->d, cap_at(in->cap), DIAG_CAP_REST, component_name(in->tag), diag_num(rd_left(&in->r)),
	    diag_num(in->r.at), NULL);
}

bool cap_read_aid(struct cap_reader *in, struct cap_aid *aid)
{
	size_t at = in->r.at, n = rd_u8(&in->r);
	const uint8_t *p = rd_bytes(&in->r, n);
	if (in->r.bad)
		return cap_ends(in, "AID");
	if (n < CAP_AID_MIN || n > CAP_AID_MAX)
		return diag_add(
		    in->d, cap_at(in->cap), DIAG_CAP_AID, component_name(in->tag), diag_num(at), diag_num(n), NULL);
	aid->n = (uint8_t)n;
	memcpy(aid->p, p, n);
	return true;
}
