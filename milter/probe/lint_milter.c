/* SPDX-License-Identifier: BSD-2-Clause */
/* The milters of a sendmail.cf, and their sockets. */
#include <limits.h>
#include <stdio.h>

#include "milter/probe/lint_find.h"
#include "milter/socket_path.h"

/* What a text without NUL becomes for those who want one. */
static void
copy(struct text t, char *out, size_t cap)
{
	snprintf(out, cap, "%.*s", (int)(t.n < cap ? t.n : cap),
	    t.n > 0 ? t.at : "");
}

/* The names in a list, bounded by commas, semicolons or blanks. */
static bool
lists(struct text list, struct text name)
{
	size_t from, i = 0;

	while (i < list.n) {
		for (from = i; i < list.n && list.at[i] != ',' &&
		    list.at[i] != ';' && !text_is_blank(list.at[i]); i++)
			;
		if (text_equal(text_cut(list, from, i), name))
			return true;
		i++;
	}
	return false;
}

/* An option's value; where it is given more than once the last one counts. */
static const struct cf_line *
option(const struct lint *l, const char *name)
{
	const struct cf_line *found = NULL;
	size_t i;

	for (i = 0; i < l->cf.n; i++)
		if (l->cf.at[i].kind == CF_OPTION &&
		    text_same(l->cf.at[i].name, text_of(name)))
			found = &l->cf.at[i];
	return found;
}

static bool
is_in_use(const struct lint *l, const struct cf_line *milter)
{
	const struct cf_line *filters = option(l, "InputMailFilters");

	return filters != NULL && lists(filters->value, milter->name);
}

/* Is the socket's own folder called relayguard?  Those above it do not count. */
static bool
lies_in_our_folder(struct text socket)
{
	static const struct text ours = { "/relayguard", 11 };
	size_t end = socket.n;

	while (end > 0 && socket.at[end - 1] != '/')
		end--;
	return end > ours.n && text_equal(text_cut(socket, end - 1 - ours.n,
	    end - 1), ours);
}

static bool
mentions_guard(const struct cf_line *milter)
{
	return lint_holds(milter->name, "relayguard") ||
	    lies_in_our_folder(cf_field(milter, 'S'));
}

/*
 * The next milter that is the guard: it or its socket's folder is called so.
 * Where none is, any milter may be; other milters are no business of ours.
 */
static const struct cf_line *
next_guard(const struct lint *l, size_t *at)
{
	bool named = false;
	size_t i;

	for (i = 0; i < l->cf.n; i++)
		named = named || (l->cf.at[i].kind == CF_MILTER &&
		    mentions_guard(&l->cf.at[i]));
	while (*at < l->cf.n) {
		const struct cf_line *line = &l->cf.at[(*at)++];

		if (line->kind == CF_MILTER &&
		    (!named || mentions_guard(line)))
			return line;
	}
	return NULL;
}

void
lint_milter_missing(struct lint *l, const struct lint_rule *r)
{
	const struct cf_line *milter, *unused = NULL;
	size_t at = 0;

	while ((milter = next_guard(l, &at)) != NULL) {
		if (is_in_use(l, milter))
			return;
		unused = milter;
	}
	if (unused == NULL)
		lint_add(l, r, l->cf_name, 0, 0, "there is no milter");
	else
		lint_add(l, r, l->cf_name, unused->line,
		    lint_mc_milter(l->mc, unused->name),
		    "milter %.*s is not in InputMailFilters",
		    (int)unused->name.n, unused->name.at);
}

void
lint_milter_flags(struct lint *l, const struct lint_rule *r)
{
	const struct cf_line *milter;
	struct text flags;
	size_t at = 0;

	while ((milter = next_guard(l, &at)) != NULL) {
		flags = cf_field(milter, 'F');
		if (text_find(flags, 'T') < flags.n)
			continue;
		lint_add(l, r, l->cf_name, milter->line,
		    lint_mc_milter(l->mc, milter->name),
		    "milter %.*s has %s%.*s", (int)milter->name.n,
		    milter->name.at, flags.n > 0 ? "F=" : "no F=",
		    (int)flags.n, flags.n > 0 ? flags.at : "");
	}
}

void
lint_milter_tcp(struct lint *l, const struct lint_rule *r)
{
	const struct cf_line *milter;
	struct text socket;
	size_t at = 0;

	while ((milter = next_guard(l, &at)) != NULL) {
		socket = cf_field(milter, 'S');
		if (text_begins(socket, TEXT("inet:")) ||
		    text_begins(socket, TEXT("inet6:")))
			lint_add(l, r, l->cf_name, milter->line,
			    lint_mc_milter(l->mc, milter->name),
			    "milter %.*s is at %.*s",
			    (int)milter->name.n, milter->name.at,
			    (int)socket.n, socket.at);
	}
}

/* A directory that is not there yet may come with the guard. */
static void
look_at_socket(struct lint *l, const struct lint_rule *r,
    const struct cf_line *line, struct text socket, unsigned in_mc)
{
	char text[PATH_MAX], why[1024];
	const char *path;

	copy(socket, text, sizeof text);
	path = socket_path_of(text);
	if (path != NULL && socket_path_place(path, why, sizeof why) ==
	    SOCKET_UNSAFE)
		lint_add(l, r, l->cf_name, line->line, in_mc, "%s", why);
}

/* The last word of a map's line is its socket. */
static struct text
map_socket(const struct cf_line *map)
{
	struct cf_words words = cf_words_of(map);
	struct text word, last = { 0 };

	while ((word = cf_word(&words)).n > 0)
		last = word;
	return last;
}

void
lint_socket_directory(struct lint *l, const struct lint_rule *r)
{
	const struct cf_line *line;
	size_t at = 0;

	while ((line = next_guard(l, &at)) != NULL)
		look_at_socket(l, r, line, cf_field(line, 'S'),
		    lint_mc_milter(l->mc, line->name));
	at = 0;
	while ((line = lint_map_next(l, &at)) != NULL)
		look_at_socket(l, r, line, map_socket(line),
		    lint_mc_map(l->mc, line->name));
}

/* The value of InputMailFilters among a port's options; at NULL: none. */
static struct text
port_filters(struct text options)
{
	struct text one;
	size_t end, equals;

	while (options.n > 0) {
		end = text_find(options, ',');
		one = text_trim(text_cut(options, 0, end));
		options = text_cut(options, end < options.n ? end + 1 : end,
		    options.n);
		equals = text_find(one, '=');
		/* sendmail looks at the first letter alone */
		if (equals < one.n && text_lower(one.at[0]) == 'i')
			return text_trim(text_cut(one, equals + 1, one.n));
	}
	return (struct text){ 0 };
}

void
lint_daemon(struct lint *l, const struct lint_rule *r)
{
	struct text filters, options;
	const struct cf_line *guard;
	size_t i, at = 0;
	bool asked;

	for (i = 0; i < l->cf.n; i++, at = 0) {
		options = l->cf.at[i].value;
		filters = port_filters(options);
		if (l->cf.at[i].kind != CF_OPTION || filters.at == NULL ||
		    !text_same(l->cf.at[i].name, TEXT("DaemonPortOptions")))
			continue;
		for (asked = false; (guard = next_guard(l, &at)) != NULL;)
			asked = asked || lists(filters, guard->name);
		if (!asked)
			lint_add(l, r, l->cf_name, l->cf.at[i].line,
			    lint_mc_word(l->mc, "DAEMON_OPTIONS", filters),
			    "%.*s", (int)(options.n < 200 ? options.n : 200),
			    options.at);
	}
}
