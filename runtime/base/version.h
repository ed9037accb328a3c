/* The version of the tools, as --version and image manifests give it. */
#ifndef IGATA_BASE_VERSION_H
#define IGATA_BASE_VERSION_H

#define IGATA_VERSION "0.1"

#endif
