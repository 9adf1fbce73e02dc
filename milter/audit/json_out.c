/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/audit/json_out.h"

#include <inttypes.h>
#include <stdio.h>

#include "policy/escape.h"

#define TEXT_MAX 1024

struct json_out
json_out_start(char *at, size_t cap)
{
	return (struct json_out){ .at = at, .cap = cap, .first = true };
}

static void
put(struct json_out *j, const char *s, size_t n)
{
	if (n > j->cap - j->n) {
		j->full = true;
		return;
	}
	memcpy(j->at + j->n, s, n);
	j->n += n;
}

/* The comma before a value, when one is due. */
static void
separate(struct json_out *j)
{
	if (!j->first)
		put(j, ",", 1);
	j->first = false;
}

void
json_out_open(struct json_out *j, char bracket)
{
	separate(j);
	put(j, &bracket, 1);
	j->first = true;
}

void
json_out_close(struct json_out *j, char bracket)
{
	put(j, &bracket, 1);
	j->first = false;
}

void
json_out_key(struct json_out *j, const char *name)
{
	separate(j);
	put(j, "\"", 1);
	put(j, name, strlen(name));
	put(j, "\":", 2);
	j->first = true; /* its value follows without a comma */
}

/* Printable ASCII in quotes; JSON itself still escapes quote and backslash. */
static void
put_string(struct json_out *j, const char *s, size_t n)
{
	size_t i, from = 0;

	separate(j);
	put(j, "\"", 1);
	for (i = 0; i < n; i++) {
		if (s[i] != '"' && s[i] != '\\')
			continue;
		put(j, s + from, i - from);
		put(j, "\\", 1);
		from = i;
	}
	put(j, s + from, n - from);
	put(j, "\"", 1);
}

void
json_out_text(struct json_out *j, struct text t, size_t max)
{
	char escaped[TEXT_MAX + 1];
	size_t n = escape_text(t, escaped, (max < TEXT_MAX ? max : TEXT_MAX) +
	    1);

	put_string(j, escaped, n);
}

void
json_out_plain(struct json_out *j, const char *s)
{
	if (s != NULL) {
		put_string(j, s, strlen(s));
		return;
	}
	separate(j);
	put(j, "null", 4);
}

void
json_out_number(struct json_out *j, uint64_t n)
{
	char digits[24];
	int width = snprintf(digits, sizeof digits, "%" PRIu64, n);

	separate(j);
	put(j, digits, (size_t)width);
}

void
json_out_bool(struct json_out *j, bool b)
{
	separate(j);
	put(j, b ? "true" : "false", b ? 4 : 5);
}
