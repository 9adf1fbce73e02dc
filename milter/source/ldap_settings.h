/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_settings.h - where the directory is, who we are there, and what of it
 * is the policy.  All borrowed: it must outlive whoever is given it.
 */
#ifndef SOURCE_LDAP_SETTINGS_H
#define SOURCE_LDAP_SETTINGS_H

#include <stdbool.h>

enum ldap_way {
	LDAP_AUTO,    /* content sync where the server has it, else polling */
	LDAP_RFC4533, /* content sync or nothing */
	LDAP_POLL
};

/* An empty string is as good as NULL everywhere. */
struct ldap_settings {
	const char *const *uri; /* in the order of preference */
	unsigned uris;
	const char *base, *filter;
	/*
	 * bind_dn "" with an ldapi URI or a cert_file: SASL EXTERNAL;
	 * otherwise "" is anonymous.
	 */
	const char *bind_dn, *password_file;
	/* ca_file "": the system's own list */
	const char *ca_file, *cert_file, *key_file;
	const char *const *attributes; /* NULL-terminated */
	bool starttls;
	enum ldap_way sync;
	unsigned poll_seconds;    /* changes; a full poll every 15 x that */
	unsigned refresh_seconds; /* cookie-less refresh */
	unsigned watch_seconds;   /* is the server still alive? */
	unsigned timeout_seconds; /* for an answer, when one is due */
	unsigned stale_seconds;   /* warn after that long without */
	const char *cookie;       /* to resume from */
};

#endif
