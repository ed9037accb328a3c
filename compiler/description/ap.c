/* card-ap, title, aid. */
#include "compiler/description/build.h"

#include <stdio.h>
#include <string.h>

static void build_title(struct build *b, const struct node *n)
{
	if (!node_has(n, ATTR_TITLE_LANG))
		return;
	uint32_t lang = node_number(n, ATTR_TITLE_LANG); /* the table's order is that of contract.title */
	char *title = b->c->title[lang];
	if (*title != 0) {
		diag_add(b->d, AT(n, TITLE_LANG), DIAG_TITLE_REPEATED, node_text(n, ATTR_TITLE_LANG), NULL);
		return;
	}
	snprintf(title, CONTRACT_TITLE, "%s", n->text);
}

static void build_aid(struct build *b, const struct node *n)
{
	const struct slot *rid = node_slot(n, ATTR_AID_RID), *pix = node_slot(n, ATTR_AID_PIX);
	struct contract *c = b->c;
	b->w->aid = n->xml->at;
	if (!rid->ok || (pix->src != NULL && !pix->ok))
		return;
	memcpy(c->aid, rid->bytes, rid->n);
	if (pix->ok)
		memcpy(c->aid + rid->n, pix->bytes, pix->n);
	c->aid_len = (uint8_t)(rid->n + (pix->ok ? pix->n : 0));
	/* ISO/IEC 7816-4:2020, 12.2.3: the first nibble is the category; A international, D national, E a standard's
	 * object identifier, F without registration. */
	if (strchr("ADEFadef", *rid->text) == NULL)
		diag_add(b->d, AT(n, AID_RID), DIAG_AID_CATEGORY, reader_quote(b->a, rid->text, rid->length), NULL);
	if (pix->src == NULL)
		diag_add(b->d, n->xml->at, DIAG_AID_NO_PIX, rid->text, NULL);
}

void ap_build(struct build *b)
{
	const struct node *n = b->root;
	struct contract *c = b->c;
	snprintf(c->id, sizeof c->id, "%s", node_name(n, ATTR_CARD_AP_ID));
	snprintf(c->version, sizeof c->version, "%s", node_text(n, ATTR_CARD_AP_VERSION));
	c->area = (uint8_t)node_number(n, ATTR_CARD_AP_AREA);
	c->personality = (uint8_t)node_number(n, ATTR_CARD_AP_PERSONALITY);
	c->extended = node_number(n, ATTR_CARD_AP_APDU) == 1;
	b->w->ap = n->xml->at;
	b->w->id = AT(n, CARD_AP_ID);
	b->w->version = AT(n, CARD_AP_VERSION);
	b->w->area = AT(n, CARD_AP_AREA);
	b->w->apdu = AT(n, CARD_AP_APDU);
	for (const struct node *k = n->child; k != NULL; k = k->next) {
		if (k->element == ELEMENT_TITLE)
			build_title(b, k);
		else if (k->element == ELEMENT_AID)
			build_aid(b, k);
	}
}
