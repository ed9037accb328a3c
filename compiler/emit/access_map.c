/* The access map: how programs reach the AP's fields and PINs on this chip, and what the card should say of its files.
 *
 *   {"format":1,"aid":…,"personality":…,"extended":…,
 *    "files":[{"id","fid","sfi","structure","size","read","update","readback"}],
 *    "fields":[{"id","file","offset","length","format","value"}],
 *    "pins":[{"id","p2","min","max","tries","format","change","reset","puk-length","value","puk-value"}]}
 *
 * sfi 0: none. value: name of the per-card value, "" for none. change, reset: P1 values, "none". readback: data objects
 * that SELECT gives. */
#include "compiler/emit/parts.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/json.h"

static void put_rule(struct json *j, const char *key, const struct contract *c, uint16_t rule)
{
	struct buf text = {0};
	contract_rule_text(c, rule, &text);
	json_put_text(j, key, buf_cstr(&text));
	buf_reset(&text);
}

static const char *structure_name(uint8_t structure)
{
	static const char *const name[] = {
	    [FILE_TRANSPARENT] = "transparent",
	    [FILE_LINEAR_FIXED] = "linear-fixed",
	    [FILE_LINEAR_VARIABLE] = "linear-variable",
	    [FILE_CYCLIC] = "cyclic",
	    [FILE_DATA_OBJECT] = "data-object",
	    [FILE_COUNTER] = "counter",
	};
	return name[structure];
}

static void put_file(struct json *j, const struct plan *p, emit_readback *tell, uint16_t i)
{
	const struct contract_file *f = &p->contract->file[i];
	const uint8_t fid[2] = {(uint8_t)(f->fid >> 8), (uint8_t)f->fid};
	struct buf readback = {0};
	json_put_object(j, NULL);
	json_put_text(j, "id", f->id);
	json_put_hex(j, "fid", fid, sizeof fid);
	json_put_number(j, "sfi", plan_sfi(p, f));
	json_put_text(j, "structure", structure_name(f->structure));
	json_put_number(j, "size", f->size);
	put_rule(j, "read", p->contract, f->rule[FILE_READ]);
	put_rule(j, "update", p->contract, f->rule[FILE_UPDATE]);
	if (tell != NULL)
		tell(p, i, &readback);
	json_put_hex(j, "readback", readback.p, readback.n);
	json_put_end(j);
	buf_reset(&readback);
}

static const char *value_name(const struct contract *c, uint16_t value)
{
	return value == CONTRACT_NONE ? "" : c->value[value].name;
}

static void put_field(struct json *j, const struct contract *c, const struct contract_field *f)
{
	json_put_object(j, NULL);
	json_put_text(j, "id", f->id);
	json_put_text(j, "file", c->file[f->file].id);
	json_put_number(j, "offset", f->offset);
	json_put_number(j, "length", f->length);
	json_put_text(j, "format", contract_format_name((enum contract_format)f->format));
	json_put_text(j, "value", value_name(c, f->value));
	json_put_end(j);
}

static void put_forms(struct json *j, const char *key, unsigned forms)
{
	char text[16] = "";
	for (unsigned i = 0; i < 4; i++)
		if ((forms >> i & 1) != 0)
			snprintf(text + strlen(text), sizeof text - strlen(text), "%s%02u", *text == 0 ? "" : " ", i);
	json_put_text(j, key, *text == 0 ? "none" : text);
}

static void put_pin(struct json *j, const struct contract *c, const struct contract_pin *p)
{
	json_put_object(j, NULL);
	json_put_text(j, "id", p->id);
	json_put_hex(j, "p2", &(uint8_t){0x80 | p->ref}, 1);
	json_put_number(j, "min", p->min);
	json_put_number(j, "max", p->max);
	json_put_number(j, "tries", p->tries);
	json_put_text(j, "format", contract_format_name((enum contract_format)p->format));
	put_forms(j, "change", p->change);
	put_forms(j, "reset", p->reset);
	json_put_number(j, "puk-length", p->puk_length);
	json_put_text(j, "value", value_name(c, p->value));
	json_put_text(j, "puk-value", p->puk_length == 0 ? "" : value_name(c, p->puk_value));
	json_put_end(j);
}

void emit_access_map(const struct plan *p, emit_readback *readback, struct buf *out)
{
	const struct contract *c = p->contract;
	struct json j = json_to(out);
	json_put_object(&j, NULL);
	json_put_number(&j, "format", 1);
	json_put_hex(&j, "aid", c->aid, c->aid_len);
	json_put_text(&j, "personality", contract_personality_name((enum contract_personality)c->personality));
	json_put_bool(&j, "extended", c->extended);
	json_put_array(&j, "files");
	for (uint16_t i = 0; i < c->n_files; i++)
		put_file(&j, p, readback, i);
	json_put_end(&j);
	json_put_array(&j, "fields");
	for (uint16_t i = 0; i < c->n_fields; i++)
		put_field(&j, c, &c->field[i]);
	json_put_end(&j);
	json_put_array(&j, "pins");
	for (uint16_t i = 0; i < c->n_pins; i++)
		put_pin(&j, c, &c->pin[i]);
	json_put_end(&j);
	json_put_end(&j);
}
