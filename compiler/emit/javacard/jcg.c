#include "compiler/emit/javacard/jcg.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/emit/javacard/text_inside.h"
#include "runtime/base/iso7816.h"

/* In the order of the switch's commands in the code. */
static const struct jcg_part *const parts[] = {&jcg_select, &jcg_binary, &jcg_record, &jcg_counter, &jcg_data_objects,
    &jcg_pin, &jcg_key, &jcg_mutual, &jcg_secure_part, &jcg_df, &jcg_jicsap_part, &jcg_life};

enum { PARTS = sizeof parts / sizeof *parts };

/* ---- what is laid out ---- */

void jcg_command(struct jcg *g, uint8_t cla, uint8_t ins, const char *label)
{
	assert(g->n_commands < JCG_COMMANDS);
	g->command[g->n_commands++] = (struct jcg_command){cla, ins, label};
}

uint16_t jcg_data(struct jcg *g, size_t n)
{
	size_t at = g->data;
	if (at + n > JCG_DATA_MAX)
		g->too_many = "<file>";
	else
		g->data = (uint16_t)(at + n);
	return (uint16_t)at;
}

uint16_t jcg_ram(struct jcg *g, size_t n)
{
	uint16_t at = g->ram;
	assert(at + n <= JCG_RAM_MAX);
	g->ram = (uint16_t)(at + n);
	return at;
}

void jcg_initial(struct jcg *g, uint16_t at, const void *p, size_t n)
{
	const uint8_t *b = p;
	for (size_t i = 0; i < n; i++) {
		if (b[i] == 0)
			continue;
		while (g->initial.n <= at + i)
			buf_u8(&g->initial, 0);
		if (!g->initial.bad)
			g->initial.p[at + i] = b[i];
	}
}

static void layout_files(struct jcg *g)
{
	for (uint16_t i = 0; i < g->c->n_files; i++) {
		const struct contract_file *f = &g->c->file[i];
		if (f->record_count != 0 || f->structure == FILE_DATA_OBJECT) {
			g->file_at[i] = f->record_count != 0 ? jcg_record_store(g, i) : jcg_data_store(g, i);
			continue;
		}
		g->file_at[i] = jcg_data(g, f->size);
		if (g->too_many == NULL)
			jcg_initial(g, g->file_at[i], g->c->pool + f->content, f->size);
	}
}

static void layout(struct jcg *g)
{
	g->personal = g->c->n_values != 0;
	g->clear = g->personal && strcmp(g->plan->chip->dialect, "cref") == 0;
	g->has_life = g->personal || g->c->block != 0 || g->c->unblock != 0 || g->c->terminate != 0;
	g->ram = JCG_RAM_FREE;
	if (g->has_life) {
		uint8_t life = g->personal ? JCG_LIFE_PERSONALISATION : JCG_LIFE_OPERATIONAL;
		jcg_initial(g, jcg_data(g, 1), &life, 1);
	}
	layout_files(g);
	for (size_t i = 0; i < PARTS; i++)
		if (parts[i]->layout != NULL)
			parts[i]->layout(g);
	jcg_tables(g);
}

/* ---- the constructor ---- */

/* Runs of what is not zero, with what lies between when that is shorter than the code of another copy. */
static void make_initial(struct jcg *g)
{
	enum { GAP = 16 };
	const uint8_t *p = g->initial.p;
	for (size_t from = 0, n = g->initial.n; from < n; from++) {
		if (p[from] == 0)
			continue;
		size_t end = from + 1;
		for (size_t i = end; i < n && i - end < GAP; i++)
			if (p[i] != 0)
				end = i + 1;
		uint16_t at = jcg_bytes(g, p + from, end - from);
		jcg_code(g, "getstatic_a Ap.bytes ; push %u ; getfield_a_this Ap.data ; push %zu ; push %zu", at, from,
		    end - from);
		jcg_code(g, "call arrayCopyNonAtomic ; pop");
		from = end;
	}
}

static void constructor(struct jcg *g)
{
	enum { CLEAR_ON_RESET = 1, CLEAR_ON_DESELECT = 2 };
	static const char *const argument[] = {"this", NULL};
	jcg_method(g, "<init>", "()V", ACCESS_PRIVATE, argument);
	jcg_code(g, "aload this ; call appletInit");
	if (g->data != 0)
		jcg_code(g, "aload this ; push %u ; newarray B ; putfield_a Ap.data", g->data);
	make_initial(g);
	jcg_code(g, "aload this ; push %u ; push %u ; call makeTransientByteArray ; putfield_a Ap.ram", g->ram,
	    CLEAR_ON_DESELECT);
	if (jcg_small_buffer(g))
		jcg_code(g, "aload this ; push %u ; push %u ; call makeTransientByteArray ; putfield_a Ap.command",
		    JCG_BUFFER, CLEAR_ON_RESET);
	for (size_t i = 0; i < PARTS; i++)
		if (parts[i]->make != NULL)
			parts[i]->make(g);
	jcg_code(g, "aload this ; call register ; return");
}

static void install(struct jcg *g)
{
	static const char *const argument[] = {"array", "off", "len", NULL};
	jcg_method(g, "install", "([BSB)V", ACCESS_PUBLIC | ACCESS_STATIC, argument);
	jcg_code(g, "new Ap ; invokespecial Ap.<init>()V ; return");
}

/* ---- process ---- */

static int by_ins(const void *a, const void *b)
{
	const struct jcg_command *x = a, *y = b;
	return (int8_t)x->ins - (int8_t)y->ins;
}

bool jcg_offers(const struct jcg *g, uint8_t cla)
{
	size_t i = 0;
	while (i < g->n_commands && g->command[i].cla != cla)
		i++;
	return i < g->n_commands;
}

static void dispatch(struct jcg *g, uint8_t cla)
{
	struct buf b = {0};
	for (size_t i = 0; i < g->n_commands; i++)
		if (g->command[i].cla == cla)
			buf_printf(&b, " %d:%s", (int8_t)g->command[i].ins, g->command[i].label);
	jcg_code(g, "aload buf ; sconst_1 ; baload ; slookupswitch !6D00%s", buf_cstr(&b));
	buf_reset(&b);
}

/* Contract 3, number 1. Logical channels and chaining are not offered; a class with secure messaging is 6882 in an AP
 * without it. */
static void class_byte(struct jcg *g)
{
	bool own = jcg_offers(g, 0x80);
	jcg_begin(g, NULL);
	jcg_code(g, "aload buf ; sconst_0 ; baload ; sstore k");
	if (jcg_secure(g)) {
		jcg_code(g,
		    "sload k ; push 12 ; sand ; push 12 ; if_scmpne .plain ; sload k ; push -13 ; sand ; sstore k ; "
		    "sconst_1 ; "
		    "sstore sm ; sload k ; ifeq .known");
		if (own)
			jcg_code(g, "sload k ; push -128 ; if_scmpeq .known");
		jcg_code(g, "sconst_0 ; sstore sm ; goto !6E00 ; .plain:");
	}
	jcg_code(g, "sload k ; ifeq .known");
	if (own)
		jcg_code(g, "sload k ; push -128 ; if_scmpeq .known");
	jcg_code(g, "sload k ; push -13 ; sand ; ifne !6E00 ; goto !6882 ; .known:");
}

static bool is_interface(unsigned op)
{
	return op == RULE_CONTACT || op == RULE_CONTACTLESS;
}

/* Atoms of the command, not of the session: what is kept of them is not read again. */
static unsigned command_atoms(const struct jcg *g)
{
	unsigned set = jcg_secure_atoms(g);
	for (size_t i = 0; i < g->n_atoms; i++)
		if (is_interface(g->atom[i].op))
			set |= 1u << i;
	return set;
}

/* APDU.getProtocol: b8-b5 are 0 with contacts, 8 and 9 without (type A and B); anything else is neither. */
static void load_interface(struct jcg *g)
{
	for (size_t i = 0; i < g->n_atoms; i++) {
		if (!is_interface(g->atom[i].op))
			continue;
		jcg_begin(g, NULL);
		jcg_code(g,
		    g->atom[i].op == RULE_CONTACT ? "call getProtocol ; push -16 ; sand ; ifne .not"
						  : "call getProtocol ; push -32 ; sand ; push -128 ; if_scmpne .not");
		jcg_code(g, "sload status ; push %u ; sor ; sstore status ; .not:", 1u << i);
	}
}

static void load_status(struct jcg *g)
{
	if (g->n_atoms == 0)
		jcg_code(g, "sconst_0 ; sstore status"); /* rules of tables look at it all the same */
	if (g->n_atoms == 0)
		return;
	jcg_code(g, "getfield_a_this Ap.ram ; push %u ; %s", JCG_RAM_STATUS,
	    jcg_wide_status(g) ? "call getShort" : "baload");
	if (command_atoms(g) != 0)
		jcg_code(g, "push %d ; sand", (int)~command_atoms(g));
	jcg_code(g, "sstore status");
	load_interface(g);
}

/* Where the buffer does not hold the longest command, an array of the AP's own is `buf` (the platform's is `raw`). */
bool jcg_small_buffer(const struct jcg *g)
{
	const struct chip_fact *f = &g->plan->chip->fact[CHIP_JC_APDU_BUFFER];
	return f->present && f->number < JCG_BUFFER;
}

static void take_command(struct jcg *g)
{
	jcg_code(g, "aload apdu ; call getBuffer ; astore buf");
	if (jcg_small_buffer(g))
		jcg_code(g,
		    "aload buf ; astore raw ; getfield_a_this Ap.command ; astore buf ; aload raw ; sconst_0 ; aload "
		    "buf ; "
		    "sconst_0 ; sconst_5 ; call arrayCopyNonAtomic ; pop");
}

static void process(struct jcg *g)
{
	static const char *const argument[] = {"this", "apdu", "buf", NULL};
	jcg_method(g, "process", "(Ljavacard/framework/APDU;)V", ACCESS_PUBLIC, argument);
	qsort(g->command, g->n_commands, sizeof g->command[0], by_ins);
	jcg_begin(g, NULL);
	if (jcg_secure(g))
		jcg_code(g,
		    "sconst_0 ; sstore sm ; sconst_0 ; sstore held ; sconst_0 ; sstore received ; sconst_0 ; sstore "
		    "has-le ; "
		    "sconst_0 ; sstore le97 ; sconst_0 ; sstore lc");
	take_command(g);
	jcg_code(g, "aload this ; call selectingApplet ; ifne &selected");
	if (g->clear)
		jcg_store_seen(g);
	class_byte(g);
	jcg_life_check(g);
	load_status(g);
	jcg_secure_process(g);
	jcg_load_here(g);
	if (jcg_offers(g, 0x80)) {
		jcg_begin(g, NULL);
		jcg_code(g, "aload buf ; sconst_0 ; baload ; ifge .plain");
		dispatch(g, 0x80);
		jcg_code(g, ".plain:");
	}
	if (jcg_offers(g, 0x00))
		dispatch(g, 0x00);
	else
		jcg_code(g, "goto !6D00");
	jcg_selected(g);
	g->diverts = jcg_secure(g);
	for (size_t i = 0; i < PARTS; i++)
		if (parts[i]->code != NULL)
			parts[i]->code(g);
	if (g->clear)
		jcg_store(g);
	if (g->c->n_keys != 0 || g->c->n_pins != 0)
		jcg_code(g, "&tries: ; push 0x63C0 ; sload tries ; sor ; goto &throw");
	if (jcg_secure(g) && g->has_life)
		jcg_code(g, "&not-yet: ; sconst_0 ; sstore sm ; goto !6985");
	jcg_finish(g);
	g->diverts = false;
}

/* ---- routines of everybody ---- */

static void receive_whole(struct jcg *g)
{
	jcg_code(
	    g, "aload apdu ; call setIncomingAndReceive ; sstore n ; .more: ; sload n ; sload lc ; if_scmpge .end");
	jcg_code(g,
	    "aload apdu ; sload n ; sconst_5 ; sadd ; call receiveBytes ; sstore k ; sload n ; sload k ; sadd ; sstore "
	    "n");
}

/* k bytes each, from the platform's buffer behind the header. */
static void receive_pieces(struct jcg *g)
{
	jcg_code(g, "sconst_0 ; sstore n ; aload apdu ; call setIncomingAndReceive ; sstore k ; goto .piece");
	jcg_code(
	    g, ".more: ; sload n ; sload lc ; if_scmpge .end ; aload apdu ; sconst_5 ; call receiveBytes ; sstore k");
	jcg_code(g,
	    ".piece: ; aload raw ; sconst_5 ; aload buf ; sload n ; sconst_5 ; sadd ; sload k ; call "
	    "arrayCopyNonAtomic ; pop ; "
	    "sload n ; sload k ; sadd ; sstore n");
}

/* The runtime delivers what fits in a block of the protocol. */
void jcg_routine_receive(struct jcg *g)
{
	if (jcg_secure(g))
		jcg_code(g, "sload received ; ifne .end");
	jcg_code(g, "aload buf ; sconst_4 ; baload ; push 255 ; sand ; sstore lc ; sload lc ; ifeq .end");
	if (jcg_small_buffer(g))
		receive_pieces(g);
	else
		receive_whole(g);
	/* A Le looks like an Lc: there is nothing to receive. */
	jcg_code(g, "sload k ; ifne .more ; sload n ; sstore lc");
	jcg_code(g, ".end: ; ret ra-receive");
}

void jcg_routine_send(struct jcg *g)
{
	if (jcg_secure(g))
		jcg_secure_send(g);
	jcg_code(g, "aload apdu ; sload n ; call setOutgoingLength");
	jcg_code(g, "aload apdu ; aload out ; sload from ; sload n ; call sendBytesLong ; ret ra-send");
}

/* ---- all of it ---- */

static const char *beyond_objects(const struct plan *p, struct srcloc *at)
{
	const struct contract *c = p->contract;
	const struct description_where *w = p->description->where;
	if (c->n_commands != 0) {
		*at = w->command[0].element;
		return "<command>";
	}
	return NULL;
}

/* Before Java Card 2.2 no card said more than its protocol, and was always one with contacts. */
static bool tells_interface(const struct chip *chip)
{
	const struct chip_fact *f = &chip->fact[CHIP_IMPORT_JAVACARD_FRAMEWORK];
	return f->present && f->number >= API_VERSION(1, 2);
}

static const char *beyond_ap(const struct plan *p, struct srcloc *at)
{
	const struct contract *c = p->contract;
	const struct description_where *w = p->description->where;
	*at = w->ap;
	if (c->extended)
		return "apdu=\"extended\"";
	for (uint16_t i = 2; i < c->n_rules; i++) {
		*at = w->rule[i];
		if (is_interface(c->rule[i].op) && !tells_interface(p->chip))
			return c->rule[i].op == RULE_CONTACT ? "contact" : "contactless";
	}
	return NULL;
}

const char *jcg_beyond(const struct plan *p, struct srcloc *at)
{
	static const char *(*const find[])(const struct plan *, struct srcloc *) = {beyond_objects, jcg_counter_beyond,
	    jcg_life_beyond, jcg_pin_beyond, jcg_key_beyond, jcg_df_beyond, jcg_secure_beyond, beyond_ap};
	for (size_t i = 0; i < sizeof find / sizeof *find; i++) {
		const char *what = find[i](p, at);
		if (what != NULL)
			return what;
	}
	return NULL;
}

/* "ap/" and the AP's id as a name of Java. */
static const char *package_name(struct jcg *g)
{
	char *name = arena_printf(g->a, "ap/%s", g->c->id);
	for (char *p = name; *p != 0; p++)
		if (*p == '-')
			*p = '_';
	return name;
}

/* The package has a number of its own: contract 11. */
static size_t package_aid(const struct contract *c, uint8_t aid[AID_MAX])
{
	enum { RID = 5 };
	memcpy(aid, c->aid, c->aid_len);
	if (c->aid_len > RID) {
		aid[RID] ^= 0x80;
		return c->aid_len;
	}
	aid[RID] = 0x80;
	return RID + 1;
}

struct assembler *jcg_applet(struct jcg *g, const struct plan *p)
{
	uint8_t aid[AID_MAX];
	g->a = p->arena;
	g->plan = p;
	g->c = p->contract;
	size_t n = package_aid(g->c, aid);
	g->s = asm_new(g->a, package_name(g), aid, n, API_VERSION(1, 0));
	g->text = ARENA_NEW(g->a, struct asm_text);
	g->text->a = g->a;
	g->text->s = g->s;
	g->text->count = -1;
	g->class = asm_class(g->s, "Ap", ACCESS_PUBLIC, "javacard/framework/Applet");
	asm_applet(g->s, g->c->aid, g->c->aid_len, "Ap");
	layout(g);
	if (g->too_many != NULL)
		return NULL;
	process(g);
	if (g->personal && !g->clear)
		jcg_process_data(g);
	constructor(g);
	install(g);
	jcg_statics(g);
	return g->s;
}

void jcg_reset(struct jcg *g)
{
	buf_reset(&g->initial);
	buf_reset(&g->bytes);
	buf_reset(&g->shorts);
}
