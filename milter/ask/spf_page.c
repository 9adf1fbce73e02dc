/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/spf_page.h"

#include <stdarg.h>
#include <stdio.h>

#include "milter/ask/spf_account.h"
#include "milter/ask/spf_find.h"
#include "milter/ask/spf_name.h"

/* The one SPF record of an answer; failed, when there is none or are more. */
static struct text
only_record(struct spf_run *r, const struct dns_answer *a, bool start,
    struct text name)
{
	struct text found = { NULL, 0 };
	size_t i;

	for (i = 0; i < dns_answer_count(a); i++) {
		struct text txt = dns_answer_at(a, i)->txt;

		if (!spf_record_is(txt))
			continue;
		if (found.n > 0)
			spf_run_fail(r, SPF_PERMERROR,
			    "more than one SPF record", name);
		found = txt;
	}
	if (found.n == 0)
		spf_run_fail(r, start ? SPF_NONE : SPF_PERMERROR,
		    "no SPF record", name);
	return found;
}

/* Fill a page with the record at name; false: the check has failed. */
static bool
read_page(struct spf_run *r, struct spf_page *page, bool start,
    struct text name)
{
	struct spf_flaw flaw;
	struct text txt;
	bool whole;

	memcpy(page->domain, name.at, name.n);
	page->domain_n = name.n;
	page->answer = spf_run_ask(r, name, DNS_TXT);
	if (page->answer == NULL)
		return false;
	if (dns_answer_status(page->answer) == DNS_UNKNOWN)
		spf_run_fail(r, SPF_TEMPERROR, "no answer of the DNS", name);
	txt = only_record(r, page->answer, start, name);
	if (r->state == SPF_FAILED)
		return false;
	whole = spf_record_parse(txt, &page->record, &flaw);
	spf_account_record(r, page, txt, whole ? NULL : &flaw);
	if (whole)
		return true;
	spf_run_fail(r, SPF_PERMERROR, flaw.words, flaw.term);
	return false;
}

/* The next page, for a start, an include or a redirect. */
static struct spf_page *
turn_page(struct spf_run *r, const struct spf_token *t)
{
	struct spf_page *page = &r->page[r->pages++];

	*page = (struct spf_page){ .depth = 1 };
	spf_account_page(r, page, t->kind == SPF_TOKEN_START ? NULL : t);
	if (t->kind == SPF_TOKEN_START) {
		r->main = page;
		return page;
	}
	page->depth = t->page->depth + 1;
	if (t->term.kind == SPF_TERM_REDIRECT && t->page == r->main)
		r->main = page;
	return page;
}

static struct spf_page *
open_page(struct spf_run *r, struct spf_token *t)
{
	char room[DOMAIN_MAX], name[DOMAIN_MAX];
	struct text domain = r->values.sender_domain;
	struct spf_page *page;
	size_t n;

	if (t->kind != SPF_TOKEN_START) {
		if (!spf_find_begin(r, t))
			return NULL;
		domain = (struct text){ room, spf_find_target(r, t, room) };
	}
	n = spf_name_full(domain, name);
	if (n == 0) {
		spf_run_fail(r, SPF_PERMERROR, "no name of a domain",
		    t->term.text);
		return NULL;
	}
	if (r->pages == SPF_PAGES_MAX)
		return NULL;
	page = turn_page(r, t);
	return read_page(r, page, t->kind == SPF_TOKEN_START,
	    (struct text){ name, n }) ? page : NULL;
}

/* The text for libspf2, as it grows. */
struct plain {
	char *at;
	size_t n;
	size_t mechanisms;
};

/* One mechanism more; what does not fit is cut off, and then libspf2 does not
 * find as many mechanisms as we say. */
__attribute__((format(printf, 2, 3))) static void
add(struct plain *p, const char *format, ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(p->at + p->n, SPF_PLAIN_MAX - p->n, format, arguments);
	va_end(arguments);
	p->n += n > 0 ? (size_t)n : 0;
	if (p->n >= SPF_PLAIN_MAX)
		p->n = SPF_PLAIN_MAX - 1;
	p->mechanisms++;
}

static unsigned
new_token(struct spf_run *r, struct spf_page *page, const struct spf_term *t,
    enum spf_token_kind kind)
{
	struct spf_token *token = &r->token[r->tokens];

	if (r->tokens == SPF_TOKENS_MAX)
		return SPF_TOKENS_MAX; /* stands for nothing */
	token->kind = kind;
	token->page = page;
	token->term = *t;
	return (unsigned)r->tokens++;
}

/* The prefix length of an a or mx for this client's family. */
static void
add_with_bits(struct plain *p, const struct spf_run *r, unsigned token,
    const struct spf_term *t)
{
	const char *name = t->kind == SPF_TERM_A ? "a" : "mx";
	bool six = r->q->client.family == IP_V6;
	unsigned bits = six ? t->bits6 : t->bits4;

	/* libspf2 refuses /0: spf_find() answers with the client's address */
	if (bits == 0 || bits == ip_width(r->q->client.family))
		add(p, " %c%s:t%u.x", t->qualifier, name, token);
	else
		add(p, " %c%s:t%u.x/%s%u", t->qualifier, name, token,
		    six ? "/" : "", bits);
}

/* The last term, with a mark before it that says when it is reached. */
static void
add_last(struct plain *p, struct spf_run *r, struct spf_page *page,
    const struct spf_term *t)
{
	char ip[IP_TEXT_MAX];

	add(p, " ?exists:t%u.x", new_token(r, page, t, SPF_TOKEN_MARK));
	if (t->kind == SPF_TERM_ALL ||
	    (t->kind == SPF_TERM_IP && t->network.bits == 0))
		add(p, " %call", t->qualifier);
	else if (t->kind == SPF_TERM_IP)
		add(p, " %cip%c:%s/%u", t->qualifier,
		    t->network.base.family == IP_V6 ? '6' : '4',
		    ip_print(&t->network.base, ip), t->network.bits);
}

static void
add_term(struct plain *p, struct spf_run *r, struct spf_page *page,
    const struct spf_term *t)
{
	unsigned token = new_token(r, page, t, SPF_TOKEN_TERM);

	switch (t->kind) {
	case SPF_TERM_INCLUDE:
		add(p, " %cinclude:t%u.x", t->qualifier, token);
		break;
	case SPF_TERM_REDIRECT:
		add(p, " redirect=t%u.x", token);
		break;
	case SPF_TERM_A:
	case SPF_TERM_MX:
		add_with_bits(p, r, token, t);
		break;
	default: /* exists, and ptr, which spf_find() does itself */
		add(p, " %cexists:t%u.x", t->qualifier, token);
		break;
	}
}

size_t
spf_page_plain(struct spf_run *r, const char *token, char *out)
{
	struct spf_token *t = spf_find_token(r, token);
	struct spf_page *page = t != NULL ? open_page(r, t) : NULL;
	struct plain p = { .at = out };
	struct spf_term plan[SPF_PLAN_MAX];
	size_t i, n;

	if (page == NULL)
		return 0;
	p.n = (size_t)snprintf(out, SPF_PLAIN_MAX, "v=spf1");
	n = spf_record_plan(&page->record, &r->q->client,
	    SPF_TERMS_MAX + 1 - r->out->terms, plan);
	for (i = 0; i + 1 < n; i++)
		add_term(&p, r, page, &plan[i]);
	if (plan[i].kind == SPF_TERM_REDIRECT)
		add_term(&p, r, page, &plan[i]);
	else
		add_last(&p, r, page, &plan[i]);
	return p.mechanisms;
}
