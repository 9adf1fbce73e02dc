/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * new_file.h - a file that takes the place of an older one as a whole: written
 * beside it under another name, then renamed.  Whoever reads gets the old one
 * or the new one, whatever happens in between.
 */
#ifndef MILTER_NEW_FILE_H
#define MILTER_NEW_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

struct new_file {
	FILE *to; /* write here */
	const char *path; /* borrowed */
	char fresh[PATH_MAX];
};

/*
 * Start one for this absolute path; 0, or -1 with errno.  One at a time for
 * each path: what an earlier one left half written is removed.
 */
int new_file_begin(struct new_file *n, const char *path, mode_t mode);

/* What root makes in a folder belongs to the folder's owner; false: errno. */
bool new_file_hand_over(int fd, const char *path);

/*
 * good: put it in place, else drop it.  durable: not before it is on the disk.
 * 0, or -1 with errno and the old one still there.
 */
int new_file_end(struct new_file *n, bool good, bool durable);

#endif
