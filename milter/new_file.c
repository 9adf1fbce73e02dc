/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The folder of an absolute path. */
static void
folder_of(const char *path, char out[PATH_MAX])
{
	char *slash;

	snprintf(out, PATH_MAX, "%s", path);
	slash = strrchr(out, '/');
	slash[slash == out] = '\0';
}

bool
new_file_hand_over(int fd, const char *path)
{
	struct stat folder;
	char dir[PATH_MAX];

	if (geteuid() != 0)
		return true;
	folder_of(path, dir);
	return stat(dir, &folder) == 0 &&
	    fchown(fd, folder.st_uid, folder.st_gid) == 0;
}

int
new_file_begin(struct new_file *n, const char *path, mode_t mode)
{
	int fd;

	n->path = path;
	if ((size_t)snprintf(n->fresh, sizeof n->fresh, "%s.new", path) >=
	    sizeof n->fresh) {
		errno = ENAMETOOLONG;
		return -1;
	}
	unlink(n->fresh); /* left by one that was killed */
	fd = open(n->fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, mode);
	if (fd < 0)
		return -1;
	n->to = fdopen(fd, "w");
	if (n->to != NULL)
		return 0;
	close(fd);
	unlink(n->fresh);
	return -1;
}

/* The rename itself has to reach the disk, too. */
static void
sync_folder(const char *path)
{
	char dir[PATH_MAX];
	int fd;

	folder_of(path, dir);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

int
new_file_end(struct new_file *n, bool good, bool durable)
{
	int fd = fileno(n->to), error = 0;

	errno = 0;
	if (!good || fflush(n->to) != 0 || ferror(n->to) != 0 ||
	    (durable && fsync(fd) != 0) || !new_file_hand_over(fd, n->path) ||
	    rename(n->fresh, n->path) != 0) {
		error = errno != 0 ? errno : EIO;
		unlink(n->fresh);
	} else if (durable) {
		sync_folder(n->path);
	}
	fclose(n->to);
	errno = error;
	return error == 0 ? 0 : -1;
}
