/* The simulated Java Card's virtual machine as the card manager sees it: packages, applets, commands.
 *
 * One `struct jc` per powered-up card is the beginning of s->ram; everything that stays is in s->nv. Natives of the
 * card's API see api.h. Standards: Java Card Virtual Machine, Runtime Environment and API specifications 3.0.5 (JCVM,
 * JCRE, API); the firewall is JCRE chapter 6, selection and APDUs chapter 4 and 9, transactions chapter 7, installing
 * and deleting chapter 11.
 *
 *   memory: | log of nv | header: chip, tables of packages and applets | undo log | host area | heap →      ← handles |
 *
 * Applets and packages are small numbers: 1… and JC_LOADED…; 0 is the runtime. They are given anew when free.
 *
 * All or nothing with the card manager's registry. Loading, installing and deleting each end with a function whose name
 * ends in _commit; it only calls nv_write, and the card manager calls it between nv_begin and nv_commit together with
 * its own changes, so that both happen or none. After nv_commit it calls the function ending in _done, which tidies up
 * and may be cut: power-up does the rest. Until the commit a cut leaves only garbage that power-up takes away.
 */
#ifndef IGATA_SIM_JAVACARD_MACHINE_MACHINE_H
#define IGATA_SIM_JAVACARD_MACHINE_MACHINE_H

#include "runtime/base/buf.h"
#include "runtime/sim/javacard/machine/native.h"
#include "runtime/sim/sim.h"

enum {
	JC_LOADED = 64,       /* number of the first loaded package; below are those in ROM (enum jc_rom) */
	JC_PACKAGES_MAX = 64, /* loaded ones */
	JC_APPLETS_MAX = 127, /* instances */
	JC_CHANNELS_MAX = 20, /* ISO/IEC 7816-4: basic channel and 19 more */
	JC_MODULES_MAX = 32,  /* applet classes of one package */
	JC_AID_MAX = 16,
	JC_ABSENT = 0xff, /* struct jc_chip.minor: the chip lacks the package */
	JC_ALGORITHM_BYTES = 96,
	JC_NOBODY = 0,
};

/* Facts of the chip, laid down in its memory at delivery. */
struct jc_chip {
	uint16_t version;               /* of JCSystem.getVersion: 0x0202 */
	uint8_t minor[JC_ROM_PACKAGES]; /* highest version 1.x of each ROM package, or JC_ABSENT */
	uint32_t persistent;            /* bytes for packages, objects and handles */
	uint16_t reset, deselect;       /* bytes of transient memory: cleared on reset; on deselection, per channel */
	uint16_t commit;                /* commit capacity */
	uint16_t apdu_buffer;           /* bytes, at least 133 (JCRE 9.1.1: 5 + 128) */
	uint16_t in_block, out_block;   /* APDU.getInBlockSize, getOutBlockSize; 0: what the protocol has at least */
	uint8_t channels;               /* 1 to JC_CHANNELS_MAX */
	bool int_supported, object_deletion, t1, extended;
	bool receive_needs_data; /* APDU.setIncomingAndReceive without data throws IO_ERROR, as on the reference
				    implementation */
	sw_t sw_import;          /* a load whose import the chip lacks; 0: 6A80 */
	uint8_t algorithm[JC_ALGORITHM_BYTES]; /* what it means is the crypto API's */
};

/* What the machine asks the card manager. context is given back to every function. */
struct jc_host {
	void *context;
	size_t session; /* bytes of s->ram that the card manager takes: jc_session */
	/* Applet.register: may the applet that installs itself be known by this AID? SW_OK, or why not: 6A80 (the
	 * applet then gets SystemException ILLEGAL_AID). */
	sw_t (*may_register)(void *context, uint16_t applet, const uint8_t *aid, size_t n);
	/* Bytes of the card's random tape. */
	void (*random)(void *context, uint8_t *out, size_t n);
	/* May this applet be used (life cycle: not locked)? For getAppletShareableInterfaceObject and lookupAID. */
	bool (*usable)(void *context, uint16_t applet);
	/* May this applet take so many more bytes of persistent memory (GPCS 9.7)? Not asked during install(), of which
	 * the card manager sees the sum. NULL: always. */
	bool (*may_take)(void *context, uint16_t applet, uint32_t bytes);
	/* Told when a command could not be finished normally: reason for traces of people. May be NULL. */
	void (*fault)(void *context, const char *what);
};

/* --- the card --- */

/* Bytes of memory (log of nv included) that a card needs; host_size bytes of it are the card manager's. */
uint32_t jc_memory_size(const struct jc_chip *chip, uint32_t host_size);

/* Lay out a fresh card in zeroed memory. The host area is left zero. */
void jc_deliver(struct nv *nv, const struct jc_chip *chip, uint32_t host_size);

/* Bytes of s->ram for a chip: the machine, a session of the card manager's, the chip's transient memory; and the same
 * for the chip of a memory that may hold anything. */
size_t jc_ram_size(const struct jc_chip *chip, size_t session);
size_t jc_ram_size_of(const struct nv *nv, size_t session);
struct jc *jc_of(struct sim *s);
/* The card manager's session in s->ram. */
void *jc_session(struct jc *jc);

/* The RAM of a card was copied to the RAM of another card of the chip, with the same memory: from now on it is s's. */
void jc_moved(struct sim *s, const struct jc_host *host);

/* No card of this thread is at work: forget what the last one left in the workplace that they share. */
void jc_wipe_work(void);

/* After nv_recover: finish or forget what a cut interrupted, clear transient memory, set up the session. false: the
 * memory does not hold a card (it may come from a file and hold anything). host is borrowed until the power goes. */
bool jc_power_up(struct sim *s, const struct jc_host *host);

/* The card manager's own memory: host_size bytes from here, to be written with nv_write. */
uint32_t jc_host_at(const struct jc *jc);

struct nv *jc_nv(struct jc *jc);

/* --- packages --- */

struct jc_package_info {
	bool rom;
	uint8_t aid[JC_AID_MAX], aid_len;
	uint8_t major, minor;
	uint8_t modules; /* applet classes */
	uint32_t bytes;  /* of persistent memory */
};

/* Numbers of the packages on the card, ROM ones first; n at most 256. Returns how many. */
unsigned jc_packages(struct jc *jc, uint8_t out[256]);
bool jc_package_info(struct jc *jc, uint8_t package, struct jc_package_info *out);
bool jc_package_module(struct jc *jc, uint8_t package, unsigned module, uint8_t aid[JC_AID_MAX], uint8_t *aid_len);
/* Number of the package with this AID (loaded and committed, or in ROM), or -1. */
int jc_package_by_aid(struct jc *jc, const uint8_t *aid, size_t n);

/* Loading a load file data block (CAP components in any block split, GlobalPlatform 2.3, 11.6): the components' bytes
 * without the C4 header. aid: the load file's as INSTALL [for load] gave it; it must be the package's own. limit: bytes
 * of persistent memory it may take, 0 no limit. One at a time.
 *   6A80  the file is no CAP, inconsistent, needs what the chip lacks, or its AID is not the one announced
 *   6A84  not enough memory          6985  the AID is taken, or no package number is free */
sw_t jc_load_begin(struct jc *jc, const uint8_t *aid, size_t aid_len, uint32_t limit);
sw_t jc_load_bytes(struct jc *jc, const uint8_t *p, size_t n);
/* All bytes are there: check, link. SW_OK: the package has a number but does not exist before the commit. Any refusal
 * above has already undone everything. */
sw_t jc_load_end(struct jc *jc, uint8_t *package);
void jc_load_commit(struct jc *jc);
void jc_load_done(struct jc *jc);
/* Forget what was loaded so far; harmless when nothing was begun. */
void jc_load_abort(struct jc *jc);

/* --- applets --- */

struct jc_applet_info {
	uint8_t package, module;
	uint8_t aid[JC_AID_MAX], aid_len;
	bool multiselectable; /* its class implements MultiSelectable */
	bool event;           /* its class implements AppletEvent */
};

unsigned jc_applets(struct jc *jc, uint8_t out[JC_APPLETS_MAX]);
bool jc_applet_info(struct jc *jc, uint16_t applet, struct jc_applet_info *out);
int jc_applet_by_aid(struct jc *jc, const uint8_t *aid, size_t n);
/* The object of class AID that stands for the applet; its instance. */
uint16_t jc_applet_aid_object(struct jc *jc, uint16_t applet);
uint16_t jc_applet_object(struct jc *jc, uint16_t applet);

/* Run install() of a package's module. params are the bytes that install gets, LV AID, LV control, LV data included
 * (GlobalPlatform 2.3, table 11-49); at most 255 bytes. aid: what register() without arguments takes.
 *   6A84 not enough memory   6985 no applet number is free, or install did not register   6A80 it registered a wrong
 * AID, ISOException: its reason; any other exception 6F00 SW_OK: the instance exists once jc_install_commit is
 * committed; anything else: everything is undone. */
sw_t jc_install(struct jc *jc, uint8_t package, unsigned module, const uint8_t *aid, size_t aid_len,
    const uint8_t *params, size_t n, uint16_t *applet);
void jc_install_commit(struct jc *jc);
void jc_install_done(struct jc *jc);
void jc_install_abort(struct jc *jc);

/* What goes away together. */
struct jc_doomed {
	uint16_t applet[JC_APPLETS_MAX];
	uint8_t package[JC_PACKAGES_MAX];
	unsigned applets, packages;
};

/* Deleting: check, commit, done. Runs AppletEvent.uninstall of each.
 * 6985: an applet that stays refers to an object of them, an applet or package that stays uses one of the packages, or
 * one of the applets is active on a channel. */
sw_t jc_delete(struct jc *jc, const struct jc_doomed *d);
void jc_delete_commit(struct jc *jc, const struct jc_doomed *d);
void jc_delete_done(struct jc *jc);

/* --- selection and commands --- */

/* channel: 0 to chip.channels - 1. The machine keeps which applet is selected on which channel (JC_NOBODY: none). */
uint16_t jc_selected_on(const struct jc *jc, uint8_t channel);

/* May the applet be selected on the channel beside what is active on others (JCRE 4.2)? */
bool jc_may_select(struct jc *jc, uint16_t applet, uint8_t channel);

/* Call MultiSelectable.select or Applet.select as JCRE 4.5 says. false: it declined or threw, nothing is selected.
 * The previous applet must have been deselected. */
bool jc_select(struct jc *jc, uint16_t applet, uint8_t channel);
/* Call deselect, clear CLEAR_ON_DESELECT memory unless another channel has the package active. Exceptions are ignored.
 */
void jc_deselect(struct jc *jc, uint8_t channel);

/* One command for the applet selected on the channel: `cmd` is the whole command APDU as it came (CLA with channel
 * bits). selecting: it is the SELECT that selected the applet. Runs process(), appends data and SW to rsp. Handles
 * T=0 and T=1, clears the APDU buffer first, aborts an open transaction and collects garbage afterwards. */
void jc_process(struct jc *jc, uint8_t channel, bool selecting, const uint8_t *cmd, size_t n, struct buf *rsp);

/* Call an interface method of an applet from outside (org.globalplatform.Application.processData and the like):
 * the applet runs as if it had got a command on the channel; a[] as for jc_call_interface. SW_OK, or what an exception
 * means: ISOException its reason, others 6F00. data: n bytes are laid into the APDU buffer beforehand. */
sw_t jc_call_applet(struct jc *jc, uint16_t applet, uint8_t channel, const struct jc_class *interface, unsigned token,
    uint16_t *a, unsigned words, const uint8_t *data, size_t n);

/* Bytes of persistent memory that the objects of each applet take. */
void jc_taken(struct jc *jc, uint32_t bytes[JC_APPLETS_MAX + 1]);

/* Bytes in use of the persistent memory, for people. */
uint32_t jc_used(struct jc *jc);

/* For tests and traces: told of every instruction of loaded code before it runs; NULL: none. Costs nothing when off.
 * pc: offset of the instruction in its package's Method component. */
struct jc_trace_step {
	uint8_t package, opcode;
	uint16_t pc;
	const uint16_t *locals, *sp; /* sp: behind the topmost word */
	const uint16_t *stack;       /* the frame's lowest operand */
};
void jc_trace(struct jc *jc, void (*step)(void *context, const struct jc_trace_step *), void *context);

/* The same for the API: told what loaded code did with a class of the ROM, as its instruction names it: a call (after
 * it came back, of a native; before it begins, of loaded code), or the class itself (new, anewarray, checkcast,
 * instanceof: before it happens). */
enum jc_trace_of { JC_TRACE_STATIC, JC_TRACE_VIRTUAL, JC_TRACE_INTERFACE, JC_TRACE_CLASS };
struct jc_trace_call {
	const struct jc_class *class;
	enum jc_trace_of of;
	uint8_t token;                 /* of the method: constructors are among the static ones */
	const struct jc_class *thrown; /* NULL: it returned */
	uint16_t reason;               /* of the exception, 0 when its class has none */
};
void jc_trace_calls(struct jc *jc, void (*call)(void *context, const struct jc_trace_call *), void *context);

#endif
