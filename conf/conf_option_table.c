/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of options, and what each of them may be. */
#include "conf/conf_option.h"

#include "conf/dns_server.h"

#define PATH_BYTES_MAX 1023
#define SOCKET_PATH_MAX 107 /* sun_path of sockaddr_un, without the NUL */
#define USER_MAX 32
#define URI_MAX 255
#define LDAP_TEXT_MAX 2000
#define ATTRIBUTE_MAX 128
#define DNS_SERVERS_MAX 8 /* as the resolver takes */
#define HOST_MAX 255

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

	if (!option_number(text_cut(s, 0, at), 1, 65535, &port) ||
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

/* ldap://HOST[:PORT], ldaps://... or ldapi://PATH with %2F for /. */
static bool
is_ldap_uri(struct text s)
{
	bool local = text_begins(s, TEXT("ldapi://"));
	size_t i, n = local || text_begins(s, TEXT("ldaps://")) ? 8 : 7;

	if (!local && n == 7 && !text_begins(s, TEXT("ldap://")))
		return false;
	for (i = n; i < s.n; i++)
		if (!is_letter(s.at[i]) && !is_digit(s.at[i]) &&
		    memchr(".:-_[]%/", s.at[i], 8) == NULL)
			return false;
	return (local || s.n > n) && s.n <= URI_MAX;
}

/* A DN, a filter, a name: text without control characters. */
static bool
is_line(struct text s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.at[i] < 0x20 || s.at[i] == 0x7f)
			return false;
	return s.n <= LDAP_TEXT_MAX;
}

/* An attribute's name (RFC 4512, 2.5): a word or an OID. */
static bool
is_attribute_or_none(struct text s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!is_letter(s.at[i]) && !is_digit(s.at[i]) &&
		    memchr("-.", s.at[i], 2) == NULL)
			return false;
	return s.n <= ATTRIBUTE_MAX;
}

/* RFC 8601 2.5: best a name of a domain, and nothing that wants quotes. */
static bool
is_authserv_id_or_none(struct text s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!is_letter(s.at[i]) && !is_digit(s.at[i]) &&
		    memchr(".-_", s.at[i], 3) == NULL)
			return false;
	return s.n <= HOST_MAX;
}

static bool
is_network(struct text s)
{
	struct network scratch;

	return network_parse(s, &scratch) == NETWORK_OK;
}

static bool
is_rule_mode(struct text s)
{
	struct rule_modes scratch;

	return rule_modes_set(&scratch, s);
}

static bool
is_dns_server(struct text s)
{
	struct dns_server scratch;

	return dns_server_parse(s, &scratch);
}

static const char *const mode_words[] = { "enforce", "monitor", "off",
	NULL };
static const char *const map_words[] = { "relayguard", "sendmail",
	"associatedDomain", "mailLocalAddress", "custom", NULL };
static const char *const sync_words[] = { "auto", "rfc4533", "poll", NULL };
static const char *const spf_words[] = { "off", "mark", "enforce", NULL };
static const char *const refuse_words[] = { "accept", "refuse", NULL };
static const char *const defer_words[] = { "accept", "defer", NULL };
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
	{ .name = "ldap_uri", .kind = OPTION_LIST,
	    .at = AT(ldap.uri),
	    .right = "a list like [ldaps://ldap1.example.org, ldapi:///], or []",
	    .check = is_ldap_uri },
	{ .name = "ldap_base", .kind = OPTION_TEXT,
	    .at = AT(ldap.base),
	    .fallback = "",
	    .right = "the DN below which the policy is",
	    .check = is_line },
	{ .name = "ldap_map", .kind = OPTION_CHOICE,
	    .at = AT(ldap.map),
	    .fallback = "relayguard",
	    .right = "relayguard, sendmail, associatedDomain, mailLocalAddress or custom",
	    .choices = map_words },
	{ .name = "ldap_filter", .kind = OPTION_TEXT,
	    .at = AT(ldap.filter),
	    .fallback = "",
	    .right = "a filter like (objectClass=rgEntry), or \"\" for the map's own",
	    .check = is_line },
	{ .name = "ldap_domain_attribute", .kind = OPTION_TEXT,
	    .at = AT(ldap.domain_attribute),
	    .fallback = "",
	    .right = "the name of an attribute, or \"\" for none",
	    .check = is_attribute_or_none },
	{ .name = "ldap_client_attribute", .kind = OPTION_TEXT,
	    .at = AT(ldap.client_attribute),
	    .fallback = "",
	    .right = "the name of an attribute, or \"\" for none",
	    .check = is_attribute_or_none },
	{ .name = "ldap_cluster", .kind = OPTION_TEXT,
	    .at = AT(ldap.cluster),
	    .fallback = "",
	    .right = "the name of our cluster, or \"\" for none",
	    .check = is_line },
	{ .name = "ldap_host", .kind = OPTION_TEXT,
	    .at = AT(ldap.host),
	    .fallback = "",
	    .right = "our own name, or \"\" for that of the machine",
	    .check = is_line },
	{ .name = "ldap_bind_dn", .kind = OPTION_TEXT,
	    .at = AT(ldap.bind_dn),
	    .fallback = "",
	    .right = "the DN to bind as, or \"\" for none",
	    .check = is_line },
	{ .name = "ldap_password_file", .kind = OPTION_TEXT,
	    .at = AT(ldap.password_file),
	    .fallback = "",
	    .right = RIGHT_FILE,
	    .check = is_path_or_none },
	{ .name = "ldap_starttls", .kind = OPTION_BOOL,
	    .at = AT(ldap.starttls),
	    .fallback = "false",
	    .right = RIGHT_BOOL,
	    .choices = bool_words },
	{ .name = "ldap_ca_file", .kind = OPTION_TEXT,
	    .at = AT(ldap.ca_file),
	    .fallback = "",
	    .right = RIGHT_FILE,
	    .check = is_path_or_none },
	{ .name = "ldap_cert_file", .kind = OPTION_TEXT,
	    .at = AT(ldap.cert_file),
	    .fallback = "",
	    .right = RIGHT_FILE,
	    .check = is_path_or_none },
	{ .name = "ldap_key_file", .kind = OPTION_TEXT,
	    .at = AT(ldap.key_file),
	    .fallback = "",
	    .right = RIGHT_FILE,
	    .check = is_path_or_none },
	{ .name = "ldap_sync", .kind = OPTION_CHOICE,
	    .at = AT(ldap.sync),
	    .fallback = "auto",
	    .right = "auto, rfc4533 or poll",
	    .choices = sync_words },
	{ .name = "ldap_poll_seconds", .kind = OPTION_NUMBER,
	    .at = AT(ldap.poll_seconds),
	    .fallback = "60",
	    .right = "a number between 1 and 86400",
	    .least = 1,
	    .most = 86400 },
	{ .name = "ldap_refresh_hours", .kind = OPTION_NUMBER,
	    .at = AT(ldap.refresh_hours),
	    .fallback = "24",
	    .right = "a number between 1 and 8760",
	    .least = 1,
	    .most = 8760 },
	{ .name = "ldap_stale_minutes", .kind = OPTION_NUMBER,
	    .at = AT(ldap.stale_minutes),
	    .fallback = "60",
	    .right = "a number between 1 and 525600",
	    .least = 1,
	    .most = 525600 },
	{ .name = "ldap_hold_percent", .kind = OPTION_NUMBER,
	    .at = AT(ldap.hold_percent),
	    .fallback = "30",
	    .right = "a number between 1 and 100",
	    .least = 1,
	    .most = 100 },
	{ .name = "state_dir", .kind = OPTION_TEXT,
	    .at = AT(state_dir),
	    .fallback = "/var/lib/relayguard",
	    .right = "the absolute path of a folder, or \"\" for none",
	    .check = is_path_or_none },
	{ .name = "status_file", .kind = OPTION_TEXT,
	    .at = AT(status_file),
	    .fallback = "/run/relayguard/status.json",
	    .right = RIGHT_FILE,
	    .check = is_path_or_none },
	{ .name = "dns_servers", .kind = OPTION_LIST,
	    .at = AT(dns_servers),
	    .right = "a list like [192.0.2.53, \"127.0.0.1:5353\", "
	    "\"[::1]:53\"], or []",
	    .check = is_dns_server, .most = DNS_SERVERS_MAX },
	{ .name = "sender_domain_check", .kind = OPTION_BOOL,
	    .at = AT(sender_domain_check), .fallback = "true",
	    .right = RIGHT_BOOL, .choices = bool_words },
	{ .name = "sender_domain_unknown", .kind = OPTION_CHOICE,
	    .at = AT(sender_domain_unknown), .fallback = "accept",
	    .right = "accept or defer", .choices = defer_words },
	{ .name = "sender_domain_null_mx", .kind = OPTION_CHOICE,
	    .at = AT(sender_domain_null_mx), .fallback = "refuse",
	    .right = "accept or refuse", .choices = refuse_words },
	{ .name = "spf", .kind = OPTION_CHOICE, .at = AT(spf),
	    .fallback = "off", .right = "off, mark or enforce",
	    .choices = spf_words },
	{ .name = "spf_permerror", .kind = OPTION_CHOICE,
	    .at = AT(spf_permerror), .fallback = "accept",
	    .right = "accept or refuse", .choices = refuse_words },
	{ .name = "spf_temperror", .kind = OPTION_CHOICE,
	    .at = AT(spf_temperror), .fallback = "accept",
	    .right = "accept or defer", .choices = defer_words },
	{ .name = "spf_forwarders", .kind = OPTION_LIST,
	    .at = AT(spf_forwarders),
	    .right = "a list of addresses and networks, or []",
	    .check = is_network },
	{ .name = "authserv_id", .kind = OPTION_TEXT, .at = AT(authserv_id),
	    .fallback = "", .right = "a name of letters, digits, \".\", "
	    "\"-\" and \"_\", or \"\" for the mail server's own",
	    .check = is_authserv_id_or_none },
	{ .name = "budget_ms", .kind = OPTION_NUMBER, .at = AT(budget_ms),
	    .fallback = "2000", .right = "a number between 1 and 30000",
	    .least = 1, .most = 30000 },
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

