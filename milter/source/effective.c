/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/effective.h"

#include "milter/source/directory.h"
#include "milter/source/file.h"

/* All complaints of from as notes in to. */
static void
add_as_notes(struct complaints *to, const struct complaints *from)
{
	size_t i;

	for (i = 0; i < from->n; i++)
		complaint_add(to, COMPLAINT_NOTE, from->at[i].file,
		    from->at[i].line, "%s", from->at[i].text);
}

/* What was saved, when the directory does not answer. */
static struct policy *
saved_instead(const struct conf *conf, const struct complaints *why,
    struct complaints *c)
{
	struct policy *p;
	int64_t age;

	add_as_notes(c, why);
	p = directory_saved(conf, &age, c);
	if (p != NULL)
		complaint_add(c, COMPLAINT_NOTE, "ldap_uri", 0,
		    "used instead: what was saved %lld s ago",
		    (long long)age);
	else
		complaint_add(c, COMPLAINT_ERROR, "ldap_uri", 0,
		    "no policy of the directory, and none was saved");
	return p;
}

static struct policy *
from_directory(const struct conf *conf, enum effective_way way,
    struct complaints *c)
{
	struct complaints why = { 0 };
	struct policy *p;

	if (way == EFFECTIVE_ASK)
		return directory_once(conf, c);
	p = directory_once(conf, &why);
	if (p == NULL)
		p = saved_instead(conf, &why, c);
	complaints_free(&why);
	return p;
}

struct policy *
effective_policy(const struct conf *conf, enum effective_way way,
    struct complaints *c)
{
	const struct policy *part[2] = { file_policy(conf, c), NULL };
	struct policy *p = NULL;

	if (part[0] == NULL || conf->ldap.uri.n == 0 ||
	    way == EFFECTIVE_FILES)
		return (struct policy *)part[0];
	part[1] = from_directory(conf, way, c);
	if (part[1] != NULL) {
		p = policy_join(part, 2);
		c->out_of_memory = c->out_of_memory || p == NULL;
	}
	policy_free((struct policy *)part[0]);
	policy_free((struct policy *)part[1]);
	return p;
}
