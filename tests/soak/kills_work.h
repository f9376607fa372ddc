/* tests/soak/kills_work.h - one random change after the other, each written down */
#ifndef TESTS_KILLS_WORK_H
#define TESTS_KILLS_WORK_H

/* With mail's session: makes one change, as the model's dice fall. A refusal aborts the test. */
void kills_change(void);

#endif
