/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/decide.h"

#include "policy/standing.h"
#include "policy/trust.h"

/* ----------------------------------------------------------- destinations */

/* Say how it stands; true when mail may go there. */
static bool
allows(struct court *c, enum form form, struct text host)
{
	struct standing s = standing_of(c, host);
	struct reason *r = court_say(c, s.kind, host);

	r->form = form;
	r->has_entry = s.has_entry;
	r->entry = s.entry;
	return standing_allows(&s);
}

/* May mail go to the plain domain and to the host of every reading? */
static bool
allows_all(struct court *c, const struct address *recipient)
{
	const struct readings *r = &c->verdict->readings;
	bool good = allows(c, FORM_PLAIN, recipient->domain);
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (r->at[i].form == FORM_PROGRAM) {
			court_say(c, REASON_PROGRAM, r->at[i].host);
			good = false;
		} else {
			good &= allows(c, r->at[i].form, r->at[i].host);
		}
	}
	if (r->too_many) {
		court_say(c, REASON_TOO_MANY, (struct text){ 0 });
		good = false;
	}
	return good && recipient->extra_ats == 0;
}

/* -------------------------------------------------------- second opinion */

/* A byte that goes on with a name: letter, digit, hyphen, other script. */
static bool
continues_name(struct text s, size_t i)
{
	char c = i < s.n ? text_lower(s.at[i]) : '\0';

	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	    (unsigned char)c > 0x7f;
}

/* Does s hold label at from, quoting and blanks laid aside, in any case? */
static bool
holds_at(struct text s, size_t from, struct text label)
{
	size_t j, k = 0;

	for (j = from; j < s.n && k < label.n; j++) {
		if (s.at[j] == '"' || s.at[j] == '\\' ||
		    text_is_blank(s.at[j]))
			continue;
		if (text_lower(s.at[j]) != text_lower(label.at[k]))
			return false;
		k++;
	}
	return k == label.n && !continues_name(s, j);
}

/* Does s hold label as a whole word?  "max" does not hold "x". */
static bool
holds(struct text s, struct text label)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((i == 0 || !continues_name(s, i - 1)) &&
		    holds_at(s, i, label))
			return true;
	return false;
}

/* What stands behind the last at-sign; empty when there is none. */
static struct text
domain_after(struct text address)
{
	size_t i;

	for (i = address.n; i > 0; i--)
		if (address.at[i - 1] == '@')
			return text_cut(address, i, address.n);
	return text_cut(address, address.n, address.n);
}

/* Does the address hold anything that some MTA may not take literally? */
static bool
is_tricky(const struct address *a)
{
	static const struct text bytes = { "%!@:,\"\\ ", 8 };
	size_t i;

	for (i = 0; i < a->local.n; i++)
		if ((unsigned char)a->local.at[i] > 0x7f ||
		    text_find(bytes, a->local.at[i]) < bytes.n)
			return true;
	return a->route.n > 0;
}

/* A letter or digit, without which nothing is a host. */
static bool
names_a_host(struct text s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		char c = text_lower(s.at[i]);

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		    (unsigned char)c > 0x7f)
			return true;
	}
	return false;
}

/*
 * The MTA sends what we allow to a place that we do not.  When the address has
 * something to misread and that place is written in it, the MTA has a reading
 * that we lack: refuse.  Otherwise the administrator has mapped the mailbox
 * (virtusertable, aliases, smart host): his business.
 */
static bool
mta_disagrees(struct court *c, const struct address *recipient)
{
	const struct envelope *e = c->envelope;
	struct text domain = domain_after(e->rcpt_address), label;
	struct standing s;

	if (e->rcpt_mailer.n == 0 || !names_a_host(domain) ||
	    text_equal(e->rcpt_mailer, TEXT("local")) ||
	    text_equal(e->rcpt_mailer, TEXT("error")))
		return false;
	s = standing_of(c, domain);
	if (standing_allows(&s))
		return false;
	court_say(c, REASON_MTA, domain);
	label = text_cut(domain, 0, text_find(domain, '.'));
	return is_tricky(recipient) && (holds(recipient->local, label) ||
	    holds(recipient->route, label));
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
 * Name the refusal.  Elsewhere no rule means no objection; at STAGE_RCPT the
 * table's last row always says yes, so no rule means that we are wrong: defer.
 */
static void
refuse(struct court *c, enum rule_stage stage, const struct question *q)
{
	const struct rule *rule = rules_first(stage, q);

	c->verdict->rule = rule;
	if (rule == NULL) {
		c->verdict->action = stage == STAGE_RCPT ? VERDICT_DEFER :
		    VERDICT_ACCEPT;
		return;
	}
	if (rule_defers(rule)) {
		c->verdict->action = VERDICT_DEFER;
		court_say(c, REASON_RULE_DEFERS, text_of(rule->id));
	} else {
		c->verdict->action = VERDICT_REFUSE;
		court_say(c, REASON_RULE, text_of(rule->id));
	}
}

/* What the DNS says of the sender, for the record. */
static void
say_facts(struct court *c)
{
	if (c->facts->sender_domain_said.n > 0)
		court_say(c, REASON_SENDER_DOMAIN,
		    c->facts->sender_domain_said);
	if (c->facts->spf_said.n > 0)
		court_say(c, REASON_SPF, c->facts->spf_said);
}

/* No policy, no judgement: false, and the verdict is to defer. */
static bool
open_court(struct court *c)
{
	c->verdict->action = VERDICT_DEFER;
	c->verdict->rule = NULL;
	c->verdict->trusted = c->verdict->stranger = false;
	c->verdict->n = 0;
	c->verdict->readings.n = 0;
	c->verdict->readings.too_many = false;
	if (c->policy == NULL) {
		court_say(c, REASON_NO_POLICY, (struct text){ 0 });
		return false;
	}
	c->verdict->trusted = trust_client(c);
	c->verdict->stranger = !c->verdict->trusted && c->lists == 0 &&
	    c->envelope->auth.n == 0;
	return true;
}

void
decide_sender(const struct policy *policy, const struct envelope *e,
    const struct facts *facts, struct verdict *out)
{
	struct court c = { .policy = policy, .envelope = e, .facts = facts,
		.verdict = out };
	struct address sender;
	struct question q = { .envelope = e, .facts = facts,
		.sender = &sender, .sender_readings = &out->readings };

	if (!open_court(&c))
		return;
	address_parse(e->sender, e->utf8, &sender);
	if (sender.class != ADDRESS_MALFORMED)
		readings_find(&sender, &out->readings);
	q.claim = standing_claim(&c, &sender, &out->readings, &q.user);
	court_say(&c, REASON_SENDER, claim_text(q.claim));
	say_facts(&c);
	if (out->trusted || c.lists > 0)
		out->action = VERDICT_ACCEPT;
	else
		refuse(&c, STAGE_MAIL, &q);
}

/* Who AUTH= claims has authenticated; "<>" is nobody. */
static enum sender_claim
claim_of_auth(const struct court *c)
{
	struct readings readings = { 0 };
	struct address auth;
	struct text user;

	address_parse(c->envelope->auth_claim, false, &auth);
	if (auth.class != ADDRESS_MALFORMED)
		readings_find(&auth, &readings);
	return standing_claim(c, &auth, &readings, &user);
}

static void
refuse_recipient(struct court *c, const struct address *recipient,
    bool disagreed)
{
	struct readings sender_readings = { 0 };
	struct address sender;
	struct question q = { .envelope = c->envelope, .facts = c->facts,
		.sender = &sender, .sender_readings = &sender_readings,
		.recipient = recipient, .readings = &c->verdict->readings,
		.mta_disagrees = disagreed };

	address_parse(c->envelope->sender, c->envelope->utf8, &sender);
	if (sender.class != ADDRESS_MALFORMED)
		readings_find(&sender, &sender_readings);
	q.claim = standing_claim(c, &sender, &sender_readings, &q.user);
	if (c->envelope->auth_claim.n > 0)
		q.auth_claim = claim_of_auth(c);
	court_say(c, REASON_SENDER, claim_text(q.claim));
	refuse(c, STAGE_RCPT, &q);
}

/* It may go there; is its sender welcome, too? */
static void
allow_recipient(struct court *c, const struct address *recipient)
{
	const struct question q = { .envelope = c->envelope,
		.facts = c->facts, .recipient = recipient,
		.readings = &c->verdict->readings };

	c->verdict->action = VERDICT_ACCEPT;
	if (!c->verdict->stranger)
		return;
	say_facts(c);
	refuse(c, STAGE_RCPT_ALLOWED, &q);
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
	court_say(c, REASON_MALFORMED, what)->at = recipient->error_at;
	return false;
}

void
decide_recipient(const struct policy *policy, const struct envelope *e,
    const struct facts *facts, struct verdict *out)
{
	struct court c = { .policy = policy, .envelope = e, .facts = facts,
		.verdict = out };
	struct address recipient;
	bool allowed;

	if (!open_court(&c))
		return;
	address_parse(e->recipient, e->utf8, &recipient);
	if (!is_address(&c, &recipient)) {
		refuse_recipient(&c, &recipient, false);
		return;
	}
	readings_find(&recipient, &out->readings);
	allowed = allows_all(&c, &recipient);
	if (out->trusted || (allowed && !mta_disagrees(&c, &recipient)))
		allow_recipient(&c, &recipient);
	else
		refuse_recipient(&c, &recipient, allowed);
}
