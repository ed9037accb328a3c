/* PINs: contract 7. */
#include "compiler/emit/javacard/jcg.h"

#include "runtime/base/iso7816.h"

/* Without PINs every reference is to none. */
static void layout(struct jcg *g)
{
	static const uint8_t ins[] = {INS_VERIFY, INS_CHANGE_REFERENCE_DATA, INS_RESET_RETRY_COUNTER};
	for (size_t i = 0; i < sizeof ins; i++)
		jcg_command(g, 0x00, ins[i], "!6A88");
}

const struct jcg_part jcg_pin = {.layout = layout};
