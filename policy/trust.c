/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/trust.h"

#include "policy/domain.h"
#include "policy/xtext.h"

/* What something that a client shows is worth. */
enum worth {
	WORTH_NOTHING,
	WORTH_DENIAL,
	WORTH_LIST, /* may relay to the listed domains */
	WORTH_ALL
};

/* Weigh the entry that decides, and say so with one of two reasons. */
static enum worth
weigh(struct court *c, const struct policy_entry *e, struct text subject,
    enum reason_kind granted, enum reason_kind denied)
{
	if (e->action == POLICY_DENY) {
		court_say_entry(c, denied, subject, e);
		return WORTH_DENIAL;
	}
	court_say_entry(c, granted, subject, e);
	if (e->only.n == 0)
		return WORTH_ALL;
	court_say(c, REASON_ONLY, e->only);
	c->only[c->lists++] = e->only;
	return WORTH_LIST;
}

/* No longer identity is in any policy. */
#define IDENTITY_MAX 255

static enum worth
worth_of_identity(struct court *c)
{
	struct text auth = c->envelope->auth;
	char plain[IDENTITY_MAX];
	size_t n = xtext_decode(auth, plain, sizeof plain);
	struct policy_entry e;

	if (auth.n == 0)
		return WORTH_NOTHING;
	if (policy_count(c->policy, POLICY_IDENTITY) == 0) {
		court_say(c, REASON_AUTH_TRUSTED, auth);
		return WORTH_ALL;
	}
	if (n <= sizeof plain && policy_find_identity(c->policy,
	    (struct text){ plain, n }, c->facts->now, &e))
		return weigh(c, &e, auth, REASON_AUTH_TRUSTED,
		    REASON_AUTH_DENIED);
	court_say(c, REASON_AUTH_UNLISTED, auth);
	return WORTH_NOTHING;
}

static enum worth
worth_of_certificate(struct court *c)
{
	struct text subject = c->envelope->certificate;
	struct policy_entry e;

	if (subject.n == 0)
		return WORTH_NOTHING;
	if (policy_find_certificate(c->policy, subject, c->facts->now, &e))
		return weigh(c, &e, subject, REASON_CERTIFICATE_TRUSTED,
		    REASON_CERTIFICATE_DENIED);
	court_say(c, REASON_CERTIFICATE_UNLISTED, subject);
	return WORTH_NOTHING;
}

static enum worth
worth_of_address(struct court *c)
{
	const struct ip *client = &c->envelope->client;
	const struct policy *roaming = c->facts->roaming;
	enum worth worth = WORTH_NOTHING;
	struct text none = { NULL, 0 };
	struct policy_entry e;

	if (ip_is_loopback(client)) {
		court_say(c, REASON_CLIENT_LOOPBACK, none);
		return WORTH_ALL;
	}
	if (policy_find_client(c->policy, client, c->facts->now, &e)) {
		worth = weigh(c, &e, none, REASON_CLIENT_NETWORK,
		    REASON_CLIENT_DENIED);
		if (worth != WORTH_LIST)
			return worth;
	}
	if (roaming != NULL &&
	    policy_find_client(roaming, client, c->facts->now, &e))
		return weigh(c, &e, none, REASON_ROAMING,
		    REASON_CLIENT_DENIED);
	if (worth == WORTH_NOTHING)
		court_say(c, REASON_CLIENT_UNTRUSTED, none);
	return worth;
}

static enum worth
worth_of_name(struct court *c)
{
	struct text name = c->envelope->client_name;
	char folded[DOMAIN_MAX];
	struct text f = { folded, 0 };
	struct policy_entry e;

	if (policy_count(c->policy, POLICY_NAME) == 0)
		return WORTH_NOTHING;
	f.n = domain_fold(name, folded);
	if (f.n == 0 || !policy_find_domain(c->policy, POLICY_NAME, f,
	    c->facts->now, &e))
		return WORTH_NOTHING;
	return weigh(c, &e, name, REASON_NAME_TRUSTED, REASON_NAME_DENIED);
}

bool
trust_client(struct court *c)
{
	enum worth worth[CREDENTIALS];
	bool all = false, denied = false;
	size_t i;

	worth[0] = worth_of_identity(c);
	worth[1] = worth_of_certificate(c);
	worth[2] = worth_of_address(c);
	worth[3] = worth_of_name(c);
	for (i = 0; i < CREDENTIALS; i++) {
		all |= worth[i] == WORTH_ALL;
		denied |= worth[i] == WORTH_DENIAL;
	}
	if (denied || all)
		c->lists = 0;
	return all && !denied;
}
