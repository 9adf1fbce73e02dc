/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/audit/read.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "milter/audit/when.h"
#include "policy/escape.h"

struct audit_reader {
	FILE *f;
	uint64_t line;
	const char *error;
	bool end;
	json_t *json;      /* of the line read last */
	size_t from, to;   /* the unread part of buffer */
	char buffer[AUDIT_READ_MAX];
	char scratch[AUDIT_READ_MAX]; /* the record's unescaped text */
	size_t scratch_n;
};

struct audit_reader *
audit_reader_new(FILE *f)
{
	struct audit_reader *r = malloc(sizeof *r);

	if (r == NULL)
		return NULL;
	r->f = f;
	r->line = 0;
	r->error = "no error";
	r->end = false;
	r->json = NULL;
	r->from = r->to = r->scratch_n = 0;
	return r;
}

void
audit_reader_free(struct audit_reader *r)
{
	if (r == NULL)
		return;
	json_decref(r->json);
	free(r);
}

uint64_t
audit_reader_line(const struct audit_reader *r)
{
	return r->line;
}

const char *
audit_reader_error(const struct audit_reader *r)
{
	return r->error;
}

/* Move what is unread to the front and read more behind it. */
static void
fill(struct audit_reader *r)
{
	size_t room;

	memmove(r->buffer, r->buffer + r->from, r->to - r->from);
	r->to -= r->from;
	r->from = 0;
	room = sizeof r->buffer - r->to;
	if (room == 0)
		return;
	room = fread(r->buffer + r->to, 1, room, r->f);
	r->to += room;
	r->end = room == 0 || feof(r->f) || ferror(r->f);
}

/*
 * The next line without its newline; false at the end.  Of a line longer than
 * the buffer the whole buffer is handed out, and *whole is false.
 */
static bool
next_line(struct audit_reader *r, struct text *line, bool *whole)
{
	size_t seen = 0;

	*whole = true;
	for (;;) {
		struct text rest = { r->buffer + r->from, r->to - r->from };
		const char *newline = rest.n == seen ? NULL :
		    memchr(rest.at + seen, '\n', rest.n - seen);

		if (newline != NULL) {
			*line = text_cut(rest, 0, (size_t)(newline - rest.at));
			r->from += line->n + 1;
			return true;
		}
		*whole = rest.n < sizeof r->buffer;
		if (!*whole || r->end) {
			*line = rest;
			r->from = r->to;
			return rest.n > 0;
		}
		seen = rest.n;
		fill(r);
	}
}

/* Pass over what is left of a line that did not fit. */
static void
skip_line(struct audit_reader *r)
{
	struct text line;
	bool whole = false;

	while (!whole && next_line(r, &line, &whole))
		;
}

static bool
is_blank_line(struct text line)
{
	if (line.n > 0 && line.at[line.n - 1] == '\r')
		line.n--;
	return text_trim(line).n == 0;
}

/*
 * A text field, unescaped into scratch, which is as long as the longest line
 * and hence never too short.  False when it is there but no string.
 */
static bool
take_text(struct audit_reader *r, const char *key, struct text *out)
{
	const json_t *value = json_object_get(r->json, key);
	char *at = r->scratch + r->scratch_n;

	*out = (struct text){ at, 0 };
	if (value == NULL || json_is_null(value))
		return true;
	if (!json_is_string(value))
		return false;
	out->n = unescape_text((struct text){ json_string_value(value),
		json_string_length(value) }, at);
	r->scratch_n += out->n;
	return true;
}

static bool
parse_verdict(struct text word, enum verdict_action *out)
{
	static const enum verdict_action all[] = { VERDICT_DEFER,
		VERDICT_ACCEPT, VERDICT_REFUSE };
	size_t i;

	for (i = 0; i < sizeof all / sizeof all[0]; i++) {
		if (text_equal(word, text_of(verdict_action_text(all[i])))) {
			*out = all[i];
			return true;
		}
	}
	return false;
}

static bool
parse_mode(struct text word, bool *monitor)
{
	*monitor = text_equal(word, TEXT("monitor"));
	return *monitor || text_equal(word, TEXT("enforce"));
}

/* NULL, or what is wrong with the object in r->json. */
static const char *
take_record(struct audit_reader *r, struct audit_record *out)
{
	struct text time, verdict, mode;

	if (!json_is_object(r->json))
		return "not a JSON object";
	if (json_integer_value(json_object_get(r->json, "v")) != 1)
		return "not an audit record of schema version 1";
	r->scratch_n = 0;
	if (!take_text(r, "time", &time) || !when_parse(time, &out->time))
		return "\"time\" is no RFC 3339 time";
	if (!take_text(r, "verdict", &verdict) ||
	    !parse_verdict(verdict, &out->verdict))
		return "\"verdict\" is not accept, refuse or defer";
	if (!take_text(r, "mode", &mode) || !parse_mode(mode, &out->monitor))
		return "\"mode\" is not enforce or monitor";
	if (!take_text(r, "door", &out->door) ||
	    !take_text(r, "queue_id", &out->queue_id) ||
	    !take_text(r, "rule", &out->rule) ||
	    !take_text(r, "form", &out->form) ||
	    !take_text(r, "client", &out->client) ||
	    !take_text(r, "sender", &out->sender) ||
	    !take_text(r, "recipient", &out->recipient))
		return "a text field is not a string";
	return NULL;
}

static const char *
parse(struct audit_reader *r, struct text line, struct audit_record *out)
{
	json_decref(r->json);
	r->json = json_loadb(line.at, line.n, JSON_REJECT_DUPLICATES, NULL);
	return r->json == NULL ? "not valid JSON" : take_record(r, out);
}

enum audit_read_result
audit_read(struct audit_reader *r, struct audit_record *out)
{
	struct text line;
	bool whole;

	do {
		if (!next_line(r, &line, &whole))
			return ferror(r->f) ? AUDIT_READ_FAILED :
			    AUDIT_READ_END;
		r->line++;
	} while (whole && is_blank_line(line));
	if (whole) {
		r->error = parse(r, line, out);
	} else {
		skip_line(r);
		r->error = "longer than 64 KiB";
	}
	return r->error == NULL ? AUDIT_READ_RECORD : AUDIT_READ_BAD;
}
