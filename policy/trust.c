/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/trust.h"

/* Does the authenticated identity make this client trusted? */
static bool
trusts_identity(struct court *c)
{
	struct text auth = c->envelope->auth;
	struct policy_entry e;

	if (auth.n == 0)
		return false;
	if (policy_count(c->policy, POLICY_IDENTITY) == 0) {
		court_say(c, REASON_AUTH_TRUSTED, auth);
		return true;
	}
	if (!policy_find_identity(c->policy, auth, c->facts->now, &e)) {
		court_say(c, REASON_AUTH_UNLISTED, auth);
		return false;
	}
	court_say_entry(c, REASON_AUTH_TRUSTED, auth, &e);
	return true;
}

static bool
trusts_address(struct court *c)
{
	const struct ip *client = &c->envelope->client;
	struct policy_entry e;

	if (ip_is_loopback(client)) {
		court_say(c, REASON_CLIENT_LOOPBACK, (struct text){ 0 });
		return true;
	}
	if (!policy_find_client(c->policy, client, c->facts->now, &e)) {
		court_say(c, REASON_CLIENT_UNTRUSTED, (struct text){ 0 });
		return false;
	}
	court_say_entry(c, e.action == POLICY_GRANT ? REASON_CLIENT_NETWORK :
	    REASON_CLIENT_DENIED, (struct text){ 0 }, &e);
	return e.action == POLICY_GRANT;
}

bool
trust_client(struct court *c)
{
	return trusts_identity(c) || trusts_address(c);
}
