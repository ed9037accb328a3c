/* clang-format off */
/* Statements about keys and secure messaging:
 *
 *   head       = "key" NAME P2 ( "external" | "mutual" ) ( "des" | "aes" ) VALUE [ VALUE ]   K; of mutual K.ENC, K.MAC
 *   step       = "auth" NAME [ "wrong" ]  expect                     GET CHALLENGE and EXTERNAL AUTHENTICATE
 *              | "sm" ( "mac" | "enc+mac" )                          what is sent from here on is protected,
 *              | "plain"                                             or not
 */
/* clang-format on */
#include "runtime/suite/parse.h"

#include <string.h>

#include "runtime/base/hex.h"

static bool key_value(struct parser *p, uint32_t *out)
{
	struct scan *s = &p->scan;
	size_t at = scan_next(s) ? parse_value_find(p->suite, s->word, s->word_n) : SIZE_MAX;
	if (at == SIZE_MAX)
		return scan_error(s, DIAG_SUITE_VALUE_UNKNOWN, scan_word_text(s), NULL, NULL);
	*out = (uint32_t)at;
	return true;
}

static size_t find_key(const struct suite *s, const char *name)
{
	for (size_t i = 0; i < s->n_keys; i++)
		if (strcmp(s->key[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

bool parse_key(struct parser *p)
{
	struct scan *s = &p->scan;
	struct program_key k = {.mac = CAPTURE_NONE};
	size_t n = 0;
	scan_next(s);
	if (!parse_name(p, k.name))
		return false;
	if (find_key(p->suite, k.name) != SIZE_MAX)
		return scan_error(s, DIAG_SUITE_NAME_TWICE, k.name, NULL, NULL);
	scan_next(s);
	if (s->string || !hex_decode(s->word, s->word_n, &k.p2, 1, &n) || n != 1)
		return scan_error(s, DIAG_SUITE_EXPECTED, "P2 as two digits", scan_word_text(s), NULL);
	scan_next(s);
	k.use = scan_is(s, "mutual") ? KEY_MUTUAL : KEY_EXTERNAL;
	if (k.use != KEY_MUTUAL && !scan_is(s, "external"))
		return scan_error(s, DIAG_SUITE_EXPECTED, "external or mutual", scan_word_text(s), NULL);
	scan_next(s);
	k.cipher = scan_is(s, "aes") ? CIPHER_AES : CIPHER_DES_EDE2;
	if (k.cipher != CIPHER_AES && !scan_is(s, "des"))
		return scan_error(s, DIAG_SUITE_EXPECTED, "des or aes", scan_word_text(s), NULL);
	if (!key_value(p, &k.value) || (k.use == KEY_MUTUAL && !key_value(p, &k.mac)))
		return false;
	if (!program_grow(&p->suite->key, &p->suite->cap_keys, p->suite->n_keys, sizeof k))
		return parse_no_memory(p);
	p->suite->key[p->suite->n_keys++] = k;
	return parse_end(p);
}

bool parse_auth(struct parser *p)
{
	struct program_step *step = parse_add_step(p, STEP_AUTH);
	char name[SUITE_WORD];
	if (step == NULL)
		return false;
	scan_next(&p->scan);
	if (!parse_name(p, name))
		return false;
	size_t at = find_key(p->suite, name);
	if (at == SIZE_MAX)
		return scan_error(&p->scan, DIAG_SUITE_VALUE_UNKNOWN, name, NULL, NULL);
	step->key = (uint32_t)at;
	if (!scan_next(&p->scan))
		return true;
	if (!scan_is(&p->scan, "wrong"))
		return scan_error(
		    &p->scan, DIAG_SUITE_EXPECTED, "wrong or end of line", scan_word_text(&p->scan), NULL);
	step->wrong = true;
	return parse_end(p);
}

bool parse_sm(struct parser *p)
{
	struct program_step *step = parse_add_step(p, STEP_PROTECT);
	if (step == NULL)
		return false;
	scan_next(&p->scan);
	step->mac_only = scan_is(&p->scan, "mac");
	if (!step->mac_only && !scan_is(&p->scan, "enc+mac"))
		return scan_error(&p->scan, DIAG_SUITE_EXPECTED, "mac or enc+mac", scan_word_text(&p->scan), NULL);
	return parse_end(p);
}

bool parse_plain(struct parser *p)
{
	return parse_add_step(p, STEP_PLAIN) != NULL && parse_end(p);
}
