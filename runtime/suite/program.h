/* A program in memory: arrays and indices, owned by struct suite. Inside runtime/suite only. */
#ifndef IGATA_SUITE_PROGRAM_H
#define IGATA_SUITE_PROGRAM_H

#include "runtime/crypto/cipher.h"
#include "runtime/crypto/signature.h"
#include "runtime/sm/session.h"
#include "runtime/suite/suite.h"

enum {
	SUITE_WORD = 33,             /* names of values: at most 32 characters and the NUL */
	PROGRAM_CHALLENGE_MAX = 255, /* bytes of a challenge in INTERNAL AUTHENTICATE */
	SUITE_CONSTANT = 255,        /* bytes of a value that the program itself gives */
};

/* Values that are derived from a per-card value, so that a program holds none itself. See derive.h. */
enum suite_derivation {
	DERIVE_RAW,       /* {PIN}: as a terminal presents it */
	DERIVE_WRONG,     /* of the same length and form, but another */
	DERIVE_WRONG_MIN, /* as short as the form allows: the beginning of the right one where that is longer */
	DERIVE_WRONG_MAX, /* as long as the form allows: the right one and more where that is shorter */
	DERIVE_OTHER,     /* a good new value, different from the right and the wrong one */
	DERIVE_OTHER_MIN, /* the same, as short as allowed */
	DERIVE_OTHER_MAX, /* the same, as long as allowed */
	DERIVE_SHORT,     /* one byte shorter than allowed */
	DERIVE_LONG,      /* one byte longer than allowed */
	DERIVE_FORM,      /* of the right length with a character that the format does not have */
	DERIVATIONS
};

/* Declared in the head, or captured from a response. */
struct program_value {
	char name[SUITE_WORD];
	bool captured;
	bool secret;
	bool given; /* by the program itself: */
	uint8_t constant[SUITE_CONSTANT];
	size_t constant_n;
	enum contract_format format;
	uint32_t min, max; /* length in bytes */
	bool padded;       /* the card holds `stored` bytes, filled up with `pad` */
	uint8_t pad;
	uint32_t stored;
};

enum program_item_kind { ITEM_BYTES, ITEM_REPEAT, ITEM_HOLE };

/* A stretch of command data or of expected data. */
struct program_item {
	enum program_item_kind kind;
	uint32_t at, n;  /* bytes: place in the pool; of a hole the slice, n == 0 for all of it */
	uint32_t repeat; /* ITEM_REPEAT: how many times the n bytes come */
	uint32_t value;  /* ITEM_HOLE */
	enum suite_derivation derivation;
	bool padded; /* {PIN:stored}, {PIN:other:stored}: filled up as the card holds it */
};

struct program_items {
	uint32_t first, n;
};

enum program_match { MATCH_ANY, MATCH_SW, MATCH_CLASS };
enum program_data { DATA_NONE, DATA_EXACT, DATA_LENGTH, DATA_FCI, DATA_ANY };

/* One alternative of an expectation. */
struct program_expect {
	bool ends; /* the card may answer so, but the program cannot go on behind this dialogue */
	enum program_match match;
	sw_t sw, mask; /* MATCH_SW: the bits that are compared */
	enum sw_class class;
	enum program_data data;
	bool plain;                 /* the answer to a protected command is not protected */
	struct program_items items; /* DATA_EXACT */
	uint32_t length;            /* DATA_LENGTH */
};

/* How a reset reaches the card. */
enum program_way { WAY_ANY, WAY_CONTACT, WAY_CONTACTLESS };

enum program_op {
	STEP_RESET,
	STEP_SELECT,
	STEP_SEND,
	STEP_RAW,
	STEP_CHALLENGE,
	STEP_AUTH,
	STEP_INTERNAL,
	STEP_PROTECT,
	STEP_PLAIN
};

/* A key that the card has, too: its values are per-card values of the program. */
struct program_key {
	char name[SUITE_WORD];
	uint8_t p2;
	uint8_t use; /* enum key_use */
	enum cipher_algorithm cipher;
	bool signs; /* an asymmetric key: */
	enum signature_key signature;
	enum signature_hash hash;
	uint32_t value, mac; /* mac: KEY_MUTUAL only */
};

struct program_step {
	enum program_op op;
	uint32_t line;
	bool finally; /* run even when an earlier step of the dialogue failed */
	bool fci;     /* STEP_SELECT: asks for the FCI */
	uint8_t way;  /* STEP_RESET: enum program_way */
	bool cut;     /* the command that cut.h cuts off */
	uint8_t header[4];
	struct program_items items;
	bool has_le, extended;
	uint16_t le;               /* the field as it is sent: 0 stands for the longest */
	uint32_t expect, n_expect; /* alternatives */
	uint32_t key;              /* STEP_AUTH, STEP_INTERNAL */
	bool wrong;                /* STEP_AUTH: with a cryptogram that is not right */
	uint32_t length;           /* STEP_INTERNAL: bytes of the challenge */
	enum sm_mode mode;         /* STEP_PROTECT */
	enum sm_fault fault;       /* STEP_SEND */
	bool replay;               /* STEP_SEND: the bytes of the last protected command once more */
	uint32_t capture;          /* value that keeps the response data, CAPTURE_NONE */
};

#define CAPTURE_NONE UINT32_MAX

struct program_dialogue {
	char *name, *clause; /* owned; clause "" when not given */
	uint32_t line;
	uint32_t step, n_steps;
};

struct suite {
	const char *name;      /* of the file, borrowed */
	bool probe;            /* stop at the first failure */
	enum sm_mode response; /* of protected answers: SM_MODE_MAC, SM_MODE_ENC_MAC */
	uint8_t aid[AID_MAX];
	size_t aid_len;
	struct buf bytes; /* fixed bytes of all items */
	struct program_value *value;
	struct program_key *key;
	struct program_item *item;
	struct program_expect *expect;
	struct program_step *step;
	struct program_dialogue *dialogue;
	size_t n_keys, cap_keys;
	size_t n_values, n_items, n_expects, n_steps, n_dialogues;
	size_t cap_values, cap_items, cap_expects, cap_steps, cap_dialogues;
};

/* Make room for one more element: the array may move. false: out of memory. */
bool program_grow(void *array, size_t *cap, size_t n, size_t element);

const char *program_derivation_name(enum suite_derivation d);

/* As `sm-fault` writes it; NULL for SM_RIGHT. */
const char *program_fault_name(enum sm_fault f);

/* Text of parts of a program, as the language writes them. Holes stay holes. */
void program_items_text(const struct suite *s, struct program_items items, struct buf *out);
void program_sent_text(const struct suite *s, const struct program_step *step, struct buf *out);
void program_expect_text(const struct suite *s, const struct program_step *step, struct buf *out);

#endif
