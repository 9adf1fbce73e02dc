/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fqdn.c - preloaded into the tests' sendmail, so that it needs nothing of
 * the machine and reaches nothing outside it:
 *   gethostname, uname   the name in $LAB_HOSTNAME: without a dot in its own
 *                        name sendmail sleeps for a minute at start;
 *   syslog               lines appended to the file $LAB_SYSLOG: a chroot
 *                        has no /dev/log;
 *   gethostby*, res_*    no DNS at all.  127.0.0.1 is localhost, the own name
 *                        is 127.0.0.1, anything else is "no such host";
 *   accept, getpeername  clients that are far away: one at 127.198.51.N seems
 *                        to be at 198.51.100.N, one at 127.192.0.N at
 *                        192.0.2.N.
 *
 * sendmail wipes its environment at start, so it is read before main().
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

static char host_name[64]; /* fits struct utsname */
static char log_file[1024];

__attribute__((constructor)) static void
read_environment(void)
{
	const char *name = getenv("LAB_HOSTNAME");
	const char *file = getenv("LAB_SYSLOG");

	snprintf(host_name, sizeof host_name, "%s", name ? name : "localhost");
	snprintf(log_file, sizeof log_file, "%s", file ? file : "/dev/null");
}

/* ---- the own name ------------------------------------------------------ */

int
gethostname(char *buf, size_t size)
{
	if (strlen(host_name) >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(buf, host_name);
	return 0;
}

int
uname(struct utsname *u)
{
	if (syscall(SYS_uname, u) != 0)
		return -1;
	snprintf(u->nodename, sizeof u->nodename, "%s", host_name);
	return 0;
}

/* ---- syslog into a file: one write a line, so processes do not mix ------ */

static void
append(const char *format, va_list args)
{
	char text[4000], stamp[32];
	int fd, caller_errno = errno; /* for %m, and syslog keeps it */
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(stamp, sizeof stamp, "%b %e %H:%M:%S", &tm);
	errno = caller_errno;
	vsnprintf(text, sizeof text, format, args);
	fd = open(log_file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	if (fd >= 0) {
		dprintf(
		    fd, "%s mx sendmail[%d]: %s\n", stamp, (int)getpid(), text);
		close(fd);
	}
	errno = caller_errno;
}

/* what a program built without _FORTIFY_SOURCE calls ... */
void
syslog(int priority, const char *format, ...)
{
	va_list args;

	(void)priority;
	va_start(args, format);
	append(format, args);
	va_end(args);
}

/* ... and what one built with it calls */
void __syslog_chk(int priority, int flag, const char *format, ...);

void
__syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list args;

	(void)priority;
	(void)flag;
	va_start(args, format);
	append(format, args);
	va_end(args);
}

void
openlog(const char *ident, int option, int facility)
{
	(void)ident;
	(void)option;
	(void)facility;
}

/* ---- clients ------------------------------------------------------------- */

static void
move_away(struct sockaddr *address)
{
	struct sockaddr_in in;
	in_addr_t at, net, last;

	if (address == NULL || address->sa_family != AF_INET)
		return;
	memcpy(&in, address, sizeof in);
	at = ntohl(in.sin_addr.s_addr);
	net = at >> 8;
	last = at & 0xff;
	if (net == 0x7fc633)      /* 127.198.51 */
		in.sin_addr.s_addr = htonl(0xc6336400 | last);
	else if (net == 0x7fc000) /* 127.192.0 */
		in.sin_addr.s_addr = htonl(0xc0000200 | last);
	memcpy(address, &in, sizeof in);
}

int
accept(int fd, struct sockaddr *address, socklen_t *size)
{
	int result = (int)syscall(SYS_accept, fd, address, size);

	if (result >= 0)
		move_away(address);
	return result;
}

int
getpeername(int fd, struct sockaddr *address, socklen_t *size)
{
	int result = (int)syscall(SYS_getpeername, fd, address, size);

	if (result == 0)
		move_away(address);
	return result;
}

/* ---- no DNS -------------------------------------------------------------- */

/* One static answer, as the real calls give; sendmail has no threads. */
static struct hostent *
loopback(const char *name)
{
	static struct in_addr addr;
	static char *addrs[2], *aliases[1], answer[64];
	static struct hostent h;

	addr.s_addr = htonl(INADDR_LOOPBACK);
	addrs[0] = (char *)&addr;
	snprintf(answer, sizeof answer, "%s", name);
	h.h_name = answer;
	h.h_aliases = aliases;
	h.h_addrtype = AF_INET;
	h.h_length = sizeof addr;
	h.h_addr_list = addrs;
	return &h;
}

struct hostent *
gethostbyname2(const char *name, int family)
{
	size_t n = strlen(name);

	if (n > 0 && name[n - 1] == '.')
		n--;
	if (family == AF_INET && n == strlen(host_name) &&
	    strncasecmp(name, host_name, n) == 0)
		return loopback(host_name);
	if (family == AF_INET && n == 9 &&
	    strncasecmp(name, "localhost", 9) == 0)
		return loopback("localhost");
	h_errno = HOST_NOT_FOUND;
	return NULL;
}

struct hostent *
gethostbyname(const char *name)
{
	return gethostbyname2(name, AF_INET);
}

struct hostent *
gethostbyaddr(const void *addr, socklen_t len, int family)
{
	struct in_addr a;

	if (family == AF_INET && len == sizeof a) {
		memcpy(&a, addr, sizeof a);
		if (a.s_addr == htonl(INADDR_LOOPBACK))
			return loopback("localhost");
	}
	h_errno = HOST_NOT_FOUND;
	return NULL;
}

static int
no_dns(void)
{
	h_errno = HOST_NOT_FOUND;
	return -1;
}

/* The names under which libc's resolver is linked have changed over time;
 * these are the plain ones and those of glibc before 2.34. */
#define NO_DNS(name)                                                           \
	int name(const char *, int, int, unsigned char *, int);                \
	int name(const char *host, int class, int type, unsigned char *buf,    \
	    int size)                                                          \
	{                                                                      \
		(void)host, (void)class, (void)type, (void)buf, (void)size;    \
		return no_dns();                                               \
	}
#define NO_DNS_DOMAIN(name)                                                    \
	int name(const char *, const char *, int, int, unsigned char *, int);  \
	int name(const char *host, const char *domain, int class, int type,    \
	    unsigned char *buf, int size)                                      \
	{                                                                      \
		(void)host, (void)domain, (void)class, (void)type;             \
		(void)buf, (void)size;                                         \
		return no_dns();                                               \
	}
NO_DNS(res_query)
NO_DNS(res_search)
NO_DNS(__res_query)
NO_DNS(__res_search)
NO_DNS_DOMAIN(res_querydomain)
NO_DNS_DOMAIN(__res_querydomain)
