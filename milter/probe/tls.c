/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/tls.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/escape.h"
#include "policy/network.h"

struct tls {
	gnutls_session_t session;
	gnutls_certificate_credentials_t trust;
	const struct tls_wish *wish; /* the caller's */
};

static void
say(char about[TLS_ABOUT_MAX], const char *what, const char *more)
{
	char shown[TLS_ABOUT_MAX / 2];

	escape_text(text_of(more), shown, sizeof shown);
	snprintf(about, TLS_ABOUT_MAX, "%s: %s", what, shown);
}

/* Negative: GnuTLS's error; otherwise how many certificates are trusted. */
static int
load_trust(struct tls *t)
{
	int n = gnutls_certificate_allocate_credentials(&t->trust);

	if (n < 0)
		return n;
	return t->wish->ca_file == NULL ?
	    gnutls_certificate_set_x509_system_trust(t->trust) :
	    gnutls_certificate_set_x509_trust_file(t->trust, t->wish->ca_file,
	    GNUTLS_X509_FMT_PEM);
}

/* RFC 6066 3: a name, never an address. */
static void
set_name(struct tls *t)
{
	struct text host = text_of(t->wish->host);
	struct ip ip;

	if (host.n > 0 && !ip_parse(host, &ip))
		gnutls_server_name_set(t->session, GNUTLS_NAME_DNS, host.at,
		    host.n);
}

struct tls *
tls_new(int fd, const struct tls_wish *wish, char about[TLS_ABOUT_MAX])
{
	struct tls *t = calloc(1, sizeof *t);
	int error;

	if (t == NULL) {
		say(about, "no TLS", "out of memory");
		return NULL;
	}
	t->wish = wish;
	error = gnutls_init(&t->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK |
	    GNUTLS_NO_SIGNAL);
	if (error == 0)
		error = gnutls_set_default_priority(t->session);
	if (error == 0 && (error = load_trust(t)) >= 0)
		error = gnutls_credentials_set(t->session,
		    GNUTLS_CRD_CERTIFICATE, t->trust);
	if (error < 0) {
		say(about, wish->ca_file != NULL ? wish->ca_file : "no TLS",
		    gnutls_strerror(error));
		tls_free(t);
		return NULL;
	}
	set_name(t);
	gnutls_transport_set_int(t->session, fd);
	gnutls_handshake_set_timeout(t->session, 0); /* the caller's */
	return t;
}

static short
direction(const struct tls *t)
{
	return gnutls_record_get_direction(t->session) == 0 ? POLLIN :
	    POLLOUT;
}

/* The server's certificate in one line. */
static void
describe_certificate(const struct tls *t, char *out, size_t cap)
{
	unsigned n = 0;
	const gnutls_datum_t *raw = gnutls_certificate_get_peers(t->session,
	    &n);
	gnutls_datum_t line = { NULL, 0 };
	gnutls_x509_crt_t crt;

	snprintf(out, cap, "not readable");
	if (raw == NULL || n == 0 || gnutls_x509_crt_init(&crt) != 0)
		return;
	if (gnutls_x509_crt_import(crt, raw, GNUTLS_X509_FMT_DER) == 0 &&
	    gnutls_x509_crt_print(crt, GNUTLS_CRT_PRINT_ONELINE, &line) == 0)
		escape_text((struct text){ (const char *)line.data,
		    line.size }, out, cap);
	gnutls_free(line.data);
	gnutls_x509_crt_deinit(crt);
}

/* Why the certificate is not trusted; "" when it is. */
static void
describe_trust(const struct tls *t, char *out, size_t cap)
{
	unsigned status = GNUTLS_CERT_INVALID;
	gnutls_datum_t text = { NULL, 0 };
	int error = gnutls_certificate_verify_peers3(t->session, t->wish->host,
	    &status);

	out[0] = '\0';
	if (error != 0)
		snprintf(out, cap, "%s", gnutls_strerror(error));
	else if (status != 0 && gnutls_certificate_verification_status_print(
	    status, GNUTLS_CRT_X509, &text, 0) == 0)
		escape_text(text_trim(text_of((const char *)text.data)), out,
		    cap);
	else if (status != 0)
		snprintf(out, cap, "it is not valid");
	gnutls_free(text.data);
}

/* -1 when a certificate that is not trusted will not do. */
static short
judge(const struct tls *t, char about[TLS_ABOUT_MAX])
{
	char certificate[400], trouble[200];
	char *cipher = gnutls_session_get_desc(t->session);

	describe_certificate(t, certificate, sizeof certificate);
	describe_trust(t, trouble, sizeof trouble);
	if (trouble[0] != '\0' && t->wish->insist)
		snprintf(about, TLS_ABOUT_MAX, "certificate not trusted: %s "
		    "(%s)", trouble, certificate);
	else
		snprintf(about, TLS_ABOUT_MAX, "%s, certificate %s%s: %s",
		    cipher != NULL ? cipher : "TLS", trouble[0] != '\0' ?
		    "not trusted: " : "trusted", trouble, certificate);
	gnutls_free(cipher);
	return trouble[0] != '\0' && t->wish->insist ? -1 : 0;
}

short
tls_handshake(struct tls *t, char about[TLS_ABOUT_MAX])
{
	int error = gnutls_handshake(t->session);

	if (error == 0)
		return judge(t, about);
	if (!gnutls_error_is_fatal(error))
		return direction(t); /* a warning is as good as nothing yet */
	say(about, "TLS handshake failed",
	    error == GNUTLS_E_FATAL_ALERT_RECEIVED ?
	    gnutls_alert_get_name(gnutls_alert_get(t->session)) :
	    gnutls_strerror(error));
	return -1;
}

static ssize_t
moved(const struct tls *t, ssize_t n, short *wait)
{
	*wait = direction(t);
	if (n >= 0)
		return n;
	return gnutls_error_is_fatal((int)n) ? 0 : -1;
}

ssize_t
tls_recv(struct tls *t, char *at, size_t n, short *wait)
{
	return moved(t, gnutls_record_recv(t->session, at, n), wait);
}

ssize_t
tls_send(struct tls *t, const char *at, size_t n, short *wait)
{
	return moved(t, gnutls_record_send(t->session, at, n), wait);
}

void
tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	if (t->session != NULL)
		gnutls_deinit(t->session);
	if (t->trust != NULL)
		gnutls_certificate_free_credentials(t->trust);
	free(t);
}
