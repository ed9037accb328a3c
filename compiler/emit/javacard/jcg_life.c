/* The life cycle (contract 3, number 2, and 10): the first byte of `data`, so that each change is one atomic write.
 * DEACTIVATE FILE, ACTIVATE FILE and TERMINATE DF of ISO/IEC 7816-9 act on the AP whatever is current, and leave the
 * session as it is. A blocked AP admits its way out: ACTIVATE FILE, TERMINATE DF, and what proves the PINs and keys
 * that the rules of these two name. */
#include "compiler/emit/javacard/jcg.h"

#include "runtime/base/iso7816.h"

/* ---- the way out of a blocked AP ---- */

static bool leaf_names(const struct contract_rule *r, bool key, uint16_t index)
{
	if (key)
		return (r->op == RULE_AUTH && r->a == index) ||
		    (r->op == RULE_SM && (r->b == index || r->b == CONTRACT_NONE));
	return (r->op == RULE_PIN || r->op == RULE_PIN_UNSET) && r->a == index;
}

static bool names(const struct contract *c, uint16_t rule, bool key, uint16_t index)
{
	const struct contract_rule *r = &c->rule[rule];
	if (r->op == RULE_AND || r->op == RULE_OR)
		return names(c, r->a, key, index) || names(c, r->b, key, index);
	return leaf_names(r, key, index);
}

static bool leads_out(const struct contract *c, bool key, uint16_t index)
{
	return names(c, c->unblock, key, index) || names(c, c->terminate, key, index);
}

static unsigned count_of(const struct contract *c, bool key)
{
	return key ? c->n_keys : c->n_pins;
}

static uint8_t reference(const struct contract *c, bool key, uint16_t index)
{
	return key ? c->key[index].ref : c->pin[index].ref;
}

static bool any_leads_out(const struct contract *c, bool key)
{
	for (uint16_t i = 0; i < count_of(c, key); i++)
		if (leads_out(c, key, i))
			return true;
	return false;
}

/* In jicsap P2 of VERIFY and of EXTERNAL AUTHENTICATE may name the current IEF. */
const char *jcg_life_beyond(const struct plan *p, struct srcloc *at)
{
	*at = p->description->where->block;
	return p->contract->block != 0 && p->contract->personality != PERSONALITY_ISO ? "block" : NULL;
}

/* ---- layout ---- */

static void layout(struct jcg *g)
{
	const uint16_t rules[] = {g->c->block, g->c->unblock, g->c->terminate};
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		jcg_rule(g, rules[i]); /* atoms are made before code is */
	if (g->c->block != 0)
		jcg_command(g, 0x00, INS_DEACTIVATE_FILE, "&deactivate");
	if (g->c->unblock != 0)
		jcg_command(g, 0x00, INS_ACTIVATE_FILE, "&activate");
	if (g->c->terminate != 0)
		jcg_command(g, 0x00, INS_TERMINATE_DF, "&terminate");
}

/* ---- before every command ---- */

/* P2 of VERIFY or EXTERNAL AUTHENTICATE. Rules of the AP name its own PINs and keys, and no DF in it has the same
 * reference. */
static void admit(struct jcg *g, bool key, const char *refuse)
{
	if (!any_leads_out(g->c, key))
		return;
	jcg_code(g, "%s: ; aload buf ; sconst_3 ; baload ; sstore k", key ? ".key" : ".pin");
	for (uint16_t i = 0; i < count_of(g->c, key); i++)
		if (leads_out(g->c, key, i))
			jcg_code(g, "sload k ; push %d ; if_scmpeq .open", (int8_t)(0x80 | reference(g->c, key, i)));
	jcg_code(g, "goto %s", refuse);
}

static void admit_when_blocked(struct jcg *g, const char *refuse)
{
	bool keys = any_leads_out(g->c, true), pins = any_leads_out(g->c, false);
	struct buf b = {0};
	if (keys)
		buf_printf(&b, " %d:.key %d:.open", (int8_t)INS_EXTERNAL_AUTHENTICATE, (int8_t)INS_GET_CHALLENGE);
	if (g->c->terminate != 0)
		buf_printf(&b, " %d:.open", (int8_t)INS_TERMINATE_DF);
	if (pins)
		buf_printf(&b, " %d:.pin", INS_VERIFY);
	if (g->c->unblock != 0)
		buf_printf(&b, " %d:.open", INS_ACTIVATE_FILE);
	if (b.n == 0)
		jcg_code(g, "goto %s", refuse);
	else {
		jcg_code(g, "sload k ; ifne %s ; aload buf ; sconst_1 ; baload ; slookupswitch %s%s", refuse, refuse,
		    buf_cstr(&b));
		admit(g, true, refuse);
		admit(g, false, refuse);
	}
	buf_reset(&b);
}

/* The local k is the class without the bits of secure messaging. */
void jcg_life_check(struct jcg *g)
{
	const char *refuse = jcg_secure(g) ? "&not-yet" : "!6985";
	if (!g->has_life)
		return;
	jcg_begin(g, NULL);
	jcg_code(g, "getfield_a_this Ap.data ; sconst_0 ; baload");
	if (g->c->block == 0) {
		jcg_code(g, "sconst_1 ; if_scmpne %s", refuse);
		return;
	}
	jcg_code(g, "sstore i ; sload i ; sconst_1 ; if_scmpeq .open ; sload i ; push %d ; if_scmpne %s",
	    JCG_LIFE_BLOCKED, refuse);
	admit_when_blocked(g, refuse);
	jcg_code(g, ".open:");
}

/* ---- commands ---- */

static void begin(struct jcg *g, const char *label, uint16_t rule)
{
	jcg_begin(g, label);
	jcg_code(g, "aload buf ; sconst_2 ; call getShort ; ifne !6A86 ; jsr @receive ; sload lc ; ifne !6700");
	jcg_require(g, rule);
}

static void enter(struct jcg *g, enum jcg_life_state life)
{
	jcg_code(g, "getfield_a_this Ap.data ; sconst_0 ; push %d ; bastore ; return", (int)life);
}

static void code(struct jcg *g)
{
	if (g->c->block != 0) {
		begin(g, "&deactivate", g->c->block);
		enter(g, JCG_LIFE_BLOCKED);
	}
	if (g->c->unblock != 0) {
		begin(g, "&activate", g->c->unblock);
		jcg_code(
		    g, "getfield_a_this Ap.data ; sconst_0 ; baload ; push %d ; if_scmpne !6985", JCG_LIFE_BLOCKED);
		enter(g, JCG_LIFE_OPERATIONAL);
	}
	if (g->c->terminate != 0) {
		begin(g, "&terminate", g->c->terminate);
		enter(g, JCG_LIFE_TERMINATED);
	}
}

const struct jcg_part jcg_life = {.layout = layout, .code = code};

/* SELECT by AID, after the FCI. */
void jcg_life_selected(struct jcg *g)
{
	if (g->c->block == 0 && g->c->terminate == 0)
		return;
	jcg_code(g, "getfield_a_this Ap.data ; sconst_0 ; baload ; sstore k");
	if (g->c->block != 0)
		jcg_code(g, "sload k ; push %d ; if_scmpeq !6283", JCG_LIFE_BLOCKED);
	if (g->c->terminate != 0)
		jcg_code(g, "sload k ; push %d ; if_scmpeq !6285", JCG_LIFE_TERMINATED);
}
