// A mutant is noticed by the first case that fails; the smallest one is of no use.

import fc from 'fast-check';

fc.configureGlobal({ endOnFailure: true });
