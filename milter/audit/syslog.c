/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/audit/syslog.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024
#define HEAD_MAX 80

struct syslog_sender {
	int fd;
	struct sockaddr_un to;
	atomic_ulong dropped;
};

struct syslog_sender *
syslog_open(const char *path)
{
	struct syslog_sender *s;
	size_t n;

	if (path == NULL)
		path = "/dev/log";
	n = strlen(path);
	s = calloc(1, sizeof *s);
	if (s == NULL || n >= sizeof s->to.sun_path)
		goto free_sender;
	s->to.sun_family = AF_UNIX;
	memcpy(s->to.sun_path, path, n + 1);
	s->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		goto free_sender;
	return s;

free_sender:
	free(s);
	return NULL;
}

void
syslog_close(struct syslog_sender *s)
{
	if (s == NULL)
		return;
	close(s->fd);
	free(s);
}

/* "<21>Nov 24 09:49:00 relayguard[123]: ", in local time as RFC 3164 says. */
static size_t
put_head(int severity, char *out)
{
	/* not strftime: its month names follow the locale */
	static const char month[12][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t now = time(NULL);
	struct tm tm = { 0 };
	int n;

	localtime_r(&now, &tm);
	n = snprintf(out, HEAD_MAX, "<%d>%s %2d %02d:%02d:%02d "
	    "relayguard[%d]: ", LOG_MAIL | severity, month[tm.tm_mon],
	    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)getpid());
	return n < HEAD_MAX ? (size_t)n : HEAD_MAX - 1;
}

void
syslog_send(struct syslog_sender *s, int severity, struct text line)
{
	char out[HEAD_MAX + LINE_MAX_BYTES];
	size_t n = put_head(severity, out);

	if (line.n > LINE_MAX_BYTES)
		line.n = LINE_MAX_BYTES;
	memcpy(out + n, line.at, line.n);
	if (sendto(s->fd, out, n + line.n, MSG_DONTWAIT | MSG_NOSIGNAL,
	    (const struct sockaddr *)&s->to, sizeof s->to) < 0)
		atomic_fetch_add(&s->dropped, 1);
}

unsigned long
syslog_dropped(const struct syslog_sender *s)
{
	return atomic_load(&s->dropped);
}
