/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an LDAP server may send in content sync, and as a certificate: any
 * bytes.  The first one chooses the reader.
 */
#include "milter/source/ldap_certificate.h"
#include "milter/source/ldap_cookie.h"
#include "milter/source/ldap_message.h"
#include "tests/fuzz/exact.h"

static void
expect(bool holds)
{
	if (!holds)
		abort();
}

/* Does part lie within whole? */
static bool
lies_in(struct text part, struct text whole)
{
	return part.n == 0 ||
	    (part.at >= whole.at && part.at + part.n <= whole.at + whole.n);
}

static void
check_state(struct text t)
{
	struct ldap_sync_state s;
	struct ldap_sync_done d;

	if (ldap_message_state(t, &s)) {
		expect(lies_in((struct text){ (const char *)s.uuid, 16 }, t));
		expect(lies_in(s.cookie, t));
	}
	if (ldap_message_done(t, &d))
		expect(lies_in(d.cookie, t));
}

static void
check_info(struct text t)
{
	struct ldap_sync_info i;
	const unsigned char *uuid;
	size_t left;

	if (!ldap_message_info(t, &i))
		return;
	expect(lies_in(i.cookie, t) && lies_in(i.set, t));
	left = i.set.n;
	while ((uuid = ldap_message_uuid(&i.set)) != NULL) {
		expect(lies_in((struct text){ (const char *)uuid, 16 }, t));
		expect(i.set.n < left);
		left = i.set.n;
	}
	/* a set that is taken is whole */
	expect(left == 0);
}

/* Two cookies, with a line's end between them. */
static void
check_cookie(struct text t)
{
	struct ldap_cookie c = { .n = 0 }, again;
	size_t end = text_find(t, '\n');

	ldap_cookie_merge(&c, text_cut(t, 0, end));
	ldap_cookie_merge(&c, text_cut(t, end < t.n ? end + 1 : end, t.n));
	expect(c.n <= LDAP_COOKIE_MAX && c.at[c.n] == '\0');
	/* what was told before says nothing new */
	again = c;
	ldap_cookie_merge(&again, ldap_cookie_text(&c));
	expect(text_equal(ldap_cookie_text(&again), ldap_cookie_text(&c)));
}

static void
check_certificate(struct text t)
{
	struct ldap_trouble trouble = { .code = -1 };
	struct ldap_certificate c;

	if (ldap_certificate_read(t, &c))
		expect(lies_in(c.names, t));
	ldap_certificate_explain(t, "ldaps://host", "host", NULL, &trouble);
	expect(trouble.text[0] != '\0' && trouble.code == -1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const checks[])(struct text) = { check_state,
		check_info, check_cookie, check_certificate };
	struct text t;

	if (size == 0)
		return 0;
	t = exact_copy(data + 1, size - 1);
	checks[data[0] % 4](t);
	exact_free(t);
	return 0;
}
