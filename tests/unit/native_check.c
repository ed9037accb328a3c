/* The check of the native back end: whatever is changed in a finished command script, it notices, unless the change
 * means nothing to an AP. And the faults that were measured in other tools (tests/golden/image/native-fidelity.tsv) are
 * not made here: one test for each, against the recorded commands (native-create.tsv) field by field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/emit/family.h"
#include "compiler/emit/native/check.h"
#include "runtime/base/file.h"
#include "runtime/base/hex.h"
#include "runtime/image/script.h"

#define ISO    "iso-compact-32k"
#define STAR   "starcos-like-8k"
#define FOLDER "tests/golden/image"

struct bed {
	struct arena a;
	struct diag_list d;
	struct plan *plan;
	struct image img;
	struct script script;
};

/* command_data: another limit than the profile's, 0 for that. */
static void open_limited(struct bed *b, const char *text, size_t n, const char *chip_name, uint32_t command_data)
{
	*b = (struct bed){0};
	const struct description *ap = description_read(&b->a, (const uint8_t *)text, n, "ap.xml", &b->d);
	const struct chip *chip = chip_find(&b->a, "chipprofiles", chip_name, &b->d);
	assert_true(ap != NULL && chip != NULL);
	diag_reset(&b->d);
	struct chip *limited = ARENA_NEW(&b->a, struct chip);
	*limited = *chip;
	if (command_data != 0) {
		limited->fact[CHIP_COMMAND_DATA].number = command_data;
		limited->fact[CHIP_COMMAND_DATA].text = arena_printf(&b->a, "%u", command_data);
	}
	b->plan = plan_make(&b->a, ap, limited, true, &b->d);
	if (b->plan == NULL)
		diag_print(stderr, &b->d, "en");
	assert_non_null(b->plan);
	diag_reset(&b->d);
	assert_true(family_native.emit(b->plan, &b->img, &b->d));
	const struct buf *payload = &b->img.entry[IMAGE_PAYLOAD];
	assert_true(script_read(&b->script, payload->p, payload->n, "script", &b->d));
	assert_int_equal(b->d.n, 0);
}

static void open_text(struct bed *b, const char *text, size_t n, const char *chip)
{
	open_limited(b, text, n, chip, 0);
}

static void open_file(struct bed *b, const char *path, const char *chip)
{
	struct buf text = {0};
	struct diag_list d = {0};
	assert_true(file_read(path, 1 << 20, &text, &d));
	open_text(b, (const char *)text.p, text.n, chip);
	buf_reset(&text);
}

static void done(struct bed *b)
{
	script_reset(&b->script);
	image_reset(&b->img);
	diag_reset(&b->d);
	arena_free(&b->a);
}

static bool accepted(struct bed *b)
{
	struct buf text = {0};
	script_write(&b->script, &text);
	bool ok = native_check(b->plan, text.p, text.n, &b->d);
	assert_int_equal(ok, b->d.n == 0);
	if (!ok)
		assert_int_equal(b->d.row[b->d.n - 1].code, DIAG_EMIT_CHECK);
	diag_reset(&b->d);
	buf_reset(&text);
	return ok;
}

/* ---- mutations ---- */

/* Bytes of which some other values mean the same for the AP. */
struct ignored {
	const char *note;
	size_t part, byte;
};

static bool is_ignored(const struct ignored *list, const char *note, size_t part, size_t byte)
{
	for (; list->note != NULL; list++)
		if (strcmp(list->note, note) == 0 && list->part == part && list->byte == byte)
			return true;
	return false;
}

/* Every fixed byte of every command, with every other value. */
static unsigned mutate_bytes(struct bed *b, const struct ignored *ignored)
{
	unsigned missed = 0;
	for (size_t i = 0; i < b->script.n_steps; i++) {
		const struct script_step *t = &b->script.step[i];
		for (size_t k = 0; k < t->n_parts; k++) {
			uint8_t *p = (uint8_t *)(uintptr_t)t->part[k].bytes;
			for (size_t n = 0; p != NULL && n < t->part[k].n; n++) {
				uint8_t was = p[n];
				unsigned good = 0;
				for (unsigned v = 0; v < 256; v++) {
					p[n] = (uint8_t)v;
					good += v != was && accepted(b);
				}
				p[n] = was;
				if (good == 0 || is_ignored(ignored, t->note, k, n))
					continue;
				print_message("%s: part %zu byte %zu (%02X): %u other values accepted\n", t->note, k, n,
				    was, good);
				missed++;
			}
		}
	}
	return missed;
}

static void one_step(struct script *s, size_t skip)
{
	memmove(s->step + skip, s->step + skip + 1, (s->n_steps - skip - 1) * sizeof *s->step);
	s->n_steps--;
}

/* Without any one of the commands the AP is another one; only a SELECT of what is current already may be missing. */
static void drop_steps(struct bed *b)
{
	for (size_t i = 0; i < b->script.n_steps; i++) {
		struct script_step was = b->script.step[i];
		one_step(&b->script, i);
		if (accepted(b) && was.header[1] != 0xa4)
			fail_msg("missing '%s' is not noticed", was.note);
		memmove(b->script.step + i + 1, b->script.step + i, (b->script.n_steps - i) * sizeof was);
		b->script.step[i] = was;
		b->script.n_steps++;
	}
	assert_true(accepted(b));
}

/* Holes in one another's place. */
static void swap_holes(struct bed *b)
{
	for (size_t i = 0; i < b->script.n_steps; i++)
		for (size_t k = 0; k < b->script.step[i].n_parts; k++) {
			struct script_part *p = &b->script.step[i].part[k], was = *p;
			for (uint16_t v = 0; was.hole != NULL && v < b->plan->contract->n_values; v++) {
				p->hole = b->plan->contract->value[v].name;
				if (strcmp(p->hole, was.hole) != 0 && accepted(b))
					fail_msg("{%s} for {%s} is not noticed", p->hole, was.hole);
			}
			*p = was;
		}
}

static void mutate(const char *path, const char *chip, const struct ignored *ignored)
{
	struct bed b;
	open_file(&b, path, chip);
	assert_true(accepted(&b));
	drop_steps(&b);
	swap_holes(&b);
	assert_int_equal(mutate_bytes(&b, ignored), 0);
	done(&b);
}

static void test_iso_mutants(void **state)
{
	(void)state;
	static const struct ignored same[] = {
	    /* what else the loader may do with the DF; "all of" or "any of" one key */
	    {"create the DF", 7, 2},
	    {"create the DF", 7, 3},
	    {"create the DF", 7, 4},
	    {"create the DF", 7, 5},
	    /* "all of" or "any of" one PIN */
	    {"create file note", 5, 4},
	    {"create file seal", 5, 3},
	    {0},
	};
	mutate(FOLDER "/two-pins.xml", ISO, same);
}

static void test_starcos_mutants(void **state)
{
	(void)state;
	static const struct ignored same[] = {
	    {"create the DF", 3, 1}, /* an ISF somewhat larger than its keys */
	    {0},
	};
	mutate("samples/entrance-card/entrance-card.xml", STAR, same);
}

/* Holes divided over several commands: every byte of a value in its place. */
static void test_slices(void **state)
{
	(void)state;
	struct bed b;
	open_file(&b, FOLDER "/long-values.xml", ISO);
	unsigned slices = 0;
	for (size_t i = 0; i < b.script.n_steps; i++)
		for (size_t k = 0; k < b.script.step[i].n_parts; k++) {
			struct script_part *p = &b.script.step[i].part[k];
			if (p->hole == NULL || p->n == 0)
				continue;
			p->offset++;
			assert_false(accepted(&b));
			p->offset--;
			p->n--;
			assert_false(accepted(&b));
			p->n++;
			slices++;
		}
	assert_int_equal(slices, 3);
	assert_true(accepted(&b));
	done(&b);
}

/* Bytes of a step's data with its holes filled. */
static size_t length_of(const struct bed *b, const struct script_step *t)
{
	size_t n = script_fixed(t);
	for (size_t k = 0; k < t->n_parts; k++)
		for (size_t i = 0; t->part[k].hole != NULL && t->part[k].n == 0 && i < b->img.n_holes; i++)
			if (strcmp(b->img.hole[i].name, t->part[k].hole) == 0)
				n += b->img.hole[i].max;
	return n;
}

/* No command is longer than the chip takes, and the longest is as long as that. */
static void test_chip_limit(void **state)
{
	(void)state;
	for (uint32_t limit = 128; limit <= 255; limit += 127) {
		struct bed b;
		struct buf text = {0};
		struct diag_list d = {0};
		size_t longest = 0;
		assert_true(file_read(FOLDER "/long-values.xml", 1 << 20, &text, &d));
		open_limited(&b, (const char *)text.p, text.n, ISO, limit);
		for (size_t i = 0; i < b.script.n_steps; i++) {
			size_t n = length_of(&b, &b.script.step[i]);
			longest = n > longest ? n : longest;
		}
		assert_int_equal(longest, limit);
		assert_true(accepted(&b));
		done(&b);
		buf_reset(&text);
	}
}

/* ---- faults measured elsewhere ---- */

static const char recorded_ap[] =
    "<card-ap xmlns=\"urn:igata:card-ap:1\" id=\"recorded\" version=\"1.0\" area=\"extension\">"
    "<title xml:lang=\"ja\">記録</title><title xml:lang=\"en\">Recorded</title>"
    "<aid rid=\"D392100031\" pix=\"00017F01\"/>"
    "<pin id=\"p\" ref=\"3\" format=\"digits\" length=\"8\" tries=\"3\" initial=\"personal\" source=\"csv:PIN\"/>"
    "<file id=\"one\" fid=\"0001\" sfi=\"1\" size=\"256\" read=\"pin(p)\"/>"
    "<file id=\"six\" fid=\"0006\" sfi=\"6\" size=\"64\" read=\"always\" update=\"pin(p)\"/>"
    "</card-ap>";

static void open_recorded(struct bed *b, const char *chip)
{
	open_text(b, recorded_ap, sizeof recorded_ap - 1, chip);
}

/* Data of the command with this header whose data hold `fid` at `at` (at < 0: any). */
static size_t data_of(const struct bed *b, uint32_t header, int at, unsigned fid, uint8_t out[SCRIPT_DATA_MAX])
{
	for (size_t i = 0; i < b->script.n_steps; i++) {
		const struct script_step *t = &b->script.step[i];
		const uint8_t *h = t->header;
		size_t n = 0;
		if (((uint32_t)h[0] << 24 | (uint32_t)h[1] << 16 | (uint32_t)h[2] << 8 | h[3]) != header)
			continue;
		for (size_t k = 0; k < t->n_parts; n += t->part[k++].n)
			memcpy(out + n, t->part[k].bytes, t->part[k].n);
		if (at < 0 || (unsigned)(out[at] << 8 | out[at + 1]) == fid)
			return n;
	}
	fail_msg("no such command");
	return 0;
}

/* The data of the recorded command of this row: beginning of the OS, of the step, and header in hex. */
static size_t recorded(const char *os, const char *step, const char *header, uint8_t out[256])
{
	struct buf text = {0};
	struct diag_list d = {0};
	size_t n = 0;
	assert_true(file_read(FOLDER "/native-create.tsv", 1 << 16, &text, &d));
	char *rest = (char *)(uintptr_t)buf_cstr(&text);
	for (char *line = strtok(rest, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		char *of = strchr(line, '\t'), *apdu = strrchr(line, '\t') + 1;
		if (strncmp(line, os, strlen(os)) == 0 && strncmp(of + 1, step, strlen(step)) == 0 &&
		    strncmp(apdu, header, 8) == 0)
			assert_true(hex_decode(apdu + 10, strlen(apdu) - 10, out, 256, &n));
	}
	buf_reset(&text);
	assert_true(n != 0);
	return n;
}

/* Recorded: CREATE EF of 256 bytes, readable with the PIN, never updated. The fields that are right there are the same
 * here. */
static void test_starcos_fields(void **state)
{
	(void)state;
	struct bed b;
	uint8_t ours[SCRIPT_DATA_MAX], theirs[256];
	open_recorded(&b, STAR);

	assert_int_equal(data_of(&b, 0x80e00300, 0, 0x0001, ours), 16);
	assert_int_equal(recorded("starcos", "EF transparent 0001", "80E00300", theirs), 16);
	assert_memory_equal(ours, theirs, 3);           /* FID, AC read: state 1E of PIN 3 */
	assert_memory_equal(ours + 9, theirs + 9, 2);   /* RFU */
	assert_memory_equal(ours + 12, theirs + 12, 4); /* SID, type, size */

	assert_int_equal(data_of(&b, 0x80e00300, 0, 0x0006, ours), 16);
	assert_int_equal(recorded("starcos", "EF transparent 0006", "80E00300", theirs), 16);
	assert_memory_equal(ours, theirs, 4);         /* FID, AC read always, AC write PIN */
	assert_memory_equal(ours + 9, theirs + 9, 7); /* RFU, SM, SID, type, size */

	/* REGISTER DF and CREATE DF: another FID, the same form */
	assert_int_equal(recorded("starcos", "DF", "80521000", theirs), 12);
	assert_int_equal(data_of(&b, 0x80520000 | b.plan->df_size, -1, 0, ours), 12);
	assert_memory_equal(ours + 2, theirs + 2, 10);
	assert_int_equal(recorded("starcos", "DF", "80E00100", theirs), 25);
	assert_int_equal(data_of(&b, 0x80e00100, -1, 0, ours), 25);
	assert_memory_equal(ours + 2, theirs + 2, 17);  /* length and name, filled with zeros */
	assert_memory_equal(ours + 23, theirs + 23, 2); /* SM */
	done(&b);
}

/* starcos-spk2.3: NEVER widened to ALWAYS. */
static void test_never_is_not_always(void **state)
{
	(void)state;
	struct bed b;
	uint8_t ours[SCRIPT_DATA_MAX], theirs[256];
	open_recorded(&b, STAR);
	data_of(&b, 0x80e00300, 0, 0x0001, ours);
	recorded("starcos", "EF transparent 0001", "80E00300", theirs);
	assert_int_equal(theirs[3], 0x9f); /* the fault */
	for (int i = 3; i < 9; i++)
		assert_int_equal(ours[i], 0x5f);
	data_of(&b, 0x80e00300, 0, 0x0006, ours);
	for (int i = 4; i < 9; i++)
		assert_int_equal(ours[i], 0x5f);
	done(&b);
}

/* starcos-spk2.3: NEVER also asked for secure messaging (03) on an open file. */
static void test_never_asks_for_no_secure_messaging(void **state)
{
	(void)state;
	struct bed b;
	uint8_t ours[SCRIPT_DATA_MAX], theirs[256];
	open_recorded(&b, STAR);
	data_of(&b, 0x80e00300, 0, 0x0001, ours);
	recorded("starcos", "EF transparent 0001", "80E00300", theirs);
	assert_int_equal(theirs[11], 0x03); /* the fault */
	assert_int_equal(ours[11], 0x00);
	done(&b);
}

/* authentic-3.2, where an operation that the card knows and the description does not stays open: here closed. */
static void test_nothing_left_open(void **state)
{
	(void)state;
	struct bed b;
	uint8_t ours[SCRIPT_DATA_MAX];
	open_recorded(&b, STAR);
	data_of(&b, 0x80e00100, -1, 0, ours);
	assert_int_equal(ours[21], 0x5f); /* create EF, create key */
	assert_int_equal(ours[22], 0x5f);
	done(&b);
	open_recorded(&b, ISO);
	size_t n = data_of(&b, 0x00e00000, 11, 0x0001, ours);
	static const uint8_t read_only[] = {0x8c, 0x02, 0x01, 0x12}; /* one bit, one SCB */
	assert_memory_equal(ours + n - 4, read_only, 4);
	done(&b);
}

/* epass2003: size 256 sent as 1300. */
static void test_size_256(void **state)
{
	(void)state;
	struct bed b;
	uint8_t ours[SCRIPT_DATA_MAX];
	static const uint8_t size[] = {0x80, 0x02, 0x01, 0x00};
	open_recorded(&b, ISO);
	data_of(&b, 0x00e00000, 11, 0x0001, ours);
	assert_memory_equal(ours + 2, size, sizeof size);
	done(&b);
	open_recorded(&b, STAR);
	data_of(&b, 0x80e00300, 0, 0x0001, ours);
	assert_memory_equal(ours + 14, size + 2, 2);
	done(&b);
}

/* cardos-m4: AID dropped, and a descriptor with a stale byte behind it; iasecc: no life cycle byte. */
static void test_df_is_whole(void **state)
{
	(void)state;
	struct bed b;
	uint8_t ours[SCRIPT_DATA_MAX];
	static const uint8_t name[] = {0x84, 0x09, 0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x7f, 0x01};
	static const uint8_t descriptor[] = {0x82, 0x01, 0x38}, state_byte[] = {0x8a, 0x01, 0x01};
	open_recorded(&b, ISO);
	data_of(&b, 0x00e00000, 7, b.plan->df, ours);
	assert_memory_equal(ours + 2, descriptor, sizeof descriptor);
	assert_memory_equal(ours + 9, name, sizeof name);
	assert_memory_equal(ours + 24, state_byte, sizeof state_byte);
	done(&b);
}

/* iasecc-oberthur, recorded: transparent EFs as they are here, rule and all; the SE that the driver takes is 1, which
 * is the loader's here, and it lets the PIN delete the file, which no description asks for. */
static void test_iso_fields(void **state)
{
	(void)state;
	struct bed b;
	uint8_t ours[SCRIPT_DATA_MAX], theirs[256];
	open_recorded(&b, ISO);
	data_of(&b, 0x00e00000, 11, 0x0001, ours);
	recorded("iasecc-oberthur", "EF transparent 0001", "00E00000", theirs);
	assert_memory_equal(ours + 2, theirs + 2, 11); /* 80 size, 82 01, 83 FID */
	assert_int_equal(theirs[17], 0x8c);
	assert_int_equal(theirs[19], 0x41);
	assert_int_equal(ours[16], 0x8c);
	assert_int_equal(ours[18], 0x01);                     /* read alone */
	assert_int_equal(ours[19] & 0xf0, theirs[21] & 0xf0); /* user authentication */
	done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_iso_mutants),
	    cmocka_unit_test(test_starcos_mutants),
	    cmocka_unit_test(test_slices),
	    cmocka_unit_test(test_chip_limit),
	    cmocka_unit_test(test_starcos_fields),
	    cmocka_unit_test(test_never_is_not_always),
	    cmocka_unit_test(test_never_asks_for_no_secure_messaging),
	    cmocka_unit_test(test_nothing_left_open),
	    cmocka_unit_test(test_size_256),
	    cmocka_unit_test(test_df_is_whole),
	    cmocka_unit_test(test_iso_fields),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
