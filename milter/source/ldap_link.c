/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_link.h"

#include <errno.h>
#include <ldap.h>
#include <lber.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "milter/source/ldap_certificate.h"
#include "milter/source/ldap_limit.h"
#include "milter/source/ldap_password.h"
#include "milter/source/ldap_uri.h"

/* Largest message that is read, in bytes; a length beyond it is garbage. */
#define MESSAGE_MAX (64u * 1024 * 1024)

struct ldap_link {
	LDAP *ld;
	const struct ldap_settings *set;
	const char *uri;
	struct ldap_plug *plug;
	struct ldap_conncb callbacks; /* libldap keeps a pointer to it */
};

static void
prepare(void)
{
	int version;

	setenv("LDAPNOINIT", "1", 1);
	/* any option makes libldap initialize itself, which races */
	ldap_get_option(NULL, LDAP_OPT_PROTOCOL_VERSION, &version);
}

void
ldap_link_prepare(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, prepare);
}

/* Connected, nothing sent yet: from now on the plug can be pulled. */
static int
on_connect(LDAP *ld, Sockbuf *sb, LDAPURLDesc *url, struct sockaddr *address,
    struct ldap_conncb *callbacks)
{
	struct ldap_link *l = callbacks->lc_arg;
	ber_len_t most = MESSAGE_MAX;
	ber_socket_t fd = -1;

	(void)ld, (void)url, (void)address;
	ber_sockbuf_ctrl(sb, LBER_SB_OPT_SET_MAX_INCOMING, &most);
	ber_sockbuf_ctrl(sb, LBER_SB_OPT_GET_FD, &fd);
	return ldap_plug_in(l->plug, fd) ? 0 : -1;
}

static void
on_close(LDAP *ld, Sockbuf *sb, struct ldap_conncb *callbacks)
{
	struct ldap_link *l = callbacks->lc_arg;

	(void)ld, (void)sb;
	ldap_plug_out(l->plug);
}

static bool
wants_tls(const struct ldap_link *l)
{
	return l->set->starttls || ldap_uri_is_secure(l->uri);
}

/* The system's list of authorities: libldap itself has no default. */
static const char *
system_authorities(void)
{
	static const char *const places[] = {
		"/etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/tls/certs/ca-bundle.crt",
		"/etc/ssl/cert.pem",
	};
	size_t i;

	for (i = 0; i < sizeof places / sizeof *places; i++)
		if (access(places[i], R_OK) == 0)
			return places[i];
	return NULL;
}

/* Set an option that names a file; false with why said. */
static bool
set_file(struct ldap_link *l, int option, const char *name, const char *path,
    struct ldap_trouble *why)
{
	if (!ldap_is_set(path))
		return true;
	if (access(path, R_OK) != 0)
		ldap_trouble_say(why, LDAP_LOCAL_ERROR, "%s %s: %s", name,
		    path, strerror(errno));
	else if (ldap_set_option(l->ld, option, path) != LDAP_OPT_SUCCESS)
		ldap_trouble_say(why, LDAP_LOCAL_ERROR,
		    "%s %s: libldap does not take it", name, path);
	else
		return true;
	return false;
}

static const char *
authorities(const struct ldap_settings *s)
{
	return ldap_is_set(s->ca_file) ? s->ca_file : system_authorities();
}

/* Comes last: what is set after it has no effect. */
static bool
start_context(struct ldap_link *l, int demand)
{
	int client = 0, oldest = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;

	ldap_set_option(l->ld, LDAP_OPT_X_TLS_PROTOCOL_MIN, &oldest);
	return ldap_set_option(l->ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) ==
	    LDAP_OPT_SUCCESS &&
	    ldap_set_option(l->ld, LDAP_OPT_X_TLS_NEWCTX, &client) ==
	    LDAP_OPT_SUCCESS;
}

static bool
set_up_tls(struct ldap_link *l, struct ldap_trouble *why)
{
	const struct ldap_settings *s = l->set;

	if (!set_file(l, LDAP_OPT_X_TLS_CACERTFILE, "ldap_ca_file",
	    authorities(s), why) ||
	    !set_file(l, LDAP_OPT_X_TLS_CERTFILE, "ldap_cert_file",
	    s->cert_file, why) ||
	    !set_file(l, LDAP_OPT_X_TLS_KEYFILE, "ldap_key_file", s->key_file,
	    why))
		return false;
	if (start_context(l, LDAP_OPT_X_TLS_DEMAND))
		return true;
	ldap_link_explain_said(l, LDAP_LOCAL_ERROR, LDAP_STEP_CONNECT,
	    "no PEM in them, or a key that does not fit", why);
	return false;
}

static void
set_options(struct ldap_link *l)
{
	struct timeval limit = { (time_t)l->set->timeout_seconds, 0 };
	int version = LDAP_VERSION3, idle = 30, probes = 3, between = 5;
	unsigned unanswered_ms = 20000;

	ldap_set_option(l->ld, LDAP_OPT_PROTOCOL_VERSION, &version);
	ldap_set_option(l->ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
	/* the one is for connecting, the other for everything else */
	ldap_set_option(l->ld, LDAP_OPT_NETWORK_TIMEOUT, &limit);
	ldap_set_option(l->ld, LDAP_OPT_TIMEOUT, &limit);
	ldap_set_option(l->ld, LDAP_OPT_X_KEEPALIVE_IDLE, &idle);
	ldap_set_option(l->ld, LDAP_OPT_X_KEEPALIVE_PROBES, &probes);
	ldap_set_option(l->ld, LDAP_OPT_X_KEEPALIVE_INTERVAL, &between);
	ldap_set_option(l->ld, LDAP_OPT_TCP_USER_TIMEOUT, &unanswered_ms);
	l->callbacks = (struct ldap_conncb){ on_connect, on_close, l };
	ldap_set_option(l->ld, LDAP_OPT_CONNECT_CB, &l->callbacks);
}

void
ldap_link_explain_said(const struct ldap_link *l, int code,
    enum ldap_step step, const char *said, struct ldap_trouble *why)
{
	ldap_trouble_explain(why, code, step, l->set, l->uri, said);
}

void
ldap_link_explain(const struct ldap_link *l, int code, enum ldap_step step,
    struct ldap_trouble *why)
{
	char *said = NULL;

	ldap_get_option(l->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &said);
	ldap_link_explain_said(l, code, step, said, why);
	ldap_memfree(said);
}

static struct ldap_link *
new_link(const struct ldap_settings *s, const char *uri,
    struct ldap_plug *plug, struct ldap_trouble *why)
{
	struct ldap_link *l = calloc(1, sizeof *l);
	int code = LDAP_NO_MEMORY;

	if (l != NULL)
		code = ldap_initialize(&l->ld, uri);
	if (code != LDAP_SUCCESS) {
		ldap_trouble_explain(why, code, LDAP_STEP_CONNECT, s, uri,
		    NULL);
		free(l);
		return NULL;
	}
	l->set = s;
	l->uri = uri;
	l->plug = plug;
	set_options(l);
	return l;
}

/*
 * The limit of time for TLS.  libldap has none for the handshake, unless it was
 * built with LDAP_USE_NON_BLOCKING_TLS, which Debian 12's was not: against a
 * server that hangs it would wait for ever.
 */
static void
begin_limit(struct ldap_limit *limit, const struct ldap_link *l)
{
	ldap_limit_start(limit, l->plug, l->set->timeout_seconds * 2000);
}

/* A connection that takes any certificate, over which nothing is sent. */
static void
look_at_certificate(struct ldap_link *l, struct ldap_trouble *why)
{
	struct berval der = { 0, NULL };
	LDAPURLDesc *url = NULL;
	struct ldap_limit limit;

	if (!start_context(l, LDAP_OPT_X_TLS_NEVER))
		return;
	begin_limit(&limit, l);
	if (ldap_connect(l->ld) == LDAP_SUCCESS && !ldap_uri_is_secure(l->uri))
		ldap_start_tls_s(l->ld, NULL, NULL);
	ldap_limit_stop(&limit);
	ldap_get_option(l->ld, LDAP_OPT_X_TLS_PEERCERT, &der);
	if (der.bv_val != NULL && ldap_url_parse(l->uri, &url) == 0)
		ldap_certificate_explain((struct text){ der.bv_val,
		    der.bv_len }, l->uri, url->lud_host,
		    authorities(l->set), why);
	ldap_free_urldesc(url);
	ldap_memfree(der.bv_val);
}

/* TLS failed: libldap hardly tells why, the certificate does. */
static void
explain_tls(struct ldap_link *l, int code, enum ldap_step step,
    struct ldap_trouble *why)
{
	struct ldap_trouble ignored;
	struct ldap_link *other;

	ldap_link_explain(l, code, step, why);
	if (code != LDAP_SERVER_DOWN && code != LDAP_CONNECT_ERROR)
		return;
	other = new_link(l->set, l->uri, l->plug, &ignored);
	if (other != NULL)
		look_at_certificate(other, why);
	ldap_link_close(other);
}

static bool
connect_plain(struct ldap_link *l, struct ldap_trouble *why)
{
	int code;

	errno = 0;
	code = ldap_connect(l->ld);
	/* libldap finds out by getpeername(2), so that it is ENOTCONN */
	if (errno == ENOTCONN)
		errno = ECONNREFUSED;
	if (code != LDAP_SUCCESS)
		ldap_link_explain_said(l, code, LDAP_STEP_CONNECT,
		    errno != 0 ? strerror(errno) : NULL, why);
	return code == LDAP_SUCCESS;
}

/* Connect, and TLS from the first byte or by StartTLS; gives a code. */
static int
connect_tls(struct ldap_link *l, enum ldap_step *step)
{
	struct ldap_limit limit;
	int code;

	begin_limit(&limit, l);
	*step = LDAP_STEP_CONNECT;
	code = ldap_connect(l->ld);
	if (code == LDAP_SUCCESS && !ldap_uri_is_secure(l->uri)) {
		*step = LDAP_STEP_STARTTLS;
		code = ldap_start_tls_s(l->ld, NULL, NULL);
	}
	return ldap_limit_stop(&limit) ? LDAP_TIMEOUT : code;
}

static bool
connect_secure(struct ldap_link *l, struct ldap_trouble *why)
{
	enum ldap_step step;
	int code;

	if (!set_up_tls(l, why))
		return false;
	code = connect_tls(l, &step);
	if (code != LDAP_SUCCESS)
		explain_tls(l, code, step, why);
	return code == LDAP_SUCCESS;
}

/* By a password, by what the connection tells of us, or as nobody. */
static bool
log_in(struct ldap_link *l, struct ldap_trouble *why)
{
	const struct ldap_settings *s = l->set;
	bool external = ldap_is_set(s->cert_file) ||
	    ldap_uri_is_socket(l->uri);
	char password[LDAP_PASSWORD_MAX];
	struct berval secret = { 0, password };
	int code;

	if (!ldap_is_set(s->bind_dn)) {
		code = ldap_sasl_bind_s(l->ld, NULL, external ? "EXTERNAL" :
		    LDAP_SASL_SIMPLE, &(struct berval){ 0, (char[]){ "" } },
		    NULL, NULL, NULL);
	} else {
		if (!ldap_is_set(s->password_file)) {
			/* a name without a password is let in as nobody */
			ldap_trouble_say(why, LDAP_LOCAL_ERROR,
			    "ldap_bind_dn needs an ldap_password_file");
			return false;
		}
		secret.bv_len = ldap_password_read(s->password_file, password,
		    why);
		if (secret.bv_len == 0)
			return false;
		code = ldap_sasl_bind_s(l->ld, s->bind_dn, LDAP_SASL_SIMPLE,
		    &secret, NULL, NULL, NULL);
		explicit_bzero(password, sizeof password);
	}
	if (code != LDAP_SUCCESS)
		ldap_link_explain(l, code, LDAP_STEP_BIND, why);
	return code == LDAP_SUCCESS;
}

struct ldap_link *
ldap_link_open(const struct ldap_settings *s, const char *uri,
    struct ldap_plug *plug, struct ldap_trouble *why)
{
	struct ldap_link *l = new_link(s, uri, plug, why);

	if (l == NULL)
		return NULL;
	if ((wants_tls(l) ? connect_secure(l, why) : connect_plain(l, why)) &&
	    log_in(l, why))
		return l;
	ldap_link_close(l);
	return NULL;
}

void
ldap_link_close(struct ldap_link *l)
{
	if (l == NULL)
		return;
	ldap_unbind_ext(l->ld, NULL, NULL);
	ldap_plug_out(l->plug);
	free(l);
}

struct ldap *
ldap_link_handle(const struct ldap_link *l)
{
	return l->ld;
}

const struct ldap_settings *
ldap_link_settings(const struct ldap_link *l)
{
	return l->set;
}
