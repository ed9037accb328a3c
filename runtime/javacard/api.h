/* The names and tokens of the Java Card and GlobalPlatform packages (api.def): from tokens to names for reading a CAP
 * file or linking it, from names to tokens for writing one. All tables are constant. */
#ifndef IGATA_JAVACARD_API_H
#define IGATA_JAVACARD_API_H

#include <stddef.h>
#include <stdint.h>

/* A version as the CAP file has it, major * 256 + minor, so that two compare as numbers. */
typedef uint16_t api_version;
#define API_VERSION(major, minor) ((api_version)(((unsigned)(major)&0xff) << 8 | ((unsigned)(minor)&0xff)))

/* Token spaces of a class (JCVM 4.3.7). Constructors share that of static methods. */
enum api_kind { API_STATIC_METHOD, API_VIRTUAL_METHOD, API_INTERFACE_METHOD, API_STATIC_FIELD, API_CONSTANT };

enum api_flags {
	API_PUBLIC = 0x01,
	API_PROTECTED = 0x04,
	API_STATIC = 0x08,
	API_FINAL = 0x10,
	API_IS_INTERFACE = 0x40,
	API_ABSTRACT = 0x80,
	API_SHAREABLE = 0x100, /* interfaces that extend javacard.framework.Shareable, and that one */
	API_REMOTE = 0x200,
};

enum { API_NO_TOKEN = 0xFF, API_RELEASES = 8, API_AID_MAX = 16 };

struct api_member {
	const char *name; /* NULL behind the last; "<init>" of constructors */
	const char *descriptor;
	enum api_kind kind;
	uint8_t token; /* API_NO_TOKEN of constants */
	uint8_t flags;
	api_version since;
	int16_t value; /* of constants */
};

struct api_class {
	const char *name; /* "javacard/framework/APDU"; NULL behind the last */
	uint8_t token;
	uint16_t flags;
	api_version since;
	const char *superclass;          /* the direct one; "" of java/lang/Object */
	const char *interfaces;          /* all superinterfaces, separated by blanks */
	const struct api_member *member; /* inherited virtual and interface methods too */
};

struct api_package {
	const char *name; /* "javacard/framework"; NULL behind the last */
	const char *aid;  /* aid_len bytes */
	size_t aid_len;
	api_version version[API_RELEASES]; /* by release (api_release); 0: the release does not have the package */
	const struct api_class *class;     /* index = order of tokens, ended by a row without name */
};

/* All packages, ended by one without name. */
extern const struct api_package api_packages[];

/* NULL when there is none. */
const struct api_package *api_package_by_aid(const uint8_t *aid, size_t n);
const struct api_package *api_package_named(const char *name);
const struct api_class *api_class_by_token(const struct api_package *p, unsigned token);

/* "javacard/framework/APDU"; its package goes to *p when p is not NULL. */
const struct api_class *api_class_named(const char *name, const struct api_package **p);

const struct api_member *api_member_by_token(const struct api_class *c, enum api_kind kind, unsigned token);

/* descriptor NULL: the first of that name (fields and constants have one only). */
const struct api_member *api_member_named(
    const struct api_class *c, enum api_kind kind, const char *name, const char *descriptor);

/* Names of the platform's releases in their order, "2.1.1" to "3.2.0"; index 0 to API_RELEASES - 1. */
extern const char *const api_releases[API_RELEASES];

/* The first release that has the package in this version or a later minor one; NULL when none has it, always so for
 * GlobalPlatform packages, which have versions of their own. */
const char *api_release(const struct api_package *p, api_version version);

#endif
