#include "runtime/load/javacard/load_file.h"

#include "runtime/crypto/token.h"
#include "runtime/load/javacard/receipt.h"
#include "runtime/load/key_file.h"
#include "runtime/load/loader.h"

enum { LAST = 0x80, BLOCKS_MAX = 256 };

/* --- tokens --- */

/* With a private key from a PEM file that nobody else can read. */
static bool sign(const char *key, const struct buf *what, struct buf *out, struct diag_list *d)
{
	struct buf pem = {0};
	bool ok = key_file_read(key, &pem, d);
	if (ok && (what->bad || !token_sign(pem.p, pem.n, what->p, what->n, out)))
		ok = diag_add(d, (struct srcloc){.file = key}, DIAG_GP_TOKEN_KEY, key, NULL);
	buf_reset(&pem);
	return ok;
}

bool token_put(struct buf *data, unsigned p1, struct bytes token, const char *key, struct diag_list *d)
{
	struct buf covered = {0}, made = {0};
	bool ok = true;
	if (token.n == 0 && key != NULL) {
		gp_token_covers(&covered, p1, 0, data);
		ok = sign(key, &covered, &made, d);
		token = (struct bytes){made.p, made.n};
	}
	gp_token_put(data, token);
	buf_reset(&covered);
	buf_reset(&made);
	return ok;
}

/* GPC C.4.6: P2 tells whether related objects go. Without a token there is no tag for one: cards that have no delegated
 * management refuse even an empty one. */
bool delete_put(
    struct buf *data, const struct aid *what, unsigned p2, const struct gp_authority *by, struct diag_list *d)
{
	struct buf covered = {0}, made = {0};
	struct bytes token = by->delete_token, none = {0};
	bool ok = true;
	gp_delete(data, what, none);
	if (token.n == 0 && by->token_key != NULL) {
		gp_token_covers(&covered, 0, p2, data);
		ok = sign(by->token_key, &covered, &made, d);
		token = (struct bytes){made.p, made.n};
	}
	buf_clear(data);
	gp_delete(data, what, token);
	buf_reset(&covered);
	buf_reset(&made);
	return ok;
}

/* --- the load file --- */

static bool needs_hash(const struct gp_authority *by)
{
	return by->hash || by->load_token.n != 0 || by->token_key != NULL || by->dap.n != 0 || by->dap_key != NULL;
}

/* SHA-1 where the card's protocol is older than AES, SHA-256 with SCP03 (GPC C.2). */
static bool hash_block(struct load_file *f, const struct loader *w)
{
	const struct gp_recognition *r = &w->gp.recognition;
	bool older = r->n != 0 && r->channel[0].scp < 3;
	return token_hash(older, f->block.p, f->block.n, &f->hash);
}

/* The signature is over the hash: GPC C.3. */
static bool put_dap(struct load_file *f, struct loader *w, const struct gp_authority *by, struct diag_list *d)
{
	struct buf made = {0};
	struct bytes signature = by->dap;
	bool ok = true;
	if (signature.n == 0 && by->dap_key != NULL) {
		ok = sign(by->dap_key, &f->hash, &made, d);
		signature = (struct bytes){made.p, made.n};
	}
	if (ok && signature.n != 0)
		gp_dap_put(&f->bytes, by->dap_domain.n != 0 ? &by->dap_domain : &w->gp.domain, signature);
	buf_reset(&made);
	return ok;
}

bool load_file_make(struct load_file *f, struct loader *w, const struct aid *package, const struct buf *block,
    const struct gp_install_options *o, struct diag_list *d)
{
	(void)package;
	buf_add(&f->block, block->p, block->n);
	bool ok = !f->block.bad && (!needs_hash(&o->by) || hash_block(f, w));
	if (!ok)
		return diag_add(d, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	if (!put_dap(f, w, &o->by, d))
		return false;
	gp_load_file_put(&f->bytes, (struct bytes){f->block.p, f->block.n});
	return f->bytes.bad ? diag_add(d, (struct srcloc){0}, DIAG_NO_MEMORY, NULL) : true;
}

void load_file_reset(struct load_file *f)
{
	buf_reset(&f->block);
	buf_reset(&f->bytes);
	buf_reset(&f->hash);
}

/* --- sending --- */

static bool announce(
    const struct load_file *f, struct loader *w, const struct aid *package, const struct gp_install_options *o)
{
	struct buf data = {0}, parameters = {0};
	if (o->code_size != 0)
		gp_load_parameters(&parameters, o->code_size);
	/* Loading into the domain of the channel needs no name; some cards want it all the same, none minds. */
	gp_install_for_load(&data, package, &w->gp.domain, (struct bytes){f->hash.p, f->hash.n},
	    (struct bytes){parameters.p, parameters.n});
	bool ok = token_put(&data, GP_FOR_LOAD, o->by.load_token, o->by.token_key, w->session.diags) &&
	    gp_do(w, GP_STEP_FOR_LOAD, GP_INSTALL | GP_FOR_LOAD << 8, &data, false);
	buf_reset(&data);
	buf_reset(&parameters);
	return ok;
}

static bool send_block(struct loader *w, const uint8_t *p, size_t n, size_t i, size_t count, bool extended)
{
	struct session *s = &w->session;
	bool last = i + 1 == count;
	struct apdu a = {.cla = 0x80,
	    .ins = 0xe8,
	    .p1 = last ? LAST : 0,
	    .p2 = (uint8_t)i,
	    .data = p,
	    .lc = n,
	    .extended = extended,
	    .has_le = true,
	    .le = extended ? 65536 : APDU_SHORT_LE,
	    .le_is_max = true};
	if (!session_send(s, SESSION_CHANGES, &a))
		return false;
	if (s->sw == SW_OK)
		return true;
	return gp_refused(s, last ? GP_STEP_LOAD_LAST : i == 0 ? GP_STEP_LOAD_FIRST : GP_STEP_LOAD);
}

/* C.5.1 */
static bool take_load_receipt(struct loader *w, const struct aid *package)
{
	struct buf covers = {0};
	receipt_covers(&covers, package);
	receipt_covers(&covers, &w->gp.domain);
	bool ok = receipt_take(w, GP_STEP_LOAD_LAST, &covers);
	buf_reset(&covers);
	return ok;
}

bool load_file_send(const struct load_file *f, struct loader *w, const struct aid *package,
    const struct gp_install_options *o, size_t *blocks)
{
	bool extended;
	size_t room = gp_room(w, &extended), n = f->bytes.n;
	size_t count = room == 0 ? SIZE_MAX : (n + room - 1) / room;
	if (count > BLOCKS_MAX)
		return diag_add(w->session.diags, (struct srcloc){.file = o->name}, DIAG_GP_TOO_MANY_BLOCKS,
		    diag_num(n), diag_num(count), diag_num(room), NULL);
	*blocks = count;
	if (!announce(f, w, package, o))
		return false;
	for (size_t i = 0; i < count; i++) {
		size_t at = i * room, part = n - at < room ? n - at : room;
		progress_step(w->session.progress, "LOAD", i, count);
		if (!send_block(w, f->bytes.p + at, part, i, count, extended))
			return false;
	}
	return take_load_receipt(w, package);
}
