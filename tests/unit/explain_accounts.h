/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * explain_accounts.h - a zone, and what test_explain.c must read of checks in
 * it, for the client 192.0.2.1.
 */
#ifndef TESTS_EXPLAIN_ACCOUNTS_H
#define TESTS_EXPLAIN_ACCOUNTS_H

static const char *const records[][3] = {
	{ "ip.example.com", "TXT", "v=spf1 ip4:203.0.113.0/24 "
	    "ip6:2001:db8::/32 x=y ip4:192.0.2.0/28 -all" },
	{ "inc.example.com", "TXT", "v=spf1 include:no.example.com "
	    "?include:ip.example.com -all" },
	{ "no.example.com", "TXT", "v=spf1 exp=why.example.com "
	    "include:ip.example.com ~all" },
	{ "redirect.example.com", "TXT", "v=spf1 redirect=fail.example.com "
	    "exp=never.example.com" },
	{ "fail.example.com", "TXT", "v=spf1 -all exp=why.example.com" },
	{ "why.example.com", "TXT", "%{i} is not %{l} of %{d}" },
	{ "exists.example.com", "TXT",
	    "v=spf1 -exists:%{ir}.%{v}.x.example.com all" },
	{ "mx.example.com", "TXT", "v=spf1 mx:two.example.com/30 a/0" },
	{ "two.example.com", "MX", "10 one.example.com" },
	{ "two.example.com", "MX", "20 gone.example.com" },
	{ "one.example.com", "A", "198.51.100.1" },
	{ "mx.example.com", "A", "203.0.113.9" },
	{ "ptr.example.com", "TXT", "v=spf1 ?ptr ~all" },
	{ "1.2.0.192.in-addr.arpa", "PTR", "a.ptr.example.com" },
	{ "1.2.0.192.in-addr.arpa", "PTR", "liar.ptr.example.com" },
	{ "a.ptr.example.com", "A", "192.0.2.1" },
	{ "bad.example.com", "TXT", "v=spf1 mx a:%{q}.example.com -all" },
	{ "eight.example.com", "TXT", "v=spf1 mx \xff -all" },
	{ "voids.example.com", "TXT", "v=spf1 a:x1.example.com mx "
	    "exists:x2.example.com -all" },
	{ "silent.example.com", "TXT", "v=spf1 a:dead.example.com -all" },
	{ "dead.example.com", "TIMEOUT", "" },
	{ "both.example.com", "TXT", "v=spf1 -all" },
	{ "both.example.com", "TXT", "v=spf1 +all" },
	{ "default.example.com", "TXT", "v=spf1 ip4:203.0.113.1" },
	{ "label.example.com", "TXT", "v=spf1 exists:%{l}..example.com -all" },
	{ "left.example.com", "TXT", "v=spf1 include:ptr.example.com "
	    "include:redirect.example.com ~all" },
	{ "loop.example.com", "TXT", "v=spf1 include:loop.example.com" },
};

static const struct {
	const char *sender, *lines;
} accounts[] = {
	{ "a@ip.example.com",
	"    SPF of MAIL FROM a@ip.example.com\n"
	"      ip.example.com TXT: \"v=spf1 ip4:203.0.113.0/24 "
	    "ip6:2001:db8::/32 x=y ip4:192.0.2.0/28 -all\"  [TTL 300]\n"
	"      record of ip.example.com: v=spf1 ip4:203.0.113.0/24 "
	    "ip6:2001:db8::/32 x=y ip4:192.0.2.0/28 -all\n"
	"      ip4:203.0.113.0/24: no match (the client is not in it)\n"
	"      ip6:2001:db8::/32: no match (another kind of address than the "
	    "client's)\n"
	"      x=y (not known: ignored)\n"
	"      ip4:192.0.2.0/28: match: pass (the client is in it)\n"
	"      result: pass by ip4:192.0.2.0/28 of ip.example.com  "
	    "[terms 0/10, voids 0/2, 1 query]\n" },
	{ "a@inc.example.com", /* a pass in an include in an include */
	"    SPF of MAIL FROM a@inc.example.com\n"
	"      inc.example.com TXT: \"v=spf1 include:no.example.com "
	    "?include:ip.example.com -all\"  [TTL 300]\n"
	"      record of inc.example.com: v=spf1 include:no.example.com "
	    "?include:ip.example.com -all\n"
	"      include:no.example.com  [term 1/10]\n"
	"        no.example.com TXT: \"v=spf1 exp=why.example.com "
	    "include:ip.example.com ~all\"  [TTL 300]\n"
	"        record of no.example.com: v=spf1 exp=why.example.com "
	    "include:ip.example.com ~all\n"
	"        exp=why.example.com (not used in an include)\n"
	"        include:ip.example.com  [term 2/10]\n"
	"          ip.example.com TXT: \"v=spf1 ip4:203.0.113.0/24 "
	    "ip6:2001:db8::/32 x=y ip4:192.0.2.0/28 -all\"  [TTL 300]\n"
	"          record of ip.example.com: v=spf1 ip4:203.0.113.0/24 "
	    "ip6:2001:db8::/32 x=y ip4:192.0.2.0/28 -all\n"
	"          ip4:203.0.113.0/24: no match (the client is not in it)\n"
	"          ip6:2001:db8::/32: no match (another kind of address than "
	    "the client's)\n"
	"          x=y (not known: ignored)\n"
	"          ip4:192.0.2.0/28: match: pass (the client is in it)\n"
	"          include:ip.example.com: match: pass (pass there)\n"
	"        include:no.example.com: match: pass (pass there)\n"
	"      result: pass by include:no.example.com of inc.example.com  "
	    "[terms 2/10, voids 0/2, 3 queries]\n" },
	{ "a\x1b@redirect.example.com",
	"    SPF of MAIL FROM a\\x1b@redirect.example.com\n"
	"      redirect.example.com TXT: \"v=spf1 redirect=fail.example.com "
	    "exp=never.example.com\"  [TTL 300]\n"
	"      record of redirect.example.com: v=spf1 "
	    "redirect=fail.example.com exp=never.example.com\n"
	"      exp=never.example.com (for a fail)\n"
	"      redirect=fail.example.com  [term 1/10]\n"
	"        fail.example.com TXT: \"v=spf1 -all exp=why.example.com\"  "
	    "[TTL 300]\n"
	"        record of fail.example.com: v=spf1 -all exp=why.example.com\n"
	"        -all: match: fail\n"
	"      why.example.com TXT: \"%{i} is not %{l} of %{d}\"  [TTL 300]\n"
	"      the owner explains: 192.0.2.1 is not a\\x1b of "
	    "fail.example.com\n"
	"      result: fail by -all of fail.example.com  "
	    "[terms 1/10, voids 0/2, 3 queries]\n" },
	{ "a@exists.example.com",
	"    SPF of MAIL FROM a@exists.example.com\n"
	"      exists.example.com TXT: \"v=spf1 "
	    "-exists:%{ir}.%{v}.x.example.com all\"  [TTL 300]\n"
	"      record of exists.example.com: v=spf1 "
	    "-exists:%{ir}.%{v}.x.example.com all\n"
	"      -exists:%{ir}.%{v}.x.example.com  [term 1/10]\n"
	"        %{ir}.%{v}.x.example.com is "
	    "1.2.0.192.in-addr.x.example.com\n"
	"        1.2.0.192.in-addr.x.example.com A: no such name  [TTL 60]\n"
	"        finds nothing  [void 1/2]\n"
	"        -exists:%{ir}.%{v}.x.example.com: no match\n"
	"      all: match: pass\n"
	"      result: pass by all of exists.example.com  "
	    "[terms 1/10, voids 1/2, 2 queries]\n" },
	{ "a@mx.example.com",
	"    SPF of MAIL FROM a@mx.example.com\n"
	"      mx.example.com TXT: \"v=spf1 mx:two.example.com/30 a/0\"  "
	    "[TTL 300]\n"
	"      record of mx.example.com: v=spf1 mx:two.example.com/30 a/0\n"
	"      mx:two.example.com/30  [term 1/10]\n"
	"        two.example.com MX: 10 one.example.com, "
	    "20 gone.example.com  [TTL 300]\n"
	"        one.example.com A: 198.51.100.1  [TTL 300]\n"
	"        gone.example.com A: no such name  [TTL 60]\n"
	"        mx:two.example.com/30: no match\n"
	"      a/0  [term 2/10]\n"
	"        mx.example.com A: 203.0.113.9  [TTL 300]\n"
	"        a/0: match: pass\n"
	"      result: pass by a/0 of mx.example.com  "
	    "[terms 2/10, voids 0/2, 5 queries]\n" },
	{ "a@ptr.example.com",
	"    SPF of MAIL FROM a@ptr.example.com\n"
	"      ptr.example.com TXT: \"v=spf1 ?ptr ~all\"  [TTL 300]\n"
	"      record of ptr.example.com: v=spf1 ?ptr ~all\n"
	"      ?ptr  [term 1/10]\n"
	"        1.2.0.192.in-addr.arpa PTR: a.ptr.example.com, "
	    "liar.ptr.example.com  [TTL 300]\n"
	"        a.ptr.example.com A: 192.0.2.1  [TTL 300]\n"
	"        liar.ptr.example.com A: no such name  [TTL 60]\n"
	"        ?ptr: match: neutral\n"
	"      result: neutral by ?ptr of ptr.example.com  "
	    "[terms 1/10, voids 0/2, 4 queries]\n" },
	{ "a@bad.example.com",
	"    SPF of MAIL FROM a@bad.example.com\n"
	"      bad.example.com TXT: \"v=spf1 mx a:%{q}.example.com -all\"  "
	    "[TTL 300]\n"
	"      record of bad.example.com: v=spf1 mx a:%{q}.example.com -all\n"
	"      wrong at byte 11: bad domain: a:%{q}.example.com\n"
	"      result: permerror: bad domain: a:%{q}.example.com  "
	    "[terms 0/10, voids 0/2, 1 query]\n" },
	{ "a@eight.example.com",
	"    SPF of MAIL FROM a@eight.example.com\n"
	"      eight.example.com TXT: \"v=spf1 mx \\xff -all\"  [TTL 300]\n"
	"      record of eight.example.com: v=spf1 mx \\xff -all\n"
	"      wrong at byte 11: not plain ASCII: \\xff -all\n"
	"      result: permerror: not plain ASCII: \\xff -all  "
	    "[terms 0/10, voids 0/2, 1 query]\n" },
	{ "a@voids.example.com",
	"    SPF of MAIL FROM a@voids.example.com\n"
	"      voids.example.com TXT: \"v=spf1 a:x1.example.com mx "
	    "exists:x2.example.com -all\"  [TTL 300]\n"
	"      record of voids.example.com: v=spf1 a:x1.example.com mx "
	    "exists:x2.example.com -all\n"
	"      a:x1.example.com  [term 1/10]\n"
	"        x1.example.com A: no such name  [TTL 60]\n"
	"        finds nothing  [void 1/2]\n"
	"        a:x1.example.com: no match\n"
	"      mx  [term 2/10]\n"
	"        voids.example.com MX: no such record  [TTL 60]\n"
	"        finds nothing  [void 2/2]\n"
	"        mx: no match\n"
	"      exists:x2.example.com  [term 3/10]\n"
	"        x2.example.com A: no such name  [TTL 60]\n"
	"        finds nothing  [void 3/2]\n"
	"      result: permerror: more than 2 terms that find nothing: "
	    "exists:x2.example.com  [terms 3/10, voids 2/2, 4 queries]\n" },
	{ "a@silent.example.com",
	"    SPF of MAIL FROM a@silent.example.com\n"
	"      silent.example.com TXT: \"v=spf1 a:dead.example.com -all\"  "
	    "[TTL 300]\n"
	"      record of silent.example.com: v=spf1 a:dead.example.com -all\n"
	"      a:dead.example.com  [term 1/10]\n"
	"        dead.example.com A: no answer: no server has an answer  "
	    "[TTL 60]\n"
	"      result: temperror: no answer of the DNS: dead.example.com  "
	    "[terms 1/10, voids 0/2, 2 queries]\n" },
	{ "a@both.example.com",
	"    SPF of MAIL FROM a@both.example.com\n"
	"      both.example.com TXT: \"v=spf1 -all\", \"v=spf1 +all\"  "
	    "[TTL 300]\n"
	"      result: permerror: more than one SPF record: "
	    "both.example.com  [terms 0/10, voids 0/2, 1 query]\n" },
	{ "a@default.example.com",
	"    SPF of MAIL FROM a@default.example.com\n"
	"      default.example.com TXT: \"v=spf1 ip4:203.0.113.1\"  "
	    "[TTL 300]\n"
	"      record of default.example.com: v=spf1 ip4:203.0.113.1\n"
	"      ip4:203.0.113.1: no match (the client is not in it)\n"
	"      no term matches: neutral\n"
	"      result: neutral by default of default.example.com  "
	    "[terms 0/10, voids 0/2, 1 query]\n" },
	{ "a@label.example.com",
	"    SPF of MAIL FROM a@label.example.com\n"
	"      label.example.com TXT: \"v=spf1 exists:%{l}..example.com "
	    "-all\"  [TTL 300]\n"
	"      record of label.example.com: v=spf1 exists:%{l}..example.com "
	    "-all\n"
	"      exists:%{l}..example.com  [term 1/10]\n"
	"        %{l}..example.com: no name that could be asked for\n"
	"        exists:%{l}..example.com: no match\n"
	"      -all: match: fail\n"
	"      result: fail by -all of label.example.com  "
	    "[terms 1/10, voids 0/2, 1 query]\n" },
	{ "",
	"    SPF of MAIL FROM h.example.org (null sender: postmaster of "
	    "HELO)\n"
	"      h.example.org TXT: no such name  [TTL 60]\n"
	"      result: none: no SPF record: h.example.org  "
	    "[terms 0/10, voids 0/2, 1 query]\n" },
};

#endif
