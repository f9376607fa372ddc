/* net/process_engine.h - the engine a caller's work belongs on
 *
 * In the library there is one engine for the process, made by the first MAPIInitialize; providers
 * find it here, for nothing in MAPI's provider interfaces carries it. In the daemon providers run
 * in fibers, and theirs is the engine. */
#ifndef MG_PROCESS_ENGINE_H
#define MG_PROCESS_ENGINE_H

#include "net/engine.h"

/* Says which it is (a reference is taken), NULL at the end. */
void process_engine_set(struct engine *engine);

/* A reference on the running fiber's engine, else on the process's; NULL before
 * process_engine_set. Any thread. */
struct engine *process_engine_get(void);

#endif
