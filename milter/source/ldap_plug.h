/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_plug.h - lets one thread end the connection that another one is
 * waiting on.  A libldap handle belongs to one thread; its socket may be shut
 * down from anywhere, as long as the handle has not closed it.
 */
#ifndef SOURCE_LDAP_PLUG_H
#define SOURCE_LDAP_PLUG_H

#include <pthread.h>
#include <stdbool.h>

struct ldap_plug {
	pthread_mutex_t lock;
	int socket;  /* -1: not connected */
	bool barred; /* no connection may be made any more */
};

/* What an unused plug is set to. */
#define LDAP_PLUG_INIT { PTHREAD_MUTEX_INITIALIZER, -1, false }

/* The owner of the handle: connected; false when that is barred. */
bool ldap_plug_in(struct ldap_plug *p, int socket);
/* The owner of the handle, before it closes the socket. */
void ldap_plug_out(struct ldap_plug *p);

/* Anybody: the owner's calls fail from now on, until it connects again. */
void ldap_plug_pull(struct ldap_plug *p);
/* The same, and it cannot connect again. */
void ldap_plug_bar(struct ldap_plug *p);

#endif
