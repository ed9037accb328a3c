#include "runtime/load/javacard/receipt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/file.h"
#include "runtime/base/wipe.h"
#include "runtime/crypto/mac.h"
#include "runtime/crypto/token.h"
#include "runtime/load/key_file.h"
#include "runtime/load/loader.h"

enum { PUBLIC_KEY_MAX = 65536, PATH = 512 };

void receipt_covers(struct buf *covers, const struct aid *a)
{
	buf_u8(covers, a == NULL ? 0 : (unsigned)a->n);
	if (a != NULL)
		buf_add(covers, a->p, a->n);
}

/* --- the key: a line "CHIP receipt aes=HEX", "des=HEX" or "public=PEM" of the key file --- */

enum receipt_kind { NO_KEY, DES, AES, PUBLIC };

struct receipt_key {
	enum receipt_kind kind;
	uint8_t p[32];
	size_t n;
	char path[PATH];
};

static bool take_value(struct key_word w, struct receipt_key *k)
{
	static const struct {
		const char *name;
		enum receipt_kind kind;
	} kinds[] = {{"des", DES}, {"aes", AES}, {"public", PUBLIC}};
	const char *sign = memchr(w.p, '=', w.n);
	if (sign == NULL)
		return false;
	struct key_word name = {w.p, (size_t)(sign - w.p)}, value = {sign + 1, w.n - name.n - 1};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (key_word_is(name, kinds[i].name))
			k->kind = kinds[i].kind;
	if (k->kind == PUBLIC)
		return snprintf(k->path, sizeof k->path, "%.*s", (int)value.n, value.p) < (int)sizeof k->path;
	return k->kind != NO_KEY && hex_decode(value.p, value.n, k->p, sizeof k->p, &k->n) &&
	    (k->kind == DES ? k->n == 16 : k->n == 16 || k->n == 24 || k->n == 32);
}

/* The first line for the chip, else the first for any. */
static bool find_key(struct loader *w, struct receipt_key *k)
{
	const char *path = w->options->keys.file, *chip = w->card.chip_name;
	struct buf text = {0};
	struct key_line l = {0};
	size_t at = 0;
	bool ok = true, mine = false;
	*k = (struct receipt_key){.kind = NO_KEY};
	if (path == NULL)
		return true;
	ok = key_file_read(path, &text, w->session.diags);
	while (ok && !mine && key_file_next(&text, path, &at, &l)) {
		struct receipt_key one = {.kind = NO_KEY};
		if (l.n < 2 || !key_word_is(l.word[1], "receipt"))
			continue;
		if (l.n != 3 || !take_value(l.word[2], &one))
			ok = diag_add(
			    w->session.diags, l.at, DIAG_GP_KEY_FILE, "no receipt key (des=, aes=, public=)", NULL);
		mine = chip != NULL && key_word_is(l.word[0], chip);
		if (mine || (k->kind == NO_KEY && key_word_is(l.word[0], "*")))
			*k = one;
		wipe(&one, sizeof one);
	}
	buf_reset(&text);
	return ok;
}

/* --- comparing: C.5 --- */

static bool mac_right(const struct receipt_key *k, struct buf *m, struct rd receipt)
{
	uint8_t out[MAC_MAX];
	struct mac *mac = mac_new(k->kind == DES ? MAC_RETAIL_DES : MAC_CMAC_AES, k->p, k->n);
	if (k->kind == DES) { /* B.1.3 */
		buf_u8(m, 0x80);
		while (m->n % 8 != 0 && !m->bad)
			buf_u8(m, 0);
	}
	bool ok = mac != NULL && !m->bad && receipt.n == mac_length(mac) && mac_compute(mac, m->p, m->n, out) &&
	    wipe_equal(out, receipt.p, receipt.n);
	mac_free(mac);
	return ok;
}

static bool signature_right(struct loader *w, const struct receipt_key *k, const struct buf *m, struct rd receipt)
{
	struct buf pem = {0};
	bool ok = file_read(k->path, PUBLIC_KEY_MAX, &pem, w->session.diags) &&
	    token_right(pem.p, pem.n, m->p, m->n, receipt.p, receipt.n);
	buf_reset(&pem);
	return ok;
}

static bool compare(
    struct loader *w, enum gp_step step, struct rd receipt, struct rd confirmation, const struct buf *covers)
{
	struct receipt_key k;
	struct buf m = {0};
	bool ok = find_key(w, &k);
	if (ok && k.kind != NO_KEY) {
		buf_add(&m, confirmation.p, confirmation.n);
		buf_add(&m, covers->p, covers->n);
		if (!(k.kind == PUBLIC ? signature_right(w, &k, &m, receipt) : mac_right(&k, &m, receipt)))
			diag_add(w->session.diags, (struct srcloc){.file = w->session.name}, DIAG_GP_RECEIPT_WRONG,
			    gp_step_name(step), NULL);
	}
	buf_reset(&m);
	wipe(&k, sizeof k);
	return ok;
}

/* --- keeping --- */

/* The receipt and the confirmation data behind it, which it covers. */
static bool keep(struct loader *w, enum gp_step step, struct rd receipt, struct rd confirmation)
{
	const char *path = w->options->gp.receipts;
	const struct rd part[] = {receipt, confirmation};
	if (path == NULL)
		return true;
	FILE *f = fopen(path, "a");
	bool ok = f != NULL && fputs(gp_step_name(step), f) >= 0;
	for (int i = 0; i < 2; i++)
		for (size_t b = 0; ok && b < part[i].n; b++)
			ok = fprintf(f, b == 0 ? " %02X" : "%02X", part[i].p[b]) > 0;
	ok = ok && fputs("\n", f) >= 0;
	if (f != NULL)
		ok = fclose(f) == 0 && ok;
	return ok
	    ? true
	    : diag_add(w->session.diags, (struct srcloc){.file = path}, DIAG_FILE_WRITE, path, strerror(errno), NULL);
}

/* 11.1.6: a length, the receipt, the confirmation data; without a receipt the length is 0. */
bool receipt_take(struct loader *w, enum gp_step step, const struct buf *covers)
{
	struct rd in = rd_of(w->session.data.p, w->session.data.n);
	size_t n = rd_u8(&in);
	if (n == 0x81)
		n = rd_u8(&in);
	struct rd receipt = rd_sub(&in, n), confirmation = rd_sub(&in, rd_left(&in));
	if (w->session.dry || in.bad || receipt.n == 0)
		return true;
	return keep(w, step, receipt, confirmation) &&
	    (covers == NULL || covers->bad || compare(w, step, receipt, confirmation, covers));
}

bool receipt_do(struct loader *w, enum gp_step step, uint32_t header, const struct buf *data, struct buf *covers)
{
	bool ok = gp_do(w, step, header, data, false) && receipt_take(w, step, covers);
	buf_reset(covers);
	return ok;
}
