/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_json_parts.h - pieces of JSON that the document and the lines share:
 * for report_json*.c.
 */
#ifndef PROBE_REPORT_JSON_PARTS_H
#define PROBE_REPORT_JSON_PARTS_H

#include <jansson.h>

#include "milter/probe/report_parts.h"

/*
 * Jansson's setters take NULL for "the value could not be made" and fail; we
 * gather that in ok and look at it once, at the end.
 */
struct json_writer {
	bool ok;
	const struct probe_result *result;
	const struct report_options *options;
};

/* Both take value over. */
void json_put(struct json_writer *w, json_t *object, const char *key,
    json_t *value);
void json_add(struct json_writer *w, json_t *array, json_t *value);

/* s is printable ASCII already: escaped when it came in, or ours. */
void json_put_text(struct json_writer *w, json_t *object, const char *key,
    const char *s);

/* What we sent or were given; it may hold an operator's own bytes. */
void json_put_sent(struct json_writer *w, json_t *object, const char *key,
    const char *s);

/* A test or a control with all its steps, as a new object. */
json_t *json_of_test(struct json_writer *w, const struct probe_score *s);
json_t *json_of_control(struct json_writer *w, const struct probe_score *s,
    bool before);

#endif
