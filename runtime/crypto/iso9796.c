/* | 01 | more | 0… | padding B…BA in half bytes | M1 | hash | BC | */
#include "runtime/crypto/iso9796.h"

#include <string.h>

enum { HEADER = 0x40, MORE = 0x20, LAST = 0x0A, FILL = 0x0B, TRAILER = 0xBC };

size_t iso9796_capacity(enum digest_algorithm hash, size_t n)
{
	size_t h = digest_length(hash);
	return h == 0 || n < h + 2 ? 0 : n - h - 2;
}

bool iso9796_pad(enum digest_algorithm hash, const uint8_t *digest, const uint8_t *m1, size_t m1_len, bool more,
    uint8_t *out, size_t n)
{
	size_t h = digest_length(hash), room = iso9796_capacity(hash, n);
	if (h == 0 || n < h + 2 || m1_len > room || (more && m1_len < room))
		return false;
	size_t at = n - 1 - h - m1_len; /* of m1; at least 1 */
	memset(out, FILL << 4 | FILL, at);
	out[at - 1] = FILL << 4 | LAST;
	out[0] = (uint8_t)(HEADER | (more ? MORE : 0) | (at == 1 ? LAST : FILL));
	if (m1_len > 0)
		memcpy(out + at, m1, m1_len);
	memcpy(out + n - 1 - h, digest, h);
	out[n - 1] = TRAILER;
	return true;
}

bool iso9796_open(enum digest_algorithm hash, const uint8_t *in, size_t n, struct iso9796 *out)
{
	size_t h = digest_length(hash), at = 1;
	if (h == 0 || n < h + 2 || in[n - 1] != TRAILER || (in[0] & 0xD0) != HEADER)
		return false;
	if ((in[0] & 0x0F) == FILL) {
		while (at < n - 1 - h && in[at] == (FILL << 4 | FILL))
			at++;
		if (at == n - 1 - h || in[at++] != (FILL << 4 | LAST))
			return false;
	} else if ((in[0] & 0x0F) != LAST)
		return false;
	*out = (struct iso9796){in + at, in + n - 1 - h, n - 1 - h - at, (in[0] & MORE) != 0};
	return true;
}
