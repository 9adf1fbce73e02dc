/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * syslog.h - lines to the local syslog that can never hold up mail.
 * syslog(3) blocks when the daemon has stopped reading; this sender drops the
 * line instead and counts it.  Each line names the socket anew, so a restarted
 * syslog daemon is found without any reconnecting.  Safe from any thread.
 */
#ifndef AUDIT_SYSLOG_H
#define AUDIT_SYSLOG_H

#include "policy/text.h"

struct syslog_sender;

/*
 * path: a Unix datagram socket, NULL for /dev/log; it need not exist yet.
 * NULL when out of memory or sockets, or when path is too long.
 */
struct syslog_sender *syslog_open(const char *path);
void syslog_close(struct syslog_sender *s);

/*
 * Send one line (RFC 3164 4.1, facility mail, tag "relayguard[PID]").
 * severity: LOG_NOTICE ...; line: printable ASCII without newline, what is
 * over 1 KiB is cut.
 */
void syslog_send(struct syslog_sender *s, int severity, struct text line);

/* How many lines were not taken: no daemon, or one that does not read. */
unsigned long syslog_dropped(const struct syslog_sender *s);

#endif
