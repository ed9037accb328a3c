/* Damaged cards and hostile commands. A card file is the user's, so its memory may hold anything: whatever it is, the
 * card answers every command with at least a status word, touches nothing outside its memory, and comes to an end.
 *
 * input: | 1 which card | 1 number of patches | patches { 2 address, 1 value } … | commands { 1 length, bytes } … |
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/description/description.h"
#include "runtime/base/apdu.h"
#include "runtime/base/hex.h"
#include "runtime/base/rd.h"
#include "runtime/crypto/aes.h"
#include "runtime/sim/reference/reference.h"
#include "runtime/sim/sim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define AID "D3921000310001FFFF01"

/* An AP on an iso-compact card; [ ] is a length and what it counts. */
static const char *const iso[] = {
    "00E00000[62[820138 83023F01 840A" AID "81021000 8A0101 8D027B00 8C0452212121]]",
    "00E00000[62[80020080 820109 83027B00 8C0100]]",
    "00D60000[7B0B800101A406830101950180 7B0B800102A406830181950108 7B0B800103A4068301A1950108]",
    "00DB3FFF[70[BF8101[A0[9A0103A1[8C0470000013]]]]]",
    "00DB3FFF[70[BF8101[7F41[800108810104820831323334FFFFFFFF]]]]",
    "00DB3FFF[70[BF8121[A0[9A010AA1[8C0100]]7F41[80010881010882083132333435363738]]]]",
    "00E00000[62[80020010 820101 83020001 880108 8C03031200]]",
    "00E00000[62[80020140 820101 83020002 880110 8C020112]]",
    "00440000",
    NULL,
};

static const char *const starcos[] = {
    "0020000108 494741544 12D534F",
    "80520200[3F010A" AID "]",
    "80E00100[3F010A" AID "00000000000000285F5F0000]",
    "80F40000[C10C8100089F0E9F3300000B0081]",
    "80F40000[C2[8100003132333400000000]]",
    "80F40000[C10C8200089F0D01AA0000000002]",
    "80F40000[C2[8200003132333435363738]]",
    "80E00300[00019F1E5F5F5F5F5F0000000081 0010]",
    "80E00300[00021E5F5F5F5F5F5F0000000081 0040]",
    "00A4000C023F00",
    "80E00200023F01",
    NULL,
};

/* What every damaged card is asked, whatever the input asks besides. */
static const char *const always[] = {
    "00A4040C[" AID "]",
    "00A40400[" AID "]00",
    "00B0810000",
    "00B08200FF",
    "00200081[31323334]",
    "00B0820000",
    "00D68100[AA]",
    "00240081[3132333435363738]",
    "002C0081[313233343536373831323334]",
    "00A4020C020001",
    "00A40204020001",
    "00B0000000",
    "00A4000C023F00",
    "00A40004023F0000",
    "00A40400[D392]00",
    "00A40402[D392]00",
    NULL,
};

static const char description[] =
    "<card-ap xmlns='urn:igata:card-ap:1' id='fuzz' version='1.0' area='extension'>"
    "<title xml:lang='ja'>試験</title><title xml:lang='en'>test</title><aid rid='D392100031' pix='0001FFFF01'/>"
    "<pin id='holder' ref='1' format='digits' length='4' tries='3' initial='personal' source='csv:PIN'>"
    "<puk format='digits' length='8' tries='10' source='csv:PUK' reset='with-new'/></pin>"
    "<rule id='present' when='pin(holder)'/>"
    "<file id='a' fid='0001' sfi='1' size='16' read='always' update='present'>"
    "<field id='n' length='16' format='text' value='0123456789ABCDEF'/></file>"
    "<file id='b' fid='0002' sfi='2' size='64' read='present'>"
    "<field id='z' length='64' format='text' pad='20' source='csv:Z'/></file></card-ap>";

enum { ISO, STARCOS, REFERENCE, CARDS };

static struct sim delivered[CARDS], card[CARDS];

static size_t expand(const char *text, uint8_t *out)
{
	size_t n = 0, open[8], depth = 0;
	for (; *text != 0; text++) {
		if (*text == '[')
			open[depth++] = n++;
		else if (*text == ']') {
			--depth;
			out[open[depth]] = (uint8_t)(n - open[depth] - 1);
		} else if (*text != ' ') {
			int high = hex_digit(*text++);
			text += *text == ' ';
			out[n++] = (uint8_t)(high << 4 | hex_digit(*text));
		}
	}
	return n;
}

static sw_t ask(struct sim *s, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	buf_clear(rsp);
	sim_apdu(s, cmd, n, rsp);
	assert(rsp->n >= 2 && rsp->n <= RAPDU_MAX);
	return (sw_t)(rsp->p[rsp->n - 2] << 8 | rsp->p[rsp->n - 1]);
}

static void ask_all(struct sim *s, const char *const *text, bool given)
{
	uint8_t cmd[300];
	struct buf rsp = {0};
	for (; *text != NULL; text++) {
		sw_t sw = ask(s, cmd, expand(*text, cmd), &rsp);
		if (given && sw != SW_OK) {
			fprintf(stderr, "%s -> %04X\n", *text, sw);
		}
		(void)sw;
	}
	buf_reset(&rsp);
}

static void fact(struct chip *c, enum chip_fact_name f, uint32_t v)
{
	c->fact[f] = (struct chip_fact){.present = true, .number = v, .text = ""};
}

static void make(int which, const struct chip *chip, const struct contract *contract)
{
	struct diag_list d = {0};
	bool ok = sim_new_in_memory(&delivered[which], chip, contract, 1, &d);
	assert(ok);
	(void)ok;
	sim_power_up(&delivered[which]);
}

static void authenticate(struct sim *s)
{
	static const uint8_t key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	uint8_t cmd[21] = {0x00, 0x82, 0x00, 0x01, 0x10};
	struct buf rsp = {0};
	ask(s, (const uint8_t[]){0x00, 0x84, 0x00, 0x00, 0x10}, 5, &rsp);
	aes_encrypt_block(key, sizeof key, rsp.p, cmd + 5);
	sw_t sw = ask(s, cmd, sizeof cmd, &rsp);
	assert(sw == SW_OK);
	(void)sw;
	buf_reset(&rsp);
}

static void make_native(void)
{
	struct chip c = {.name = "fuzz-iso", .family = "native", .dialect = "iso-compact"};
	fact(&c, CHIP_MEMORY, 8192);
	fact(&c, CHIP_DF_OVERHEAD, 64);
	fact(&c, CHIP_DF_MAX, 8000);
	fact(&c, CHIP_FILE_OVERHEAD, 32);
	fact(&c, CHIP_PIN_SIZE, 48);
	fact(&c, CHIP_FILE_MAX, 4096);
	fact(&c, CHIP_FILE_COUNT, 64);
	fact(&c, CHIP_PIN_MAX, 16);
	fact(&c, CHIP_PIN_COUNT, 14);
	make(ISO, &c, NULL);
	authenticate(&delivered[ISO]);
	ask_all(&delivered[ISO], iso, true);
	c.name = "fuzz-starcos";
	c.dialect = "starcos";
	fact(&c, CHIP_DF_OVERHEAD, 32);
	fact(&c, CHIP_FILE_OVERHEAD, 24);
	fact(&c, CHIP_PIN_SIZE, 20);
	fact(&c, CHIP_FILE_COUNT, 30);
	fact(&c, CHIP_PIN_MIN, 4);
	fact(&c, CHIP_PIN_MAX, 8);
	fact(&c, CHIP_PIN_COUNT, 7);
	fact(&c, CHIP_PIN_REF, 15);
	fact(&c, CHIP_SE_COUNT, 0);
	make(STARCOS, &c, NULL);
	ask_all(&delivered[STARCOS], starcos, true);
}

static void make_reference(void)
{
	static const struct reference_value value[] = {{"PIN", (const uint8_t *)"1234", 4},
	    {"PUK", (const uint8_t *)"12345678", 8}, {"Z", (const uint8_t *)"A1", 2}};
	struct arena a = {0};
	struct diag_list d = {0};
	const struct description *ap =
	    description_read(&a, (const uint8_t *)description, sizeof description - 1, "fuzz.xml", &d);
	assert(ap != NULL);
	make(REFERENCE, NULL, ap->contract);
	sw_t sw = reference_personalise(&delivered[REFERENCE], value, 3);
	assert(sw == SW_OK);
	(void)sw;
	diag_reset(&d);
	arena_free(&a);
}

static void make_cards(void)
{
	make_native();
	make_reference();
	for (int i = 0; i < CARDS; i++) {
		bool ok = sim_copy(&card[i], &delivered[i]);
		assert(ok);
		(void)ok;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static bool made;
	struct buf rsp = {0};
	if (!made)
		make_cards();
	made = true;
	struct rd r = rd_of(data, n);
	struct sim *s = &card[rd_u8(&r) % CARDS];
	sim_restore(s, &delivered[s - card]);
	for (unsigned patches = rd_u8(&r); patches > 0; patches--) {
		uint16_t at = rd_u16(&r);
		uint8_t v = rd_u8(&r);
		if (!r.bad)
			s->nv.mem[at % s->nv.size] = v;
	}
	sim_power_up(s);
	ask_all(s, always, false);
	while (rd_left(&r) > 0) {
		size_t len = rd_u8(&r);
		struct rd cmd = rd_sub(&r, len < rd_left(&r) ? len : rd_left(&r));
		ask(s, cmd.p, cmd.n, &rsp);
	}
	sim_power_up(s);
	ask_all(s, always, false);
	buf_reset(&rsp);
	return 0;
}
