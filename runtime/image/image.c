#include "runtime/image/image.h"

#include <string.h>

#include "runtime/image/parts.h"

const char image_id_chars[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
const char image_name_chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";

bool image_word(const char *s, const char *allowed)
{
	return s[0] != 0 && s[strspn(s, allowed)] == 0;
}

const char *image_entry_path(enum image_entry_name e)
{
	static const char *const path[] = {
	    [IMAGE_MANIFEST] = "manifest.json",
	    [IMAGE_PAYLOAD] = "payload/script",
	    [IMAGE_TEMPLATE] = "template.json",
	    [IMAGE_ACCESS] = "access.json",
	    [IMAGE_PROBE] = "suite/probe",
	    [IMAGE_FULL] = "suite/full",
	    [IMAGE_SIGNATURE] = "signature.p7s",
	};
	return path[e];
}

const char *image_path(const struct image *img, enum image_entry_name e)
{
	return e == IMAGE_PAYLOAD && img->cap ? "payload/applet.cap" : image_entry_path(e);
}

const char *image_trust_word(enum image_trust t)
{
	static const char *const word[] = {
	    [IMAGE_UNSIGNED] = "unsigned",
	    [IMAGE_TEST_SIGNED] = "test-key",
	    [IMAGE_UNKNOWN_KEY] = "unknown-key",
	    [IMAGE_TRUSTED] = "trusted",
	};
	return word[t];
}

const char *image_trust_text(enum image_trust t, const char *lang)
{
	static const char *const text[][2] = {
	    [IMAGE_UNSIGNED] = {"not signed", "署名なし"},
	    [IMAGE_TEST_SIGNED] = {"signed with the public test key, which everybody has",
		"誰でも使える公開試験鍵による署名"},
	    [IMAGE_UNKNOWN_KEY] = {"signed with a key that is not trusted here",
		"信頼する鍵として指定されていない鍵による署名"},
	    [IMAGE_TRUSTED] = {"signed with a trusted key", "信頼する鍵による署名"},
	};
	return text[t][strcmp(lang, "ja") == 0];
}

void image_reset(struct image *img)
{
	for (size_t i = 0; i < IMAGE_ENTRIES; i++)
		buf_reset(&img->entry[i]);
	*img = (struct image){0};
}
