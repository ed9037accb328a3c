/* What `apc explain` shows: how each feature of an AP is carried by a chip, how many bytes it takes, and on which of
 * the chip's facts it rests, the weakest first; and the table of APs and chips. */
#ifndef IGATA_EXPLAIN_H
#define IGATA_EXPLAIN_H

#include "compiler/plan/plan.h"
#include "runtime/base/buf.h"
#include "runtime/base/json.h"

/* The worst of its features, and the code of the first refusal (0: none). */
enum plan_way explain_way(const struct plan *p, enum diag_code *refusal);

/* "native", "emulated", "refused"; lang is "en" or "ja". */
const char *explain_way_name(enum plan_way w, const char *lang);

/* A feature in words: "file zones: read pin(holder)". */
void explain_feature(const struct plan *p, const struct plan_feature *f, const char *lang, struct buf *out);

/* One AP on one chip as a table: one line for each feature, and one for all. For plans of plan_survey too. */
void explain_plan(const struct plan *p, const char *lang, struct buf *out);

/* The same as one JSON object, in key: ap, chip, way, code, bytes, witness, features [{feature, name, text, way, code,
 * bytes, witness, fact, line, column}]. */
void explain_json(const struct plan *p, const char *lang, struct json *j, const char *key);

/* APs (rows) x chips (columns): way, bytes and weakest witness. cell[i * n_chips + k] is AP i on chip k, NULL where it
 * was not planned. */
void explain_matrix(const struct plan *const *cell, size_t n_aps, size_t n_chips, const char *lang, struct buf *out);

#endif
