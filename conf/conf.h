/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf.h - the options of relayguard.yaml(5) as one struct.  Every command
 * reads them through here, so a mistake is worded the same way everywhere.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "conf/complaint.h"
#include "policy/rule_modes.h"

/* Largest configuration file that is read, in bytes. */
#define CONF_BYTES_MAX 65536

struct conf_list {
	char **at;
	unsigned n;
};

/* How the entries of the directory become policy, see ldap_map.h. */
enum conf_map {
	CONF_MAP_RELAYGUARD,
	CONF_MAP_SENDMAIL,
	CONF_MAP_ASSOCIATED_DOMAIN,
	CONF_MAP_MAIL_LOCAL_ADDRESS,
	CONF_MAP_CUSTOM
};

/* What is made of SPF; whoever enforces it marks mail, too. */
enum conf_spf { CONF_SPF_OFF, CONF_SPF_MARK, CONF_SPF_ENFORCE };

/* What becomes of mail with one fault of its sender. */
enum conf_fault {
	CONF_FAULT_ACCEPT,
	CONF_FAULT_TURN_AWAY /* refused or deferred, as the option's word says */
};

/* How the directory is followed. */
enum conf_sync { CONF_SYNC_AUTO, CONF_SYNC_RFC4533, CONF_SYNC_POLL };

/* The options ldap_...; no uri: there is no directory. */
struct conf_ldap {
	struct conf_list uri;
	char *base;
	enum conf_map map;
	char *filter;
	char *domain_attribute, *client_attribute; /* CONF_MAP_CUSTOM */
	char *cluster, *host;
	char *bind_dn, *password_file;
	bool starttls;
	char *ca_file, *cert_file, *key_file;
	enum conf_sync sync;
	unsigned poll_seconds, refresh_hours, stale_minutes;
	unsigned hold_percent; /* more entries gone at once: ask first */
};

/*
 * All text is owned by the struct and never NULL; "" switches a file off.
 * X_given: written in the file.  A file that is only a default may be missing,
 * one that was asked for must exist.
 */
struct conf {
	char *milter_socket; /* "unix:/PATH", "inet:PORT@HOST", "inet6:..." */
	char *map_socket;    /* "unix:/PATH", "" = no map door */
	char *user;          /* "" = stay whoever started the program */
	enum rule_mode mode;
	struct conf_list rule_modes; /* "P06=monitor" */
	struct conf_list policy_files;
	bool policy_files_given;
	char *local_host_names;
	bool local_host_names_given;
	char *relay_domains;
	bool relay_domains_given;
	char *access_file;
	bool access_file_given;
	bool client_names;   /* name entries may grant */
	char *roaming_file;  /* clients that have logged in, see roaming.h */
	struct conf_ldap ldap;
	char *state_dir;   /* what outlives a restart; "" = nothing does */
	char *status_file; /* what `relayguard status` reads */
	bool sender_domain_check; /* ask the DNS about senders */
	enum conf_fault sender_domain_unknown, sender_domain_null_mx;
	enum conf_spf spf;
	enum conf_fault spf_permerror, spf_temperror;
	struct conf_list spf_forwarders; /* networks */
	char *authserv_id;        /* RFC 8601 2.5; "" = the MTA's own name */
	unsigned budget_ms;       /* how long mail may wait for the DNS */
	struct conf_list dns_servers; /* as dns_server.h; none: resolv.conf */
	char *audit_log;
	bool audit_accepted;
	bool syslog;
	unsigned max_sessions;
};

/* What holds when no file says otherwise; NULL when out of memory. */
struct conf *conf_default(void);

/*
 * Read the text of a configuration file.  NULL when there is any mistake; then
 * c has at least one more error than before.  file is its name in complaints.
 */
struct conf *conf_parse(struct text yaml, const char *file,
    struct complaints *c);

/* The word of ldap_map that stands for map. */
const char *conf_map_word(enum conf_map map);

/*
 * The modes that mode, rule_modes and the options about single rules make
 * together; rule_modes has the last word.
 */
void conf_rule_modes(const struct conf *conf, struct rule_modes *out);

/* conf may be NULL. */
void conf_free(struct conf *conf);

#endif
