#include "compiler/emit/javacard/jcg.h"

void jcg_secure_seed(struct jcg *g, unsigned seed, unsigned k_ic)
{
	(void)g, (void)seed, (void)k_ic;
}

void jcg_secure_open(struct jcg *g, unsigned seed)
{
	(void)g, (void)seed;
}
