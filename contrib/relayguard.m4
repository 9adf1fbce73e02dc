divert(-1)
#
# SPDX-License-Identifier: BSD-2-Clause
#
# relayguard in front of sendmail, by both its doors.  In sendmail.mc write the
# feature line with up to two arguments (relayguard.yaml(5) has the sockets):
#   1  the directory of the sockets, default /run/relayguard
#   2  "milter" or "map": that door alone; default is both
#
# The milter door sees what sendmail would accept, and can refuse it.  The map
# door is asked before the rules of sendmail about every recipient: it can also
# grant, and it sees what sendmail would refuse by itself.
#
# Own rules for Local_check_rcpt: as local rulesets behind this line, without a
# second line that begins the ruleset.
#
# (m4 expands macros in these comments too, so none is named here.)
#
define(`_RG_DIR_', ifelse(len(X`'_ARG_), `1', `/run/relayguard', `_ARG_'))
define(`_RG_DOORS_', ifelse(len(X`'_ARG2_), `1', `both', `_ARG2_'))
ifelse(_RG_DOORS_, `both', `', _RG_DOORS_, `milter', `', _RG_DOORS_, `map', `',
`errprint(`*** ERROR: FEATURE(relayguard): second argument is milter, map or nothing, not '_RG_DOORS_
)')

divert(0)dnl
VERSIONID(`relayguard.m4 1')
divert(-1)

# F=T: when the guard is not there, 451, try again later; without it sendmail
# takes mail unfiltered for the rest of the session.
ifelse(_RG_DOORS_, `map', `', `
INPUT_MAIL_FILTER(`relayguard', `S=local:'_RG_DIR_`/milter.sock, F=T, T=C:10s;S:10s;R:30s;E:5m')
')

# -q keeps quotes and -f keeps case in what the guard gets to see, -d5 waits 5 s
# for an answer and not for ever, -T tells no answer from nothing known.
ifelse(_RG_DOORS_, `milter', `', `
define(`_NEED_MACRO_MAP_', `1')
LOCAL_CONFIG
# relayguard: the map door
Kguard socket -q -f -d5 -T<TMPF> local:_RG_DIR_/map.sock

LOCAL_RULESETS
######################################################################
###  relayguard: may this client send to this recipient?
######################################################################
SLocal_check_rcpt
R$*			$: $1 $| $(guard $&{client_addr} $| $&f $| $1 $| $&{auth_authen} $| $j $| $&{if_addr} $| $&i $| $&{verify} $| $&{cert_subject} $| $&{client_resolve} $| $&{client_name} $| $&s $: NONE $)
R$* $| DENY : $- . $- . $- : $+	$#error $@ $2.$3.$4 $: $5
R$* $| $* <TMPF>	$#error $@ 4.3.0 $: "451 Relay policy not available, please try again later"
R$* $| RELAY		$: $(macro {RelayguardGrant} $@ YES $) $1
R$* $| $*		$: $(macro {RelayguardGrant} $@ NO $) $1

# a grant counts where sendmail asks whether it relays, no earlier: what the
# access map refuses to this recipient stays refused, and delay_checks goes on
SRcpt_ok
R$*			$: $1 $| $&{RelayguardGrant}
R$* $| YES		$@ RELAY
R$* $| $*		$: $1
')
divert(0)dnl
