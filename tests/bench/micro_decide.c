/* SPDX-License-Identifier: BSD-2-Clause */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "policy/decide.h"
#include "tests/bench/allocs.h"
#include "tests/bench/micro.h"
#include "tests/bench/mix.h"

#define ENVELOPES 4096
#define ABUSIVE 30 /* percent */

struct question_set {
	const struct policy *policy;
	unsigned long wrong;
	size_t n;
	struct envelope envelope[ENVELOPES];
	enum verdict_action expect[ENVELOPES];
	struct mix_session session[ENVELOPES];
	struct mix_recipient recipient[ENVELOPES];
};

static const struct facts facts = { .now = MICRO_NOW };

static void
ask_recipients(void *of)
{
	struct question_set *q = of;
	static struct verdict v;
	size_t i;

	for (i = 0; i < q->n; i++) {
		decide_recipient(q->policy, &q->envelope[i], &facts, &v);
		q->wrong += v.action != q->expect[i];
	}
}

static void
ask_senders(void *of)
{
	struct question_set *q = of;
	static struct verdict v;
	size_t i;

	for (i = 0; i < q->n; i++) {
		decide_sender(q->policy, &q->envelope[i], &facts, &v);
		q->wrong += v.action != VERDICT_ACCEPT;
	}
}

static void
set_envelope(struct envelope *e, const struct mix_session *s,
    struct text recipient)
{
	*e = (struct envelope){ .helo = text_of(s->helo),
		.sender = text_of(s->sender), .recipient = recipient,
		.own_name = TEXT(MIX_HOST) };
	if (!ip_parse(text_of(s->client), &e->client) ||
	    !ip_parse(TEXT(MIX_ADDRESS), &e->own_address))
		errx(EX_SOFTWARE, "mix: %s", s->client);
}

/* All envelopes of the mix, or its abusive or honest ones alone. */
static void
fill_questions(struct question_set *q, unsigned abusive)
{
	size_t i;

	q->n = ENVELOPES;
	for (i = 0; i < q->n; i++) {
		mix_session((unsigned)i, abusive, &q->session[i]);
		mix_recipient(&q->session[i], 0, &q->recipient[i]);
		set_envelope(&q->envelope[i], &q->session[i],
		    text_of(q->recipient[i].argument));
		q->envelope[i].rcpt_mailer = text_of(q->recipient[i].mailer);
		q->envelope[i].rcpt_address = text_of(q->recipient[i].addr);
		q->expect[i] = q->session[i].abusive ? VERDICT_REFUSE :
		    VERDICT_ACCEPT;
	}
}

/*
 * The longest argument made of one piece over and over, between a head and a
 * tail: what could take longest to judge.
 */
static double
hardest_ns(struct question_set *q)
{
	static const char *const hard[][3] = {
		{ "<a", "%b", "@" MIX_LOCAL ">" },
		{ "<a", "%a.b.c.d.e.f.g.h.i.j.k", "@" MIX_LOCAL ">" },
		{ "<a", "%a.b.c.d.e.f." MIX_LOCAL, "@" MIX_LOCAL ">" },
		{ "<", "a.b.c.d.e.f.g.h.i.j.k!", "u@" MIX_LOCAL ">" },
		{ "<\"a", "@a.b.c.d.e.f.g.h.i.j.k", "\"@" MIX_LOCAL ">" },
		{ "<u%a", ".a", "@" MIX_LOCAL ">" },
		{ "<\"u", "\\%a.b", "\"@" MIX_LOCAL ">" },
		{ "<@a", ",@a", ":u@" MIX_LOCAL ">" },
		{ "<u", "@a.b", ">" },
		{ "<u@a", ".a", ">" },
	};
	char argument[ADDRESS_MAX + 1];
	double ns, worst = 0;
	size_t i, n;

	for (i = 0; i < sizeof hard / sizeof *hard; i++) {
		n = (size_t)sprintf(argument, "%s", hard[i][0]);
		while (n + strlen(hard[i][1]) + strlen(hard[i][2]) <=
		    ADDRESS_MAX)
			n += (size_t)sprintf(argument + n, "%s", hard[i][1]);
		sprintf(argument + n, "%s", hard[i][2]);
		for (n = 0; n < 256; n++) {
			set_envelope(&q->envelope[n], &q->session[0],
			    text_of(argument));
			/* some are too long for the grammar, none is ours */
			q->expect[n] = i != 2 ? VERDICT_REFUSE :
			    VERDICT_ACCEPT;
		}
		q->n = n;
		ns = micro_median_ns(ask_recipients, q, n);
		worst = ns > worst ? ns : worst;
	}
	return worst;
}

unsigned long
micro_decisions(const char *name, const struct policy *p)
{
	struct question_set *q = micro_need(calloc(1, sizeof *q));
	unsigned long before, wrong;

	q->policy = p;
	before = allocs_count();
	if (before == 0)
		errx(EX_SOFTWARE, "allocations are not counted");
	printf("\"%s\": {", name);
	fill_questions(q, 0);
	printf("\"honest_ns\": %.1f, ", micro_median_ns(ask_recipients, q, q->n));
	fill_questions(q, 100);
	printf("\"abusive_ns\": %.1f, ", micro_median_ns(ask_recipients, q, q->n));
	fill_questions(q, ABUSIVE);
	printf("\"mix_ns\": %.1f, ", micro_median_ns(ask_recipients, q, q->n));
	printf("\"sender_ns\": %.1f, ", micro_median_ns(ask_senders, q, q->n));
	printf("\"hardest_ns\": %.1f, ", hardest_ns(q));
	printf("\"allocations\": %lu}, ", allocs_count() - before);
	wrong = q->wrong;
	free(q);
	return wrong;
}
