/*
 * inject: runs a command under ptrace and does something to it at one of its system
 * calls: kills it before or after the call, lets the call fail, lets it write half.
 *
 * Counting begins when main looks after descriptors 0, 1 and 2: the loader is done
 * then.  Allocations are counted by the shim that is preloaded (tests/fault/oom.c),
 * which tells of a failed one by a system call that nobody else makes.
 */
#ifndef INJECT_H
#define INJECT_H

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "crash.h"

enum mode { COUNT, KILL_BEFORE, KILL_AFTER, FAIL_ONCE, FAIL_ALWAYS, HALF, STARVE_ONCE, STARVE_ALWAYS };

struct injury {
	enum mode mode;
	long at;    /* which call or allocation, from 1 */
	int number; /* errno */
};

struct command {
	const char *const *arguments;
	const char *input;  /* file, or NULL */
	const char *output; /* file that what it prints goes to */
	const char *shim;   /* to preload when it is to starve */
};

struct outcome {
	long calls; /* made, or up to the fault */
	bool hit;
	bool hung;
	bool sync_failed;  /* what was made to fail was a sync */
	int status;        /* exit status, or 128 and the signal */
	uint64_t promised; /* the newest transaction in what it printed */
};

enum { OOM_SIGN = 0x626f6f6d, DIES_AFTER = 30 };

/* --- registers, by machine ------------------------------------------------------ */

struct call {
	struct user_regs_struct registers;
	long number;
};

static inline void
get_registers(pid_t pid, struct call *call)
{
	struct iovec vector = { &call->registers, sizeof call->registers };

	ptrace(PTRACE_GETREGSET, pid, (void *)(uintptr_t)NT_PRSTATUS, &vector);
#if defined(__x86_64__)
	call->number = (long)call->registers.orig_rax;
#elif defined(__aarch64__)
	call->number = (long)call->registers.regs[8];
#else
#error "inject knows the registers of x86_64 and aarch64 only"
#endif
}

static inline void
set_registers(pid_t pid, struct call *call)
{
	struct iovec vector = { &call->registers, sizeof call->registers };

	ptrace(PTRACE_SETREGSET, pid, (void *)(uintptr_t)NT_PRSTATUS, &vector);
}

/* Before the call: makes it one that does not exist. */
static inline void
skip_call(pid_t pid, struct call *call)
{
#if defined(__x86_64__)
	call->registers.orig_rax = (unsigned long long)-1;
	set_registers(pid, call);
#else
	int nothing = -1;
	struct iovec vector = { &nothing, sizeof nothing };

	(void)call;
	ptrace(PTRACE_SETREGSET, pid, (void *)(uintptr_t)NT_ARM_SYSTEM_CALL, &vector);
#endif
}

/* After the call: what it seems to have returned. */
static inline void
set_result(pid_t pid, long result)
{
	struct call call;

	get_registers(pid, &call);
#if defined(__x86_64__)
	call.registers.rax = (unsigned long long)result;
#else
	call.registers.regs[0] = (unsigned long long)result;
#endif
	set_registers(pid, &call);
}

/* The third argument, a length, becomes half of it; false when there is nothing to halve. */
static inline bool
halve_length(pid_t pid, struct call *call)
{
#if defined(__x86_64__)
	unsigned long long *length = &call->registers.rdx;
#else
	unsigned long long *length = &call->registers.regs[2];
#endif
	if ((call->number != SYS_write && call->number != SYS_pwrite64) || *length < 2)
		return false;
	*length /= 2;
	set_registers(pid, call);
	return true;
}

static inline unsigned long long
first_argument(const struct call *call)
{
#if defined(__x86_64__)
	return call->registers.rdi;
#else
	return call->registers.regs[0];
#endif
}

/* --- running ------------------------------------------------------------------ */

/* Memory and ends are somebody else's business; what can't fail is not made to. */
static inline bool
is_counted(long number)
{
	switch (number) {
	case SYS_close:
	case SYS_brk:
	case SYS_munmap:
	case SYS_exit_group:
	case SYS_rt_sigaction:
	case SYS_rt_sigprocmask:
	case SYS_getuid:
	case SYS_getpid:
	case SYS_clock_nanosleep:
	case SYS_restart_syscall:
		return false;
	default:
		return true;
	}
}

static inline void
starve(const struct command *command, const struct injury *injury)
{
	char at[32];

	if (injury->mode != STARVE_ONCE && injury->mode != STARVE_ALWAYS)
		return;
	snprintf(at, sizeof at, "%ld", injury->at);
	setenv("OOM_AT", at, 1);
	setenv("OOM_ALWAYS", injury->mode == STARVE_ALWAYS ? "1" : "0", 1);
	setenv("LD_PRELOAD", command->shim, 1);
}

static inline pid_t
start(const struct command *command, const struct injury *injury)
{
	pid_t pid = fork();
	int in, out, null;

	if (pid != 0)
		return pid;
	in = open(command->input != NULL ? command->input : "/dev/null", O_RDONLY);
	out = open(command->output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	null = open("/dev/null", O_RDWR);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	for (int fd = 3; fd <= null; fd++)
		close(fd);
	starve(command, injury);
	alarm(DIES_AFTER); /* not a matter of luck: no wait in there is that long */
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	execvp(command->arguments[0], (char *const *)(uintptr_t)command->arguments);
	_exit(127);
}

/* Counts a call that is about to be made and does to it what the fault wants; true when the process is dead. */
static inline bool
meet(pid_t pid, const struct injury *injury, struct call *call, struct outcome *outcome, int *after)
{
	bool here = ++outcome->calls == injury->at;

	*after = 0;
	if (injury->mode == COUNT || injury->mode >= STARVE_ONCE || outcome->calls < injury->at ||
	    (!here && injury->mode != FAIL_ALWAYS))
		return false;
	outcome->hit = true;
	switch (injury->mode) {
	case KILL_BEFORE:
		kill(pid, SIGKILL);
		return true;
	case KILL_AFTER:
		*after = SIGKILL;
		break;
	case FAIL_ONCE:
	case FAIL_ALWAYS:
		outcome->sync_failed |= call->number == SYS_fsync || call->number == SYS_fdatasync;
		skip_call(pid, call);
		*after = -injury->number;
		break;
	default:
		outcome->hit = halve_length(pid, call);
	}
	return false;
}

/* With a look at the standard descriptors every command begins (file_standard_descriptors); before it is the loader. */
static inline bool
is_first(long number)
{
#ifdef SYS_poll
	return number == SYS_poll || number == SYS_ppoll;
#else
	return number == SYS_ppoll;
#endif
}

/* A call begins; true when the process is dead. */
static inline bool
enter(pid_t pid, const struct injury *injury, struct outcome *outcome, bool *counting, int *after)
{
	struct call call;

	get_registers(pid, &call);
	*counting = *counting || is_first(call.number);
	*after = 0;
	/* Nobody follows a thread: what one would do is done here, where it is seen. */
	if (call.number == SYS_clone3) {
		skip_call(pid, &call);
		*after = -EAGAIN;
		return false;
	}
	if (call.number == SYS_prctl && first_argument(&call) == OOM_SIGN)
		outcome->hit = true;
	return *counting && is_counted(call.number) && meet(pid, injury, &call, outcome, after);
}

/* Steps from call to call until the process ends. */
static inline void
drive(pid_t pid, const struct injury *injury, struct outcome *outcome)
{
	bool inside = false, counting = false;
	int status, after = 0, forward = 0;

	for (;;) {
		ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(uintptr_t)forward);
		forward = 0;
		if (waitpid(pid, &status, 0) != pid)
			die("waitpid");
		if (!WIFSTOPPED(status)) {
			outcome->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			return;
		}
		if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
			forward = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
			continue;
		}
		inside = !inside;
		if (inside && enter(pid, injury, outcome, &counting, &after))
			continue;
		if (!inside && after == SIGKILL)
			kill(pid, SIGKILL);
		else if (!inside && after < 0)
			set_result(pid, after);
	}
}

static inline struct outcome
inject(const struct command *command, struct injury injury)
{
	struct outcome outcome = { .calls = 0 };
	struct buffer said = BUFFER_INIT;
	int status;
	pid_t pid = start(command, &injury);

	waitpid(pid, &status, 0);
	ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)(uintptr_t)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
	drive(pid, &injury, &outcome);
	outcome.hung = outcome.status == 128 + SIGALRM;
	if (file_load(command->output, &said, 1 << 20))
		outcome.promised = promised_tx(buffer_slice(&said));
	buffer_release(&said);
	return outcome;
}

#endif
