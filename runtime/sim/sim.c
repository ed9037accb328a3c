/* header: | 8 "IGATACRD" | 4 version | 4 memory size | 16 family | 64 chip | 8 random tape | 8 wear | zeros to 4096 |
 * Numbers are big-endian, names end with NUL. The first 96 bytes never change; the magic is written last. */
#define _DEFAULT_SOURCE /* flock */
#include "runtime/sim/sim.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/rd.h"
#include "runtime/base/wipe.h"

enum {
	HEADER = 4096,
	VERSION = 1,
	FAMILY_AT = 16,
	FAMILY_LEN = 16,
	CHIP_AT = 32,
	CHIP_LEN = 64,
	TAPE_AT = 96,
	WEAR_AT = 104,
	HEADER_USED = 112,
	MAGIC_LEN = 8,
};

static const char magic[MAGIC_LEN + 1] = "IGATACRD";

static struct srcloc in_file(const char *path)
{
	return (struct srcloc){.file = path};
}

static void put64(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (56 - 8 * i));
}

static const struct sim_family *family_named(const char *name)
{
	for (size_t i = 0; sim_families[i] != NULL; i++)
		if (strcmp(sim_families[i]->name, name) == 0)
			return sim_families[i];
	return NULL;
}

/* The tape: SplitMix64, a counter stirred by multiplication (Steele, Lea, Flood, OOPSLA 2014). Fast, reproducible, and
 * without any claim to secrecy. */
static uint64_t tape_next(struct sim *s)
{
	uint64_t x = s->tape += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

void sim_random(struct sim *s, uint8_t *out, size_t n)
{
	uint8_t word[8];
	size_t given = n < s->n_first ? n : s->n_first;
	if (given != 0) {
		memcpy(out, s->first, given);
		s->first += given;
		s->n_first -= given;
	}
	out += given;
	for (size_t i = 0; i < n - given; i++) {
		if (i % sizeof word == 0)
			put64(word, tape_next(s));
		out[i] = word[i % sizeof word];
	}
	if (s->map != NULL)
		put64(s->map + TAPE_AT, s->tape);
}

uint64_t sim_wear(const struct sim *s)
{
	return s->wear + s->nv.written;
}

static void keep_wear(struct sim *s)
{
	if (s->map != NULL)
		put64(s->map + WEAR_AT, sim_wear(s));
}

static bool new_ram(struct sim *s)
{
	s->ram_size = s->family->ram_size + (s->family->chip_ram != NULL ? s->family->chip_ram(&s->nv) : 0);
	s->ram = calloc(1, (size_t)s->ram_size + 1);
	return s->ram != NULL;
}

bool sim_new_in_memory(
    struct sim *s, const struct chip *chip, const struct contract *contract, uint64_t seed, struct diag_list *d)
{
	assert((chip == NULL) != (contract == NULL));
	const char *family = chip != NULL ? chip->family : "reference";
	const char *name = chip != NULL ? chip->name : contract->id;
	*s = (struct sim){.fd = -1, .tape = seed, .family = family_named(family), .nv.cut = NV_NO_CUT};
	strncpy(s->chip, name, sizeof s->chip - 1);
	if (s->family == NULL)
		return diag_add(d, in_file(NULL), DIAG_SIM_NO_FAMILY, name, family, NULL);
	s->nv.size = s->family->memory_size(chip, contract);
	if (s->nv.size <= NV_HOME || s->nv.size > SIM_MEMORY_MAX)
		return diag_add(
		    d, in_file(NULL), DIAG_SIM_MEMORY, name, diag_num(s->nv.size), diag_num(SIM_MEMORY_MAX), NULL);
	s->nv.mem = calloc(1, s->nv.size);
	if (s->nv.mem != NULL && !s->family->deliver(&s->nv, chip, contract, d)) {
		sim_close(s);
		return false;
	}
	if (s->nv.mem == NULL || !new_ram(s)) {
		sim_close(s);
		return diag_add(d, in_file(NULL), DIAG_NO_MEMORY, NULL);
	}
	return true;
}

static bool write_at(int fd, const uint8_t *p, size_t n, off_t at)
{
	while (n > 0) {
		ssize_t done = pwrite(fd, p, n, at);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		p += done;
		n -= (size_t)done;
		at += done;
	}
	return true;
}

static void make_header(uint8_t h[HEADER], const struct sim *s)
{
	memset(h, 0, HEADER);
	h[MAGIC_LEN + 3] = VERSION;
	for (int i = 0; i < 4; i++)
		h[12 + i] = (uint8_t)(s->nv.size >> (24 - 8 * i));
	assert(strlen(s->family->name) < FAMILY_LEN);
	memcpy(h + FAMILY_AT, s->family->name, strlen(s->family->name));
	memcpy(h + CHIP_AT, s->chip, CHIP_LEN);
	put64(h + TAPE_AT, s->tape);
	put64(h + WEAR_AT, sim_wear(s));
}

/* The magic goes in last: a file that somebody interrupted is no card. */
static bool write_card(int fd, const struct sim *s)
{
	uint8_t h[HEADER];
	make_header(h, s);
	return write_at(fd, h, HEADER, 0) && write_at(fd, s->nv.mem, s->nv.size, HEADER) && fsync(fd) == 0 &&
	    write_at(fd, (const uint8_t *)magic, MAGIC_LEN, 0);
}

bool sim_new(
    const char *path, const struct chip *chip, const struct contract *contract, uint64_t seed, struct diag_list *d)
{
	struct sim s;
	bool ok = false;
	if (!sim_new_in_memory(&s, chip, contract, seed, d))
		return false;
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		diag_add(d, in_file(path), DIAG_SIM_EXISTS, path, NULL);
	else if (fd < 0)
		diag_add(d, in_file(path), DIAG_FILE_WRITE, path, strerror(errno), NULL);
	if (fd < 0)
		goto out;
	ok = write_card(fd, &s);
	if (!ok) {
		diag_add(d, in_file(path), DIAG_FILE_WRITE, path, strerror(errno), NULL);
		unlink(path);
	}
	close(fd);
out:
	sim_close(&s);
	return ok;
}

/* A name in the header: ended by NUL, and of characters that profiles and descriptions allow. */
static bool read_name(char *out, const uint8_t *p, size_t len)
{
	if (memchr(p, 0, len) == NULL)
		return false;
	memcpy(out, p, len);
	return out[0] != 0 &&
	    out[strspn(out, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")] == 0;
}

/* Nothing in the file is believed before it is checked; the memory itself is checked by the family. */
static bool read_header(struct sim *s, const uint8_t *h, const char *path, struct diag_list *d)
{
	struct rd r = rd_of(h, HEADER_USED);
	char family[FAMILY_LEN];
	if (memcmp(rd_bytes(&r, MAGIC_LEN), magic, MAGIC_LEN) != 0)
		return diag_add(d, in_file(path), DIAG_SIM_NOT_A_CARD, path, NULL);
	uint32_t version = rd_u32(&r), size = rd_u32(&r);
	if (version != VERSION)
		return diag_add(d, in_file(path), DIAG_SIM_VERSION, path, diag_num(version), diag_num(VERSION), NULL);
	if (!read_name(family, rd_bytes(&r, FAMILY_LEN), FAMILY_LEN) ||
	    !read_name(s->chip, rd_bytes(&r, CHIP_LEN), CHIP_LEN))
		return diag_add(d, in_file(path), DIAG_SIM_NOT_A_CARD, path, NULL);
	if (size <= NV_HOME || size > SIM_MEMORY_MAX || s->map_size != (size_t)HEADER + size)
		return diag_add(d, in_file(path), DIAG_SIM_SIZE, path, diag_num(s->map_size),
		    diag_num((uintmax_t)HEADER + size), NULL);
	s->family = family_named(family);
	if (s->family == NULL)
		return diag_add(d, in_file(path), DIAG_SIM_FAMILY, path, family, NULL);
	s->nv.size = size;
	for (int i = 0; i < 8; i++) {
		s->tape = s->tape << 8 | h[TAPE_AT + i];
		s->wear = s->wear << 8 | h[WEAR_AT + i];
	}
	return true;
}

static bool map_file(struct sim *s, const char *path, struct diag_list *d)
{
	struct stat st;
	s->fd = open(path, O_RDWR | O_CLOEXEC);
	if (s->fd < 0 || fstat(s->fd, &st) != 0)
		return diag_add(d, in_file(path), DIAG_FILE_OPEN, path, strerror(errno), NULL);
	if (!S_ISREG(st.st_mode) || st.st_size < HEADER + NV_HOME || st.st_size > HEADER + SIM_MEMORY_MAX)
		return diag_add(d, in_file(path), DIAG_SIM_NOT_A_CARD, path, NULL);
	if (flock(s->fd, LOCK_EX | LOCK_NB) != 0)
		return diag_add(d, in_file(path), DIAG_SIM_IN_USE, path, NULL);
	s->map_size = (size_t)st.st_size;
	void *map = mmap(NULL, s->map_size, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, 0);
	if (map == MAP_FAILED)
		return diag_add(d, in_file(path), DIAG_FILE_OPEN, path, strerror(errno), NULL);
	s->map = map;
	return true;
}

bool sim_open(struct sim *s, const char *path, struct diag_list *d)
{
	*s = (struct sim){.fd = -1, .nv.cut = NV_NO_CUT};
	if (!map_file(s, path, d) || !read_header(s, s->map, path, d)) {
		sim_close(s);
		return false;
	}
	s->nv.mem = s->map + HEADER;
	if (!new_ram(s)) {
		sim_close(s);
		return diag_add(d, in_file(path), DIAG_NO_MEMORY, NULL);
	}
	return true;
}

bool sim_copy(struct sim *to, const struct sim *from)
{
	*to = (struct sim){.fd = -1, .family = from->family, .nv.size = from->nv.size};
	memcpy(to->chip, from->chip, sizeof to->chip);
	to->nv.mem = malloc(from->nv.size);
	if (to->nv.mem != NULL)
		memcpy(to->nv.mem, from->nv.mem, from->nv.size);
	if (to->nv.mem == NULL || !new_ram(to)) {
		sim_close(to);
		return false;
	}
	sim_restore(to, from);
	return true;
}

void sim_restore(struct sim *to, const struct sim *from)
{
	assert(to->nv.size == from->nv.size && to->family == from->family);
	memcpy(to->nv.mem, from->nv.mem, from->nv.size);
	to->nv = (struct nv){.mem = to->nv.mem, .size = to->nv.size, .cut = NV_NO_CUT};
	to->tape = from->tape;
	to->wear = sim_wear(from);
	to->powered = false;
	if (to->map != NULL)
		put64(to->map + TAPE_AT, to->tape);
	keep_wear(to);
}

void sim_restore_live(struct sim *to, const struct sim *from)
{
	assert(to->ram_size == from->ram_size);
	sim_restore(to, from);
	memcpy(to->ram, from->ram, from->ram_size);
	if (to->family->moved != NULL)
		to->family->moved(to);
	to->powered = from->powered;
	to->contactless = from->contactless;
}

static void forget_session(struct sim *s)
{
	if (s->family->power_down != NULL)
		s->family->power_down(s);
	wipe(s->ram, s->ram_size);
}

void sim_power_up_cut(struct sim *s, int64_t cut)
{
	s->wear += s->nv.written;
	s->nv.written = 0;
	s->nv.off = false;
	s->nv.cut = cut;
	s->powered = true;
	forget_session(s);
	nv_recover(&s->nv);
	if (!s->nv.off)
		s->family->power_up(s);
	keep_wear(s);
}

void sim_power_up(struct sim *s)
{
	sim_power_up_cut(s, NV_NO_CUT);
}

void sim_power_down(struct sim *s)
{
	s->powered = false;
	forget_session(s);
}

void sim_apdu(struct sim *s, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	size_t before = rsp->n;
	uint64_t written = s->nv.written;
	if (!s->powered || s->nv.off)
		return;
	s->family->apdu(s, cmd, n, rsp);
	/* A command leaves no transaction behind. */
	assert(!s->nv.in_log || s->nv.off);
	if (s->nv.off)
		rsp->n = before;
	if (s->nv.written != written)
		keep_wear(s);
}

size_t sim_atr(struct sim *s, uint8_t out[SIM_ATR_MAX])
{
	return s->powered && !s->nv.off ? s->family->atr(s, out) : 0;
}

void sim_close(struct sim *s)
{
	if (s->ram != NULL)
		forget_session(s);
	free(s->ram);
	if (s->map != NULL)
		munmap(s->map, s->map_size);
	else if (s->nv.mem != NULL) {
		wipe(s->nv.mem, s->nv.size);
		free(s->nv.mem);
	}
	if (s->fd > 0)
		close(s->fd);
	*s = (struct sim){.fd = -1};
}
