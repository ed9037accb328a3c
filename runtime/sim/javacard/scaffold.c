/* Scaffold: every function of machine.h and api.h that has no file of its own yet. */
#include "runtime/sim/javacard/machine.h"

__attribute__((weak)) bool jc_object_equals(struct jc *jc, uint16_t *a)
{
	(void)jc;
	(void)a;
	return false;
}

__attribute__((weak)) bool jc_object_init(struct jc *jc, uint16_t *a)
{
	(void)jc;
	(void)a;
	return false;
}

__attribute__((weak)) bool jc_exception_init(struct jc *jc, uint16_t *a)
{
	(void)jc;
	(void)a;
	return false;
}

__attribute__((weak)) bool jc_exception_get_reason(struct jc *jc, uint16_t *a)
{
	(void)jc;
	(void)a;
	return false;
}

__attribute__((weak)) bool jc_exception_set_reason(struct jc *jc, uint16_t *a)
{
	(void)jc;
	(void)a;
	return false;
}

__attribute__((weak)) bool jc_throw(struct jc *jc, const struct jc_class *class, uint16_t reason)
{
	(void)jc;
	(void)class;
	(void)reason;
	return false;
}

__attribute__((weak)) bool jc_throw_object(struct jc *jc, uint16_t ref)
{
	(void)jc;
	(void)ref;
	return false;
}

__attribute__((weak)) bool jc_abort(struct jc *jc, sw_t sw)
{
	(void)jc;
	(void)sw;
	return false;
}

__attribute__((weak)) const struct jc_class *jc_pending(const struct jc *jc, uint16_t *reason)
{
	(void)jc;
	(void)reason;
	return NULL;
}

__attribute__((weak)) void jc_clear_pending(struct jc *jc)
{
	(void)jc;
}

__attribute__((weak)) uint16_t jc_new_object(struct jc *jc, const struct jc_class *class)
{
	(void)jc;
	(void)class;
	return 0;
}

__attribute__((weak)) uint16_t jc_new_array(struct jc *jc, enum jc_type type, int32_t length, enum jc_where where)
{
	(void)jc;
	(void)type;
	(void)length;
	(void)where;
	return 0;
}

__attribute__((weak)) uint16_t jc_new_ref_array(
    struct jc *jc, const struct jc_class *component, int32_t length, enum jc_where where)
{
	(void)jc;
	(void)component;
	(void)length;
	(void)where;
	return 0;
}

__attribute__((weak)) uint16_t jc_new_global_array(struct jc *jc, enum jc_type type, int32_t length)
{
	(void)jc;
	(void)type;
	(void)length;
	return 0;
}

__attribute__((weak)) uint16_t jc_new_store(struct jc *jc, uint32_t n, enum jc_where where)
{
	(void)jc;
	(void)n;
	(void)where;
	return 0;
}

__attribute__((weak)) bool jc_accessible(struct jc *jc, uint16_t ref)
{
	(void)jc;
	(void)ref;
	return false;
}

__attribute__((weak)) bool jc_is(struct jc *jc, uint16_t ref, const struct jc_class *class)
{
	(void)jc;
	(void)ref;
	(void)class;
	return false;
}

__attribute__((weak)) const struct jc_class *jc_class_of(struct jc *jc, uint16_t ref)
{
	(void)jc;
	(void)ref;
	return NULL;
}

__attribute__((weak)) enum jc_type jc_type_of(struct jc *jc, uint16_t ref)
{
	(void)jc;
	(void)ref;
	return 0;
}

__attribute__((weak)) enum jc_where jc_where_of(struct jc *jc, uint16_t ref)
{
	(void)jc;
	(void)ref;
	return 0;
}

__attribute__((weak)) uint16_t jc_length(struct jc *jc, uint16_t ref)
{
	(void)jc;
	(void)ref;
	return 0;
}

__attribute__((weak)) bool jc_instance_of(const struct jc_class *class, const struct jc_class *of)
{
	(void)class;
	(void)of;
	return false;
}

__attribute__((weak)) uint16_t jc_cell(struct jc *jc, uint16_t ref, uint16_t cell)
{
	(void)jc;
	(void)ref;
	(void)cell;
	return 0;
}

__attribute__((weak)) bool jc_set_cell(struct jc *jc, uint16_t ref, uint16_t cell, uint16_t v)
{
	(void)jc;
	(void)ref;
	(void)cell;
	(void)v;
	return false;
}

__attribute__((weak)) void jc_set_cell_now(struct jc *jc, uint16_t ref, uint16_t cell, uint16_t v)
{
	(void)jc;
	(void)ref;
	(void)cell;
	(void)v;
}

__attribute__((weak)) const uint8_t *jc_store(struct jc *jc, uint16_t store, uint32_t *n)
{
	(void)jc;
	(void)store;
	(void)n;
	return NULL;
}

__attribute__((weak)) bool jc_store_put(
    struct jc *jc, uint16_t store, uint32_t at, const void *p, uint32_t n, enum jc_atomicity how)
{
	(void)jc;
	(void)store;
	(void)at;
	(void)p;
	(void)n;
	(void)how;
	return false;
}

__attribute__((weak)) bool jc_bytes_in(struct jc *jc, uint16_t ref, int32_t off, int32_t len, const uint8_t **p)
{
	(void)jc;
	(void)ref;
	(void)off;
	(void)len;
	(void)p;
	return false;
}

__attribute__((weak)) bool jc_bytes_out(struct jc *jc, uint16_t ref, int32_t off, int32_t len)
{
	(void)jc;
	(void)ref;
	(void)off;
	(void)len;
	return false;
}

__attribute__((weak)) bool jc_put(
    struct jc *jc, uint16_t ref, int32_t off, const void *p, int32_t len, enum jc_atomicity how)
{
	(void)jc;
	(void)ref;
	(void)off;
	(void)p;
	(void)len;
	(void)how;
	return false;
}

__attribute__((weak)) bool jc_elements_in(struct jc *jc, uint16_t ref, enum jc_type type, int32_t off, int32_t len)
{
	(void)jc;
	(void)ref;
	(void)type;
	(void)off;
	(void)len;
	return false;
}

__attribute__((weak)) int32_t jc_element(struct jc *jc, uint16_t ref, uint16_t i)
{
	(void)jc;
	(void)ref;
	(void)i;
	return 0;
}

__attribute__((weak)) bool jc_put_element(struct jc *jc, uint16_t ref, uint16_t i, int32_t v, enum jc_atomicity how)
{
	(void)jc;
	(void)ref;
	(void)i;
	(void)v;
	(void)how;
	return false;
}

__attribute__((weak)) bool jc_call(struct jc *jc, unsigned token, uint16_t *a, unsigned words)
{
	(void)jc;
	(void)token;
	(void)a;
	(void)words;
	return false;
}

__attribute__((weak)) bool jc_call_interface(
    struct jc *jc, const struct jc_class *interface, unsigned token, uint16_t *a, unsigned words)
{
	(void)jc;
	(void)interface;
	(void)token;
	(void)a;
	(void)words;
	return false;
}

__attribute__((weak)) uint16_t jc_active_applet(const struct jc *jc)
{
	(void)jc;
	return 0;
}

__attribute__((weak)) uint16_t jc_selected_applet(const struct jc *jc)
{
	(void)jc;
	return 0;
}

__attribute__((weak)) uint16_t jc_previous_applet(const struct jc *jc)
{
	(void)jc;
	return 0;
}

__attribute__((weak)) const struct jc_chip *jc_chip_of(const struct jc *jc)
{
	(void)jc;
	return NULL;
}

__attribute__((weak)) void jc_random(struct jc *jc, void *out, size_t n)
{
	(void)jc;
	(void)out;
	(void)n;
}

__attribute__((weak)) uint16_t jc_apdu_buffer(const struct jc *jc)
{
	(void)jc;
	return 0;
}

__attribute__((weak)) uint16_t jc_apdu_object(const struct jc *jc)
{
	(void)jc;
	return 0;
}

__attribute__((weak)) uint32_t jc_memory_free(struct jc *jc, enum jc_where where)
{
	(void)jc;
	(void)where;
	return 0;
}

__attribute__((weak)) bool jc_in_transaction(const struct jc *jc)
{
	(void)jc;
	return false;
}

__attribute__((weak)) uint32_t jc_memory_size(const struct jc_chip *chip, uint32_t host_size)
{
	(void)chip;
	(void)host_size;
	return 0;
}

__attribute__((weak)) void jc_deliver(struct nv *nv, const struct jc_chip *chip, uint32_t host_size)
{
	(void)nv;
	(void)chip;
	(void)host_size;
}

__attribute__((weak)) size_t jc_ram_size(void)
{
	return 0;
}

__attribute__((weak)) struct jc *jc_of(struct sim *s)
{
	(void)s;
	return NULL;
}

__attribute__((weak)) bool jc_power_up(struct sim *s, const struct jc_host *host)
{
	(void)s;
	(void)host;
	return false;
}

__attribute__((weak)) uint32_t jc_host_at(const struct jc *jc)
{
	(void)jc;
	return 0;
}

__attribute__((weak)) struct nv *jc_nv(struct jc *jc)
{
	(void)jc;
	return NULL;
}

__attribute__((weak)) unsigned jc_packages(struct jc *jc, uint8_t out[256])
{
	(void)jc;
	(void)out;
	return 0;
}

__attribute__((weak)) bool jc_package_info(struct jc *jc, uint8_t package, struct jc_package_info *out)
{
	(void)jc;
	(void)package;
	(void)out;
	return false;
}

__attribute__((weak)) bool jc_package_module(
    struct jc *jc, uint8_t package, unsigned module, uint8_t aid[JC_AID_MAX], uint8_t *aid_len)
{
	(void)jc;
	(void)package;
	(void)module;
	(void)aid;
	(void)aid_len;
	return false;
}

__attribute__((weak)) int jc_package_by_aid(struct jc *jc, const uint8_t *aid, size_t n)
{
	(void)jc;
	(void)aid;
	(void)n;
	return -1;
}

__attribute__((weak)) sw_t jc_load_begin(struct jc *jc, const uint8_t *aid, size_t aid_len, uint32_t limit)
{
	(void)jc;
	(void)aid;
	(void)aid_len;
	(void)limit;
	return SW_CONDITIONS_OF_USE;
}

__attribute__((weak)) sw_t jc_load_bytes(struct jc *jc, const uint8_t *p, size_t n)
{
	(void)jc;
	(void)p;
	(void)n;
	return SW_CONDITIONS_OF_USE;
}

__attribute__((weak)) sw_t jc_load_end(struct jc *jc, uint8_t *package)
{
	(void)jc;
	(void)package;
	return SW_CONDITIONS_OF_USE;
}

__attribute__((weak)) void jc_load_commit(struct jc *jc)
{
	(void)jc;
}

__attribute__((weak)) void jc_load_done(struct jc *jc)
{
	(void)jc;
}

__attribute__((weak)) void jc_load_abort(struct jc *jc)
{
	(void)jc;
}

__attribute__((weak)) unsigned jc_applets(struct jc *jc, uint8_t out[JC_APPLETS_MAX])
{
	(void)jc;
	(void)out;
	return 0;
}

__attribute__((weak)) bool jc_applet_info(struct jc *jc, uint16_t applet, struct jc_applet_info *out)
{
	(void)jc;
	(void)applet;
	(void)out;
	return false;
}

__attribute__((weak)) int jc_applet_by_aid(struct jc *jc, const uint8_t *aid, size_t n)
{
	(void)jc;
	(void)aid;
	(void)n;
	return -1;
}

__attribute__((weak)) uint16_t jc_applet_aid_object(struct jc *jc, uint16_t applet)
{
	(void)jc;
	(void)applet;
	return 0;
}

__attribute__((weak)) uint16_t jc_applet_object(struct jc *jc, uint16_t applet)
{
	(void)jc;
	(void)applet;
	return 0;
}

__attribute__((weak)) sw_t jc_install(struct jc *jc, uint8_t package, unsigned module, const uint8_t *aid,
    size_t aid_len, const uint8_t *params, size_t n, uint16_t *applet)
{
	(void)jc;
	(void)package;
	(void)module;
	(void)aid;
	(void)aid_len;
	(void)params;
	(void)n;
	(void)applet;
	return SW_CONDITIONS_OF_USE;
}

__attribute__((weak)) void jc_install_commit(struct jc *jc)
{
	(void)jc;
}

__attribute__((weak)) void jc_install_done(struct jc *jc)
{
	(void)jc;
}

__attribute__((weak)) void jc_install_abort(struct jc *jc)
{
	(void)jc;
}

__attribute__((weak)) sw_t jc_delete(struct jc *jc, const uint16_t *set, unsigned n, uint8_t package)
{
	(void)jc;
	(void)set;
	(void)n;
	(void)package;
	return SW_CONDITIONS_OF_USE;
}

__attribute__((weak)) void jc_delete_commit(struct jc *jc, const uint16_t *set, unsigned n, uint8_t package)
{
	(void)jc;
	(void)set;
	(void)n;
	(void)package;
}

__attribute__((weak)) void jc_delete_done(struct jc *jc)
{
	(void)jc;
}

__attribute__((weak)) uint16_t jc_selected_on(const struct jc *jc, uint8_t channel)
{
	(void)jc;
	(void)channel;
	return 0;
}

__attribute__((weak)) bool jc_select(struct jc *jc, uint16_t applet, uint8_t channel)
{
	(void)jc;
	(void)applet;
	(void)channel;
	return false;
}

__attribute__((weak)) void jc_deselect(struct jc *jc, uint8_t channel)
{
	(void)jc;
	(void)channel;
}

__attribute__((weak)) void jc_process(
    struct jc *jc, uint8_t channel, bool selecting, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	(void)jc;
	(void)channel;
	(void)selecting;
	(void)cmd;
	(void)n;
	(void)rsp;
}

__attribute__((weak)) sw_t jc_call_applet(struct jc *jc, uint16_t applet, uint8_t channel,
    const struct jc_class *interface, unsigned token, uint16_t *a, unsigned words, const uint8_t *data, size_t n)
{
	(void)jc;
	(void)applet;
	(void)channel;
	(void)interface;
	(void)token;
	(void)a;
	(void)words;
	(void)data;
	(void)n;
	return SW_CONDITIONS_OF_USE;
}

__attribute__((weak)) uint32_t jc_used(struct jc *jc)
{
	(void)jc;
	return 0;
}

__attribute__((weak)) void jc_trace(
    struct jc *jc, void (*step)(void *context, const struct jc_trace_step *), void *context)
{
	(void)jc;
	(void)step;
	(void)context;
}
