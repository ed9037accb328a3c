/* A simulated card: memory, a family's behaviour, and the file that keeps it.
 *
 * card file: | 4096 header | memory … |, mapped, so the moment a process is killed is a power failure at that byte and
 * nothing else. The header is drawn in sim.c.
 */
#ifndef IGATA_SIM_H
#define IGATA_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"
#include "runtime/base/diag.h"
#include "runtime/chip/chip.h"
#include "runtime/contract/contract.h"
#include "runtime/sim/nv.h"

enum {
	SIM_ATR_MAX = 33,                 /* ISO/IEC 7816-3: TS and at most 32 characters */
	SIM_MEMORY_MAX = 4 * 1024 * 1024, /* of one card, log included */
};

struct sim;

/* One family of simulated cards (sim/native, sim/reference). */
struct sim_family {
	const char *name;  /* as chip profiles name it; "reference" */
	uint32_t ram_size; /* bytes of the zeroed block s->ram that each power-up gets, */
	/* and bytes more that this card's chip has, by its memory, which may come from a file and hold anything; NULL 0
	 */
	uint32_t (*chip_ram)(const struct nv *nv);
	/* Bytes of memory (log included) that a card of this chip needs; 0 when its profile does not say enough. */
	uint32_t (*memory_size)(const struct chip *chip, const struct contract *contract);
	/* Lay out a fresh card as the manufacturer delivers it. nv->mem is zero. */
	bool (*deliver)(struct nv *nv, const struct chip *chip, const struct contract *contract, struct diag_list *d);
	/* After nv_recover, before the first command: the session state (s->ram is zero). A memory that came from a
	 * file may hold anything: the family checks before it follows anything in it. */
	void (*power_up)(struct sim *s);
	/* Before the session state goes (power-down, reset, close): release what it holds outside itself. It may be all
	 * zero. NULL: it holds nothing. */
	void (*power_down)(struct sim *s);
	/* The session state of a card with the same memory was copied to s->ram. NULL: nothing in it depends on where
	 * it lies. */
	void (*moved)(struct sim *s);
	/* One command; appends data and SW to rsp. What is appended is dropped when the power failed on the way. */
	void (*apdu)(struct sim *s, const uint8_t *cmd, size_t n, struct buf *rsp);
	size_t (*atr)(struct sim *s, uint8_t out[SIM_ATR_MAX]);
	/* Bytes of memory in use by the card's contents, for people; may be NULL. */
	uint32_t (*used)(const struct sim *s);
};

extern const struct sim_family sim_native, sim_reference, sim_javacard;

/* Every family of this program, NULL at the end: runtime/sim/families.c. */
extern const struct sim_family *const sim_families[];

struct sim {
	const struct sim_family *family;
	char chip[64]; /* name of the profile; the id of the AP for a reference card */
	struct nv nv;
	void *ram;
	uint32_t ram_size; /* of it, in bytes */
	bool powered;
	bool contactless;     /* the interface of this power-up */
	uint64_t tape;        /* position of the random tape; kept in the header */
	const uint8_t *first; /* published examples: bytes that come before those of the tape; borrowed */
	size_t n_first;
	uint64_t wear; /* bytes written before this power-up; kept in the header */
	uint8_t *map;  /* the mapped file, or NULL for a card in memory */
	size_t map_size;
	int fd;
};

/* Make a new card file (mode 0600; never over an existing one) / a card in memory, powered off. Exactly one of chip
 * and contract is given: a contract makes a reference card. seed starts the random tape: equal seeds and equal commands
 * give equal answers. */
bool sim_new(
    const char *path, const struct chip *chip, const struct contract *contract, uint64_t seed, struct diag_list *d);
bool sim_new_in_memory(
    struct sim *s, const struct chip *chip, const struct contract *contract, uint64_t seed, struct diag_list *d);

/* Open a card file for this process alone (flock; a second opener is told by a diagnostic). Powered off. path must
 * outlive the diagnostics. */
bool sim_open(struct sim *s, const char *path, struct diag_list *d);

/* An independent copy in memory, powered off: for snapshots. `to` is closed by its owner. false: out of memory. */
bool sim_copy(struct sim *to, const struct sim *from);

/* sim_restore, and the session too: `to` is where `from` is, with power. */
void sim_restore_live(struct sim *to, const struct sim *from);

/* Put the memory and the random tape of `from` (the same chip) into `to`, which becomes powered off: going back to a
 * snapshot without allocating. */
void sim_restore(struct sim *to, const struct sim *from);

/* Power up or reset, also after a cut: the log is recovered, the session is new. The second form lets the power fail
 * before the cut-th byte that is written from now on, recovery included (NV_NO_CUT: never). */
void sim_power_up(struct sim *s);
void sim_power_up_cut(struct sim *s, int64_t cut);
void sim_power_down(struct sim *s);

/* One command APDU; the response is appended to rsp: at least two bytes, or none when the card has no power (any more).
 */
void sim_apdu(struct sim *s, const uint8_t *cmd, size_t n, struct buf *rsp);

/* The answer to reset; 0 when the card has no power. */
size_t sim_atr(struct sim *s, uint8_t out[SIM_ATR_MAX]);

/* The random tape. For simulation only: predictable on purpose. */
void sim_random(struct sim *s, uint8_t *out, size_t n);

/* Bytes ever written to the memory. */
uint64_t sim_wear(const struct sim *s);

/* Release the card; s may be all zero. */
void sim_close(struct sim *s);

#endif
