#include "runtime/link/link_sim.h"

#include <stdlib.h>
#include <string.h>

static enum link_status sim_link_reset(struct link *l)
{
	struct sim *s = l->sim;
	s->contactless = l->contactless;
	sim_power_up(s);
	l->atr_len = sim_atr(s, l->atr);
	return LINK_OK;
}

static enum link_status sim_link_transmit(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	buf_clear(rsp);
	sim_apdu(l->sim, cmd, n, rsp);
	if (rsp->n != 0)
		return LINK_OK;
	strcpy(l->why, "the simulated card has no power");
	return LINK_CARD_GONE;
}

static void borrowed_close(struct link *l)
{
	sim_power_down(l->sim);
}

static void owned_close(struct link *l)
{
	sim_power_down(l->sim);
	sim_close(l->sim);
	free(l->sim);
}

static const struct link_ops borrowed = {
    .reset = sim_link_reset, .transmit = sim_link_transmit, .close = borrowed_close};
static const struct link_ops owned = {.reset = sim_link_reset, .transmit = sim_link_transmit, .close = owned_close};

static void attach(struct link *l, struct sim *s, const struct link_ops *ops, const char *name)
{
	*l = (struct link){.ops = ops, .sim = s, .simulated = true};
	snprintf(l->name, sizeof l->name, "sim:%s", name);
	sim_link_reset(l);
}

void link_sim_of(struct link *l, struct sim *s)
{
	attach(l, s, &borrowed, s->chip);
}

struct sim *link_sim_card(const struct link *l)
{
	return l->sim;
}

bool link_sim_open(struct link *l, const char *path, struct diag_list *d)
{
	struct sim *s = calloc(1, sizeof *s);
	if (s == NULL)
		return diag_add(d, (struct srcloc){.file = path}, DIAG_NO_MEMORY, NULL);
	if (!sim_open(s, path, d)) {
		free(s);
		return false;
	}
	attach(l, s, &owned, path);
	return true;
}
