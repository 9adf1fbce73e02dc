/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/spf_follow.h"

#include <stdio.h>
#include <stdlib.h>

/* Deepest nesting: ten includes, and what is asked in the last. */
#define DEPTH_MAX (SPF_TERMS_MAX + 2)

struct follower {
	const char *decided; /* by the last term that matches */
	unsigned terms, voids, queries, results;
	unsigned depth;
	struct text open[DEPTH_MAX + 1]; /* terms that are tried, by depth */
};

static void
must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "spf_follow: %s\n", what);
	abort();
}

/* No term is tried at this depth or below any more. */
static bool
all_ended(const struct follower *f, unsigned depth)
{
	while (depth <= DEPTH_MAX && f->open[depth].n == 0)
		depth++;
	return depth > DEPTH_MAX;
}

static void
begin_term(struct follower *f, const struct trace_step *s)
{
	must(s->number == ++f->terms, "terms are counted otherwise");
	must(all_ended(f, s->depth), "the term before it has no end");
	/* the end of a redirect is that of the other record */
	if (!text_begins(s->subject, TEXT("redirect=")))
		f->open[s->depth] = s->subject;
}

/* Each term has an end, after those below it and before the next one. */
static void
end_term(struct follower *f, const struct trace_step *s)
{
	bool matched = s->words[0] != '\0';
	struct text *open = &f->open[s->depth - 1];

	must(all_ended(f, s->depth), "it ends before what is below it");
	if (matched)
		f->decided = s->words;
	if (!text_equal(*open, s->subject))
		return; /* an ip4, ip6 or all */
	open->n = 0;
	if (s->why != NULL)
		must((strcmp(s->why, "pass there") == 0) == matched,
		    "an include that is at odds with its record");
}

static void
on_step(void *with, const struct trace_step *s)
{
	struct follower *f = with;

	must(s->depth <= DEPTH_MAX, "too deep");
	must(s->depth <= f->depth + 1, "deeper by two");
	must(f->results == 0, "something behind the result");
	f->depth = s->depth;
	switch (s->kind) {
	case TRACE_QUERY:
		must(s->answer != NULL && s->subject.n > 0, "no question");
		f->queries++;
		break;
	case TRACE_VOID:
		must(s->number == ++f->voids, "voids are counted otherwise");
		break;
	case TRACE_TERM:
		begin_term(f, s);
		break;
	case TRACE_MATCH:
		end_term(f, s);
		break;
	case TRACE_DEFAULT:
		f->decided = s->words;
		break;
	case TRACE_FLAW:
		must(s->number > strlen("v=spf1"), "a flaw nowhere");
		break;
	case TRACE_RESULT:
		f->results++;
		break;
	default:
		break;
	}
}

static unsigned
less(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static void
compare(const struct follower *f, const struct spf_outcome *out)
{
	must(f->results == 1, "not one result");
	must(f->queries == out->queries, "other queries than asked");
	must(less(f->terms, SPF_TERMS_MAX) == out->terms, "other terms");
	must(less(f->voids, SPF_VOIDS_MAX) == out->voids, "other voids");
	if (out->mechanism[0] == '\0' || out->problem[0] != '\0')
		return;
	/* what libspf2 says is what the terms come to */
	must(f->decided != NULL && strcmp(f->decided,
	    spf_result_name(out->result)) == 0, "decided otherwise");
	must(all_ended(f, 0), "a term without an end");
}

void
spf_follow(const struct spf_dns *dns, const struct spf_question *q,
    struct spf_outcome *out)
{
	struct follower f = { .decided = NULL };
	const struct trace trace = { &f, on_step };
	struct spf_outcome alone;

	spf_check(dns, q, NULL, &alone);
	spf_check(dns, q, &trace, out);
	compare(&f, out);
	must(out->result == alone.result && out->terms == alone.terms &&
	    out->voids == alone.voids && out->queries == alone.queries &&
	    strcmp(out->mechanism, alone.mechanism) == 0 &&
	    strcmp(out->problem, alone.problem) == 0,
	    "another result when it is followed");
}
