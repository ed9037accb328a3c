#include <string.h>

#include "runtime/cap/disassemble.h"
#include "runtime/cap/names.h"
#include "runtime/cap/parts.h"

static void put_version(struct json *j, const char *key, api_version v)
{
	char text[16];
	snprintf(text, sizeof text, "%u.%u", v >> 8, v & 0xffu);
	json_put_text(j, key, text);
}

/* A text that one of the functions of names.h makes. */
static void put_buf(struct json *j, const char *key, struct buf *b)
{
	json_put_text(j, key, buf_cstr(b));
	buf_clear(b);
}

static void put_summary(const struct cap *c, struct json *j)
{
	put_version(j, "format", c->format);
	json_put_hex(j, "package", c->aid.p, c->aid.n);
	json_put_text(j, "name", c->name);
	put_version(j, "version", c->version);
	json_put_bool(j, "int", (c->flags & CAP_INT) != 0);
	if (cap_release(c) != NULL)
		json_put_text(j, "needs", cap_release(c));
	json_put_array(j, "imports");
	for (size_t i = 0; i < c->n_imports; i++) {
		const struct cap_import *one = &c->import[i];
		json_put_object(j, NULL);
		json_put_hex(j, "aid", one->aid.p, one->aid.n);
		put_version(j, "version", one->version);
		if (one->api != NULL)
			json_put_text(j, "name", one->api->name);
		if (one->api != NULL && api_release(one->api, one->version) != NULL)
			json_put_text(j, "since", api_release(one->api, one->version));
		json_put_end(j);
	}
	json_put_end(j);
	json_put_array(j, "applets");
	for (size_t i = 0; i < c->n_applets; i++) {
		json_put_object(j, NULL);
		json_put_hex(j, "aid", c->applet[i].aid.p, c->applet[i].aid.n);
		json_put_number(j, "install", c->applet[i].install);
		json_put_end(j);
	}
	json_put_end(j);
	json_put_object(j, "components");
	for (unsigned tag = 1; tag < COMPONENT_TAGS; tag++)
		if (c->component[tag].n != 0)
			json_put_number(j, component_name(tag), (int64_t)c->component[tag].n);
	json_put_end(j);
}

static void put_constants(const struct cap_model *m, struct json *j, struct buf *text)
{
	json_put_array(j, "constants");
	for (size_t i = 0; i < m->n_constants; i++) {
		json_put_object(j, NULL);
		json_put_text(j, "tag", cap_constant_kind(m->constant[i].tag));
		cap_constant_text(m, i, text);
		put_buf(j, "name", text);
		json_put_end(j);
	}
	json_put_end(j);
}

static void put_classes(const struct cap_model *m, struct json *j, struct buf *text)
{
	json_put_array(j, "classes");
	for (size_t i = 0; i < m->n_classes; i++) {
		const struct cap_class *c = &m->class[i];
		json_put_object(j, NULL);
		cap_class_text(m, c->offset, text);
		put_buf(j, "name", text);
		json_put_number(j, "at", c->offset);
		json_put_bool(j, "interface", (c->flags & CLASS_INTERFACE) != 0);
		json_put_bool(j, "shareable", (c->flags & CLASS_SHAREABLE) != 0);
		cap_class_text(m, c->super, text);
		put_buf(j, "extends", text);
		json_put_number(j, "words", c->size);
		json_put_array(j, "interfaces");
		for (size_t k = 0; k < c->n_interfaces; k++) {
			cap_class_text(m, c->interface[k].class, text);
			put_buf(j, NULL, text);
		}
		json_put_end(j);
		json_put_end(j);
	}
	json_put_end(j);
}

static void put_code(const struct cap_model *m, const struct cap_method *one, struct json *j, struct buf *text)
{
	const uint8_t *p = cap_info(m->cap, COMPONENT_Method).p;
	size_t end = (size_t)one->code + one->length;
	struct cap_instruction i;
	json_put_array(j, "code");
	for (size_t at = one->code; at < end && cap_decode(p, end, at, &i) == CAP_DECODED; at += i.length) {
		json_put_object(j, NULL);
		json_put_number(j, "at", (int64_t)at);
		json_put_text(j, "op", i.info->name);
		cap_operand_text(m, &i, text);
		if (text->n != 0)
			put_buf(j, "operands", text);
		json_put_end(j);
	}
	json_put_end(j);
}

static void put_handlers(const struct cap_model *m, const struct cap_method *one, struct json *j, struct buf *text)
{
	json_put_array(j, "handlers");
	for (size_t i = 0; i < m->n_handlers; i++) {
		const struct cap_handler *h = &m->handler[i];
		if (h->start < one->code || h->start >= one->code + one->length)
			continue;
		json_put_object(j, NULL);
		json_put_number(j, "start", h->start);
		json_put_number(j, "end", h->start + h->length);
		json_put_number(j, "handler", h->handler);
		if (h->catch_type != 0) {
			cap_constant_text(m, h->catch_type, text);
			put_buf(j, "catches", text);
		}
		json_put_bool(j, "stop", h->stop);
		json_put_end(j);
	}
	json_put_end(j);
}

static void put_methods(const struct cap_model *m, struct json *j, struct buf *text)
{
	json_put_array(j, "methods");
	for (size_t i = 0; i < m->n_methods; i++) {
		const struct cap_method *one = &m->method[i];
		json_put_object(j, NULL);
		json_put_number(j, "at", one->offset);
		cap_method_text(m, one, text);
		put_buf(j, "name", text);
		json_put_number(j, "stack", one->max_stack);
		json_put_number(j, "arguments", one->nargs);
		json_put_number(j, "locals", one->max_locals);
		put_code(m, one, j, text);
		put_handlers(m, one, j, text);
		json_put_end(j);
	}
	json_put_end(j);
}

void cap_json(const struct cap *c, const struct cap_model *m, struct json *j)
{
	struct buf text = {0};
	put_summary(c, j);
	if (m != NULL) {
		put_constants(m, j, &text);
		put_classes(m, j, &text);
		put_methods(m, j, &text);
	}
	buf_reset(&text);
}
