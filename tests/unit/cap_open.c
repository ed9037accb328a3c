/* CAP files: the archive and the components that name a package, read whatever the packing, and refused when wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <zip.h>

#include "runtime/base/hex.h"
#include "runtime/cap/cap.h"

/* A package F04C414201 1.0 with one applet, as hexadecimal components in the order of their tags. Offsets and code are
 * for other tests: these eleven are what cap_open looks at. */
static const char *const sound[COMPONENT_TAGS] = {
    [COMPONENT_Header] = "01000F DECAFFED 01 02 04 00 01 05 F04C414201",
    [COMPONENT_Directory] = "02001F 000F 001F 000A 0015 0002 0000 0001 000A 0004 0000 0000 0000 0000 0000 02 01 00",
    [COMPONENT_Applet] = "03000A 01 06 F04C41420101 0001",
    [COMPONENT_Import] = "040015 02 00 01 07 A0000000620001 03 01 07 A0000000620101",
    [COMPONENT_ConstantPool] = "050002 0000",
    [COMPONENT_Class] = "060000",
    [COMPONENT_Method] = "070001 00",
    [COMPONENT_StaticField] = "08000A 0000 0000 0000 0000 0000",
    [COMPONENT_RefLocation] = "090004 0000 0000",
};

struct parts {
	struct buf component[COMPONENT_TAGS];
};

static void add_hex(struct buf *b, const char *text)
{
	for (; *text != 0; text++) {
		if (*text == ' ')
			continue;
		buf_u8(b, (unsigned)(hex_digit(text[0]) << 4 | hex_digit(text[1])));
		text++;
	}
}

static void make(struct parts *p)
{
	memset(p, 0, sizeof *p);
	for (size_t tag = 1; tag < COMPONENT_TAGS; tag++)
		if (sound[tag] != NULL)
			add_hex(&p->component[tag], sound[tag]);
}

static void drop(struct parts *p)
{
	for (size_t tag = 0; tag < COMPONENT_TAGS; tag++)
		buf_reset(&p->component[tag]);
}

/* Another text for one component. */
static void set(struct parts *p, enum component_tag tag, const char *text)
{
	buf_clear(&p->component[tag]);
	add_hex(&p->component[tag], text);
}

struct entry {
	char name[128];
	struct buf data;
};

static void zip(const struct entry *e, size_t n, int method, struct buf *out)
{
	zip_error_t error;
	zip_error_init(&error);
	zip_source_t *s = zip_source_buffer_create(NULL, 0, 0, &error);
	assert_non_null(s);
	zip_t *z = zip_open_from_source(s, ZIP_CREATE | ZIP_TRUNCATE, &error);
	assert_non_null(z);
	zip_source_keep(s);
	for (size_t i = 0; i < n; i++) {
		zip_int64_t at =
		    zip_file_add(z, e[i].name, zip_source_buffer(z, e[i].data.p, e[i].data.n, 0), ZIP_FL_ENC_RAW);
		assert_true(at >= 0);
		assert_int_equal(zip_set_file_compression(z, (zip_uint64_t)at, method, 0), 0);
	}
	assert_int_equal(zip_close(z), 0);
	uint8_t chunk[4096];
	zip_int64_t got;
	assert_int_equal(zip_source_open(s), 0);
	while ((got = zip_source_read(s, chunk, sizeof chunk)) > 0)
		buf_add(out, chunk, (size_t)got);
	zip_source_close(s);
	zip_source_free(s);
	zip_error_fini(&error);
}

/* The components as an archive, the last one first. */
static void pack(const struct parts *p, const char *folder, int method, struct buf *out)
{
	struct entry e[COMPONENT_TAGS];
	size_t n = 0;
	for (unsigned tag = COMPONENT_TAGS - 1; tag > 0; tag--) {
		if (p->component[tag].n == 0)
			continue;
		snprintf(e[n].name, sizeof e[n].name, "%sjavacard/%s.cap", folder, component_name(tag));
		e[n++].data = p->component[tag];
	}
	zip(e, n, method, out);
}

static bool open_bytes(struct cap *c, const struct buf *b, enum diag_code *code)
{
	struct diag_list d = {0};
	bool ok = cap_open(c, b->p, b->n, "t.cap", &d);
	assert_int_equal(ok, d.n == 0);
	*code = d.n == 0 ? 0 : d.row[0].code;
	diag_reset(&d);
	return ok;
}

static void check_sound(const struct cap *c, const char *name)
{
	static const uint8_t aid[] = {0xF0, 0x4C, 0x41, 0x42, 0x01};
	assert_int_equal(c->format, 0x0201);
	assert_int_equal(c->version, 0x0100);
	assert_int_equal(c->flags, CAP_APPLET);
	assert_int_equal(c->aid.n, 5);
	assert_memory_equal(c->aid.p, aid, 5);
	assert_string_equal(c->name, name);
	assert_int_equal(c->n_imports, 2);
	assert_string_equal(c->import[1].api->name, "javacard/framework");
	assert_int_equal(c->import[1].version, 0x0103);
	assert_int_equal(c->n_applets, 1);
	assert_int_equal(c->applet[0].aid.n, 6);
	assert_int_equal(c->applet[0].install, 1);
}

static void test_packings(void **state)
{
	(void)state;
	struct parts p;
	struct cap c;
	enum diag_code code;
	make(&p);
	static const int method[] = {ZIP_CM_STORE, ZIP_CM_DEFLATE};
	for (size_t i = 0; i < 2; i++) {
		struct buf b = {0};
		pack(&p, "com/example/wallet/", method[i], &b);
		assert_true(open_bytes(&c, &b, &code));
		check_sound(&c, "com/example/wallet");
		cap_close(&c);
		buf_clear(&b);
		pack(&p, "", method[i], &b);
		assert_true(open_bytes(&c, &b, &code));
		check_sound(&c, "");
		cap_close(&c);
		buf_reset(&b);
	}
	drop(&p);
}

/* The load file data block: in load order, also when it is what was read. */
static void test_load_file(void **state)
{
	(void)state;
	struct parts p;
	struct cap c;
	struct buf b = {0}, bare = {0}, load = {0};
	enum diag_code code;
	make(&p);
	set(&p, COMPONENT_Debug, "0C0001 00");
	pack(&p, "x/", ZIP_CM_DEFLATE, &b);
	assert_true(open_bytes(&c, &b, &code));
	cap_load_data(&c, true, &bare);
	static const unsigned order[] = {1, 2, 4, 3, 6, 7, 8, 5, 9};
	size_t at = 0;
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		const struct buf *one = &p.component[order[i]];
		assert_memory_equal(bare.p + at, one->p, one->n);
		at += one->n;
	}
	assert_int_equal(at, bare.n);
	cap_load_file(&c, true, &load);
	assert_int_equal(load.p[0], 0xC4);
	assert_int_equal(load.p[1], bare.n);
	assert_memory_equal(load.p + 2, bare.p, bare.n);
	cap_close(&c);
	assert_true(open_bytes(&c, &bare, &code));
	check_sound(&c, "");
	cap_close(&c);
	buf_reset(&b);
	buf_reset(&bare);
	buf_reset(&load);
	drop(&p);
}

/* A Method component of 64 kB and a Descriptor of 64 kB: the block's length takes three bytes. */
static void test_load_file_length(void **state)
{
	(void)state;
	struct cap c = {0};
	struct buf load = {0};
	for (size_t i = 0; i < COMPONENT_MAX; i++)
		buf_u8(&c.component[COMPONENT_Method], 7);
	buf_add(&c.component[COMPONENT_Descriptor], c.component[COMPONENT_Method].p, COMPONENT_MAX);
	cap_load_file(&c, true, &load);
	static const uint8_t head[] = {0xC4, 0x83, 0x02, 0x00, 0x04};
	assert_memory_equal(load.p, head, sizeof head);
	assert_int_equal(load.n, sizeof head + 2 * COMPONENT_MAX);
	buf_clear(&load);
	cap_load_file(&c, false, &load);
	assert_memory_equal(load.p, "\xC4\x83\x01\x00\x02", 5);
	buf_clear(&load);
	c.component[COMPONENT_Descriptor].n = 0;
	c.component[COMPONENT_Method].n = 256;
	cap_load_file(&c, true, &load);
	assert_memory_equal(load.p, "\xC4\x82\x01\x00", 4);
	buf_clear(&load);
	c.component[COMPONENT_Method].n = 127;
	cap_load_file(&c, true, &load);
	assert_memory_equal(load.p, "\xC4\x7F", 2);
	buf_reset(&load);
	cap_close(&c);
}

/* One component changed, and what is said about it. */
static void test_refusals(void **state)
{
	static const struct {
		enum component_tag tag;
		const char *text;
		enum diag_code code;
	} row[] = {
	    {COMPONENT_Header, "01000F DECAFFED 01 02 04 00 01 05 F04C414201 00", DIAG_CAP_SIZE},
	    {COMPONENT_Header, "02000F DECAFFED 01 02 04 00 01 05 F04C414201", DIAG_CAP_TAG},
	    {COMPONENT_Header, "0100", DIAG_CAP_SIZE},
	    {COMPONENT_Header, "010003 DECAFF", DIAG_CAP_ENDS},
	    {COMPONENT_Header, "01000F DECAFFEE 01 02 04 00 01 05 F04C414201", DIAG_CAP_VALUE},
	    {COMPONENT_Header, "01000F DECAFFED 00 02 04 00 01 05 F04C414201", DIAG_CAP_FORMAT},
	    {COMPONENT_Header, "01000F DECAFFED 04 02 04 00 01 05 F04C414201", DIAG_CAP_FORMAT},
	    {COMPONENT_Header, "01000F DECAFFED 03 02 0C 00 01 05 F04C414201", DIAG_CAP_EXTENDED},
	    {COMPONENT_Header, "01000F DECAFFED 01 02 14 00 01 05 F04C414201", DIAG_CAP_VALUE},
	    {COMPONENT_Header, "01000F DECAFFED 01 02 06 00 01 05 F04C414201", DIAG_CAP_MISSING},
	    {COMPONENT_Header, "01000F DECAFFED 01 02 00 00 01 05 F04C414201", DIAG_CAP_FLAG},
	    {COMPONENT_Header, "01000E DECAFFED 01 02 04 00 01 04 F04C4142", DIAG_CAP_AID},
	    {COMPONENT_Header, "01000F DECAFFED 01 02 04 00 01 06 F04C414201", DIAG_CAP_ENDS},
	    {COMPONENT_Header, "010010 DECAFFED 01 02 04 00 01 05 F04C414201 00", DIAG_CAP_REST},
	    {COMPONENT_Header, "010010 DECAFFED 02 02 04 00 01 05 F04C414201 05", DIAG_CAP_ENDS},
	    {COMPONENT_Header, "", DIAG_CAP_MISSING},
	    {COMPONENT_Applet, "", DIAG_CAP_MISSING},
	    {COMPONENT_RefLocation, "", DIAG_CAP_MISSING},
	    {COMPONENT_Applet, "03000A 01 06 F04C41430101 0001", DIAG_CAP_RID},
	    {COMPONENT_Applet, "03000A 02 06 F04C41420101 0001", DIAG_CAP_ENDS},
	    {COMPONENT_Applet, "03000B 01 06 F04C41420101 0001 00", DIAG_CAP_REST},
	    {COMPONENT_Import, "040001 81", DIAG_CAP_BEYOND},
	    {COMPONENT_Import, "040000", DIAG_CAP_ENDS},
	    {COMPONENT_Import, "04000B 01 00 01 07 A0000000620001", DIAG_CAP_DIRECTORY},
	    {COMPONENT_Directory, "020000", DIAG_CAP_ENDS},
	    {COMPONENT_Directory,
		"02001F 000F 001F 000A 0015 0003 0000 0001 000A 0004 0000 0000 0000 0000 0000 02 01 00",
		DIAG_CAP_DIRECTORY},
	    {COMPONENT_Directory,
		"02001F 000F 001F 000A 0015 0002 0000 0001 000A 0004 0000 0000 0000 0000 0000 03 01 00",
		DIAG_CAP_VALUE},
	    {COMPONENT_Directory,
		"02001F 000F 001F 000A 0015 0002 0000 0001 000A 0004 0000 0000 0000 0000 0000 02 00 00",
		DIAG_CAP_VALUE},
	    {COMPONENT_Directory,
		"02001F 000F 001F 000A 0015 0002 0000 0001 000A 0004 0000 0000 0000 0000 0000 02 01 01", DIAG_CAP_ENDS},
	    {COMPONENT_Directory,
		"020028 000F 0028 000A 0015 0002 0000 0001 000A 0004 0000 0000 0000 0000 0000 02 01 01 7F 0000 05 "
		"F04C414201",
		DIAG_CAP_BAD},
	};
	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		struct parts p;
		struct cap c;
		struct buf b = {0};
		enum diag_code code;
		make(&p);
		set(&p, row[i].tag, row[i].text);
		pack(&p, "x/", ZIP_CM_STORE, &b);
		bool ok = open_bytes(&c, &b, &code);
		assert_false(ok);
		if (code != row[i].code)
			print_error("row %zu: %d\n", i, (int)code);
		assert_int_equal(code, row[i].code);
		cap_close(&c);
		buf_reset(&b);
		drop(&p);
	}
}

/* A custom component that the Directory lists, a Descriptor that was taken out. */
static void test_neighbours(void **state)
{
	(void)state;
	struct parts p;
	struct cap c;
	struct buf b = {0};
	enum diag_code code;
	make(&p);
	set(&p, COMPONENT_Directory,
	    "020028 000F 0028 000A 0015 0002 0000 0001 000A 0004 0000 0123 0000 0000 0000 02 01 01 80 0000 05 "
	    "F04C414201");
	pack(&p, "x/", ZIP_CM_STORE, &b);
	assert_true(open_bytes(&c, &b, &code));
	cap_close(&c);
	buf_reset(&b);
	drop(&p);
}

static void refuse_archive(struct entry *e, size_t n, int method, enum diag_code want)
{
	struct cap c;
	struct buf b = {0};
	enum diag_code code;
	zip(e, n, method, &b);
	assert_false(open_bytes(&c, &b, &code));
	assert_int_equal(code, want);
	cap_close(&c);
	buf_reset(&b);
}

static void test_archives(void **state)
{
	(void)state;
	struct parts p;
	make(&p);
	struct entry two[] = {{"a/javacard/Header.cap", p.component[COMPONENT_Header]},
	    {"b/javacard/Import.cap", p.component[COMPONENT_Import]}};
	refuse_archive(two, 2, ZIP_CM_STORE, DIAG_CAP_PACKAGES);
	struct entry twice[] = {{"a/javacard/Header.cap", p.component[COMPONENT_Header]},
	    {"a/javacard/HEADER.CAP", p.component[COMPONENT_Header]}};
	refuse_archive(twice, 2, ZIP_CM_STORE, DIAG_CAP_TWICE);
	struct entry extended[] = {{"a/javacard/Header.capx", p.component[COMPONENT_Header]}};
	refuse_archive(extended, 1, ZIP_CM_STORE, DIAG_CAP_EXTENDED);
	struct entry other[] = {{"a/javacardx/Header.cap", p.component[COMPONENT_Header]}};
	refuse_archive(other, 1, ZIP_CM_STORE, DIAG_CAP_FOREIGN);
	struct buf zeros = {0}; /* a bomb: 4 MiB of zeros pack into 4 kB */
	for (size_t i = 0; i < 1 << 20; i++)
		buf_u32(&zeros, 0);
	struct entry bomb[] = {{"a/javacard/Method.cap", zeros}};
	refuse_archive(bomb, 1, ZIP_CM_DEFLATE, DIAG_CAP_ENTRY_SIZE);
	buf_reset(&zeros);
	struct entry *many = calloc(4097, sizeof *many);
	assert_non_null(many);
	for (size_t i = 0; i < 4097; i++)
		snprintf(many[i].name, sizeof many[i].name, "%zu", i);
	refuse_archive(many, 4097, ZIP_CM_STORE, DIAG_CAP_ENTRIES);
	free(many);
	drop(&p);
}

static void test_damage(void **state)
{
	(void)state;
	struct parts p;
	struct cap c;
	struct buf b = {0};
	enum diag_code code;
	make(&p);
	pack(&p, "x/", ZIP_CM_STORE, &b);
	uint8_t *data = NULL; /* a byte of the Header's data: its checksum is wrong then */
	for (size_t i = 0; data == NULL && i + 4 < b.n; i++)
		if (memcmp(b.p + i, "\xDE\xCA\xFF\xED", 4) == 0)
			data = b.p + i;
	assert_non_null(data);
	data[1] ^= 1;
	assert_false(open_bytes(&c, &b, &code));
	assert_int_equal(code, DIAG_CAP_ENTRY);
	cap_close(&c);
	b.n = 20;
	assert_false(open_bytes(&c, &b, &code));
	assert_int_equal(code, DIAG_CAP_FOREIGN);
	cap_close(&c);
	buf_clear(&b);
	buf_add(&b, p.component[COMPONENT_Header].p, p.component[COMPONENT_Header].n);
	buf_u8(&b, 99);
	assert_false(open_bytes(&c, &b, &code));
	assert_int_equal(code, DIAG_CAP_BARE);
	cap_close(&c);
	b.n = 0;
	assert_false(open_bytes(&c, &b, &code));
	assert_int_equal(code, DIAG_CAP_FOREIGN);
	cap_close(&c);
	buf_reset(&b);
	drop(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_packings),
	    cmocka_unit_test(test_load_file),
	    cmocka_unit_test(test_load_file_length),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_neighbours),
	    cmocka_unit_test(test_archives),
	    cmocka_unit_test(test_damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
