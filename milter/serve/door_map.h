/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * door_map.h - the map door: a socketmap server on a unix socket.  sendmail
 * asks it before its own rules, so a grant of the policy works without touching
 * sendmail's files, and what sendmail would refuse by itself is seen too.
 *
 * One thread serves all connections; a question takes it microseconds.  A
 * client can hold little: a request of at most MAP_REQUEST_MAX bytes that must
 * be complete within MAP_REQUEST_SECONDS.  When there are too many clients, or
 * too much half-read from them, whoever was idle longest is dropped.
 */
#ifndef SERVE_DOOR_MAP_H
#define SERVE_DOOR_MAP_H

#include <stdatomic.h>

#include "milter/judge/judge.h"

#define MAP_REQUEST_MAX 16384
#define MAP_REQUEST_SECONDS 10
#define MAP_CLIENTS_MAX 2000

struct door_map;

/*
 * Listen at the absolute path; a stale socket there is taken away, so hold its
 * lock (socket_path_lock).  judge and number must outlive the door; number
 * counts sessions.  NULL with the reason in errno.
 */
struct door_map *door_map_open(const char *path, const struct judge *judge,
    atomic_ulong *number);

/* Start its thread; 0 or -1. */
int door_map_start(struct door_map *d);

/* End the thread, drop all clients, remove the socket, free.  NULL is fine. */
void door_map_close(struct door_map *d);

#endif
