/* A description with a base: two trees become one, before anything is made of them.
 *
 * Elements are the same when they have the same id; the records of a file when they have the same number; the PUK of a
 * PIN and the AID of a DF are the only ones. Attributes that are written replace those of the base, elements that the
 * base has not are added behind, and the base keeps its order, so that its fields stay where they are. The steps of a
 * command are one thing: they are replaced together. Nothing of the base goes away unless <remove> says so.
 *
 * Every attribute and element keeps its own place, in the one file or the other.
 */
#include "compiler/description/reuse.h"

#include <string.h>

#include "compiler/description/suggest.h"

struct reuse {
	struct build *b;
	const struct node *base, *own; /* the roots */
};

static const char *id_of(const struct node *n)
{
	enum attribute id = grammar_id(n->element);
	return id == ATTRIBUTES ? "" : node_text(n, id);
}

static bool is(const struct node *n, const char *id)
{
	return *id != 0 && strcmp(id_of(n), id) == 0;
}

/* --- <remove> ---------------------------------------------------------------------------------------------------- */

/* Whether the whole element, or with `attribute` this attribute of it, is taken away. */
static bool removed(const struct reuse *m, const struct node *n, const char *attribute)
{
	for (const struct node *r = m->own->child; r != NULL; r = r->next)
		if (r->element == ELEMENT_REMOVE && is(n, node_text(r, ATTR_REMOVE_ID)) &&
		    strcmp(node_text(r, ATTR_REMOVE_ATTRIBUTE), attribute) == 0 &&
		    (node_slot(r, ATTR_REMOVE_ATTRIBUTE)->src != NULL) == (*attribute != 0))
			return true;
	return false;
}

/* The element with this id below n; with `kept`, only among those that stay. */
static const struct node *find(const struct reuse *m, const struct node *n, const char *id, bool kept)
{
	for (const struct node *k = n->child; k != NULL; k = k->next) {
		if (kept && removed(m, k, ""))
			continue;
		const struct node *found = is(k, id) ? k : find(m, k, id, kept);
		if (found != NULL)
			return found;
	}
	return NULL;
}

static bool has_attribute(const struct node *n, const char *name)
{
	size_t first = grammar_first(n->element), count = grammar_count(n->element);
	for (size_t i = 0; i < count; i++)
		if (strcmp(grammar_attribute[first + i].name, name) == 0)
			return n->slot[i].src != NULL;
	return false;
}

static void check_remove(const struct reuse *m, const struct node *r)
{
	const char *id = node_text(r, ATTR_REMOVE_ID), *attribute = node_text(r, ATTR_REMOVE_ATTRIBUTE);
	const struct node *n = *id == 0 ? NULL : find(m, m->base, id, false);
	if (*id != 0 && n == NULL)
		diag_add(m->b->d, AT(r, REMOVE_ID), DIAG_REMOVE_UNKNOWN, id, m->b->base->name, NULL);
	else if (n != NULL && node_has(r, ATTR_REMOVE_ATTRIBUTE) && !has_attribute(n, attribute))
		diag_add(m->b->d, AT(r, REMOVE_ATTRIBUTE), DIAG_REMOVE_ATTRIBUTE, grammar_element[n->element].name, id,
		    attribute, NULL);
}

/* --- attributes -------------------------------------------------------------------------------------------------- */

/* Ways to say one thing: who writes the one means it in place of the other. */
static const struct {
	enum attribute written, replaced;
} in_place_of[] = {
    {ATTR_PIN_LENGTH, ATTR_PIN_MIN},
    {ATTR_PIN_LENGTH, ATTR_PIN_MAX},
    {ATTR_PIN_MIN, ATTR_PIN_LENGTH},
    {ATTR_PIN_MAX, ATTR_PIN_LENGTH},
    {ATTR_PIN_REF, ATTR_PIN_FID},
    {ATTR_PIN_REF, ATTR_PIN_SFI},
    {ATTR_PIN_FID, ATTR_PIN_REF},
    {ATTR_PIN_SET, ATTR_PIN_SOURCE},
    {ATTR_PIN_SOURCE, ATTR_PIN_SET},
    {ATTR_KEY_REF, ATTR_KEY_FID},
    {ATTR_KEY_REF, ATTR_KEY_SFI},
    {ATTR_KEY_FID, ATTR_KEY_REF},
    {ATTR_KEY_ALGORITHM, ATTR_KEY_SUITE},
    {ATTR_KEY_USE, ATTR_KEY_SUITE},
    {ATTR_FIELD_VALUE, ATTR_FIELD_SOURCE},
    {ATTR_FIELD_SOURCE, ATTR_FIELD_VALUE},
    {ATTR_COUNTER_INITIAL, ATTR_COUNTER_SOURCE},
    {ATTR_COUNTER_SOURCE, ATTR_COUNTER_INITIAL},
};

static bool replaced(const struct node *own, enum attribute a)
{
	for (size_t i = 0; i < sizeof in_place_of / sizeof *in_place_of; i++)
		if (in_place_of[i].replaced == a && node_slot(own, in_place_of[i].written)->src != NULL)
			return true;
	return false;
}

/* An AID is one thing, and what names an AP and its version is never that of another. */
static bool never_inherited(enum attribute a)
{
	return a == ATTR_AID_RID || a == ATTR_AID_PIX || a == ATTR_CARD_AP_ID || a == ATTR_CARD_AP_VERSION;
}

/* own: NULL where there is only the base's element. */
static void merge_attributes(const struct reuse *m, struct node *out, const struct node *base, const struct node *own)
{
	size_t first = grammar_first(out->element), count = grammar_count(out->element);
	out->slot = arena_alloc(m->b->a, count * sizeof *out->slot);
	for (size_t i = 0; i < count; i++) {
		enum attribute a = (enum attribute)(first + i);
		if (a == ATTR_CARD_AP_BASE)
			continue; /* it is in there now */
		if (own != NULL && own->slot[i].src != NULL)
			out->slot[i] = own->slot[i];
		else if (!removed(m, base, grammar_attribute[a].name) &&
		    (own == NULL || (!never_inherited(a) && !replaced(own, a))))
			out->slot[i] = base->slot[i];
	}
}

/* --- elements ---------------------------------------------------------------------------------------------------- */

static bool same(const struct node *base, const struct node *own)
{
	if (base->element != own->element)
		return false;
	if (base->element == ELEMENT_RECORD)
		return node_number(base, ATTR_RECORD_N) == node_number(own, ATTR_RECORD_N);
	return base->element == ELEMENT_PUK || base->element == ELEMENT_AID || is(base, id_of(own));
}

static const struct node *counterpart(const struct node *list, const struct node *n, bool n_is_own)
{
	for (; list != NULL; list = list->next)
		if (n_is_own ? same(list, n) : same(n, list))
			return list;
	return NULL;
}

/* An accepted warning is a judgement about what stood there; one's own reason goes first. */
static bool accepted_anew(const struct reuse *m, const struct node *accept)
{
	for (const struct node *n = m->own->child; n != NULL; n = n->next)
		if (n->element == ELEMENT_ACCEPT && node_has(n, ATTR_ACCEPT_CODE) &&
		    node_number(n, ATTR_ACCEPT_CODE) == node_number(accept, ATTR_ACCEPT_CODE))
			return true;
	return false;
}

static bool names_the_ap(const struct node *n)
{
	return n->element == ELEMENT_TITLE || n->element == ELEMENT_AID;
}

/* Title and AID are the AP's own. */
static bool stays(const struct reuse *m, const struct node *n, bool of_root)
{
	if (of_root && names_the_ap(n))
		return false;
	if (n->element == ELEMENT_ACCEPT)
		return !accepted_anew(m, n);
	return !removed(m, n, "");
}

/* The id of the base's elements of this kind that is nearest to what was written. */
static void nearest(const struct reuse *m, const struct node *n, enum element e, struct suggestion *s)
{
	for (const struct node *k = n->child; k != NULL; k = k->next) {
		if (k->element == e)
			suggest_try(s, id_of(k), strlen(id_of(k)));
		nearest(m, k, e, s);
	}
}

/* An element that the base has not and that is not whole: most likely its id is misspelt. false, reported. */
static bool whole(const struct reuse *m, const struct node *n)
{
	const char *id = id_of(n), *name = grammar_element[n->element].name;
	size_t first = grammar_first(n->element), count = grammar_count(n->element);
	for (size_t i = 0; i < count && *id != 0; i++) {
		if (!grammar_attribute[first + i].required || n->slot[i].src != NULL)
			continue;
		struct suggestion s = suggest_for(id, strlen(id));
		nearest(m, m->base, n->element, &s);
		const char *lacks = grammar_attribute[first + i].name;
		struct srcloc at = node_at(n, grammar_id(n->element));
		return s.best != NULL
		    ? diag_add(m->b->d, at, DIAG_BASE_MISSPELT, name, id, s.best, lacks, NULL)
		    : diag_add(m->b->d, at, DIAG_BASE_UNKNOWN, name, id, m->b->base->name, lacks, NULL);
	}
	return true;
}

/* Names are of the whole AP: an element that the base has in another place, or as another kind, is no new one. */
static bool is_new(const struct reuse *m, const struct node *n)
{
	bool good = true;
	const struct node *there = find(m, m->base, id_of(n), true);
	if (there != NULL && there->element != n->element)
		good = diag_add(m->b->d, node_at(n, grammar_id(n->element)), DIAG_BASE_KIND, id_of(n),
		    grammar_element[there->element].name, grammar_element[n->element].name, NULL);
	else if (there != NULL)
		good = diag_add(m->b->d, node_at(n, grammar_id(n->element)), DIAG_BASE_ELSEWHERE,
		    grammar_element[n->element].name, id_of(n), diag_num(there->xml->at.line), m->b->base->name, NULL);
	else
		good = whole(m, n);
	for (const struct node *k = n->child; k != NULL && n->element != ELEMENT_COMMAND; k = k->next)
		good = is_new(m, k) && good;
	return good;
}

static struct node *merge(const struct reuse *m, const struct node *base, const struct node *own);

static struct node *copy(const struct reuse *m, const struct node *n)
{
	struct node *out = ARENA_NEW(m->b->a, struct node);
	*out = *n;
	out->next = NULL;
	return out;
}

/* What is ours alone, `named`: title and AID of the AP, which come first. */
static struct node **add_ours(const struct reuse *m, struct node **next, const struct node *base,
    const struct node *ours, bool together, bool named)
{
	bool root = base == m->base;
	for (const struct node *k = ours; k != NULL; k = k->next) {
		if (k->element == ELEMENT_REMOVE || (root && names_the_ap(k)) != named)
			continue;
		const struct node *there = together ? NULL : counterpart(base->child, k, true);
		if (there != NULL && !stays(m, there, root))
			there = NULL;
		/* A second one of a name goes along, and is reported as such. */
		if (there != NULL && counterpart(ours, there, false) == k)
			continue;
		if (!together && there == NULL && !is_new(m, k))
			continue;
		*next = copy(m, k);
		next = &(*next)->next;
	}
	return next;
}

static void merge_children(const struct reuse *m, struct node *out, const struct node *base, const struct node *own)
{
	const struct node *ours = own == NULL ? NULL : own->child;
	bool together = base->element == ELEMENT_COMMAND && ours != NULL;
	struct node **next = add_ours(m, &out->child, base, ours, together, true);
	for (const struct node *k = together ? NULL : base->child; k != NULL; k = k->next) {
		if (!stays(m, k, base == m->base))
			continue;
		*next = merge(m, k, counterpart(ours, k, false));
		next = &(*next)->next;
	}
	add_ours(m, next, base, ours, together, false);
}

static struct node *merge(const struct reuse *m, const struct node *base, const struct node *own)
{
	struct node *out = ARENA_NEW(m->b->a, struct node);
	out->element = base->element;
	out->xml = own == NULL ? base->xml : own->xml;
	out->text = own == NULL || *own->text == 0 ? base->text : own->text;
	merge_attributes(m, out, base, own);
	merge_children(m, out, base, own);
	return out;
}

/* --- what was changed, for people -------------------------------------------------------------------------------- */

static void list(const struct reuse *m, const char **names, const char *name)
{
	*names = arena_printf(m->b->a, "%s%s%s", *names, **names == 0 ? "" : ", ", name);
}

/* Parts of what is new are not named. */
static void list_elements(const struct reuse *m, const struct node *n, struct description_reuse *r)
{
	for (const struct node *k = n->child; k != NULL; k = k->next) {
		const char *id = id_of(k);
		bool there = *id == 0 || find(m, m->base, id, true) != NULL;
		if (*id != 0)
			list(m, there ? &r->changed : &r->added, id);
		if (there && k->element != ELEMENT_COMMAND)
			list_elements(m, k, r);
		if (k->element != ELEMENT_REMOVE)
			continue;
		const char *attribute = node_text(k, ATTR_REMOVE_ATTRIBUTE), *of = node_text(k, ATTR_REMOVE_ID);
		list(m, &r->removed, *attribute == 0 ? of : arena_printf(m->b->a, "%s %s", of, attribute));
	}
}

static void summarise(const struct reuse *m)
{
	struct description_reuse *r = ARENA_NEW(m->b->a, struct description_reuse);
	*r = (struct description_reuse){m->b->base->name, node_text(m->base, ATTR_CARD_AP_ID),
	    node_text(m->base, ATTR_CARD_AP_VERSION), "", "", ""};
	for (size_t i = 0; i < grammar_count(ELEMENT_CARD_AP); i++) {
		enum attribute a = (enum attribute)(grammar_first(ELEMENT_CARD_AP) + i);
		if (m->own->slot[i].src != NULL && !never_inherited(a) && a != ATTR_CARD_AP_BASE)
			list(m, &r->changed, grammar_attribute[a].name);
	}
	list_elements(m, m->own, r);
	m->b->reuse = r;
}

struct node *reuse_merge(struct build *b, const struct node *own)
{
	struct reuse m = {.b = b, .base = b->base->root, .own = own};
	for (const struct node *r = own->child; r != NULL; r = r->next)
		if (r->element == ELEMENT_REMOVE)
			check_remove(&m, r);
	summarise(&m);
	return merge(&m, m.base, own);
}

void reuse_none(struct build *b, const struct node *own)
{
	for (const struct node *r = own->child; r != NULL; r = r->next)
		if (r->element == ELEMENT_REMOVE)
			diag_add(b->d, r->xml->at, DIAG_REMOVE_NO_BASE, node_text(r, ATTR_REMOVE_ID), NULL);
}
