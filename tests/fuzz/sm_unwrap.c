/* Fuzz target: the terminal's side of secure messaging gets any answer of a card.
 *
 * input: | 1 what: b1 triple DES, b2 the command had an odd INS, b4-b3 mode | the answer |
 *
 * No answer is good that was not made with the session's keys, except in jicsap-86, which has no MAC; and after one
 * that is not good the session says nothing any more. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/sw.h"
#include "runtime/sm/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Keys of the examples; ICAO Doc 9303-11 appendix D.4 for triple DES. */
static const uint8_t aes_keys[2][16] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31}};
static const uint8_t des_keys[2][16] = {
    {0x97, 0x9e, 0xc1, 0x3b, 0x1c, 0xbf, 0xe9, 0xdc, 0xd0, 0x1a, 0xb0, 0xfe, 0xd3, 0x07, 0xea, 0xe5},
    {0xf1, 0xcb, 0x1f, 0x1f, 0xb5, 0xad, 0xf2, 0x08, 0x80, 0x6b, 0x89, 0xdc, 0x57, 0x9d, 0xc1, 0xf8}};
static const uint8_t des_ssc[8] = {0x88, 0x70, 0x22, 0x12, 0x0c, 0x06, 0xc2, 0x26}, aes_ssc[16];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf cmd = {0}, plain = {0};
	if (size == 0 || size > 70000)
		return 0;
	bool des = (data[0] & 1) != 0;
	enum sm_mode mode = (data[0] >> 2 & 3) % 3;
	struct sm_session *s = des ? sm_session_new(SM_BAC_3DES, des_keys[0], des_keys[1], 16, des_ssc)
				   : sm_session_new(SM_BAC_AES, aes_keys[0], aes_keys[1], 16, aes_ssc);
	const struct apdu a = {.ins = (data[0] & 2) != 0 ? 0xb1 : 0xb0, .has_le = true, .le = 256};
	if (s == NULL || !sm_wrap(s, mode, &a, &cmd))
		abort();
	enum sm_answer k = sm_unwrap(s, data + 1, size - 1, &plain);
	switch (k) {
	case SM_ANSWER_GOOD:
		assert(plain.n >= 2 && plain.n < size + 1);
		assert(memcmp(plain.p + plain.n - 2, data + size - 2, 2) == 0);
		break;
	case SM_ANSWER_PLAIN:
		assert(size == 3 && plain.n == 2);
		break;
	case SM_ANSWER_WRONG:
		assert(plain.n == 0);
		break;
	}
	buf_clear(&cmd);
	assert(sm_wrap(s, mode, &a, &cmd) == (k == SM_ANSWER_GOOD));
	sm_session_free(s);
	buf_reset(&cmd);
	buf_reset(&plain);
	return 0;
}
