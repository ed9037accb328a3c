# Igata. `make demo` and `make test` do all of their own set-up on Debian 12; `make help` lists the rest.
ifdef SAN
O      ?= build-san
else
O      ?= build
endif
CC     ?= gcc
PREFIX ?= /usr/local
VERSION = 0.1

# ---- what the system must have; `make deps` installs what is missing ----
BUILD_DEPS = gcc libc6-dev pkg-config libxml2-dev libssl-dev libpcsclite-dev libzip-dev libjson-c-dev
RUN_DEPS   = pcscd vsmartcard-vpcd opensc pcsc-tools util-linux procps
TEST_DEPS  = libcmocka-dev mandoc openssl unzip libxml2-utils

# ---- flags ----
PKGS      = libxml-2.0 libcrypto libpcsclite libzip json-c
CSTD      = -std=c17
WARN      = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror=switch
CFLAGS   ?= -O2 -g
CPPFLAGS += -D_POSIX_C_SOURCE=200809L -DIGATA_VERSION='"$(VERSION)"' -DIGATA_DATADIR='"$(PREFIX)/share/igata"' \
            -I. -I$(O) $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LDFLAGS  += -Wl,--as-needed
LDLIBS   += $(shell pkg-config --libs $(PKGS) 2>/dev/null)
ifdef WERROR
WARN += -Werror
endif
ifdef SAN
SANFLAGS = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif
ALL_CFLAGS = $(CSTD) $(WARN) $(CFLAGS) $(SANFLAGS)
Q ?= @

# ---- what is built ----
PROGRAMS = compiler/apc.c runtime/apload.c runtime/apsim.c
LIB_SRC  = $(sort $(filter-out $(PROGRAMS),$(shell find compiler runtime -name '*.c')))
LIB_OBJ  = $(LIB_SRC:%.c=$(O)/%.o)
# Generators and terminals that several test programs share.
GENERATE_OBJ = $(patsubst %.c,$(O)/%.o,$(sort $(wildcard tests/generate/*.c)))
UNIT_SRC = $(sort $(wildcard tests/unit/*.c))
UNIT     = $(UNIT_SRC:%.c=$(O)/%)
FUZZ_SRC = $(sort $(filter-out tests/fuzz/driver.c,$(wildcard tests/fuzz/*.c)))
FUZZ     = $(FUZZ_SRC:%.c=$(O)/%)
INTEROP  = $(patsubst %.c,$(O)/%,$(sort $(wildcard tests/interop/*.c)))
BENCH_SRC = $(sort $(wildcard tests/bench/*.c))
BENCH    = $(BENCH_SRC:%.c=$(O)/%)
BIN      = $(patsubst %,$(O)/%,$(notdir $(basename $(wildcard $(PROGRAMS)))))

.PHONY: all demo test bench oracle fuzz bless deps install uninstall clean unit interop fuzzers benches lint help
# Kept between runs. Not .SECONDARY: make would then not miss an object file whose source is older than the archive.
.PRECIOUS: $(O)/%.o
all: $(BIN)

help:
	@echo 'make demo     compile the samples for every chip, load, verify, read and delete them on simulated cards'
	@echo 'make test     all tests (SAN=1: under address and undefined-behaviour sanitizers)'
	@echo 'make bench    speed and size'
	@echo 'make oracle   the simulated Java Card beside the reference simulator (JCSDK=folder of the development kits)'
	@echo 'make fuzz     mutate the fuzz corpora (SECONDS=60 for each target)'
	@echo 'make bless    rewrite the golden files; review the diff'
	@echo 'make lint     formatting and warnings with clang as well (needs clang, clang-format)'
	@echo 'make install  programs, profiles, manual pages under PREFIX=$(PREFIX) (DESTDIR is honoured)'

$(O)/%.o: %.c $(O)/flags
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Everything is rebuilt when the flags change.
$(O)/flags: FORCE
	$(Q)mkdir -p $(O)
	$(Q)echo '$(CC) $(ALL_CFLAGS) $(subst ','\'',$(CPPFLAGS))' | cmp -s - $@ || echo '$(CC) $(ALL_CFLAGS) $(subst ','\'',$(CPPFLAGS))' > $@
.PHONY: FORCE
FORCE:

$(O)/libigata.a: $(LIB_OBJ)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(O)/libgenerate.a: $(GENERATE_OBJ)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

define link
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
endef
$(O)/apc: $(O)/compiler/apc.o $(O)/libigata.a
	$(link)
$(O)/apload: $(O)/runtime/apload.o $(O)/libigata.a
	$(link)
$(O)/apsim: $(O)/runtime/apsim.o $(O)/libigata.a
	$(link)

# One cmocka program per module.
$(O)/tests/unit/%: LDLIBS += $(shell pkg-config --libs cmocka 2>/dev/null)
$(O)/tests/unit/%: $(O)/tests/unit/%.o $(O)/libgenerate.a $(O)/libigata.a
	$(link)
$(O)/tests/fuzz/%: $(O)/tests/fuzz/%.o $(O)/tests/fuzz/driver.o $(O)/libigata.a
	$(link)
$(O)/tests/interop/%: $(O)/tests/interop/%.o $(O)/libigata.a
	$(link)
$(O)/tests/bench/%: $(O)/tests/bench/%.o $(O)/libigata.a
	$(link)
unit: $(UNIT)
interop: $(INTEROP)
fuzzers: $(FUZZ)
benches: $(BENCH)
$(O)/tests/oracle/oracle: $(patsubst %.c,$(O)/%.o,$(sort $(wildcard tests/oracle/*.c))) $(O)/libigata.a
	$(link)

# ---- the two commands of the README: they begin on a bare machine, so make is started again once the tools are there ----
demo: deps
	$(Q)$(MAKE) --no-print-directory -j2 all
	$(Q)O=$(O) samples/demo

test: deps
	$(Q)$(MAKE) --no-print-directory -j2 all unit interop fuzzers
	$(Q)O=$(O) tests/run

bench: deps
	$(Q)$(MAKE) --no-print-directory -j2 all benches
	$(Q)O=$(O) tests/bench/run

# Needs the development kits of Java Card, which are not ours to give: JCSDK names the folder that holds them.
oracle: all $(O)/tests/oracle/oracle
	$(Q)O=$(O) tests/oracle/run

fuzz: all fuzzers
	$(Q)for f in $(FUZZ); do $$f -seconds $(or $(SECONDS),60) tests/fuzz/corpus/$$(basename $$f) || exit 1; done

bless: unit all
	$(Q)for t in $(O)/tests/unit/golden_*; do [ -x $$t ] && BLESS=1 $$t; done; BLESS=1 O=$(O) tests/golden/explain.sh; git status --short tests/golden

deps:
	$(Q)tests/deps $(BUILD_DEPS) $(RUN_DEPS) $(TEST_DEPS)

lint: deps
	$(Q)clang-format --dry-run -Werror $$(git ls-files '*.c' '*.h')
	$(Q)$(MAKE) --no-print-directory -j2 CC=clang O=build-clang WERROR=1 all unit fuzzers benches
	$(Q)$(MAKE) --no-print-directory -j2 CC=gcc O=build-gcc WERROR=1 all unit fuzzers benches

# ---- GNU conventions ----
bindir  = $(DESTDIR)$(PREFIX)/bin
datadir = $(DESTDIR)$(PREFIX)/share/igata
mandir  = $(DESTDIR)$(PREFIX)/share/man
SAMPLES = $(sort $(patsubst %/README.md,%,$(wildcard samples/*/README.md)))
MAN     = $(sort $(wildcard compiler/*.1 runtime/*.1))

install: all
	install -d $(bindir) $(datadir)/chipprofiles $(datadir)/schema $(mandir)/man1 $(addprefix $(datadir)/,$(SAMPLES))
	install $(BIN) $(bindir)
	install -m 644 chipprofiles/* $(datadir)/chipprofiles
	install -m 644 compiler/description/*.xsd $(datadir)/schema
	install -m 644 $(MAN) $(mandir)/man1
	for s in $(SAMPLES); do install -m 644 $$s/* $(datadir)/$$s || exit 1; done
	install -m 644 samples/guide.*.md $(datadir)/samples

uninstall:
	rm -f $(patsubst $(O)/%,$(bindir)/%,$(BIN)) $(patsubst %,$(mandir)/man1/%,$(notdir $(MAN)))
	rm -rf $(datadir)

clean:
	rm -rf build build-*

-include $(shell find $(O) -name '*.d' 2>/dev/null)
