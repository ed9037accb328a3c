/* One name space for everything that has an id, but the inputs of a command: programs and messages name any of them by
 * its id alone. */
#include "compiler/description/build.h"

#include <string.h>

enum {
	NAMES = CONTRACT_PINS + CONTRACT_KEYS + NAMED_RULES + CONTRACT_FILES + CONTRACT_FIELDS + CONTRACT_DFS +
	    CONTRACT_COMMANDS + CONTRACT_NUMBERINGS
};

struct names {
	struct build *b;
	size_t n;
	const struct node *node[NAMES];
	const char *id[NAMES];
};

static void add(struct names *s, const struct node *n, enum attribute a)
{
	const char *id = node_text(n, a);
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->id[i], id) == 0) {
			diag_add(s->b->d, node_at(n, a), DIAG_ID_REPEATED, id,
			    grammar_element[s->node[i]->element].name, diag_num(s->node[i]->xml->at.line), NULL);
			return;
		}
	if (*id == 0 || s->n == NAMES)
		return;
	s->node[s->n] = n;
	s->id[s->n++] = id;
}

static void collect(struct names *s, const struct node *n)
{
	for (; n != NULL; n = n->next) {
		enum attribute a = grammar_id(n->element);
		if (a != ATTRIBUTES)
			add(s, n, a);
		collect(s, n->child);
	}
}

void check_names(struct build *b)
{
	struct names s = {.b = b};
	collect(&s, b->root->child);
}
