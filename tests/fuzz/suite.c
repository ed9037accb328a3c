/* Programs of the dialogue language: whatever is refused says why, whatever is accepted runs against a card that
 * answers anything, and is written in reports. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "runtime/base/json.h"
#include "runtime/suite/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { ANSWERS = 64 };

/* Answers come from the program itself, so that the fuzzer chooses them, too. */
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
	static const uint8_t ok[] = {0x90, 0x00};
	struct tape *t = l->state;
	uint8_t what = t->n == 0 ? 0 : t->p[t->at++ % t->n];
	(void)cmd, (void)n;
	if (what % 8 < 4) {
		buf_add(rsp, t->p, t->n < what ? t->n : what);
		buf_add(rsp, ok, sizeof ok);
	} else
		buf_add(rsp, t->p, t->n < what % ANSWERS ? t->n : what % ANSWERS);
	return LINK_OK;
}

static void tape_close(struct link *l)
{
	(void)l;
}

static const struct link_ops tape_ops = {tape_reset, tape_transmit, tape_close};

static void run(const struct suite *s, const uint8_t *data, size_t n)
{
	static uint8_t bytes[65536];
	struct tape tape = {data, n, 0}, other = {data, n, n / 2};
	struct link card = {.ops = &tape_ops, .state = &tape}, reference = {.ops = &tape_ops, .state = &other};
	struct suite_value value[SUITE_VALUES];
	struct suite_values values = {value, 0};
	struct suite_report r = {.all_steps = true};
	struct diag_list d = {0};
	struct buf text = {0};
	for (size_t i = 0; i < s->n_values; i++)
		if (!s->value[i].captured)
			value[values.n++] = (struct suite_value){s->value[i].name, bytes, s->value[i].max};
	suite_compare(s, &reference, &card, &values, &r, &d);
	suite_report_text(&r, "ja", &text);
	struct json j = json_to(&text);
	suite_report_json(&r, &j, NULL);
	assert(!text.bad);
	assert(r.n_dialogues == suite_dialogues(s));
	assert(r.passed + r.failed + r.not_run == r.n_dialogues);
	suite_report_reset(&r);
	diag_reset(&d);
	buf_reset(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct diag_list d = {0};
	struct suite *s = suite_parse(data, n, "suite", &d);
	assert((s == NULL) == (d.n != 0));
	if (s != NULL && suite_steps(s) < 1000)
		run(s, data, n);
	suite_free(s);
	diag_reset(&d);
	return 0;
}
