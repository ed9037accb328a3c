/* From the description to the card: an AP with every kind of object is read as its author writes it, and the reference
 * card does what the description says. AP contract, sections 5 to 7 and 10. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compiler/description/description.h"
#include "tests/unit/support/reference_kit.h"

#define HEAD(personality)                                                                                              \
	"<card-ap xmlns='urn:igata:card-ap:1' id='whole' version='1.0' area='extension' " personality                  \
	" block='by-admin' unblock='by-admin' terminate='by-admin'>\n"                                                 \
	"<title xml:lang='ja'>全部</title><title xml:lang='en'>Whole</title>\n"                                      \
	"<aid rid='D392100031' pix='0001FFFF01'/>\n"
#define OBJECTS                                                                                                        \
	"<rule id='by-admin' when='pin(admin)'/>\n"                                                                    \
	"<file id='f' fid='0001' sfi='1' size='4' read='contact' update='by-admin' fill='11'/>\n"                      \
	"<records id='log' fid='0002' sfi='2' structure='cyclic' length='2' count='3' read='always' "                  \
	"append='by-admin'>\n"                                                                                         \
	"  <record n='1'><field id='l1' length='2' format='text' value='bb'/></record>\n"                              \
	"  <record n='2'><field id='l2' length='2' format='text' value='aa'/></record></records>\n"                    \
	"<records id='v' fid='0003' sfi='3' structure='linear-variable' length='5' count='2' read='always' "           \
	"update='by-admin' append='by-admin'><record n='1'><field id='v1' length='3' format='digits' source='csv:V'/>" \
	"</record></records>\n"                                                                                        \
	"<data id='d' tag='5F20' max='6' read='always' update='by-admin'>"                                             \
	"<field id='d1' length='2' format='text' value='Ok'/></data>\n"                                                \
	"<counter id='n' fid='0004' sfi='4' width='2' min='0' max='500' initial='7' read='always' "                    \
	"increase='by-admin' "                                                                                         \
	"decrease='always'/>\n"

static void make(struct sim *s, const char *xml, const struct reference_value *v, size_t n)
{
	struct arena a = {0};
	struct diag_list d = {0};
	const struct description *x = description_read(&a, (const uint8_t *)xml, strlen(xml), "whole.xml", &d);
	if (x == NULL)
		diag_print(stderr, &d, "en");
	assert_non_null(x);
	kit_deliver(s, x->contract);
	assert_int_equal(reference_personalise(s, v, n), SW_OK);
	kit_start(s);
	diag_reset(&d);
	arena_free(&a);
}

static void objects(struct sim *s, const char *verify)
{
	EXPECT(s, "00B08100 00", "11111111 9000");
	EXPECT(s, "00B20115 00", "62626161 9000");
	EXPECT(s, "00B2011C 00", "343536 9000");
	EXPECT(s, "00B2021C 00", "6A83");
	EXPECT(s, "00CA5F20 00", "4F6B 9000");
	EXPECT(s, "80300004 02 0001 00", "0006 9000");
	EXPECT(s, "80340004 02 0001 00", "6982");
	EXPECT(s, "00E20010 02 6363", "6982");
	EXPECT(s, verify, "9000");
	EXPECT(s, "80340004 02 01EE 00", "01F4 9000");
	EXPECT(s, "00E20010 02 6363", "9000");
	EXPECT(s, "00E20010 02 6464", "9000");
	EXPECT(s, "00B20115 00", "646463636262 9000");
	EXPECT(s, "00DC0114 02 0000", "6982"); /* no update rule */
	EXPECT(s, "00E20018 05 3132333435", "9000");
	EXPECT(s, "00E20018 01 31", "6A84");
	EXPECT(s, "00B2011D 00", "3435363132333435 9000");
	EXPECT(s, "00DA5F20 06 010203040506", "9000");
	EXPECT(s, "00DA5F20 07 01020304050607", "6A84");
	EXPECT(s, "00040000", "9000");
	EXPECT(s, "00CA5F20 00", "6985");
	EXPECT(s, SELECT_AP, "6283");
	EXPECT(s, verify, "9000");
	EXPECT(s, "00440000", "9000");
	EXPECT(s, "00CA5F20 00", "010203040506 9000");
	s->contactless = true;
	kit_start(s);
	EXPECT(s, "00B08100 00", "6982");
	EXPECT(s, verify, "9000");
	EXPECT(s, "00E60000", "9000");
	EXPECT(s, SELECT_AP, "6285");
}

static const struct reference_value values[] = {
    {"ADMIN", (const uint8_t *)"12345678", 8}, {"V", (const uint8_t *)"456", 3}};

static void iso(void **state)
{
	(void)state;
	static const char xml[] = HEAD(
	    "") "<pin id='admin' ref='1' format='digits' length='8' tries='5' initial='personal' source='csv:ADMIN'/>\n"
		"<pin id='own' ref='2' format='digits' length='4' tries='3' initial='unset' set='by-admin' "
		"change='when-verified'/>\n" OBJECTS
		"<df id='inner' fid='7001'><aid rid='D392100031' pix='0001FFFF02'/>"
		"<pin id='local' ref='3' format='digits' length='4' tries='3' initial='unset' set='by-admin'/>\n"
		"<file id='g' fid='0001' sfi='1' size='1' read='pin(local)' update='pin(own) and pin-unset(local)' "
		"fill='22'/></df></card-ap>";
	struct sim s;
	make(&s, xml, values, 2);
	EXPECT(&s, "00200082 04 31323334", "6985");
	EXPECT(&s, "00240182 04 31323334", "6982");
	EXPECT(&s, "00200081 08 3132333435363738", "9000");
	EXPECT(&s, "00240182 04 31323334", "9000");
	EXPECT(&s, "00200082 04 31323334", "9000");
	EXPECT(&s, "00A4010C 02 7001", "9000");
	EXPECT(&s, "00D68100 01 33", "9000");
	EXPECT(&s, "00B08100 00", "6982");
	EXPECT(&s, "00240183 04 39393939", "9000");
	EXPECT(&s, "00D68100 01 44", "6982");
	EXPECT(&s, "00200083 04 39393939", "9000");
	EXPECT(&s, "00B08100 00", "33 9000");
	EXPECT(&s, "00A40400 0A D3921000310001FFFF02 00", "6F0E 840A D3921000310001FFFF02 A500 9000");
	EXPECT(&s, "00B08100 00", "6982");
	kit_start(&s);
	objects(&s, "00200081 08 3132333435363738");
	sim_close(&s);
}

static void jicsap(void **state)
{
	(void)state;
	static const char xml[] =
	    HEAD("personality='jicsap'") "<pin id='admin' fid='0011' sfi='17' format='digits' length='8' tries='5' "
					 "initial='personal' "
					 "source='csv:ADMIN' change='when-verified'/>\n" OBJECTS "</card-ap>";
	struct sim s;
	make(&s, xml, values, 2);
	EXPECT(&s, "00A4020C 02 0011", "9000");
	EXPECT(&s, "00200080", "63C5");
	EXPECT(&s, "00200080 08 3132333435363738", "9000");
	EXPECT(&s, "80320080 08 3132333435363739", "9000");
	EXPECT(&s, "00200080 08 3132333435363738", "63C4");
	kit_start(&s);
	objects(&s, "00200091 08 3132333435363739");
	sim_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(iso),
	    cmocka_unit_test(jicsap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
