#include "runtime/image/master.h"

#include <string.h>

#include "runtime/base/wipe.h"
#include "runtime/crypto/kdf.h"

bool master_derive(const struct contract *c, const struct contract_value *v, const uint8_t *master, size_t n,
    const uint8_t *diversifier, size_t diversifier_len, uint8_t out[MASTER_KEY_MAX])
{
	const struct contract_key *k = &c->key[v->target];
	uint8_t context[AID_MAX + MASTER_DIVERSIFIER_MAX], keys[2 * MASTER_KEY_MAX];
	size_t all = (k->use == KEY_MUTUAL ? 2U : 1U) * (size_t)v->max;
	bool good = false;
	if (v->max > MASTER_KEY_MAX || diversifier_len > MASTER_DIVERSIFIER_MAX)
		goto out;
	memcpy(context, c->aid, c->aid_len);
	memcpy(context + c->aid_len, diversifier, diversifier_len);
	good = kdf_sp800_108(master, n, k->id, strlen(k->id), context, c->aid_len + diversifier_len, keys, all);
	if (good)
		memcpy(out, keys + (v->kind == VALUE_KEY_MAC ? v->max : 0), v->max);
out:
	if (!good)
		wipe(out, MASTER_KEY_MAX);
	wipe(keys, sizeof keys);
	return good;
}
