/* A fresh card, and what happens when it gets power. */
#include "runtime/sim/javacard/machine/code.h"

#include <assert.h>
#include <stdlib.h>

enum { UNDO_SPARE = 1024, HANDLES_EACH = 16, ALLOWANCE = 1 << 28 };

static uint32_t undo_size(const struct jc_chip *chip)
{
	/* A write costs 6 bytes of commit capacity besides its own, and 9 in the log. */
	return 2u * chip->commit + UNDO_SPARE;
}

static uint8_t chunk_shift(const struct jc_chip *chip)
{
	uint8_t shift = 6;
	while ((chip->persistent / HANDLES_EACH) >> shift > 200)
		shift++;
	return shift;
}

/* Call f for every class of which the runtime owns an exception instance. */
static unsigned each_throwable(
    const struct jc_chip *chip, void (*f)(void *context, const struct jc_class *), void *context)
{
	unsigned n = 0;
	for (unsigned p = 0; p < JC_ROM_PACKAGES; p++) {
		for (unsigned i = 0; jc_rom[p] != NULL && chip->minor[p] != JC_ABSENT && i < jc_rom[p]->n; i++) {
			const struct jc_class *c = jc_rom[p]->classes[i];
			if (c == NULL || (c->flags & JC_THROWABLE) == 0)
				continue;
			if (f != NULL)
				f(context, c);
			n++;
		}
	}
	return n;
}

/* Bytes of the heap that the runtime's own objects take: the APDU object, its buffer, exceptions; one piece of the
 * handle table; the zero byte at the end. */
static uint32_t system_size(const struct jc_chip *chip)
{
	return OBJECT_DATA + (OBJECT_DATA + TRANSIENT_DATA) * (1 + each_throwable(chip, NULL, NULL)) +
	    (4u << chunk_shift(chip)) + 1;
}

uint32_t jc_memory_size(const struct jc_chip *chip, uint32_t host_size)
{
	return CARD_UNDO + undo_size(chip) + host_size + chip->persistent + system_size(chip);
}

/* The machine, the card manager's session, transient memory. */
enum { ALIGN = _Alignof(max_align_t) };

static size_t transient_at(size_t session)
{
	return (sizeof(struct jc) + ALIGN - 1) / ALIGN * ALIGN + (session + ALIGN - 1) / ALIGN * ALIGN;
}

static uint32_t transient_size(const struct jc_chip *chip)
{
	return chip->apdu_buffer + 512u + chip->reset + (chip->channels + 1u) * chip->deselect;
}

void *jc_session(struct jc *jc)
{
	return (uint8_t *)jc + transient_at(0);
}

size_t jc_ram_size(const struct jc_chip *chip, size_t session)
{
	return transient_at(session) + transient_size(chip);
}

size_t jc_ram_size_of(const struct nv *nv, size_t session)
{
	struct jc_chip chip;
	if (nv->size < CARD_UNDO || !jc_chip_read(nv, &chip))
		return transient_at(session);
	return jc_ram_size(&chip, session);
}

struct jc *jc_of(struct sim *s)
{
	return s->ram;
}

uint32_t jc_host_at(const struct jc *jc)
{
	return jc->host_at;
}

struct nv *jc_nv(struct jc *jc)
{
	return jc->nv;
}

const struct jc_chip *jc_chip_of(const struct jc *jc)
{
	return &jc->chip;
}

/* Where things lie, from the chip and the size of the host area. */
static void lay_out(struct jc *jc, struct nv *nv, uint32_t host_size)
{
	jc->nv = nv;
	jc->mem = nv->mem;
	jc_borrow(jc);
	jc->host_at = CARD_UNDO + undo_size(&jc->chip);
	jc->heap = jc->host_at + host_size;
	jc->end = jc->heap + jc->chip.persistent + system_size(&jc->chip);
	jc->free_hint = 1;
	jc->sp = jc->work->stack;
}

/* --- delivery --- */

static void make_exception(void *context, const struct jc_class *class)
{
	struct jc *jc = context;
	struct jc_new o = {.kind = JC_INSTANCE | KIND_RESET,
	    .flags = FLAG_TEMPORARY,
	    .package = class->package,
	    .class = class->index,
	    .length = class->cells,
	    .ram = jc->chip.apdu_buffer + 2u * jc->free_hint};
	bool made = jc_alloc(jc, &o) != 0;
	assert(made);
	(void)made;
}

static void make_system_objects(struct jc *jc)
{
	struct jc_new apdu = {.kind = JC_INSTANCE,
	    .flags = FLAG_TEMPORARY,
	    .package = jc_class_APDU.package,
	    .class = jc_class_APDU.index};
	struct jc_new buffer = {.kind = JC_BYTE | KIND_RESET, .flags = FLAG_GLOBAL, .length = jc->chip.apdu_buffer};
	jc_alloc(jc, &apdu);
	jc_alloc(jc, &buffer);
	each_throwable(&jc->chip, make_exception, jc);
}

void jc_deliver(struct nv *nv, const struct jc_chip *chip, uint32_t host_size)
{
	struct jc *jc = calloc(1, sizeof *jc);
	uint8_t b[4];
	if (jc == NULL)
		return; /* the magic is missing: the card answers nothing */
	jc->chip = *chip;
	lay_out(jc, nv, host_size);
	jc_chip_write(nv, chip);
	jc_set32(b, host_size);
	nv_write(nv, CARD_HOST_SIZE, b, 4);
	nv_fill(nv, CARD_CHUNK_SHIFT, chunk_shift(chip), 1);
	nv_fill(nv, CARD_CHUNKS, 1, 1);
	jc->handles = (1u << chunk_shift(chip)) + 1;
	jc->heap_top = jc->heap;
	make_system_objects(jc);
	jc_set32(b, JC_MAGIC);
	nv_write(nv, CARD_MAGIC, b, 4);
	free(jc);
}

/* --- power-up --- */

static bool plausible(const struct jc *jc, uint32_t host_size)
{
	uint64_t handles = (uint64_t)jc->mem[CARD_CHUNKS] << (jc->mem[CARD_CHUNK_SHIFT] & 31);
	return jc_be32(jc->mem + CARD_MAGIC) == JC_MAGIC && host_size <= jc->nv->size &&
	    jc_memory_size(&jc->chip, host_size) == jc->nv->size &&
	    jc->mem[CARD_CHUNK_SHIFT] == chunk_shift(&jc->chip) && jc->mem[CARD_CHUNKS] != 0 && handles < 0x10000 &&
	    4 * handles < jc->end - jc->heap;
}

static void find_owners(struct jc *jc)
{
	for (unsigned slot = 0; slot < JC_PACKAGES_MAX; slot++)
		jc->context_of[JC_PACKAGE_OWNER + slot] = (uint8_t)(JC_LOADED + slot);
	for (uint16_t a = 1; a <= JC_APPLETS_MAX; a++)
		if (jc_applet_state(jc, a) == SLOT_LIVE)
			jc->context_of[a] = jc->mem[jc_applet_at(a) + APPLET_PACKAGE];
}

static void find_system_objects(struct jc *jc)
{
	uint16_t ref;
	for (uint32_t at = 0; (at = jc_next_object(jc, at, &ref)) != 0;) {
		const uint8_t *h = jc->mem + at;
		if (h[OBJECT_OWNER] != 0 && (h[OBJECT_FLAGS] & (FLAG_GLOBAL | FLAG_ONE_SHOT)) != 0)
			jc->globals = true; /* a command that was cut left it: the next one takes it away */
		if (h[OBJECT_OWNER] != 0 || (h[OBJECT_FLAGS] & (FLAG_TEMPORARY | FLAG_GLOBAL)) == 0)
			continue;
		const struct jc_class *c = jc_header_class(jc, h);
		if ((h[OBJECT_FLAGS] & FLAG_GLOBAL) != 0)
			jc->apdu_array = ref;
		else if (c == &jc_class_APDU)
			jc->apdu_object = ref;
		else if (c != NULL && (c->flags & JC_THROWABLE) != 0 && jc->exceptions < JC_THROWABLES)
			jc->exception[jc->exceptions++] =
			    (struct jc_thrower){.package = c->package, .class = (uint8_t)c->index, .ref = ref};
	}
}

static bool system_complete(const struct jc *jc)
{
	const uint8_t *a = jc_header(jc, jc->apdu_array);
	return jc->apdu_object != 0 && a != NULL && a[OBJECT_KIND] == (JC_BYTE | KIND_RESET) &&
	    jc_be16(a + OBJECT_LENGTH) == jc->chip.apdu_buffer && jc_be32(a + OBJECT_DATA) == 0 &&
	    jc_exception_instance(jc, &jc_class_SystemException) != 0;
}

/* Applets whose object is gone, or whose package is, cannot come from this card. */
static bool applets_whole(struct jc *jc)
{
	for (uint16_t a = 1; a <= JC_APPLETS_MAX; a++) {
		if (jc_applet_state(jc, a) != SLOT_LIVE)
			continue;
		const uint8_t *s = jc->mem + jc_applet_at(a);
		if (s[APPLET_PACKAGE] < JC_LOADED || s[APPLET_PACKAGE] >= JC_LOADED + JC_PACKAGES_MAX ||
		    jc_loaded(jc, s[APPLET_PACKAGE]) == NULL ||
		    !jc_instance_of(jc_class_of(jc, jc_be16(s + APPLET_OBJECT)), &jc_class_Applet) ||
		    jc_class_of(jc, jc_be16(s + APPLET_AID)) != &jc_class_AID)
			return false;
	}
	return true;
}

static bool recover(struct jc *jc)
{
	if (jc->mem[CARD_OPERATION] == OPERATION_NONE)
		jc_provisional_keep(jc);
	else
		jc_provisional_drop(jc);
	jc_finish_deletion(jc);
	jc_trim(jc);
	return applets_whole(jc);
}

bool jc_power_up(struct sim *s, const struct jc_host *host)
{
	struct jc *jc = jc_of(s);
	uint32_t host_size;
	jc->sim = s;
	jc->host = host;
	jc->transient = (uint8_t *)jc + transient_at(host->session);
	jc->dead = true;
	jc->step = NULL;
	jc->allowance = ALLOWANCE;
	if (s->nv.size < CARD_UNDO || !jc_chip_read(&s->nv, &jc->chip) ||
	    jc_ram_size(&jc->chip, host->session) > s->ram_size)
		return false;
	host_size = jc_be32(s->nv.mem + CARD_HOST_SIZE);
	lay_out(jc, &s->nv, host_size);
	if (!plausible(jc, host_size))
		return false;
	jc->handles = ((uint32_t)jc->mem[CARD_CHUNKS] << jc->mem[CARD_CHUNK_SHIFT]) + 1;
	undo_recover(&jc->undo, &s->nv, CARD_UNDO, undo_size(&jc->chip));
	if (!jc_walk(jc))
		return false;
	find_owners(jc);
	jc_code_sweep();
	if (!jc_bind_all(jc))
		return false;
	find_system_objects(jc);
	if (!system_complete(jc) || !recover(jc))
		return false;
	jc->dead = false;
	return true;
}

void jc_moved(struct sim *s, const struct jc_host *host)
{
	struct jc *jc = jc_of(s);
	jc->sim = s;
	jc->host = host;
	jc->nv = jc->undo.nv = &s->nv;
	jc->mem = s->nv.mem;
	jc->transient = (uint8_t *)jc + transient_at(host->session);
	jc->deselect = NULL;
}
