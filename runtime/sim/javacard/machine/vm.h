/* The virtual machine from inside: what its files share. One file per noun.
 *
 *   chip       facts in the card's memory           memory     delivery, power-up, free space, handles
 *   object     objects, arrays, cells, stores       collect    mark and sweep
 *   firewall   who may use what                     transaction
 *   work       what is needed only during a command
 *   code       decoded packages (outside the card)  parse, class, constant, verify: how they are made
 *   load       load files                           applet     install, select, process, delete
 *   run        the interpreter                      throw      exceptions
 * ROM classes: folder api
 */
#ifndef IGATA_SIM_JAVACARD_MACHINE_VM_H
#define IGATA_SIM_JAVACARD_MACHINE_VM_H

#include <string.h>

#include "runtime/sim/javacard/machine/layout.h"
#include "runtime/sim/undo.h"

enum {
	JC_STACK_WORDS = 2048,
	JC_FRAMES = 96,
	JC_TRANSIENT_MAX = 160 * 1024, /* bytes of all kinds and channels */
	JC_APDU_BUFFER_MAX = 32768 + 16,
	JC_BITMAP = 65536 / 8,
	JC_NUMBERS = JC_LOADED + JC_PACKAGES_MAX, /* of packages: a power of two */
	JC_THROWABLES = 64,                       /* classes of which the runtime owns an instance */
};

struct jc_frame {
	const struct jc_slot *pc; /* where it goes on when what it called returns */
	const struct jc_method *method;
	uint16_t *locals, *stack, *limit; /* of this frame: operands lie from stack to limit */
	uint8_t owner, package;           /* what it runs as, and the package of its code */
	uint8_t caller;                   /* owner that called */
};

/* What the machine needs only while it works on one command: each thread has one, which the card at work borrows
 * (work.c). Between commands nothing of it means anything, but `fresh` and `ghost` are all zero. */
struct jc_work {
	struct jc_frame frame[JC_FRAMES];
	uint16_t stack[JC_STACK_WORDS + 8];
	uint8_t mark[JC_BITMAP];  /* by handle: reached by the collector */
	uint8_t fresh[JC_BITMAP]; /* made in the open transaction */
	uint8_t ghost[JC_BITMAP]; /* made in a transaction that was aborted */
};

/* The APDU object's state: API javacard.framework.APDU. */
struct jc_apdu {
	bool active; /* a command is being processed */
	bool selecting, extended, has_le;
	bool length_set, no_chaining, closed;
	bool output_256; /* javacard.framework.service: byte La 0 of the buffer stands for 256 */
	int8_t state;    /* APDU.STATE_… */
	uint8_t channel;
	const uint8_t *data; /* of the command */
	uint32_t lc, received, le;
	uint32_t outgoing, sent; /* announced, sent */
	struct buf *rsp;
};

/* A load file on its way. */
struct jc_loading {
	bool active;
	uint8_t slot;   /* of the package table */
	uint8_t head_n; /* bytes of the next component's tag and size that have come */
	uint8_t head[3];
	uint16_t size, come;     /* of the component that comes in */
	uint16_t part[JC_PARTS]; /* stores */
	bool seen[16];           /* components by tag */
	uint16_t sizes[16];
	uint32_t limit, used;
	uint8_t aid[JC_AID_MAX], aid_len;
	uint8_t header[320], directory[128];
	sw_t refused;
};

/* An exception that the runtime owns. */
struct jc_thrower {
	uint8_t package, class; /* ROM */
	uint16_t ref;
};

/* A card with power: the beginning of s->ram. Behind it lie the card manager's session and the transient memory.
 * Everything here is gone with the power; what stays is in nv (layout.h). Nothing is allocated while it runs. */
struct jc {
	/* whose it is: jc_moved sets these anew */
	struct sim *sim;
	struct nv *nv;
	const uint8_t *mem;         /* nv->mem */
	const struct jc_host *host; /* borrowed from the card manager */
	uint8_t *transient;   /* RAM of kind RESET, the runtime's own first; then a segment for each channel and one
				 for install() */
	struct jc_work *work; /* of the thread that runs the command */

	bool dead;           /* no card, or damaged: it answers nothing */
	struct jc_chip chip; /* read from nv at power-up */
	struct undo undo;    /* of writes in a transaction, or of one write */

	/* the heap */
	uint32_t host_at, heap, heap_top, end; /* end: behind the handle table */
	uint32_t handles;                      /* entries of the table, with the unused entry 0 */
	uint32_t free_hint;
	bool provisional; /* objects that are made belong to an operation */
	bool holes;       /* there may be free space below the top */

	/* what runs */
	uint8_t owner;           /* applet, package or (0) runtime in whose name it runs */
	uint8_t context;         /* its context: context_of[owner] */
	uint8_t package;         /* of the code that runs */
	uint8_t context_of[256]; /* of each owner: number of its package, 0 the runtime */
	/* packages by number; NULL: there is none. A loaded one is the beginning of its struct jc_code */
	const struct jc_package *bound[JC_NUMBERS];
	uint32_t image[JC_PACKAGES_MAX]; /* of loaded ones: address of the static fields */
	unsigned frames;                 /* in use */
	uint16_t *sp;                    /* operands of the uppermost frame end here, as natives see it */
	uint16_t thrown;                 /* pending exception, 0 none */
	sw_t aborted;                    /* pending end of the command */
	uint64_t budget;                 /* calls and backward branches left to this command, */
	uint64_t allowance;              /* of so many */
	unsigned depth;                  /* nested runs */

	/* transaction */
	bool transaction;
	uint32_t charged; /* bytes of commit capacity used */
	bool made;        /* objects were made in it: bits of `fresh` */
	bool ghosts;      /* an abort took them away again: until the command ends their handles count as null */
	bool delete_requested;
	bool globals;  /* global arrays or one-shot objects were made in this command */
	bool one_shot; /* what is made now is a one-shot object */

	/* transient memory: RESET, then DESELECT for each channel */
	uint8_t *deselect;        /* segment of the channel in use */
	uint8_t deselect_context; /* package whose objects lie there */
	uint8_t channel;
	uint16_t selected[JC_CHANNELS_MAX]; /* applet; JC_NOBODY */
	uint8_t segment[JC_CHANNELS_MAX];   /* which segment the channel uses */

	/* entry points of the runtime */
	uint16_t apdu_object, apdu_array;
	struct jc_thrower exception[JC_THROWABLES];
	uint8_t exceptions;

	uint16_t registered;     /* applet object that register() reported */
	uint16_t registered_aid; /* and its AID object */
	bool installing;
	uint16_t last_selected; /* until something is selected again */
	bool reselecting;       /* the applet was selected on this channel before */
	uint16_t install_applet;
	uint8_t aid[JC_AID_MAX], aid_len; /* of the applet being installed */
	struct jc_loading loading;
	struct jc_apdu apdu;

	void (*step)(void *context, const struct jc_trace_step *);
	void *step_context;
	void (*call)(void *context, const struct jc_trace_call *);
	void *call_context;

	uint64_t generation; /* of the code cache that bound[] refers to */
};

extern const struct jc_package *const jc_rom[JC_ROM_PACKAGES]; /* rom.c; NULL: absent */
const char *jc_rom_aid(unsigned package);                      /* hex */
const char *jc_rom_name(unsigned package);

/* --- numbers in memory --- */
static inline uint16_t jc_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t jc_be32(const uint8_t *p)
{
	return (uint32_t)jc_be16(p) << 16 | jc_be16(p + 2);
}

static inline void jc_set16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void jc_set32(uint8_t *p, uint32_t v)
{
	jc_set16(p, v >> 16);
	jc_set16(p + 2, v);
}

/* --- work.c --- */

/* Lend this thread's workplace to the card. */
void jc_borrow(struct jc *jc);

/* --- chip.c --- */
void jc_chip_write(struct nv *nv, const struct jc_chip *chip);
/* false: no chip has such facts. */
bool jc_chip_read(const struct nv *nv, struct jc_chip *chip);

/* --- packages by number --- */

/* The package with this number, NULL when there is none. The number may come from an object's header. */
static inline const struct jc_package *jc_bound(const struct jc *jc, uint8_t number)
{
	return jc->bound[number & (JC_NUMBERS - 1)];
}

static inline const struct jc_class *jc_bound_class(const struct jc *jc, uint8_t number, uint16_t index)
{
	const struct jc_package *p = jc_bound(jc, number);
	return p != NULL && index < p->n ? p->classes[index] : NULL;
}

/* The code of a loaded package; NULL for others. */
static inline const struct jc_code *jc_loaded(const struct jc *jc, uint8_t number)
{
	return number < JC_LOADED ? NULL : (const struct jc_code *)(const void *)jc_bound(jc, number);
}

/* --- memory.c: handles and space --- */

/* Address of the object, 0 when there is none. */
static inline uint32_t jc_at(const struct jc *jc, uint16_t ref)
{
	if (ref == 0 || ref >= jc->handles)
		return 0;
	const uint8_t *e = jc->mem + jc->end - 4u * ref;
	return (e[0] & HANDLE_USED) != 0 ? jc_be32(e) & 0xffffff : 0;
}

static inline const uint8_t *jc_header(const struct jc *jc, uint16_t ref)
{
	uint32_t at = jc_at(jc, ref);
	return at == 0 ? NULL : jc->mem + at;
}

/* Bytes of data of an object with this header. */
uint32_t jc_data_size(const uint8_t *header);
/* Bytes of the block that begins here. */
uint32_t jc_block_size(const uint8_t *header);

/* What the header of a new object says. */
struct jc_new {
	uint8_t kind, flags, owner, package;
	uint16_t class, length;
	uint32_t ram; /* of a transient object: offset in the RAM of its kind */
};

/* Make an object, data zero. 0: no room (no exception). */
uint16_t jc_alloc(struct jc *jc, const struct jc_new *o);
/* One byte decides. */
void jc_free(struct jc *jc, uint16_t ref);
/* After jc_free: let the heap end behind its last object. */
void jc_trim(struct jc *jc);
uint32_t jc_free_bytes(struct jc *jc);
/* The next block behind `at` that is an object; 0 behind the last. Start with 0. *ref its handle. */
uint32_t jc_next_object(const struct jc *jc, uint32_t at, uint16_t *ref);
void jc_operation(struct jc *jc, uint8_t operation);
/* Look through the whole heap; sets heap_top. false: it is none. */
bool jc_walk(struct jc *jc);

/* RAM of kind RESET that the runtime itself takes: APDU buffer, reasons of its exceptions. It lies first. */
static inline uint32_t jc_system_transient(const struct jc *jc)
{
	return jc->chip.apdu_buffer + 512u;
}

/* --- object.c --- */

/* Bytes of an object's data, in the card's memory or in RAM. The header must be that of a live object. */
static inline const uint8_t *jc_data(const struct jc *jc, const uint8_t *header)
{
	if ((header[OBJECT_KIND] & (KIND_RESET | KIND_DESELECT)) == 0)
		return header + OBJECT_DATA;
	uint32_t at = jc_be32(header + OBJECT_DATA);
	return (header[OBJECT_KIND] & KIND_RESET) != 0 ? jc->transient + at : jc->deselect + at;
}

static inline bool jc_is_persistent(const uint8_t *header)
{
	return (header[OBJECT_KIND] & (KIND_RESET | KIND_DESELECT)) == 0;
}

/* Write n bytes of data of an object at an offset in it; in range. Atomic: all or nothing on a cut, logged in a
 * transaction. false: TransactionException is pending. */
bool jc_write(struct jc *jc, const uint8_t *header, uint32_t off, const void *p, uint32_t n, enum jc_atomicity how);
/* The same with n equal bytes. */
bool jc_fill(struct jc *jc, const uint8_t *header, uint32_t off, uint8_t v, uint32_t n, enum jc_atomicity how);
/* The same for memory that is no object: static fields. */
bool jc_write_at(struct jc *jc, uint32_t at, const void *p, uint32_t n, enum jc_atomicity how);

/* jc_alloc for any kind, finding RAM for a transient one; 0 and an exception when there is no room. */
uint16_t jc_make(struct jc *jc, struct jc_new *o);
/* Package number and class number of a class on this card. */
bool jc_class_place(const struct jc *jc, const struct jc_class *class, uint8_t *package, uint16_t *index);
const struct jc_class *jc_header_class(const struct jc *jc, const uint8_t *header);

/* RAM of a channel's DESELECT objects. */
static inline uint8_t *jc_segment(const struct jc *jc, unsigned segment)
{
	return jc->transient + jc_system_transient(jc) + jc->chip.reset + segment * (uint32_t)jc->chip.deselect;
}

/* --- firewall.c --- */

/* JCRE 6.2: may the active context use the object (read, write, cast)? */
static inline bool jc_may(const struct jc *jc, const uint8_t *header)
{
	uint8_t owner = header[OBJECT_OWNER];
	return owner == jc->owner || jc->context_of[owner] == jc->context || jc->context == 0 ||
	    (header[OBJECT_FLAGS] & (FLAG_GLOBAL | FLAG_ENTRY | FLAG_TEMPORARY)) != 0;
}

/* CLEAR_ON_DESELECT: only while the owner's package is the selected one (JCRE 5.1). */
static inline bool jc_awake(const struct jc *jc, const uint8_t *header)
{
	return (header[OBJECT_KIND] & KIND_DESELECT) == 0 ||
	    (jc->deselect != NULL && jc->context_of[header[OBJECT_OWNER]] == jc->deselect_context);
}

/* May a reference be kept in a field or an array (JCRE 6.2.1, 6.2.2)? */
static inline bool jc_may_keep(const struct jc *jc, uint16_t ref)
{
	const uint8_t *h = ref == 0 ? NULL : jc_header(jc, ref);
	return h == NULL || (h[OBJECT_FLAGS] & (FLAG_GLOBAL | FLAG_TEMPORARY | FLAG_ONE_SHOT)) == 0 || jc->context == 0;
}

/* JCRE 4.2: may another context call into this owner's objects? Not when its applet is no MultiSelectable and active
 * on another channel. */
bool jc_may_enter(const struct jc *jc, uint8_t owner);

/* Header of an object that the active context may use; NULL: NullPointerException or SecurityException is pending. */
const uint8_t *jc_open(struct jc *jc, uint16_t ref);
/* The same of an array of this type (JC_BYTE takes boolean arrays too) with these elements. */
const uint8_t *jc_open_array(struct jc *jc, uint16_t ref, enum jc_type type, int32_t off, int32_t len);

/* --- transaction.c --- */
bool jc_transaction_begin(struct jc *jc);
bool jc_transaction_commit(struct jc *jc);
bool jc_transaction_abort(struct jc *jc);
/* An object was made in the transaction. */
void jc_note_made(struct jc *jc, uint16_t ref);
/* Has an abort made this reference null (JCRE 7.6.3)? */
static inline bool jc_is_ghost(const struct jc *jc, uint16_t ref)
{
	return jc->ghosts && (jc->work->ghost[ref >> 3] >> (ref & 7) & 1) != 0;
}
void jc_clear_ghosts(struct jc *jc);
/* Every reference to a freed handle becomes null: fields, arrays, static fields. */
void jc_null_dangling(struct jc *jc);

/* --- collect.c --- */
void jc_collect(struct jc *jc);
/* Call f for every reference that the object, or the static fields of a package, hold: where it lies, and its value. */
void jc_each_ref(struct jc *jc, const uint8_t *header,
    void (*f)(struct jc *jc, const uint8_t *at, uint16_t ref, void *context), void *context);
void jc_each_static(struct jc *jc, uint8_t slot,
    void (*f)(struct jc *jc, const uint8_t *at, uint16_t ref, void *context), void *context);

/* --- throw.c --- */
/* The handle of the runtime's instance. */
uint16_t jc_exception_instance(const struct jc *jc, const struct jc_class *class);

/* --- run.c --- */

/* Run a method as `owner`; args[0..words) are its arguments, the result comes back there. false: thrown or aborted. */
bool jc_run(struct jc *jc, const struct jc_method *m, uint16_t *args, unsigned words, uint8_t owner);
/* The interpreter's label of each bytecode. */
const void *const *jc_labels(void);
const struct jc_method *jc_find_virtual(const struct jc_class *class, unsigned token);
const struct jc_method *jc_find_interface(
    const struct jc_class *class, const struct jc_class *interface, unsigned token);

/* --- applet.c --- */
uint8_t jc_applet_state(const struct jc *jc, uint16_t applet);
static inline uint32_t jc_applet_at(uint16_t applet)
{
	return CARD_APPLETS + (applet - 1u) * APPLET_SIZE;
}
static inline uint32_t jc_slot_at(uint8_t slot)
{
	return CARD_PACKAGES + slot * (uint32_t)SLOT_SIZE;
}
/* Ready to run something for an applet on a channel: nothing pending, an empty stack, its transient memory. */
void jc_enter(struct jc *jc, uint8_t channel);
/* After it: no transaction, nothing pending. The status word of what was pending, SW_OK when nothing was. */
sw_t jc_leave(struct jc *jc, bool good);

/* --- load.c --- */

/* Handle of a component of a live package. */
uint16_t jc_part(const struct jc *jc, uint8_t slot, enum jc_part part);
/* Decode the package in this slot, for bound[]. */
sw_t jc_bind(struct jc *jc, uint8_t slot);
void jc_unbind(struct jc *jc, uint8_t slot);
/* ROM packages, and every live package after its libraries. false: some package is no good. */
bool jc_bind_all(struct jc *jc);
/* bound[] is good again after the code cache was emptied. */
static inline bool jc_bound_good(struct jc *jc, uint64_t generation)
{
	return jc->generation == generation || jc_bind_all(jc);
}

/* Objects made by the operation are for good / never were. */
void jc_provisional_keep(struct jc *jc);
void jc_provisional_drop(struct jc *jc);

/* --- delete.c --- */
/* Take away what slots in state DELETING own. */
void jc_finish_deletion(struct jc *jc);

/* --- aid.c --- */

/* An AID object of the runtime's; 0: no memory. */
uint16_t jc_new_aid(struct jc *jc, const uint8_t *aid, uint8_t n);
/* The bytes of an AID object; their number, 0 when it is none. */
uint8_t jc_aid_bytes(struct jc *jc, uint16_t ref, uint8_t out[JC_AID_MAX]);

/* --- apdu.c --- */

/* A command: SW_OK, or 6700 when its lengths are not for the applet. */
sw_t jc_apdu_begin(struct jc *jc, const uint8_t *cmd, size_t n, bool selecting, struct buf *rsp);
void jc_apdu_end(struct jc *jc, sw_t sw);

#endif
