/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_cookie.h"

/* a CSN: time, count, server id, modification; only its form is looked at */
static const char csn_form[] = "00000000000000.000000Z#xxxxxx#xxx#xxxxxx";
#define CSN_BYTES (sizeof csn_form - 1)
#define CSN_SID 30 /* where its three digits of server id are */
#define CSN_MAX ((LDAP_COOKIE_MAX - (sizeof prefix - 1)) / (CSN_BYTES + 1))

static const char prefix[] = "rid=000,csn=";

/* All change numbers of a cookie, by server id. */
struct csns {
	struct text at[CSN_MAX];
	size_t n;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_csn(struct text t)
{
	size_t i;

	if (t.n != CSN_BYTES)
		return false;
	for (i = 0; i < CSN_BYTES; i++) {
		bool hex = text_lower(t.at[i]) >= 'a' &&
		    text_lower(t.at[i]) <= 'f';

		if (csn_form[i] == '0' ? !is_digit(t.at[i]) :
		    csn_form[i] == 'x' ? !is_digit(t.at[i]) && !hex :
		    t.at[i] != csn_form[i])
			return false;
	}
	return true;
}

/* Cut off rest what stands before the separator c. */
static struct text
cut(struct text *rest, char c)
{
	size_t end = text_find(*rest, c);
	struct text first = text_cut(*rest, 0, end);

	*rest = text_cut(*rest, end < rest->n ? end + 1 : end, rest->n);
	return first;
}

/* -1, 0, 1: CSNs are made so that their text sorts by age. */
static int
compare(struct text a, struct text b, size_t from, size_t n)
{
	return memcmp(a.at + from, b.at + from, n);
}

/* Keep the newest of each server, sorted by server id; false: no room. */
static bool
keep(struct csns *all, struct text csn)
{
	size_t i = 0, j;

	while (i < all->n && compare(all->at[i], csn, CSN_SID, 3) < 0)
		i++;
	if (i < all->n && compare(all->at[i], csn, CSN_SID, 3) == 0) {
		if (compare(all->at[i], csn, 0, CSN_BYTES) < 0)
			all->at[i] = csn;
		return true;
	}
	if (all->n == CSN_MAX)
		return false;
	for (j = all->n++; j > i; j--)
		all->at[j] = all->at[j - 1];
	all->at[i] = csn;
	return true;
}

enum reading { READ_OK, READ_OPAQUE, READ_FULL };

/* Add all of the cookie's change numbers to all. */
static enum reading
read_csns(struct text cookie, struct csns *all)
{
	enum reading found = READ_OPAQUE;

	while (cookie.n > 0) {
		struct text field = cut(&cookie, ',');

		if (!text_begins(field, TEXT("csn=")))
			continue;
		field = text_cut(field, 4, field.n);
		while (field.n > 0) {
			struct text csn = cut(&field, ';');

			if (!is_csn(csn))
				return READ_OPAQUE;
			if (!keep(all, csn))
				return READ_FULL;
			found = READ_OK;
		}
	}
	return found;
}

static void
put(struct ldap_cookie *c, struct text t)
{
	memcpy(c->at + c->n, t.at, t.n);
	c->n += t.n;
	c->at[c->n] = '\0';
}

static void
write_csns(struct ldap_cookie *c, const struct csns *all)
{
	size_t i;

	c->n = 0;
	put(c, TEXT(prefix));
	for (i = 0; i < all->n; i++) {
		if (i > 0)
			put(c, TEXT(";"));
		put(c, all->at[i]);
	}
}

void
ldap_cookie_merge(struct ldap_cookie *have, struct text told)
{
	struct ldap_cookie old = *have;
	struct csns all = { .n = 0 };
	enum reading reading;

	if (told.n == 0)
		return;
	if (read_csns(ldap_cookie_text(&old), &all) != READ_OK)
		all.n = 0;
	reading = read_csns(told, &all);
	if (reading == READ_OK) {
		write_csns(have, &all);
		return;
	}
	have->n = 0;
	have->at[0] = '\0';
	if (reading == READ_OPAQUE && told.n <= LDAP_COOKIE_MAX)
		put(have, told);
}
