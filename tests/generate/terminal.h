/* A terminal that drives a card of a generated AP through its session, with everything it takes from the description
 * itself (naive.h), and follows what the session must have come to. An answer that is not as expected is a complaint;
 * the first one stays. */
#ifndef IGATA_TESTS_GENERATE_TERMINAL_H
#define IGATA_TESTS_GENERATE_TERMINAL_H

#include "runtime/base/apdu.h"
#include "runtime/base/sw.h"
#include "runtime/sim/sim.h"
#include "runtime/sm/session.h"
#include "tests/generate/dice.h"
#include "tests/generate/naive.h"
#include "tests/generate/value.h"

enum terminal_mode { TERMINAL_PLAIN, TERMINAL_MAC, TERMINAL_ENC, TERMINAL_ENC_MAC };

struct terminal {
	const struct naive_ap *ap;
	const struct generated_values *values;
	struct sim *card;
	struct dice dice;
	struct naive_state state;
	struct sm_session *sm;
	struct {
		uint8_t p[64];
		size_t n;
	} pin[NAIVE_PINS]; /* the value each PIN has now */
	struct buf answer; /* data of the last response, out of its protection */
	size_t commands, events, given, refused;
	char complaint[400]; /* "" as long as all is well */
};

/* ---- terminal.c: commands ---- */

/* The card as it is after personalisation is powered up and the AP selected. */
void terminal_start(struct terminal *t, const struct sim *personalised, bool contactless);
void terminal_end(struct terminal *t);

/* Send a command; its status word, and its data in t->answer. Follows what the kind of protection does to the session.
 */
sw_t terminal_send(struct terminal *t, enum terminal_mode mode, const struct apdu *plain);

/* A way to send the next command: any that the session allows. */
enum terminal_mode terminal_mode(struct terminal *t);

/* What sm(LEVEL) sees of a command in this mode that has data, and that answers with data. */
enum naive_level terminal_level(const struct terminal *t, enum terminal_mode mode, bool data, bool responds);

/* Whether commands can name it now, and P2 that names it; in jicsap perhaps after SELECT of its IEF. */
bool terminal_reaches(const struct terminal *t, int df);
uint8_t terminal_reference(struct terminal *t, enum terminal_mode mode, unsigned ref, unsigned fid, unsigned sfi);
void terminal_select_ef(struct terminal *t, enum terminal_mode mode, unsigned fid);

/* 6983, in jicsap 6984. */
sw_t terminal_blocked(const struct terminal *t);
void terminal_complain(struct terminal *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void terminal_expect(struct terminal *t, sw_t got, sw_t want, const char *what, const char *id);

/* ---- event_pin.c, event_key.c, event.c: what changes the state ---- */

void event_verify(struct terminal *t, size_t pin, bool right);
void event_change_old(struct terminal *t, size_t pin);
void event_change_new(struct terminal *t, size_t pin); /* P1 = 01: when verified, or the first value */
void event_reset(struct terminal *t, size_t pin, unsigned form);
void event_external(struct terminal *t, size_t key, bool right);
void event_mutual(struct terminal *t, size_t key, bool right);

/* Every PIN and key in turn, most of them with success. */
void event_climb(struct terminal *t);
/* Any of the above, SELECT of whatever there is, faults of secure messaging, a reset on either interface. */
void event_any(struct terminal *t);

/* ---- probe.c ---- */

/* Every operation on every object of the current DF, and each of the AP's own commands: access is given exactly where
 * the naive evaluation of the rule says so. Changes content, but nothing that a rule is about. */
void probe_all(struct terminal *t);

/* The AP's life cycle, as far as the session allows; the last that is done with a card. */
void probe_life(struct terminal *t);

#endif
