/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/rules.h"

#include "policy/domain.h"

/* ------------------------------------------------ questions about senders */

/* P03: the paper's "relaytest@localhost". */
static bool
is_localhost_sender(const struct question *q)
{
	char folded[DOMAIN_MAX];
	size_t n = domain_fold(q->sender->domain, folded);

	return text_equal((struct text){ folded, n }, TEXT("localhost"));
}

/*
 * P04: the paper's "<relaytest>".  A bang path carries its own host, and
 * postmaster needs none (RFC 5321 4.5.1).
 */
static bool
is_unqualified_sender(const struct question *q)
{
	return q->sender->class == ADDRESS_BARE &&
	    q->sender_readings->n == 0 &&
	    !text_same(q->sender->local, TEXT("postmaster"));
}

static bool
is_unknown_sender_domain(const struct question *q)
{
	return q->claim == SENDER_OUTSIDE &&
	    q->facts->sender_domain == ANSWER_NO;
}

/* S06: whoever takes no mail sends none (RFC 7505 4.2). */
static bool
is_null_mx_sender(const struct question *q)
{
	return q->claim == SENDER_OUTSIDE &&
	    q->facts->sender_mail == ANSWER_NO;
}

static bool
is_unanswered_sender_domain(const struct question *q)
{
	return q->claim == SENDER_OUTSIDE &&
	    q->facts->sender_answered == ANSWER_NO;
}

static bool
is_spf_fail(const struct question *q)
{
	return q->facts->spf == ANSWER_NO;
}

static bool
is_spf_permerror(const struct question *q)
{
	return q->facts->spf_record == ANSWER_NO;
}

static bool
is_spf_temperror(const struct question *q)
{
	return q->facts->spf_answered == ANSWER_NO;
}

static bool
is_null_sender(const struct question *q)
{
	return q->claim == SENDER_NULL;
}

static bool
is_own_literal_sender(const struct question *q)
{
	return q->claim == SENDER_LITERAL;
}

static bool
is_postmaster_sender(const struct question *q)
{
	return q->claim == SENDER_OURS &&
	    text_same(q->user, TEXT("postmaster"));
}

static bool
is_root_sender(const struct question *q)
{
	return q->claim == SENDER_OURS &&
	    text_same(q->user, TEXT("root"));
}

static bool
is_own_sender(const struct question *q)
{
	return q->claim == SENDER_OURS;
}

/* S04: AUTH=, by which one server tells the next who has authenticated. */
static bool
is_own_auth_claim(const struct question *q)
{
	return q->auth_claim == SENDER_OURS || q->auth_claim == SENDER_LITERAL;
}

/* --------------------------------------------- questions about recipients */

static bool
is_malformed(const struct question *q)
{
	return q->recipient->class == ADDRESS_MALFORMED ||
	    q->recipient->class == ADDRESS_NULL;
}

static bool
has_several_quoted_ats(const struct question *q)
{
	const struct reading *r = q->readings->at, *first = NULL;
	size_t i;

	for (i = 0; i < q->readings->n; i++) {
		if (r[i].form != FORM_QUOTED_AT)
			continue;
		if (first != NULL && r[i].by != first->by)
			return true;
		first = &r[i];
	}
	return false;
}

static bool
has_several_ats(const struct question *q)
{
	return q->recipient->extra_ats > 0;
}

static bool
has_route(const struct question *q)
{
	return q->recipient->route.n > 0 ||
	    readings_have(q->readings, FORM_SOURCE_ROUTE);
}

static bool
has_literal_route(const struct question *q)
{
	struct text route = q->recipient->route;

	return text_find(route, '[') < route.n;
}

static bool
has_quoted_at_alone(const struct question *q)
{
	return q->recipient->domain.n == 0 &&
	    readings_have(q->readings, FORM_QUOTED_AT);
}

static bool
has_quoted_at(const struct question *q)
{
	return readings_have(q->readings, FORM_QUOTED_AT);
}

static bool
has_quoted_percent(const struct question *q)
{
	return readings_have(q->readings, FORM_QUOTED_PERCENT);
}

static bool
has_percent(const struct question *q)
{
	return readings_have(q->readings, FORM_PERCENT);
}

static bool
has_percent_at_literal(const struct question *q)
{
	return has_percent(q) && address_is_literal(q->recipient->domain);
}

static bool
has_bang_alone(const struct question *q)
{
	return q->recipient->domain.n == 0 &&
	    readings_have(q->readings, FORM_BANG);
}

static bool
has_bang(const struct question *q)
{
	return readings_have(q->readings, FORM_BANG);
}

static bool
has_decnet(const struct question *q)
{
	return readings_have(q->readings, FORM_DECNET);
}

static bool
has_wide_operator(const struct question *q)
{
	return readings_have(q->readings, FORM_WIDE);
}

static bool
has_program(const struct question *q)
{
	return readings_have(q->readings, FORM_PROGRAM);
}

static bool
is_resolved_elsewhere(const struct question *q)
{
	return q->mta_disagrees;
}

/* Somebody outside mails somebody outside: what is left. */
static bool
is_outside_to_outside(const struct question *q)
{
	(void)q;
	return true;
}

/* ------------------------------------------------------------- THE TABLE */

#define ROW(id, stage, form, asks, code, dsn, words, why, example)            \
	{ id, stage, form, asks, code, dsn, words " (" id " " form ")", why,  \
		example }
#define DENIED(id, form, asks, why, example)                                  \
	ROW(id, STAGE_RCPT, form, asks, "550", "5.7.1", "Relaying denied",    \
	    why, example)

/*
 * In the order asked: at each stage the first yes names the refusal.  At RCPT
 * the tricks come before the question who tried, the narrow before the wide,
 * and the last row always says yes.
 */
static const struct rule table[] = {
	ROW("P03", STAGE_MAIL, "localhost-sender", is_localhost_sender, "553",
	    "5.5.4", "Real domain name required for sender address",
	    "the sender claims to be at localhost, which is no one's name",
	    "relaytest@localhost"),
	ROW("P04", STAGE_MAIL, "unqualified-sender", is_unqualified_sender,
	    "553", "5.5.4", "Domain name required for sender address",
	    "the sender has no domain", "<relaytest>"),
	ROW("P02", STAGE_MAIL, "unknown-sender-domain",
	    is_unknown_sender_domain, "553", "5.1.8",
	    "Domain of sender address does not exist",
	    "the sender's domain does not exist in the DNS",
	    "spamtest@spam.mail.example"),
	ROW("S06", STAGE_MAIL, "null-mx-sender", is_null_mx_sender, "550",
	    "5.7.27", "Domain of sender address takes no mail (null MX)",
	    "the sender's domain says in the DNS that it takes no mail, so "
	    "that no bounce would get there", "u@null-mx.example"),
	ROW("S07", STAGE_MAIL, "unanswered-sender-domain",
	    is_unanswered_sender_domain, "451", "4.1.8",
	    "Domain of sender address cannot be checked, try again later",
	    "the DNS did not say in time whether the sender's domain exists",
	    "u@slow.example"),

	ROW("S05", STAGE_RCPT_ALLOWED, "spf-fail", is_spf_fail, "550",
	    "5.7.23", "SPF: this host may not send mail of that domain",
	    "the owner of the sender's domain says in the DNS (SPF) that this "
	    "client does not send its mail", "relaytest@forged.example"),
	ROW("S08", STAGE_RCPT_ALLOWED, "spf-permerror", is_spf_permerror,
	    "550", "5.7.24", "SPF: the record of that domain is wrong",
	    "what the sender's domain publishes in the DNS for SPF is wrong",
	    "u@wrong-spf.example"),
	ROW("S09", STAGE_RCPT_ALLOWED, "spf-temperror", is_spf_temperror,
	    "451", "4.7.24", "SPF: cannot be checked, try again later",
	    "the DNS did not answer all that SPF asks, or not in time",
	    "u@slow-spf.example"),

	ROW("F01", STAGE_RCPT, "malformed", is_malformed, "553", "5.1.3",
	    "Recipient address not understood",
	    "the recipient is not an address by RFC 5321",
	    "<u@a.example> <v@b.example>"),
	DENIED("M01", "mta-disagrees", is_resolved_elsewhere,
	    "the mail server itself would send it to a place not allowed",
	    "u=d.example@h.example"),
	DENIED("P12", "quoted-multi-at", has_several_quoted_ats,
	    "several at-signs in quotes: whoever strips the quotes routes on",
	    "\"u@d.example@h.example\""),
	DENIED("P14", "multi-at", has_several_ats,
	    "several at-signs: the mail would go on to another host",
	    "u@d.example@[192.0.2.1]"),
	DENIED("P16", "literal-source-route", has_literal_route,
	    "a source route over an address literal",
	    "@[192.0.2.1]:u@d.example"),
	DENIED("P15", "source-route", has_route,
	    "a source route that leads or ends outside",
	    "@h.example:u@d.example"),
	DENIED("P10", "quoted-route", has_quoted_at_alone,
	    "an outside address in quotes, without a domain of its own",
	    "\"u@d.example\""),
	DENIED("P13", "quoted-route-at-host", has_quoted_at,
	    "an outside address in quotes in front of a host",
	    "\"u@d.example\"@[192.0.2.1]"),
	DENIED("P11", "quoted-percent", has_quoted_percent,
	    "a percent hack in quotes", "\"u%d.example\""),
	DENIED("P09", "percent-hack-at-literal", has_percent_at_literal,
	    "a percent hack in front of an address literal",
	    "u%d.example@[192.0.2.1]"),
	DENIED("P08", "percent-hack", has_percent,
	    "a percent hack: u%d@h goes on to u@d", "u%d.example@h.example"),
	DENIED("P17", "bang-path", has_bang_alone,
	    "a UUCP path: d!u goes on to u at d", "d.example!u"),
	DENIED("P18", "bang-path-at-host", has_bang,
	    "a UUCP path in front of a host", "d.example!u@[192.0.2.1]"),
	DENIED("S01", "decnet-path", has_decnet,
	    "a DECnet path: d::u goes on to u at d",
	    "\"d::u\"@h.example"),
	DENIED("S02", "wide-operator", has_wide_operator,
	    "a full-width % ! @ or :, which some servers take for the plain one",
	    "u\xef\xbc\x85" "d.example@h.example"),
	DENIED("S03", "program-target", has_program,
	    "a program, file or list as target, for a server that strips quotes",
	    "\"|/bin/sh\"@h.example"),
	DENIED("P05", "null-sender", is_null_sender,
	    "from the null sender to outside", "u@d.example"),
	DENIED("P07", "own-literal-sender", is_own_literal_sender,
	    "outside to outside, the sender claims an address of ours",
	    "u@d.example"),
	DENIED("P19", "postmaster-sender", is_postmaster_sender,
	    "outside to outside, the sender claims to be our postmaster",
	    "u@d.example"),
	DENIED("P06", "root-sender", is_root_sender,
	    "outside to outside, the sender claims to be the server itself",
	    "u@d.example"),
	DENIED("P00", "own-domain-sender", is_own_sender,
	    "outside to outside, the sender claims a domain of ours",
	    "u@d.example"),
	DENIED("S04", "auth-claim", is_own_auth_claim,
	    "outside to outside, AUTH= claims a user of ours has authenticated",
	    "u@d.example"),
	DENIED("P01", "outside-to-outside", is_outside_to_outside,
	    "neither sender nor recipient is ours", "u@d.example"),
};

size_t
rules_count(void)
{
	return sizeof table / sizeof table[0];
}

const struct rule *
rules_at(size_t i)
{
	return i < rules_count() ? &table[i] : NULL;
}

const struct rule *
rules_find(struct text id)
{
	size_t i;

	for (i = 0; i < rules_count(); i++)
		if (text_same(text_of(table[i].id), id))
			return &table[i];
	return NULL;
}

bool
rule_defers(const struct rule *rule)
{
	return rule->code[0] == '4';
}

const struct rule *
rules_first(enum rule_stage stage, const struct question *q)
{
	size_t i;

	for (i = 0; i < rules_count(); i++)
		if (table[i].stage == stage && table[i].asks(q))
			return &table[i];
	return NULL;
}
