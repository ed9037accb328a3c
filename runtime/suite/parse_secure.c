/* clang-format off */
/* Statements about keys and secure messaging:
 *
 *   head       = "key" NAME P2 use algorithm VALUE [ VALUE ]   K; of a mutual key K.ENC and K.MAC
 *              | "sm-response" ( "mac" | "enc+mac" )           how answers are protected; enc+mac when it is not said
 *   use        = "external" | "internal" | "mutual"
 *   algorithm  = "des" | "aes" | ( "rsa-2048" | "rsa-3072" | "ec-p256" | "ec-p384" ) ( "sha256" | "sha384" )   internal
 *   step       = "challenge" XX  expect                        GET CHALLENGE with this Le
 *              | "auth" NAME [ "wrong" ]  expect               GET CHALLENGE and EXTERNAL AUTHENTICATE
 *              | "internal" NAME N  expect                     INTERNAL AUTHENTICATE of N bytes by chance
 *              | "sm" ( "mac" | "enc" | "enc+mac" )            what is sent from here on is protected,
 *              | "plain"                                       or not
 *              | "sm-fault" fault                              the next `send` goes with this fault
 *   fault      = "mac" | "missing" | "first" | "short" | "cut" | "skipped" | "header" | "indicator" | "padding"
 *              | "twice" | "order" | "unknown"                 as runtime/sm/session.h says
 *              | "replay"                                      the last protected command once more
 *              | "late" | "again"                              in a session that is over
 *
 * `auth` opens a session when the card's answer is right; `sm` wants one. Answers of `auth` and `internal` with 9000 are
 * checked: they must be by this key; then they count as empty. An asymmetric key's VALUE is the private key, of which
 * the driver takes the public half. GET CHALLENGE and EXTERNAL AUTHENTICATE of an external key go protected where `sm`
 * says so, those of a mutual key never. "enc" is class 08.
 *
 * A protected command wants a protected answer, at the level of `sm-response`. In plain are only the status words of
 * class secure-messaging, with which the session ends, and what `plain` stands before. The session of the driver is over
 * behind `select`, `reset` and a fault, too; `late` and `again` speak in it all the same, as it would go on.
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

/* The word is one of these: its index, or -1. */
static int one_of(const struct scan *s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (scan_is(s, words[i]))
			return (int)i;
	return -1;
}

static bool key_use(struct parser *p, struct program_key *k)
{
	static const char *const words[] = {
	    [KEY_EXTERNAL] = "external", [KEY_INTERNAL] = "internal", [KEY_MUTUAL] = "mutual"};
	scan_next(&p->scan);
	int i = one_of(&p->scan, words, sizeof words / sizeof *words);
	if (i < 0)
		return scan_error(
		    &p->scan, DIAG_SUITE_EXPECTED, "external, internal or mutual", scan_word_text(&p->scan), NULL);
	k->use = (uint8_t)i;
	return true;
}

static bool key_hash(struct parser *p, struct program_key *k)
{
	static const char *const words[] = {[SIGNATURE_SHA256] = "sha256", [SIGNATURE_SHA384] = "sha384"};
	scan_next(&p->scan);
	int i = one_of(&p->scan, words, sizeof words / sizeof *words);
	if (i < 0)
		return scan_error(&p->scan, DIAG_SUITE_EXPECTED, "sha256 or sha384", scan_word_text(&p->scan), NULL);
	k->hash = (enum signature_hash)i;
	return true;
}

static bool key_algorithm(struct parser *p, struct program_key *k)
{
	static const char *const ciphers[] = {[CIPHER_DES_EDE2] = "des", [CIPHER_AES] = "aes"};
	static const char *const signatures[] = {[SIGNATURE_RSA_2048] = "rsa-2048",
	    [SIGNATURE_RSA_3072] = "rsa-3072",
	    [SIGNATURE_EC_P256] = "ec-p256",
	    [SIGNATURE_EC_P384] = "ec-p384"};
	scan_next(&p->scan);
	int cipher = one_of(&p->scan, ciphers, sizeof ciphers / sizeof *ciphers);
	int signature = one_of(&p->scan, signatures, sizeof signatures / sizeof *signatures);
	if (cipher >= 0) {
		k->cipher = (enum cipher_algorithm)cipher;
		return true;
	}
	if (signature < 0 || k->use != KEY_INTERNAL)
		return scan_error(&p->scan, DIAG_SUITE_EXPECTED,
		    k->use == KEY_INTERNAL ? "des, aes, rsa-2048, rsa-3072, ec-p256 or ec-p384" : "des or aes",
		    scan_word_text(&p->scan), NULL);
	k->signs = true;
	k->signature = (enum signature_key)signature;
	return key_hash(p, k);
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
	if (!key_use(p, &k) || !key_algorithm(p, &k) || !key_value(p, &k.value) ||
	    (k.use == KEY_MUTUAL && !key_value(p, &k.mac)))
		return false;
	if (!program_grow(&p->suite->key, &p->suite->cap_keys, p->suite->n_keys, sizeof k))
		return parse_no_memory(p);
	p->suite->key[p->suite->n_keys++] = k;
	return parse_end(p);
}

static bool parse_mode(struct parser *p, bool answer, enum sm_mode *mode)
{
	static const char *const words[] = {
	    [SM_MODE_MAC] = "mac", [SM_MODE_ENC] = "enc", [SM_MODE_ENC_MAC] = "enc+mac"};
	scan_next(&p->scan);
	int i = one_of(&p->scan, words, sizeof words / sizeof *words);
	if (i < 0 || (answer && i == SM_MODE_ENC))
		return scan_error(&p->scan, DIAG_SUITE_EXPECTED, answer ? "mac or enc+mac" : "mac, enc or enc+mac",
		    scan_word_text(&p->scan), NULL);
	*mode = (enum sm_mode)i;
	return true;
}

bool parse_sm_response(struct parser *p)
{
	return parse_mode(p, true, &p->suite->response) && parse_end(p);
}

/* ---- steps ---- */

bool parse_challenge(struct parser *p)
{
	struct program_step *step = parse_add_step(p, STEP_CHALLENGE);
	struct scan *s = &p->scan;
	uint8_t le = 0;
	size_t n = 0;
	if (step == NULL)
		return false;
	scan_next(s);
	if (s->string || !hex_decode(s->word, s->word_n, &le, 1, &n) || n != 1)
		return scan_error(s, DIAG_SUITE_EXPECTED, "Le as two digits", scan_word_text(s), NULL);
	step->le = le;
	return parse_end(p);
}

static bool step_key(struct parser *p, struct program_step *step)
{
	char name[SUITE_WORD];
	scan_next(&p->scan);
	if (!parse_name(p, name))
		return false;
	size_t at = find_key(p->suite, name);
	bool internal = step->op == STEP_INTERNAL;
	if (at == SIZE_MAX)
		return scan_error(&p->scan, DIAG_SUITE_VALUE_UNKNOWN, name, NULL, NULL);
	if ((p->suite->key[at].use == KEY_INTERNAL) != internal)
		return scan_error(&p->scan, DIAG_SUITE_EXPECTED,
		    internal ? "an internal key" : "an external or a mutual key", name, NULL);
	step->key = (uint32_t)at;
	return true;
}

bool parse_auth(struct parser *p)
{
	struct program_step *step = parse_add_step(p, STEP_AUTH);
	if (step == NULL || !step_key(p, step))
		return false;
	if (!scan_next(&p->scan))
		return true;
	if (!scan_is(&p->scan, "wrong"))
		return scan_error(
		    &p->scan, DIAG_SUITE_EXPECTED, "wrong or end of line", scan_word_text(&p->scan), NULL);
	step->wrong = true;
	return parse_end(p);
}

bool parse_internal(struct parser *p)
{
	struct program_step *step = parse_add_step(p, STEP_INTERNAL);
	if (step == NULL || !step_key(p, step))
		return false;
	scan_next(&p->scan);
	return scan_number(&p->scan, "the length of the challenge", PROGRAM_CHALLENGE_MAX, &step->length) &&
	    parse_end(p);
}

bool parse_sm(struct parser *p)
{
	struct program_step *step = parse_add_step(p, STEP_PROTECT);
	return step != NULL && parse_mode(p, false, &step->mode) && parse_end(p);
}

bool parse_plain(struct parser *p)
{
	return parse_add_step(p, STEP_PLAIN) != NULL && parse_end(p);
}

bool parse_sm_fault(struct parser *p)
{
	struct scan *s = &p->scan;
	if (!parse_close_step(p))
		return false;
	if (p->faulty)
		return scan_error(s, DIAG_SUITE_STATEMENT, "sm-fault", NULL, NULL);
	p->fault_line = s->line;
	scan_next(s);
	p->replay = scan_is(s, "replay");
	p->fault = p->replay ? SM_FAULT_MAC : SM_RIGHT;
	for (int f = SM_RIGHT + 1; f < SM_FAULTS && !p->replay; f++)
		if (scan_is(s, program_fault_name((enum sm_fault)f)))
			p->fault = (enum sm_fault)f;
	if (p->fault != SM_RIGHT)
		return p->faulty = parse_end(p);
	return scan_error(s, DIAG_SUITE_EXPECTED, "a fault of secure messaging", scan_word_text(s), NULL);
}
