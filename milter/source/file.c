/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/file.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "conf/lines.h"
#include "conf/policy_file.h"
#include "conf/sendmail_files.h"
#include "milter/idn.h"

bool
file_read(const char *path, struct bytes *out, struct complaints *c)
{
	if (bytes_read(path, out) == 0)
		return true;
	complaint_add(c, COMPLAINT_ERROR, path, 0, "cannot be read: %s",
	    bytes_trouble(errno));
	return false;
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
	if (!file_read(path, &b, c))
		return NULL;
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
	if (bytes_read(path, &bytes) != 0) {
		if (given || errno != ENOENT)
			complaint_add(c, COMPLAINT_ERROR, path, 0,
			    "cannot be read (option %s): %s", option,
			    bytes_trouble(errno));
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

static uint64_t seed;

static void
draw_seed(void)
{
	/* without randomness the hash still works, only predictably */
	if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
		seed = (uint64_t)getpid();
}

uint64_t
file_seed(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, draw_seed);
	return seed;
}

struct policy_builder *
file_builder(struct complaints *c)
{
	struct policy_builder *b = policy_builder_new(file_seed());

	if (b == NULL)
		c->out_of_memory = true;
	return b;
}

struct policy *
file_freeze(struct policy_builder *b, struct complaints *c)
{
	struct policy *p;

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

/* Names grant only where the postmaster insists, and then it is said. */
static void
check_names(const struct conf *conf, const struct policy *p,
    struct complaints *c)
{
	struct policy_entry e;
	char file[1024];
	size_t i;

	if (policy_count(p, POLICY_NAME) == 0)
		return;
	for (i = 0; i < policy_entries(p); i++) {
		policy_entry_at(p, i, &e);
		if (e.kind != POLICY_NAME)
			continue;
		snprintf(file, sizeof file, "%.*s",
		    TEXT_ARG(policy_source_name(p, e.source)));
		complaint_add(c, conf->client_names ? COMPLAINT_NOTE :
		    COMPLAINT_ERROR, file, e.line, "name %.*s: whoever owns an "
		    "address chooses its name%s", TEXT_ARG(e.value),
		    conf->client_names ? "" : "; only with client_names: true");
	}
}

struct policy *
file_policy(const struct conf *conf, struct complaints *c)
{
	struct policy_builder *b = file_builder(c);

	if (b == NULL)
		return NULL;
	add_files(conf, b, c);
	check_names(conf, policy_builder_view(b), c);
	return file_freeze(b, c);
}
