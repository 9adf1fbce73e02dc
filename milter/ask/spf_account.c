/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/spf_account.h"

static enum spf_result
result_of(char qualifier)
{
	switch (qualifier) {
	case '-':
		return SPF_FAIL;
	case '~':
		return SPF_SOFTFAIL;
	case '?':
		return SPF_NEUTRAL;
	default:
		return SPF_PASS;
	}
}

static void
tell(const struct spf_run *r, enum trace_kind kind, unsigned depth,
    struct text subject, const char *words, const char *why)
{
	trace_tell(r->trace, &(struct trace_step){ .kind = kind,
		.depth = depth, .subject = subject, .words = words,
		.why = why });
}

/* What an include came to, in words. */
static const char *
there(enum spf_result result)
{
	static const char *const words[] = { "none there", "neutral there",
		"pass there", "fail there", "softfail there",
		"temperror there", "permerror there" };

	return words[result];
}

/* The term that was tried last on a page, when it is known what it came to. */
static void
conclude(const struct spf_run *r, struct spf_page *page, bool matched)
{
	const struct spf_term *t = &page->reached;

	page->open = false;
	if (t->kind == SPF_TERM_REDIRECT) {
		page->result = page->child;
		return;
	}
	if (matched)
		page->result = result_of(t->qualifier);
	tell(r, TRACE_MATCH, page->depth + 1, t->text,
	    matched ? spf_result_name(page->result) : "",
	    t->kind == SPF_TERM_INCLUDE ? there(page->child) : NULL);
}

/* From the page we are at back to another: who is left has matched. */
static void
leave_for(struct spf_run *r, const struct spf_page *to)
{
	struct spf_page *page;

	while (r->told != NULL && r->told != to) {
		page = r->told;
		if (page->open)
			conclude(r, page, true);
		r->told = page->opener != NULL ? page->opener->page : NULL;
		if (r->told != NULL)
			r->told->child = page->result;
	}
}

/* What a modifier is good for. */
static const char *
use_of(const struct spf_run *r, const struct spf_page *page,
    enum spf_term_kind kind)
{
	if (kind == SPF_TERM_REDIRECT)
		return "if no term matches";
	if (kind != SPF_TERM_EXP)
		return "not known: ignored";
	return page == r->main ? "for a fail" : "not used in an include";
}

/* A term of which libspf2 hears nothing. */
static void
tell_unasked(const struct spf_run *r, const struct spf_page *page,
    const struct spf_term *t)
{
	if (t->kind == SPF_TERM_IP)
		tell(r, TRACE_MATCH, page->depth, t->text, "",
		    t->network.base.family != r->q->client.family ?
		    "another kind of address than the client's" :
		    "the client is not in it");
	else
		tell(r, TRACE_MODIFIER, page->depth, t->text, NULL,
		    use_of(r, page, t->kind));
}

/* What stands before the term reached, or, of a redirect, the default, all. */
static void
pass_over(const struct spf_run *r, struct spf_page *page,
    const struct spf_term *reached)
{
	bool last = reached->kind == SPF_TERM_REDIRECT ||
	    reached->kind == SPF_TERM_NONE;
	struct spf_term t;

	while (spf_record_next(&page->untold, &t)) {
		if (t.text.at != reached->text.at)
			tell_unasked(r, page, &t);
		else if (!last)
			return;
	}
}

void
spf_account_page(struct spf_run *r, struct spf_page *page,
    const struct spf_token *opener)
{
	page->opener = opener;
	r->told = page;
}

void
spf_account_record(struct spf_run *r, struct spf_page *page, struct text txt,
    const struct spf_flaw *flaw)
{
	struct trace_step step = { .kind = TRACE_RECORD, .depth = page->depth,
		.subject = txt, .name = { page->domain, page->domain_n } };

	trace_tell(r->trace, &step);
	page->untold = page->record.terms;
	if (flaw == NULL)
		return;
	step.kind = TRACE_FLAW;
	step.subject = flaw->term;
	step.number = (unsigned)(flaw->term.at - txt.at) + 1;
	step.why = flaw->words;
	trace_tell(r->trace, &step);
}

/* The last term of a plan, with which it is over. */
static void
tell_last(const struct spf_run *r, struct spf_page *page,
    const struct spf_term *t)
{
	page->result = t->kind == SPF_TERM_NONE ? SPF_NEUTRAL :
	    result_of(t->qualifier);
	tell(r, t->kind == SPF_TERM_NONE ? TRACE_DEFAULT : TRACE_MATCH,
	    page->depth, t->text, spf_result_name(page->result),
	    t->kind == SPF_TERM_IP ? "the client is in it" : NULL);
}

void
spf_account_term(struct spf_run *r, const struct spf_token *t)
{
	struct spf_page *page = t->page;

	if (r->trace == NULL)
		return;
	leave_for(r, page);
	if (page->open)
		conclude(r, page, false);
	pass_over(r, page, &t->term);
	page->open = t->kind == SPF_TOKEN_TERM;
	if (page->open)
		trace_tell(r->trace, &(struct trace_step){ .kind = TRACE_TERM,
			.depth = page->depth, .subject = t->term.text,
			.number = r->out->terms + 1 });
	else
		tell_last(r, page, &t->term);
}

void
spf_account_end(struct spf_run *r)
{
	if (r->trace != NULL)
		leave_for(r, NULL);
}
