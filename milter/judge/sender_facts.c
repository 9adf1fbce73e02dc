/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/judge/sender_facts.h"

#include <stdio.h>
#include <stdlib.h>

#include "milter/clock.h"
#include "milter/idn.h"
#include "milter/judge/sender_reason.h"
#include "policy/policy.h"

/* ------------------------------------------------------------------ budget */

/* Until when to wait, from now on. */
static int64_t
deadline(const struct sender_findings *f, int64_t now)
{
	unsigned budget = f->switches->budget_ms;

	return now + (f->waited_ms < budget ? budget - f->waited_ms : 0);
}

static const struct trace *
trace_of(const struct sender_findings *f)
{
	return f->switches->of->trace;
}

static void
tell_wait(const struct sender_findings *f, bool begins)
{
	const struct sender_questions *q = f->switches->of;

	if (q->waiting != NULL)
		q->waiting(q->with, begins);
}

/* A wait begins: since when, and until when it may last. */
static int64_t
begin_wait(const struct sender_findings *f, int64_t *until)
{
	int64_t now = clock_ms();

	*until = deadline(f, now);
	tell_wait(f, true);
	return now;
}

static void
end_wait(struct sender_findings *f, int64_t since)
{
	tell_wait(f, false);
	f->waited_ms += (unsigned)(clock_ms() - since);
}

/* --------------------------------------------------------------- existence */

/*
 * The domain as the DNS knows it, with A-labels (RFC 8616 4); empty: it has
 * none, or a literal, or its U-labels are none.
 */
static struct text
domain_of(const struct address *sender, char folded[DOMAIN_MAX])
{
	struct text domain = { folded, 0 };
	char ascii[DOMAIN_MAX + 1];

	if (sender_has_name(sender) && idn_ascii(sender->domain, ascii))
		domain.n = domain_fold(text_of(ascii), folded);
	return domain;
}

/* HELO in the same way, as a literal too; empty: too long, or no U-labels. */
static struct text
helo_of(const struct envelope *e, char room[DOMAIN_MAX + 1])
{
	return text_of(idn_ascii(e->helo, room) ? room : "");
}

/* A HELO that could be looked up. */
static bool
helo_is_name(struct text helo)
{
	return helo.n > 0 && helo.at[0] != '[';
}

static void
ask_ahead(const struct sender_findings *f, struct text name, int64_t until)
{
	dns_prefetch(f->switches->dns, name, DNS_TXT, until);
	trace_ahead(trace_of(f), 0, name, DNS_TXT);
}

/* What SPF will begin with, so that it is there when it is needed. */
static void
start_spf(const struct sender_findings *f, const struct envelope *e,
    struct text domain, int64_t until)
{
	char room[DOMAIN_MAX + 1];
	struct text helo = helo_of(e, room);

	if (f->switches->spf == CONF_SPF_OFF)
		return;
	if (domain.n > 0)
		ask_ahead(f, domain, until);
	if (helo_is_name(helo))
		ask_ahead(f, helo, until);
}

static void
ask_existence(struct sender_findings *f, struct text domain)
{
	int64_t until, since = begin_wait(f, &until);

	f->domain_asked = true;
	f->domain = sender_domain_ask(f->switches->dns, domain, until,
	    trace_of(f));
	end_wait(f, since);
}

bool
sender_facts_at_mail(struct sender_findings *f, struct sender_questions *q,
    const struct policy *policy, const struct envelope *e,
    const struct verdict *v, struct facts *facts)
{
	struct address sender;
	char folded[DOMAIN_MAX];
	struct text domain;
	char why[SENDER_REASON_MAX];
	const char *not;
	bool forwards;

	sender_findings_clear(f);
	f->switches = sender_switches_take(q);
	if (f->switches == NULL)
		return false;
	forwards = f->switches->dns != NULL && v->stranger &&
	    sender_forwards(f->switches, policy, &e->client, facts->now, why);
	if (f->switches->dns != NULL) {
		f->cleans = !v->trusted || e->auth.n > 0;
		f->asks = v->stranger && !forwards;
	}
	not = sender_reason_nothing(f->switches, v, forwards ? why : NULL);
	if (not != NULL) {
		trace_skip(trace_of(f), "the DNS", not);
		return false;
	}
	address_parse(e->sender, e->utf8, &sender);
	domain = domain_of(&sender, folded);
	start_spf(f, e, domain, deadline(f, clock_ms()));
	not = sender_reason_no_domain(f->switches, policy, &sender, domain,
	    facts->now);
	if (not != NULL) {
		trace_skip(trace_of(f), "the sender's domain", not);
		return false;
	}
	ask_existence(f, domain);
	sender_facts_tell(f, facts);
	return true;
}

/* --------------------------------------------------------------------- SPF */

static struct dns_answer *
ask_dns(void *with, struct text name, enum dns_type type, int64_t deadline_ms)
{
	return dns_ask(with, name, type, deadline_ms);
}

/* A copy of t in room, cut to it: the session may forget its own. */
static struct text
keep(struct text t, char *room, size_t size)
{
	t.n = t.n < size ? t.n : size;
	if (t.n > 0)
		memcpy(room, t.at, t.n);
	return (struct text){ room, t.n };
}

static void
check_identity(struct sender_findings *f, enum spf_identity identity,
    const struct spf_question *about)
{
	const struct spf_dns dns = { f->switches->dns, ask_dns };
	struct spf_checked *c = &f->spf->checked[f->spf->n++];
	int64_t until, since = begin_wait(f, &until);

	c->question = *about;
	c->question.identity = identity;
	c->question.deadline_ms = until;
	spf_check(&dns, &c->question, trace_of(f), &c->outcome);
	end_wait(f, since);
}

/* The check that counts: a fail, or the first. */
static const struct spf_checked *
decisive(const struct sender_spf *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->checked[i].outcome.result == SPF_FAIL)
			return &s->checked[i];
	return s->n > 0 ? &s->checked[0] : NULL;
}

/* For the record, and for the reply to a fail. */
static void
put_in_words(struct sender_spf *s)
{
	const struct spf_checked *c = decisive(s);
	const struct spf_outcome *o;
	bool helo;

	if (c == NULL)
		return;
	o = &c->outcome;
	helo = c->question.identity == SPF_HELO || c->question.sender.n == 0;
	snprintf(s->said, sizeof s->said, "%s for %s%s%s%s%s",
	    spf_result_name(o->result), helo ? "HELO " : "", o->domain,
	    o->mechanism[0] != '\0' ? ", by " : "", o->mechanism,
	    o->problem[0] != '\0' ? ": " : "");
	strncat(s->said, o->problem, sizeof s->said - strlen(s->said) - 1);
	if (o->result == SPF_FAIL && o->explanation[0] != '\0')
		/* with code and CRLF 512 bytes at most: RFC 5321 4.5.3.1.5 */
		snprintf(s->explanation, sizeof s->explanation,
		    "%.100s explains: %.380s", o->domain, o->explanation);
}

static void
check_helo(struct sender_findings *f, const struct spf_question *about)
{
	const struct sender_spf *s = f->spf;

	if (!helo_is_name(about->helo))
		trace_skip(trace_of(f), "SPF of HELO", "it is no name");
	else if (s->n > 0 && s->checked[0].outcome.result == SPF_FAIL)
		trace_skip(trace_of(f), "SPF of HELO", "MAIL FROM fails");
	else
		check_identity(f, SPF_HELO, about);
}

/* The sender for SPF, in s; empty: its domain is none that can be asked for. */
static struct text
sender_of(struct sender_spf *s, const struct address *sender)
{
	char ascii[DOMAIN_MAX + 1];
	int n;

	if (!idn_ascii(sender->domain, ascii))
		return TEXT("");
	n = snprintf(s->sender, sizeof s->sender, "%.*s@%s",
	    (int)sender->local.n, sender->local.at, ascii);
	return (struct text){ s->sender, (size_t)n };
}

/*
 * MAIL FROM first, although RFC 7208 2.3 begins with HELO: its name is the
 * client's choice, and must not use up the time for a domain that is not.  HELO
 * counts when it fails.
 */
static void
check_spf(struct sender_findings *f, const struct envelope *e)
{
	struct sender_spf *s = calloc(1, sizeof *s);
	struct spf_question about = { .client = e->client };
	struct address sender;
	bool null, mailbox;

	f->spf_asked = true;
	f->spf = s;
	if (s == NULL)
		return;
	address_parse(e->sender, e->utf8, &sender);
	null = sender.class == ADDRESS_NULL;
	mailbox = sender.class == ADDRESS_MAILBOX;
	about.helo = helo_of(e, s->helo);
	about.host = keep(e->own_name, s->host, sizeof s->host);
	about.sender = mailbox ? sender_of(s, &sender) : TEXT("");
	if (about.sender.n > 0 || null)
		check_identity(f, SPF_MAIL_FROM, &about);
	else
		trace_skip(trace_of(f), "SPF of MAIL FROM", mailbox ?
		    "its domain is no valid name" : "it is no mailbox");
	/* of a null sender that was HELO already */
	if (!null)
		check_helo(f, &about);
	put_in_words(s);
}

bool
sender_facts_at_rcpt(struct sender_findings *f, const struct envelope *e,
    const struct verdict *v, struct facts *facts)
{
	if (!f->asks || f->spf_asked)
		return false;
	if (f->switches->spf != CONF_SPF_ENFORCE || !v->stranger ||
	    v->action != VERDICT_ACCEPT) {
		if (f->switches->spf != CONF_SPF_MARK)
			trace_skip(trace_of(f), "SPF", f->switches->spf ==
			    CONF_SPF_OFF ? "spf is off" :
			    "the recipient is refused anyway");
		return false;
	}
	check_spf(f, e);
	sender_facts_tell(f, facts);
	return true;
}

void
sender_facts_at_end(struct sender_findings *f, const struct envelope *e)
{
	if (f->asks && !f->spf_asked && f->switches->spf != CONF_SPF_OFF)
		check_spf(f, e);
}

/* ------------------------------------------------------------------- facts */

static void
tell_domain(const struct sender_findings *f, struct facts *facts)
{
	facts->sender_domain_said = text_of(sender_domain_text(f->domain));
	facts->sender_answered = ANSWER_YES;
	switch (f->domain) {
	case SENDER_DOMAIN_MX:
	case SENDER_DOMAIN_ADDRESS:
		facts->sender_domain = facts->sender_mail = ANSWER_YES;
		return;
	case SENDER_DOMAIN_NULL_MX:
		facts->sender_domain = ANSWER_YES;
		facts->sender_mail = ANSWER_NO;
		return;
	case SENDER_DOMAIN_NO_NAME:
	case SENDER_DOMAIN_NO_DATA:
		facts->sender_domain = ANSWER_NO;
		return;
	case SENDER_DOMAIN_UNKNOWN:
		break;
	}
	facts->sender_answered = ANSWER_NO;
}

/* Without memory it is as if nobody had answered. */
static void
tell_spf(const struct sender_spf *s, struct facts *facts)
{
	const struct spf_checked *c = s != NULL ? decisive(s) : NULL;
	enum spf_result result = c != NULL ? c->outcome.result :
	    s != NULL ? SPF_NONE : SPF_TEMPERROR;

	facts->spf_said = s != NULL ? text_of(s->said) :
	    TEXT("out of memory");
	facts->spf_answered = result == SPF_TEMPERROR ? ANSWER_NO :
	    ANSWER_YES;
	facts->spf_record = result == SPF_PERMERROR ? ANSWER_NO : ANSWER_YES;
	facts->spf = result == SPF_FAIL ? ANSWER_NO :
	    result == SPF_PASS ? ANSWER_YES : ANSWER_UNKNOWN;
}

void
sender_facts_tell(const struct sender_findings *f, struct facts *facts)
{
	if (f->domain_asked)
		tell_domain(f, facts);
	if (f->spf_asked)
		tell_spf(f->spf, facts);
}

void
sender_findings_clear(struct sender_findings *f)
{
	sender_switches_give(f->switches);
	free(f->spf);
	*f = (struct sender_findings){ .switches = NULL };
}
