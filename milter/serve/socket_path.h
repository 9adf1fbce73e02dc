/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * socket_path.h - is the milter socket where sendmail will use it?  sendmail
 * silently switches a filter off whose socket lies in a directory that others
 * may write to; we refuse to start instead.
 */
#ifndef SERVE_SOCKET_PATH_H
#define SERVE_SOCKET_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* The path in "unix:PATH", "local:PATH" or "PATH"; NULL for inet and fd. */
const char *socket_path_of(const char *socket);

/*
 * True when every directory above path exists and is writable by its owner
 * alone.  Otherwise why[cap] says, in sendmail's words, what is wrong.
 */
bool socket_path_is_safe(const char *path, char *why, size_t cap);

/*
 * Lock "PATH.lock" for the life of the process, so that no second guard takes
 * the live socket away.  Returns a descriptor to keep open, or -1 with why.
 */
int socket_path_lock(const char *path, char *why, size_t cap);

#endif
