/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/status_read.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "milter/bytes.h"

const json_t *
status_at(const json_t *status, const char *path)
{
	char name[64];
	size_t n;

	while (status != NULL && *path != '\0') {
		n = strcspn(path, ".");
		if (n >= sizeof name)
			return NULL;
		memcpy(name, path, n);
		name[n] = '\0';
		status = json_object_get(status, name);
		path += path[n] == '.' ? n + 1 : n;
	}
	return status != NULL && json_is_null(status) ? NULL : status;
}

json_int_t
status_number(const json_t *status, const char *path)
{
	return json_integer_value(status_at(status, path));
}

const char *
status_text(const json_t *status, const char *path)
{
	const char *s = json_string_value(status_at(status, path));

	return s != NULL ? s : "";
}

/* Does the process that wrote it live? */
static bool
is_alive(const json_t *status)
{
	json_int_t pid = status_number(status, "pid");

	return pid > 0 && pid <= INT32_MAX &&
	    (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

json_t *
status_read(const struct conf *conf, struct complaints *c)
{
	const char *path = conf->status_file;
	struct bytes b;
	json_t *j;

	if (path[0] == '\0') {
		complaint_add(c, COMPLAINT_ERROR, "status_file", 0,
		    "is switched off");
		return NULL;
	}
	if (bytes_read(path, &b) != 0) {
		complaint_add(c, COMPLAINT_ERROR, path, 0, "%s",
		    errno == ENOENT ? "not there: the guard does not run" :
		    bytes_trouble(errno));
		return NULL;
	}
	j = json_loadb(b.at, b.n, 0, NULL);
	free(b.at);
	if (j != NULL && is_alive(j))
		return j;
	complaint_add(c, COMPLAINT_ERROR, path, 0, j == NULL ?
	    "not what a guard writes" :
	    "the guard that wrote it does not run any more");
	json_decref(j);
	return NULL;
}
