/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/serve/privilege.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define DESCRIPTORS 8192

int
privilege_drop(const char *user, char *why, size_t cap)
{
	const struct passwd *pw;

	if (geteuid() != 0 || user[0] == '\0')
		return 0;
	errno = 0;
	pw = getpwnam(user); /* before any thread is started */
	if (pw == NULL) {
		snprintf(why, cap, "no such user: %s", user);
		return -1;
	}
	if (pw->pw_uid == 0) {
		snprintf(why, cap, "%s is root: name an ordinary user", user);
		return -1;
	}
	if (initgroups(user, pw->pw_gid) != 0 || setgid(pw->pw_gid) != 0 ||
	    setuid(pw->pw_uid) != 0) {
		snprintf(why, cap, "cannot become %s: %s", user,
		    strerror(errno));
		return -1;
	}
	if (setuid(0) == 0) {
		snprintf(why, cap, "could become root again");
		return -1;
	}
	return 0;
}

void
privilege_harden(void)
{
	struct rlimit none = { 0, 0 }, files;

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return;
	if (files.rlim_cur < DESCRIPTORS) {
		files.rlim_cur = files.rlim_max < DESCRIPTORS ?
		    files.rlim_max : DESCRIPTORS;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}
