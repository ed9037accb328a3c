/* Command scripts: whatever is accepted can be written, and what was written is read back as the same text. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "runtime/image/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct script s = {0}, again = {0};
	struct diag_list d = {0};
	struct buf first = {0}, second = {0};
	if (script_read(&s, data, n, "script", &d)) {
		assert(d.n == 0);
		script_write(&s, &first);
		/* Digits in lower case come out in upper case, so a full line may not be longer than it was. */
		assert(script_read(&again, first.p, first.n, "script", &d));
		script_write(&again, &second);
		assert(first.n == second.n && memcmp(first.p, second.p, first.n) == 0);
	} else
		assert(d.n == 1 && s.store == NULL);
	buf_reset(&first);
	buf_reset(&second);
	script_reset(&s);
	script_reset(&again);
	diag_reset(&d);
	return 0;
}
