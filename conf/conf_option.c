/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/conf_option.h"

#include <stdlib.h>

#define PATH_BYTES_MAX 1023
#define SOCKET_PATH_MAX 107 /* sun_path of sockaddr_un, without the NUL */
#define USER_MAX 32

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return text_lower(c) >= 'a' && text_lower(c) <= 'z';
}

/* Decimal digits alone, within least and most. */
static bool
read_number(struct text s, unsigned least, unsigned most, unsigned *out)
{
	size_t i;

	*out = 0;
	if (s.n == 0 || s.n > 9)
		return false;
	for (i = 0; i < s.n; i++) {
		if (!is_digit(s.at[i]))
			return false;
		*out = *out * 10 + (unsigned)(s.at[i] - '0');
	}
	return *out >= least && *out <= most;
}

/* An absolute path of a file, without control characters. */
static bool
is_path(struct text s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.at[i] < 0x20 || s.at[i] == 0x7f)
			return false;
	return s.n > 1 && s.n <= PATH_BYTES_MAX && s.at[0] == '/' &&
	    s.at[s.n - 1] != '/';
}

static bool
is_path_or_none(struct text s)
{
	return s.n == 0 || is_path(s);
}

static bool
is_user(struct text s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!is_letter(s.at[i]) && s.at[i] != '_' &&
		    (i == 0 || (!is_digit(s.at[i]) && s.at[i] != '-' &&
		    s.at[i] != '.')))
			return false;
	return s.n <= USER_MAX;
}

/* "PORT@HOST", the host as a name or address. */
static bool
is_port_at_host(struct text s)
{
	size_t i, at = text_find(s, '@');
	unsigned port;

	if (!read_number(text_cut(s, 0, at), 1, 65535, &port) ||
	    at + 1 >= s.n)
		return false;
	for (i = at + 1; i < s.n; i++)
		if (!is_letter(s.at[i]) && !is_digit(s.at[i]) &&
		    memchr(".:-_", s.at[i], 4) == NULL)
			return false;
	return true;
}

/* The notation of libmilter's smfi_setconn. */
static bool
is_socket(struct text s)
{
	size_t colon = text_find(s, ':');
	struct text kind = text_cut(s, 0, colon);

	if (colon == s.n)
		return false;
	s = text_cut(s, colon + 1, s.n);
	if (text_equal(kind, TEXT("unix")) || text_equal(kind, TEXT("local")))
		return is_path(s) && s.n <= SOCKET_PATH_MAX;
	return (text_equal(kind, TEXT("inet")) ||
	    text_equal(kind, TEXT("inet6"))) && is_port_at_host(s);
}

static bool
is_unix_socket_or_none(struct text s)
{
	return s.n == 0 || ((text_begins(s, TEXT("unix:/")) ||
	    text_begins(s, TEXT("local:/"))) && is_socket(s));
}

static bool
is_rule_mode(struct text s)
{
	struct rule_modes scratch;

	return rule_modes_set(&scratch, s);
}

static const char *const mode_words[] = { "enforce", "monitor", "off",
	NULL };
static const char *const bool_words[] = { "false", "true", NULL };

#define AT(field) offsetof(struct conf, field)
#define RIGHT_FILE "an absolute path, or \"\" for none"
#define RIGHT_BOOL "true or false"

const struct option option_table[OPTIONS] = {
	{ .name = "milter_socket", .kind = OPTION_TEXT,
	    .at = AT(milter_socket),
	    .fallback = "unix:/run/relayguard/milter.sock",
	    .right = "unix:/PATH, inet:PORT@HOST or inet6:PORT@HOST",
	    .check = is_socket },
	{ .name = "map_socket", .kind = OPTION_TEXT, .at = AT(map_socket),
	    .fallback = "unix:/run/relayguard/map.sock",
	    .right = "unix:/PATH, or \"\" for none",
	    .check = is_unix_socket_or_none },
	{ .name = "user", .kind = OPTION_TEXT, .at = AT(user),
	    .fallback = "relayguard",
	    .right = "a user name, or \"\" to stay whoever starts it",
	    .check = is_user },
	{ .name = "mode", .kind = OPTION_CHOICE, .at = AT(mode),
	    .fallback = "enforce", .right = "enforce, monitor or off",
	    .choices = mode_words },
	{ .name = "rule_modes", .kind = OPTION_LIST, .at = AT(rule_modes),
	    .right = "a list like [\"P06=monitor\"]; modes are enforce, "
	    "monitor and off", .check = is_rule_mode },
	{ .name = "policy_files", .kind = OPTION_LIST, .at = AT(policy_files),
	    .given = AT(policy_files_given),
	    .fallback = "/etc/relayguard/relay.policy",
	    .right = "a list of absolute paths, [/PATH, /PATH] or []",
	    .check = is_path },
	{ .name = "local_host_names", .kind = OPTION_TEXT,
	    .at = AT(local_host_names), .given = AT(local_host_names_given),
	    .fallback = "/etc/mail/local-host-names", .right = RIGHT_FILE,
	    .check = is_path_or_none },
	{ .name = "relay_domains", .kind = OPTION_TEXT,
	    .at = AT(relay_domains), .given = AT(relay_domains_given),
	    .fallback = "/etc/mail/relay-domains", .right = RIGHT_FILE,
	    .check = is_path_or_none },
	{ .name = "access_file", .kind = OPTION_TEXT, .at = AT(access_file),
	    .given = AT(access_file_given), .fallback = "/etc/mail/access",
	    .right = RIGHT_FILE, .check = is_path_or_none },
	{ .name = "client_names", .kind = OPTION_BOOL,
	    .at = AT(client_names), .fallback = "false", .right = RIGHT_BOOL,
	    .choices = bool_words },
	{ .name = "roaming_file", .kind = OPTION_TEXT,
	    .at = AT(roaming_file),
	    .fallback = "/var/lib/relayguard/roaming.policy",
	    .right = RIGHT_FILE, .check = is_path_or_none },
	{ .name = "audit_log", .kind = OPTION_TEXT, .at = AT(audit_log),
	    .fallback = "/var/log/relayguard/audit.jsonl",
	    .right = RIGHT_FILE, .check = is_path_or_none },
	{ .name = "audit_accepted", .kind = OPTION_BOOL,
	    .at = AT(audit_accepted), .fallback = "false",
	    .right = RIGHT_BOOL, .choices = bool_words },
	{ .name = "syslog", .kind = OPTION_BOOL, .at = AT(syslog),
	    .fallback = "true", .right = RIGHT_BOOL, .choices = bool_words },
	{ .name = "max_sessions", .kind = OPTION_NUMBER,
	    .at = AT(max_sessions), .fallback = "256",
	    .right = "a number between 1 and 100000", .least = 1,
	    .most = 100000 },
};

size_t
option_find(struct text name)
{
	size_t i;

	for (i = 0; i < OPTIONS; i++)
		if (text_equal(name, text_of(option_table[i].name)))
			break;
	return i;
}

void
option_names(const char *out[OPTIONS + 1])
{
	size_t i;

	for (i = 0; i < OPTIONS; i++)
		out[i] = option_table[i].name;
	out[OPTIONS] = NULL;
}

static void *
field(struct conf *conf, size_t at)
{
	return (char *)conf + at;
}

static enum option_error
set_text(char **slot, struct text value)
{
	char *copy = value.n > 0 ? strndup(value.at, value.n) : strdup("");

	if (copy == NULL)
		return OPTION_NO_MEMORY;
	free(*slot);
	*slot = copy;
	return OPTION_OK;
}

static enum option_error
append(struct conf_list *list, struct text value)
{
	char **at;
	unsigned i;

	for (i = 0; i < list->n; i++)
		if (text_equal(text_of(list->at[i]), value))
			return OPTION_TWICE;
	at = realloc(list->at, (list->n + 1) * sizeof *at);
	if (at == NULL)
		return OPTION_NO_MEMORY;
	list->at = at;
	at[list->n] = strndup(value.at, value.n);
	if (at[list->n] == NULL)
		return OPTION_NO_MEMORY;
	list->n++;
	return OPTION_OK;
}

/* Which of the words value is; false when none. */
static bool
choose(const char *const *words, struct text value, unsigned *out)
{
	for (*out = 0; words[*out] != NULL; ++*out)
		if (text_equal(value, text_of(words[*out])))
			return true;
	return false;
}

static enum option_error
set_choice(struct conf *conf, const struct option *o, struct text value)
{
	unsigned chosen;

	_Static_assert(sizeof(enum rule_mode) == sizeof chosen,
	    "options store their choice as unsigned");
	if (!choose(o->choices, value, &chosen))
		return OPTION_WRONG;
	if (o->kind == OPTION_BOOL)
		*(bool *)field(conf, o->at) = chosen != 0;
	else
		memcpy(field(conf, o->at), &chosen, sizeof chosen);
	return OPTION_OK;
}

enum option_error
option_set(struct conf *conf, const struct option *o, struct text value)
{
	if (o->check != NULL && !o->check(value))
		return OPTION_WRONG;
	switch (o->kind) {
	case OPTION_TEXT:
		return set_text(field(conf, o->at), value);
	case OPTION_LIST:
		return append(field(conf, o->at), value);
	case OPTION_CHOICE:
	case OPTION_BOOL:
		return set_choice(conf, o, value);
	case OPTION_NUMBER:
		return read_number(value, o->least, o->most,
		    field(conf, o->at)) ? OPTION_OK : OPTION_WRONG;
	}
	return OPTION_WRONG;
}

static void
free_list(struct conf_list *list)
{
	while (list->n > 0)
		free(list->at[--list->n]);
	free(list->at);
	list->at = NULL;
}

void
option_begin(struct conf *conf, const struct option *o)
{
	if (o->kind == OPTION_LIST)
		free_list(field(conf, o->at));
	if (o->given != 0)
		*(bool *)field(conf, o->given) = true;
}

void
option_free(struct conf *conf, const struct option *o)
{
	if (o->kind == OPTION_LIST)
		free_list(field(conf, o->at));
	if (o->kind == OPTION_TEXT)
		free(*(char **)field(conf, o->at));
}
