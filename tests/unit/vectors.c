/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/vectors.h"

#include <stdio.h>
#include <stdlib.h>

#include "policy/escape.h"

/* The next field of the line, or false at its end. */
static bool
next_field(struct text *line, struct text *field)
{
	size_t end;

	*line = text_trim(*line);
	if (line->n == 0)
		return false;
	if (line->at[0] == '\'') {
		*line = text_cut(*line, 1, line->n);
		end = text_find(*line, '\'');
		*field = text_cut(*line, 0, end);
		*line = text_cut(*line, end < line->n ? end + 1 : end, line->n);
		return true;
	}
	for (end = 0; end < line->n && !text_is_blank(line->at[end]);)
		end++;
	*field = text_cut(*line, 0, end);
	*line = text_cut(*line, end, line->n);
	return true;
}

/*
 * An exact-size heap copy without a terminator, so that the sanitizers see
 * every byte read too far.
 */
static struct text
exact_copy(struct text field)
{
	char *out = malloc(field.n > 0 ? field.n : 1);
	char *exact;
	size_t n;

	if (out == NULL)
		abort();
	n = unescape_text(field, out);
	exact = realloc(out, n > 0 ? n : 1);
	return (struct text){ exact, n };
}

static void
split(struct text line, struct vector *v)
{
	struct text field;

	v->n = 0;
	while (v->n < VECTOR_FIELDS_MAX && next_field(&line, &field))
		v->field[v->n++] = exact_copy(field);
}

static void
release(struct vector *v)
{
	while (v->n > 0)
		free((void *)v->field[--v->n].at);
}

unsigned
vectors_run(const char *name, const char *(*run)(const struct vector *v))
{
	char path[256], *line = NULL;
	size_t cap = 0;
	ssize_t n;
	unsigned failed = 0, cases = 0;
	struct vector v = { .file = name };
	const char *wrong;
	FILE *f;

	snprintf(path, sizeof path, "%s%s", strchr(name, '/') != NULL ? "" :
	    "tests/vectors/", name);
	f = fopen(path, "r");
	while (f != NULL && (n = getline(&line, &cap, f)) > 0) {
		struct text all = text_of(line);

		v.line++;
		all.n -= all.n > 0 && all.at[all.n - 1] == '\n';
		if (text_trim(all).n == 0 || text_trim(all).at[0] == '#')
			continue;
		split(all, &v);
		cases++;
		if ((wrong = run(&v)) != NULL) {
			printf("%s:%u: %s\n    %s", path, v.line, wrong, line);
			failed++;
		}
		release(&v);
	}
	free(line);
	if (f != NULL)
		fclose(f);
	if (cases == 0) {
		printf("%s: no cases\n", path);
		return 1;
	}
	return failed;
}
