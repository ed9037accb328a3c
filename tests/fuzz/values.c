/* CSV files and access maps: whatever is refused says why, and what is accepted is whole. */
#include <assert.h>
#include <stdint.h>

#include "runtime/base/utf8.h"
#include "runtime/image/access_map.h"
#include "runtime/image/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_csv(const uint8_t *p, size_t n)
{
	static struct csv_row row;
	struct diag_list d = {0};
	struct csv c = csv_of("x.csv", p, n);
	enum csv_result r;
	while ((r = csv_next(&c, &row, &d)) == CSV_ROW) {
		assert(row.n >= 1 && row.n <= CSV_CELLS);
		assert(utf8_valid(row.text.p, row.text.n) == row.text.n);
		for (size_t i = 0; i < row.n; i++)
			assert(row.cell[i].at + row.cell[i].n <= row.text.n);
	}
	assert((r == CSV_BAD) == (d.n == 1));
	csv_row_reset(&row);
	diag_reset(&d);
}

static void read_map(const uint8_t *p, size_t n)
{
	static struct access_map map;
	struct diag_list d = {0};
	struct buf entry = {0};
	buf_add(&entry, p, n);
	bool ok = access_map_read(&map, &entry, "access.json", &d);
	assert(ok == (d.n == 0) && map.n_files <= ACCESS_FILES);
	for (size_t i = 0; ok && i < map.n_files; i++)
		assert(map.file[i].read != NULL && map.file[i].update != NULL);
	(void)ok;
	access_map_reset(&map);
	buf_reset(&entry);
	diag_reset(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	read_csv(data, n);
	read_map(data, n);
	return 0;
}
