/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_audit.c - the audit log from both ends.  An input that begins with 'w'
 * is cut into fields of a decision, written, and must come back the same; any
 * other is an audit file, and the report on it must be printable: as text, and
 * as JSON, which takes longer than all else, if it is long or for one in 16.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <sys/random.h>

#include "milter/audit/line.h"
#include "milter/audit/report.h"
#include "policy/escape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check(bool holds)
{
	if (!holds)
		abort();
}

/* No call of the kernel; and what is found once is found again. */
ssize_t
getrandom(void *to, size_t n, unsigned flags)
{
	(void)flags;
	memset(to, 0x5a, n);
	return (ssize_t)n;
}

/* The next piece, up to a NUL. */
static struct text
take_piece(struct text *rest)
{
	size_t end = text_find(*rest, '\0');
	struct text piece = text_cut(*rest, 0, end);

	*rest = text_cut(*rest, end < rest->n ? end + 1 : end, rest->n);
	return piece;
}

static void
check_printable(const char *at, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		check((at[i] >= 0x20 && at[i] <= 0x7e) || at[i] == '\n');
}

static ssize_t
read_text(void *with, char *to, size_t room)
{
	struct text *rest = with;
	size_t n = rest->n < room ? rest->n : room;

	memcpy(to, rest->at, n);
	*rest = text_cut(*rest, n, rest->n);
	return (ssize_t)n;
}

/* A stream of t, until the next one: one for all inputs, as to open costs. */
static FILE *
stream_of(struct text t)
{
	static struct text rest;
	static FILE *f;

	rest = t;
	if (f == NULL)
		f = fopencookie(&rest, "r",
		    (cookie_io_functions_t){ .read = read_text });
	check(f != NULL);
	__fpurge(f);
	clearerr(f);
	return f;
}

/* What must come back of a field: all of it, or all that fitted. */
static void
check_field(struct text sent, struct text back)
{
	char out[AUDIT_FIELD_MAX + 1];
	struct text want;

	escape_text(sent, out, sizeof out);
	want = (struct text){ out, unescape_text(text_of(out), out) };
	check(text_equal(want, back));
}

static void
check_line(const struct envelope *e, struct text line)
{
	struct audit_reader *r = audit_reader_new(stream_of(line));
	struct audit_record record;

	check(r != NULL);
	check(audit_read(r, &record) == AUDIT_READ_RECORD);
	check_field(e->sender, record.sender);
	check_field(e->recipient, record.recipient);
	check(audit_read(r, &record) == AUDIT_READ_END);
	audit_reader_free(r);
}

static void
fuzz_writer(struct text rest)
{
	static const struct rule rule = { .id = "P08", .form = "percent-hack",
		.code = "550", .dsn = "5.7.1" };
	static struct verdict v;
	char line[AUDIT_LINE_MAX], notice[AUDIT_NOTICE_MAX];
	struct envelope e = { .sender = take_piece(&rest) };
	struct audit_decision d = { .door = "milter", .envelope = &e,
		.verdict = &v };
	size_t n;

	e.recipient = take_piece(&rest);
	d.queue_id = take_piece(&rest);
	e.helo = take_piece(&rest);
	e.auth = take_piece(&rest);
	v.action = VERDICT_REFUSE;
	v.rule = &rule;
	for (v.n = 0; v.n < REASONS_MAX && rest.n > 0; v.n++)
		v.reason[v.n] = (struct reason){ .kind = REASON_FOREIGN,
			.subject = take_piece(&rest) };
	n = audit_line(&d, line);
	check(n > 0 && memchr(line, '\n', n) == line + n - 1);
	check_printable(line, n);
	check_line(&e, (struct text){ line, n });
	n = audit_notice(&d, notice);
	check(n < AUDIT_NOTICE_MAX - 1 && memchr(notice, '\n', n) == NULL);
	check_printable(notice, n);
}

static void
check_report(const struct summary *s,
    int (*report)(const struct summary *, const struct report_options *,
    FILE *))
{
	static const struct report_options page = { .top = 3, .width = 60 };
	static char *out;
	static size_t n;
	static FILE *f;

	if (f == NULL)
		f = open_memstream(&out, &n);
	check(f != NULL);
	rewind(f);
	check(report(s, &page, f) == 0);
	check(fflush(f) == 0);
	check_printable(out, n);
}

static void
fuzz_reader(struct text file)
{
	struct audit_reader *r = audit_reader_new(stream_of(file));
	enum audit_read_result result;
	struct audit_record record;
	struct summary s;
	uint64_t records = 0;

	check(r != NULL && summary_init(&s, 31, 0) == 0);
	while ((result = audit_read(r, &record)) <= AUDIT_READ_BAD) {
		if (result == AUDIT_READ_BAD) {
			s.bad++;
			continue;
		}
		records++;
		check(summary_add(&s, &record) == 0);
	}
	check(result == AUDIT_READ_END);
	check(records == summary_records(&s) + s.before);
	check_report(&s, report_text);
	if (file.n >= 128 || file.n % 16 == 0)
		check_report(&s, report_json);
	summary_free(&s);
	audit_reader_free(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct text input = { (const char *)data, n };

	if (n == 0)
		return 0;
	if (input.at[0] == 'w')
		fuzz_writer(text_cut(input, 1, n));
	else
		fuzz_reader(input);
	return 0;
}
