/* Personalisation: see jcg.h. Application.processData gets the whole STORE DATA command, header first (GlobalPlatform
 * Card Specification 2.3.1, 11.11; API of org.globalplatform). */
#include "compiler/emit/javacard/jcg.h"

#include <assert.h>

enum { LEVEL = 0x83 /* AUTHENTICATED, C_DECRYPTION, C_MAC */ };

uint16_t jcg_address(const struct jcg *g, const struct contract_value *v)
{
	const struct contract_field *f;
	switch ((enum value_kind)v->kind) {
	case VALUE_FIELD:
		f = &g->c->field[v->target];
		return (uint16_t)(g->file_at[f->file] + f->offset);
	case VALUE_PIN:
	case VALUE_PUK:
	case VALUE_KEY:
	case VALUE_KEY_MAC:
		break;
	}
	assert(false && "a value that no part carries");
	return 0;
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
	jcg_code(g, "aload buf ; sload off ; push 7 ; sadd ; getfield_a_this Ap.data");
	jcg_code(g, "aload buf ; sload off ; sconst_5 ; sadd ; call getShort ; sload len ; push 7 ; ssub");
	jcg_code(g, "call arrayCopyNonAtomic ; pop");
	jcg_code(g, "aload buf ; sload off ; sconst_2 ; sadd ; baload ; ifge .more");
	jcg_code(g, "getfield_a_this Ap.data ; sconst_0 ; sconst_1 ; bastore ; .more: ; return");
	jcg_finish(g);
}
