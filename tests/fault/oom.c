/*
 * oom: an allocation that fails.  A library to be preloaded, not a program.
 *
 * The OOM_ATth call of malloc, calloc or realloc fails, and with OOM_ALWAYS=1 every
 * later one.  Tells a tracer (tests/crash/inject.h) by a prctl that means nothing.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>

enum { OOM_SIGN = 0x626f6f6d };

/* The C library's own names for what is replaced here: dlsym() would allocate. */
/* NOLINTBEGIN(bugprone-reserved-identifier) */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
/* NOLINTEND(bugprone-reserved-identifier) */

/* Whether this one fails.  The counters are what the library is for. */
static bool
fails(void)
{
	static long at = -1, count;
	static bool always;

	if (at < 0) {
		const char *text = getenv("OOM_AT"), *all = getenv("OOM_ALWAYS");

		at = text != NULL ? strtol(text, NULL, 10) : 0;
		always = all != NULL && all[0] == '1';
	}
	count++;
	if (at == 0 || (count != at && !(always && count > at)))
		return false;
	prctl(OOM_SIGN, 0, 0, 0, 0);
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}
