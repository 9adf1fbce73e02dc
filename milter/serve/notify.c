/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/serve/notify.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

void
notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char message[128];
	struct timespec now;
	size_t n;
	int fd;

	if (path == NULL || (n = strlen(path)) < 2 || n >= sizeof to.sun_path)
		return;
	memcpy(to.sun_path, path, n);
	if (to.sun_path[0] == '@')
		to.sun_path[0] = '\0'; /* the abstract namespace */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	/* Type=notify-reload wants the time with RELOADING=1 */
	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(message, sizeof message, "%s\nMONOTONIC_USEC=%lld", state,
	    (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	sendto(fd, message, strlen(message), MSG_NOSIGNAL,
	    (const struct sockaddr *)&to,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
	close(fd);
}

unsigned
notify_watchdog_seconds(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	unsigned long long n = usec != NULL ? strtoull(usec, NULL, 10) : 0;

	if (n == 0)
		return 0;
	return n < 2000000 ? 1 : (unsigned)(n / 2000000);
}
