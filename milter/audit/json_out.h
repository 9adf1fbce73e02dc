/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json_out.h - writes one flat JSON line straight into a buffer.  A record is
 * written in the mail path, where building a tree of values for jansson costs
 * more than the whole decision; everything that reads JSON uses jansson.
 * All text is escaped to printable ASCII by policy/escape.h first.
 */
#ifndef AUDIT_JSON_OUT_H
#define AUDIT_JSON_OUT_H

#include <stdint.h>

#include "policy/text.h"

struct json_out {
	char *at;
	size_t n, cap; /* bytes written; what does not fit is left out */
	bool full;     /* something did not fit: the line is no good */
	bool first;    /* no comma before the next value */
};

/* Start in a buffer of cap bytes. */
struct json_out json_out_start(char *at, size_t cap);

/* '{' '}' '[' ']', with a comma before an opening one where one is due. */
void json_out_open(struct json_out *j, char bracket);
void json_out_close(struct json_out *j, char bracket);

/* The name of the next value; a plain literal that needs no escaping. */
void json_out_key(struct json_out *j, const char *name);

/* A string of at most max bytes after escape_text, max <= 1024. */
void json_out_text(struct json_out *j, struct text t, size_t max);

/* A string that is printable ASCII already, or null. */
void json_out_plain(struct json_out *j, const char *s);

void json_out_number(struct json_out *j, uint64_t n);
void json_out_bool(struct json_out *j, bool b);

#endif
