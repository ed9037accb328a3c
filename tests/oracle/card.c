/* Our simulated card: everything through the loader and the card manager, as with any card. */
#include "tests/oracle/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/link/link_sim.h"
#include "runtime/load/loader.h"
#include "runtime/sim/javacard/machine/machine.h"
#include "runtime/sim/sim.h"

enum { LOADED_MAX = 16 };

struct ours {
	struct oracle o;
	struct arena arena;
	struct sim sim;
	struct loader_options options;
	struct cap *loaded[LOADED_MAX];
	size_t n;
	struct diag_list d;
	struct trace trace;
};

static void note(void *context, const struct jc_trace_step *s)
{
	trace_add(context, (struct step){.pc = s->pc, .opcode = s->opcode, .package = s->package});
}

static void watch(struct ours *c)
{
	jc_trace(jc_of(&c->sim), note, &c->trace);
}

/* A loader on the card; afterwards the card has power again. */
static bool begin(struct ours *c, struct loader *w)
{
	struct link l;
	link_sim_of(&l, &c->sim);
	bool ok = loader_on(w, &l, &c->options, NULL, true, NULL, &c->d);
	watch(c);
	return ok;
}

static bool finish(struct ours *c, struct loader *w, bool ok)
{
	loader_close(w);
	sim_power_up(&c->sim);
	watch(c);
	if (!ok && getenv("ORACLE_VERBOSE") != NULL)
		diag_print(stderr, &c->d, "en");
	diag_reset(&c->d);
	return ok;
}

static int load(struct oracle *o, struct cap *cap)
{
	struct ours *c = (struct ours *)o;
	struct loader w;
	struct buf file = {0};
	struct gp_install_options what = {.load_only = true, .name = cap->file, .force = true};
	struct gp_install_report report;
	if (c->n == LOADED_MAX)
		return -1;
	c->loaded[c->n++] = cap;
	cap_load_data(cap, false, &file);
	what.cap = file.p;
	what.cap_len = file.n;
	bool ok = begin(c, &w) && gp_install(&w, &what, &report);
	finish(c, &w, ok);
	int package = jc_package_by_aid(jc_of(&c->sim), cap->aid.p, cap->aid.n);
	if (ok && package > 0)
		c->trace.code[package] = cap_info(cap, COMPONENT_Method);
	buf_reset(&file);
	return ok;
}

static struct aid aid_of(const struct cap_aid *a)
{
	struct aid aid = {.n = a->n};
	memcpy(aid.p, a->p, a->n);
	return aid;
}

/* The package that has the applet. */
static bool find(const struct ours *c, const struct aid *applet, struct aid *package)
{
	for (size_t i = 0; i < c->n; i++) {
		*package = aid_of(&c->loaded[i]->aid);
		for (size_t k = 0; k < c->loaded[i]->n_applets; k++) {
			struct aid a = aid_of(&c->loaded[i]->applet[k].aid);
			if (aid_equal(&a, applet))
				return true;
		}
	}
	return false;
}

static int install(struct oracle *o, const struct aid *applet, struct bytes params)
{
	static const uint8_t privileges[GP_PRIVILEGES];
	struct ours *c = (struct ours *)o;
	struct loader w;
	struct aid package;
	struct buf data = {0}, parameters = {0};
	struct journal none = {.fd = -1};
	if (!find(c, applet, &package)) {
		fprintf(stderr, "no package has the applet to install\n");
		return -1;
	}
	gp_install_parameters(&parameters, params, 0, 0);
	gp_install_for_install(&data, &package, applet, applet, privileges, (struct bytes){parameters.p, parameters.n});
	buf_u8(&data, 0); /* no token */
	bool ok = begin(c, &w) && gp_open(&w, &none) &&
	    gp_do(&w, GP_STEP_FOR_INSTALL, GP_INSTALL | (GP_FOR_INSTALL | GP_FOR_SELECTABLE) << 8, &data, false);
	buf_reset(&data);
	buf_reset(&parameters);
	return finish(c, &w, ok);
}

static bool transmit(struct oracle *o, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	sim_apdu(&((struct ours *)o)->sim, cmd, n, rsp);
	return rsp->n >= 2;
}

static bool reset(struct oracle *o)
{
	struct ours *c = (struct ours *)o;
	sim_power_down(&c->sim);
	sim_power_up(&c->sim);
	watch(c);
	return true;
}

static void end(struct oracle *o, struct trace *trace)
{
	struct ours *c = (struct ours *)o;
	*trace = c->trace;
	sim_close(&c->sim);
	arena_free(&c->arena);
	free(c);
}

struct oracle *oracle_card(const char *profiles, const char *profile, const char *work)
{
	struct ours *c = calloc(1, sizeof *c);
	if (c == NULL)
		abort();
	c->o = (struct oracle){"igata", load, install, transmit, reset, end};
	const struct chip *chip = chip_find(&c->arena, profiles, profile, &c->d);
	if (chip == NULL || !sim_new_in_memory(&c->sim, chip, NULL, 1, &c->d)) {
		diag_print(stderr, &c->d, "en");
		diag_reset(&c->d);
		arena_free(&c->arena);
		free(c);
		return NULL;
	}
	c->options = (struct loader_options){
	    .journal = work, .lang = "en", .given = {.name = "sim", .profiles = profiles}, .keys = {.test_keys = true}};
	sim_power_up(&c->sim);
	watch(c);
	return &c->o;
}
