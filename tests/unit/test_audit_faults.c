/* SPDX-License-Identifier: BSD-2-Clause */
/* The audit record in trouble: full disks, torn lines, a syslog that is not. */
#include "tests/unit/audit_place.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* A socket that nobody reads from unless the test does. */
static int
listen_log(const struct place *p)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	strcpy(at.sun_path, p->log);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	return fd;
}

/* The next line in line[2048], or an empty one; false when there is none. */
static bool
next_log(int fd, char *line)
{
	ssize_t n = recv(fd, line, 2047, 0);

	line[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static off_t
size_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void
limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/*
 * The disk is full after half a record, then has room again: two records are
 * counted as lost, syslog is told once of each change, the torn line has a
 * line of its own.
 */
static void
test_disk_full(void **state)
{
	struct place *p = *state;
	int log = listen_log(p);
	struct audit *a = open_audit(p);
	char line[2048];

	signal(SIGXFSZ, SIG_IGN);
	write_one(a, VERDICT_REFUSE);
	limit_files((rlim_t)size_of(p->file) * 3 / 2);
	write_one(a, VERDICT_REFUSE);
	write_one(a, VERDICT_REFUSE);
	assert_int_equal(audit_written(a), 1);
	assert_int_equal(audit_lost(a), 2);
	limit_files(RLIM_INFINITY);
	write_one(a, VERDICT_REFUSE);
	write_one(a, VERDICT_REFUSE);
	assert_int_equal(audit_written(a), 3);
	assert_int_equal(audit_lost(a), 2);
	assert_lines(p->file, 4, 1);
	assert_true(next_log(log, line));
	assert_non_null(strstr(line, "1 records lost"));
	assert_non_null(strstr(line, p->file));
	assert_true(next_log(log, line));
	assert_non_null(strstr(line, "works again, 2 records lost"));
	assert_false(next_log(log, line));
	audit_close(a);
	close(log);
}

/* What a crash left behind does not swallow the first record. */
static void
test_torn_before(void **state)
{
	struct place *p = *state;
	FILE *f = fopen(p->file, "w");
	struct audit *a;

	assert_non_null(f);
	fputs("{\"v\":1,\"time\"", f);
	fclose(f);
	a = open_audit(p);
	write_one(a, VERDICT_REFUSE);
	assert_lines(p->file, 2, 1);
	audit_close(a);
}

static void
test_syslog_line(void **state)
{
	struct place *p = *state;
	int log = listen_log(p);
	char line[2048], pid[32];
	struct audit *a;

	p->options.syslog = true;
	a = open_audit(p);
	write_one(a, VERDICT_REFUSE);
	assert_true(next_log(log, line));
	/* <mail.notice>Mmm dd hh:mm:ss */
	assert_int_equal(strncmp(line, "<21>", 4), 0);
	snprintf(pid, sizeof pid, " relayguard[%d]: ", (int)getpid());
	assert_int_equal(strncmp(line + 19, pid, strlen(pid)), 0);
	assert_string_equal(line + 19 + strlen(pid), "refuse P08 percent-hack "
	    "client=192.0.2.1 from=<a@b.test> to=<u%far.test@here.test> "
	    "code=550 dsn=5.7.1 qid= mode=enforce");
	assert_int_equal(audit_syslog_dropped(a), 0);
	audit_close(a);
	close(log);
}

/* No socket, one that nobody reads, and one that comes back. */
static void
test_syslog_faults(void **state)
{
	struct place *p = *state;
	char line[2048];
	struct audit *a;
	size_t i, taken = 0;
	int log;

	p->options.syslog = true;
	a = open_audit(p);
	write_one(a, VERDICT_REFUSE);
	assert_int_equal(audit_syslog_dropped(a), 1);
	log = listen_log(p);
	/* returns although the queue has long been full */
	for (i = 0; i < 3000; i++)
		write_one(a, VERDICT_REFUSE);
	while (next_log(log, line))
		taken++;
	assert_true(taken > 0 && taken < 3000);
	assert_int_equal(audit_syslog_dropped(a), 1 + 3000 - taken);
	write_one(a, VERDICT_REFUSE);
	assert_true(next_log(log, line));
	close(log);
	assert_int_equal(unlink(p->log), 0);
	log = listen_log(p);
	write_one(a, VERDICT_REFUSE);
	assert_true(next_log(log, line));
	assert_lines(p->file, 3003, 0);
	audit_close(a);
	close(log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(test_disk_full),
		WITH_PLACE(test_torn_before),
		WITH_PLACE(test_syslog_line),
		WITH_PLACE(test_syslog_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
