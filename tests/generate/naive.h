/* A second opinion about access: descriptions and their rules read and evaluated in the simplest way there is. Shares
 * nothing with the reader, the compiler, the card or the suites: the XML is libxml2's tree, a rule is its text, and
 * what a session has come to is followed here event by event from the words of the AP contract alone. Its user sees to
 * it that the description is one that the reader accepts. */
#ifndef IGATA_TESTS_GENERATE_NAIVE_H
#define IGATA_TESTS_GENERATE_NAIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NAIVE_DFS = 8, NAIVE_PINS = 14, NAIVE_KEYS = 16, NAIVE_OBJECTS = 64, NAIVE_COMMANDS = 16, NAIVE_RULES = 256 };
enum { NAIVE_NONE = -1 };

struct naive_df {
	const char *id;
	int parent; /* NAIVE_NONE for the AP's own */
	unsigned fid;
	char name[33]; /* AID in hex, "" for none */
};

/* A PIN or key is reached as P2 = 80 | ref; in jicsap by fid and sfi (0 for none). */
struct naive_pin {
	const char *id, *source, *puk_source; /* names of per-card values; NULL for none */
	int df;
	unsigned ref, fid, sfi, min, max, stored, pad, tries, puk_tries;
	bool padded, unset, transport, resets_to_transport;
	bool change_old, change_verified,
	    reset[4];                       /* forms offered; of RESET 02 and 03 only as far as there is a rule */
	const char *format, *set, *unblock; /* rules: NULL for none */
};

struct naive_key {
	const char *id, *algorithm, *use;
	char value[40], value_mac[40]; /* names of per-card values */
	int df;
	unsigned ref, fid, sfi, tries;
};

enum naive_op { NAIVE_READ, NAIVE_UPDATE, NAIVE_APPEND, NAIVE_INCREASE, NAIVE_DECREASE, NAIVE_OPS };

struct naive_object {
	const char *kind, *id; /* kind: the element's name */
	int df;
	unsigned fid, sfi, tag, length /* of a record, or width of a counter */, ins[NAIVE_OPS];
	bool variable;
	const char *rule[NAIVE_OPS]; /* NULL for none */
};

struct naive_command {
	const char *id, *when;
	unsigned ins, data;
	const char *require[64];
	size_t n_require;
	bool may_fail; /* compares, counts, appends: may refuse for other reasons than a rule */
};

struct naive_ap {
	void *doc; /* xmlDoc: owns the strings */
	bool jicsap, response_mac, plain_ends, offers_86;
	const char *block, *unblock, *terminate;
	struct naive_df df[NAIVE_DFS];
	struct naive_pin pin[NAIVE_PINS];
	struct naive_key key[NAIVE_KEYS];
	struct naive_object object[NAIVE_OBJECTS];
	struct naive_command command[NAIVE_COMMANDS];
	struct {
		const char *id, *when;
	} rule[NAIVE_RULES];
	size_t n_dfs, n_pins, n_keys, n_objects, n_commands, n_rules;
	bool opens[NAIVE_KEYS]; /* a rule names secure messaging of this key */
};

/* Read a description. false: libxml2 does not. Release with naive_close. */
bool naive_open(struct naive_ap *ap, const void *xml, size_t n);
void naive_close(struct naive_ap *ap);

/* Whether DF `inner` is `outer` or lies in it. */
bool naive_within(const struct naive_ap *ap, int inner, int outer);

/* ---- what a session has come to ---- */

/* How a command was protected, as sm(LEVEL) sees it. */
enum naive_level { NAIVE_PLAIN, NAIVE_MAC, NAIVE_ENC, NAIVE_ENC_MAC };

struct naive_state {
	bool contactless;
	int df;
	bool verified[NAIVE_PINS], inside[NAIVE_PINS] /* won under secure messaging */;
	bool transport[NAIVE_PINS], has_value[NAIVE_PINS];
	unsigned tries[NAIVE_PINS], puk_tries[NAIVE_PINS], key_tries[NAIVE_KEYS];
	bool auth[NAIVE_KEYS];
	int session;            /* key that opened secure messaging, NAIVE_NONE for none */
	enum naive_level level; /* of the command in question */
};

/* As delivered, before SELECT. */
struct naive_state naive_fresh(const struct naive_ap *ap);

/* Whether a rule holds; NULL never does. */
bool naive_holds(const struct naive_ap *ap, const struct naive_state *s, const char *rule);

/* Whether it would hold if every condition did. */
bool naive_ever(const struct naive_ap *ap, const char *rule);

/* Whether it names a PIN in transport; and whether it says `always` or `never`, so that parts of it may be idle. */
bool naive_names_transport(const struct naive_ap *ap, const struct naive_state *s, const char *rule);
bool naive_has_constant(const struct naive_ap *ap, const char *rule);

/* Sections 5, 8, 9 and 10: SELECT by AID, of another DF, the end of a session of secure messaging. */
void naive_select(const struct naive_ap *ap, struct naive_state *s, int df);
void naive_enter(const struct naive_ap *ap, struct naive_state *s, int df);
void naive_end_session(const struct naive_ap *ap, struct naive_state *s);

#endif
