/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/status_read.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
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

#define BIRTH_FIELD 22 /* proc(5): starttime */

json_int_t
status_birth(json_int_t pid)
{
	char path[64], line[1024], *at;
	size_t got;
	int field;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%" JSON_INTEGER_FORMAT "/stat", pid);
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	got = fread(line, 1, sizeof line - 1, f);
	fclose(f);
	line[got] = '\0';
	/* the name, in brackets, may hold blanks and brackets */
	at = strrchr(line, ')');
	for (field = 2; at != NULL && field < BIRTH_FIELD; field++)
		at = strchr(at + 1, ' ');
	return at != NULL ? strtoll(at, NULL, 10) : 0;
}

/* Does the process that wrote it live?  Where /proc tells, the very same. */
static bool
is_alive(const json_t *status)
{
	json_int_t pid = status_number(status, "pid");
	json_int_t born = status_number(status, "born"), now;

	if (pid <= 0 || pid > INT32_MAX ||
	    (kill((pid_t)pid, 0) != 0 && errno != EPERM))
		return false;
	now = status_birth(pid);
	return born == 0 || now == 0 || born == now;
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
