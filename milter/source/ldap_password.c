/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_password.h"

#include <errno.h>
#include <fcntl.h>
#include <ldap.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is wrong with the file that fd is, or NULL. */
static const char *
objection(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "not a regular file";
	if ((st.st_mode & S_IRWXO) != 0)
		return "others can read or write it: chmod 640 and a group of "
		    "its own, or 600";
	return NULL;
}

/* The length of the password in what was read, or 0 with *wrong told. */
static size_t
measure(const char *at, ssize_t got, const char **wrong)
{
	size_t n = got > 0 ? (size_t)got : 0;

	if (got < 0)
		*wrong = strerror(errno);
	else if (n == LDAP_PASSWORD_MAX)
		*wrong = "longer than any password";
	if (*wrong != NULL)
		return 0;
	if (n > 0 && at[n - 1] == '\n')
		n--;
	if (n > 0 && at[n - 1] == '\r')
		n--;
	if (memchr(at, '\n', n) != NULL)
		*wrong = "more than one line";
	else if (n == 0)
		*wrong = "it is empty";
	return *wrong == NULL ? n : 0;
}

size_t
ldap_password_read(const char *path, char *out, struct ldap_trouble *why)
{
	/* O_NONBLOCK: a fifo by mistake must not hold us up */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	const char *wrong = fd < 0 ? strerror(errno) : objection(fd);
	size_t n = 0;

	if (wrong == NULL)
		n = measure(out, read(fd, out, LDAP_PASSWORD_MAX), &wrong);
	if (fd >= 0)
		close(fd);
	if (wrong != NULL)
		ldap_trouble_say(why, LDAP_LOCAL_ERROR,
		    "ldap_password_file %s: %s", path, wrong);
	return n;
}
