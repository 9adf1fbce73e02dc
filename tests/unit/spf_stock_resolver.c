/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/spf_stock_resolver.h"

#include <sys/types.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <dlfcn.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>

static struct sockaddr_in server;

bool
spf_stock_resolver_set(const char *words)
{
	const char *colon = strchr(words, ':');
	char address[INET_ADDRSTRLEN];

	if (colon == NULL || (size_t)(colon - words) >= sizeof address)
		return false;
	memcpy(address, words, (size_t)(colon - words));
	address[colon - words] = '\0';
	server = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(colon + 1)) };
	return inet_pton(AF_INET, address, &server.sin_addr) == 1;
}

/* Before libc's, for all that is linked in: libspf2 calls it in each thread. */
int
res_ninit(res_state state)
{
	int (*of_libc)(res_state);
	void *found = dlsym(RTLD_NEXT, "__res_ninit");
	int result;

	memcpy(&of_libc, &found, sizeof of_libc);
	result = of_libc(state);
	if (result == 0 && server.sin_port != 0) {
		state->nscount = 1;
		state->nsaddr_list[0] = server;
		state->retrans = 2;
		state->retry = 1;
	}
	return result;
}
