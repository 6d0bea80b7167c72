// The events of a pipeline: what they are, and in which order those of one tick come.

/** A wave reaches a unit (argument: unit, flat over all chains). */
export const ARRIVE = 0;
/** A stage ends a service, or by rows a wave (argument: stage). */
export const FINISH = 1;
/** By rows: a stage issues its next wave (argument: stage). */
export const ISSUE = 2;

/**
 * Services end before waves are issued, and those before requests of the same tick are granted; requests of one tick
 * are granted in stage order, and of one stage in the order of its chain.
 */
export const PRIORITY_FINISH = 0;
/** Waves are issued after the services that end in the same tick. */
export const PRIORITY_ISSUE = 1;
/** Requests at units are granted last in a tick. */
export const PRIORITY_ARRIVE = 2;
