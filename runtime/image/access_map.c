#include "runtime/image/access_map.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/json.h"

enum { RULE_TEXT = 64 * 1024, FILE_SIZE_LIMIT = 65535 };

static char *copy_text(struct json_in in)
{
	char *text = calloc(1, RULE_TEXT);
	if (text == NULL) {
		*in.bad = true;
		return NULL;
	}
	json_get_text(in, text, RULE_TEXT);
	char *fit = realloc(text, strlen(text) + 1);
	return fit == NULL ? text : fit;
}

static void read_file(struct access_file *f, struct json_in in)
{
	uint8_t fid[2] = {0};
	json_get_text(json_member(in, "id"), f->id, sizeof f->id);
	json_get_hex(json_member(in, "fid"), fid, sizeof fid, sizeof fid);
	f->fid = (uint16_t)(fid[0] << 8 | fid[1]);
	f->size = (uint32_t)json_get_number(json_member(in, "size"), 0, FILE_SIZE_LIMIT);
	f->read = copy_text(json_member(in, "read"));
	f->update = copy_text(json_member(in, "update"));
	f->readback_len = json_get_hex(json_member(in, "readback"), f->readback, 0, sizeof f->readback);
}

bool access_map_read(struct access_map *m, const struct buf *entry, const char *name, struct diag_list *d)
{
	struct json_doc doc = {0};
	*m = (struct access_map){0};
	bool ok = json_parse(&doc, entry->p, entry->n);
	if (ok) {
		struct json_in root = json_root(&doc), files = json_member(root, "files");
		json_get_number(json_member(root, "format"), 1, 1);
		m->aid_len = json_get_hex(json_member(root, "aid"), m->aid, AID_MIN, AID_MAX);
		size_t n = json_count(files);
		for (size_t i = 0; i < n && i < ACCESS_FILES; i++)
			read_file(&m->file[m->n_files++], json_at(files, i));
		ok = !doc.bad && n <= ACCESS_FILES;
	}
	json_free(&doc);
	return ok ? true : diag_add(d, (struct srcloc){.file = name}, DIAG_ACCESS_MAP, NULL);
}

void access_map_reset(struct access_map *m)
{
	for (size_t i = 0; i < m->n_files; i++) {
		free(m->file[i].read);
		free(m->file[i].update);
	}
	*m = (struct access_map){0};
}
