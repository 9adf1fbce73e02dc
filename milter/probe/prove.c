/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/prove.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "milter/clock.h"
#include "milter/probe/reserved.h"

#define MESSAGE_MAX 2048
#define LOOK_MS 20

const char *
prove_objection(const struct probe_names *names, const struct ip *literal,
    const struct ip *target)
{
	const char *const to[] = { names->tester, names->foreign,
		names->third };
	size_t i;

	for (i = 0; i < sizeof to / sizeof to[0]; i++)
		if (!reserved_domain(text_of(to[i])))
			return "--to is somebody's domain";
	if (names->relay[0] != '\0' && !reserved_domain(text_of(names->relay)))
		return "--relay-domain is somebody's";
	if (names->server[0] != '\0' &&
	    !reserved_domain(text_of(names->server)))
		return "--name may be somebody else's: the name in the "
		    "server's greeting will do";
	if (literal->family != IP_NONE && !ip_equal(literal, target) &&
	    !reserved_address(literal))
		return "--literal is not the address of the server";
	return NULL;
}

const char *
prove_begin(struct prover *p, const struct ip *ip, uint16_t port, int wait_s)
{
	unsigned char random[CATCH_NONCE / 2];
	const char *why;
	size_t i;

	*p = (struct prover){ .wait_s = wait_s };
	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		return "no random numbers here";
	for (i = 0; i < sizeof random; i++)
		snprintf(p->nonce + 2 * i, 3, "%02x", random[i]);
	p->catcher = catcher_start(ip, port, p->nonce, &why);
	return p->catcher != NULL ? NULL : why;
}

/*
 * The controls that show whether the server's mail comes to the catcher at
 * all; and the tests, but for the one with an unqualified host, which may be
 * a neighbour of the server's.
 */
bool
prove_wants(const struct probe_test *t)
{
	return t->rule != NULL ? strstr(t->rcpt[0], "%mailhub") == NULL &&
	    strstr(t->rcpt[0], "{m}") == NULL :
	    strchr("ACR", t->id[0]) != NULL;
}

static void
write_message(char out[MESSAGE_MAX], const struct probe_names *names,
    const struct probe_test *t, const char *token)
{
	char date[64] = "";
	time_t now = time(NULL);
	struct tm utc;

	/* always C's names: nobody has called setlocale() */
	if (gmtime_r(&now, &utc) != NULL)
		strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000",
		    &utc);
	snprintf(out, MESSAGE_MAX,
	    CATCH_FIELD " %s\r\n"
	    "From: relay test <probe@%s>\r\n"
	    "To: undisclosed-recipients:;\r\n"
	    "Date: %s\r\n"
	    "Message-ID: <%s@%s>\r\n"
	    "Subject: relay test %s, %s\r\n"
	    "Auto-Submitted: auto-generated\r\n"
	    "\r\n"
	    "The administrator of a mail server tests whether it is an open\r\n"
	    "relay (relayguard probe --prove, test %s: %.100s).\r\n"
	    "This message should be seen by nobody; please delete it.\r\n"
	    "%s\r\n"
	    ".\r\n", token, names->tester, date, token, names->tester, t->id,
	    token, t->id, t->what, token);
}

static void
tell(struct probe_attempt *a, const char *what, const char *more)
{
	if (a->note[0] == '\0')
		snprintf(a->note, sizeof a->note, "%s%.150s", what, more);
}

enum smtp_status
prove_send(struct prover *p, struct smtp *s, const struct probe_names *names,
    const struct probe_test *t, struct probe_attempt *a)
{
	char message[MESSAGE_MAX];
	struct reply r;
	enum smtp_status st;

	if (p->used >= CATCH_TOKENS_MAX)
		return SMTP_OK;
	st = smtp_ask(s, "DATA", &r);
	if (st == SMTP_OK && r.code == 354) {
		snprintf(a->token, sizeof a->token, "%s-%04x", p->nonce,
		    p->used++);
		write_message(message, names, t, a->token);
		st = smtp_message(s, message, &r);
	}
	/* put off, or cut short, it may still be delivered some day */
	a->proof = st == SMTP_OK && r.code / 100 == 5 ? PROOF_REFUSED :
	    PROOF_UNSEEN;
	if (st != SMTP_OK)
		tell(a, "at DATA: ", smtp_status_text(st));
	else if (r.code / 100 != 2)
		tell(a, "at DATA: ", r.last);
	return st;
}

/* Look what has become of a; true when there is no more to wait for. */
static bool
look(struct prover *p, struct probe_attempt *a)
{
	enum probe_proof seen;

	if (a->token[0] == '\0')
		return true;
	seen = catcher_seen(p->catcher, (unsigned)strtoul(a->token +
	    CATCH_NONCE + 1, NULL, 16));
	if (seen != PROOF_NONE)
		a->proof = seen;
	return a->proof != PROOF_UNSEEN;
}

static bool
look_at(struct prover *p, struct probe_score *s, size_t n)
{
	bool all = true;
	size_t i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; k < s[i].n; k++)
			all = look(p, &s[i].attempt[k]) && all;
		if (s[i].test->rule != NULL && s[i].n > 0)
			score_settle(&s[i], true);
	}
	return all;
}

void
prove_collect(struct prover *p, struct probe_result *r, int64_t end)
{
	int64_t until = clock_ms() + p->wait_s * INT64_C(1000);
	bool all;

	if (end < until)
		until = end;
	do {
		all = look_at(p, r->control, r->n_controls);
		all = look_at(p, r->test, r->n_tests) && all;
		if (!all)
			poll(NULL, 0, LOOK_MS);
	} while (!all && clock_ms() < until);
}

void
prove_end(struct prover *p)
{
	catcher_stop(p->catcher);
	p->catcher = NULL;
}
