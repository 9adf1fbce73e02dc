/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tls.h - TLS over a connected, non-blocking socket, as a client: by GnuTLS,
 * which Debian's libldap brings already.  Nothing here waits: calls say for
 * what to poll.
 */
#ifndef PROBE_TLS_H
#define PROBE_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum tls_use {
	TLS_NONE,
	TLS_STARTTLS, /* RFC 3207 */
	TLS_AT_ONCE   /* RFC 8314 3.3 */
};

struct tls_wish {
	enum tls_use use;
	bool insist;         /* on a certificate that is trusted */
	const char *ca_file; /* whom to trust; NULL: as the system does */
	const char *host;    /* whose certificate it must be */
};

/* Longest description, with the NUL. */
#define TLS_ABOUT_MAX 800

struct tls;

/*
 * A client's session on fd, which stays the caller's.  NULL: about says why
 * not.
 */
struct tls *tls_new(int fd, const struct tls_wish *wish,
    char about[TLS_ABOUT_MAX]);

/*
 * Go on with the handshake.  0: it is done; else what to poll for before the
 * next call; or -1: it has failed, also because the certificate is not
 * trusted and the wish insists.  about, when done or failed: cipher and
 * certificate, or what is wrong; printable.
 */
short tls_handshake(struct tls *t, char about[TLS_ABOUT_MAX]);

/*
 * Bytes moved; 0: the connection has ended; -1: nothing now, poll for *wait.
 */
ssize_t tls_recv(struct tls *t, char *at, size_t n, short *wait);
ssize_t tls_send(struct tls *t, const char *at, size_t n, short *wait);

/* Free t, without a farewell that might block; NULL is fine. */
void tls_free(struct tls *t);

#endif
