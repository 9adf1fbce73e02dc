/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/roaming.h"

#include <errno.h>
#include <stdlib.h>

#include "conf/policy_file.h"
#include "milter/bytes.h"

/* Why this entry has no place in the file, or NULL. */
static const char *
objection(const struct policy_entry *e)
{
	if (e->kind != POLICY_CLIENT || e->action != POLICY_GRANT)
		return "only client entries belong here";
	if (e->network.bits != ip_width(e->network.base.family))
		return "a roaming client is one address";
	if (e->until == 0)
		return "a roaming client needs until=";
	return NULL;
}

static void
check_entries(const char *path, const struct policy *p, struct complaints *c)
{
	struct policy_entry e;
	const char *why;
	size_t i;

	for (i = 0; i < policy_entries(p); i++) {
		policy_entry_at(p, i, &e);
		why = objection(&e);
		if (why != NULL)
			complaint_add(c, COMPLAINT_ERROR, path, e.line, "%s",
			    why);
	}
	if (policy_entries(p) > ROAMING_MAX)
		complaint_add(c, COMPLAINT_ERROR, path, 0,
		    "more than %d clients", ROAMING_MAX);
}

struct policy *
roaming_read(const char *path, struct complaints *c)
{
	size_t errors = c->errors;
	struct policy_builder *b = policy_builder_new(0);
	struct bytes bytes = { NULL, 0 };
	struct policy *p;

	if (b == NULL) {
		c->out_of_memory = true;
		return NULL;
	}
	if (bytes_read(path, &bytes) == 0)
		policy_file_parse((struct text){ bytes.at, bytes.n }, path, b,
		    c);
	else if (errno != ENOENT)
		complaint_add(c, COMPLAINT_ERROR, path, 0,
		    "cannot be read: %s", bytes_trouble(errno));
	free(bytes.at);
	p = policy_freeze(b);
	if (p == NULL)
		c->out_of_memory = true;
	else
		check_entries(path, p, c);
	if (c->errors == errors && !c->out_of_memory)
		return p;
	policy_free(p);
	return NULL;
}

bool
roaming_changed(const char *path, struct stat *seen)
{
	struct stat now = { 0 };

	/* one that is not there is as the first {0} */
	if (stat(path, &now) != 0)
		now = (struct stat){ 0 };
	if (now.st_ino == seen->st_ino && now.st_dev == seen->st_dev &&
	    now.st_size == seen->st_size &&
	    now.st_mtim.tv_sec == seen->st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == seen->st_mtim.tv_nsec)
		return false;
	*seen = now;
	return true;
}
