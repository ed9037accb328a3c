#include "runtime/javacard/api.h"

#include <string.h>

/* Rows nest as compound literals, which at file scope are constants of the program (C17 6.5.2.5). */
/* clang-format off */
#define API_PACKAGE(name, aid, ...) {name, aid, sizeof(aid) - 1, {__VA_ARGS__}, (const struct api_class[]){
#define API_PACKAGE_END {0}}},
#define API_CLASS(name, token, major, minor, flags, superclass, interfaces) \
	{name, token, flags, API_VERSION(major, minor), superclass, interfaces, (const struct api_member[]){
#define API_END {0}}},
/* clang-format on */
#define MEMBER(kind, name, descriptor, token, major, minor, flags, value)                                              \
	{name, descriptor, kind, token, flags, API_VERSION(major, minor), value},
#define METHOD(kind, name, d, token, major, minor, flags) MEMBER(kind, name, d, token, major, minor, flags, 0)
#define API_CONSTANT(name, type, value, major, minor)                                                                  \
	MEMBER(API_CONSTANT, name, type, API_NO_TOKEN, major, minor, API_PUBLIC | API_STATIC | API_FINAL, value)
#define API_CONSTRUCTOR(name, d, token, ...) METHOD(API_STATIC_METHOD, name, d, token, __VA_ARGS__)
#define API_STATIC(name, d, token, ...)      METHOD(API_STATIC_METHOD, name, d, token, __VA_ARGS__)
#define API_VIRTUAL(name, d, token, ...)     METHOD(API_VIRTUAL_METHOD, name, d, token, __VA_ARGS__)
#define API_INTERFACE(name, d, token, ...)   METHOD(API_INTERFACE_METHOD, name, d, token, __VA_ARGS__)
#define API_FIELD(name, d, token, ...)       METHOD(API_STATIC_FIELD, name, d, token, __VA_ARGS__)

const struct api_package api_packages[] = {
#include "runtime/javacard/api.def"
    {0},
};

const char *const api_releases[API_RELEASES] = {"2.1.1", "2.2.1", "2.2.2", "3.0.3", "3.0.4", "3.0.5", "3.1.0", "3.2.0"};

const struct api_package *api_package_by_aid(const uint8_t *aid, size_t n)
{
	for (const struct api_package *p = api_packages; p->name != NULL; p++)
		if (p->aid_len == n && memcmp(p->aid, aid, n) == 0)
			return p;
	return NULL;
}

const struct api_package *api_package_named(const char *name)
{
	for (const struct api_package *p = api_packages; p->name != NULL; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

const struct api_class *api_class_by_token(const struct api_package *p, unsigned token)
{
	for (const struct api_class *c = p->class; c->name != NULL; c++)
		if (c->token == token)
			return c;
	return NULL;
}

const struct api_class *api_class_named(const char *name, const struct api_package **p)
{
	for (const struct api_package *of = api_packages; of->name != NULL; of++)
		for (const struct api_class *c = of->class; c->name != NULL; c++)
			if (strcmp(c->name, name) == 0) {
				if (p != NULL)
					*p = of;
				return c;
			}
	return NULL;
}

const struct api_member *api_member_by_token(const struct api_class *c, enum api_kind kind, unsigned token)
{
	for (const struct api_member *m = c->member; m->name != NULL; m++)
		if (m->kind == kind && m->token == token && kind != API_CONSTANT)
			return m;
	return NULL;
}

const struct api_member *api_member_named(
    const struct api_class *c, enum api_kind kind, const char *name, const char *descriptor)
{
	for (const struct api_member *m = c->member; m->name != NULL; m++)
		if (m->kind == kind && strcmp(m->name, name) == 0 &&
		    (descriptor == NULL || strcmp(m->descriptor, descriptor) == 0))
			return m;
	return NULL;
}

const char *api_release(const struct api_package *p, api_version version)
{
	for (size_t i = 0; i < API_RELEASES; i++)
		if (p->version[i] >= version && p->version[i] >> 8 == version >> 8)
			return api_releases[i];
	return NULL;
}
