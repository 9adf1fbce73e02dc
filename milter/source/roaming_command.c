/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "conf/policy_write.h"
#include "milter/log.h"
#include "milter/new_file.h"
#include "milter/source/file.h"
#include "milter/source/roaming.h"
#include "policy/escape.h"

static const char usage[] =
    "usage: relayguard roaming [-c FILE] add ADDRESS [--for TIME] [--note TEXT]\n"
    "       relayguard roaming [-c FILE] drop ADDRESS\n"
    "       relayguard roaming [-c FILE] list\n"
    "Clients that have logged in and may send mail anywhere for a while.\n"
    "  -c, --config FILE  default " CONF_DEFAULT_PATH "\n"
    "      --for TIME     30m (the default), 90s, 12h, at most 7d\n"
    "      --note TEXT    kept with the entry, for people\n"
    "add renews a client that is there.  The guard takes a change up within a\n"
    "second.  Exit: 0 done, 1 drop found nothing, 64 usage, 73 the file cannot\n"
    "be written, 78 mistakes in the configuration or the file.\n";

#define FOR_DEFAULT (30 * 60)
#define FOR_MAX (7 * 24 * 60 * 60)

struct order {
	const char *verb;
	const char *path; /* the file */
	struct ip client;
	time_t now;
	long seconds;
	const char *note;
};

/* ------------------------------------------------------------------- file */

/* Write one entry as a line; false when that fails. */
static bool
put(FILE *f, const struct policy_entry *e)
{
	char line[POLICY_LINE_MAX];

	return policy_write(e, line) == POLICY_WRITE_OK &&
	    fprintf(f, "%s\n", line) > 0;
}

static struct policy_entry
new_entry(const struct order *o)
{
	return (struct policy_entry){ .kind = POLICY_CLIENT,
		.network = { o->client, ip_width(o->client.family) },
		.until = o->now + o->seconds, .note = text_of(o->note) };
}

/* What stays of the old entries: neither over nor about this client. */
static bool
stays(const struct order *o, const struct policy_entry *e)
{
	return e->until > o->now &&
	    !ip_equal(&e->network.base, &o->client);
}

static bool
put_all(FILE *f, const struct order *o, const struct policy *old)
{
	struct policy_entry e;
	bool good = fputs("# written by \"relayguard roaming\"\n", f) >= 0;
	size_t i;

	for (i = 0; i < policy_entries(old) && good; i++) {
		policy_entry_at(old, i, &e);
		if (stays(o, &e))
			good = put(f, &e);
	}
	if (good && strcmp(o->verb, "add") == 0) {
		e = new_entry(o);
		good = put(f, &e);
	}
	return good;
}

/* Put a new file in the place of the old one; 0 or -1 with errno. */
static int
replace(const struct order *o, const struct policy *old)
{
	struct new_file n;

	/* we hold the lock */
	if (new_file_begin(&n, o->path, 0640) != 0)
		return -1;
	return new_file_end(&n, put_all(n.to, o, old), true);
}

/* One change at a time. */
static int
lock(const char *path)
{
	const int how = O_RDWR | O_CLOEXEC | O_NOFOLLOW;
	char name[PATH_MAX];
	int fd;

	snprintf(name, sizeof name, "%s.lock", path);
	/* given away only when made here: it could be a link to anything */
	fd = open(name, how | O_CREAT | O_EXCL, 0600);
	if (fd >= 0 && !new_file_hand_over(fd, path)) {
		close(fd);
		return -1;
	}
	if (fd < 0 && errno == EEXIST)
		fd = open(name, how);
	if (fd >= 0 && flock(fd, LOCK_EX) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* ------------------------------------------------------------------ verbs */

static int
list(const struct order *o, const struct policy *p)
{
	char ip[IP_TEXT_MAX], note[1024], until[POLICY_DATE_MAX];
	struct policy_entry e;
	size_t i;

	for (i = 0; i < policy_entries(p); i++) {
		policy_entry_at(p, i, &e);
		if (e.until <= o->now)
			continue;
		escape_text(e.note, note, sizeof note);
		policy_write_date(e.until, until);
		printf("%-15s  until %s (%lld min)%s%s\n",
		    ip_print(&e.network.base, ip), until,
		    (long long)(e.until - o->now + 59) / 60,
		    note[0] != '\0' ? "  " : "", note);
	}
	return EX_OK;
}

/* Is there a live entry of this client? */
static bool
is_there(const struct order *o, const struct policy *p)
{
	struct policy_entry e;

	return policy_find_client(p, &o->client, o->now, &e);
}

static int
change(const struct order *o, const struct policy *p)
{
	bool add = strcmp(o->verb, "add") == 0;

	if (add && policy_entries(p) >= ROAMING_MAX && !is_there(o, p)) {
		log_say("%s: %d clients are enough", o->path, ROAMING_MAX);
		return EX_CANTCREAT;
	}
	if (!add && !is_there(o, p))
		return 1;
	if (replace(o, p) == 0)
		return EX_OK;
	log_say("%s: cannot be written: %s", o->path, strerror(errno));
	return EX_CANTCREAT;
}

static int
carry_out(struct order *o)
{
	bool reads = strcmp(o->verb, "list") == 0;
	int fd = reads ? -1 : lock(o->path), status = EX_CONFIG;
	struct complaints c = { 0 };
	struct policy *p;

	if (!reads && fd < 0) {
		log_say("%s.lock: %s", o->path, strerror(errno));
		return EX_CANTCREAT;
	}
	p = roaming_read(o->path, &c);
	log_complaints(&c);
	o->now = time(NULL);
	if (p != NULL)
		status = reads ? list(o, p) : change(o, p);
	policy_free(p);
	complaints_free(&c);
	if (fd >= 0)
		close(fd);
	return status;
}

/* ---------------------------------------------------------------- options */

/* "90s", "30m", "12h", "7d" in seconds; 0 when it is none of these. */
static long
read_time(const char *s)
{
	static const char units[] = "smhd";
	static const long worth[] = { 1, 60, 3600, 86400 };
	char *end;
	long n = strtol(s, &end, 10);
	const char *unit = *end != '\0' ? strchr(units, *end) : NULL;

	if (s[0] < '1' || s[0] > '9' || unit == NULL || end[1] != '\0' ||
	    n > FOR_MAX)
		return 0;
	n *= worth[unit - units];
	return n <= FOR_MAX ? n : 0;
}

/* The client's address: not this machine, which may always. */
static bool
read_client(struct order *o, const char *s)
{
	if (ip_parse(text_of(s), &o->client) && !ip_is_loopback(&o->client))
		return true;
	fprintf(stderr, "roaming: %s: not the address of a client\n", s);
	return false;
}

/* Does the note fit into its quotes? */
static bool
is_note(const char *s)
{
	struct text note = text_of(s);

	if (note.n <= 200 && text_find(note, '"') == note.n &&
	    line_is_clean(note, "", 0, NULL))
		return true;
	fputs("roaming: --note takes up to 200 bytes without double quotes and "
	    "control characters\n", stderr);
	return false;
}

/* The words behind the options; false with a message. */
static bool
read_words(struct order *o, int n, char **word)
{
	if (n == 1 && strcmp(word[0], "list") == 0) {
		o->verb = word[0];
		return true;
	}
	if (n != 2 || (strcmp(word[0], "add") != 0 &&
	    strcmp(word[0], "drop") != 0)) {
		fputs(usage, stderr);
		return false;
	}
	o->verb = word[0];
	return read_client(o, word[1]);
}

static int
run(const char *conf_path, struct order *o)
{
	struct complaints c = { 0 };
	struct conf *conf = file_conf(conf_path, &c);
	int status = EX_CONFIG;

	log_complaints(&c);
	complaints_free(&c);
	if (conf != NULL && conf->roaming_file[0] == '\0') {
		log_say("roaming_file is switched off");
	} else if (conf != NULL) {
		o->path = conf->roaming_file;
		status = carry_out(o);
	}
	conf_free(conf);
	return status;
}

int
roaming_command(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "for", required_argument, NULL, 'f' },
		{ "note", required_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct order o = { .seconds = FOR_DEFAULT, .note = "" };
	const char *conf_path = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		switch (option) {
		case 'c': conf_path = optarg; break;
		case 'f': o.seconds = read_time(optarg); break;
		case 'n': o.note = optarg; break;
		case 'h': fputs(usage, stdout); return EX_OK;
		default: fputs(usage, stderr); return EX_USAGE;
		}
	}
	if (o.seconds == 0)
		fputs("roaming: --for takes 90s, 30m, 12h, at most 7d\n",
		    stderr);
	if (o.seconds == 0 || !is_note(o.note) ||
	    !read_words(&o, argc - optind, argv + optind))
		return EX_USAGE;
	return run(conf_path, &o);
}
