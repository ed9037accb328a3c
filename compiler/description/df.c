/* df: the AP's own DF, the ones nested in it, and the list of what stands in them. */
#include "compiler/description/build.h"

#include <stdio.h>
#include <string.h>

bool room(struct build *b, const struct node *n, size_t have, size_t most)
{
	if (have < most)
		return true;
	return diag_add(b->d, n->xml->at, DIAG_TOO_MANY, grammar_element[n->element].name, diag_num(most), NULL);
}

bool df_within(const struct contract *c, uint16_t df, uint16_t ancestor)
{
	while (df != ancestor && df != CONTRACT_NONE)
		df = c->df[df].parent;
	return df == ancestor;
}

static bool is_part(enum element e)
{
	return e == ELEMENT_PIN || e == ELEMENT_KEY || e == ELEMENT_FILE || e == ELEMENT_RECORDS || e == ELEMENT_DATA ||
	    e == ELEMENT_COUNTER;
}

static void build_parts(struct build *b, const struct node *parent, uint16_t df);

static void build_df(struct build *b, const struct node *n, uint16_t parent)
{
	struct contract *c = b->c;
	if (!room(b, n, c->n_dfs, CONTRACT_DFS))
		return;
	uint16_t i = c->n_dfs++;
	struct contract_df *df = &c->df[i];
	b->df[i] = n;
	snprintf(df->id, sizeof df->id, "%s", node_name(n, ATTR_DF_ID));
	df->parent = parent;
	df->fid = (uint16_t)node_number(n, ATTR_DF_FID);
	b->w->df[i].element = b->w->df[i].aid = n->xml->at;
	b->w->df[i].fid = AT(n, DF_FID);
	build_parts(b, n, i);
}

static void build_parts(struct build *b, const struct node *parent, uint16_t df)
{
	for (const struct node *n = parent->child; n != NULL; n = n->next) {
		if (n->element == ELEMENT_DF)
			build_df(b, n, df);
		if (n->element == ELEMENT_AID && df != 0) {
			b->w->df[df].aid = n->xml->at;
			aid_build(b, n, b->c->df[df].aid, &b->c->df[df].aid_len);
		}
		if (!is_part(n->element))
			continue;
		struct part *p = ARENA_NEW(b->a, struct part);
		*p = (struct part){.node = n, .df = df};
		*b->next_part = p;
		b->next_part = &p->next;
	}
}

void dfs_build(struct build *b)
{
	struct contract *c = b->c;
	struct contract_df *own = &c->df[0];
	c->n_dfs = 1;
	snprintf(own->id, sizeof own->id, "%s", c->id);
	own->parent = CONTRACT_NONE;
	memcpy(own->aid, c->aid, sizeof own->aid);
	own->aid_len = c->aid_len;
	b->df[0] = b->root;
	b->w->df[0].element = b->w->df[0].fid = b->root->xml->at;
	b->w->df[0].aid = b->w->aid;
	build_parts(b, b->root, 0);
}
