# SPDX-License-Identifier: BSD-2-Clause
"""settings - what the servers of tests/e2e/zoo.py are told.

outer: what an administrator runs; inner: the second hop, as permissive as it
gets.  Inside its namespace a server's folder is /mnt/lab and the unpacked
packages are /mnt/zoo.  %s and %d are the own name and the port."""
HOST = "mail.guard.test"
INNER = "inner.test"
LOCAL, RELAY = "local.test", "relay.test"

# ---- files in /etc and users in there
IDS = {"postfix": 60101, "opensmtpd": 60102, "opensmtpq": 60103,
       "Debian-exim": 60104, "postdrop": 60105, "mail": 8, "nogroup": 65534}
PASSWD = "root:x:0:0:root:/root:/bin/sh\n" + "".join(
    f"{name}:x:{number}:{number}::/:/usr/sbin/nologin\n"
    for name, number in {**IDS, "nobody": 65534}.items()
    if name not in ("postdrop", "nogroup"))
GROUP = "root:x:0:\n" + "".join(f"{n}:x:{i}:\n" for n, i in IDS.items())
ETC = {"passwd": PASSWD, "group": GROUP, "hosts": "127.0.0.1 localhost\n",
       # nobody asks DNS: the one for OpenSMTPD's own resolver, the other for libc
       "resolv.conf": "lookup file\n", "nsswitch.conf": "hosts: files\n"}

POSTFIX = """\
compatibility_level = 3.6
queue_directory = /mnt/lab/queue
data_directory = /mnt/lab/data
command_directory = /mnt/zoo/usr/sbin
daemon_directory = /mnt/zoo/usr/lib/postfix/sbin
maillog_file = /mnt/lab/log
maillog_file_prefixes = /mnt/lab
import_environment = LD_LIBRARY_PATH MAIL_CONFIG MAIL_LOGTAG LANG=C POSTLOG_SERVICE POSTLOG_HOSTNAME
export_environment = LD_LIBRARY_PATH MAIL_CONFIG LANG
alias_maps =
alias_database =
local_transport = discard:here
default_transport = discard
relay_transport = discard
virtual_transport = discard
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000000
smtpd_hard_error_limit = 1000000
smtpd_client_connection_count_limit = 0
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = %s
"""

POSTFIX_OUTER = f"""\
mydestination = {HOST}, {LOCAL}
relay_domains = {RELAY}
mynetworks = 127.0.0.1
local_recipient_maps = unix:passwd.byname
"""

POSTFIX_INNER = f"""\
mydestination = {INNER}, {RELAY}
relay_domains =
mynetworks = 127.0.0.0/8
local_recipient_maps =
allow_percent_hack = yes
swap_bangpath = yes
resolve_dequoted_address = yes
"""

POSTFIX_SERVICES = """\
127.0.0.1:%d inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
discard unix - - n - - discard
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
proxymap unix - - n - - proxymap
scache unix - - n - 1 scache
"""

EXIM = """\
primary_hostname = %s
exim_path = /mnt/zoo/usr/sbin/exim4
spool_directory = /mnt/lab/spool
log_file_path = /mnt/lab/spool/%%slog
pid_file_path = /mnt/lab/spool/pid
local_interfaces = <; [127.0.0.1]:%d
keep_environment = LD_LIBRARY_PATH
queue_only
tls_advertise_hosts =
smtp_accept_max = 0
smtp_max_synprot_errors = 1000000
smtp_max_unknown_commands = 1000000
smtp_accept_max_nonmail = 1000000
"""

# The sample configuration with our domains; no lookup in DNS.
EXIM_EDITS = [
    (r"^domainlist local_domains.*", f"domainlist local_domains = @ : {LOCAL}"),
    (r"^domainlist relay_to_domains.*", f"domainlist relay_to_domains = {RELAY}"),
    (r"^hostlist +relay_from_hosts.*", "hostlist relay_from_hosts = 127.0.0.1"),
    (r"^ *require verify .*", ""),
    (r"^host_lookup.*", ""),
]

# Exim has the percent hack; a bang path, and a quoted part that is taken for
# an address, are what administrators write as redirections.
EXIM_INNER = f"""\
percent_hack_domains = @ : {RELAY}
allow_domain_literals
recipient_unqualified_hosts = *
acl_smtp_rcpt = accept
begin routers
bang_path:
  driver = redirect
  domains = @ : {RELAY}
  local_parts = ^[^!]+!.+
  data = ${{sg{{$local_part}}{{\\N^([^!]+)!(.+)$\\N}}{{\\$2@\\$1}}}}
dequoted:
  driver = redirect
  domains = @ : {RELAY}
  local_parts = ^.+@.+
  data = $local_part
here:
  driver = accept
  domains = @ : {RELAY}
  transport = nowhere
away:
  driver = manualroute
  transport = nowhere
  route_list = * 127.0.0.1
  self = send
begin transports
nowhere:
  driver = smtp
  port = 9
"""

OPENSMTPD = """\
listen on 127.0.0.1 port %d hostname %s
smtp limit max-mails 1000000
smtp limit max-rcpt 1000000
action "here" mda "/bin/true" virtual <everybody>
action "away" relay host smtp://127.0.0.1:9
action "backup" relay backup
"""

OPENSMTPD_OUTER = f"""\
table everybody {{ "root" = nobody, "postmaster" = nobody }}
{OPENSMTPD}
match from any for domain {{ "{HOST}", "{LOCAL}" }} action "here"
match from any for domain "{RELAY}" action "backup"
match from src 127.0.0.1 for any action "away"
"""

OPENSMTPD_INNER = f"""\
table everybody {{ "@" = nobody }}
{OPENSMTPD}
match from any for domain {{ "{INNER}", "{RELAY}" }} action "here"
match from any for any action "away"
"""
