/* A card with nothing but the virtual machine, and a package whose process() is any bytes a test wants. The load file
 * is written here by hand from JCVM chapter 6: neither the compiler's writer nor the card's reader has a part in it.
 *
 * The package: interface I { short twice(short); } class App extends Applet { Object r; short s; byte b; int i;
 * short plus1(short); } class Other implements I { Object r; short s; } static byte[] array = {1, 2, 3}; static Object
 * ref; static short s; static byte b; static int i. Its constant pool: */
#ifndef IGATA_TESTS_JC_KIT_H
#define IGATA_TESTS_JC_KIT_H

#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/hex.h"
#include "runtime/sim/javacard/machine/vm.h"

enum kit_constant {
	K_APP,          /* 0 class App */
	K_APPLET_INIT,  /* 1 Applet.<init>() */
	K_REGISTER,     /* 2 Applet.register() */
	K_FIELD_A,      /* 3 App.r */
	K_FIELD_S,      /* 4 App.s */
	K_FIELD_B,      /* 5 App.b */
	K_FIELD_I,      /* 6 App.i */
	K_STATIC_ARRAY, /* 7 static array */
	K_STATIC_A,     /* 8 static ref */
	K_STATIC_S,     /* 9 static s */
	K_STATIC_B,     /* A static b */
	K_STATIC_I,     /* B static i */
	K_MINUS,        /* C static short minus(short, short) */
	K_PLUS1,        /* D virtual App.plus1 */
	K_OTHER,        /* E class Other */
	K_INTERFACE,    /* F interface I */
	K_OBJECT_INIT,  /* 10 Object.<init>() */
	K_SUPER_SELECT, /* 11 super.select() of App */
	K_OBJECT,       /* 12 class Object */
	K_NPE,          /* 13 class NullPointerException */
	K_MAKE_SHORT,   /* 14 Util.makeShort */
	K_GET_BUFFER,   /* 15 APDU.getBuffer */
	K_BEGIN,        /* 16 JCSystem.beginTransaction */
	K_COMMIT,       /* 17 JCSystem.commitTransaction */
	K_ABORT,        /* 18 JCSystem.abortTransaction */
	K_TRANSIENT,    /* 19 JCSystem.makeTransientByteArray */
	K_DELETION,     /* 1A JCSystem.requestObjectDeletion */
	K_THROW,        /* 1B ISOException.throwIt */
	K_PIN_INIT,     /* 1C OwnerPIN.<init>(byte, byte) */
	K_PIN,          /* 1D class OwnerPIN */
	K_PIN_CHECK,    /* 1E OwnerPIN.check */
	K_EQUALS,       /* 1F Object.equals */
	K_ARRAY_COPY,   /* 20 Util.arrayCopy */
	K_APPLET,       /* 21 class Applet */
	K_PIN_UPDATE,   /* 22 OwnerPIN.update */
	K_SAME,         /* 23 static Object same(Object) */
	K_WIDE,         /* 24 static int wide(int) */
	K_SECURITY,     /* 25 class SecurityException */
	K_PROCESS,      /* 26 App.process */
	KIT_CONSTANTS
};

/* What a test may choose. Everything zero: a package that does nothing. */
struct kit_code {
	uint8_t rid_last;      /* last byte of the RID: another package */
	const char *code;      /* of process(), hexadecimal, blanks allowed */
	uint8_t stack, locals; /* of process(); 0: 12 and 10 */
	const char *handlers;  /* handler table, 8 bytes each; addresses from the first byte of `code` */
	uint8_t version;       /* minor version of the import of javacard.framework */
	uint8_t format;        /* minor version of the CAP format; 0: 1 */
	bool no_int;           /* the Header says that int is not used */
};

struct kit {
	struct sim sim;
	struct jc *jc;
	struct jc_chip chip;
	struct buf rsp;
	bool loaded;
	uint16_t code_at; /* where the last package's code lies in its Method component */
};

static const struct jc_host kit_host = {0};

static inline struct jc_chip kit_chip(void)
{
	struct jc_chip c = {.version = 0x0300,
	    .persistent = 16384,
	    .reset = 512,
	    .deselect = 256,
	    .commit = 256,
	    .apdu_buffer = 261,
	    .channels = 4,
	    .int_supported = true,
	    .object_deletion = true,
	    .t1 = true};
	for (unsigned i = 0; i < JC_ROM_PACKAGES; i++)
		c.minor[i] = jc_rom[i] == NULL ? JC_ABSENT : jc_rom[i]->minor;
	return c;
}

static inline bool kit_power_up(struct kit *k, int64_t cut)
{
	struct nv *nv = &k->sim.nv;
	*nv = (struct nv){.mem = nv->mem, .size = nv->size, .cut = cut};
	memset(k->sim.ram, 0, k->sim.ram_size);
	nv_recover(nv);
	k->jc = jc_of(&k->sim);
	return jc_power_up(&k->sim, &kit_host);
}

static inline void kit_new(struct kit *k, const struct jc_chip *chip)
{
	*k = (struct kit){.chip = *chip};
	k->sim.nv.size = jc_memory_size(chip, 64);
	k->sim.nv.mem = calloc(1, k->sim.nv.size);
	k->sim.nv.cut = NV_NO_CUT;
	k->sim.ram_size = (uint32_t)jc_ram_size(chip, 0);
	k->sim.ram = calloc(1, k->sim.ram_size);
	if (k->sim.nv.mem == NULL || k->sim.ram == NULL)
		abort();
	jc_deliver(&k->sim.nv, chip, 64);
	if (!kit_power_up(k, NV_NO_CUT))
		abort();
}

static inline void kit_free(struct kit *k)
{
	free(k->sim.nv.mem);
	free(k->sim.ram);
	buf_reset(&k->rsp);
}

/* --- writing the load file --- */

static inline void kit_hex(struct buf *b, const char *hex)
{
	for (; hex != NULL && *hex != 0; hex++) {
		if (*hex == ' ')
			continue;
		buf_u8(b, (unsigned)(hex_digit(hex[0]) << 4 | hex_digit(hex[1])));
		hex++;
	}
}

static inline void kit_component(struct buf *out, uint8_t tag, const struct buf *body)
{
	buf_u8(out, tag);
	buf_u16(out, (unsigned)body->n);
	buf_add(out, body->p, body->n);
}

/* Offsets of the classes in the Class component, format 2.1. */
enum { KIT_I = 0, KIT_APP = 1, KIT_OTHER = 1 + 10 + 2 * 2 };
/* Offsets of the methods, with n handlers in front. */
enum {
	KIT_INSTALL = 0,
	KIT_MINUS = 13,
	KIT_PLUS1 = 19,
	KIT_TWICE = 25,
	KIT_SAME = 31,
	KIT_WIDE = 35,
	KIT_PROCESS = 39
};

static inline void kit_methods(struct buf *b, const struct kit_code *c, struct kit *k, unsigned *base)
{
	unsigned n = c->handlers == NULL ? 0 : (unsigned)strlen(c->handlers) / 16;
	uint16_t code_at = (uint16_t)(1 + 8 * n + KIT_PROCESS + 4);
	struct buf h = {0};
	kit_hex(&h, c->handlers);
	*base = 1 + 8 * n;
	buf_u8(b, n);
	for (unsigned i = 0; i < n; i++) {
		const uint8_t *p = h.p + 8 * i;
		buf_u16(b, (unsigned)(p[0] << 8 | p[1]) + code_at);
		buf_u16(b, (unsigned)(p[2] << 8 | p[3]));
		buf_u16(b, (unsigned)(p[4] << 8 | p[5]) + code_at);
		buf_u16(b, (unsigned)(p[6] << 8 | p[7]));
	}
	buf_reset(&h);
	/* install: new App; dup; invokespecial Applet.<init>; invokevirtual register; return */
	kit_hex(b, "02 30 8F0000 3D 8C0001 8B0002 7A");
	/* minus: sload_0; sload_1; ssub; sreturn   plus1, twice: sload_1; sconst_1; sadd / sload_1; dup; sadd; sreturn
	 */
	kit_hex(b, "02 20 1C 1D 43 78");
	kit_hex(b, "02 20 1D 04 41 78");
	kit_hex(b, "02 20 1D 3D 41 78");
	/* same: aload_0; areturn   wide: iload_0; ireturn */
	kit_hex(b, "01 10 18 77");
	kit_hex(b, "02 20 20 79");
	buf_u8(b, 0x80);
	buf_u8(b, c->stack != 0 ? c->stack : 12);
	buf_u8(b, 2);
	buf_u8(b, c->locals != 0 ? c->locals : 10);
	k->code_at = code_at;
	kit_hex(b, c->code == NULL ? "7A" : c->code);
}

static inline void kit_classes(struct buf *b, unsigned base)
{
	kit_hex(b, "80");
	/* App: super Applet, 5 cells, references from 0, 1; public methods 7 and 8; no package-private ones. */
	kit_hex(b, "00 8103 05 00 01 07 02 00 00");
	buf_u16(b, base + KIT_PROCESS);
	buf_u16(b, base + KIT_PLUS1);
	/* Other: super Object, 2 cells; public method 1; implements I, whose method 0 is 1. */
	kit_hex(b, "01 8000 02 00 01 01 01 00 00");
	buf_u16(b, base + KIT_TWICE);
	kit_hex(b, "0000 01 01");
}

static inline void kit_pool(struct buf *b, unsigned base)
{
	buf_u16(b, KIT_CONSTANTS);
	kit_hex(b, "01 000100 06 810300 03 810301");
	kit_hex(b, "02 000100 02 000101 02 000102 02 000103");
	kit_hex(b, "05 000000 05 000002 05 000004 05 000006 05 000007");
	buf_u8(b, 6);
	buf_u8(b, 0);
	buf_u16(b, base + KIT_MINUS);
	kit_hex(b, "03 000108");
	kit_hex(b, "01 000F00 01 000000 06 800000 04 000106 01 800000 01 800700");
	kit_hex(b, "06 811005 03 810A01 06 810801 06 810802 06 810800 06 81080D 06 810812 06 810701");
	kit_hex(b, "06 810900 01 810900 03 810901 03 800000 06 811001 01 810300 03 810908");
	buf_u8(b, 6);
	buf_u8(b, 0);
	buf_u16(b, base + KIT_SAME);
	buf_u8(b, 6);
	buf_u8(b, 0);
	buf_u16(b, base + KIT_WIDE);
	kit_hex(b, "01 800A00 03 000107");
}

/* The load file data block of the package; package AID A00000064x01, applet A00000064x0101. */
static inline void kit_load_file(struct kit *k, const struct kit_code *c, struct buf *out)
{
	uint8_t aid[7] = {0xa0, 0, 0, 6, c->rid_last, 1, 1};
	struct buf part[12] = {0};
	unsigned base;
	uint8_t format = c->format != 0 ? c->format : 1;
	kit_methods(&part[7], c, k, &base);
	kit_classes(&part[6], base);
	kit_pool(&part[5], base);
	kit_hex(&part[1], "DECAFFED");
	buf_u8(&part[1], format);
	buf_u8(&part[1], 2);
	buf_u8(&part[1], c->no_int ? 4 : 5);
	kit_hex(&part[1], "00 01 06");
	buf_add(&part[1], aid, 6);
	kit_hex(&part[3], "01 07");
	buf_add(&part[3], aid, 7);
	buf_u16(&part[3], base + KIT_INSTALL);
	kit_hex(&part[4], "02 00 01 07 A0000000620001");
	buf_u8(&part[4], c->version);
	kit_hex(&part[4], "01 07 A0000000620101");
	/* image of 11 bytes: 2 references, one of them an array; byte, then int zero; short 5 */
	kit_hex(&part[8], "000B 0002 0001 03 0003 010203 0007 0000");
	kit_hex(&part[9], "0000 0000");
	for (unsigned tag = 1; tag <= 11; tag++)
		buf_u16(&part[2], tag == 2 ? 31 : (unsigned)part[tag].n);
	kit_hex(&part[2], "000B 0001 0003 02 01 00");
	static const uint8_t order[] = {1, 2, 4, 3, 6, 7, 8, 5, 9};
	for (unsigned i = 0; i < sizeof order; i++)
		kit_component(out, order[i], &part[order[i]]);
	for (unsigned i = 0; i < 12; i++)
		buf_reset(&part[i]);
}

/* --- using the card --- */

/* Load bytes in blocks of `block`; *package is its number. */
static inline sw_t kit_load_bytes(
    struct kit *k, uint8_t rid_last, const struct buf *file, size_t block, uint8_t *package)
{
	const uint8_t aid[6] = {0xa0, 0, 0, 6, rid_last, 1};
	sw_t sw = jc_load_begin(k->jc, aid, sizeof aid, 0);
	for (size_t at = 0; sw == SW_OK && at < file->n; at += block)
		sw = jc_load_bytes(k->jc, file->p + at, file->n - at < block ? file->n - at : block);
	if (sw == SW_OK)
		sw = jc_load_end(k->jc, package);
	if (sw != SW_OK)
		return sw;
	nv_begin(&k->sim.nv);
	jc_load_commit(k->jc);
	nv_commit(&k->sim.nv);
	jc_load_done(k->jc);
	return SW_OK;
}

static inline sw_t kit_load(struct kit *k, const struct kit_code *c, uint8_t *package)
{
	struct buf file = {0};
	kit_load_file(k, c, &file);
	sw_t sw = kit_load_bytes(k, c->rid_last, &file, 200, package);
	buf_reset(&file);
	return sw;
}

static inline sw_t kit_install(struct kit *k, uint8_t package, uint8_t rid_last, uint16_t *applet)
{
	const uint8_t aid[8] = {0xa0, 0, 0, 6, rid_last, 1, 1, 0};
	sw_t sw = jc_install(k->jc, package, 0, aid, sizeof aid, (const uint8_t *)"\0\0\0", 3, applet);
	if (sw != SW_OK)
		return sw;
	nv_begin(&k->sim.nv);
	jc_install_commit(k->jc);
	nv_commit(&k->sim.nv);
	jc_install_done(k->jc);
	return SW_OK;
}

/* Delete applets and a package. */
static inline sw_t kit_delete(struct kit *k, const uint16_t *set, unsigned n, uint8_t package)
{
	struct jc_doomed d = {.package = {package}, .applets = n, .packages = package != JC_NOBODY};
	for (unsigned i = 0; i < n; i++)
		d.applet[i] = set[i];
	sw_t sw = jc_delete(k->jc, &d);
	if (sw != SW_OK)
		return sw;
	nv_begin(&k->sim.nv);
	jc_delete_commit(k->jc, &d);
	nv_commit(&k->sim.nv);
	jc_delete_done(k->jc);
	return SW_OK;
}

/* The command's status word; the data stay in k->rsp. */
static inline sw_t kit_send(struct kit *k, uint8_t channel, const char *hex)
{
	struct buf cmd = {0};
	kit_hex(&cmd, hex);
	buf_clear(&k->rsp);
	jc_process(k->jc, channel, false, cmd.p, cmd.n, &k->rsp);
	buf_reset(&cmd);
	return (sw_t)(k->rsp.n < 2 ? 0 : k->rsp.p[k->rsp.n - 2] << 8 | k->rsp.p[k->rsp.n - 1]);
}

#endif
