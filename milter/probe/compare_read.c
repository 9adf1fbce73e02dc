/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/compare.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "policy/escape.h"

#define FILE_BYTES_MAX (64 * 1024 * 1024)
#define TESTS_MAX 10000

/* Where complaints about a file go. */
struct reader {
	const char *file;
	char *why;
};

/* Complain, with the file's name in front; false. */
__attribute__((format(printf, 2, 3))) static bool
complain(const struct reader *in, const char *format, ...)
{
	char text[COMPARE_WHY_MAX], name[PROBE_NOTE_MAX];
	va_list ap;
	int n;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	escape_text(text_of(in->file), name, sizeof name);
	n = snprintf(in->why, COMPARE_WHY_MAX, "%s:", name);
	escape_text(text_of(text), in->why + n, COMPARE_WHY_MAX - (size_t)n);
	return false;
}

/* A string of an object, escaped; false when there is none. */
static bool
take_string(const json_t *object, const char *key, char *out, size_t cap)
{
	const json_t *s = json_object_get(object, key);

	if (!json_is_string(s))
		return false;
	escape_text((struct text){ json_string_value(s),
	    json_string_length(s) }, out, cap);
	return true;
}

static bool
take_grade(const json_t *test, enum report_grade *out)
{
	char name[16];
	int g;

	if (!take_string(test, "grade", name, sizeof name))
		return false;
	for (g = 0; g < GRADES; g++)
		if (strcmp(name, report_grade_text((enum report_grade)g)) ==
		    0) {
			*out = (enum report_grade)g;
			return true;
		}
	return false;
}

static bool
take_tests(const struct reader *in, const json_t *tests, struct comparison *c)
{
	size_t i, n = json_array_size(tests);

	if (!json_is_array(tests))
		return complain(in, " no result of relayguard probe "
		    "--format json: it has no list of tests");
	if (n > TESTS_MAX)
		return complain(in, " more than %d tests", TESTS_MAX);
	c->row = calloc(n + 1, sizeof *c->row);
	if (c->row == NULL)
		return complain(in, " out of memory");
	for (i = 0; i < n; i++) {
		const json_t *test = json_array_get(tests, i);

		if (!take_string(test, "id", c->row[i].id,
		    sizeof c->row[i].id) ||
		    !take_grade(test, &c->row[i].before))
			return complain(in, " no result of relayguard probe: "
			    "test %zu has no id, or no grade", i + 1);
	}
	c->n = n;
	return true;
}

/* "127.0.0.1 port 25", as report_target() has it. */
static void
take_target(const json_t *target, struct comparison *c)
{
	char door[16] = "", name[PROBE_NOTE_MAX / 2] = "";

	take_string(target, "door", door, sizeof door);
	if (take_string(target, "socket", name, sizeof name))
		snprintf(c->target, sizeof c->target, "the %s door %s", door,
		    name);
	else if (take_string(target, "address", name, sizeof name))
		snprintf(c->target, sizeof c->target, "%s port %u", name,
		    (unsigned)json_integer_value(json_object_get(target,
		    "port")));
}

static bool
take_document(const struct reader *in, const json_t *all,
    struct comparison *c)
{
	char version[16];

	if (!take_string(all, "relayguard", version, sizeof version) ||
	    !take_string(all, "verdict", c->verdict, sizeof c->verdict))
		return complain(in, " no result of relayguard probe "
		    "--format json");
	take_string(all, "began", c->began, sizeof c->began);
	take_target(json_object_get(all, "target"), c);
	escape_text(text_of(in->file), c->file, sizeof c->file);
	return take_tests(in, json_object_get(all, "tests"), c);
}

static bool
parse(const struct reader *in, FILE *f, struct comparison *c)
{
	struct stat st;
	json_error_t e;
	json_t *all;
	bool ok;

	if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode))
		return complain(in, " not a file");
	if (st.st_size > FILE_BYTES_MAX)
		return complain(in, " more than 64 MB");
	all = json_loadf(f, JSON_REJECT_DUPLICATES, &e);
	if (all == NULL)
		return complain(in, "%d:%d: %s (byte %d)", e.line, e.column,
		    e.text, e.position);
	ok = take_document(in, all, c);
	json_decref(all);
	return ok;
}

struct comparison *
compare_read(const char *file, char why[COMPARE_WHY_MAX], bool *absent)
{
	struct reader in = { file, why };
	struct comparison *c;
	FILE *f = fopen(file, "re");
	bool ok;

	*absent = f == NULL && errno == ENOENT;
	if (f == NULL) {
		complain(&in, " %s", strerrordesc_np(errno));
		return NULL;
	}
	c = calloc(1, sizeof *c);
	ok = c != NULL ? parse(&in, f, c) : complain(&in, " out of memory");
	fclose(f);
	if (ok)
		return c;
	compare_free(c);
	return NULL;
}
