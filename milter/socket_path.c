/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/socket_path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

const char *
socket_path_of(const char *socket)
{
	static const char *const prefixes[] = { "unix:", "local:" };
	size_t i, n;

	for (i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
		n = strlen(prefixes[i]);
		if (strncmp(socket, prefixes[i], n) == 0)
			return socket + n;
	}
	return socket[0] == '/' ? socket : NULL;
}

/* One directory of the way: sendmail's rule, safefile(3) in its sources. */
static enum socket_place
directory_place(const char *dir, const char *path, char *why, size_t cap)
{
	struct stat st;

	if (stat(dir, &st) != 0) {
		enum socket_place place = errno == ENOENT ? SOCKET_ABSENT :
		    SOCKET_UNSAFE;

		snprintf(why, cap, "%s: %s", dir, strerror(errno));
		return place;
	}
	if (!S_ISDIR(st.st_mode)) {
		snprintf(why, cap, "%s: not a directory", dir);
		return SOCKET_UNSAFE;
	}
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) == 0)
		return SOCKET_SAFE;
	snprintf(why, cap, "%s is %s writable; sendmail would say: local "
	    "socket name %s unsafe: %s writable directory", dir,
	    st.st_mode & S_IWOTH ? "world" : "group", path,
	    st.st_mode & S_IWOTH ? "World" : "Group");
	return SOCKET_UNSAFE;
}

enum socket_place
socket_path_place(const char *path, char *why, size_t cap)
{
	enum socket_place place;
	char dir[PATH_MAX];
	size_t i;

	if (path[0] != '/' || strlen(path) >= sizeof dir) {
		snprintf(why, cap, "%s: not an absolute path", path);
		return SOCKET_UNSAFE;
	}
	place = directory_place("/", path, why, cap);
	for (i = 1; place == SOCKET_SAFE && path[i] != '\0'; i++) {
		if (path[i] != '/')
			continue;
		memcpy(dir, path, i);
		dir[i] = '\0';
		place = directory_place(dir, path, why, cap);
	}
	return place;
}

int
socket_path_lock(const char *path, char *why, size_t cap)
{
	char lock[PATH_MAX];
	int fd;

	snprintf(lock, sizeof lock, "%s.lock", path);
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		snprintf(why, cap, "%s: %s", lock, strerror(errno));
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	if (errno == EWOULDBLOCK)
		snprintf(why, cap, "%s is in use by another relayguard", path);
	else
		snprintf(why, cap, "%s: %s", lock, strerror(errno));
	close(fd);
	return -1;
}
