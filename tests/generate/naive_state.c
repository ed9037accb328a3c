/* What SELECT, another DF and the end of secure messaging leave of a session: AP contract, sections 5, 8 and 9. */
#include "tests/generate/naive.h"

struct naive_state naive_fresh(const struct naive_ap *ap)
{
	struct naive_state s = {.session = NAIVE_NONE};
	for (size_t i = 0; i < ap->n_pins; i++) {
		s.transport[i] = ap->pin[i].transport;
		s.has_value[i] = !ap->pin[i].unset;
		s.tries[i] = ap->pin[i].tries;
		s.puk_tries[i] = ap->pin[i].puk_tries;
	}
	for (size_t i = 0; i < ap->n_keys; i++)
		s.key_tries[i] = ap->key[i].tries;
	return s;
}

/* "Clears everything of the session". */
void naive_select(const struct naive_ap *ap, struct naive_state *s, int df)
{
	for (size_t i = 0; i < ap->n_pins; i++)
		s->verified[i] = s->inside[i] = false;
	for (size_t i = 0; i < ap->n_keys; i++)
		s->auth[i] = false;
	s->session = NAIVE_NONE;
	s->df = df;
}

/* "Parent and child DF keep the AP's PIN and key status and clear DF-local status". */
void naive_enter(const struct naive_ap *ap, struct naive_state *s, int df)
{
	for (size_t i = 0; i < ap->n_pins; i++)
		if (ap->pin[i].df != 0)
			s->verified[i] = false;
	for (size_t i = 0; i < ap->n_keys; i++)
		if (ap->key[i].df != 0)
			s->auth[i] = false;
	s->df = df;
}

/* "Ends the session, clears auth() of its key and every PIN verified inside it". */
void naive_end_session(const struct naive_ap *ap, struct naive_state *s)
{
	if (s->session == NAIVE_NONE)
		return;
	s->auth[s->session] = false;
	for (size_t i = 0; i < ap->n_pins; i++) {
		s->verified[i] = s->verified[i] && !s->inside[i];
		s->inside[i] = false;
	}
	s->session = NAIVE_NONE;
}
