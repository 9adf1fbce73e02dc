/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/serve/socket_claim.h"

#include <sysexits.h>

#include "milter/log.h"
#include "milter/socket_path.h"

int
socket_claim(const char *option, const char *socket, int *lock)
{
	const char *path = socket_path_of(socket);
	char why[1024];

	if (path == NULL)
		return EX_OK; /* inet or fd: no path to look after */
	if (socket_path_place(path, why, sizeof why) != SOCKET_SAFE) {
		log_say("%s: %s", option, why);
		return EX_CONFIG;
	}
	*lock = socket_path_lock(path, why, sizeof why);
	if (*lock < 0) {
		log_say("%s: %s", option, why);
		return EX_UNAVAILABLE;
	}
	return EX_OK;
}
