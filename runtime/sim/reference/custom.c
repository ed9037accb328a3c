#include "runtime/base/wipe.h"
#include "runtime/sim/reference/card.h"

/* The AP's own commands: CLA 80, P1-P2 0000, exactly `data` bytes. Their steps run in order inside one transaction, so
 * that all of them happen or none: AP contract, sections 4 and 6. A step sees what the steps before it have written. */

static const struct contract_command *command_at(const struct contract *ap, uint8_t ins)
{
	for (uint16_t i = 0; i < ap->n_commands; i++)
		if (ap->command[i].ins == ins)
			return &ap->command[i];
	return NULL;
}

bool custom_ins(const struct card *c, uint8_t ins)
{
	return command_at(c->ap, ins) != NULL;
}

static const struct contract_command *command_of(const struct card *c, const struct call *x)
{
	return command_at(c->ap, x->apdu->ins);
}

/* --- operands ---------------------------------------------------------------------------------------------------- */

static size_t operand_length(const struct contract *ap, const struct contract_operand *o)
{
	switch ((enum operand_kind)o->kind) {
	case OPERAND_NONE:
		return 0;
	case OPERAND_INPUT:
	case OPERAND_LITERAL:
		return o->length;
	case OPERAND_FIELD:
		return ap->field[o->index].length;
	case OPERAND_COUNTER:
		return ap->file[o->index].size;
	}
	return 0;
}

/* Append n bytes as they are at this point of the transaction. */
static void add_stored(const struct card *c, uint32_t at, size_t n, struct buf *out)
{
	uint8_t piece[64];
	for (size_t done = 0; done < n; done += sizeof piece) {
		size_t k = n - done < sizeof piece ? n - done : sizeof piece;
		nv_read(c->nv, at + (uint32_t)done, piece, (uint32_t)k);
		buf_add(out, piece, k);
	}
	wipe(piece, sizeof piece);
}

static void add_operand(const struct card *c, const struct call *x, const struct contract_operand *o, struct buf *out)
{
	size_t n = operand_length(c->ap, o);
	switch ((enum operand_kind)o->kind) {
	case OPERAND_NONE:
		return;
	case OPERAND_INPUT:
		buf_add(out, x->apdu->data + o->at, n);
		return;
	case OPERAND_LITERAL:
		buf_add(out, c->ap->pool + o->at, n);
		return;
	case OPERAND_FIELD:
		add_stored(c, layout_field(c, &c->ap->field[o->index]), n, out);
		return;
	case OPERAND_COUNTER:
		add_stored(c, c->session->at.files[o->index], n, out);
		return;
	}
}

static struct buf operand(const struct card *c, const struct call *x, const struct contract_operand *o)
{
	struct buf v = {0};
	add_operand(c, x, o, &v);
	return v;
}

/* Numbers are unsigned and big-endian; a shorter one has zeros in front. */
static int compare_numbers(const struct buf *a, const struct buf *b)
{
	size_t n = a->n > b->n ? a->n : b->n;
	for (size_t i = 0; i < n; i++) {
		uint8_t p = i + a->n < n ? 0 : a->p[i + a->n - n], q = i + b->n < n ? 0 : b->p[i + b->n - n];
		if (p != q)
			return p < q ? -1 : 1;
	}
	return 0;
}

/* What 32 bits cannot hold is out of every counter's bounds. */
static uint64_t number(const struct buf *v)
{
	uint64_t n = 0;
	for (size_t i = 0; i < v->n; i++) {
		n = n << 8 | v->p[i];
		if (n > UINT32_MAX)
			return UINT32_MAX + UINT64_C(1);
	}
	return n;
}

/* --- steps ------------------------------------------------------------------------------------------------------- */

static sw_t compare(struct card *c, const struct call *x, const struct contract_step *s)
{
	struct buf left = operand(c, x, &s->left), right = operand(c, x, &s->right);
	bool bad = left.bad || right.bad, holds = false;
	int order = bad ? 0 : compare_numbers(&left, &right);
	switch ((enum comparison)s->comparison) {
	case COMPARE_EQUAL:
		holds = order == 0;
		break;
	case COMPARE_NOT_EQUAL:
		holds = order != 0;
		break;
	case COMPARE_AT_LEAST:
		holds = order >= 0;
		break;
	case COMPARE_AT_MOST:
		holds = order <= 0;
		break;
	}
	buf_reset(&left);
	buf_reset(&right);
	return bad ? SW_NO_DIAGNOSIS : holds ? SW_OK : SW_CONDITIONS_OF_USE;
}

static sw_t count(struct card *c, const struct call *x, const struct contract_step *s)
{
	const struct contract_file *f = &c->ap->file[s->left.index];
	struct buf now = operand(c, x, &s->left), amount = operand(c, x, &s->right);
	sw_t sw = SW_NO_DIAGNOSIS;
	uint8_t out[4];
	if (now.bad || amount.bad)
		goto out;
	uint64_t v = number(&now), by = number(&amount);
	sw = SW_CONDITIONS_OF_USE;
	if (s->op == STEP_INCREASE ? v + by > f->max : v < f->min + by)
		goto out;
	v = s->op == STEP_INCREASE ? v + by : v - by;
	for (uint32_t i = 0; i < f->size; i++)
		out[i] = (uint8_t)(v >> 8 * (f->size - 1 - i));
	nv_write(c->nv, c->session->at.files[s->left.index], out, f->size);
	sw = SW_OK;
out:
	buf_reset(&now);
	buf_reset(&amount);
	return sw;
}

/* A field takes exactly its length. */
static sw_t copy(struct card *c, const struct call *x, const struct contract_step *s)
{
	const struct contract_field *f = &c->ap->field[s->right.index];
	struct buf v = operand(c, x, &s->left);
	sw_t sw = v.bad ? SW_NO_DIAGNOSIS : v.n != f->length ? SW_WRONG_LENGTH : SW_OK;
	if (sw == SW_OK)
		nv_write(c->nv, layout_field(c, f), v.p, (uint32_t)v.n);
	buf_reset(&v);
	return sw;
}

/* Is it the only record that this command appends to the file? Then it need not fit the log. */
static bool appends_once(const struct contract *ap, const struct contract_command *k, uint16_t file)
{
	unsigned n = 0;
	for (uint16_t i = 0; i < k->n_steps; i++) {
		const struct contract_step *s = &ap->step[k->first_step + i];
		n += s->op == STEP_APPEND && s->target == file && !s->more;
	}
	return n == 1;
}

/* The parts gathered make a record. */
static sw_t append(struct card *c, const struct contract_command *k, uint16_t file, const struct buf *record)
{
	if (record->bad)
		return SW_NO_DIAGNOSIS;
	if (records_full(c, file))
		return SW_NO_MEMORY;
	if (!records_length_fits(&c->ap->file[file], record->n))
		return SW_WRONG_LENGTH;
	records_append(c, file, record->p, (uint16_t)record->n, appends_once(c->ap, k, file));
	return SW_OK;
}

struct progress {
	const struct contract_command *command;
	struct buf record; /* parts of the record that is being made */
	struct buf response;
};

static sw_t run_step(struct card *c, const struct call *x, const struct contract_step *s, struct progress *p)
{
	sw_t sw;
	switch ((enum step_op)s->op) {
	case STEP_REQUIRE:
		return rule_check(c, s->rule);
	case STEP_COMPARE:
		return compare(c, x, s);
	case STEP_INCREASE:
	case STEP_DECREASE:
		return count(c, x, s);
	case STEP_APPEND:
		add_operand(c, x, &s->left, &p->record);
		if (s->more)
			return SW_OK;
		sw = append(c, p->command, s->target, &p->record);
		buf_clear(&p->record);
		return sw;
	case STEP_COPY:
		return copy(c, x, s);
	case STEP_RESPOND:
		add_operand(c, x, &s->left, &p->response);
		return p->response.bad ? SW_NO_DIAGNOSIS : SW_OK;
	}
	return SW_NO_DIAGNOSIS;
}

/* --- the command ------------------------------------------------------------------------------------------------- */

static size_t response_length(const struct contract *ap, const struct contract_command *k)
{
	size_t n = 0;
	for (uint16_t i = 0; i < k->n_steps; i++)
		if (ap->step[k->first_step + i].op == STEP_RESPOND)
			n += operand_length(ap, &ap->step[k->first_step + i].left);
	return n;
}

static bool responds(const struct card *c, const struct apdu *a)
{
	return response_length(c->ap, command_at(c->ap, a->ins)) != 0;
}

static sw_t parameters(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->p1 == 0 && x->apdu->p2 == 0 ? SW_OK : SW_WRONG_P1P2;
}

/* Both lengths are the command's own, and known beforehand. */
static sw_t length(struct card *c, struct call *x)
{
	const struct apdu *a = x->apdu;
	const struct contract_command *k = command_of(c, x);
	size_t n = response_length(c->ap, k);
	if (a->lc != k->data || n > x->room)
		return SW_WRONG_LENGTH;
	return n == 0 || !a->has_le || a->le_is_max || a->le == n ? SW_OK : SW_WRONG_LENGTH;
}

static sw_t access(struct card *c, struct call *x)
{
	return rule_check(c, command_of(c, x)->rule);
}

/* More than the log takes is more than this card can do at once. */
static sw_t commit(struct card *c)
{
	if (nv_commit(c->nv))
		return SW_OK;
	return c->nv->off ? SW_MEMORY_FAILURE : SW_NO_MEMORY;
}

static sw_t effect(struct card *c, struct call *x)
{
	struct progress p = {.command = command_of(c, x)};
	sw_t sw = SW_OK;
	nv_begin(c->nv);
	for (uint16_t i = 0; i < p.command->n_steps && sw == SW_OK; i++)
		sw = run_step(c, x, &c->ap->step[p.command->first_step + i], &p);
	if (sw != SW_OK)
		nv_abort(c->nv);
	else if ((sw = commit(c)) == SW_OK)
		buf_add(x->rsp, p.response.p, p.response.n);
	buf_reset(&p.record);
	buf_reset(&p.response);
	return sw;
}

/* Its INS is the AP's: dispatch asks custom_ins. */
const struct command command_custom = {
    .cla = 0x80,
    .responds = responds,
    .step =
	{
	    [STEP_PARAMETERS] = parameters,
	    [STEP_LENGTH] = length,
	    [STEP_ACCESS] = access,
	    [STEP_EFFECT] = effect,
	},
};
