#include "compiler/description/start.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/description/description.h"
#include "runtime/base/hex.h"
#include "runtime/base/xml.h"
#include "runtime/base/xml_scan.h"
#include "runtime/crypto/sha256.h"

const char *start_pix(struct arena *a, const char *id, const char *df)
{
	enum { BYTES = 6 };
	uint8_t digest[SHA256_LEN];
	char *hex = arena_alloc(a, 2 * BYTES + 1);
	const char *text = arena_printf(a, "%s/%s", id, df);
	sha256(text, strlen(text), digest);
	return hex_encode(hex, digest, BYTES);
}

/* --- a new one --------------------------------------------------------------------------------------------------- */

/* {i} {r} {p}: id, RID, PIX. */
static const char template[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<!-- The description of a card application (AP). It compiles as it is; change what you need.\n"
    "     カードAP の記述です。このままでもコンパイルできます。必要なところを書き換えてください。 -->\n"
    "<card-ap xmlns=\"urn:igata:card-ap:1\" id=\"{i}\" version=\"1.0\" area=\"extension\">\n"
    "  <!-- The name for people. 利用者向けの名称。 -->\n"
    "  <title xml:lang=\"en\">{i}</title>\n"
    "  <title xml:lang=\"ja\">{i}</title>\n"
    "\n"
    "  <!-- The AID by which terminals select the AP; the real one is assigned at registration.\n"
    "       端末が AP を選ぶ AID。本番の値は登録時に割り当てられます。 -->\n"
    "  <aid rid=\"{r}\" pix=\"{p}\"/>\n"
    "\n"
    "  <!-- The holder's PIN: delivered with a transport value, which opens nothing until the holder replaces it.\n"
    "       Each card's value is in column PIN of the personalisation data; a service unblocks it.\n"
    "       所持者の暗証番号。輸送用の値で渡し、本人が変更するまで何も開きません。カードごとの値は個別化データの\n"
    "       PIN の列に置きます。閉塞はサービスが解除します。 -->\n"
    "  <pin id=\"holder\" ref=\"1\" format=\"digits\" length=\"4\" tries=\"3\" initial=\"transport\" "
    "source=\"csv:PIN\"\n"
    "       unblock=\"serviced\"/>\n"
    "\n"
    "  <!-- A service's key: card and terminal prove themselves to each other, and what they say is encrypted.\n"
    "       サービスの鍵。カードと端末が互いに正当性を示し、以後の通信を暗号化します。 -->\n"
    "  <key id=\"service\" ref=\"1\" algorithm=\"aes-128\" use=\"mutual\" suite=\"bac-aes\" "
    "source=\"master:service\"/>\n"
    "\n"
    "  <!-- Conditions with a name. What no rule allows is refused. "
    "名前を付けた条件。規則が許さないことは拒否されます。 -->\n"
    "  <rule id=\"present\" when=\"pin(holder)\"/>\n"
    "  <rule id=\"serviced\" when=\"auth(service) and sm(enc+mac, service)\"/>\n"
    "\n"
    "  <!-- Anyone can read the card's number, and no one can write it. カードの番号。誰でも読め、誰も書けません。 "
    "-->\n"
    "  <file id=\"card\" fid=\"0001\" sfi=\"1\" size=\"10\" read=\"always\">\n"
    "    <field id=\"card-number\" length=\"10\" format=\"digits\" source=\"csv:CARD-NUMBER\"/>\n"
    "  </file>\n"
    "\n"
    "  <!-- The holder or the service reads it, the service writes it. 本人とサービスが読め、サービスが書けます。 -->\n"
    "  <file id=\"notes\" fid=\"0002\" sfi=\"2\" size=\"64\" read=\"present or serviced\" update=\"serviced\"/>\n"
    "</card-ap>\n";

void start_template(const struct start *s, struct buf *out)
{
	for (const char *p = template; *p != 0; p++) {
		bool mark = p[0] == '{' && p[2] == '}';
		if (mark)
			buf_str(out, p[1] == 'i' ? s->id : p[1] == 'r' ? s->rid : s->pix);
		else
			buf_u8(out, (uint8_t)*p);
		p += mark ? 2 : 0;
	}
}

/* --- a copy ------------------------------------------------------------------------------------------------------ */

enum { EDITS = 64 };

struct edit {
	size_t at, n; /* bytes that go away */
	const char *text;
};

struct copy {
	struct arena *a;
	struct xml_text t;
	const struct start *s;
	struct edit edit[EDITS];
	size_t n;
};

static void replace(struct copy *c, struct srcloc from, size_t n, const char *text)
{
	if (c->n == EDITS)
		return;
	size_t at = 0;
	for (; at < c->t.n; at++) {
		struct srcloc here = xml_locate(&c->t, at);
		if (here.line == from.line && here.column == from.column)
			break;
	}
	c->edit[c->n++] = (struct edit){at, n, text};
}

static void replace_value(struct copy *c, const struct xml_element *e, const char *name, const char *text)
{
	const struct xml_attr *x = xml_attr(e, name);
	if (x != NULL)
		replace(c, x->value_at, strlen(x->raw), text);
}

/* The PIX may be written or not: the two are put in the place of the RID when it is not. */
static void replace_aid(struct copy *c, const struct xml_element *e, const char *pix)
{
	bool has_pix = xml_attr(e, "pix") != NULL;
	replace_value(c, e, "rid", has_pix ? c->s->rid : arena_printf(c->a, "%s\" pix=\"%s", c->s->rid, pix));
	replace_value(c, e, "pix", pix);
}

static void replace_title(struct copy *c, const struct xml_element *e)
{
	size_t n = e->text_length;
	while (n > 0 && strchr(" \t\r\n", e->text[n - 1]) != NULL)
		n--;
	size_t from = 0;
	while (from < n && strchr(" \t\r\n", e->text[from]) != NULL)
		from++;
	/* Text with references or in a CDATA section is longer in the file: it stays. */
	if (strpbrk(e->text, "&<>\"'") == NULL)
		replace(c, e->text_at, n - from, c->s->id);
}

static void replace_names(struct copy *c, const struct xml_element *e, const char *df)
{
	for (const struct xml_element *k = e->child; k != NULL; k = k->next) {
		const struct xml_attr *id = xml_attr(k, "id");
		if (strcmp(k->name, "title") == 0)
			replace_title(c, k);
		else if (strcmp(k->name, "aid") == 0)
			replace_aid(c, k, df == NULL ? c->s->pix : start_pix(c->a, c->s->id, df));
		else if (strcmp(k->name, "df") == 0)
			replace_names(c, k, id->value);
	}
}

static int by_place(const void *a, const void *b)
{
	size_t x = ((const struct edit *)a)->at, y = ((const struct edit *)b)->at;
	return x < y ? -1 : x > y;
}

static void write_copy(struct copy *c, const struct xml_element *root, struct buf *out)
{
	replace_value(c, root, "id", c->s->id);
	replace_value(c, root, "version", "1.0");
	replace_names(c, root, NULL);
	qsort(c->edit, c->n, sizeof *c->edit, by_place);
	size_t at = 0;
	for (size_t i = 0; i < c->n; i++) {
		buf_add(out, c->t.p + at, c->edit[i].at - at);
		buf_str(out, c->edit[i].text);
		at = c->edit[i].at + c->edit[i].n;
	}
	buf_add(out, c->t.p + at, c->t.n - at);
}

bool start_copy(struct arena *a, const uint8_t *p, size_t n, const char *name, const struct start *s, struct buf *out,
    struct diag_list *d)
{
	struct copy c = {.a = a, .s = s, .t = {.p = p, .n = n, .name = name}};
	struct diag_list own = {0};
	struct buf whole = {0};
	/* Warnings of what is copied are not about the copy. */
	bool good = description_read(a, p, n, name, &own) != NULL;
	diag_drop(&own, DIAG_WARNING);
	diag_drop(&own, DIAG_NOTE);
	const struct xml_element *root = good ? xml_read(a, p, n, name, &own) : NULL;
	if (root != NULL && xml_attr(root, "base") != NULL) {
		description_format(a, p, n, name, true, &whole, &own);
		c.t.p = whole.p;
		c.t.n = whole.n;
		root = xml_read(a, whole.p, whole.n, name, &own);
	}
	good = root != NULL && xml_scan(&c.t, &own);
	if (good)
		write_copy(&c, root, out);
	buf_reset(&whole);
	diag_take(d, &own);
	return good && !out->bad;
}
