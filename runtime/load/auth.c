#include "runtime/load/auth.h"

static bool wrong(const struct auth *a, struct session *s, struct journal *j, int left)
{
	struct srcloc at = {.file = s->name};
	const char *number = left == TRIES_UNKNOWN ? "?" : diag_num((uintmax_t)left);
	if (left == TRIES_UNKNOWN)
		diag_add(s->diags, at, DIAG_KEY_WRONG_UNCOUNTED, NULL);
	else
		diag_add(s->diags, at, left == 0 ? DIAG_KEY_BLOCKED : DIAG_KEY_WRONG, number, NULL);
	tries_failed(a->folder, a->card, a->key, left, s->diags);
	journal_add(j, s->diags, "authentication-failed", "left", number, NULL);
	return false;
}

bool auth_prove(const struct auth *a, struct session *s, const struct load_dialect *dialect, struct journal *j)
{
	int left = TRIES_UNKNOWN;
	if (!dialect->tries(s, &left) || !tries_allow(a->folder, a->card, a->key, left, a->last_try, s->diags))
		return false;
	switch (dialect->authenticate(s, a->key, &left)) {
	case AUTH_DONE:
		if (!s->dry)
			tries_done(a->folder, a->card);
		return true;
	case AUTH_WRONG:
		return wrong(a, s, j, left);
	case AUTH_BLOCKED:
		return wrong(a, s, j, 0);
	case AUTH_REFUSED:
		return session_refused(s, DIAG_KEY_REFUSED, dialect->key_kind);
	case AUTH_LOST:
		break;
	}
	return false;
}
