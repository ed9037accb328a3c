#include "runtime/cap/disassemble.h"

#include <string.h>

#include "runtime/base/hex.h"

static const char *pick(bool japanese, const char *en, const char *ja)
{
	return japanese ? ja : en;
}

const char *cap_release(const struct cap *c)
{
	size_t latest = 0;
	for (size_t i = 0; i < c->n_imports; i++) {
		const char *one = c->import[i].api == NULL ? NULL : api_release(c->import[i].api, c->import[i].version);
		size_t at = 0;
		while (at < API_RELEASES && one != api_releases[at])
			at++;
		if (at == API_RELEASES)
			return NULL;
		if (at > latest)
			latest = at;
	}
	return api_releases[latest];
}

static void put_flags(const struct cap *c, bool japanese, struct buf *out)
{
	buf_printf(out, "%s %u.%u", pick(japanese, "CAP format", "CAP 形式"), c->format >> 8, c->format & 0xffu);
	if (c->flags & CAP_APPLET)
		buf_str(out, pick(japanese, ", applets", "、アプレットあり"));
	if (c->flags & CAP_EXPORT)
		buf_str(out, pick(japanese, ", exports", "、エクスポートあり"));
	if (c->flags & CAP_INT)
		buf_str(out, pick(japanese, ", int", "、int 使用"));
	buf_str(out, "\n");
}

static void put_imports(const struct cap *c, bool japanese, struct buf *out)
{
	char aid[2 * CAP_AID_MAX + 1];
	buf_printf(out, "\n%s\n", pick(japanese, "Imports", "インポート"));
	for (size_t i = 0; i < c->n_imports; i++) {
		const struct cap_import *one = &c->import[i];
		const char *release = one->api == NULL ? NULL : api_release(one->api, one->version);
		buf_printf(out, "  %3zu  %s  %s %u.%u", i, hex_encode(aid, one->aid.p, one->aid.n),
		    one->api == NULL ? "?" : one->api->name, one->version >> 8, one->version & 0xffu);
		if (release != NULL)
			buf_printf(out, "  Java Card %s", release);
		buf_str(out, "\n");
	}
	const char *all = cap_release(c);
	if (all != NULL)
		buf_printf(out, "%s: Java Card %s\n", pick(japanese, "needs", "必要な版"), all);
}

static void put_applets(const struct cap *c, bool japanese, struct buf *out)
{
	char aid[2 * CAP_AID_MAX + 1];
	if (c->n_applets == 0)
		return;
	buf_printf(out, "\n%s\n", pick(japanese, "Applets", "アプレット"));
	for (size_t i = 0; i < c->n_applets; i++)
		buf_printf(out, "  %s  install @%u\n", hex_encode(aid, c->applet[i].aid.p, c->applet[i].aid.n),
		    c->applet[i].install);
}

void cap_summary(const struct cap *c, bool japanese, struct buf *out)
{
	char aid[2 * CAP_AID_MAX + 1];
	struct buf load = {0};
	buf_printf(out, "%s %s%s%s %u.%u\n", pick(japanese, "package", "パッケージ"), c->name,
	    c->name[0] != 0 ? " " : "", hex_encode(aid, c->aid.p, c->aid.n), c->version >> 8, c->version & 0xffu);
	put_flags(c, japanese, out);
	put_imports(c, japanese, out);
	put_applets(c, japanese, out);
	buf_printf(out, "\n%s\n", pick(japanese, "Components (bytes)", "コンポーネント(バイト数)"));
	for (unsigned tag = 1; tag < COMPONENT_TAGS; tag++)
		if (c->component[tag].n != 0)
			buf_printf(out, "  %-15s %5zu\n", component_name(tag), c->component[tag].n);
	cap_load_file(c, false, &load);
	buf_printf(out, "  %-15s %5zu\n", pick(japanese, "load file", "搭載データ"), load.n);
	buf_reset(&load);
}
