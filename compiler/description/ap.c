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

void aid_build(struct build *b, const struct node *n, uint8_t aid[AID_MAX], uint8_t *len)
{
	const struct slot *rid = node_slot(n, ATTR_AID_RID), *pix = node_slot(n, ATTR_AID_PIX);
	if (!rid->ok || (pix->src != NULL && !pix->ok))
		return;
	memcpy(aid, rid->bytes, rid->n);
	if (pix->ok)
		memcpy(aid + rid->n, pix->bytes, pix->n);
	*len = (uint8_t)(rid->n + (pix->ok ? pix->n : 0));
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
	c->sm_response = node_number(n, ATTR_CARD_AP_SM_RESPONSE) == 1 ? SM_MAC : SM_ENC_MAC;
	c->sm_plain_ends = node_number(n, ATTR_CARD_AP_SM_PLAIN) == 1;
	b->w->personality = AT(n, CARD_AP_PERSONALITY);
	b->w->apdu = AT(n, CARD_AP_APDU);
	b->w->sm_response = AT(n, CARD_AP_SM_RESPONSE);
	b->w->sm_plain = AT(n, CARD_AP_SM_PLAIN);
	b->w->diversifier = AT(n, CARD_AP_DIVERSIFIER);
	b->w->block = AT(n, CARD_AP_BLOCK);
	b->w->unblock = AT(n, CARD_AP_UNBLOCK);
	b->w->terminate = AT(n, CARD_AP_TERMINATE);
	for (const struct node *k = n->child; k != NULL; k = k->next) {
		if (k->element == ELEMENT_TITLE)
			build_title(b, k);
		else if (k->element == ELEMENT_AID) {
			b->w->aid = k->xml->at;
			aid_build(b, k, c->aid, &c->aid_len);
		}
	}
}

/* The life cycle of the AP. */
void ap_build_rules(struct build *b)
{
	b->c->block = rule_node(rule_compile(b, b->root, ATTR_CARD_AP_BLOCK, 0));
	b->c->unblock = rule_node(rule_compile(b, b->root, ATTR_CARD_AP_UNBLOCK, 0));
	b->c->terminate = rule_node(rule_compile(b, b->root, ATTR_CARD_AP_TERMINATE, 0));
}
