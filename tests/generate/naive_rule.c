/* Rules as text, evaluated while they are read. */
#include <ctype.h>
#include <string.h>

#include "tests/generate/naive.h"

/* What is wanted of each condition: its truth, or whether it is of some kind. */
enum question { QUESTION_HOLDS, QUESTION_EVER, QUESTION_TRANSPORT, QUESTION_CONSTANT };

struct text {
	const struct naive_ap *ap;
	const struct naive_state *s;
	enum question q;
	const char *p;
};

static void blanks(struct text *t)
{
	while (*t->p == ' ')
		t->p++;
}

static bool take(struct text *t, char c)
{
	blanks(t);
	if (*t->p != c)
		return false;
	t->p++;
	return true;
}

/* The next word: letters, digits, hyphens and plus signs. */
static void word(struct text *t, char out[40])
{
	size_t n = 0;
	blanks(t);
	while ((isalnum((unsigned char)*t->p) || *t->p == '-' || *t->p == '+') && n < 39)
		out[n++] = *t->p++;
	out[n] = 0;
}

static bool next_is(struct text *t, const char *want)
{
	struct text copy = *t;
	char w[40];
	word(&copy, w);
	if (strcmp(w, want) != 0)
		return false;
	*t = copy;
	return true;
}

static bool any(struct text *t);

static bool level_holds(const char *wanted, enum naive_level level)
{
	if (strcmp(wanted, "mac") == 0)
		return level == NAIVE_MAC || level == NAIVE_ENC_MAC;
	if (strcmp(wanted, "enc") == 0)
		return level == NAIVE_ENC || level == NAIVE_ENC_MAC;
	return level == NAIVE_ENC_MAC;
}

static bool sm_holds(const struct text *t, const char *level, const char *key)
{
	const struct naive_state *s = t->s;
	if (s->session == NAIVE_NONE || s->level == NAIVE_PLAIN)
		return false;
	return level_holds(level, s->level) && (*key == 0 || strcmp(key, t->ap->key[s->session].id) == 0);
}

static size_t pin_named(const struct naive_ap *ap, const char *id)
{
	size_t i = 0;
	while (i + 1 < ap->n_pins && strcmp(ap->pin[i].id, id) != 0)
		i++;
	return i;
}

static size_t key_named(const struct naive_ap *ap, const char *id)
{
	size_t i = 0;
	while (i + 1 < ap->n_keys && strcmp(ap->key[i].id, id) != 0)
		i++;
	return i;
}

static bool condition(const struct text *t, const char *name, const char *argument, const char *second)
{
	if (t->q == QUESTION_EVER)
		return true;
	if (t->q == QUESTION_TRANSPORT)
		return strcmp(name, "pin") == 0 && t->s->transport[pin_named(t->ap, argument)];
	if (t->q == QUESTION_CONSTANT)
		return false;
	if (strcmp(name, "pin") == 0)
		return t->s->verified[pin_named(t->ap, argument)];
	if (strcmp(name, "pin-unset") == 0)
		return !t->s->has_value[pin_named(t->ap, argument)];
	if (strcmp(name, "auth") == 0)
		return t->s->auth[key_named(t->ap, argument)];
	return sm_holds(t, argument, second);
}

static bool alone(const struct text *t, const char *name)
{
	if (strcmp(name, "always") == 0)
		return t->q != QUESTION_TRANSPORT;
	if (strcmp(name, "never") == 0)
		return t->q == QUESTION_CONSTANT;
	if (strcmp(name, "contact") == 0 || strcmp(name, "contactless") == 0)
		return t->q == QUESTION_EVER ||
		    (t->q == QUESTION_HOLDS && t->s->contactless == (strcmp(name, "contactless") == 0));
	for (size_t i = 0; i < t->ap->n_rules; i++)
		if (strcmp(t->ap->rule[i].id, name) == 0)
			return any(&(struct text){t->ap, t->s, t->q, t->ap->rule[i].when});
	return false;
}

static bool one(struct text *t)
{
	char name[40], argument[40] = "", second[40] = "";
	if (take(t, '(')) {
		bool yes = any(t);
		take(t, ')');
		return yes;
	}
	word(t, name);
	if (!take(t, '('))
		return alone(t, name);
	word(t, argument);
	if (take(t, ','))
		word(t, second);
	take(t, ')');
	return condition(t, name, argument, second);
}

/* Whether some condition is of a kind does not depend on what joins it to others. */
static bool join(const struct text *t, bool both, bool a, bool b)
{
	return both && t->q <= QUESTION_EVER ? a && b : a || b;
}

static bool all(struct text *t)
{
	bool yes = one(t);
	while (next_is(t, "and"))
		yes = join(t, true, one(t), yes);
	return yes;
}

static bool any(struct text *t)
{
	bool yes = all(t);
	while (next_is(t, "or"))
		yes = join(t, false, all(t), yes);
	return yes;
}

static bool ask(const struct naive_ap *ap, const struct naive_state *s, enum question q, const char *rule)
{
	return rule != NULL && any(&(struct text){ap, s, q, rule});
}

bool naive_holds(const struct naive_ap *ap, const struct naive_state *s, const char *rule)
{
	return ask(ap, s, QUESTION_HOLDS, rule);
}

bool naive_ever(const struct naive_ap *ap, const char *rule)
{
	return ask(ap, NULL, QUESTION_EVER, rule);
}

bool naive_names_transport(const struct naive_ap *ap, const struct naive_state *s, const char *rule)
{
	return ask(ap, s, QUESTION_TRANSPORT, rule);
}

bool naive_has_constant(const struct naive_ap *ap, const char *rule)
{
	return ask(ap, NULL, QUESTION_CONSTANT, rule);
}
