/* apc new FILE: a new description, a commented one or a copy of another. What is there is never overwritten. */
#include "compiler/apc.h"

#include <ctype.h>
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "compiler/description/start.h"
#include "runtime/base/data.h"
#include "runtime/base/file.h"
#include "runtime/base/hex.h"
#include "runtime/base/json.h"
#include "runtime/base/near.h"
#include "runtime/base/xml.h"

/* Category F of ISO/IEC 7816-4, 12.2.3: not registered, for tests and for one's own house. */
#define UNREGISTERED_RID "F049474154"

static const struct srcloc nowhere;

/* --- names ------------------------------------------------------------------------------------------------------- */

static bool identifier(const char *s)
{
	size_t n = strlen(s);
	return n > 0 && n < CONTRACT_NAME && islower((unsigned char)*s) &&
	    strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

/* my-ap.xml, My AP.xml: my-ap. */
static const char *id_of_file(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *id = arena_strdup(a, slash == NULL ? path : slash + 1);
	char *dot = strrchr(id, '.');
	if (dot != NULL)
		*dot = 0;
	for (char *p = id; *p != 0; p++) {
		unsigned char c = (unsigned char)*p;
		*p = c == ' ' || c == '_' || c == '.' ? '-' : (char)tolower(c);
	}
	return id;
}

static bool choose_id(struct cli *c, struct arena *a, struct start *s)
{
	s->id = cli_has(c, "id") ? cli_value(c, "id") : id_of_file(a, c->arg[0]);
	return identifier(s->id) || diag_add(&c->diags, nowhere, DIAG_NEW_ID, s->id, NULL);
}

static bool hex_of(struct cli *c, const char *option, size_t least, size_t most, const char **out)
{
	const char *text = cli_value(c, option);
	uint8_t bytes[AID_MAX];
	size_t n = 0;
	if (text == NULL)
		return true;
	if (!hex_decode(text, strlen(text), bytes, sizeof bytes, &n) || n < least || n > most)
		return diag_add(&c->diags, nowhere, DIAG_NEW_AID, option, text, diag_num(least), diag_num(most), NULL);
	*out = text;
	return true;
}

static bool choose_names(struct cli *c, struct arena *a, struct start *s)
{
	bool good = choose_id(c, a, s);
	s->rid = UNREGISTERED_RID;
	s->pix = good ? start_pix(a, s->id, "") : "";
	good = hex_of(c, "rid", RID_LEN, RID_LEN, &s->rid) && good;
	return hex_of(c, "pix", 1, AID_MAX - RID_LEN, &s->pix) && good;
}

/* --- --from ------------------------------------------------------------------------------------------------------ */

static bool is_file(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static const char *sample_path(struct arena *a, const char *folder, const char *name)
{
	return arena_printf(a, "%s/%s/%s.xml", folder, name, name);
}

/* The samples there are, and the one that was perhaps meant. */
static bool unknown_sample(struct cli *c, struct arena *a, const char *folder, const char *name)
{
	const char *list = "", *near = NULL;
	DIR *dir = opendir(folder);
	for (struct dirent *e = dir == NULL ? NULL : readdir(dir); e != NULL; e = readdir(dir)) {
		if (!identifier(e->d_name) || !is_file(sample_path(a, folder, e->d_name)))
			continue;
		list = arena_printf(a, "%s%s%s", list, *list == 0 ? "" : ", ", e->d_name);
		near_offer(name, arena_strdup(a, e->d_name), &near);
	}
	if (dir != NULL)
		closedir(dir);
	if (near != NULL)
		return diag_add(&c->diags, nowhere, DIAG_NEW_FROM_NEAR, name, near, NULL);
	return diag_add(&c->diags, nowhere, DIAG_NEW_FROM, name, *list == 0 ? "-" : list, folder, NULL);
}

/* A path, or the name of a sample. */
static const char *from_path(struct cli *c, struct arena *a)
{
	const char *from = cli_value(c, "from");
	if (!identifier(from) || is_file(from))
		return from;
	const char *folder = data_folder(a, "samples"), *path = sample_path(a, folder, from);
	if (is_file(path))
		return path;
	unknown_sample(c, a, folder, from);
	return NULL;
}

static bool copy(struct cli *c, struct arena *a, const struct start *s, struct buf *out)
{
	struct buf b = {0};
	const char *path = from_path(c, a);
	bool good =
	    path != NULL && file_read(path, XML_MAX, &b, &c->diags) && start_copy(a, b.p, b.n, path, s, out, &c->diags);
	buf_reset(&b);
	return good;
}

bool apc_new(struct cli *c)
{
	struct arena a = {0};
	struct start s = {0};
	struct buf out = {0};
	bool good = choose_names(c, &a, &s);
	if (good && cli_has(c, "from"))
		good = copy(c, &a, &s, &out);
	else if (good)
		start_template(&s, &out);
	if (good && file_create(c->arg[0], out.p, out.n, 0666, &c->diags)) {
		struct json j = json_to(&c->result);
		json_put_object(&j, NULL);
		json_put_text(&j, "file", c->arg[0]);
		json_put_text(&j, "id", s.id);
		json_put_text(&j, "rid", s.rid);
		json_put_text(&j, "pix", s.pix);
		json_put_end(&j);
		cli_say(c,
		    cli_pick(c, "%s: a description of '%s'; next: apc check %s",
			"%s:%s の記述を作りました。次は apc check %s"),
		    c->arg[0], s.id, c->arg[0]);
	} else {
		good = false;
	}
	buf_reset(&out);
	arena_free(&a);
	return good;
}
