/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_thread.h - the threads that follow a directory, and their waiting. */
#ifndef SOURCE_LDAP_THREAD_H
#define SOURCE_LDAP_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/*
 * Start a thread to which no signal goes: they are for the main thread, and
 * SIGPIPE, of a connection that is gone, is for nobody.
 */
bool ldap_thread_start(pthread_t *t, void *(*run)(void *), void *with);

/* What a thread sleeps on; the lock may guard more of its owner's. */
struct ldap_bell {
	pthread_mutex_t lock;
	pthread_cond_t rung;
	bool stop, ring;
};

void ldap_bell_init(struct ldap_bell *b);
void ldap_bell_destroy(struct ldap_bell *b);

/* Sleep so long, or until the bell rings, which is over then, or it stops. */
void ldap_bell_wait(struct ldap_bell *b, unsigned ms);
void ldap_bell_ring(struct ldap_bell *b);

/* From now on nobody sleeps on it. */
void ldap_bell_stop(struct ldap_bell *b);
bool ldap_bell_stopped(struct ldap_bell *b);

#endif
