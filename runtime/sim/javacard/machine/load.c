/* Load files: components as they come in, any block split, each into a store of its own size; then linking. Nothing of
 * it is reachable before the slot's state byte says so. */
#include "runtime/sim/javacard/machine/code.h"

#include "runtime/base/hex.h"
#include "runtime/base/rd.h"

enum { HEAD = 3, MAGIC = 0xdecaffed };

/* Where a component is kept; -1: it is not (RefLocation: this machine resolves constants without it; Descriptor and
 * what follows are for verifiers). */
static int part_of(uint8_t tag)
{
	switch (tag) {
	case COMPONENT_Import:
		return PART_IMPORT;
	case COMPONENT_Applet:
		return PART_APPLET;
	case COMPONENT_ConstantPool:
		return PART_POOL;
	case COMPONENT_Class:
		return PART_CLASS;
	case COMPONENT_Method:
		return PART_METHOD;
	case COMPONENT_StaticField:
		return PART_STATIC;
	case COMPONENT_Export:
		return PART_EXPORT;
	default:
		return -1;
	}
}

uint16_t jc_part(const struct jc *jc, uint8_t slot, enum jc_part part)
{
	const uint8_t *s = jc->mem + jc_slot_at(slot);
	return s[SLOT_STATE] == SLOT_LIVE || s[SLOT_STATE] == SLOT_DELETING ? jc_be16(s + SLOT_PARTS + 2 * part) : 0;
}

/* --- provisional objects --- */

void jc_provisional_keep(struct jc *jc)
{
	for (uint32_t h = 1; h < jc->handles; h++)
		if ((jc->mem[jc->end - 4 * h] & HANDLE_PROVISIONAL) != 0)
			nv_fill(jc->nv, jc->end - 4 * h, jc->mem[jc->end - 4 * h] & HANDLE_USED, 1);
	jc->provisional = false;
}

/* References to them can only be in static fields and in other objects of the same package. */
void jc_provisional_drop(struct jc *jc)
{
	for (uint32_t h = 1; h < jc->handles; h++)
		if ((jc->mem[jc->end - 4 * h] & HANDLE_PROVISIONAL) != 0)
			jc_free(jc, (uint16_t)h);
	jc->provisional = false;
	jc_null_dangling(jc);
	jc_trim(jc);
	jc_operation(jc, OPERATION_NONE);
}

/* --- stores of the runtime's own --- */

static uint16_t new_store(struct jc *jc, uint32_t n)
{
	struct jc_new o = {.kind = JC_STORE, .length = (uint16_t)n};
	struct jc_loading *l = &jc->loading;
	if (n > 0xffff || (l->limit != 0 && l->used + n > l->limit))
		return 0;
	l->used += n;
	return jc_alloc(jc, &o);
}

static const uint8_t *store(const struct jc *jc, uint16_t ref, uint32_t *n)
{
	const uint8_t *h = jc_header(jc, ref);
	*n = 0;
	if (h == NULL || h[OBJECT_KIND] != JC_STORE)
		return NULL;
	*n = jc_be16(h + OBJECT_LENGTH);
	return h + OBJECT_DATA;
}

static uint32_t store_at(const struct jc *jc, uint16_t ref)
{
	return jc_at(jc, ref) + OBJECT_DATA;
}

static void put(struct jc *jc, uint16_t ref, uint32_t off, const void *p, uint32_t n)
{
	if (jc_at(jc, ref) != 0)
		nv_write(jc->nv, store_at(jc, ref) + off, p, n);
}

/* --- taking in --- */

static sw_t refuse(struct jc *jc, sw_t sw)
{
	jc_load_abort(jc);
	return sw;
}

void jc_load_abort(struct jc *jc)
{
	if (!jc->loading.active)
		return;
	jc_unbind(jc, jc->loading.slot);
	jc->loading.active = false;
	jc_provisional_drop(jc);
}

sw_t jc_load_begin(struct jc *jc, const uint8_t *aid, size_t aid_len, uint32_t limit)
{
	unsigned slot = 0;
	jc_load_abort(jc);
	if (aid_len < 5 || aid_len > JC_AID_MAX)
		return SW_WRONG_DATA;
	if (jc_package_by_aid(jc, aid, aid_len) >= 0)
		return SW_CONDITIONS_OF_USE;
	while (slot < JC_PACKAGES_MAX && jc->mem[jc_slot_at((uint8_t)slot) + SLOT_STATE] != SLOT_FREE)
		slot++;
	if (slot == JC_PACKAGES_MAX)
		return SW_CONDITIONS_OF_USE;
	jc->loading =
	    (struct jc_loading){.active = true, .slot = (uint8_t)slot, .aid_len = (uint8_t)aid_len, .limit = limit};
	memcpy(jc->loading.aid, aid, aid_len);
	jc_operation(jc, OPERATION_RUNNING);
	return SW_OK;
}

/* Tag and size are there. */
static sw_t begin_component(struct jc *jc)
{
	struct jc_loading *l = &jc->loading;
	uint8_t tag = l->head[0];
	int part = part_of(tag);
	l->size = jc_be16(l->head + 1);
	l->come = 0;
	if (tag == 0 || tag == COMPONENT_Debug || (tag > COMPONENT_StaticResources && tag < 128))
		return SW_WRONG_DATA;
	if (!l->seen[COMPONENT_Header] && tag != COMPONENT_Header)
		return SW_WRONG_DATA;
	if (tag < 16) {
		if (l->seen[tag])
			return SW_WRONG_DATA;
		l->seen[tag] = true;
		l->sizes[tag] = l->size;
	}
	if ((tag == COMPONENT_Header && l->size > sizeof l->header) ||
	    (tag == COMPONENT_Directory && l->size > sizeof l->directory))
		return SW_WRONG_DATA;
	if (part >= 0) {
		jc->provisional = true;
		l->part[part] = new_store(jc, l->size);
		jc->provisional = false;
		if (l->part[part] == 0)
			return SW_NO_MEMORY;
	}
	return SW_OK;
}

static void take(struct jc *jc, const uint8_t *p, uint32_t n)
{
	struct jc_loading *l = &jc->loading;
	int part = part_of(l->head[0]);
	if (l->head[0] == COMPONENT_Header)
		memcpy(l->header + l->come, p, n);
	else if (l->head[0] == COMPONENT_Directory)
		memcpy(l->directory + l->come, p, n);
	else if (part >= 0)
		put(jc, l->part[part], l->come, p, n);
	l->come = (uint16_t)(l->come + n);
}

sw_t jc_load_bytes(struct jc *jc, const uint8_t *p, size_t n)
{
	struct jc_loading *l = &jc->loading;
	if (!l->active)
		return SW_CONDITIONS_OF_USE;
	while (n > 0) {
		if (l->head_n < HEAD) {
			l->head[l->head_n++] = *p++;
			n--;
			sw_t sw = l->head_n == HEAD ? begin_component(jc) : SW_OK;
			if (sw != SW_OK)
				return refuse(jc, sw);
		} else {
			uint32_t k = l->size - (uint32_t)l->come < n ? l->size - (uint32_t)l->come : (uint32_t)n;
			take(jc, p, k);
			p += k;
			n -= k;
		}
		if (l->head_n == HEAD && l->come == l->size)
			l->head_n = 0;
	}
	return SW_OK;
}

/* --- Header, Directory, Import --- */

struct header {
	uint8_t format, flags, minor, major;
};

/* JCVM 6.4; the flags against what came. */
static bool read_header(struct jc *jc, struct header *h)
{
	struct jc_loading *l = &jc->loading;
	struct rd r = rd_of(l->header, l->sizes[COMPONENT_Header]);
	uint32_t magic = rd_u32(&r);
	h->format = rd_u8(&r);
	uint8_t major = rd_u8(&r);
	h->flags = rd_u8(&r);
	h->minor = rd_u8(&r);
	h->major = rd_u8(&r);
	uint8_t aid_len = rd_u8(&r);
	const uint8_t *aid = rd_bytes(&r, aid_len);
	if (h->format >= 2)
		rd_bytes(&r, rd_u8(&r));
	if (r.bad || rd_left(&r) != 0 || magic != MAGIC || major != 2 || h->format < 1 || h->format > 3)
		return false;
	if ((h->flags & CAP_EXTENDED) != 0 || ((h->flags & CAP_INT) != 0 && !jc->chip.int_supported))
		return false;
	if (((h->flags & CAP_APPLET) != 0) != l->seen[COMPONENT_Applet] ||
	    ((h->flags & CAP_EXPORT) != 0) != l->seen[COMPONENT_Export])
		return false;
	return aid_len == l->aid_len && memcmp(aid, l->aid, aid_len) == 0;
}

/* JCVM 6.5: sizes of the components that came. Descriptor and Debug may be left out of a load file. */
static bool directory_fits(const struct jc_loading *l, uint8_t format)
{
	struct rd r = rd_of(l->directory, l->sizes[COMPONENT_Directory]);
	unsigned n = format >= 2 ? COMPONENT_Debug : COMPONENT_Descriptor;
	for (unsigned tag = 1; tag <= n; tag++) {
		uint16_t size = rd_u16(&r);
		bool may_lack = tag == COMPONENT_Descriptor || tag == COMPONENT_Debug;
		if (l->seen[tag] ? l->sizes[tag] != size : size != 0 && !may_lack)
			return false;
	}
	return !r.bad;
}

static bool all_there(const struct jc_loading *l)
{
	return l->head_n == 0 && l->seen[COMPONENT_Header] && l->seen[COMPONENT_Directory] &&
	    l->seen[COMPONENT_Import] && l->seen[COMPONENT_ConstantPool] && l->seen[COMPONENT_Class] &&
	    l->seen[COMPONENT_Method] && l->seen[COMPONENT_StaticField] && l->seen[COMPONENT_RefLocation];
}

static sw_t import_missing(const struct jc *jc)
{
	return jc->chip.sw_import != 0 ? jc->chip.sw_import : SW_WRONG_DATA;
}

/* JCVM 4.5.2: same major version, the card's minor at least the import's. */
static sw_t resolve_import(struct jc *jc, struct rd *r, uint8_t *number)
{
	struct jc_package_info info;
	uint8_t minor = rd_u8(r), major = rd_u8(r), n = rd_u8(r);
	const uint8_t *aid = rd_bytes(r, n);
	if (r->bad)
		return SW_WRONG_DATA;
	int package = jc_package_by_aid(jc, aid, n);
	if (package < 0 || !jc_package_info(jc, (uint8_t)package, &info) || info.major != major || info.minor < minor)
		return import_missing(jc);
	*number = (uint8_t)package;
	return SW_OK;
}

static sw_t resolve_imports(struct jc *jc)
{
	struct jc_loading *l = &jc->loading;
	uint32_t size;
	const uint8_t *p = store(jc, l->part[PART_IMPORT], &size);
	struct rd r = rd_of(p, size);
	uint8_t number[128], n = rd_u8(&r);
	if (r.bad || n > sizeof number)
		return SW_WRONG_DATA;
	for (unsigned i = 0; i < n; i++) {
		sw_t sw = resolve_import(jc, &r, &number[i]);
		if (sw != SW_OK)
			return sw;
	}
	if (rd_left(&r) != 0)
		return SW_WRONG_DATA;
	if ((l->part[PART_IMPORTS] = new_store(jc, n)) == 0)
		return SW_NO_MEMORY;
	put(jc, l->part[PART_IMPORTS], 0, number, n);
	return SW_OK;
}

/* --- static fields --- */

static uint16_t new_static_array(struct jc *jc, uint8_t type, const uint8_t *p, uint16_t bytes)
{
	static const uint8_t kind[] = {JC_BOOLEAN, JC_BYTE, JC_SHORT_ARRAY, JC_INT_ARRAY};
	static const uint8_t width[] = {1, 1, 2, 4};
	struct jc_new o = {.kind = kind[type - 2],
	    .owner = (uint8_t)(JC_PACKAGE_OWNER + jc->loading.slot),
	    .length = (uint16_t)(bytes / width[type - 2])};
	uint16_t ref = jc_alloc(jc, &o);
	if (ref != 0)
		put(jc, ref, 0, p, bytes);
	return ref;
}

/* JCVM 6.11: the image is laid down as the component says: arrays, null references, zeros, values. */
static sw_t lay_image(struct jc *jc)
{
	struct jc_loading *l = &jc->loading;
	uint32_t size;
	const uint8_t *p = store(jc, l->part[PART_STATIC], &size);
	struct rd r = rd_of(p, size);
	uint16_t image = rd_u16(&r), references = rd_u16(&r), arrays = rd_u16(&r);
	uint8_t b[2];
	if (r.bad || arrays > references || 2u * references > image)
		return SW_WRONG_DATA;
	if (image > 0xfffd || (l->part[PART_IMAGE] = new_store(jc, image + 2u)) == 0)
		return SW_NO_MEMORY;
	jc_set16(b, references);
	put(jc, l->part[PART_IMAGE], 0, b, 2);
	for (unsigned i = 0; i < arrays; i++) {
		uint8_t type = rd_u8(&r);
		uint16_t n = rd_u16(&r);
		const uint8_t *values = rd_bytes(&r, n);
		if (r.bad || type < 2 || type > 5 || (type == 4 && n % 2 != 0) || (type == 5 && n % 4 != 0))
			return SW_WRONG_DATA;
		uint16_t ref = new_static_array(jc, type, values, n);
		if (ref == 0)
			return SW_NO_MEMORY;
		jc_set16(b, ref);
		put(jc, l->part[PART_IMAGE], 2 + 2 * i, b, 2);
	}
	uint16_t zeros = rd_u16(&r), values = rd_u16(&r);
	const uint8_t *v = rd_bytes(&r, values);
	if (r.bad || rd_left(&r) != 0 || 2u * references + zeros + values != image)
		return SW_WRONG_DATA;
	put(jc, l->part[PART_IMAGE], 2 + 2u * references + zeros, v, values);
	return SW_OK;
}

/* --- binding: the decoded package --- */

static void raw_of(const struct jc *jc, const uint16_t *parts, uint8_t format, struct jc_raw *raw)
{
	*raw = (struct jc_raw){.format = format};
	for (unsigned i = 0; i < JC_PARTS; i++)
		raw->part[i].p = store(jc, parts[i], &raw->part[i].n);
}

static sw_t bind(struct jc *jc, uint8_t slot, const uint16_t *parts, uint8_t format)
{
	struct jc_raw raw;
	struct jc_import import[128] = {0};
	const struct jc_code *code;
	raw_of(jc, parts, format, &raw);
	unsigned n = raw.part[PART_IMPORTS].n;
	if (n > 128)
		return SW_WRONG_DATA;
	for (unsigned i = 0; i < n; i++) {
		import[i].number = raw.part[PART_IMPORTS].p[i];
		if (jc_bound(jc, import[i].number) == NULL)
			return import_missing(jc);
		import[i].code = jc_loaded(jc, import[i].number);
		if (import[i].code == NULL)
			import[i].rom = jc_bound(jc, import[i].number);
	}
	sw_t sw = jc_code_get(&raw, import, n, &jc->chip, &code);
	if (sw != SW_OK)
		return sw;
	jc->bound[JC_LOADED + slot] = &code->package;
	jc->image[slot] = store_at(jc, parts[PART_IMAGE]) + 2;
	jc->generation = jc_code_generation();
	return SW_OK;
}

sw_t jc_bind(struct jc *jc, uint8_t slot)
{
	const uint8_t *s = jc->mem + jc_slot_at(slot);
	uint16_t parts[JC_PARTS];
	for (unsigned i = 0; i < JC_PARTS; i++)
		parts[i] = jc_be16(s + SLOT_PARTS + 2 * i);
	return bind(jc, slot, parts, s[SLOT_FORMAT]);
}

void jc_unbind(struct jc *jc, uint8_t slot)
{
	jc->bound[JC_LOADED + slot] = NULL;
}

static bool wants_binding(const struct jc *jc, uint8_t slot)
{
	return jc->mem[jc_slot_at(slot) + SLOT_STATE] == SLOT_LIVE && jc->bound[JC_LOADED + slot] == NULL;
}

/* A library may have a higher number than who uses it: go round until nothing more can be bound. */
bool jc_bind_all(struct jc *jc)
{
	bool more = true;
	for (unsigned i = 0; i < JC_ROM_PACKAGES; i++)
		if (jc_rom[i] != NULL && jc->chip.minor[i] != JC_ABSENT)
			jc->bound[i] = jc_rom[i];
	for (uint8_t slot = 0; slot < JC_PACKAGES_MAX; slot++)
		jc_unbind(jc, slot);
	jc->generation = jc_code_generation();
	while (more) {
		more = false;
		for (uint8_t slot = 0; slot < JC_PACKAGES_MAX; slot++)
			if (wants_binding(jc, slot) && jc_bind(jc, slot) == SW_OK)
				more = true;
	}
	for (uint8_t slot = 0; slot < JC_PACKAGES_MAX; slot++)
		if (wants_binding(jc, slot))
			return false;
	return true;
}

/* --- the end of a load file --- */

/* JCVM 6.6: an applet's AID has the package's RID. */
static bool modules_fit(const struct jc *jc, const struct jc_code *code)
{
	for (unsigned i = 0; i < code->modules; i++)
		if (memcmp(code->module[i].aid, jc->loading.aid, 5) != 0)
			return false;
	return true;
}

static void write_slot(struct jc *jc, const struct header *h)
{
	const struct jc_loading *l = &jc->loading;
	uint8_t s[SLOT_SIZE] = {0};
	s[SLOT_STATE] = SLOT_FREE;
	s[SLOT_AID_LEN] = l->aid_len;
	memcpy(s + SLOT_AID, l->aid, l->aid_len);
	s[SLOT_MINOR] = h->minor;
	s[SLOT_MAJOR] = h->major;
	s[SLOT_FORMAT] = h->format;
	for (unsigned i = 0; i < JC_PARTS; i++)
		jc_set16(s + SLOT_PARTS + 2 * i, l->part[i]);
	nv_write(jc->nv, jc_slot_at(l->slot), s, sizeof s);
}

static sw_t link_package(struct jc *jc)
{
	struct jc_loading *l = &jc->loading;
	struct header h;
	sw_t sw;
	if (!all_there(l) || !read_header(jc, &h) || !directory_fits(l, h.format))
		return SW_WRONG_DATA;
	if ((sw = resolve_imports(jc)) != SW_OK || (sw = lay_image(jc)) != SW_OK)
		return sw;
	jc_free(jc, l->part[PART_STATIC]);
	l->part[PART_STATIC] = 0;
	if ((sw = bind(jc, l->slot, l->part, h.format)) != SW_OK)
		return sw;
	if (!modules_fit(jc, jc_loaded(jc, (uint8_t)(JC_LOADED + l->slot))))
		return SW_WRONG_DATA;
	write_slot(jc, &h);
	return SW_OK;
}

sw_t jc_load_end(struct jc *jc, uint8_t *package)
{
	if (!jc->loading.active)
		return SW_CONDITIONS_OF_USE;
	if (jc->generation != jc_code_sweep() && !jc_bind_all(jc))
		return refuse(jc, SW_NO_MEMORY);
	jc->provisional = true;
	sw_t sw = link_package(jc);
	jc->provisional = false;
	if (sw != SW_OK)
		return refuse(jc, sw);
	*package = (uint8_t)(JC_LOADED + jc->loading.slot);
	return SW_OK;
}

void jc_load_commit(struct jc *jc)
{
	nv_fill(jc->nv, jc_slot_at(jc->loading.slot) + SLOT_STATE, SLOT_LIVE, 1);
	nv_fill(jc->nv, CARD_OPERATION, OPERATION_NONE, 1);
}

void jc_load_done(struct jc *jc)
{
	jc->loading.active = false;
	jc_provisional_keep(jc);
}
