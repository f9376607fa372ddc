/* mapi/idle.h - the idle engine
 *
 * Routines that a program registers for when its thread has nothing to do. They run on the thread
 * that called MAPIInitIdle first (UTL-105), and only there; this system has no message loop, so
 * what stands for an idle moment is the end of HrDispatchNotifications on that thread. A program
 * that never dispatches has no idle moments. */
#ifndef MG_IDLE_H
#define MG_IDLE_H

/* Calls, once each, the routines that are due, if this is the engine's thread. No lock is held
 * while they run; from inside one nothing happens. */
void idle_run(void);

#endif
