/* SPDX-License-Identifier: BSD-2-Clause */
/* address.h - contracts of policy/utf8.c and policy/address.c. */
#ifndef TESTS_PROOF_ADDRESS_H
#define TESTS_PROOF_ADDRESS_H

#include "policy/utf8.h"
#include "tests/proof/grammar.h"

/*@ assigns \nothing;
    ensures \result ==> bare_byte(c) && c != '@' && c != '"' && c != '\\';
*/
static bool is_local_byte(char c);

/*@ requires \valid(out);
    assigns *out;
    ensures out->class == ADDRESS_MALFORMED && out->extra_ats == 0;
    ensures out->local.n == 0 && out->domain.n == 0 && out->route.n == 0;
*/
static void clear(struct address *out);

/*@ requires \valid(out);
    assigns out->class, out->error, out->error_at;
    ensures out->class == ADDRESS_MALFORMED;
*/
static void fail(struct address *out, enum address_error error, size_t at);

/*@ requires readable(s) && s.n <= ADDRESS_MAX && i < s.n;
    assigns \nothing;
    ensures 0 <= \result <= s.n - i;
    ensures \forall integer k; i <= k < i + \result ==> s.at[k] < 0;
*/
size_t utf8_length(struct text s, size_t i);

/*@ requires readable(s) && s.n <= ADDRESS_MAX && \valid(out);
    assigns out->class, out->error, out->error_at;
    ensures \result ==> clean(s, utf8);
    ensures !\result ==> out->class == ADDRESS_MALFORMED;
    ensures \result ==> out->class == \old(out->class);
*/
static bool check_bytes(struct text s, bool utf8, struct address *out);

/*@ requires readable(domain);
    assigns \nothing;
    ensures \result ==> domain_text(domain);
*/
static bool is_domain(struct text domain);

/*@ requires readable(s) && from <= s.n;
    assigns \nothing;
    ensures from <= \result <= s.n;
    ensures \result < s.n ==> s.at[\result] == ',' || s.at[\result] == ':';
    ensures \forall integer k; from <= k < \result ==> s.at[k] != ',';
*/
static size_t route_domain_end(struct text s, size_t from);

/*@ requires readable(s) && 0 < s.n <= ADDRESS_MAX;
    requires \valid(out) && \valid(rest) && \separated(out, rest);
    assigns out->route, *rest;
    ensures \result ==> inside(*rest, s) && readable(*rest);
    ensures keeps: \result ==> keeps(*rest, s);
    ensures keeps: out->route == \old(out->route) || keeps(out->route, s);
    ensures \result && (s.n == 0 || s.at[0] != '@') ==>
        *rest == s && out->route == \old(out->route);
    ensures route: \result && s.n > 0 && s.at[0] == '@' ==>
        out->route.n > 0 && out->route.at == s.at;
    ensures part: \result && s.n > 0 && s.at[0] == '@' ==>
        inside(out->route, s);
    ensures colon: \result && s.n > 0 && s.at[0] == '@' ==>
        s.at[out->route.n] == ':';
    ensures rest: \result && s.n > 0 && s.at[0] == '@' ==>
        rest->at == s.at + (out->route.n + 1) &&
        rest->n == s.n - out->route.n - 1;
    ensures hosts: \result && s.n > 0 && s.at[0] == '@' ==>
        route_text(out->route);
    ensures !\result ==> out->route == \old(out->route);
*/
static bool take_route(struct text s, struct address *out, struct text *rest);

/*@ requires readable(s) && \valid(ats);
    assigns *ats;
    ensures 0 <= \result <= s.n;
    ensures *ats == at_signs(s.at, s.n) && *ats <= s.n;
    ensures \result == s.n ==> *ats == 0;
    ensures \result < s.n ==> bare_at(s.at, \result) && *ats >= 1 &&
        at_signs(s.at, \result) == *ats - 1;
*/
static size_t last_at(struct text s, size_t *ats);

/*@ requires readable(s) && from < s.n;
    requires s.at[from] == '"' && quoting(s.at, from) == 0;
    assigns \nothing;
    ensures \result == 0 || from + 1 < \result <= s.n;
    ensures \result > 0 ==> quoting(s.at, \result) == 0 &&
        \forall integer k; from < k < \result ==> quoting(s.at, k) != 0;
*/
static size_t quoted_end(struct text s, size_t from);

/*@ requires readable(s);
    assigns \nothing;
    ensures \result <==> i >= s.n || s.at[i] == '.' || s.at[i] == '@';
*/
static bool ends_word(struct text s, size_t i);

/*@ requires readable(s) && s.n <= ADDRESS_MAX && offset <= ADDRESS_MAX;
    requires \valid(out);
    assigns out->class, out->error, out->error_at;
    ensures \result && s.n > 0 ==> local_text(s);
    ensures !\result ==> out->class == ADDRESS_MALFORMED;
    ensures \result ==> out->class == \old(out->class);
*/
static bool check_local(struct text s, size_t offset, struct address *out);

/*@ requires readable(s) && s.n <= ADDRESS_MAX && offset <= ADDRESS_MAX;
    requires \valid(out) && out->class == ADDRESS_MALFORMED;
    assigns out->class, out->error, out->error_at, out->local, out->domain,
        out->extra_ats;
    ensures out->class == ADDRESS_MALFORMED || out->class == ADDRESS_BARE ||
        out->class == ADDRESS_MAILBOX;
    ensures inside(out->local, s) && keeps(out->local, s);
    ensures keeps: out->domain == \old(out->domain) || keeps(out->domain, s);
    ensures part: out->domain == \old(out->domain) || inside(out->domain, s);
    ensures out->class == ADDRESS_BARE ==> bare(*out);
    ensures out->class == ADDRESS_BARE ==> out->domain == \old(out->domain);
    ensures out->class == ADDRESS_MAILBOX ==> local_text(out->local);
    ensures out->class == ADDRESS_MAILBOX ==> domain_text(out->domain);
    ensures out->class == ADDRESS_MAILBOX ==>
        out->domain.at == out->local.at + (out->local.n + 1) &&
        bare_at(out->local.at, out->local.n);
    ensures extra: out->class == ADDRESS_MAILBOX ==>
        at_signs(out->local.at, out->local.n) == out->extra_ats;
    ensures mailbox: out->class == ADDRESS_MAILBOX ==> mailbox(*out);
*/
static void parse_mailbox(struct text s, size_t offset, struct address *out);

/*@ requires readable(s) && \valid(inner);
    assigns *inner;
    ensures inside(*inner, s) && readable(*inner);
    ensures keeps(*inner, s);
    ensures !\result ==> s.n > 0;
*/
static bool take_brackets(struct text s, struct text *inner);

/*@ requires readable(s) && s.n <= ADDRESS_MAX;
    requires \valid(out) && \valid(mailbox) && \separated(out, mailbox);
    requires out->class == ADDRESS_MALFORMED && out->route.n == 0;
    assigns out->class, out->error, out->error_at, out->route, *mailbox;
    ensures class: out->class == ADDRESS_MALFORMED ||
        out->class == ADDRESS_NULL;
    ensures route: out->route.n == 0 || inside(out->route, s);
    ensures null: out->class == ADDRESS_NULL ==> !\result &&
        out->route.n == 0;
    ensures rest: \result ==> inside(*mailbox, s) && readable(*mailbox);
    ensures keeps: out->route.n == 0 || keeps(out->route, s);
    ensures keeps: \result ==> keeps(*mailbox, s);
    ensures hosts: route_text(out->route);
*/
static bool take_mailbox(struct text s, struct address *out,
    struct text *mailbox);

/*@ requires readable(s) && s.n <= ADDRESS_MAX && \valid(out);
    requires out->class == ADDRESS_MALFORMED && out->extra_ats == 0 &&
        out->local.n == 0 && out->domain.n == 0 && out->route.n == 0;
    assigns *out;
    ensures out->class == ADDRESS_MALFORMED || out->class == ADDRESS_NULL ||
        out->class == ADDRESS_BARE || out->class == ADDRESS_MAILBOX;
    ensures l: out->local.n == 0 || inside(out->local, s);
    ensures d: out->domain.n == 0 || inside(out->domain, s);
    ensures r: out->route.n == 0 || inside(out->route, s);
    ensures keeps: keeps(out->local, s);
    ensures keeps: keeps(out->domain, s);
    ensures keeps: keeps(out->route, s);
    ensures hosts: route_text(out->route);
    ensures null: out->class == ADDRESS_NULL ==> out->local.n == 0 &&
        out->domain.n == 0 && out->route.n == 0 && out->extra_ats == 0;
    ensures bare: out->class == ADDRESS_BARE ==>
        bare(*out) && out->domain.n == 0;
    ensures mailbox: out->class == ADDRESS_MAILBOX ==> mailbox(*out);
*/
static void parse_path(struct text s, struct address *out);

#endif
