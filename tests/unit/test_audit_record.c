/* SPDX-License-Identifier: BSD-2-Clause */
/* The audit file: what goes in, threads, rotation, links. */
#include "tests/unit/audit_place.h"

#include <pthread.h>
#include <sys/stat.h>

static void
test_what_is_recorded(void **state)
{
	struct place *p = *state;
	struct audit *a = open_audit(p);
	struct stat st;

	write_one(a, VERDICT_REFUSE);
	write_one(a, VERDICT_DEFER);
	write_one(a, VERDICT_ACCEPT);
	assert_int_equal(audit_written(a), 2);
	audit_close(a);
	p->options.accepted = true;
	a = open_audit(p);
	write_one(a, VERDICT_ACCEPT);
	audit_close(a);
	assert_lines(p->file, 3, 0);
	assert_int_equal(stat(p->file, &st), 0);
	assert_int_equal(st.st_mode & 07777 & ~0640u, 0);
	p->options.path = "";
	a = open_audit(p);
	write_one(a, VERDICT_REFUSE);
	assert_int_equal(audit_written(a) + audit_lost(a), 0);
	assert_int_equal(audit_reopen(a), 0);
	audit_close(a);
}

#define THREADS 8
#define RECORDS 2000
#define ROTATIONS 20

struct writer {
	struct audit *audit;
	unsigned long number;
};

static void *
write_many(void *context)
{
	struct writer *w = context;
	struct audit_decision d;
	struct envelope e;
	struct verdict v;

	make_decision(&d, &e, &v);
	d.session = w->number;
	for (d.policy_serial = 0; d.policy_serial < RECORDS; d.policy_serial++)
		audit_write(w->audit, &d);
	return NULL;
}

static void
tick_off(const json_t *o, void *context)
{
	unsigned char (*seen)[RECORDS] = context;
	json_int_t session = json_integer_value(json_object_get(o, "session"));
	json_int_t n = json_integer_value(json_object_get(o, "policy_serial"));

	assert_in_range(session, 0, THREADS - 1);
	assert_in_range(n, 0, RECORDS - 1);
	seen[session][n]++;
}

/* Nothing lost, nothing twice, nothing mixed, while the file is rotated. */
static void
test_threads_and_rotation(void **state)
{
	static unsigned char seen[THREADS][RECORDS];
	struct place *p = *state;
	struct writer w[THREADS];
	pthread_t thread[THREADS];
	struct audit *a = open_audit(p);
	char moved[128];
	size_t i, bad, lines = 0;

	for (i = 0; i < THREADS; i++) {
		w[i] = (struct writer){ a, i };
		assert_int_equal(pthread_create(&thread[i], NULL, write_many,
		    &w[i]), 0);
	}
	for (i = 0; i < ROTATIONS; i++) {
		usleep(5000);
		snprintf(moved, sizeof moved, "%s.%zu", p->file, i);
		assert_int_equal(rename(p->file, moved), 0);
		assert_int_equal(audit_reopen(a), 0);
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(audit_written(a), THREADS * RECORDS);
	assert_int_equal(audit_lost(a), 0);
	audit_close(a);
	lines = read_lines(p->file, &bad, tick_off, seen);
	assert_int_equal(bad, 0);
	for (i = 0; i < ROTATIONS; i++) {
		snprintf(moved, sizeof moved, "%s.%zu", p->file, i);
		lines += read_lines(moved, &bad, tick_off, seen);
		assert_int_equal(bad, 0);
	}
	assert_int_equal(lines, THREADS * RECORDS);
	for (i = 0; i < THREADS * RECORDS; i++)
		assert_int_equal(seen[i / RECORDS][i % RECORDS], 1);
}

/* Rename alone: the next second's records are in a new file. */
static void
test_follows_rename(void **state)
{
	struct place *p = *state;
	struct audit *a = open_audit(p);

	write_one(a, VERDICT_REFUSE);
	assert_int_equal(rename(p->file, p->moved), 0);
	sleep(1);
	usleep(100000);
	write_one(a, VERDICT_DEFER);
	assert_lines(p->moved, 1, 0);
	assert_lines(p->file, 1, 0);
	/* and when whoever renames lays an empty file there at once */
	assert_int_equal(rename(p->file, p->moved), 0);
	fclose(fopen(p->file, "w"));
	sleep(1);
	usleep(100000);
	write_one(a, VERDICT_REFUSE);
	assert_lines(p->moved, 1, 0);
	assert_lines(p->file, 1, 0);
	assert_int_equal(audit_lost(a), 0);
	audit_close(a);
}

static void
assert_refused(struct place *p, const char *path, const char *why)
{
	p->options.path = path;
	assert_null(audit_open(&p->options, p->error, sizeof p->error));
	assert_int_equal(strncmp(p->error, path, strlen(path)), 0);
	assert_non_null(strstr(p->error, why));
}

static void
test_only_regular_files(void **state)
{
	struct place *p = *state;

	assert_int_equal(symlink("elsewhere", p->file), 0);
	assert_refused(p, p->file, "symbolic link");
	assert_int_equal(access(p->moved, F_OK), -1);
	assert_refused(p, "/dev/full", "not a regular file");
	assert_refused(p, p->dir, "directory");
	assert_int_equal(mkfifo(p->moved, 0600), 0);
	assert_refused(p, p->moved, "not a regular file");
	assert_refused(p, "no/such/folder", "No such file");
	p->options.syslog_path = p->options.path = p->error;
	memset(p->error, 'x', sizeof p->error - 1);
	assert_null(audit_open(&p->options, p->error, sizeof p->error));
}

/* A link laid in place of the file: never written through, nothing lost. */
static void
test_symlink_laid_later(void **state)
{
	struct place *p = *state;
	struct audit *a = open_audit(p);
	char victim[96];

	snprintf(victim, sizeof victim, "%s/victim", p->dir);
	fclose(fopen(victim, "w"));
	assert_int_equal(rename(p->file, p->moved), 0);
	assert_int_equal(symlink(victim, p->file), 0);
	assert_int_equal(audit_reopen(a), -1);
	write_one(a, VERDICT_REFUSE);
	assert_lines(victim, 0, 0);
	assert_lines(p->moved, 1, 0);
	assert_int_equal(audit_lost(a), 0);
	assert_int_equal(unlink(p->file), 0);
	assert_int_equal(audit_reopen(a), 0);
	write_one(a, VERDICT_REFUSE);
	assert_lines(p->file, 1, 0);
	assert_int_equal(audit_written(a), 2);
	audit_close(a);
}

/* The file deleted and its place taken: counted, not written to nowhere. */
static void
test_deleted(void **state)
{
	struct place *p = *state;
	struct audit *a = open_audit(p);

	assert_int_equal(unlink(p->file), 0);
	assert_int_equal(mkdir(p->file, 0700), 0);
	assert_int_equal(audit_reopen(a), -1);
	write_one(a, VERDICT_REFUSE);
	assert_int_equal(audit_lost(a), 1);
	assert_int_equal(rmdir(p->file), 0);
	assert_int_equal(audit_reopen(a), 0);
	write_one(a, VERDICT_REFUSE);
	assert_int_equal(audit_lost(a), 1);
	assert_int_equal(audit_written(a), 1);
	assert_lines(p->file, 1, 0);
	audit_close(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(test_what_is_recorded),
		WITH_PLACE(test_threads_and_rotation),
		WITH_PLACE(test_follows_rename),
		WITH_PLACE(test_only_regular_files),
		WITH_PLACE(test_symlink_laid_later),
		WITH_PLACE(test_deleted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
