#include <string.h>

#include "runtime/base/wipe.h"
#include "runtime/sim/reference/card.h"

/* AP contract, section 9: who may talk under protection, what it is good for, and when it ends. */

/* "Opened by mutual authentication with a key that some rule or command names for it": sm(level, k) names k, sm(level)
 * every mutual key. */
bool secure_opens(const struct contract *ap, uint16_t key)
{
	if (ap->key[key].use != KEY_MUTUAL)
		return false;
	for (uint16_t i = 0; i < ap->n_rules; i++)
		if (ap->rule[i].op == RULE_SM && (ap->rule[i].b == key || ap->rule[i].b == CONTRACT_NONE))
			return true;
	return false;
}

bool secure_offered(const struct contract *ap)
{
	for (uint16_t i = 0; i < ap->n_keys; i++)
		if (secure_opens(ap, i))
			return true;
	return false;
}

bool secure_offered_86(const struct contract *ap)
{
	for (uint16_t i = 0; i < ap->n_rules; i++)
		if (ap->rule[i].op == RULE_SM && ap->rule[i].a == SM_ENC)
			return secure_offered(ap);
	return false;
}

void secure_end(struct card *c)
{
	struct session *s = c->session;
	if (!s->security.channel.open)
		return;
	s->security.auth[s->security.channel.key] = false;
	for (uint16_t i = 0; i < c->ap->n_pins; i++) {
		if (s->security.inside[i])
			s->verified[i] = false;
		s->security.inside[i] = false;
	}
	protect_forget(&s->security.channel);
}

void security_forget(struct card *c)
{
	protect_forget(&c->session->security.channel);
	wipe(&c->session->security, sizeof c->session->security);
}

enum protection secure_response(const struct contract *ap)
{
	return ap->sm_response == SM_MAC ? PROTECTION_MAC : PROTECTION_ENC_MAC;
}

/* enc+mac satisfies the others. */
bool secure_holds(const struct card *c, enum sm_level level, uint16_t key)
{
	const struct security *s = &c->session->security;
	if (!s->channel.open || s->protection == PROTECTION_NONE || (key != CONTRACT_NONE && key != s->channel.key))
		return false;
	switch (level) {
	case SM_MAC:
		return s->protection == PROTECTION_MAC || s->protection == PROTECTION_ENC_MAC;
	case SM_ENC:
		return s->protection == PROTECTION_ENC || s->protection == PROTECTION_ENC_MAC;
	case SM_ENC_MAC:
		return s->protection == PROTECTION_ENC_MAC;
	}
	return false;
}
