/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_plug.h"

#include <sys/socket.h>

bool
ldap_plug_in(struct ldap_plug *p, int socket)
{
	bool allowed;

	pthread_mutex_lock(&p->lock);
	allowed = !p->barred;
	if (allowed)
		p->socket = socket;
	pthread_mutex_unlock(&p->lock);
	return allowed;
}

void
ldap_plug_out(struct ldap_plug *p)
{
	pthread_mutex_lock(&p->lock);
	p->socket = -1;
	pthread_mutex_unlock(&p->lock);
}

static void
pull(struct ldap_plug *p, bool bar)
{
	pthread_mutex_lock(&p->lock);
	p->barred = p->barred || bar;
	if (p->socket >= 0)
		shutdown(p->socket, SHUT_RDWR);
	pthread_mutex_unlock(&p->lock);
}

void
ldap_plug_pull(struct ldap_plug *p)
{
	pull(p, false);
}

void
ldap_plug_bar(struct ldap_plug *p)
{
	pull(p, true);
}
