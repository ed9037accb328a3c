/* The workplace that cards of one thread take turns at: a card is at work only during a command, and the other thousand
 * need no stack meanwhile. */
#include "runtime/sim/javacard/machine/vm.h"

#include "runtime/base/wipe.h"

static _Thread_local struct jc_work work;

void jc_borrow(struct jc *jc)
{
	jc->work = &work;
}

void jc_wipe_work(void)
{
	wipe(&work, sizeof work);
}
