/* The reference simulator cref of the Java Card Development Kit 2.2.2, driven over its TCP port.
 *
 *   frame:  | type | 2 length | data | exclusive or of all before |   type: F0 power up, E0 power down, 80 data
 *   data:   one block of T=1 (ISO/IEC 7816-3, 11.3): | NAD 00 | PCB | LEN | INF | LRC |, INF at most 32 bytes
 *
 * Its installer has a protocol of its own (Development Kit User's Guide 2.2.2, "APDU protocol of the installer"): CAP
 * components one by one, then CREATE with LV(AID) LV(parameters). A cold reset is a new process on the saved memory.
 * Loading is not traced: it runs for minutes. */
#include "tests/oracle/oracle.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/javacard/component.h"
#include "runtime/javacard/opcode.h"

enum {
	FRAME_UP = 0xf0,
	FRAME_DOWN = 0xe0,
	FRAME_DATA = 0x80,
	BLOCK = 32,   /* bytes in a block of T=1: cref's IFSC */
	CHUNK = 32,   /* bytes of a component in one command */
	PCB_S = 0xc0, /* S-blocks have both bits, R-blocks the first */
	PCB_R = 0x80,
	PCB_MORE = 0x20,
	TRIES = 500,
	PATH = 512,
};

static const uint8_t installer[] = {0xa0, 0x00, 0x00, 0x00, 0x62, 0x03, 0x01, 0x08, 0x01};

struct cref {
	struct oracle o;
	const char *path;
	char memory[PATH], trace_file[PATH];
	pid_t pid, filter;
	int port, fd;
	bool traced, power;
	uint8_t ns, nr;
};

/* --- the process --- */

/* Between cref's trace and the file: only the lines of applets' contexts.
 *   [  137594] PC:0000e92a F:6 C:11 new             $00:00 | ... */
static void filter_trace(FILE *in, FILE *out)
{
	static char line[1 << 16];
	while (fgets(line, sizeof line, in) != NULL) {
		unsigned pc, frame, context;
		char op[32];
		if (sscanf(line, "[%*u] PC:%x F:%x C:%x %31s", &pc, &frame, &context, op) == 4 && context != 0 &&
		    op_named(op) >= 0)
			fprintf(out, "%x %x %x\n", pc & 0xffff, (unsigned)op_named(op), context);
	}
}

static void run_filter(int in, const char *path)
{
	FILE *from = fdopen(in, "r"), *to = fopen(path, "a");
	if (from == NULL || to == NULL)
		_exit(1);
	filter_trace(from, to);
	_exit(fclose(to) != 0);
}

static void exec_cref(struct cref *c, bool traced, int out)
{
	char port[16];
	const char *argv[12] = {c->path, "-nobanner", "-p", port, "-o", c->memory};
	int n = 6;
	snprintf(port, sizeof port, "%d", c->port);
	if (access(c->memory, R_OK) == 0) {
		argv[n++] = "-i";
		argv[n++] = c->memory;
	}
	if (traced)
		argv[n++] = "-t";
	/* What it says of errors would fall into the middle of lines of the trace. */
	int nowhere = open("/dev/null", O_WRONLY);
	dup2(out, STDOUT_FILENO);
	dup2(nowhere, STDERR_FILENO);
	close(out);
	execv(c->path, (char **)(uintptr_t)argv);
	_exit(127);
}

static bool start(struct cref *c, bool traced)
{
	int ends[2];
	c->port += 1;
	if (pipe(ends) != 0)
		return false;
	c->filter = fork();
	if (c->filter == 0) {
		close(ends[1]);
		run_filter(ends[0], c->trace_file);
	}
	close(ends[0]);
	c->pid = fork();
	if (c->pid == 0)
		exec_cref(c, traced, ends[1]);
	close(ends[1]);
	return c->pid > 0 && c->filter > 0;
}

static bool join(struct cref *c)
{
	struct sockaddr_in to = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)c->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timespec pause = {.tv_nsec = 10000000};
	int one = 1;
	for (int i = 0; i < TRIES; i++) {
		c->fd = socket(AF_INET, SOCK_STREAM, 0);
		if (c->fd >= 0 && connect(c->fd, (struct sockaddr *)&to, sizeof to) == 0)
			return setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0;
		close(c->fd);
		c->fd = -1;
		nanosleep(&pause, NULL);
	}
	fprintf(stderr, "cref does not answer on port %d\n", c->port);
	return false;
}

/* --- frames and blocks --- */

static bool put_frame(struct cref *c, uint8_t type, const uint8_t *p, size_t n)
{
	uint8_t f[3 + 4 + BLOCK + 1] = {type, (uint8_t)(n >> 8), (uint8_t)n}, sum = 0;
	if (n != 0)
		memcpy(f + 3, p, n);
	for (size_t i = 0; i < 3 + n; i++)
		sum ^= f[i];
	f[3 + n] = sum;
	return send(c->fd, f, 4 + n, MSG_NOSIGNAL) == (ssize_t)(4 + n);
}

static bool get_bytes(struct cref *c, uint8_t *p, size_t n)
{
	while (n != 0) {
		ssize_t got = recv(c->fd, p, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

static bool get_frame(struct cref *c, uint8_t *type, uint8_t p[300], size_t *n)
{
	uint8_t head[3], sum;
	if (!get_bytes(c, head, sizeof head))
		return false;
	*type = head[0];
	*n = (size_t)(head[1] << 8 | head[2]);
	return *n <= 300 && get_bytes(c, p, *n) && get_bytes(c, &sum, 1);
}

static bool power_up(struct cref *c)
{
	uint8_t type, atr[300];
	size_t n;
	c->ns = c->nr = 0;
	c->power = put_frame(c, FRAME_UP, NULL, 0) && get_frame(c, &type, atr, &n);
	return c->power;
}

static void power_down(struct cref *c)
{
	int status;
	if (c->power)
		put_frame(c, FRAME_DOWN, NULL, 0);
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	if (!c->power && c->pid > 0)
		kill(c->pid, SIGTERM);
	c->power = false;
	if (c->pid > 0)
		waitpid(c->pid, &status, 0);
	if (c->filter > 0)
		waitpid(c->filter, &status, 0);
	c->pid = c->filter = 0;
}

static bool put_block(struct cref *c, uint8_t pcb, const uint8_t *p, size_t n)
{
	uint8_t b[4 + BLOCK] = {0, pcb, (uint8_t)n}, sum = 0;
	if (n != 0)
		memcpy(b + 3, p, n);
	for (size_t i = 0; i < 3 + n; i++)
		sum ^= b[i];
	b[3 + n] = sum;
	return put_frame(c, FRAME_DATA, b, 4 + n);
}

/* The next block that is none about waiting time or block size: those are granted. */
static bool get_block(struct cref *c, uint8_t *pcb, uint8_t b[300], size_t *n)
{
	uint8_t type;
	for (;;) {
		if (!get_frame(c, &type, b, n) || type != FRAME_DATA || *n < 4 || *n < 4u + b[2])
			return false;
		*pcb = b[1];
		*n = b[2];
		memmove(b, b + 3, *n);
		if ((*pcb & PCB_S) != PCB_S)
			return true;
		if (!put_block(c, *pcb | PCB_MORE, b, *n))
			return false;
	}
}

static bool exchange(struct cref *c, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	uint8_t pcb, b[300];
	size_t at = 0, got;
	bool more;
	do {
		size_t part = n - at < BLOCK ? n - at : BLOCK;
		more = at + part < n;
		if (!put_block(c, (uint8_t)(c->ns << 6 | (more ? PCB_MORE : 0)), cmd + at, part) ||
		    !get_block(c, &pcb, b, &got))
			return false;
		/* An applet that refuses without receiving is answered for at once, in the middle of the chain. */
		if (more && (pcb & PCB_R) == 0)
			more = false;
		c->ns ^= 1;
		at += part;
	} while (more);
	for (;;) {
		if ((pcb & PCB_R) != 0)
			return false;
		buf_add(rsp, b, got);
		c->nr ^= 1;
		if ((pcb & PCB_MORE) == 0)
			return rsp->n >= 2;
		if (!put_block(c, (uint8_t)(PCB_R | c->nr << 4), NULL, 0) || !get_block(c, &pcb, b, &got))
			return false;
	}
}

static bool transmit(struct oracle *o, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	return exchange((struct cref *)o, cmd, n, rsp);
}

/* --- its installer --- */

/* 1: 9000. 0: another status word. -1: trouble. */
static int tell(struct cref *c, const uint8_t head[4], const uint8_t *p, size_t n)
{
	struct buf cmd = {0}, rsp = {0};
	int done = -1;
	buf_add(&cmd, head, 4);
	buf_u8(&cmd, (unsigned)n);
	buf_add(&cmd, p, n);
	if (n != 0)
		buf_u8(&cmd, 0x7f);
	if (exchange(c, cmd.p, cmd.n, &rsp))
		done = rsp.p[rsp.n - 2] == 0x90 && rsp.p[rsp.n - 1] == 0;
	if (done == 0 && getenv("ORACLE_VERBOSE") != NULL)
		fprintf(stderr, "cref: %02X%02X to %02X%02X%02X%02X\n", rsp.p[rsp.n - 2], rsp.p[rsp.n - 1], head[0],
		    head[1], head[2], head[3]);
	buf_reset(&cmd);
	buf_reset(&rsp);
	return done;
}

/* A process with or without a trace, powered, the installer selected. */
static int enter_installer(struct cref *c, bool traced)
{
	static const uint8_t select[4] = {0x00, 0xa4, 0x04, 0x00};
	if (!c->power || c->traced != traced) {
		power_down(c);
		c->traced = traced;
		if (!start(c, traced) || !join(c) || !power_up(c))
			return -1;
	}
	return tell(c, select, installer, sizeof installer);
}

static int put_component(struct cref *c, uint8_t tag, const struct buf *b)
{
	const uint8_t begin[4] = {0x80, 0xb2, tag, 0}, data[4] = {0x80, 0xb4, tag, 0}, end[4] = {0x80, 0xbc, tag, 0};
	int done = tell(c, begin, NULL, 0);
	for (size_t at = 0; done == 1 && at < b->n; at += CHUNK)
		done = tell(c, data, b->p + at, b->n - at < CHUNK ? b->n - at : CHUNK);
	return done == 1 ? tell(c, end, NULL, 0) : done;
}

static int load(struct oracle *o, struct cap *cap)
{
	static const uint8_t order[] = {COMPONENT_Header, COMPONENT_Directory, COMPONENT_Import, COMPONENT_Applet,
	    COMPONENT_Class, COMPONENT_Method, COMPONENT_StaticField, COMPONENT_Export, COMPONENT_ConstantPool,
	    COMPONENT_RefLocation};
	static const uint8_t begin[4] = {0x80, 0xb0, 0, 0}, end[4] = {0x80, 0xba, 0, 0};
	struct cref *c = (struct cref *)o;
	int done = enter_installer(c, false);
	if (done == 1)
		done = tell(c, begin, NULL, 0);
	for (size_t i = 0; done == 1 && i < sizeof order; i++)
		if (cap->component[order[i]].n != 0)
			done = put_component(c, order[i], &cap->component[order[i]]);
	return done == 1 ? tell(c, end, NULL, 0) : done;
}

static int install(struct oracle *o, const struct aid *applet, struct bytes params)
{
	static const uint8_t create[4] = {0x80, 0xb8, 0, 0};
	struct cref *c = (struct cref *)o;
	struct buf lv = {0}, b = {0};
	buf_u8(&lv, (unsigned)applet->n);
	buf_add(&lv, applet->p, applet->n);
	buf_u8(&lv, 1); /* privileges: GlobalPlatform's control information */
	buf_u8(&lv, 0);
	buf_u8(&lv, (unsigned)params.n);
	buf_add(&lv, params.p, params.n);
	buf_u8(&b, (unsigned)applet->n);
	buf_add(&b, applet->p, applet->n);
	buf_u8(&b, (unsigned)lv.n);
	buf_add(&b, lv.p, lv.n);
	int done = enter_installer(c, true);
	if (done == 1)
		done = tell(c, create, b.p, b.n);
	buf_reset(&lv);
	buf_reset(&b);
	return done;
}

static bool reset(struct oracle *o)
{
	struct cref *c = (struct cref *)o;
	power_down(c);
	return start(c, c->traced) && join(c) && power_up(c);
}

static void end(struct oracle *o, struct trace *trace)
{
	struct cref *c = (struct cref *)o;
	unsigned pc, op, context;
	power_down(c);
	*trace = (struct trace){0};
	FILE *f = fopen(c->trace_file, "r");
	while (f != NULL && fscanf(f, "%x %x %x", &pc, &op, &context) == 3)
		trace_add(trace, (struct step){.pc = (uint16_t)pc, .opcode = (uint8_t)op, .package = (uint8_t)context});
	if (f != NULL)
		fclose(f);
	remove(c->memory);
	remove(c->trace_file);
	free(c);
}

struct oracle *oracle_cref(const char *path, const char *work)
{
	struct cref *c = calloc(1, sizeof *c);
	if (c == NULL)
		abort();
	c->o = (struct oracle){"cref", load, install, transmit, reset, end};
	c->path = path;
	c->fd = -1;
	c->port = 20000 + (int)(getpid() % 20000);
	snprintf(c->memory, sizeof c->memory, "%s/cref.memory", work);
	snprintf(c->trace_file, sizeof c->trace_file, "%s/cref.trace", work);
	return &c->o;
}
