#include "runtime/crypto/random.h"

#include <limits.h>

#include <openssl/rand.h>

bool random_bytes(void *out, size_t n)
{
	return n <= INT_MAX && RAND_bytes(out, (int)n) == 1;
}
