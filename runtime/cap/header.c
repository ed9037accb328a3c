#include <string.h>

#include "runtime/cap/read.h"

enum { MAGIC = 0xDECAFFEDu };

/* 6.4. The package's name came with format 2.2; converters of 3.x leave it empty. */
static bool read_header(struct cap *c, struct diag_list *d)
{
	struct cap_reader in = cap_reader_of(c, COMPONENT_Header, d);
	uint32_t magic = rd_u32(&in.r);
	unsigned minor = rd_u8(&in.r);
	c->format = API_VERSION(rd_u8(&in.r), minor);
	c->flags = rd_u8(&in.r);
	if (in.r.bad)
		return cap_ends(&in, "header_component");
	if (magic != MAGIC)
		return cap_wrong(&in, 0, "magic", magic, MAGIC);
	if (c->flags & CAP_EXTENDED)
		return diag_add(d, cap_at(c), DIAG_CAP_EXTENDED, NULL);
	if (c->format < 0x0201 || c->format > 0x0203)
		return diag_add(
		    d, cap_at(c), DIAG_CAP_FORMAT, diag_num(c->format >> 8), diag_num(c->format & 0xff), NULL);
	if (c->flags & ~(CAP_INT | CAP_EXPORT | CAP_APPLET))
		return cap_wrong(&in, 6, "flags", c->flags, c->flags & (CAP_INT | CAP_EXPORT | CAP_APPLET));
	minor = rd_u8(&in.r);
	c->version = API_VERSION(rd_u8(&in.r), minor);
	if (!cap_read_aid(&in, &c->aid))
		return false;
	size_t n = c->format >= 0x0202 ? rd_u8(&in.r) : 0;
	const uint8_t *name = rd_bytes(&in.r, n);
	if (in.r.bad)
		return cap_ends(&in, "package_name_info");
	if (n != 0) {
		memcpy(c->name, name, n);
		c->name[n] = 0;
	}
	return cap_whole(&in);
}

/* 6.7 */
static bool read_import(struct cap *c, struct diag_list *d)
{
	struct cap_reader in = cap_reader_of(c, COMPONENT_Import, d);
	c->n_imports = rd_u8(&in.r);
	if (c->n_imports > CAP_IMPORTS) {
		size_t n = c->n_imports;
		c->n_imports = 0;
		return cap_beyond(&in, 0, "count", n, CAP_IMPORTS + 1);
	}
	for (size_t i = 0; i < c->n_imports; i++) {
		struct cap_import *one = &c->import[i];
		unsigned minor = rd_u8(&in.r);
		one->version = API_VERSION(rd_u8(&in.r), minor);
		if (!cap_read_aid(&in, &one->aid))
			return false;
		one->api = api_package_by_aid(one->aid.p, one->aid.n);
	}
	return in.r.bad ? cap_ends(&in, "count") : cap_whole(&in);
}

/* 6.6. An applet's AID begins with the RID of its package (4.2.3). */
static bool read_applet(struct cap *c, struct diag_list *d)
{
	struct cap_reader in = cap_reader_of(c, COMPONENT_Applet, d);
	if (in.r.n == 0)
		return true;
	c->n_applets = rd_u8(&in.r);
	for (size_t i = 0; i < c->n_applets; i++) {
		struct cap_applet *one = &c->applet[i];
		size_t at = in.r.at;
		if (!cap_read_aid(&in, &one->aid))
			return false;
		one->install = rd_u16(&in.r);
		if (in.r.bad)
			return cap_ends(&in, "install_method_offset");
		if (memcmp(one->aid.p, c->aid.p, CAP_AID_MIN) != 0)
			return diag_add(d, cap_at(c), DIAG_CAP_RID, diag_num(at), NULL);
	}
	return in.r.bad ? cap_ends(&in, "count") : cap_whole(&in);
}

/* The sizes of all components in the order of their tags: 11 in format 2.1, Debug from 2.2, and four bytes of
 * StaticResources from 2.3. One that was taken out of the archive (cards need no Descriptor) may stay listed. */
static bool read_sizes(struct cap_reader *in)
{
	unsigned last = in->cap->format >= 0x0202 ? COMPONENT_Debug : COMPONENT_Descriptor;
	bool ok = true;
	if (in->cap->format >= 0x0203)
		last = COMPONENT_StaticResources;
	for (unsigned tag = 1; tag <= last; tag++) {
		uint32_t size = tag == COMPONENT_StaticResources ? rd_u32(&in->r) : rd_u16(&in->r);
		size_t is = cap_info(in->cap, tag).n;
		bool present = in->cap->component[tag].n != 0;
		if (!in->r.bad && size != is && (present || tag < COMPONENT_Descriptor))
			ok = diag_add(in->d, cap_at(in->cap), DIAG_CAP_DIRECTORY, component_name(tag), diag_num(size),
			    diag_num(is), NULL);
	}
	return in->r.bad ? cap_ends(in, "component_sizes") : ok;
}

/* 6.5. What it says of static fields is compared by the reader of these (static.c). */
static bool read_directory(struct cap *c, struct diag_list *d)
{
	struct cap_reader in = cap_reader_of(c, COMPONENT_Directory, d);
	if (!read_sizes(&in))
		return false;
	rd_bytes(&in.r, 6);
	size_t at = in.r.at;
	unsigned imports = rd_u8(&in.r), applets = rd_u8(&in.r), custom = rd_u8(&in.r);
	if (in.r.bad)
		return cap_ends(&in, "import_count");
	if (imports != c->n_imports)
		return cap_wrong(&in, at, "import_count", imports, c->n_imports);
	if (applets != c->n_applets)
		return cap_wrong(&in, at + 1, "applet_count", applets, c->n_applets);
	for (unsigned i = 0; i < custom; i++) {
		struct cap_aid aid;
		size_t component = in.r.at;
		unsigned tag = rd_u8(&in.r);
		rd_u16(&in.r);
		if (!cap_read_aid(&in, &aid))
			return false;
		if (tag < 128)
			return cap_bad(&in, component, "component_tag of a custom component", tag);
	}
	return cap_whole(&in);
}

/* Those that every package has (6.3). The Descriptor is for verifiers, so that one without it can be loaded. */
static bool check_present(const struct cap *c, struct diag_list *d)
{
	static const enum component_tag always[] = {COMPONENT_Header, COMPONENT_Directory, COMPONENT_Import,
	    COMPONENT_ConstantPool, COMPONENT_Class, COMPONENT_Method, COMPONENT_StaticField, COMPONENT_RefLocation};
	bool ok = true;
	for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
		if (c->component[always[i]].n == 0)
			ok = diag_add(d, cap_at(c), DIAG_CAP_MISSING, component_name(always[i]), NULL);
	return ok;
}

/* Applet and Export are there when the flags say so, and only then. */
static bool check_flags(const struct cap *c, struct diag_list *d)
{
	static const struct {
		enum cap_flags flag;
		enum component_tag tag;
	} row[] = {{CAP_APPLET, COMPONENT_Applet}, {CAP_EXPORT, COMPONENT_Export}};
	bool ok = true;
	for (size_t i = 0; i < 2; i++) {
		bool present = c->component[row[i].tag].n != 0, said = (c->flags & row[i].flag) != 0;
		if (said && !present)
			ok = diag_add(d, cap_at(c), DIAG_CAP_MISSING, component_name(row[i].tag), NULL);
		else if (present && !said)
			ok = diag_add(d, cap_at(c), DIAG_CAP_FLAG, component_name(row[i].tag), NULL);
	}
	return ok;
}

bool cap_read_names(struct cap *c, struct diag_list *d)
{
	if (!check_present(c, d) || !read_header(c, d) || !check_flags(c, d))
		return false;
	return read_import(c, d) && read_applet(c, d) && read_directory(c, d);
}
