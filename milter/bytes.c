/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *
bytes_trouble(int error)
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
	if (st.st_size > (off_t)BYTES_MAX) {
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
int
bytes_read(const char *path, struct bytes *out)
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
