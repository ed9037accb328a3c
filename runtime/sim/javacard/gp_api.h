/* org.globalplatform as applets see it, and the calls that go the other way. GPCS appendix A; the API's own
 * specification (versions 1.0 to 1.7, tokens in runtime/javacard/api.def). */
#ifndef IGATA_SIM_JAVACARD_GP_API_H
#define IGATA_SIM_JAVACARD_GP_API_H

#include "runtime/sim/javacard/gp_registry.h"

/* Give the STORE DATA under way to the application: Application.processData, or Personalization.processData, whose
 * answer becomes the response. 6985 when it implements neither. */
sw_t cm_api_process_data(struct cm *c, uint16_t entry);

extern const struct jc_class jc_class_Application, jc_class_Personalization, jc_class_SecureChannel,
    jc_class_SecureChannelx, jc_class_SecureChannelx2, jc_class_GPRegistryEntry, jc_class_CVM, jc_class_GlobalService;

#endif
