/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/standing.h"

#include "policy/domain.h"

/* folded: of one byte at least, so that no name is not ours. */
static bool
is_own_name(const struct court *c, struct text folded)
{
	char own[DOMAIN_MAX];
	size_t n = domain_fold(c->envelope->own_name, own);

	return text_equal(folded, TEXT("localhost")) ||
	    text_equal(folded, (struct text){ own, n });
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

/* May this client send there, though not anywhere? */
static bool
is_listed(const struct court *c, struct text folded)
{
	size_t i;

	for (i = 0; i < c->lists; i++)
		if (policy_only_names(c->only[i], folded))
			return true;
	return false;
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
	else if (!s.has_entry && is_listed(c, f))
		s.kind = REASON_LISTED;
	return s;
}

struct standing
standing_of(const struct court *c, struct text host)
{
	if (host.n == 0)
		return (struct standing){ .kind = REASON_HERE };
	if (address_is_literal(host))
		return standing_of_literal(c, host);
	return standing_of_name(c, host);
}

bool
standing_allows(const struct standing *s)
{
	return s->kind == REASON_HERE || s->kind == REASON_LOCAL ||
	    s->kind == REASON_RELAY || s->kind == REASON_LISTED;
}

/* ----------------------------------------------------------------- senders */

static bool
is_ours(const struct court *c, struct text host)
{
	struct standing s = standing_of(c, host);

	return s.kind == REASON_HERE || s.kind == REASON_LOCAL;
}

/* Is host, a parent of it, or the address it spells, ours? */
static enum sender_claim
claim_of_host(const struct court *c, struct text host)
{
	struct ip ip;
	size_t dot;

	if (address_is_literal(host))
		return is_ours(c, host) ? SENDER_LITERAL : SENDER_OUTSIDE;
	if (ip_parse(host, &ip))
		return ip_is_loopback(&ip) ||
		    ip_equal(&ip, &c->envelope->own_address) ?
		    SENDER_LITERAL : SENDER_OUTSIDE;
	while (host.n > 0) {
		if (is_ours(c, host))
			return SENDER_OURS;
		dot = text_find(host, '.');
		host = text_cut(host, dot < host.n ? dot + 1 : dot, host.n);
	}
	return SENDER_OUTSIDE;
}

/* What stands behind the tag of BATV: "prvs=TAG=user", "btv1==TAG==user". */
static struct text
without_batv(struct text user)
{
	size_t i;

	if (!text_begins(user, TEXT("prvs=")) &&
	    !text_begins(user, TEXT("btv1==")))
		return user;
	for (i = user.n; i > 0 && user.at[i - 1] != '=';)
		i--;
	return text_cut(user, i, user.n);
}

/* The user of a local part: before the first operator, behind the last "!". */
static struct text
user_of(struct text local)
{
	size_t i, from = 0, to;

	for (i = 0; i < local.n; i++)
		if (local.at[i] == '!' || local.at[i] == '"')
			from = i + 1 < local.n ? i + 1 : from;
	for (to = from; to < local.n && local.at[to] != '%' &&
	     local.at[to] != '@' && local.at[to] != '"';)
		to++;
	return without_batv(text_cut(local, from, to));
}

enum sender_claim
standing_claim(const struct court *c, const struct address *sender,
    const struct readings *readings, struct text *user)
{
	enum sender_claim claim = SENDER_OUTSIDE;
	size_t i;

	*user = user_of(sender->local);
	if (sender->class == ADDRESS_NULL)
		return SENDER_NULL;
	if (sender->class == ADDRESS_MALFORMED)
		return SENDER_OUTSIDE;
	if (sender->class == ADDRESS_MAILBOX)
		claim = claim_of_host(c, sender->domain);
	else if (text_same(sender->local, TEXT("postmaster")))
		claim = SENDER_OURS;
	for (i = 0; i < readings->n && claim == SENDER_OUTSIDE; i++)
		claim = claim_of_host(c, readings->at[i].host);
	return claim;
}
