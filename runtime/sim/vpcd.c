#define _DEFAULT_SOURCE /* TCP_QUICKACK */
#include "runtime/sim/vpcd.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/sw.h"
#include "runtime/base/wipe.h"
#include "runtime/sim/t0.h"

enum {
	POWER_OFF = 0,
	POWER_ON = 1,
	RESET = 2,
	GET_ATR = 4,
	MESSAGE_MAX = 2 + 0xffff,
	RETRY_MS = 100,
};

enum outcome { GOING, STOPPED, LOST };

struct session {
	const struct vpcd *v;
	struct sim *card;
	int fd;
	uint8_t atr[SIM_ATR_MAX];
	size_t atr_len;
	size_t n; /* bytes of in */
	uint8_t in[MESSAGE_MAX];
	struct buf rsp, out;
	struct t0 t0;
	int error; /* errno of the last attempt to connect */
};

/* ---- address ---- */

static bool port_valid(const char *p)
{
	unsigned n = 0;
	if (*p == 0 || strlen(p) > 5)
		return false;
	for (; *p != 0; p++) {
		if (*p < '0' || *p > '9')
			return false;
		n = n * 10 + (unsigned)(*p - '0');
	}
	return n >= 1 && n <= 65535;
}

bool vpcd_address(struct vpcd *v, const char *text, struct diag_list *d)
{
	const char *host = text, *colon = strrchr(text, ':');
	size_t host_len = colon == NULL ? strlen(text) : (size_t)(colon - text);
	const char *port = colon == NULL ? "35963" : colon + 1;
	if (host_len >= 2 && host[0] == '[' && host[host_len - 1] == ']') {
		host++;
		host_len -= 2;
	}
	if (host_len == 0) {
		host = "127.0.0.1";
		host_len = strlen(host);
	}
	if (host_len >= sizeof v->host || !port_valid(port))
		return diag_add(d, (struct srcloc){0}, DIAG_VPCD_ADDRESS, text, NULL);
	memcpy(v->host, host, host_len);
	v->host[host_len] = 0;
	memcpy(v->port, port, strlen(port) + 1);
	return true;
}

/* ---- waiting ---- */

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Until fd (or -1) is ready for events, the time is over, or the stop. GOING means ready or over. */
static enum outcome await(const struct vpcd *v, int fd, short events, int ms, bool *ready)
{
	struct pollfd p[2] = {{.fd = v->stop_fd, .events = POLLIN}, {.fd = fd, .events = events}};
	int64_t end = now_ms() + ms;
	for (;;) {
		int64_t left = ms < 0 ? -1 : end - now_ms();
		int n = poll(p, 2, ms < 0 ? -1 : left < 0 ? 0 : (int)left);
		if (n < 0 && errno == EINTR)
			continue;
		if (p[0].revents != 0)
			return STOPPED;
		*ready = n > 0 && p[1].revents != 0;
		return n < 0 ? LOST : GOING;
	}
}

/* ---- connecting ---- */

static int pending_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof error;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 ? error : errno;
}

static enum outcome connect_one(struct session *s, const struct addrinfo *a)
{
	int yes = 1;
	bool ready = true;
	enum outcome o = GOING;
	s->fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
	s->error = s->fd < 0 || connect(s->fd, a->ai_addr, a->ai_addrlen) != 0 ? errno : 0;
	if (s->fd >= 0 && s->error == EINPROGRESS) {
		o = await(s->v, s->fd, POLLOUT, (int)s->v->wait_ms, &ready);
		s->error = ready ? pending_error(s->fd) : ETIMEDOUT;
	}
	if (o == GOING && s->error == 0) {
		/* Our answers are small and alone: send them at once. */
		setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
		return GOING;
	}
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	return o == STOPPED ? STOPPED : LOST;
}

static enum outcome connect_any(struct session *s)
{
	struct addrinfo *list, hints = {.ai_socktype = SOCK_STREAM};
	enum outcome o = LOST;
	if (getaddrinfo(s->v->host, s->v->port, &hints, &list) != 0) {
		s->error = EADDRNOTAVAIL;
		return LOST;
	}
	for (const struct addrinfo *a = list; a != NULL && o == LOST; a = a->ai_next)
		o = connect_one(s, a);
	freeaddrinfo(list);
	return o;
}

/* Try until the reader is there, for as long as v->wait_ms. */
static enum outcome connect_until(struct session *s)
{
	int64_t end = now_ms() + s->v->wait_ms;
	for (;;) {
		bool ready;
		enum outcome o = connect_any(s);
		if (o != LOST || now_ms() >= end)
			return o;
		if (await(s->v, -1, 0, RETRY_MS, &ready) == STOPPED)
			return STOPPED;
	}
}

/* ---- messages ---- */

/* Length and data in one write: two would cost a delayed acknowledgement (40 ms) between them. */
static enum outcome answer(struct session *s, const uint8_t *p, size_t n)
{
	bool ready;
	buf_clear(&s->out);
	buf_u16(&s->out, (unsigned)n);
	buf_add(&s->out, p, n);
	if (s->out.bad)
		return LOST;
	for (size_t at = 0; at < s->out.n;) {
		ssize_t done = send(s->fd, s->out.p + at, s->out.n - at, MSG_NOSIGNAL);
		if (done > 0)
			at += (size_t)done;
		else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			enum outcome o = await(s->v, s->fd, POLLOUT, -1, &ready);
			if (o != GOING)
				return o;
		} else if (errno != EINTR)
			return LOST;
	}
	return GOING;
}

static enum outcome command(struct session *s, const uint8_t *p, size_t n)
{
	buf_clear(&s->rsp);
	t0_apdu(&s->t0, s->card, p, n, &s->rsp);
	/* The length has 16 bits; an extended response may be longer. */
	if (s->rsp.n > 0xffff || s->rsp.bad) {
		buf_clear(&s->rsp);
		buf_u16(&s->rsp, SW_NO_DIAGNOSIS);
	}
	if (s->v->exchanged != NULL)
		s->v->exchanged(s->v->ctx, p, n, &s->rsp);
	return answer(s, s->rsp.p, s->rsp.n);
}

static enum outcome message(struct session *s, const uint8_t *p, size_t n)
{
	if (n != 1)
		return n == 0 ? GOING : command(s, p, n);
	switch (p[0]) {
	case POWER_OFF:
		t0_reset(&s->t0, s->atr, s->atr_len);
		sim_power_down(s->card);
		return GOING;
	case POWER_ON:
	case RESET:
		t0_reset(&s->t0, s->atr, s->atr_len);
		sim_power_up(s->card);
		if (s->v->powered != NULL)
			s->v->powered(s->v->ctx);
		return GOING;
	case GET_ATR:
		return answer(s, s->atr, s->atr_len);
	default:
		return GOING;
	}
}

/* All whole messages that have come. */
static enum outcome messages(struct session *s)
{
	size_t at = 0;
	enum outcome o = GOING;
	while (o == GOING && s->n - at >= 2) {
		size_t n = (size_t)(s->in[at] << 8 | s->in[at + 1]);
		if (s->n - at - 2 < n)
			break;
		o = message(s, s->in + at + 2, n);
		at += 2 + n;
	}
	memmove(s->in, s->in + at, s->n - at);
	wipe(s->in + (s->n - at), at);
	s->n -= at;
	return o;
}

static enum outcome receive(struct session *s)
{
	int yes = 1;
	bool ready;
	enum outcome o = await(s->v, s->fd, POLLIN, -1, &ready);
	if (o != GOING)
		return o;
	ssize_t n = recv(s->fd, s->in + s->n, sizeof s->in - s->n, 0);
	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK))
		return LOST;
	/* The reader sends length and data apart and waits for our acknowledgement in between, and the kernel forgets
	 * this option: again after each recv. */
	setsockopt(s->fd, IPPROTO_TCP, TCP_QUICKACK, &yes, sizeof yes);
	if (n < 0)
		return GOING;
	s->n += (size_t)n;
	return messages(s);
}

static bool not_there(const struct session *s, bool was_there, struct diag_list *d)
{
	struct buf at = {0};
	buf_printf(&at, "%s:%s", s->v->host, s->v->port);
	diag_add(d, (struct srcloc){0}, was_there ? DIAG_VPCD_GONE : DIAG_VPCD_NONE, buf_cstr(&at), strerror(s->error),
	    diag_num(s->v->wait_ms / 1000), NULL);
	buf_reset(&at);
	return false;
}

bool vpcd_serve(const struct vpcd *v, struct sim *card, struct diag_list *d)
{
	static struct session s; /* large; there is one card in this process */
	enum outcome o = LOST;
	bool was_there = false;
	s = (struct session){.v = v, .card = card, .fd = -1};
	/* The answer to reset is asked for before the power is on, too. */
	sim_power_up(card);
	s.atr_len = sim_atr(card, s.atr);
	sim_power_down(card);
	t0_reset(&s.t0, s.atr, s.atr_len);
	while (o != STOPPED && (o = connect_until(&s)) == GOING) {
		was_there = true;
		if (v->connected != NULL)
			v->connected(v->ctx);
		while ((o = receive(&s)) == GOING)
			;
		t0_reset(&s.t0, s.atr, s.atr_len);
		sim_power_down(card);
		close(s.fd);
		wipe(s.in, sizeof s.in);
		s.n = 0;
	}
	t0_end(&s.t0);
	buf_reset(&s.rsp);
	buf_reset(&s.out);
	return o == STOPPED ? true : not_there(&s, was_there, d);
}
