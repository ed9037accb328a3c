# Igata. `make demo` and `make test` do all of their own set-up on Debian 12; `make help` lists the rest.
O      ?= build
CC     ?= gcc
PREFIX ?= /usr/local
PKGS    = libxml-2.0 libcrypto libpcsclite libzip json-c

CSTD      = -std=c17
WARN      = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror=switch
CFLAGS   ?= -O2 -g
CPPFLAGS += -D_POSIX_C_SOURCE=200809L -I. -I$(O) $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LDFLAGS  += -Wl,--as-needed
LDLIBS   += $(shell pkg-config --libs $(PKGS) 2>/dev/null)
ifdef WERROR
WARN += -Werror
endif
ifdef SAN
SANFLAGS = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif
ALL_CFLAGS = $(CSTD) $(WARN) $(CFLAGS) $(SANFLAGS)

PROGRAMS = compiler/apc.c runtime/apload.c runtime/apsim.c
LIB_SRC  = $(sort $(filter-out $(PROGRAMS),$(shell find compiler runtime -name '*.c')))
LIB_OBJ  = $(LIB_SRC:%.c=$(O)/%.o)
UNIT_SRC = $(sort $(wildcard tests/unit/*.c))
UNIT     = $(UNIT_SRC:%.c=$(O)/%)
BIN      = $(patsubst %,$(O)/%,$(notdir $(basename $(wildcard $(PROGRAMS)))))

.PHONY: all clean unit
.SECONDARY:
all: $(BIN)

$(O)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/libigata.a: $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(O)/apc: $(O)/compiler/apc.o $(O)/libigata.a
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(O)/apload: $(O)/runtime/apload.o $(O)/libigata.a
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(O)/apsim: $(O)/runtime/apsim.o $(O)/libigata.a
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# One cmocka program per module.
$(O)/tests/unit/%: $(O)/tests/unit/%.o $(O)/libigata.a
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(shell pkg-config --libs cmocka)

unit: $(UNIT)

clean:
	rm -rf build build-*

-include $(shell find $(O) -name '*.d' 2>/dev/null)
