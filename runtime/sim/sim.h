/* A simulated card: memory, a family's behaviour, and the file that keeps it.
 *
 * card file: | 4096 header: "IGATACRD", version, family, chip name, memory size, random seed | memory … |
 * The file is mapped, so the moment a process is killed is a power failure at that byte and nothing else.
 */
#ifndef IGATA_SIM_H
#define IGATA_SIM_H

#include "runtime/base/buf.h"
#include "runtime/base/diag.h"
#include "runtime/chip/chip.h"
#include "runtime/contract/contract.h"
#include "runtime/sim/nv.h"

struct sim;

/* One family of simulated cards (sim/native, sim/reference). `ram` is a zeroed block of ram_size bytes per power-up. */
struct sim_family {
	const char *name;
	uint32_t ram_size;
	/* Bytes of memory (log included) that a card of this chip needs; 0 when the chip cannot be simulated. */
	uint32_t (*memory_size)(const struct chip *chip, const struct contract *contract);
	/* Lay out a fresh card as the manufacturer delivers it. nv->mem is zero. */
	bool (*deliver)(struct nv *nv, const struct chip *chip, const struct contract *contract, struct diag_list *d);
	/* Power-up or reset: nv_recover, clear the session. */
	void (*power_up)(struct sim *s);
	/* One command; appends data and SW to rsp. Nothing is appended when the power failed. */
	void (*apdu)(struct sim *s, const uint8_t *cmd, size_t n, struct buf *rsp);
	size_t (*atr)(struct sim *s, uint8_t out[33]);
};

extern const struct sim_family sim_native, sim_reference;

struct sim {
	const struct sim_family *family;
	char chip[64];
	struct nv nv;
	void *ram; /* family->ram_size bytes */
	bool powered;
	bool contactless; /* the interface of this power-up */
	uint64_t seed[4]; /* random source; advances, kept in the file header */
	void *map;        /* the mapped file, or NULL for a card in memory */
	size_t map_size;
	int fd;
};

/* Make a new card file / a card in memory. Exactly one of chip and contract is given: a contract makes a reference
 * card. */
bool sim_new(
    const char *path, const struct chip *chip, const struct contract *contract, uint64_t seed, struct diag_list *d);
bool sim_new_in_memory(
    struct sim *s, const struct chip *chip, const struct contract *contract, uint64_t seed, struct diag_list *d);

/* Open a card file for this process alone (flock; a second opener is told by a diagnostic). Not powered. */
bool sim_open(struct sim *s, const char *path, struct diag_list *d);

/* An independent copy in memory, powered off: for snapshots. */
bool sim_copy(struct sim *to, const struct sim *from);

void sim_power_up(struct sim *s); /* also after a cut: clears nv.off and nv.cut */
void sim_power_down(struct sim *s);
void sim_apdu(struct sim *s, const uint8_t *cmd, size_t n, struct buf *rsp);
size_t sim_atr(struct sim *s, uint8_t out[33]);
void sim_random(struct sim *s, uint8_t *out, size_t n);
void sim_close(struct sim *s);

#endif
