/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/serve/status_file.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "milter/log.h"
#include "milter/new_file.h"
#include "milter/source/status_read.h"

void
status_file_use(struct status_file *f, const char *path)
{
	if (f->path != NULL && strcmp(f->path, path) == 0)
		return;
	status_file_end(f);
	f->path = strdup(path);
	if (f->started == 0)
		f->started = time(NULL);
}

static json_t *
policy_json(struct current *current)
{
	static const char *const kinds[POLICY_KINDS] = { "local", "relay",
		"client", "auth", "cert", "name", "forwarder" };
	static const char *const modes[] = { "enforce", "monitor", "off" };
	const struct in_force *f = current_take(current);
	json_t *j;
	unsigned i;

	if (f == NULL)
		return json_null();
	j = json_pack("{s:I,s:s,s:b,s:I}", "serial", (json_int_t)f->serial, "mode",
	    modes[f->modes.all], "waiting", (int)f->waiting, "bytes",
	    (json_int_t)policy_bytes(f->policy));
	for (i = 0; i < POLICY_KINDS; i++)
		json_object_set_new(j, kinds[i],
		    json_integer((json_int_t)policy_count(f->policy,
		    (enum policy_kind)i)));
	current_give(current, f);
	return j;
}

static json_t *
held_json(const struct ldap_store_status *s)
{
	if (!s->held)
		return json_null();
	return json_pack("{s:I,s:I,s:I}", "lost", (json_int_t)s->lost, "of",
	    (json_int_t)s->of, "since", (json_int_t)s->held_since);
}

static json_t *
directory_json(struct directory *d)
{
	struct ldap_health h;
	struct ldap_store_status s;

	if (d == NULL)
		return json_null();
	directory_look(d, &h, &s);
	return json_pack("{s:s,s:I,s:I,s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o}",
	    "state", ldap_state_name(h.state),
	    "since", (json_int_t)h.since,
	    "live_at", (json_int_t)h.live_at,
	    "uri", h.uri,
	    "trouble", h.trouble,
	    "entries", (json_int_t)s.entries,
	    "values", (json_int_t)s.values,
	    "wrong", (json_int_t)s.wrong,
	    "saved", (json_int_t)s.saved,
	    "refreshes", (json_int_t)h.refreshes,
	    "messages", (json_int_t)h.messages,
	    "reconnects", (json_int_t)h.reconnects,
	    "held", held_json(&s));
}

/* All of it, to be freed; NULL when out of memory. */
static char *
describe(const struct status_file *f, const struct status_of *of)
{
	json_t *j = json_pack("{s:i,s:I,s:I,s:I,s:o,s:{s:I,s:I},s:{s:I,s:I},s:o}",
	    "version", 1,
	    "pid", (json_int_t)getpid(),
	    "born", status_birth(getpid()),
	    "started", (json_int_t)f->started,
	    "policy", policy_json(of->current),
	    "sessions",
	    "now", (json_int_t)atomic_load(&of->sessions->busy),
	    "total", (json_int_t)atomic_load(&of->sessions->total),
	    "audit",
	    "written", (json_int_t)audit_written(of->audit),
	    "lost", (json_int_t)audit_lost(of->audit),
	    "directory", directory_json(of->directory));
	char *text = j != NULL ? json_dumps(j, JSON_INDENT(1) |
	    JSON_ENSURE_ASCII) : NULL;

	json_decref(j);
	return text;
}

static int
write_text(const char *path, const char *text)
{
	struct new_file n;

	if (new_file_begin(&n, path, 0640) != 0)
		return -1;
	return new_file_end(&n, fprintf(n.to, "%s\n", text) > 0, false);
}

void
status_file_tick(struct status_file *f, const struct status_of *of)
{
	char *text;
	int failed;

	if (f->path == NULL || f->path[0] == '\0')
		return;
	text = describe(f, of);
	if (text == NULL || (f->last != NULL && strcmp(text, f->last) == 0)) {
		free(text);
		return;
	}
	failed = write_text(f->path, text);
	if (failed && !f->cannot_write)
		log_say("status_file: %s cannot be written: %s", f->path,
		    strerror(errno));
	f->cannot_write = failed != 0;
	if (failed) {
		free(text); /* the next time again */
		return;
	}
	free(f->last);
	f->last = text;
}

void
status_file_end(struct status_file *f)
{
	if (f->path != NULL && f->last != NULL)
		unlink(f->path);
	free(f->path);
	free(f->last);
	f->path = f->last = NULL;
}
