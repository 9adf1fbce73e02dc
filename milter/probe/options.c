/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sysexits.h>

#include "milter/probe/door.h"
#include "milter/probe/prove.h"
#include "policy/escape.h"

#ifndef RELAYGUARD_VERSION
#define RELAYGUARD_VERSION "unknown"
#endif

#define TIMEOUT_DEFAULT 30
#define TIMEOUT_MAX 600
#define TOTAL_MAX 86400
#define RATE_MAX 1000
#define WAIT_DEFAULT 10

/* Say what is wrong with the command line. */
__attribute__((format(printf, 1, 2))) static int
wrong(const char *format, ...)
{
	va_list ap;

	fputs("relayguard probe: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputs("\nTry 'relayguard probe --help'.\n", stderr);
	return EX_USAGE;
}

static int
wrong_value(const char *option, const char *value, const char *want)
{
	char shown[200];

	escape_text(text_of(value), shown, sizeof shown);
	return wrong("%s: '%s' is not %s", option, shown, want);
}

static int
wrong_option(const char *option, bool known)
{
	char shown[200];

	escape_text(text_of(option), shown, sizeof shown);
	return wrong(known ? "%s needs a value" : "no option %s, or not so",
	    shown);
}

static int
take_ip(const char *option, const char *value, struct ip *out)
{
	return ip_parse(text_of(value), out) ? OPTIONS_GO_ON :
	    wrong_value(option, value, "an IP address");
}

static int
take_domain(const char *option, const char *value, char *out)
{
	size_t n = domain_fold(text_of(value), out);

	out[n] = '\0';
	return n > 0 ? OPTIONS_GO_ON :
	    wrong_value(option, value, "a host name");
}

/* One domain is for both sides; the second is the tester's own. */
static int
take_to(struct probe_options *o, const char *value)
{
	struct probe_names *names = &o->names;
	int code;

	if (o->n_to >= 2)
		return wrong("--to: at most two domains");
	code = take_domain("--to", value, names->tester);
	if (o->n_to++ == 0)
		memcpy(names->foreign, names->tester, sizeof names->foreign);
	return code;
}

static int
take_local(struct probe_options *o, const char *value)
{
	struct text t = text_trim(text_of(value));
	size_t i;

	if (t.n > 2 && t.at[0] == '<' && t.at[t.n - 1] == '>')
		t = text_cut(t, 1, t.n - 1);
	if (t.n == 0 || t.n >= sizeof o->names.local)
		return wrong_value("--local-user", value, "an address");
	for (i = 0; i < t.n; i++)
		if (t.at[i] <= ' ' || t.at[i] > '~' || t.at[i] == '<' ||
		    t.at[i] == '>')
			return wrong_value("--local-user", value,
			    "one plain address");
	memcpy(o->names.local, t.at, t.n);
	o->names.local[t.n] = '\0';
	o->local_given = true;
	return OPTIONS_GO_ON;
}

static int
take_door(struct probe_options *o, const char *option, enum probe_door door,
    const char *value)
{
	const char *bad = door_check(value);

	if (bad != NULL)
		return wrong_value(option, value, bad);
	if (o->door != DOOR_SMTP)
		return wrong("--milter or --map, not both");
	o->door = door;
	o->socket = value;
	return OPTIONS_GO_ON;
}

static int
take_number(const char *option, const char *value, int least, int most,
    int *out)
{
	char *end, want[80];
	long n = strtol(value, &end, 10);

	snprintf(want, sizeof want, "a number between %d and %d", least,
	    most);
	if (end == value || *end != '\0' || n < least || n > most)
		return wrong_value(option, value, want);
	*out = (int)n;
	return OPTIONS_GO_ON;
}

static int
take_catch(struct probe_options *o, const char *value)
{
	return target_parse(value, &o->catch) == NULL &&
	    o->catch.address.family != IP_NONE ? OPTIONS_GO_ON :
	    wrong_value("--catch", value, "ADDRESS:PORT");
}

static int
take_tls(struct probe_options *o, enum tls_use use)
{
	if (o->tls.use != TLS_NONE && o->tls.use != use)
		return wrong("--tls or --starttls, not both");
	o->tls.use = use;
	return OPTIONS_GO_ON;
}

enum option_key {
	KEY_SOURCE = 256,
	KEY_PROFILE,
	KEY_LIST,
	KEY_RELAY,
	KEY_FORMAT,
	KEY_COMPARE,
	KEY_KEEP,
	KEY_ADVICE,
	KEY_MILTER,
	KEY_MAP,
	KEY_NAME,
	KEY_LITERAL,
	KEY_LOCAL,
	KEY_TO,
	KEY_TIMEOUT,
	KEY_TOTAL,
	KEY_RATE,
	KEY_STARTTLS,
	KEY_TLS,
	KEY_VERIFY,
	KEY_CA,
	KEY_PROVE,
	KEY_CATCH,
	KEY_WAIT,
	KEY_NO_COLOR,
	KEY_HELP,
	KEY_VERSION
};

static const struct option long_options[] = {
	{ "source", required_argument, NULL, KEY_SOURCE },
	{ "profile", required_argument, NULL, KEY_PROFILE },
	{ "list", no_argument, NULL, KEY_LIST },
	{ "relay-domain", required_argument, NULL, KEY_RELAY },
	{ "format", required_argument, NULL, KEY_FORMAT },
	{ "compare", required_argument, NULL, KEY_COMPARE },
	{ "keep", required_argument, NULL, KEY_KEEP },
	{ "advice", no_argument, NULL, KEY_ADVICE },
	{ "milter", required_argument, NULL, KEY_MILTER },
	{ "map", required_argument, NULL, KEY_MAP },
	{ "name", required_argument, NULL, KEY_NAME },
	{ "literal", required_argument, NULL, KEY_LITERAL },
	{ "local-user", required_argument, NULL, KEY_LOCAL },
	{ "to", required_argument, NULL, KEY_TO },
	{ "timeout", required_argument, NULL, KEY_TIMEOUT },
	{ "total", required_argument, NULL, KEY_TOTAL },
	{ "rate", required_argument, NULL, KEY_RATE },
	{ "starttls", no_argument, NULL, KEY_STARTTLS },
	{ "tls", no_argument, NULL, KEY_TLS },
	{ "verify", no_argument, NULL, KEY_VERIFY },
	{ "ca", required_argument, NULL, KEY_CA },
	{ "prove", no_argument, NULL, KEY_PROVE },
	{ "catch", required_argument, NULL, KEY_CATCH },
	{ "wait", required_argument, NULL, KEY_WAIT },
	{ "no-color", no_argument, NULL, KEY_NO_COLOR },
	{ "verbose", no_argument, NULL, 'v' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, KEY_HELP },
	{ "version", no_argument, NULL, KEY_VERSION },
	{ NULL, 0, NULL, 0 },
};

/* One without. */
static int
take_switch(struct probe_options *o, int key)
{
	switch (key) {
	case KEY_ADVICE:
		o->advice = true;
		return OPTIONS_GO_ON;
	case KEY_LIST:
		o->list = true;
		return OPTIONS_GO_ON;
	case KEY_STARTTLS:
		return take_tls(o, TLS_STARTTLS);
	case KEY_TLS:
		return take_tls(o, TLS_AT_ONCE);
	case KEY_VERIFY:
		o->tls.insist = true;
		return OPTIONS_GO_ON;
	case KEY_PROVE:
		o->prove = true;
		return OPTIONS_GO_ON;
	case KEY_NO_COLOR:
		o->no_colour = true;
		return OPTIONS_GO_ON;
	case 'v':
		o->dialogue = DIALOGUE_ALL;
		return OPTIONS_GO_ON;
	case 'q':
		o->brief = o->dialogue == DIALOGUE_NONE;
		o->dialogue = DIALOGUE_NONE;
		return OPTIONS_GO_ON;
	case KEY_HELP:
		fputs(options_usage, stdout);
		return EX_OK;
	case KEY_VERSION:
		puts("relayguard " RELAYGUARD_VERSION);
		return EX_OK;
	}
	return EX_USAGE;
}

/* An option with a value. */
static int
take_option(struct probe_options *o, int key, const char *value)
{
	switch (key) {
	case KEY_SOURCE:
		return take_ip("--source", value, &o->source);
	case KEY_PROFILE:
		return profile_find(value, &o->profile) ? OPTIONS_GO_ON :
		    wrong_value("--profile", value,
		    "one of: paper, classic, gateway, full");
	case KEY_FORMAT:
		return report_find(value, &o->format) ? OPTIONS_GO_ON :
		    wrong_value("--format", value,
		    "one of: " REPORT_FORMATS);
	case KEY_COMPARE:
		o->compare = value;
		return OPTIONS_GO_ON;
	case KEY_KEEP:
		o->keep = value;
		return value[0] == '/' ? OPTIONS_GO_ON :
		    wrong_value("--keep", value, "an absolute path");
	case KEY_RELAY:
		return take_domain("--relay-domain", value, o->names.relay);
	case KEY_MILTER:
		return take_door(o, "--milter", DOOR_MILTER, value);
	case KEY_MAP:
		return take_door(o, "--map", DOOR_MAP, value);
	case KEY_NAME:
		return take_domain("--name", value, o->names.server);
	case KEY_LITERAL:
		return take_ip("--literal", value, &o->literal);
	case KEY_LOCAL:
		return take_local(o, value);
	case KEY_TO:
		return take_to(o, value);
	case KEY_TIMEOUT:
		return take_number("--timeout", value, 1, TIMEOUT_MAX,
		    &o->timeout_s);
	case KEY_TOTAL:
		return take_number("--total", value, 1, TOTAL_MAX,
		    &o->total_s);
	case KEY_RATE:
		return take_number("--rate", value, 0, RATE_MAX, &o->rate);
	case KEY_CA:
		o->tls.ca_file = value;
		return OPTIONS_GO_ON;
	case KEY_CATCH:
		return take_catch(o, value);
	case KEY_WAIT:
		return take_number("--wait", value, 1, TIMEOUT_MAX,
		    &o->wait_s);
	}
	return take_switch(o, key);
}

static const struct probe_options options_default = {
	.timeout_s = TIMEOUT_DEFAULT,
	.rate = -1,
	.wait_s = WAIT_DEFAULT,
	.names = { .tester = "relayguard-probe.example",
	    .foreign = "relayguard-other.example",
	    .third = "relayguard-third.example" },
};

static int
check_tls(struct probe_options *o)
{
	if (o->tls.use == TLS_NONE && (o->tls.insist || o->tls.ca_file != NULL))
		return wrong("--verify and --ca go with --tls or --starttls");
	if (o->tls.use != TLS_NONE && o->door != DOOR_SMTP)
		return wrong("the doors speak no TLS");
	if (o->tls.use == TLS_AT_ONCE && o->target.usual_port)
		o->target.port = 465;
	o->tls.host = o->target.host;
	return OPTIONS_GO_ON;
}

static int
check_prove(const struct probe_options *o)
{
	const char *bad;

	if (o->prove && o->door != DOOR_SMTP)
		return wrong("--prove needs a mail server, not a door");
	if (!o->prove)
		return o->catch.port == 0 ? OPTIONS_GO_ON :
		    wrong("--catch goes with --prove");
	if (o->catch.port == 0)
		return wrong("--prove needs --catch ADDRESS:PORT, the next hop "
		    "of the server");
	bad = prove_objection(&o->names, &o->literal, &o->target.address);
	return bad == NULL ? OPTIONS_GO_ON : wrong("--prove: %s; messages go "
	    "to reserved names only (RFC 2606: .test, .example, .invalid)",
	    bad);
}

int
options_read(struct probe_options *o, int argc, char **argv)
{
	const char *host = "localhost", *bad;
	int key, code;

	*o = options_default;
	optind = 0; /* GNU: start afresh */
	opterr = 0;
	while ((key = getopt_long(argc, argv, ":vq", long_options, NULL)) !=
	    -1) {
		if (key == '?' || key == ':')
			return wrong_option(argv[optind - 1], key == ':');
		code = take_option(o, key, optarg);
		if (code != OPTIONS_GO_ON)
			return code;
	}
	if (o->profile == PROFILE_GATEWAY && !o->list &&
	    o->names.relay[0] == '\0')
		return wrong("--profile gateway needs --relay-domain");
	if (o->list && o->format != FORMAT_TEXT && o->format != FORMAT_JSON)
		return wrong("--list is printed as text or json");
	if (o->door != DOOR_SMTP && optind < argc)
		return wrong("a door has no HOST: --name tells the server's");
	if (argc - optind > 1)
		return wrong("one HOST[:PORT] at a time");
	if (optind < argc)
		host = argv[optind];
	bad = target_parse(host, &o->target);
	if (bad != NULL) {
		char shown[200];

		escape_text(text_of(host), shown, sizeof shown);
		return wrong("'%s': %s", shown, bad);
	}
	if (o->door == DOOR_SMTP && o->source.family != IP_NONE &&
	    o->target.address.family != IP_NONE &&
	    o->source.family != o->target.address.family)
		return wrong("--source: IPv4 and IPv6 do not mix: source and "
		    "target must be of one kind");
	code = check_tls(o);
	return code == OPTIONS_GO_ON ? check_prove(o) : code;
}
