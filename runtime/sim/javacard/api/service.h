/* javacard.framework.service: what its files share. */
#ifndef IGATA_SIM_JAVACARD_API_SERVICE_H
#define IGATA_SIM_JAVACARD_API_SERVICE_H

#include "runtime/sim/javacard/machine/native.h"

enum service_reason { /* of ServiceException */
	SERVICE_ILLEGAL_PARAM = 1,
	SERVICE_DISPATCH_TABLE_FULL,
	SERVICE_COMMAND_DATA_TOO_LONG,
	SERVICE_CANNOT_ACCESS_IN_COMMAND,
	SERVICE_CANNOT_ACCESS_OUT_COMMAND,
};

/* Where the Common Service Format has what in the APDU buffer, once the command is processed. */
enum { SERVICE_SW = 2, SERVICE_LA = 4, SERVICE_DATA = 5, SERVICE_LA_MAX = 256 };

extern const struct jc_class jc_class_Service, jc_class_ServiceException, jc_class_Dispatcher;

/* Bytes of output that the buffer announces (byte La, where 0 may be 256). */
uint16_t service_output_length(struct jc *jc);

#endif
