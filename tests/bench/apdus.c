/* usage: apdus NAME CARD COUNT HEX... -- HEX
 * Commands per second over a link (sim:FILE, pcsc:READER): the first APDUs set the card up, the last one is sent COUNT
 * times in each of eleven batches. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/link/link.h"
#include "tests/bench/median.h"

enum { BATCHES = 11 };

static bool send_hex(struct link *l, const char *text, struct buf *rsp)
{
	uint8_t cmd[300];
	size_t n;
	if (!hex_decode(text, strlen(text), cmd, sizeof cmd, &n))
		return false;
	if (link_transmit(l, cmd, n, rsp) != LINK_OK)
		return false;
	return rsp->p[rsp->n - 2] == 0x90;
}

int main(int argc, char **argv)
{
	struct diag_list d = {0};
	struct link l = {0};
	struct buf rsp = {0};
	double rate[BATCHES];
	int rc = 1;
	if (argc < 5)
		return 2;
	const char *repeated = argv[argc - 1];
	long count = strtol(argv[3], NULL, 10);
	if (!link_open(&l, argv[2], &d)) {
		diag_print(stderr, &d, "en");
		diag_reset(&d);
		return 2;
	}
	for (int i = 4; i < argc - 2; i++) {
		if (!send_hex(&l, argv[i], &rsp)) {
			fprintf(stderr, "apdus: %s was refused\n", argv[i]);
			goto out;
		}
	}
	for (int b = 0; b < BATCHES; b++) {
		double start = bench_seconds();
		for (long i = 0; i < count; i++)
			if (!send_hex(&l, repeated, &rsp)) {
				fprintf(stderr, "apdus: %s was refused\n", repeated);
				goto out;
			}
		rate[b] = (double)count / (bench_seconds() - start);
	}
	bench_print(argv[1], rate, BATCHES, "APDU/s");
	rc = 0;
out:
	link_close(&l);
	buf_reset(&rsp);
	diag_reset(&d);
	return rc;
}
