/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/decide.h"

#include "policy/domain.h"

/* What the whole judgement of one question shares. */
struct court {
	const struct policy *policy;
	const struct envelope *envelope;
	const struct facts *facts;
	struct verdict *verdict;
};

static struct reason *
say(struct court *c, enum reason_kind kind, struct text subject)
{
	struct verdict *v = c->verdict;
	struct reason *r = &v->reason[v->n < REASONS_MAX ? v->n++ :
	    REASONS_MAX - 1];

	*r = (struct reason){ .kind = kind, .subject = subject };
	return r;
}

static void
say_entry(struct court *c, enum reason_kind kind, struct text subject,
    const struct policy_entry *entry)
{
	struct reason *r = say(c, kind, subject);

	r->has_entry = true;
	r->entry = *entry;
}

/* ----------------------------------------------------------------- client */

/* Does the authenticated identity make this client trusted? */
static bool
trusts_identity(struct court *c)
{
	struct text auth = c->envelope->auth;
	struct policy_entry e;

	if (auth.n == 0)
		return false;
	if (policy_count(c->policy, POLICY_IDENTITY) == 0) {
		say(c, REASON_AUTH_TRUSTED, auth);
		return true;
	}
	if (!policy_find_identity(c->policy, auth, c->facts->now, &e)) {
		say(c, REASON_AUTH_UNLISTED, auth);
		return false;
	}
	say_entry(c, REASON_AUTH_TRUSTED, auth, &e);
	return true;
}

static bool
trusts_address(struct court *c)
{
	const struct ip *client = &c->envelope->client;
	struct policy_entry e;

	if (ip_is_loopback(client)) {
		say(c, REASON_CLIENT_LOOPBACK, (struct text){ 0 });
		return true;
	}
	if (!policy_find_client(c->policy, client, c->facts->now, &e)) {
		say(c, REASON_CLIENT_UNTRUSTED, (struct text){ 0 });
		return false;
	}
	say_entry(c, e.action == POLICY_GRANT ? REASON_CLIENT_NETWORK :
	    REASON_CLIENT_DENIED, (struct text){ 0 }, &e);
	return e.action == POLICY_GRANT;
}

static bool
is_trusted(struct court *c)
{
	return trusts_identity(c) || trusts_address(c);
}

/* ----------------------------------------------------------- destinations */

struct standing {
	enum reason_kind kind; /* HERE .. FOREIGN */
	bool has_entry;
	struct policy_entry entry;
};

static bool
is_own_name(const struct court *c, struct text folded)
{
	char own[DOMAIN_MAX];
	size_t n = domain_fold(c->envelope->own_name, own);

	return text_equal(folded, TEXT("localhost")) ||
	    (n > 0 && text_equal(folded, (struct text){ own, n }));
}

static struct standing
standing_of_literal(const struct court *c, struct text literal)
{
	struct standing s = { .kind = REASON_FOREIGN };
	struct ip ip;

	if (!ip_parse(text_cut(literal, 1, literal.n - 1), &ip))
		return s;
	if (ip_is_loopback(&ip) || ip_equal(&ip, &c->envelope->own_address)) {
		s.kind = REASON_HERE;
	} else if (policy_find_literal(c->policy, &ip, c->facts->now,
	    &s.entry)) {
		s.has_entry = true;
		s.kind = s.entry.action == POLICY_GRANT ? REASON_LOCAL :
		    REASON_DENIED;
	}
	return s;
}

static struct standing
standing_of_name(const struct court *c, struct text name)
{
	struct standing s = { .kind = REASON_FOREIGN };
	char folded[DOMAIN_MAX];
	struct text f = { folded, domain_fold(name, folded) };
	int64_t now = c->facts->now;

	if (f.n == 0)
		return s;
	if (is_own_name(c, f)) {
		s.kind = REASON_HERE;
		return s;
	}
	s.has_entry = true;
	if (policy_find_domain(c->policy, POLICY_LOCAL, f, now, &s.entry))
		s.kind = REASON_LOCAL;
	else if (policy_find_domain(c->policy, POLICY_RELAY, f, now, &s.entry))
		s.kind = REASON_RELAY;
	else
		s.has_entry = false;
	if (s.has_entry && s.entry.action == POLICY_DENY)
		s.kind = REASON_DENIED;
	return s;
}

/* How a destination stands to us: domain as typed, or a reading's host. */
static struct standing
standing_of(const struct court *c, struct text host)
{
	if (host.n == 0)
		return (struct standing){ .kind = REASON_HERE };
	if (address_is_literal(host))
		return standing_of_literal(c, host);
	return standing_of_name(c, host);
}

/* Say how it stands; true when mail may go there. */
static bool
allows(struct court *c, enum form form, struct text host)
{
	struct standing s = standing_of(c, host);
	struct reason *r = say(c, s.kind, host);

	r->form = form;
	r->has_entry = s.has_entry;
	r->entry = s.entry;
	return s.kind == REASON_HERE || s.kind == REASON_LOCAL ||
	    s.kind == REASON_RELAY;
}

/* May mail go to the plain domain and to the host of every reading? */
static bool
allows_all(struct court *c, const struct address *recipient)
{
	const struct readings *r = &c->verdict->readings;
	bool good = allows(c, FORM_PLAIN, recipient->domain);
	size_t i;

	for (i = 0; i < r->n; i++)
		good &= allows(c, r->at[i].form, r->at[i].host);
	if (r->too_many) {
		say(c, REASON_TOO_MANY, (struct text){ 0 });
		good = false;
	}
	return good && recipient->extra_ats == 0;
}

/* ----------------------------------------------------------------- sender */

static enum sender_claim
claim_of(const struct court *c, const struct address *sender)
{
	struct standing s;

	if (sender->class == ADDRESS_NULL)
		return SENDER_NULL;
	if (sender->class == ADDRESS_BARE)
		return text_same(sender->local, TEXT("postmaster")) ?
		    SENDER_OURS : SENDER_OUTSIDE;
	if (sender->class == ADDRESS_MALFORMED)
		return SENDER_OUTSIDE;
	s = standing_of(c, sender->domain);
	if (s.kind != REASON_HERE && s.kind != REASON_LOCAL)
		return SENDER_OUTSIDE;
	return address_is_literal(sender->domain) ? SENDER_LITERAL :
	    SENDER_OURS;
}

static struct text
claim_text(enum sender_claim claim)
{
	switch (claim) {
	case SENDER_OUTSIDE:
		break;
	case SENDER_NULL:
		return TEXT("the null sender");
	case SENDER_OURS:
		return TEXT("in a domain of ours");
	case SENDER_LITERAL:
		return TEXT("at an address of ours");
	}
	return TEXT("outside");
}

/* -------------------------------------------------------------- judgement */

/*
 * Name the refusal.  At MAIL no rule means no objection; at RCPT the table's
 * last row always says yes, so no rule means that we are wrong: defer.
 */
static void
refuse(struct court *c, enum rule_stage stage, const struct question *q)
{
	const struct rule *rule = rules_first(stage, q);

	c->verdict->rule = rule;
	if (rule == NULL) {
		c->verdict->action = stage == STAGE_MAIL ? VERDICT_ACCEPT :
		    VERDICT_DEFER;
		return;
	}
	c->verdict->action = VERDICT_REFUSE;
	say(c, REASON_RULE, text_of(rule->id));
}

/* No policy, no judgement: false, and the verdict is to defer. */
static bool
open_court(struct court *c)
{
	c->verdict->action = VERDICT_DEFER;
	c->verdict->rule = NULL;
	c->verdict->trusted = false;
	c->verdict->n = 0;
	c->verdict->readings.n = 0;
	c->verdict->readings.too_many = false;
	if (c->policy == NULL) {
		say(c, REASON_NO_POLICY, (struct text){ 0 });
		return false;
	}
	c->verdict->trusted = is_trusted(c);
	return true;
}

void
decide_sender(const struct policy *policy, const struct envelope *e,
    const struct facts *facts, struct verdict *out)
{
	struct court c = { policy, e, facts, out };
	struct address sender;
	struct question q = { .envelope = e, .facts = facts,
		.sender = &sender, .sender_readings = &out->readings };

	if (!open_court(&c))
		return;
	address_parse(e->sender, &sender);
	q.claim = claim_of(&c, &sender);
	say(&c, REASON_SENDER, claim_text(q.claim));
	if (sender.class != ADDRESS_MALFORMED)
		readings_find(&sender, &out->readings);
	if (out->trusted)
		out->action = VERDICT_ACCEPT;
	else
		refuse(&c, STAGE_MAIL, &q);
}

static void
refuse_recipient(struct court *c, const struct address *recipient)
{
	struct readings sender_readings = { 0 };
	struct address sender;
	struct question q = { .envelope = c->envelope, .facts = c->facts,
		.sender = &sender, .sender_readings = &sender_readings,
		.recipient = recipient, .readings = &c->verdict->readings };

	address_parse(c->envelope->sender, &sender);
	if (sender.class != ADDRESS_MALFORMED)
		readings_find(&sender, &sender_readings);
	q.claim = claim_of(c, &sender);
	say(c, REASON_SENDER, claim_text(q.claim));
	refuse(c, STAGE_RCPT, &q);
}

static bool
is_address(struct court *c, const struct address *recipient)
{
	struct text what;

	if (recipient->class != ADDRESS_MALFORMED &&
	    recipient->class != ADDRESS_NULL)
		return true;
	what = text_of(recipient->class == ADDRESS_NULL ?
	    "no recipient" : address_error_text(recipient->error));
	say(c, REASON_MALFORMED, what)->at = recipient->error_at;
	return false;
}

void
decide_recipient(const struct policy *policy, const struct envelope *e,
    const struct facts *facts, struct verdict *out)
{
	struct court c = { policy, e, facts, out };
	struct address recipient;

	if (!open_court(&c))
		return;
	address_parse(e->recipient, &recipient);
	if (!is_address(&c, &recipient)) {
		refuse_recipient(&c, &recipient);
		return;
	}
	readings_find(&recipient, &out->readings);
	if (allows_all(&c, &recipient) || out->trusted)
		out->action = VERDICT_ACCEPT;
	else
		refuse_recipient(&c, &recipient);
}
