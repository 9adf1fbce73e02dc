#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Turn a test suite of openspf.org (YAML) into our vectors (spf_zone.h).

usage: spf_suite.py SUITE.yml >SUITE.txt
"""
import sys

import yaml


def quote(value):
    """A field: bytes outside printable ASCII as \\xHH."""
    try:
        raw = value.encode('latin-1')
    except UnicodeEncodeError:
        raw = value.encode('utf-8')
    return "'%s'" % ''.join(
        chr(b) if 0x20 <= b < 0x7f and b not in b"\\'" else '\\x%02x' % b
        for b in raw)


def say(*fields):
    print(fields[0], *map(quote, fields[1:]))


def record(name, kind, value):
    if value == 'TIMEOUT':
        say('zone', name, 'TIMEOUT', kind)
        return
    if value in ('NONE', ['NONE']):
        say('zone', name, 'EMPTY', '')
        return
    if kind == 'TXT' and isinstance(value, list):
        value = ''.join(map(str, value))
    if kind == 'MX':
        value = '%s %s' % tuple(value)
    say('zone', name, kind, str(value))


def records(name, entries):
    """A record of type SPF (99) stands for a TXT where there is no TXT."""
    has_txt = any(isinstance(e, dict) and 'TXT' in e for e in entries)
    say('zone', name, 'EMPTY', '')
    for entry in entries:
        if entry == 'TIMEOUT':
            say('zone', name, 'TIMEOUT', '')
            continue
        for kind, value in entry.items():
            if kind != 'SPF':
                record(name, kind, value)
            elif not has_txt:
                record(name, 'TXT', value)


def tests(entries):
    for name, test in entries.items():
        results = test['result']
        if not isinstance(results, list):
            results = [results]
        say('test', name, str(test['host']), str(test.get('helo') or ''),
            str(test.get('mailfrom') or ''), ','.join(results),
            test.get('explanation') or '*')


def main():
    with open(sys.argv[1], encoding='utf-8') as suite:
        for scenario in yaml.safe_load_all(suite):
            if not scenario:
                continue
            say('scenario', scenario['description'])
            for name, entries in scenario['zonedata'].items():
                records(str(name), entries or [])
            tests(scenario['tests'])


if __name__ == '__main__':
    main()
