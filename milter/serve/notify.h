/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * notify.h - tells systemd how we are, sd_notify(3)'s protocol: one datagram
 * to $NOTIFY_SOCKET.  Without that variable nothing is sent.
 */
#ifndef SERVE_NOTIFY_H
#define SERVE_NOTIFY_H

/* state: "READY=1", "RELOADING=1", "STOPPING=1", "WATCHDOG=1". */
void notify(const char *state);

/*
 * Seconds between two WATCHDOG=1, half of what systemd waits ($WATCHDOG_USEC);
 * 0 when it does not watch.
 */
unsigned notify_watchdog_seconds(void);

#endif
