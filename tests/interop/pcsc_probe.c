/* What tests/interop/pcsc.sh does through our own PC/SC link:
 *   list                    one line per reader: NAME, "card" or "empty"
 *   send READER APDU...     the responses in hex, one line each
 *   time READER N           N commands; the median, the 95th percentile and the longest in microseconds
 *   hold READER             say "held" and keep the card until standard input ends
 *   until-gone READER       commands until one fails; say "gone" or "broken"
 * Exit status 1 with diagnostics when the card cannot be had. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/base/apdu.h"
#include "runtime/base/hex.h"
#include "runtime/link/link.h"
#include "runtime/link/link_pcsc.h"

static const uint8_t select_mf[] = {0x00, 0xa4, 0x00, 0x0c, 0x02, 0x3f, 0x00};

static int list(struct diag_list *d)
{
	struct link_reader r[READERS_MAX];
	size_t n;
	if (!link_readers(r, &n, d))
		return 1;
	for (size_t i = 0; i < n; i++)
		printf("%s: %s\n", r[i].name, r[i].card ? "card" : "empty");
	return 0;
}

static int send_all(struct link *l, char **apdu, int n)
{
	static uint8_t cmd[APDU_MAX];
	static char hex[2 * RAPDU_MAX + 1];
	struct buf rsp = {0};
	for (int i = 0; i < n; i++) {
		size_t len;
		if (!hex_decode(apdu[i], strlen(apdu[i]), cmd, sizeof cmd, &len) ||
		    link_transmit(l, cmd, len, &rsp) != LINK_OK)
			return 1;
		puts(hex_encode(hex, rsp.p, rsp.n));
	}
	buf_reset(&rsp);
	return 0;
}

static double now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static int measure(struct link *l, size_t n)
{
	double *us = calloc(n, sizeof *us);
	struct buf rsp = {0};
	int rc = us == NULL || n == 0;
	for (size_t i = 0; i < n && rc == 0; i++) {
		double begin = now_us();
		rc = link_transmit(l, select_mf, sizeof select_mf, &rsp) != LINK_OK;
		us[i] = now_us() - begin;
	}
	if (rc == 0) {
		qsort(us, n, sizeof *us, by_value);
		printf("%.0f %.0f %.0f\n", us[n / 2], us[n * 95 / 100], us[n - 1]);
	}
	buf_reset(&rsp);
	free(us);
	return rc;
}

static int until_gone(struct link *l)
{
	struct buf rsp = {0};
	enum link_status s;
	puts("going");
	fflush(stdout);
	while ((s = link_transmit(l, select_mf, sizeof select_mf, &rsp)) == LINK_OK)
		;
	buf_reset(&rsp);
	puts(s == LINK_CARD_GONE ? "gone" : "broken");
	return 0;
}

static int hold(void)
{
	puts("held");
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}

int main(int argc, char **argv)
{
	struct diag_list d = {0};
	struct link l = {0};
	char card[200];
	int rc = 1;
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		rc = list(&d);
	else if (argc > 2) {
		snprintf(card, sizeof card, "pcsc:%s", argv[2]);
		if (!link_open(&l, card, &d))
			rc = 1;
		else if (strcmp(argv[1], "send") == 0)
			rc = send_all(&l, argv + 3, argc - 3);
		else if (strcmp(argv[1], "time") == 0 && argc > 3)
			rc = measure(&l, strtoul(argv[3], NULL, 10));
		else if (strcmp(argv[1], "hold") == 0)
			rc = hold();
		else if (strcmp(argv[1], "until-gone") == 0)
			rc = until_gone(&l);
	}
	link_close(&l);
	diag_print(stderr, &d, "en");
	diag_reset(&d);
	return rc;
}
