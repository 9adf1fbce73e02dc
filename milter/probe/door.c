/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/door.h"

#include <netdb.h>
#include <stdio.h>
#include <sys/un.h>

#include "milter/socket_path.h"

#define NAME_MAX_ 256

/* "inet:PORT@HOST" or "inet6:PORT@HOST"; false when it is not so. */
static bool
split_inet(const char *socket, char port[NAME_MAX_], char host[NAME_MAX_])
{
	struct text t = text_of(socket);
	size_t at = text_find(t, '@');
	struct text p, h = text_cut(t, at < t.n ? at + 1 : t.n, t.n);

	if (text_begins(t, TEXT("inet6:")))
		p = text_cut(t, 6, at);
	else if (text_begins(t, TEXT("inet:")))
		p = text_cut(t, 5, at);
	else
		return false;
	if (p.n == 0 || h.n == 0 || p.n >= NAME_MAX_ || h.n >= NAME_MAX_)
		return false;
	snprintf(port, NAME_MAX_, "%.*s", (int)p.n, p.at);
	snprintf(host, NAME_MAX_, "%.*s", (int)h.n, h.at);
	return true;
}

const char *
door_check(const char *socket)
{
	char port[NAME_MAX_], host[NAME_MAX_];
	struct sockaddr_un un;
	const char *path = socket_path_of(socket);

	if (path == NULL)
		return split_inet(socket, port, host) ? NULL :
		    "unix:PATH or inet:PORT@HOST";
	return path[0] != '\0' && strlen(path) < sizeof un.sun_path ? NULL :
	    "a path of 1 to 107 bytes";
}

static enum smtp_status
connect_inet(const struct door *d, struct stream *s)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
	char port[NAME_MAX_], host[NAME_MAX_];
	enum smtp_status st;

	if (!split_inet(d->socket, port, host) ||
	    getaddrinfo(host, port, &hints, &list) != 0)
		return SMTP_UNREACHABLE;
	st = stream_connect(s, list->ai_addr, list->ai_addrlen, NULL, 0);
	freeaddrinfo(list);
	return st;
}

enum smtp_status
door_connect(const struct door *d, struct stream *s)
{
	union {
		struct sockaddr sa;
		struct sockaddr_un un;
	} to = { .un = { .sun_family = AF_UNIX } };
	const char *path = socket_path_of(d->socket);

	if (path == NULL)
		return connect_inet(d, s);
	snprintf(to.un.sun_path, sizeof to.un.sun_path, "%s", path);
	return stream_connect(s, &to.sa, sizeof to.un, NULL, 0);
}

void
door_init(struct door *d, enum probe_door kind, const char *socket,
    const struct probe_names *names)
{
	*d = (struct door){ .socket = socket, .names = names,
		.smtp = kind == DOOR_MAP ? door_map : door_milter };
}

struct text
door_argument(const char *line, const char *command)
{
	struct text t = text_of(line), c = text_of(command);

	return text_begins(t, c) ? text_trim(text_cut(t, c.n, t.n)) :
	    TEXT("");
}
