/* A small image for the tests of images: every part is there, nothing is big. */
#ifndef IGATA_TESTS_SAMPLE_IMAGE_H
#define IGATA_TESTS_SAMPLE_IMAGE_H

#include <string.h>

#include "runtime/image/image.h"

static const uint8_t sample_aid[] = {0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0xff, 0xff, 0x01};

static const char sample_script[] = "igata-script 1\n"
				    "dialect iso-compact\n"
				    "df 4D2A D3921000310001FFFF01\n"
				    "phase create\n"
				    "do 00E00000 62 03 82 01 38 -> 9000 ; the AP's folder\n"
				    "phase personalise\n"
				    "do 00D60000 49 {CARD-NUMBER} -> 9000\n"
				    "do 00D60000 {ZONES:0:10} -> 9000\n"
				    "do 00DB3FFF 70 08 {PIN} -> 9000\n"
				    "phase activate\n"
				    "do 00440000 -> 9000\n";

static const char sample_access[] = "{\"format\":1,\"aid\":\"D3921000310001FFFF01\",\"files\":[{\"id\":\"card\"}]}";

/* Everything that image_write takes from the caller. The image is reset by the test. */
static inline void sample_image(struct image *img)
{
	*img = (struct image){0};
	img->manifest = (struct image_manifest){
	    .id = "entrance-card",
	    .version = "1.0",
	    .title = {"Entrance card", "入退室カード"},
	    .aid_len = sizeof sample_aid,
	    .chip = "iso-compact-32k",
	    .family = "native",
	    .dialect = "iso-compact",
	    .area = "extension",
	    .compiler = "igata 0.1",
	    .memory = 1234,
	    .witness = "cited",
	    .atr = "3B80",
	    .n_notices = 1,
	    .notice = {{"IG0601", "assumed", {"a notice", "注記"}}},
	};
	memcpy(img->manifest.aid, sample_aid, sizeof sample_aid);
	img->n_holes = 3;
	img->hole[0] =
	    (struct image_hole){"CARD-NUMBER", "field", "card-number", "digits", "csv", 10, 10, false, -1, 0, false, 0};
	img->hole[1] =
	    (struct image_hole){"ZONES", "field", "zone-list", "text", "csv", 0, 64, false, 0x20, 64, false, 0};
	img->hole[2] = (struct image_hole){"PIN", "pin", "holder", "digits", "csv", 4, 8, true, 0xff, 8, false, 0};
	buf_str(&img->entry[IMAGE_PAYLOAD], sample_script);
	buf_str(&img->entry[IMAGE_ACCESS], sample_access);
	buf_str(&img->entry[IMAGE_PROBE], "probe\n");
}

#endif
