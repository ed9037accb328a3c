#include "runtime/sim/reference/reference.h"

#include <assert.h>
#include <string.h>

#include "runtime/sim/reference/card.h"

static uint32_t memory_size(const struct chip *chip, const struct contract *contract)
{
	(void)chip;
	struct layout at;
	if (contract == NULL)
		return 0;
	assert(contract_valid(contract, contract->size));
	layout_of(contract, &at);
	return at.end;
}

static bool deliver(struct nv *nv, const struct chip *chip, const struct contract *contract, struct diag_list *d)
{
	(void)chip;
	(void)d;
	layout_deliver(nv, contract);
	return true;
}

static struct card card_of(struct sim *s)
{
	/* Where it is was checked at power-up (`alive`); an unchecked contract is never followed. */
	return (struct card){.sim = s, .nv = &s->nv, .ap = layout_contract_at(&s->nv), .session = s->ram};
}

static void power_up(struct sim *s)
{
	struct card c = card_of(s);
	if (layout_contract(&s->nv) == NULL)
		return;
	layout_of(c.ap, &c.session->at);
	c.session->contactless = s->contactless;
	c.session->alive = true;
	layout_recover(&c);
}

static void power_down(struct sim *s)
{
	struct session *session = s->ram;
	protect_forget(&session->security.channel);
}

/* A memory that holds no card answers every command with a card fault. */
static void apdu(struct sim *s, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	struct card c = card_of(s);
	buf_u16(rsp, c.session->alive ? dispatch(&c, cmd, n, rsp) : SW_NO_DIAGNOSIS);
}

/* ISO/IEC 7816-3 8.2: T=0 and T=1; historical bytes of ISO/IEC 7816-4:2020 12.1.1: category 80 (COMPACT-TLV), 73 card
 * capabilities (DF by full name and SFI; data units of one byte; extended lengths or not), 65 the name of the card. */
static size_t atr(struct sim *s, uint8_t out[SIM_ATR_MAX])
{
	static const uint8_t bytes[] = {
	    0x3b, 0x8b, 0x80, 0x01, 0x80, 0x73, 0x84, 0x21, 0x00, 0x65, 'I', 'G', 'A', 'T', 'A'};
	enum { CAPABILITIES_3 = 8, EXTENDED_LENGTHS = 0x40 };
	const struct contract *ap = reference_contract(s);
	memcpy(out, bytes, sizeof bytes);
	if (ap != NULL && ap->extended)
		out[CAPABILITIES_3] |= EXTENDED_LENGTHS;
	uint8_t tck = 0;
	for (size_t i = 1; i < sizeof bytes; i++)
		tck ^= out[i];
	out[sizeof bytes] = tck;
	return sizeof bytes + 1;
}

static uint32_t used(const struct sim *s)
{
	return reference_contract(s) != NULL ? s->nv.size - NV_HOME : 0;
}

const struct contract *reference_contract(const struct sim *s)
{
	return s->family == &sim_reference ? layout_contract(&s->nv) : NULL;
}

bool reference_operational(const struct sim *s)
{
	return reference_contract(s) != NULL && layout_life(&s->nv) != LIFE_PERSONALISATION;
}

const struct sim_family sim_reference = {
    .name = "reference",
    .ram_size = sizeof(struct session),
    .memory_size = memory_size,
    .deliver = deliver,
    .power_up = power_up,
    .power_down = power_down,
    .apdu = apdu,
    .atr = atr,
    .used = used,
};
