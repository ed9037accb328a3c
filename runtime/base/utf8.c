#include "runtime/base/utf8.h"

size_t utf8_next(const uint8_t *p, size_t n, uint32_t *cp)
{
	/* Least code point of each length: a longer form of a smaller one is refused (RFC 3629, 3). */
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	if (n == 0)
		return 0;
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
	if (len == 0 || len > n)
		return 0;
	uint32_t v = len == 1 ? p[0] : p[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (p[i] & 0x3f);
	}
	if (v < least[len] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return 0;
	if (cp != NULL)
		*cp = v;
	return len;
}

size_t utf8_valid(const uint8_t *p, size_t n)
{
	size_t at = 0;
	for (size_t len; at < n && (len = utf8_next(p + at, n - at, NULL)) != 0;)
		at += len;
	return at;
}
