/* SPDX-License-Identifier: BSD-2-Clause */
/* socket_claim.h - that a socket is safe, and nobody else's. */
#ifndef SERVE_SOCKET_CLAIM_H
#define SERVE_SOCKET_CLAIM_H

/*
 * Look at the folder of an option's socket and lock it in *lock (to be closed
 * at the end; untouched where there is no path): EX_OK, or with the reason
 * said what to exit with.
 */
int socket_claim(const char *option, const char *socket, int *lock);

#endif
