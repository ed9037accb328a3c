/* A card that answers anything: the loader ends, keeps within its bounds, and says yes only to what it asked for. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "runtime/load/native/native.h"
#include "runtime/load/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const uint8_t aid[] = {0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0xff, 0xff, 0x01};

static const char access[] =
    "{\"format\":1,\"aid\":\"D3921000310001FFFF01\",\"files\":[{\"id\":\"card\",\"fid\":\"0001\","
    "\"size\":16,\"read\":\"always\",\"update\":\"never\",\"readback\":\"80020010820101\"}]}";

/* The input is the card's answers, one after the other: a length, then as many bytes. A length of 255 is a card that is
 * gone, and so is the end. */
struct tape {
	const uint8_t *p;
	size_t n, at;
};

static enum link_status tape_reset(struct link *l)
{
	(void)l;
	return LINK_OK;
}

static enum link_status tape_transmit(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	struct tape *t = l->state;
	(void)cmd, (void)n;
	size_t len = t->at < t->n ? t->p[t->at++] : 255;
	if (len == 255 || len > t->n - t->at)
		return LINK_CARD_GONE;
	buf_add(rsp, t->p + t->at, len);
	t->at += len;
	return LINK_OK;
}

static void tape_close(struct link *l)
{
	(void)l;
}

static const struct link_ops ops = {.reset = tape_reset, .transmit = tape_transmit, .close = tape_close};

static void look(struct session *s, const struct load_dialect *dialect)
{
	struct ap ap, found[4];
	size_t n = 0;
	int left;
	struct buf control = {0}, words = {0};
	if (dialect->state(s, aid, sizeof aid, &ap))
		assert(ap.aid_len <= AID_MAX &&
		    (ap.state == AP_OTHER || ap.state == AP_ABSENT || ap.aid_len == 0 || ap.state == AP_BLOCKED ||
			ap.state == AP_TERMINATED || ap.aid_len <= sizeof aid));
	dialect->tries(s, &left);
	dialect->authenticate(s, &dialect->test_key, &left);
	assert(left >= TRIES_UNKNOWN && left <= 15);
	if (dialect->control(s, aid, sizeof aid, 1, &control))
		dialect->words(control.p, control.n, "ja", &words);
	if (dialect->enumerate != NULL && dialect->enumerate(s, found, 4, &n))
		assert(n <= 4);
	buf_reset(&control);
	buf_reset(&words);
}

static void verify(struct session *s, const struct load_dialect *dialect)
{
	static struct image img;
	static const struct value_set none;
	struct verify_report r = {0};
	memcpy(img.manifest.aid, aid, sizeof aid);
	img.manifest.aid_len = sizeof aid;
	if (img.entry[IMAGE_ACCESS].n == 0)
		buf_str(&img.entry[IMAGE_ACCESS], access);
	bool ok = verify_ap(s, dialect, &img, &none, VERIFY_CARD, &r);
	assert(ok || s->diags->n != 0 || s->lost);
	for (size_t i = 0; ok && i < r.n; i++)
		assert(r.row[i].result == VERIFY_OK);
	(void)ok;
	verify_report_reset(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	for (size_t i = 0; load_dialects[i] != NULL; i++) {
		struct tape t = {.p = data, .n = n};
		struct link l = {.ops = &ops, .state = &t, .name = "tape"};
		struct diag_list d = {0};
		struct session s = {.link = &l, .diags = &d};
		look(&s, load_dialects[i]);
		s.lost = false;
		t.at = 0;
		verify(&s, load_dialects[i]);
		session_free(&s);
		diag_reset(&d);
	}
	return 0;
}
