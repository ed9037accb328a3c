/* Reading programs: every diagnostic with its line and column, and beside each refused text one that is accepted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/suite/program.h"

#define HEAD                                                                                                           \
	"igata-suite 1\nkind full\nap D3921000310001FFFF01\n"                                                          \
	"value PIN digits 4..6 pad FF to 8 secret\nvalue ONE binary 1..2\nvalue FIX text 16..16\n"   /* lines 1 to 6 */
#define KEYS   "key e 81 external aes FIX\nkey m 82 mutual des FIX FIX\nkey i 83 internal aes FIX\n" /* 7 to 9 */
#define SECURE HEAD KEYS "dialogue \"d\"\n"                                                          /* line 10 */
#define READ   "send 00B00000\nexpect any\n"
#define OPEN   HEAD "dialogue \"d\" clause 7.3\n" /* line 7 */

static struct suite *parse(const char *text, struct diag_list *d)
{
	return suite_parse((const uint8_t *)text, strlen(text), "s.t", d);
}

static void accepted(const char *text)
{
	struct diag_list d = {0};
	struct suite *s = parse(text, &d);
	if (s == NULL || d.n != 0)
		diag_print(stderr, &d, "en");
	assert_non_null(s);
	assert_int_equal(d.n, 0);
	suite_free(s);
}

struct refused {
	const char *text;
	enum diag_code code;
	uint32_t line, column;
	const char *neighbour; /* the same with the fault taken away */
};

static void refuses(const struct refused *r)
{
	struct diag_list d = {0};
	struct suite *s = parse(r->text, &d);
	if (s != NULL || d.n != 1 || d.row[0].code != r->code || d.row[0].at.line != r->line ||
	    d.row[0].at.column != r->column) {
		print_error(
		    "wanted %u at %u:%u for\n%s\n", (unsigned)r->code, (unsigned)r->line, (unsigned)r->column, r->text);
		diag_print(stderr, &d, "en");
		fail();
	}
	assert_string_equal(d.row[0].at.file, "s.t");
	diag_reset(&d);
	accepted(r->neighbour);
}

static const struct refused table[] = {
    /* first line */
    {"", DIAG_SUITE_MAGIC, 0, 1, "igata-suite 1"},
    {"igata-script 1\n", DIAG_SUITE_MAGIC, 1, 1, "# a comment\n\n igata-suite 1 # and another\n"},
    {"igata-suite 2\n", DIAG_SUITE_MAGIC, 1, 13, "igata-suite 1\n"},
    {"igata-suite 1 x\n", DIAG_SUITE_EXPECTED, 1, 15, "igata-suite 1 \t\n"},
    /* characters */
    {HEAD "kind\r\n", DIAG_SUITE_CHARACTER, 7, 5, HEAD "# kind\n"},
    {HEAD "# \xc3\xa9\xff\n", DIAG_SUITE_CHARACTER, 7, 4, HEAD "# \xc3\xa9\n"},
    {HEAD "# \xed\xa0\x80\n", DIAG_SUITE_CHARACTER, 7, 3, HEAD "# \xee\x80\x80\n"},
    /* head */
    {"igata-suite 1\nkind half\n", DIAG_SUITE_EXPECTED, 2, 6, "igata-suite 1\nkind conform\n"},
    {HEAD "kind probe\n", DIAG_SUITE_NAME_TWICE, 7, 1, HEAD},
    {HEAD "ap D392100031\n", DIAG_SUITE_NAME_TWICE, 7, 1, HEAD},
    {"igata-suite 1\nap D3921000\n", DIAG_SUITE_EXPECTED, 2, 4, "igata-suite 1\nap D392100031\n"},
    {"igata-suite 1\nap D39210003\n", DIAG_SUITE_EXPECTED, 2, 4, "igata-suite 1\nap D392100031 # x\n"},
    {HEAD "value PIN digits 4..4\n", DIAG_SUITE_NAME_TWICE, 7, 7, HEAD "value PIN2 digits 4..4\n"},
    {HEAD "value P_N digits 4..4\n", DIAG_SUITE_EXPECTED, 7, 7, HEAD "value P-N digits 4..4\n"},
    {HEAD "value \"P\" digits 4..4\n", DIAG_SUITE_EXPECTED, 7, 8, HEAD "value P digits 4..4\n"},
    {HEAD "value A23456789012345678901234567890123 digits 4..4\n", DIAG_SUITE_EXPECTED, 7, 7,
	HEAD "value A2345678901234567890123456789012 digits 4..4\n"},
    {HEAD "value P letters 4..4\n", DIAG_SUITE_EXPECTED, 7, 9, HEAD "value P alphanumeric 4..4\n"},
    {HEAD "value P digits 4\n", DIAG_SUITE_EXPECTED, 7, 16, HEAD "value P digits 0..65535\n"},
    {HEAD "value P digits 5..4\n", DIAG_SUITE_EXPECTED, 7, 16, HEAD "value P digits 4..5\n"},
    {HEAD "value P digits 4..65536\n", DIAG_SUITE_EXPECTED, 7, 16, HEAD "value P digits 4..65535\n"},
    {HEAD "value P digits 4..5 pad F to 8\n", DIAG_SUITE_EXPECTED, 7, 25, HEAD "value P digits 4..5 pad 0F to 8\n"},
    {HEAD "value P digits 4..5 pad FF 8\n", DIAG_SUITE_EXPECTED, 7, 28, HEAD "value P digits 4..5 pad FF to 5\n"},
    {HEAD "value P digits 4..5 pad FF to 4\n", DIAG_SUITE_EXPECTED, 7, 31, HEAD "value P digits 4..4 pad FF to 4\n"},
    {HEAD "value P digits 4..5 pad FF to x\n", DIAG_SUITE_NUMBER, 7, 31, HEAD "value P digits 4..5 pad FF to 9\n"},
    {HEAD "value P digits 4..5 public\n", DIAG_SUITE_EXPECTED, 7, 21, HEAD "value P digits 4..5 secret\n"},
    {HEAD "select\n", DIAG_SUITE_STATEMENT, 7, 1, OPEN "select\n"},
    {OPEN "kind full\n", DIAG_SUITE_STATEMENT, 8, 1, OPEN "reset\n"},
    {OPEN "auth-external\n", DIAG_SUITE_STATEMENT, 8, 1, OPEN "  reset # auth-external\n"},
    {"igata-suite 1\nkind full\ndialogue \"d\"\nselect\n", DIAG_SUITE_EXPECTED, 4, 1,
	"igata-suite 1\nkind full\nap D392100031\ndialogue \"d\"\nselect\n"},
    /* dialogues */
    {HEAD "dialogue d\n", DIAG_SUITE_EXPECTED, 7, 10, HEAD "dialogue \"d\"\n"},
    {HEAD "dialogue \"\"\n", DIAG_SUITE_EXPECTED, 7, 11, HEAD "dialogue \"\xe6\x97\xa5\"\n"},
    {HEAD "dialogue \"d\n", DIAG_SUITE_EXPECTED, 7, 10, HEAD "dialogue \"d\"# x\n"},
    {HEAD "dialogue \"d\" 7\n", DIAG_SUITE_EXPECTED, 7, 14, HEAD "dialogue \"d\" clause 7\n"},
    {HEAD "dialogue \"d\" clause\n", DIAG_SUITE_EXPECTED, 7, 20, HEAD "dialogue \"d\" clause 7 # x\n"},
    {HEAD "dialogue \"\xe6\x97\xa5\xe6\x9c\xac\" 7\n", DIAG_SUITE_EXPECTED, 7, 15,
	HEAD "dialogue \"\xe6\x97\xa5\xe6\x9c\xac\"\n"},
    {OPEN "reset now\n", DIAG_SUITE_EXPECTED, 8, 7, OPEN "reset\n"},
    {OPEN "select now\n", DIAG_SUITE_EXPECTED, 8, 8, OPEN "select fci\n"},
    {OPEN "finally\nfinally\n", DIAG_SUITE_STATEMENT, 9, 1, OPEN "finally\nreset\ndialogue \"e\"\nfinally\n"},
    /* commands */
    {OPEN "send 00B000\nexpect any\n", DIAG_SUITE_EXPECTED, 8, 6, OPEN "send 00B00000\nexpect any\n"},
    {OPEN "send 00B00000 Le\nexpect any\n", DIAG_SUITE_EXPECTED, 8, 17, OPEN "send 00B00000 Le 00\nexpect any\n"},
    {OPEN "send 00B00000 Le 000000\nexpect any\n", DIAG_SUITE_EXPECTED, 8, 18,
	OPEN "send 00B00000 Le 0000\nexpect any\n"},
    {OPEN "send 00B00000 Le 00 01\nexpect any\n", DIAG_SUITE_EXPECTED, 8, 21,
	OPEN "send 00B00000 01 Le 00\nexpect any\n"},
    {OPEN "send 00B00000 le 00\nexpect any\n", DIAG_SUITE_EXPECTED, 8, 15, OPEN "send 00B00000 1e 00\nexpect any\n"},
    {OPEN "send 00D60000 0\nexpect any\n", DIAG_SUITE_HEX, 8, 15, OPEN "send 00D60000 0a 0B\nexpect any\n"},
    {OPEN "send 00D60000 00G0\nexpect any\n", DIAG_SUITE_HEX, 8, 15, OPEN "send 00D60000 00*3\nexpect any\n"},
    {OPEN "send 00D60000 00*0\nexpect any\n", DIAG_SUITE_NUMBER, 8, 17, OPEN "send 00D60000 0011*1\nexpect any\n"},
    {OPEN "send 00D60000 00*65537\nexpect any\n", DIAG_SUITE_NUMBER, 8, 17,
	OPEN "send 00D60000 00*65536\nexpect any\n"},
    {OPEN "send 00D60000 00*\nexpect any\n", DIAG_SUITE_NUMBER, 8, 17, OPEN "send 00D60000 00\nexpect any\n"},
    {OPEN "raw\nexpect any\n", DIAG_SUITE_EXPECTED, 8, 4, OPEN "raw 00\nexpect any\n"},
    {OPEN "raw 00 Le 00\nexpect any\n", DIAG_SUITE_EXPECTED, 8, 8, OPEN "raw {PIN}\nexpect any\n"},
    {OPEN "send 00B00000\n", DIAG_SUITE_NO_EXPECT, 8, 1, OPEN "send 00B00000\nexpect 9000\n"},
    {OPEN "send 00B00000\nselect\n", DIAG_SUITE_NO_EXPECT, 8, 1, OPEN "send 00B00000\nexpect 9000\nselect\n"},
    {OPEN "send 00B00000\ndialogue \"e\"\n", DIAG_SUITE_NO_EXPECT, 8, 1,
	OPEN "send 00B00000\nexpect 9000\ndialogue \"e\"\n"},
    {OPEN "send 00B00000\nfinally\n", DIAG_SUITE_NO_EXPECT, 8, 1, OPEN "send 00B00000\nexpect 9000\nfinally\n"},
    {OPEN "select\nexpect 9000\n", DIAG_SUITE_STATEMENT, 9, 1, OPEN "send 00B00000\nexpect 9000\n"},
    {OPEN "expect 9000\n", DIAG_SUITE_STATEMENT, 8, 1, OPEN "raw 00\nexpect 9000\n"},
    /* holes */
    {OPEN "raw {PUK}\nexpect any\n", DIAG_SUITE_VALUE_UNKNOWN, 8, 6, OPEN "raw {PIN}\nexpect any\n"},
    {OPEN "raw {}\nexpect any\n", DIAG_SUITE_EXPECTED, 8, 5, OPEN "raw {PIN}\nexpect any\n"},
    {OPEN "raw {PIN\nexpect any\n", DIAG_SUITE_EXPECTED, 8, 5, OPEN "raw {PIN} {ONE} # two words\nexpect any\n"},
    {OPEN "raw {PIN:worse}\nexpect any\n", DIAG_SUITE_DERIVATION, 8, 5, OPEN "raw {PIN:wrong}\nexpect any\n"},
    {OPEN "raw {PIN:stored:wrong}\nexpect any\n", DIAG_SUITE_DERIVATION, 8, 5,
	OPEN "raw {PIN:wrong:stored}\nexpect any\n"},
    {OPEN "raw {PIN:}\nexpect any\n", DIAG_SUITE_DERIVATION, 8, 5, OPEN "raw {PIN:stored}\nexpect any\n"},
    {OPEN "raw {ONE:short}\nexpect any\n", DIAG_SUITE_DERIVATION, 8, 5, OPEN "raw {PIN:short}\nexpect any\n"},
    {OPEN "raw {ONE:form}\nexpect any\n", DIAG_SUITE_DERIVATION, 8, 5, OPEN "raw {PIN:form}\nexpect any\n"},
    {OPEN "raw {FIX:stored@16+1}\nexpect any\n", DIAG_SUITE_NUMBER, 8, 5, OPEN "raw {FIX:stored@15+1}\nexpect any\n"},
    {OPEN "raw {PIN:stored@7+2}\nexpect any\n", DIAG_SUITE_NUMBER, 8, 5, OPEN "raw {PIN:stored@7+1}\nexpect any\n"},
    {OPEN "raw {PIN@1}\nexpect any\n", DIAG_SUITE_EXPECTED, 8, 5, OPEN "raw {PIN@0+1}\nexpect any\n"},
    {OPEN "raw {PIN@1+0}\nexpect any\n", DIAG_SUITE_EXPECTED, 8, 5, OPEN "raw {PIN@1+1}\nexpect any\n"},
    /* expectations */
    {OPEN "raw 00\nexpect\n", DIAG_SUITE_EXPECTED, 9, 7, OPEN "raw 00\nexpect 9000\n"},
    {OPEN "raw 00\nexpect 90x\n", DIAG_SUITE_EXPECTED, 9, 8, OPEN "raw 00\nexpect 9xx0\n"},
    {OPEN "raw 00\nexpect refused\n", DIAG_SUITE_EXPECTED, 9, 8, OPEN "raw 00\nexpect refused-access\n"},
    {OPEN "raw 00\nexpect 9000 data\n", DIAG_SUITE_EXPECTED, 9, 17, OPEN "raw 00\nexpect 9000 data 00\n"},
    {OPEN "raw 00\nexpect 9000 length\n", DIAG_SUITE_NUMBER, 9, 19, OPEN "raw 00\nexpect 9000 length 0\n"},
    {OPEN "raw 00\nexpect 9000 length 65537\n", DIAG_SUITE_NUMBER, 9, 20, OPEN "raw 00\nexpect 9000 length 65536\n"},
    {OPEN "raw 00\nexpect 9000 or\n", DIAG_SUITE_EXPECTED, 9, 15,
	OPEN "raw 00\nexpect 9000 fci or 6282 data 00 {PIN} or blocked or 61xx * or any\n"},
    {OPEN "raw 00\nexpect 9000 and 6282\n", DIAG_SUITE_EXPECTED, 9, 13, OPEN "raw 00\nexpect 9000 or 6282\n"},
    {OPEN "raw 00\nexpect any 9000\n", DIAG_SUITE_EXPECTED, 9, 12, OPEN "raw 00\nexpect any\n"},
    {OPEN "raw 00\nexpect 9000\nexpect 9000\n", DIAG_SUITE_STATEMENT, 10, 1, OPEN "raw 00\nexpect 9000\n"},
    /* cuts */
    {OPEN "cut now\n", DIAG_SUITE_EXPECTED, 8, 5, OPEN "cut\nselect\n"},
    {OPEN "cut\ncut\nselect\n", DIAG_SUITE_STATEMENT, 9, 1, OPEN "cut\nselect\ndialogue \"e\"\ncut\nselect\n"},
    {OPEN "cut\nselect\ncut\nselect\n", DIAG_SUITE_STATEMENT, 10, 1, OPEN "select\ncut\nselect\n"},
    {OPEN "cut\nreset\nselect\n", DIAG_SUITE_EXPECTED, 9, 1, OPEN "reset\ncut\nraw 00\nexpect any\n"},
    {OPEN "select\ncut\n", DIAG_SUITE_EXPECTED, 9, 1, OPEN "cut\nselect\nselect\n"},
    {OPEN "cut\ndialogue \"e\"\n", DIAG_SUITE_EXPECTED, 8, 1, OPEN "cut\nselect\ndialogue \"e\"\n"},
    {HEAD "cut\n", DIAG_SUITE_STATEMENT, 7, 1, OPEN "cut\nselect\n"},
    /* keys */
    {HEAD "key k 81 external aes\n", DIAG_SUITE_VALUE_UNKNOWN, 7, 22, HEAD "key k 81 external aes FIX\n"},
    {HEAD "key k 81 external aes KEY\n", DIAG_SUITE_VALUE_UNKNOWN, 7, 23, HEAD "key k 81 external des FIX\n"},
    {HEAD "key \"k\" 81 external aes FIX\n", DIAG_SUITE_EXPECTED, 7, 6, HEAD "key k. 81 external aes FIX # x\n"},
    {HEAD "key k 81 external aes FIX FIX\n", DIAG_SUITE_EXPECTED, 7, 27, HEAD "key k 81 mutual aes FIX FIX\n"},
    {HEAD "key k 81 mutual aes FIX\n", DIAG_SUITE_VALUE_UNKNOWN, 7, 24, HEAD "key k 81 internal aes FIX\n"},
    {HEAD "key k 8 external aes FIX\n", DIAG_SUITE_EXPECTED, 7, 7, HEAD "key k 08 external aes FIX\n"},
    {HEAD "key k 8181 external aes FIX\n", DIAG_SUITE_EXPECTED, 7, 7, HEAD "key k FF external aes FIX\n"},
    {HEAD "key k 81 outside aes FIX\n", DIAG_SUITE_EXPECTED, 7, 10, HEAD "key k 81 external aes FIX\n"},
    {HEAD "key k 81 external rsa FIX\n", DIAG_SUITE_EXPECTED, 7, 19, HEAD "key k 81 internal rsa-2048 sha256 FIX\n"},
    {HEAD "key k 81 external rsa-2048 sha256 FIX\n", DIAG_SUITE_EXPECTED, 7, 19,
	HEAD "key k 81 internal ec-p384 sha384 FIX\n"},
    {HEAD "key k 81 internal rsa-2048 FIX\n", DIAG_SUITE_EXPECTED, 7, 28,
	HEAD "key k 81 internal rsa-3072 sha256 FIX\n"},
    {HEAD "key k 81 internal ec-p512 sha256 FIX\n", DIAG_SUITE_EXPECTED, 7, 19,
	HEAD "key k 81 internal ec-p256 sha256 FIX\n"},
    {HEAD KEYS "key e 83 external des FIX\n", DIAG_SUITE_NAME_TWICE, 10, 5, HEAD KEYS "key f 81 external des FIX\n"},
    {OPEN "key e 83 external des FIX\n", DIAG_SUITE_STATEMENT, 8, 1, HEAD "key e 83 external des FIX\n"},
    {HEAD "sm-response enc\n", DIAG_SUITE_EXPECTED, 7, 13, HEAD "sm-response mac\n"},
    {HEAD "sm-response\n", DIAG_SUITE_EXPECTED, 7, 12, HEAD "sm-response enc+mac\n"},
    {HEAD "sm-response mac mac\n", DIAG_SUITE_EXPECTED, 7, 17, HEAD "sm-response mac # mac\n"},
    /* authentication */
    {SECURE "auth\nexpect 9000\n", DIAG_SUITE_EXPECTED, 11, 5, SECURE "auth e\nexpect 9000\n"},
    {SECURE "auth x\nexpect 9000\n", DIAG_SUITE_VALUE_UNKNOWN, 11, 6, SECURE "auth m\nexpect 9000\n"},
    {SECURE "auth i\nexpect 9000\n", DIAG_SUITE_EXPECTED, 11, 6, SECURE "internal i 8\nexpect 9000\n"},
    {SECURE "auth e right\nexpect 9000\n", DIAG_SUITE_EXPECTED, 11, 8, SECURE "auth e wrong\nexpect 63Cx\n"},
    {SECURE "auth e wrong 1\nexpect 9000\n", DIAG_SUITE_EXPECTED, 11, 14, SECURE "auth m wrong\nexpect any\n"},
    {SECURE "auth e\n", DIAG_SUITE_NO_EXPECT, 11, 1, SECURE "auth e\nexpect any\n"},
    {SECURE "auth e\nexpect any\ncapture A\n", DIAG_SUITE_STATEMENT, 13, 1, SECURE "auth e\nexpect any\n"},
    {SECURE "cut\nauth e\n", DIAG_SUITE_EXPECTED, 12, 1, SECURE "auth e\nexpect any\ncut\nselect\n"},
    {HEAD KEYS "auth e\n", DIAG_SUITE_STATEMENT, 10, 1, SECURE "auth e\nexpect any\n"},
    {SECURE "internal e 8\nexpect any\n", DIAG_SUITE_EXPECTED, 11, 10, SECURE "internal i 8\nexpect any\n"},
    {SECURE "internal i\nexpect any\n", DIAG_SUITE_NUMBER, 11, 11, SECURE "internal i 0\nexpect any\n"},
    {SECURE "internal i 256\nexpect any\n", DIAG_SUITE_NUMBER, 11, 12, SECURE "internal i 255\nexpect any\n"},
    {SECURE "internal i 8 9\nexpect any\n", DIAG_SUITE_EXPECTED, 11, 14, SECURE "internal i 8\nexpect any\n"},
    {SECURE "internal i 8\n", DIAG_SUITE_NO_EXPECT, 11, 1, SECURE "internal i 8\nexpect any\n"},
    {SECURE "challenge 8\nexpect any\n", DIAG_SUITE_EXPECTED, 11, 11, SECURE "challenge 08\nexpect any\n"},
    {SECURE "challenge 0008\nexpect any\n", DIAG_SUITE_EXPECTED, 11, 11,
	SECURE "challenge 00\nexpect 9000 length 16 or 9000 length 8\n"},
    {SECURE "challenge 08 00\nexpect any\n", DIAG_SUITE_EXPECTED, 11, 14, SECURE "challenge 08\nexpect any\n"},
    {SECURE "challenge 08\n", DIAG_SUITE_NO_EXPECT, 11, 1, SECURE "challenge 08\nexpect any\n"},
    /* secure messaging */
    {SECURE "sm\n", DIAG_SUITE_EXPECTED, 11, 3, SECURE "sm enc+mac\n"},
    {SECURE "sm both\n", DIAG_SUITE_EXPECTED, 11, 4, SECURE "sm mac\nsm enc\n"},
    {SECURE "sm mac now\n", DIAG_SUITE_EXPECTED, 11, 8, SECURE "sm mac\n"},
    {SECURE "sm mac\nexpect 9000\n", DIAG_SUITE_STATEMENT, 12, 1, SECURE "sm mac\n"},
    {SECURE "plain now\n", DIAG_SUITE_EXPECTED, 11, 7, SECURE "plain\nsm mac\nplain\n"},
    {SECURE "cut\nsm mac\n", DIAG_SUITE_EXPECTED, 12, 1, SECURE "sm mac\ncut\nselect\n"},
    {SECURE "cut\nplain\n", DIAG_SUITE_EXPECTED, 12, 1, SECURE "plain\ncut\nselect\n"},
    {SECURE "sm-fault\n" READ "\n", DIAG_SUITE_EXPECTED, 11, 9, SECURE "sm-fault mac\n" READ "\n"},
    {SECURE "sm-fault wrong\n", DIAG_SUITE_EXPECTED, 11, 10, SECURE "sm-fault replay\n" READ "\n"},
    {SECURE "sm-fault mac late\n", DIAG_SUITE_EXPECTED, 11, 14, SECURE "sm-fault late\n" READ "\n"},
    {SECURE "sm-fault mac\n", DIAG_SUITE_EXPECTED, 11, 1, SECURE "sm-fault again\n" READ "\n"},
    {SECURE "sm-fault mac\ndialogue \"e\"\n", DIAG_SUITE_EXPECTED, 11, 1,
	SECURE "sm-fault missing\n" READ "dialogue \"e\"\n"},
    {SECURE "sm-fault mac\nselect\n", DIAG_SUITE_EXPECTED, 12, 1, SECURE "select\nsm-fault first\n" READ "\n"},
    {SECURE "sm-fault mac\nraw 00\n", DIAG_SUITE_EXPECTED, 12, 1,
	SECURE "raw 00\nexpect any\nsm-fault twice\n" READ "\n"},
    {SECURE "sm-fault mac\nauth e\n", DIAG_SUITE_EXPECTED, 12, 1, SECURE "sm-fault order\n" READ "\n"},
    {SECURE "sm-fault mac\nsm-fault mac\n" READ, DIAG_SUITE_STATEMENT, 12, 1,
	SECURE "sm-fault mac\n" READ "sm-fault unknown\n" READ},
    {SECURE "send 00B00000\nsm-fault mac\n" READ, DIAG_SUITE_NO_EXPECT, 11, 1, SECURE READ "sm-fault mac\n" READ},
    {SECURE "raw 00\nexpect plain\n", DIAG_SUITE_EXPECTED, 12, 13,
	SECURE "raw 00\nexpect plain 6982 or plain refused-access\n"},
    {SECURE "raw 00\nexpect plain any\n", DIAG_SUITE_EXPECTED, 12, 14, SECURE "raw 00\nexpect any\n"},
    /* captures */
    {OPEN "capture A\n", DIAG_SUITE_STATEMENT, 8, 1, OPEN "raw 00\nexpect 9000 *\ncapture A\nraw {A}\nexpect 9000\n"},
    {OPEN "select\ncapture A\n", DIAG_SUITE_STATEMENT, 9, 1, OPEN "raw 00\nexpect any\ncapture A\n"},
    {OPEN "raw 00\nexpect any\ncapture PIN\n", DIAG_SUITE_NAME_TWICE, 10, 9,
	OPEN "raw 00\nexpect any\ncapture A\nraw 00\nexpect any\ncapture A\n"},
    {OPEN "raw 00\nexpect any\ncapture A\ncapture B\n", DIAG_SUITE_STATEMENT, 11, 1,
	OPEN "raw 00\nexpect any\ncapture A\n"},
    {OPEN "raw 00\nexpect any\ndialogue \"e\"\ncapture A\n", DIAG_SUITE_STATEMENT, 11, 1,
	OPEN "raw 00\nexpect any\ncapture A\ndialogue \"e\"\n"},
    {OPEN "raw 00\nexpect any\ncapture A\nraw {A:wrong}\nexpect any\n", DIAG_SUITE_DERIVATION, 11, 5,
	OPEN "raw 00\nexpect any\ncapture A\nraw {A@0+2}\nexpect any\n"},
    {OPEN "raw {A}\nexpect any\n", DIAG_SUITE_VALUE_UNKNOWN, 8, 6, OPEN "raw 00\nexpect any\ncapture A\n"},
};

static void every_fault_has_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		refuses(&table[i]);
}

static void all_faults_are_reported(void **state)
{
	struct diag_list d = {0};
	(void)state;
	assert_null(parse(OPEN "send\nexpect 9\nreset x\nselect y\n", &d));
	assert_int_equal(d.n, 4);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(d.row[i].at.line, 8 + i);
	diag_reset(&d);
}

/* ---- limits ---- */

static void many(struct buf *b, const char *line, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_str(b, line);
}

static void limit(struct buf *b, enum diag_code code, const char *what)
{
	struct diag_list d = {0};
	struct suite *s = suite_parse(b->p, b->n, "s.t", &d);
	if (code == (enum diag_code)0) {
		diag_print(stderr, &d, "en");
		assert_non_null(s);
	} else {
		assert_null(s);
		assert_true(d.n >= 1 && d.n <= 20);
		assert_int_equal(d.row[0].code, code);
		assert_string_equal(d.row[0].arg[0], what);
	}
	suite_free(s);
	diag_reset(&d);
	buf_clear(b);
}

static void limits(void **state)
{
	struct buf b = {0};
	(void)state;
	buf_str(&b, OPEN);
	many(&b, "reset\n", SUITE_STEPS);
	limit(&b, (enum diag_code)0, NULL);
	buf_str(&b, OPEN);
	many(&b, "reset\n", SUITE_STEPS + 1);
	limit(&b, DIAG_SUITE_LIMIT, "steps");

	buf_str(&b, "igata-suite 1\n");
	for (int i = 0; i <= SUITE_VALUES; i++)
		buf_printf(&b, "value V%d binary 1..1\n", i);
	limit(&b, DIAG_SUITE_LIMIT, "values");

	buf_str(&b, "igata-suite 1\n#");
	many(&b, "#", SUITE_LINE_MAX - 1);
	limit(&b, (enum diag_code)0, NULL);
	buf_str(&b, "igata-suite 1\n#");
	many(&b, "#", SUITE_LINE_MAX);
	limit(&b, DIAG_SUITE_LIMIT, "bytes in a line");

	buf_str(&b, HEAD);
	many(&b, "dialogue \"d\"\n", 50001);
	limit(&b, DIAG_SUITE_LIMIT, "dialogues");

	buf_str(&b, "igata-suite 1\n");
	many(&b, "#1234567890123456789012345678901234567890123456789012345678901\n", SUITE_TEXT_MAX / 63 + 1);
	struct diag_list d = {0};
	assert_null(suite_parse(b.p, b.n, "s.t", &d));
	assert_int_equal(d.n, 1);
	assert_int_equal(d.row[0].code, DIAG_SUITE_TOO_BIG);
	assert_int_equal(d.row[0].at.line, 0);
	diag_reset(&d);
	buf_reset(&b);
}

static void many_faults_are_cut_off(void **state)
{
	struct buf b = {0};
	struct diag_list d = {0};
	(void)state;
	buf_str(&b, OPEN);
	many(&b, "what\n", 10000);
	assert_null(suite_parse(b.p, b.n, "s.t", &d));
	assert_int_equal(d.n, 20);
	diag_reset(&d);
	buf_reset(&b);
}

/* What reports show is what the program says. */
static void text_of_steps(void **state)
{
	static const char *const lines[][2] = {
	    {"00B00000 0102 00*16 {PIN:wrong:stored@0+2} {ONE} Le 00", "6282 data 01 {PIN} or 6Cxx or blocked"},
	    {"00B00000 Le 0100", "9000 length 3 or 9000 fci or 61xx * or any"},
	    {"0C2000FF", "refused-access"},
	};
	struct buf b = {0}, text = {0};
	struct diag_list d = {0};
	(void)state;
	buf_str(&b, OPEN);
	for (size_t i = 0; i < 3; i++)
		buf_printf(&b, "send %s\nexpect %s\n", lines[i][0], lines[i][1]);
	struct suite *s = suite_parse(b.p, b.n, "s.t", &d);
	assert_non_null(s);
	assert_int_equal(suite_steps(s), 3);
	assert_int_equal(suite_dialogues(s), 1);
	for (size_t i = 0; i < 3; i++) {
		buf_clear(&text);
		program_sent_text(s, &s->step[i], &text);
		assert_string_equal(buf_cstr(&text), lines[i][0]);
		buf_clear(&text);
		program_expect_text(s, &s->step[i], &text);
		assert_string_equal(buf_cstr(&text), lines[i][1]);
	}
	suite_free(s);
	buf_reset(&b);
	buf_reset(&text);
}

/* Statements about keys and secure messaging, one a line, as a report shows them. */
static void text_of_secure_steps(void **state)
{
	static const char *const faults[] = {"late", "again", "mac", "missing", "first", "short", "cut", "skipped",
	    "header", "indicator", "padding", "twice", "order", "unknown", "replay"};
	static const char *const steps[] = {"auth e", "auth m wrong", "internal i 9", "challenge 00"};
	static const char *const modes[] = {"sm mac", "sm enc", "sm enc+mac", "plain"};
	struct buf b = {0}, want = {0}, text = {0};
	struct diag_list d = {0};
	(void)state;
	buf_str(&b, SECURE);
	for (size_t i = 0; i < 4; i++) {
		buf_printf(&b, "%s\nexpect plain 6988\n%s\n", steps[i], modes[i]);
		buf_printf(&want, "%s -> plain 6988\n%s -> \n", steps[i], modes[i]);
	}
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		buf_printf(&b, "sm-fault %s\nsend 00B00000\nexpect 6988\n", faults[i]);
		buf_printf(&want, "(sm-fault %s) 00B00000 -> 6988\n", faults[i]);
	}
	struct suite *s = suite_parse(b.p, b.n, "s.t", &d);
	assert_non_null(s);
	for (size_t i = 0; i < suite_steps(s); i++) {
		program_sent_text(s, &s->step[i], &text);
		buf_str(&text, " -> ");
		program_expect_text(s, &s->step[i], &text);
		buf_str(&text, "\n");
	}
	assert_string_equal(buf_cstr(&text), buf_cstr(&want));
	suite_free(s);
	buf_reset(&b);
	buf_reset(&want);
	buf_reset(&text);
	diag_reset(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_fault_has_its_place),
	    cmocka_unit_test(all_faults_are_reported),
	    cmocka_unit_test(limits),
	    cmocka_unit_test(many_faults_are_cut_off),
	    cmocka_unit_test(text_of_steps),
	    cmocka_unit_test(text_of_secure_steps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
