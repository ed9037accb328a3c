/* Parts of a program as the language writes them, for reports. Holes stay holes, so that no secret gets in. */
#include "runtime/suite/program.h"

enum { SHOWN = 40 }; /* bytes of one stretch that a report shows */

static const char *const faults[] = {
    [SM_FAULT_LATE] = "late",
    [SM_FAULT_AGAIN] = "again",
    [SM_FAULT_MAC] = "mac",
    [SM_FAULT_MISSING] = "missing",
    [SM_FAULT_FIRST] = "first",
    [SM_FAULT_SHORT] = "short",
    [SM_FAULT_CUT] = "cut",
    [SM_FAULT_SKIPPED] = "skipped",
    [SM_FAULT_HEADER] = "header",
    [SM_FAULT_INDICATOR] = "indicator",
    [SM_FAULT_PADDING] = "padding",
    [SM_FAULT_TWICE] = "twice",
    [SM_FAULT_ORDER] = "order",
    [SM_FAULT_UNKNOWN] = "unknown",
};

static const char *const modes[] = {[SM_MODE_MAC] = "mac", [SM_MODE_ENC] = "enc", [SM_MODE_ENC_MAC] = "enc+mac"};

const char *program_fault_name(enum sm_fault f)
{
	return faults[f];
}

static void hex(struct buf *out, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n && i < SHOWN; i++)
		buf_printf(out, "%02X", p[i]);
	if (n > SHOWN)
		buf_printf(out, "...(%zu bytes)", n);
}

static void hole(const struct suite *s, const struct program_item *item, struct buf *out)
{
	buf_printf(out, "{%s", s->value[item->value].name);
	if (item->derivation != DERIVE_RAW)
		buf_printf(out, ":%s", program_derivation_name(item->derivation));
	if (item->padded)
		buf_str(out, ":stored");
	if (item->n != 0)
		buf_printf(out, "@%u+%u", (unsigned)item->at, (unsigned)item->n);
	buf_str(out, "}");
}

void program_items_text(const struct suite *s, struct program_items items, struct buf *out)
{
	for (uint32_t i = 0; i < items.n; i++) {
		const struct program_item *item = &s->item[items.first + i];
		buf_str(out, " ");
		if (item->kind == ITEM_HOLE) {
			hole(s, item, out);
			continue;
		}
		hex(out, s->bytes.p + item->at, item->n);
		if (item->kind == ITEM_REPEAT)
			buf_printf(out, "*%u", (unsigned)item->repeat);
	}
}

void program_sent_text(const struct suite *s, const struct program_step *step, struct buf *out)
{
	switch (step->op) {
	case STEP_RESET:
		buf_str(out,
		    step->way == WAY_ANY           ? "reset"
			: step->way == WAY_CONTACT ? "reset contact"
						   : "reset contactless");
		return;
	case STEP_SELECT:
		buf_str(out, step->fci ? "select fci" : "select");
		return;
	case STEP_AUTH:
		buf_printf(out, "auth %s%s", s->key[step->key].name, step->wrong ? " wrong" : "");
		return;
	case STEP_CHALLENGE:
		buf_printf(out, "challenge %02X", (unsigned)step->le);
		return;
	case STEP_INTERNAL:
		buf_printf(out, "internal %s %u", s->key[step->key].name, (unsigned)step->length);
		return;
	case STEP_PROTECT:
		buf_printf(out, "sm %s", modes[step->mode]);
		return;
	case STEP_PLAIN:
		buf_str(out, "plain");
		return;
	case STEP_RAW:
		buf_str(out, "raw");
		break;
	case STEP_SEND:
		if (step->fault != SM_RIGHT)
			buf_printf(out, "(sm-fault %s) ", step->replay ? "replay" : faults[step->fault]);
		hex(out, step->header, sizeof step->header);
		break;
	}
	program_items_text(s, step->items, out);
	if (step->has_le)
		buf_printf(out, step->extended ? " Le %04X" : " Le %02X", (unsigned)step->le);
}

static void sw_pattern(const struct program_expect *e, struct buf *out)
{
	for (int shift = 12; shift >= 0; shift -= 4) {
		if ((e->mask >> shift & 15) == 0)
			buf_str(out, "x");
		else
			buf_printf(out, "%X", e->sw >> shift & 15);
	}
}

static void alternative(const struct suite *s, const struct program_expect *e, struct buf *out)
{
	if (e->match == MATCH_ANY) {
		buf_str(out, "any");
		return;
	}
	if (e->plain)
		buf_str(out, "plain ");
	if (e->match == MATCH_SW)
		sw_pattern(e, out);
	else
		buf_str(out, sw_class_name(e->class));
	if (e->data == DATA_EXACT) {
		buf_str(out, " data");
		program_items_text(s, e->items, out);
	} else if (e->data == DATA_LENGTH)
		buf_printf(out, " length %u", (unsigned)e->length);
	else if (e->data == DATA_FCI)
		buf_str(out, " fci");
	else if (e->data == DATA_ANY)
		buf_str(out, " *");
}

void program_expect_text(const struct suite *s, const struct program_step *step, struct buf *out)
{
	if (step->op == STEP_RESET || step->op == STEP_PROTECT || step->op == STEP_PLAIN)
		return;
	if (step->op == STEP_SELECT)
		buf_str(out, step->fci ? "9000 fci" : "9000");
	for (uint32_t i = 0; i < step->n_expect; i++) {
		if (i != 0)
			buf_str(out, s->expect[step->expect + i].ends ? " or end " : " or ");
		alternative(s, &s->expect[step->expect + i], out);
	}
}
