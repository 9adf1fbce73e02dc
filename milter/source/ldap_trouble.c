/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_trouble.h"

#include <ldap.h>
#include <stdarg.h>
#include <stdio.h>

void
ldap_trouble_say(struct ldap_trouble *t, int code, const char *format, ...)
{
	va_list ap;

	t->code = code;
	va_start(ap, format);
	vsnprintf(t->text, sizeof t->text, format, ap);
	va_end(ap);
}

static const char *
who(const struct ldap_settings *s)
{
	if (ldap_is_set(s->bind_dn))
		return s->bind_dn;
	return ldap_is_set(s->cert_file) ? "the client certificate" :
	    "a client without ldap_bind_dn";
}

static const char *
connect_words(int code)
{
	switch (code) {
	case LDAP_TIMEOUT:
		return "the server takes connections but does not answer";
	case LDAP_PARAM_ERROR:
		return "no such URI; ldap://HOST, ldaps://HOST or "
		    "ldapi://%2Fpath%2Fto%2Fsocket is meant";
	case LDAP_LOCAL_ERROR:
		return "TLS cannot be set up with ldap_ca_file, "
		    "ldap_cert_file and ldap_key_file";
	default:
		return "no LDAP server answers there: it is down, or the "
		    "name or port is another one";
	}
}

static const char *
starttls_words(int code)
{
	switch (code) {
	case LDAP_PROTOCOL_ERROR:
	case LDAP_UNAVAILABLE:
	case LDAP_UNWILLING_TO_PERFORM:
	case LDAP_OPERATIONS_ERROR:
		return "StartTLS refused: the server has no certificate, or "
		    "the connection is ldaps already";
	case LDAP_CONNECT_ERROR:
		return "no TLS with this server";
	default:
		return connect_words(code);
	}
}

static const char *
bind_words(int code)
{
	switch (code) {
	case LDAP_INVALID_CREDENTIALS:
		return "wrong password, or no such ldap_bind_dn";
	case LDAP_NO_SUCH_OBJECT:
		return "no such ldap_bind_dn";
	case LDAP_INVALID_DN_SYNTAX:
		return "ldap_bind_dn is no DN, such as cn=guard,dc=example,dc=org";
	case LDAP_CONFIDENTIALITY_REQUIRED:
	case LDAP_STRONG_AUTH_REQUIRED:
		return "the server wants TLS first: use ldaps:// or "
		    "ldap_starttls";
	case LDAP_INAPPROPRIATE_AUTH:
		return "the server does not take this way to log in: no "
		    "anonymous clients, or an entry without a password";
	case LDAP_AUTH_UNKNOWN:
	case LDAP_AUTH_METHOD_NOT_SUPPORTED:
		return "the server does not know SASL EXTERNAL here";
	case LDAP_CONNECT_ERROR:
		return "no TLS with this server";
	default:
		return connect_words(code);
	}
}

static const char *
search_words(int code)
{
	switch (code) {
	case LDAP_NO_SUCH_OBJECT:
		return "no such ldap_base, or the server's ACL hides it";
	case LDAP_INVALID_DN_SYNTAX:
		return "ldap_base is no DN, such as ou=relay,dc=example,dc=org";
	case LDAP_FILTER_ERROR:
		return "ldap_filter is no search filter";
	case LDAP_INSUFFICIENT_ACCESS:
		return "the server's ACL does not let us read ldap_base";
	case LDAP_SIZELIMIT_EXCEEDED:
		return "the server's size limit cuts the answer short: set "
		    "limits ... size=unlimited there for our ldap_bind_dn";
	case LDAP_ADMINLIMIT_EXCEEDED:
	case LDAP_TIMELIMIT_EXCEEDED:
		return "the server's limits cut the answer short: raise them "
		    "for our ldap_bind_dn";
	case LDAP_UNAVAILABLE_CRITICAL_EXTENSION:
		return "no content sync (RFC 4533) here: in OpenLDAP, "
		    "overlay syncprov is missing on this database";
	case LDAP_REFERRAL:
		return "ldap_base is at another server, which belongs into "
		    "ldap_uri";
	case LDAP_SYNC_REFRESH_REQUIRED:
	case LDAP_UNWILLING_TO_PERFORM:
		return "the server cannot go on from our cookie";
	case LDAP_DECODING_ERROR:
	case LDAP_PROTOCOL_ERROR:
		return "what came is not the answer of an LDAP server";
	case LDAP_TIMEOUT:
		return "the answer stopped half-way";
	case LDAP_SERVER_DOWN:
		return "the connection is lost";
	case LDAP_NO_MEMORY:
		return "out of memory";
	default:
		return "the search failed";
	}
}

static const char *
words_for(int code, enum ldap_step step)
{
	/* whatever we were about */
	switch (code) {
	case LDAP_BUSY:
		return "the server is too busy";
	case LDAP_UNAVAILABLE:
		if (step != LDAP_STEP_STARTTLS)
			return "the server is shutting down or not ready";
	}
	switch (step) {
	case LDAP_STEP_STARTTLS:
		return starttls_words(code);
	case LDAP_STEP_BIND:
		return bind_words(code);
	case LDAP_STEP_SEARCH:
		return search_words(code);
	default:
		return connect_words(code);
	}
}

/* The value that is wrong, to be named. */
static const char *
subject(int code, enum ldap_step step, const struct ldap_settings *s)
{
	if (step == LDAP_STEP_BIND && code > 0)
		return who(s);
	if (step != LDAP_STEP_SEARCH)
		return NULL;
	switch (code) {
	case LDAP_NO_SUCH_OBJECT:
	case LDAP_INVALID_DN_SYNTAX:
	case LDAP_REFERRAL:
	case LDAP_INSUFFICIENT_ACCESS:
		return s->base;
	case LDAP_FILTER_ERROR:
		return s->filter;
	default:
		return NULL;
	}
}

void
ldap_trouble_explain(struct ldap_trouble *t, int code, enum ldap_step step,
    const struct ldap_settings *s, const char *uri, const char *said)
{
	const char *about = subject(code, step, s);

	ldap_trouble_say(t, code, "%s: %s%s%s%s (code %d, %s%s%s)", uri,
	    words_for(code, step), about != NULL ? " (" : "",
	    about != NULL ? about : "", about != NULL ? ")" : "", code,
	    ldap_err2string(code), ldap_is_set(said) ? ": " : "",
	    ldap_is_set(said) ? said : "");
}
