#include "runtime/load/keys.h"

#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/wipe.h"
#include "runtime/load/key_file.h"

static bool decode(struct key_word kind, struct key_word value, struct loading_key *key)
{
	if (key_word_is(kind, "pin")) {
		if (value.n > LOADING_KEY_MAX)
			return false;
		memcpy(key->bytes, value.p, value.n);
		key->n = value.n;
		return true;
	}
	if (!hex_decode(value.p, value.n, key->bytes, LOADING_KEY_MAX, &key->n))
		return false;
	return key_word_is(kind, "aes-128") ? key->n == 16 : key->n != 0;
}

/* The kind a dialect wants, or that kind in hexadecimal digits. */
static bool kind_fits(struct key_word kind, const char *wanted)
{
	return key_word_is(kind, wanted) || (strcmp(wanted, "pin") == 0 && key_word_is(kind, "pin-hex"));
}

/* Keys for GlobalPlatform stand in the same file; they are read elsewhere (javacard/keyring.h). */
static bool is_other(const struct key_line *l)
{
	return l->n >= 2 && key_word_is(l->word[1], "gp");
}

static bool search(const struct buf *text, const char *path, const char *chip, const struct load_dialect *dialect,
    struct loading_key *key, struct diag_list *d)
{
	bool found = false;
	size_t at = 0;
	struct key_line l = {0};
	while (key_file_next(text, path, &at, &l)) {
		if (is_other(&l))
			continue;
		if (l.n != 3)
			return diag_add(d, l.at, DIAG_KEY_FILE_LINE, NULL);
		if (!key_word_is(l.word[0], chip))
			continue;
		if (found)
			return diag_add(d, l.at, DIAG_KEY_TWICE, chip, NULL);
		if (!kind_fits(l.word[1], dialect->key_kind) || !decode(l.word[1], l.word[2], key))
			return diag_add(d, l.at, DIAG_KEY_FORM, chip, dialect->key_kind, NULL);
		found = true;
	}
	return found ? true : diag_add(d, (struct srcloc){.file = path}, DIAG_KEY_MISSING, chip, path, NULL);
}

bool key_find(const struct key_source *source, const char *chip, const struct load_dialect *dialect, bool simulated,
    struct loading_key *key, struct diag_list *d)
{
	*key = (struct loading_key){0};
	if (source->file != NULL) {
		struct buf text = {0};
		bool ok = key_file_read(source->file, &text, d) && search(&text, source->file, chip, dialect, key, d);
		if (!ok)
			wipe(key, sizeof *key);
		buf_reset(&text);
		return ok;
	}
	if (!simulated && !source->test_keys)
		return diag_add(d, (struct srcloc){0}, DIAG_KEY_NONE, chip, NULL);
	*key = dialect->test_key;
	return true;
}
