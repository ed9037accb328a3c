#include "runtime/javacard/component.h"

const enum component_tag component_load_order[COMPONENTS_LOADED] = {COMPONENT_Header, COMPONENT_Directory,
    COMPONENT_Import, COMPONENT_Applet, COMPONENT_Class, COMPONENT_Method, COMPONENT_StaticField, COMPONENT_Export,
    COMPONENT_ConstantPool, COMPONENT_RefLocation, COMPONENT_StaticResources, COMPONENT_Descriptor};

const char *component_name(unsigned tag)
{
	static const char *const name[COMPONENT_TAGS] = {
#define COMPONENT(tag, name) [tag] = #name,
#include "runtime/javacard/components.def"
#undef COMPONENT
	};
	return tag < COMPONENT_TAGS && name[tag] != NULL ? name[tag] : "?";
}
