/* Command data of GlobalPlatform's content management: GPC 11. Each function appends the data field (or the fields that
 * a token signs) to a buffer; the headers are GP_… constants. */
#ifndef IGATA_GP_COMMAND_H
#define IGATA_GP_COMMAND_H

#include "runtime/base/aid.h"
#include "runtime/base/buf.h"
#include "runtime/gp/registry.h"

enum gp_header {
	GP_INITIALIZE_UPDATE = 0x80500000,
	GP_GET_DATA = 0x80ca0000,
	GP_GET_STATUS = 0x80f20000,
	GP_SET_STATUS = 0x80f00000,
	GP_INSTALL = 0x80e60000,
	GP_LOAD = 0x80e80000,
	GP_DELETE = 0x80e40000,
	GP_PUT_KEY = 0x80d80000,
	GP_STORE_DATA = 0x80e20000,
	GP_BEGIN_RMAC = 0x807a1001, /* each answer gets an R-MAC */
	GP_END_RMAC = 0x80780003,
};

/* P1 of INSTALL: GPC table 11-44. */
enum gp_install {
	GP_FOR_LOAD = 0x02,
	GP_FOR_INSTALL = 0x04,
	GP_FOR_SELECTABLE = 0x08,
	GP_FOR_EXTRADITION = 0x10,
	GP_FOR_PERSONALIZATION = 0x20,
	GP_FOR_REGISTRY = 0x40,
};

struct bytes {
	const uint8_t *p;
	size_t n;
};

/* The data field of INSTALL without its token: what a token signs, behind P1 P2 and a length (GPC C.4). gp_token_put
 * completes it. */
void gp_install_for_load(
    struct buf *b, const struct aid *file, const struct aid *domain, struct bytes hash, struct bytes parameters);
/* Of the parameters C9 … stands for those of the applet; privileges are sent in one byte where that says all. */
void gp_install_for_install(struct buf *b, const struct aid *file, const struct aid *module, const struct aid *instance,
    const uint8_t privileges[GP_PRIVILEGES], struct bytes parameters);
void gp_install_for_selectable(struct buf *b, const struct aid *instance, const uint8_t privileges[GP_PRIVILEGES]);
void gp_install_for_extradition(struct buf *b, const struct aid *domain, const struct aid *what);
void gp_install_for_registry(struct buf *b, const struct aid *domain, const struct aid *what, const uint8_t *privileges,
    struct bytes parameters); /* privileges NULL: as they are */
void gp_install_for_personalization(struct buf *b, const struct aid *instance);
void gp_token_put(struct buf *b, struct bytes token);

/* What a token signs: P1, P2, length of the fields, the fields. */
void gp_token_covers(struct buf *out, unsigned p1, unsigned p2, const struct buf *fields);

/* Install parameters: C9 {applet}, and EF {C7 volatile, C8 non-volatile quota} where given (0: not). */
void gp_install_parameters(struct buf *b, struct bytes applet, uint32_t volatile_quota, uint32_t persistent_quota);
/* Load parameters: EF {C6 code size}. */
void gp_load_parameters(struct buf *b, uint32_t code_size);

/* A load file: DAP blocks (E2 {4F domain, C3 signature}) and C4 with the length of the load file data block. */
void gp_dap_put(struct buf *b, const struct aid *domain, struct bytes signature);
void gp_load_file_put(struct buf *b, struct bytes block);

void gp_delete(struct buf *b, const struct aid *what, struct bytes token);

/* One key of PUT KEY: GPC 11.8.2.3. sealed: under the DEK; length: of the key in clear, for AES, whose field says it.
 */
enum {
	GP_TYPE_DES = 0x80,
	GP_TYPE_AES = 0x88,
	GP_TYPE_RSA_E = 0xa0,
	GP_TYPE_RSA_N = 0xa1,
	GP_TYPE_EC_Q = 0xb0,
	GP_TYPE_EC_CURVE = 0xf0
};
void gp_key_put(struct buf *b, unsigned type, struct bytes sealed, size_t length, struct bytes check_value);

/* A length as GlobalPlatform codes those of fields: one byte, 81 xx, 82 xx xx. */
void gp_length(struct buf *b, size_t n);

#endif
