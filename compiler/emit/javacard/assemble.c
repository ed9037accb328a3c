#include <stdio.h>
#include <string.h>

#include "compiler/emit/javacard/inside.h"
#include "runtime/image/archive.h"

/* The components in the order in which they depend on each other: types that the Descriptor names are imported, so that
 * Import comes late, and Directory, which has the sizes of all, last. */

static void write_header(const struct assembler *s, struct buf *out)
{
	unsigned flags = s->uses_int ? CAP_INT : 0;
	flags |= s->applets != NULL ? CAP_APPLET : 0;
	flags |= s->applets == NULL || s->export ? CAP_EXPORT : 0;
	buf_u32(out, 0xDECAFFED);
	buf_u8(out, s->format & 0xff);
	buf_u8(out, s->format >> 8);
	buf_u8(out, flags);
	buf_u8(out, s->version & 0xff);
	buf_u8(out, s->version >> 8);
	buf_u8(out, (unsigned)s->aid_len);
	buf_add(out, s->aid, s->aid_len);
	if (s->format >= 0x0202) {
		buf_u8(out, (unsigned)strlen(s->name));
		buf_str(out, s->name);
	}
}

static void write_import(const struct assembler *s, struct buf *out)
{
	buf_u8(out, (unsigned)s->n_imports);
	for (size_t i = 0; i < s->n_imports; i++) {
		buf_u8(out, s->import[i].version & 0xff);
		buf_u8(out, s->import[i].version >> 8);
		buf_u8(out, (unsigned)s->import[i].package->aid_len);
		buf_add(out, s->import[i].package->aid, s->import[i].package->aid_len);
	}
}

static void write_applet(const struct assembler *s, struct buf *out)
{
	unsigned n = 0;
	for (const struct asm_applet *one = s->applets; one != NULL; one = one->next)
		n++;
	buf_u8(out, n);
	for (const struct asm_applet *one = s->applets; one != NULL; one = one->next) {
		buf_u8(out, (unsigned)one->aid_len);
		buf_add(out, one->aid, one->aid_len);
		buf_u16(out, (unsigned)one->install->offset);
	}
}

static void write_constant(struct assembler *s, const struct asm_constant *c, struct buf *out)
{
	buf_u8(out, c->tag);
	if (c->tag < CONSTANT_STATIC_FIELDREF) {
		buf_u16(out, asm_class_ref(s, c->class));
		buf_u8(out, c->token);
	} else if (c->api != NULL) {
		buf_u16(out, asm_class_ref(s, c->class));
		buf_u8(out, c->api->token);
	} else {
		buf_u8(out, 0);
		buf_u16(out, c->field != NULL ? c->field->offset : (unsigned)c->method->offset);
	}
}

static void write_constants(struct assembler *s, struct buf *out)
{
	buf_u16(out, s->n_constants);
	for (int fields = 1; fields >= 0; fields--)
		for (const struct asm_constant *c = s->constants; c != NULL; c = c->next)
			if ((c->tag == CONSTANT_INSTANCE_FIELDREF) == (fields == 1))
				write_constant(s, c, out);
}

/* 6.5: 11 sizes, from 2.2 on Debug's too, from 2.3 on that of StaticResources in four bytes. */
static void write_directory(const struct assembler *s, const struct asm_output *o, struct buf *out)
{
	unsigned applets = 0, own = s->format >= 0x0203 ? 37 : s->format == 0x0202 ? 33 : 31;
	for (const struct asm_applet *one = s->applets; one != NULL; one = one->next)
		applets++;
	for (unsigned tag = 1; tag <= (s->format >= 0x0202 ? COMPONENT_Debug : COMPONENT_Descriptor); tag++)
		buf_u16(out, tag == COMPONENT_Directory ? own : (unsigned)o->component[tag].n);
	if (s->format >= 0x0203)
		buf_u32(out, 0);
	buf_u16(out, s->image);
	buf_u16(out, s->image_arrays);
	buf_u16(out, s->image_array_bytes);
	buf_u8(out, (unsigned)s->n_imports);
	buf_u8(out, applets);
	buf_u8(out, 0);
}

static bool find_installs(struct assembler *s)
{
	for (struct asm_applet *one = s->applets; one != NULL; one = one->next) {
		one->install = NULL;
		for (struct asm_method *m = one->class->methods; m != NULL; m = m->next)
			if (strcmp(m->name, "install") == 0 && strcmp(m->descriptor, "([BSB)V") == 0 &&
			    (m->access & (ACCESS_PUBLIC | ACCESS_STATIC)) == (ACCESS_PUBLIC | ACCESS_STATIC))
				one->install = m;
		if (one->install == NULL)
			return asm_fail(s, "'%s' has no public static install([BSB)V", one->class->name);
	}
	return true;
}

/* Put tag and size before the info. */
static bool frame(struct assembler *s, struct asm_output *o)
{
	for (unsigned tag = 1; tag < COMPONENT_TAGS; tag++) {
		struct buf *info = &o->component[tag], whole = {0};
		if (info->n == 0)
			continue;
		if (info->n > 0xffff)
			return asm_fail(
			    s, "the %s component would have %zu bytes of at most 65535", component_name(tag), info->n);
		buf_u8(&whole, tag);
		buf_u16(&whole, (unsigned)info->n);
		buf_add(&whole, info->p, info->n);
		whole.bad |= info->bad;
		buf_reset(info);
		*info = whole;
		if (whole.bad)
			return asm_fail(s, "memory is exhausted");
	}
	return true;
}

bool asm_assemble(struct assembler *s, api_version format, struct asm_output *out)
{
	struct buf *c = out->component;
	memset(out, 0, sizeof *out);
	s->format = format;
	if (s->error != NULL || !asm_number(s) || !asm_place_statics(s) || !asm_resolve(s) || !find_installs(s) ||
	    !asm_place_code(s) || !asm_write_code(s, out) || !asm_write_class(s, &c[COMPONENT_Class]))
		return false;
	asm_write_statics(s, &c[COMPONENT_StaticField]);
	if (!asm_write_descriptor(s, &c[COMPONENT_Descriptor]))
		return false;
	write_constants(s, &c[COMPONENT_ConstantPool]);
	if (s->applets != NULL)
		write_applet(s, &c[COMPONENT_Applet]);
	if (s->applets == NULL || s->export)
		asm_write_export(s, &c[COMPONENT_Export]);
	write_import(s, &c[COMPONENT_Import]);
	write_header(s, &c[COMPONENT_Header]);
	write_directory(s, out, &c[COMPONENT_Directory]);
	return s->error == NULL && frame(s, out);
}

void asm_output_reset(struct asm_output *out)
{
	for (unsigned tag = 0; tag < COMPONENT_TAGS; tag++)
		buf_reset(&out->component[tag]);
}

bool asm_archive(const struct assembler *s, const struct asm_output *out, struct buf *cap)
{
	struct archive_entry e[COMPONENT_TAGS];
	size_t n = 0;
	for (size_t i = 0; i < COMPONENTS_LOADED; i++) {
		unsigned tag = component_load_order[i];
		if (out->component[tag].n == 0)
			continue;
		int length = snprintf(e[n].name, sizeof e[n].name, "%s/javacard/%s.cap", s->name, component_name(tag));
		if (length < 0 || (size_t)length >= sizeof e[n].name)
			return false;
		e[n++].data = out->component[tag];
	}
	return archive_write(e, n, cap);
}
