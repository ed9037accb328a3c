/* Compact access rules (tag 8C) in words. */
#ifndef IGATA_LOAD_COMPACT_WORDS_H
#define IGATA_LOAD_COMPACT_WORDS_H

#include <stdint.h>

#include "runtime/base/buf.h"

/* Append "read: always; update: user authentication (SE 1); all else: never" for file control information (inner data
 * objects); nothing when it holds no compact rule. lang is "en" or "ja". */
void compact_words(const uint8_t *control, size_t n, const char *lang, struct buf *out);

#endif
