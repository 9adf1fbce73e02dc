/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/serve/serve.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "milter/clock.h"
#include "milter/log.h"
#include "milter/serve/combine.h"
#include "milter/serve/directory_watch.h"
#include "milter/serve/door_map.h"
#include "milter/serve/door_milter.h"
#include "milter/serve/notify.h"
#include "milter/serve/privilege.h"
#include "milter/serve/roaming_watch.h"
#include "milter/serve/socket_claim.h"
#include "milter/serve/status_file.h"
#include "milter/socket_path.h"
#include "milter/source/config_option.h"
#include "milter/source/file.h"

static const char usage[] =
    "usage: relayguard serve [-c FILE]\n"
    "Run the guard in the foreground.\n"
    "  -c, --config FILE  default " CONF_DEFAULT_PATH "\n"
    "Signals: USR1 or HUP read configuration and policy anew, TERM stops.\n"
    "Exit: 0 stopped, 64 usage, 69 socket in use, 78 mistakes in the\n"
    "configuration (each with file and line).\n";

/* How long callbacks that still run at the end are waited for. */
#define DRAIN_SECONDS 5

struct daemon {
	const char *conf_path;
	struct conf *conf; /* as at start: socket, user, audit never change */
	struct door_milter door;
	struct door_map *map; /* NULL: no map door */
	struct roaming_watch roaming;
	struct sender_questions questions;
	struct combine combine;
	struct directory_watch directory;
	struct status_file status;
	int lock, map_lock;
	int door_result;
	sigset_t signals;
};

/* ------------------------------------------------------------------ start */

/* The configuration, with every mistake said; NULL when there is any. */
static struct conf *
read_conf(const struct daemon *d)
{
	struct complaints c = { 0 };
	struct conf *conf = file_conf(d->conf_path, &c);

	log_complaints(&c);
	complaints_free(&c);
	return conf;
}

/* Read the policy that conf names and put it in force; 0 or -1. */
static int
load_policy(struct daemon *d, const struct conf *conf)
{
	struct complaints c = { 0 };
	struct policy *p = file_policy(conf, &c);
	struct rule_modes modes;

	log_complaints(&c);
	complaints_free(&c);
	if (p == NULL)
		return -1;
	conf_rule_modes(conf, &modes);
	log_say("policy: %zu local, %zu relay, %zu client, %zu auth entries%s",
	    policy_count(p, POLICY_LOCAL), policy_count(p, POLICY_RELAY),
	    policy_count(p, POLICY_CLIENT), policy_count(p, POLICY_IDENTITY),
	    modes.all == RULE_ENFORCE ? "" : modes.all == RULE_MONITOR ?
	    "; monitor mode: nothing is refused" :
	    "; mode off: nothing is refused or recorded");
	return combine_files(&d->combine, p, &modes, conf->ldap.uri.n > 0);
}

/* What has its own thread or file, as conf says; true: it keeps conf. */
static bool
use_watches(struct daemon *d, struct conf *conf)
{
	atomic_store(&d->door.sessions.limit, conf->max_sessions);
	roaming_watch_use(&d->roaming, conf->roaming_file);
	status_file_use(&d->status, conf->status_file);
	return directory_watch_use(&d->directory, conf);
}

static void
look_after_all(struct daemon *d)
{
	const struct status_of of = { d->door.judge.current,
		&d->door.sessions, d->door.judge.audit,
		d->directory.directory };

	roaming_watch_look(&d->roaming);
	directory_watch_tick(&d->directory);
	status_file_tick(&d->status, &of);
}

static int
claim_sockets(struct daemon *d)
{
	int status = socket_claim("milter_socket", d->conf->milter_socket,
	    &d->lock);

	if (status == EX_OK && d->conf->map_socket[0] != '\0')
		status = socket_claim("map_socket", d->conf->map_socket,
		    &d->map_lock);
	return status;
}

/* The milter door last: when it is open, both are. */
static int
open_doors(struct daemon *d)
{
	const char *map = d->conf->map_socket;

	if (map[0] != '\0') {
		d->map = door_map_open(socket_path_of(map), &d->door.judge,
		    &d->door.sessions.total);
		if (d->map == NULL) {
			log_say("map_socket: cannot listen on %s: %s", map,
			    strerror(errno));
			return EX_UNAVAILABLE;
		}
	}
	if (door_milter_open(&d->door, d->conf->milter_socket) == 0)
		return EX_OK;
	log_say("milter_socket: cannot listen on %s: %s",
	    d->conf->milter_socket, strerror(errno));
	return EX_UNAVAILABLE;
}

static int
open_audit(struct daemon *d)
{
	struct audit_options options = {
		.path = d->conf->audit_log,
		.accepted = d->conf->audit_accepted,
		.syslog = d->conf->syslog,
	};
	char why[512];

	d->door.judge.audit = audit_open(&options, why, sizeof why);
	if (d->door.judge.audit != NULL)
		return EX_OK;
	log_say("audit_log: %s", why);
	return EX_CANTCREAT;
}

/* Everything up to the open socket; EX_OK or what to exit with. */
static int
open_daemon(struct daemon *d)
{
	struct conf *conf; /* one more, for those who keep theirs */
	char why[512];
	int status;

	d->conf = read_conf(d);
	if (d->conf == NULL)
		return EX_CONFIG;
	if (privilege_drop(d->conf->user, why, sizeof why) != 0) {
		log_say("user: %s", why);
		return EX_CONFIG;
	}
	privilege_harden();
	umask(07); /* the MTA's group may connect, others not */
	if ((status = claim_sockets(d)) != EX_OK ||
	    (status = open_audit(d)) != EX_OK)
		return status;
	if (!sender_questions_open(&d->questions, d->conf))
		return EX_OSERR;
	d->door.judge.questions = &d->questions;
	/* with the rights that a reload will have */
	if (load_policy(d, d->conf) != 0)
		return EX_CONFIG;
	conf = read_conf(d);
	if (conf == NULL)
		return EX_CONFIG;
	if (!use_watches(d, conf))
		conf_free(conf);
	return open_doors(d);
}

/* -------------------------------------------------------------------- run */

static void
reload(struct daemon *d)
{
	struct conf *conf;

	notify("RELOADING=1");
	conf = read_conf(d);
	if (conf != NULL && load_policy(d, conf) == 0) {
		sender_questions_reload(&d->questions, conf);
		if (use_watches(d, conf))
			conf = NULL;
		log_say("reloaded");
	} else {
		log_say("not reloaded: the old policy stays in force");
	}
	conf_free(conf);
	if (audit_reopen(d->door.judge.audit) != 0)
		log_say("audit_log: %s cannot be opened anew",
		    d->conf->audit_log);
	notify("READY=1");
}

/*
 * libmilter has a thread of its own that waits for HUP, TERM and INT, and stops
 * the daemon on any of them.  Which thread gets a signal that two wait for is
 * nobody's promise, so that thread must not wait at all: this sigwait takes the
 * place of libc's for libmilter.  All signals are blocked in it, it sleeps for
 * the life of the process, and ours alone decide.
 */
int
sigwait(const sigset_t *set, int *got)
{
	(void)set;
	*got = 0;
	for (;;)
		pause();
}

/* Seconds on the clock that does not jump. */
static time_t
uptime(void)
{
	return (time_t)(clock_ms() / 1000);
}

/* Deal with signals, and the watchdog in between, until one says stop. */
static void
wait_for_stop(struct daemon *d)
{
	unsigned every = notify_watchdog_seconds();
	time_t tick = every > 0 ? (time_t)every : 3600;
	time_t due = uptime() + tick, now;
	struct timespec pause = { 0, 0 };
	int got;

	for (;;) {
		now = uptime();
		/* a second at most: somebody may have logged in */
		pause.tv_sec = due > now ? 1 : 0;
		got = sigtimedwait(&d->signals, NULL, &pause);
		if (got == SIGTERM || got == SIGINT || got == SIGUSR2)
			return;
		if (got == SIGUSR1 || got == SIGHUP)
			reload(d);
		look_after_all(d);
		if (uptime() < due)
			continue;
		if (every > 0 && judge_is_sane(d->door.judge.current))
			notify("WATCHDOG=1");
		due = uptime() + tick;
	}
}

/* libmilter's loop; when it ends by itself, wake the main thread. */
static void *
run_door(void *arg)
{
	struct daemon *d = arg;

	d->door_result = door_milter_run();
	kill(getpid(), SIGUSR2);
	return NULL;
}

static void
drain(struct daemon *d)
{
	struct timespec tick = { 0, 10000000 };
	int i;

	for (i = 0; i < DRAIN_SECONDS * 100 &&
	     atomic_load(&d->door.sessions.busy) > 0; i++)
		nanosleep(&tick, NULL);
}

static int
run(struct daemon *d)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run_door, d) != 0 ||
	    (d->map != NULL && door_map_start(d->map) != 0)) {
		log_say("cannot start a thread");
		return EX_OSERR;
	}
	log_say("serving on %s%s%s", d->conf->milter_socket,
	    d->map != NULL ? " and " : "", d->conf->map_socket);
	notify("READY=1");
	wait_for_stop(d);
	notify("STOPPING=1");
	door_map_close(d->map);
	d->map = NULL;
	door_milter_stop();
	pthread_join(thread, NULL);
	drain(d);
	log_say("stopped: %lu sessions, %lu audit records, %lu lost",
	    atomic_load(&d->door.sessions.total),
	    audit_written(d->door.judge.audit), audit_lost(d->door.judge.audit));
	return d->door_result == 0 ? EX_OK : EX_UNAVAILABLE;
}

#define LARGE_BYTES 262144

/*
 * Memory of large blocks goes back to the system as soon as it is free.  glibc
 * would keep more and more of it after the first large block is given back,
 * and that is about 8 MiB after a policy of 200,000 entries was built.
 */
static void
return_large_blocks(void)
{
#ifdef M_MMAP_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
#endif
}

static int
serve(const char *conf_path)
{
	/* not on the stack: a callback may still end when we have left */
	static struct daemon d = { .lock = -1, .map_lock = -1 };
	int status;

	d.conf_path = conf_path;
	return_large_blocks();
	/* inherited by every thread; libmilter's own unblocks what it wants */
	sigemptyset(&d.signals);
	sigaddset(&d.signals, SIGUSR1);
	sigaddset(&d.signals, SIGUSR2);
	sigaddset(&d.signals, SIGHUP);
	sigaddset(&d.signals, SIGTERM);
	sigaddset(&d.signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &d.signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a full audit log is an error, not death */
	d.door.judge.current = current_new();
	d.door.judge.roaming = current_new();
	d.roaming.current = d.door.judge.roaming;
	combine_init(&d.combine, d.door.judge.current);
	d.directory.combine = &d.combine;
	if (d.door.judge.current == NULL || d.door.judge.roaming == NULL)
		return EX_OSERR;
	status = open_daemon(&d);
	if (status == EX_OK)
		status = run(&d);
	directory_watch_end(&d.directory);
	status_file_end(&d.status);
	/*
	 * A callback that outlived the drain may still use all this: leave
	 * the rest to the end of the process.
	 */
	if (atomic_load(&d.door.sessions.busy) > 0)
		_exit(status);
	door_map_close(d.map);
	door_milter_close(&d.door);
	sender_questions_close(&d.questions);
	combine_free(&d.combine);
	audit_close(d.door.judge.audit);
	current_free(d.door.judge.roaming);
	current_free(d.door.judge.current);
	conf_free(d.conf);
	free(d.roaming.path);
	if (d.lock >= 0)
		close(d.lock);
	if (d.map_lock >= 0)
		close(d.map_lock);
	return status;
}

int
serve_command(int argc, char **argv)
{
	const char *path;
	int status = config_option(argc, argv, usage, &path);

	return status >= 0 ? status : serve(path);
}
