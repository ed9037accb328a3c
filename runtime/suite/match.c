#include "runtime/suite/match.h"

#include <string.h>

#include "runtime/base/tlv.h"

static bool same(const uint8_t *a, size_t n, const uint8_t *b, size_t m)
{
	return n == m && (n == 0 || memcmp(a, b, n) == 0);
}

static bool find(struct answer a, uint32_t tag, struct rd *value)
{
	struct rd fci;
	return tlv_find(rd_of(a.data, a.n), TAG_FCI, &fci) && tlv_find(fci, tag, value);
}

bool match_fci(struct answer a, const uint8_t *aid, size_t aid_len)
{
	struct rd name;
	return find(a, TAG_DF_NAME, &name) && same(name.p, name.n, aid, aid_len);
}

static bool match_word(const struct program_expect *e, sw_t sw)
{
	if (e->match == MATCH_SW)
		return ((sw ^ e->sw) & e->mask) == 0;
	/* A card fault is equal to nothing, not even to itself. */
	enum sw_class class = sw_class(sw);
	return class != SW_CLASS_CARD_FAULT && class == e->class;
}

bool match_one(const struct suite *s, const struct program_expect *e, struct answer a, const struct buf *exact)
{
	if (e->match == MATCH_ANY)
		return true;
	if (!match_word(e, a.sw))
		return false;
	switch (e->data) {
	case DATA_NONE:
		return a.n == 0;
	case DATA_EXACT:
		return !exact->bad && same(a.data, a.n, exact->p, exact->n);
	case DATA_LENGTH:
		return a.n == e->length;
	case DATA_FCI:
		return match_fci(a, s->aid, s->aid_len);
	case DATA_ANY:
		return true;
	}
	return false;
}

static bool equal_fci(struct answer a, struct answer b)
{
	static const uint32_t tags[] = {TAG_DF_NAME, TAG_FID, TAG_SFI};
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
		struct rd x, y;
		bool in_a = find(a, tags[i], &x), in_b = find(b, tags[i], &y);
		if (tags[i] == TAG_DF_NAME && !(in_a && in_b))
			return false;
		if (in_a && in_b && !same(x.p, x.n, y.p, y.n))
			return false;
	}
	return true;
}

bool match_equal(struct answer a, struct answer b, bool fci, bool alternatives)
{
	enum sw_class class = sw_class(a.sw);
	if (class == SW_CLASS_CARD_FAULT)
		return false;
	if (class != sw_class(b.sw))
		return alternatives;
	if (class == SW_CLASS_MISMATCH && a.sw != b.sw) /* the count matters */
		return false;
	return fci ? equal_fci(a, b) : same(a.data, a.n, b.data, b.n);
}
