/* One AP on cref and on our card of the profile cref-222: compiled, loaded, personalised in clear, and its full suite
 * on both in lockstep. The values are as short as they may be, other bytes for each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/description/description.h"
#include "compiler/emit/family.h"
#include "runtime/base/file.h"
#include "runtime/image/values.h"
#include "runtime/suite/suite.h"
#include "tests/oracle/oracle.h"

enum { VALUES = 64, BLOCK = 120, OBJECT = 0x8000, P1_LAST = 0x80, ADDRESS = 2, AP_MAX = 1 << 20 };

struct ap {
	struct arena arena;
	struct diag_list d;
	const struct description *description;
	struct image image;
	struct cap cap;
	struct value_set set;
	struct buf bytes[VALUES];
	struct suite_value value[VALUES];
	struct suite_values values;
};

/* ---- the AP ---- */

static bool give_values(struct ap *a)
{
	static const char *const alphabet[] = {[FORMAT_BINARY] = "\x01\xfe\x80\x7f\x10",
	    [FORMAT_DIGITS] = "4711908263",
	    [FORMAT_ALPHANUMERIC] = "aB3dE6g",
	    [FORMAT_TEXT] = "Zone A1, B2."};
	const struct contract *c = a->description->contract;
	for (uint16_t i = 0; i < c->n_values; i++) {
		const struct contract_value *v = &c->value[i];
		struct buf text = {0};
		if (i == VALUES)
			return false;
		buf_printf(&text, "%s=", v->name);
		for (size_t b = 0; b < v->min; b++) {
			uint8_t byte = (uint8_t)alphabet[v->format][(b + i) % strlen(alphabet[v->format])];
			buf_u8(&a->bytes[i], byte);
			buf_printf(&text, v->format == FORMAT_BINARY ? "%02X" : "%c", byte);
		}
		a->value[i] = (struct suite_value){v->name, a->bytes[i].p, a->bytes[i].n};
		bool ok = values_set(&a->set, buf_cstr(&text), &a->d);
		buf_reset(&text);
		if (!ok)
			return false;
	}
	a->values = (struct suite_values){.row = a->value, .n = c->n_values};
	return true;
}

/* 1 done, 0 refused by the compiler for this chip, -1 trouble. */
static int compile(struct ap *a, const char *path, const char *profiles)
{
	struct buf text = {0}, archive = {0};
	const struct family *family = family_find("javacard");
	const struct plan *plan = NULL;
	bool ok = file_read(path, AP_MAX, &text, &a->d) &&
	    (a->description = description_read(&a->arena, text.p, text.n, path, &a->d)) != NULL;
	const struct chip *chip = chip_find(&a->arena, profiles, "cref-222", &a->d);
	buf_reset(&text);
	if (!ok || chip == NULL)
		return -1;
	plan = family->plan(&a->arena, a->description, chip, true, &a->d);
	if (plan == NULL || !family->emit(plan, &a->image, &a->d))
		return 0;
	ok = suite_generate(a->description->contract, SUITE_PROBE, &a->image.entry[IMAGE_PROBE], NULL) &&
	    suite_generate(a->description->contract, SUITE_FULL, &a->image.entry[IMAGE_FULL], NULL) &&
	    image_write(&a->image, NULL, &archive, &a->d) && give_values(a) &&
	    cap_open(&a->cap, a->image.entry[IMAGE_PAYLOAD].p, a->image.entry[IMAGE_PAYLOAD].n, path, &a->d);
	buf_reset(&archive);
	return ok ? 1 : -1;
}

/* ---- a card ---- */

static bool good(struct oracle *o, const uint8_t *cmd, size_t n)
{
	struct buf rsp = {0};
	bool ok = o->transmit(o, cmd, n, &rsp) && rsp.n >= 2 && rsp.p[rsp.n - 2] == 0x90 && rsp.p[rsp.n - 1] == 0x00;
	buf_reset(&rsp);
	return ok;
}

static bool store(struct oracle *o, unsigned at, const uint8_t *p, size_t n, bool last)
{
	struct buf cmd = {0};
	buf_u16(&cmd, 0x80E2);
	buf_u16(&cmd, last ? P1_LAST << 8 : 0);
	buf_u8(&cmd, (unsigned)(n + ADDRESS));
	buf_u16(&cmd, at);
	buf_add(&cmd, p, n);
	bool ok = good(o, cmd.p, cmd.n);
	buf_reset(&cmd);
	return ok;
}

static bool deliver(struct oracle *o, const struct ap *a, size_t i)
{
	const struct image_hole *h = &a->image.hole[i];
	bool last = i + 1 == a->image.n_holes;
	struct buf value = {0};
	bool ok = values_stored(&a->set, h, &value);
	for (size_t done = 0; ok && (done < value.n || done == 0);) {
		size_t n = (h->at & OBJECT) != 0 || value.n - done < BLOCK ? value.n - done : BLOCK;
		ok = store(o, h->at + (unsigned)done, value.p + done, n, last && done + n == value.n);
		done += n;
		if (n == 0)
			break;
	}
	buf_reset(&value);
	return ok;
}

static bool personalise(struct oracle *o, const struct ap *a)
{
	struct buf select = {0};
	buf_u32(&select, 0x00A40400);
	buf_u8(&select, (unsigned)a->image.manifest.aid_len);
	buf_add(&select, a->image.manifest.aid, a->image.manifest.aid_len);
	bool ok = a->image.n_holes == 0 || good(o, select.p, select.n);
	/* An AP that is not operational answers 6985 to SELECT, and is selected. */
	if (!ok)
		ok = true;
	buf_reset(&select);
	for (size_t i = 0; ok && i < a->image.n_holes; i++)
		ok = deliver(o, a, i);
	return ok;
}

static bool prepare(struct oracle *o, struct ap *a)
{
	struct aid aid = {0};
	if (o == NULL || o->load(o, &a->cap) != 1)
		return false;
	aid.n = (uint8_t)a->image.manifest.aid_len;
	memcpy(aid.p, a->image.manifest.aid, aid.n);
	return o->install(o, &aid, (struct bytes){NULL, 0}) == 1 && personalise(o, a);
}

static enum link_status oracle_reset(struct link *l)
{
	struct oracle *o = l->state;
	return o->reset(o) ? LINK_OK : LINK_BROKEN;
}

static enum link_status oracle_transmit(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	struct oracle *o = l->state;
	buf_clear(rsp);
	if (!o->transmit(o, cmd, n, rsp) || rsp->n < 2)
		return LINK_CARD_GONE;
	/* cref's runtime refuses a command on a channel that is not open with 6999 before any applet sees it; 6881 says
	 * it (ISO/IEC 7816-4:2020, 5.6 table 6). */
	if (rsp->n == 2 && (cmd[0] & 0x43) != 0 && rsp->p[0] == 0x69 && rsp->p[1] == 0x99) {
		rsp->p[0] = 0x68;
		rsp->p[1] = 0x81;
	}
	return LINK_OK;
}

static void oracle_close(struct link *l)
{
	(void)l;
}

static const struct link_ops ops = {.reset = oracle_reset, .transmit = oracle_transmit, .close = oracle_close};

static struct link link_of(struct oracle *o)
{
	/* By contacts only, as its ATR says: what needs the other interface is left out. */
	struct link l = {.ops = &ops, .state = o, .atr = {0x3b, 0xf0}, .atr_len = 2};
	snprintf(l.name, sizeof l.name, "%s", o->name);
	return l;
}

/* ---- both ---- */

static bool compare(struct ap *a, struct oracle *ours, struct oracle *cref, struct buf *said)
{
	struct link x = link_of(ours), y = link_of(cref);
	struct suite_report r = {0};
	const struct buf *text = &a->image.entry[IMAGE_FULL];
	struct suite *s = suite_parse(text->p, text->n, "suite/full", &a->d);
	bool ok = s != NULL && suite_compare(s, &x, &y, &a->values, &r, &a->d) && r.passed > 1;
	suite_report_text(&r, "en", said);
	suite_report_reset(&r);
	suite_free(s);
	return ok;
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash == NULL ? path : slash + 1;
}

int oracle_suite(const char *cref_path, const char *profiles, const char *work, const char *path)
{
	struct ap *a = calloc(1, sizeof *a);
	struct buf said = {0};
	struct trace trace = {0};
	if (a == NULL)
		abort();
	int made = compile(a, path, profiles);
	bool ok = made >= 0;
	if (made == 1) {
		struct oracle *ours = oracle_card(profiles, "cref-222", work), *cref = oracle_cref(cref_path, work);
		ok = prepare(ours, a) && prepare(cref, a);
		if (!ok)
			printf("   it cannot be loaded or personalised\n");
		ok = ok && compare(a, ours, cref, &said);
		ours->close(ours, &trace);
		trace_free(&trace);
		cref->close(cref, &trace);
		trace_free(&trace);
	}
	if (made == 0)
		printf("skip %s: the compiler refuses it for cref-222\n", name_of(path));
	else
		printf("%s%s %s: the full suite on both\n", buf_cstr(&said), ok ? "ok" : "not ok", name_of(path));
	if (made != 1)
		diag_print(stderr, &a->d, "en");
	for (size_t i = 0; i < VALUES; i++)
		buf_reset(&a->bytes[i]);
	buf_reset(&said);
	values_reset(&a->set);
	cap_close(&a->cap);
	image_reset(&a->image);
	diag_reset(&a->d);
	arena_free(&a->arena);
	free(a);
	return !ok;
}
