/* Failure triage of GlobalPlatform cards: part of diagnose.h. */
#ifndef IGATA_LOAD_JAVACARD_TRIAGE_H
#define IGATA_LOAD_JAVACARD_TRIAGE_H

#include "runtime/load/diagnose.h"

/* Memory, key, life cycle of the card and of everything in its registry. false: the link broke. */
bool gp_diagnose(struct loader *w, struct diagnose_report *r);

#endif
