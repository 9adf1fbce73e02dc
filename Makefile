# relayguard: build, test, install.  GNU make; `make help` lists the targets.

VERSION = 0.1
PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/relayguard
# where Debian's sendmail-cf has its features
CFDIR ?= /usr/share/sendmail/cf
SYSCONFDIR ?= /etc

CC = gcc
CLANG ?= clang
PKG_CONFIG ?= pkg-config
# Debian's own python: pytest and the rest are its packages
PYTHON ?= /usr/bin/python3

# Every flavour has a folder of its own: `make asan check` tests that build.
FLAVOURS := $(filter asan tsan cover,$(MAKECMDGOALS))
ifneq ($(filter asan,$(FLAVOURS)),)
B ?= build-asan
FLAVOUR = -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer
else ifneq ($(filter tsan,$(FLAVOURS)),)
B ?= build-tsan
FLAVOUR = -fsanitize=thread
else ifneq ($(filter cover,$(FLAVOURS)),)
B ?= build-cover
FLAVOUR = --coverage -O0
endif
B ?= build

PKGS = milter libcyaml jansson libidn2 libcares ldap lber gnutls
WARN = -Wall -Wextra -Wconversion -Wshadow -Wmissing-prototypes -Wvla \
	-Wformat=2 -Wformat-security $(WERROR)
OPT ?= -O2 -g
ifeq ($(FLAVOURS),)
HARDEN = -fstack-protector-strong -fstack-clash-protection \
	-fcf-protection=full -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
endif
HARDEN_LD = -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code
CPPFLAGS_ALL = -I. -D_GNU_SOURCE -DRELAYGUARD_VERSION='"$(VERSION)"' $(CPPFLAGS)
CFLAGS_ALL = -std=c11 $(OPT) $(WARN) -fPIE $(HARDEN) $(FLAVOUR) $(CFLAGS)
LDFLAGS_ALL = $(HARDEN_LD) $(FLAVOUR) $(LDFLAGS)
# libspf2 has no pkg-config file
LIBS = $(shell $(PKG_CONFIG) --libs $(PKGS)) -lspf2 -lpthread

CORE_SRC = $(wildcard policy/*.c conf/*.c)
SHELL_SRC = $(filter-out milter/main.c,$(wildcard milter/*.c milter/*/*.c))
UNIT_SRC = $(wildcard tests/unit/test_*.c)
UNIT = $(UNIT_SRC:%.c=$(B)/%)
FUZZ_SRC = $(wildcard tests/fuzz/fuzz_*.c)
FUZZ = $(FUZZ_SRC:tests/fuzz/fuzz_%.c=%)
SPF_UNIT = tests/unit/spf_zone.c tests/unit/spf_stock.c
SPF_CHECKED = tests/unit/spf_checked.c tests/unit/spf_follow.c
SPF_STOCK = tests/unit/spf_stock.c tests/unit/spf_stock_resolver.c
BENCH_SRC = $(wildcard tests/bench/*.c)
objects = $(patsubst %.c,$(B)/%.o,$(1))

# what the tests of this build run, and what the sanitizers must know
TEST_ENV = RELAYGUARD=$(CURDIR)/$(B)/relayguard \
	LDAP_TELL=$(CURDIR)/$(B)/e2e/ldap_tell \
	SPF_SUITES=$(CURDIR)/$(B)/spf \
	ASAN_OPTIONS=abort_on_error=0:exitcode=99 \
	LSAN_OPTIONS=suppressions=$(CURDIR)/tests/lsan.supp:print_suppressions=0 \
	UBSAN_OPTIONS=print_stacktrace=1 \
	TSAN_OPTIONS=exitcode=66:suppressions=$(CURDIR)/tests/tsan.supp

all: $(B)/relayguard                  ## build the program

$(B)/relayguard: $(B)/milter/main.o $(B)/librelayguard.a
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

# everything but main(), so that tests can link what they test
$(B)/librelayguard.a: $(call objects,$(CORE_SRC) $(SHELL_SRC))
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(B)/tests/unit/vectors.o \
    $(B)/librelayguard.a
	$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS) \
	    -lcmocka

SPF_TESTS = test_explain test_spf test_spf_hostile test_spf_suite \
	test_spf_threads
$(SPF_TESTS:%=$(B)/tests/unit/%): $(call objects,$(SPF_UNIT) $(SPF_CHECKED))

# the suites of openspf.org are not ours: where they are, they are run
SPF_YAML ?= ../shared/data/spf
SPF_SUITES = $(patsubst $(SPF_YAML)/%.yml,$(B)/spf/%.txt,\
	$(wildcard $(SPF_YAML)/rfc*-tests.yml))
$(B)/spf/%.txt: $(SPF_YAML)/%.yml tests/unit/spf_suite.py
	@mkdir -p $(@D)
	$(PYTHON) tests/unit/spf_suite.py $< >$@.new && mv $@.new $@

# --------------------------------------------------------------- the promise

demo: packages-build packages-sendmail          ## the main job, on loopback
	@$(MAKE) --no-print-directory -s all
	@$(PYTHON) tests/e2e/demo.py

check: packages                       ## all tests (with asan or tsan: on that build)
	@# Postfix and Exim run in namespaces: for root only, else their tests say so
	@[ "$$(id -u)" -ne 0 ] || tests/get-servers || true
	@# always the same addresses: a new seed is for finding, not for CI
	@$(MAKE) --no-print-directory B=$(B) FLAVOUR='$(FLAVOUR)' \
	    HARDEN='$(HARDEN)' WERROR=-Werror SEED=$(or $(SEED),1) arch unit \
	    fuzz-seeds e2e differential differential-spf

packages: packages-build packages-test packages-sendmail
packages-%:
	@contrib/install-packages $*

arch:                                 ## includes, calls and globals as planned
	@B=$(B) CC='$(CC)' tests/arch

unit: $(UNIT) $(SPF_SUITES)           ## the units and their vectors
	@set -e; for t in $(UNIT); do \
	    echo "== $${t##*/}"; env $(TEST_ENV) $$t; done

# what tests/e2e drives besides the program itself: what follows a directory and
# tells what it hears, what asks the DNS, what checks SPF
$(B)/e2e/%: tests/e2e/%.c $(B)/librelayguard.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ \
	    $(filter %.c,$^) $(filter %.o,$^) $(filter %.a,$^) $(LIBS)

$(B)/e2e/dns_ask $(B)/e2e/spf_ask: tests/e2e/json_text.h
$(B)/e2e/spf_ask: $(call objects,$(SPF_STOCK))

DRIVERS = $(B)/e2e/ldap_tell $(B)/e2e/dns_ask $(B)/e2e/spf_ask
e2e: $(B)/relayguard $(DRIVERS) $(SPF_SUITES)   ## with a real sendmail
	@env $(TEST_ENV) $(PYTHON) -m pytest -q -p no:cacheprovider tests/e2e

kills: all                            ## SIGKILL at N random moments (N=200)
	KILLS=$(or $(N),200) $(TEST_ENV) $(PYTHON) -m pytest -q -s \
	    -p no:cacheprovider tests/e2e/test_faults.py -k kill

# ---------------------------------------------------------------- more tests

asan tsan:                            ## flavours: `make asan check`
	@$(MAKE) --no-print-directory B=$(B) FLAVOUR='$(FLAVOUR)' HARDEN= all

tsan-spf:                             ## SPF by 4 threads, N checks each (N=100000)
	@$(MAKE) --no-print-directory B=build-tsan FLAVOUR=-fsanitize=thread \
	    HARDEN= spf-threads

spf-threads: $(B)/tests/unit/test_spf_threads $(B)/e2e/spf_ask
	@env $(TEST_ENV) SPF_CHECKS=$(or $(N),100000) $<
	@env $(TEST_ENV) SPF_CHECKS=$(or $(N),100000) $(PYTHON) -m pytest -q -s \
	    -p no:cacheprovider tests/e2e/test_spf_threads.py

cover: packages packages-cover        ## coverage of policy/, conf/ and milter/
	@$(MAKE) --no-print-directory B=$(B) FLAVOUR='$(FLAVOUR)' HARDEN= OPT=-g \
	    unit
	@env LAB_POLITE=1 $(TEST_ENV) $(MAKE) --no-print-directory B=$(B) \
	    FLAVOUR='$(FLAVOUR)' HARDEN= OPT=-g e2e
	@gcovr -r . --object-directory $(B) -f policy/ -f conf/ -f milter/ -s

# the audit log's buffers small: else each input maps and unmaps memory
FUZZ_FLAGS = -std=c11 -g -O2 -I. -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined \
	-fno-sanitize-recover=undefined -DAUDIT_READ_MAX=16384 -DTWICE_MAX=8
# all but what includes libmilter or replaces libc's sigwait; an archive, as the
# fuzzer looks at every counter of what is linked after each input
FUZZ_OBJ = $(patsubst %.c,%.o,$(CORE_SRC) $(filter-out milter/serve/serve.c \
	$(wildcard milter/serve/door_milter*.c),$(SHELL_SRC)))
fuzz_cc = @mkdir -p $(@D)
fuzz_cc += && $(CLANG) $(FUZZ_FLAGS) -DRELAYGUARD_VERSION='"$(VERSION)"' -MMD -MP
$(B)/fuzz/core/%.o: %.c
	$(fuzz_cc) -c -o $@ $<
$(B)/fuzz/core.a: $(FUZZ_OBJ:%=$(B)/fuzz/core/%)
	@rm -f $@
	$(AR) rcs $@ $^
$(B)/fuzz/%: tests/fuzz/fuzz_%.c $(B)/fuzz/core.a
	$(fuzz_cc) -o $@ $^ $(LIBS)

T ?= 60
fuzz: packages-fuzz                   ## each fuzz target for T seconds (T=60)
	@$(MAKE) --no-print-directory $(FUZZ:%=$(B)/fuzz/%)
	@set -e; for f in $(FUZZ); do mkdir -p $(B)/fuzz/corpus-$$f; \
	    echo "== $$f"; $(B)/fuzz/$$f -max_total_time=$(T) -print_final_stats=1 \
	    -verbosity=0 $(B)/fuzz/corpus-$$f tests/fuzz/seeds/$$f; done

# Counted by executions, for campaigns of hours: without counters of how often
# an edge was taken, operands of comparisons and a leak check after each input,
# all of which `make fuzz` has, a target runs several times as fast.
$(B)/fuzz-long/core/%.o: %.c
	$(fuzz_cc) -fno-sanitize-coverage=trace-cmp -c -o $@ $<
$(B)/fuzz-long/core.a: $(FUZZ_OBJ:%=$(B)/fuzz-long/core/%)
	@rm -f $@
	$(AR) rcs $@ $^
$(B)/fuzz-long/%: tests/fuzz/fuzz_%.c $(B)/fuzz-long/core.a
	$(fuzz_cc) -fno-sanitize-coverage=trace-cmp -o $@ $^ $(LIBS)

RUNS ?= 100000000
FUZZ_LONG = -use_counters=0 -detect_leaks=0 -entropic=0 -reduce_inputs=0 \
	-max_len=$(LEN) -verbosity=0 -print_final_stats=1
# no stack of each allocation, little memory, and what is free stays mapped
FUZZ_ASAN = quarantine_size_mb=1:thread_local_quarantine_size_kb=64:malloc_context_size=0:max_malloc_fill_size=256:allocator_release_to_os_interval_ms=-1
LEN ?= 600
fuzz-long: packages-fuzz              ## each target RUNS times, address 10 x RUNS
	@$(MAKE) --no-print-directory $(FUZZ:%=$(B)/fuzz-long/%)
	@set -e; for f in $(FUZZ); do mkdir -p $(B)/fuzz/corpus-$$f; \
	    runs=$(RUNS); test $$f != address || runs=$$((runs * 10)); \
	    echo "== $$f, $$runs runs"; \
	    env ASAN_OPTIONS=$(FUZZ_ASAN) \
	    $(B)/fuzz-long/$$f $(FUZZ_LONG) -runs=$$runs \
	    $(B)/fuzz/corpus-$$f tests/fuzz/seeds/$$f; done

# the seeds alone, once each, by a plain main(): needs no clang
$(B)/seeds/%: tests/fuzz/fuzz_%.c tests/fuzz/main.c $(B)/librelayguard.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ \
	    $< tests/fuzz/main.c $(B)/librelayguard.a $(LIBS)

fuzz-seeds: $(FUZZ:%=$(B)/seeds/%)    ## every seed of the fuzz targets once
	@set -e; for f in $(FUZZ); do env $(TEST_ENV) $(B)/seeds/$$f \
	    tests/fuzz/seeds/$$f/*; done

# Lines and branches that the seeds of the address target reach, and what a
# campaign has added to them.
REACH = policy/address.c policy/utf8.c policy/flat.c policy/words.c policy/readings.c
fuzz-reach: packages-cover            ## what the address target reaches of the core
	@rm -rf $(B)/reach && mkdir -p $(B)/reach
	@cd $(B)/reach && $(CC) --coverage -O0 -std=c11 -D_GNU_SOURCE -I$(CURDIR) \
	    -o reach $(CURDIR)/tests/fuzz/fuzz_address.c \
	    $(CURDIR)/tests/fuzz/main.c $(CORE_SRC:%=$(CURDIR)/%) -lcyaml -lyaml
	@mkdir -p $(B)/fuzz/corpus-address
	@find tests/fuzz/seeds/address $(B)/fuzz/corpus-address -type f | \
	    xargs $(B)/reach/reach
	@gcovr -r . --object-directory $(B)/reach $(REACH:%=-f %)
	@gcovr -r . --object-directory $(B)/reach $(REACH:%=-f %) --branches

BENCH_LOAD = load load_options load_session load_wire mix
BENCH_MICRO = micro micro_clock micro_decide micro_lookup entries allocs mix
bench_objects = $(1:%=$(B)/tests/bench/%.o)

$(B)/bench/load: $(call bench_objects,$(BENCH_LOAD))
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^

$(B)/bench/noop: $(call bench_objects,noop)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ -lmilter -lpthread

$(B)/bench/micro: $(call bench_objects,$(BENCH_MICRO)) $(B)/librelayguard.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^

$(B)/bench/dns: $(call bench_objects,dns) $(B)/librelayguard.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS) -lm

$(B)/bench/spf: $(call bench_objects,spf) $(call objects,$(SPF_STOCK)) \
    $(B)/librelayguard.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

$(B)/bench/ldap_search: $(call bench_objects,ldap_search)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ -lldap -llber

$(B)/differential/trace: tests/differential/trace.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $< \
	    -lmilter -lpthread

differential: $(B)/relayguard $(B)/differential/trace   ## generated addresses, sendmail's resolution (N= SEED=)
	@env $(TEST_ENV) TRACE=$(CURDIR)/$(B)/differential/trace $(PYTHON) \
	    tests/differential/run.py -n $(or $(N),20000) \
	    $(if $(SEED),--seed $(SEED)) $(if $(VARIANT),--variant $(VARIANT))

$(B)/differential/spf_answers: $(call objects,tests/differential/spf_answers.c \
    $(SPF_UNIT) tests/unit/spf_follow.c tests/unit/vectors.c) $(B)/librelayguard.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

differential-spf: $(B)/differential/spf_answers   ## generated SPF records, python3-spf's results (N= SEED=)
	@env $(TEST_ENV) SPF_ANSWERS=$< $(PYTHON) tests/differential/spf_oracle.py \
	    -n $(or $(N),5000) $(if $(SEED),--seed $(SEED))

table: packages-build packages-sendmail         ## the table of MTAs, without and with the guard
	@$(MAKE) --no-print-directory -s all
	@tests/get-servers || true
	@env $(TEST_ENV) $(PYTHON) tests/table/run

testers: packages-build packages-test           ## what relay testers say of servers easy to misjudge
	@$(MAKE) --no-print-directory -s all
	@env $(TEST_ENV) $(PYTHON) tests/table/testers $(ARGS)

second-hop: packages-build packages-sendmail    ## what other servers make of what passed (N=, FILE=)
	@$(MAKE) --no-print-directory -s all
	@tests/get-servers || true
	@env $(TEST_ENV) $(PYTHON) tests/table/second_hop --count $(or $(N),2000) \
	    $(FILE)

mutate: packages-build packages-test            ## how many mutants of policy/ the tests kill (FILE= N=)
	@$(PYTHON) tests/mutate --build $(B)/mutate $(if $(N),--sample $(N)) $(FILE)

bench: packages-build packages-sendmail         ## ratios to a no-op filter, ns, memory
	@$(MAKE) --no-print-directory -s all $(B)/bench/load $(B)/bench/noop \
	    $(B)/bench/micro
	@$(PYTHON) tests/bench/run --guard $(B)/relayguard
	@tests/get-servers || true
	@$(PYTHON) tests/bench/access
	@$(MAKE) --no-print-directory -s bench-directory

bench-directory: packages-build                 ## how soon a change of the directory decides (ARGS=)
	@$(MAKE) --no-print-directory -s all $(B)/bench/load $(B)/bench/micro \
	    $(B)/bench/ldap_search
	@tests/get-servers || true
	@env $(TEST_ENV) $(PYTHON) tests/bench/directory $(ARGS)

bench-dns: packages-build             ## the resolver, N names (0: none), and SPF checks
	@$(MAKE) --no-print-directory -s $(B)/bench/dns $(B)/bench/spf
	@tests/get-servers || true
	@tests/bench/dns $(B)/bench $(or $(N),1000000)

bench-dns-dead: packages-build        ## mail while no name server answers (N= rounds)
	@$(MAKE) --no-print-directory -s all $(B)/bench/load
	@env $(TEST_ENV) tests/bench/dns_dead $(B)/bench/load $(or $(N),5)

prove:                                ## grammar and readings, by Frama-C
	@contrib/install-packages prove || true
	@B=$(B) CC='$(CC)' tests/prove
	@B=$(B) CC='$(CC)' tests/prove bites

lint: packages-lint                   ## static analysis
	@# ctuuninitvar: out-parameters are filled by the function, not before
	cppcheck -q --std=c11 --error-exitcode=1 --inline-suppr -I. \
	    --suppress=ctuuninitvar \
	    --enable=warning,portability,performance policy conf milter
	@long=$$(ctags -x --c-kinds=f --fields=+ne --_xformat='%{end} %{line} %F %N' \
	    $(CORE_SRC) $(SHELL_SRC) | awk '$$1 - $$2 + 1 > 80'); \
	    test -z "$$long" || { echo "functions over 80 lines:"; \
	    echo "$$long"; exit 1; }

# ------------------------------------------------------------------- install

install: all                          ## into DESTDIR and PREFIX
	install -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(MANDIR)/man5 \
	    $(DESTDIR)$(MANDIR)/man8 $(DESTDIR)$(DOCDIR) \
	    $(DESTDIR)$(SYSCONFDIR)/relayguard
	install -m 0755 $(B)/relayguard $(DESTDIR)$(SBINDIR)/relayguard
	install -m 0644 milter/relayguard.8 $(DESTDIR)$(MANDIR)/man8
	install -m 0644 conf/relayguard.yaml.5 conf/relay.policy.5 \
	    $(DESTDIR)$(MANDIR)/man5
	install -d $(DESTDIR)$(CFDIR)/feature
	install -m 0644 contrib/relayguard.m4 $(DESTDIR)$(CFDIR)/feature
	install -m 0644 README LICENSE sendmail.mc.example \
	    contrib/relayguard.service contrib/relayguard-probe.service \
	    contrib/relayguard-probe.timer contrib/postfix-main.cf \
	    contrib/exim-acl.conf conf/relayguard.schema conf/relayguard.ldif \
	    $(DESTDIR)$(DOCDIR)
	install -m 0755 contrib/dovecot-postlogin $(DESTDIR)$(DOCDIR)
	@for f in relayguard.yaml relay.policy; do \
	    to=$(DESTDIR)$(SYSCONFDIR)/relayguard/$$f; \
	    if [ -e "$$to" ]; then echo "kept $$to"; \
	    else echo "install conf/$$f $$to"; \
	    install -m 0644 conf/$$f "$$to"; fi; done

uninstall:                            ## all but what is in /etc/relayguard
	rm -f $(DESTDIR)$(SBINDIR)/relayguard \
	    $(DESTDIR)$(MANDIR)/man8/relayguard.8 \
	    $(DESTDIR)$(MANDIR)/man5/relayguard.yaml.5 \
	    $(DESTDIR)$(MANDIR)/man5/relay.policy.5 \
	    $(DESTDIR)$(CFDIR)/feature/relayguard.m4
	rm -rf $(DESTDIR)$(DOCDIR)

DIST = relayguard-$(VERSION)
dist:                                 ## a tar file of what is committed
	git archive --prefix=$(DIST)/ -o $(DIST).tar.gz HEAD

distcheck: dist                       ## does the tar file build, test, install?
	rm -rf $(B)/distcheck && mkdir -p $(B)/distcheck
	tar -xzf $(DIST).tar.gz -C $(B)/distcheck
	$(MAKE) -C $(B)/distcheck/$(DIST) B=build all unit arch WERROR=-Werror
	$(MAKE) -C $(B)/distcheck/$(DIST) B=build install \
	    DESTDIR=$(CURDIR)/$(B)/distcheck/root
	$(B)/distcheck/root$(SBINDIR)/relayguard --version
	$(MAKE) -C $(B)/distcheck/$(DIST) B=build uninstall \
	    DESTDIR=$(CURDIR)/$(B)/distcheck/root
	@left=$$(find $(B)/distcheck/root ! -type d | grep -v /etc/); \
	    test -z "$$left" || { echo "left behind: $$left"; exit 1; }

clean:                                ## remove what was built, keep the tests' sendmail
	rm -rf build-asan build-tsan build-cover $(DIST).tar.gz
	[ ! -d build ] || find build -mindepth 1 -maxdepth 1 \
	    ! -name sendmail-root ! -name zoo -exec rm -rf {} +

help:                                 ## this list
	@sed -n 's/^\([a-z][a-z -]*\):.*## /\1	/p' Makefile | \
	    awk -F '	' '{ printf "  %-12s %s\n", $$1, $$2 }'

.SECONDARY:
.PHONY: all demo check packages arch unit e2e kills differential asan tsan cover fuzz \
	fuzz-long fuzz-reach fuzz-seeds differential-spf tsan-spf spf-threads bench bench-dns bench-dns-dead bench-directory table testers second-hop mutate prove lint install uninstall dist distcheck clean \
	help

-include $(patsubst %.c,$(B)/%.d,$(CORE_SRC) $(SHELL_SRC) milter/main.c \
	$(UNIT_SRC) tests/unit/vectors.c $(SPF_UNIT) $(SPF_CHECKED) \
	tests/unit/spf_stock_resolver.c $(BENCH_SRC)) \
	$(foreach d,fuzz fuzz-long,$(FUZZ_OBJ:%.o=$(B)/$d/core/%.d))
