/* CAP files: as they are; and components one behind the other with the Directory's sizes made good, so that mutations
 * reach what is behind these checks. Whatever is accepted is disassembled and verified. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/rd.h"
#include "runtime/cap/disassemble.h"
#include "runtime/cap/verify/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void write_down(const struct cap *c, const struct cap_model *m)
{
	struct buf text = {0}, json = {0};
	struct json j = json_to(&json);
	cap_summary(c, true, &text);
	if (m != NULL)
		cap_disassemble(m, false, &text);
	json_put_object(&j, NULL);
	cap_json(c, m, &j);
	json_put_end(&j);
	assert(text.n != 0 && json.n != 0);
	buf_reset(&text);
	buf_reset(&json);
}

static void read_all(const uint8_t *p, size_t n)
{
	static struct cap c;
	struct cap_model m;
	struct diag_list d = {0};
	if (cap_open(&c, p, n, "input", &d)) {
		assert(d.n == 0);
		bool ok = cap_read(&m, &c, &d);
		assert(ok == (d.n == 0));
		write_down(&c, ok ? &m : NULL);
		if (ok) {
			bool sound = cap_verify(&m, NULL, &d);
			assert(sound == (d.n == 0));
		}
		cap_model_reset(&m);
	} else
		assert(d.n != 0);
	cap_close(&c);
	diag_reset(&d);
}

/* Sizes in the Directory, as the components have them; false when it is not even that. */
static bool repair(uint8_t *p, size_t n)
{
	struct rd r = rd_of(p, n);
	uint8_t *directory = NULL;
	size_t directory_size = 0;
	unsigned size[12] = {0};
	while (rd_left(&r) > 0) {
		unsigned tag = rd_u8(&r), length = rd_u16(&r);
		const uint8_t *info = rd_bytes(&r, length);
		if (r.bad || tag == 0 || tag > 13)
			return false;
		if (tag < 12)
			size[tag] = length;
		if (tag == 2) {
			directory = p + (info - p);
			directory_size = length;
		}
	}
	for (unsigned tag = 1; tag < 12 && directory != NULL && 2 * tag <= directory_size; tag++) {
		directory[2 * tag - 2] = (uint8_t)(size[tag] >> 8);
		directory[2 * tag - 1] = (uint8_t)size[tag];
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	read_all(data, n);
	uint8_t *copy = malloc(n + 1);
	assert(copy != NULL);
	if (n != 0)
		memcpy(copy, data, n);
	if (repair(copy, n))
		read_all(copy, n);
	free(copy);
	return 0;
}
