#include "tests/generate/naive.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

/* The value is the document's as long as it lives: attributes of these documents have one text node at the most. */
static const char *text(const xmlNode *n, const char *name)
{
	for (const xmlAttr *a = n->properties; a != NULL; a = a->next)
		if (strcmp((const char *)a->name, name) == 0)
			return a->children == NULL ? "" : (const char *)a->children->content;
	return NULL;
}

static const char *text_or(const xmlNode *n, const char *name, const char *otherwise)
{
	const char *t = text(n, name);
	return t == NULL ? otherwise : t;
}

static bool says(const xmlNode *n, const char *name, const char *word)
{
	const char *t = text(n, name);
	return t != NULL && strcmp(t, word) == 0;
}

static unsigned number(const xmlNode *n, const char *name, int base)
{
	return (unsigned)strtoul(text_or(n, name, "0"), NULL, base);
}

static bool is(const xmlNode *n, const char *name)
{
	return n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, name) == 0;
}

static const char *behind_colon(const char *source)
{
	return source == NULL ? NULL : strchr(source, ':') + 1;
}

/* --- PINs and keys ----------------------------------------------------------------------------------------------- */

static void read_puk(struct naive_pin *p, const xmlNode *n)
{
	const char *reset = text_or(n, "reset", "with-new");
	p->puk_source = behind_colon(text(n, "source"));
	p->puk_tries = number(n, "tries", 10);
	p->reset[0] = strcmp(reset, "keep") != 0;
	p->reset[1] = strcmp(reset, "with-new") != 0;
}

static void read_pin(struct naive_ap *ap, const xmlNode *n, int df)
{
	struct naive_pin *p = &ap->pin[ap->n_pins++];
	const char *change = text_or(n, "change", "old-and-new");
	bool fixed = text(n, "length") != NULL, both = strcmp(change, "both") == 0;
	*p = (struct naive_pin){.id = text(n, "id"),
	    .df = df,
	    .ref = number(n, "ref", 10),
	    .fid = number(n, "fid", 16),
	    .sfi = number(n, "sfi", 10),
	    .min = number(n, fixed ? "length" : "min", 10),
	    .max = number(n, fixed ? "length" : "max", 10),
	    .stored = number(n, "stored", 10),
	    .pad = number(n, "pad", 16),
	    .padded = text(n, "pad") != NULL && !says(n, "pad", "none"),
	    .tries = number(n, "tries", 10),
	    .unset = says(n, "initial", "unset"),
	    .transport = says(n, "initial", "transport"),
	    .resets_to_transport = says(n, "initial", "transport") && !says(n, "resets-to", "holder"),
	    .change_old = both || strcmp(change, "old-and-new") == 0,
	    .change_verified = both || strcmp(change, "when-verified") == 0,
	    .format = text(n, "format"),
	    .source = behind_colon(text(n, "source")),
	    .set = text(n, "set"),
	    .unblock = text(n, "unblock")};
	p->reset[2] = p->reset[3] = p->unblock != NULL;
	for (const xmlNode *k = n->children; k != NULL; k = k->next)
		if (is(k, "puk"))
			read_puk(p, k);
}

/* A key that a master derives is called like the key itself. */
static void value_name(const xmlNode *n, const char *suffix, char out[40])
{
	const char *source = text(n, "source");
	bool master = strncmp(source, "master:", 7) == 0;
	int length = snprintf(out, 40, "%.*s", 32, master ? text(n, "id") : behind_colon(source));
	for (int i = 0; master && i < length; i++)
		out[i] = (char)toupper((unsigned char)out[i]);
	snprintf(out + length, 40 - (size_t)length, "%s", suffix);
}

static void read_key(struct naive_ap *ap, const xmlNode *n, int df)
{
	struct naive_key *k = &ap->key[ap->n_keys++];
	*k = (struct naive_key){.id = text(n, "id"),
	    .algorithm = text(n, "algorithm"),
	    .use = text(n, "use"),
	    .df = df,
	    .ref = number(n, "ref", 10),
	    .fid = number(n, "fid", 16),
	    .sfi = number(n, "sfi", 10),
	    .tries = text(n, "tries") == NULL ? 10 : number(n, "tries", 10)};
	bool mutual = says(n, "use", "mutual");
	value_name(n, mutual ? ".ENC" : "", k->value);
	if (mutual)
		value_name(n, ".MAC", k->value_mac);
}

/* --- files ------------------------------------------------------------------------------------------------------- */

static void read_object(struct naive_ap *ap, const xmlNode *n, int df)
{
	static const char *const op[] = {"read", "update", "append", "increase", "decrease"};
	struct naive_object *o = &ap->object[ap->n_objects++];
	*o = (struct naive_object){.kind = (const char *)n->name,
	    .id = text(n, "id"),
	    .df = df,
	    .fid = number(n, "fid", 16),
	    .sfi = number(n, "sfi", 10),
	    .tag = number(n, "tag", 16),
	    .length = number(n, is(n, "counter") ? "width" : "length", 10),
	    .variable = says(n, "structure", "linear-variable")};
	for (int i = 0; i < NAIVE_OPS; i++)
		o->rule[i] = text(n, op[i]);
	o->ins[NAIVE_INCREASE] = (unsigned)strtoul(text_or(n, "increase-ins", "34"), NULL, 16);
	o->ins[NAIVE_DECREASE] = (unsigned)strtoul(text_or(n, "decrease-ins", "30"), NULL, 16);
}

static void read_command(struct naive_ap *ap, const xmlNode *n)
{
	struct naive_command *c = &ap->command[ap->n_commands++];
	*c = (struct naive_command){
	    .id = text(n, "id"), .when = text(n, "when"), .ins = number(n, "ins", 16), .data = number(n, "data", 10)};
	for (const xmlNode *k = n->children; k != NULL; k = k->next) {
		if (is(k, "require"))
			c->require[c->n_require++] = text(k, "when");
		c->may_fail =
		    c->may_fail || is(k, "compare") || is(k, "increase") || is(k, "decrease") || is(k, "append");
	}
}

static void read_parts(struct naive_ap *ap, const xmlNode *n, int df);

static void read_df(struct naive_ap *ap, const xmlNode *n, int parent)
{
	int df = (int)ap->n_dfs++;
	ap->df[df] = (struct naive_df){.id = text(n, "id"), .parent = parent, .fid = number(n, "fid", 16)};
	read_parts(ap, n, df);
}

static void read_parts(struct naive_ap *ap, const xmlNode *n, int df)
{
	for (const xmlNode *k = n->children; k != NULL; k = k->next) {
		if (k->type != XML_ELEMENT_NODE)
			continue;
		if (is(k, "pin"))
			read_pin(ap, k, df);
		else if (is(k, "key"))
			read_key(ap, k, df);
		else if (is(k, "df"))
			read_df(ap, k, df);
		else if (is(k, "file") || is(k, "records") || is(k, "data") || is(k, "counter"))
			read_object(ap, k, df);
		else if (is(k, "command"))
			read_command(ap, k);
		else if (is(k, "aid"))
			snprintf(
			    ap->df[df].name, sizeof ap->df[df].name, "%s%s", text(k, "rid"), text_or(k, "pix", ""));
		else if (is(k, "rule")) {
			ap->rule[ap->n_rules].id = text(k, "id");
			ap->rule[ap->n_rules++].when = text(k, "when");
		}
	}
}

/* --- secure messaging -------------------------------------------------------------------------------------------- */

/* Every sm( in any rule of the document: which keys it opens, and whether it asks for encryption alone. */
static void find_sm(struct naive_ap *ap, const char *rule)
{
	for (const char *p = rule; (p = strstr(p, "sm")) != NULL; p += 2) {
		char level[8] = "", key[40] = "";
		if (p != rule && (isalnum((unsigned char)p[-1]) || p[-1] == '-'))
			continue;
		int n = sscanf(p, "sm ( %7[a-z+] , %39[a-z0-9-]", level, key);
		if (n < 1)
			continue;
		ap->offers_86 = ap->offers_86 || strcmp(level, "enc") == 0;
		for (size_t i = 0; i < ap->n_keys; i++)
			if (strcmp(ap->key[i].use, "mutual") == 0 && (n == 1 || strcmp(ap->key[i].id, key) == 0))
				ap->opens[i] = true;
	}
}

static void find_all_sm(struct naive_ap *ap, const xmlNode *n)
{
	static const char *const rules[] = {
	    "when", "read", "update", "append", "increase", "decrease", "set", "unblock", "block", "terminate"};
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (text(n, rules[i]) != NULL)
			find_sm(ap, text(n, rules[i]));
	for (const xmlNode *k = n->children; k != NULL; k = k->next)
		if (k->type == XML_ELEMENT_NODE)
			find_all_sm(ap, k);
}

bool naive_open(struct naive_ap *ap, const void *xml, size_t n)
{
	*ap = (struct naive_ap){0};
	xmlDoc *doc = xmlReadMemory(xml, (int)n, "naive.xml", NULL, XML_PARSE_NONET);
	if (doc == NULL)
		return false;
	const xmlNode *root = xmlDocGetRootElement(doc);
	ap->doc = doc;
	ap->jicsap = says(root, "personality", "jicsap");
	ap->response_mac = says(root, "sm-response", "mac");
	ap->plain_ends = says(root, "sm-plain", "end");
	ap->block = text(root, "block");
	ap->unblock = text(root, "unblock");
	ap->terminate = text(root, "terminate");
	read_df(ap, root, NAIVE_NONE);
	find_all_sm(ap, root);
	return true;
}

void naive_close(struct naive_ap *ap)
{
	xmlFreeDoc(ap->doc);
}

bool naive_within(const struct naive_ap *ap, int inner, int outer)
{
	for (; inner != NAIVE_NONE; inner = ap->df[inner].parent)
		if (inner == outer)
			return true;
	return false;
}
