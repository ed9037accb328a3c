/* Folders of data that come with the programs: chip profiles, samples. */
#ifndef IGATA_BASE_DATA_H
#define IGATA_BASE_DATA_H

#include "runtime/base/arena.h"

/* The folder with this name: in the working directory; else where "make install" puts data; else, seen from the folder
 * of the running program, ../NAME (a build tree) or ../share/igata/NAME (an installation that was moved). The second of
 * them when there is none. */
const char *data_folder(struct arena *a, const char *name);

#endif
