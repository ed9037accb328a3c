/* The AP of a load image on a card that is managed over GlobalPlatform.
 *
 *   CAP file -> INSTALL … (install.c) -> INSTALL [for personalization] -> STORE DATA … -> operational -> proof
 *
 * A block of STORE DATA is address || bytes (compiler/emit/javacard/jcg.h has the other side of it). Values for `data`
 * are split as the channel's room asks for; values for objects (address 8000 and above) go in one block, keys under the
 * DEK besides. Until the block with b8 of P1 the AP is of no use to anybody. */
#include <string.h>

#include "runtime/base/wipe.h"
#include "runtime/load/loader.h"
#include "runtime/load/trust.h"

enum { P1_LAST = 0x80, ADDRESS = 2, OBJECT = 0x8000, DEK_BLOCK = 16, CLEAR_ROOM = 120 };

struct personal {
	struct loader *w;
	bool clear;  /* the AP takes the commands itself: the reference simulator's profile */
	size_t room; /* bytes of value in one block */
	unsigned block;
};

static bool is_key(const struct image_hole *h)
{
	return strncmp(h->kind, "key", 3) == 0;
}

static bool send(struct personal *x, unsigned at, const uint8_t *p, size_t n, bool last)
{
	struct buf data = {0};
	uint32_t header = GP_STORE_DATA | (last ? (uint32_t)P1_LAST << 8 : 0) | (x->block++ & 0xff);
	buf_u16(&data, at);
	buf_add(&data, p, n);
	bool ok = data.bad ? diag_add(x->w->session.diags, (struct srcloc){0}, DIAG_NO_MEMORY, NULL)
			   : gp_do(x->w, GP_STEP_STORE, header, &data, false);
	buf_reset(&data);
	return ok;
}

static bool send_all(struct personal *x, unsigned at, const struct buf *value, bool last)
{
	size_t done = 0;
	do {
		size_t n = value->n - done < x->room ? value->n - done : x->room;
		if (!send(x, at + (unsigned)done, value->p + done, n, last && done + n == value->n))
			return false;
		done += n;
	} while (done < value->n);
	return true;
}

/* Padded to whole blocks of any cipher, so that the card gets as many bytes as it decrypts. */
static bool seal(struct personal *x, struct buf *value)
{
	struct buf sealed = {0};
	while (value->n % DEK_BLOCK != 0)
		buf_u8(value, 0);
	bool ok = x->w->session.dry || gp_channel_seal(&x->w->gp.channel, value->p, value->n, &sealed);
	if (!ok)
		diag_add(x->w->session.diags, (struct srcloc){0}, DIAG_CRYPTO, "DEK", NULL);
	buf_reset(value);
	*value = sealed;
	return ok;
}

static bool deliver(struct personal *x, const struct image_hole *h, const struct value_set *values, bool last)
{
	struct buf value = {0};
	bool ok =
	    values_stored(values, h, &value) || diag_add(x->w->session.diags, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	ok = ok && (!is_key(h) || x->clear || seal(x, &value));
	ok = ok && ((h->at & OBJECT) != 0 ? send(x, h->at, value.p, value.n, last) : send_all(x, h->at, &value, last));
	if (value.p != NULL)
		wipe(value.p, value.n);
	buf_reset(&value);
	return ok;
}

static bool deliver_all(struct personal *x, const struct image *img, const struct value_set *values)
{
	for (size_t i = 0; i < img->n_holes; i++) {
		progress_step(x->w->session.progress, img->hole[i].name, i, img->n_holes);
		if (!deliver(x, &img->hole[i], values, i + 1 == img->n_holes))
			return false;
	}
	return true;
}

bool gp_personalise(
    struct loader *w, const struct aid *instance, const struct image *img, const struct value_set *values)
{
	struct personal x = {.w = w};
	struct buf select = {0};
	bool extended;
	if (img->n_holes == 0)
		return true;
	size_t room = gp_room(w, &extended);
	x.room = (room < APDU_SHORT_DATA ? room : APDU_SHORT_DATA) - ADDRESS;
	gp_install_for_personalization(&select, instance);
	bool ok = gp_do(w, GP_STEP_FOR_PERSONALIZATION, GP_INSTALL | GP_FOR_PERSONALIZATION << 8, &select, false);
	buf_reset(&select);
	return ok && deliver_all(&x, img, values);
}

bool gp_personalise_clear(struct loader *w, const struct image *img, const struct value_set *values)
{
	enum { SELECT_BY_AID = 0x00A40400 };
	struct personal x = {.w = w, .clear = true, .room = CLEAR_ROOM};
	if (img->n_holes == 0)
		return true;
	w->gp.selected = false;
	return session_command(&w->session, SESSION_LOOKS, SELECT_BY_AID, img->manifest.aid, img->manifest.aid_len,
		   APDU_SHORT_LE) &&
	    deliver_all(&x, img, values);
}

bool gp_image_is_clear(const struct image *img)
{
	return strcmp(img->manifest.dialect, "cref") == 0;
}

/* --- the whole install --- */

static bool probe_is_good(struct loader *w, const struct image *img)
{
	const struct buf *text = &img->entry[IMAGE_PROBE];
	struct suite *s = suite_parse(text->p, text->n, image_entry_path(IMAGE_PROBE), w->session.diags);
	suite_free(s);
	return s != NULL;
}

/* Whether the AP is there and not operational; asked without any right, before the channel is opened. */
static bool look(struct loader *w, const struct image *img, struct gp_ap *ap)
{
	struct ap found;
	if (w->session.dry)
		return true;
	if (!w->card.dialect->state(&w->session, img->manifest.aid, img->manifest.aid_len, &found))
		return false;
	w->gp.selected = false;
	ap->half = found.state == AP_HALF;
	return true;
}

bool gp_install_image(struct loader *w, const struct image *img, const struct value_set *values,
    const struct install_options *o, struct install_report *r)
{
	struct gp_ap ap = {.img = img, .values = values, .verify = &r->verify};
	struct gp_install_report report = {0};
	const struct buf *cap = &img->entry[IMAGE_PAYLOAD];
	struct gp_install_options options = {.cap = cap->p,
	    .cap_len = cap->n,
	    .name = image_path(img, IMAGE_PAYLOAD),
	    .no_resume = o->no_resume,
	    .ap = &ap};
	aid_take(&options.instance, img->manifest.aid, img->manifest.aid_len);
	if (gp_image_is_clear(img) && !w->link.simulated)
		return diag_add(w->session.diags, (struct srcloc){0}, DIAG_GP_CLEAR, img->manifest.chip, NULL);
	bool ok = trust_allows(img, w->link.simulated, o->accept_test_signed, w->session.diags) &&
	    values_check(values, img, w->session.diags) && probe_is_good(w, img) && look(w, img, &ap) &&
	    gp_install(w, &options, &report);
	r->outcome = ok ? (enum install_outcome)report.outcome : INSTALL_FAILED;
	r->resumed = report.resumed;
	r->removed_half = report.removed_half;
	r->rolled_back = report.rolled_back;
	r->steps = report.blocks + img->n_holes;
	r->commands = report.commands;
	memcpy(r->journal, report.journal, sizeof r->journal);
	return ok;
}
