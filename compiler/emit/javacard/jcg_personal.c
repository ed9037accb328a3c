/* Personalisation: see jcg.h. Application.processData gets the whole STORE DATA command, header first (GlobalPlatform
 * Card Specification 2.3.1, 11.11; API of org.globalplatform).
 *
 * The reference simulator cref has no GlobalPlatform: for it alone (profile cref-222) the AP takes the same STORE DATA
 * commands itself, in clear. The loader puts such an image on a simulated card only (contract 10). */
#include "compiler/emit/javacard/jcg.h"

#include <assert.h>

enum { LEVEL = 0x83 /* AUTHENTICATED, C_DECRYPTION, C_MAC */ };

uint16_t jcg_address(const struct jcg *g, const struct contract_value *v)
{
	const struct contract_field *f;
	switch ((enum value_kind)v->kind) {
	case VALUE_FIELD:
		f = &g->c->field[v->target];
		if (f->record != 0)
			return (uint16_t)(jcg_record_at(g, f->file, f->record) + f->offset);
		if (g->c->file[f->file].structure == FILE_DATA_OBJECT)
			return (uint16_t)(jcg_data_at(g, f->file) + f->offset);
		return (uint16_t)(g->file_at[f->file] + f->offset);
	case VALUE_KEY:
		return (uint16_t)(JCG_ADDRESS_KEY | v->target);
	case VALUE_PIN:
		return (uint16_t)(JCG_ADDRESS_PIN | v->target);
	case VALUE_PUK:
		return (uint16_t)(JCG_ADDRESS_PIN | (g->c->n_pins + v->target));
	case VALUE_KEY_MAC:
		return (uint16_t)(JCG_ADDRESS_KEY | (g->c->n_keys + v->target));
	}
	assert(false && "a value that no part carries");
	return 0;
}

static bool any_key(const struct jcg *g, bool des)
{
	for (uint16_t i = 0; i < g->c->n_keys; i++)
		if ((g->c->key[i].algorithm == KEY_DES_EDE2) == des)
			return true;
	return false;
}

/* The value is under the DEK besides. Ends where the block has been taken. */
static void take_key(struct jcg *g)
{
	bool aes = any_key(g, false), des = any_key(g, true);
	if (!g->clear)
		jcg_code(g, "call getSecureChannel ; aload buf ; sload at ; sload len ; call decryptData ; pop");
	jcg_code(g, "getfield_a_this Ap.keys ; sload to ; push 255 ; sand ; aaload ; astore key");
	if (aes && des)
		jcg_code(g, "aload key ; instanceof javacard/security/DESKey ; ifne .des");
	if (aes)
		jcg_code(g,
		    "aload key ; checkcast javacard/security/AESKey ; aload buf ; sload at ; call setAesKey ; goto "
		    ".taken");
	if (des)
		jcg_code(g,
		    ".des: ; aload key ; checkcast javacard/security/DESKey ; aload buf ; sload at ; call setDesKey ; "
		    "goto .taken");
}

static void take_pin(struct jcg *g)
{
	jcg_code(g,
	    "getfield_a_this Ap.pins ; sload to ; push 255 ; sand ; aaload ; aload buf ; sload at ; sload len ; s2b ; "
	    "call pinUpdate ; goto .taken");
}

/* Addresses: data from 0, keys from 8000, PINs and then PUKs from C000. */
static void take(struct jcg *g)
{
	bool keys = g->c->n_keys != 0, pins = g->c->n_pins != 0;
	if (keys || pins)
		jcg_code(g, "sload to ; ifge .data");
	if (keys && pins)
		jcg_code(g, "sload to ; push 0x4000 ; sand ; ifne .pin");
	if (keys)
		take_key(g);
	if (pins) {
		jcg_code(g, ".pin:");
		take_pin(g);
	}
	jcg_code(g,
	    ".data: ; aload buf ; sload at ; getfield_a_this Ap.data ; sload to ; sload len ; call arrayCopyNonAtomic "
	    "; "
	    "pop ; .taken:");
}

/* Offsets in the command: P1 2, address 5, value 7. */
void jcg_process_data(struct jcg *g)
{
	static const char *const argument[] = {"this", "buf", "off", "len", NULL};
	asm_implements(g->class, "org/globalplatform/Application");
	jcg_method(g, "processData", "([BSS)V", ACCESS_PUBLIC, argument);
	jcg_begin(g, NULL);
	jcg_code(g, "getfield_a_this Ap.data ; sconst_0 ; baload ; ifne !6985");
	jcg_code(g, "call getSecureChannel ; call getSecurityLevel ; push %u ; sand ; push %u ; if_scmpne !6982", LEVEL,
	    LEVEL);
	jcg_code(g, "sload off ; push 7 ; sadd ; sstore at ; sload len ; push 7 ; ssub ; sstore len");
	jcg_code(g, "aload buf ; sload off ; sconst_5 ; sadd ; call getShort ; sstore to");
	take(g);
	jcg_code(g, "aload buf ; sload off ; sconst_2 ; sadd ; baload ; ifge .more");
	jcg_code(g, "getfield_a_this Ap.data ; sconst_0 ; sconst_1 ; bastore ; .more: ; return");
	jcg_finish(g);
}

void jcg_store_seen(struct jcg *g)
{
	enum { STORE_DATA = -0x7f1e }; /* 80 E2 */
	jcg_code(g, "getfield_a_this Ap.data ; sconst_0 ; baload ; ifne .made ; aload buf ; sconst_0 ; call getShort");
	jcg_code(g, "push %d ; if_scmpne .made ; goto &store ; .made:", STORE_DATA);
}

void jcg_store(struct jcg *g)
{
	jcg_begin(g, "&store");
	jcg_code(g, "jsr @receive ; push 7 ; sstore at ; sload lc ; sconst_2 ; ssub ; sstore len");
	jcg_code(g, "aload buf ; sconst_5 ; call getShort ; sstore to");
	take(g);
	jcg_code(g, "aload buf ; sconst_2 ; baload ; ifge .more");
	jcg_code(g, "getfield_a_this Ap.data ; sconst_0 ; sconst_1 ; bastore ; .more: ; return");
}
