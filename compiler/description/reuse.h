/* A description with a base: its tree put together with that of the base. */
#ifndef IGATA_DESCRIPTION_REUSE_H
#define IGATA_DESCRIPTION_REUSE_H

#include "compiler/description/build.h"

/* The tree of the base (b->base) as `own` changes it, not yet completed; what cannot be is reported. */
struct node *reuse_merge(struct build *b, const struct node *own);

/* A description without a base has nothing to remove: reported. */
void reuse_none(struct build *b, const struct node *own);

/* base.c: read the description that base= of this one names, with its own base, and all its checks; b->base. false,
 * reported, when there is none that is right. */
bool base_read(struct build *b, const struct node *own);

/* widen.c: what a derived AP may not share with its base (AIDs), and where it allows more. */
void check_base(struct build *b);

#endif
