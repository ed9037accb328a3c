/* Compact access rules in words: ISO/IEC 7816-4:2020, 9.3.3.2, tables 16 to 20. Written from the standard, apart from
 * the compiler's encoder and the simulated cards' decoder. */
#include "runtime/load/native/compact_words.h"

#include <string.h>

#include "runtime/base/iso7816.h"
#include "runtime/base/tlv.h"

enum { OPERATIONS = 7, DESCRIPTOR_DF = 0x38 };

/* From bit 7 to bit 1 of the access mode byte: tables 16 and 17. */
static const char *const of_df[2][OPERATIONS] = {
    {"delete", "terminate", "activate", "deactivate", "create DF", "create EF", "delete child"},
    {"削除", "廃止", "活性化", "閉塞", "DF 生成", "EF 生成", "子の削除"},
};
static const char *const of_ef[2][OPERATIONS] = {
    {"delete", "terminate", "activate", "deactivate", "write", "update", "read"},
    {"削除", "廃止", "活性化", "閉塞", "書込み", "更新", "読出し"},
};

static void add(struct buf *out, bool *first, const char *between, const char *word)
{
	buf_printf(out, "%s%s", *first ? "" : between, word);
	*first = false;
}

/* Table 20. */
static void condition(uint8_t scb, bool ja, struct buf *out)
{
	bool first = true;
	if (scb == 0x00 || scb == 0xff) {
		buf_str(out, scb == 0x00 ? (ja ? "常に可" : "always") : (ja ? "不可" : "never"));
		return;
	}
	const char *between = (scb & 0x80) != 0 ? (ja ? "かつ" : " and ") : (ja ? "又は" : " or ");
	if ((scb & 0x40) != 0)
		add(out, &first, between, ja ? "セキュアメッセージング" : "secure messaging");
	if ((scb & 0x20) != 0)
		add(out, &first, between, ja ? "外部認証" : "external authentication");
	if ((scb & 0x10) != 0)
		add(out, &first, between, ja ? "利用者認証" : "user authentication");
	if (first)
		buf_str(out, ja ? "条件不明" : "an unknown condition");
	if ((scb & 0x0f) != 0)
		buf_printf(out, ja ? "(SE %d)" : " (SE %d)", scb & 0x0f);
}

void compact_words(const uint8_t *control, size_t n, const char *lang, struct buf *out)
{
	struct rd all = rd_of(control, n), rule, descriptor;
	bool ja = strcmp(lang, "ja") == 0, first = true;
	if (!tlv_find(all, TAG_COMPACT_AC, &rule))
		return;
	bool df =
	    tlv_find(all, TAG_DESCRIPTOR, &descriptor) && descriptor.n > 0 && (descriptor.p[0] & 0x3f) == DESCRIPTOR_DF;
	uint8_t am = rd_u8(&rule);
	if (rule.bad || (am & 0x80) != 0)
		return; /* b8 = 1: proprietary meaning of the other bits (table 16, note) */
	for (int i = 0; i < OPERATIONS; i++) {
		if ((am >> (6 - i) & 1) == 0)
			continue;
		uint8_t scb = rd_u8(&rule);
		if (rule.bad)
			break;
		buf_printf(out, "%s%s: ", first ? "" : "; ", (df ? of_df : of_ef)[ja][i]);
		condition(scb, ja, out);
		first = false;
	}
	buf_printf(out, "%s%s", first ? "" : "; ", ja ? "その他:不可" : "all else: never");
}
