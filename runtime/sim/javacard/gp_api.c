/* org.globalplatform: the calls from the card manager into applets. */
#include "runtime/sim/javacard/gp_api.h"

sw_t cm_api_process_data(struct cm *c, uint16_t entry)
{
	(void)c;
	(void)entry;
	return SW_CONDITIONS_OF_USE;
}
