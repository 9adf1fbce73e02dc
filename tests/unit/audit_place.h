/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * audit_place.h - what the tests of the audit writer share: a folder of its
 * own for each test, a decision to write down, a look at what was written.
 * All inline, because each test is a program of its own.
 */
#ifndef TESTS_AUDIT_PLACE_H
#define TESTS_AUDIT_PLACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>
#include <unistd.h>

#include "milter/audit/record.h"

/* A folder of its own for each test, with the usual two names in it. */
struct place {
	char dir[64], file[96], moved[96], log[96];
	struct audit_options options;
	char error[256];
};

static inline int
make_place(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	assert_non_null(p);
	strcpy(p->dir, P_tmpdir "/test_audit.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->file, sizeof p->file, "%s/audit.jsonl", p->dir);
	snprintf(p->moved, sizeof p->moved, "%s/audit.jsonl.1", p->dir);
	snprintf(p->log, sizeof p->log, "%s/log", p->dir);
	p->options = (struct audit_options){ .path = p->file,
		.syslog_path = p->log };
	*state = p;
	return 0;
}

static inline int
remove_place(void **state)
{
	struct place *p = *state;
	char command[96];

	snprintf(command, sizeof command, "rm -r %s", p->dir);
	assert_int_equal(system(command), 0);
	free(p);
	return 0;
}

static inline struct audit *
open_audit(struct place *p)
{
	struct audit *a = audit_open(&p->options, p->error, sizeof p->error);

	if (a == NULL)
		fail_msg("%s", p->error);
	return a;
}

static inline void
make_decision(struct audit_decision *d, struct envelope *e, struct verdict *v)
{
	static const struct rule rule = { .id = "P08",
		.form = "percent-hack", .code = "550", .dsn = "5.7.1" };

	*e = (struct envelope){ .sender = TEXT("<a@b.test>"),
		.recipient = TEXT("<u%far.test@here.test>") };
	ip_parse(TEXT("192.0.2.1"), &e->client);
	memset(v, 0, sizeof *v);
	v->action = VERDICT_REFUSE;
	v->rule = &rule;
	*d = (struct audit_decision){ .time = { 1800000000, 0 },
		.door = "milter", .stage = STAGE_RCPT, .envelope = e,
		.verdict = v };
}

static inline void
write_one(struct audit *a, enum verdict_action action)
{
	struct audit_decision d;
	struct envelope e;
	struct verdict v;

	make_decision(&d, &e, &v);
	v.action = action;
	if (action != VERDICT_REFUSE)
		v.rule = NULL;
	audit_write(a, &d);
}

/* The lines of a file, each parsed; counts those that are no JSON object. */
static inline size_t
read_lines(const char *path, size_t *bad, void (*see)(const json_t *, void *),
    void *context)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t cap = 0, n = 0;

	*bad = 0;
	while (f != NULL && getline(&line, &cap, f) > 0) {
		json_t *o = json_loads(line, 0, NULL);

		if (!json_is_object(o))
			++*bad;
		else if (see != NULL)
			see(o, context);
		n++;
		json_decref(o);
	}
	free(line);
	if (f != NULL)
		fclose(f);
	return n;
}

static inline void
assert_lines(const char *path, size_t lines, size_t bad_lines)
{
	size_t bad;

	assert_int_equal(read_lines(path, &bad, NULL, NULL), lines);
	assert_int_equal(bad, bad_lines);
}

#define WITH_PLACE(test) \
	cmocka_unit_test_setup_teardown(test, make_place, remove_place)

#endif
