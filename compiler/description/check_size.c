/* What has to be carried whole by one command or response, against what these carry: a record, a data object, the data
 * and the response of a custom command. Files are read and written in pieces. */
#include "compiler/description/build.h"

/* Short APDUs: 255 bytes of data, 256 of response. Under secure messaging with AES (the smaller of the two suites) 239
 * of data, 223 where a response is asked for, and 223 of response: AP contract, 9. */
enum {
	DATA_PLAIN = 255,
	RESPONSE_PLAIN = 256,
	DATA_PROTECTED = 239,
	DATA_WITH_RESPONSE = 223,
	RESPONSE_PROTECTED = 223
};

static void check(struct build *b, const char *id, struct srcloc at, const char *what, uint32_t length, uint32_t limit)
{
	if (length > limit)
		diag_add(b->d, at, DIAG_OBJECT_TOO_LONG, id, diag_num(length), what, diag_num(limit), NULL);
}

static void check_file(struct build *b, uint16_t i)
{
	const struct contract_file *f = &b->c->file[i];
	bool data = f->structure == FILE_DATA_OBJECT;
	uint32_t length = data ? f->size : f->record_length;
	for (int op = FILE_READ; op <= FILE_APPEND; op++) {
		if (f->rule[op] == 0)
			continue;
		bool protected = rule_needs_sm(b->c, f->rule[op]);
		uint32_t read = protected ? RESPONSE_PROTECTED : RESPONSE_PLAIN;
		uint32_t write = protected ? DATA_PROTECTED : DATA_PLAIN;
		check(b, f->id, b->w->file[i].size, contract_file_op_name((enum file_op)op), length,
		    op == FILE_READ ? read : write);
	}
}

static void check_command(struct build *b, uint16_t i)
{
	const struct contract_command *m = &b->c->command[i];
	if (rule_needs_sm(b->c, m->rule) && answer_of_command(b->c, m) == ANSWER_DATA)
		check(b, m->id, b->w->command[i].data, "command", m->data, DATA_WITH_RESPONSE);
}

static bool has_sm(const struct contract *c)
{
	for (uint16_t i = 0; i < c->n_rules; i++)
		if (c->rule[i].op == RULE_SM)
			return true;
	return false;
}

/* A signature is as long as the modulus, and answered whole. ECDSA signatures are short. */
static void check_signature(struct build *b, uint16_t i)
{
	const struct contract_key *k = &b->c->key[i];
	uint32_t length = k->algorithm == KEY_RSA_2048 ? 256 : k->algorithm == KEY_RSA_3072 ? 384 : 0;
	if (k->use != KEY_INTERNAL || !node_has(b->key[i], ATTR_KEY_USE))
		return;
	if (length > RESPONSE_PLAIN)
		diag_add(b->d, b->w->key[i].algorithm, DIAG_SIGNATURE_TOO_LONG, k->id, diag_num(length),
		    diag_num(RESPONSE_PLAIN), NULL);
	else if (length > RESPONSE_PROTECTED && has_sm(b->c))
		diag_add(b->d, b->w->key[i].algorithm, DIAG_SIGNATURE_PLAIN, k->id, diag_num(length),
		    diag_num(RESPONSE_PROTECTED), NULL);
}

void check_sizes(struct build *b)
{
	if (b->c->extended)
		return;
	for (uint16_t i = 0; i < b->c->n_files; i++)
		if (b->c->file[i].structure != FILE_TRANSPARENT && b->c->file[i].structure != FILE_COUNTER)
			check_file(b, i);
	for (uint16_t i = 0; i < b->c->n_commands; i++)
		check_command(b, i);
	for (uint16_t i = 0; i < b->c->n_keys; i++)
		check_signature(b, i);
}
