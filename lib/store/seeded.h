/*
 * seeded: bugs that are put in on purpose, to see whether the tests find them.
 *
 * Without -DBO_SEED=N this is the constant false, and the compiler drops what hangs
 * on it.  `make seeds` builds the store once with each bug and shows that the program
 * which claims to guard against it does (tests/crash/seeds has the list).
 */
#ifndef STORE_SEEDED_H
#define STORE_SEEDED_H

#ifndef BO_SEED
#define BO_SEED 0
#endif

enum seed {
	SEED_NONE,
	SEED_NO_DIRECTORY_SYNC,
	SEED_NO_DIGEST_CHECK,
	SEED_NO_FLOOR,
	SEED_LOGS_NOT_SYNCED,
	SEED_AUDIT_NOT_SYNCED,
	SEED_SYNC_ERROR_SWALLOWED,
	SEED_WATERMARK_BEFORE_SYNC,
	SEED_CUT_TO_FLOOR,
	SEED_READER_DOES_NOT_SYNC,
	SEED_REPLACED_FILE_LOCKED,
	SEED_WRITE_ERROR_SWALLOWED,
	SEED_SYNC_FAILED_IS_STATUS_4,
	SEED_NO_WRITER_LOCK,
	SEED_NO_LINE_HASH,
	SEED_VERIFY_SKIPS_CHUNKS,
	SEED_BROKEN_IGNORED,
	SEED_HEAD_FORGOTTEN
};

/* A macro, so that not even an unoptimized build has a branch for a bug that is not in it. */
#define seeded(seed) ((int)(seed) == BO_SEED)

#endif
