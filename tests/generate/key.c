/* Keys of every algorithm and use. */
#include "tests/generate/draft.h"

#include <stdio.h>

enum { MUTUAL_NAME = CONTRACT_NAME - 5 /* ".ENC" stands behind it */ };

void keys_decide(struct draft *d, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct draft_key k = {.df = dice_chance(&d->dice, 65) ? 0 : dice_below(&d->dice, d->n_dfs)};
		unsigned use = dice_below(&d->dice, 100);
		uint32_t taken = 0;
		for (unsigned m = 0; m < d->n_keys; m++)
			if (df_encloses(d, d->key[m].df, k.df) || df_encloses(d, k.df, d->key[m].df))
				taken |= UINT32_C(1) << d->key[m].ref;
		k.ref = reference_free(d, taken);
		k.use = use < 40 ? KEY_EXTERNAL : use < 88 ? KEY_MUTUAL : KEY_INTERNAL;
		d->mutual = d->mutual || k.use == KEY_MUTUAL;
		name_new(d, "key", MUTUAL_NAME, k.id);
		d->key[d->n_keys++] = k;
	}
}

static enum key_algorithm algorithm_new(struct draft *d, enum key_use use)
{
	unsigned kind = dice_below(&d->dice, 100);
	if (use == KEY_INTERNAL && kind < 40)
		return kind < 4 && d->extended ? KEY_RSA_3072
		    : kind < 16                ? KEY_RSA_2048
		    : kind < 27                ? KEY_EC_P256
					       : KEY_EC_P384;
	return (enum key_algorithm)(KEY_DES_EDE2 + dice_below(&d->dice, 4));
}

static const char *suite_of(enum key_algorithm a, enum key_use use)
{
	static const char *const asymmetric[] = {
	    "rsa-pkcs1-sha256", "rsa-pkcs1-sha256", "ecdsa-sha256", "ecdsa-sha384"};
	if (a >= KEY_RSA_2048)
		return asymmetric[a - KEY_RSA_2048];
	return use != KEY_MUTUAL ? NULL : a == KEY_DES_EDE2 ? "bac-3des" : "bac-aes";
}

void key_write(struct draft *d, unsigned key)
{
	static const char *const name[] = {
	    "des-ede2", "aes-128", "aes-192", "aes-256", "rsa-2048", "rsa-3072", "ec-p256", "ec-p384"};
	static const char *const use[] = {"external", "internal", "mutual"};
	const struct draft_key *k = &d->key[key];
	enum key_algorithm a = algorithm_new(d, k->use);
	const char *suite = suite_of(a, k->use);
	struct tag t = tag_new("key");
	tag_put(d, &t, "id", "%s", k->id);
	reference_write(d, &t, k->df, k->ref);
	tag_put(d, &t, "algorithm", "%s", name[a]);
	tag_put(d, &t, "use", "%s", use[k->use]);
	if (suite != NULL && dice_chance(&d->dice, 70))
		tag_put(d, &t, "suite", "%s", suite);
	tag_default(d, &t, "tries", arena_printf(&d->arena, "%u", dice_between(&d->dice, 1, 15)), "10");
	if (a < KEY_RSA_2048 && dice_chance(&d->dice, 60))
		tag_put(d, &t, "source", "master:label-%u", dice_below(&d->dice, 3));
	else
		tag_put(d, &t, "source", "%s", source_new(d));
	tag_empty(d, &t);
}
