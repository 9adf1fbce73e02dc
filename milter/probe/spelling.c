/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/spelling.h"

#include <stdio.h>

/* The tester's mailbox; "90" appended makes the paper's second one. */
static const char user[] = "probe";

const char *
spelling_text(enum probe_spelling s)
{
	return s == SPELLING_BARE ? "bare" :
	    s == SPELLING_BRACKETED ? "bracketed" : "as printed";
}

/* The domain of the honest recipient; the server's when it has none. */
static const char *
domain_of(const struct probe_names *names)
{
	const char *at = strrchr(names->local, '@');

	return at != NULL ? at + 1 : names->server;
}

/* The server's name without its first label; NULL when that is no domain. */
static const char *
parent_of(const struct probe_names *names)
{
	const char *dot = strchr(names->server, '.');

	return dot != NULL && names->server[0] != '[' &&
	    strchr(dot + 1, '.') != NULL ? dot + 1 : NULL;
}

/*
 * What the name in braces stands for, {H} like {h}; NULL when there is no such
 * name.
 */
static const char *
value_of(struct text name, const struct probe_names *names)
{
	const struct {
		struct text name;
		const char *value;
	} known[] = {
		{ TEXT("h"), names->server },
		{ TEXT("ip"), names->literal },
		{ TEXT("own"), names->own },
		{ TEXT("s"), names->tester },
		{ TEXT("d"), names->foreign },
		{ TEXT("x"), names->third },
		{ TEXT("r"), names->relay },
		{ TEXT("addr"), names->address },
		{ TEXT("u"), user },
		{ TEXT("local"), names->local },
		{ TEXT("l"), domain_of(names) },
		{ TEXT("m"), parent_of(names) },
	};
	size_t i;

	for (i = 0; i < sizeof known / sizeof known[0]; i++)
		if (text_same(name, known[i].name))
			return known[i].value;
	return NULL;
}

static bool
append(char *out, size_t *n, struct text piece)
{
	if (*n + piece.n >= PROBE_ARGUMENT_MAX)
		return false;
	if (piece.n > 0)
		memcpy(out + *n, piece.at, piece.n);
	*n += piece.n;
	out[*n] = '\0';
	return true;
}

/* Append the value of a name; in capitals when the name is. */
static bool
append_value(char *out, size_t *n, struct text name,
    const struct probe_names *names)
{
	const char *value = value_of(name, names);
	size_t from = *n;

	if (value == NULL || !append(out, n, text_of(value)))
		return false;
	if (name.at[0] < 'A' || name.at[0] > 'Z')
		return true;
	for (; from < *n; from++)
		if (out[from] >= 'a' && out[from] <= 'z')
			out[from] = (char)(out[from] - 'a' + 'A');
	return true;
}

static bool
expand(struct text t, const struct probe_names *names, char *out, size_t *n)
{
	while (t.n > 0) {
		size_t open = text_find(t, '{');
		size_t close = text_find(t, '}');

		if (!append(out, n, text_cut(t, 0, open)))
			return false;
		if (open == t.n)
			return true;
		if (close == t.n || close < open)
			return false;
		if (!append_value(out, n, text_cut(t, open + 1, close), names))
			return false;
		t = text_cut(t, close + 1, t.n);
	}
	return true;
}

/* t without the brackets around it; <> is not a bracketed nothing. */
static struct text
strip(struct text t)
{
	if (t.n > 2 && t.at[0] == '<' && t.at[t.n - 1] == '>')
		return text_cut(t, 1, t.n - 1);
	return t;
}

bool
spelling_fill(const char *template, const struct probe_names *names,
    enum probe_spelling s, char out[PROBE_ARGUMENT_MAX])
{
	struct text all = text_of(template), core = strip(text_trim(all));
	bool null = text_equal(core, TEXT("<>"));
	bool blank = all.n > 0 && all.at[0] == ' ';
	size_t n = 0;
	bool ok;

	out[0] = '\0';
	if (s == SPELLING_PRINTED)
		ok = expand(all, names, out, &n);
	else if (s == SPELLING_BARE || null)
		ok = append(out, &n, blank ? TEXT(" ") : TEXT("")) &&
		    expand(core, names, out, &n);
	else
		ok = append(out, &n, TEXT("<")) &&
		    expand(core, names, out, &n) &&
		    append(out, &n, TEXT(">"));
	if (!ok)
		out[0] = '\0';
	return ok;
}

void
spelling_literal(const struct ip *ip, char out[PROBE_LITERAL_MAX])
{
	char address[IP_TEXT_MAX];

	snprintf(out, PROBE_LITERAL_MAX, "[%s%s]",
	    ip->family == IP_V6 ? "IPv6:" : "", ip_print(ip, address));
}
