#include "runtime/load/javacard/keyring.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/wipe.h"
#include "runtime/load/key_file.h"

/* The keys with which samples of nearly all vendors are delivered. */
static const uint8_t sample[16] = {
    0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f};

static void take_sample(const struct chip *chip, struct gp_secret *out)
{
	struct gp_key k = {.n = sizeof sample};
	memcpy(k.p, sample, sizeof sample);
	*out = (struct gp_secret){.any_version = true, .test = true};
	if (chip != NULL && chip->fact[CHIP_GP_KEY].present) {
		const char *hex = chip->fact[CHIP_GP_KEY].text;
		hex_decode(hex, strlen(hex), k.p, sizeof k.p, &k.n);
	}
	if (chip != NULL && chip->fact[CHIP_GP_KDF].present) {
		const char *name = chip->fact[CHIP_GP_KDF].text;
		out->diversify = gp_diversification_named(name, strlen(name));
	}
	out->keys = (struct gp_key_set){k, k, k};
}

/* --- a line --- */

static bool take_key(struct key_word value, struct gp_key *k)
{
	return hex_decode(value.p, value.n, k->p, sizeof k->p, &k->n) && (k->n == 16 || k->n == 24 || k->n == 32);
}

static bool take_version(struct key_word value, struct gp_secret *s)
{
	uint8_t v;
	size_t n;
	if (!s->any_version || !hex_decode(value.p, value.n, &v, 1, &n) || n != 1)
		return false;
	s->version = v;
	s->any_version = false;
	return true;
}

static bool take_word(struct key_word w, struct gp_secret *s)
{
	const char *sign = memchr(w.p, '=', w.n);
	if (sign == NULL)
		return false;
	struct key_word name = {w.p, (size_t)(sign - w.p)}, value = {sign + 1, w.n - name.n - 1};
	struct gp_key_set *k = &s->keys;
	if (key_word_is(name, "version"))
		return take_version(value, s);
	if (key_word_is(name, "diversify")) {
		s->diversify = gp_diversification_named(value.p, value.n);
		return s->diversify != GP_DIVERSIFICATIONS;
	}
	if (key_word_is(name, "key")) {
		if (k->enc.n != 0 || k->mac.n != 0 || k->dek.n != 0 || !take_key(value, &k->enc))
			return false;
		k->mac = k->dek = k->enc;
		return true;
	}
	struct gp_key *one = key_word_is(name, "enc") ? &k->enc
	    : key_word_is(name, "mac")                ? &k->mac
	    : key_word_is(name, "dek")                ? &k->dek
						      : NULL;
	return one != NULL && one->n == 0 && take_key(value, one);
}

/* What is wrong is named without what stands behind "=": it may be a key. */
static bool read_line(const struct key_line *l, struct gp_secret *s, struct diag_list *d)
{
	char what[40];
	*s = (struct gp_secret){.any_version = true};
	if (l->n > KEY_WORDS)
		return diag_add(d, l->at, DIAG_GP_KEY_FILE, "too many words", NULL);
	for (size_t i = 2; i < l->n; i++) {
		struct key_word w = l->word[i];
		if (take_word(w, s))
			continue;
		const char *sign = memchr(w.p, '=', w.n);
		size_t n = sign == NULL ? 0 : (size_t)(sign - w.p);
		snprintf(what, sizeof what, "a wrong '%.*s='", n > 20 ? 20 : (int)n, w.p);
		return diag_add(d, l->at, DIAG_GP_KEY_FILE, what, NULL);
	}
	const struct gp_key_set *k = &s->keys;
	if (k->enc.n == 0 || k->mac.n != k->enc.n || k->dek.n != k->enc.n)
		return diag_add(d, l->at, DIAG_GP_KEY_FILE, "not three keys of one length", NULL);
	return true;
}

/* 0: not for this card; else the more the better it fits. */
static int rank(const struct key_line *l, const struct gp_secret *s, const char *chip, int version)
{
	bool mine = chip != NULL && key_word_is(l->word[0], chip);
	if ((!mine && !key_word_is(l->word[0], "*")) ||
	    (!s->any_version && version != GP_VERSION_ANY && version != s->version))
		return 0;
	return 1 + 2 * mine + (!s->any_version && version != GP_VERSION_ANY);
}

static bool search(
    const struct buf *text, const char *path, const char *chip, int version, struct gp_secret *out, struct diag_list *d)
{
	int best = 0;
	size_t at = 0;
	bool ok = true;
	struct key_line l = {0};
	struct gp_secret s = {0};
	while (ok && key_file_next(text, path, &at, &l)) {
		if (l.n < 2 || !key_word_is(l.word[1], "gp"))
			continue;
		ok = read_line(&l, &s, d);
		int r = ok ? rank(&l, &s, chip, version) : 0;
		if (r != 0 && r == best && version != GP_VERSION_ANY)
			ok = diag_add(d, l.at, DIAG_KEY_TWICE, chip == NULL ? "*" : chip, NULL);
		else if (r > best) {
			best = r;
			*out = s;
		}
	}
	wipe(&s, sizeof s);
	if (!ok || best != 0)
		return ok;
	char v[3] = "-";
	if (version != GP_VERSION_ANY)
		hex_encode(v, &(uint8_t){(uint8_t)version}, 1);
	return diag_add(d, (struct srcloc){.file = path}, DIAG_GP_KEY_FOR_VERSION, v, chip == NULL ? "*" : chip, NULL);
}

bool keyring_find(const struct key_source *source, const struct chip *chip, const char *chip_name, bool simulated,
    int version, struct gp_secret *out, struct diag_list *d)
{
	*out = (struct gp_secret){0};
	if (source->file == NULL) {
		if (!simulated && !source->test_keys)
			return diag_add(
			    d, (struct srcloc){0}, DIAG_KEY_NONE, chip_name == NULL ? "*" : chip_name, NULL);
		take_sample(chip, out);
		return true;
	}
	struct buf text = {0};
	bool ok = key_file_read(source->file, &text, d) && search(&text, source->file, chip_name, version, out, d);
	if (!ok)
		wipe(out, sizeof *out);
	buf_reset(&text);
	return ok;
}
