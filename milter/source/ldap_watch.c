/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_watch.h"

#include <ldap.h>
#include <pthread.h>
#include <stdlib.h>

#include "milter/source/ldap_link.h"
#include "milter/source/ldap_thread.h"

struct ldap_watch {
	const struct ldap_settings *set;
	struct ldap_plug *watched;
	struct ldap_plug plug; /* of its own connection */
	pthread_t thread;
	struct ldap_bell bell;
	/* under the bell's lock */
	const char *uri;  /* NULL: nothing to do */
	unsigned long id; /* of what is watched */
	bool barked;
};

/* Codes of libldap that mean: nobody is there. */
static bool
is_silence(int code)
{
	return code == LDAP_SERVER_DOWN || code == LDAP_TIMEOUT ||
	    code == LDAP_CONNECT_ERROR;
}

/*
 * Ask over *l, which is made when it is NULL, and closed on a failure.  What
 * is answered does not matter: any answer shows that the server lives.
 */
static int
ask(struct ldap_watch *w, const char *uri, struct ldap_link **l)
{
	char *attributes[] = { (char[]){ "contextCSN" }, NULL };
	struct ldap_trouble trouble;
	LDAPMessage *m = NULL;
	int code;

	if (*l == NULL)
		*l = ldap_link_open(w->set, uri, &w->plug, &trouble);
	if (*l == NULL)
		return trouble.code;
	/* the time limit is the link's */
	code = ldap_search_ext_s(ldap_link_handle(*l), w->set->base,
	    LDAP_SCOPE_BASE, NULL, attributes, 0, NULL, NULL, NULL,
	    LDAP_NO_LIMIT, &m);
	ldap_msgfree(m);
	if (is_silence(code)) {
		ldap_link_close(*l);
		*l = NULL;
	}
	return code;
}

/* No answer within the time limit, nor over a new connection? */
static bool
is_silent(struct ldap_watch *w, const char *uri, struct ldap_link **l)
{
	bool old = *l != NULL;
	int code = ask(w, uri, l);

	/* an old connection may have been cut for being idle */
	if (old && code == LDAP_SERVER_DOWN)
		code = ask(w, uri, l);
	return is_silence(code);
}

/* Pull the plug, if it is still that of the connection with this id. */
static void
bark(struct ldap_watch *w, unsigned long id)
{
	pthread_mutex_lock(&w->bell.lock);
	if (w->id == id && w->uri != NULL) {
		w->barked = true;
		ldap_plug_pull(w->watched);
	}
	pthread_mutex_unlock(&w->bell.lock);
}

static void *
run(void *with)
{
	struct ldap_watch *w = with;
	struct ldap_link *l = NULL;
	const char *uri, *linked = NULL;
	unsigned long id;

	for (;;) {
		ldap_bell_wait(&w->bell, w->set->watch_seconds * 1000);
		pthread_mutex_lock(&w->bell.lock);
		uri = w->uri;
		id = w->id;
		pthread_mutex_unlock(&w->bell.lock);
		if (ldap_bell_stopped(&w->bell))
			break;
		if (uri != linked) {
			ldap_link_close(l);
			l = NULL;
			linked = uri;
		}
		if (uri != NULL && is_silent(w, uri, &l))
			bark(w, id);
	}
	ldap_link_close(l);
	return NULL;
}

struct ldap_watch *
ldap_watch_start(const struct ldap_settings *s, struct ldap_plug *watched)
{
	struct ldap_watch *w = calloc(1, sizeof *w);

	if (w == NULL)
		return NULL;
	w->set = s;
	w->watched = watched;
	w->plug = (struct ldap_plug)LDAP_PLUG_INIT;
	ldap_bell_init(&w->bell);
	if (ldap_thread_start(&w->thread, run, w))
		return w;
	ldap_bell_destroy(&w->bell);
	free(w);
	return NULL;
}

void
ldap_watch_server(struct ldap_watch *w, const char *uri)
{
	pthread_mutex_lock(&w->bell.lock);
	w->uri = uri;
	w->id++;
	if (uri != NULL)
		w->barked = false;
	pthread_mutex_unlock(&w->bell.lock);
}

bool
ldap_watch_barked(struct ldap_watch *w)
{
	bool barked;

	pthread_mutex_lock(&w->bell.lock);
	barked = w->barked;
	pthread_mutex_unlock(&w->bell.lock);
	return barked;
}

void
ldap_watch_stop(struct ldap_watch *w)
{
	if (w == NULL)
		return;
	ldap_bell_stop(&w->bell);
	ldap_plug_bar(&w->plug);
	pthread_join(w->thread, NULL);
	ldap_bell_destroy(&w->bell);
	free(w);
}
