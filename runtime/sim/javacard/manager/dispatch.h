/* One command on its way through the card: GPCS 6.3 to 6.5. */
#ifndef IGATA_SIM_JAVACARD_MANAGER_DISPATCH_H
#define IGATA_SIM_JAVACARD_MANAGER_DISPATCH_H

#include "runtime/sim/javacard/manager/card.h"

/* Answer a command: data and SW go to rsp. */
void cm_apdu(struct sim *s, const uint8_t *cmd, size_t n, struct buf *rsp);

#endif
