/* PINs: VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER (contract 7).
 *
 * A PIN and its PUK are OwnerPIN objects in the array `pins`: PINs by row - 1, then PUKs. The platform compares, counts
 * before comparing, and keeps both out of transactions; update takes part in them. Whether a PIN is in transport is a
 * byte of `data`. That a PIN was verified is an atom of the status, so that it goes with the session. */
#include "compiler/emit/javacard/jcg.h"

#include <string.h>

#include "runtime/base/iso7816.h"

/* ---- what is carried ---- */

const char *jcg_pin_beyond(const struct plan *p, struct srcloc *at)
{
	const struct description_where *w = p->description->where;
	for (uint16_t i = 0; i < p->contract->n_pins; i++) {
		const struct contract_pin *pin = &p->contract->pin[i];
		*at = w->pin[i].initial;
		if (pin->initial == PIN_UNSET)
			return "initial=\"unset\"";
		*at = w->pin[i].change;
		if (pin->min != pin->max && (pin->change & FORM_00) != 0)
			return "change=\"old-and-new\" of a PIN without fixed length";
		*at = w->pin[i].length;
		if (pin->max > INT8_MAX)
			return "a PIN of more than 127 bytes";
	}
	return NULL;
}

static bool any_puk(const struct jcg *g)
{
	for (uint16_t i = 0; i < g->c->n_pins; i++)
		if (g->c->pin[i].puk_length != 0)
			return true;
	return false;
}

/* Forms that any PIN offers. */
static unsigned forms(const struct jcg *g, enum jcg_column col)
{
	unsigned all = 0;
	for (unsigned row = 1; row <= g->rows[JCG_PINS]; row++)
		all |= (unsigned)g->cell[col][row];
	return all;
}

/* ---- layout ---- */

static void layout_pin(struct jcg *g, uint16_t i)
{
	const struct contract_pin *p = &g->c->pin[i];
	unsigned row = ++g->rows[JCG_PINS];
	bool back = p->initial == PIN_TRANSPORT && p->resets_to_transport;
	jcg_cell(g, row, JCG_PIN_P2, (int8_t)(0x80 | p->ref));
	jcg_cell(g, row, JCG_PIN_MIN, p->min);
	jcg_cell(g, row, JCG_PIN_MAX, p->max);
	jcg_cell(g, row, JCG_PIN_ATOM, (int32_t)jcg_atom(g, RULE_PIN, i, 0));
	jcg_cell(g, row, JCG_PIN_CHANGE, p->change);
	jcg_cell(g, row, JCG_PIN_RESET, p->reset);
	jcg_cell(g, row, JCG_PIN_FORMAT, p->card_checks_format ? p->format : FORMAT_BINARY);
	jcg_cell(g, row, JCG_PIN_PUK, p->puk_length);
	jcg_cell(g, row, JCG_PIN_UNBLOCK, jcg_rule(g, p->unblock));
	jcg_cell(g, row, JCG_PIN_BACK, back);
	jcg_cell(g, row, JCG_PIN_DF, jcg_df_bit(p->df));
	g->has_transport = g->has_transport || p->initial == PIN_TRANSPORT;
}

static void layout(struct jcg *g)
{
	const uint16_t n = g->c->n_pins;
	for (uint16_t i = 0; i < n; i++)
		layout_pin(g, i);
	if (g->has_transport)
		g->transport = jcg_data(g, n);
	for (uint16_t i = 0; g->has_transport && i < n; i++) {
		uint8_t in = g->c->pin[i].initial == PIN_TRANSPORT;
		jcg_initial(g, (uint16_t)(g->transport + i), &in, 1);
	}
	/* Without PINs every reference is to none. */
	jcg_command(g, 0x00, INS_VERIFY, n != 0 ? "&verify" : jcg_no_pin(g));
	jcg_command(g, 0x00, INS_CHANGE_REFERENCE_DATA, n != 0 ? "&change" : jcg_no_pin(g));
	jcg_command(g, 0x00, INS_RESET_RETRY_COUNTER, n != 0 ? "&reset" : jcg_no_pin(g));
}

/* ---- objects ---- */

static void make_one(struct jcg *g, unsigned i, unsigned tries, unsigned length)
{
	jcg_code(g,
	    "getfield_a_this Ap.pins ; push %u ; new javacard/framework/OwnerPIN ; dup ; push %u ; push %u ; "
	    "call pinInit ; aastore",
	    i, tries, length);
}

static void make(struct jcg *g)
{
	const uint16_t n = g->c->n_pins;
	if (n == 0)
		return;
	jcg_code(g, "aload this ; push %u ; anewarray javacard/framework/OwnerPIN ; putfield_a Ap.pins",
	    any_puk(g) ? 2U * n : n);
	for (uint16_t i = 0; i < n; i++) {
		const struct contract_pin *p = &g->c->pin[i];
		make_one(g, i, p->tries, p->max);
		if (p->puk_length != 0)
			make_one(g, n + i, p->puk_tries, p->puk_length);
	}
}

/* ---- code ---- */

static void push_pin(struct jcg *g, bool puk)
{
	jcg_code(g, "getfield_a_this Ap.pins");
	jcg_index(g, JCG_PINS, puk ? g->c->n_pins : 0);
	jcg_code(g, "aaload");
}

/* tries: those left; blocked is refused. */
static void require_tries(struct jcg *g, bool puk)
{
	push_pin(g, puk);
	jcg_code(g, "call pinTries ; sstore tries ; sload tries ; ifeq %s", jcg_blocked(g));
}

static void begin(struct jcg *g, const char *label)
{
	jcg_begin(g, label);
	jcg_code(g, "jsr @receive ; aload buf ; sconst_2 ; baload ; sstore p1");
	if (jcg_jicsap(g->c) && strcmp(label, "&change") == 0)
		jcg_code(g, "&change-form:");
	jcg_code(g, "aload buf ; sconst_3 ; baload ; sstore p2");
	jcg_find_pin(g);
}

/* P1 names a form that the PIN offers; last: the highest there is. */
static void require_form(struct jcg *g, enum jcg_column col, unsigned last)
{
	unsigned all = forms(g, col);
	if (all == 0) {
		jcg_code(g, "goto !6A86");
		return;
	}
	jcg_code(g, "sload p1 ; push %d ; sand ; ifne !6A86", (int)~last);
	if (jcg_folded(g, col) && all == (2U << last) - 1)
		return;
	jcg_load(g, col);
	jcg_code(g, "sload p1 ; sshr ; sconst_1 ; sand ; ifeq !6A86");
}

/* n bytes at `at` are a value of a fitting length. */
static void require_length(struct jcg *g)
{
	jcg_code(g, "sload n");
	jcg_load(g, JCG_PIN_MIN);
	jcg_code(g, "if_scmplt !6700");
	jcg_code(g, "sload n");
	jcg_load(g, JCG_PIN_MAX);
	jcg_code(g, "if_scmpgt !6700");
}

static void require_format(struct jcg *g)
{
	if (forms(g, JCG_PIN_FORMAT) != FORMAT_BINARY)
		jcg_code(g, "jsr @format");
}

static void push_transport(struct jcg *g)
{
	jcg_code(g, "getfield_a_this Ap.data");
	jcg_index(g, JCG_PINS, g->transport);
}

static void verify(struct jcg *g)
{
	begin(g, "&verify");
	jcg_code(g, "sload p1 ; ifne !6A86");
	jcg_make_ief_current(g);
	require_tries(g, false);
	jcg_begin(g, NULL);
	jcg_code(g, "sload lc ; ifne .given ; sload status");
	jcg_load(g, JCG_PIN_ATOM);
	jcg_code(g, "sand ; ifeq &tries ; return ; .given: ; sload lc ; sstore n");
	require_length(g);
	jcg_clear_atom(g, JCG_PIN_ATOM);
	push_pin(g, false);
	jcg_code(g, "aload buf ; sconst_5 ; sload lc ; call pinCheck ; ifeq &wrong");
	if (g->has_transport) {
		push_transport(g);
		jcg_code(g, "baload ; ifne !6985");
	}
	jcg_set_atom(g, JCG_PIN_ATOM);
	jcg_secure_verified(g);
	jcg_code(g, "return ; &wrong: ; sinc tries -1 ; goto &tries");
}

/* The new value: n bytes at `at`. It ends transport, but for a RESET that begins it again. */
static void update(struct jcg *g, bool reset)
{
	push_pin(g, false);
	jcg_code(g, "aload buf ; sload at ; sload n ; call pinUpdate");
	if (!g->has_transport)
		return;
	push_transport(g);
	if (reset)
		jcg_load(g, JCG_PIN_BACK);
	else
		jcg_code(g, "sconst_0");
	jcg_code(g, "bastore");
}

/* old: bytes of the old value in front of the new one; its form, and that it is another one, before it is compared. */
static void change(struct jcg *g)
{
	unsigned all = forms(g, JCG_PIN_CHANGE);
	begin(g, "&change");
	require_form(g, JCG_PIN_CHANGE, 1);
	if (all == 0)
		return;
	jcg_code(g, "sload lc ; ifeq !6700");
	jcg_make_ief_current(g);
	require_tries(g, false);
	jcg_begin(g, NULL);
	jcg_code(g, "sconst_0 ; sstore old");
	if ((all & FORM_00) != 0) {
		jcg_code(g, "sload p1 ; ifne .verified");
		jcg_load(g, JCG_PIN_MIN);
		jcg_code(g, "sstore old ; goto .may ; .verified:");
	}
	jcg_code(g, "sload status");
	jcg_load(g, JCG_PIN_ATOM);
	jcg_code(g,
	    "sand ; ifeq !6982 ; .may: ; sload lc ; sload old ; ssub ; sstore n ; sload old ; sconst_5 ; sadd ; sstore "
	    "at");
	require_length(g);
	require_format(g);
	if ((all & FORM_00) != 0) {
		jcg_code(g,
		    "sload p1 ; ifne .clear ; aload buf ; sconst_5 ; aload buf ; sload at ; sload n ; call "
		    "arrayCompare ; "
		    "ifeq !6A80 ; .clear:");
		jcg_clear_atom(g, JCG_PIN_ATOM);
		jcg_code(g, "sload p1 ; ifne .do");
		push_pin(g, false);
		jcg_code(g, "aload buf ; sconst_5 ; sload old ; call pinCheck ; ifeq &wrong ; .do:");
	} else
		jcg_clear_atom(g, JCG_PIN_ATOM);
	jcg_code(g, "call beginTransaction");
	update(g, false);
	jcg_code(g, "call commitTransaction ; return");
}

/* Who may: the PUK's holder, or the rule `unblock`. */
static void reset_access(struct jcg *g, unsigned all)
{
	bool rule = (all & (FORM_02 | FORM_03)) != 0, puk = (all & (FORM_00 | FORM_01)) != 0;
	jcg_code(g, "sconst_0 ; sstore old ; sconst_0 ; sstore tries");
	if (rule && puk)
		jcg_code(g, "sload p1 ; sconst_2 ; if_scmplt &puk");
	if (rule && jcg_guard_column(g, JCG_PIN_UNBLOCK) && puk)
		jcg_code(g, "goto &may-reset");
	if (puk) {
		jcg_code(g, "&puk:");
		require_tries(g, true);
		jcg_load(g, JCG_PIN_PUK);
		jcg_code(g, "sstore old ; &may-reset:");
	}
}

static void reset(struct jcg *g)
{
	unsigned all = forms(g, JCG_PIN_RESET);
	begin(g, "&reset");
	require_form(g, JCG_PIN_RESET, 3);
	if (all == 0)
		return;
	/* Without data: P1 = 03 and no other. */
	jcg_begin(g, NULL);
	jcg_code(g,
	    "sload p1 ; sconst_3 ; if_scmpne .data ; sload lc ; ifne !6700 ; goto .form ; .data: ; sload lc ; ifeq "
	    "!6700 ; "
	    ".form:");
	jcg_make_ief_current(g);
	reset_access(g, all);
	jcg_begin(g, NULL);
	jcg_code(g, "sload lc ; sload old ; ssub ; sstore n ; sload old ; sconst_5 ; sadd ; sstore at");
	jcg_code(g, "sload p1 ; sconst_1 ; sand ; ifeq .new ; sload n ; ifne !6700 ; goto .fits ; .new:");
	require_length(g);
	require_format(g);
	jcg_code(g, ".fits:");
	if (any_puk(g)) {
		jcg_code(g, "sload old ; ifeq .right");
		push_pin(g, true);
		jcg_code(g, "aload buf ; sconst_5 ; sload old ; call pinCheck ; ifeq &wrong ; .right:");
	}
	jcg_code(g, "call beginTransaction ; sload n ; ifne .update");
	push_pin(g, false);
	jcg_code(g, "call pinUnblock ; goto .done ; .update:");
	update(g, true);
	jcg_code(g, ".done: ; call commitTransaction");
	jcg_clear_atom(g, JCG_PIN_ATOM);
	jcg_code(g, "return");
}

static void code(struct jcg *g)
{
	if (g->c->n_pins == 0)
		return;
	verify(g);
	change(g);
	reset(g);
}

const struct jcg_part jcg_pin = {.layout = layout, .make = make, .code = code};

/* n bytes at `at` are digits, or, where the PIN says so, digits and letters. */
void jcg_routine_format(struct jcg *g)
{
	bool letters = forms(g, JCG_PIN_FORMAT) >= FORMAT_ALPHANUMERIC;
	if (!jcg_folded(g, JCG_PIN_FORMAT)) {
		jcg_load(g, JCG_PIN_FORMAT);
		jcg_code(g, "ifeq .end");
	}
	jcg_code(g, "sload n ; sstore k ; .next: ; sinc k -1 ; sload k ; iflt .end");
	jcg_code(g, "aload buf ; sload at ; sload k ; sadd ; baload ; sstore b ; sload b ; push 48 ; if_scmplt !6A80");
	jcg_code(g, "sload b ; push 57 ; if_scmple .next");
	if (letters) {
		if (!jcg_folded(g, JCG_PIN_FORMAT)) {
			jcg_load(g, JCG_PIN_FORMAT);
			jcg_code(g, "push %d ; if_scmpne !6A80", FORMAT_ALPHANUMERIC);
		}
		jcg_code(g, "sload b ; push -33 ; sand ; sstore b ; sload b ; push 65 ; if_scmplt !6A80");
		jcg_code(g, "sload b ; push 90 ; if_scmple .next");
	}
	jcg_code(g, "goto !6A80 ; .end: ; ret ra-format");
}
