/* org.globalplatform as applets see it, and the calls that go the other way: GPCS appendix A and the API's own
 * specification, versions 1.0 to 1.7. */
#ifndef IGATA_SIM_JAVACARD_MANAGER_API_H
#define IGATA_SIM_JAVACARD_MANAGER_API_H

#include "runtime/sim/javacard/manager/registry.h"

/* Give the STORE DATA under way to the application: Personalization.processData, whose answer becomes the response, or
 * Application.processData. 6985 when it implements neither. */
sw_t cm_api_process_data(struct cm *c, uint16_t entry);

/* Classes by token; those of the runtime's own objects have none. */
extern const struct jc_class cm_class_Application, cm_class_CVM, cm_class_SecureChannel, cm_class_GPSystem,
    cm_class_GPRegistryEntry, cm_class_GlobalService, cm_class_SecureChannelx, cm_class_Personalization,
    cm_class_SecureChannelx2;
extern const struct jc_class cm_class_channel, cm_class_entry, cm_class_cvm;

/* The entry of the applet that runs; 0 while it is being installed. */
uint16_t cm_api_own(const struct cm *c);

/* An object of the runtime with one cell, made when the one in `ref` is not (any more) of this class and value. 0: an
 * exception is pending. */
uint16_t cm_api_object(struct cm *c, uint16_t ref, const struct jc_class *class, uint16_t value);

/* Throw ISOException. false. */
bool cm_api_refuse(struct jc *jc, sw_t sw);

#endif
