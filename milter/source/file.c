/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/policy_file.h"
#include "conf/sendmail_files.h"
#include "milter/source/idn.h"

struct bytes {
	char *at;
	size_t n;
};

/* strerror for what read_file says. */
static const char *
trouble_text(int error)
{
	return error == EINVAL ? "not a regular file" : strerror(error);
}

/* A regular file of a size that we read; otherwise -1 with errno. */
static int
check_file(int fd, size_t *size)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		return -1;
	}
	if (st.st_size > (off_t)FILE_BYTES_MAX) {
		errno = EFBIG;
		return -1;
	}
	*size = (size_t)st.st_size;
	return 0;
}

/* Read all of an open file; one that grows meanwhile is EBUSY. */
static int
read_all(int fd, struct bytes *out)
{
	ssize_t got;
	size_t cap;

	if (check_file(fd, &cap) != 0)
		return -1;
	cap++;
	out->n = 0;
	out->at = malloc(cap);
	if (out->at == NULL)
		return -1;
	do {
		got = read(fd, out->at + out->n, cap - out->n);
		if (got > 0)
			out->n += (size_t)got;
	} while (got > 0 || (got < 0 && errno == EINTR));
	if (got == 0 && out->n < cap)
		return 0;
	if (got == 0)
		errno = EBUSY;
	free(out->at);
	return -1;
}

/* O_NONBLOCK so that a FIFO in the place of a file does not hang us. */
static int
read_file(const char *path, struct bytes *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int result, error;

	if (fd < 0)
		return -1;
	result = read_all(fd, out);
	error = errno;
	close(fd);
	errno = error;
	return result;
}

struct conf *
file_conf(const char *path, struct complaints *c)
{
	struct bytes b;
	struct conf *conf;

	if (path == NULL && access(CONF_DEFAULT_PATH, F_OK) != 0 &&
	    errno == ENOENT)
		return conf_default();
	if (path == NULL)
		path = CONF_DEFAULT_PATH;
	if (read_file(path, &b) != 0) {
		complaint_add(c, COMPLAINT_ERROR, path, 0, "cannot be read: %s",
		    trouble_text(errno));
		return NULL;
	}
	conf = conf_parse((struct text){ b.at, b.n }, path, c);
	free(b.at);
	return conf;
}

typedef void parser(struct text content, const char *name,
    struct policy_builder *b, struct complaints *c);

/*
 * Add one file.  A default path that nobody wrote down may be missing: not
 * every machine has an access file.
 */
static void
add_file(const char *option, const char *path, bool given, parser *parse,
    struct policy_builder *b, struct complaints *c)
{
	struct bytes bytes;

	if (path == NULL || path[0] == '\0')
		return;
	if (read_file(path, &bytes) != 0) {
		if (given || errno != ENOENT)
			complaint_add(c, COMPLAINT_ERROR, path, 0,
			    "cannot be read (option %s): %s", option,
			    trouble_text(errno));
		return;
	}
	parse((struct text){ bytes.at, bytes.n }, path, b, c);
	free(bytes.at);
}

static void
add_files(const struct conf *conf, struct policy_builder *b,
    struct complaints *c)
{
	unsigned i;

	for (i = 0; i < conf->policy_files.n; i++)
		add_file("policy_files", conf->policy_files.at[i],
		    conf->policy_files_given, policy_file_parse, b, c);
	add_file("local_host_names", conf->local_host_names,
	    conf->local_host_names_given, sendmail_local_host_names_parse, b,
	    c);
	add_file("relay_domains", conf->relay_domains,
	    conf->relay_domains_given, sendmail_relay_domains_parse, b, c);
	add_file("access_file", conf->access_file, conf->access_file_given,
	    sendmail_access_parse, b, c);
}

struct policy *
file_policy(const struct conf *conf, struct complaints *c)
{
	struct policy_builder *b;
	struct policy *p;
	uint64_t seed = 0;

	/* without randomness the hash still works, only predictably */
	if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
		seed = (uint64_t)getpid();
	b = policy_builder_new(seed);
	if (b == NULL) {
		c->out_of_memory = true;
		return NULL;
	}
	add_files(conf, b, c);
	idn_add_spellings(b, c);
	if (c->errors > 0 || c->out_of_memory) {
		policy_builder_free(b);
		return NULL;
	}
	p = policy_freeze(b);
	if (p == NULL)
		c->out_of_memory = true;
	return p;
}
