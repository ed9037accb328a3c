#include "runtime/gp/command.h"

#include "runtime/base/tlv.h"

enum {
	TAG_APPLET = 0xc9,
	TAG_SYSTEM = 0xef,
	TAG_CODE_SIZE = 0xc6,
	TAG_VOLATILE = 0xc7,
	TAG_PERSISTENT = 0xc8,
	TAG_DAP = 0xe2,
	TAG_SIGNATURE = 0xc3,
	TAG_BLOCK = 0xc4,
	TAG_TOKEN = 0x9e
};

void gp_length(struct buf *b, size_t n)
{
	if (n > 0xffff)
		b->bad = true;
	else if (n > 0xff) {
		buf_u8(b, 0x82);
		buf_u16(b, (unsigned)n);
	} else {
		if (n > 0x7f)
			buf_u8(b, 0x81);
		buf_u8(b, (unsigned)n);
	}
}

static void put(struct buf *b, const void *p, size_t n)
{
	gp_length(b, n);
	buf_add(b, p, n);
}

static void put_aid(struct buf *b, const struct aid *a)
{
	put(b, a->p, a->n);
}

/* GPC 11.1.2: three bytes, or one when the others say nothing. */
static void put_privileges(struct buf *b, const uint8_t p[GP_PRIVILEGES])
{
	put(b, p, p[1] == 0 && p[2] == 0 ? 1 : GP_PRIVILEGES);
}

void gp_install_for_load(
    struct buf *b, const struct aid *file, const struct aid *domain, struct bytes hash, struct bytes parameters)
{
	put_aid(b, file);
	put_aid(b, domain);
	put(b, hash.p, hash.n);
	put(b, parameters.p, parameters.n);
}

void gp_install_for_install(struct buf *b, const struct aid *file, const struct aid *module, const struct aid *instance,
    const uint8_t privileges[GP_PRIVILEGES], struct bytes parameters)
{
	put_aid(b, file);
	put_aid(b, module);
	put_aid(b, instance);
	put_privileges(b, privileges);
	put(b, parameters.p, parameters.n);
}

void gp_install_for_selectable(struct buf *b, const struct aid *instance, const uint8_t privileges[GP_PRIVILEGES])
{
	buf_u16(b, 0);
	put_aid(b, instance);
	put_privileges(b, privileges);
	buf_u8(b, 0);
}

void gp_install_for_extradition(struct buf *b, const struct aid *domain, const struct aid *what)
{
	put_aid(b, domain);
	buf_u8(b, 0);
	put_aid(b, what);
	buf_u8(b, 0);
	buf_u8(b, 0);
}

void gp_install_for_registry(
    struct buf *b, const struct aid *domain, const struct aid *what, const uint8_t *privileges, struct bytes parameters)
{
	put_aid(b, domain);
	buf_u8(b, 0);
	put_aid(b, what);
	if (privileges == NULL)
		buf_u8(b, 0);
	else
		put_privileges(b, privileges);
	put(b, parameters.p, parameters.n);
}

void gp_install_for_personalization(struct buf *b, const struct aid *instance)
{
	buf_u16(b, 0);
	put_aid(b, instance);
	buf_u8(b, 0);
	buf_u16(b, 0);
}

void gp_token_put(struct buf *b, struct bytes token)
{
	put(b, token.p, token.n);
}

void gp_token_covers(struct buf *out, unsigned p1, unsigned p2, const struct buf *fields)
{
	buf_u8(out, p1);
	buf_u8(out, p2);
	put(out, fields->p, fields->n);
}

static void put_size(struct buf *b, uint32_t tag, uint32_t n)
{
	uint8_t four[4] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
	if (n != 0)
		tlv_put(b, tag, n > 0xffff ? four : four + 2, n > 0xffff ? 4 : 2);
}

void gp_install_parameters(struct buf *b, struct bytes applet, uint32_t volatile_quota, uint32_t persistent_quota)
{
	struct buf system = {0};
	put_size(&system, TAG_VOLATILE, volatile_quota);
	put_size(&system, TAG_PERSISTENT, persistent_quota);
	tlv_put(b, TAG_APPLET, applet.p, applet.n);
	if (system.n != 0)
		tlv_put(b, TAG_SYSTEM, system.p, system.n);
	b->bad = b->bad || system.bad;
	buf_reset(&system);
}

void gp_load_parameters(struct buf *b, uint32_t code_size)
{
	struct buf system = {0};
	put_size(&system, TAG_CODE_SIZE, code_size);
	tlv_put(b, TAG_SYSTEM, system.p, system.n);
	b->bad = b->bad || system.bad;
	buf_reset(&system);
}

void gp_dap_put(struct buf *b, const struct aid *domain, struct bytes signature)
{
	struct buf inner = {0};
	tlv_put(&inner, 0x4f, domain->p, domain->n);
	tlv_put(&inner, TAG_SIGNATURE, signature.p, signature.n);
	tlv_put(b, TAG_DAP, inner.p, inner.n);
	b->bad = b->bad || inner.bad;
	buf_reset(&inner);
}

/* The length goes up to 83 xx xx xx here: load files of more than 64 kB exist. */
void gp_load_file_put(struct buf *b, struct bytes block)
{
	buf_u8(b, TAG_BLOCK);
	if (block.n > 0xffff) {
		buf_u8(b, 0x83);
		buf_u8(b, block.n >> 16 & 0xff);
		buf_u16(b, block.n & 0xffff);
		b->bad = b->bad || block.n > 0xffffff;
	} else
		gp_length(b, block.n);
	buf_add(b, block.p, block.n);
}

void gp_delete(struct buf *b, const struct aid *what, struct bytes token)
{
	tlv_put(b, 0x4f, what->p, what->n);
	if (token.n != 0)
		tlv_put(b, TAG_TOKEN, token.p, token.n);
}

void gp_key_put(struct buf *b, unsigned type, struct bytes sealed, size_t length, struct bytes check_value)
{
	buf_u8(b, type);
	if (type == GP_TYPE_AES) {
		gp_length(b, sealed.n + 1);
		buf_u8(b, (unsigned)length);
	} else
		gp_length(b, sealed.n);
	buf_add(b, sealed.p, sealed.n);
	if (type != GP_TYPE_RSA_N &&
	    type != GP_TYPE_EC_Q) /* there the next component follows, the check value ends the key */
		put(b, check_value.p, check_value.n);
}
