/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_tell - follows a directory and prints one line for each thing that the
 * sink is told, for test_ldap_follow.py:
 *
 *	SECONDS begin fresh|cookie / entry UUID DN NAME=VALUE... / present UUID
 *	/ gone UUID / refreshed mentioned|told / abandoned / flush
 *	/ cookie TEXT / state NAME URI / end SECONDS
 *
 * usage: ldap_tell [--option=VALUE]...; SIGUSR1 asks for a refresh, SIGTERM or
 * the end of standard input stops it.  --once=1: one refresh, exit 0 or 1.
 * --quiet=1: entries are counted, not printed.
 */
#include <err.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "milter/source/ldap_follow.h"
#include "milter/source/ldap_once.h"

#define MOST_URIS 4

static const char *uris[MOST_URIS];
static const char *const attributes[] = { "rgDomain", "rgNetwork",
	"rgExpires", "description", NULL };
static struct ldap_settings set = {
	.uri = uris, .base = "ou=relay,dc=lab", .filter = "(objectClass=rgEntry)",
	.attributes = attributes, .poll_seconds = 60, .refresh_seconds = 86400,
	.watch_seconds = 5, .timeout_seconds = 2, .stale_seconds = 3600,
};
static bool once, quiet;
static unsigned long entries; /* the follow thread's own */

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Two threads print, and the log goes elsewhere: whole lines only. */
static void
begin_line(const char *what)
{
	flockfile(stdout);
	printf("%.6f %s", seconds(), what);
}

static void
end_line(void)
{
	putchar('\n');
	fflush(stdout);
	funlockfile(stdout);
}
static void
print_uuid(const char *what, const unsigned char *uuid)
{
	size_t i;

	begin_line(what);
	putchar(' ');
	for (i = 0; i < LDAP_UUID_BYTES; i++)
		printf("%02x", uuid[i]);
}

static bool
on_begin(void *with, bool fresh)
{
	(void)with;
	entries = 0;
	begin_line(fresh ? "begin fresh" : "begin cookie");
	end_line();
	return true;
}

static void
print_attribute(const struct ldap_attribute *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		printf("\t%.*s=%.*s", (int)a->name.n, a->name.at,
		    (int)a->value[i].n, a->value[i].at);
}

static bool
on_entry(void *with, const unsigned char *uuid, const struct ldap_entry *e)
{
	size_t i;

	(void)with;
	entries++;
	if (quiet)
		return true;
	print_uuid("entry", uuid);
	printf(" %.*s", (int)e->dn.n, e->dn.at);
	for (i = 0; i < e->n; i++)
		print_attribute(&e->attribute[i]);
	end_line();
	return true;
}

static void
on_present(void *with, const unsigned char *uuid)
{
	(void)with;
	if (quiet)
		return;
	print_uuid("present", uuid);
	end_line();
}

static void
on_gone(void *with, const unsigned char *uuid)
{
	(void)with;
	print_uuid("gone", uuid);
	end_line();
}

static bool
on_refreshed(void *with, bool mentioned_only)
{
	(void)with;
	begin_line("refreshed");
	printf(" %s %lu", mentioned_only ? "mentioned" : "told", entries);
	end_line();
	return true;
}

static void
on_abandoned(void *with)
{
	(void)with;
	begin_line("abandoned");
	end_line();
}

static void
on_flush(void *with)
{
	(void)with;
	begin_line("flush");
	end_line();
}

static void
on_cookie(void *with, struct text cookie)
{
	(void)with;
	begin_line("cookie");
	printf(" %.*s", (int)cookie.n, cookie.at);
	end_line();
}

static const struct ldap_sink sink = { NULL, on_begin, on_entry, on_present,
	on_gone, on_refreshed, on_abandoned, on_flush, on_cookie };

/* What an option of the settings is kept in. */
static const struct word { const char *name, **at; } words[] = {
	{ "base", &set.base }, { "filter", &set.filter },
	{ "bind-dn", &set.bind_dn }, { "password-file", &set.password_file },
	{ "ca-file", &set.ca_file }, { "cert-file", &set.cert_file },
	{ "key-file", &set.key_file }, { "cookie", &set.cookie },
};
static const struct number { const char *name; unsigned *at; } numbers[] = {
	{ "poll", &set.poll_seconds }, { "refresh", &set.refresh_seconds },
	{ "watch", &set.watch_seconds }, { "timeout", &set.timeout_seconds },
	{ "stale", &set.stale_seconds },
};

static bool
take_option(const char *name, char *value)
{
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(name, words[i].name) == 0)
			return *words[i].at = value, true;
	for (i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (strcmp(name, numbers[i].name) == 0)
			return *numbers[i].at = (unsigned)atoi(value), true;
	if (strcmp(name, "uri") == 0 && set.uris < MOST_URIS)
		return uris[set.uris++] = value, true;
	if (strcmp(name, "starttls") == 0)
		return set.starttls = true;
	if (strcmp(name, "once") == 0)
		return once = true;
	if (strcmp(name, "quiet") == 0)
		return quiet = true;
	if (strcmp(name, "sync") != 0)
		return false;
	set.sync = strcmp(value, "poll") == 0 ? LDAP_POLL :
	    strcmp(value, "rfc4533") == 0 ? LDAP_RFC4533 : LDAP_AUTO;
	return true;
}

static void
read_options(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		char *equals = strchr(argv[i], '=');

		if (strncmp(argv[i], "--", 2) != 0 || equals == NULL)
			errx(EX_USAGE, "not an option: %s", argv[i]);
		*equals = '\0';
		if (!take_option(argv[i] + 2, equals + 1))
			errx(EX_USAGE, "no such option: %s", argv[i]);
	}
	if (set.uris == 0)
		errx(EX_USAGE, "--uri is missing");
}

/* Tells states until standard input ends. */
static void
wait_for_end(struct ldap_follower *f, const sigset_t *signals)
{
	struct pollfd in = { STDIN_FILENO, POLLIN, 0 };
	struct timespec at_once = { 0, 0 };
	char state[600] = "", now[600];
	struct ldap_health h;
	int signal = 0;

	while (poll(&in, 1, 5) == 0 && signal != SIGTERM) {
		signal = sigtimedwait(signals, NULL, &at_once);
		if (signal == SIGUSR1)
			ldap_follow_refresh(f);
		ldap_follow_health(f, &h);
		snprintf(now, sizeof now, "%s %s",
		    ldap_state_name(h.state), h.uri);
		if (strcmp(state, now) != 0) {
			begin_line("state ");
			printf("%s", now);
			end_line();
			strcpy(state, now);
		}
	}
	ldap_follow_health(f, &h);
	begin_line("health");
	printf(" refreshes=%lu messages=%lu reconnects=%lu trouble=%s",
	    h.refreshes, h.messages, h.reconnects, h.trouble);
	end_line();
}

int
main(int argc, char **argv)
{
	struct ldap_follower *f;
	sigset_t signals;
	char why[1024];
	double begin;

	/* as a whole: a line is never cut */
	setvbuf(stdout, NULL, _IOFBF, 1 << 20);
	read_options(argc, argv);
	if (once) {
		int code = ldap_follow_once(&set, &sink, why, sizeof why);

		begin_line("once");
		printf(" %d %s", code, why);
		end_line();
		return code != 0;
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	sigaddset(&signals, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	f = ldap_follow_start(&set, &sink);
	if (f == NULL)
		errx(EX_OSERR, "no follower");
	wait_for_end(f, &signals);
	begin = seconds();
	ldap_follow_stop(f);
	begin_line("end");
	printf(" %.3f", seconds() - begin);
	end_line();
	return 0;
}
