/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/sendmail_cf_text.h"

bool
cf_is_space(char c)
{
	return text_is_blank(c) || c == '\n' || c == '\r';
}

struct text
cf_strip(struct text t)
{
	while (t.n > 0 && cf_is_space(t.at[0]))
		t = text_cut(t, 1, t.n);
	while (t.n > 0 && cf_is_space(t.at[t.n - 1]))
		t.n--;
	return t;
}

size_t
cf_word_end(struct text t, const char *stops)
{
	size_t i;

	for (i = 0; i < t.n; i++)
		if (cf_is_space(t.at[i]) ||
		    (t.at[i] != '\0' && strchr(stops, t.at[i]) != NULL))
			break;
	return i;
}

unsigned
cf_newlines(struct text t)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < t.n; i++)
		n += t.at[i] == '\n';
	return n;
}

/* Does a comment begin at i?  "$#" and "\#" are not one, "$$#" is. */
static bool
comment_at(struct text t, size_t i)
{
	size_t dollars = 0;

	if (t.at[i] != '#' || i == 0)
		return t.at[i] == '#';
	if (t.at[i - 1] == '\\')
		return false;
	while (dollars < i && t.at[i - 1 - dollars] == '$')
		dollars++;
	return dollars % 2 == 0;
}

size_t
cf_find_comment(struct text t)
{
	size_t i;

	for (i = 0; i < t.n; i++)
		if (comment_at(t, i))
			break;
	return i;
}
