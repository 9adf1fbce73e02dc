/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/auth_results.h"

/* Behind the comment that begins at i (RFC 5322 3.2.2), or past the end. */
static size_t
skip_comment(struct text t, size_t i)
{
	unsigned depth = 0;

	for (; i < t.n; i++) {
		if (t.at[i] == '\\')
			i++;
		else if (t.at[i] == '(')
			depth++;
		else if (t.at[i] == ')' && --depth == 0)
			return i + 1;
	}
	return t.n + 1;
}

/* Blanks, and control characters, which readers may drop like blanks. */
static bool
is_space(char c)
{
	return text_byte(c) <= ' ' || c == 0x7f;
}

/* Behind blanks and comments, or past the end when one is not closed. */
static size_t
skip_blanks(struct text t, size_t i)
{
	while (i < t.n && (is_space(t.at[i]) || t.at[i] == '('))
		i = t.at[i] == '(' ? skip_comment(t, i) : i + 1;
	return i;
}

/* Take one byte of name from expected; false: it is another. */
static bool
take(struct text *expected, char c)
{
	if (expected->n == 0 || text_lower(expected->at[0]) != text_lower(c))
		return false;
	*expected = text_cut(*expected, 1, expected->n);
	return true;
}

/* The quoted-string at i: is it name?  Not closed is as good as that. */
static bool
quoted_is(struct text t, size_t i, struct text name)
{
	for (i++; i < t.n && t.at[i] != '"'; i++) {
		i += t.at[i] == '\\';
		if (i < t.n && !take(&name, t.at[i]))
			return false;
	}
	return i >= t.n || name.n == 0;
}

/* Does a name go on at i?  With a dot at its end it is the same name. */
static bool
goes_on(struct text t, size_t i)
{
	char c, lower;

	while (i < t.n && t.at[i] == '.')
		i++;
	c = i < t.n ? t.at[i] : ';';
	lower = text_lower(c);
	return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
	    c == '-' || c == '_' || text_byte(c) > 0x7f;
}

bool
auth_results_claim(struct text value, struct text authserv_id)
{
	struct text name = authserv_id;
	size_t i = skip_blanks(value, 0);

	if (i >= value.n)
		return true;
	if (value.at[i] == '"')
		return quoted_is(value, i, name);
	while (i < value.n && take(&name, value.at[i]))
		i++;
	return name.n == 0 && !goes_on(value, i);
}
