#include "runtime/link/pcsc_connect.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RETRY_MS = 50 };

/* Owned by the caller and the thread together: whoever leaves last frees it. */
struct job {
	pthread_mutex_t lock;
	pthread_cond_t ended;
	char reader[128];
	struct timespec deadline;
	bool done;      /* the thread has its result */
	bool abandoned; /* the caller has gone */
	LONG rc;
	SCARDCONTEXT context;
	SCARDHANDLE card;
	DWORD protocol;
};

static bool past(const struct timespec *t)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > t->tv_sec || (now.tv_sec == t->tv_sec && now.tv_nsec >= t->tv_nsec);
}

static void job_free(struct job *j)
{
	pthread_cond_destroy(&j->ended);
	pthread_mutex_destroy(&j->lock);
	free(j);
}

static LONG try_until(struct job *j)
{
	const struct timespec pause = {.tv_nsec = RETRY_MS * 1000000L};
	for (;;) {
		LONG rc = SCardConnect(j->context, j->reader, SCARD_SHARE_EXCLUSIVE,
		    SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &j->card, &j->protocol);
		if (rc != SCARD_E_SHARING_VIOLATION || past(&j->deadline))
			return rc;
		nanosleep(&pause, NULL);
	}
}

static void *worker(void *arg)
{
	struct job *j = arg;
	LONG rc = try_until(j);
	pthread_mutex_lock(&j->lock);
	j->rc = rc;
	j->done = true;
	bool abandoned = j->abandoned;
	pthread_cond_signal(&j->ended);
	pthread_mutex_unlock(&j->lock);
	if (abandoned) {
		if (rc == SCARD_S_SUCCESS)
			SCardDisconnect(j->card, SCARD_LEAVE_CARD);
		SCardReleaseContext(j->context);
		job_free(j);
	}
	return NULL;
}

/* The condition waits on the monotonic clock: nobody's wall clock may lengthen the wait. */
static struct job *job_new(const char *reader, unsigned ms)
{
	pthread_condattr_t attr;
	struct job *j = calloc(1, sizeof *j);
	if (j == NULL)
		return NULL;
	strncpy(j->reader, reader, sizeof j->reader - 1);
	clock_gettime(CLOCK_MONOTONIC, &j->deadline);
	j->deadline.tv_sec += ms / 1000;
	j->deadline.tv_nsec += (long)(ms % 1000) * 1000000;
	if (j->deadline.tv_nsec >= 1000000000) {
		j->deadline.tv_nsec -= 1000000000;
		j->deadline.tv_sec++;
	}
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&j->ended, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&j->lock, NULL);
	return j;
}

/* Wait for the thread, a little beyond its own deadline. false: it is abandoned. */
static bool wait_for(struct job *j)
{
	struct timespec end = j->deadline;
	end.tv_sec++;
	pthread_mutex_lock(&j->lock);
	while (!j->done && pthread_cond_timedwait(&j->ended, &j->lock, &end) != ETIMEDOUT)
		;
	j->abandoned = !j->done;
	bool done = j->done;
	pthread_mutex_unlock(&j->lock);
	return done;
}

LONG pcsc_connect(const char *reader, unsigned ms, SCARDCONTEXT *context, SCARDHANDLE *card, DWORD *protocol)
{
	pthread_t thread;
	struct job *j = job_new(reader, ms);
	if (j == NULL)
		return SCARD_E_NO_MEMORY;
	LONG rc = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &j->context);
	if (rc != SCARD_S_SUCCESS) {
		job_free(j);
		return rc;
	}
	if (pthread_create(&thread, NULL, worker, j) != 0) {
		SCardReleaseContext(j->context);
		job_free(j);
		return SCARD_E_NO_MEMORY;
	}
	if (!wait_for(j)) {
		pthread_detach(thread);
		return SCARD_E_TIMEOUT;
	}
	pthread_join(thread, NULL);
	rc = j->rc;
	*context = j->context;
	*card = j->card;
	*protocol = j->protocol;
	if (rc != SCARD_S_SUCCESS)
		SCardReleaseContext(j->context);
	job_free(j);
	return rc;
}
