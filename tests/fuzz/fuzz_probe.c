/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The self-test against any server: whatever bytes answer its commands, it
 * ends, what it keeps is printable, and only a 2xx counts as accepted.  The
 * first byte chooses who answers: a mail server, or a door of the guard.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "milter/clock.h"
#include "milter/probe/door.h"
#include "tests/fuzz/exact.h"
#include "tests/fuzz/expect.h"

static void
check_text(const char *s)
{
	for (; *s != '\0'; s++)
		expect(*s >= ' ' && *s <= '~');
}

static void
check_reply(const struct reply *r, enum smtp_status st)
{
	struct reply_by by = reply_by(r);

	expect(r->code == 0 || (r->code >= 200 && r->code <= 599));
	expect(st == SMTP_OK || r->code == 0 || r->code == 421);
	expect((reply_outcome(r) == OUTCOME_ACCEPTED) ==
	    (r->code / 100 == 2));
	expect((by.layer == LAYER_NONE) == (r->code / 100 != 4 &&
	    r->code / 100 != 5));
	expect(by.layer != LAYER_GUARD || (by.rule.n == 3 && by.form.n > 0));
	check_text(r->first);
	check_text(r->last);
	check_text(r->dsn);
}

/* Some commands; the answers are there already, and then the end. */
static void
converse(struct smtp *s)
{
	static const char *const line[] = { "EHLO [192.0.2.1]", "RSET",
		"MAIL FROM:<a@b.example> AUTH=<>", "RCPT TO:<u@d.example>",
		"MAIL FROM:<>", "RCPT TO:u%d@h", "QUIT" };
	struct reply reply;
	size_t i;

	for (i = 0; i < sizeof line / sizeof line[0] && smtp_is_open(s); i++)
		check_reply(&reply, smtp_ask(s, line[i], &reply));
	smtp_close(s);
}

static void
check_transcript(const struct transcript *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		check_text(t->line[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct probe_names names = { .server = "mx.guard.test",
		.address = "192.0.2.1" };
	struct transcript log = { 0 };
	struct smtp smtp = { .log = &log };
	struct door door;
	int pair[2];

	if (size < 1 || size > 60000 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		return 0;
	if (size > 1 && write(pair[1], data + 1, size - 1) < 0)
		abort();
	shutdown(pair[1], SHUT_WR);
	smtp.stream = (struct stream){ .fd = pair[0], .timeout_ms = 1000,
		.end = clock_ms() + 5000 };
	if (data[0] % 3 != 0) {
		door_init(&door, data[0] % 3 == 1 ? DOOR_MILTER : DOOR_MAP,
		    "/", &names);
		ip_parse(TEXT("198.51.100.7"), &door.client);
		smtp.door = &door.smtp;
	}
	converse(&smtp);
	check_transcript(&log);
	transcript_free(&log);
	close(pair[1]);
	return 0;
}
