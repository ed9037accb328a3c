/* The commands of apload on GlobalPlatform cards, and what they share. */
#ifndef IGATA_APLOAD_GP_H
#define IGATA_APLOAD_GP_H

#include "runtime/apload.h"

bool apload_put_key(struct cli *c);
bool apload_lock(struct cli *c);
bool apload_unlock(struct cli *c);
bool apload_set_status(struct cli *c);
bool apload_store_data(struct cli *c);
bool apload_move(struct cli *c);
bool apload_make_domain(struct cli *c);
bool apload_update_registry(struct cli *c);

/* Is the card behind an open loader managed over GlobalPlatform? */
bool apload_managed(const struct apload *a);

/* Take --domain, --key-version, --security, --scp, --block, --receipts. false with a diagnostic. */
bool apload_gp_options(struct apload *a);

/* A CAP file, by the end of its name. */
bool apload_is_cap(const char *path);

/* Parts of list, info, install and delete that are for these cards; the loader is open. */
bool apload_gp_list(struct apload *a, struct json *j);
bool apload_gp_info(struct apload *a, struct json *j);
bool apload_gp_delete(struct apload *a, const struct aid *named);
bool apload_install_cap(struct cli *c);

/* Options with an AID, or hex digits or @FILE; absent gives none. false with a diagnostic. *b owns the bytes. */
bool apload_aid_option(struct cli *c, const char *name, struct aid *out);
bool apload_bytes_option(struct cli *c, const char *name, struct buf *b);
bool apload_byte_option(struct cli *c, const char *name, uint8_t *out);
bool apload_privileges_option(struct cli *c, uint8_t out[GP_PRIVILEGES]);

/* An AID as it stands, or that of a CAP file's package. */
bool apload_name_content(struct cli *c, const char *what, struct aid *aid);

/* What a dry run would send. */
void apload_put_plan(struct cli *c, struct session *s, struct json *j);

#endif
