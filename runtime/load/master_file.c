#include "runtime/load/master_file.h"

#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/wipe.h"

static bool decode(struct key_word w, struct master_key *out)
{
	return hex_decode(w.p, w.n, out->bytes, sizeof out->bytes, &out->n) &&
	    (out->n == 16 || out->n == 24 || out->n == 32);
}

static bool search(const struct buf *text, const char *path, const char *label, const char *id, struct master_key *out,
    struct diag_list *d)
{
	struct key_line l = {0};
	size_t at = 0;
	bool found = false;
	while (key_file_next(text, path, &at, &l)) {
		if (l.n != 2)
			return diag_add(d, l.at, DIAG_MASTER_LINE, NULL);
		if (!key_word_is(l.word[0], label))
			continue;
		if (found)
			return diag_add(d, l.at, DIAG_KEY_TWICE, label, NULL);
		if (!decode(l.word[1], out))
			return diag_add(d, l.at, DIAG_MASTER_FORM, label, diag_num(l.word[1].n), NULL);
		found = true;
	}
	return found || diag_add(d, (struct srcloc){.file = path}, DIAG_MASTER_MISSING, label, id, NULL);
}

bool master_find(const struct buf *text, const char *path, const char *label, const char *id, struct master_key *out,
    struct diag_list *d)
{
	*out = (struct master_key){0};
	bool good = search(text, path, label, id, out, d);
	if (!good)
		wipe(out, sizeof *out);
	return good;
}
