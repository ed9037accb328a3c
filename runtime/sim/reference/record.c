#include "runtime/sim/reference/card.h"

/* READ RECORD and UPDATE RECORD: ISO/IEC 7816-4:2020 11.4, AP contract, section 6. P1 is the record number; P2 b8-b4
 * the SFI, b3-b1 the mode. No file of a contract has records yet, so that the type of the file ends every command. */
enum { MODE_THIS = 0x04, MODE_TO_THE_LAST = 0x05 };

static sw_t read_parameters(struct card *c, struct call *x)
{
	(void)c;
	uint8_t mode = x->apdu->p2 & 0x07;
	return x->apdu->p1 != 0 && (mode == MODE_THIS || mode == MODE_TO_THE_LAST) ? SW_OK : SW_WRONG_P1P2;
}

static sw_t update_parameters(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->p1 != 0 && (x->apdu->p2 & 0x07) == MODE_THIS ? SW_OK : SW_WRONG_P1P2;
}

static sw_t read_length(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->lc == 0 ? SW_OK : SW_WRONG_LENGTH;
}

static sw_t update_length(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->lc != 0 ? SW_OK : SW_WRONG_LENGTH;
}

static sw_t object(struct card *c, struct call *x)
{
	sw_t sw = file_by_sfi(c, x->apdu->p2 >> 3, &x->object);
	return sw != SW_OK ? sw : SW_WRONG_STRUCTURE;
}

const struct command command_read_record = {
    .cla = 0x00,
    .ins = INS_READ_RECORD,
    .step = {[STEP_PARAMETERS] = read_parameters, [STEP_LENGTH] = read_length, [STEP_OBJECT] = object},
};

const struct command command_update_record = {
    .cla = 0x00,
    .ins = INS_UPDATE_RECORD,
    .step = {[STEP_PARAMETERS] = update_parameters, [STEP_LENGTH] = update_length, [STEP_OBJECT] = object},
};
