/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * socket_path.h - is a socket where sendmail will use it?  sendmail silently
 * switches a filter off whose socket lies in a directory that others may write
 * to; the guard refuses to start instead, and lint says so.
 */
#ifndef MILTER_SOCKET_PATH_H
#define MILTER_SOCKET_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* The path in "unix:PATH", "local:PATH" or "PATH"; NULL for inet and fd. */
const char *socket_path_of(const char *socket);

enum socket_place {
	SOCKET_SAFE,   /* every directory is writable by its owner alone */
	SOCKET_ABSENT, /* as far as directories exist they are safe */
	SOCKET_UNSAFE  /* or cannot be looked at */
};

/*
 * Look at every directory above path.  Unless it is safe, why[cap] says, in
 * sendmail's words, what is wrong.
 */
enum socket_place socket_path_place(const char *path, char *why, size_t cap);

/*
 * Lock "PATH.lock" for the life of the process, so that no second guard takes
 * the live socket away.  Returns a descriptor to keep open, or -1 with why.
 */
int socket_path_lock(const char *path, char *why, size_t cap);

#endif
