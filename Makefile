# bo: build, test, install.  GNU make 4.2 or newer.
#
#	make                 everything that gets installed, in build/bin
#	make demo            the tour: a small company in a temporary store
#	make check           all tests; T=tests/ticket.bats runs one file
#	make lint            format, static analysis, shell scripts, manual pages
#	make format          lays out the C files as lint wants them
#	make coverage        what the tests reach, and whether that is enough
#	make bench           measurements against other tools, T='show add' some of them; bench-quick for a glance
#	make bench-record    renews the counts of instructions that bench-quick compares with
#	make crash           what tries to prove the store wrong, in some minutes
#	make fuzz            libFuzzer on every parser, T=SECONDS each (10)
#	make seeds           the same against bugs that are put in: each must be found
#	make nightly         every fault at every call of every command, 200,000 images of a disk; T='power' a part
#	make install         PREFIX=/usr/local DESTDIR=; uninstall takes it back
#	make deps            installs what all of this needs
#
#	SAN=1                AddressSanitizer and UndefinedBehaviorSanitizer, in build/san
#	CC=clang             another compiler, in build/clang
#	FUZZ=1 CC=clang      libFuzzer, in build/clang-fuzz (make fuzzers; see tests/fuzz/run)
#	COVERAGE=1           counts lines, in build/coverage
#	WERROR=1             warnings are errors
#	V=1                  shows the commands
#
# demo, check, bench, lint and coverage install what they lack; a plain make only says so.

VERSION := 0.1.0
PREFIX  ?= /usr/local

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

ifneq ($(filter coverage,$(MAKECMDGOALS)),)
COVERAGE := 1
endif

# --- where things go -----------------------------------------------------------

# Each kind of build has a directory of its own, so that objects never mix.
compiler := $(notdir $(firstword $(filter-out ccache distcc -%,$(CC))))
kind     := $(filter-out cc gcc,$(compiler)) $(if $(SAN),san) $(if $(COVERAGE),coverage) $(if $(FUZZ),fuzz)
nothing  :=
BUILD    := build$(addprefix /,$(subst $(nothing) ,-,$(strip $(kind))))

bindir  = $(DESTDIR)$(PREFIX)/bin
datadir = $(DESTDIR)$(PREFIX)/share
INSTALL = install

# --- flags -----------------------------------------------------------------------

CFLAGS  ?= -O3 -g
LDFLAGS ?=

warnings := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla -Wmissing-prototypes -Wstrict-prototypes \
            -Wwrite-strings $(if $(WERROR),-Werror)
language := -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Ilib
sections := -fno-common -ffunction-sections -fdata-sections -pthread
linkage  := -pie -Wl,--gc-sections -Wl,--as-needed -Wl,-z,relro -Wl,-z,now

# The sanitizers see more without the C library's own checks in between.
ifneq ($(SAN),)
hardening := -fPIE -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
linkage   += -fsanitize=address,undefined
else ifneq ($(FUZZ),)
hardening := -fPIE -O1 -fno-omit-frame-pointer -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all
linkage   += -fsanitize=address,undefined
else ifneq ($(COVERAGE),)
hardening := -fPIE -O0 --coverage
linkage   += --coverage
else
hardening := -fPIE -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif

defines = -DBO_VERSION='"$(VERSION)"' -DBO_PREFIX_SHARE='"$(PREFIX)/share/bo"'
compile = $(CC) $(language) $(CPPFLAGS) $(CFLAGS) $(warnings) $(sections) $(hardening)
link    = $(CC) $(CFLAGS) $(hardening) -pthread $(linkage) $(LDFLAGS)

# Foreign libraries come from their archives where there are some: a command then
# holds what it uses and starts faster.  Looked up when something is linked, since
# they may have been installed only a moment ago.
foreign = csv lmdb nettle pcre2-8 utf8proc
archive = $(filter /%,$(shell $(CC) -print-file-name=lib$1.a))
libraries = $(eval libraries := $(foreach l,$(foreign),$(or $(call archive,$l),-l$l)))$(libraries)

# --- what there is -----------------------------------------------------------------

sources  := $(wildcard lib/*/*.c lib/*/*/*.c)
headers  := $(wildcard lib/*/*.h lib/*/*/*.h)
mains    := $(wildcard cmd/bo-*.c cmd/bo.c)
units    := $(wildcard tests/unit/test_*.c)
shims    := $(wildcard tests/fault/oom.c tests/bench/slow.c)
provers  := $(filter-out $(shims),$(wildcard $(foreach d,crash fault bench fuzz money,tests/$d/*.c)))

objects  := $(sources:%.c=$(BUILD)/obj/%.o)
programs := $(mains:cmd/%.c=$(BUILD)/bin/%)
tests    := $(units:tests/unit/%.c=$(BUILD)/tests/%) $(provers:%.c=$(BUILD)/%) $(if $(SAN),,$(shims:%.c=$(BUILD)/%.so))
library  := $(BUILD)/libbo.a
shells   := bo.bash _bo bo.fish
completions := $(if $(and $(wildcard share/completion/generate),$(filter %/bo-record,$(programs))),$(shells:%=$(BUILD)/completion/%))
all_objects := $(foreach c,$(sources) $(mains) $(units) $(provers),$(BUILD)/obj/$(c:.c=.o))

# A noun that needs no C is a link to bo-record: its row in share/tables.csv names
# a command that has no file in cmd/.
ifneq ($(and $(wildcard share/tables.csv),$(wildcard cmd/bo-record.c)),)
nouns := $(shell awk -F, 'NR > 1 && $$6 != "" { print $$6 }' share/tables.csv)
links := $(addprefix $(BUILD)/bin/,$(filter-out $(mains:cmd/%.c=%),$(sort $(nouns))))
endif

# What is in bin/ under a name that has gone, or is a link where a program belongs,
# or the other way round.
stale    := $(filter-out $(programs) $(links),$(wildcard $(BUILD)/bin/*))
behind    = $(notdir $(realpath $1))
mistaken := $(foreach p,$(programs),$(if $(filter-out $(notdir $p),$(call behind,$p)),$p)) \
            $(foreach l,$(links),$(if $(filter-out bo-record,$(call behind,$l)),$l))

# --- what it needs -------------------------------------------------------------------

# Goals that install what they lack, and the groups of tests/tools/deps for each.
compiler_group := $(if $(filter clang%,$(compiler)),clang)
needs_demo        := build
needs_check       := build check $(if $(SAN),san)
needs_bench       := build bench
needs_bench-quick := build check bench
needs_bench-record := build check bench
needs_lint        := build lint
needs_crash       := build check
needs_fuzz        := build clang san
needs_seeds       := build check
needs_nightly     := build check
needs_coverage    := build check coverage
needs := $(sort $(foreach g,$(MAKECMDGOALS),$(needs_$g)))

.PHONY: deps
deps:
	@CC='$(CC)' tests/tools/deps $(sort $(or $(needs),build check lint bench clang san) $(compiler_group))

# Nothing is compiled before what it needs is there.
ifneq ($(needs),)
ready := deps
else
ready := $(BUILD)/ready
endif
$(BUILD)/ready: tests/tools/deps | $(BUILD)
	@CC='$(CC)' tests/tools/deps --probe build $(compiler_group) && touch $@

# --- building --------------------------------------------------------------------------

fuzzers  := $(filter $(BUILD)/tests/fuzz/%,$(tests))

.PHONY: all tests fuzzers FORCE
all: $(library) $(programs) $(links) $(completions) $(if $(stale),sweep)
tests: all $(tests)
fuzzers: $(fuzzers)

.PHONY: sweep
sweep:
	rm -f $(stale)

# One short line a step, or the whole command with V=1.
Q   := $(if $(V),,@)
say  = $(if $(V),,; echo '  $1  $@')

# Files that change when a text does, and only then: flags and lists that others depend on.
unless_is = $(if $(findstring <$(strip $2)>,<$(strip $(file <$1))>),,FORCE)
remember  = @printf '%s\n' '$(subst ','\'',$(strip $1))' >$@

$(BUILD)/flags: $(call unless_is,$(BUILD)/flags,$(compile) $(link)) | $(BUILD)
	$(call remember,$(compile) $(link))
$(BUILD)/names: $(call unless_is,$(BUILD)/names,$(defines)) | $(BUILD)
	$(call remember,$(defines))
$(BUILD)/members: $(call unless_is,$(BUILD)/members,$(objects)) | $(BUILD)
	$(call remember,$(objects))
$(BUILD):
	mkdir -p $@

# Version and prefix are known to all, but only who mentions them is compiled anew.
mentions := $(shell grep -ls -e BO_VERSION -e BO_PREFIX_SHARE $(sources) $(mains) /dev/null)
$(foreach c,$(mentions),$(BUILD)/obj/$(c:.c=.o)): $(BUILD)/names

$(BUILD)/obj/%.o: %.c $(BUILD)/flags | $(ready)
	@mkdir -p $(@D)$(call say,cc)
	$(Q)$(compile) $(defines) -MMD -MP -c -o $@ $<

# Whole each time, so that it never keeps a member whose source has gone.
$(library): $(objects) $(BUILD)/members
	@rm -f $@$(call say,ar)
	$(Q)ar rcs $@ $(objects)

# The old file goes first: it may be a link to something else.
$(programs): $(BUILD)/bin/%: $(BUILD)/obj/cmd/%.o $(library) $(BUILD)/flags | $(BUILD)/share/bo
	@mkdir -p $(@D) && rm -f $@$(call say,ld)
	$(Q)$(link) -o $@ $< $(library) $(libraries)

$(links): $(BUILD)/bin/bo-record
	@ln -sf bo-record $@

# Where programs look for it first, as they do once they are installed.
$(BUILD)/share/bo:
	@mkdir -p $(@D) && ln -sfnr share $@

$(mistaken): FORCE

$(units:tests/unit/%.c=$(BUILD)/tests/%): $(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(library) $(BUILD)/flags
	@mkdir -p $(@D)$(call say,ld)
	$(Q)$(link) -o $@ $< $(library) $(libraries) -lcmocka

$(provers:%.c=$(BUILD)/%): $(BUILD)/%: $(BUILD)/obj/%.o $(library) $(BUILD)/flags
	@mkdir -p $(@D)$(call say,ld)
	$(Q)$(link) -o $@ $< $(library) $(libraries)

ifneq ($(FUZZ),)
$(fuzzers:$(BUILD)/%=$(BUILD)/obj/%.o): CPPFLAGS += -DLIBFUZZER
$(fuzzers): LDFLAGS += -fsanitize=fuzzer
endif

$(shims:%.c=$(BUILD)/%.so): $(BUILD)/%.so: %.c $(BUILD)/flags
	@mkdir -p $(@D)$(call say,ld)
	$(Q)$(CC) $(language) $(CFLAGS) $(warnings) -fPIC -shared -o $@ $<

# Made from what the programs print with -h; all shells at once, when the first is asked for.
$(BUILD)/completion/bo.bash: share/completion/generate $(programs) $(links) share/tables.csv \
    $(wildcard share/completion/*.in share/schema/*.csv share/flow/*.csv)
	@mkdir -p $(@D)$(call say,gen)
	$(Q)ASAN_OPTIONS=detect_leaks=0 share/completion/generate $(BUILD)/bin share $(@D)
$(filter-out %/bo.bash,$(completions)): $(BUILD)/completion/bo.bash ;

-include $(all_objects:.o=.d)

# --- trying ----------------------------------------------------------------------------

.PHONY: check demo bench bench-quick bench-record coverage crash fuzz seeds nightly
check: deps tests
	@tests/run -b $(BUILD) $(T)

demo: deps all
	@PATH="$(CURDIR)/$(BUILD)/bin:$$PATH" share/demo/run

# What else there is to compare with is installed where that is easy; nothing depends on it.
in_bench = PATH="$(CURDIR)/$(BUILD)/bin:$$PATH" BO_BUILD='$(CURDIR)/$(BUILD)'
bench: deps tests
	@tests/tools/deps --optional peers
	@$(in_bench) tests/bench/duckdb
	@$(in_bench) tests/bench/run $(T)

bench-quick: deps tests
	@$(in_bench) tests/bench/run -q
	@tests/run -b $(BUILD) tests/bench/limits.bats

bench-record: deps tests
	@$(in_bench) tests/bench/record

coverage: deps tests
	@tests/coverage/run -b $(BUILD)

crash: deps tests
	@tests/run -b $(BUILD) tests/crash.bats tests/fault.bats

fuzz: deps
	@tests/fuzz/run -t $(or $(T),10)

seeds: deps tests
	@tests/crash/seeds -b $(BUILD)

nightly: deps tests
	@tests/crash/nightly -b $(BUILD) $(T)

# --- looking ---------------------------------------------------------------------------

.PHONY: lint format
lint: deps
	@tests/tools/lint $(language)

format:
	tests/tools/format --fix $(sort $(headers) $(sources) $(wildcard cmd/*.c tests/*/*.[ch]))

# --- shipping --------------------------------------------------------------------------

pages       = $(wildcard share/man/man[157]/*.[157])
data        = $(shell find share -path share/man -prune -o -path share/completion -prune -o -type f -print)

# Where a completion's own shell looks for it: by the command's name, so bash and fish
# need one name more for each command.
home_of_bo.bash := bash-completion/completions/bo
home_of__bo     := zsh/site-functions/_bo
home_of_bo.fish := fish/vendor_completions.d/bo.fish
commands = $(filter-out bo,$(notdir $(programs) $(links)))

# each PROGRAM-STEP, DATA-STEP, LINK-STEP: one recipe line for every file that install
# makes, with $1 its source and $2 its place.  install and uninstall walk the same list.
define each
$(foreach f,$(programs),$(call $1,$f,$(bindir)/$(notdir $f)))
$(foreach f,$(data),$(call $2,$f,$(datadir)/bo/$(f:share/%=%)))
$(foreach f,$(pages),$(call $2,$f,$(datadir)/man/$(f:share/man/%=%)))
$(foreach f,$(completions),$(call $2,$f,$(datadir)/$(home_of_$(notdir $f))))
$(foreach f,$(links),$(call $3,bo-record,$(bindir)/$(notdir $f)))
$(foreach c,$(if $(completions),$(commands)),$(call $3,bo,$(datadir)/$(dir $(home_of_bo.bash))$c))
$(foreach c,$(if $(completions),$(commands)),$(call $3,bo.fish,$(datadir)/$(dir $(home_of_bo.fish))$c.fish))
endef

# Scripts among the data stay executable.
define put_program
$(INSTALL) -D -m 755 '$1' '$2'

endef
define put_data
$(INSTALL) -D -m $(if $(filter $1,$(scripts)),755,644) '$1' '$2'

endef
define put_link
ln -sf '$1' '$2'

endef
define take
@rm -f '$2'

endef
scripts = $(shell find share -type f -perm -100)

.PHONY: install uninstall dist clean
install: all
	$(call each,put_program,put_data,put_link)

uninstall:
	$(call each,take,take,take)
	@if [ -d '$(datadir)/bo' ]; then find '$(datadir)/bo' -depth -type d -empty -delete; fi

# The same commit gives the same bytes.
dist: | $(BUILD)
	@git rev-parse --git-dir >$(BUILD)/dist.log 2>&1 || \
	    { echo 'make dist: packs what git tracks, and this is no git repository' >&2; exit 1; }
	git ls-files -z | LC_ALL=C sort -z | tar --create --null --files-from=- --no-recursion --format=ustar \
	    --transform='s,^,bo-$(VERSION)/,' --mtime="@$$(git log -1 --format=%ct)" --mode=u=rwX,go=rX \
	    --owner=0 --group=0 --numeric-owner | gzip -9n >$(BUILD)/bo-$(VERSION).tar.gz

clean:
	rm -rf build
