/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/audit/record.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "milter/audit/syslog.h"
#include "policy/escape.h"

#define MESSAGE_MAX 512

/* One opened file. */
struct file {
	int fd;    /* -1: none */
	dev_t dev; /* which file it is */
	ino_t ino;
	bool torn; /* its last line has no end */
};

struct audit {
	bool accepted, to_syslog;
	struct syslog_sender *syslog;
	atomic_ulong written, lost;
	char *path; /* NULL: no file */

	pthread_mutex_t lock; /* guards everything below */
	struct file file;
	bool current;    /* the path was this file when last opened */
	bool troubled;   /* syslog has been told */
	time_t looked;   /* monotonic second of the last look at the path */
};

static void
say(struct audit *a, int severity, const char *what)
{
	char path[200], line[MESSAGE_MAX];

	escape_text(text_of(a->path), path, sizeof path);
	snprintf(line, sizeof line, "audit file %s: %s, %lu records lost so "
	    "far", path, what, atomic_load(&a->lost));
	syslog_send(a->syslog, severity, text_of(line));
}

/* Tell syslog of trouble, once until it is over. */
static void
complain(struct audit *a, const char *what)
{
	if (!a->troubled)
		say(a, LOG_ERR, what);
	a->troubled = true;
}

/* Does the file end in the middle of a line (a crash, a full disk)? */
static bool
ends_torn(int fd, off_t size)
{
	char last;

	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

/* NULL, or what is wrong. */
static const char *
open_file(const char *path, struct file *out)
{
	struct stat st;
	const char *wrong = NULL;

	/* O_NONBLOCK: do not wait for the other end of a FIFO */
	out->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW |
	    O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
	if (out->fd < 0)
		return errno == ELOOP ? "is a symbolic link, not followed" :
		    strerrordesc_np(errno);
	if (fstat(out->fd, &st) != 0)
		wrong = strerrordesc_np(errno);
	else if (!S_ISREG(st.st_mode))
		wrong = "is not a regular file";
	if (wrong != NULL) {
		close(out->fd);
		out->fd = -1;
		return wrong;
	}
	out->dev = st.st_dev;
	out->ino = st.st_ino;
	out->torn = ends_torn(out->fd, st.st_size);
	return NULL;
}

static void
close_file(struct file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

/* A file without a name keeps nothing. */
static bool
is_deleted(const struct file *f)
{
	struct stat st;

	return f->fd >= 0 && fstat(f->fd, &st) == 0 && st.st_nlink == 0;
}

/* Under lock. */
static int
reopen(struct audit *a)
{
	struct file new;
	const char *wrong = open_file(a->path, &new);

	a->current = wrong == NULL;
	if (wrong == NULL) {
		close_file(&a->file);
		a->file = new;
		return 0;
	}
	if (is_deleted(&a->file))
		close_file(&a->file);
	complain(a, wrong);
	return -1;
}

int
audit_reopen(struct audit *a)
{
	int result;

	if (a->path == NULL)
		return 0;
	pthread_mutex_lock(&a->lock);
	result = reopen(a);
	pthread_mutex_unlock(&a->lock);
	return result;
}

/* Under lock: begin a new file when the path no longer names this one. */
static void
follow_path(struct audit *a)
{
	struct timespec now;
	struct stat st;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	if (now.tv_sec == a->looked)
		return;
	a->looked = now.tv_sec;
	if (a->file.fd < 0 || lstat(a->path, &st) != 0 ||
	    st.st_dev != a->file.dev || st.st_ino != a->file.ino)
		reopen(a);
}

/* Under lock. */
static void
count_written(struct audit *a)
{
	atomic_fetch_add(&a->written, 1);
	if (!a->troubled || !a->current)
		return;
	a->troubled = false;
	say(a, LOG_NOTICE, "works again");
}

/*
 * Under lock: line[n] has one byte of room before it, for the newline that
 * ends a torn line.
 */
static void
append(struct audit *a, char *line, size_t n)
{
	struct file *f = &a->file;
	ssize_t done;

	if (f->torn) {
		*--line = '\n';
		n++;
	}
	do
		done = write(f->fd, line, n);
	while (done < 0 && errno == EINTR);
	if (done == (ssize_t)n) {
		f->torn = false;
		count_written(a);
		return;
	}
	if (done > 0)
		f->torn = true;
	atomic_fetch_add(&a->lost, 1);
	complain(a, done < 0 ? strerrordesc_np(errno) :
	    "no space for a whole record");
}

static void
write_file(struct audit *a, const struct audit_decision *d)
{
	char buffer[1 + AUDIT_LINE_MAX];
	size_t n = audit_line(d, buffer + 1);

	pthread_mutex_lock(&a->lock);
	follow_path(a);
	if (n > 0 && a->file.fd >= 0)
		append(a, buffer + 1, n);
	else
		atomic_fetch_add(&a->lost, 1);
	pthread_mutex_unlock(&a->lock);
}

void
audit_write(struct audit *a, const struct audit_decision *d)
{
	bool accept = d->verdict->action == VERDICT_ACCEPT;
	char line[AUDIT_NOTICE_MAX];

	if (accept && !a->accepted)
		return;
	if (a->path != NULL)
		write_file(a, d);
	if (!accept && a->to_syslog)
		syslog_send(a->syslog, LOG_NOTICE,
		    (struct text){ line, audit_notice(d, line) });
}

/* error[cap] = "PATH: what is wrong". */
static void
explain(char *error, size_t cap, const char *path, const char *what)
{
	char shown[256];

	escape_text(text_of(path), shown, sizeof shown);
	snprintf(error, cap, "%s: %s", shown, what);
}

struct audit *
audit_open(const struct audit_options *options, char *error, size_t cap)
{
	struct audit *a = calloc(1, sizeof *a);
	bool file = options->path != NULL && options->path[0] != '\0';
	const char *wrong = "out of memory";

	if (a == NULL || (file && (a->path = strdup(options->path)) == NULL)) {
		explain(error, cap, "audit", wrong);
		goto free_audit;
	}
	a->accepted = options->accepted;
	a->to_syslog = options->syslog;
	a->file.fd = -1;
	a->syslog = syslog_open(options->syslog_path);
	if (a->syslog == NULL) {
		explain(error, cap, "syslog", "cannot make a socket for it");
		goto free_audit;
	}
	if (file && (wrong = open_file(a->path, &a->file)) != NULL) {
		explain(error, cap, a->path, wrong);
		goto close_syslog;
	}
	a->current = true;
	pthread_mutex_init(&a->lock, NULL);
	return a;

close_syslog:
	syslog_close(a->syslog);
free_audit:
	if (a != NULL)
		free(a->path);
	free(a);
	return NULL;
}

void
audit_close(struct audit *a)
{
	if (a == NULL)
		return;
	close_file(&a->file);
	syslog_close(a->syslog);
	pthread_mutex_destroy(&a->lock);
	free(a->path);
	free(a);
}

unsigned long
audit_written(const struct audit *a)
{
	return atomic_load(&a->written);
}

unsigned long
audit_lost(const struct audit *a)
{
	return atomic_load(&a->lost);
}

unsigned long
audit_syslog_dropped(const struct audit *a)
{
	return syslog_dropped(a->syslog);
}
