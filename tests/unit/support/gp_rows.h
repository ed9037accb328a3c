/* Rows of the tables in tests/fixtures/globalplatform. */
#ifndef IGATA_TEST_GP_ROWS_H
#define IGATA_TEST_GP_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "runtime/base/file.h"
#include "runtime/base/hex.h"
#include "runtime/gp/channel.h"
#include "runtime/gp/channel_inside.h"

#define FOLDER "tests/fixtures/globalplatform"

enum { ROOM = 1024, COLUMNS = 7 };

static inline size_t bytes(const char *hex, uint8_t *out, size_t cap)
{
	size_t n = 0;
	assert_true(hex_decode(hex, strlen(hex), out, cap, &n));
	return n;
}

static inline void assert_hex(const uint8_t *p, size_t n, const char *hex)
{
	char text[2 * ROOM + 1];
	assert_true(n <= ROOM);
	assert_string_equal(hex_encode(text, p, n), hex);
}

/* --- tables --- */

static struct buf table; /* the one read last */

/* The next row's columns, cut at tabs; false at the end. */
static inline bool row(char **at, char *column[COLUMNS])
{
	char *p = *at;
	if (*p == 0)
		return false;
	char *end = strchr(p, '\n');
	*end = 0;
	*at = end + 1;
	for (int i = 0; i < COLUMNS; i++) {
		column[i] = p;
		char *tab = strchr(p, '\t');
		if (tab != NULL)
			*tab++ = 0;
		p = tab == NULL ? p + strlen(p) : tab;
	}
	return true;
}

static inline char *read_table(const char *path)
{
	struct diag_list d = {0};
	char *column[COLUMNS];
	buf_reset(&table);
	assert_true(file_read(path, 1 << 20, &table, &d));
	char *at = (char *)(uintptr_t)buf_cstr(&table);
	row(&at, column);
	return at;
}

static inline struct gp_key key_of(const char *hex)
{
	struct gp_key k = {0};
	k.n = bytes(hex, k.p, sizeof k.p);
	return k;
}

#endif
