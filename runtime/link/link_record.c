/* Recording and tracing: a layer that writes down what passes. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/link/layer.h"
#include "runtime/link/link_text.h"

struct tap {
	struct link_layer below;
	FILE *f;
	bool owned;
	const char *lang;
};

/* Flushed line by line: after a crash the recording ends with what was really sent. */
static void write_out(struct tap *t, struct buf *text)
{
	fputs(buf_cstr(text), t->f);
	fflush(t->f);
	buf_reset(text);
}

static enum link_status tap_reset(struct link *l)
{
	struct tap *t = l->state;
	struct buf text = {0};
	enum link_status s = link_below_reset(l);
	if (s == LINK_OK)
		link_text_reset(&text, l);
	else {
		buf_str(&text, "reset\n");
		link_text_response(&text, s, NULL, t->lang);
	}
	write_out(t, &text);
	return s;
}

static enum link_status tap_transmit(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	struct tap *t = l->state;
	struct buf text = {0};
	link_text_command(&text, cmd, n);
	write_out(t, &text);
	enum link_status s = link_below_transmit(l, cmd, n, rsp);
	link_text_response(&text, s, rsp, t->lang);
	write_out(t, &text);
	return s;
}

static void tap_close(struct link *l)
{
	struct tap *t = l->state;
	link_below_close(l);
	if (t->owned)
		fclose(t->f);
	free(t);
}

static const struct link_ops tap_ops = {.reset = tap_reset, .transmit = tap_transmit, .close = tap_close};

/* The card is powered already: that is the first line. */
static bool tap(struct link *l, FILE *f, bool owned, const char *lang)
{
	struct buf text = {0};
	struct tap *t = calloc(1, sizeof *t);
	if (t == NULL)
		return false;
	*t = (struct tap){.f = f, .owned = owned, .lang = lang};
	link_push(l, &tap_ops, &t->below);
	if (owned)
		buf_printf(&text, "%s\n# %s\n", LINK_TEXT_MAGIC, l->name);
	link_text_reset(&text, l);
	write_out(t, &text);
	return true;
}

bool link_trace(struct link *l, FILE *f, const char *lang)
{
	return tap(l, f, false, lang);
}

bool link_record(struct link *l, const char *path, struct diag_list *d)
{
	struct srcloc at = {.file = path};
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *f = fd < 0 || fchmod(fd, 0600) != 0 ? NULL : fdopen(fd, "w");
	if (f == NULL) {
		diag_add(d, at, DIAG_FILE_WRITE, path, strerror(errno), NULL);
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (!tap(l, f, true, "en")) {
		fclose(f);
		return diag_add(d, at, DIAG_NO_MEMORY, NULL);
	}
	return true;
}
